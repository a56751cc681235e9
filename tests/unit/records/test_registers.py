"""The cluster's own forms: blank, filled and read again; what is wrong is named, names are never quoted."""

from __future__ import annotations

import csv
import importlib.util
import re
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter

from oko import language
from oko.errors import DataError
from oko.records import cells
from oko.records.cluster import Cluster, School, Words, read_cluster
from oko.records.events import read_events
from oko.records.form_lists import Lists, read_lists
from oko.records.personal import personal_heading, personal_text
from oko.records.readers import Finding, RawTable, roster
from oko.records.readers.context import Context
from oko.records.readers.registers import LAYOUTS
from oko.records.readers.sheets import Sheet, open_sheets
from oko.records.register_forms import FORMS, GUIDE, LISTS, REGISTER_FORMS
from oko.records.registers import (
    ACTION_KINDS,
    ACTION_STATUSES,
    ANSWER_TYPES,
    ITEM_STATUSES,
    REGISTERS,
    ROLES,
)
from oko.records.schema import LEVELS
from oko.records.writers.registers import HEADING_ROW, blank, fill

ROOT = Path(__file__).parents[3]
BLANKS = ROOT / "templates" / "forms"

ROWS: dict[str, list[dict[str, object]]] = {
    "survey": [
        {"form": "self-study-1", "year": "2018-2019", "school": school, "role": role, "respondent": number,
         "statement": statement, "answer": answer}
        for school, role, number in (("344", "teacher", 1), ("498", "deputy", 2))
        for statement, answer in (("a1", 4), ("b2", number), ("d4", 5))
    ],
    "passport": [
        {"instrument": "graphs-7-2020", "item": "11.1", "subject": "mathematics", "grade": 7, "skill": "charts",
         "content": "Столбчатая диаграмма", "level": "basic", "max_score": 2, "minutes": 3.5,
         "answer_type": "choice", "right_option": "В", "status": "tried", "school": "498"},
        {"instrument": "graphs-7-2020", "item": "12", "subject": "physics", "grade": 7, "skill": None,
         "content": "График движения", "level": "high", "max_score": 3, "minutes": None,
         "answer_type": "extended", "right_option": None, "status": "draft", "school": None},
    ],
    "skill_matrix": [
        {"instrument": "graphs-7-2020", "expert": expert, "item": item, "skill": skill,
         "weight": 0.5 if skill == "charts" else float(expert == 1)}
        for expert in (1, 2)
        for item in ("1", "2")
        for skill in read_lists(ROOT).codes("skill")
    ],
    "actions": [
        {"school": "344", "date": "2020-10-15", "action": 1, "subject": "mathematics", "grade": 7, "class": "7А",
         "skill": "charts", "item": "3", "assessment": "vpr-mathematics-6-in-7-autumn-2020", "prompt": None,
         "kind": "retest", "role": "teacher", "status": "done", "done": "2020-12-01", "comment": "Стало лучше"},
        {"school": "498", "date": "2020-11-02", "action": 1, "subject": None, "grade": None, "class": None,
         "skill": None, "item": None, "assessment": None, "prompt": "Беседа с учителями",
         "kind": "department_meeting", "role": "department_head", "status": "planned", "done": None, "comment": None},
    ],
    "indicators": [
        {"indicator": "charts_7", "title": "Решаемость задания на чтение диаграмм", "school": "344",
         "year": "2020-2021", "baseline": 0.61, "target": 0.7, "value": 0.655, "unit": "доля", "evidence": "ВПР"},
        {"indicator": "charts_7", "title": "Решаемость задания на чтение диаграмм", "school": None,
         "year": "2020-2021", "baseline": 0.6, "target": 0.7, "value": None, "unit": "доля", "evidence": None},
    ],
    "participation": [
        {"event": 3, "school": "498", "role": "teacher", "participants": 12, "talks": 2},
        {"event": 9, "school": "344", "role": "principal", "participants": 1, "talks": None},
    ],
    "feedback": [
        {"event": 3, "role": "teacher", "respondent": 1, "statement": "f1", "answer": 5, "comment": None},
        {"event": 3, "role": "teacher", "respondent": 1, "statement": "f6", "answer": 2, "comment": None},
        {"event": 3, "role": "teacher", "respondent": 1, "statement": "comment", "answer": None,
         "comment": "Больше примеров по физике"},
        {"event": 3, "role": "other", "respondent": 2, "statement": "f2", "answer": 3, "comment": None},
    ],
}  # fmt: skip
STORED = {kind: form.table for kind, form in FORMS.items() if form.table}


