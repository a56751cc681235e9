"""The school's roster: codes and names become links of pseudonyms, and no name goes further."""

from __future__ import annotations

import csv
import io
import traceback
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from oko import language
from oko.errors import DataError
from oko.records.cluster import Cluster, School, Words
from oko.records.linking import known_pupils
from oko.records.pseudonyms import Pseudonyms
from oko.records.readers import Finding, Reading, roster
from oko.records.readers.context import Context, Told
from oko.records.readers.roster_people import COLUMNS, aliases, who_is_who
from oko.records.readers.sheets import Sheet
from oko.records.received import Received, joined
from oko.records.writers.roster import write_roster

ROOT = Path(__file__).parents[3]
MADE = Pseudonyms("x", bytes(range(32)))
CANARY = ("Канарейкина", "Вымышлена", "Тестовна", "29.02.2008")
HEADINGS = list(roster.HEADINGS.values())
ORLOVA = ["344", "7А", "Орлова", "Алёна", "Игоревна", "05.03.2008", "2020-2021", "осень", "70001"]


def context(told: Told | None = None, pseudonyms: Pseudonyms | None = MADE) -> Context:
    cluster = Cluster(
        code="x",
        name=Words(ru="Кластер", en="Cluster"),
        years=("2019-2020", "2020-2021"),
        schools=tuple(
            School(code=code, name=Words(ru=code, en=code), logins=(f"780{code}",)) for code in ("344", "498")
        ),
    )
    return Context(Path(), cluster, "список.xlsx", told or Told(), pseudonyms)


def sheet(*rows: list[str], headings: list[str] = HEADINGS) -> tuple[Sheet, ...]:
    return (Sheet("Список", pd.DataFrame([headings, *rows], dtype="str")),)


def changed(**cells: str) -> list[str]:
    names = list(roster.HEADINGS)
    return [cells.get(name.replace("class", "class_"), cell) for name, cell in zip(names, ORLOVA, strict=True)]


def read(*rows: list[str], headings: list[str] = HEADINGS, told: Told | None = None, file: str = "") -> Reading:
    known = context(told)
    return roster.read(sheet(*rows, headings=headings), replace(known, file=file or known.file))


def found(*readings: Reading) -> list[Finding]:
    tables = [table for reading in readings for table in reading.tables]
    together = who_is_who(pd.concat([table.frame for table in tables], ignore_index=True))
    return [*(finding for table in tables for finding in table.findings), *together]


def messages(*readings: Reading, severity: str = "fault") -> list[str]:
    with language.used("en"):
        return [str(finding) for finding in found(*readings) if finding.severity == severity]


def faults(*readings: Reading) -> list[str]:
    return messages(*readings)


def links(*readings: Reading) -> dict[str, str]:
    rows = pd.concat([table.frame for reading in readings for table in reading.tables], ignore_index=True)
    return aliases(rows).set_index("alias")["pupil"].to_dict()


def test_a_row_joins_the_code_and_the_name_to_the_pupil() -> None:
    reading = read(ORLOVA)
    pupil = MADE.of_pupil("Орлова", "Алёна", "Игоревна", "2008-03-05", "344")
    assert links(reading) == {
        MADE.of_code("344", "2020-2021", "autumn", "70001"): pupil,
        MADE.of_name("344", "Орлова", "Алёна", "Игоревна"): pupil,
    }
    (table,) = reading.tables
    assert (table.kind, table.implied, table.findings) == ("links", False, ())
    assert list(table.frame) == list(COLUMNS)
    assert aliases(table.frame)["by"].tolist() == ["code", "name"]
    assert table.frame["#row"].tolist() == [2]


def test_two_campaigns_are_one_pupil() -> None:
    spring = changed(season="ВПР, весна", code="70002")
    before = changed(class_="6А", year="2019/20", season="весна", code="60001")
    reading = read(ORLOVA, spring, before)
    assert not found(reading)
    assert len(links(reading)) == 4
    assert len(set(links(reading).values())) == 1


def test_full_names_in_one_column_are_the_same_pupils() -> None:
    headings = ["ФИО", "Класс", "Учебный год", "Процедура, время", "Код участника", "Школа", "Дата рождения"]
    row = ["Орлова Алёна  Игоревна", "7А", "2020-2021", "осень", "70001", "344", "2008-03-05"]
    reading = read(row, headings=headings)
    assert links(reading) == links(read(ORLOVA))


