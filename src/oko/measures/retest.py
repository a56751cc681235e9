"""The same tasks given twice: how much more was earned on each skill the second time, with the error of the change."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from oko.measures.grouping import classes, grouped
from oko.measures.intervals import check_level, clustered_means
from oko.measures.multiplicity import adjusted
from oko.measures.responses import Floats

FEWEST_ITEMS = 3
COLUMNS = (
    "skill", "n_items", "paired", "schools", "n_before", "n", "before", "after", "change", "se", "df", "lower", "upper",
    "p", "p_adjusted",
)  # fmt: skip
TARGETS = "targets_less_others"


def same_tasks(assessments: pd.DataFrame, items: pd.DataFrame, year: str) -> tuple[tuple[str, str], ...]:
    """Return pairs of an earlier and a later work that have the same tasks, the later in the school year.

    Parameters
    ----------
    assessments : DataFrame
        assessment, procedure, subject, material_grade, year, season.
    items : DataFrame
        assessment, item, max_score, label.
    year : str

    Returns
    -------
    tuple of (str, str)
        Own works (procedure "control") alone: forms of other procedures share a structure, not their tasks. For each
        later work the latest earlier one.
    """
    own = assessments[assessments["procedure"] == "control"].sort_values(["year", "assessment"])
    tasks = {
        str(name): frozenset(rows[["item", "max_score", "label"]].fillna("").itertuples(index=False, name=None))
        for name, rows in items[items["assessment"].isin(own["assessment"])].groupby("assessment")
    }
    found = []
    for later in own[own["year"] == year].to_dict("records"):
        alike = (own["subject"] == later["subject"]) & (own["assessment"] != later["assessment"])
        alike &= own["material_grade"].eq(later["material_grade"]) & (own["year"] < year)
        for earlier in list(own[alike]["assessment"])[::-1]:
            common = tasks.get(earlier, frozenset()) & tasks.get(later["assessment"], frozenset())
            if len(common) >= FEWEST_ITEMS:
                found.append((str(earlier), str(later["assessment"])))
                break
    return tuple(found)


def skill_changes(
    before: pd.DataFrame,
    after: pd.DataFrame,
    max_scores: pd.Series,
    skills: Mapping[str, list[str]],
    targets: tuple[str, ...] = (),
    *,
    fewest: int = 10,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Return how the share of points on each skill changed between two sittings of the same tasks.

    Parameters
    ----------
    before, after : DataFrame, pupils × items
        Points on an index of school, class, pupil.
    max_scores : Series, index item
    skills : mapping of skill to its items
    targets : tuple of str
        Skills that the schools worked on; with others beside them there is a row "targets_less_others", the change of
        the difference within a pupil, which is free of how able the pupils are in general.
    fewest : int, default 10
        Schools with fewer pupils in one of the sittings are left out.
    level : float, default 0.95

    Returns
    -------
    DataFrame
        skill, n_items, paired (the same pupils sat both), schools, n_before, n; before, after (means over
        schools), change with se, df, lower, upper, p, and p_adjusted (Holm over the rows). Without a school in both
        sittings there are no rows.

    Notes
    -----
    Schools count alike and are taken as they are; classes within them are what was drawn:
    :math:`d = \frac1S \sum_s (\bar y_{s2} - \bar y_{s1}), var = \frac1{S^2} \sum_s (v_{s2} + v_{s1})`, v the larger of
    the variances by pupils and by classes (`intervals.clustered_means`), t on the degrees of freedom of the classes.
    Where at least ``fewest`` pupils of each school sat both, v is that of their own differences.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["344"], ["7А", "7Б"], range(10)], names=["school", "class", "pupil"])
    >>> first, later = (pd.DataFrame({"1": values}, index) for values in ([0.0, 1.0] * 10, [1.0, 1.0] * 10))
    >>> found = skill_changes(first, later, pd.Series({"1": 1.0}), {"charts": ["1"]})
    >>> found[["skill", "paired", "before", "after", "change"]].values.tolist()
    [['charts', True, 0.5, 1.0, 0.5]]
    """
    check_level(level)
    rows = []
    shares = {
        skill: (_share(before, items, max_scores), _share(after, items, max_scores)) for skill, items in skills.items()
    }
    counted = {skill: len(items) for skill, items in skills.items()}
    others = [item for skill, items in skills.items() if skill not in targets for item in items]
    aims = [item for skill, items in skills.items() if skill in targets for item in items]
    aims, others = list(dict.fromkeys(aims)), [item for item in dict.fromkeys(others) if item not in aims]
    if aims and others:
        first, second = (_share(sat, aims, max_scores) - _share(sat, others, max_scores) for sat in (before, after))
        shares[TARGETS], counted[TARGETS] = (first, second), len(aims) + len(others)
    for skill, (first, second) in shares.items():
        row = _change(first.dropna(), second.dropna(), fewest, level)
        if row is not None:
            rows.append({"skill": skill, "n_items": counted[skill], **row})
    found = pd.DataFrame(rows, columns=[name for name in COLUMNS if name != "p_adjusted"])
    return found.assign(p_adjusted=adjusted(found["p"].to_numpy(dtype=float), "holm"))[list(COLUMNS)]


