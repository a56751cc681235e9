"""How many factors: eigenvalues of the data against those of items that have nothing in common."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.factors.correlation import Source, read_source, usable
from oko.measures.factors.residuals import Floats
from oko.measures.statement import Statement
from oko.measures.weights import Weights


@dataclass(frozen=True)
class ParallelAnalysis:
    """Eigenvalues of an instrument beside those of unrelated items.

    Attributes
    ----------
    eigenvalues : DataFrame, index ``position`` from 1
        ``component``: of the correlations; ``factor``: of the correlations with squared multiple correlations on the
        diagonal; each with ``_random_mean`` and ``_random_quantile`` of as many unrelated items and pupils.
    n_components, n_factors : int or None
        Leading eigenvalues above the quantile; None where there is no answer.
    n : float
        Pupils behind a correlation (harmonic mean of pairs).
    repetitions : int
    quantile : float
    statements : tuple of Statement
    """

    eigenvalues: pd.DataFrame
    n_components: int | None
    n_factors: int | None
    n: float
    repetitions: int
    quantile: float
    statements: tuple[Statement, ...]


def parallel_analysis(
    scores: Source,
    weights: Weights = None,
    n: float | None = None,
    repetitions: int = 500,
    quantile: float = 0.95,
    seed: int = 1965,
) -> ParallelAnalysis:
    r"""Say how many factors stand out of what chance makes of unrelated items.

    Parameters
    ----------
    scores : DataFrame or Correlations
        As for `minres`; correlations need ``n`` unless they come from `correlations`.
    weights : str, Series, array or None
        How many pupils a row of points stands for.
    n : float, optional
        Pupils behind correlations.
    repetitions : int, default 500
        Tables of unrelated items, 2 or more.
    quantile : float, default 0.95
        Of their eigenvalues, position by position; 0 to 1.
    seed : int, default 1965
        The same seed gives the same result.

    Returns
    -------
    ParallelAnalysis

    Raises
    ------
    MeasureError
        Points, weights, correlations, ``n``, ``repetitions`` or ``quantile`` are wrong, or ``n`` is missing.

    Notes
    -----
    Horn (1965), with the quantile of Glorfeld (1995). Correlations of unrelated items are drawn from Wishart's
    distribution on n − 1 degrees of freedom: whatever their points, the correlation of two unrelated items has variance
    1/(n − 1) over permutations of pupils (Pitman 1937), so that shuffled points give the same to the order of 1/n.
    Where pupils met different items n is the harmonic mean over pairs, which keeps the sum of those variances.
    Components are the usual count; that of factors (Humphreys and Montanelli 1975) is greater in large samples.

    Examples
    --------
    >>> skill = np.arange(120) % 4
    >>> scores = pd.DataFrame({str(item): (skill + np.arange(120) % (item + 5)) // 3 for item in range(5)})
    >>> parallel_analysis(scores, repetitions=100).n_components
    1
    """
    _check(repetitions, quantile)
    base = usable(read_source(scores, weights, n))
    if np.isnan(base.pupils) and base.matrix is not None:
        raise MeasureError("The number of pupils behind the correlations is not given: give it as n.")
    if base.matrix is None or base.pupils < 3:
        few = (Statement("factors_too_few_pupils", {"n": base.pupils}),) if base.pupils < 3 else ()
        return _nothing(len(base.items), base.pupils, repetitions, quantile, (*base.statements, *few))
    random = _unrelated(len(base.items), base.pupils, repetitions, seed)
    columns: dict[str, Floats] = {}
    for name, own, drawn in (
        ("component", _eigenvalues(base.matrix), _eigenvalues(random)),
        ("factor", _eigenvalues(_reduced(base.matrix)), _eigenvalues(_reduced(random))),
    ):
        columns[name] = own
        columns[f"{name}_random_mean"] = drawn.mean(axis=0)
        columns[f"{name}_random_quantile"] = np.quantile(drawn, quantile, axis=0)
    table = pd.DataFrame(columns, _positions(len(base.items)))
    n_factors = _leading(table, "factor")
    said = () if n_factors is not None else (Statement("factors_not_counted"),)
    n_components = _leading(table, "component")
    statements = (*base.statements, *said)
    return ParallelAnalysis(table, n_components, n_factors, base.pupils, repetitions, quantile, statements)


def _check(repetitions: int, quantile: float) -> None:
    if not isinstance(repetitions, int) or repetitions < 2:
        raise MeasureError("{n} repetitions are too few: give 2 or more, 500 for example.", n=repetitions)
    if not 0 < quantile < 1:
        raise MeasureError("Quantile {quantile} is not between 0 and 1: give 0.95, for example.", quantile=quantile)


def _unrelated(n_items: int, pupils: float, repetitions: int, seed: int) -> Floats:
    """Return correlations of unrelated normal items, of shape (repetitions, items, items)."""
    rng = np.random.default_rng(seed)
    if pupils - 1 > n_items:
        root = np.tril(rng.normal(size=(repetitions, n_items, n_items)), -1)
        places = np.arange(n_items)
        root[:, places, places] = np.sqrt(rng.chisquare(pupils - 1 - places, size=(repetitions, n_items)))
    else:
        points = rng.normal(size=(repetitions, n_items, round(pupils)))
        root = points - points.mean(axis=2, keepdims=True)
    root /= np.sqrt((root**2).sum(axis=2, keepdims=True))
    return np.asarray(root @ root.transpose(0, 2, 1))


def _eigenvalues(matrices: Floats) -> Floats:
    """Return eigenvalues, greatest first; NaN for a matrix that holds NaN."""
    whole = np.asarray(np.isfinite(matrices).all(axis=(-1, -2)))[..., None]
    values = np.linalg.eigvalsh(np.where(whole[..., None], matrices, 0.0))[..., ::-1]
    return np.where(whole, values, np.nan)


def _reduced(matrices: Floats) -> Floats:
    """Put squared multiple correlations on the diagonal; NaN where a matrix has no inverse."""
    positive = (np.linalg.eigvalsh(matrices)[..., :1] > 1e-8)[..., None]
    identity = np.eye(matrices.shape[-1])
    inverse = np.linalg.inv(np.where(positive, matrices, identity))
    unique = 1 / np.diagonal(inverse, axis1=-2, axis2=-1)
    return np.where(positive, matrices - unique[..., None] * identity, np.nan)


def _leading(table: pd.DataFrame, name: str) -> int | None:
    own = table[name].to_numpy(dtype=np.float64)
    if np.isnan(own).any():
        return None
    drawn = table[f"{name}_random_quantile"].to_numpy(dtype=np.float64)
    return int(np.append(np.flatnonzero(own <= drawn), len(own))[0])


def _positions(n_items: int) -> pd.Index:
    return pd.RangeIndex(1, n_items + 1, name="position")


def _nothing(
    n_items: int, pupils: float, repetitions: int, quantile: float, statements: tuple[Statement, ...]
) -> ParallelAnalysis:
    names = [f"{name}{end}" for name in ("component", "factor") for end in ("", "_random_mean", "_random_quantile")]
    table = pd.DataFrame(np.nan, _positions(n_items), names)
    return ParallelAnalysis(table, None, None, pupils, repetitions, quantile, statements)
