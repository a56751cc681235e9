"""Reports of ФИС ОКО on groups: what is written is read back, and what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from fisoko_files import (
    AUTUMN,
    DISTRICT,
    HEAD,
    LYCEUM,
    MARKS,
    REGION,
    SPRING,
    about,
    journal,
    layout_of,
    marks,
    messages,
    read,
    reported,
    same,
    sheet,
    stored,
    table,
)
from oko.errors import DataError
from oko.records.readers.context import Context
from oko.records.readers.fisoko_head import group_level
from oko.records.readers.sheets import open_sheets
from oko.records.writers import Cell, fisoko


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return about(tmp_path)


def test_statistics_of_marks_come_back(tmp_path: Path, context: Context) -> None:
    made = reported(
        "mark", "2345", [[0.1, 0.4, 0.3, 0.2], [0.112, 0.388, 0.3, 0.2], [11 / 89, 47 / 89, 24 / 89, 7 / 89]]
    )
    path = fisoko.write_groups(tmp_path / "f3.xlsx", "marks", SPRING, made, max_score=19)
    reading = read(open_sheets(path), context)
    assert reading.layout == "fisoko-marks"
    assert messages(reading) == []
    same(stored(table(reading, "groups")), made)
    assert table(reading, "assessments").frame["max_score"].tolist() == ["19"]


def test_marks_against_the_journal_come_back(tmp_path: Path, context: Context) -> None:
    made = reported(
        "journal", ["lowered", "confirmed", "raised"], [[0.3, 0.6, 0.1], [0.2, 0.8, 0.0], [10 / 89, 70 / 89, 9 / 89]]
    )
    reading = read(open_sheets(fisoko.write_groups(tmp_path / "j.xlsx", "journal", SPRING, made)), context)
    assert reading.layout == "fisoko-journal"
    assert messages(reading) == []
    same(stored(table(reading, "groups")), made, n_schools=None)


@pytest.mark.parametrize("report", ["tasks", "results"])
def test_facilities_come_back(report: str, tmp_path: Path, context: Context) -> None:
    made = reported("facility", ["1", "11.1", "4К1"], [[0.631, 0.5685, 0.0838], [0.5, 0.25, 0.125], [0.4408, 1.0, 0.0]])
    path = fisoko.write_groups(tmp_path / "t.xlsx", report, SPRING, made, maxima={"1": 1, "11.1": 1, "4К1": 3})
    reading = read(open_sheets(path), context)
    assert reading.layout == f"fisoko-{report}"
    assert messages(reading) == []
    without = {} if report == "tasks" else {"n": None, "n_schools": None}
    same(stored(table(reading, "groups")), made, **without)
    items = table(reading, "items").frame
    assert items[["item", "position", "max_score"]].to_numpy().tolist() == [
        ["1", "1", "1"],
        ["11.1", "2", "1"],
        ["4К1", "3", "3"],
    ]


def test_a_distribution_of_scores_comes_back(tmp_path: Path, context: Context) -> None:
    made = reported("score", "0123", [[0.1, 0.4, 0.3, 0.2], [0.112, 0.388, 0.3, 0.2], [0.0, 0.0, 1.0, 0.0]])
    reading = read(open_sheets(fisoko.write_groups(tmp_path / "s.xlsx", "scores", SPRING, made, max_score=3)), context)
    assert reading.layout == "fisoko-scores"
    same(stored(table(reading, "groups")), made)


def test_autumn_reports_are_of_the_pupils_one_grade_up(tmp_path: Path, context: Context) -> None:
    made = reported("mark", "2345", [[0.1, 0.4, 0.3, 0.2]] * 3, AUTUMN)
    reading = read(open_sheets(fisoko.write_groups(tmp_path / "f3.xlsx", "marks", AUTUMN, made)), context)
    assert set(table(reading, "groups").frame["assessment"]) == {AUTUMN.assessment}


def test_the_sheets_name_is_cut(tmp_path: Path) -> None:
    made = reported("journal", ["lowered", "confirmed", "raised"], [[0.3, 0.6, 0.1]] * 3)
    path = fisoko.write_groups(tmp_path / "j.xlsx", "journal", SPRING, made)
    assert open_sheets(path)[0].name == "МА 7 Сравнение отметок с отметк"


def test_levels_of_groups(context: Context) -> None:
    names = [
        "Вся выборка",
        "РФ",
        "Российская Федерация",
        REGION,
        DISTRICT,
        "Невский район",
        LYCEUM,
        "Школа(edu990077)",
        "Лицей № 2",
    ]
    assert [group_level(name, context) for name in names] == [
        ("sample", ""), ("country", ""), ("country", ""), ("region", ""), ("municipality", ""), ("municipality", ""),
        ("school", "1"), ("school", "sch990077"), ("school", "2"),
    ]  # fmt: skip


def test_per_cents_that_do_not_add_up_are_a_fault(context: Context) -> None:
    (message,) = messages(read(marks([LYCEUM, None, 89, "12.36", "52.81", "26.97", "9.87"]), context))
    assert "row 9" in message
    assert "sum to 102.01" in message


def test_rounding_may_leave_the_sum_a_little_off(context: Context) -> None:
    reading = read(marks([LYCEUM, None, 89, "12.36", "52.81", "26.97", "7.87"]), context)
    assert messages(reading) == []
    assert table(reading, "groups").frame["count"].tolist() == ["11", "47", "24", "7"]


def test_decimal_commas_and_blanks_between_digits(context: Context) -> None:
    reading = read(marks([REGION, 560, "30\u00a0216", "13,44", "40,06", "30,5", "16,0 %"]), context)
    rows = table(reading, "groups").frame
    assert messages(reading) == []
    assert rows["n"].tolist() == ["30216"] * 4
    assert rows["value"].tolist() == ["0.1344", "0.4006", "0.305", "0.16"]
    assert rows["count"].astype(int).sum() == 30216


def test_a_group_of_nobody_is_missing_and_not_zero(context: Context) -> None:
    reading = read(
        marks([LYCEUM, None, 0, 0, 0, 0, 0], [REGION, 5, 20, "-", "-", "-", "-"], [DISTRICT, 1, 4, 25, 50, 25, None]),
        context,
    )
    rows = table(reading, "groups").frame
    assert messages(reading) == []
    assert set(rows["group"]) == {DISTRICT}
    assert rows["value"].tolist() == ["0.25", "0.5", "0.25", "0"]


def test_per_cents_of_no_whole_number_are_a_warning(context: Context) -> None:
    reading = read(marks([LYCEUM, None, 7, "12.36", "52.81", "26.97", "7.86"]), context)
    (message,) = messages(reading, "warning")
    assert "7 pupils" in message
    assert set(table(reading, "groups").frame["count"]) == {""}


def test_a_cell_that_is_no_number_is_a_fault(context: Context) -> None:
    found = messages(read(marks([LYCEUM, None, "много", "x", 50, 25, 25]), context))
    assert [message.split(": ")[1] for message in found[:2]] == ["много is not a number.", "x is not a number."]


def test_a_per_cent_above_100_is_a_fault(context: Context) -> None:
    rows = [
        ["Выполнение заданий"],
        *HEAD[1:],
        ["Группы участников", "Кол-во участников", "1", "2"],
        ["", "", 1, 2],
        [REGION, 9, "101", 5],
    ]
    assert messages(read(sheet(rows), context)) == [
        "report.xlsx, sheet МА 7 Отчёт, row 10, column 1: 101 is no per cent: a number from 0 to 100 is needed."
    ]


def test_the_journal_is_compared_for_those_who_have_a_mark_in_it(context: Context) -> None:
    reading = read(journal([REGION, 29589, "37.22", 11011, "60.67", 17951, "2.11", 624]), context)
    rows = table(reading, "groups").frame
    assert messages(reading) == []
    assert rows["count"].tolist() == ["11011", "17951", "624"]
    assert rows["n"].tolist() == ["29589"] * 3
    assert float(rows["value"].iloc[0]) == pytest.approx(11011 / 29586, abs=1e-9)


def test_the_per_cents_of_all_participants_need_not_sum_to_100(context: Context) -> None:
    reading = read(journal([REGION, 100, 30, 30, 50, 50, 10, 10]), context)
    assert messages(reading) == []
    assert table(reading, "groups").frame["value"].tolist() == ["0.333333333", "0.555555556", "0.111111111"]


def test_a_count_that_disagrees_with_its_per_cent_is_a_fault(context: Context) -> None:
    (message, *_) = messages(read(journal([REGION, 100, 30, 30, 60, 55, 10, 10]), context))
    assert "Beside 30 pupils stands 30%" in message or "Beside 55 pupils stands 60%" in message


def test_more_counts_than_participants_are_a_fault(context: Context) -> None:
    found = messages(read(journal([REGION, 90, 30, 30, 60, 60, 10, 10]), context))
    assert found == [
        "report.xlsx, sheet МА 7 Отчёт, row 9: The numbers of pupils sum to 100, and the group has 90: correct the row."
    ]


def test_the_long_form_of_the_journal(context: Context) -> None:
    rows = [
        ["Сравнение отметок с отметками по журналу"], *HEAD[1:], ["Группы участников", "Кол-во участников", "%"],
        [REGION, "", ""], ["Понизили (Отметка < Отметка по журналу) %", 30, 30],
        ["Подтвердили (Отметка = Отметке по журналу) %", 60, 60], ["Повысили (Отметка > Отметка по журналу) %", 10, 10],
        ["Всего", 100, 100], [LYCEUM, "", ""], ["Понизили (Отметка < Отметка по журналу) %", 1, "33,33"],
        ["Подтвердили (Отметка = Отметке по журналу) %", 2, "66,67"], ["Повысили (Отметка > Отметка по журналу) %", 0, 0],
        ["Всего", 3, 100],
    ]  # fmt: skip
    reading = read(sheet(rows), context)
    made = table(reading, "groups").frame
    assert reading.layout == "fisoko-journal-long"
    assert not layout_of(sheet(rows)).confirmed
    assert messages(reading) == []
    assert made[["group", "school", "n", "key", "count"]].to_numpy().tolist() == [
        [REGION, "", "100", "lowered", "30"], [REGION, "", "100", "confirmed", "60"], [REGION, "", "100", "raised", "10"],
        [LYCEUM, "1", "3", "lowered", "1"], [LYCEUM, "1", "3", "confirmed", "2"], [LYCEUM, "1", "3", "raised", "0"],
    ]  # fmt: skip


def test_tasks_as_a_municipality_published_them(context: Context) -> None:
    rows = [
        ["группа участников", "количество участников", "1", "2", "11.1"],
        ["", "", 1, 2, 1],
        [REGION, 1000, "63,1", "56,85", "8,38"],
    ]
    told = about(
        context.root, procedure="vpr", subject="mathematics", year="2020-2021", season="spring", material_grade=5
    )
    reading = read(sheet(rows), told)
    assert table(reading, "groups").frame["value"].tolist() == ["0.631", "0.5685", "0.0838"]
    assert table(reading, "items").frame["max_score"].tolist() == ["1", "2", "1"]


def test_reports_without_a_title_are_known_by_their_headings(context: Context) -> None:
    assert layout_of(sheet([[], *HEAD[1:], MARKS, [REGION, 1, 10, 10, 40, 30, 20]])).name == "fisoko-marks"
    scores: list[Cell] = ["Группы участников", "Кол-во участников", 0, 1, 2, 3, 4, 5]
    assert layout_of(sheet([scores, [REGION, 1, 10, 10, 40, 30, 10, 0]])).name == "fisoko-scores"


def test_groups_of_marks_are_known_by_name_alone(context: Context) -> None:
    rows = [["Выполнение заданий группами участников"], *HEAD[1:], ["Группы участников", "1", "2"], ["2", 10, 20]]
    with pytest.raises(DataError, match="по одному названию"):
        read(sheet(rows), context)


def test_groups_of_marks_are_known_by_their_lines_too(context: Context) -> None:
    rows = [["Группы участников", "1", "2"], ["Отметка «2»", 10, 20], ["Отметка «3»", 10, 20]]
    assert layout_of(sheet(rows)).name == "fisoko-mark-groups"


def test_a_title_without_its_table_is_refused(context: Context) -> None:
    with pytest.raises(DataError, match="нет столбцов"):
        read(sheet([*HEAD, ["Группы участников", "Кол-во ОО", "Кол-во участников"], [REGION, 1, 5]]), context)


def test_the_context_questionnaire_is_refused(context: Context) -> None:
    rows = [
        ["логин", "Код региона", "Название ОО", "Сколько в школе учителей высшей категории"],
        ["edu990001", 0, "Школа", 5],
    ]
    with pytest.raises(DataError, match="телефон"):
        read(sheet(rows), context)


def test_all_reports_of_a_workbook_are_read(context: Context) -> None:
    both = (*marks([REGION, 1, 10, 10, 40, 30, 20]), *journal([REGION, 10, 30, 3, 60, 6, 10, 1]))
    reading = read(both, context)
    assert [t.frame["measure"].iloc[0] for t in reading.tables if t.kind == "groups"] == ["mark", "journal"]


LONG: list[Cell] = ["Год", "Класс", "Предмет", "Муниципалитет", "Логин", "ОО", "Кол-во участников"]


def test_a_districts_long_table_of_marks(context: Context) -> None:
    rows = [
        [*LONG, 2, 3, 4, 5], [2024, 7, "Математика", "Учебный район", "edu990001", "Лицей № 1", 89, 12.36, 52.81, 26.97, 7.87],
        [2024, 8, "Физика", "Учебный район", "990077", "Школа", 4, 25, 25, 50, 0], [2024, 8, "История", "Учебный район", "edu990001", "Лицей № 1", 4, 25, 25, 50, 0],
    ]  # fmt: skip
    reading = read(sheet(rows), context)
    made = table(reading, "groups").frame.drop_duplicates("group")
    assert reading.layout == "district-marks"
    assert made[["assessment", "group", "level", "school"]].to_numpy().tolist() == [
        ["vpr-mathematics-7-spring-2024", "Лицей № 1 (edu990001)", "school", "1"],
        ["vpr-physics-8-spring-2024", "Школа (sch990077)", "school", "sch990077"],
    ]
    assert "Rows of subject История left out: 1" in messages(reading, "warning")[0]
    assert sum(t.kind == "assessments" for t in reading.tables) == 2


def test_a_districts_long_table_of_scores(context: Context) -> None:
    rows = [
        [*LONG, 0, 1, 2, 3], ["2020-2021", 7, "МА", "Учебный район", "edu990001", "Лицей № 1", 4, 25, 25, 50, None],
        ["2020-2021", 7, "МА", "Учебный район", "", "", 40, 25, 25, 40, 10],
    ]  # fmt: skip
    reading = read(sheet(rows), context)
    made = table(reading, "groups").frame
    assert reading.layout == "district-scores"
    assert messages(reading) == []
    assert set(made["assessment"]) == {"vpr-mathematics-7-spring-2021"}
    assert made.loc[made["level"] == "school", "key"].tolist() == ["0", "1", "2"]
    assert made.loc[made["level"] == "municipality", "count"].tolist() == ["10", "10", "16", "4"]