def test_the_heading_may_stand_lower_and_columns_in_another_order() -> None:
    title, empty = ["Список школы"] + [""] * 8, [""] * 9
    frame = pd.DataFrame([title, empty, HEADINGS[::-1], ORLOVA[::-1]], dtype="str")
    reading = roster.read((Sheet("Лист1", pd.DataFrame([["о чём"]], dtype="str")), Sheet("x", frame)), context())
    assert links(reading) == links(read(ORLOVA))
    assert reading.tables[0].frame["#row"].tolist() == [4]


def test_the_school_may_be_told() -> None:
    reading = read(ORLOVA[1:], headings=HEADINGS[1:], told=Told(school="344"))
    assert links(reading) == links(read(ORLOVA))


def test_the_school_may_be_a_login() -> None:
    assert links(read(changed(school="sch780344"))) == links(read(ORLOVA))


def test_a_roster_of_no_school_is_refused() -> None:
    with pytest.raises(DataError, match=r"received\.toml"):
        read(ORLOVA[1:], headings=HEADINGS[1:])


def test_without_a_key_nothing_is_read() -> None:
    with pytest.raises(DataError, match="oko init"):
        roster.read(sheet(ORLOVA), context(pseudonyms=None))


def test_a_pupil_without_a_code_is_known_by_name() -> None:
    assert len(links(read(changed(code="", year="", season="")))) == 1


def test_empty_rows_are_left() -> None:
    assert len(links(read(ORLOVA, [""] * 9, ["344", "7А", *[""] * 7]))) == 2


def test_a_roster_without_rows_is_named() -> None:
    assert faults(read()) == ["список.xlsx, sheet Список: The table has headings and no rows."]


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"code": "7001"}, "not five digits"), ({"code": "7000a"}, "not five digits"), ({"code": "700011"}, "five"),
        ({"year": "2020-2022"}, "school year"), ({"year": ""}, "school year"), ({"season": "ВПР"}, "осень or весна"),
        ({"season": ""}, "осень or весна"), ({"birth_date": "31.02.2008"}, "no date"), ({"surname": " "}, "Surname"),
        ({"name": "-"}, "Surname"), ({"school": "999"}, "344, 498"), ({"school": ""}, "344, 498"),
    ],
)  # fmt: skip
def test_a_wrong_cell_is_named_by_its_row_and_not_repeated(cells: dict[str, str], words: str) -> None:
    (told,) = faults(read(changed(code="70009", name="Яна"), changed(**cells)))
    assert "row 3" in told
    assert words in told
    assert not [cell for cell in (*CANARY, *ORLOVA[2:5], "70009") if cell in told]


def test_what_is_told_fills_empty_years_and_seasons_alone() -> None:
    told = Told(school="344", year="2020-2021", season="autumn")
    assert links(read(changed(year="", season=""), told=told)) == links(read(ORLOVA))
    assert faults(read(changed(year="2020-2022"), told=told))


def test_a_code_twice_in_a_campaign_is_named() -> None:
    (told,) = faults(read(ORLOVA, changed(surname="Петрова")))
    assert "row 3" in told
    assert "in список.xlsx, row 2" in told


def test_the_same_code_in_another_campaign_or_school_is_another() -> None:
    others = [changed(surname="Петрова", season="весна"), changed(surname="Зуева", school="498")]
    assert not faults(read(ORLOVA, *others))


NO_DATE = changed(birth_date="")


@pytest.mark.parametrize(
    "other",
    [
        changed(birth_date="", code="70002"), changed(birth_date="", class_="7Б", season="весна", code="70002"),
        changed(birth_date="", class_="9А", year="2019-2020", code="70002"),
    ],
    ids=["same campaign", "another class of the year", "another year of entry"],
)  # fmt: skip
def test_two_pupils_of_one_name_without_dates_of_birth_are_named_both(other: list[str]) -> None:
    first, second = faults(read(NO_DATE, other))
    assert "row 2" in first
    assert "This row and row 3 of список.xlsx" in first
    assert "row 3" in second
    assert "This row and row 2 of список.xlsx" in second


def test_two_rows_without_codes_of_one_name_are_named() -> None:
    bare = changed(birth_date="", code="", year="", season="")
    assert len(faults(read(bare, bare))) == 2


