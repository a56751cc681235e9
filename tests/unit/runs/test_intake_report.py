"""What is said of files received: alike findings once, faults first, the faulty cells marked."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest

from oko import intake_verbs, language
from oko.records.cluster import Cluster, School, Words
from oko.records.readers import FILE, ROW, SHEET, Finding
from oko.records.received import stack
from oko.records.taken import FileRead, Intake
from oko.runs.alike import alike
from oko.runs.intake_report import _write_cells, sections, summary
from oko.show.intake import render
from oko.terminal import Terminal

ROOT = Path(__file__).parents[3]
UNSEEN = "Layout “{layout}” was never seen."


def finding(row: int | None, column: str | None, message: str, file: str = "a.xlsx", **values: object) -> Finding:
    return Finding(file, row, column, message, values, sheet="Лист" if row else "", check="points")


def warned(file: str, layout: str) -> Finding:
    return Finding(file, None, None, UNSEEN, {"layout": layout}, "warning", check="recognised")


def intake(*findings: Finding, tables: tuple[pd.DataFrame, ...] = ()) -> Intake:
    schools = tuple(School(code=code, name=Words(ru=code, en=code)) for code in ("344", "498"))
    cluster = Cluster(code="x", name=Words(ru="К", en="C"), years=("2020-2021",), schools=schools)
    files = tuple(FileRead(name, "") for name in dict.fromkeys(found.file for found in findings))
    return Intake(findings, (), files, stack(cluster, ROOT, [])[0], tables)


def said(*findings: Finding) -> list[str]:
    with language.used("en"):
        return [str(found) for found in alike(findings)]


def test_one_text_of_many_rows_is_said_once_with_its_rows_as_ranges() -> None:
    rows = [finding(row, "school", "School {school} is not registered.", school="9") for row in (2, 3, 4, 4, 3, 9)]
    assert said(*rows) == ["a.xlsx, sheet Лист, rows 2–4, 9, column school: School 9 is not registered."]


def test_many_pieces_of_rows_are_cut_and_counted() -> None:
    (text,) = said(*(finding(row, "1", "Wrong.") for row in range(2, 40, 2)))
    assert "rows 2, 4, 6, 8, 10, 12 … (19 in all), column" in text


def test_the_same_fault_with_many_values_is_shown_few_times() -> None:
    texts = said(*(finding(row, "1", "{given} is too much.", given=row) for row in range(2, 12)))
    assert len(texts) == 5
    assert texts[-1] == (
        "a.xlsx, sheet Лист, rows 6–11, column 1: The same with other values: each place is marked in cells.xlsx."
    )


def test_files_of_one_layout_are_warned_of_once_after_all_others() -> None:
    texts = said(*(warned(f"{n}.csv", "L") for n in range(60)), warned("x.csv", "M"))
    assert texts == [
        "x.csv: Layout “M” was never seen.",
        "60 files: 0.csv, 1.csv, 2.csv and 57 more: Layout “L” was never seen.",
    ]


def test_faults_of_two_files_stay_apart() -> None:
    empty = [Finding(f"{n}.xlsx", None, None, "This is the empty form.", check="recognised") for n in (1, 2)]
    assert len(alike(empty)) == 2


def test_rows_are_named_in_russian_whatever_their_number() -> None:
    (found,) = alike(finding(row, None, "Wrong.") for row in range(2, 23))
    assert found.place == "лист Лист, строки 2–22"


def test_the_page_says_faults_first_with_counts_and_links() -> None:
    given = intake(warned("b.csv", "L"), finding(3, "1", "Wrong <b>."), finding(4, "2", "Wrong."))
    with language.used("en"):
        page = render("C", summary(given), sections(given), example=True, made="2021-01-01T10:00:00")
    assert re.findall(r"<h2>(.*?)</h2>", page) == ["What is wrong (2)", "What to look at (1)", "Files (2)"]
    assert '<a href="#faults">What is wrong (2)</a>' in page
    assert page.index("a.xlsx</th>") < page.index("Wrong &lt;b&gt;.") < page.index("b.csv</th>")
    assert page.count("a.xlsx</th>") == 1
    assert '<a href="#faults-1">a.xlsx</a>' in page
    assert "training data" in page


def test_the_page_says_that_there_are_no_faults() -> None:
    with language.used("en"):
        given = intake(warned("b.csv", "L"))
        assert "No faults found." in render("C", "", sections(given), example=False, made="2021-01-01T10:00:00")


def test_cells_are_marked_and_what_has_no_cell_is_at_the_number_of_its_row(tmp_path: Path) -> None:
    table = pd.DataFrame({FILE: "a.xlsx", SHEET: "Лист", ROW: [3, 4], "1 (1б)": ["7", "?"], "Код": ["1", "2"]})
    found = [finding(4, "1 (1б)", "No points."), finding(4, "1 (1б)", "And more."), finding(3, "mark", "No mark.")]
    with language.used("en"):
        _write_cells(tmp_path / "cells.xlsx", intake(*found, tables=(table,)))
    with zipfile.ZipFile(tmp_path / "cells.xlsx") as book:
        comments = book.read("xl/comments1.xml").decode()
        links = book.read("xl/worksheets/sheet1.xml").decode()
    assert re.findall(r'ref="(\w+)"', comments) == ["B3", "C4"]
    assert "No points.\n\nAnd more." in comments
    assert "location=\"'1 a.xlsx'!A1\"" in links


def test_what_looks_like_a_name_is_not_repeated(tmp_path: Path) -> None:
    person = "Канарейкина Аделаида Евлампиевна"
    table = pd.DataFrame({FILE: "a.xlsx", SHEET: "Лист", ROW: [3], "Код": [person], "Пол": ["м"]})
    given = intake(finding(3, "Код", "{given} is no code.", given=person), tables=(table,))
    with language.used("en"):
        _write_cells(tmp_path / "cells.xlsx", given)
        page = render("C", "", sections(given), example=False, made="2021-01-01T10:00:00")
    with zipfile.ZipFile(tmp_path / "cells.xlsx") as book:
        parts = "".join(book.read(name).decode() for name in book.namelist())
    assert "(not shown) is no code." in page
    assert "Канарейкина" not in page + parts


@pytest.mark.parametrize(("width", "lines"), [(60, "a.xlsx, sheet Лист, row 3, column 1: Wrong."), (140, "│")])
def test_a_wide_terminal_has_a_table_and_a_narrow_one_a_line_each(
    width: int, lines: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    console = Terminal(width=width, force_terminal=True, no_color=True, record=True)
    monkeypatch.setattr(intake_verbs, "console", console)
    with language.used("en"):
        intake_verbs._tell_findings(intake(finding(3, "1", "Wrong.")))
    text = console.export_text()
    assert "What is wrong (1)" in text
    assert lines in text
