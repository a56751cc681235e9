"""What must hold between the tables received: codes are declared, sums are sums, nobody stands twice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from oko.records.cluster import Cluster
from oko.records.raw_form import EXAMPLE, RAW_FORMS, N_
from oko.records.readers import Finding, at_rows
from oko.records.readers.tidy import task_label
from oko.records.schema import SEASONS

_TOLERANCE = 1e-9


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
    def results_and_responses(self) -> tuple[pd.DataFrame, ...]:
        return (self.results, *self.responses)


def tasks_of(frame: pd.DataFrame) -> list[str]:
    """Return the task columns of a frame of responses."""
    return [str(name) for name in frame if task_label(str(name))]


def schools(received: Received, cluster: Cluster) -> Iterator[Finding]:
    """Check the table of comparison schools, and that every pupil's school is registered."""
    rows = received.schools
    yield from at_rows(rows[rows["role"] == "cluster"], "role", _ROLE)
    own = rows["school"].isin(cluster.school_codes)
    yield from at_rows(rows[own], "school", _OWN_SCHOOL, given=rows.loc[own, "school"])
    known = {*cluster.school_codes, *rows["school"].dropna()}
    for frame in received.results_and_responses:
        stray = frame["school"].notna() & ~frame["school"].isin(known)
        yield from at_rows(
            frame[stray], "school", _STRAY_SCHOOL, given=frame.loc[stray, "school"], known=", ".join(cluster.school_codes)
        )


_ROLE = N_("The cluster’s own schools stand in its cluster.toml; this table is for role comparison.")
_OWN_SCHOOL = N_("School {given} is the cluster’s own and stands in its cluster.toml: delete the row.")
_STRAY_SCHOOL = N_("School {given} is not registered; the cluster has {known}. Correct the code or add the school.")


def assessments(received: Received, cluster: Cluster) -> Iterator[Finding]:
    """Check years, earlier assessments, greatest scores, and that every row's assessment is declared."""
    rows = received.assessments
    stray = rows["year"].notna() & ~rows["year"].isin(cluster.years)
    known = ", ".join(cluster.years)
    yield from at_rows(rows[stray], "year", _STRAY_YEAR, given=rows.loc[stray, "year"], known=known)
    yield from _priors(rows)
    declared = set(rows["assessment"].dropna())
    for frame in (received.items, *received.results_and_responses):
        stray = frame["assessment"].notna() & ~frame["assessment"].isin(declared)
        yield from at_rows(frame[stray], "assessment", _UNDECLARED, given=frame.loc[stray, "assessment"])
    sums = received.items.groupby("assessment")["max_score"].sum()
    expected = rows["assessment"].map(sums)
    wrong = expected.notna() & rows["max_score"].notna() & ((expected - rows["max_score"]).abs() > _TOLERANCE)
    yield from at_rows(rows[wrong], "max_score", _MAXIMA, given=_plain(rows, wrong, "max_score"), sum=_text(expected[wrong]))


def _priors(rows: pd.DataFrame) -> Iterator[Finding]:
    places = pd.Series(list(zip(rows["year"], rows["season"].map(SEASONS.index, na_action="ignore"), strict=True)), rows.index)
    place_of = dict(zip(rows["assessment"], places, strict=True))
    asked = rows[rows["prior"].notna()]
    nowhere = ~asked["prior"].isin(rows["assessment"])
    yield from at_rows(asked[nowhere], "prior", _NO_PRIOR, given=asked.loc[nowhere, "prior"])
    late = [
        prior in place_of and _complete(place_of[prior], place) and not place_of[prior] < place
        for prior, place in zip(asked["prior"], places[asked.index], strict=True)
    ]
    yield from at_rows(asked[late], "prior", _LATE_PRIOR, given=asked.loc[late, "prior"])


def _complete(*places: tuple[object, object]) -> bool:
    return not any(pd.isna(part) for place in places for part in place)


