"""What must hold between the tables received: codes are declared, sums are sums, nobody stands twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from oko.language import N_
from oko.records.cluster import Cluster
from oko.records.raw_form import EXAMPLE, RAW_FORMS
from oko.records.readers import FILE, ROW, Finding, at_rows
from oko.records.readers.tidy import task_label
from oko.records.schema import SEASONS

_TOLERANCE = 1e-9

_ROLE = N_("The cluster’s own schools stand in its cluster.toml; this table is for role comparison.")
_OWN_SCHOOL = N_("School {given} is the cluster’s own and stands in its cluster.toml: delete the row.")
_STRAY_SCHOOL = N_("School {given} is not registered; the cluster has {known}. Correct the code or add the school.")
_STRAY_YEAR = N_("Year {given} is not among the cluster’s years ({known}): correct it, or add it to cluster.toml.")
_UNDECLARED = N_("Assessment {given} is not declared: add a row to the table of assessments or correct the id.")
_MAXIMA = N_("The greatest score is {given}, and the tasks’ maxima sum to {sum}: correct one of them.")
_NO_PRIOR = N_("The earlier assessment {given} is not declared: add it or leave the cell empty.")
_LATE_PRIOR = N_("The earlier assessment {given} is not earlier than this one: correct the id, the year or the season.")
_TWICE = N_("The same row stands already in {file}, row {row}: leave one of them.")
_TWO_SCHOOLS = N_("The same pupil stands in another school in {file}, row {row}: correct the pseudonym or the school.")
_TOO_HIGH = N_("Score {given} is above the greatest score, {most}.")
_ABSENT_SCORED = N_("The pupil was absent and has a score or a mark: correct the status or empty the cells.")
_NO_SCORE = N_("The pupil took the work and has no score, no mark and no points: add them or set status absent.")
_NO_RESULT = N_("The pupil has points and no row in a table of results: add it.")
_OTHER_PLACE = N_("The points say {given} and the results say {other} for the same pupil: correct one of them.")
_ABSENT_ANSWERED = N_("The pupil was absent by the results and has points: correct the status or delete the row.")
_SUM = N_("The points sum to {sum} and the results say {given}: correct one of them.")
_NO_COLUMN = N_(
    "Assessment {assessment} has this task, and the table no column of it: add an empty one if it was not set."
)
_NO_TASK = N_("Assessment {assessment} has no such task: correct the label or add it to the table of items.")
_MANY_POINTS = N_("{given} points are more than the task gives, {most}.")
_INVENTED = N_("The row is invented, and cluster {cluster} holds real results: put it into an example cluster.")


@dataclass(frozen=True)
class Received:
    """Values of all files received, stacked by kind.

    Attributes
    ----------
    assessments, items, results, schools : DataFrame
        Columns of the raw form, ``#file`` and ``#row``.
    responses : tuple of DataFrame
        One frame a file: keys, tasks and masks.
    """

    assessments: pd.DataFrame
    items: pd.DataFrame
    results: pd.DataFrame
    schools: pd.DataFrame
    responses: tuple[pd.DataFrame, ...]

    @property
    def of_pupils(self) -> tuple[pd.DataFrame, ...]:
        return (self.results, *self.responses)

    @property
    def max_scores(self) -> pd.Series:
        """Greatest score of each assessment: declared, or the sum of its tasks' maxima."""
        known = self.assessments.dropna(subset="assessment").drop_duplicates("assessment")
        declared = known.set_index("assessment")["max_score"]
        return declared.fillna(self.task_maxima.reindex(declared.index))

    @property
    def task_maxima(self) -> pd.Series:
        """Sum of the tasks' maxima of each assessment that has tasks."""
        return self.items.groupby("assessment")["max_score"].sum()

    @property
    def answered(self) -> pd.DataFrame:
        """Keys of all responses, one under another."""
        columns = ["assessment", "pupil", "school", FILE, ROW]
        frames = [frame[columns] for frame in self.responses]
        return pd.concat(frames, ignore_index=True) if frames else self.results.iloc[:0][columns]


def tasks_of(frame: pd.DataFrame) -> list[str]:
    """Return the task columns of a frame of responses."""
    return [str(name) for name in frame if task_label(str(name))]


def schools(received: Received, cluster: Cluster) -> Iterator[Finding]:
    """Check the table of comparison schools, and that every pupil's school is registered."""
    rows = received.schools
    yield from at_rows(rows, rows["role"] == "cluster", "role", _ROLE)
    yield from at_rows(rows, rows["school"].isin(cluster.school_codes), "school", _OWN_SCHOOL, given=rows["school"])
    registered, own = {*cluster.school_codes, *rows["school"].dropna()}, ", ".join(cluster.school_codes)
    for frame in received.of_pupils:
        stray = _outside(frame["school"], registered)
        yield from at_rows(frame, stray, "school", _STRAY_SCHOOL, given=frame["school"], known=own)


def assessments(received: Received, cluster: Cluster) -> Iterator[Finding]:
    """Check years, earlier assessments, greatest scores, and that every row's assessment is declared."""
    rows = received.assessments
    stray, years = _outside(rows["year"], set(cluster.years)), ", ".join(cluster.years)
    yield from at_rows(rows, stray, "year", _STRAY_YEAR, given=rows["year"], known=years)
    yield from _priors(rows)
    declared = set(rows["assessment"].dropna())
    for frame in (received.items, *received.of_pupils):
        stray = _outside(frame["assessment"], declared)
        yield from at_rows(frame, stray, "assessment", _UNDECLARED, given=frame["assessment"])
    sums = rows["assessment"].map(received.task_maxima).astype("float64")
    yield from at_rows(rows, _differ(sums, rows["max_score"]), "max_score", _MAXIMA, given=rows["max_score"], sum=sums)


