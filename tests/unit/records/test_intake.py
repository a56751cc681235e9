"""Files received: what is right is read, what is wrong is named with its file, row and column."""

from __future__ import annotations

import pickle
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oko import language
from oko.errors import DataError
from oko.records import intake
from oko.records.cluster import Cluster, School, Words
from oko.records.readers import tidy
from oko.records.readers.context import Context
from oko.records.readers.sheets import open_sheets
from oko.records.registers import REGISTERS
from oko.records.writers import registers

ASSESSMENTS = """assessment,procedure,subject,year,season,material_grade,pupil_grade,max_score,prior
a6,vpr,mathematics,2019-2020,spring,6,6,3,
a7,vpr,mathematics,2020-2021,spring,7,7,,a6
"""
ITEMS = """assessment;item;position;max_score;level;label
a7;1;1;1;basic;Дроби, доли
a7;4K1;2;2;high;
"""
RESULTS = """assessment,pupil,school,status,class,sex,variant,primary_score,test_score,mark,journal_mark
a6,p1,344,took,6а,F,1,2,,4,4
a6,p2,498,absent,6Б,,,,,,3
a7,p1,344,took,7A,F,1,3,"71,5",5,4
a7,p2,498,took,7Б,M,2,,,3,3
"""
RESPONSES = """assessment,pupil,school,class,1,4k1
a7,p1,344,7А,1,2
a7,p2,498,,х,
"""
GOOD = {"a.csv": ASSESSMENTS, "b.txt": ITEMS, "deep/er/c": RESULTS, "d.csv": RESPONSES}


ROOT = Path(__file__).parents[3]


def cluster(*, example: bool = False) -> Cluster:
    return Cluster(
        code="x",
        name=Words(ru="Кластер", en="Cluster"),
        years=("2019-2020", "2020-2021"),
        example=example,
        schools=tuple(School(code=code, name=Words(ru=code, en=code)) for code in ("344", "498")),
    )


def put(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def findings(folder: Path, files: dict[str, str | bytes]) -> list[str]:
    with language.used("en"):
        return [str(finding) for finding in intake.check(cluster(), ROOT, [put(folder, files)]).findings]


def test_good_files_make_the_tables_of_the_store(tmp_path: Path) -> None:
    tables = intake.read_tables(cluster(), ROOT, put(tmp_path, GOOD))[0]
    results = tables.results.set_index(["assessment", "pupil"])
    assert results.loc[("a7", "p1"), ["primary_score", "test_score", "mark", "max_score", "class"]].tolist() == [
        3,
        71.5,
        5,
        3,
        "7А",
    ]
    assert results.loc[("a7", "p2"), "primary_score"] == 0
    assert results.loc[("a6", "p1"), ["class", "max_score", "subject", "pupil_grade"]].tolist() == [
        "6А",
        3,
        "mathematics",
        6,
    ]
    assert results.loc[("a6", "p2"), "status"] == "absent"
    assert tables.items["item"].tolist() == ["1", "4К1"]
    assert tables.items["label"].tolist()[0] == "Дроби, доли"
    wide = tables.responses["a7"].set_index("pupil")
    assert wide.columns.tolist() == [
        "assessment",
        "school",
        "class",
        "source",
        "1",
        "1 X",
        "1 N",
        "4К1",
        "4К1 X",
        "4К1 N",
    ]
    assert wide.loc["p2", ["class", "1", "1 X", "4К1 X"]].tolist() == ["7Б", 0.0, True, False]
    assert pd.isna(wide.loc["p2", "4К1"])
    assert not tables.results["example"].any()
    assert tables.assessments["prior"].tolist()[1] == "a6"


def test_good_files_have_no_findings_and_stay_as_they_are(tmp_path: Path) -> None:
    folder = put(tmp_path, GOOD)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}
    assert intake.check(cluster(), ROOT, [folder]).findings == ()
    assert {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()
    } == before


@pytest.mark.parametrize("cell", ["X", "x", "Х", "х"])
def test_four_spellings_of_not_attempted(tmp_path: Path, cell: str) -> None:
    tables = intake.read_tables(
        cluster(), ROOT, put(tmp_path, GOOD | {"d.csv": RESPONSES.replace("х,\n", f"{cell},\n")})
    )[0]
    assert tables.responses["a7"]["1 X"].tolist() == [False, True]
    assert tables.responses["a7"]["1"].tolist() == [1.0, 0.0]


