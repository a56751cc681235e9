"""Checks of files against the tasks of the work and its printed specification."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from oko.language import N_
from oko.records.checks import check
from oko.records.readers import FILE, ROW, SHEET, Finding, at_rows
from oko.records.received import IMPLIED, Received, tasks_of

TOLERANCE = 1e-9
_MAXIMA = N_("The greatest score is {given}, and the tasks’ maxima sum to {sum}: correct one of them.")
_NO_COLUMN = N_(
    "Assessment {assessment} has this task, and the table no column of it: add an empty one if it was not set."
)
_NO_TASK = N_("Assessment {assessment} has no such task: correct the label or add it to the table of items.")
_MANY_POINTS = N_("{given} points are more than the task gives, {most}.")
_OTHER_MAXIMUM = N_("The file gives {given} for the greatest score of task {item}, {file} gave {other}: correct one.")
_PRINTED = N_("Task {item}: the file’s greatest score is {given}, the printed one {other}; the file’s is used.")


@check(N_("the greatest score is the sum of the tasks’ maxima"))
def maxima_sum(received: Received) -> Iterator[Finding]:
    """Check that the declared greatest score equals the sum of the tasks' maxima."""
    rows = received.assessments
    sums = rows["assessment"].map(received.task_maxima).astype("float64")
    wrong = differ(sums, rows["max_score"])
    yield from at_rows(rows, wrong, "max_score", _MAXIMA, given=rows["max_score"], sum=sums)


@check(N_("a task has one greatest score in all files"))
def maxima_agree(received: Received) -> Iterator[Finding]:
    """Check that files about one work give a task the same maximum."""
    rows = received.items[received.items[IMPLIED]].dropna(subset=["assessment", "item", "max_score"])
    first = rows.groupby(["assessment", "item"])[[FILE, "max_score"]].transform("first")
    wrong = differ(rows["max_score"], first["max_score"])
    given, other, item, file = rows["max_score"], first["max_score"], rows["item"], first[FILE]
    for found in at_rows(rows, wrong, None, _OTHER_MAXIMUM, given=given, other=other, item=item, file=file):
        yield replace(found, row=None)


@check(N_("points have a column for each task"))
def tasks_there(received: Received) -> Iterator[Finding]:
    """Check that a table of points has a column for each task of its assessment."""
    for frame, assessment, rows in _by_assessment(received):
        maxima = received.maxima_of(assessment)
        for task in maxima.index.difference(tasks_of(frame), sort=False):
            yield from _headings(rows, task, _NO_COLUMN, assessment)


@check(N_("every task with points is one of the work’s"))
def tasks_known(received: Received) -> Iterator[Finding]:
    """Check that a column of points is a task of the assessment."""
    for frame, assessment, rows in _by_assessment(received):
        maxima = received.maxima_of(assessment)
        for task in tasks_of(frame):
            if task not in maxima.index:
                yield from _headings(rows[rows[task].notna()], task, _NO_TASK, assessment)


@check(N_("no task has more points than it gives"))
def points_in_range(received: Received) -> Iterator[Finding]:
    """Check that points do not exceed the task's maximum."""
    for frame, assessment, rows in _by_assessment(received):
        maxima = received.maxima_of(assessment)
        tasks = [task for task in tasks_of(frame) if task in maxima.index]
        high = rows[tasks] > maxima[tasks] + TOLERANCE
        for task in high.columns[high.any()]:
            yield from at_rows(rows, high[task], task, _MANY_POINTS, given=rows[task], most=float(maxima[task]))


@check(N_("the file’s maxima are the printed ones; where not, the file’s are used"))
def heading_maximum(received: Received) -> Iterator[Finding]:
    """Warn where a file's maximum is not the printed one: the file's wins."""
    works = received.known_assessments.set_index("assessment")
    implied = received.items[received.items[IMPLIED]].dropna(subset="max_score")
    for assessment, rows in implied.groupby("assessment", sort=False):
        printed = received.printed(str(assessment)) if assessment in works.index else None
        if printed is None:
            continue
        other = rows["item"].map(printed.set_index("item")["max_score"])
        wrong = differ(rows["max_score"], other)
        given, item = rows["max_score"], rows["item"]
        yield from at_rows(rows, wrong, None, _PRINTED, severity="warning", given=given, other=other, item=item)


def differ(first: pd.Series, second: pd.Series) -> pd.Series:
    """Tell where two numbers are both known and not equal."""
    return (first - second).abs() > TOLERANCE


def _by_assessment(received: Received) -> Iterator[tuple[pd.DataFrame, str, pd.DataFrame]]:
    for frame in received.responses:
        names = frame["assessment"].dropna().unique()
        for assessment in names:
            yield frame, str(assessment), frame if len(names) == 1 else frame[frame["assessment"] == assessment]


def _headings(rows: pd.DataFrame, task: str, message: str, assessment: str) -> Iterator[Finding]:
    """Name the heading of a task in each file of the rows."""
    firsts = rows.groupby([FILE, SHEET], sort=False)[ROW].min().reset_index()
    for file, sheet, first in firsts.itertuples(index=False, name=None):
        yield Finding(file, max(1, first - 1), task, message, {"assessment": assessment}, sheet=sheet)
