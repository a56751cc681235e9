"""Each check finds what it is for, and nothing in tables that are right."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from oko.records import checks, received
from oko.records.cluster import Cluster, School, Words
from oko.records.readers import FILE, ROW, SHEET, Finding, RawTable
from oko.records.scoring import scored

ROOT = Path(__file__).parents[3]
WORK = "vpr-physics-7-spring-2021"


def cluster() -> Cluster:
    schools = tuple(School(code=code, name=Words(ru=code, en=code)) for code in ("344", "498"))
    return Cluster(code="x", name=Words(ru="К", en="C"), years=("2019-2020", "2020-2021"), schools=schools)


def table(kind: str, rows: list[dict[str, str]], *, implied: bool = False, file: str = "f") -> RawTable:
    frame = pd.DataFrame(rows).fillna("").astype("str")
    frame[FILE], frame[SHEET], frame[ROW] = file, "", range(2, len(frame) + 2)
    return RawTable(kind, file, frame.astype({FILE: "str", SHEET: "str"}), implied=implied, grade="7")


def right() -> dict[str, list[dict[str, str]]]:
    """Physics 7 of 2021 in its real structure, two pupils: each earns 1 on the first task."""
    maxima = [1, 2, 1, 1, 1, 1, 2, 1, 2, 3, 3]
    tasks = {str(place): str(most) for place, most in enumerate(maxima, start=1)}
    points = {"1": "1", **dict.fromkeys(list(tasks)[1:], "0")}
    return {
        "assessments": [
            {
                "assessment": WORK, "procedure": "vpr", "subject": "physics", "year": "2020-2021", "season": "spring",
                "material_grade": "7", "pupil_grade": "7", "max_score": "18",
            },
            {
                "assessment": "before", "procedure": "control", "subject": "physics", "year": "2019-2020",
                "season": "spring", "material_grade": "6", "pupil_grade": "6", "max_score": "5",
            },
        ],
        "items": [
            {"assessment": WORK, "item": item, "position": item, "max_score": most} for item, most in tasks.items()
        ],
        "results": [
            {
                "assessment": WORK, "pupil": pupil, "school": school, "class": "а", "sex": "м", "variant": "1",
                "primary_score": "1", "mark": "2", "journal_mark": "4", "status": "took",
            }
            for pupil, school in (("p1", "344"), ("p2", "498"))
        ],
        "responses": [
            {"assessment": WORK, "pupil": pupil, "school": school, "class": "а", **points}
            for pupil, school in (("p1", "344"), ("p2", "498"))
        ],
        "schools": [{"school": "s1", "role": "comparison", "kind": "school"}],
    }  # fmt: skip


def found(tables: dict[str, list[dict[str, str]]], *, implied: tuple[str, ...] = ()) -> list[Finding]:
    raw = [table(kind, rows, implied=kind in implied) for kind, rows in tables.items() if rows]
    made, of_cells, _ = received.stack(cluster(), ROOT, raw, whole=True)
    return [*of_cells, *checks.agreement(scored(made), alone=False)]


def test_nothing_is_found_in_tables_that_are_right() -> None:
    assert found(right()) == []
    assert found(right(), implied=("assessments", "items")) == []


def changed(kind: str, place: int, **cells: str) -> dict[str, list[dict[str, str]]]:
    tables = right()
    tables[kind][place] = {**tables[kind][place], **cells}
    return tables


def more(kind: str, **cells: str) -> dict[str, list[dict[str, str]]]:
    tables = right()
    tables[kind].append({**tables[kind][-1], **cells})
    return tables


PASSPORT = {
    "instrument": WORK, "item": "1", "subject": "physics", "grade": "7", "content": "Прибор", "level": "basic",
    "max_score": "1", "answer_type": "choice", "right_option": "б", "status": "draft",
}  # fmt: skip
CHOSEN = {"assessment": WORK, "pupil": "p1", "school": "344", "item": "1", "option": "Б"}


def with_key(**more: list[dict[str, str]]) -> dict[str, list[dict[str, str]]]:
    return {**right(), "passports": [PASSPORT], **more}


FAULTS = {
    "empty": changed("items", 0, max_score=""),
    "points": changed("responses", 0, **{"1": "?"}),
    "mark": changed("results", 0, journal_mark="6"),
    "sex": changed("results", 0, sex="x"),
    "number": changed("results", 0, primary_score="много"),
    "range": changed("assessments", 0, material_grade="70"),
    "listed": changed("assessments", 0, season="лето"),
    "form": changed("assessments", 0, procedure="ВПР"),
    "comparison_role": changed("schools", 0, role="cluster"),
    "own_school_listed": changed("schools", 0, school="344"),
    "school_registered": changed("results", 0, school="999"),
    "year_listed": changed("assessments", 0, year="2017-2018"),
    "assessment_declared": changed("items", 0, assessment="nowhere"),
    "prior_declared": changed("assessments", 0, prior="nowhere"),
    "prior_earlier": changed("assessments", 1, prior=WORK),
    "invented_rows": changed("results", 0, example="true"),
    "maxima_sum": changed("assessments", 0, max_score="17"),
    "tasks_there": more("items", item="12", position="12", max_score="0.5"),
    "tasks_known": changed("responses", 0, **{"12": "1"}),
    "points_in_range": changed("responses", 0, **{"1": "2"}),
    "row_once": more("results"),
    "one_school_a_pupil": more("results", school="344"),
    "score_in_range": changed("results", 0, primary_score="19"),
    "absent_unscored": changed("results", 0, status="absent"),
    "result_known": more("results", pupil="p3", primary_score="", mark=""),
    "points_have_result": changed("results", 0, pupil="p9"),
    "same_place": changed("responses", 0, **{"class": "б"}),
    "absent_unanswered": changed("results", 0, status="absent", primary_score="", mark=""),
    "points_sum": changed("results", 0, primary_score="2"),
    "mark_by_scale": changed("results", 0, mark="5"),
    "variant_given": changed("results", 0, variant=""),
    "option_key_known": changed("responses", 0, **{"1": "Б"}),
    "option_points": with_key(options=[{**CHOSEN, "option": "А"}]),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_check_finds_what_it_is_for(name: str) -> None:
    assert name in {finding.check for finding in found(FAULTS[name])}


def test_letters_and_a_table_of_options_agree_with_the_key() -> None:
    assert found(with_key(options=[CHOSEN])) == []
    assert found({**changed("responses", 0, **{"1": "Б"}), "passports": [PASSPORT]}) == []
    (finding,) = found({**changed("responses", 0, **{"1": "В"}), "passports": [PASSPORT]})
    assert finding.check == "points_sum"  # a wrong option gives no point, and the results say 1


@pytest.mark.parametrize("change", [{"item": "11", "option": "А"}, {"pupil": "p3"}])
def test_an_option_without_a_key_passes_and_one_without_points_does_not(change: dict[str, str]) -> None:
    faults = [finding.check for finding in found(with_key(options=[{**CHOSEN, **change}]))]
    assert faults == ([] if "item" in change else ["option_points"])


def test_an_option_that_stands_twice_is_found_once() -> None:
    faults = found(with_key(options=[CHOSEN, CHOSEN]))
    assert [finding.check for finding in faults] == ["row_once"]
    tables = {**changed("responses", 0, **{"1": "Б"}), "passports": [PASSPORT]}
    tables["responses"].append(tables["responses"][0])
    assert [finding.check for finding in found(tables)] == ["row_once"]
    del tables["responses"][-1]
    assert [finding.check for finding in found({**tables, "options": [CHOSEN]})] == ["row_once"]


def test_files_that_imply_different_maxima_disagree() -> None:
    tables = right()
    raw = [table(kind, rows, implied=kind in {"assessments", "items"}) for kind, rows in tables.items()]
    other = [{**tables["items"][0], "max_score": "2"}]
    made, _, _ = received.stack(cluster(), ROOT, [*raw, table("items", other, implied=True, file="g")])
    (finding,) = [f for f in checks.agreement(made, alone=False) if f.check == "maxima_agree"]
    assert (finding.file, finding.row, finding.severity) == ("g", None, "fault")


def test_a_maximum_that_is_not_the_printed_one_is_a_warning() -> None:
    tables = changed("items", 0, max_score="2")
    tables["items"][1]["max_score"] = "1"
    findings = [f for f in found(tables, implied=("items",)) if f.check == "heading_maximum"]
    assert [f.severity for f in findings] == ["warning", "warning"]


def test_files_about_one_work_say_the_same() -> None:
    tables = right()
    raw = [table(kind, rows, implied=kind in {"assessments", "items"}) for kind, rows in tables.items()]
    other = [{**tables["assessments"][0], "subject": "chemistry"}]
    made, _, _ = received.stack(cluster(), ROOT, [*raw, table("assessments", other, implied=True, file="g")])
    (finding,) = [f for f in checks.agreement(made, alone=False) if f.check == "work_agrees"]
    assert finding.file == "g"


def test_every_check_has_its_test() -> None:
    elsewhere = {"opened", "recognised", "shape", "maxima_agree", "heading_maximum", "work_agrees"}
    elsewhere |= {"roster", "percents", "school_line"}  # tested with their readers
    list(checks.agreement(received.stack(cluster(), ROOT, [])[0], alone=False))
    assert set(FAULTS) | elsewhere == set(checks.CHECKS)


def test_an_absent_pupil_a_zero_x_not_covered_and_missing_stay_five_things() -> None:
    tables = right()
    cells = {"2": "0", "3": "х", "4": "не пройд.", "5": ""}
    tables["responses"][0] |= cells
    tables["results"][1] |= {"variant": "ОТСУТствовал", "primary_score": "", "mark": "", "status": ""}
    for row in tables["results"]:
        del row["status"]
    tables["responses"] = tables["responses"][:1]
    raw = [table(kind, rows) for kind, rows in tables.items()]
    made, findings, changes = received.stack(cluster(), ROOT, raw)
    assert [*findings, *checks.agreement(made, alone=False)] == []
    assert made.results["status"].tolist() == ["took", "absent"]
    row = made.responses[0].iloc[0]
    assert (row["2"], row["2 X"], row["2 N"]) == (0, False, False)
    assert (row["3"], row["3 X"], row["3 N"]) == (0, True, False)
    assert pd.isna(row["4"])
    assert (row["4 X"], row["4 N"]) == (False, True)
    assert pd.isna(row["5"])
    assert (row["5 X"], row["5 N"]) == (False, False)
    assert {(c.given, c.kept, c.n) for c in changes if c.column == "tasks"} == {("х", "X", 1), ("не пройд.", "N", 1)}
