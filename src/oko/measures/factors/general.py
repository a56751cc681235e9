"""Omega: how much of a sum score is common to the items, and how much of that is one general factor."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.measures.factors.correlation import Source, read_source, usable
from oko.measures.factors.extraction import Factors, check_factors, factor_names, minres
from oko.measures.factors.residuals import ROUNDING, TOLERANCE, Floats, least_residuals
from oko.measures.statement import Statement
from oko.measures.weights import Weights


@dataclass(frozen=True)
class Omega:
    """Reliability of the sum of standardised items by a factor model.

    Attributes
    ----------
    total : float
        Omega total: share of the variance of the sum that is common to the items.
    hierarchical : float
        Omega hierarchical: share that is due to the general factor; NaN below three factors.
    alpha : float
        Cronbach's alpha of the standardised items.
    ecv : float
        Explained common variance: the general factor's share of all squared loadings; NaN below three factors.
    items : DataFrame, index ``item``
        ``general`` and ``F1``, ``F2``, …: loadings after Schmid and Leiman; ``communality``, ``uniqueness``. With one
        factor ``general`` is its loading; with two, ``general`` and the group loadings are NaN.
    second_order : Series, index ``factor``
        Loadings of the rotated factors on the general one; NaN below three factors.
    factors : Factors
        The rotated solution behind it.
    converged : bool
    n : float
        Pupils behind a correlation, NaN where unknown.
    statements : tuple of Statement
    """

    total: float
    hierarchical: float
    alpha: float
    ecv: float
    items: pd.DataFrame
    second_order: pd.Series
    factors: Factors
    converged: bool
    n: float
    statements: tuple[Statement, ...]


def omega(scores: Source, n_factors: int = 3, weights: Weights = None, n: float | None = None) -> Omega:
    r"""Return omega total and omega hierarchical.

    Parameters
    ----------
    scores : DataFrame or Correlations
        As for `minres`.
    n_factors : int, default 3
        Group factors. One gives omega total only; two do not identify the general factor.
    weights : str, Series, array or None
        How many pupils a row of points stands for.
    n : float, optional
        Pupils behind correlations.

    Returns
    -------
    Omega
        Of the sum of standardised items, as R's ``psych::omega``; for the sum of points see `one_factor`.

    Raises
    ------
    MeasureError
        As for `minres`.

    Notes
    -----
    Minres with oblimin, then one minres factor of the factors' correlations with loadings γ, then the transformation of
    Schmid and Leiman (1957): :math:`g = L\gamma`, group loadings :math:`L_k \sqrt{1 - \gamma_k^2}`.
    :math:`\omega_t = 1 - \sum_i u_i^2 / \sum_{ij} r_{ij}`, :math:`\omega_h = (\sum_i g_i)^2 / \sum_{ij} r_{ij}`
    (McDonald 1999; Zinbarg et al. 2005). No item is turned over: one that loads negatively is named.

    Examples
    --------
    >>> table = [[1, 0.56, 0.48], [0.56, 1, 0.42], [0.48, 0.42, 1]]
    >>> found = omega(pd.DataFrame(table, list("abc"), list("abc")), n_factors=1, n=500)
    >>> round(found.total, 4), found.statements[0].code
    (0.7449, 'factors_general_needs_three')
    """
    check_factors(n_factors)
    source = read_source(scores, weights, n)
    base = usable(source)
    found = minres(source, n_factors)
    said = list(found.statements)
    if n_factors < 3:
        said.append(Statement("factors_general_needs_three", {"n_factors": n_factors}))
    loadings = found.loadings.to_numpy()
    second, settled = _second_order(found, said)
    general = loadings[:, 0] if n_factors == 1 else loadings @ second
    group = loadings * np.sqrt(1 - second**2)
    if n_factors == 1:
        group = np.full_like(loadings, np.nan)
    items = _items(found, general, group)
    variance = float(base.matrix.sum()) if base.matrix is not None else np.nan
    against = tuple(str(item) for item in found.loadings.index[general < 0])
    if against:
        said.append(Statement("factors_items_against", {"items": against}))
    if variance < ROUNDING * len(base.items):
        said.append(Statement("factors_sum_without_variance"))
        variance = np.nan
    common, own = _squares(general), _squares(group)
    return Omega(
        total=1 - float(found.items["uniqueness"].sum(min_count=1)) / variance,
        hierarchical=float(np.nansum(general)) ** 2 / variance if np.isfinite(common + own) else np.nan,
        alpha=_alpha(len(base.items), variance),
        ecv=common / (common + own) if common + own > 0 else np.nan,
        items=items,
        second_order=pd.Series(second, found.phi.index, name="loading"),
        factors=found,
        converged=found.converged and settled,
        n=base.pupils,
        statements=tuple(said),
    )


def _second_order(found: Factors, said: list[Statement]) -> tuple[Floats, bool]:
    """Return the loadings of the factors on the general one, and whether they have converged."""
    phi = found.phi.to_numpy()
    if len(phi) < 3 or np.isnan(phi).any():
        return np.full(len(phi), np.nan), True
    general = least_residuals(phi, 1)
    second = general.loadings[:, 0] * (1.0 if general.loadings.sum() >= 0 else -1.0)
    if general.at_bound.any():
        names = tuple(str(name) for name in found.phi.index[general.at_bound])
        said.append(Statement("factors_group_vanishes", {"factors": names}))
        second[general.at_bound] = np.sign(second[general.at_bound])
    if general.gradient_norm >= TOLERANCE:
        said.append(Statement("factors_not_converged", {"gradient_norm": general.gradient_norm}))
    return second, general.converged


def _items(found: Factors, general: Floats, group: Floats) -> pd.DataFrame:
    names = factor_names(group.shape[1])
    columns = pd.DataFrame(np.column_stack([general, group]), found.items.index, ["general", *names])
    return columns.join(found.items[["communality", "uniqueness"]])


def _squares(loadings: Floats) -> float:
    known = loadings[np.isfinite(loadings)]
    return float((known**2).sum()) if len(known) else np.nan


def _alpha(n_items: int, variance: float) -> float:
    return n_items / (n_items - 1) * (1 - n_items / variance) if n_items > 1 else np.nan
