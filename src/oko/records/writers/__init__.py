"""Works and registers in the real layouts of the field: what readers read, the example writes.

Text files among them are as their sources write them, without the apostrophes of :mod:`oko.disclosure.files`. They
imitate what comes in, so that readers are tried on it: in a real protocol answers are «+-+», and ``'+-+`` is in none.
Nothing imported reaches them, for they hold invented results alone; and they go into ``raw``, never out of it. The
workbooks need no apostrophes: there a cell is text by its type.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from oko.records.readers.context import Work
from oko.spreadsheets import Workbook

Cell = str | int | float | None


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
    with Workbook(path) as book:
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
