"""Ceilings: how many pupils a test could not tell apart because they had all its points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.evidence.columns import check_columns, group_codes, read_numbers
from oko.measures.intervals import Floats, check_level, clustered_means, share_interval
from oko.measures.statement import Statement, whole
from oko.measures.weights import Codes, Weights, as_codes, frequency_weights

CEILING = 0.15


def ceiling(
    data: pd.DataFrame,
    score: str = "primary_score",
    max_score: str | float = "max_score",
    by: Sequence[str] = (),
    cluster: str | None = None,
    weights: Weights = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the shares of pupils at the maximum of a test, and within one point of it.

    Parameters
    ----------
    data : DataFrame, one row a pupil
    score : str
        Points, 0 or more; pupils without points do not count.
    max_score : str or float
        Column of the greatest points, or the number itself.
    by : sequence of str
        Columns of groups: the wave, the group of schools.
    cluster : str, optional
        Column of classes or schools: intervals then take them as what was drawn.
    weights : str, Series, array or None
        How many pupils a row stands for.
    level : float, default 0.95

    Returns
    -------
    DataFrame, index ``by`` ("all" without groups)
        ``n``, ``max_score`` (NaN where it differs in the group); ``share_max``, ``lower``, ``upper``; ``share_near``
        (within one point, the maximum included), ``near_lower``, ``near_upper``; ``reached``: the share is above 15 %.
        Statements: ``evidence_ceiling`` (there quantiles or item response models are to be reported instead of means),
        ``evidence_ceiling_all`` (all pupils have all points), ``evidence_ceiling_unknown`` (no pupil has points).

    Raises
    ------
    MeasureError
        A column is missing or not numeric, points are below 0 or above the maximum, or level or weights are wrong.

    Notes
    -----
    Wilson's interval; with clusters at the effective size (`intervals.share_interval`). The limit of 15 % is that of
    reference/methods.md, 3.2 (Koedel & Betts 2010 studied ceilings, the limit itself is this project's).

    Examples
    --------
    >>> pupils = pd.DataFrame({"primary_score": [10, 10, 9, 3], "max_score": 10})
    >>> ceiling(pupils)[["n", "share_max", "share_near", "reached"]].to_dict("list")
    {'n': [4], 'share_max': [0.5], 'share_near': [0.75], 'reached': [True]}
    """
    check_level(level)
    names = [by] if isinstance(by, str) else list(by)
    points, most = _points(data, score, max_score)
    pupils = np.where(np.isnan(points), 0.0, frequency_weights(data, weights))
    codes, keys = group_codes(data, names) if names else (np.zeros(len(data), dtype=np.int64), pd.DataFrame())
    size = len(keys) if names else min(len(data), 1)
    own = _clusters(data, cluster, codes)
    kept = (codes >= 0) & (own >= 0)
    points, most, pupils = points[kept], most[kept], pupils[kept]
    codes, own = codes[kept], own[kept]
    columns: dict[str, Floats] = {}
    for name, reach in (("max", 0.0), ("near", 1.0)):
        indicator = np.where(np.isnan(points), np.nan, (points >= most - reach - 1e-9).astype(float))
        means = clustered_means(indicator, pupils, codes, own, size)
        spread = clustered_means(points, pupils, codes, own, size)
        lower, upper = share_interval(means, level, spread)
        columns |= {f"share_{name}": means.mean, f"{name}_lower": lower, f"{name}_upper": upper, "n": means.n}
    index = pd.MultiIndex.from_frame(keys) if len(names) > 1 else pd.Index(keys[names[0]]) if names else _one(size)
    frame = pd.DataFrame(columns, index=index).rename(columns={"max_lower": "lower", "max_upper": "upper"})
    frame["max_score"] = _common(most, codes, size)
    frame["reached"] = frame["share_max"] > CEILING
    frame["n"] = frame["n"].astype("int64") if np.array_equal(frame["n"], frame["n"].round()) else frame["n"]
    frame = frame[
        ["n", "max_score", "share_max", "lower", "upper", "share_near", "near_lower", "near_upper", "reached"]
    ]
    frame.attrs["statements"] = tuple(_remarks(frame, whole_only=not names))
    return frame