def context(file: str = "форма.xlsx") -> Context:
    schools = tuple(School(code=code, name=Words(ru=code, en=code)) for code in ("344", "498"))
    cluster = Cluster(code="x", name=Words(ru="К", en="C"), years=("2019-2020", "2020-2021"), schools=schools)
    return Context(ROOT, cluster, file)


def read(sheets: tuple[Sheet, ...], within: Context | None = None) -> RawTable:
    layouts = [layout for layout in LAYOUTS if layout.recognises(sheets)]
    assert len(layouts) == 1
    (table,) = layouts[0].read(sheets, within or context()).tables
    return table


def filled(kind: str, folder: Path, rows: list[dict[str, object]] | None = None, **options: bool) -> tuple[Sheet, ...]:
    return open_sheets(fill(folder / "f.xlsx", kind, pd.DataFrame(rows or ROWS[kind]), ROOT, **options))


def changed(sheets: tuple[Sheet, ...], heading: str, text: str, row: int = 1) -> tuple[Sheet, ...]:
    frame = sheets[0].frame.copy()
    column = next(c for c in frame if frame.loc[HEADING_ROW, c].startswith(heading))
    frame.loc[HEADING_ROW + row, column] = text
    return (Sheet(sheets[0].name, frame), *sheets[1:])


def said(findings: tuple[Finding, ...]) -> list[str]:
    with language.used("en"):
        return [str(finding) for finding in findings]


@pytest.mark.parametrize("kind", STORED)
def test_what_is_written_is_read_again(kind: str, tmp_path: Path) -> None:
    table = read(filled(kind, tmp_path))
    assert said(table.findings) == []
    values = cells.values(table)
    assert said(tuple(values.findings)) == []
    schema = REGISTERS[STORED[kind]]
    columns = [name for name in schema.columns if name not in {"example", "source"}]
    expected = pd.DataFrame(ROWS[kind])[columns]
    keys = list(REGISTER_FORMS[STORED[kind]].keys)
    types = {name: schema.columns[name].dtype.type for name in columns}
    given = values.frame[columns].astype(types).sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(given, expected.astype(types).sort_values(keys, ignore_index=True))
    schema.validate(given.assign(example=False, source=pd.Series(None, given.index, dtype="str")))


@pytest.mark.parametrize("kind", FORMS)
def test_blanks_are_what_the_script_makes(kind: str, tmp_path: Path) -> None:
    made = zipfile.ZipFile(blank(tmp_path / "b.xlsx", kind, ROOT))
    kept = zipfile.ZipFile(BLANKS / f"{kind}.xlsx")
    assert made.namelist() == kept.namelist()
    assert all(made.read(name) == kept.read(name) for name in made.namelist())


def test_the_script_writes_every_blank(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = importlib.util.spec_from_file_location("forms", ROOT / "scripts" / "forms.py")
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    assert script.main(tmp_path) == 0
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in BLANKS.glob("*.xlsx")}


def test_equal_rows_give_equal_bytes(tmp_path: Path) -> None:
    rows = pd.DataFrame(ROWS["actions"])
    first, second = (fill(tmp_path / f"{n}.xlsx", "actions", rows, ROOT).read_bytes() for n in (1, 2))
    assert first == second


@pytest.mark.parametrize("kind", FORMS)
def test_blanks_print_on_a4_lock_nothing_and_say_how_to_be_filled(kind: str) -> None:
    with zipfile.ZipFile(BLANKS / f"{kind}.xlsx") as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert [s.name for s in open_sheets(BLANKS / f"{kind}.xlsx")] == [FORMS[kind].sheet, GUIDE, LISTS]
    assert 'paperSize="9"' in sheet
    assert 'fitToHeight="0"' in sheet
    assert f'ySplit="{HEADING_ROW + 1}"' in sheet
    assert "<dataValidation " in sheet
    assert "sheetProtection" not in sheet


