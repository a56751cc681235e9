"""Pseudonyms: the hash is HMAC-SHA-256, one person has one, and the key is never shown."""

from __future__ import annotations

import copy
import hashlib
import pickle
import time
import traceback
import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oko.errors import DataError, SettingError
from oko.records.pseudonyms import Pseudonyms, iso_date, normal

KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
MADE = Pseudonyms("nevsky", KEY)


def hmac_by_hand(key: bytes, message: bytes) -> str:
    """RFC 2104 with SHA-256, whose block is 64 bytes; the key here is shorter than a block."""
    padded = key + bytes(64 - len(key))
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in padded) + inner).hexdigest()


def test_the_hash_by_hand_is_that_of_the_rfc() -> None:
    # RFC 4231, test case 1
    vector = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    assert hmac_by_hand(b"\x0b" * 20, b"Hi There") == vector


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (
            MADE.of_code("344", "2020-2021", "autumn", "70001"),
            "oko/1/nevsky/code\x1e344\x1f2020-2021\x1fautumn\x1f70001",
        ),
        (MADE.of_name("344", "Орлова", "Алёна", "Игоревна"), "oko/1/nevsky/name\x1e344\x1fорлова алена игоревна"),
        (
            MADE.of_pupil("Орлова", "Алёна", "Игоревна", "05.03.2008", "344"),
            "oko/1/nevsky/pupil\x1eорлова алена игоревна\x1f2008-03-05",
        ),
        (MADE.of_pupil("Орлова", "Алёна", "", "", "344"), "oko/1/nevsky/pupil\x1eорлова алена\x1f344"),
    ],
)
def test_a_pseudonym_is_the_first_half_of_the_hash(made: str, message: str) -> None:
    assert made == hmac_by_hand(KEY, message.encode())[:32]


def test_a_known_answer_does_not_change_from_version_to_version() -> None:
    assert MADE.of_code("344", "2020-2021", "autumn", "70001") == "614bb093d2f74c280f72d6c26b54e2de"


def test_two_keys_two_clusters_and_two_purposes_differ() -> None:
    same = ("344", "Орлова")
    made = {
        MADE.of("name", *same), Pseudonyms("nevsky", OTHER_KEY).of("name", *same),
        Pseudonyms("other", KEY).of("name", *same), MADE.of("pupil", *same), MADE.of("code", *same),
    }  # fmt: skip
    assert len(made) == 5


def test_parts_do_not_run_into_one_another() -> None:
    assert MADE.of("code", "34", "4") != MADE.of("code", "344", "")
    assert MADE.of("code", "34\x1f4", "1") != MADE.of("code", "34", "4", "1")


def test_a_pupil_keeps_the_pseudonym_in_another_school_by_the_date_of_birth() -> None:
    here = MADE.of_pupil("Орлова", "Алёна", "Игоревна", "05.03.2008", "344")
    assert here == MADE.of_pupil("ОРЛОВА", "Алена", "Игоревна", "2008-03-05", "498")
    assert here != MADE.of_pupil("Орлова", "Алёна", "Игоревна", "06.03.2008", "344")


def test_without_a_date_of_birth_the_school_tells_pupils_apart() -> None:
    assert MADE.of_pupil("Орлова", "Алёна", "", "", "344") != MADE.of_pupil("Орлова", "Алёна", "", " ", "498")


def test_a_full_name_in_one_text_is_the_same_identity() -> None:
    apart = MADE.of_pupil("Орлова", "Алёна", "Игоревна", "", "344")
    assert apart == MADE.of_pupil("Орлова  Алёна Игоревна", "", "", "", "344")


SAME = [
    ("ё and е", "Семёнов", "Семенов"),
    ("ё as two signs", "Семе\u0308нов", "Семёнов"),
    ("й as two signs", "Андреи\u0306", "Андрей"),
    ("case", "ОРЛОВА", "орлова"),
    ("no-break space", "Анна\u00a0Мария", "Анна Мария"),
    ("narrow space", "Анна\u202fМария", "Анна Мария"),
    ("ideographic space", "Анна\u3000Мария", "Анна Мария"),
    ("line break and tab", "Анна\n\tМария", "Анна Мария"),
    ("blanks around", "  Орлова \u2003", "Орлова"),
    ("zero-width space", "Ор\u200bлова", "Орлова"),
    ("byte-order mark", "\ufeffОрлова", "Орлова"),
    ("soft hyphen", "Ор\u00adлова", "Орлова"),
    ("hyphen", "Петров\u2010Водкин", "Петров-Водкин"),
    ("no-break hyphen", "Петров\u2011Водкин", "Петров-Водкин"),
    ("en dash between blanks", "Петров \u2013 Водкин", "Петров-Водкин"),
    ("em dash", "Петров\u2014Водкин", "Петров-Водкин"),
    ("minus", "Петров\u2212Водкин", "Петров-Водкин"),
    ("full-width hyphen", "Петров\uff0dВодкин", "Петров-Водкин"),
    ("Latin C", "Cмирнов", "Смирнов"),
    ("Latin a, o, p, e", "Kopoлeвa", "Королева"),
    ("Latin H and B in capitals", "ИBAHOB", "ИВАНОВ"),
    ("Latin with case changed since", "иbahob", "Иванов"),
    ("Latin ë", "Семëнов", "Семенов"),
    ("Latin in one half", "Петров-Boдкин", "Петров-Водкин"),
    ("stress mark", "Орло\u0301ва", "Орлова"),
    ("stress on a Latin letter", "Орлóва", "Орлова"),
    ("apostrophe", "Д\u2019Арк", "Д'Арк"),
    ("full-width digits", "７0001", "70001"),
]


