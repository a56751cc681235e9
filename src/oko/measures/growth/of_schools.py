"""Growth of schools: medians of growth percentiles with exact intervals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import bdtr

from oko.errors import MeasureError
from oko.measures.intervals import Floats, bounded_interval, check_level, clustered_means, effective_size, wilson
from oko.measures.statement import Statement, named
from oko.measures.weights import Codes, Weights, as_codes, as_numbers, frequency_weights

LEAST = 10
_LOW, _HIGH = 1.0, 99.0
_COLUMNS = ["n", "classes", "median", "lower", "upper", "mean", "mean_lower", "mean_upper"]


def school_growth(
    percentiles: pd.Series,
    school: pd.Series,
    classes: pd.Series | None = None,
    weights: Weights = None,
    level: float = 0.95,
    least: int = LEAST,
) -> pd.DataFrame:
    r"""Return the median growth percentile of each school with its interval.

    Parameters
    ----------
    percentiles : Series of 1 to 99, pupils
        As `growth_percentiles` gives them; pupils without one do not count.
    school : Series, index of ``percentiles``
        A missing school leaves the pupil out.
    classes : Series, index of ``percentiles``, optional
        Class of each pupil within the school; pupils of one class are more alike than pupils at large, and the
        intervals then are as wide as that makes them.
    weights : str, Series, array or None
        How many pupils a row stands for, whole numbers.
    level : float, default 0.95
    least : int, default 10
        Pupils below which a school is named as too small to be read.

    Returns
    -------
    DataFrame, index ``school`` in sorted order
        n; classes (0 where not given); median; lower, upper: NaN where there are too few pupils for the level (fewer
        than 6 at 95 %); mean, mean_lower, mean_upper. ``.attrs["statements"]``.

    Raises
    ------
    MeasureError
        Indexes differ, a percentile is not between 1 and 99, a weight is not whole, or the level is no share.

    Notes
    -----
    Without classes, or where a school has one, the interval of the median runs from the k-th smallest to the k-th
    greatest percentile, k the greatest with :math:`2 P(B(n, ½) < k) ≤ 1 - level`: it needs no distribution and covers
    at least as often as it says (sign test inverted; e.g. Conover 1999, from memory). With classes Wilson's interval of
    the share ½ at the effective number of pupils is read off the school's percentiles (Woodruff 1952, from memory), and
    the wider of both stands. A median lies between those of its order statistics: percentiles are whole numbers.

    Examples
    --------
    >>> values = pd.Series([10.0, 20, 30, 40, 50, 60, 70, 80])
    >>> school_growth(values, pd.Series(["a"] * 8))[["n", "median", "lower", "upper"]].values.tolist()
    [[8.0, 45.0, 10.0, 80.0]]
    """
    check_level(level)
    values, pupils = _read(percentiles, weights)
    group, labels = as_codes(_aligned(school, percentiles, "school"))
    known = np.isfinite(values) & (pupils > 0) & (group >= 0)
    cluster, alone = _clusters(classes, percentiles, group, known)
    values, pupils, group, cluster = values[known], pupils[known], group[known], cluster[known]
    rows = np.full((len(labels), 3), np.nan)
    order = np.lexsort((values, group))
    ends = np.searchsorted(group[order], np.arange(len(labels) + 1))
    effective = _effective(values, pupils, group, cluster, level, len(labels))
    for at in range(len(labels)):
        part = order[ends[at] : ends[at + 1]]
        if len(part):
            rows[at] = _median(values[part], np.cumsum(pupils[part]), float(effective[at]), level)
    means = clustered_means(values, pupils, group, cluster, len(labels))
    low, high = bounded_interval(means, _LOW, _HIGH, level)
    counted = means.clusters if classes is not None else np.zeros(len(labels), dtype=np.int64)
    columns = [means.n.astype(np.int64), counted, *rows.T, means.mean, low, high]
    frame = pd.DataFrame(dict(zip(_COLUMNS, columns, strict=True)), pd.Index(labels, name="school"))
    frame.attrs["statements"] = _statements(frame, classes is not None, alone, least)
    return frame


def _read(percentiles: pd.Series, weights: Weights) -> tuple[Floats, Floats]:
    values = as_numbers(percentiles, "percentile")
    if (np.isfinite(values) & ((values < _LOW) | (values > _HIGH))).any() or np.isinf(values).any():
        raise MeasureError("A growth percentile is not between 1 and 99.")
    pupils = frequency_weights(percentiles.to_frame("percentile"), weights)
    if (pupils != np.round(pupils)).any():
        raise MeasureError("A weight is not a whole number of pupils: the interval of a median counts pupils.")
    return values, pupils


def _aligned(values: pd.Series, percentiles: pd.Series, what: str) -> pd.Series:
    if not values.index.equals(percentiles.index):
        raise MeasureError(
            "The index of {what} differs from that of the percentiles: give one for each pupil.", what=repr(what)
        )
    return values


def _clusters(
    classes: pd.Series | None, percentiles: pd.Series, group: Codes, known: NDArray[np.bool_]
) -> tuple[Codes, int]:
    """Return the number of each pupil's class, and how many have none: each of these counts as a class."""
    if classes is None:
        return group, 0
    inner, labels = as_codes(_aligned(classes, percentiles, "classes"))
    lone = inner < 0
    keys = group * max(len(labels), 1) + inner
    keys = np.where(lone, keys.max(initial=0) + 1 + np.arange(len(keys)), keys)
    return as_codes(pd.Series(keys))[0], int((lone & known).sum())


