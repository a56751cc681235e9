"""From released tables to equations over all years: who took, who has a mark, which marks, which points, who is linked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from security.attack import shares
from security.attack.knowledge import WIDE, Key, Knowledge
from security.attack.releases import Releases, Row, ends, slack

MARKS = (2, 3, 4, 5)
MOST = 5000.0


@dataclass
class Case:
    """What was learned from releases, and which numbers they hide.

    Attributes
    ----------
    knowledge : Knowledge
        Of ("took", assessment, school), ("marked", …), ("scored", …), ("linked", …), ("mark", …, mark), ("points", …);
        the school "" is the whole cluster.
    hidden : list of (str, str, str)
        Kind of number, assessment and school of every row or cell that is hidden.
    bounded : list of (assessment, school, column)
        Shares told as bounds; ``zones`` holds the bound of each.
    """

    knowledge: Knowledge = field(default_factory=Knowledge)
    hidden: list[tuple[str, str, str]] = field(default_factory=list)
    bounded: list[tuple[str, str, str]] = field(default_factory=list)
    zones: dict[tuple[str, str, str], float] = field(default_factory=dict)
    schools: dict[str, set[str]] = field(default_factory=dict)


def learn(released: Releases, maxima: Mapping[str, float]) -> Case:
    """Write down everything that the tables of all years say.

    Parameters
    ----------
    released : Releases
    maxima : Mapping
        Greatest score of each assessment: anyone finds it in the task specification.
    """
    case = Case()
    _coverage(case, released.every("coverage"))
    _marks(case, released.every("marks"), maxima)
    _linked(case, released)
    _alike(case)
    return case


def learn_counts(released: Releases, waves: Sequence[Sequence[str]]) -> Case:
    """Write down what tables say of numbers of pupils alone, those of the effect page with them: it joins many works."""
    case = learn(without_columns(released, "marks", ("share_", "pass_", "quality", "sou", "mean_", "n_scores")), {})
    _effect(case, released, waves)
    return case


def without_columns(released: Releases, name: str, starts: tuple[str, ...]) -> Releases:
    """Leave columns out of a table: what an attack does not need makes it slow."""
    tables = {
        key: table[[column for column in table if not str(column).startswith(starts)]] if key[1] == name else table
        for key, table in released.tables.items()
    }
    return Releases(tables, released.folders)


def _coverage(case: Case, table: pd.DataFrame) -> None:
    for row in table.to_dict("records"):
        key = ("took", row["assessment"], row["school"])
        case.schools.setdefault(row["assessment"], set()).add(row["school"])
        _count(case, key, row)
    for assessment in table.get("assessment", pd.Series(dtype=str)).unique():
        _sum(case, "took", assessment)


def _count(case: Case, key: tuple[str, str, str], row: Row, column: str = "n") -> None:
    """Learn a number of pupils, or that it is hidden: then at least one pupil is behind it."""
    knowledge, value = case.knowledge, row.get(column)
    if column in str(row.get("hidden_cells") or "").split() or row["hidden"] or pd.isna(value):
        knowledge.bound(key, 1.0 if row["hidden"] else 0.0, MOST)
        case.hidden.append(key)
    else:
        knowledge.bound(key, float(value), float(value))


def _sum(case: Case, kind: str, assessment: str, *tail: int) -> None:
    """Learn that the cluster is the sum of its schools."""
    parts = {(kind, assessment, school, *tail): 1.0 for school in sorted(case.schools.get(assessment, set()) - {""})}
    if parts:
        case.knowledge.row(parts | {(kind, assessment, "", *tail): -1.0}, 0.0, 0.0)


def _marks(case: Case, table: pd.DataFrame, maxima: Mapping[str, float]) -> None:
    if table.empty:
        return
    numeric = table.select_dtypes("number").columns
    errors, hidden = {str(column): slack(table[column]) for column in numeric}, []
    for row in table.to_dict("records"):
        assessment, school = row["assessment"], row["school"]
        case.schools.setdefault(assessment, set()).add(school)
        _count(case, ("marked", assessment, school), row)
        if row["hidden"]:
            hidden.append((assessment, school))
        else:
            _shares(case, row, errors)
        _points(case, row, errors, float(maxima.get(assessment, WIDE)))
    for assessment, school in hidden:
        if ("mark", assessment, "", MARKS[0]) in case.knowledge.index:
            _unknown(case, assessment, school)
    for assessment in table["assessment"].unique():
        for kind in ("marked", "scored", "points"):
            _sum(case, kind, assessment)
        for mark in MARKS:
            if ("mark", assessment, "", mark) in case.knowledge.index:
                _sum(case, "mark", assessment, mark)


def _unknown(case: Case, assessment: str, school: str) -> None:
    """A hidden row has marks of which nothing is told but that they are its pupils'."""
    knowledge = case.knowledge
    knowledge.row(
        {("mark", assessment, school, m): 1.0 for m in MARKS} | {("marked", assessment, school): -1.0}, 0.0, 0.0
    )


