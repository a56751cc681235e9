"""A file becomes sheets of text cells: workbooks by python-calamine, text files by their encoding and separator."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from python_calamine import CalamineSheet, CalamineWorkbook, SheetTypeEnum

from oko.errors import DataError
from oko.records.readers import delimited, guards
from oko.records.readers.encodings import in_utf_8
from oko.records.readers.first_bytes import kind_of
from oko.records.readers.headings import top_lines


@dataclass(frozen=True)
class Sheet:
    """One table of cells.

    Attributes
    ----------
    name : str
        Name of the sheet; empty for a text file.
    frame : DataFrame
        Cells as text (dtype str), exactly as they stand, "" for an empty one; columns 0, 1, …; the row with index i is
        row i + 1 of the sheet. Whole numbers have no decimal point, dates are written 2021-04-15.
    encoding : str
        Encoding of a text file, as in Windows-1251; empty for a workbook.
    widths : ndarray of int or None
        Number of cells of each row of a text file as written; None where each has as many as the frame has columns.
    """

    name: str
    frame: pd.DataFrame
    encoding: str = ""
    widths: np.ndarray | None = None

    @cached_property
    def top(self) -> tuple[tuple[str, ...], ...]:
        """The first rows, blanks collapsed and case folded: all layouts look for their headings here."""
        return top_lines(self.frame)


def open_sheets(path: Path) -> tuple[Sheet, ...]:
    """Open a file as sheets: what it is is told by its content, never by its name.

    Parameters
    ----------
    path : Path
        A workbook (.xlsx, .xls) or a text file with commas, semicolons or tabs, in UTF-8, UTF-16, Windows-1251, KOI8-R
        or CP866.

    Returns
    -------
    tuple of Sheet
        All sheets of a workbook in their order, hidden and empty ones too; of a text file one.

    Raises
    ------
    DataError
        The file cannot be opened, or must not be: what is wrong and what to do. The message does not name the file.
    """
    kind = kind_of(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError("The file cannot be read: {detail}.", detail=error.strerror) from error
    if kind == "text":
        text, encoding = in_utf_8(content)
        del content
        frame, widths = delimited.table(text)
        return (Sheet("", frame, encoding, widths),)
    checked = guards.checked_package(content) if kind == "package" else guards.checked_old(content)
    return tuple(_sheets(checked))


def _sheets(checked: guards.Checked) -> Iterator[Sheet]:
    """Read a checked workbook; its reader is another language's program, whose failures can be of any kind."""
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(checked.content))
        tables = [entry.typ == SheetTypeEnum.WorkSheet for entry in book.sheets_metadata]
        for place, name in enumerate(book.sheet_names):
            errors = checked.errors[place] if place < len(checked.errors) else {}
            if tables[place]:
                yield Sheet(name, _frame(book.get_sheet_by_index(place), errors))
    except (DataError, KeyboardInterrupt, SystemExit, GeneratorExit):
        raise
    except BaseException as error:
        raise DataError(guards.DAMAGED) from error


def _frame(sheet: CalamineSheet, errors: Mapping[tuple[int, int], str]) -> pd.DataFrame:
    rows: list[list[object]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
    if errors:
        rows = _widened(rows, 1 + max(row for row, _ in errors), 1 + max(column for _, column in errors))
    for (row, column), text in errors.items():
        rows[row][column] = text
    columns = {place: pd.Series(map(_text, cells), dtype="str") for place, cells in enumerate(zip(*rows, strict=True))}
    return pd.DataFrame(columns, index=range(len(rows)))


def _widened(rows: list[list[object]], height: int, width: int) -> list[list[object]]:
    width = max(width, len(rows[0]) if rows else 0)
    wide = [row + [""] * (width - len(row)) for row in rows]
    return wide + [[""] * width for _ in range(height - len(rows))]


def _text(cell: object) -> str:
    """Write a cell as it stands: numbers in at most 15 digits, as spreadsheets keep them."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return f"{cell:.15g}" if not cell.is_integer() or abs(cell) >= 1e15 else str(int(cell))
    if isinstance(cell, datetime):
        return cell.isoformat(" ") if cell.time() != time() else cell.date().isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    return "" if cell is None else str(cell)
