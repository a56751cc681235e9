"""ФИС ОКО, form Ф1 «Индивидуальные результаты»: each pupil with points, mark and journal mark.

Headings and the order of rows are those of a real file of 2026; that the files of 2020 and 2021 were the same is
unconfirmed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from oko.language import N_
from oko.records.readers import Finding, RawTable, Reading, at_rows
from oko.records.readers.context import Context, Work
from oko.records.readers.fisoko_head import Head, head_of, implied_assessment, with_places
from oko.records.readers.headings import TaskHeading, clean, columns, heading_row, tasks
from oko.records.readers.layout import Layout
from oko.records.readers.school_rows import compared, nobody_left, read_rows
from oko.records.readers.sheets import Sheet
from oko.records.tokens import is_absent

NEEDED = ("Код участника", "Название ОО", "Первичный балл")
WANTED = {
    "login": "ОО",
    "title": "Название ОО",
    "code": "Код участника",
    "class": "Класс",
    "variant": "Вариант",
    "primary_score": "Первичный балл",
    "journal_mark": "Отметка по журналу",
    "mark": "Отметка",
    "sex": "Пол",
}
RESULTS = ("assessment", "school", "code", "class", "sex", "variant", "primary_score", "mark", "journal_mark")
_LEVELS = {"б": "basic", "п": "raised", "в": "high"}
_PARTICIPANTS = re.compile(r"кол(?:-|иче)?во участников:?\s*([0-9]+)", re.IGNORECASE)

_OTHER_N = N_("The line of the school says {given} participants, and {n} rows follow: the file is cut or was changed.")
_NO_CODE = N_("The row has points and no participant’s code: add the code or delete the row.")
_OTHER_GRADE = N_(
    "The participant’s code begins with {given}, and most codes with {grade}: is the pupil of another grade?"
)
_TWICE = N_("The heading stands {n} times; leave one.")
_NO_ROWS = N_("The table has headings and no rows.")
_SHEET_LEFT = N_(
    "The sheet was not read: no table of this layout is in it. If it holds a report, send it as its own file."
)


def recognises(sheets: Sequence[Sheet]) -> bool:
    """Tell whether some sheet is a table of individual results."""
    return any(_heading(sheet) is not None for sheet in sheets)


def read(sheets: Sequence[Sheet], context: Context) -> Reading:
    """Read individual results.

    Parameters
    ----------
    sheets : sequence of Sheet
    context : Context

    Returns
    -------
    Reading
        Assessments and items (maxima from the headings, levels from «Уровень сложности задания»), results, responses;
        with ``others = comparison`` also schools.

    Raises
    ------
    DataError
        It is not known which work the file is about, or every row is of a school that is to be left.
    """
    tables: list[RawTable] = []
    findings: list[Finding] = []
    for sheet in sheets:
        row = _heading(sheet)
        if row is not None:
            tables += _tables(sheet, row, context)
        elif len(sheet.frame):
            findings.append(sheet_left(sheet, context))
    return Reading(INDIVIDUAL.name, tuple(tables), tuple(findings))


def sheet_left(sheet: Sheet, context: Context) -> Finding:
    """Warn of a sheet that was not read."""
    return Finding(context.file, None, None, _SHEET_LEFT, {}, "warning", sheet.name, "recognised")


def _heading(sheet: Sheet) -> int | None:
    row = heading_row(sheet.top, NEEDED)
    return row if row is not None and tasks(sheet.frame, row) else None


def _tables(sheet: Sheet, row: int, context: Context) -> Iterator[RawTable]:
    headings = tasks(sheet.frame, row)
    cells = sheet.frame.iloc[row + 1 :].reset_index(drop=True)
    points = cells[list(headings)].set_axis([heading.label for heading in headings.values()], axis=1)
    answered = (points.apply(lambda texts: texts.str.strip()) != "").any(axis=1)
    places = columns(sheet.frame, row, WANTED)
    whole = _rows(sheet, row, cells, places, context)
    filled = (whole["code"].str.strip() != "") & (answered | ~_blank(whole))
    head, work = _work(sheet, row, whole.loc[filled, "code"], context)
    whole = whole.assign(assessment=pd.Series(work.assessment, whole.index, dtype="str"))
    texts = sheet.frame.iloc[row].tolist()
    titles = {name: clean(texts[place]) for name, place in places.items()}
    titles["school"] = titles.get("login", titles["title"])
    kept, others = _of_read_schools(whole, filled, titles["school"], context)
    found = (
        *_unlike(whole, filled, answered),
        *others,
        *_of_other_grade(whole[kept], str(work.pupil_grade)),
        *_repeated(list(headings.values()), sheet, row, context),
    )
    yield implied_assessment(work, head.max_score, sheet, row, context, head.findings)
    yield _items(sheet, row, headings, work, context)
    yield from compared(whole[kept], context)
    once = points.loc[:, ~points.columns.duplicated()]
    if not filled.any():
        found = (*found, Finding(context.file, None, None, _NO_ROWS, {}, sheet=sheet.name, check="shape"))
    grade = str(work.pupil_grade)
    table = RawTable("results", context.file, whole, found, grade=grade, headings=titles)
    yield from _of_pupils(whole, once, (kept, answered), table)


def _rows(sheet: Sheet, row: int, cells: pd.DataFrame, places: dict[str, int], context: Context) -> pd.DataFrame:
    """Return what stands beside the points, the school of each row, and the number that the line of a school gives."""
    known = pd.DataFrame({name: cells[place] for name, place in places.items()}, dtype="str")
    whole = with_places(known, sheet, np.arange(len(cells)) + row + 2, context)
    participants = _participants(cells, whole["code"].str.strip() != "")
    return whole.assign(school=_schools(whole, context), participants=participants)


def _of_read_schools(
    whole: pd.DataFrame, filled: pd.Series, heading: str, context: Context
) -> tuple[pd.Series, list[Finding]]:
    read, findings = read_rows(whole[filled], heading, context)
    if len(read) and not read.any():
        raise nobody_left(context)
    kept = filled.copy()
    kept[filled] = read
    return kept, findings


def _of_pupils(
    whole: pd.DataFrame, points: pd.DataFrame, masks: tuple[pd.Series, pd.Series], table: RawTable
) -> Iterator[RawTable]:
    kept, answered = masks
    at = ["#file", "#sheet", "#row"]
    results = whole.loc[kept, [name for name in (*RESULTS, *at) if name in whole]]
    yield replace(table, frame=results.reset_index(drop=True))
    keys = [name for name in ("assessment", "school", "code", "class", *at) if name in whole]
    responses = pd.concat([whole[keys], points], axis=1)[kept & answered]
    yield replace(table, kind="responses", frame=responses.reset_index(drop=True), findings=())


def _blank(rows: pd.DataFrame) -> pd.Series:
    """Tell which rows hold a code and nothing else, or nothing else but a score of 0."""
    said = pd.Series(False, rows.index)
    for name in ("variant", "mark", "journal_mark", "class", "sex"):
        if name in rows:
            said |= rows[name].str.strip() != ""
    return ~said & rows["primary_score"].str.strip().isin(["", "0"])


def _work(sheet: Sheet, row: int, codes: pd.Series, context: Context) -> tuple[Head, Work]:
    """Tell the work; the first digit of most codes is the grade of the pupils, where the work's grade allows it."""
    head = head_of(sheet, row, context)
    first = codes.str.strip().str[:1].mode()
    material = head.work.material_grade
    grade = int(first.iloc[0]) if len(first) and first.iloc[0].isdecimal() else None
    fits = grade is not None and material is not None and grade in {material, material + 1}
    found = head.work.filled(Work(pupil_grade=grade)) if fits else head.work
    return head, context.work(found)


