"""Works and registers in the real layouts of the field: what readers read, the example writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import xlsxwriter

from oko.records.readers.context import Work

Cell = str | int | float | None
_MADE = datetime(2021, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Sitting:
    """A work as it was sat in one school or more, ready to be written in a layout.

    Attributes
    ----------
    work : Work
        Complete.
    items : DataFrame
        item, position, max_score, level; in the order of the work.
    pupils : DataFrame
        One row a pupil: school, login (digits), code (five digits as text), letter, sex (F or M), variant,
        status (took or absent), journal_mark and mark (numbers, NA where there is none), primary_score (NA if absent).
        For exams also surname, name, patronymic.
    cells : DataFrame
        On the index of ``pupils``, a column an item: the text of the cell ("2", "X", "не пройд.", "").
    """

    work: Work
    items: pd.DataFrame
    pupils: pd.DataFrame
    cells: pd.DataFrame


def write_workbook(path: Path, sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> Path:
    """Write rows of cells as a workbook: text stays text (never a formula), and equal rows give equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"created": _MADE})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell is not None and cell != "":
                        sheet.write(place, column, cell)
    return path


def numeric(text: str) -> Cell:
    """Return a number where a text is one, as spreadsheets keep it; other texts stay."""
    return int(text) if text.isdecimal() and len(text) < 10 else text
