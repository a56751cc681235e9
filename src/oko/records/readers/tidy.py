"""Tables of the raw form, in text files or workbooks: recognised by their headings and never by the file's name."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.errors import DataError
from oko.language import N_
from oko.records.kinds import KINDS
from oko.records.personal import personal_heading
from oko.records.raw_form import RawForm
from oko.records.readers import FILE, ROW, SHEET, Finding, RawTable, Reading
from oko.records.readers.context import Context
from oko.records.readers.encodings import FORM_PAGE
from oko.records.readers.headings import stored_label
from oko.records.readers.layout import Layout
from oko.records.readers.sheets import Sheet

_ORDER = ("results", "responses", "items", "assessments", "groups", "options", "schools")
_LIKE = 0.5
_MISSHAPEN = N_("The row has {n} cells and the heading {width}: look for a shifted cell or a quote that is not closed.")
_UNKNOWN_COLUMN = N_("Table {kind} has no such column: delete it or correct its heading. It may have: {known}.")


@dataclass(frozen=True)
class _Table:
    """The sheet with its headings found.

    Attributes
    ----------
    sheet : Sheet
    row : int
        Index of the heading row: the first that is not blank.
    headings : list of str
        As they are known in the raw form; empty ones at the end are left out.
    """

    sheet: Sheet
    row: int
    headings: list[str]


def recognises(sheets: Sequence[Sheet]) -> bool:
    """Tell whether the first row of the first sheet holds the headings of a table of the raw form, or half of them."""
    if not sheets or sheets[0].frame.empty:
        return False
    there = set(_found(sheets[0]).headings)
    return any(_likeness(KINDS[kind], there) >= _LIKE for kind in _ORDER)


def read(sheets: Sequence[Sheet], context: Context) -> Reading:
    """Read one table of the raw form.

    Parameters
    ----------
    sheets : sequence of Sheet
        The table stands in the first; others must be empty.
    context : Context

    Returns
    -------
    Reading

    Raises
    ------
    DataError
        The file as a whole cannot be read: it is empty, holds names, its headings fit no table, or there is more than
        one table in it.
    """
    found = _table(sheets)
    _refuse_names(found.headings)
    form = _recognise(found.headings)
    others = [sheet.name for sheet in sheets[1:] if not _blank(sheet.frame).all()]
    if others:
        raise DataError(
            "A table of the raw form stands alone in its workbook, on the first sheet: save {sheets} as files of "
            "their own.",
            sheets=", ".join(others),
        )
    findings = list(_heading_findings(found, form, context.file))
    rows = found.sheet.frame.iloc[found.row + 1 :]
    rows = rows[~_blank(rows)]
    widths = _widths(found, rows)
    wrong = _misshapen(found, rows, widths)
    for row, n in zip((widths.index[wrong] + 1).tolist(), widths[wrong].tolist(), strict=True):
        values = {"n": n, "width": len(found.headings)}
        findings.append(Finding(context.file, row, None, _MISSHAPEN, values, sheet=found.sheet.name, check="shape"))
    if rows.empty:
        message = N_("The table has headings and no rows.")
        findings.append(Finding(context.file, None, None, message, sheet=found.sheet.name, check="shape"))
    frame = _frame(found, rows[~wrong], context.file)
    return Reading(f"tidy-{form.kind}", (RawTable(form.kind, context.file, frame, tuple(findings)),))


def _table(sheets: Sequence[Sheet]) -> _Table:
    table = _found(sheets[0]) if sheets and not sheets[0].frame.empty else None
    if table is None or not table.headings:
        raise DataError("The file is empty.")
    return table


def _found(sheet: Sheet) -> _Table:
    """Find the first row that is not blank."""
    row = int(_blank(sheet.frame).to_numpy().argmin())
    cells = [cell.strip() for cell in sheet.frame.iloc[row]]
    while cells and not cells[-1]:
        cells.pop()
    return _Table(sheet, row, [stored_label(cell) or cell.lower() for cell in cells])


def _blank(rows: pd.DataFrame) -> pd.Series:
    """Tell which rows have nothing but blanks: each column is looked at where all before it are blank."""
    pending = np.arange(len(rows))
    for place in range(rows.shape[1]):
        if not len(pending):
            break
        pending = pending[(rows.iloc[pending, place].str.strip() == "").to_numpy(dtype=bool)]
    blank = np.zeros(len(rows), dtype=bool)
    blank[pending] = True
    return pd.Series(blank, rows.index)


def _widths(found: _Table, rows: pd.DataFrame) -> pd.Series:
    """Count the cells of each row: as written in a text file, up to the last filled one in a workbook."""
    width, frame = len(found.headings), found.sheet.frame
    if found.sheet.widths is not None:
        return pd.Series(found.sheet.widths[rows.index.to_numpy()], rows.index)
    counted = np.full(len(rows), width)
    for place in range(width, frame.shape[1]):
        counted[(rows[place].str.strip() != "").to_numpy(dtype=bool)] = place + 1
    return pd.Series(counted, rows.index)


def _misshapen(found: _Table, rows: pd.DataFrame, widths: pd.Series) -> pd.Series:
    width = len(found.headings)
    beyond = ~_blank(rows.iloc[:, width:]) if rows.shape[1] > width else pd.Series(False, rows.index)
    return (widths < width) | beyond


def _refuse_names(headings: list[str]) -> None:
    personal = [heading for heading in headings if personal_heading(heading)]
    if personal:
        raise DataError(
            "Column {columns} holds personal data, and names never enter: delete the column, leave pseudonyms alone, "
            "and save the file again. Nothing of it was read.",
            columns=", ".join(personal),
        )


def _recognise(headings: list[str]) -> RawForm:
    there = set(headings)
    labels = {heading for heading in headings if stored_label(heading)}
    for form in (KINDS[kind] for kind in _ORDER):
        if there.issuperset(form.required) and (form.kind != "responses" or labels):
            return form
    nearest = max((KINDS[kind] for kind in _ORDER), key=lambda form: _likeness(form, there))
    if _likeness(nearest, there) < _LIKE:
        raise DataError(
            "The headings fit no table of the raw form (the first row must hold them); {page} describes it.",
            page=FORM_PAGE,
        )
    raise DataError(
        "The headings fit no table; the nearest is {kind}, and it lacks: {missing}. {page} describes the form.",
        kind=nearest.kind,
        missing=", ".join(name for name in nearest.required if name not in there) or "1, 2, …",
        page=FORM_PAGE,
    )


def _likeness(form: RawForm, headings: set[str]) -> float:
    return len(headings.intersection(form.required)) / len(form.required)


def _heading_findings(found: _Table, form: RawForm, file: str) -> list[Finding]:
    def at(heading: str, message: str, **values: object) -> Finding:
        return Finding(file, found.row + 1, heading, message, values, sheet=found.sheet.name, check="shape")

    known = set(form.columns)
    faults = [
        at(heading, N_("The heading stands {n} times; leave one."), n=n)
        for heading, n in Counter(found.headings).items() if heading and n > 1
    ]  # fmt: skip
    for place, heading in enumerate(found.headings, start=1):
        if not heading:
            faults.append(at(str(place), N_("The column has no heading: name it or delete it.")))
        elif heading not in known and not (form.kind == "responses" and stored_label(heading)):
            faults.append(at(heading, _UNKNOWN_COLUMN, kind=form.kind, known=", ".join(form.columns)))
    return faults


def _frame(found: _Table, rows: pd.DataFrame, file: str) -> pd.DataFrame:
    columns: dict[str, object] = {}
    for place, heading in enumerate(found.headings):
        if heading and heading not in columns:
            columns[heading] = rows[place].reset_index(drop=True)
    columns[FILE] = pd.Series(file, range(len(rows)), dtype="str")
    columns[SHEET] = pd.Series(found.sheet.name, range(len(rows)), dtype="str")
    columns[ROW] = pd.Series(rows.index.to_numpy() + 1, dtype="int64")
    return pd.DataFrame(columns)


LAYOUTS: tuple[Layout, ...] = (Layout("tidy", N_("Table of the raw form"), recognises, read),)