def test_one_name_and_one_date_of_birth_in_one_campaign_is_named() -> None:
    assert len(faults(read(ORLOVA, changed(code="70002")))) == 2


def test_a_class_written_in_two_ways_is_one() -> None:
    rows = [changed(birth_date="", class_=text, season=season, code=code) for text, season, code in
            (("7А", "осень", "70001"), ("7 «A»", "весна", "70002"))]  # fmt: skip
    assert not faults(read(*rows))


def test_a_pupil_with_a_date_of_birth_may_change_class_and_repeat_a_year() -> None:
    moved = changed(class_="7Б", season="весна", code="70002")
    repeated = changed(class_="7А", year="2019-2020", season="весна", code="70003")
    assert not faults(read(ORLOVA, moved, repeated))


def test_one_name_with_and_without_a_date_of_birth_is_named() -> None:
    told = faults(read(ORLOVA, changed(birth_date="", season="весна", code="70002")))
    assert len(told) == 2
    assert "only one of them" in told[0]


def test_namesakes_with_dates_of_birth_are_two_pupils_and_names_alone_join_neither() -> None:
    reading = read(ORLOVA, changed(birth_date="06.03.2008", code="70002"))
    (table,) = reading.tables
    assert not faults(reading)
    assert {finding.severity for finding in found(reading)} == {"warning"}
    assert aliases(table.frame)["by"].tolist() == ["code", "code"]
    assert table.frame["pupil"].nunique() == 2


def test_a_namesake_of_another_school_is_no_namesake() -> None:
    reading = read(ORLOVA, changed(school="498", birth_date="06.03.2008", code="70002"))
    assert not found(reading)
    assert len(links(reading)) == 4


def yearly(first: dict[str, str], second: dict[str, str]) -> tuple[Reading, Reading]:
    """Two rosters of a school, of two years; each holds one pupil, of one full name."""
    before = {"year": "2019-2020", "class_": "6А", "code": "60001"} | first
    return read(changed(**before), file="2019.xlsx"), read(changed(**second), file="2020.xlsx")


def test_a_pupil_of_two_yearly_rosters_is_one() -> None:
    for date in ("05.03.2008", ""):
        both = yearly({"birth_date": date}, {"birth_date": date})
        assert not found(*both)
        assert len(links(*both)) == 3
        assert len(set(links(*both).values())) == 1


def test_namesakes_of_two_yearly_rosters_with_dates_of_birth_are_two_pupils() -> None:
    both = yearly({"birth_date": "06.03.2007", "class_": "7А"}, {})
    (warning,) = messages(*both, severity="warning")
    assert not faults(*both)
    assert warning.startswith("2020.xlsx, sheet Список, row 2: This row and row 2 of 2019.xlsx are two pupils")
    assert len(links(*both)) == len(set(links(*both).values())) == 2


def test_namesakes_of_two_yearly_rosters_without_dates_of_birth_are_said_to_be_ambiguous() -> None:
    (fault,) = faults(*yearly({"birth_date": "", "class_": "7А"}, {"birth_date": ""}))
    assert fault.startswith("2020.xlsx, sheet Список, row 2: This row and row 2 of 2019.xlsx have one full name and no")
    assert "add the date of birth to both" in fault
    (fault,) = faults(*yearly({}, {"birth_date": ""}))
    assert "only one of them a date of birth" in fault


def test_rows_that_stand_in_two_rosters_are_no_doubles() -> None:
    bare = {"birth_date": "", "code": "", "season": ""}
    for row in (ORLOVA, changed(birth_date=""), changed(**bare)):
        assert not found(read(row, file="2019.xlsx"), read(row, file="2020.xlsx"))
    assert not found(read(ORLOVA, file="2019.xlsx"), read(changed(code=""), file="2020.xlsx"))


def test_rosters_that_give_a_code_to_two_pupils_or_a_pupil_two_codes_do_not_agree() -> None:
    first = read(ORLOVA, file="2019.xlsx")
    (told,) = faults(first, read(changed(surname="Петрова"), file="2020.xlsx"))
    assert told.startswith("2020.xlsx, sheet Список, row 2")
    (told,) = faults(first, read(changed(code="70002"), file="2020.xlsx"))
    assert told.startswith("2020.xlsx, sheet Список, row 2")