@pytest.mark.parametrize("change", [("\n", "\r\n"), (",", ";"), ("assessment", "\ufeffassessment")])
def test_line_ends_semicolons_and_a_byte_order_mark(tmp_path: Path, change: tuple[str, str]) -> None:
    text = RESPONSES.replace(*change) if change[0] != "assessment" else "\ufeff" + RESPONSES
    assert findings(tmp_path, GOOD | {"d.csv": text}) == []


def test_rows_with_example_are_marked_and_refused_elsewhere(tmp_path: Path) -> None:
    text = ITEMS.replace("label\n", "label;example\n").replace("доли\n", "доли;ИСТИНА\n").replace("high;\n", "high;;\n")
    folder = put(tmp_path, GOOD | {"b.txt": text})
    (found,) = intake.check(cluster(), ROOT, [folder]).faults
    assert (found.file, found.row, found.column) == ("b.txt", 2, "example")
    tables = intake.read_tables(cluster(example=True), ROOT, folder)[0]
    for frame in (tables.schools, tables.assessments, tables.items, tables.results):
        assert frame["example"].all()


def test_schools_of_comparison_are_registered_by_their_table(tmp_path: Path) -> None:
    files = GOOD | {
        "deep/er/c": RESULTS + "a6,p9,s1,took,6А,,,1,,3,\n",
        "s.csv": "school;role;kind\ns1;comparison;lyceum\n",
    }
    tables = intake.read_tables(cluster(), ROOT, put(tmp_path, files))[0]
    assert tables.schools.set_index("school")["role"].to_dict() == {
        "344": "cluster",
        "498": "cluster",
        "s1": "comparison",
    }


def passports(folder: Path, **keys: str) -> Path:
    """Write the form of passports of work a7, with the keys of its tasks."""
    rows = [
        {
            "instrument": "a7", "item": item, "subject": "mathematics", "grade": 7, "content": "Доли", "level": "basic",
            "max_score": most, "answer_type": "choice", "right_option": keys.get(f"of_{item}"), "status": "draft",
        }
        for item, most in (("1", 1), ("4К1", 2))
    ]  # fmt: skip
    columns = [*REGISTERS["passports"].columns][:-2]
    return registers.fill(folder / "p.xlsx", "passport", pd.DataFrame(rows).reindex(columns=columns), ROOT)


def test_letters_become_points_by_the_key_and_are_kept(tmp_path: Path) -> None:
    folder = put(tmp_path, GOOD | {"d.csv": RESPONSES.replace(",1,2\n", ",Б,2\n").replace(",х,\n", ",B,x\n")})
    passports(folder, of_1="б")
    tables, made = intake.read_tables(cluster(), ROOT, folder)
    assert made.findings == ()
    assert tables.responses["a7"].set_index("pupil")["1"].to_dict() == {"p1": 1.0, "p2": 0.0}
    assert not any(name.endswith(" L") for name in tables.responses["a7"])
    chosen = tables.registers["options"]
    assert chosen[["assessment", "school", "pupil", "item", "option"]].to_numpy().tolist() == [
        ["a7", "344", "p1", "1", "Б"], ["a7", "498", "p2", "1", "В"],
    ]  # fmt: skip
    assert chosen["source"].tolist() == tables.responses["a7"]["source"].tolist()
    assert tables.results.set_index(["assessment", "pupil"])["primary_score"][("a7", "p2")] == 0
    assert tables.registers["passports"].set_index("item")["right_option"].dropna().to_dict() == {"1": "Б"}
    assert ("Б", "В") not in {(one.given, one.kept) for one in made.changes}
    assert ("B", "В") in {(one.given, one.kept) for one in made.changes}


def test_a_letter_without_a_key_says_where_and_what_to_do(tmp_path: Path) -> None:
    folder = put(tmp_path, GOOD | {"d.csv": RESPONSES.replace(",1,2\n", ",Б,2\n")})
    passports(folder, of_4К1="А")
    with language.used("ru"), pytest.raises(DataError) as caught:
        intake.read_tables(cluster(), ROOT, folder)
    with language.used("ru"):
        said = str(caught.value)
    assert "d.csv, строка 2, столбец 1: Вместо баллов стоит буква Б" in said
    assert "заполните столбец «Верный вариант» в форме паспортов" in said
    assert "баллы" not in said.split("впишите сюда баллы")[1]  # the sum that follows from it is not a second fault


