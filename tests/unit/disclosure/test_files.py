"""Tables that leave: text stays text, numbers stay numbers, and what oko wrote it reads back as it was."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from oko import language
from oko.disclosure.files import bare, bare_csv, csv_bytes, guarded, xlsx_bytes
from oko.errors import DataError, ReleaseError

SIGNS = "=+-@\0＝＋－＠﹦﹢﹣﹫"
TEXTS = st.text(st.sampled_from(f"{SIGNS}'\"\t\r\n;, \u00a0\u200b\ufeffа1") | st.characters(codec="utf-8"), max_size=12)


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8"), newline=""), strict=True))


def cells(text: str) -> list[str]:
    """What a spreadsheet that splits at semicolons and tabs, and knows no quotation marks, would see as cells."""
    return re.split("[;\t\r\n]", text)


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        *((f"{sign}1", f"'{sign}1") for sign in SIGNS),
        ("\t1", "'\t1"), ("\r1", "'\r1"), ("\n1", "'\n1"), ("  =1", "'  =1"), ("\u00a0\ufeff+1", "'\u00a0\ufeff+1"),
        ('"=1', "'\"=1"), ("а;=1+1;б", "а;'=1+1;б"), ("а\n=1", "а\n'=1"), ("а\t\t-1", "а\t\t'-1"), ("'=1", "''=1"),
        ("''-", "'''-"), ("7-А", "7-А"), ("'кавычка'", "'кавычка'"), ("", ""), ("1+1", "1+1"), ("а, -б", "а, -б"),
    ],
)  # fmt: skip
def test_an_apostrophe_stands_before_what_would_open_a_formula(text: str, safe: str) -> None:
    assert guarded(text) == safe
    assert bare(safe) == text


@settings(deadline=None, max_examples=60)
@given(TEXTS)
@example("'\t=")
@example("' ' =")
@example(";'\t;=")
def test_no_text_opens_a_formula_and_every_text_comes_back(text: str) -> None:
    safe = guarded(text)
    assert bare(safe) == text
    assert all(cell.lstrip(' \u00a0\u200b\ufeff"')[:1] not in set(SIGNS) for cell in cells(safe))
    assert safe.replace("'", "") == text.replace("'", "")


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=4), TEXTS)
def test_a_table_of_texts_comes_back_letter_for_letter(rows: list[tuple[str, str]], heading: str) -> None:
    frame = pd.DataFrame(rows, columns=["а", heading + "б"], dtype="object")
    there = [list(frame.columns), *map(list, rows)]
    content = csv_bytes(frame)
    assert rows_of(bare_csv(content, "т.csv")) == there
    assert rows_of(content) == [[guarded(text) for text in row] for row in there]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(allow_infinity=False), min_size=1, max_size=5))
def test_numbers_come_back_to_the_last_bit_and_have_no_exponent(numbers: list[float]) -> None:
    lines = csv_bytes(pd.DataFrame({"n": numbers, "m": 1})).decode().splitlines()[1:]
    there = [line.removesuffix(",1") for line in lines]
    assert not set("".join(there)) - set("-.0123456789")
    np.testing.assert_array_equal([float(text or "nan") for text in there], numbers)


def test_numbers_stay_numbers_and_texts_that_look_like_them_stay_texts() -> None:
    frame = pd.DataFrame(
        {
            "n": pd.array([-5, None, 11], dtype="Int64"),
            "share": [-0.25, float("nan"), 11.0],
            "text": ["-5", None, ""],
            "mixed": pd.Series([-5, "-5", None], dtype="object"),
            "yes": [True, False, True],
            "-kind": pd.Categorical(["+", "б", "+"]),
        }
    )
    assert csv_bytes(frame).decode() == (
        "n,share,text,mixed,yes,'-kind\n-5,-0.25,'-5,-5,True,'+\n,,,'-5,False,б\n11,11,,,True,'+\n"
    )


def test_a_table_of_one_column_keeps_its_empty_rows() -> None:
    content = csv_bytes(pd.DataFrame({"а": [None, "", "б"]}))
    assert content.decode() == 'а\n""\n""\nб\n'
    assert bare_csv(content, "а.csv") == content


@pytest.mark.parametrize("content", [b"\xff\xfe'", b"a\n\"'b\n", b'a\n"b"\'c\n'])
def test_what_is_no_table_of_ours_is_refused_by_its_name(content: bytes) -> None:
    with language.used("en"), pytest.raises(DataError, match=r"Table groups\.csv is damaged"):
        bare_csv(content, "groups.csv")


RELEASED = pd.DataFrame(
    {
        "school": ["344", "498", "700"],
        "n": pd.array([25, None, 40], dtype="Int64"),
        "quality": [0.05, None, 0.525],
        "pass_rate": [0.975, None, 0.9],
        "growth": [None, None, -1.5],
        "named": [True, True, False],
        "hidden": [False, True, False],
        "hidden_cells": ["", "", "pass_rate"],
        "bounded": ["quality pass_rate", "", ""],
    }
)


def sheets_of(content: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def test_a_workbook_has_a_cover_notes_and_a_sheet_a_table() -> None:
    title = "Отметки: школы [2021] и ещё тридцать букв"
    content = xlsx_bytes({title: RELEASED, title + "!": RELEASED}, [("Источник", "ВПР"), ("n", "65")], ["c — скрыто"])
    there = sheets_of(content)
    first, second = "1 Отметки- школы -2021- и ещё т", "2 Отметки- школы -2021- и ещё т"
    assert list(there) == ["О таблицах", "Примечания", first, second]
    assert there["О таблицах"][:2] == [["Источник", "ВПР"], ["n", "65"]]
    assert there["О таблицах"][3:] == [["Лист", "Таблица"], [first, title], [second, title + "!"]]
    assert there["Примечания"] == [["c — скрыто"]]
    assert [row[0] for row in there[first]] == [title, "Источник: ВПР; n: 65", "school", "344", "498", "700"]


def test_hidden_numbers_bounds_and_missing_ones_are_symbols_in_a_workbook() -> None:
    with language.used("ru"):
        rows = sheets_of(xlsx_bytes({"Т": RELEASED}, [], []))["1 Т"][2:]
    assert rows == [
        ["school", "n", "quality", "pass_rate", "growth", "named"],
        ["344", 25, "≤\xa05\xa0%", "≥\xa097,5\xa0%", "–", True],
        ["498", "c", "c", "c", "c", True],
        ["700", 40, 0.525, "c", -1.5, False],
    ]


def test_a_workbook_is_the_same_twice_names_nobody_and_freezes_its_headings() -> None:
    content, again = (xlsx_bytes({"Т": RELEASED}, [("а", "б")], ["в"]) for _ in range(2))
    assert content == again
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        about, sheet = (book.read(name).decode() for name in ("docProps/core.xml", "xl/worksheets/sheet3.xml"))
    assert re.search("<dc:creator></dc:creator><cp:lastModifiedBy></cp:lastModifiedBy>", about)
    assert "2021-01-01T00:00:00Z" in about
    assert re.search('<pane ySplit="3" topLeftCell="A4"[^>]* state="frozen"/>', sheet)
    assert "mergeCell" not in sheet


def test_a_table_that_fits_no_sheet_is_refused_with_its_size() -> None:
    with language.used("en"), pytest.raises(ReleaseError, match=r"Table Т .*rows: 1, columns: 16385"):
        xlsx_bytes({"Т": pd.DataFrame([range(16_385)])}, [], [])
