"""Forms of schools and collections of them that tests make, and what is read back: everything in them is invented."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from oko import language
from oko.records import instruments
from oko.records.cluster import Cluster, School, Words
from oko.records.readers import RawTable, Reading, dumps, exams, fisoko_groups, fisoko_pupils, forms, roster, tidy
from oko.records.readers.context import Context, Told, Work
from oko.records.readers.layout import Layout
from oko.records.readers.sheets import Sheet
from oko.records.writers import Cell, Sitting

ROOT = Path(__file__).parents[1]
LAYOUTS = (*forms.LAYOUTS, *dumps.LAYOUTS)
OTHERS = (*fisoko_pupils.LAYOUTS, *fisoko_groups.LAYOUTS, *exams.LAYOUTS, *roster.LAYOUTS, *tidy.LAYOUTS)
SPRING = Work("vpr", "mathematics", "2020-2021", "spring", 7, 7)
AUTUMN = Work("vpr", "mathematics", "2020-2021", "autumn", 6, 7)
FILE = "ВПР 2021 Математика 7 класс.xlsx"
AUTUMN_FILE = "ВПР 2020 Математика 6 класс.xlsx"
STRANGER = "990009"
SPELLINGS = ("X", "x", "Х", "х")
CELLS = ("0", "1", "1\u00a0", "не пройд.", *SPELLINGS)


def about(file: str = FILE, **told: object) -> Context:
    named = Words(ru="Учебный", en="Training")
    schools = tuple(School(code=code, name=named, logins=(f"99000{code}",)) for code in ("1", "2"))
    cluster = Cluster(code="invented", name=named, example=True, years=("2020-2021",), schools=schools)
    return Context(ROOT, cluster, file, Told(**told))


def sitting(work: Work = SPRING, schools: Sequence[str] = ("1",), n: int = 6, variants: str = "1-2") -> Sitting:
    """Pupils of some schools: the last of each was absent, the first has no journal mark."""
    items = instruments.specification(ROOT, work)
    rng = np.random.default_rng(7)
    whole = n * len(schools)
    took = [place % n != n - 1 for place in range(whole)]
    texts = np.where(np.array(took)[:, None], rng.choice(CELLS, (whole, len(items))), "")
    cells = pd.DataFrame(texts, columns=list(items["item"]), dtype="str")
    scores = [sum(text.strip() == "1" for text in row) for row in cells.to_numpy()]
    pupils = pd.DataFrame(
        {
            "school": [code for code in schools for _ in range(n)],
            "login": [f"99000{code}" for code in schools for _ in range(n)],
            "code": [f"{work.pupil_grade}{place:04d}" for place in range(1, whole + 1)],
            "letter": (["А", "б", f"{work.pupil_grade}б", "нет", "а(2)", "б"] * whole)[:whole],
            "sex": ["F", "M"] * (whole // 2),
            "variant": [variants if there else "Отсутствовал" for there in took],
            "status": ["took" if there else "absent" for there in took],
            "journal_mark": pd.array([None if place % n == 0 else 4 for place in range(whole)], dtype="Int64"),
            "mark": pd.array([3 if there else None for there in took], dtype="Int64"),
            "primary_score": pd.array([score if there else None for score, there in zip(scores, took, strict=True)], dtype="Int64"),
        }
    )  # fmt: skip
    return Sitting(work, items, pupils, cells)


def expected(sat: Sitting, *, without: Sequence[str] = (), bare_absent: bool = False) -> pd.DataFrame:
    """What the results of a sitting should be; bare_absent: of the absent the form holds the code alone."""
    pupils = sat.pupils.reset_index(drop=True)
    took = pupils["status"] == "took"
    marks = pupils["journal_mark"].astype("object").map(str).where(pupils["journal_mark"].notna(), "нет отметки")
    frame = pd.DataFrame(
        {
            "assessment": sat.work.assessment,
            "school": pupils["school"],
            "code": pupils["code"],
            "class": pupils["letter"],
            "sex": pupils["sex"].map({"F": "ж", "M": "м"}),
            "variant": pupils["variant"],
            "primary_score": pupils["primary_score"].astype("object").map(str).where(took, ""),
            "journal_mark": marks.where(took | pupils["journal_mark"].notna(), ""),
        }
    )
    if bare_absent:
        frame.loc[~took, ["class", "sex", "journal_mark"]] = ""
    return frame.drop(columns=list(without)).astype("str")


def expected_points(sat: Sitting) -> pd.DataFrame:
    took = (sat.pupils["status"] == "took").to_numpy()
    return sat.cells[took].reset_index(drop=True)


def sheet(rows: Sequence[Sequence[Cell]], name: str = "Протокол") -> tuple[Sheet, ...]:
    width = max(len(row) for row in rows)
    texts = [["" if cell is None else str(cell) for cell in row] + [""] * (width - len(row)) for row in rows]
    return (Sheet(name, pd.DataFrame(texts, dtype="str")),)


def changed(sheets: Sequence[Sheet], name: str, row: int, column: int, text: str) -> tuple[Sheet, ...]:
    """The same sheets with one cell changed; row and column from 0."""
    made = []
    for one in sheets:
        frame = one.frame.copy()
        if one.name == name:
            frame.iloc[row, column] = text
        made.append(Sheet(one.name, frame))
    return tuple(made)


def layout_of(sheets: Sequence[Sheet]) -> Layout:
    found = [layout for layout in (*LAYOUTS, *OTHERS) if layout.recognises(sheets)]
    assert len(found) == 1, [layout.name for layout in found]
    return found[0]


def read(sheets: Sequence[Sheet], context: Context) -> Reading:
    return layout_of(sheets).read(sheets, context)


def table(reading: Reading, kind: str) -> RawTable:
    (found,) = [table for table in reading.tables if table.kind == kind]
    return found


def results(reading: Reading) -> pd.DataFrame:
    return table(reading, "results").frame.drop(columns=["#file", "#sheet", "#row"])


def points(reading: Reading, sat: Sitting) -> pd.DataFrame:
    return table(reading, "responses").frame[list(sat.items["item"])]


def messages(reading: Reading, severity: str = "fault") -> list[str]:
    every = [*reading.findings, *(finding for table in reading.tables for finding in table.findings)]
    with language.used("en"):
        return [str(finding) for finding in every if finding.severity == severity]


def same(read_back: pd.DataFrame, written: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(read_back, written, check_dtype=False)


def row_of(reading: Reading, kind: str) -> dict[Any, Any]:
    return dict(table(reading, kind).frame.iloc[0])
