"""Protocols of ОГЭ and ЕГЭ: each participant with masks of answers, primary score, and mark or test score.

Headings are those of real files of 2025 and 2026; that the protocols of 2019–2021 were the same is unconfirmed. Names
become pseudonyms while the rows are walked and are never put into a table.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from oko.errors import DataError
from oko.language import N_
from oko.records.exam_marks import mark_findings
from oko.records.readers import Change, Finding, RawTable, Reading
from oko.records.readers.context import Context, Work, work_in
from oko.records.readers.exam_blocks import (
    MASKS,
    NOT_FITTING,
    PERSONAL,
    Block,
    Kept,
    blocks,
    exam_lines,
    first_procedure,
    kept,
    without_names,
)
from oko.records.readers.exam_masks import OTHER_SUM, Points, points
from oko.records.readers.exam_tables import items, placed, structure_findings
from oko.records.readers.layout import Layout
from oko.records.readers.school_rows import compared, read_rows
from oko.records.readers.sheets import Sheet

__all__ = ["LAYOUTS", "read", "without_names"]

GRADES = {"oge": 9, "ege": 11}
_SCORES = ("primary_score", "mark", "test_score")
_BASE = re.compile(r"баз", re.IGNORECASE)
_SUBJECT = re.compile(r"[0-9]{1,3}\s*[-–—]\s*(.*\S)\s+[0-9.-]{10}")

_NO_HEADINGS = N_("Below this line of an exam stand no headings of a protocol, and nothing of it was read.")
_LEFT_OUT = N_("Exam “{exam}” was left out: the workbench has no code for its subject.")
_NO_NAME = N_("The row has scores and neither a name nor a code: fill it in or delete the row.")
_MANY_SUMS = N_(
    "In {n} of {all} rows the masks do not add up to the primary score: what + is worth in this exam is not what was "
    "expected, and the scores do not determine it. Look whether the columns belong together."
)


@dataclass(frozen=True)
class _Exam:
    """One exam of a sheet with the work that it is."""

    block: Block
    sheet: Sheet
    context: Context
    work: Work

    @property
    def written(self) -> dict[str, str]:
        return self.block.written(self.sheet.frame)

    def finding(self, row: object, column: str | None, message: str, **values: object) -> Finding:
        shown = self.written.get(column, column) if column else None
        number = int(str(row)) + 1 if row is not None else None
        return Finding(self.context.file, number, shown, message, values, sheet=self.sheet.name)


def read(sheets: Sequence[Sheet], context: Context, layout: str = "") -> Reading:
    """Read protocols of ОГЭ and ЕГЭ.

    Parameters
    ----------
    sheets : sequence of Sheet
    context : Context
        Names need its pseudonyms.
    layout : str
        Name of the layout that was recognised.

    Returns
    -------
    Reading
        Assessments, tasks, results and points of each exam; nothing in it holds a name. With ``others = comparison``
        also schools.

    Raises
    ------
    DataError
        There is no key to make pseudonyms with, no column tells participants or schools apart, or it is not known which
        work this is.
    """
    tables: list[RawTable] = []
    findings: list[Finding] = []
    changes: list[Change] = []
    for sheet in sheets:
        found = list(blocks(sheet.frame))
        lost = set(exam_lines(sheet.frame)) - {block.title_row for block in found}
        findings += [
            Finding(context.file, row + 1, None, _NO_HEADINGS, severity="warning", sheet=sheet.name)
            for row in sorted(lost)
        ]
        for block in found:
            if block.title and not _has_subject(block.title):
                findings.append(_left_out(block, sheet, context))
                continue
            new_tables, new_findings, new_changes = _read_exam(_exam(block, sheet, context))
            tables, findings, changes = tables + new_tables, findings + new_findings, changes + new_changes
    if not tables and not findings:
        raise DataError("The protocol has no exam: no headings of masks and of the primary score were found.")
    return Reading(layout, tuple(tables), tuple(findings), tuple(changes))


def _has_subject(title: str) -> bool:
    """Tell whether an exam's subject has a code; mathematics of the basic level is another exam and has none."""
    subject = work_in(title).subject
    return subject is not None and not (subject == "mathematics" and _BASE.search(title))


