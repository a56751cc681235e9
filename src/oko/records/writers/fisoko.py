"""ФИС ОКО: works and reports in the layout of its exports, for the example and for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from oko.errors import DataError
from oko.records.readers.context import Work
from oko.records.writers import Cell, Sitting, numeric, write_workbook

MUNICIPALITY = "Учебный район (reg00_m000)"
_SUBJECTS = {
    "mathematics": ("МА", "Математика"),
    "physics": ("ФИ", "Физика"),
    "chemistry": ("ХИ", "Химия"),
    "biology": ("БИ", "Биология"),
    "geography": ("ГГ", "География"),
    "science": ("ОМ", "Окружающий мир"),
    "informatics": ("ИН", "Информатика"),
}
_DAYS = {"autumn": "15.09", "spring": "15.04"}
_LEVELS = {"basic": "Б", "raised": "П", "high": "В"}
_CHANGES = {
    "lowered": "Понизили (Отметка < Отметка по журналу)",
    "confirmed": "Подтвердили (Отметка = Отметке по журналу)",
    "raised": "Повысили (Отметка > Отметка по журналу)",
}
_TITLES = {
    "individual": "Индивидуальные результаты",
    "marks": "Статистика по отметкам",
    "journal": "Сравнение отметок с отметками по журналу",
    "tasks": "Выполнение заданий",
    "results": "Достижение планируемых результатов",
    "scores": "Распределение первичных баллов",
}
_MEASURES = {"marks": "mark", "journal": "journal", "tasks": "facility", "results": "facility", "scores": "score"}
_NAMED = ("Группы участников", "Кол-во ОО", "Кол-во участников")
_REQUIREMENT = (
    "Блоки ПООП обучающийся научится / получит возможность научиться или проверяемые требования (умения) "
    "в соответствии с ФГОС (ФК ГОС)"
)
_SHEET_NAME = 31
Rows = list[list[Cell]]


def write_individual(path: Path, sitting: Sitting, *, municipality: str = MUNICIPALITY) -> Path:
    """Write form Ф1 «Индивидуальные результаты»: one block a school, pupils who took the work alone.

    Parameters
    ----------
    path : Path
    sitting : Sitting
        Classes are written by their letters; real files of 2026 hold serial numbers there.
    municipality : str
        Its name with its code in brackets.

    Returns
    -------
    Path
    """
    items = sitting.items.sort_values("position")
    before: list[Cell] = ["ОО", "Муниципалитет", "Название ОО", "Код участника", "Класс", "Вариант"]
    tasks: list[Cell] = [f"{item} ({most:.0f}б)" for item, most in zip(items["item"], items["max_score"], strict=True)]
    levels: list[Cell] = [_LEVELS.get(str(level)) for level in items["level"]]
    rows = _head(sitting.work, "individual", f"{items['max_score'].sum():.0f}")
    rows.append([None, None, "Уровень сложности задания", None, None, None, *levels])
    rows.append([*before, *tasks, "Первичный балл", "Отметка", "Отметка по журналу"])
    took = sitting.pupils[sitting.pupils["status"] == "took"]
    for school, pupils in took.groupby("school", sort=False):
        login = str(pupils["login"].iloc[0])
        title = f"Школа № {school}(edu{login})"
        rows.append([title, f"Кол-во участников: {len(pupils)}"])
        cells = sitting.cells.loc[pupils.index, list(items["item"])]
        for pupil, points in zip(pupils.itertuples(index=False), cells.to_numpy(), strict=True):
            code, variant = numeric(str(pupil.code)), numeric(str(pupil.variant))
            own: list[Cell] = [f"edu{login}", municipality, title, code, str(pupil.letter), variant]
            last = [_whole(value) for value in (pupil.primary_score, pupil.mark, pupil.journal_mark)]
            rows.append([*own, *(numeric(str(text)) for text in points), *last])
    return write_workbook(path, {_sheet(sitting.work, "individual"): rows})


def write_groups(
    path: Path,
    report: str,
    work: Work,
    groups: pd.DataFrame,
    *,
    maxima: Mapping[str, int] | None = None,
    max_score: int | None = None,
) -> Path:
    """Write a report on groups.

    Parameters
    ----------
    path : Path
    report : {"marks", "journal", "tasks", "results", "scores"}
        The layouts of tasks, results and scores are unconfirmed.
    work : Work
        Complete.
    groups : DataFrame
        As :data:`oko.records.groups.GROUPS`; rows of the work and of the report's measure are written, groups and keys
        in their order, shares as per cents with two decimals.
    maxima : Mapping, optional
        Greatest score of each task, for tasks and results.
    max_score : int, optional
        Greatest primary score; by default the sum of ``maxima``, and nothing where there are none.

    Returns
    -------
    Path

    Raises
    ------
    DataError
        There is no such report, or nothing to write into it.
    """
    if report not in _MEASURES:
        raise DataError("There is no report {report}; there are: {known}.", report=report, known=", ".join(_MEASURES))
    own = groups[(groups["assessment"] == work.assessment) & (groups["measure"] == _MEASURES[report])]
    if own.empty:
        raise DataError(
            "Nothing is known of {assessment} for the report {report}.", assessment=work.assessment, report=report
        )
    most = max_score if max_score is not None else sum((maxima or {}).values())
    rows = _head(work, report, str(most) if most else "")
    body = {"journal": _journal, "results": _results}.get(report, _across)
    rows += [[], *body(own, maxima or {})]
    return write_workbook(path, {_sheet(work, report): rows})


def _head(work: Work, report: str, most: str) -> Rows:
    calendar = work.assessment.rpartition("-")[2]
    subject = _SUBJECTS[str(work.subject)][1]
    date = f"{_DAYS[work.season]}.{calendar}" if work.season in _DAYS else None
    return [
        [_TITLES[report]],
        [],
        [f"ВПР {calendar} {subject} {work.material_grade or work.pupil_grade} класс"],
        ["Предмет:", subject],
        ["Максимальный первичный балл:", numeric(most)],
        ["Дата:", date],
    ]


def _sheet(work: Work, report: str) -> str:
    code = _SUBJECTS[str(work.subject)][0]
    return f"{code} {work.material_grade or work.pupil_grade} {_TITLES[report]}"[:_SHEET_NAME]


def _across(groups: pd.DataFrame, maxima: Mapping[str, int]) -> Rows:
    """Write one line a group, keys across; a second heading row holds the maxima of tasks."""
    wide = _wide(groups, "value")
    keys = list(wide.columns)
    rows: Rows = [[*_NAMED, *(numeric(str(key)) for key in keys)]]
    if groups["measure"].iloc[0] == "facility" and maxima:
        rows.append([None, None, None, *(maxima[str(key)] for key in keys)])
    named = _named(groups)
    for group in wide.index:
        said = [_whole(named.at[group, name]) for name in ("n_schools", "n")]
        rows.append([str(group[1]), *said, *(_percent(wide.at[group, key]) for key in keys)])
    return rows


def _journal(groups: pd.DataFrame, _: Mapping[str, int]) -> Rows:
    heading: list[Cell] = ["Группы участников", "Кол-во участников(всего)"]
    for words in _CHANGES.values():
        heading += [f"{words} %", f"{words} Кол-во участников"]
    shares, counts, named = _wide(groups, "value"), _wide(groups, "count"), _named(groups)
    rows: Rows = [heading]
    for group in shares.index:
        line: list[Cell] = [str(group[1]), _whole(named.at[group, "n"])]
        for key in _CHANGES:
            line += [_percent(shares.at[group, key]), _whole(counts.at[group, key])]
        rows.append(line)
    return rows


def _results(groups: pd.DataFrame, maxima: Mapping[str, int]) -> Rows:
    wide = _wide(groups, "value").T
    rows: Rows = [["Номер задания", _REQUIREMENT, "Макс балл", *(str(group[1]) for group in wide.columns)]]
    for key in wide.index:
        shares = [_percent(wide.at[key, group]) for group in wide.columns]
        rows.append([numeric(str(key)), None, maxima.get(str(key)), *shares])
    return rows


def _wide(groups: pd.DataFrame, column: str) -> pd.DataFrame:
    order = groups[["level", "group"]].drop_duplicates()
    wide = groups.pivot(index=["level", "group"], columns="key", values=column)
    return wide.loc[list(order.itertuples(index=False, name=None)), list(groups["key"].drop_duplicates())]


def _named(groups: pd.DataFrame) -> pd.DataFrame:
    return groups.drop_duplicates(["level", "group"]).set_index(["level", "group"])[["n_schools", "n"]]


def _percent(value: Any) -> Cell:
    return None if pd.isna(value) else round(100 * float(value), 2)


def _whole(value: Any) -> Cell:
    return None if pd.isna(value) else int(value)
