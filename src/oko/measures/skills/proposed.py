"""Who is proposed for joint workshops and olympiads: pupils that the last work puts beyond a border with confidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from oko.measures.skills.border import Beyond, beyond_border, joined

SEASONS = ("autumn", "winter", "spring", "year")
SHARE, SURE = 0.25, 0.8
KINDS = {"support": "below", "olympiad": "above"}
_PUPILS = [
    "kind", "subject", "pupil_grade", "assessment", "school", "class", "pupil", "n_items", "score", "probability",
]  # fmt: skip
_RULES = [
    "kind", "subject", "pupil_grade", "assessment", "n", "n_schools", "n_items", "alpha", "border", "decides",
]  # fmt: skip
_RELIABILITY = ["skill", "pupil_grade", "n_items", "n", "alpha"]


@dataclass(frozen=True)
class Proposed:
    """Pupils proposed, and by what rule.

    Attributes
    ----------
    pupils : DataFrame
        kind (support, olympiad), subject, pupil_grade, assessment, school, class, pupil, n_items, score (share of the
        points), probability of lying beyond the border.
    rules : DataFrame
        One row a kind and work: n pupils looked at, n_schools, n_items, alpha, border (share of the points), decides:
        the share of the points that is just enough to be proposed (support: the most, olympiad: the least); NaN where
        no number of points is.
    """

    pupils: pd.DataFrame
    rules: pd.DataFrame


def proposed(
    points: Mapping[str, pd.DataFrame],
    works: pd.DataFrame,
    items: pd.DataFrame,
    share: float = SHARE,
    sure: float = SURE,
) -> Proposed:
    """Return whom the last work of each subject and grade proposes.

    Parameters
    ----------
    points : mapping of assessment to DataFrame
        Index school, class, pupil.
    works : DataFrame
        assessment, subject, pupil_grade, season.
    items : DataFrame
        assessment, item, max_score.
    share : float, default 0.25
        The lower and the upper share of the cluster's pupils that workshops and olympiads are for.
    sure : float, default 0.8
        Least probability of being among them (`border.beyond_border`).

    Examples
    --------
    >>> works = pd.DataFrame(columns=["assessment", "subject", "pupil_grade", "season"])
    >>> len(proposed({}, works, pd.DataFrame()).pupils)
    0
    """
    pupils, rules = [pd.DataFrame(columns=_PUPILS)], [pd.DataFrame(columns=_RULES)]
    for row in last_works(works[works["assessment"].isin(list(points))]).to_dict("records"):
        table = points[row["assessment"]]
        most = items[items["assessment"] == row["assessment"]].set_index("item")["max_score"]
        for kind, side in KINDS.items():
            found = beyond_border(table, most.loc[list(table.columns)], side, share=share)
            called = {"kind": kind, **{name: row[name] for name in ("subject", "pupil_grade", "assessment")}}
            chosen = found.pupils[found.pupils["probability"] >= sure]
            pupils.append(chosen.reset_index().assign(n_items=found.n_items, **called)[_PUPILS])
            rules.append(_rule(found, called, sure))
    return Proposed(_stacked(pupils), _stacked(rules))


def _rule(found: Beyond, called: dict[str, object], sure: float) -> pd.DataFrame:
    sign, of = 1 if called["kind"] == "support" else -1, found.pupils.index.get_level_values("school")
    mean, error = found.pupils["score"].mean(), found.pupils["se"].mean()
    share = mean + (found.border - sign * float(ndtri(sure)) * error - mean) / found.alpha
    decides = share if 0 <= share <= 1 else np.nan
    numbers = {"n": len(of), "n_schools": of.nunique(), "n_items": found.n_items}
    return pd.DataFrame([{**called, **numbers, "alpha": found.alpha, "border": found.border, "decides": decides}])


def _stacked(parts: list[pd.DataFrame]) -> pd.DataFrame:
    kept = [part for part in parts if len(part)]
    return pd.concat(kept, ignore_index=True)[list(parts[0].columns)] if kept else parts[0]


def last_works(works: pd.DataFrame) -> pd.DataFrame:
    """Return the last work of each subject and grade of pupils.

    Examples
    --------
    >>> rows = [("a", "physics", 8, "autumn"), ("s", "physics", 8, "spring")]
    >>> works = pd.DataFrame(rows, columns=["assessment", "subject", "pupil_grade", "season"])
    >>> last_works(works)["assessment"].tolist()
    ['s']
    """
    place = {season: number for number, season in enumerate(SEASONS)}
    keys = ["subject", "pupil_grade"]
    ordered = works.assign(_place=works["season"].map(place)).sort_values(
        [*keys, "_place", "assessment"], kind="stable"
    )
    return ordered.dropna(subset=keys).drop_duplicates(keys, keep="last").drop(columns="_place")


def reliability_of_skills(
    points: Mapping[str, pd.DataFrame], works: pd.DataFrame, items: pd.DataFrame, asked: pd.DataFrame
) -> pd.DataFrame:
    """Return how far single pupils could be told apart by the tasks of one skill of the whole year.

    Parameters
    ----------
    points, works, items
        As of `proposed`.
    asked : DataFrame
        assessment, item, skill.

    Returns
    -------
    DataFrame
        skill, pupil_grade, n_items, n pupils who were given all of them, alpha: NaN under three tasks or 30 pupils.
    """
    known = asked.merge(works[["assessment", "pupil_grade"]], on="assessment").merge(items, on=["assessment", "item"])
    rows = []
    for (skill, grade), tasks in known.groupby(["skill", "pupil_grade"], sort=True):
        wide = joined(points, tasks)
        if not len(wide):
            continue
        most = tasks.assign(task=tasks["assessment"] + " " + tasks["item"]).set_index("task")["max_score"]
        found = beyond_border(wide, most.loc[list(wide.columns)], "below", share=SHARE)
        rows.append((skill, grade, found.n_items, int(wide.notna().all(axis=1).sum()), found.alpha))
    return pd.DataFrame(rows, columns=_RELIABILITY)
