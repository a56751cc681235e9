"""Straight equating lines with the standard errors that follow from the moments of the two groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.errors import MeasureError
from oko.measures.responses import Floats
from oko.measures.statement import Statement
from oko.measures.weights import as_numbers

Scores: TypeAlias = Sequence[float] | NDArray[Any] | pd.Index
Line: TypeAlias = Callable[[NDArray[Any], NDArray[Any]], tuple[Any, Any]]


@dataclass(frozen=True)
class Moments:
    """First and second moments of a group, and how precisely they are known.

    Attributes
    ----------
    values : ndarray of shape (2,) or (5,)
        Mean and variance of the total; with an anchor: mean total, mean anchor, variance of the total, of the anchor,
        covariance. Variances divide by n − 1, as R's ``equate`` does.
    covariance : ndarray, square
        Sampling covariance of ``values``.
    n : float
        Pupils.
    """

    values: Floats
    covariance: Floats
    n: float


def moments(total: Floats, weights: Floats, anchor: Floats | None = None) -> Moments:
    """Return the moments of a group of pupils who stand for ``weights`` pupils each."""
    n = float(weights.sum())
    scores = total[:, None] if anchor is None else np.column_stack([total, anchor])
    first = scores[np.flatnonzero(weights)[0]]  # equal scores then have a variance of exactly 0
    means = first + weights @ (scores - first) / n
    away = scores - means
    influence = np.column_stack([away, away**2, away[:, :1] * away[:, 1:]])
    sums = weights @ influence[:, len(means) :]
    influence[:, len(means) :] -= sums / n
    seconds = sums / (n - 1) if n > 1 else np.zeros_like(sums)
    return Moments(np.append(means, seconds), (influence * weights[:, None]).T @ influence / n**2, n)


@dataclass(frozen=True)
class LinearEquating:
    """A straight line from the scores of form X to the scale of form Y; call it on scores.

    Attributes
    ----------
    method : str
        ``mean``, ``linear``, ``tucker``, ``levine`` or ``chained``.
    slope, intercept : float
        NaN where the groups do not give a line; a statement then says why.
    covariance : DataFrame
        Sampling covariance of ``slope`` and ``intercept`` (delta method on the moments, no normality assumed).
    table : DataFrame, index ``score``
        ``equated`` and its standard error ``se``, for each whole score of form X.
    groups : DataFrame, index ``x``, ``y``
        ``n``, ``mean``, ``sd``; with an anchor ``anchor_mean``, ``anchor_sd``, ``correlation`` and ``gamma`` (slope of
        total on anchor that the method takes, if it takes one). Variances divide by n − 1.
    statements : tuple of Statement
    """

    method: str
    slope: float
    intercept: float
    covariance: pd.DataFrame
    table: pd.DataFrame
    groups: pd.DataFrame
    statements: tuple[Statement, ...]

    @overload
    def __call__(self, scores: pd.Series) -> pd.Series: ...
    @overload
    def __call__(self, scores: float) -> float: ...
    @overload
    def __call__(self, scores: Scores) -> Floats: ...
    def __call__(self, scores: float | Scores | pd.Series) -> float | Floats | pd.Series:
        """Return scores of form X on the scale of form Y; a missing score stays missing."""
        return apply_to(lambda values: self.intercept + self.slope * values, scores)


def apply_to(function: Callable[[Floats], Floats], scores: float | Scores | pd.Series) -> float | Floats | pd.Series:
    """Apply a function of an array to a number, an array or a Series, and give back the same kind.

    Raises
    ------
    MeasureError
        The scores are not numbers.
    """
    if isinstance(scores, pd.Series):
        return pd.Series(function(as_numbers(scores, "scores")), index=scores.index, name=scores.name)
    try:
        values = np.asarray(scores, dtype=np.float64)
    except (TypeError, ValueError):
        raise MeasureError("The scores to equate are not numbers: give numbers of form X.") from None
    result = function(np.atleast_1d(values)).reshape(values.shape)
    return float(result) if result.ndim == 0 else result


def draw_line(line: Line, x: Moments, y: Moments) -> tuple[Floats, Floats]:
    """Return slope and intercept of a line that is a function of moments, and their sampling covariance.

    Notes
    -----
    Delta method; derivatives by a complex step, exact to rounding. For ``linear`` this is the standard error of
    Kolen & Brennan (2004), section 7.3, with skewness and kurtosis of the groups.
    """
    coefficients = np.array(line(x.values, y.values), dtype=np.float64)
    covariance = np.zeros((2, 2))
    for mine, group in enumerate((x, y)):
        gradient = np.empty((2, len(group.values)))
        for k in range(len(group.values)):
            moved = [np.array(x.values, dtype=complex), np.array(y.values, dtype=complex)]
            moved[mine][k] += 1e-30j
            gradient[:, k] = np.imag(np.array(line(*moved), dtype=complex)) / 1e-30
        covariance += gradient @ group.covariance @ gradient.T
    return coefficients, covariance


def line_table(scores: Floats, coefficients: Floats, covariance: Floats) -> pd.DataFrame:
    """Return equated scores and their standard errors at each score of form X."""
    slope, intercept = coefficients
    variance = scores**2 * covariance[0, 0] + 2 * scores * covariance[0, 1] + covariance[1, 1]
    index = pd.Index(scores.astype(np.int64), name="score")
    return pd.DataFrame({"equated": intercept + slope * scores, "se": np.sqrt(np.maximum(variance, 0))}, index=index)