def _share(sat: pd.DataFrame, items: list[str], most: pd.Series) -> pd.Series:
    share: pd.Series = sat[items].sum(axis=1, skipna=False) / float(most[items].sum())
    return share


def _change(first: pd.Series, second: pd.Series, fewest: int, level: float) -> dict[str, object] | None:
    sizes = [sat.groupby(level="school").size() for sat in (first, second)]
    schools = sorted(set.intersection(*({str(code) for code in size.index[size >= fewest]} for size in sizes)))
    if not schools:
        return None
    one, two = (sat[sat.index.get_level_values("school").isin(schools)] for sat in (first, second))
    both = _both(one, two)
    paired = bool((both.groupby("school").size().reindex(schools).fillna(0) >= fewest).all()) if len(both) else False
    if paired:
        before, after, moved = (_means(both, name) for name in ("before", "after", "change"))
        variance, freedom = moved[1], moved[2]
        n = (len(both), len(both))
    else:
        before, after = (_means(sat.rename("value").reset_index(), "value") for sat in (one, two))
        variance, freedom, n = before[1] + after[1], before[2] + after[2], (len(one), len(two))
    change, se = float((after[0] - before[0]).mean()), float(np.sqrt(variance.sum()) / len(schools))
    t = change / se if se > 0 else np.nan
    half = float(stdtrit(freedom, (1 + level) / 2)) * se if freedom > 0 else np.nan
    return {
        "paired": paired, "schools": len(schools), "n_before": n[0], "n": n[1], "before": float(before[0].mean()),
        "after": float(after[0].mean()), "change": change, "se": se, "df": freedom, "lower": change - half,
        "upper": change + half, "p": 2 * float(stdtr(freedom, -abs(t))) if freedom > 0 else np.nan,
    }  # fmt: skip


def _both(one: pd.Series, two: pd.Series) -> pd.DataFrame:
    first = one.rename("before").reset_index()[["school", "pupil", "before"]]
    second = two.rename("after").reset_index()
    both = second.merge(first, on=["school", "pupil"])
    return both.assign(change=both["after"] - both["before"])


def _means(rows: pd.DataFrame, column: str) -> tuple[Floats, Floats, float]:
    """Return the mean of each school, its variance, and the degrees of freedom of classes of all schools."""
    group, keys = grouped(rows, ["school"])
    means = clustered_means(
        rows[column].to_numpy(dtype=float), np.ones(len(rows)), group, classes(rows, group), len(keys)
    )
    return means.mean, np.fmax(means.simple, means.clustered), float((means.clusters - 1).sum())


def without_earlier(assessments: pd.DataFrame, items: pd.DataFrame, year: str) -> tuple[str, ...]:
    """Return the own works of a school year that have no earlier work of the same tasks (see `same_tasks`)."""
    met = {later for _, later in same_tasks(assessments, items, year)}
    own = assessments[(assessments["procedure"] == "control") & (assessments["year"] == year)]
    return tuple(str(name) for name in own["assessment"] if name not in met)
