"""Protocols of ОГЭ and ЕГЭ: what is written is read back without names, and masks that do not fit are named."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oko import language
from oko.errors import DataError
from oko.records.cluster import Cluster, School, Words
from oko.records.pseudonyms import Pseudonyms
from oko.records.readers import RawTable, Reading
from oko.records.readers import exams as reader
from oko.records.readers.context import Context, Told, Work
from oko.records.readers.exam_blocks import without_names
from oko.records.readers.exam_masks import points
from oko.records.readers.sheets import Sheet, open_sheets
from oko.records.writers import Sitting, exams, write_workbook

ROOT = Path(__file__).parents[3]
KEY = Pseudonyms("invented", bytes(range(32)))
MATHEMATICS = Work("oge", "mathematics", "2020-2021", "spring", 9, 9)
CHEMISTRY = Work("oge", "chemistry", "2020-2021", "spring", 9, 9)
PROFILE = Work("ege", "mathematics", "2019-2020", "spring", 11, 11)
NAMES = ("Придумова", "Выдуманцев", "Небылицына", "Сказочников")
SECRETS = (*NAMES, *(name.upper() for name in NAMES), "Аделаида", "Эразмовна", "4000", "90000", "21000000")
HEADINGS = (
    "№", "Код ОО", "Класс", "Код ППЭ", "Аудитория", "Код участника", "Фамилия", "Имя", "Отчество", "Серия", "Номер",
    "Ответы в краткой форме", "Ответы в развернутой форме", "Первичный балл", "Оценка",
)  # fmt: skip


def context(file: str = "protocol.xlsx", pseudonyms: Pseudonyms | None = KEY, **told: object) -> Context:
    named = Words(ru="Учебный", en="Training")
    schools = tuple(School(code=code, name=named, logins=(f"99000{code}",)) for code in ("1", "2"))
    cluster = Cluster(code="invented", name=named, example=True, years=("2020-2021",), schools=schools)
    return Context(ROOT, cluster, file, Told.model_validate(told), pseudonyms)


def sitting(work: Work, maxima: Sequence[int], seed: int = 1) -> Sitting:
    """Four invented pupils; the last was absent, the first has full points."""
    rng = np.random.default_rng(seed)
    items = pd.DataFrame({"item": [str(n + 1) for n in range(len(maxima))], "max_score": maxima})
    got = rng.integers(0, np.array(maxima) + 1, (4, len(maxima)))
    got[0] = maxima
    pupils = pd.DataFrame(
        {
            "school": ["1", "1", "2", "2"], "login": ["990001", "990001", "990002", "990002"],
            "code": ["90001", "90002", "90001", "90002"], "letter": list("АБАБ"), "variant": [1, 2, 1, 2],
            "status": ["took"] * 3 + ["absent"], "surname": NAMES, "name": "Аделаида", "patronymic": "Эразмовна",
            "primary_score": got.sum(axis=1),
        }
    )  # fmt: skip
    pupils["primary_score"] = pupils["primary_score"].astype("Int64").mask(pupils["status"] == "absent")
    pupils["mark"] = pd.array([5, 3, 4, None], dtype="Int64")
    pupils["test_score"] = pd.array([100, 50, 62, None], dtype="Int64")
    cells = pd.DataFrame(got.astype("str"), pupils.index, items["item"])
    return Sitting(work, items.assign(position=range(1, len(maxima) + 1)), pupils, cells)


def sheet(*rows: Sequence[str]) -> tuple[Sheet, ...]:
    width = max(len(row) for row in rows)
    return (Sheet("Page 1", pd.DataFrame([[*row, *[""] * (width - len(row))] for row in rows], dtype="str")),)


def protocol(*lines: tuple[str, ...], title: str = "04 - Химия 2021.05.20") -> tuple[Sheet, ...]:
    """Make a dense protocol; a line holds surname, short mask, long mask, primary score and mark."""
    rows = [
        ("1", "990001", "9А", "344", "0001", "", surname, "Аделаида", "Эразмовна", "4000", "900001", *rest)
        for surname, *rest in lines
    ]
    return sheet((title,), HEADINGS, *rows, ("Средние",))


def read(sheets: Sequence[Sheet], known: Context | None = None) -> Reading:
    (layout,) = [layout for layout in reader.LAYOUTS if layout.recognises(sheets)]
    return layout.read(sheets, known or context())


def tables(reading: Reading, kind: str) -> list[RawTable]:
    return [table for table in reading.tables if table.kind == kind]


def frame(reading: Reading, kind: str) -> pd.DataFrame:
    (found,) = tables(reading, kind)
    return found.frame


def messages(reading: Reading, severity: str = "fault") -> list[str]:
    with language.used("en"):
        return [str(finding) for finding in reading.findings if finding.severity == severity]


def pseudonym(school: str, surname: str) -> str:
    return KEY.of_name(school, surname, "Аделаида", "Эразмовна")


def test_masks_of_the_fact_sheet() -> None:
    found = points(pd.Series(["+++2++++"]), pd.Series(["1(1)2(3)1(2)"]), pd.Series([13.0]))
    assert found.cells.iloc[0].tolist() == ["1", "1", "1", "2", "1", "1", "1", "1", "1", "2", "1"]
    assert found.maxima.tolist() == [1, 1, 1, 2, 1, 1, 1, 1, 1, 3, 2]
    assert found.maxima.index.tolist() == [str(n) for n in range(1, 12)]
    assert found.faults == ()


def test_mathematics_has_19_short_and_6_long_tasks_and_31_points() -> None:
    found = points(pd.Series(["+" * 19]), pd.Series(["0(2)" * 6]), pd.Series([19.0]))
    assert (len(found.maxima), int(found.maxima.sum())) == (25, 31)
    assert found.cells.iloc[0].tolist() == ["1"] * 19 + ["0"] * 6


def test_a_plus_beside_digits_is_full_points() -> None:
    found = points(pd.Series(["+1", "++", "-2"]), pd.Series(["", "", ""]), pd.Series([2.0, 3.0, 2.0]))
    assert found.cells.to_numpy().tolist() == [["1", "1"], ["1", "2"], ["0", "2"]]
    assert found.maxima.tolist() == [1, 2]
    assert found.faults == ()


def test_a_digit_alone_tells_a_task_of_two_points() -> None:
    assert points(pd.Series(["+1", "-0"]), pd.Series(["", ""]), pd.Series([2.0, 0.0])).maxima.tolist() == [1, 2]


def test_scores_that_determine_what_plus_is_worth_are_believed() -> None:
    masks = pd.Series(["++-", "-++", "+-+", "---", "+++"])
    found = points(masks, pd.Series([""] * 5), pd.Series([3.0, 3.0, 2.0, 0.0, 4.0]))
    assert found.maxima.tolist() == [1, 2, 1]
    assert found.cells["2"].tolist() == ["2", "2", "0", "0", "2"]
    assert found.faults == ()


def test_scores_that_leave_open_which_task_gives_more_are_not_explained_away() -> None:
    found = points(pd.Series(["++", "--", "++", "--"]), pd.Series([""] * 4), pd.Series([3.0, 0.0, 3.0, 0.0]))
    assert [fault.row for fault in found.faults] == [0, 2]
    assert found.maxima.tolist() == [1, 1]


def test_one_wrong_total_does_not_change_what_plus_is_worth() -> None:
    masks = pd.Series(["++-", "-++", "+-+", "--+", "+++"])
    found = points(masks, pd.Series([""] * 5), pd.Series([2.0, 2.0, 2.0, 1.0, 9.0]))
    assert [(fault.row, fault.values) for fault in found.faults] == [(4, {"sum": 3, "given": "9"})]
    assert found.maxima.tolist() == [1, 1, 1]
    assert found.cells.index.tolist() == [0, 1, 2, 3]


def test_a_task_that_nobody_solved_has_no_known_maximum() -> None:
    found = points(pd.Series(["+-", "+-"]), pd.Series(["", ""]), pd.Series([1.0, 1.0]))
    assert found.maxima.isna().tolist() == [False, True]
    assert found.cells["2"].tolist() == ["0", "0"]


@pytest.mark.parametrize(
    ("short", "long", "words"),
    [
        ("+++", "1(2)", "has 3 tasks, and most masks of this exam have 4"), ("+а+-", "1(2)", "something else than +"),
        ("++--", "1(2)0(2)", "has 2 tasks, and most masks of this exam have 1"), ("++--", "1(3)", "not those of the other"),
        ("++--", "3(2)", "not made of pairs"), ("++--", "1/2", "not made of pairs"),
    ],
)  # fmt: skip
def test_a_mask_unlike_the_others_is_a_fault_of_its_row(short: str, long: str, words: str) -> None:
    line = ("Выдуманцев", short, long, "3", "4")
    reading = read(protocol(("Придумова", "++--", "1(2)", "3", "4"), line, ("Небылицына", "++-+", "2(2)", "5", "5")))
    found = [message for message in messages(reading) if words in message or "not shown" in message]
    assert found
    assert all("row 4" in message for message in messages(reading))
    assert frame(reading, "responses")["#row"].tolist() == [3, 5]


def test_a_total_that_does_not_add_up_is_a_fault_with_its_row() -> None:
    reading = read(protocol(*[("Придумова", "+2", "1(2)", score, "4") for score in ("4", "4", "5")]))
    (message,) = messages(reading)
    assert "row 5, column Ответы в краткой форме: The mask adds up to 4, and the primary score is 5" in message
    assert frame(reading, "responses")["#row"].tolist() == [3, 4]


def test_masks_that_do_not_fit_as_a_whole_are_one_fault() -> None:
    reading = read(protocol(*[("Придумова", "++", "1(2)", score, "4") for score in ("7", "9", "8")]))
    (message,) = messages(reading)
    assert "In 3 of 3 rows" in message
    assert "row" not in message.partition(":")[0]


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
def test_stacked_exams_of_grade_9_come_back(tmp_path: Path, sparse: bool) -> None:
    first, second = sitting(MATHEMATICS, [1] * 19 + [2] * 6), sitting(CHEMISTRY, [1, 2, 1, 1, 3, 4], seed=2)
    reading = read(open_sheets(exams.write_oge(tmp_path / "oge.xlsx", [first, second], sparse)))
    assert messages(reading) == []
    assert reading.layout == "oge-protocol"
    declared = [table.frame.iloc[0] for table in tables(reading, "assessments")]
    assert [row["assessment"] for row in declared] == ["oge-mathematics-9-spring-2021", "oge-chemistry-9-spring-2021"]
    assert [row["max_score"] for row in declared] == ["31", "12"]
    for given, got in zip((first, second), tables(reading, "responses"), strict=True):
        assert got.frame[given.items["item"].tolist()].to_numpy().tolist() == given.cells.iloc[:3].to_numpy().tolist()
    for given, got in zip((first, second), tables(reading, "items"), strict=True):
        assert got.implied
        assert got.frame["max_score"].tolist() == [str(most) for most in given.items["max_score"]]
    result = tables(reading, "results")[0]
    assert result.grade == ""
    assert result.frame["class"].tolist() == ["9А", "9Б", "9А", "9Б"]
    assert result.frame["school"].tolist() == ["1", "1", "2", "2"]
    assert result.frame["status"].tolist() == ["took", "took", "took", "absent"]
    assert result.frame["mark"].tolist() == ["5", "3", "4", ""]
    assert result.frame["primary_score"].tolist() == [*first.pupils["primary_score"][:3].astype("str"), ""]
    expected = [pseudonym(*key) for key in zip(first.pupils["school"], NAMES, strict=True)]
    assert result.frame["pupil"].tolist() == expected


@pytest.mark.parametrize("sparse", [False, True], ids=["dense", "sparse"])
def test_grade_11_has_test_scores_and_july_of_2020_is_spring(tmp_path: Path, sparse: bool) -> None:
    given = sitting(PROFILE, [1] * 12 + [2, 2, 2, 3, 3, 4, 4])
    reading = read(open_sheets(exams.write_ege(tmp_path / "ege.xlsx", [given], sparse)))
    assert messages(reading) == []
    assert reading.layout == "ege-protocol"
    work = frame(reading, "assessments").iloc[0]
    assert work[["assessment", "year", "season"]].tolist() == ["ege-mathematics-11-spring-2020", "2019-2020", "spring"]
    assert work[["material_grade", "pupil_grade", "max_score"]].tolist() == ["11", "11", "32"]
    result = frame(reading, "results")
    assert result["test_score"].tolist() == ["100", "50", "62", ""]
    assert "mark" not in result
    assert ("variant" in result) is not sparse


def test_csv_takes_subject_and_date_from_its_name(tmp_path: Path) -> None:
    given = sitting(MATHEMATICS, [1] * 19 + [2] * 6)
    path = exams.write_csv(tmp_path / "02_2021.05.27 математика.csv", given)
    reading = read(open_sheets(path), context(path.name))
    assert messages(reading) == []
    assert frame(reading, "assessments")["assessment"].tolist() == ["oge-mathematics-9-spring-2021"]
    assert frame(reading, "results")["#row"].tolist() == [2, 3, 4, 5]
    assert frame(reading, "results")["mark"].tolist() == ["5", "3", "4", ""]


def test_csv_whose_name_tells_the_code_alone_asks_for_the_subject(tmp_path: Path) -> None:
    path = exams.write_csv(tmp_path / "02_2021.05.27.csv", sitting(MATHEMATICS, [1] * 19 + [2] * 6))
    with pytest.raises(DataError, match="subject"):
        read(open_sheets(path), context(path.name))
    reading = read(open_sheets(path), context(path.name, subject="mathematics"))
    assert frame(reading, "assessments")["year"].tolist() == ["2020-2021"]


def everything(reading: Reading) -> str:
    """All that a reading refers to, as text."""
    with language.used("en"):
        said = [str(finding) for finding in reading.findings]
    frames = [table.frame.to_csv() + repr(table.frame.attrs) + repr(table.headings) for table in reading.tables]
    return "\n".join([repr(reading), *said, *frames])


@pytest.mark.parametrize("kind", ["oge", "oge sparse", "ege", "ege sparse", "csv"])
def test_no_name_and_no_document_is_kept(tmp_path: Path, kind: str) -> None:
    work = PROFILE if "ege" in kind else MATHEMATICS
    given = sitting(work, [1] * 12 + [2] * 6)
    path = tmp_path / "p.xlsx"
    if kind == "csv":
        path = exams.write_csv(tmp_path / "02_2021.05.27 математика.csv", given)
    else:
        write = exams.write_ege if "ege" in kind else exams.write_oge
        write(path, [given], sparse="sparse" in kind)
    sheets = open_sheets(path)
    assert any(secret in sheet.frame.to_csv() for secret in SECRETS for sheet in sheets)
    held = everything(read(sheets, context(path.name))) + "".join(
        without_names(sheet).frame.to_csv() for sheet in sheets
    )
    assert [secret for secret in SECRETS if secret in held] == []


def test_a_sheet_without_names_reads_as_before(tmp_path: Path) -> None:
    sheets = open_sheets(exams.write_oge(tmp_path / "oge.xlsx", [sitting(CHEMISTRY, [1, 2, 1, 3])], sparse=True))
    stripped = without_names(sheets[0])
    assert stripped.frame.shape == sheets[0].frame.shape
    reading = read([stripped])
    assert len([message for message in messages(reading) if "neither a name nor a code" in message]) == 3


def test_names_in_shifted_cells_are_not_quoted() -> None:
    shifted = (
        "1",
        "Придумова",
        "9А",
        "",
        "",
        "",
        "Аделаида",
        "",
        "",
        "",
        "",
        "Выдуманцев",
        "Небылицына",
        "3",
        "Сказочников",
    )
    good = ("1", "990001", "9А", "", "", "", "Иксов", "", "", "", "", "+++", "", "3", "4")
    reading = read(sheet(("04 - Химия 2021.05.20",), HEADINGS, shifted, good))
    assert [secret for secret in NAMES if secret in everything(reading)] == []
    assert [message.partition(":")[0].rpartition("column ")[2] for message in messages(reading)] == [
        "Код ОО", "Ответы в краткой форме", "Ответы в развернутой форме", "Оценка",
    ]  # fmt: skip


def test_without_a_key_files_with_names_are_refused() -> None:
    with pytest.raises(DataError) as refused:
        read(protocol(("Придумова", "+", "", "1", "2")), context(pseudonyms=None))
    assert "oko init" in str(refused.value)
    assert "Придумова" not in str(refused.value)


def test_without_names_the_code_tells_participants_apart() -> None:
    headings = [heading for heading in HEADINGS if heading not in ("Фамилия", "Имя", "Отчество", "Серия", "Номер")]
    row = ("1", "990001", "9А", "344", "0001", "90007", "++", "", "2", "3")
    result = frame(read(sheet(("04 - Химия 2021.05.20",), headings, row), context(pseudonyms=None)), "results")
    assert result["code"].tolist() == ["90007"]
    assert "pupil" not in result


def test_one_person_has_one_pseudonym_in_two_exams_and_spellings() -> None:
    rows = protocol(("Придумова", "+", "", "1", "2"))[0].frame, protocol(("ПРИДУМОВА ", "+", "", "1", "2"))[0].frame
    whole = pd.concat([rows[0], rows[1].replace("04 - Химия 2021.05.20", "03 - Физика 2021.05.22")], ignore_index=True)
    reading = read([Sheet("", whole)])
    (first, second) = (table.frame for table in tables(reading, "results"))
    assert first["pupil"].tolist() == second["pupil"].tolist() == [pseudonym("1", "Придумова")]


@pytest.mark.parametrize("words", ["не явился", "Неявка", "н/я", "отсутствовал"])
def test_whoever_did_not_come_is_absent(words: str) -> None:
    lines = [("Придумова", "+2", "", "3", "4"), ("Выдуманцев", words, "", "", ""), ("Небылицына", "", "", words, "")]
    reading = read(protocol(*lines, ("Сказочников", "", "", "", "")))
    assert messages(reading) == []
    assert frame(reading, "results")["status"].tolist() == ["took", "absent", "absent", "absent"]
    assert len(frame(reading, "responses")) == 1


def test_a_lone_dash_is_no_mask_and_no_score() -> None:
    reading = read(protocol(("Придумова", "+2", "", "3", "4"), ("Выдуманцев", "-", "-", "–", "-")))
    assert messages(reading) == []
    assert frame(reading, "results")["status"].tolist() == ["took", "absent"]


def test_the_name_of_an_exam_is_believed_and_not_its_code() -> None:
    reading = read(protocol(("Придумова", "+2", "", "3", "4"), title="12 - Физика 2021.05.20"))
    assert frame(reading, "assessments")["subject"].tolist() == ["physics"]


@pytest.mark.parametrize("name", ["Русский язык", "Математика (базовый уровень)", "Обществознание"])
def test_an_exam_that_the_workbench_does_not_know_is_left_out_and_said(name: str) -> None:
    whole = pd.concat(
        [
            protocol(("Придумова", "++", "", "2", "4"), title=f"01 - {name} 2021.05.24")[0].frame,
            protocol(("Придумова", "+2", "", "3", "4"))[0].frame,
        ],
        ignore_index=True,
    )
    reading = read([Sheet("Page 1", whole)])
    assert any(f"“{name}” was left out" in message for message in messages(reading, "warning"))
    assert frame(reading, "assessments")["subject"].tolist() == ["chemistry"]


def test_an_exam_without_headings_is_said() -> None:
    sheets = protocol(("Придумова", "+2", "", "3", "4"))
    lost = pd.concat([sheets[0].frame, sheet(("03 - Физика 2021.05.22", *[""] * 14))[0].frame], ignore_index=True)
    reading = read([Sheet("Page 1", lost)])
    assert any("row 5" in message and "no headings" in message for message in messages(reading, "warning"))


def test_rows_after_the_means_are_nobody() -> None:
    rows = [
        *protocol(("Придумова", "+2", "", "3", "4"))[0].frame.itertuples(index=False),
        ("Председатель", *["Сказочников"] * 14),
    ]
    reading = read(sheet(*rows))
    assert len(frame(reading, "results")) == 1


def test_unsolved_tasks_follow_from_the_structure_where_it_fits() -> None:
    lines = [("Придумова", "+" * 18 + "-", "0(2)" * 6, "18", "4")]
    known = frame(read(protocol(*lines, title="02 - Математика 2021.05.27")), "items")
    assert known["max_score"].tolist() == ["1"] * 19 + ["2"] * 6
    reading = read(protocol(*lines, title="04 - Химия 2021.05.20"))
    assert frame(reading, "items")["max_score"].tolist() == [*["1"] * 18, "", *["2"] * 6]
    assert frame(reading, "assessments")["max_score"].tolist() == [""]
    assert any("say their greatest scores: 19." in message for message in messages(reading, "warning"))


def test_an_exam_of_another_size_than_remembered_is_a_warning() -> None:
    reading = read(protocol(("Придумова", "+2", "", "3", "2")))
    (message,) = messages(reading, "warning")
    assert "2 tasks and 3 points" in message
    assert "24 tasks and 40 points (unconfirmed)" in message


def test_signs_read_as_points_are_counted() -> None:
    reading = read(protocol(("Придумова", "+-2", "", "3", "4"), ("Выдуманцев", "++1", "", "3", "4")))
    assert {(change.given, change.kept): change.n for change in reading.changes} == {("+", "1"): 3, ("-", "0"): 1}


def test_a_protocol_without_schools_takes_the_one_that_was_told() -> None:
    rows = [HEADINGS[2:], ("9А", "", "", "", "Придумова", "А", "Б", "", "", "+2", "", "3", "4")]
    with pytest.raises(DataError, match=r"received\.toml"):
        read(sheet(("04 - Химия 2021.05.20",), *rows))
    reading = read(sheet(("04 - Химия 2021.05.20",), *rows), context(school="2"))
    assert frame(reading, "results")["school"].tolist() == ["2"]


def of_two_schools(other: str = "990002") -> tuple[Sheet, ...]:
    (whole,) = protocol(("Придумова", "+2", "", "3", "4"), ("Выдуманцев", "+1", "", "2", "3"))
    frame = whole.frame.copy()
    frame.iloc[3, 1] = other
    return (Sheet("Page 1", frame),)


def test_rows_of_another_school_than_was_told_are_faults() -> None:
    (message,) = messages(read(of_two_schools(), context(school="1")))
    assert "row 4, column Код ОО" in message
    assert "this row is of school 2" in message


def test_rows_of_a_school_that_is_not_registered_are_left_or_compared() -> None:
    reading = read(of_two_schools("995009"), context(others="leave"))
    assert frame(reading, "results")["school"].tolist() == ["1"]
    assert any("1 of 2, schools: 1" in message for message in messages(reading, "warning"))
    reading = read(of_two_schools("995009"), context(others="comparison"))
    assert frame(reading, "schools")["#row"].tolist() == [4]
    assert len(frame(reading, "results")) == 2


def test_a_mark_off_the_scale_is_a_warning_at_its_cell_with_the_scales_status() -> None:
    lines = [("Придумова", "+" * 19, "2(2)" * 6, "31", "4"), ("Выдуманцев", "+" * 19, "0(2)" * 6, "19", "4")]
    reading = read(protocol(*lines, title="02 - Математика 2021.05.27"))
    assert messages(reading) == []
    (message,) = messages(reading, "warning")
    assert message.startswith("protocol.xlsx, sheet Page 1, row 3, column Оценка: Mark 4, where the scale gives 5 for")
    assert "unconfirmed for 2021" in message
    assert {finding.check for finding in reading.findings} == {"mark_by_scale"}


def test_without_two_points_from_geometry_any_mark_but_2_is_a_warning() -> None:
    one = "+" * 14 + "+----"
    lines = [("Придумова", one, "2(2)" * 3 + "0(2)" * 3, "21", mark) for mark in ("4", "2")]
    reading = read(protocol(*lines, title="02 - Математика 2021.05.27"))
    (message,) = [message for message in messages(reading, "warning") if "Mark" in message]
    assert "row 3, column Оценка: Mark 4, where the scale gives 2 for 21 points, 1 from geometry" in message


def test_an_exam_without_a_scale_is_said_once_and_grade_11_has_none() -> None:
    lines = [("Придумова", "++", "", "2", "5"), ("Выдуманцев", "++", "", "2", "5")]
    reading = read(protocol(*lines, title="03 - Физика 2020.06.05"))
    (message,) = [message for message in messages(reading, "warning") if "scale" in message]
    assert "were not compared with a scale" in message
    headings = ["Тестовый балл" if heading == "Оценка" else heading for heading in HEADINGS]
    frame_of = protocol(*lines, title="03 - Физика 2020.06.05")[0].frame
    frame_of.iloc[1] = headings
    assert not any("scale" in message for message in messages(read((Sheet("", frame_of),)), "warning"))


def test_other_tables_are_not_taken_for_protocols(tmp_path: Path) -> None:
    path = write_workbook(tmp_path / "f.xlsx", {"a": [["Код участника", "Первичный балл", "Отметка"], ["70001", 5, 3]]})
    sheets = open_sheets(path)
    assert not any(layout.recognises(sheets) for layout in reader.LAYOUTS)