_STRAY_YEAR = N_("Year {given} is not among the cluster’s years ({known}): correct it, or add it to cluster.toml.")
_UNDECLARED = N_("Assessment {given} is not declared: add a row to the table of assessments or correct the id.")
_MAXIMA = N_("The greatest score is {given}, and the tasks’ maxima sum to {sum}: correct one of them.")
_NO_PRIOR = N_("The earlier assessment {given} is not declared: add it or leave the cell empty.")
_LATE_PRIOR = N_("The earlier assessment {given} is not earlier than this one: correct the id, the year or the season.")


def keys(received: Received) -> Iterator[Finding]:
    """Check that no row of a table stands twice."""
    tables: Mapping[str, pd.DataFrame] = {
        "schools": received.schools,
        "assessments": received.assessments,
        "items": received.items,
        "results": received.results,
        "responses": stacked(received.responses),
    }
    for kind, rows in tables.items():
        columns = list(RAW_FORMS[kind].keys)
        complete = rows[rows[columns].notna().all(axis=1)]
        groups = complete.groupby(columns, sort=False)
        again = complete[groups.cumcount() > 0]
        first = complete.loc[groups.head(1).index].set_index(columns)
        before = first.loc[pd.MultiIndex.from_frame(again[columns]) if len(columns) > 1 else again[columns[0]]]
        moved = _moved(before, again)
        where = {"file": pd.Series(before["#file"].to_numpy(), again.index), "row": pd.Series(before["#row"].to_numpy(), again.index)}
        for mask, message in ((moved, _TWO_SCHOOLS), (~moved, _TWICE)):
            own = {name: values[mask] for name, values in where.items()}
            yield from at_rows(again[mask], columns[-1], message, **own)


def _moved(before: pd.DataFrame, again: pd.DataFrame) -> pd.Series:
    if "school" not in again or "school" not in before:
        return pd.Series(False, again.index)
    return pd.Series(before["school"].to_numpy() != again["school"].to_numpy(), again.index)


_TWICE = N_("The same row stands already in {file}, row {row}: leave one of them.")
_TWO_SCHOOLS = N_("The same pupil stands in another school in {file}, row {row}: correct the pseudonym or the school.")


def scores(received: Received) -> Iterator[Finding]:
    """Check the scores of each result by itself."""
    rows = received.results
    most = rows["assessment"].map(max_scores(received))
    high = rows["primary_score"] > most + _TOLERANCE
    yield from at_rows(rows[high], "primary_score", _TOO_HIGH, given=_plain(rows, high, "primary_score"), most=_text(most[high]))
    scored = rows[["primary_score", "test_score", "mark"]].notna().any(axis=1)
    yield from at_rows(rows[(rows["status"] == "absent") & scored], "status", _ABSENT_SCORED)
    answered = pd.MultiIndex.from_frame(stacked(received.responses)[["assessment", "pupil"]])
    silent = (rows["status"] == "took") & ~scored & ~pd.MultiIndex.from_frame(rows[["assessment", "pupil"]]).isin(answered)
    yield from at_rows(rows[silent], "primary_score", _NO_SCORE)


_TOO_HIGH = N_("Score {given} is above the greatest score, {most}.")
_ABSENT_SCORED = N_("The pupil was absent and has a score or a mark: correct the status or empty the cells.")
_NO_SCORE = N_("The pupil took the work and has no score, no mark and no points of tasks: add them or set status absent.")


def max_scores(received: Received) -> pd.Series:
    """Return the greatest score of each assessment: declared, or the sum of its tasks' maxima."""
    declared = received.assessments.dropna(subset="assessment").drop_duplicates("assessment").set_index("assessment")["max_score"]
    sums = received.items.groupby("assessment")["max_score"].sum()
    return declared.fillna(sums.reindex(declared.index))


def points(received: Received) -> Iterator[Finding]:
    """Check the points of tasks against the tasks and against the results."""
    maxima = received.items.dropna(subset=["assessment", "item"]).drop_duplicates(["assessment", "item"])
    known = maxima.set_index(["assessment", "item"])["max_score"]
    results = received.results.drop_duplicates(["assessment", "pupil"]).set_index(["assessment", "pupil"])
    for frame in received.responses:
        for assessment, rows in frame.groupby("assessment", sort=False):
            if assessment in known.index:
                yield from _points_in_range(rows, known.loc[assessment], frame)
        yield from _against_results(frame, results)


