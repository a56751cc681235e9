"""Splines of earlier scores: knots, boundaries and the columns they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.interpolate import BSpline

from oko.errors import MeasureError
from oko.measures.growth.quantiles import independent
from oko.measures.intervals import Floats
from oko.measures.statement import Statement
from oko.measures.weights import Weights, as_codes, as_numbers, frequency_weights, sum_by

Knots: TypeAlias = Sequence[Sequence[float]] | Sequence[float] | None
DEGREE = 3
SHARES = (0.2, 0.4, 0.6, 0.8)
BEYOND = 0.1


@dataclass(frozen=True)
class Spline:
    """B-splines of one earlier score without an intercept; of degree 0 where the score tells nothing.

    Attributes
    ----------
    name : str
    knots : tuple of float
        Inside the boundaries.
    boundaries : tuple of float
    degree : int
    beyond : int
        Knots of SGP's setting that lie outside the boundaries given, and are left out.
    """

    name: str
    knots: tuple[float, ...]
    boundaries: tuple[float, float]
    degree: int = DEGREE
    beyond: int = 0

    @property
    def size(self) -> int:
        """Columns that the spline makes."""
        return self.degree + len(self.knots) if self.degree else 0

    def inside(self, scores: Floats) -> NDArray[np.bool_]:
        """Return which scores lie within the boundaries."""
        low, high = self.boundaries
        return np.asarray((scores >= low) & (scores <= high))

    def columns(self, scores: Floats) -> Floats:
        """Return the columns for scores within the boundaries; the same basis as ``bs`` of R and of patsy."""
        if not self.size:
            return np.zeros((len(scores), 0))
        low, high = self.boundaries
        ends = self.degree + 1
        places = np.array([*[low] * ends, *self.knots, *[high] * ends])
        # measured from the lower boundary: a large common offset would cost digits
        design = BSpline.design_matrix(scores - low, places - low, self.degree)
        return np.asarray(design.toarray()[:, 1:], dtype=np.float64)


def knots_and_boundaries(
    scores: pd.DataFrame | pd.Series, weights: Weights = None
) -> tuple[list[list[float]], list[tuple[float, float]]]:
    """Return knots and boundaries as the R package SGP sets them, for `growth_percentiles`.

    Parameters
    ----------
    scores : DataFrame or Series, pupils × scores
        All scores that there are for the grade and subject, of several years where they are on one scale.
    weights : str, Series, array or None
        How many pupils a row stands for.

    Returns
    -------
    (list of list of float, list of pairs of float)
        Quantiles .2, .4, .6 and .8 of each score; its range, a tenth longer at both ends.

    Raises
    ------
    MeasureError
        A score is not numeric, or there is none.

    Notes
    -----
    Quantiles of type 7, the default of R. SGP takes them from all years of a grade, not from one cohort.

    Examples
    --------
    >>> knots_and_boundaries(pd.Series([0, 10, 20, 30, 40, 50]))
    ([[10.0, 20.0, 30.0, 40.0]], [(-5.0, 55.0)])
    """
    frame = scores.to_frame() if isinstance(scores, pd.Series) else scores
    pupils = frequency_weights(frame, weights)
    columns = [as_numbers(frame.iloc[:, at], str(frame.columns[at])) for at in range(frame.shape[1])]
    found = [_settings(column, pupils) for column in columns]
    if not all(np.isfinite(pair).all() for _, pair in found):
        raise MeasureError("An earlier score has no value: there are no knots to set.")
    return [knots for knots, _ in found], [pair for _, pair in found]


def _settings(scores: Floats, weights: Floats) -> tuple[list[float], tuple[float, float]]:
    known = np.isfinite(scores) & (weights > 0)
    if not known.any():
        return [], (np.nan, np.nan)
    codes, levels = as_codes(pd.Series(scores[known]))
    values, reached = levels.to_numpy(dtype=np.float64), np.cumsum(sum_by(codes, weights[known], len(levels)))
    wide = BEYOND * (values[-1] - values[0])
    knots = [_type_seven(values, reached, share) for share in SHARES]
    return knots, (float(values[0] - wide), float(values[-1] + wide))


def _type_seven(values: Floats, reached: Floats, share: float) -> float:
    """Return R's default quantile of values of which each stands for several pupils."""
    place = share * max(reached[-1] - 1, 0)
    # a thousandth of a pupil keeps sums of weights that are not exact from moving a place
    below, above = np.searchsorted(reached, [np.floor(place) + 1e-3, np.floor(place) + 1 + 1e-3])
    last = len(values) - 1
    low, high = values[min(below, last)], values[min(above, last)]
    return float(low + (place - np.floor(place)) * (high - low))


