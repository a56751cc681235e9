"""Results that would start a rule of the model: tasks below a threshold, shares above a limit, and how surely."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.grouping import classes, grouped
from oko.measures.intervals import bounded_interval, check_level, clustered_means

WHERE = ("assessment", "school", "class", "item")
COLUMNS = (*WHERE, "n", "value", "lower", "upper", "limit", "triggered", "sure")


def tasks_below(
    points: Mapping[str, pd.DataFrame],
    items: pd.DataFrame,
    limits: Mapping[str, float],
    by: Sequence[str] = ("school",),
    *,
    fewest: int = 10,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return every task of every school or class with its facility, and whether it lies below the limit of its level.

    Parameters
    ----------
    points : mapping of assessment to DataFrame, pupils × items
        Points on an index of school, class and pupil; NaN where a task was not administered.
    items : DataFrame
        assessment, item, max_score, level.
    limits : mapping of level to facility (0 to 1)
        A task whose level is unknown, or has no limit, is left out.
    by : sequence of str, default ("school",)
        ("school",) or ("school", "class").
    fewest : int, default 10
        Groups with fewer pupils on a task are left out.
    level : float, default 0.95

    Returns
    -------
    DataFrame
        assessment, school, class ("" by school), item, n, value (facility), lower, upper, limit; triggered: the
        facility is below the limit; sure: its whole interval is.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["344"], ["7А"], range(10)], names=["school", "class", "pupil"])
    >>> items = pd.DataFrame({"assessment": ["w"], "item": ["1"], "max_score": [2.0], "level": ["basic"]})
    >>> found = tasks_below({"w": pd.DataFrame({"1": [1.0, 0.0] * 5}, index)}, items, {"basic": 0.57})
    >>> found[["school", "item", "n", "value", "triggered", "sure"]].values.tolist()
    [['344', '1', 10, 0.25, True, True]]
    """
    check_level(level)
    known = items.assign(limit=items["level"].map(dict(limits))).dropna(subset=["limit", "max_score"])
    frames = []
    for name, wide in points.items():
        rows = known[(known["assessment"] == name) & known["item"].isin(wide.columns) & (known["max_score"] > 0)]
        if len(rows) and len(wide):
            frames.append(_work(name, wide, rows, list(by), level))
    found = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(COLUMNS))
    return _kept(found, fewest)


def _work(name: str, wide: pd.DataFrame, rows: pd.DataFrame, by: list[str], level: float) -> pd.DataFrame:
    pupils = wide.index.to_frame(index=False)
    group, keys = grouped(pupils, by)
    cluster, ones = classes(pupils, group), np.ones(len(pupils))
    found = []
    for item, most, limit in rows[["item", "max_score", "limit"]].itertuples(index=False):
        means = clustered_means(wide[item].to_numpy(dtype=float) / most, ones, group, cluster, len(keys))
        lower, upper = bounded_interval(means, 0.0, 1.0, level)
        here = {"n": means.n, "value": means.mean, "lower": lower, "upper": upper}
        found.append(keys.assign(assessment=name, item=str(item), limit=float(limit), **here))
    whole = pd.concat(found, ignore_index=True)
    return whole.assign(triggered=whole["value"] < whole["limit"], sure=whole["upper"] < whole["limit"])


def shares_above(found: pd.DataFrame, share: str, limit: float, *, fewest: int = 10) -> pd.DataFrame:
    """Return every school and work with a share, and whether it lies above the limit.

    Parameters
    ----------
    found : DataFrame
        assessment, school, n, the share with ``_lower`` and ``_upper``: from `marks.summary` or `bias.against_journal`.
    share : str
    limit : float
    fewest : int, default 10

    Returns
    -------
    DataFrame
        As of `tasks_below`, class and item "".

    Raises
    ------
    MeasureError
        A column is missing.
    """
    needed = ["assessment", "school", "n", share, f"{share}_lower", f"{share}_upper"]
    missing = [column for column in needed if column not in found]
    if missing:
        raise MeasureError("The shares lack the column {column}.", column=repr(missing[0]))
    rows = found[needed].dropna(subset=share)
    rows = rows.rename(columns={share: "value", f"{share}_lower": "lower", f"{share}_upper": "upper"})
    told = rows.assign(item="", limit=limit, triggered=rows["value"] > limit, sure=rows["lower"] > limit)
    return _kept(told, fewest)


def zones_found(profile: pd.DataFrame, kind: str = "deficit") -> pd.DataFrame:
    """Return every school and task of `zones.profiles`, or every task of `zones.shared`, and which are deficits.

    What is named a deficit there is told from chance already, so it is sure too.

    Parameters
    ----------
    profile : DataFrame
        unit (the assessment), target (the task), n, residual, lower, upper, kind; school, where it goes by school.
    kind : str
    """
    rows = profile.rename(columns={"unit": "assessment", "target": "item", "residual": "value"})
    rows = rows if "school" in rows else rows.assign(school="")
    told = (rows["kind"] == kind).to_numpy(dtype=bool)
    return _kept(rows.assign(limit=0.0, triggered=told, sure=told).dropna(subset="value"), 1)


def all_works(results: pd.DataFrame, *, fewest: int = 10) -> pd.DataFrame:
    """Return every work of every school: what is told each time.

    Parameters
    ----------
    results : DataFrame
        assessment, school, status.
    fewest : int, default 10
    """
    took = results[results["status"] == "took"]
    rows = took.groupby(["assessment", "school"], observed=True).size().rename("n").reset_index()
    empty = dict.fromkeys(("value", "lower", "upper", "limit"), np.nan)
    return _kept(rows.assign(item="", triggered=True, sure=True, **empty), fewest)


def _kept(found: pd.DataFrame, fewest: int) -> pd.DataFrame:
    rows = found[found["n"].to_numpy(dtype=float) >= fewest].copy()
    if "class" not in rows:
        rows["class"] = ""
    for column in WHERE:
        rows[column] = rows[column].astype("str")
    kept = rows[list(COLUMNS)].astype({"n": "int64", "triggered": "bool", "sure": "bool"})
    return kept.sort_values(list(WHERE), kind="stable", ignore_index=True)


def counted(found: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Count what was looked at, what would have started a rule, and what surely so.

    Parameters
    ----------
    found : DataFrame
        ``triggered``, ``sure`` and the columns of ``by``.
    by : sequence of str

    Returns
    -------
    DataFrame
        The by-columns, ``looked_at``, ``triggered``, ``sure``.

    Examples
    --------
    >>> found = pd.DataFrame({"rule": ["a", "a"], "triggered": [True, False], "sure": [False, False]})
    >>> counted(found, ["rule"]).values.tolist()
    [['a', 2, 1, 0]]
    """
    groups = found.groupby(list(by), sort=True)
    sums = groups[["triggered", "sure"]].sum().astype("int64")
    return groups.size().rename("looked_at").to_frame().join(sums).reset_index()