def ceiling_change(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    r"""Return how much the shares at the maximum differ between two waves.

    Parameters
    ----------
    before, after : DataFrame
        From `ceiling`, of other pupils or of the same, on the same index; groups that stand in one do not count.

    Returns
    -------
    DataFrame, the index of both
        ``before``, ``after``: shares at the maximum; ``difference`` with ``lower``, ``upper``.

    Raises
    ------
    MeasureError
        A column is missing or a group stands twice.

    Notes
    -----
    Newcombe's hybrid interval (1998, Statistics in Medicine 17, 873–890), from the two intervals of the shares:
    :math:`d - \sqrt{(p_2 - l_2)^2 + (u_1 - p_1)^2}` and so on. It takes the two waves as different pupils; where
    they are the same the interval is wider than needed.

    Examples
    --------
    >>> first = ceiling(pd.DataFrame({"primary_score": [10, 3], "max_score": 10}))
    >>> ceiling_change(first, first)[["before", "after", "difference"]].to_dict("list")
    {'before': [0.5], 'after': [0.5], 'difference': [0.0]}
    """
    for frame in (before, after):
        check_columns(frame, "share_max", "lower", "upper")
        if not frame.index.is_unique:
            raise MeasureError("A group stands twice in a table of ceilings: leave one row for each.")
    both = before.index.intersection(after.index)
    one, two = before.loc[both], after.loc[both]
    difference = two["share_max"] - one["share_max"]
    down = np.hypot(two["share_max"] - two["lower"], one["upper"] - one["share_max"])
    up = np.hypot(two["upper"] - two["share_max"], one["share_max"] - one["lower"])
    columns = {"before": one["share_max"], "after": two["share_max"], "difference": difference}
    return pd.DataFrame({**columns, "lower": difference - down, "upper": difference + up})


def _one(size: int) -> pd.Index:
    return pd.Index(["all"] * size, name="group")


def _points(data: pd.DataFrame, score: str, max_score: str | float) -> tuple[Floats, Floats]:
    points = read_numbers(data, score, 0)
    most = read_numbers(data, max_score, 0) if isinstance(max_score, str) else np.full(len(data), float(max_score))
    known = most[np.isfinite(points)]
    if not (np.isfinite(known) & (known > 0)).all():
        raise MeasureError("There is no greatest score above 0: give the column or the number of max_score.")
    over = points > most + 1e-9
    if over.any():
        row = int(np.flatnonzero(over)[0])
        raise MeasureError(
            "Row {row}: {points} points are above the maximum of {most}; correct the score or the maximum.",
            row=row + 1,
            points=float(points[row]),
            most=float(most[row]),
        )
    return points, most


def _clusters(data: pd.DataFrame, cluster: str | None, codes: Codes) -> Codes:
    """Return numbers of clusters that no two groups share."""
    if cluster is None:
        return codes
    check_columns(data, cluster)
    own, labels = as_codes(data[cluster])
    pairs = np.where((own < 0) | (codes < 0), -1, codes * max(len(labels), 1) + own)
    present, numbered = np.unique(pairs, return_inverse=True)
    return np.asarray(numbered - int((present < 0).any()), dtype=np.int64)


def _common(most: Floats, codes: Codes, size: int) -> Floats:
    least, greatest = np.full(size, np.inf), np.full(size, -np.inf)
    known = np.isfinite(most)
    np.minimum.at(least, codes[known], most[known])
    np.maximum.at(greatest, codes[known], most[known])
    return np.where(least == greatest, least, np.nan)


def _remarks(frame: pd.DataFrame, *, whole_only: bool) -> list[Statement]:
    """Say where the work reaches its ceiling, by name where there are groups."""
    said = []
    empty = frame["n"] == 0
    if empty.any():
        said.append(Statement("evidence_ceiling_unknown", {"units": () if whole_only else _named(frame.index[empty])}))
    full = frame["share_max"] == 1
    if full.any():
        said.append(Statement("evidence_ceiling_all", {"units": () if whole_only else _named(frame.index[full])}))
    high = frame["reached"] & ~full
    if high.any():
        most, n = float(frame.loc[high, "share_max"].max()), whole(float(frame.loc[high, "n"].sum()))
        values = {"units": () if whole_only else _named(frame.index[high]), "share": most, "limit": CEILING, "n": n}
        said.append(Statement("evidence_ceiling", values))
    return said


def _named(index: pd.Index) -> tuple[str, ...]:
    return tuple(", ".join(map(str, name)) if isinstance(name, tuple) else str(name) for name in index)
