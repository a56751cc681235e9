"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from oko.errors import DataError
from oko.language import N_
from oko.records.readers import Phrase

LARGEST_WORKBOOK = 20_000_000
LARGEST_TEXT = 2_000_000_000
LOCAL_HEADER = b"PK\x03\x04"

_HEAD = 4096
_PACKAGES = (LOCAL_HEADER, b"PK\x05\x06")
_OLD = b"\xd0\xcf\x11\xe0"
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (rb"%PDF", N_("a PDF document")),
    (rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\x00|MM\x00\*|BM.{4}\x00{4}|RIFF.{4}WEBP", N_("a picture")),
    (rb"Rar!|7z\xbc\xaf|\x1f\x8b\x08|BZh[1-9]1AY|\xfd7zXZ", N_("an archive")),
    (rb"\{\\rtf", N_("a text document (RTF)")),
    (rb"MZ.{58,}PE\x00\x00|\x7fELF", N_("a program")),
    (rb"SQLite format 3\x00|PAR1\x15", N_("a database file")),
)
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body|table|meta|style)\b", re.IGNORECASE)


def kind_of(path: Path) -> Literal["package", "old", "text"]:
    """Tell by a file's first bytes what it is; its name does not matter.

    Parameters
    ----------
    path : Path

    Returns
    -------
    {"package", "old", "text"}
        A package is .xlsx, an old workbook is .xls, and text is whatever else may be a table.

    Raises
    ------
    DataError
        The file is empty, too large, or something that is no table.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as source:
            head = source.read(_HEAD)
    except OSError as error:
        raise DataError("The file cannot be read: {detail}.", detail=error.strerror) from error
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        raise DataError("The file is empty.")
    workbook = head.startswith((*_PACKAGES, _OLD))
    _check_size(size, LARGEST_WORKBOOK if workbook else LARGEST_TEXT)
    if workbook:
        return "old" if head.startswith(_OLD) else "package"
    _refuse_foreign(head)
    return "text"


def _check_size(size: int, most: int) -> None:
    if size > most:
        raise DataError(
            "The file has {size} MB, and {most} MB are read at most: save the table as CSV, or divide it into parts.",
            size=-(-size // 1_000_000),
            most=most // 1_000_000,
        )


def _refuse_foreign(head: bytes) -> None:
    for pattern, what in _FOREIGN:
        if re.match(pattern, head, re.DOTALL):
            raise foreign(what)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"<?xml") and b"urn:schemas-microsoft-com:office:spreadsheet" in head:
        raise foreign(N_("a workbook in the old XML form of 2003"))
    if text.startswith(b"<") and _PAGE.search(head):
        raise foreign(N_("a web page, whatever its name says"))


def foreign(what: str) -> DataError:
    """Say what a file is that is no table; ``what`` is an English message."""
    return DataError(
        "This is {what}, not a table of text or a workbook: open it where it can be opened and save the table as .xlsx "
        "or “CSV UTF-8”, or ask who sent it for the table itself.",
        what=Phrase(what),
    )