def read_splines(
    prior: Floats, names: Sequence[str], knots: Knots, boundaries: Knots, weights: Floats
) -> tuple[Spline, ...]:
    """Return the splines as asked for, with SGP's settings where nothing was asked.

    Parameters
    ----------
    prior : ndarray of shape (pupils, earlier scores)
    names : sequence of str
    knots, boundaries : a list and a pair for each earlier score, or None
    weights : ndarray of shape (pupils,)
    """
    found = []
    inner, outer = _each(knots, len(names), "knots"), _each(boundaries, len(names), "boundaries")
    for at, name in enumerate(names):
        default_knots, default_pair = _settings(prior[:, at], weights)
        pair = default_pair if outer is None else tuple(outer[at])
        places = sorted(default_knots if inner is None else inner[at])
        found.append(_checked(str(name), places, pair, given=inner is not None))
    return tuple(found)


def _each(given: Knots, n: int, what: str) -> list[list[float]] | None:
    """Return what was given for each earlier score; for a single score the list alone will do."""
    if given is None:
        return None
    flat = n == 1 and not any(isinstance(row, Iterable) for row in given)
    rows: list[Any] = [given] if flat else list(given)
    try:
        values = [[float(value) for value in row] for row in rows]
    except (TypeError, ValueError):
        values = []
    if len(values) != n or not all(np.isfinite(row).all() for row in values):
        raise MeasureError(
            "The {what} do not fit the {n} earlier scores: give a list of numbers for each.", what=what, n=n
        )
    return values


def _checked(name: str, knots: list[float], pair: Sequence[float], *, given: bool) -> Spline:
    if len(pair) != 2 or pair[0] > pair[1]:
        raise MeasureError("The boundaries of {score} are no pair, lower and upper.", score=repr(name))
    low, high = float(pair[0]), float(pair[1])
    beyond = [knot for knot in knots if not low < knot < high]
    if given and beyond:
        raise MeasureError(
            "Knot {knot} of {score} is not between the boundaries {low} and {high}.",
            knot=beyond[0], score=repr(name), low=low, high=high,
        )  # fmt: skip
    kept = tuple(knot for knot in knots if low < knot < high)
    # knots at the ends of the scores are no loss: a constant score has them all there
    lost = sum(not low <= knot <= high for knot in knots)
    return Spline(name, kept, (low, high), beyond=lost)


def settle(splines: tuple[Spline, ...], prior: Floats) -> tuple[tuple[Spline, ...], tuple[Statement, ...]]:
    """Make splines as simple as the scores need, so that their columns do not follow from each other.

    Parameters
    ----------
    splines : tuple of Spline
    prior : ndarray of shape (cells, earlier scores)
        Different combinations, within the boundaries.

    Returns
    -------
    (tuple of Spline, tuple of Statement)
        A score that tells nothing, or nothing beyond those before it, has degree 0.
    """
    settled: list[Spline] = []
    said: list[Statement] = []
    design = np.ones((len(prior), 1))
    for at, spline in enumerate(splines):
        scores = prior[:, at]
        simple = next(one for one in _simpler(spline) if _full_rank(design, one.columns(scores)))
        said += _remarks(spline, simple, scores)
        settled.append(simple)
        design = np.column_stack([design, simple.columns(scores)])
    return tuple(settled), tuple(said)


def _simpler(spline: Spline) -> list[Spline]:
    """Return the spline and its simpler kin, down to none at all."""
    knots = tuple(dict.fromkeys(spline.knots))
    found = [replace(spline, knots=knots)]
    while knots:
        knots = knots[: len(knots) // 2] + knots[len(knots) // 2 + 1 :]
        found.append(replace(spline, knots=knots))
    return [*found, *(replace(spline, knots=(), degree=degree) for degree in (2, 1, 0))]


def _full_rank(design: Floats, columns: Floats) -> bool:
    both = np.column_stack([design, columns])
    return len(both) > 0 and bool(independent(both).all())


def _remarks(asked: Spline, settled: Spline, scores: Floats) -> list[Statement]:
    distinct = len(np.unique(scores))
    if settled.size == 0:
        if distinct < 2:
            return [Statement("growth_constant_earlier", {"score": asked.name})]
        return [Statement("growth_adds_nothing", {"score": asked.name})]
    said = []
    if asked.beyond:
        low, high = asked.boundaries
        values = {"score": asked.name, "n": asked.beyond, "lower": low, "upper": high}
        said.append(Statement("growth_knots_beyond", values))
    if settled != asked:
        values = {"score": asked.name, "distinct": distinct, "knots": len(settled.knots), "degree": settled.degree}
        said.append(Statement("growth_simplified", {**values, "asked": len(asked.knots)}))
    return said
