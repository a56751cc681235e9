"""The one door through which workbooks are written: text stays text, and equal cells give equal bytes."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import IO

import xlsxwriter

_MADE = datetime.datetime(2021, 1, 1, tzinfo=datetime.UTC)
# Texts from data that begin with = or {= would be written as formulas, those with :// as links. What is written waits
# in memory: not in temporary files, which would outlive a killed run with everything that cells hold.
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}


class Workbook(xlsxwriter.Workbook):  # type: ignore[misc]
    """A workbook in which no text becomes a formula, a link or a number, and which names nobody as its author.

    Parameters
    ----------
    target : Path or binary file
    title : str
        Of the document, if it shall have one.

    Notes
    -----
    The moment of writing is not kept: equal cells give equal bytes.

    Examples
    --------
    >>> import io
    >>> from python_calamine import CalamineWorkbook
    >>> held = io.BytesIO()
    >>> with Workbook(held) as book:
    ...     _ = book.add_worksheet("Школы").write_row(0, 0, ["=1+1", "+7", -5])
    >>> _ = held.seek(0)
    >>> CalamineWorkbook.from_filelike(held).get_sheet_by_index(0).to_python()
    [['=1+1', '+7', -5.0]]
    """

    def __init__(self, target: Path | IO[bytes], title: str = "") -> None:
        super().__init__(target, _OPTIONS)
        self.set_properties({"created": _MADE, **({"title": title} if title else {})})
