"""Checks of the rows received against one another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pandas as pd

from oko.errors import OkoError
from oko.language import N_
from oko.records import cells, instruments
from oko.records.checks import check
from oko.records.checks.specification import TOLERANCE, differ
from oko.records.kinds import KINDS
from oko.records.readers import FILE, ROW, Finding, at_rows
from oko.records.readers.repeats import repeated_findings, said_again
from oko.records.received import IMPLIED, Received, tasks_of
from oko.records.scoring import UNSCORED

_TWICE = N_("The same row stands already in {file}, row {row}: leave one of them.")
_TWO_SCHOOLS = N_("The same pupil stands in another school in {file}, row {row}: correct the pseudonym or the school.")
_OTHERWISE = N_("The file says {given} ({name}), and {file} says {other} of the same work: correct one of them.")
_TOO_HIGH = N_("Score {given} is above the greatest score, {most}.")
_ABSENT_SCORED = N_("The pupil was absent and has a score or a mark: correct the status or empty the cells.")
_NO_SCORE = N_("The pupil took the work and has no score, no mark and no points: add them or set status absent.")
_NO_RESULT = N_("The pupil has points and no row in a table of results: add it.")
_OTHER_PLACE = N_("The points say {given} and the results say {other} for the same pupil: correct one of them.")
_ABSENT_ANSWERED = N_("The pupil was absent by the results and has points: correct the status or delete the row.")
_SUM = N_("The points sum to {sum} and the results say {given}: correct one of them.")
_OTHER_MARK = N_(
    "The mark is {given}, and the recommended scale gives {scale} for {score} points: check which is meant."
)
SAID_BY_MANY = frozenset({"groups", "assessments", "items"})
_SCORES = ["primary_score", "test_score", "mark"]


@check(N_("no row stands twice"), alone=True)
def row_once(received: Received) -> Iterator[Finding]:
    """Check that no row of a table stands twice; of groups, works and tasks several files may say the same."""
    for kind, rows, columns, again, where in _repeated(received):
        wrong = again & ~_elsewhere(rows, columns)
        if kind in SAID_BY_MANY:
            wrong &= ~said_again(rows, columns)
            yield from repeated_findings(rows, columns)
        yield from at_rows(rows, wrong, columns[-1], _TWICE, **where)


@check(N_("a pupil sits a work in one school"), alone=True)
def one_school_a_pupil(received: Received) -> Iterator[Finding]:
    """Check that no pupil sits a work in two schools."""
    for _, rows, columns, again, where in _repeated(received):
        yield from at_rows(rows, again & _elsewhere(rows, columns), columns[-1], _TWO_SCHOOLS, **where)


def _repeated(received: Received) -> Iterator[tuple[str, pd.DataFrame, list[str], pd.Series, dict[str, Any]]]:
    single = {"schools": received.schools, "assessments": received.assessments, "items": received.items}
    tables = {**single, "results": received.results, "responses": received.answered, **received.registers}
    for kind, rows in tables.items():
        columns = list(KINDS[kind].keys)
        whole = rows[rows[columns].notna().all(axis=1)]
        if IMPLIED in whole:
            whole = whole[~whole[IMPLIED].astype(bool)] if kind in single else _implied_once(whole, columns)
        again = whole.duplicated(columns)
        if columns and again.any():
            places = whole.groupby(columns, sort=False)[[FILE, ROW]].transform("first")
            yield kind, whole, columns, again, {"file": places[FILE], "row": places[ROW]}


def _implied_once(rows: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Leave out what rows that stand twice imply twice: of those rows it is said already."""
    return rows[~(rows[IMPLIED].astype(bool) & rows.duplicated([*columns, IMPLIED]))]


