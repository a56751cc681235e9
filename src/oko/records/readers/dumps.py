"""Collections of the schools' forms by a region: as they were in autumn 2020, in spring 2021 and in 2022.

Headings are those of real files of one region (32 files, about 655,000 rows were counted). In 2020 and 2021 columns of
points have positions alone, and their labels come from the specification of the work. The textbook is not read: the
store has no place for it. Whether «номер обучающегося» or «код обучающегося» holds the participant's code in the files
of 2021 is unconfirmed, so the column with five digits is taken. What stands in ``var-2`` of a work in one part is
unconfirmed too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from oko.language import N_
from oko.records.readers import Reading
from oko.records.readers.context import Context
from oko.records.readers.form_pupils import grade_of
from oko.records.readers.form_rows import Protocol, any_filled
from oko.records.readers.form_tables import read_protocol, sheet_with, the_only
from oko.records.readers.forms import task_columns
from oko.records.readers.headings import TaskHeading, clean, columns
from oko.records.readers.layout import Layout
from oko.records.readers.sheets import Sheet

_NOBODY = N_("The collection has headings and not one pupil: ask for it once more.")
_LOOKED_AT = 1000
_TEXTBOOK = "учебник"
_JOURNAL = "Отметка за предыдущ"


@dataclass(frozen=True)
class _Dump:
    """A kind of collection.

    Attributes
    ----------
    name : str
        Of the layout.
    needed : tuple of str
        Beginnings of headings by which it is known.
    wanted : Mapping
        Our columns to the beginnings of their headings.
    variants : tuple of str
        Beginnings of headings of the variants.
    tasks : callable
        From sheet, heading row and place of the first variant to the columns of points.
    by_position : bool
    """

    name: str
    needed: tuple[str, ...]
    wanted: Mapping[str, str]
    variants: tuple[str, ...]
    tasks: Callable[[Sheet, int, int], dict[int, TaskHeading]]
    by_position: bool = True


def _numbered(pattern: str, sheet: Sheet, row: int, first: int) -> dict[int, TaskHeading]:  # noqa: ARG001
    """Return columns whose headings give positions, in their order, up to the textbook's or the last that is filled."""
    cells = [clean(cell).casefold() for cell in sheet.frame.iloc[row]]
    end = next((place for place, cell in enumerate(cells) if cell.startswith(_TEXTBOOK)), None)
    matches = {place: re.fullmatch(pattern, cell) for place, cell in enumerate(cells[:end])}
    found = {place: TaskHeading(match[1], None) for place, match in matches.items() if match}
    while end is None and found and not any_filled(sheet.frame.iloc[row + 1 :][[max(found)]]).any():
        found.pop(max(found))
    return dict(sorted(found.items(), key=lambda item: int(item[1].label)))


_2020 = _Dump(
    "dump-2020",
    ("user", "code", "otc", "klass", "var-1", "a-1-grade"),
    {
        "code": "code",
        "school": "user",
        "class": "klass",
        "sex": "gender",
        "journal_mark": "otc",
        "primary_score": "sum",
    },
    ("var-1", "var-2"),
    partial(_numbered, r"a-([0-9]{1,2})-grade"),
)
_2021 = _Dump(
    "dump-2021",
    ("логин школы", "вариант", "всего баллов", "балл за 1"),
    {
        "school": "логин школы",
        "code": "код обучающегося",
        "number": "номер обучающегося",
        "class": "класс",
        "sex": "пол",
        "journal_mark": _JOURNAL,
        "primary_score": "всего баллов",
    },
    ("вариант",),
    partial(_numbered, r"балл за ([0-9]{1,2})"),
)
_2022 = _Dump(
    "dump-2022",
    ("Пользователь", "Школа", "Код", "Вариант", "Наименование класса", "Итого баллов"),
    {
        "code": "Код",
        "school": "Школа",
        "class": "Наименование класса",
        "sex": "Пол",
        "journal_mark": _JOURNAL,
        "primary_score": "Итого баллов",
    },
    ("вариант",),
    task_columns,
    by_position=False,
)


def _recognises(dump: _Dump, sheets: Sequence[Sheet]) -> bool:
    return sheet_with(sheets, dump.needed) is not None


def _read(dump: _Dump, sheets: Sequence[Sheet], context: Context) -> Reading:
    sheet, row = the_only(sheets, dump.needed)
    places = _with_codes(columns(sheet.frame, row, dump.wanted), sheet, row)
    cells = [clean(cell).casefold() for cell in sheet.frame.iloc[row]]
    variants = tuple(place for place, cell in enumerate(cells) if cell.startswith(dump.variants))
    tasks = dump.tasks(sheet, row, variants[0])
    protocol = Protocol(dump.name, sheet, row, places, variants, tasks, dump.by_position)
    return read_protocol(protocol, context, sheets, _NOBODY)


def _with_codes(places: dict[str, int], sheet: Sheet, row: int) -> dict[str, int]:
    """Take of the two columns that may hold codes the one in which more codes stand."""
    number = places.pop("number", None)
    if number is None:
        return places
    head = sheet.frame.iloc[row + 1 : row + 1 + _LOOKED_AT]

    def codes_in(place: int) -> int:
        return sum(grade_of(cell) != "" for cell in head[place])

    own = places.get("code", number)
    return {**places, "code": number if codes_in(number) > codes_in(own) else own}


def _layout(dump: _Dump, title: str) -> Layout:
    return Layout(dump.name, title, partial(_recognises, dump), partial(_read, dump))


LAYOUTS: tuple[Layout, ...] = (
    _layout(_2020, N_("collection of forms by a region, as in autumn 2020")),
    _layout(_2021, N_("collection of forms by a region, as in 2021")),
    _layout(_2022, N_("collection of forms by a region, as in 2022")),
)
