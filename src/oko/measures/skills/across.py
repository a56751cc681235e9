"""Skills across a year's works: by work and subject, between subjects, against a tool of the cluster's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from oko.measures.schools import value_added
from oko.measures.skills.border import joined
from oko.measures.skills.correlation import FEWEST_PUPILS, Correlation, corrected_correlation
from oko.measures.skills.results import FEWEST_ITEMS, by_skill

Points = Mapping[str, pd.DataFrame]
CELLS = ["season", "subject", "material_grade", "assessment", "skill", "n_items", "n", "facility", "lower", "upper"]
_FOUND = ["n", "n_classes", "tasks_first", "tasks_second", "r", "lower", "upper", "alpha_first", "alpha_second",
          "corrected", "corrected_lower", "corrected_upper"]  # fmt: skip
BETWEEN = ["skill", "pupil_grade", "first", "second", *_FOUND, "other"]
AGAINST = ["tool", "assessment", *_FOUND, "r_classes", "r_classes_lower", "r_classes_upper"]
PARTS = ["assessment", "n", "n_schools", "n_classes", "of_schools", "of_classes", "of_pupils"]
ALL_GRADES = 0
_FEWEST_SCHOOLS, _FEWEST_CLASSES = 4, 10


def skill_cells(points: Points, works: pd.DataFrame, items: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Return the results by skill of each work, and of each subject's works of a season together.

    Parameters
    ----------
    points : mapping of assessment to DataFrame
        Index school, class, pupil.
    works : DataFrame
        assessment, season, subject, material_grade.
    items : DataFrame
        assessment, item, max_score.
    asked : DataFrame
        assessment, item, skill.

    Returns
    -------
    DataFrame
        season, subject, material_grade (0: all together), assessment ("" there), skill; n_items, n; facility with
        lower, upper (`skills.by_skill`): NaN under three tasks.
    """
    known = asked.merge(works[["assessment", "season", "subject", "material_grade"]], on="assessment")
    known = known[known["assessment"].isin(list(points))].merge(items, on=["assessment", "item"])
    parts: list[tuple[pd.DataFrame, Any, Any, str, int]] = []
    for (season, subject), of_subject in known.groupby(["season", "subject"], sort=True):
        groups = [tasks for _, tasks in of_subject.groupby("assessment", sort=True)]
        for tasks in groups:
            name, grade = tasks[["assessment", "material_grade"]].to_numpy()[0]
            parts.append((tasks, season, subject, name, int(grade)))
        if len(groups) > 1:
            parts.append((of_subject, season, subject, "", ALL_GRADES))
    found = [
        _cells(points, tasks).assign(season=season, subject=subject, assessment=name, material_grade=grade)
        for tasks, season, subject, name, grade in parts
    ]
    return pd.concat(found, ignore_index=True)[CELLS] if found else pd.DataFrame(columns=CELLS)


def _cells(points: Points, tasks: pd.DataFrame) -> pd.DataFrame:
    wide = joined(points, tasks)
    most = _maxima(tasks).loc[list(wide.columns)]
    asking = tasks.assign(task=tasks["assessment"] + " " + tasks["item"], asks=1).drop_duplicates(["task", "skill"])
    asking = asking[asking["task"].isin(wide.columns)]
    matrix = asking.pivot(index="task", columns="skill", values="asks").fillna(0)
    found = by_skill(wide, matrix, most, clusters=_classes(wide)).skills
    return found.rename_axis("skill").reset_index()[["skill", "n_items", "n", "facility", "lower", "upper"]]


def _maxima(tasks: pd.DataFrame) -> pd.Series:
    rows = tasks.assign(task=tasks["assessment"] + " " + tasks["item"]).drop_duplicates("task")
    return rows.set_index("task")["max_score"].astype("float64")


def _classes(wide: pd.DataFrame) -> pd.Series:
    labels = [wide.index.get_level_values(level).astype(str) for level in ("school", "class")]
    return pd.Series(labels[0] + " " + labels[1], wide.index)


