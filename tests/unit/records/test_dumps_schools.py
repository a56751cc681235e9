"""Collections of forms: rows of other schools, and very many rows."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oko.errors import DataError
from oko.records.intake import check
from oko.records.readers.context import Told
from oko.records.readers.sheets import Sheet, open_sheets
from oko.records.writers import Sitting, dumps
from school_forms import FILE, SPRING, STRANGER, about, messages, read, sitting, table

WRITERS = pytest.mark.parametrize("write", [dumps.write_2020, dumps.write_2021, dumps.write_2022])
Write = Callable[[Path, Sitting], Path]


def opened(tmp_path: Path, sat: Sitting, write: Write) -> tuple[Sheet, ...]:
    return open_sheets(write(tmp_path / "dump.xlsx", sat))


def district(schools: tuple[str, ...] = ("1", "2")) -> Sitting:
    return sitting(SPRING, schools, variants="1")


def with_stranger() -> Sitting:
    sat = district(("1", "9"))
    login = sat.pupils["login"].where(sat.pupils["school"] == "1", STRANGER)
    return replace(sat, pupils=sat.pupils.assign(login=login))


@WRITERS
def test_schools_are_known_by_their_logins(write: Write, tmp_path: Path) -> None:
    reading = read(opened(tmp_path, district(("2", "1")), write), about())
    assert table(reading, "results").frame["school"].unique().tolist() == ["2", "1"]


@WRITERS
def test_rows_of_an_unknown_school_are_kept_for_the_check_to_name(write: Write, tmp_path: Path) -> None:
    reading = read(opened(tmp_path, with_stranger(), write), about(others="refuse"))
    assert table(reading, "results").frame["school"].value_counts().to_dict() == {"1": 6, f"sch{STRANGER}": 6}
    assert all(table.kind != "schools" for table in reading.tables)


@WRITERS
def test_rows_of_an_unknown_school_are_left_and_counted(write: Write, tmp_path: Path) -> None:
    reading = read(opened(tmp_path, with_stranger(), write), about(others="leave"))
    assert set(table(reading, "results").frame["school"]) == {"1"}
    assert len(table(reading, "responses").frame) == 5
    (message,) = messages(reading, "warning")
    assert "6 of 12, schools: 1" in message


@WRITERS
def test_an_unknown_school_may_be_one_of_comparison(write: Write, tmp_path: Path) -> None:
    reading = read(opened(tmp_path, with_stranger(), write), about(others="comparison"))
    listed = table(reading, "schools")
    assert listed.implied
    assert listed.frame[["school", "role", "#row"]].to_numpy().tolist() == [[f"sch{STRANGER}", "comparison", 8]]
    assert len(table(reading, "results").frame) == 12


def test_nothing_left_is_an_error(tmp_path: Path) -> None:
    sheets = opened(tmp_path, with_stranger(), dumps.write_2021)
    frame = sheets[0].frame
    alone = pd.concat([frame.iloc[:1], frame[frame[0] == f"sch{STRANGER}"]], ignore_index=True)
    with pytest.raises(DataError, match="пропускать"):
        read((Sheet("", alone),), about(others="leave"))


def test_each_row_of_another_school_than_was_told_is_a_fault(tmp_path: Path) -> None:
    found = messages(read(opened(tmp_path, district(), dumps.write_2020), about(school="1")))
    assert len(found) == 6
    assert "row 8, column user" in found[0]
    assert all("this row is of school 2 (rows: 6)" in message for message in found)


@WRITERS
def test_with_rows_accepted_no_row_of_another_school_is_taken(write: Write, tmp_path: Path) -> None:
    path = write(tmp_path / FILE, district())
    cluster = about().cluster.model_copy(update={"code": "example"})  # it has a key
    made = check(cluster, about().root, [path], told=Told(school="2", accept_rows=True))
    assert set(made.received.results["school"]) == {"2"}
    assert {school for frame in made.received.responses for school in frame["school"]} == {"2"}
    assert (made.files[0].refused, made.files[0].rows_left) == (False, 6)


def test_an_empty_cell_is_no_other_school(tmp_path: Path) -> None:
    (only,) = opened(tmp_path, district(), dumps.write_2021)
    frame = only.frame.copy()
    frame.iloc[-1, 0] = ""
    for others in ("leave", "comparison"):
        reading = read((Sheet("", frame),), about(others=others))
        assert messages(reading, "warning") == []
        assert len(table(reading, "results").frame) == 12


def large(n: int, schools: int) -> tuple[Sheet, ...]:
    """A made-up collection of 2021: mathematics 8, 20 tasks."""
    rng = np.random.default_rng(1)
    texts = {
        0: pd.array([f"sch{100000 + place}" for place in range(schools)], dtype="str").take(
            np.arange(n) * schools // n
        ),
        3: pd.array([f"8{place:04d}" for place in range(10_000)], dtype="str").take(np.arange(n) % 10_000),
    }
    few = pd.array(["0", "1", "2", "X", "3", ""], dtype="str")
    frame = pd.DataFrame({place: texts.get(place, few.take(rng.integers(0, 5, n))) for place in range(32)})
    frame[7] = pd.array(["1", "отсутствовал"], dtype="str").take((rng.random(n) < 0.1).astype(int))
    head = [
        "логин школы",
        "регион",
        "номер обучающегося",
        "код обучающегося",
        "отметка за предыдущую четверть/триместр",
    ]
    head += ["пол", "класс", "вариант", "всего баллов", *(f"балл за {place}" for place in range(1, 21))]
    head += ["Учебник", "Др.уч. автор", "Др.уч. название"]
    top = pd.DataFrame([head], dtype="str")
    return (Sheet("", pd.concat([top, frame], ignore_index=True)),)


def test_many_schools_are_each_listed_once() -> None:
    reading = read(large(20_000, 4_000), about("ВПР 2021 Математика 8 класс.csv", others="comparison"))
    listed = table(reading, "schools").frame
    assert len(listed) == listed["school"].nunique() == 4_000
    assert len(table(reading, "results").frame) == 20_000


@pytest.mark.parametrize("code", ["", "?"])
def test_what_is_wrong_in_very_many_rows_is_said_once(code: str) -> None:
    (only,) = large(5_000, 10)
    frame = only.frame.copy()
    frame.iloc[1:, 3], frame.iloc[1:, 7] = code, "1"
    context = about("ВПР 2021 Математика 8 класс.csv", pupil_grade=8, others="comparison")
    (message,) = messages(read((Sheet("", frame),), context))
    assert "(rows: 5000)" in message


@pytest.mark.slow
def test_a_country_is_read_in_seconds() -> None:
    sheets = large(1_500_000, 40_000)
    context = about("ВПР 2021 Математика 8 класс.csv", others="comparison")
    begun = time.perf_counter()
    reading = read(sheets, context)
    assert time.perf_counter() - begun < 8
    assert len(table(reading, "responses").frame) == 1_500_000
