"""Collections of the schools' forms by a region, in the layouts of 2020, 2021 and 2022: for the example and tests."""

from __future__ import annotations

import csv
from pathlib import Path

from oko.records.writers import Cell, Sitting, numeric, write_workbook
from oko.records.writers.form_entries import JOURNAL, PROTOCOL, TOTAL, entries, headings

REGION, REGION_NAME, MUNICIPALITY = "00", "Учебный регион", "Учебный район"
_POSITIONS = 40
_TEXTBOOKS = ("Сборник А (учебный пример)", "Сборник Б (учебный пример)", "Сборник В (учебный пример)")
_DAYS = {"autumn": "12.10", "spring": "21.05"}
_LETTER = 'Буква (цифра) класса. Введите "нет" - если отсутствует'
Rows = list[list[Cell]]


def write_2020(path: Path, sitting: Sitting) -> Path:
    """Write a collection as of autumn 2020: 50 columns of text, positions of tasks, the textbook after the last task.

    Parameters
    ----------
    path : Path
    sitting : Sitting
        A variant 1-2 is 1 in var-1 and 2 in var-2.

    Returns
    -------
    Path
    """
    n = len(sitting.items)
    tasks: list[Cell] = [f"a-{position}-grade" for position in range(1, _POSITIONS + 1)]
    if n < _POSITIONS:
        tasks[n] = "Учебник"
    first: list[Cell] = ["groups", "user", "id", "code", "otc", "gender", "klass", "var-1", "var-2", "sum"]
    rows: Rows = [[*first, *tasks]]
    textbooks = _textbooks(sitting)
    for number, entry in enumerate(entries(sitting), start=1):
        one, _, two = entry.variant.partition("-")
        row = [REGION, f"sch{entry.login}", str(number), entry.code, entry.journal_mark, entry.sex, entry.letter]
        cells: list[Cell] = [*row, one, two, entry.score, *entry.points, textbooks[entry.school]]
        rows.append(cells[: len(rows[0])])
    return write_workbook(path, {"Sheet1": rows})


def write_2021(path: Path, sitting: Sitting) -> Path:
    """Write a collection as of 2021, text alone: «балл за N» is a position.

    Parameters
    ----------
    path : Path
        A workbook, or a text file (.csv: UTF-8 with a byte-order mark, semicolons).
    sitting : Sitting

    Returns
    -------
    Path
    """
    heading = ["логин школы", "регион", "номер обучающегося", "код обучающегося"]
    heading += ["отметка за предыдущую четверть/триместр", "пол", "класс", "вариант", "всего баллов"]
    heading += [f"балл за {position}" for position in range(1, len(sitting.items) + 1)]
    rows: Rows = [[*heading, "Учебник", "Др.уч. автор", "Др.уч. название"]]
    textbooks = _textbooks(sitting)
    for number, entry in enumerate(entries(sitting), start=1):
        row = [f"sch{entry.login}", REGION, str(number), entry.code, entry.journal_mark, entry.sex, entry.letter]
        rows.append([*row, entry.variant, entry.score, *entry.points, textbooks[entry.school], "", ""])
    if path.suffix != ".csv":
        return write_workbook(path, {"Sheet": rows})
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as target:
        csv.writer(target, delimiter=";", lineterminator="\r\n").writerows(rows)
    return path


def write_2022(path: Path, sitting: Sitting) -> Path:
    """Write a collection as of 2022: labels and maxima in the headings, a sheet of classes with their textbooks.

    Parameters
    ----------
    path : Path
    sitting : Sitting

    Returns
    -------
    Path
    """
    calendar = sitting.work.assessment.rpartition("-")[2]
    loaded = f"{_DAYS.get(str(sitting.work.season), _DAYS['spring'])}.{calendar}"
    place: list[Cell] = ["Пользователь", "Код региона", "Регион", "Муниципалитет", "Школа", "Дата загрузки"]
    last: list[Cell] = ["Наименование класса", "Пол", JOURNAL, TOTAL]
    rows: Rows = [[*place, "Код", "Вариант", *headings(sitting.items, "2022"), *last]]
    books: list[Cell] = ["Основной учебник по предмету", "Другое (автор учебника)", "Другое (название учебника)"]
    classes: Rows = [[*place, _LETTER, *books]]
    textbooks = _textbooks(sitting)
    listed: set[tuple[str, str]] = set()
    for entry in entries(sitting):
        login = f"edu{entry.login}"
        where: list[Cell] = [login, REGION, REGION_NAME, MUNICIPALITY, f"{login} | Школа № {entry.school}", loaded]
        points = [numeric(text) for text in entry.points]
        own = [entry.letter, entry.sex, numeric(entry.journal_mark), numeric(entry.score)]
        rows.append([*where, numeric(entry.code), numeric(entry.variant), *points, *own])
        if (entry.school, entry.letter) not in listed:
            listed.add((entry.school, entry.letter))
            classes.append([*where, entry.letter, textbooks[entry.school]])
    return write_workbook(path, {"Классы": classes, PROTOCOL: rows})


def _textbooks(sitting: Sitting) -> dict[str, str]:
    """Give each school a textbook, always the same for equal schools."""
    schools = [str(school) for school in sitting.pupils["school"].unique()]
    return {school: _TEXTBOOKS[sum(map(ord, school)) % len(_TEXTBOOKS)] for school in schools}