def _outside(values: pd.Series, known: set[str]) -> pd.Series:
    return values.notna() & ~values.isin(known)


def _differ(first: pd.Series, second: pd.Series) -> pd.Series:
    return (first - second).abs() > _TOLERANCE


def _priors(rows: pd.DataFrame) -> Iterator[Finding]:
    nowhere = _outside(rows["prior"], set(rows["assessment"].dropna()))
    yield from at_rows(rows, nowhere, "prior", _NO_PRIOR, given=rows["prior"])
    when = rows["year"].astype("object") + rows["season"].map({name: f" {place}" for place, name in enumerate(SEASONS)})
    earlier = rows["prior"].map(dict(zip(rows["assessment"].dropna(), when[rows["assessment"].notna()], strict=True)))
    late = earlier.notna() & when.notna() & (earlier.fillna("") >= when.fillna(""))
    yield from at_rows(rows, late, "prior", _LATE_PRIOR, given=rows["prior"])


def keys(received: Received) -> Iterator[Finding]:
    """Check that no row of a table stands twice, and that no pupil sits a work in two schools."""
    single = {"schools": received.schools, "assessments": received.assessments, "items": received.items}
    for kind, rows in {**single, "results": received.results, "responses": received.answered}.items():
        columns = list(RAW_FORMS[kind].keys)
        whole = rows[rows[columns].notna().all(axis=1)]
        places = whole.groupby(columns, sort=False)[[FILE, ROW]].transform("first")
        again = whole.duplicated(columns)
        moved = again & _elsewhere(whole, columns)
        where = {"file": places[FILE], "row": places[ROW]}
        yield from at_rows(whole, moved, columns[-1], _TWO_SCHOOLS, **where)
        yield from at_rows(whole, again & ~moved, columns[-1], _TWICE, **where)


def _elsewhere(rows: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Tell which rows are of another school than the first row of the same keys."""
    if "school" in columns or "school" not in rows:
        return pd.Series(False, rows.index)
    return rows["school"] != rows.groupby(columns)["school"].transform("first")


def scores(received: Received) -> Iterator[Finding]:
    """Check the scores of each result by itself."""
    rows = received.results
    most = rows["assessment"].map(received.max_scores).astype("float64")
    high = rows["primary_score"] > most + _TOLERANCE
    yield from at_rows(rows, high, "primary_score", _TOO_HIGH, given=rows["primary_score"], most=most)
    scored = rows[["primary_score", "test_score", "mark"]].notna().any(axis=1)
    yield from at_rows(rows, (rows["status"] == "absent") & scored, "status", _ABSENT_SCORED)


def unscored(received: Received) -> Iterator[Finding]:
    """Name the pupils who took a work and of whose result nothing is known."""
    rows = received.results
    scored = rows[["primary_score", "test_score", "mark"]].notna().any(axis=1)
    answered = pd.MultiIndex.from_frame(received.answered[["assessment", "pupil"]])
    silent = ~pd.MultiIndex.from_frame(rows[["assessment", "pupil"]]).isin(answered)
    yield from at_rows(rows, (rows["status"] == "took") & ~scored & silent, "primary_score", _NO_SCORE)


def points(received: Received) -> Iterator[Finding]:
    """Check the points of tasks against the tasks and against the results."""
    items = received.items.dropna(subset=["assessment", "item"]).drop_duplicates(["assessment", "item"])
    results = received.results.drop_duplicates(["assessment", "pupil"]).set_index(["assessment", "pupil"])
    for frame in received.responses:
        for assessment, rows in frame.groupby("assessment", sort=False):
            maxima = items[items["assessment"] == assessment].set_index("item")["max_score"]
            yield from _points_in_range(rows, maxima, str(assessment))
        yield from _against_results(frame, results)


def _points_in_range(rows: pd.DataFrame, maxima: pd.Series, assessment: str) -> Iterator[Finding]:
    columns = tasks_of(rows)
    file = str(rows[FILE].iloc[0])
    for task in maxima.index.difference(columns, sort=False):
        yield Finding(file, 1, task, _NO_COLUMN, {"assessment": assessment})
    for task in columns:
        if task in maxima.index:
            high = rows[task] > maxima[task] + _TOLERANCE
            yield from at_rows(rows, high, task, _MANY_POINTS, given=rows[task], most=float(maxima[task]))
        elif rows[task].notna().any():
            yield Finding(file, 1, task, _NO_TASK, {"assessment": assessment})


def _against_results(frame: pd.DataFrame, results: pd.DataFrame) -> Iterator[Finding]:
    own = results.reindex(pd.MultiIndex.from_frame(frame[["assessment", "pupil"]])).set_axis(frame.index)
    whole = frame[["assessment", "pupil"]].notna().all(axis=1)
    yield from at_rows(frame, whole & own[FILE].isna(), "pupil", _NO_RESULT)
    for column in ("school", "class"):
        differs = own[column].notna() & frame[column].notna() & (own[column] != frame[column])
        yield from at_rows(frame, differs, column, _OTHER_PLACE, given=frame[column], other=own[column])
    yield from at_rows(frame, own["status"] == "absent", "pupil", _ABSENT_ANSWERED)
    sums = frame[tasks_of(frame)].sum(axis=1, min_count=1)
    yield from at_rows(frame, _differ(sums, own["primary_score"]), None, _SUM, sum=sums, given=own["primary_score"])


def marks_of_example(received: Received, cluster: Cluster) -> Iterator[Finding]:
    """Refuse invented rows in a cluster that is not an example."""
    if cluster.example:
        return
    for frame in (received.schools, received.assessments, received.items, *received.of_pupils):
        yield from at_rows(frame, frame[EXAMPLE].fillna(False), EXAMPLE, _INVENTED, cluster=cluster.code)