@pytest.mark.parametrize(("one", "other"), [row[1:] for row in SAME], ids=[row[0] for row in SAME])
def test_two_ways_of_writing_are_one(one: str, other: str) -> None:
    assert normal(one) == normal(other)
    assert normal(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Андрей", "Андреи"), ("Иванов", "Иванова"), ("Smith", "Smitt"), ("Smitн", "Smith"), ("Coco", "Сосо"), ("70001", "7000l"),
        ("З", "3"), ("О", "0"), ("Анна-Мария", "Анна Мария"),
    ],
)  # fmt: skip
def test_what_differs_stays_different(one: str, other: str) -> None:
    assert normal(one) != normal(other)


def test_a_latin_word_stays_latin() -> None:
    assert normal("Bach") == "bach"


@given(st.text(alphabet="абвейёЁЙжЯ -\u2013\u00a0aOpC\u0301'7", max_size=20))
def test_normalising_twice_and_in_another_case_or_form_changes_nothing(text: str) -> None:
    once = normal(text)
    assert normal(once) == once
    assert normal(text.upper()) == once
    assert normal(unicodedata.normalize("NFD", text)) == once


DATES = [
    "05.03.2008", "5.3.2008", "05.03.08", "2008-03-05", "2008-03-05 00:00:00", "2008-03-05T00:00:00", "2008.03.05",
    "05/03/2008", "05-03-2008", "5 марта 2008 г.", "5 Марта 2008 года", "05.03.2008\u00a0г.", "39512", " 05.03.2008 ",
]  # fmt: skip


@pytest.mark.parametrize("text", DATES)
def test_a_date_of_birth_in_any_usual_spelling_is_one_date(text: str) -> None:
    assert iso_date(text) == "2008-03-05"


@pytest.mark.parametrize(("text", "year"), [("01.02.99", "1999"), ("01.02.30", "2030"), ("1 мая 1998", "1998")])
def test_years_of_dates_of_birth(text: str, year: str) -> None:
    assert iso_date(text).startswith(year)


@pytest.mark.parametrize(
    "text", ["31.02.2008", "03/15/2008", "секрет", "2009", "70001", "5 мартобря 2008", "5 мая", "05.03.208"]
)
def test_what_is_no_date_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(DataError) as error:
        MADE.of_pupil("Орлова", "Алёна", "", text, "344")
    assert text not in str(error.value)


def codes(n: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "school": [("344", "498", "329")[i % 3] for i in range(n)],
            "year": [("2019-2020", "2020-2021")[i % 2] for i in range(n)],
            "season": "autumn",
            "code": [f"{10_000 + i // 2}" for i in range(n)],
        },
        index=range(5, 5 + n),
    )


def test_codes_of_a_table_are_those_of_its_rows() -> None:
    rows = codes(40)
    rows.loc[5, "code"] = " 10000\u00a0"
    rows.loc[6, "school"] = "Ａ1"
    made = MADE.of_codes(rows)
    one_by_one = [MADE.of_code(*row) for row in rows.itertuples(index=False, name=None)]
    assert made.tolist() == one_by_one
    assert made.index.equals(rows.index)
    assert made.dtype == "str"


def test_an_empty_code_has_no_pseudonym() -> None:
    rows = codes(3).assign(code=["70001", " ", None])
    assert MADE.of_codes(rows).isna().tolist() == [False, True, True]


def test_a_table_without_rows_has_no_pseudonyms() -> None:
    assert MADE.of_codes(codes(3).iloc[:0]).empty


def test_a_code_means_another_pupil_in_another_campaign() -> None:
    rows = pd.DataFrame(
        {
            "school": ["344", "344", "344", "498"],
            "year": ["2019-2020", "2020-2021", "2020-2021", "2020-2021"],
            "season": ["spring", "autumn", "spring", "spring"],
            "code": "70001",
        }
    )
    assert MADE.of_codes(rows).nunique() == 4


@pytest.mark.slow
def test_one_and_a_half_million_codes_take_seconds() -> None:
    n = 1_500_000
    rows = codes(n).assign(code=[str(1_000_000 + place) for place in range(n)])
    began = time.process_time()
    made = MADE.of_codes(rows)
    assert time.process_time() - began < 12  # 4 s measured; the requirement is 6 s on an idle machine
    assert made.nunique() == n


def test_a_short_key_is_refused() -> None:
    with pytest.raises(SettingError, match="oko init"):
        Pseudonyms("nevsky", b"short")


SPELLINGS = (KEY.hex(), repr(KEY), str(list(KEY)), str(KEY)[2:20])


def test_the_key_is_not_shown() -> None:
    made = Pseudonyms("nevsky", KEY)
    shown = [repr(made), str(made), f"{made}", repr([getattr(made, name) for name in made.__slots__])]
    assert repr(made) == "Pseudonyms('nevsky')"
    assert not [text for text in shown for spelling in SPELLINGS if spelling in text]
    with pytest.raises(TypeError):
        vars(made)


def test_pseudonyms_cannot_be_sent_elsewhere() -> None:
    for send in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="stay in the process"):
            send(MADE)


def test_a_traceback_with_its_variables_does_not_show_the_key() -> None:
    try:
        MADE.of("unknown", "Орлова")
    except KeyError as error:
        told = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    frames = told.split('File "')[2:]  # the first is this test, which knows the key
    assert frames
    assert not [spelling for spelling in SPELLINGS if spelling in "".join(frames)]