def test_a_file_checked_alone_is_not_refused_for_a_key_that_others_hold(tmp_path: Path) -> None:
    folder = put(tmp_path, GOOD | {"d.csv": RESPONSES.replace(",1,2\n", ",Б,2\n")})
    made = intake.check(cluster(), ROOT, [folder])
    assert [(one.check, one.severity, one.row) for one in made.findings] == [("option_key_known", "warning", 2)]
    assert made.refused == ()


def test_a_wrong_key_is_named_in_the_form_of_passports(tmp_path: Path) -> None:
    folder = put(tmp_path, dict(GOOD))
    passports(folder, of_1="АБ")
    with language.used("ru"):
        (said,) = [str(one) for one in intake.check(cluster(), ROOT, [folder]).findings]
    assert "столбец Верный вариант: АБ — не вариант ответа" in said


BAD_CELLS = [
    (("deep/er/c", "p1,344,took,6а", "p1,999,took,6а"), "deep/er/c, row 2, column school: School 999 is not registered"),
    (("deep/er/c", "a6,p1", "a5,p1"), "deep/er/c, row 2, column assessment: Assessment a5 is not declared"),
    (("a.csv", "2019-2020", "2017-2018"), "a.csv, row 2, column year: Year 2017-2018"),
    (("a.csv", "2019-2020", "2019/20"), "a.csv, row 2, column year: 2019/20 is not allowed"),
    (("a.csv", "spring,6,6,3", "summer,6,6,3"), "a.csv, row 2, column season: summer is not one of"),
    (("a.csv", ",a6\n", ",a5\n"), "a.csv, row 3, column prior: The earlier assessment a5 is not declared"),
    (("a.csv", ",a6\n", ",a7\n"), "a.csv, row 3, column prior: The earlier assessment a7 is not earlier"),
    (("a.csv", "7,7,,a6", "7,7,4,a6"), "a.csv, row 3, column max_score: The greatest score is 4, and the tasks’ maxima sum to 3"),
    (("a.csv", "a7,vpr", "a6,vpr"), "a.csv, row 3, column assessment: The same row stands already in a.csv, row 2"),
    (("b.txt", "4K1;2;2", "4K1;2;0"), "b.txt, row 3, column max_score: 0 is too small"),
    (("b.txt", "4K1;2", "4K1;два"), "b.txt, row 3, column position: The value (not shown) is not a number"),
    (("b.txt", "a7;1;1", "a7;№1;1"), "b.txt, row 2, column item: №1 is not allowed"),
    (("b.txt", "basic", "easy"), "b.txt, row 2, column level: easy is not one of: basic, raised, high"),
    (("deep/er/c", "a6,p1,344,took,6а,F,1,2", "a6,p1,344,took,6а,F,1,4"), "deep/er/c, row 2, column primary_score: Score 4 is above the greatest score, 3"),
    (("deep/er/c", "2,,4,4", "2,,6,4"), "deep/er/c, row 2, column mark: 6 is no mark"),
    (("deep/er/c", "2,,4,4", "2,,4,1"), "deep/er/c, row 2, column journal_mark: 1 is no mark"),
    (("deep/er/c", "2,,4,4", '2,,"4,5",4'), "deep/er/c, row 2, column mark: 4,5 is no mark: a whole number"),
    (("deep/er/c", "a6,p1,344,took", "a6,p1,344,"), "deep/er/c, row 2, column status: The cell is empty"),
    (("deep/er/c", "a6,p2,498,absent,6Б,,,", "a6,p2,498,absent,6Б,,,1"), "deep/er/c, row 3, column status: The pupil was absent and has a score"),
    (("deep/er/c", "took,6а,F,1,2,,4,4", "took,6а,F,1,,,,4"), "deep/er/c, row 2, column primary_score: The pupil took the work and has no score"),
    (("deep/er/c", "a6,p2,498", "a6,p1,344"), "deep/er/c, row 3, column pupil: The same row stands already in deep/er/c, row 2"),
    (("deep/er/c", "a6,p2,498", "a6,p1,498"), "deep/er/c, row 3, column pupil: The same pupil stands in another school in deep/er/c, row 2"),
    (("deep/er/c", "7Б,M", "седьмой,M"), "deep/er/c, row 5, column class: The value (not shown) is not allowed here: the grade, then a letter"),
    (("deep/er/c", "1,3,", "1,2,"), "d.csv, row 2, column primary_score: The points sum to 3 and the results say 2"),
    (("d.csv", ",1,2\n", ",2,2\n"), "d.csv, row 2, column 1: 2 points are more than the task gives, 1"),
    (("d.csv", ",1,2\n", ",-1,2\n"), "d.csv, row 2, column 1: -1 is no number of points"),
    (("d.csv", ",1,2\n", ",?,2\n"), "d.csv, row 2, column 1: ? is no number of points"),
    (("d.csv", "p1,344", "p1,498"), "d.csv, row 2, column school: The points say 498 and the results say 344"),
    (("d.csv", "344,7А", "344,7В"), "d.csv, row 2, column class: The points say 7В and the results say 7А"),
    (("d.csv", "p1,344", "p7,344"), "d.csv, row 2, column pupil: The pupil has points and no row"),
    (("deep/er/c", "a7,p2,498,took,7Б,M,2,,,3", "a7,p2,498,absent,7Б,M,2,,,"), "d.csv, row 3, column pupil: The pupil was absent by the results"),
    (("d.csv", "1,4k1", "1,5"), "d.csv, row 1, column 5: Assessment a7 has no such task"),
    (("d.csv", "1,4k1", "1,5"), "d.csv, row 1, column 4К1: Assessment a7 has this task"),
    (("d.csv", "class,1,4k1", "class,1,1"), "d.csv, row 1, column 1: The heading stands 2 times"),
    (("d.csv", "class,1,4k1", "class,1,4k1,comment"), "d.csv, row 1, column comment: Table responses has no such column"),
    (("d.csv", "7А,1,2", "7А,1"), "d.csv, row 2: The row has 5 cells and the heading 6"),
    (("d.csv", "7А,1,2", "7А,1,2,3"), "d.csv, row 2: The row has 7 cells and the heading 6"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "words"), BAD_CELLS)
