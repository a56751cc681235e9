"""The example's intake: the report names each fault that was planted in the raw files, and nothing else."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from oko.records import intake, keys
from oko.records.example.own_works import pseudonyms_of
from oko.records.example.raw import draw
from oko.records.readers import Finding
from oko.records.taken import Intake
from oko.runs import intake_report
from oko.workspace import Workspace

TRUNCATED = "vpr-geography-6-in-7-autumn-2020"


@pytest.fixture(scope="session")
def taken(example: Workspace) -> Intake:
    return intake.check(example.cluster, example.root, [example.raw_folder], whole=True)


@pytest.fixture(scope="session")
def planted(example: Workspace) -> list[dict[str, object]]:
    path = example.work / "truth" / "faults.json"
    return json.loads(path.read_text(encoding="utf-8"))


def at(finding: Finding, fault: dict[str, object]) -> bool:
    """Whether a finding is that of a planted fault; a fault without a row is one of the whole file or of any row."""
    if (finding.file, finding.check, finding.severity) != (fault["file"], fault["check"], fault["expected"]):
        return False
    return fault["row"] is None or (finding.sheet, finding.row, finding.column) == (
        fault["sheet"], fault["row"], fault["column"]
    )  # fmt: skip


def test_each_planted_fault_is_found_at_its_place(taken: Intake, planted: list[dict[str, object]]) -> None:
    expected = [fault for fault in planted if fault["expected"] != "read"]
    assert len(expected) >= 14
    lost = [fault for fault in expected if not any(at(finding, fault) for finding in taken.findings)]
    assert not lost


def test_nothing_is_a_fault_that_was_not_planted(taken: Intake, planted: list[dict[str, object]]) -> None:
    stray = [finding for finding in taken.faults if not any(at(finding, fault) for fault in planted)]
    assert not stray


def test_files_that_only_look_wrong_are_read(taken: Intake, planted: list[dict[str, object]]) -> None:
    files = {state.name: state for state in taken.files}
    odd = [str(fault["file"]) for fault in planted if fault["expected"] == "read"]
    assert len(odd) >= 2
    assert all(files[name].rows and not files[name].refused for name in odd)


def test_the_report_shows_every_planted_fault(
    example: Workspace, taken: Intake, planted: list[dict[str, object]]
) -> None:
    page = intake_report.write_report(example, taken).read_text(encoding="utf-8")
    for fault in planted:
        if fault["expected"] != "read":
            assert str(fault["file"]) in page
    assert "учебные данные" in page.lower()


def test_every_spelling_that_was_made_one_is_counted(taken: Intake) -> None:
    spellings = {(change.given, change.kept) for change in taken.changes}
    assert {("x", "X"), ("х", "X"), ("Х", "X")} <= spellings
    assert all(change.n > 0 for change in taken.changes)


@pytest.fixture(scope="session")
def both(example: Workspace) -> pd.DataFrame:
    """Results as they were drawn beside those that came through files into the store, on assessment and pupil."""
    made = draw(example.cluster, example.root)
    names = pseudonyms_of(made.people.pupils, keys.pseudonyms_for(example.root, example.cluster))
    parts = [one.pupils.assign(assessment=wave.assessment) for (wave, _), one in made.sat.items()]
    drawn = pd.concat(parts).assign(pupil=lambda rows: names.reindex(rows.index))
    columns = ["school", "status", "primary_score", "mark"]
    stored = example.results().set_index(["assessment", "pupil"])[columns]
    drawn = drawn.set_index(["assessment", "pupil"])[columns]
    return drawn.join(stored.add_suffix("_stored"), how="outer")


def test_what_was_drawn_is_what_is_stored(both: pd.DataFrame, planted: list[dict[str, object]]) -> None:
    """Ф1 and protocols of exams list only those who wrote; whoever wrote is missing where a fault was planted alone."""
    assert both["school"].notna().all()
    wrote = both[both["status"] == "took"]
    lost = wrote[wrote["school_stored"].isna()]
    truncated = (lost["school"] == "498") & (lost.index.get_level_values("assessment") == TRUNCATED)
    rows = [fault for fault in planted if fault["expected"] == "fault" and fault["row"] is not None]
    assert truncated.sum() > 80
    assert len(lost[~truncated]) <= len(rows)
    there = both[both["school_stored"].notna()]
    assert len(there) > 30_000
    for column in ("school", "status"):
        assert (there[column] == there[f"{column}_stored"]).all()
    scores = there.dropna(subset="primary_score_stored")
    assert (scores["primary_score"] == scores["primary_score_stored"]).all()
    marked = there.dropna(subset=["mark", "mark_stored"])
    other = marked["mark"].astype("float64") != marked["mark_stored"].astype("float64")
    assert other.sum() == sum(fault["check"] == "mark_by_scale" for fault in planted)
