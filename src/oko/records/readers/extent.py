"""How far the sheets of a workbook reach: a few cells far apart would fill the memory with empty ones between them."""

from __future__ import annotations

from dataclasses import dataclass, field

from oko.errors import DataError
from oko.language import N_

MOST_ROWS = 300_000
MOST_COLUMNS = 500
MOST_CELLS = 20_000_000
MOST_TEXT = 500_000_000
LONGEST_TEXT = 32_767

TOO_WIDE = N_(
    "The table has {n} columns, and {most} are read at most: delete what stands right of the table, empty columns too."
)


@dataclass
class Extent:
    """What the sheets of one workbook hold together.

    Attributes
    ----------
    cells : int
        Cells of the rectangles that are filled, empty ones between them too.
    lengths : list of int
        Lengths of the texts that cells share, in characters.
    text, most_text : int
        Characters of shared texts, counted in each cell in which they stand; and what they could be at most.
    """

    cells: int = 0
    lengths: list[int] = field(default_factory=list)
    text: int = 0
    most_text: int = 0

    def add_sheet(self, rows: int, columns: int) -> None:
        """Count a sheet whose last filled cell stands in this row and column (from 1).

        Raises
        ------
        DataError
            It reaches too far, or all sheets together do.
        """
        check_columns(columns)
        if rows > MOST_ROWS:
            raise DataError(
                "A sheet has {n} rows, and {most} are read of a workbook at most: save it as “CSV UTF-8”, which may be "
                "as long as it needs.",
                n=rows,
                most=MOST_ROWS,
            )
        self.cells += rows * columns
        if self.cells > MOST_CELLS:
            raise DataError(
                "The sheets span {n} million cells, and {most} million are read of a workbook at most: delete single "
                "cells far below or right of the table, or save it as “CSV UTF-8”.",
                n=-(-self.cells // 1_000_000),
                most=MOST_CELLS // 1_000_000,
            )

    def may_grow(self, cells: int) -> bool:
        """Tell whether shared texts could be too much if so many more cells held the longest: then they are counted."""
        self.most_text += cells * max(self.lengths, default=0)
        return self.most_text > MOST_TEXT

    def add_text(self, number: int) -> None:
        """Count a shared text, named by its number, where it stands in a cell.

        Raises
        ------
        DataError
            The cells together would hold more text than may be held.
        """
        self.text += self.lengths[number] if number < len(self.lengths) else 0
        if self.text > MOST_TEXT:
            raise DataError(
                "The cells hold more than {most} million characters of text: delete the long texts that stand in many "
                "cells, or save the table as “CSV UTF-8”.",
                most=MOST_TEXT // 1_000_000,
            )


def check_columns(n: int) -> None:
    """Raise DataError where a table has more columns than any table of the field."""
    if n > MOST_COLUMNS:
        raise DataError(TOO_WIDE, n=n, most=MOST_COLUMNS)


def check_marked_rows(n: int) -> None:
    """Raise DataError where a sheet says more rows than may be read, filled or not."""
    if n > MOST_ROWS:
        raise DataError(
            "A sheet says that it has {n} rows and more; {most} are read of a workbook at most. If most of them are "
            "empty, copy the table into a new workbook; else save it as “CSV UTF-8”.",
            n=n,
            most=MOST_ROWS,
        )
