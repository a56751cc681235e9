"""A collected form becomes tables: the work it is of, its tasks, results and points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from oko.errors import DataError
from oko.language import N_
from oko.records import instruments
from oko.records.readers import FILE, ROW, SHEET, Finding, RawTable, Reading
from oko.records.readers.context import Context, Work
from oko.records.readers.fisoko_pupils import sheet_left
from oko.records.readers.form_pupils import pupils_in
from oko.records.readers.form_rows import Protocol, Pupils, constant
from oko.records.readers.headings import TaskHeading, clean, heading_row
from oko.records.readers.school_rows import compared
from oko.records.readers.sheets import Sheet

RESULTS = ("school", "code", "class", "sex", "variant", "primary_score", "journal_mark")
KEYS = ("school", "code", "class")
_KNOWN_SHEETS = frozenset({"классы", "служебный", "порядковый номер класса"})

_TWICE = N_("The heading stands {n} times; leave one.")
_UNCONFIRMED = N_(
    "The columns of points have no labels; they were named as the tasks of the work stand in this order ({status})."
)
_ODD_GRADES = N_(
    "The codes are of grade {pupils}, and the work is on the material of grade {material}: only ВПР of autumn 2020 "
    "were written a grade later. Correct the file’s name or received.toml if that is wrong."
)


def sheet_with(sheets: Sequence[Sheet], needed: Sequence[str]) -> tuple[Sheet, int] | None:
    """Return the first sheet that has the headings, and its heading row.

    Parameters
    ----------
    sheets : sequence of Sheet
    needed : sequence of str
        Beginnings of headings, as in :func:`oko.records.readers.headings.heading_row`.
    """
    for sheet in sheets:
        row = heading_row(sheet.top, needed)
        if row is not None:
            return sheet, row
    return None


def the_only(sheets: Sequence[Sheet], needed: Sequence[str]) -> tuple[Sheet, int]:
    """Return the sheet that has the headings.

    Raises
    ------
    DataError
        None has them, or more than one.
    """
    found = [(sheet, row) for sheet in sheets if (row := heading_row(sheet.top, needed)) is not None]
    if len(found) != 1:
        raise DataError(
            "A workbook holds one protocol, and here sheets with the headings of one are: {sheets}. Save each as a "
            "file of its own.",
            sheets=", ".join(sheet.name for sheet, _ in found) or "–",
        )
    return found[0]


def read_protocol(protocol: Protocol, context: Context, sheets: Sequence[Sheet], nobody: str) -> Reading:
    """Read a collected form once its columns are found.

    Parameters
    ----------
    protocol : Protocol
    context : Context
    sheets : sequence of Sheet
        All of the file; those that are neither read nor known are named.
    nobody : str
        English message of the error for a form without pupils.

    Returns
    -------
    Reading
        Assessments, items, results, responses; with ``others = comparison`` also schools.

    Raises
    ------
    DataError
        There is no pupil in it, or it is not known which school, work or tasks it is of.
    """
    pupils = pupils_in(protocol, context)
    if pupils.frame.empty and not pupils.findings:
        raise DataError(nobody)
    work = _work(protocol, pupils, context)
    labels, notes = _labels(protocol, work, context)
    where = (context.file, protocol.sheet.name, protocol.row + 1)
    findings = [*pupils.findings, *notes, *_grades_agree(work, where), *_repeated(labels, where, protocol)]
    findings += [sheet_left(sheet, context) for sheet in sheets if _unknown(sheet, protocol)]
    tables = (
        _assessment(protocol, work, where),
        _items(protocol, labels, work, where),
        *_of_pupils(protocol, pupils, labels, work),
        *compared(pupils.frame, context),
    )
    return Reading(protocol.layout, tables, tuple(findings), pupils.changes)


def _unknown(sheet: Sheet, protocol: Protocol) -> bool:
    return (
        sheet is not protocol.sheet
        and clean(sheet.name).casefold() not in _KNOWN_SHEETS
        and bool((sheet.frame != "").to_numpy().any())
    )


def _work(protocol: Protocol, pupils: Pupils, context: Context) -> Work:
    """Tell the work: tasks with their maxima say subject and grade, codes the pupils' grade; these forms are of ВПР."""
    headings = list(protocol.tasks.values())
    known = None
    if any(heading.max_score is not None for heading in headings):
        known = instruments.recognise_work(context.root, headings)
    subject, material = known or (None, None)
    procedure = context.told.procedure or "vpr"
    return context.work(Work(procedure, subject, None, None, material, pupils.grade))