def test_a_wrong_cell_is_named_with_file_row_and_column(
    tmp_path: Path, change: tuple[str, str, str], words: str
) -> None:
    name, old, new = change
    assert old in GOOD[name]
    found = findings(tmp_path, GOOD | {name: GOOD[name].replace(old, new, 1)})
    assert any(line.startswith(words) for line in found), found


BAD_FILES = [
    (b"", "The file is empty"),
    (b"\xef\xbb\xbf\r\n \r\n", "The file is empty"),
    (b",,,\r\n,,\r\n", "The file is empty"),
    ("\u0085", "The file is empty"),
    (b"PK\x03\x04" + bytes(100), "This is a workbook or an archive"),
    (b"\xd0\xcf\x11\xe0" + bytes(100), "damaged or was cut short"),
    (b"\x89PNG\r\n\x1a\n" + bytes(50), "not a table of text"),
    (b"assessment\x00,pupil\n", "not a table of text"),
    ("Отчёт за год;;\n1;2;3\n", "The headings fit no table"),
    ("assessment,pupil,school\na,b,c\n", "the nearest is responses, and it lacks: 1, 2, …"),
    ("assessment,pupil,статус\na,b,c\n", "it lacks: school"),
    (RESULTS.replace("a6,p2", 'a6,"p2'), "After row 2 the text is no CSV"),
    ("assessment,pupil,school,status\n", "headings and no rows"),
    (RESULTS.replace("variant", "Фамилия"), "names never enter"),
    (RESULTS.replace("variant", "ФИО ученика"), "names never enter"),
    (RESULTS.replace("variant", "Last name"), "names never enter"),
    (RESULTS.replace("variant", "Дата рождения"), "names never enter"),
]


@pytest.mark.parametrize(("content", "words"), BAD_FILES)
def test_a_file_that_cannot_be_read_is_named_and_the_others_are_read_on(
    tmp_path: Path, content: str | bytes, words: str
) -> None:
    extra = GOOD | {
        "z.csv": content,
        "a.csv": ASSESSMENTS.replace("summer", "spring").replace("2019-2020", "1999-2000"),
    }
    found = findings(tmp_path, extra)
    assert any(line.startswith("z.csv") and words in line for line in found), found
    assert any(line.startswith("a.csv, row 2, column year") for line in found), found


def test_names_are_never_repeated_in_a_message(tmp_path: Path) -> None:
    named = RESULTS.replace("a6,p1", "a6,Иванов Иван").replace("a6,p2,498", "a6,p2,498")
    files = GOOD | {"deep/er/c": named, "n.csv": "Фамилия,assessment,pupil,school,status\nПетров,a6,p5,344,took\n"}
    found = "\n".join(findings(tmp_path, files))
    assert "row 2, column pupil: The value (not shown) is not allowed here" in found
    assert "Иванов" not in found
    assert "Петров" not in found