def between_subjects(points: Points, works: pd.DataFrame, items: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Return how one skill goes together in two subjects, over the pupils of a grade and all their works of the year.

    Parameters
    ----------
    points, works, items, asked
        As of `skill_cells`; works with pupil_grade.

    Returns
    -------
    DataFrame
        skill, pupil_grade, first and second subject; what `corrected_correlation` gives; ``other``: the corrected
        correlation of the skill in the first subject with the tasks of the second that do not ask for it. Only pairs
        with three tasks on both sides; a skill that is measured and not the subject has ``corrected`` above ``other``.
    """
    every = items.merge(works[["assessment", "subject", "pupil_grade"]], on="assessment")
    every = every[every["assessment"].isin(list(points))]
    rows = []
    for grade in sorted(every["pupil_grade"].dropna().unique()):
        of_grade = every[every["pupil_grade"] == grade]
        wide = joined(points, of_grade)
        named = of_grade.assign(task=of_grade["assessment"] + " " + of_grade["item"])
        named = named[named["task"].isin(wide.columns)]
        for skill in sorted(set(asked.loc[asked["assessment"].isin(named["assessment"]), "skill"])):
            wanted = asked.loc[asked["skill"] == skill, ["assessment", "item"]].assign(_of=1)
            marked = named.merge(wanted.drop_duplicates(), on=["assessment", "item"], how="left")
            rows += [{"skill": skill, "pupil_grade": int(grade), **row} for row in _pairs(wide, marked)]
    return pd.DataFrame(rows, columns=BETWEEN)


def _pairs(wide: pd.DataFrame, marked: pd.DataFrame) -> list[dict[str, object]]:
    of_skill = marked[marked["_of"] == 1].groupby("subject", sort=True)["task"].agg(list)
    enough = {str(subject): tasks for subject, tasks in of_skill.items() if len(tasks) >= FEWEST_ITEMS}
    classes, found = _classes(wide), []
    for first, second in combinations(enough, 2):
        rest = marked.loc[(marked["subject"] == second) & (marked["_of"] != 1), "task"]
        same = corrected_correlation(wide[enough[first]], wide[enough[second]], classes)
        if same.n >= FEWEST_PUPILS:
            other = corrected_correlation(wide[enough[first]], wide[list(rest)], classes)
            found.append({"first": first, "second": second, **_numbers(same), "other": other.corrected})
    return found


def _numbers(found: Correlation) -> dict[str, object]:
    called = {"n_classes": "n_clusters", "tasks_first": "n_first", "tasks_second": "n_second"}
    return {name: getattr(found, called.get(name, name)) for name in _FOUND}


def against_tool(points: Points, works: pd.DataFrame, tool: str) -> pd.DataFrame:
    """Return how the sums of the other works go with that of a tool, over the same pupils and over their classes.

    Parameters
    ----------
    points : mapping of assessment to DataFrame
    works : DataFrame
        assessment, pupil_grade.
    tool : str
        Assessment; compared are works of the same grade of pupils.

    Returns
    -------
    DataFrame
        tool, assessment; what `corrected_correlation` gives; ``r_classes``: correlation of the means of classes with
        its interval, NaN under ten classes.
    """
    grade = works.loc[works["assessment"] == tool, "pupil_grade"].iloc[0]
    others = works.loc[(works["pupil_grade"] == grade) & (works["assessment"] != tool), "assessment"]
    rows = []
    for name in [name for name in others if name in points]:
        pair = pd.DataFrame(
            [(one, item) for one in (tool, name) for item in points[one]], columns=["assessment", "item"]
        )
        wide = joined(points, pair).dropna()
        sides = [wide[[column for column in wide if str(column).startswith(f"{one} ")]] for one in (tool, name)]
        found = corrected_correlation(sides[0], sides[1], _classes(wide))
        if found.n >= FEWEST_PUPILS:
            rows.append({"tool": tool, "assessment": name, **_numbers(found), **_of_classes(wide, sides)})
    return pd.DataFrame(rows, columns=AGAINST)


def against_tools(points: Points, works: pd.DataFrame, tools: Sequence[str]) -> pd.DataFrame:
    """Return what `against_tool` says of each of several tools."""
    found = [against_tool(points, works, tool) for tool in tools]
    kept = [rows for rows in found if len(rows)]
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=AGAINST)


def _of_classes(wide: pd.DataFrame, sides: list[pd.DataFrame]) -> dict[str, float]:
    sums = pd.DataFrame({place: side.sum(axis=1) for place, side in enumerate(sides)})
    means = sums.groupby(_classes(wide)).mean()
    n, spread = len(means), means.std()
    if n < _FEWEST_CLASSES or not (spread > 0).all():
        return dict.fromkeys(("r_classes", "r_classes_lower", "r_classes_upper"), np.nan)
    r = float(np.corrcoef(means[0], means[1])[0, 1])
    half = float(ndtri(0.975)) / np.sqrt(n - 3)
    z = np.arctanh(np.clip(r, -1 + 1e-12, 1 - 1e-12))
    return {"r_classes": r, "r_classes_lower": float(np.tanh(z - half)), "r_classes_upper": float(np.tanh(z + half))}


def variance_parts(points: Points, names: Sequence[str]) -> pd.DataFrame:
    """Return which share of the variance of pupils' sums lies between schools, between classes, between pupils.

    Parameters
    ----------
    points : mapping of assessment to DataFrame
    names : sequence of str
        Assessments.

    Returns
    -------
    DataFrame
        assessment, n, n_schools, n_classes; of_schools, of_classes, of_pupils (sum 1) of a model of three levels
        (`schools.value_added` with classes below schools). Works of fewer than four schools or ten classes are left
        out.
    """
    rows = []
    for name in names:
        whole = points[name].dropna()
        labels = whole.index.to_frame(index=False)
        data = labels.assign(share=whole.sum(axis=1).to_numpy())
        counts = (len(data), data["school"].nunique(), data.groupby(["school", "class"]).ngroups)
        if (
            counts[1] < _FEWEST_SCHOOLS
            or counts[2] < max(_FEWEST_CLASSES, counts[1] + 2)
            or not data["share"].std() > 0
        ):
            continue
        variance = value_added(data.dropna(), "share", below="class").variance
        parts = [float(variance[level]) for level in ("school", "class", "pupil")]
        rows.append((name, *counts, *(part / sum(parts) for part in parts)))
    return pd.DataFrame(rows, columns=PARTS)
