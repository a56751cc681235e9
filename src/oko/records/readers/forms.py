"""The form in which a school enters its results («Форма сбора результатов»), as it fills it in.

Headings and the order of columns are those of a form in two parts of about 2022 to 2024 and of one of 2026; forms of
2019 to 2021 were not found, so that they were the same is unconfirmed. A form of the older kind whose work is in one
part was not seen either (unconfirmed). The textbook of a class (sheet «Классы») is not read: the store has no place
for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from oko.language import N_
from oko.records.readers import Reading
from oko.records.readers.context import Context
from oko.records.readers.form_rows import Protocol
from oko.records.readers.form_tables import read_protocol, sheet_with, the_only
from oko.records.readers.headings import TaskHeading, clean, columns, task_heading
from oko.records.readers.layout import Layout
from oko.records.readers.sheets import Sheet

_NOBODY = N_(
    "This is the empty form: it has headings and prepared rows, and no pupil in them. Send the file that was filled "
    "in; if nobody wrote the work, delete this one."
)
_JOURNAL, _TOTAL = "Отметка за предыдущ", "Итого баллов"


@dataclass(frozen=True)
class _Form:
    """A kind of the form.

    Attributes
    ----------
    name : str
        Of the layout.
    needed : tuple of str
        Beginnings of headings by which it is known.
    wanted : Mapping
        Our columns to the beginnings of their headings.
    """

    name: str
    needed: tuple[str, ...]
    wanted: Mapping[str, str]


_OLDER = {"code": "Код", "class": "Класс №", "sex": "Пол", "journal_mark": _JOURNAL, "primary_score": _TOTAL}
_TWO_PART = _Form("form-two-part", ("Код", "Вариант (часть 1)", "Вариант (часть 2)", "Класс №", _TOTAL), _OLDER)
_ONE_PART = _Form("form-one-part", ("Код", "Вариант", "Класс №", _TOTAL), _OLDER)
_2026 = _Form(
    "form-2026",
    ("Код участника", "Вариант", "Порядковый номер класса", _TOTAL),
    {
        "code": "Код участника",
        "class": "Порядковый номер класса",
        "journal_mark": _JOURNAL,
        "primary_score": _TOTAL,
    },
)


def _recognises(form: _Form, sheets: Sequence[Sheet]) -> bool:
    found = sheet_with(sheets, form.needed)
    if found is None:
        return False
    parts = _variants(*found)
    fits = form is not _ONE_PART or len(parts) == 1
    return fits and bool(task_columns(*found, parts[0]))


def _variants(sheet: Sheet, row: int) -> tuple[int, ...]:
    cells = [clean(cell).casefold() for cell in sheet.frame.iloc[row]]
    return tuple(place for place, cell in enumerate(cells) if cell.startswith("вариант"))


def task_columns(sheet: Sheet, row: int, first: int, total: str = _TOTAL) -> dict[int, TaskHeading]:
    """Return the headings of tasks between the variant and the total: lists of allowed values stand to their right.

    Parameters
    ----------
    sheet : Sheet
    row : int
        Index of the heading row.
    first : int
        Place of the (first) variant.
    total : str
        Beginning of the total's heading.
    """
    last = columns(sheet.frame, row, {"total": total})["total"]
    cells = sheet.frame.iloc[row]
    found = {place: task_heading(str(cells.iloc[place])) for place in range(first + 1, last)}
    return {place: heading for place, heading in found.items() if heading is not None}


def _read(form: _Form, sheets: Sequence[Sheet], context: Context) -> Reading:
    sheet, row = the_only(sheets, form.needed)
    places = columns(sheet.frame, row, form.wanted)
    variants = _variants(sheet, row)
    protocol = Protocol(form.name, sheet, row, places, variants, task_columns(sheet, row, variants[0]))
    return read_protocol(protocol, context, sheets, _NOBODY)


def _layout(form: _Form, title: str, *, confirmed: bool = True) -> Layout:
    return Layout(form.name, title, partial(_recognises, form), partial(_read, form), confirmed)


LAYOUTS: tuple[Layout, ...] = (
    _layout(_TWO_PART, N_("form of a school’s results, a work in two parts")),
    _layout(_2026, N_("form of a school’s results, as in 2026")),
    _layout(_ONE_PART, N_("form of a school’s results, a work in one part"), confirmed=False),
)
