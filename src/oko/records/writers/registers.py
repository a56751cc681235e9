"""The cluster's own forms as workbooks: blanks, and the same filled for the example."""

from __future__ import annotations

import datetime
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_col_to_name

from oko import language
from oko.errors import DataError
from oko.language import gettext
from oko.records.form_lists import Lists, read_lists
from oko.records.register_fields import Field
from oko.records.register_forms import EXAMPLE_MARK, FORMS, GUIDE, LISTS, Form, guide
from oko.records.writers.register_rows import form_rows
from oko.spreadsheets import Workbook

HEADING_ROW = 3
BORDERED = 25
_A4, _LINE, _UPRIGHT = 9, 13, 200
_GUIDE_WIDTHS = (24, 58, 14)
_PORTRAIT = 96
_BOLD = 0.9
_TEXTUAL = frozenset({"code", "item", "class", "school", "unit", "year", "words"})
_FORMATS: Mapping[str, Mapping[str, object]] = {
    "title": {"bold": True, "font_size": 14},
    "note": {"italic": True, "font_color": "#444444"},
    "example": {"bold": True, "font_color": "#9C0006"},
    "required": {"bold": True, "bg_color": "#DCE6F1"},
    "optional": {"bg_color": "#F2F2F2"},
    "spread": {"bg_color": "#E8F0E4", "font_size": 9},
    "upright": {"bg_color": "#E8F0E4", "font_size": 9, "rotation": 90, "align": "center", "valign": "bottom"},
    "cell": {},
    "listed": {"align": "left"},
    "text": {"num_format": "@"},
    "date": {"num_format": "dd.mm.yyyy"},
    "plain": {"text_wrap": True, "valign": "top"},
    "block": {"bold": True, "text_wrap": True, "valign": "top"},
    "below cell": {},
    "below text": {"num_format": "@"},
    "below date": {"num_format": "dd.mm.yyyy"},
}
_BOXED = ("required", "optional", "spread", "upright", "cell", "listed", "text", "date")


@dataclass
class _Book:
    """A workbook being written, with its formats and the places of its lists."""

    book: Any
    form: Form
    lists: Lists
    formats: dict[str, Any] = field(default_factory=dict)
    ranges: dict[str, str] = field(default_factory=dict)

    def add_formats(self) -> None:
        for name, own in _FORMATS.items():
            boxed = (
                {"border": 1, "border_color": "#999999", "text_wrap": True, "valign": "top"} if name in _BOXED else {}
            )
            self.formats[name] = self.book.add_format({"font_name": "Arial", "font_size": 10, **boxed, **own})


def blank(path: Path, kind: str, root: Path) -> Path:
    """Write the blank of a form.

    Parameters
    ----------
    path : Path
        The workbook to write.
    kind : str
        A form of :data:`oko.records.register_forms.FORMS`.
    root : Path
        The project's folder, for the lists of words.

    Returns
    -------
    Path
        The path; equal descriptions give equal bytes.
    """
    return _write(path, _known(kind), [], read_lists(root), example=False)


def fill(path: Path, kind: str, rows: pd.DataFrame, root: Path, *, example: bool = False) -> Path:
    """Write a form filled with rows of its table.

    Parameters
    ----------
    path : Path
        The workbook to write.
    kind : str
        A form that is stored: not the roster.
    rows : DataFrame
        Columns of the form's table in :data:`oko.records.registers.REGISTERS`, with codes, without example and source.
    root : Path
        The project's folder, for the lists of words.
    example : bool
        Mark the sheet as invented; the reader hands the mark on.

    Returns
    -------
    Path
        The path; equal rows give equal bytes.

    Raises
    ------
    DataError
        There is no such form.
    """
    form = _known(kind)
    if not form.table:
        raise DataError("Form {kind} is not filled here; there are: {known}.", kind=kind, known=", ".join(FORMS))
    lists = read_lists(root)
    with language.used("ru"):
        cells = form_rows(form, rows, lists)
    return _write(path, form, cells, lists, example=example)