def _elsewhere(rows: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Tell which rows are of another school than the first row of the same keys."""
    if "school" in columns or "pupil" not in columns:
        return pd.Series(False, rows.index)
    return rows["school"] != rows.groupby(columns)["school"].transform("first")


@check(N_("files about one work say the same of it"))
def work_agrees(received: Received) -> Iterator[Finding]:
    """Check that what files imply of an assessment agrees with what is declared or was implied before."""
    rows = received.assessments[received.assessments[IMPLIED]]
    known = received.known_assessments.set_index("assessment")
    for column in ("procedure", "subject", "year", "season", "material_grade", "pupil_grade", "max_score"):
        other = rows["assessment"].map(known[column])
        wrong = rows[column].notna() & other.notna() & (rows[column] != other)
        where = rows["assessment"].map(known[FILE])
        for found in at_rows(rows, wrong, None, _OTHERWISE, given=rows[column], other=other, name=column, file=where):
            yield replace(found, row=None)


@check(N_("no score is above the greatest"), alone=True)
def score_in_range(received: Received) -> Iterator[Finding]:
    """Check that no primary score exceeds the assessment's maximum."""
    rows = received.results
    most = rows["assessment"].map(received.max_scores).astype("float64")
    high = rows["primary_score"] > most + TOLERANCE
    yield from at_rows(rows, high, "primary_score", _TOO_HIGH, given=rows["primary_score"], most=most)


@check(N_("absent pupils have no scores"), alone=True)
def absent_unscored(received: Received) -> Iterator[Finding]:
    """Check that a pupil who was absent has neither score nor mark."""
    rows = received.results
    scored = rows[_SCORES].notna().any(axis=1) & (rows[_SCORES] != 0).any(axis=1)
    yield from at_rows(rows, (rows["status"] == "absent") & scored, "status", _ABSENT_SCORED)


@check(N_("whoever took the work has a result"))
def result_known(received: Received) -> Iterator[Finding]:
    """Check that a pupil who took the work has a score, a mark or points."""
    rows = received.results
    scored = rows[_SCORES].notna().any(axis=1)
    silent = (rows["status"] == "took") & ~scored
    if silent.any():
        keys = ["assessment", "pupil"]
        there = pd.MultiIndex.from_frame(rows.loc[silent, keys]).isin(pd.MultiIndex.from_frame(received.answered[keys]))
        silent.loc[silent] = ~there
    yield from at_rows(rows, silent, "primary_score", _NO_SCORE)


@check(N_("whoever has points has a result"))
def points_have_result(received: Received) -> Iterator[Finding]:
    """Check that a row of points has its row of results."""
    for frame, own in _beside_results(received):
        whole = frame[["assessment", "pupil"]].notna().all(axis=1)
        yield from at_rows(frame, whole & own[FILE].isna(), "pupil", _NO_RESULT)


@check(N_("points and results name one school and class"))
def same_place(received: Received) -> Iterator[Finding]:
    """Check that points and results name the same school and class of a pupil."""
    for frame, own in _beside_results(received):
        for column in ("school", "class"):
            differs = own[column].notna() & frame[column].notna() & (own[column] != frame[column])
            yield from at_rows(frame, differs, column, _OTHER_PLACE, given=frame[column], other=own[column])


@check(N_("absent pupils have no points"))
def absent_unanswered(received: Received) -> Iterator[Finding]:
    """Check that a pupil who was absent has no points."""
    for frame, own in _beside_results(received):
        yield from at_rows(frame, own["status"] == "absent", "pupil", _ABSENT_ANSWERED)


@check(N_("the score is the sum of the points"))
def points_sum(received: Received) -> Iterator[Finding]:
    """Check that the declared primary score is the sum of the points; X and «не пройд.» count 0."""
    for frame, own in _beside_results(received):
        sums = frame[tasks_of(frame)].sum(axis=1, min_count=1)
        wrong = differ(sums, own["primary_score"]) & (own["status"] == "took")
        wrong &= ~frame[UNSCORED].astype(bool) if UNSCORED in frame else True
        yield from at_rows(frame, wrong, "primary_score", _SUM, sum=sums, given=own["primary_score"])


def _beside_results(received: Received) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Give each frame of points with the rows of results of the same pupils."""
    first = 0
    for frame in received.responses:
        own = received.results_beside.iloc[first : first + len(frame)]
        first += len(frame)
        if len(frame):
            yield frame, own.set_axis(frame.index)


@check(N_("marks are those of the recommended scale"))
def mark_by_scale(received: Received) -> Iterator[Finding]:
    """Warn where a mark of ВПР is not the recommended one: a school may use a scale of its own."""
    rows = received.results[received.results["mark"].notna() & received.results["primary_score"].notna()]
    works = received.known_assessments.set_index("assessment")
    for assessment, marked in rows.groupby("assessment", sort=False):
        if assessment not in works.index:
            continue
        scale = scale_of(received, str(assessment))
        if scale is None:
            continue
        inside = marked[marked["primary_score"] <= scale.max_score]
        due = instruments.mark_of(inside["primary_score"], scale).astype("float64")
        wrong, score = differ(inside["mark"], due), inside["primary_score"]
        yield from at_rows(
            inside, wrong, "mark", _OTHER_MARK, severity="warning", given=inside["mark"], scale=due, score=score
        )


def scale_of(received: Received, assessment: str) -> instruments.MarkScale | None:
    """Return the recommended mark scale of an assessment, if there is one for these tasks."""
    rows = received.known_assessments
    work = rows[rows["assessment"] == assessment].iloc[0]
    if work["procedure"] != "vpr" or pd.isna(work["material_grade"]):
        return None
    try:
        scale = instruments.mark_scale(received.root, str(work["subject"]), int(work["material_grade"]))
    except OkoError:
        return None
    return scale if scale.max_score == received.max_scores.get(assessment) else None


@check(N_("rows with scores have a variant where the file has variants"), alone=True)
def variant_given(received: Received) -> Iterator[Finding]:
    """Warn where a variant is missing."""
    yield from cells.without_variant(received.results)