def _schools(rows: pd.DataFrame, context: Context) -> pd.Series:
    """Return the school of each row: by its login, or by its title where no login stands."""
    title = rows["title"]
    written = rows["login"].where(rows["login"].str.strip() != "", title) if "login" in rows else title
    return written.map({text: context.school(text) for text in written.unique()}).astype("str")


def _participants(cells: pd.DataFrame, of_pupils: pd.Series) -> pd.Series:
    """Return the number that the line of a school gives, on that line; empty on all others."""
    lines = cells[~of_pupils]
    found = [_PARTICIPANTS.search(" ".join(map(clean, line))) for line in lines.to_numpy()]
    return pd.Series([match[1] if match else "" for match in found], lines.index, dtype="str").reindex(
        cells.index, fill_value=""
    )


def _unlike(rows: pd.DataFrame, kept: pd.Series, answered: pd.Series) -> Iterator[Finding]:
    """Name lines of schools whose number is not that of their rows, and rows without a code."""
    lines = rows["participants"] != ""
    block = lines.cumsum()
    variant = rows["variant"] if "variant" in rows else pd.Series("", rows.index)
    took = kept & ~variant.map({text: is_absent(text) for text in variant.unique()}).astype(bool)
    whole, sat = kept.groupby(block).sum(), took.groupby(block).sum()
    given = pd.to_numeric(rows["participants"]).fillna(-1).astype("int64")
    wrong = lines & (given != block.map(whole)) & (given != block.map(sat))
    yield from at_rows(rows, wrong, None, _OTHER_N, check="school_line", given=given, n=block.map(whole))
    stray = answered & ~kept & ~lines & (rows["code"].str.strip() == "")
    yield from at_rows(rows, stray, WANTED["code"], _NO_CODE, check="empty")


def _of_other_grade(rows: pd.DataFrame, grade: str) -> Iterator[Finding]:
    first = rows["code"].str.strip().str[: len(grade)]
    five = rows["code"].str.strip().str.fullmatch(r"[0-9]{5}")
    wrong = five & (first != grade)
    yield from at_rows(
        rows, wrong, WANTED["code"], _OTHER_GRADE, severity="warning", check="form", given=first, grade=grade
    )


def _repeated(headings: list[TaskHeading], sheet: Sheet, row: int, context: Context) -> Iterator[Finding]:
    labels = pd.Series([heading.label for heading in headings], dtype="str").value_counts()
    for label, n in labels[labels > 1].items():
        yield Finding(context.file, row + 1, str(label), _TWICE, {"n": int(n)}, sheet=sheet.name, check="shape")


def _items(sheet: Sheet, row: int, headings: dict[int, TaskHeading], work: Work, context: Context) -> RawTable:
    lines = [[clean(cell).lower() for cell in line] for line in sheet.frame.iloc[:row].to_numpy()]
    levels = next((line for line in lines if any(cell.startswith("уровень сложности") for cell in line)), [])
    rows = [
        {
            "assessment": work.assessment,
            "item": heading.label,
            "position": str(place),
            "max_score": "" if heading.max_score is None else str(heading.max_score),
            "level": _LEVELS.get(levels[column], "") if levels else "",
        }
        for place, (column, heading) in enumerate(headings.items(), start=1)
    ]
    frame = pd.DataFrame(rows, dtype="str").drop_duplicates("item").reset_index(drop=True)
    return RawTable("items", context.file, with_places(frame, sheet, row + 1, context), implied=True)


INDIVIDUAL = Layout("fisoko-individual", N_("ФИС ОКО: individual results (Ф1)"), recognises, read)
LAYOUTS: tuple[Layout, ...] = (INDIVIDUAL,)