def test_a_roster_with_faults_joins_nothing() -> None:
    pupil = MADE.of_pupil("Орлова", "Алёна", "Игоревна", "2008-03-05", "344")
    codes = [MADE.of_code("344", "2020-2021", "autumn", code) for code in ("70001", "70002")]
    results = pd.DataFrame({"pupil": codes, "link": "code"}, dtype="str")
    nothing = pd.DataFrame()
    received = Received(context().cluster, ROOT, nothing, nothing, results, nothing, ())
    good, bad = (
        read(ORLOVA, file="a.xlsx"),
        read(changed(surname="Зуева", code="70002"), changed(code="7"), file="b.xlsx"),
    )
    for tables in ([*good.tables, *bad.tables], list(joined([*good.tables, *bad.tables]))):
        known, findings = known_pupils(received, tables)
        assert not findings
        assert known.results.to_numpy().tolist() == [[pupil, "roster"], [codes[1], "code"]]


@pytest.mark.parametrize("lacking", ["Код участника", "Фамилия", "Имя", "Учебный год", "Процедура, время"])
def test_a_table_without_these_headings_is_no_roster(lacking: str) -> None:
    assert roster.recognises(sheet(ORLOVA))
    assert not roster.recognises(sheet(ORLOVA, headings=[text.replace(lacking, "") for text in HEADINGS]))


def test_no_name_outlives_the_reading() -> None:
    reading = read(changed(surname=CANARY[0], name=CANARY[1], patronymic=CANARY[2], birth_date=CANARY[3]),
                   changed(surname=CANARY[0], name=CANARY[1], patronymic=CANARY[2], birth_date=CANARY[3], code="1"),
                   changed(surname=CANARY[0], name="", birth_date="29.02.2009"))  # fmt: skip
    frames = [table.frame for table in reading.tables]
    shown = [repr(reading), *(frame.to_csv() for frame in frames), *(str(f.attrs) for f in frames), *faults(reading)]
    shown += [repr(finding) for table in reading.tables for finding in table.findings]
    assert len(faults(reading)) >= 3
    assert not [(word, text) for text in shown for word in (*CANARY, "канарейкина", "2008-02-29") if word in text]


def test_a_traceback_holds_no_name() -> None:
    with pytest.raises(DataError) as error:
        roster.read(sheet(changed(surname=CANARY[0], name=CANARY[1])), context(pseudonyms=None))
    told = "".join(traceback.format_exception(error.value))
    assert "DataError" in told
    assert not [word for word in CANARY if word in told]


def rows() -> pd.DataFrame:
    names = ["school", "class", "surname", "name", "patronymic", "birth_date", "year", "season", "code"]
    return pd.DataFrame(
        [
            ["344", "7А", "Орлова", "Алёна", "Игоревна", "2008-03-05", "2020-2021", "autumn", "70001"],
            ["344", "7А", "Зуев", "Пётр", "", "", "2020-2021", "spring", "07002"],
        ],
        columns=names,
    )


def test_what_is_written_as_a_workbook_is_read(tmp_path: Path) -> None:
    path = write_roster(tmp_path / "a.xlsx", rows())
    cells = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    reading = read(*[list(map(str, row)) for row in cells[1:]], headings=list(map(str, cells[0])))
    assert not reading.tables[0].findings
    pupil = MADE.of_pupil("Зуев", "Пётр", "", "", "344")
    assert links(reading)[MADE.of_code("344", "2020-2021", "spring", "07002")] == pupil
    assert len(links(reading)) == 4


def test_what_is_written_as_text_is_read(tmp_path: Path) -> None:
    text = write_roster(tmp_path / "deep" / "a.csv", rows()).read_text(encoding="utf-8-sig")
    cells = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert len(links(read(*cells[1:], headings=cells[0]))) == 4


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
def test_equal_rows_give_equal_bytes(name: str, tmp_path: Path) -> None:
    one, two = (write_roster(tmp_path / folder / name, rows()) for folder in ("1", "2"))
    assert one.read_bytes() == two.read_bytes()


def test_columns_that_are_missing_stay_empty(tmp_path: Path) -> None:
    text = write_roster(tmp_path / "a.csv", rows().drop(columns=["birth_date", "school"])).read_text("utf-8-sig")
    assert text.splitlines()[1] == ";7А;Орлова;Алёна;Игоревна;;2020-2021;ВПР, осень;70001"
