"""Exports of ФИС ОКО that tests make, and what is read back from them: everything in them is invented."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from oko import language
from oko.records import cells, groups
from oko.records.cluster import Cluster, School, Words
from oko.records.readers import RawTable, Reading, fisoko_groups, fisoko_pupils
from oko.records.readers.context import Context, Told, Work
from oko.records.readers.layout import Layout
from oko.records.readers.sheets import Sheet
from oko.records.writers import Cell, Sitting

LAYOUTS = (*fisoko_pupils.LAYOUTS, *fisoko_groups.LAYOUTS)
SPRING = Work("vpr", "mathematics", "2020-2021", "spring", 7, 7)
AUTUMN = Work("vpr", "physics", "2020-2021", "autumn", 7, 8)
HEAD: list[list[Cell]] = [
    ["Статистика по отметкам"], [], ["ВПР 2021 Математика 7 класс"], ["Предмет:", "Математика"],
    ["Максимальный первичный балл:", 19], ["Дата:", "15.04.2021"], [],
]  # fmt: skip
MARKS: list[Cell] = ["Группы участников", "Кол-во ОО", "Кол-во участников", 2, 3, 4, 5]
JOURNAL: list[Cell] = [
    "Группы участников", "Кол-во участников(всего)",
    "Понизили (Отметка < Отметка по журналу) %", "Понизили (Отметка < Отметка по журналу) Кол-во участников",
    "Подтвердили (Отметка = Отметке по журналу) %", "Подтвердили (Отметка = Отметке по журналу) Кол-во участников",
    "Повысили (Отметка > Отметка по журналу) %", "Повысили (Отметка > Отметка по журналу) Кол-во участников",
]  # fmt: skip
REGION, DISTRICT, LYCEUM = "Приморье-на-Неве", "Учебный район(reg00_m001)", "Лицей № 1(edu990001)"


def about(root: Path, **told: object) -> Context:
    named = Words(ru="Учебный", en="Training")
    schools = tuple(School(code=code, name=named, logins=(f"99000{code}",)) for code in ("1", "2"))
    cluster = Cluster(code="invented", name=named, example=True, years=("2020-2021",), schools=schools)
    return Context(root, cluster, "report.xlsx", Told(**told))


def sheet(rows: Sequence[Any], name: str = "МА 7 Отчёт") -> tuple[Sheet, ...]:
    width = max(len(row) for row in rows)
    texts = [["" if cell is None else str(cell) for cell in row] + [""] * (width - len(row)) for row in rows]
    return (Sheet(name, pd.DataFrame(texts, dtype="str")),)


def layout_of(sheets: Sequence[Sheet]) -> Layout:
    found = [layout for layout in LAYOUTS if layout.recognises(sheets)]
    assert len(found) == 1, [layout.name for layout in found]
    return found[0]


def read(sheets: Sequence[Sheet], context: Context) -> Reading:
    return layout_of(sheets).read(sheets, context)


def table(reading: Reading, kind: str) -> RawTable:
    (found,) = [table for table in reading.tables if table.kind == kind]
    return found


def messages(reading: Reading, severity: str = "fault") -> list[str]:
    every = [*reading.findings, *(finding for table in reading.tables for finding in table.findings)]
    with language.used("en"):
        return [str(finding) for finding in every if finding.severity == severity]


def marks(*lines: list[Cell]) -> tuple[Sheet, ...]:
    return sheet([*HEAD, MARKS, *lines])


def journal(*lines: list[Cell]) -> tuple[Sheet, ...]:
    return sheet([["Сравнение отметок с отметками по журналу"], *HEAD[1:], JOURNAL, *lines])


def sitting(work: Work = SPRING, schools: Sequence[str] = ("1", "2")) -> Sitting:
    """Three pupils a school: one did all, one skipped the second task, one was absent."""
    n = 3 * len(schools)
    items = pd.DataFrame(
        {
            "item": ["1", "2.1", "4К1"],
            "position": [1, 2, 3],
            "max_score": [1.0, 2.0, 3.0],
            "level": ["basic", "raised", "high"],
        }
    )
    school = [code for code in schools for _ in range(3)]
    pupils = pd.DataFrame(
        {
            "school": school,
            "login": [f"99000{code}" for code in school],
            "code": [f"{work.pupil_grade}{place:04d}" for place in range(1, n + 1)],
            "letter": "А",
            "sex": "F",
            "variant": "1",
            "status": ["took", "took", "absent"] * len(schools),
            "journal_mark": pd.array([4, None, 3] * len(schools), dtype="Int64"),
            "mark": pd.array([5, 3, None] * len(schools), dtype="Int64"),
            "primary_score": pd.array([6, 2, None] * len(schools), dtype="Int64"),
        }
    )
    rows = [["1", "2", "3"], ["1", "X", "1"], ["", "", ""]] * len(schools)
    return Sitting(work, items, pupils, pd.DataFrame(rows, columns=list(items["item"])))


def reported(measure: str, keys: Sequence[str], values: Sequence[Sequence[float]], work: Work = SPRING) -> pd.DataFrame:
    """Rows of the store for a region, a district and a school of 1,000, 250 and 89 pupils."""
    rows = []
    for (group, level, school, n_schools, n), shares_of in zip(
        [
            (REGION, "region", None, 10, 1000),
            (DISTRICT, "municipality", None, 3, 250),
            (LYCEUM, "school", "1", None, 89),
        ],
        values,
        strict=True,
    ):
        for key, value in zip(keys, shares_of, strict=True):
            count = None if measure == "facility" else round(value * n)
            share = value if count is None else count / n
            rows.append((work.assessment, level, group, school, n_schools, n, measure, key, share, count, True, None))
    frame = pd.DataFrame(rows, columns=list(groups.GROUPS.columns))
    typed = {name: column.dtype.type for name, column in groups.GROUPS.columns.items()}
    return groups.GROUPS.validate(frame.astype(typed))


def stored(made: RawTable) -> pd.DataFrame:
    """Rows of a raw table of groups as values, in the columns of the store that files say."""
    values = cells.values(made)
    assert not values.findings
    return values.frame[[name for name in groups.GROUPS.columns if name not in {"example", "source"}]]


def same(read_back: pd.DataFrame, written: pd.DataFrame, **without: object) -> None:
    columns = [name for name in read_back if name not in without]
    left, right = (
        frame[columns].astype({name: "float64" for name in columns if name in {"n", "n_schools", "count", "value"}})
        for frame in (read_back, written)
    )
    order = ["group", "key"]
    pd.testing.assert_frame_equal(
        left.sort_values(order, ignore_index=True), right.sort_values(order, ignore_index=True),
        check_dtype=False, rtol=0, atol=1e-8,
    )  # fmt: skip
