"""A tiny project to run studies in, and a loud word about what was skipped."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from oko import language
from oko.records.schema import Tables, conform
from project import Project


@pytest.fixture(autouse=True)
def _russian() -> None:
    language.use("ru")


@pytest.fixture
def tables() -> Tables:
    """Return a copy of its own for each test: checking the columns takes longer than many a test."""
    return deepcopy(_two_schools())


@cache
def _two_schools() -> Tables:
    """Two schools, two assessments (the earlier one is the prior of the later), 12 pupils each."""
    assessments = pd.DataFrame(
        {
            "assessment": ["vpr-mathematics-6", "vpr-mathematics-7"],
            "procedure": "vpr",
            "subject": "mathematics",
            "year": ["2019-2020", "2020-2021"],
            "season": "spring",
            "material_grade": [6, 7],
            "pupil_grade": [6, 7],
            "max_score": [3.0, 3.0],
            "prior": [None, "vpr-mathematics-6"],
            "example": True,
        }
    )
    rows = [
        {
            "assessment": assessment, "school": school, "class": "7А", "pupil": f"{school}-{number}", "status": "took",
            "primary_score": float((number * step) % 4), "mark": 2 + (number * step) % 4, "example": True,
        }
        for assessment, step in (("vpr-mathematics-6", 3), ("vpr-mathematics-7", 5))
        for school in ("344", "498")
        for number in range(12)
    ]  # fmt: skip
    described = assessments.drop(columns=["prior", "example"])
    results = pd.DataFrame(rows).merge(described, on="assessment")
    items = pd.DataFrame(
        {
            "assessment": "vpr-mathematics-7",
            "item": ["1", "2"],
            "position": [1, 2],
            "max_score": [1.0, 2.0],
            "example": True,
        }
    )
    latest = results[results["assessment"] == "vpr-mathematics-7"]
    responses = latest[["assessment", "school", "class", "pupil"]].assign(
        **{
            "1": (latest["primary_score"] > 0).astype(float),
            "1 X": False,
            "2": (latest["primary_score"] - 1).clip(0),
            "2 X": False,
        }
    )
    schools = pd.DataFrame({"school": ["344", "498"], "role": "cluster", "kind": "school", "example": True})
    return Tables(
        schools=conform(schools, "schools"),
        assessments=conform(assessments, "assessments"),
        items=conform(items, "items"),
        results=conform(results, "results"),
        responses={"vpr-mathematics-7": responses.reset_index(drop=True)},
    )


@pytest.fixture
def project(tmp_path: Path, tables: Tables, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv("OKO_WORK", raising=False)
    return Project(tmp_path / "проект с пробелом {x}", tables)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that the browser was not tested; a quiet skip would pass for a test."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "browser" in report.keywords]
    london = [report for report in terminalreporter.stats.get("skipped", []) if "london" in report.keywords]
    if london:
        terminalreporter.section("THE LONDON SCHOOLS WERE NOT TESTED: make test CLUSTER=london", sep="!", yellow=True)
    if skipped:
        terminalreporter.section("THE BOARD WAS NOT TESTED IN A BROWSER", sep="!", red=True, bold=True)
        for report in skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            terminalreporter.write_line(f"{report.nodeid}: {reason}")
        terminalreporter.write_line("Install Chromium (Debian: apt install chromium) and run make test again.")
