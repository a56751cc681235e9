"""Correlations of items, and what of them a factor analysis can use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.factors.residuals import ROUNDING, Floats
from oko.measures.factors.single import FEWEST_ITEMS
from oko.measures.responses import Responses, read_responses
from oko.measures.statement import Statement
from oko.measures.weights import Weights, as_numbers

FEWEST_PUPILS, PUPILS_PER_ITEM = 100, 5
_BLOCK = 1 << 14


@dataclass(frozen=True)
class Correlations:
    """Correlations of items.

    Attributes
    ----------
    matrix : DataFrame, items × items
        NaN where a pair has no correlation: nobody met both items, or one does not vary among those who did.
    n : DataFrame, items × items
        Pupils who met both items; NaN where unknown.
    statements : tuple of Statement
    """

    matrix: pd.DataFrame
    n: pd.DataFrame
    statements: tuple[Statement, ...] = ()

    @property
    def pupils(self) -> float:
        """Harmonic mean of the pupils behind the correlations of pairs, NaN where unknown."""
        counts = self.n.to_numpy()[np.triu_indices(len(self.n), 1)]
        counts = counts[counts > 0]
        return float(1 / np.mean(1 / counts)) if len(counts) else np.nan


Source: TypeAlias = pd.DataFrame | Correlations


def correlations(scores: pd.DataFrame, weights: Weights = None) -> Correlations:
    r"""Return the Pearson correlation of each pair of items over the pupils who met both.

    Parameters
    ----------
    scores : DataFrame, pupils × items
        Points from 0 up; NaN where the item was not administered.
    weights : str, Series, array or None
        How many pupils a row stands for.

    Returns
    -------
    Correlations

    Raises
    ------
    MeasureError
        Points or weights are wrong (`responses.read_responses`).

    Notes
    -----
    Means and variances are of the same pupils as the products, as in R's ``cor(use = "pairwise")``; the matrix may then
    have negative eigenvalues, and a statement says so. Pearson correlations of items of few points are lower than
    those of what lies behind them, and items of equal facility correlate higher: a factor may be one of facility.

    Examples
    --------
    >>> scores = pd.DataFrame({"1": [0, 1, 1, 0], "2": [0, 2, 1, None], "3": [1, 1, 0, 0]})
    >>> correlations(scores).matrix.loc["1"].round(3).tolist()
    [1.0, 0.866, 0.0]
    """
    read = read_responses(scores, weights)
    counts, sums, squares, products = _sums(read)
    n = np.where(counts > 0, counts, np.nan)
    variance = squares / n - (sums / n) ** 2
    covariance = products / n - sums * sums.T / n**2
    known = (variance > ROUNDING) & (variance.T > ROUNDING)
    value = np.full_like(n, np.nan)
    value[known] = np.clip(covariance[known] / np.sqrt((variance * variance.T)[known]), -1, 1)
    value[np.diag(known), np.diag(known)] = 1.0
    return _framed(value, counts, read.items)


def _sums(read: Responses) -> tuple[Floats, Floats, Floats, Floats]:
    """Return, for each pair of items over those who met both, pupils, sums and squares of the first, and products.

    Points are taken from half of their maximum and divided by it, so that variances compare with 1.
    """
    size = len(read.items)
    half = np.array([np.nanmax(column, initial=0) / 2 for column in read.points.T])
    unit = np.where(half > 0, half, 1)
    counts, sums, squares, products = (np.zeros((size, size)) for _ in range(4))
    for start in range(0, len(read.points), _BLOCK):
        points = read.points[start : start + _BLOCK]
        pupils = read.weights[start : start + _BLOCK, None]
        met = np.isfinite(points).astype(np.float64)
        values = np.where(met > 0, points / unit - half / unit, 0)
        counts += met.T @ (met * pupils)
        sums += (values * pupils).T @ met
        squares += (values**2 * pupils).T @ met
        products += values.T @ (values * pupils)
    return counts, sums, squares, products


def _framed(value: Floats, counts: Floats, items: pd.Index) -> Correlations:
    matrix = pd.DataFrame(value, items, items.rename(None))
    still = tuple(str(item) for item in items[np.isnan(np.diag(value))])
    said = (Statement("factors_items_without_variance", {"items": still}),) if still else ()
    return Correlations(matrix, pd.DataFrame(counts, items, items.rename(None)), said)


@dataclass(frozen=True)
class Usable:
    """What a factor analysis can use.

    Attributes
    ----------
    matrix : ndarray of shape (items, items) or None
        Correlations of items that vary; None where there is nothing to analyse, and a statement says why.
    items : Index
        Those items.
    every_item : Index
    pupils : float
        NaN where unknown.
    statements : tuple of Statement
    """

    matrix: Floats | None
    items: pd.Index
    every_item: pd.Index
    pupils: float
    statements: tuple[Statement, ...]


def usable(read: Correlations) -> Usable:
    """Return the correlations of the items that vary, with remarks on the items, the pupils and the matrix."""
    varied = np.isfinite(np.diag(read.matrix))
    items = read.matrix.index[varied]
    every = read.matrix.index
    kept = replace(read, n=read.n.loc[items, items])
    if len(items) < FEWEST_ITEMS:
        few = Statement("factors_few_items", {"n_items": len(items), "needed": FEWEST_ITEMS})
        return Usable(None, items, every, kept.pupils, (*read.statements, few))
    matrix = read.matrix.to_numpy(dtype=np.float64)[np.ix_(varied, varied)]
    unknown = np.argwhere(np.isnan(matrix))
    if len(unknown):
        pair = tuple(str(items[place]) for place in unknown[0])
        said = Statement("factors_pairs_unknown", {"items": pair, "n_pairs": len(unknown) // 2})
        return Usable(None, items, every, kept.pupils, (*read.statements, said))
    return Usable(matrix, items, every, kept.pupils, (*read.statements, *_remarks(matrix, kept.pupils)))


def _remarks(matrix: Floats, pupils: float) -> list[Statement]:
    said = []
    smallest = float(np.linalg.eigvalsh(matrix)[0])
    if smallest < -1e-8:
        said.append(Statement("factors_not_positive_definite", {"smallest": smallest}))
    elif smallest < 1e-8:
        said.append(Statement("factors_singular"))
    needed = max(FEWEST_PUPILS, PUPILS_PER_ITEM * len(matrix))
    if pupils < needed:
        said.append(Statement("factors_few_pupils", {"n": pupils, "n_items": len(matrix), "needed": needed}))
    return said


def read_source(source: Source, weights: Weights, n: float | None) -> Correlations:
    """Return the correlations of points, or those that were given.

    Raises
    ------
    MeasureError
        The points, weights, correlations or n are wrong, or do not go together.
    """
    if n is not None and not (np.isfinite(n) and n >= 2):
        raise MeasureError("The number of pupils {n} is not 2 or more: give how many the correlations come from.", n=n)
    if not isinstance(source, Correlations) and not _is_correlation(source):
        if n is not None:
            raise MeasureError("A number of pupils goes with correlations: leave it out where points are given.")
        return correlations(source, weights)
    if weights is not None:
        raise MeasureError("Weights go with points: leave them out where correlations are given.")
    if isinstance(source, Correlations):
        return source if n is None else replace(source, n=source.n.fillna(float(n)))
    values = np.column_stack([as_numbers(source.iloc[:, place], str(item)) for place, item in enumerate(source)])
    items = source.index.rename("item")
    counts = np.full(values.shape, np.nan if n is None else float(n))
    return _framed((values + values.T) / 2, counts, items)


def _is_correlation(source: pd.DataFrame) -> bool:
    """Tell a frame of correlations from one of points by its labels and symmetry, and refuse one of covariances."""
    if (
        not isinstance(source, pd.DataFrame)
        or len(source) < 2
        or not source.index.equals(source.columns)
        or not source.index.is_unique
    ):
        return False
    if not all(pd.api.types.is_float_dtype(kind) or pd.api.types.is_integer_dtype(kind) for kind in source.dtypes):
        return False
    values = source.to_numpy(dtype=np.float64, na_value=np.nan)
    if not np.allclose(values, values.T, rtol=0, atol=1e-8, equal_nan=True):
        return False
    ones = np.isnan(np.diag(values)) | (np.abs(np.diag(values) - 1) < 1e-8)
    if not ones.all() or (np.abs(values) > 1 + 1e-8).any():
        raise MeasureError(
            "The table is symmetric with the same rows and columns, but not of correlations: give points, or "
            "correlations with ones on the diagonal."
        )
    return True
