"""Marks of groups of pupils: shares, pass rate, quality, degree of learning, mean score."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.errors import MeasureError
from oko.measures.grouping import classes, grouped, numbers
from oko.measures.intervals import (
    Floats,
    Means,
    bounded_interval,
    check_level,
    clustered_means,
    mean_interval,
    share_interval,
)
from oko.measures.weights import Codes, Weights, as_numbers, frequency_weights, sum_by

MARKS = (2, 3, 4, 5)
SOU_POINTS = {2: 16.0, 3: 36.0, 4: 64.0, 5: 100.0}
SHARES = {
    "share_2": (2,),
    "share_3": (3,),
    "share_4": (4,),
    "share_5": (5,),
    "pass_rate": (3, 4, 5),
    "quality": (4, 5),
}


def summary(
    results: pd.DataFrame, by: Sequence[str] | str = (), *, weights: Weights = None, level: float = 0.95
) -> pd.DataFrame:
    r"""Summarise the marks of each group of pupils, with intervals.

    Parameters
    ----------
    results : DataFrame, one row a pupil and an assessment
        Columns ``mark`` (2 to 5, missing for who was absent), ``school``, and where known ``class``, ``primary_score``,
        ``test_score``.
    by : sequence of str, default ()
        Columns whose combinations are the groups; none makes one group of all rows.
    weights : str, Series, array or None
        How many pupils a row stands for.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row a group, sorted: the columns of ``by``; ``n`` pupils with a mark (in a group without marks: with a
        score); ``classes`` they come from; ``interval`` ("wilson": one class, "clustered": several); ``share_2`` …
        ``share_5``, ``pass_rate``, ``quality`` (0 to 1), ``sou`` (16 to 100), ``mean_score``, each with ``_lower`` and
        ``_upper``; ``n_scores`` pupils behind ``mean_score``. Where nobody has a mark or a score the number is NaN.

    Raises
    ------
    MeasureError
        A column is missing, a mark is not 2, 3, 4 or 5, or weights or level are wrong.

    Notes
    -----
    ``pass_rate`` = (n3 + n4 + n5) / n, ``quality`` = (n4 + n5) / n, ``sou`` = (100 n5 + 64 n4 + 36 n3 + 16 n2) / n
    (Simonov's degree of learning). ``mean_score`` is of primary scores where a group has any, else of test scores.
    A class is a school's label of a class; without it the school. Shares of pupils of one class have Wilson's interval,
    those of several classes Wilson's at the effective sample size (`intervals.effective_size`); ``sou`` and
    ``mean_score`` have t intervals on n − 1 or, linearised, on classes − 1 degrees of freedom. An interval from several
    classes is never narrower than if the pupils had been drawn one by one.

    Examples
    --------
    >>> marks = pd.DataFrame({"school": "344", "class": "5А", "mark": [2, 3, 4, 5]})
    >>> summary(marks)[["n", "quality", "quality_lower", "sou"]].round(3).to_dict("records")
    [{'n': 4, 'quality': 0.5, 'quality_lower': 0.15, 'sou': 54.0}]
    """
    check_level(level)
    columns = [by] if isinstance(by, str) else list(by)
    _check_columns(results, ["mark", "school", *columns])
    pupils = frequency_weights(results, weights)
    mark = _read_marks(results["mark"])
    group, keys = grouped(results, columns)
    cluster = classes(results, group)

    def measure(values: Floats) -> Means:
        return clustered_means(values, pupils, group, cluster, len(keys))

    sou = measure(_points(mark))
    score = measure(_scores(results, group, len(keys)))
    count = np.where(sou.n > 0, sou.n, score.n)
    n_classes = np.where(sou.n > 0, sou.clusters, score.clusters)
    counts = {"n": _whole(count), "classes": n_classes, "interval": np.where(n_classes > 1, "clustered", "wilson")}
    rows = counts | _shares(mark, measure, sou, level)
    rows |= _bounds("sou", sou, bounded_interval(sou, SOU_POINTS[2], SOU_POINTS[5], level))
    rows |= _bounds("mean_score", score, mean_interval(score, level)) | {"n_scores": _whole(score.n)}
    return pd.concat([keys, pd.DataFrame(rows, index=keys.index)], axis=1)


def _check_columns(results: pd.DataFrame, columns: Sequence[str]) -> None:
    missing = [column for column in columns if column not in results]
    if missing:
        raise MeasureError("Column {column} is missing from the results.", column=repr(missing[0]))


def _read_marks(values: pd.Series) -> Floats:
    mark = as_numbers(values, "mark") if values.notna().any() else np.full(len(values), np.nan)
    wrong = ~np.isnan(mark) & ~np.isin(mark, MARKS)
    if wrong.any():
        raise MeasureError(
            "Mark {mark} in row {row} is not one of 2, 3, 4, 5: correct it, or leave it empty for an absent pupil.",
            mark=float(mark[wrong][0]),
            row=int(np.flatnonzero(wrong)[0]) + 1,
        )
    return mark


def _points(mark: Floats) -> Floats:
    return np.select([mark == value for value in MARKS], [SOU_POINTS[value] for value in MARKS], np.nan)


def _scores(results: pd.DataFrame, group: Codes, n_groups: int) -> Floats:
    """Return primary scores where a pupil's group has any, else test scores."""
    primary, test = (_column(results, name) for name in ("primary_score", "test_score"))
    has_primary = sum_by(group, np.isfinite(primary).astype(float), n_groups) > 0
    return np.where(has_primary[group], primary, test)


def _column(results: pd.DataFrame, name: str) -> Floats:
    return numbers(results, name) if name in results else np.full(len(results), np.nan)


def _shares(mark: Floats, measure: Callable[[Floats], Means], sou: Means, level: float) -> dict[str, Floats]:
    rows: dict[str, Floats] = {}
    for name, marks in SHARES.items():
        share = measure(np.where(np.isnan(mark), np.nan, np.isin(mark, marks)))
        rows |= _bounds(name, share, share_interval(share, level, fallback=sou))
    return rows


def _bounds(name: str, means: Means, interval: tuple[Floats, Floats]) -> dict[str, Floats]:
    return {name: means.mean, f"{name}_lower": interval[0], f"{name}_upper": interval[1]}


def _whole(count: Floats) -> Floats | NDArray[np.int64]:
    return count.astype(np.int64) if np.array_equal(count, np.round(count)) else count