def _known(kind: str) -> Form:
    if kind not in FORMS:
        raise DataError("There is no form {kind}; there are: {known}.", kind=kind, known=", ".join(FORMS))
    return FORMS[kind]


def _write(path: Path, form: Form, rows: Sequence[Sequence[Any]], lists: Lists, *, example: bool) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with language.used("ru"), Workbook(path, gettext(form.title)) as workbook:
        book = _Book(workbook, form, lists)
        book.add_formats()
        sheets = [workbook.add_worksheet(name) for name in (form.sheet, GUIDE, LISTS)]
        _add_lists(book, sheets[2])
        _add_table(book, sheets[0], rows, example=example)
        _add_guide(book, sheets[1])
    return path


def _columns(form: Form, lists: Lists) -> list[tuple[str, Field | None]]:
    """Return headings in their order, with the field of each; codes of a spread have none."""
    spread = form.spread
    codes = lists.codes(spread.choices) if spread else ()
    middle: list[tuple[str, Field | None]] = [
        (f"{lists.text(spread.choices, code)} [{code}]", None) for code in codes if spread
    ]
    return [*((f.heading, f) for f in form.first), *middle, *((f.heading, f) for f in form.last)]


def _add_table(book: _Book, sheet: Any, rows: Sequence[Sequence[Any]], *, example: bool) -> None:
    _add_top(book, sheet, example=example)
    columns = _columns(book.form, book.lists)
    _add_headings(book, sheet, columns)
    for number in range(max(BORDERED, len(rows))):
        cells = rows[number] if number < len(rows) else ()
        for place, (_, own) in enumerate(columns):
            _put(sheet, HEADING_ROW + 1 + number, place, cells[place] if cells else None, book.formats[_format(own)])
    sheet.freeze_panes(HEADING_ROW + 1, 0)
    sheet.repeat_rows(HEADING_ROW)
    _for_print(sheet, landscape=True)


def _add_top(book: _Book, sheet: Any, *, example: bool) -> None:
    """Write what must be seen before the first cell is filled: the title, how to fill, how official the form is."""
    form = book.form
    edition = f" [{form.edition}]" if form.edition else ""
    how = gettext("How to fill in this form: sheet “{sheet}”. Columns with bold headings must be filled.")
    scale = [gettext(form.spread.about)] if form.spread else []
    sheet.write(0, 0, gettext(form.title) + edition, book.formats["title"])
    sheet.write(1, 0, " ".join([*scale, how.format(sheet=GUIDE)]), book.formats["note"])
    if example:
        sheet.write(2, 0, EXAMPLE_MARK, book.formats["example"])
    else:
        sheet.write(2, 0, gettext(form.status), book.formats["note"])


def _add_headings(book: _Book, sheet: Any, columns: Sequence[tuple[str, Field | None]]) -> None:
    """Write headings; a column keeps its kind of cells (7А and 11.1 are text) below the rows with borders too."""
    spread = book.form.spread
    upright = spread is not None and spread.upright
    tallest = 1
    for place, (heading, own) in enumerate(columns):
        width = own.width if own is not None else spread.width if spread else 0
        name = ("upright" if upright else "spread") if own is None else "required" if own.required else "optional"
        sheet.set_column(place, place, width, book.formats["below " + _format(own)])
        sheet.write(HEADING_ROW, place, heading, book.formats[name])
        if name != "upright":
            tallest = max(tallest, _lines(heading, width, _BOLD))
        _validate(book, sheet, place, own)
    sheet.set_row(HEADING_ROW, _UPRIGHT if upright else _LINE * tallest + 2)


def _lines(text: str, width: int, letters: float = 1.05) -> int:
    """Return how many lines a text takes in a column, given how many letters take the place of a digit."""
    return len(textwrap.wrap(text, max(4, int(width * letters)))) or 1


def _put(sheet: Any, row: int, column: int, cell: Any, look: Any) -> None:
    if cell is None or cell == "":
        sheet.write_blank(row, column, None, look)
    elif isinstance(cell, datetime.date):
        sheet.write_datetime(row, column, cell, look)
    else:
        sheet.write(row, column, cell, look)


