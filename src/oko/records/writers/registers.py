"""The cluster's own forms as workbooks: blanks, and the same filled for the example."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter

from oko import language
from oko.errors import DataError
from oko.language import gettext
from oko.records.form_lists import Lists, read_lists
from oko.records.register_fields import Field
from oko.records.register_forms import EXAMPLE_MARK, FORMS, GUIDE, LISTS, Form, guide
from oko.records.writers.register_rows import form_rows

HEADING_ROW = 3
BORDERED = 25
_MADE = datetime.datetime(2021, 1, 1, tzinfo=datetime.UTC)
_OPTIONS = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
_A4, _LINE, _UPRIGHT = 9, 12.5, 170
_TEXTUAL = frozenset({"code", "item", "class", "school", "unit", "year", "words"})
_FORMATS: Mapping[str, Mapping[str, object]] = {
    "title": {"bold": True, "font_size": 14},
    "note": {"italic": True, "font_color": "#444444"},
    "example": {"bold": True, "font_color": "#9C0006"},
    "required": {"bold": True, "bg_color": "#DCE6F1"},
    "optional": {"bold": True, "bg_color": "#F2F2F2"},
    "spread": {"bg_color": "#E8F0E4", "font_size": 9},
    "upright": {"bg_color": "#E8F0E4", "font_size": 9, "rotation": 90},
    "cell": {},
    "text": {"num_format": "@"},
    "date": {"num_format": "dd.mm.yyyy"},
    "plain": {"text_wrap": True, "valign": "top"},
}
_BOXED = ("required", "optional", "spread", "upright", "cell", "text", "date")


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
    with xlsxwriter.Workbook(path, _OPTIONS) as workbook, language.used("ru"):
        workbook.set_properties({"created": _MADE, "title": gettext(form.title)})
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
    form = book.form
    edition = f" [{form.edition}]" if form.edition else ""
    sheet.write(0, 0, gettext(form.title) + edition, book.formats["title"])
    sheet.write(1, 0, gettext("How to fill in this form: sheet “{sheet}”.").format(sheet=GUIDE), book.formats["note"])
    if example:
        sheet.write(2, 0, EXAMPLE_MARK, book.formats["example"])
    columns = _columns(form, book.lists)
    _add_headings(book, sheet, columns)
    for number in range(max(BORDERED, len(rows))):
        cells = rows[number] if number < len(rows) else ()
        for place, (_, own) in enumerate(columns):
            _put(sheet, HEADING_ROW + 1 + number, place, cells[place] if cells else None, book.formats[_format(own)])
    sheet.freeze_panes(HEADING_ROW + 1, 0)
    sheet.repeat_rows(HEADING_ROW)
    _for_print(sheet, landscape=True)


def _add_headings(book: _Book, sheet: Any, columns: Sequence[tuple[str, Field | None]]) -> None:
    spread = book.form.spread
    upright = spread is not None and spread.upright
    tallest = 1
    for place, (heading, own) in enumerate(columns):
        width = own.width if own is not None else spread.width if spread else 0
        name = ("upright" if upright else "spread") if own is None else "required" if own.required else "optional"
        sheet.set_column(place, place, width)
        sheet.write(HEADING_ROW, place, heading, book.formats[name])
        tallest = max(tallest, -(-len(heading) * 5 // (width * 4)))
        _validate(book, sheet, place, own)
    sheet.set_row(HEADING_ROW, _UPRIGHT if upright else _LINE * (tallest + 1))


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
        rule = {"validate": "integer" if own.holds == "whole" else "decimal", "criteria": "between"}
        rule |= {"minimum": own.low, "maximum": 9999 if own.high is None else own.high}
    elif own is not None and own.holds == "words":
        rule = {"validate": "length", "criteria": "<=", "value": own.longest}
    if rule is None:
        return
    if own is not None:
        rule |= {"input_title": own.heading[:32], "input_message": gettext(own.about)[:255]}
    rule |= {"error_title": book.form.sheet, "error_message": gettext("Only allowed values: sheet “Как заполнять”.")}
    first = HEADING_ROW + 1
    sheet.data_validation(first, column, first + book.form.rows - 1, column, rule)


def _add_lists(book: _Book, sheet: Any) -> None:
    column = 0
    for own in book.form.fields:
        if not own.choices or own.choices in book.ranges:
            continue
        sheet.write(0, column, own.heading, book.formats["required"])
        sheet.set_column(column, column, 34)
        codes = book.lists.codes(own.choices)
        for row, code in enumerate(codes, start=1):
            shown: str | int = int(code) if own.holds == "event" else book.lists.text(own.choices, code)
            sheet.write(row, column, shown, book.formats["cell"])
            if own.holds == "event":
                sheet.write(row, column + 1, book.lists.text(own.choices, code), book.formats["cell"])
        letter = xlsxwriter.utility.xl_col_to_name(column)
        book.ranges[own.choices] = f"='{LISTS}'!${letter}$2:${letter}${len(codes) + 1}"
        column += 2 if own.holds == "event" else 1
        sheet.set_column(column - 1, column - 1, 48 if own.holds == "event" else 34)
    sheet.freeze_panes(1, 0)
    _for_print(sheet, landscape=False)


def _add_guide(book: _Book, sheet: Any) -> None:
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 66)
    sheet.set_column(2, 2, 14)
    for number, line in enumerate(guide(book.form, book.lists)):
        if isinstance(line, str):
            look = book.formats["title" if number == 0 else "plain"]
            if number:
                sheet.merge_range(number, 0, number, 2, line, look)
                sheet.set_row(number, _LINE * (1 + len(line) // 105) + 3)
            else:
                sheet.write(number, 0, line, look)
        else:
            for column, cell in enumerate(line):
                sheet.write(number, column, cell, book.formats["text"])
    _for_print(sheet, landscape=False)
