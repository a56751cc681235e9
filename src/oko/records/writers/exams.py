"""Protocols of ОГЭ and ЕГЭ as the field writes them, with invented names: what the reader reads, the example writes.

Headings follow files of 2025 and 2026. Documents, auditoriums and numbers of blanks are invented here and written too,
as real files hold them: nothing of them may pass the reader.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from oko.records.readers.context import Work
from oko.records.writers import Cell, Sitting, write_workbook

_SUBJECTS = {
    "mathematics": ("02", "Математика"),
    "physics": ("03", "Физика"),
    "chemistry": ("04", "Химия"),
    "informatics": ("05", "Информатика"),
    "biology": ("06", "Биология"),
    "geography": ("08", "География"),
}
_GRADES = {"oge": "9", "ege": "11"}
_SHEET = "Page 1"
_NAMES = ("Фамилия", "Имя", "Отчество")
_ANSWERS = ("Ответы в краткой форме", "Ответы в развернутой форме", "Первичный балл")
_TASKS = ("Задания с кратким ответом", "Задания с развёрнутым ответом", "Первичный балл")
OGE_DENSE = (
    "№", "Код ОО", "Класс", "Код ППЭ", "Аудитория", "Код участника", *_NAMES, "Серия", "Номер", *_ANSWERS, "Оценка",
)  # fmt: skip
OGE_SPARSE = (
    "№", "Код ОО", "Класс", "", "Код ППЭ", "", "Аудитория", "", "Код МСУ", "", "Фамилия", "", "Имя", "Отчество",
    _TASKS[0], "", "", _TASKS[1], _TASKS[2], "", "Оценка",
)  # fmt: skip
EGE_DENSE = (
    "№", "Код ППЭ", "Код ОО", "Класс", "Код ООП", "Профиль", *_NAMES, "Вариант", "Код участника", "№ бланка", *_ANSWERS,
    "Итоговый балл",
)  # fmt: skip
EGE_SPARSE = (
    "№", "", "Код МСУ", "", "Код ОО", "", "Класс", "", "Код ППЭ", "", "Аудитория", "", "Фамилия", "Имя", "Отчество", "",
    _TASKS[0], "", _TASKS[1], "", _TASKS[2], "", "Тестовый балл", "",
)  # fmt: skip
_CSV = {
    "SchoolCode": "Код ОО", "ClassCode": "Класс", "StationCode": "Код ППЭ", "AuditoriumCode": "Аудитория",
    "GovernmentCell": "Код МСУ", "SurnameCell": "Фамилия", "NameCell": "Имя", "SecondNameCell": "Отчество",
    "DocumentSeriesCode": "Серия", "DocumentNumberCode": "Номер", "TestResultBCell": _ANSWERS[0],
    "TestResultCCell": _ANSWERS[1], "PrimaryMark": "Первичный балл", "Mark5": "Оценка",
}  # fmt: skip


def write_oge(path: Path, sittings: Sequence[Sitting], sparse: bool = False) -> Path:
    """Write a protocol of ОГЭ, the exams stacked in one sheet.

    Parameters
    ----------
    path : Path
        Of an xlsx file.
    sittings : sequence of Sitting
        ``pupils`` with surname, name and patronymic. ``items`` may have a column part (short or long); without it the
        last tasks with a maximum of 2 or more are those with long answers.
    sparse : bool
        With empty columns between the headings, as a report designer exports it.

    Returns
    -------
    Path
    """
    title = ["Протокол проверки результатов"] if sparse else []
    return _write(path, sittings, OGE_SPARSE if sparse else OGE_DENSE, title)


def write_ege(path: Path, sittings: Sequence[Sitting], sparse: bool = False) -> Path:
    """Write a protocol of ЕГЭ, the exams stacked in one sheet; parameters as of :func:`write_oge`.

    Test scores stand in the column test_score of ``pupils``.
    """
    return _write(path, sittings, EGE_SPARSE if sparse else EGE_DENSE, ["Протокол проверки"] if sparse else [])


def write_csv(path: Path, sitting: Sitting) -> Path:
    """Write one ОГЭ as CSV with English headings.

    Parameters
    ----------
    path : Path
        Its name must say subject and date, as ``02_2021.05.27 математика.csv``: nothing in the file does.
    sitting : Sitting

    Returns
    -------
    Path
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(_CSV)
    for row in _rows(sitting):
        writer.writerow([row.get(heading, "") for heading in _CSV.values()])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\xef\xbb\xbf" + text.getvalue().encode())
    return path


