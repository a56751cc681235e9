"""Target tasks against the other tasks, in the cluster and in comparison schools, before and after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from oko.errors import MeasureError
from oko.measures.evidence.columns import check_named, check_once, flag_of_schools, read_flags, read_numbers
from oko.measures.intervals import Floats, check_level
from oko.measures.statement import Statement

FEWEST_DF = 5
_KEYS = ("school", "stratum", "period", "item")
Found: TypeAlias = tuple[float, float, float, float, float, float]
_UNKNOWN: Found = (np.nan, np.nan, np.nan, np.nan, np.nan, np.nan)


@dataclass(frozen=True)
class TargetTasks:
    """What target tasks gained beyond the others.

    Attributes
    ----------
    estimate, se, df, lower, upper, p : float
        Triple difference: (target − other tasks) × (after − baseline) × (cluster − comparison), schools as what was
        drawn; NaN where the targets were chosen on the baseline. Interval and p NaN with df below 5.
    lines : DataFrame, index ``treated``, ``target``, ``period`` (the baseline before the other)
        ``schools``, ``value``: mean over schools; ``lower``, ``upper`` (t over schools).
    schools : DataFrame, index ``school``
        ``treated``; ``target``, ``other``: changes from baseline to after; ``difference`` of the two.
    choice : DataFrame, index ``start``
        What the same choice would show in groups of comparison schools where nothing was done: rows ``selection``
        (the change counted from the wave of the choice) and ``baseline``; ``mean``, ``sd``, ``lower``, ``upper``
        (2.5 and 97.5 % of groups), ``groups``.
    statements : tuple of Statement
    """

    estimate: float
    se: float
    df: float
    lower: float
    upper: float
    p: float
    lines: pd.DataFrame
    schools: pd.DataFrame
    choice: pd.DataFrame
    statements: tuple[Statement, ...]


def target_tasks(
    data: pd.DataFrame,
    selection: object,
    baseline: object,
    after: object,
    value: str = "facility",
    unit: str = "share",
    groups: int = 200,
    seed: int = 20210415,
    level: float = 0.95,
) -> TargetTasks:
    r"""Compare how target tasks and other tasks changed in the cluster and in comparison schools.

    Parameters
    ----------
    data : DataFrame, one row a school, stratum, period and task
        ``school``, ``stratum`` (a subject and the grade of its material; may be left out), ``period``, ``item``,
        ``treated`` (1 cluster, 0 comparison), ``target`` (1 where the task was chosen, 0 other; the same in all rows of
        a task) and the column of values: facilities, or means in standard deviations.
    selection : object
        Period on whose results the targets were chosen; it need not be in the data.
    baseline, after : object
        Periods compared.
    value : str, default "facility"
    unit : {"share", "sd"}
        What the values are: shares from 0 to 1, or standard deviations.
    groups : int, default 200
        Groups of comparison schools for ``choice``.
    seed : int
    level : float, default 0.95

    Returns
    -------
    TargetTasks
        Statements: ``evidence_selected_on_baseline``, ``evidence_no_targets``, ``evidence_no_others``,
        ``evidence_no_school_compared``, ``evidence_few_df``, ``evidence_choice_rises`` (what the choice alone shows),
        ``evidence_choice_unknown``.

    Raises
    ------
    MeasureError
        A column is missing or wrong, a task stands twice in a school and period, a task is a target in some rows only,
        baseline and after are the same, the unit is unknown, or a share is outside 0 to 1.

    Notes
    -----
    Tasks count alike within a stratum, strata alike within a school, schools alike. Each school gives one number, the
    change of its target tasks less that of its other tasks; the estimate is the difference of the two groups' means
    with Welch's standard error. ``choice``: as many comparison schools as the cluster has are drawn, as many tasks a
    stratum as there are targets are chosen where the group is lowest against the other comparison schools in the
    selection wave, and the same triple difference is computed for them: targets chosen for being low rise by
    themselves from the wave of the choice, and less so from another.

    Examples
    --------
    >>> rows = [(s, p, i, t, int(i == "1"), 0.5 + 0.1 * (p == 1) * (i == "1") * t + 0.01 * k * p * (i == "1"))
    ...         for k, (s, t) in enumerate([("a", 1), ("b", 1), ("c", 0), ("d", 0)]) for p in (0, 1) for i in "12"]
    >>> frame = pd.DataFrame(rows, columns=["school", "period", "item", "treated", "target", "facility"])
    >>> round(target_tasks(frame, selection=-1, baseline=0, after=1).estimate, 3)
    0.08
    """
    check_level(level)
    if groups < 1:
        raise MeasureError("{name} = {value} must be above 0.", name="groups", value=groups)
    rows = _read(data, value, baseline, after)
    _check_unit(rows["value"], unit)
    said = []
    if selection == baseline:
        said.append(Statement("evidence_selected_on_baseline", {"period": str(baseline)}))
    for flag, statement in ((1, Statement("evidence_no_targets")), (0, Statement("evidence_no_others"))):
        if not (rows["target"] == flag).any():
            said.append(statement)
    schools = _changes(rows, baseline, after)
    found = _welch(schools, level)
    if not (schools["treated"] == 1).any() or not (schools["treated"] == 0).any():
        said.append(Statement("evidence_no_school_compared"))
    elif not found[2] >= FEWEST_DF and selection != baseline:
        said.append(Statement("evidence_few_df", {"df": found[2], "needed": FEWEST_DF}))
    if selection == baseline:
        found = _UNKNOWN
    choice = _choice(rows, selection, baseline, after, groups, seed)
    said += _choice_remarks(choice, unit)
    return TargetTasks(*found, _lines(rows, baseline, after, level), schools, choice, tuple(said))


def _read(data: pd.DataFrame, value: str, baseline: object, after: object) -> pd.DataFrame:
    frame = data if "stratum" in data else data.assign(stratum="all")
    check_named(frame, *_KEYS)
    check_once(frame, *_KEYS)
    flags = flag_of_schools(frame, "school", "treated")
    if baseline == after:
        raise MeasureError("Baseline and after are both {period}: name two periods.", period=baseline)
    rows = pd.DataFrame({key: frame[key].astype(object).to_numpy() for key in _KEYS})
    rows["treated"] = flags.reindex(rows["school"]).to_numpy()
    rows["target"] = read_flags(frame, "target").astype(int)
    rows["value"] = read_numbers(frame, value)
    both = rows.groupby(["stratum", "item"])["target"].nunique()
    if (both > 1).any():
        raise MeasureError(
            "Task {item} is a target in some rows and not in others.", item=repr(both.index[both > 1][0][1])
        )
    return rows[rows["value"].notna()]


def _check_unit(values: pd.Series, unit: str) -> None:
    if unit not in ("share", "sd"):
        raise MeasureError("Unit {name} is unknown: choose 'share' or 'sd'.", name=repr(unit))
    outside = values[(values < -1e-9) | (values > 1 + 1e-9)]
    if unit == "share" and len(outside):
        raise MeasureError(
            "A share of {value} is outside 0 to 1: correct it, or give unit='sd'.", value=float(outside.iloc[0])
        )


def _changes(rows: pd.DataFrame, start: object, end: object) -> pd.DataFrame:
    """Return for each school the changes of its target and of its other tasks, over tasks met in both periods."""
    wide = rows[rows["period"].isin([start, end])].pivot_table(
        index=["school", "treated", "stratum", "item", "target"], columns="period", values="value", aggfunc="mean"
    )
    for period in (start, end):
        if period not in wide:
            wide[period] = np.nan
    change = (wide[end] - wide[start]).dropna()
    kinds = change.groupby(["school", "treated", "stratum", "target"]).mean().unstack("target")
    kinds = kinds.reindex(columns=[1, 0]).dropna().groupby(["school", "treated"]).mean()
    frame = kinds.set_axis(["target", "other"], axis=1).reset_index("treated")
    return frame.assign(difference=frame["target"] - frame["other"])


def _welch(schools: pd.DataFrame, level: float) -> Found:
    one, other = (schools.loc[schools["treated"] == flag, "difference"].to_numpy(dtype=float) for flag in (1, 0))
    if not len(one) or not len(other):
        return _UNKNOWN
    estimate = float(one.mean() - other.mean())
    if len(one) < 2 or len(other) < 2:
        return estimate, np.nan, np.nan, np.nan, np.nan, np.nan
    parts = np.array([one.var(ddof=1) / len(one), other.var(ddof=1) / len(other)])
    se = float(np.sqrt(parts.sum()))
    if se <= 1e-12 * max(abs(estimate), 1e-300):
        return estimate, se, np.nan, np.nan, np.nan, np.nan
    df = float(parts.sum() ** 2 / (parts**2 / np.array([len(one) - 1, len(other) - 1])).sum())
    if df < FEWEST_DF:
        return estimate, se, df, np.nan, np.nan, np.nan
    half = float(stdtrit(df, (1 + level) / 2)) * se
    return estimate, se, df, estimate - half, estimate + half, float(2 * stdtr(df, -abs(estimate / se)))


def _lines(rows: pd.DataFrame, baseline: object, after: object, level: float) -> pd.DataFrame:
    shown = rows[rows["period"].isin([baseline, after])]
    means = shown.groupby(["treated", "target", "period", "school", "stratum"])["value"].mean()
    of_schools = means.groupby(["treated", "target", "period", "school"]).mean()
    found = of_schools.groupby(["treated", "target", "period"]).agg(["count", "mean", "std"])
    found = found.sort_index(
        key=lambda level: level.map({baseline: 0, after: 1}) if level.name == "period" else level, kind="stable"
    )
    count = found["count"].to_numpy(dtype=float)
    half = stdtrit(np.maximum(count - 1, 1), (1 + level) / 2) * found["std"].to_numpy() / np.sqrt(count)
    return pd.DataFrame(
        {
            "schools": found["count"],
            "value": found["mean"],
            "lower": found["mean"] - half,
            "upper": found["mean"] + half,
        }
    )


def _choice(
    rows: pd.DataFrame, selection: object, baseline: object, after: object, groups: int, seed: int
) -> pd.DataFrame:
    """Return what the same choice shows in groups of comparison schools."""
    size = int(rows.loc[rows["treated"] == 1, "school"].nunique())
    wanted = rows[rows["target"] == 1].groupby("stratum")["item"].nunique()
    others = rows[rows["treated"] == 0]
    cube = {period: _wide(others, period) for period in (selection, baseline, after)}
    names = sorted(set(others["school"]), key=str)
    starts = ["selection"] if selection == baseline else ["selection", "baseline"]
    frame = pd.DataFrame(np.nan, pd.Index(starts, name="start"), ["mean", "sd", "lower", "upper", "groups"])
    if not 0 < size < len(names) - 1 or not len(wanted) or cube[selection].empty:
        return frame.assign(groups=0)
    common = cube[selection].columns.intersection(cube[baseline].columns).intersection(cube[after].columns)
    arrays = {period: wide.reindex(index=names, columns=common).to_numpy() for period, wide in cube.items()}
    strata = common.get_level_values("stratum").to_numpy(dtype=object)
    rng = np.random.default_rng(seed)
    draws = [np.isin(np.arange(len(names)), rng.choice(len(names), size, replace=False)) for _ in range(groups)]
    for start, period in zip(starts, (selection, baseline), strict=False):
        found = np.array([_triple(arrays, ours, strata, wanted, selection, period, after) for ours in draws])
        known = found[np.isfinite(found)]
        if len(known) > 1:
            low, high = np.quantile(known, [0.025, 0.975])
            frame.loc[start] = [known.mean(), known.std(ddof=1), low, high, len(known)]
    return frame.fillna({"groups": 0}).astype({"groups": int})


def _wide(rows: pd.DataFrame, period: object) -> pd.DataFrame:
    own = rows[rows["period"] == period]
    return own.pivot(index="school", columns=["stratum", "item"], values="value")


def _triple(
    arrays: dict[object, Floats], ours: np.ndarray, strata: np.ndarray, wanted: pd.Series,
    selection: object, start: object, end: object,
) -> float:  # fmt: skip
    """Choose the lowest tasks of a group and return the triple difference of that choice, strata alike."""
    gap = _mean(arrays[selection][ours]) - _mean(arrays[selection][~ours])
    change = arrays[end] - arrays[start]
    apart = _mean(change[ours]) - _mean(change[~ours])
    found = []
    for stratum, count in wanted.items():
        own = np.flatnonzero((strata == stratum) & np.isfinite(gap) & np.isfinite(apart))
        if 0 < count < len(own):
            order = own[np.argsort(gap[own], kind="stable")]
            found.append(apart[order[:count]].mean() - apart[order[count:]].mean())
    return float(np.mean(found)) if found else np.nan


def _mean(values: Floats) -> Floats:
    known = np.isfinite(values)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known, values, 0).sum(axis=0) / known.sum(axis=0), dtype=np.float64)


def _choice_remarks(choice: pd.DataFrame, unit: str) -> list[Statement]:
    groups, means = choice["groups"].to_dict(), choice["mean"].astype(float).to_dict()
    if not groups["selection"] > 0:
        return [Statement("evidence_choice_unknown")]
    values = {
        "selection": means["selection"], "baseline": means.get("baseline", np.nan), "groups": int(groups["selection"]),
        "unit": unit,
    }  # fmt: skip
    return [Statement("evidence_choice_rises", values)]