def _left_out(block: Block, sheet: Sheet, context: Context) -> Finding:
    name = _SUBJECT.fullmatch(block.title)
    values = {"exam": name[1] if name else ""}
    row = None if block.title_row is None else block.title_row + 1
    return Finding(context.file, row, None, _LEFT_OUT, values, severity="warning", sheet=sheet.name)


def _exam(block: Block, sheet: Sheet, context: Context) -> _Exam:
    grade = GRADES[block.procedure]
    said = work_in(block.title or Path(context.file).stem)
    season = said.season or context.told.season or "spring"
    found = Work(block.procedure, said.subject, said.year, season, grade, grade)
    if not block.title:
        found = replace(found, subject=None, year=None)
    return _Exam(block, sheet, context, context.work(found))


def _read_exam(exam: _Exam) -> tuple[list[RawTable], list[Finding], list[Change]]:
    _check_columns(exam)
    held = kept(exam.block, exam.sheet.frame)
    cells = _plain(held.cells)
    keys, findings = _keys(exam, cells)
    findings += _hidden(exam, held)
    schools = placed(keys, exam.context.file, exam.sheet.name, [int(row) + 1 for row in keys.index])
    read_here, others = read_rows(schools, exam.written.get("school", "school"), exam.context)
    keys, findings = keys[read_here], findings + others
    cells, absent = cells.loc[keys.index], held.absent.loc[keys.index]
    status = _status(cells, absent)
    answered = cells[(status == "took") & _with_mask(cells)]
    empty = pd.Series("", answered.index, dtype="str")
    declared = pd.to_numeric(answered.get("primary_score", empty).str.replace(",", "."), errors="coerce")
    found = points(answered.get("short", empty), answered.get("long", empty), declared)
    findings += _mask_findings(exam, found)
    findings += structure_findings(found, exam.work, exam.context, exam.sheet.name)
    results = keys.assign(**_own(cells, "class", "variant"), status=status, **_own(cells, *_SCORES))
    whole = found.cells
    responses = keys.loc[whole.index].assign(**_own(cells.loc[whole.index], "class"))
    tables = [
        *items(found, exam.work, exam.context, exam.sheet.name, exam.block.heading + 1),
        _table(exam, "results", results),
        _table(exam, "responses", pd.concat([responses, whole], axis=1)),
        *compared(schools[read_here], exam.context),
    ]
    findings += _off_the_scale(exam, tables)
    return [table for table in tables if len(table.frame)], findings, _changes(exam, found)


def _check_columns(exam: _Exam) -> None:
    places, context = exam.block.places, exam.context
    if "surname" not in places and "code" not in places:
        raise DataError("The protocol has no column «Фамилия» or «Код участника»: nothing tells participants apart.")
    if "school" not in places and context.told.school is None:
        raise DataError(
            "The protocol has no column «Код ОО»: write the school into a file received.toml in the folder: {line}.",
            line='school = "…"',
        )
    if "surname" in places and context.pseudonyms is None:
        raise DataError("The file holds names, and there is no key to make pseudonyms with; make one first: oko init.")


def _plain(cells: pd.DataFrame) -> pd.DataFrame:
    """Make a lone dash empty where it says "nothing": in scores, and beside masks of several tasks."""
    made = pd.DataFrame({name: column.str.strip() for name, column in cells.items()}, cells.index, dtype="str")
    for name in {*MASKS, *_SCORES} & set(made):
        dash = made[name].isin(["-", "–", "—", "−"])
        if name != "short" or made[name].str.len().max() > 1:
            made[name] = made[name].mask(dash, "")
    return made