def _points_in_range(rows: pd.DataFrame, maxima: pd.Series, frame: pd.DataFrame) -> Iterator[Finding]:
    heading = rows.iloc[:1].assign(**{"#row": 1})
    columns = tasks_of(frame)
    for task in maxima.index.difference(columns, sort=False):
        yield from at_rows(heading, task, _NO_COLUMN, assessment=rows["assessment"].iloc[0])
    for task in columns:
        if task not in maxima.index:
            if rows[task].notna().any():
                yield from at_rows(heading, task, _NO_TASK, assessment=rows["assessment"].iloc[0])
            continue
        high = rows[task] > maxima[task] + _TOLERANCE
        yield from at_rows(rows[high], task, _MANY_POINTS, given=_plain(rows, high, task), most=f"{maxima[task]:g}")


def _against_results(frame: pd.DataFrame, results: pd.DataFrame) -> Iterator[Finding]:
    own = results.reindex(pd.MultiIndex.from_frame(frame[["assessment", "pupil"]])).set_axis(frame.index)
    whole = frame[["assessment", "pupil"]].notna().all(axis=1)
    there = own["status"].notna() | own["school"].notna()
    yield from at_rows(frame[whole & ~there], "pupil", _NO_RESULT)
    for column in ("school", "class"):
        differs = there & own[column].notna() & frame[column].notna() & (own[column] != frame[column])
        yield from at_rows(frame[differs], column, _OTHER_PLACE, given=frame.loc[differs, column], other=own.loc[differs, column])
    yield from at_rows(frame[own["status"] == "absent"], "pupil", _ABSENT_ANSWERED)
    sums = frame[tasks_of(frame)].sum(axis=1, min_count=1)
    wrong = (sums - own["primary_score"]).abs() > _TOLERANCE
    yield from at_rows(frame[wrong], None, _SUM, sum=_text(sums[wrong]), given=_plain(own, wrong, "primary_score"))


_NO_COLUMN = N_("Assessment {assessment} has this task and the table has no column for it: add it (empty = not administered).")
_NO_TASK = N_("Assessment {assessment} has no such task: correct the label or add the task to the table of items.")
_MANY_POINTS = N_("{given} points are more than the task gives, {most}.")
_NO_RESULT = N_("The pupil has points and no row in a table of results: add it.")
_OTHER_PLACE = N_("The points say {given} and the results say {other} for the same pupil: correct one of them.")
_ABSENT_ANSWERED = N_("The pupil was absent by the results and has points: correct the status or delete the row.")
_SUM = N_("The points sum to {sum} and the results say {given}: correct one of them.")


def marks_of_example(received: Received, cluster: Cluster) -> Iterator[Finding]:
    """Refuse invented rows in a cluster that is not an example."""
    if cluster.example:
        return
    for frame in (received.schools, received.assessments, received.items, *received.results_and_responses):
        yield from at_rows(frame[frame[EXAMPLE].fillna(False).astype(bool)], EXAMPLE, _INVENTED, cluster=cluster.code)


_INVENTED = N_("The row is invented, and cluster {cluster} holds real results: invented rows belong in an example cluster.")


def stacked(frames: tuple[pd.DataFrame, ...]) -> pd.DataFrame:
    """Return the keys of all frames of responses, one under another."""
    columns = ["assessment", "pupil", "school", "class", EXAMPLE, "#file", "#row"]
    return pd.concat([frame[columns] for frame in frames], ignore_index=True) if frames else pd.DataFrame(columns=columns)


def _plain(rows: pd.DataFrame, mask: pd.Series, column: str) -> pd.Series:
    return _text(rows.loc[mask, column])


def _text(numbers: pd.Series) -> pd.Series:
    return numbers.map("{:g}".format)
