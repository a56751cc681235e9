"""Collections of the schools' forms by a region: autumn 2020, 2021 and 2022."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from oko.errors import DataError
from oko.records.readers.context import Work
from oko.records.readers.sheets import Sheet, open_sheets
from oko.records.writers import Sitting, dumps
from school_forms import (
    AUTUMN,
    AUTUMN_FILE,
    LAYOUTS,
    SPELLINGS,
    SPRING,
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

MATHS_8 = Work("vpr", "mathematics", "2020-2021", "spring", 8, 8)
MATHS_8_AUTUMN = Work("vpr", "mathematics", "2020-2021", "autumn", 8, 9)
WRITERS = pytest.mark.parametrize("write", [dumps.write_2020, dumps.write_2021, dumps.write_2022])
Write = Callable[[Path, Sitting], Path]


def opened(tmp_path: Path, sat: Sitting, write: Write, name: str = "dump.xlsx") -> tuple[Sheet, ...]:
    return open_sheets(write(tmp_path / name, sat))


def district(schools: tuple[str, ...] = ("1", "2"), work: Work = SPRING, variants: str = "1") -> Sitting:
    return sitting(work, schools, variants=variants)


@WRITERS
def test_a_collection_comes_back(write: Write, tmp_path: Path) -> None:
    sat = district()
    reading = read(opened(tmp_path, sat, write), about())
    assert messages(reading) == messages(reading, "warning") == []
    same(results(reading), expected(sat))
    same(points(reading, sat), expected_points(sat))
    assert row_of(reading, "assessments")["assessment"] == SPRING.assessment
    assert table(reading, "responses").grade == "7"


def test_variants_of_2020_stand_in_two_columns(tmp_path: Path) -> None:
    sat = district(variants="1-2")
    sheets = opened(tmp_path, sat, dumps.write_2020)
    heads = sheets[0].frame.iloc[0].tolist()
    assert sheets[0].frame.iloc[1, [heads.index("var-1"), heads.index("var-2")]].tolist() == ["1", "2"]
    same(results(read(sheets, about())), expected(sat))


def test_a_collection_of_2021_may_be_csv(tmp_path: Path) -> None:
    sat = district()
    sheets = opened(tmp_path, sat, dumps.write_2021, "dump.csv")
    reading = read(sheets, about())
    assert messages(reading) == []
    same(results(reading), expected(sat))
    same(points(reading, sat), expected_points(sat))


@pytest.mark.parametrize(
    ("write", "name"),
    [
        (dumps.write_2020, "a.xlsx"), (dumps.write_2021, "a.xlsx"), (dumps.write_2021, "a.csv"),
        (dumps.write_2022, "a.xlsx"),
    ],
)  # fmt: skip
def test_equal_sittings_give_equal_bytes(write: Write, name: str, tmp_path: Path) -> None:
    first, second = write(tmp_path / "1" / name, district()), write(tmp_path / "2" / name, district())
    assert first.read_bytes() == second.read_bytes()


@WRITERS
def test_autumn_of_2020_has_codes_a_grade_above_the_material(write: Write, tmp_path: Path) -> None:
    sat = district(work=AUTUMN)
    reading = read(opened(tmp_path, sat, write), about(AUTUMN_FILE))
    row = row_of(reading, "assessments")
    assert (row["assessment"], row["material_grade"], row["pupil_grade"]) == (
        "vpr-mathematics-6-in-7-autumn-2020", "6", "7",
    )  # fmt: skip
    assert messages(reading, "warning") == []
    same(points(reading, sat), expected_points(sat))


def test_2020_has_fifty_columns_and_the_textbook_after_the_last_task(tmp_path: Path) -> None:
    (only,) = opened(tmp_path, district(), dumps.write_2020)
    heads = only.frame.iloc[0].tolist()
    assert (len(heads), heads.index("Учебник"), heads[-1]) == (50, 10 + 16, "a-40-grade")


def test_2022_writes_parts_in_brackets_and_one_heading_without_its_blank(tmp_path: Path) -> None:
    sat = district(work=Work("vpr", "chemistry", "2020-2021", "spring", 8, 8))
    sheets = opened(tmp_path, sat, dumps.write_2022)
    assert [one.name for one in sheets] == ["Классы", "Протокол"]
    heads = sheets[1].frame.iloc[0].tolist()
    assert heads[8:13] == ["1(1) (1б)", "1(2) (3б)", "2(1) (1б)", "2(2) (1б)", "3(1)(3б)"]
    items = table(read(sheets, about("ВПР 2021 Химия 8 класс.xlsx")), "items").frame
    assert items["item"].tolist() == sat.items["item"].tolist()
    assert items["max_score"].tolist() == [f"{most:.0f}" for most in sat.items["max_score"]]


@pytest.mark.parametrize("write", [dumps.write_2020, dumps.write_2021])
def test_positions_become_the_labels_of_the_specification(write: Write, tmp_path: Path) -> None:
    work = Work("vpr", "mathematics", "2020-2021", "spring", 5, 5)
    reading = read(opened(tmp_path, district(work=work), write), about("ВПР 2021 Математика 5 класс.xlsx"))
    items = table(reading, "items").frame.set_index("position")
    assert items.loc["11", "item"] == "11.1"
    assert (items["max_score"] == "").all()
    assert row_of(reading, "assessments")["max_score"] == ""
    headings = table(reading, "responses").headings
    assert headings["11.1"] in {"a-11-grade", "балл за 11"}


@pytest.mark.parametrize(
    ("write", "work", "tasks"),
    [
        (dumps.write_2020, MATHS_8_AUTUMN, 19), (dumps.write_2021, MATHS_8, 20), (dumps.write_2020, MATHS_8, 20),
        (dumps.write_2021, MATHS_8_AUTUMN, 19),
    ],
)  # fmt: skip
def test_mathematics_8_has_19_tasks_in_2020_and_20_in_2021(
    write: Write, work: Work, tasks: int, tmp_path: Path
) -> None:
    told = {"subject": "mathematics", "material_grade": 8, "year": work.year, "season": work.season}
    items = table(read(opened(tmp_path, district(work=work), write), about("файл.xlsx", **told)), "items").frame
    assert len(items) == tasks
    assert ("16" in items["item"].tolist()) == (tasks == 19)


@pytest.mark.parametrize("write", [dumps.write_2020, dumps.write_2021])
@pytest.mark.parametrize(("written", "told", "numbers"), [(MATHS_8, "autumn", (20, 19)), (MATHS_8_AUTUMN, "spring", (19, 20))])  # fmt: skip
def test_another_number_of_columns_is_refused_with_both_numbers(
    write: Write, written: Work, told: str, numbers: tuple[int, int], tmp_path: Path
) -> None:
    sheets = opened(tmp_path, district(work=written), write)
    context = about("файл.xlsx", subject="mathematics", material_grade=8, year="2020-2021", season=told)
    with pytest.raises(DataError) as caught:
        read(sheets, context)
    assert (caught.value.values["n"], caught.value.values["known"]) == numbers
    assert all(str(number) in str(caught.value) for number in numbers)


def test_positions_are_taken_from_headings_not_from_the_order_of_columns(tmp_path: Path) -> None:
    sat = district()
    (only,) = opened(tmp_path, sat, dumps.write_2021)
    order = [*range(9), *range(24, 8, -1), *range(25, only.frame.shape[1])]
    turned = only.frame[order].set_axis(range(len(order)), axis=1)
    same(points(read((Sheet("", turned),), about()), sat), expected_points(sat))


def test_without_a_textbook_empty_positions_at_the_end_are_left(tmp_path: Path) -> None:
    sat = district()
    (only,) = opened(tmp_path, sat, dumps.write_2020)
    frame = only.frame.copy()
    frame.iloc[0, 26], frame.iloc[1:, 26] = "a-17-grade", ""
    same(points(read((Sheet("", frame),), about()), sat), expected_points(sat))


def test_a_structure_that_is_not_confirmed_is_a_warning(tmp_path: Path) -> None:
    sheets = opened(tmp_path, district(), dumps.write_2021)
    (message,) = messages(read(sheets, about("ВПР 2019 Математика 7 класс.xlsx")), "warning")
    assert "no labels" in message
    assert "2019" in message


def test_codes_of_2021_may_stand_in_the_column_of_numbers(tmp_path: Path) -> None:
    sat = district()
    (only,) = opened(tmp_path, sat, dumps.write_2021)
    order = [0, 1, 3, 2, *range(4, only.frame.shape[1])]
    turned = only.frame[order].set_axis(range(len(order)), axis=1)
    turned.iloc[0, [2, 3]] = ["номер обучающегося", "код обучающегося"]
    found = table(read((Sheet("", turned),), about()), "results")
    assert found.frame["code"].tolist() == sat.pupils["code"].tolist()
    assert found.headings["code"] == "номер обучающегося"


@WRITERS
def test_cells_of_points_are_kept_as_written(write: Write, tmp_path: Path) -> None:
    reading = read(opened(tmp_path, district(), write), about())
    cells = set(table(reading, "responses").frame.iloc[:, -16:].to_numpy().ravel())
    assert cells >= {*SPELLINGS, "1\u00a0", "не пройд."}


@WRITERS
def test_absent_pupils_have_results_and_no_points(write: Write, tmp_path: Path) -> None:
    reading = read(opened(tmp_path, district(), write), about())
    variants = table(reading, "results").frame.set_index("code")["variant"]
    assert variants[variants == "Отсутствовал"].index.tolist() == ["70006", "70012"]
    assert not {"70006", "70012"} & set(table(reading, "responses").frame["code"])


@WRITERS
def test_codes_of_two_grades_are_a_fault(write: Write, tmp_path: Path) -> None:
    sheets = opened(tmp_path, district(), write)
    name, place = (sheets[-1].name, 6) if write is dumps.write_2022 else (sheets[0].name, 3)
    (message,) = messages(read(changed(sheets, name, 4, place, "80004"), about()))
    assert "row 5" in message
    assert "begins with 8" in message


@WRITERS
def test_a_collection_without_pupils_is_refused(write: Write, tmp_path: Path) -> None:
    sat = district()
    nobody = replace(sat, pupils=sat.pupils.iloc[:0], cells=sat.cells.iloc[:0])
    with pytest.raises(DataError, match="нет ни одного ученика"):
        read(opened(tmp_path, nobody, write), about())


@WRITERS
def test_each_layout_is_known_by_itself_alone(write: Write, tmp_path: Path) -> None:
    assert layout_of(opened(tmp_path, district(), write)).name == write.__name__.replace("write_", "dump-")


@pytest.mark.parametrize(
    "rows",
    [
        [["Школа", "Класс", "Балл"], ["1", "7А", "12"]],
        [["Код", "Вариант", "1", "2"], ["70001", "1", "1", "0"]],
        [["code", "user", "sum"], ["1", "2", "3"]],
        [["Код участника", "Учебный год", "Процедура"], ["70001", "2020-2021", "ВПР"]],
        [["балл за 1", "балл за 2"], ["1", "0"]],
    ],
)
def test_other_tables_are_not_taken_for_these(rows: list[list[str]]) -> None:
    assert not any(layout.recognises(sheet(rows)) for layout in LAYOUTS)


def test_nothing_is_not_taken_for_these() -> None:
    assert not any(layout.recognises((Sheet("", pd.DataFrame()),)) for layout in LAYOUTS)
    assert not any(layout.recognises(()) for layout in LAYOUTS)