def _labels(protocol: Protocol, work: Work, context: Context) -> tuple[dict[int, str], list[Finding]]:
    """Return the label of each column of points; positions are translated by the specification of the work."""
    labels = {place: heading.label for place, heading in protocol.tasks.items()}
    if not protocol.by_position:
        return labels, []
    known = instruments.specification(context.root, work)
    by_position = dict(zip(known["position"].astype("int64"), known["item"].astype("str"), strict=True))
    if {int(label) for label in labels.values()} != set(by_position):
        raise DataError(
            "The file has {n} columns of points, and {work} has {known} tasks ({status}): check the year, season, "
            "subject and grade in the file’s name or in received.toml.",
            n=len(labels),
            work=work.assessment,
            known=len(by_position),
            status=known.attrs["status"],
        )
    notes = []
    if not known.attrs["confirmed"]:
        values = {"status": known.attrs["status"]}
        name = protocol.sheet.name
        notes.append(Finding(context.file, None, None, _UNCONFIRMED, values, "warning", name, "specification"))
    return {place: by_position[int(label)] for place, label in labels.items()}, notes


def _grades_agree(work: Work, where: tuple[str, str, int]) -> Iterator[Finding]:
    """Warn where pupils and material are of grades that do not go together."""
    if work.material_grade is None or work.pupil_grade is None:
        return
    autumn = (work.procedure, work.year, work.season) == ("vpr", "2020-2021", "autumn")
    if work.pupil_grade - work.material_grade != int(autumn):
        values = {"pupils": work.pupil_grade, "material": work.material_grade}
        yield Finding(where[0], None, None, _ODD_GRADES, values, "warning", where[1], "recognised")


def _repeated(labels: Mapping[int, str], where: tuple[str, str, int], protocol: Protocol) -> Iterator[Finding]:
    counts = Counter(labels.values())
    first = {label: place for place, label in list(labels.items())[::-1]}
    for label, n in counts.items():
        if n > 1:
            heading = protocol.heading(first[label])
            yield Finding(where[0], where[2], heading, _TWICE, {"n": n}, sheet=where[1], check="shape")


def _assessment(protocol: Protocol, work: Work, where: tuple[str, str, int]) -> RawTable:
    maxima = [heading.max_score for heading in protocol.tasks.values()]
    known = [most for most in maxima if most is not None]
    max_score = str(sum(known)) if len(known) == len(maxima) else ""
    return _implied("assessments", [{**work.row(), "max_score": max_score}], where)


def _items(protocol: Protocol, labels: Mapping[int, str], work: Work, where: tuple[str, str, int]) -> RawTable:
    rows = [
        {
            "assessment": work.assessment,
            "item": label,
            "position": _position(protocol, place, number),
            "max_score": _text(protocol.tasks[place]),
        }
        for number, (place, label) in enumerate(labels.items(), start=1)
    ]
    return _implied("items", list({row["item"]: row for row in reversed(rows)}.values())[::-1], where)


def _position(protocol: Protocol, place: int, number: int) -> str:
    return protocol.tasks[place].label if protocol.by_position else str(number)


def _text(heading: TaskHeading) -> str:
    return "" if heading.max_score is None else str(heading.max_score)


def _implied(kind: str, rows: Sequence[Mapping[str, str]], where: tuple[str, str, int]) -> RawTable:
    frame = pd.DataFrame(rows, dtype="str")
    file, sheet, row = where
    places = {FILE: constant(file, frame.index), SHEET: constant(sheet, frame.index)}
    return RawTable(kind, file, frame.assign(**places, **{ROW: row}), implied=True)


def _of_pupils(protocol: Protocol, pupils: Pupils, labels: Mapping[int, str], work: Work) -> Iterator[RawTable]:
    frame = pupils.frame
    file = str(frame[FILE].iloc[0]) if len(frame) else ""
    headings = {name: protocol.heading(place) for name, place in protocol.columns.items()}
    headings["variant"] = protocol.heading(protocol.variants[0])
    headings |= {label: protocol.heading(place) for place, label in labels.items()}
    grade = str(work.pupil_grade)
    assessment = constant(work.assessment, frame.index)
    at = [FILE, SHEET, ROW]
    results = frame[[name for name in RESULTS if name in frame] + at]
    results.insert(0, "assessment", assessment)
    yield RawTable("results", file, results.reset_index(drop=True), grade=grade, headings=headings)
    points = pupils.points.set_axis(list(labels.values()), axis=1)
    points = points.loc[:, ~points.columns.duplicated()]
    keys = frame[[name for name in KEYS if name in frame] + at]
    keys.insert(0, "assessment", assessment)
    responses = pd.concat([keys, points], axis=1)
    if not pupils.answered.all():
        responses = responses[pupils.answered]
    yield RawTable("responses", file, responses.reset_index(drop=True), grade=grade, headings=headings)
