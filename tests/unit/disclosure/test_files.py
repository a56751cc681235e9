"""Tables that leave: text stays text, numbers stay numbers, and what oko wrote it reads back as it was."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from oko import language
from oko.disclosure.files import bare, bare_csv, csv_bytes, guarded
from oko.errors import DataError

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


@given(TEXTS)
@example("'\t=")
@example("' ' =")
@example(";'\t;=")
def test_no_text_opens_a_formula_and_every_text_comes_back(text: str) -> None:
    safe = guarded(text)
    assert bare(safe) == text
    assert all(cell.lstrip(' \u00a0\u200b\ufeff"')[:1] not in set(SIGNS) for cell in cells(safe))
    assert safe.replace("'", "") == text.replace("'", "")


@given(st.lists(st.tuples(TEXTS, TEXTS), max_size=4), TEXTS)
def test_a_table_of_texts_comes_back_letter_for_letter(rows: list[tuple[str, str]], heading: str) -> None:
    frame = pd.DataFrame(rows, columns=["а", heading + "б"], dtype="object")
    there = [list(frame.columns), *map(list, rows)]
    content = csv_bytes(frame)
    assert rows_of(bare_csv(content, "т.csv")) == there
    assert rows_of(content) == [[guarded(text) for text in row] for row in there]


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
