"""Files that leave, for people who open them in spreadsheets: text stays text, nothing is worked out on opening."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from oko.disclosure.protected import MARKS
from oko.errors import DataError, ReleaseError
from oko.language import NO_BREAK_SPACE, NOT_AVAILABLE, gettext, percent
from oko.spreadsheets import Workbook

HIDDEN, AT_MOST, AT_LEAST = "c", "≤", "≥"

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
_MIDDLE = 0.5
_MOST_ROWS, _MOST_COLUMNS, _LONGEST_NAME, _WIDTH = 1_000_000, 16_384, 31, 16
_FORBIDDEN = re.compile(r"[\[\]:*?/\\'\0-\x1f]")
_LOOKS: Mapping[str, Mapping[str, object]] = {
    "heading": {"bold": True, "quote_prefix": True},
    "text": {"quote_prefix": True},
    "number": {},
    "share": {"num_format": "0.0%"},
}
_QUOTED = re.compile('[",\\r\\n]')


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


def xlsx_bytes(
    tables: Mapping[str, pd.DataFrame],
    cover: Sequence[tuple[str, str]],
    notes: Sequence[str],
    headings: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    r"""Write released tables as a workbook: a cover with the contents, notes, and a sheet a table.

    Parameters
    ----------
    tables : Mapping
        Title to the ``frame`` of a protected table; without columns hidden, hidden_cells and bounded all is shown.
    cover : sequence of (str, str)
        What is said and what of: source, date, wave, rule of suppression. It also stands above each table.
    notes : sequence of str
        What must be known, and the legend of symbols: "c" is hidden, "≤ 5 %" a bound, "–" no data.
    headings : Mapping of str to str
        What columns are called; the name stands where there is no heading, and beside one that two columns share.

    Returns
    -------
    bytes
        In the language in force; equal tables give equal bytes. Texts are texts, numbers numbers; no cells are joined.

    Raises
    ------
    ReleaseError
        A table is too long or too wide for a sheet.

    Notes
    -----
    Layout after «Releasing statistics in spreadsheets» of the Government Analysis Function (from memory).

    Examples
    --------
    >>> from python_calamine import CalamineWorkbook
    >>> frame = pd.DataFrame({"school": ["=1", "2"], "quality": [0.05, None], "hidden": [False, True]})
    >>> frame["bounded"] = ["quality", ""]
    >>> book = CalamineWorkbook.from_filelike(io.BytesIO(xlsx_bytes({"Школы": frame}, [("Источник", "ВПР")], [])))
    >>> [row[1].replace("\xa0", " ") for row in book.get_sheet_by_name("1 Школы").to_python()]
    ['', '', 'quality', '≤ 5 %', 'c']
    """
    target = io.BytesIO()
    with Workbook(target) as book:
        looks = {name: book.add_format(look) for name, look in _LOOKS.items()}
        first, second = (book.add_worksheet(name) for name in (gettext("Cover"), gettext("Notes")))
        first.set_column(0, 1, 2 * _WIDTH)
        names = _sheet_names(tables)
        contents = [(names[title], title) for title in tables]
        for place, line in enumerate([*cover, ("", ""), (gettext("Sheet"), gettext("Table")), *contents]):
            for column, text in enumerate(line):
                first.write_string(place, column, text, looks["text" if column else "heading"])
        for place, note in enumerate(notes):
            second.write_string(place, 0, note, looks["text"])
        for title, frame in tables.items():
            _write_table(book.add_worksheet(names[title]), title, frame, (cover, headings), looks)
    return target.getvalue()


def _sheet_names(titles: Iterable[str]) -> dict[str, str]:
    """Give sheets numbers: their names must differ, be short, and lack some signs."""
    numbered = enumerate(titles, start=1)
    return {title: f"{place} {_FORBIDDEN.sub('-', title)}"[:_LONGEST_NAME] for place, title in numbered}


def _write_table(
    sheet: Any,
    title: str,
    frame: pd.DataFrame,
    said: tuple[Sequence[tuple[str, str]], Mapping[str, str]],
    looks: Mapping[str, Any],
) -> None:
    cover, headings = said
    shown = frame.drop(columns=[name for name in MARKS if name in frame])
    if len(shown) > _MOST_ROWS or shown.shape[1] > _MOST_COLUMNS:
        raise ReleaseError(
            "Table {name} does not fit on a sheet (rows: {rows}, columns: {columns}): release it as CSV.",
            name=title,
            rows=len(shown),
            columns=shown.shape[1],
        )
    sheet.write_string(0, 0, title, looks["heading"])
    sheet.write_string(1, 0, "; ".join(": ".join(pair) for pair in cover), looks["text"])
    for column, name in enumerate(shown):
        called = headings.get(str(name)) or str(name)
        alike = sum(headings.get(str(other)) == called for other in shown) > 1
        sheet.write_string(2, column, f"{called} ({name})" if alike else called, looks["heading"])
    sheet.freeze_panes(3, 0)
    sheet.set_column(0, max(shown.shape[1] - 1, 0), _WIDTH)
    bounded = {name for names in frame.get("bounded", []) for name in str(names).split()}
    for place, row in enumerate(frame.to_dict("records"), start=3):
        for column, name in enumerate(shown):
            _write(sheet, place, column, _said(row, name), looks, "share" if name in bounded else "number")


def _write(sheet: Any, row: int, column: int, value: Any, looks: Mapping[str, Any], look: str) -> None:
    if isinstance(value, (bool, np.bool_)):
        sheet.write_boolean(row, column, bool(value))
    elif isinstance(value, (int, float, np.integer, np.floating)):
        sheet.write_number(row, column, value, looks[look])
    else:
        sheet.write_string(row, column, str(value), looks["text"])


def _said(row: Mapping[Any, Any], name: Any) -> Any:
    """Return what may be said of a cell: its value, "c" where it is hidden, a bound as text."""
    value = row[name]
    missing = pd.api.types.is_scalar(value) and pd.isna(value)
    if name in str(row.get("hidden_cells", "")).split() or (missing and bool(row.get("hidden", False))):
        return HIDDEN
    if missing or (isinstance(value, float) and math.isinf(value)):
        return NOT_AVAILABLE
    if name in str(row.get("bounded", "")).split():
        share = float(value)
        digits = next((n for n in range(3) if math.isclose(share, round(share, 2 + n))), 3)
        return f"{AT_MOST if share < _MIDDLE else AT_LEAST}{NO_BREAK_SPACE}{percent(share, digits)}"
    return value


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
