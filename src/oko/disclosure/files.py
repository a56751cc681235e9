"""Files that leave, for people who open them in spreadsheets: text stays text, nothing is worked out on opening."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from oko.errors import DataError

# What opens a formula: the list of OWASP («CSV Injection»: = + - @, tab, carriage return, line feed), the null
# character of OWASP ASVS 5.0 (1.2.10), and full-width and small forms, which spreadsheets of some languages read as
# the same. Blanks, marks that are not seen and quotation marks before it do not close it.
_OPENS = "=+\\-@\\0＝＋－＠﹦﹢﹣﹫"
_UNSEEN = '(?:[^\\S\\t\\r\\n]|["\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2064\\ufeff])*'
# A spreadsheet set to semicolons (as Russian ones are) or tabs knows nothing of our quotation marks: it begins a cell
# after each of them, and a row after each line break, in the middle of our text.
_START = "(?:^|(?<=[;\\t\\r\\n]))"
_FORMULA = f"(?='*{_UNSEEN}[{_OPENS}])"
_BREAK = f"(?='*{_UNSEEN}[\\t\\r\\n])"
_PUT = re.compile(f"{_START}{_FORMULA}|^{_BREAK}")
_PUT_THERE = re.compile(f"{_START}'{_FORMULA}|^'{_BREAK}")
_QUOTED = re.compile('[",;\\t\\r\\n]|^\\s|\\s$')


def guarded(text: str) -> str:
    r"""Put an apostrophe wherever a spreadsheet would begin a formula in a text.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        One more apostrophe at the start of the text, and after each semicolon, tab and line break in it, where a
        formula would begin or where apostrophes stand before one: so :func:`bare` can always tell ours from theirs.

    Notes
    -----
    OWASP, «CSV Injection» (= + - @, tab, CR, LF); OWASP ASVS 5.0, 1.2.10 (the null character).

    Examples
    --------
    >>> guarded("=1+1"), guarded("'=1+1"), guarded("7А; -2"), guarded("7-А")
    ("'=1+1", "''=1+1", "7А;' -2", '7-А')
    """
    return _PUT.sub("'", text)


def bare(text: str) -> str:
    """Take off the apostrophes that :func:`guarded` put on, and no others.

    Examples
    --------
    >>> bare("'=1+1"), bare("''=1+1"), bare("'х'")
    ('=1+1', "'=1+1", "'х'")
    """
    return _PUT_THERE.sub("", text)


def csv_bytes(frame: pd.DataFrame) -> bytes:
    r"""Write a table as CSV that no spreadsheet takes for formulas.

    Parameters
    ----------
    frame : DataFrame
        Its index is not written.

    Returns
    -------
    bytes
        UTF-8 without a mark, commas, ``\n``; equal tables give equal bytes. Texts and headings are :func:`guarded`;
        numbers stay numbers, written without an exponent and with as many digits as tell them from every other number;
        what is missing is empty, as an empty text is.

    Examples
    --------
    >>> csv_bytes(pd.DataFrame({"school": ["+7", "№ 2"], "change": [-5.0, 1e-7]})).decode()
    "school,change\n'+7,-5\n№ 2,0.0000001\n"
    """
    columns = [[guarded(str(name)), *map(_cell, cells)] for name, cells in frame.items()]
    return _joined(zip(*columns, strict=True))


def bare_csv(content: bytes, name: str) -> bytes:
    r"""Return a table that :func:`csv_bytes` wrote with its texts as they were before: for programs, not for people.

    Parameters
    ----------
    content : bytes
    name : str
        What an error calls the table.

    Raises
    ------
    DataError
        The bytes are not a table in UTF-8.

    Examples
    --------
    >>> bare_csv(b"task,answer\n1,'-\n", "answers.csv")
    b'task,answer\n1,-\n'
    """
    if b"'" not in content:
        return content
    try:
        rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True)
        return _joined(map(bare, row) for row in rows)
    except (UnicodeDecodeError, csv.Error):
        raise DataError("Table {name} is damaged, or oko did not write it. Ask for it once more.", name=name) from None


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return guarded(value)
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ""
    if isinstance(value, (float, np.floating)):
        return np.format_float_positional(value, trim="-")
    return str(value) if isinstance(value, (bool, int, np.bool_, np.integer)) else guarded(str(value))


def _joined(rows: Iterable[Iterable[str]]) -> bytes:
    """Join rows; a row of one empty cell is written as "", for readers skip empty lines."""
    text = io.StringIO()
    text.writelines((",".join(map(_quoted, row)) or '""') + "\n" for row in rows)
    return text.getvalue().encode()


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