def _shares(case: Case, row: Row, errors: dict[str, float]) -> None:
    """Learn the numbers of each mark in a shown row: shares, bounds, what is made of them, intervals."""
    if all(pd.isna(row.get(column)) for column in (*shares.SETS, "sou")):
        return
    knowledge, n = case.knowledge, round(float(row["n"]))
    place = (row["assessment"], row["school"])
    for mark in MARKS:
        knowledge.bound(("mark", *place, mark), 0.0, float(n))
    knowledge.row({("mark", *place, mark): 1.0 for mark in MARKS}, float(n), float(n))
    for column, marks in shares.SETS.items():
        _between(knowledge, [("mark", *place, mark) for mark in marks], *shares.possible(row, column, errors))
        if column in str(row.get("bounded") or "").split():
            case.bounded.append((*place, column))
            case.zones[(*place, column)] = float(row[column])
    for power, low, high in shares.sums_of_points(row, errors):
        knowledge.row({("mark", *place, mark): points**power for mark, points in shares.POINTS.items()}, low, high)
    sets = shares.together(row, errors)
    if sets is not None and len(sets):
        for marks in shares.SETS.values():
            number = sets[:, [mark - 2 for mark in marks]].sum(axis=1)
            _between(knowledge, [("mark", *place, mark) for mark in marks], float(number.min()), float(number.max()))


def _between(knowledge: Knowledge, keys: list[Key], low: float, high: float) -> None:
    if len(keys) == 1:
        knowledge.bound(keys[0], low, high)
    else:
        knowledge.row(dict.fromkeys(keys, 1.0), low, high)


def _points(case: Case, row: Row, errors: dict[str, float], most: float) -> None:
    """Learn the sum of scores behind a mean."""
    knowledge, place = case.knowledge, (row["assessment"], row["school"])
    scored, points = ("scored", *place), ("points", *place)
    if row["hidden"]:
        knowledge.bound(scored, 0.0, MOST)
    elif pd.isna(row.get("n_scores")):
        knowledge.bound(scored, 0.0, float(row["n"]))
    else:
        _count(case, scored, row, "n_scores")
    knowledge.bound(points, 0.0, min(WIDE, most * MOST))
    knowledge.row({points: 1.0, scored: -most}, -np.inf, 0.0)
    knowledge.row({scored: 1.0, ("marked", *place): -1.0}, -np.inf, 0.0)
    if not row["hidden"] and pd.notna(row.get("mean_score")) and pd.notna(row.get("n_scores")):
        low, high = ends(float(row["mean_score"]), errors["mean_score"])
        knowledge.bound(points, low * float(row["n_scores"]), high * float(row["n_scores"]))


def _linked(case: Case, released: Releases) -> None:
    """Learn who has an earlier result: of each school in the model, and in the whole model."""
    table, whole = released.every("school_residuals"), released.every("fixed_effects")
    if table.empty:
        return
    for (assessment, _), rows in table[table["model"] == "intercept"].groupby(["assessment", "model"]):
        keys = []
        for row in rows.to_dict("records"):
            key = ("linked", assessment, row["school"])
            keys.append(key)
            _count(case, key, row)
            case.knowledge.row({key: 1.0, ("took", assessment, row["school"]): -1.0}, -np.inf, 0.0)
        told = whole[(whole["assessment"] == assessment) & ~whole["hidden"].astype(bool)]
        if len(told):
            total = float(told["n"].iloc[0])
            case.knowledge.bound(("linked", assessment, ""), total, total)
            listed = dict.fromkeys(keys, 1.0)
            rest = {} if _all_listed(released, assessment, len(rows)) else {("linked", assessment, "elsewhere"): 1.0}
            case.knowledge.row(listed | rest | {("linked", assessment, ""): -1.0}, 0.0, 0.0)


def _all_listed(released: Releases, assessment: str, listed: int) -> bool:
    """Tell from the model's remarks on its number of schools whether all of them are listed."""
    said = released.every("statements")
    texts = said.loc[said["assessment"] == assessment, "values"].dropna() if len(said) else []
    return any(f'"n_schools": {listed}' in text for text in texts)


def _alike(case: Case) -> None:
    """Believe that two numbers are the same where they are so in every row, of that work or else of any, that shows both."""
    knowledge = case.knowledge
    for one, other in (("took", "marked"), ("marked", "scored")):
        pairs = {
            work: [
                ((one, work, s), (other, work, s)) for s in sorted(schools | {""}) if (one, work, s) in knowledge.index
            ]
            for work, schools in case.schools.items()
        }
        differ = {work: [_differ(knowledge, *pair) for pair in found] for work, found in pairs.items()}
        everywhere = not any(value for values in differ.values() for value in values if value is not None)
        for work, values in differ.items():
            seen = [value for value in values if value is not None]
            if not any(seen) and (seen or everywhere):
                for pair in pairs[work]:
                    if pair[1] in knowledge.index:
                        knowledge.equal(*pair)


def _differ(knowledge: Knowledge, one: Key, other: Key) -> bool | None:
    """Tell whether two shown numbers differ; None where one of them is not shown."""
    if other not in knowledge.index:
        return None
    a, b = knowledge.bounds(one), knowledge.bounds(other)
    return a != b if a[0] == a[1] and b[0] == b[1] else None


def _effect(case: Case, released: Releases, waves: Sequence[Sequence[str]]) -> None:
    """Learn from the effect page that no fewer pupils took a wave's works than it counts, perhaps rounded."""
    knowledge, table = case.knowledge, released.every("changes")
    shown = table[~table["hidden"].astype(bool) & table["n"].notna()] if len(table) else table
    base = next((base for base in (100, 50, 10, 5) if len(shown) and (shown["n"] % base == 0).all()), 1)
    for row in shown.to_dict("records"):
        for works in waves:
            taken = {key: 1.0 for key in (("took", work, row["school"]) for work in works) if key in knowledge.index}
            if taken:
                knowledge.row(taken, row["n"] - base // 2)