def _keys(exam: _Exam, cells: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """Return assessment, school and pupil (or code) of each row; rows that name nobody are faults."""
    told = exam.context.told.school or ""
    written = cells["school"] if "school" in cells else pd.Series(told, cells.index, dtype="str")
    codes = {text: exam.context.school(text) for text in written.unique()}
    schools = written.map(codes).astype("str")
    who = "pupil" if exam.block.named else "code"
    people = _pupils(exam, schools) if exam.block.named else cells["code"]
    keys = pd.DataFrame({"assessment": exam.work.assessment, "school": schools, who: people}, dtype="str")
    nobody = people == ""
    findings = [exam.finding(row, "surname" if exam.block.named else "code", _NO_NAME) for row in keys.index[nobody]]
    return keys[~nobody], findings


def _pupils(exam: _Exam, schools: pd.Series) -> pd.Series:
    """Walk the names once, row by row, and keep pseudonyms alone; "" where there is no surname."""
    of_name = exam.context.pseudonyms.of_name if exam.context.pseudonyms else None
    frame, places = exam.sheet.frame, exam.block.places
    columns = [places.get(part) for part in PERSONAL]
    made: list[str] = []
    for row, school in schools.items():
        parts = ["" if column is None else str(frame.at[row, frame.columns[column]]) for column in columns]
        made.append(of_name(school, *parts) if of_name and parts[0].strip() else "")
    return pd.Series(made, schools.index, dtype="str")


def _hidden(exam: _Exam, held: Kept) -> list[Finding]:
    faults = held.hidden.stack()
    return [exam.finding(row, str(name), NOT_FITTING) for row, name in faults.index[faults.to_numpy(dtype=bool)]]


def _with_mask(cells: pd.DataFrame) -> pd.Series:
    return (cells[[name for name in MASKS if name in cells]] != "").any(axis=1)


def _status(cells: pd.DataFrame, absent: pd.Series) -> pd.Series:
    """Call absent whoever a cell says so of, and whoever has neither mask nor score (a convention, unconfirmed)."""
    scores = [name for name in _SCORES if name in cells]
    nothing = ~_with_mask(cells) & (cells[scores] == "").all(axis=1)
    return pd.Series("took", cells.index, dtype="str").mask(absent | nothing, "absent")


def _own(cells: pd.DataFrame, *names: str) -> dict[str, pd.Series]:
    return {name: cells[name] for name in names if name in cells}


def _table(exam: _Exam, kind: str, frame: pd.DataFrame) -> RawTable:
    """Make a table of pupils; classes that begin with the grade need no other to be given."""
    grade = str(exam.work.pupil_grade)
    classes = frame["class"] if "class" in frame else pd.Series(dtype="str")
    whole = classes[classes != ""].str.startswith(grade).all()
    rows = [int(row) + 1 for row in frame.index]
    shown = {name: text for name, text in exam.written.items() if name in frame}
    return RawTable(
        kind,
        exam.context.file,
        placed(frame, exam.context.file, exam.sheet.name, rows),
        grade="" if whole else grade,
        headings=shown,
    )


def _mask_findings(exam: _Exam, found: Points) -> Iterator[Finding]:
    wrong = found.n_declared - found.n_agreeing
    many = found.n_declared >= 3 and 2 * wrong > found.n_declared
    if many:
        yield exam.finding(None, "primary_score", _MANY_SUMS, n=wrong, all=found.n_declared)
    for fault in found.faults:
        if not (many and fault.message == OTHER_SUM):
            yield exam.finding(fault.row, fault.part, fault.message, **fault.values)


def _off_the_scale(exam: _Exam, tables: Sequence[RawTable]) -> tuple[Finding, ...]:
    """Compare the marks of ОГЭ with the scale, in mathematics by the points from geometry too."""
    frames = {table.kind: table.frame for table in tables}
    heading = exam.written.get("mark", "mark")
    return mark_findings(exam.context.root, exam.work, frames["results"], frames["responses"], heading)


def _changes(exam: _Exam, found: Points) -> list[Change]:
    heading = exam.written.get("short", "")
    return [Change(exam.context.file, heading, sign, value, n) for (sign, value), n in found.read_as.items()]


def _layout(name: str, title: str, procedure: str) -> Layout:
    def recognises(sheets: Sequence[Sheet]) -> bool:
        return first_procedure(sheets) == procedure

    def read_as(sheets: Sequence[Sheet], context: Context) -> Reading:
        return read(sheets, context, name)

    return Layout(name, title, recognises, read_as)


LAYOUTS: tuple[Layout, ...] = (
    _layout("ege-protocol", N_("protocol of ЕГЭ, one exam or several in a sheet"), "ege"),
    _layout("oge-protocol", N_("protocol of ОГЭ, one exam or several in a sheet, or one exam as CSV"), "oge"),
)