@pytest.mark.parametrize("kind", FORMS)
def test_blanks_say_above_the_table_how_official_they_are_and_what_the_numbers_mean(kind: str) -> None:
    form = FORMS[kind]
    top = " ".join(open_sheets(BLANKS / f"{kind}.xlsx")[0].frame.iloc[:HEADING_ROW].to_numpy().ravel())
    assert language.gettext(form.status) in top
    assert GUIDE in top
    assert form.spread is None or language.gettext(form.spread.about) in top


def test_cells_below_the_rows_with_borders_keep_texts_as_they_are_typed() -> None:
    """Otherwise a spreadsheet makes a date of task 11.1, and a number of code 01234."""
    with zipfile.ZipFile(BLANKS / "passport.xlsx") as book:
        sheet, styles = (book.read(f"xl/{name}.xml").decode() for name in ("worksheets/sheet1", "styles"))
    columns = dict(re.findall(r'<col min="(\d+)" [^>]*style="(\d+)"', sheet))
    codes = {"49": "@", **dict(re.findall(r'<numFmt numFmtId="(\d+)" formatCode="([^"]*)"', styles))}
    formats = re.findall(r'<xf numFmtId="(\d+)"', styles.split("<cellXfs")[1])
    assert codes.get(formats[int(columns["2"])]) == "@"


def test_an_empty_blank_has_no_rows() -> None:
    table = read(open_sheets(BLANKS / "actions.xlsx"))
    assert len(table.frame) == 0
    assert said(table.findings) == ["форма.xlsx, sheet Действия: The table has headings and no rows."]


def test_the_roster_stays_at_the_school() -> None:
    sheets = open_sheets(BLANKS / "roster.xlsx")
    assert not any(layout.recognises(sheets) for layout in LAYOUTS)
    assert all(layout.recognises(sheets) for layout in roster.LAYOUTS)
    assert [field.heading for field in FORMS["roster"].fields] == list(roster.HEADINGS.values())
    assert any("остаётся в школе" in cell for cell in sheets[1].frame.to_numpy().ravel())


def test_the_mark_of_an_example_comes_with_the_rows(tmp_path: Path) -> None:
    assert read(filled("participation", tmp_path, example=True)).frame["example"].unique().tolist() == ["true"]
    assert "example" not in read(filled("participation", tmp_path)).frame


def test_a_form_is_known_with_titles_above_and_columns_between(tmp_path: Path) -> None:
    sheets = filled("participation", tmp_path)
    frame = pd.concat([sheets[0].frame.iloc[:2], sheets[0].frame], ignore_index=True)
    frame.insert(1, 99, "")
    moved = read((Sheet("x", frame.set_axis(range(frame.shape[1]), axis=1)),))
    assert moved.frame["#row"].tolist() == [HEADING_ROW + 4, HEADING_ROW + 5]
    assert moved.frame["school"].tolist() == ["498", "344"]


def test_a_word_outside_the_list_is_named_with_the_words_allowed(tmp_path: Path) -> None:
    table = read(changed(filled("participation", tmp_path), "Роль", "сторож"))
    (finding,) = said(table.findings)
    assert finding.startswith(f"форма.xlsx, sheet Участие, row {HEADING_ROW + 2}, column Роль: сторож is not one of: ")
    assert table.frame["role"].tolist() == ["", "principal"]


@pytest.mark.parametrize(
    ("text", "code"), [("завуч", "deputy"), ("Заместитель  директора", "deputy"), ("deputy", "deputy")]
)
def test_a_role_may_be_written_in_several_ways(text: str, code: str, tmp_path: Path) -> None:
    assert read(changed(filled("participation", tmp_path), "Роль", text)).frame["role"].iloc[0] == code


def test_an_event_is_one_of_the_clusters_own_plan(tmp_path: Path) -> None:
    sheets, example = filled("participation", tmp_path), read_cluster(ROOT, "example")
    within = Context(ROOT, example, "форма.xlsx")
    (finding,) = said(read(changed(sheets, "Мероприятие", "5"), within).findings)
    assert finding.endswith("5 is not one of: 1; 2; 3; 4; 6; 7; 8; 9.")
    called = read_events(ROOT, example)[3].called.ru
    assert read(changed(sheets, "Мероприятие", called), within).frame["event"].iloc[0] == "4"


def test_a_cluster_without_a_plan_may_have_any_event(tmp_path: Path) -> None:
    table = read(changed(filled("participation", tmp_path), "Мероприятие", "21"))
    assert (table.frame["event"].iloc[0], said(table.findings)) == ("21", [])