def masks(sitting: Sitting) -> pd.DataFrame:
    """Return the masks of a work.

    Returns
    -------
    DataFrame
        short and long, on the index of the pupils; "" for those who were absent.
    """
    parts = _parts(sitting.items)
    took = sitting.pupils["status"] == "took"
    points = sitting.cells.where(sitting.cells.apply(lambda column: column.str.fullmatch("[0-9]+")), "0")
    short = pd.Series("", sitting.pupils.index, dtype="str")
    long = short.copy()
    for part, (item, most) in zip(parts, sitting.items[["item", "max_score"]].itertuples(index=False), strict=True):
        got = points[item].astype("str")
        if part == "long":
            long = long + got + f"({int(most)})"
        else:
            short = short + (got.map({"0": "-", "1": "+"}) if most == 1 else got)
    return pd.DataFrame({"short": short.where(took, ""), "long": long.where(took, "")})


def exam_date(work: Work) -> str:
    """Return an invented date of an exam: July for ЕГЭ of 2020, else the first of June.

    Examples
    --------
    >>> exam_date(Work("ege", "physics", "2019-2020", "spring", 11, 11))
    '2020.07.10'
    """
    year = str(work.year).rpartition("-")[2]
    return f"{year}.07.10" if work.procedure == "ege" and year == "2020" else f"{year}.06.01"


def _parts(items: pd.DataFrame) -> list[str]:
    if "part" in items:
        return [str(part) for part in items["part"]]
    lesser = (items["max_score"] < 2).to_numpy().nonzero()[0]
    n_short = int(lesser.max()) + 1 if len(lesser) else 0
    return ["short"] * n_short + ["long"] * (len(items) - n_short)


def _write(path: Path, sittings: Sequence[Sitting], headings: Sequence[str], title: Sequence[Cell]) -> Path:
    rows: list[Sequence[Cell]] = [title, ["78 - Санкт-Петербург"]] if title else []
    for sitting in sittings:
        code, subject = _SUBJECTS[str(sitting.work.subject)]
        level = " (профильный уровень)" if (sitting.work.procedure, subject) == ("ege", "Математика") else ""
        rows += [[f"{code} - {subject}{level} {exam_date(sitting.work)}"], *([[]] if title else []), list(headings)]
        rows += [[row.get(heading) for heading in headings] for row in _rows(sitting)]
        means: list[Cell] = [None] * len(headings)
        means[0] = "Средние"
        means[headings.index("Первичный балл")] = round(float(sitting.pupils["primary_score"].mean()), 2)
        rows += [means, []]
    return write_workbook(path, {_SHEET: rows})


def _rows(sitting: Sitting) -> list[Mapping[str, Cell]]:
    """Return a row a participant: heading to cell."""
    answers, grade = masks(sitting), _GRADES[str(sitting.work.procedure)]
    made: list[Mapping[str, Cell]] = []
    for place, (row, pupil) in enumerate(sitting.pupils.iterrows(), start=1):
        short, long = str(answers.at[row, "short"]), str(answers.at[row, "long"])
        score, final = _number(pupil["primary_score"]), _number(pupil.get("test_score"))
        made.append(
            {
                "№": place,
                "Код ОО": str(pupil["login"] or pupil["school"]),
                "Класс": grade + str(pupil["letter"]),
                "Код ППЭ": 344,
                "Аудитория": f"{place % 15 + 1:04d}",
                "Код МСУ": 12,
                "Код участника": str(pupil["code"]),
                "Фамилия": str(pupil["surname"]),
                "Имя": str(pupil["name"]),
                "Отчество": str(pupil["patronymic"]),
                "Серия": "4000",
                "Номер": f"{900000 + place}",
                "№ бланка": f"{2100000000000 + place}",
                "Вариант": _number(pupil.get("variant")),
                **dict.fromkeys((_ANSWERS[0], _TASKS[0]), short),
                **dict.fromkeys((_ANSWERS[1], _TASKS[1]), long),
                "Первичный балл": score,
                "Оценка": _number(pupil.get("mark")),
                **dict.fromkeys(("Тестовый балл", "Итоговый балл"), final),
            }
        )
    return made


def _number(value: object) -> Cell:
    number = pd.to_numeric(pd.Series([value]), errors="coerce").iloc[0]
    return None if pd.isna(number) else int(number)