def test_everything_is_named_at_once(tmp_path: Path) -> None:
    wrong = RESULTS.replace("2,,4,4", "9,,9,9").replace("6а", "?").replace("498", "999")
    found = [
        line for line in findings(tmp_path, {"a.csv": ASSESSMENTS, "b.csv": ITEMS, "c.csv": wrong}) if ", row " in line
    ]
    named = [(line.split(", column ")[0], line.split(", column ")[1].split(":")[0]) for line in found]
    assert {("c.csv, row 2", name) for name in ("class", "primary_score", "mark", "journal_mark")} <= set(named)
    assert {("c.csv, row 3", "school"), ("c.csv, row 5", "school")} <= set(named)
    assert found == sorted(found, key=lambda line: int(line.split("row ")[1].split(",")[0]))


def test_read_tables_names_the_first_and_counts_the_rest(tmp_path: Path) -> None:
    put(tmp_path, GOOD | {"deep/er/c": RESULTS.replace("344", "999").replace("498", "998").replace(",4\n", ",7\n")})
    with pytest.raises(DataError) as caught:
        intake.read_tables(cluster(), ROOT, tmp_path)
    text = str(caught.value)
    assert "deep/er/c, строка 2, столбец school: Школы 999 нет в реестре" in text
    faults = len(intake.check(cluster(), ROOT, [tmp_path]).faults)
    assert f"ещё {faults - intake.SHOWN};" in text
    assert str(pickle.loads(pickle.dumps(caught.value))) == text  # noqa: S301
    with language.used("en"):
        assert "School 999 is not registered" in str(caught.value)


def test_an_empty_folder_and_a_folder_without_results_are_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="нет файлов"):
        intake.read_tables(cluster(), ROOT, tmp_path)
    with pytest.raises(DataError, match="нет результатов"):
        intake.read_tables(cluster(), ROOT, put(tmp_path, {"a.csv": ASSESSMENTS}))


def test_a_file_alone_is_checked_for_what_it_can_be(tmp_path: Path) -> None:
    put(tmp_path, {"c.csv": RESULTS.replace(",4\n", ",7\n", 1).replace("M,2,,,3", "M,2,,,")})
    found = intake.check(cluster(), ROOT, [tmp_path / "c.csv"]).findings
    assert {finding.severity for finding in found if finding.column is None} == {"warning"}
    assert [finding.row for finding in found if finding.severity == "fault"] == [2]


def test_hidden_files_and_those_of_an_open_editor_are_left(tmp_path: Path) -> None:
    assert findings(tmp_path, GOOD | {".made-by": "x", "~$c.xlsx": b"PK\x03\x04"}) == []


def test_a_message_in_russian(tmp_path: Path) -> None:
    put(tmp_path, GOOD | {"d.csv": RESPONSES.replace(",1,2\n", ",7,2\n")})
    lines = [str(finding) for finding in intake.check(cluster(), ROOT, [tmp_path]).findings]
    assert (
        "d.csv, строка 2, столбец 1: Баллов 7 — больше, чем даёт задание (1): исправьте баллы или наибольший балл задания."
        in lines
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=200), st.text(max_size=200).map(str.encode)))
def test_any_bytes_are_read_or_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(content)
    try:
        said = tidy.read(open_sheets(path), Context(ROOT, cluster(), "any")).layout
    except DataError as error:
        said = str(error)
    assert said


DAMAGE = {
    "name": st.sampled_from(sorted(GOOD)),
    "place": st.integers(0, 400),
    "piece": st.text(alphabet='",;\n\r x0-9ЖX.{}%', max_size=4),
}


def damaged(folder: Path, name: str, place: int, piece: str) -> None:
    """Overwrite a few characters of a good table; the check must say something in words, or nothing, and not break."""
    text = GOOD[name]
    place %= len(text)
    put(folder, GOOD | {name: text[:place] + piece + text[place + len(piece) :]})
    assert all(str(finding) for finding in intake.check(cluster(), ROOT, [folder]).findings)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(**DAMAGE)
def test_a_damaged_table_never_breaks_the_check(tmp_path: Path, name: str, place: int, piece: str) -> None:
    damaged(tmp_path, name, place, piece)


@pytest.mark.slow
@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(**DAMAGE)
def test_many_damaged_tables_never_break_the_check(tmp_path: Path, name: str, place: int, piece: str) -> None:
    damaged(tmp_path, name, place, piece)
