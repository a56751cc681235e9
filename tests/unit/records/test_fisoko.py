"""Exports of ФИС ОКО: individual results, which work a file is about, which layout it has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from fisoko_files import (
    AUTUMN,
    HEAD,
    LAYOUTS,
    MARKS,
    REGION,
    SPRING,
    about,
    messages,
    read,
    reported,
    sheet,
    sitting,
    table,
)
from oko.errors import DataError
from oko.records.intake import check
from oko.records.readers import Reading
from oko.records.readers.context import Context, Told
from oko.records.readers.sheets import Sheet, open_sheets
from oko.records.writers import Cell, Sitting, fisoko

ROOT = Path(__file__).parents[3]


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return about(tmp_path)


def test_individual_results_come_back(tmp_path: Path, context: Context) -> None:
    sat = sitting()
    reading = read(open_sheets(fisoko.write_individual(tmp_path / "f1.xlsx", sat)), context)
    assert messages(reading) == []
    results, responses = table(reading, "results"), table(reading, "responses")
    took = sat.pupils[sat.pupils["status"] == "took"]
    assert results.frame["code"].tolist() == took["code"].tolist()
    assert results.frame["school"].tolist() == took["school"].tolist()
    assert results.frame["mark"].tolist() == ["5", "3", "5", "3"]
    assert results.frame["journal_mark"].tolist() == ["4", "", "4", ""]
    assert results.frame["primary_score"].tolist() == ["6", "2", "6", "2"]
    assert responses.frame[["1", "2.1", "4К1"]].to_numpy().tolist() == sat.cells.loc[took.index].to_numpy().tolist()
    assert set(results.frame["assessment"]) == {"vpr-mathematics-7-spring-2021"}
    assert results.grade == "7"


def test_individual_results_bring_tasks_with_maxima_and_levels(tmp_path: Path, context: Context) -> None:
    reading = read(open_sheets(fisoko.write_individual(tmp_path / "f1.xlsx", sitting())), context)
    items = table(reading, "items").frame
    assert items[["item", "position", "max_score", "level"]].to_numpy().tolist() == [
        ["1", "1", "1", "basic"], ["2.1", "2", "2", "raised"], ["4К1", "3", "3", "high"],
    ]  # fmt: skip
    assert table(reading, "assessments").frame["max_score"].tolist() == ["6"]


def test_rows_are_counted_as_a_spreadsheet_counts(tmp_path: Path, context: Context) -> None:
    reading = read(open_sheets(fisoko.write_individual(tmp_path / "f1.xlsx", sitting())), context)
    assert table(reading, "results").frame["#row"].tolist() == [10, 11, 13, 14]


def test_autumn_of_2020_takes_the_pupils_grade_from_the_codes(tmp_path: Path, context: Context) -> None:
    reading = read(open_sheets(fisoko.write_individual(tmp_path / "f1.xlsx", sitting(AUTUMN))), context)
    row = table(reading, "assessments").frame.iloc[0]
    assert (row["assessment"], row["pupil_grade"]) == ("vpr-physics-7-in-8-autumn-2020", "8")
    assert table(reading, "responses").grade == "8"


def edited(tmp_path: Path, sat: Sitting) -> pd.DataFrame:
    return open_sheets(fisoko.write_individual(tmp_path / "f1.xlsx", sat))[0].frame


def test_a_school_line_that_disagrees_is_a_fault(tmp_path: Path, context: Context) -> None:
    cells_of = edited(tmp_path, sitting())
    cells_of.iloc[8, 1] = "Кол-во участников: 89"
    (message,) = messages(read((Sheet("МА 7", cells_of),), context))
    assert "row 9" in message
    assert "89 participants, and 2 rows follow" in message


def test_a_school_line_may_stand_in_one_cell(tmp_path: Path, context: Context) -> None:
    cells_of = edited(tmp_path, sitting())
    cells_of.iloc[8, 0], cells_of.iloc[8, 1] = "Школа(edu990001) | Кол-во участников: 3", ""
    assert "3 participants, and 2 rows follow" in messages(read((Sheet("МА 7", cells_of),), context))[0]


def test_each_row_of_another_school_than_was_told_is_a_fault(tmp_path: Path) -> None:
    sheets = open_sheets(fisoko.write_individual(tmp_path / "f1.xlsx", sitting()))
    found = messages(read(sheets, about(tmp_path, school="1")))
    assert [message.partition(":")[0].rpartition("row ")[2] for message in found] == [
        "13, column ОО",
        "14, column ОО",
    ]
    assert all("this row is of school 2 (rows: 2)" in message for message in found)


def test_with_rows_accepted_no_row_of_another_school_is_taken(tmp_path: Path) -> None:
    fisoko.write_individual(tmp_path / "f1.xlsx", sitting())
    cluster = about(ROOT).cluster.model_copy(update={"code": "example"})  # it has a key
    for told in ({"school": "1"}, {"school": "2"}):
        made = check(cluster, ROOT, [tmp_path / "f1.xlsx"], told=Told(accept_rows=True, **told))
        assert set(made.received.results["school"]) == {told["school"]}
        assert {school for frame in made.received.responses for school in frame["school"]} == {told["school"]}
        (state,) = made.files
        assert (state.refused, state.rows, state.rows_left) == (False, 2, 2)


def with_stranger(tmp_path: Path, schools: tuple[str, ...] = ("1", "9")) -> tuple[Sheet, ...]:
    sat = sitting(schools=schools)
    login = sat.pupils["login"].mask(sat.pupils["school"] == "9", "995009")
    return open_sheets(
        fisoko.write_individual(tmp_path / "f1.xlsx", replace(sat, pupils=sat.pupils.assign(login=login)))
    )


def test_rows_of_a_school_that_is_not_registered_are_kept_for_the_check_to_name(tmp_path: Path) -> None:
    reading = read(with_stranger(tmp_path), about(tmp_path, others="refuse"))
    assert messages(reading) == []
    assert len(table(reading, "results").frame) == 4
    assert all(table.kind != "schools" for table in reading.tables)


def test_rows_of_a_school_that_is_not_registered_are_left_and_counted(tmp_path: Path) -> None:
    reading = read(with_stranger(tmp_path), about(tmp_path, others="leave"))
    assert set(table(reading, "results").frame["school"]) == {"1"}
    assert len(table(reading, "responses").frame) == 2
    (message,) = messages(reading, "warning")
    assert "2 of 4, schools: 1" in message
    with pytest.raises(DataError, match="пропускать"):
        read(with_stranger(tmp_path, ("9",)), about(tmp_path, others="leave"))


def test_a_school_that_is_not_registered_may_be_one_of_comparison(tmp_path: Path) -> None:
    reading = read(with_stranger(tmp_path), about(tmp_path, others="comparison"))
    listed = table(reading, "schools")
    assert listed.implied
    assert listed.frame[["role", "#row"]].to_numpy().tolist() == [["comparison", 13]]
    assert len(table(reading, "results").frame) == 4


def test_prepared_rows_are_no_pupils(tmp_path: Path, context: Context) -> None:
    cells_of = edited(tmp_path, sitting(schools=("1",)))
    prepared = cells_of.iloc[[-1]].copy()
    prepared.iloc[0, 4:] = ""
    prepared.iloc[0, 9] = "0"
    frame = pd.concat([cells_of, prepared], ignore_index=True)
    assert len(table(read((Sheet("МА 7", frame),), context), "results").frame) == 2


def test_points_without_a_code_are_a_fault(tmp_path: Path, context: Context) -> None:
    cells_of = edited(tmp_path, sitting(schools=("1",)))
    cells_of.iloc[10, 3] = ""
    assert any("no participant’s code" in message for message in messages(read((Sheet("", cells_of),), context)))


def test_a_task_that_stands_twice_is_a_fault(tmp_path: Path, context: Context) -> None:
    cells_of = edited(tmp_path, sitting())
    cells_of.iloc[7, 7] = "1 (2б)"
    reading = read((Sheet("", cells_of),), context)
    assert messages(reading) == ["report.xlsx, row 8, column 1: The heading stands 2 times; leave one."]
    assert list(table(reading, "items").frame["item"]) == ["1", "4К1"]


def test_a_code_of_another_grade_is_a_warning_that_does_not_show_it(tmp_path: Path, context: Context) -> None:
    cells_of = edited(tmp_path, sitting())
    cells_of.iloc[9, 3] = "60099"
    (message,) = messages(read((Sheet("", cells_of),), context), "warning")
    assert "row 10" in message
    assert "60099" not in message


def test_other_sheets_are_said_to_be_left(tmp_path: Path, context: Context) -> None:
    sheets = open_sheets(fisoko.write_individual(tmp_path / "f1.xlsx", sitting()))
    (message,) = messages(read((*sheets, *sheet([["Заметки"]], "Лист2")), context), "warning")
    assert "Лист2" in message


def test_a_file_that_does_not_say_its_work_is_refused(tmp_path: Path, context: Context) -> None:
    cells_of = edited(tmp_path, sitting())
    cells_of.iloc[:6] = ""
    with pytest.raises(DataError, match=r"received\.toml"):
        read((Sheet("", cells_of),), context)


def dated(title: str, date: str, context: Context) -> Reading:
    rows = [*HEAD[:2], [title], *HEAD[3:5], ["Дата:", date], [], MARKS, [REGION, 1, 10, 10, 40, 30, 20]]
    return read(sheet(rows), context)


@pytest.mark.parametrize(
    ("title", "date", "expected", "warnings"),
    [
        ("ВПР 2021 Математика 7 класс", "15.04.2021", "vpr-mathematics-7-spring-2021", 0),
        ("ВПР 2020 Математика 7 класс", "2020-09-20", "vpr-mathematics-7-in-8-autumn-2020", 0),
        ("ВПР 2021 Математика 7 класс", "2022-09-20", "vpr-mathematics-7-spring-2021", 0),
        ("ВПР 2021 Математика 7 класс", "", "vpr-mathematics-7-spring-2021", 0),
        ("ВПР 2022 Математика 7 класс", "25.09.2022", "vpr-mathematics-7-autumn-2022", 1),
    ],
)
def test_title_and_date_tell_the_work(title: str, date: str, expected: str, warnings: int, context: Context) -> None:
    reading = dated(title, date, context)
    assert table(reading, "assessments").frame["assessment"].tolist() == [expected]
    assert len(messages(reading, "warning")) == warnings


def test_what_was_told_goes_before_the_date(tmp_path: Path) -> None:
    reading = dated("ВПР 2022 Математика 7 класс", "25.09.2022", about(tmp_path, season="spring"))
    assert table(reading, "assessments").frame["assessment"].tolist() == ["vpr-mathematics-7-spring-2022"]


def test_other_tables_are_left_to_others() -> None:
    form: list[Cell] = ["Код участника", "Вариант", "1 (5б)", "Отметка за предыдущий триместр", "Итого баллов"]
    exam: list[Cell] = ["№", "Код ОО", "Класс", "Фамилия", "Код участника", "Вариант", "Первичный балл", "Оценка"]
    raw: list[Cell] = ["assessment", "pupil", "school", "1", "2"]
    for headings in (form, exam, raw):
        assert not any(layout.recognises(sheet([headings, ["1"] * len(headings)])) for layout in LAYOUTS)


def test_an_empty_sheet_is_nothing() -> None:
    assert not any(layout.recognises((Sheet("", pd.DataFrame(dtype="str")),)) for layout in LAYOUTS)


def test_equal_rows_give_equal_files(tmp_path: Path) -> None:
    paths = [fisoko.write_individual(tmp_path / name, sitting()) for name in ("a.xlsx", "b.xlsx")]
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_a_report_that_does_not_exist_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="marks"):
        fisoko.write_groups(tmp_path / "x.xlsx", "bias", SPRING, reported("mark", "2345", [[0.1, 0.4, 0.3, 0.2]] * 3))