def test_an_answer_outside_the_scale_is_named_by_its_statement(tmp_path: Path) -> None:
    table = read(changed(filled("survey", tmp_path), "Я знаю", "6"))
    (finding,) = said(table.findings)
    assert "[a1]: 6 is outside the range: a whole number from 1 to 5 is needed." in finding
    assert table.frame["statement"].tolist() == ["b2", "d4", "a1", "b2", "d4"]


def test_a_weight_above_one_is_named(tmp_path: Path) -> None:
    (finding,) = said(read(changed(filled("skill_matrix", tmp_path), "Анализ", "2")).findings)
    assert "2 is outside the range: a number from 0 to 1 is needed." in finding


def test_an_empty_cell_of_a_judged_task_is_zero_and_an_unjudged_task_is_said(tmp_path: Path) -> None:
    rows = [row for row in ROWS["skill_matrix"] if row["expert"] == 1 and row["skill"] == "charts"]
    table = read(changed(filled("skill_matrix", tmp_path, rows), "Чтение таблиц", "", 2))
    assert table.frame.set_index("skill")["weight"].loc[["charts", "analysis"]].tolist() == ["0.5", "0"]
    assert table.frame["item"].unique().tolist() == ["1"]
    assert [(f.row, f.severity) for f in table.findings] == [(HEADING_ROW + 3, "warning")]


@pytest.mark.parametrize(
    ("text", "kept"), [("2020-11-05", "2020-11-05"), ("5.11.2020", "2020-11-05"), ("05.11.2020 г.", "2020-11-05")]
)
def test_dates_are_read_as_spreadsheets_and_people_write_them(text: str, kept: str, tmp_path: Path) -> None:
    assert read(changed(filled("actions", tmp_path), "Дата решения", text)).frame["date"].iloc[0] == kept


@pytest.mark.parametrize("text", ["вчера", "31.02.2020", "11/05/2020"])
def test_what_is_no_date_is_named(text: str, tmp_path: Path) -> None:
    (finding,) = said(read(changed(filled("actions", tmp_path), "Дата решения", text)).findings)
    assert f"{text} is not a date" in finding


@pytest.mark.parametrize(
    ("text", "assessment"),
    [
        ("ВПР математика 6 класс осень 2020", "vpr-mathematics-6-in-7-autumn-2020"),
        ("ВПР Физика 7 класс весна 2021", "vpr-physics-7-spring-2021"),
        ("контрольная в четверти", ""),
    ],
)
def test_words_about_a_work_become_its_id_where_they_say_enough(text: str, assessment: str, tmp_path: Path) -> None:
    row = read(changed(filled("actions", tmp_path), "Какой результат", text)).frame.iloc[0]
    assert (row["assessment"], row["prompt"]) == (assessment, text)


def test_the_text_of_a_task_never_enters(tmp_path: Path) -> None:
    text = "Найдите по графику скорость тела. " * 7
    table = read(changed(filled("passport", tmp_path), "Содержание", text))
    (finding,) = table.findings
    assert finding.severity == "fault"
    assert "200" in said(table.findings)[0]
    assert "скорость" not in said(table.findings)[0]
    assert table.frame["content"].iloc[0] == ""


@pytest.mark.parametrize(
    ("kind", "heading", "text"),
    [
        ("actions", "Комментарий", "Обсудили с Ивановым И.И. на заседании"),
        ("feedback", "Комментарий", "Пишите мне: a.b@school.ru"),
        ("participation", "Роль", "Петрова Мария Ивановна"),
        ("indicators", "Источник", "тел. 8 (900) 123-45-67"),
        ("survey", "Я знаю", "П. П. Петров"),
    ],
)
def test_personal_data_are_a_fault_that_does_not_quote_them(kind: str, heading: str, text: str, tmp_path: Path) -> None:
    table = read(changed(filled(kind, tmp_path), heading, text))
    (finding,) = table.findings
    assert finding.severity == "fault"
    assert text not in repr(finding)
    assert not table.frame.isin([text]).any(axis=None)


def test_a_column_of_names_refuses_the_form(tmp_path: Path) -> None:
    sheets = filled("survey", tmp_path)
    frame = sheets[0].frame.assign(**{"99": ""}).set_axis(range(sheets[0].frame.shape[1] + 1), axis=1)
    frame.iloc[HEADING_ROW, -1] = "ФИО учителя"
    with pytest.raises(DataError, match="ФИО"):
        read((Sheet("x", frame),))


