"""Long tables of a district: marks.xlsx and scores.xlsx, several works in one table.

The headings are those of district dashboards of 2023 to 2025; cells are per cents.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

import numpy as np
import pandas as pd

from oko.errors import DataError
from oko.language import N_
from oko.records.readers import Finding, RawTable, Reading
from oko.records.readers.context import Context, Work, work_in
from oko.records.readers.fisoko_head import group_level, implied_assessment, with_places
from oko.records.readers.fisoko_pupils import sheet_left
from oko.records.readers.fisoko_tables import MARKS, distribution, groups_table, numbered, percents_of
from oko.records.readers.headings import clean, columns, heading_row, login
from oko.records.readers.layout import Layout
from oko.records.readers.sheets import Sheet

WANTED = {
    "year": "Год",
    "grade": "Класс",
    "subject": "Предмет",
    "municipality": "Муниципалитет",
    "login": "Логин",
    "title": "ОО",
    "n": "Кол-во участников",
}
_NEEDED = ("Год", "Класс", "Предмет", "Логин", "Кол-во участников")
_SHORT = {"ма": "математика"}
_OTHER_SUBJECT = N_(
    "Rows of subject {subject} left out: {n}. The workbench has no such subject. "
    "If it is one of yours under another name, write it out in the column."
)
_NOTHING_LEFT = N_("Not one row is of a subject that the workbench has: {subjects}.")


def _keys(sheet: Sheet) -> tuple[str, int, dict[int, str]]:
    """Return the measure of a table, its heading row and the columns of per cents; no measure where it is none."""
    row = heading_row(sheet.top, _NEEDED)
    if row is None:
        return "", 0, {}
    headings = {place: clean(cell) for place, cell in enumerate(sheet.frame.iloc[row])}
    plain = {place: text for place, text in headings.items() if re.fullmatch("[0-9]{1,3}", text)}
    if set(plain.values()) == set(MARKS):
        return "mark", row, plain
    return ("score", row, plain) if {"0", "1", "2"} <= set(plain.values()) else ("", 0, {})


def _recognises(measure: str, sheets: Sequence[Sheet]) -> bool:
    found = [kind for kind in (_keys(sheet)[0] for sheet in sheets) if kind]
    return bool(found) and found[0] == measure


def read(sheets: Sequence[Sheet], context: Context, name: str) -> Reading:
    """Read the long tables of a workbook.

    Parameters
    ----------
    sheets : sequence of Sheet
    context : Context
    name : str
        Name of the layout.

    Returns
    -------
    Reading
        One assessment for each year, grade and subject; groups of level school, or municipality where a row names no
        school. Rows of subjects that the workbench does not have are left out, and a warning says how many.

    Raises
    ------
    DataError
        No row is of a subject that is known, or a work is not known.
    """
    tables: list[RawTable] = []
    findings: list[Finding] = []
    for sheet in sheets:
        measure, row, places = _keys(sheet)
        if measure:
            tables += _tables(sheet, row, measure, places, context)
        elif len(sheet.frame):
            findings.append(sheet_left(sheet, context))
    return Reading(name, tuple(tables), tuple(findings))


def _tables(sheet: Sheet, row: int, measure: str, places: dict[int, str], context: Context) -> Iterator[RawTable]:
    below = sheet.frame.iloc[row + 1 :]
    named = columns(sheet.frame, row, WANTED)
    whole = pd.DataFrame({name: below[place].map(clean) for name, place in named.items()}, dtype="str")
    whole = whole.reindex(columns=list(WANTED), fill_value="")
    whole = with_places(whole, sheet, np.asarray(below.index) + 1, context)
    works = {key: work_of(*key) for key in _works(whole).drop_duplicates().itertuples(index=False, name=None)}
    keys = pd.Series(list(_works(whole).itertuples(index=False, name=None)), whole.index, dtype="object")
    known = keys.map({key: work.subject is not None for key, work in works.items()}).astype(bool)
    left = tuple(_left(whole[~known & (whole["subject"] != "")], sheet, context))
    if not known.any():
        raise DataError(_NOTHING_LEFT, subjects=", ".join(sorted(set(whole["subject"]) - {""})) or "–")
    complete = {key: context.work(_told(work, context)) for key, work in works.items() if work.subject is not None}
    for work in {work.assessment: work for work in complete.values()}.values():
        yield implied_assessment(work, "", sheet, row, context)
    rows = whole[known].assign(assessment=keys[known].map({key: w.assessment for key, w in complete.items()}))
    cells = below[list(places)].set_axis(list(places.values()), axis=1)[known.to_numpy()]
    yield _groups(rows.reset_index(drop=True), cells.reset_index(drop=True), measure, left, context)


def _groups(
    rows: pd.DataFrame, cells: pd.DataFrame, measure: str, left: tuple[Finding, ...], context: Context
) -> RawTable:
    lines = numbered(_named(rows, context).assign(n_schools=""), {"n": WANTED["n"], "group": WANTED["title"]})
    percents, found = percents_of(lines.rows, cells)
    made, wrong = distribution(lines, percents, fill=measure == "mark")
    keys = [str(name) for name in cells]
    assessment = lines.rows["assessment"]
    return groups_table(lines, assessment, measure, keys, (made.values, made.counts), [*left, *found, *wrong])


def _works(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[["year", "grade", "subject"]]


def work_of(year: str, grade: str, subject: str) -> Work:
    """Return the work of a row.

    Examples
    --------
    >>> work_of("2024", "7", "МА")
    Work(procedure='vpr', subject='mathematics', year='2023-2024', season='spring', material_grade=7, pupil_grade=None)
    """
    number = re.match(r"[0-9]{1,2}", grade)
    return work_in(f"ВПР {year} {_SHORT.get(subject.lower(), subject)} {number[0] if number else ''} класс")


def _told(work: Work, context: Context) -> Work:
    """Take the spring where neither the table nor what was told says a season."""
    return work if work.season or context.told.season else work.filled(Work(season="spring"))


def _left(rows: pd.DataFrame, sheet: Sheet, context: Context) -> Iterator[Finding]:
    for subject, n in rows["subject"].value_counts().items():
        values = {"n": int(n), "subject": str(subject)}
        where = context.file, None, WANTED["subject"]
        yield Finding(*where, _OTHER_SUBJECT, values, "warning", sheet.name, "recognised")


def _named(rows: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Name the group of each row by its school and login, or by the municipality where no school stands."""
    triples = rows[["login", "title", "municipality"]].drop_duplicates()
    known = {
        (who, title, place): _group(who, title, place, context)
        for who, title, place in triples.itertuples(index=False, name=None)
    }
    keys = list(rows[["login", "title", "municipality"]].itertuples(index=False, name=None))
    columns_made = zip(*(known[key] for key in keys), strict=True)
    names = dict(zip(("group", "level", "school"), columns_made, strict=True))
    return rows.assign(**{name: pd.Series(texts, rows.index, dtype="str") for name, texts in names.items()})


def _group(who: str, title: str, place: str, context: Context) -> tuple[str, str, str]:
    code = f"sch{who}" if who.isdecimal() else who
    if login(code):
        name = title if login(title) else f"{title} ({code})".strip()
        return name, "school", context.school(code)
    level, school = group_level(title or place, context)
    return title or place, level if title else "municipality", school


LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "district-marks",
        N_("district: long table of marks"),
        partial(_recognises, "mark"),
        partial(read, name="district-marks"),
    ),
    Layout(
        "district-scores",
        N_("district: long table of primary scores"),
        partial(_recognises, "score"),
        partial(read, name="district-scores"),
    ),
)
