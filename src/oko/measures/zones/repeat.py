"""What to repeat: skills and tasks of one school with the reason for each and how certain it is."""

from __future__ import annotations

import numpy as np
import pandas as pd

COLUMNS = (
    "scope", "unit", "target", "reason", "certainty", "n", "n_items", "facility", "lower", "upper", "expected", "limit",
)  # fmt: skip
MANY_NOT_COVERED = 0.2
LEAST = 10
LEAST_GAP = 0.02


def to_repeat(
    tasks: pd.DataFrame, by_task: pd.DataFrame, by_skill: pd.DataFrame, thresholds: pd.DataFrame
) -> pd.DataFrame:
    """List what a school should repeat, from the surest kind of reason down.

    Parameters
    ----------
    tasks : DataFrame
        From ``yearly.facilities`` of the school: assessment, item, level, n, facility, lower, upper, share_not_covered.
    by_task, by_skill : DataFrame
        Rows of the school from `profiles`, by task and by skill.
    thresholds : DataFrame, index level
        insufficient_below: the facility below which a task of this level is insufficiently done.

    Returns
    -------
    DataFrame
        ``scope`` ("skill", "task"), ``unit`` (of the profile, or the assessment), ``target`` (skill, item); ``reason``:
        "below_expected" (less than schools of this level show), "below_threshold" (of its level); ``certainty``:
        "certain" (told from chance, for profiles with the number of tests taken into account), "possible"; ``n``,
        ``n_items``, ``facility``, ``lower``, ``upper`` (of the facility; a skill has none), ``expected``, ``limit``
        (the threshold). A single task below the expected is listed where it is certain alone: of many tasks some are
        below by chance. A possible skill is listed where it lacks 0.02 of its points or more (our own bound: for less
        nobody would teach otherwise, and one hard task alone may have made it). A task whose topic a fifth of the
        pupils had not been taught is left out.

    Examples
    --------
    >>> task = {"assessment": "w", "item": "1", "level": "basic", "n": 80, "facility": 0.4, "lower": 0.3, "upper": 0.5}
    >>> limits = pd.DataFrame({"insufficient_below": [0.57]}, index=["basic"])
    >>> nothing = pd.DataFrame(columns=["kind", "upper", "expected", "facility"])
    >>> found = to_repeat(pd.DataFrame([task | {"share_not_covered": 0.0}]), nothing, nothing, limits)
    >>> found[["scope", "target", "reason", "certainty"]].values.tolist()
    [['task', '1', 'below_threshold', 'certain']]
    """
    parts = [_profile(by_skill, "skill"), _profile(by_task, "task"), _thresholds(tasks, thresholds)]
    found = [part for part in parts if len(part)]
    rows = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COLUMNS))
    return rows[list(COLUMNS)].reset_index(drop=True)


def _profile(rows: pd.DataFrame, scope: str) -> pd.DataFrame:
    certain = rows["kind"] == "deficit"
    wide = rows["expected"] - rows["facility"] >= LEAST_GAP
    kept = rows[certain | ((rows["upper"] < 0) & wide & (scope == "skill"))]
    if kept.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    certainty = np.where(kept["kind"] == "deficit", "certain", "possible")
    return kept.assign(
        scope=scope, reason="below_expected", certainty=certainty, lower=np.nan, upper=np.nan, limit=np.nan
    )


def _thresholds(tasks: pd.DataFrame, thresholds: pd.DataFrame) -> pd.DataFrame:
    limit = tasks["level"].map(thresholds["insufficient_below"]).astype("float64")
    taught = ~(tasks["share_not_covered"].astype("float64") >= MANY_NOT_COVERED)
    there = (tasks["n"] >= LEAST) & (tasks["facility"].astype("float64") < limit) & taught
    kept = tasks[there].assign(limit=limit[there])
    return kept.assign(
        scope="task", unit=kept["assessment"], target=kept["item"], reason="below_threshold", n_items=1,
        certainty=np.where(kept["upper"] < kept["limit"], "certain", "possible"), expected=np.nan,
    )  # fmt: skip
