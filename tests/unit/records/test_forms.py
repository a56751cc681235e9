"""The form of a school's results: in two parts, in one, and as in 2026."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from oko.errors import DataError
from oko.records.readers.context import Work
from oko.records.readers.form_pupils import MOST_NAMED
from oko.records.readers.sheets import Sheet, open_sheets
from oko.records.writers import Sitting, forms
from school_forms import (
    AUTUMN,
    AUTUMN_FILE,
    about,
    changed,
    expected,
    expected_points,
    layout_of,
    messages,
    points,
    read,
    results,
    row_of,
    same,
    sheet,
    sitting,
    table,
)

ONE_PART = [
    ["Код", "Вариант", "1 (1б)", "2 (2б)", 'Класс № (список формируется из листа "Классы")', "Пол",
     "Отметка за предыдущий триместр/ четверть/полугодие", "Итого баллов"],
    [70001, 1, 1, 2, "а", "ж", 4, 3],
    [70002, "отсутствовал", None, None, None, None, None, None],
]  # fmt: skip


def two_part(path: Path, sat: Sitting) -> Path:
    return forms.write_two_part(path, sat, 5)


WRITERS = pytest.mark.parametrize("write", [two_part, forms.write_2026])
Write = Callable[[Path, Sitting], Path]


def opened(tmp_path: Path, sat: Sitting, write: Write = two_part) -> tuple[Sheet, ...]:
    return open_sheets(write(tmp_path / "form.xlsx", sat))


def test_the_form_in_two_parts_comes_back(tmp_path: Path) -> None:
    sat = sitting()
    reading = read(opened(tmp_path, sat), about(school="1"))
    assert messages(reading) == messages(reading, "warning") == []
    same(results(reading), expected(sat, bare_absent=True))
    same(points(reading, sat), expected_points(sat))
    assert table(reading, "results").grade == table(reading, "responses").grade == "7"


def test_the_form_of_2026_comes_back(tmp_path: Path) -> None:
    sat = sitting(variants="2")
    reading = read(opened(tmp_path, sat, forms.write_2026), about(school="1"))
    assert messages(reading) == messages(reading, "warning") == []
    same(results(reading), expected(sat, without=["sex"]))
    same(points(reading, sat), expected_points(sat))


@WRITERS
def test_equal_sittings_give_equal_bytes(write: Write, tmp_path: Path) -> None:
    first, second = write(tmp_path / "1.xlsx", sitting()), write(tmp_path / "2.xlsx", sitting())
    assert first.read_bytes() == second.read_bytes()


@WRITERS
def test_tasks_come_with_the_maxima_of_the_headings(write: Write, tmp_path: Path) -> None:
    sat = sitting()
    reading = read(opened(tmp_path, sat, write), about(school="1"))
    items = table(reading, "items").frame
    assert items["item"].tolist() == sat.items["item"].tolist()
    assert items["max_score"].tolist() == [f"{most:.0f}" for most in sat.items["max_score"]]
    assert items["position"].tolist() == [str(place) for place in range(1, len(items) + 1)]
    assert row_of(reading, "assessments")["max_score"] == "19"
    assert table(reading, "items").implied


@WRITERS
def test_the_work_is_told_by_its_tasks_and_their_maxima(write: Write, tmp_path: Path) -> None:
    context = about("форма.xlsx", school="1", year="2020-2021", season="spring")
    row = row_of(read(opened(tmp_path, sitting(), write), context), "assessments")
    assert row["assessment"] == "vpr-mathematics-7-spring-2021"


@WRITERS
def test_autumn_of_2020_is_a_grade_later(write: Write, tmp_path: Path) -> None:
    reading = read(opened(tmp_path, sitting(AUTUMN), write), about(AUTUMN_FILE, school="1"))
    row = row_of(reading, "assessments")
    assert (row["assessment"], row["material_grade"], row["pupil_grade"]) == (
        "vpr-mathematics-6-in-7-autumn-2020", "6", "7",
    )  # fmt: skip
    assert table(reading, "results").grade == "7"
    assert messages(reading, "warning") == []


def test_codes_a_grade_later_in_spring_are_a_warning(tmp_path: Path) -> None:
    sat = sitting(Work("vpr", "mathematics", "2020-2021", "spring", 6, 7))
    context = about("ВПР 2021 Математика 6 класс.xlsx", school="1")
    (message,) = messages(read(opened(tmp_path, sat), context), "warning")
    assert "codes are of grade 7" in message
    assert "material of grade 6" in message


@WRITERS
def test_a_form_of_no_known_school_is_refused(write: Write, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"received\.toml"):
        read(opened(tmp_path, sitting(), write), about())


@WRITERS
def test_a_form_of_two_schools_cannot_be_written(write: Write, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="1, 2"):
        write(tmp_path / "form.xlsx", sitting(schools=("1", "2")))


@WRITERS
def test_the_empty_form_is_said_to_be_empty(write: Write, tmp_path: Path) -> None:
    sat = sitting()
    nobody = replace(sat, pupils=sat.pupils.iloc[:0], cells=sat.cells.iloc[:0])
    sheets = opened(tmp_path, nobody, write)
    assert layout_of(sheets).name.startswith("form-")
    with pytest.raises(DataError) as caught:
        read(sheets, about(school="1"))
    assert "пустая форма" in str(caught.value)


def test_a_form_with_codes_alone_is_empty_too(tmp_path: Path) -> None:
    sheets = opened(tmp_path, sitting(), forms.write_2026)
    protocol = sheets[0].frame.copy()
    protocol.iloc[1:, 1:20] = ""
    protocol.iloc[1:, 20] = "0"
    with pytest.raises(DataError, match="пустая форма"):
        read((Sheet("Протокол", protocol), *sheets[1:]), about(school="1"))


def test_the_form_of_2026_has_its_prepared_rows_and_lists(tmp_path: Path) -> None:
    sheets = opened(tmp_path, sitting(), forms.write_2026)
    assert [one.name for one in sheets] == ["Протокол", "Служебный", "Порядковый номер класса"]
    frame = sheets[0].frame
    assert len(frame) == 1 + forms.PREPARED
    total = frame.iloc[0].tolist().index("Итого баллов")
    assert (frame.iloc[7:, total] == "0").all()
    assert "X" in frame.iloc[1:20, total + 1 :].to_numpy()
    assert len(sheets[2].frame) == 50


def test_lists_of_allowed_values_are_no_tasks(tmp_path: Path) -> None:
    sheets = opened(tmp_path, sitting(), forms.write_2026)
    width = sheets[0].frame.shape[1]
    listed = changed(sheets, "Протокол", 0, width - 1, "3 (1б)")
    reading = read(listed, about(school="1"))
    assert len(table(reading, "items").frame) == 16
    assert messages(reading) == []


def test_a_prepared_total_of_an_absent_pupil_is_no_score(tmp_path: Path) -> None:
    reading = read(opened(tmp_path, sitting(), forms.write_2026), about(school="1"))
    assert results(reading)["primary_score"].iloc[-1] == ""
    ((change,)) = reading.changes
    assert (change.column, change.given, change.kept, change.n) == ("Итого баллов", "0", "", 1)


def test_rows_are_counted_as_a_spreadsheet_counts(tmp_path: Path) -> None:
    sheets = opened(tmp_path, sitting())
    frame = sheets[0].frame
    blank = pd.DataFrame("", index=range(1), columns=frame.columns, dtype="str")
    title = blank.copy()
    title.iloc[0, 0] = "Протокол проверки"
    moved = pd.concat([title, frame.iloc[:2], blank, frame.iloc[2:]], ignore_index=True)
    found = table(read((Sheet("Протокол", moved), *sheets[1:]), about(school="1")), "results").frame
    assert found["#row"].tolist() == [3, 5, 6, 7, 8, 9]
    assert set(found["#sheet"]) == {"Протокол"}


def test_headings_of_the_file_are_kept_for_messages(tmp_path: Path) -> None:
    sat = sitting(Work("vpr", "chemistry", "2020-2021", "spring", 8, 8))
    named = table(read(opened(tmp_path, sat), about("ВПР 2021 Химия 8 класс", school="1")), "responses").headings
    assert (named["code"], named["variant"], named["1.2"]) == ("Код", "Вариант (часть 1)", "1.2 (3б)")


def test_criteria_are_stored_with_a_cyrillic_letter() -> None:
    head, first, _ = ONE_PART
    work = {"school": "1", "subject": "physics", "material_grade": 7, "year": "2020-2021", "season": "spring"}
    reading = read(sheet([[*head[:2], "11.3 k1 (2б)", "4К1(3б)", *head[4:]], first]), about("форма.xlsx", **work))
    items = table(reading, "items").frame
    assert items[["item", "max_score"]].to_numpy().tolist() == [["11.3К1", "2"], ["4К1", "3"]]


@pytest.mark.parametrize(
    ("parts", "variant", "warnings"),
    [
        (("1", "2"), "1-2", 0), (("1", ""), "1", 0), (("", "2"), "2", 0), (("отсутствовал", ""), "отсутствовал", 0),
        (("ОТСУТствовал", "отсутствовал"), "ОТСУТствовал", 0), (("1", "отсутствовал"), "1", 1), (("0", "0"), "0", 0),
    ],
)  # fmt: skip
def test_variants_of_the_parts_are_joined(tmp_path: Path, parts: tuple[str, str], variant: str, warnings: int) -> None:
    sheets = changed(opened(tmp_path, sitting()), "Протокол", 1, 1, parts[0])
    reading = read(changed(sheets, "Протокол", 1, 7, parts[1]), about(school="1"))
    assert results(reading)["variant"].iloc[0] == variant
    assert len(messages(reading, "warning")) == warnings


def test_a_work_in_one_part_is_read_and_said_to_be_unconfirmed() -> None:
    sheets = sheet(ONE_PART)
    layout = layout_of(sheets)
    assert not layout.confirmed
    told = {"school": "2", "subject": "physics", "material_grade": 7, "year": "2020-2021", "season": "spring"}
    reading = layout.read(sheets, about("форма.xlsx", **told))
    assert results(reading)[["code", "variant", "primary_score"]].to_numpy().tolist() == [
        ["70001", "1", "3"], ["70002", "отсутствовал", ""],
    ]  # fmt: skip
    assert len(table(reading, "responses").frame) == 1


def test_codes_of_two_grades_are_a_fault_at_their_row(tmp_path: Path) -> None:
    sheets = changed(opened(tmp_path, sitting()), "Протокол", 3, 0, "80003")
    (message,) = messages(read(sheets, about(school="1")))
    assert "row 4, column Код" in message
    assert "begins with 8" in message
    assert "80003" not in message


def test_many_codes_of_another_grade_are_one_fault_of_the_file(tmp_path: Path) -> None:
    sat = sitting(n=2 * MOST_NAMED + 12)
    codes = sat.pupils["code"].where(sat.pupils.index % 2 == 1, "8" + sat.pupils["code"].str[1:])
    mixed = replace(sat, pupils=sat.pupils.assign(code=codes.where(sat.pupils.index > 9, sat.pupils["code"])))
    reading = read(opened(tmp_path, mixed), about(school="1"))
    (finding,) = [one for one in reading.findings if one.severity == "fault"]
    assert finding.row is None
    assert finding.values["n"] == MOST_NAMED + 1


def test_a_code_that_is_none_is_a_fault_that_does_not_show_it(tmp_path: Path) -> None:
    sheets = changed(opened(tmp_path, sitting()), "Протокол", 2, 0, "7OO02")
    (message,) = messages(read(sheets, about(school="1")))
    assert "row 3" in message
    assert "7OO02" not in message


def test_points_without_a_code_are_a_fault(tmp_path: Path) -> None:
    sheets = changed(opened(tmp_path, sitting()), "Протокол", 2, 0, "")
    reading = read(sheets, about(school="1"))
    (message,) = messages(reading)
    assert "row 3" in message
    assert len(results(reading)) == 5


def test_a_task_that_stands_twice_is_a_fault(tmp_path: Path) -> None:
    sheets = changed(opened(tmp_path, sitting()), "Протокол", 0, 3, "1 (1б)")
    reading = read(sheets, about(school="1"))
    (message,) = messages(reading)
    assert "column 1 (1б): The heading stands 2 times" in message
    assert len(table(reading, "items").frame) == 15


def test_two_protocols_in_one_workbook_are_refused(tmp_path: Path) -> None:
    (first, *rest) = opened(tmp_path, sitting())
    with pytest.raises(DataError, match="Протокол, Ещё"):
        read((first, Sheet("Ещё", first.frame), *rest), about(school="1"))


def test_a_sheet_that_is_not_read_is_named(tmp_path: Path) -> None:
    sheets = (*opened(tmp_path, sitting()), *sheet([["Заметки"]], "Лист2"))
    (message,) = messages(read(sheets, about(school="1")), "warning")
    assert "Лист2" in message


def test_told_and_found_must_agree(tmp_path: Path) -> None:
    sheets = opened(tmp_path, sitting())
    with pytest.raises(DataError, match="material_grade = 7"):
        read(sheets, about(school="1", material_grade=6))
