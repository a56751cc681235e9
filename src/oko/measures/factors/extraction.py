"""Factors behind the correlations of items: least residuals, then a rotation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.factors.correlation import Source, read_source, usable
from oko.measures.factors.residuals import Floats, LeastResiduals, least_residuals
from oko.measures.factors.rotation import ROTATIONS, TOLERANCE, Rotated, rotate
from oko.measures.statement import Statement
from oko.measures.weights import Weights


@dataclass(frozen=True)
class Factors:
    """Factors of an instrument.

    Attributes
    ----------
    loadings : DataFrame, items × factors (columns ``F1``, ``F2``, …)
        Regression weights of the standardised items on the factors. Factors stand in the order of ``ss_loadings``,
        greatest first; the loadings of each add up to 0 or more. NaN for an item that could not be analysed.
    items : DataFrame, index ``item``
        ``communality``, ``uniqueness`` (they add up to 1), ``heywood``: whether the communality is held at 1.
    factors : DataFrame, index ``factor``
        ``ss_loadings``: variance of items that goes with the factor, ``share``: of the variance of all items.
    phi : DataFrame, factors × factors
        Correlations of the factors.
    turn : DataFrame, factors × factors
        ``loadings`` = principal axes × inverse of ``turn`` transposed; the axes are what ``rotation=None`` gives.
    rotation : str or None
        None also where there is one factor.
    n : float
        Pupils behind a correlation (harmonic mean of pairs), NaN where unknown.
    criterion : float
        Sum of squared residual correlations, each pair once.
    rmsr : float
        Root of the mean squared residual correlation.
    fit : float
        1 − squared residuals / squared correlations, off the diagonal.
    converged : bool
        Whether loadings and rotation meet the first-order conditions.
    gradient_norm, rotation_gradient_norm : float
    statements : tuple of Statement
    """

    loadings: pd.DataFrame
    items: pd.DataFrame
    factors: pd.DataFrame
    phi: pd.DataFrame
    turn: pd.DataFrame
    rotation: str | None
    n: float
    criterion: float
    rmsr: float
    fit: float
    converged: bool
    gradient_norm: float
    rotation_gradient_norm: float
    statements: tuple[Statement, ...]


def minres(
    scores: Source,
    n_factors: int,
    rotation: str | None = "oblimin",
    weights: Weights = None,
    n: float | None = None,
) -> Factors:
    r"""Return the factors that leave the least squared residual correlations.

    Parameters
    ----------
    scores : DataFrame or Correlations
        Points of pupils × items, or correlations: what `correlations` returns, or a symmetric frame with the same items
        as rows and columns and ones on the diagonal.
    n_factors : int
        1 or more.
    rotation : {"oblimin", "varimax"} or None
        Oblimin: oblique, direct quartimin, not normalised. Varimax: orthogonal, Kaiser's normalisation. None: principal
        axes.
    weights : str, Series, array or None
        How many pupils a row of points stands for.
    n : float, optional
        Pupils behind correlations.

    Returns
    -------
    Factors

    Raises
    ------
    MeasureError
        Points, weights, correlations, ``n_factors`` or ``rotation`` are wrong.

    Notes
    -----
    Minimises the squared residuals off the diagonal with communalities of at most 1 (Harman and Jones 1966; Harman and
    Fukuda 1966), the least of 20 starts; rotated from 20 starts (Bernaards and Jennrich 2005). It needs neither an
    inverse nor positive eigenvalues. More factors than leave (items − factors)² ≥ items + factors are not identified
    (Lawley and Maxwell 1971). Fewer than 100 pupils or 5 an item get a statement (Gorsuch 1983).

    Examples
    --------
    >>> skills = ["reading", "retelling", "counting", "measuring"]
    >>> table = [[1, 0.56, 0.48], [0.56, 1, 0.42], [0.48, 0.42, 1]]
    >>> found = minres(pd.DataFrame(table, skills[:3], skills[:3]), 1, n=500)
    >>> found.loadings["F1"].round(3).tolist(), found.converged
    ([0.8, 0.7, 0.6], True)
    """
    check_factors(n_factors)
    if rotation is not None and rotation not in ROTATIONS:
        raise MeasureError(
            'There is no rotation {rotation}: give "oblimin", "varimax" or None.', rotation=repr(rotation)
        )
    base = usable(read_source(scores, weights, n))
    kind = rotation if n_factors > 1 else None
    if base.matrix is None:
        return _nothing(base.every_item, n_factors, kind, base.pupils, base.statements)
    size = len(base.items)
    if n_factors >= size or (size - n_factors) ** 2 < size + n_factors:
        said = Statement("factors_not_identified", {"n_factors": n_factors, "n_items": size})
        return _nothing(base.every_item, n_factors, kind, base.pupils, (*base.statements, said))
    found = least_residuals(base.matrix, n_factors)
    turned = _in_order(_rotated(principal_axes(found.loadings), kind))
    statements = (*base.statements, *_remarks(found, turned, base.items))
    return _result(base.matrix, found, turned, base.items, base.every_item, kind, base.pupils, statements)


def check_factors(n_factors: int) -> None:
    """Refuse what is not a number of factors.

    Raises
    ------
    MeasureError
    """
    if isinstance(n_factors, bool) or not isinstance(n_factors, int | np.integer) or n_factors < 1:
        raise MeasureError("{n} is not a number of factors: give a whole number from 1 up.", n=repr(n_factors))


def principal_axes(loadings: Floats) -> Floats:
    """Turn loadings so that the factors are orthogonal over the items, the greatest first, each adding up to 0 or more.

    Examples
    --------
    >>> principal_axes(np.array([[0.8, 0.1], [0.6, -0.2]])).round(3).tolist()
    [[0.795, -0.134], [0.608, 0.175]]
    """
    left, sizes, _ = np.linalg.svd(loadings, full_matrices=False)
    axes = left * sizes
    return np.asarray(axes * _signs(axes))


def _signs(loadings: Floats) -> Floats:
    total = loadings.sum(axis=0)
    largest = loadings[np.abs(loadings).argmax(axis=0), np.arange(loadings.shape[1])]
    return np.asarray(np.where(np.where(np.abs(total) > 1e-8, total, largest) < 0, -1.0, 1.0))


def _rotated(axes: Floats, kind: str | None) -> Rotated:
    return Rotated(axes, np.eye(axes.shape[1]), 0.0) if kind is None else rotate(axes, kind)


def _in_order(rotated: Rotated) -> Rotated:
    sizes = np.diag(rotated.phi @ rotated.loadings.T @ rotated.loadings)
    order = np.argsort(-sizes, kind="stable")
    signs = _signs(rotated.loadings[:, order])
    return Rotated(rotated.loadings[:, order] * signs, rotated.turn[:, order] * signs, rotated.gradient_norm)


def _remarks(found: LeastResiduals, turned: Rotated, items: pd.Index) -> list[Statement]:
    said = []
    if found.at_bound.any():
        said.append(Statement("factors_heywood", {"items": tuple(str(item) for item in items[found.at_bound])}))
    if not found.converged:
        said.append(Statement("factors_not_converged", {"gradient_norm": found.gradient_norm}))
    if turned.gradient_norm >= TOLERANCE:
        said.append(Statement("factors_rotation_not_converged", {"gradient_norm": turned.gradient_norm}))
    return said


def _result(
    matrix: Floats,
    found: LeastResiduals,
    turned: Rotated,
    items: pd.Index,
    every_item: pd.Index,
    kind: str | None,
    pupils: float,
    statements: tuple[Statement, ...],
) -> Factors:
    names = factor_names(turned.loadings.shape[1])
    communality = np.where(found.at_bound, 1.0, (found.loadings**2).sum(axis=1))
    columns = {"communality": communality, "uniqueness": 1 - communality, "heywood": found.at_bound}
    of_items = pd.DataFrame(columns, items).reindex(every_item)
    of_items["heywood"] = of_items["heywood"].eq(True)
    sizes = np.diag(turned.phi @ turned.loadings.T @ turned.loadings)
    n_pairs = len(items) * (len(items) - 1) / 2
    squared = float((np.tril(matrix, -1) ** 2).sum())
    return Factors(
        loadings=pd.DataFrame(turned.loadings, items, names).reindex(every_item),
        items=of_items,
        factors=pd.DataFrame({"ss_loadings": sizes, "share": sizes / max(len(items), 1)}, names),
        phi=pd.DataFrame(turned.phi, names, names.rename(None)),
        turn=pd.DataFrame(turned.turn, names.rename(None), names.rename(None)),
        rotation=kind,
        n=pupils,
        criterion=found.criterion,
        rmsr=float(np.sqrt(found.criterion / n_pairs)) if n_pairs else np.nan,
        fit=1 - found.criterion / squared if squared > 0 else np.nan,
        converged=found.converged and turned.gradient_norm < TOLERANCE,
        gradient_norm=found.gradient_norm,
        rotation_gradient_norm=turned.gradient_norm,
        statements=statements,
    )


def factor_names(n_factors: int) -> pd.Index:
    """Return the names F1, F2 and on."""
    return pd.Index([f"F{place + 1}" for place in range(n_factors)], name="factor")


def _nothing(
    items: pd.Index, n_factors: int, kind: str | None, pupils: float, statements: tuple[Statement, ...]
) -> Factors:
    loadings = np.full((len(items), n_factors), np.nan)
    found = LeastResiduals(loadings, np.zeros(len(items), dtype=np.bool_), np.nan, np.nan)
    turned = Rotated(loadings, np.full((n_factors, n_factors), np.nan), np.nan)
    return _result(np.full((len(items), len(items)), np.nan), found, turned, items, items, kind, pupils, statements)