def _format(own: Field | None) -> str:
    if own is None:
        return "cell"
    return "date" if own.holds == "date" else "text" if own.holds in _TEXTUAL else "cell"


def _for_print(sheet: Any, *, landscape: bool) -> None:
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.set_footer("&C&P / &N")
    if landscape:
        sheet.set_landscape()


def _validate(book: _Book, sheet: Any, column: int, own: Field | None) -> None:
    """Give a column its list of allowed values, its range or its kind of dates."""
    spread = book.form.spread
    rule: dict[str, Any] | None = None
    if own is None and spread is not None:
        rule = {"validate": "integer" if spread.whole else "decimal", "criteria": "between"}
        rule |= {"minimum": spread.low, "maximum": spread.high}
    elif own is not None and own.choices:
        rule = {"validate": "list", "source": book.ranges[own.choices]}
    elif own is not None and own.holds == "date":
        rule = {"validate": "date", "criteria": "between"}
        rule |= {"minimum": datetime.date(2000, 1, 1), "maximum": datetime.date(2099, 12, 31)}
    elif own is not None and own.low is not None:
        rule = {"validate": "decimal" if own.holds == "number" else "integer", "criteria": "between"}
        rule |= {"minimum": own.low, "maximum": 9999 if own.high is None else own.high}
    elif own is not None and own.holds == "words":
        rule = {"validate": "length", "criteria": "<=", "value": own.longest}
    if rule is None:
        return
    if own is not None:
        rule |= {"input_title": own.heading[:32], "input_message": gettext(own.about)[:255]}
    elif spread is not None:
        rule |= {"input_title": f"{spread.low}–{spread.high}", "input_message": gettext(spread.about)[:255]}
    rule |= {"error_title": book.form.sheet, "error_message": gettext("Only allowed values: sheet “Как заполнять”.")}
    first = HEADING_ROW + 1
    sheet.data_validation(first, column, first + book.form.rows - 1, column, rule)


def _add_lists(book: _Book, sheet: Any) -> None:
    column = across = 0
    for own in book.form.fields:
        if not own.choices or own.choices in book.ranges:
            continue
        codes = book.lists.codes(own.choices)
        words = [book.lists.text(own.choices, code) for code in codes]
        letter = xl_col_to_name(column)
        book.ranges[own.choices] = f"='{LISTS}'!${letter}$2:${letter}${len(codes) + 1}"
        width = 2 + max(len(text) for text in (*words, own.heading))
        sheet.set_column(column, column, width)
        sheet.write(0, column, own.heading, book.formats["required"])
        sheet.write_column(1, column, words, book.formats["listed"])
        column, across = column + 1, across + width
    sheet.freeze_panes(1, 0)
    _for_print(sheet, landscape=across > _PORTRAIT)


def _add_guide(book: _Book, sheet: Any) -> None:
    for column, width in enumerate(_GUIDE_WIDTHS):
        sheet.set_column(column, column, width)
    before: str | tuple[str, str, str] = ""
    rules = len(book.form.rules) + 2
    for number, line in enumerate(guide(book.form, book.lists)):
        if isinstance(line, str):
            _add_paragraph(
                sheet, number, line, book.formats[("block" if number >= rules else "plain") if number else "title"]
            )
        else:
            look = book.formats["required" if before == "" else "text"]
            sheet.write_row(number, 0, line, look)
            sheet.set_row(number, _LINE * max(map(_lines, line, _GUIDE_WIDTHS)) + 2)
        before = line
    _for_print(sheet, landscape=False)


def _add_paragraph(sheet: Any, row: int, text: str, look: Any) -> None:
    """Write a text across the page; spreadsheets fit no height to joined cells, so it is set."""
    if text:
        sheet.merge_range(row, 0, row, len(_GUIDE_WIDTHS) - 1, text, look)
        lines = 1.5 if row == 0 else _lines(text, sum(_GUIDE_WIDTHS))
        sheet.set_row(row, _LINE * lines + 2)
