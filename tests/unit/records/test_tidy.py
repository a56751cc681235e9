"""Tables of the raw form: known by their headings, in text files and in workbooks alike."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oko import language
from oko.errors import DataError
from oko.records.cluster import Cluster, School, Words
from oko.records.readers import Reading
from oko.records.readers.context import Context
from oko.records.readers.sheets import Sheet, open_sheets
from oko.records.readers.tidy import LAYOUTS, read, recognises
from workbooks import xlsx

RESULTS = """assessment,pupil,school,status,class,sex,variant,primary_score,test_score,mark,journal_mark
a6,p1,344,took,6а,F,1,2,,4,4
a6,p2,498,absent,6Б,,,,,,3
"""
RESPONSES = "assessment;pupil;school;class;1;4k1\na7;p1;344;7А;1; 2\n"


def context() -> Context:
    schools = tuple(School(code=code, name=Words(ru=code, en=code)) for code in ("344", "498"))
    cluster = Cluster(code="x", name=Words(ru="К", en="C"), years=("2020-2021",), schools=schools)
    return Context(Path(), cluster, "z.csv")


def reading(folder: Path, content: str | bytes) -> Reading:
    path = folder / "z.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read(open_sheets(path), context())


def said(folder: Path, content: str | bytes) -> list[str]:
    with language.used("en"):
        return [str(finding) for table in reading(folder, content).tables for finding in table.findings]


def refusal(folder: Path, content: str | bytes) -> str:
    with language.used("en"), pytest.raises(DataError) as caught:
        reading(folder, content)
    with language.used("en"):
        return str(caught.value)


def test_a_table_of_text_with_cells_as_received(tmp_path: Path) -> None:
    (table,) = reading(tmp_path, RESPONSES).tables
    assert (table.kind, table.file, table.implied) == ("responses", "z.csv", False)
    assert table.frame.to_dict("records") == [
        {
            "assessment": "a7", "pupil": "p1", "school": "344", "class": "7А", "1": "1", "4К1": " 2",
            "#file": "z.csv", "#sheet": "", "#row": 2,
        }
    ]  # fmt: skip
    assert LAYOUTS[0].name == "tidy"
    assert reading(tmp_path, RESPONSES).layout == "tidy-responses"


def test_the_same_table_in_a_workbook(tmp_path: Path) -> None:
    cells = [line.split(";") for line in RESPONSES.splitlines()]
    (text,) = reading(tmp_path, RESPONSES).tables
    (book,) = reading(tmp_path, xlsx({"List": [*cells], "Other": []})).tables
    pd.testing.assert_frame_equal(book.frame.drop(columns="#sheet"), text.frame.drop(columns="#sheet"))
    assert book.frame["#sheet"].tolist() == ["List"]


def test_a_second_filled_sheet_is_named(tmp_path: Path) -> None:
    cells = [line.split(";") for line in RESPONSES.splitlines()]
    assert "save Notes, More as files" in refusal(tmp_path, xlsx({"a": cells, "Notes": [["x"]], "More": [["y"]]}))


def test_rows_keep_their_numbers_over_blank_ones(tmp_path: Path) -> None:
    (table,) = reading(tmp_path, "\n ; \n" + RESPONSES + ";;;;;\n\na7;p2;344;7А;;\n").tables
    assert table.frame["#row"].tolist() == [4, 7]
    assert table.findings == ()


@pytest.mark.parametrize("content", [RESPONSES.encode(code) for code in ("utf-16", "cp1251", "cp866")])
def test_every_encoding_is_read(tmp_path: Path, content: bytes) -> None:
    (table,) = reading(tmp_path, content).tables
    assert table.frame["class"].tolist() == ["7А"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (RESULTS.replace("344,took", "took"), "z.csv, row 2: The row has 10 cells and the heading 11"),
        (RESULTS.replace("4,4\n", "4,4,5\n"), "z.csv, row 2: The row has 12 cells and the heading 11"),
        (RESULTS.replace("variant", "sex"), "z.csv, row 1, column sex: The heading stands 2 times"),
        (RESULTS.replace("variant", "comment"), "z.csv, row 1, column comment: Table results has no such column"),
        (RESULTS.replace("variant", ""), "z.csv, row 1, column 7: The column has no heading"),
        (RESULTS.splitlines()[0], "z.csv: The table has headings and no rows."),
    ],
)
def test_what_is_wrong_with_the_shape_is_named(tmp_path: Path, text: str, words: str) -> None:
    (found,) = said(tmp_path, text)
    assert found.startswith(words)


def test_a_misshapen_row_is_left_out_and_the_others_are_read(tmp_path: Path) -> None:
    (table,) = reading(tmp_path, RESULTS.replace("344,took", "took")).tables
    assert table.frame["#row"].tolist() == [3]


def test_empty_cells_beyond_the_heading_are_nothing(tmp_path: Path) -> None:
    (table,) = reading(tmp_path, RESULTS.replace("\n", ",,\n")).tables
    assert (len(table.frame), table.findings) == (2, ())


def test_a_cell_beyond_the_heading_of_a_workbook_is_named(tmp_path: Path) -> None:
    cells = [line.split(";") for line in RESPONSES.splitlines()]
    assert said(tmp_path, xlsx({"a": [cells[0], [*cells[1], None, "x"]]}))[0].startswith(
        "z.csv, sheet a, row 2: The row has 8 cells and the heading 6"
    )


@pytest.mark.parametrize("heading", ["Фамилия", "ФИО ученика", "Last name", "Дата рождения"])
def test_names_never_enter_and_are_never_repeated(tmp_path: Path, heading: str) -> None:
    text = refusal(tmp_path, RESULTS.replace("variant", heading).replace("F,1", "F,Петров"))
    assert "names never enter" in text
    assert "Петров" not in text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Отчёт за год;;\n1;2;3\n", "The headings fit no table of the raw form"),
        ("assessment,pupil,school\na,b,c\n", "the nearest is responses, and it lacks: 1, 2, …"),
        ("assessment,pupil,статус\na,b,c\n", "it lacks: school"),
        (RESULTS.replace("a6,p2", 'a6,"p2'), "After row 2 the text is no CSV"),
    ],
)
def test_a_table_that_fits_no_form_is_named(tmp_path: Path, text: str, words: str) -> None:
    assert words in refusal(tmp_path, text)


def test_sheets_are_recognised_by_half_the_headings_of_a_form() -> None:
    def sheet(*cells: str) -> tuple[Sheet, ...]:
        return (Sheet("", pd.DataFrame([cells], dtype="str")),)

    assert recognises(sheet("assessment", "pupil", "School"))
    assert not recognises(sheet("Логин", "Класс", "1", "2"))
    assert not recognises((Sheet("", pd.DataFrame()),))
    assert not recognises(())


def test_a_large_table_is_read_without_a_loop_over_rows() -> None:
    n = 100_000
    cells = {place: np.char.add("c", np.arange(n).astype(str)) for place in range(6)}
    frame = pd.DataFrame(cells).astype("str")
    frame.loc[0] = ["assessment", "pupil", "school", "class", "1", "2"]
    begun = time.perf_counter()
    (table,) = read((Sheet("", frame),), context()).tables
    assert time.perf_counter() - begun < 2
    assert (len(table.frame), table.frame["#row"].iloc[-1]) == (n - 1, n)
