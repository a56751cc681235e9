"""The example's intake: the report names each fault that was planted in the raw files, and nothing else."""

from __future__ import annotations

import json

import pytest

from oko.records import intake
from oko.records.readers import Finding
from oko.records.taken import Intake
from oko.runs import intake_report
from oko.workspace import Workspace


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