def _effective(values: Floats, pupils: Floats, group: Codes, cluster: Codes, level: float, n_groups: int) -> Floats:
    """Return for each school how many pupils drawn one by one would tell as much about its median."""
    middle = np.full(n_groups, np.nan)
    order = np.lexsort((values, group))
    ends = np.searchsorted(group[order], np.arange(n_groups + 1))
    for at in range(n_groups):
        part = order[ends[at] : ends[at + 1]]
        if len(part):
            middle[at] = _middle(values[part], np.cumsum(pupils[part]))
    above = (values > middle[group]).astype(np.float64)
    means = clustered_means(above, pupils, group, cluster, n_groups)
    return effective_size(means, level, clustered_means(values, pupils, group, cluster, n_groups))


def _at(values: Floats, reached: Floats, place: float) -> float:
    """Return the value of the pupil at a place from 1 up, in sorted values."""
    return float(values[min(int(np.searchsorted(reached, place)), len(values) - 1)])


def _middle(values: Floats, reached: Floats) -> float:
    n = float(reached[-1])
    return (_at(values, reached, np.floor((n + 1) / 2)) + _at(values, reached, np.ceil((n + 1) / 2))) / 2


def _median(values: Floats, reached: Floats, effective: float, level: float) -> tuple[float, float, float]:
    n = int(reached[-1])
    places = _order_statistic(n, level)
    if places == 0:
        return _middle(values, reached), np.nan, np.nan
    if effective < n:
        low, _ = wilson(0.5, effective, level)
        places = min(places, max(int(np.floor(float(low) * n)), 0))
    if places == 0:
        return _middle(values, reached), _LOW, _HIGH
    return _middle(values, reached), _at(values, reached, places), _at(values, reached, n - places + 1)


def _order_statistic(n: int, level: float) -> int:
    """Return the greatest k with 2 P(B(n, ½) < k) ≤ 1 − level; 0 where there is none."""
    below = 2 * bdtr(np.arange(0, n // 2 + 1), n, 0.5)
    return int(np.searchsorted(below, 1 - level, side="right"))


def _statements(frame: pd.DataFrame, with_classes: bool, alone: int, least: int) -> tuple[Statement, ...]:
    said = []
    few = frame.index[(frame["n"] < least).to_numpy()]
    if len(few):
        said.append(Statement("growth_few_pupils", {"schools": named(few), "least": least}))
    if not with_classes and len(frame):
        said.append(Statement("growth_classes_unknown", {}))
    if with_classes:
        one: Sequence[object] = list(frame.index[((frame["classes"] == 1) & (frame["n"] > 0)).to_numpy()])
        if one:
            said.append(Statement("growth_one_class", {"schools": named(one)}))
    if alone:
        said.append(Statement("growth_pupils_without_class", {"n": alone}))
    return tuple(said)
