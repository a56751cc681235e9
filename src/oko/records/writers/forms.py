"""The form of a school's results in the field's layouts, for the example and for tests."""

from __future__ import annotations

from itertools import cycle, islice
from pathlib import Path

from oko.errors import DataError
from oko.records.writers import Cell, Sitting, numeric, write_workbook
from oko.records.writers.form_entries import ABSENT, JOURNAL, NO_MARK, PROTOCOL, TOTAL, entries, headings

PREPARED = 1498
_CLASS = 'Класс № (список формируется из листа "Классы")'
_SERIAL = "Порядковый номер класса"
_SERIALS = 50
_HELPERS, _HELPER_ROWS, _FIRST_HELPER = 6, 19, 15
Rows = list[list[Cell]]


def write_two_part(path: Path, sitting: Sitting, split: int) -> Path:
    """Write the form of a work in two parts, as of about 2022 to 2024.

    Parameters
    ----------
    path : Path
    sitting : Sitting
        Of one school. A variant 1-2 is 1 in the first part and 2 in the second; 1 alone leaves the second empty.
    split : int
        Number of tasks in the first part.

    Returns
    -------
    Path

    Raises
    ------
    DataError
        There are pupils of more than one school.
    """
    _check_one_school(sitting)
    tasks: list[Cell] = list(headings(sitting.items, "two-part"))
    rows: Rows = [["Код", "Вариант (часть 1)", *tasks[:split], "Вариант (часть 2)", *tasks[split:]]]
    rows[0] += [_CLASS, "Пол", JOURNAL, TOTAL]
    for entry in entries(sitting):
        first, _, second = entry.variant.partition("-")
        row: list[Cell] = [numeric(entry.code), numeric(first)]
        if entry.took:
            points = [numeric(text) for text in entry.points]
            row += [*points[:split], numeric(second), *points[split:]]
            row += [entry.letter, entry.sex, numeric(entry.journal_mark), numeric(entry.score)]
        rows.append(row)
    classes: Rows = [[letter] for letter in sorted({entry.letter for entry in entries(sitting)})]
    return write_workbook(path, {PROTOCOL: rows, "Классы": [["Классы"], *classes]})


def write_2026(path: Path, sitting: Sitting) -> Path:
    """Write the form as it was in 2026: 1,498 prepared rows with 0 in the total, lists of allowed values to the right.

    Parameters
    ----------
    path : Path
    sitting : Sitting
        Of one school; without pupils it is the empty form. Classes are written as they are called; real forms of 2026
        hold serial numbers there.

    Returns
    -------
    Path

    Raises
    ------
    DataError
        There are pupils of more than one school.
    """
    _check_one_school(sitting)
    tasks = headings(sitting.items, "2026")
    rows: Rows = []
    for entry in entries(sitting):
        row = [numeric(entry.code), numeric(entry.variant), *map(numeric, entry.points)]
        rows.append([*row, numeric(entry.letter), numeric(entry.journal_mark), numeric(entry.score or "0")])
    width = len(tasks) + 5
    empty: list[Cell] = [None] * (width - 1)
    rows += [[*empty, 0] for _ in range(PREPARED - len(rows))]
    allowed = [_allowed(int(most)) for most in sitting.items.sort_values("position")["max_score"]]
    _add_helpers(rows, allowed)
    lists: Rows = [[1, 2, ABSENT], *allowed, [5, 4, 3, 2, NO_MARK]]
    heading: list[Cell] = ["Код участника", "Вариант", *tasks, _SERIAL, JOURNAL, TOTAL]
    serials: Rows = [[number] for number in range(1, _SERIALS + 1)]
    return write_workbook(path, {PROTOCOL: [heading, *rows], "Служебный": _upright(lists), _SERIAL: serials})


def _check_one_school(sitting: Sitting) -> None:
    schools = [str(school) for school in sitting.pupils["school"].unique()]
    if len(schools) > 1:
        raise DataError(
            "A school’s form holds pupils of one school, and these are of {schools}.", schools=", ".join(schools)
        )


def _allowed(most: int) -> list[Cell]:
    return [*range(most, -1, -1), "X"]


def _add_helpers(rows: Rows, allowed: list[list[Cell]]) -> None:
    """Put lists of allowed values into the first rows, at the right of everything else."""
    columns = [list(islice(cycle(values), _HELPER_ROWS)) for values in islice(cycle(allowed), _HELPERS)]
    for row, values in zip(rows[:_HELPER_ROWS], zip(*columns, strict=True), strict=False):
        row += [None] * max(1, _FIRST_HELPER - len(row)) + list(values)


def _upright(lists: list[list[Cell]]) -> Rows:
    longest = max(len(values) for values in lists)
    return [[values[place] if place < len(values) else None for values in lists] for place in range(longest)]