def test_an_unknown_column_and_a_lacking_one_are_named(tmp_path: Path) -> None:
    sheets = filled("passport", tmp_path)
    frame = sheets[0].frame.copy()
    frame.iloc[HEADING_ROW, 0] = "Прибор"
    with pytest.raises(DataError, match="Инструмент"):
        read((Sheet("x", frame),))
    other = sheets[0].frame.copy()
    other.iloc[HEADING_ROW, 8] = "Минут"
    (finding,) = read((Sheet("x", other),)).findings
    assert (finding.row, finding.column) == (HEADING_ROW + 1, "Минут")


def test_cells_begin_no_formula(tmp_path: Path) -> None:
    rows = [{**ROWS["indicators"][0], "title": "=1+1"}]
    fill(tmp_path / "f.xlsx", "indicators", pd.DataFrame(rows), ROOT)
    with zipfile.ZipFile(tmp_path / "f.xlsx") as book:
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()


def test_a_form_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="survey"):
        fill(tmp_path / "f.xlsx", "poll", pd.DataFrame(), ROOT)
    with pytest.raises(DataError, match="roster"):
        fill(tmp_path / "f.xlsx", "roster", pd.DataFrame(), ROOT)


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("role", ROLES), ("level", LEVELS), ("answer_type", ANSWER_TYPES), ("item_status", ITEM_STATUSES),
        ("action_kind", ACTION_KINDS), ("action_status", ACTION_STATUSES),
    ],
)  # fmt: skip
def test_lists_hold_the_codes_that_the_store_allows(kind: str, codes: tuple[str, ...]) -> None:
    assert read_lists(ROOT).codes(kind) == codes


def test_lists_have_both_languages_and_a_status() -> None:
    with (ROOT / "data/external/forms.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    assert all(row["ru"] and row["en"] and row["status"] for row in rows)
    assert {row["status"] for row in rows if row["kind"] == "skill"} == {"initial list: unconfirmed"}
    assert len({(row["kind"], row["code"]) for row in rows}) == len(rows)


def test_no_spelling_stands_for_two_codes() -> None:
    lists = read_lists(ROOT)
    for kind in lists.words:
        for code in lists.codes(kind):
            with language.used("ru"):
                assert lists.code(kind, lists.text(kind, code)) == code
            with language.used("en"):
                assert lists.code(kind, lists.text(kind, code)) == code


def test_a_text_that_no_list_has_is_none() -> None:
    assert Lists({"role": {"deputy": ("завуч", "deputy head")}}).code("role", "сторож") is None


@pytest.mark.parametrize(
    "text",
    [
        "Иванов И.И.", "И. И. Иванов", "ИВАНОВ ИВАН ИВАНОВИЧ", "Иванова Мария Ивановна", "Мария Ивановна",
        "Салтыкова-Щедрина Анна Ильинична", "позвоните +7 900 123 45 67", "89001234567", "123-45-67", "x@y.ru",
        "123-456-789 01", "Обсудили с Петровой А. Б.", "Кузьмин Илья Ильич",
    ],
)  # fmt: skip
def test_personal_text_is_seen(text: str) -> None:
    assert personal_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "Повторить чтение графиков в 7А", "ВПР 2020-2021", "Закон Бойля — Мариотта", "Теорема Пифагора",
        "vpr-mathematics-6-in-7-autumn-2020", "Санкт-Петербург, Невский район", "Решаемость 0,655", "344",
        "Математика Физика Химия", "План на 2020-12-01", "Основное содержание: кислоты", "1027700566761",
    ],
)  # fmt: skip
def test_other_text_is_not_personal(text: str) -> None:
    assert not personal_text(text)


@pytest.mark.parametrize(("text", "personal"), [("ФИО", True), ("E-mail", True), ("Школа", False), ("EDU_NAME", False)])
def test_personal_headings_are_seen(text: str, personal: bool) -> None:
    assert personal_heading(text) is personal


def test_other_workbooks_are_no_forms(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "o.xlsx") as book:
        book.add_worksheet().write_row(0, 0, ["Школа", "Роль", "Мероприятие", "Отметка"])
    sheets = open_sheets(tmp_path / "o.xlsx")
    assert not any(layout.recognises(sheets) for layout in LAYOUTS)
