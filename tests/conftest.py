"""A tiny project to run studies in, and a loud word about what was skipped."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from oko import language
from oko.records import store
from oko.records.schema import Tables, conform
from oko.workspace import Workspace
from oko.workspace import open as open_workspace

CLUSTER = """
code = "tiny"
years = ["2019-2020", "2020-2021"]
example = true
source = "example"
[name]
ru = "Малый кластер"
en = "Tiny cluster"
[agreement]
names_schools = true
[[schools]]
code = "344"
name = { ru = "Лицей № 344", en = "Lyceum 344" }
lead = true
[[schools]]
code = "498"
name = { ru = "Гимназия № 498", en = "Gymnasium 498" }
"""

STUDY = """
[studies.{name}]
template = "school/{name}.ipynb"
unit = "school"
edition = "{edition}"
timeout = {timeout}
title = {{ ru = "Проба", en = "Trial" }}
question = {{ ru = "Вопрос?", en = "Question?" }}
[[studies.{name}.tables]]
name = "counts"
sensitivity = "{edition}"
columns = ["school", "n"]
"""

PARAMETERS = 'cluster = "tiny"\nyear = "2020-2021"\nschool = "344"\nlanguage = "ru"'
BEGIN = 'import oko\npage = oko.runs.begin("{name}", cluster=cluster, year=year, school=school, language=language)'
COUNT = (
    'counts = page.workspace.results(school=school, year=year).groupby("school").size().rename("n").reset_index()\n'
    'page.keep("counts", counts)'
)


@pytest.fixture(autouse=True)
def _russian() -> None:
    language.use("ru")


@pytest.fixture
def tables() -> Tables:
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
        {"assessment": "vpr-mathematics-7", "item": ["1", "2"], "position": [1, 2], "max_score": [1.0, 2.0], "example": True}
    )
    latest = results[results["assessment"] == "vpr-mathematics-7"]
    responses = latest[["assessment", "school", "class", "pupil"]].assign(
        **{"1": (latest["primary_score"] > 0).astype(float), "1 X": False, "2": (latest["primary_score"] - 1).clip(0), "2 X": False}
    )
    schools = pd.DataFrame({"school": ["344", "498"], "role": "cluster", "kind": "school", "example": True})
    return Tables(
        schools=conform(schools, "schools"),
        assessments=conform(assessments, "assessments"),
        items=conform(items, "items"),
        results=conform(results, "results"),
        responses={"vpr-mathematics-7": responses.reset_index(drop=True)},
    )


class Project:
    """A project folder of its own, with one cluster, a store and studies written by the test."""

    def __init__(self, root: Path, tables: Tables) -> None:
        self.root = root
        (root / "data" / "clusters" / "tiny").mkdir(parents=True)
        (root / "data" / "clusters" / "tiny" / "cluster.toml").write_text(CLUSTER, encoding="utf-8")
        (root / "templates" / "school").mkdir(parents=True)
        (root / "templates" / "studies.toml").write_text("", encoding="utf-8")
        (root / "requirements.lock").write_text("", encoding="utf-8")
        store.write(root / "data" / "work" / "tiny" / "store", tables)

    def study(self, name: str, *cells: str, edition: str = "internal", timeout: int = 60) -> None:
        """Add a study whose template has the parameters, the beginning and these code cells."""
        first = nbformat.v4.new_code_cell(PARAMETERS)
        first.metadata["tags"] = ["parameters"]
        sources = [BEGIN.format(name=name), *cells]
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_markdown_cell("## Вопрос"), first, *map(nbformat.v4.new_code_cell, sources)],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        nbformat.write(notebook, self.root / "templates" / "school" / f"{name}.ipynb")
        registry = self.root / "templates" / "studies.toml"
        text = registry.read_text(encoding="utf-8") + STUDY.format(name=name, edition=edition, timeout=timeout)
        registry.write_text(text, encoding="utf-8")

    @property
    def workspace(self) -> Workspace:
        return open_workspace(self.root, "tiny")


@pytest.fixture
def project(tmp_path: Path, tables: Tables, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv("OKO_WORK", raising=False)
    return Project(tmp_path / "проект с пробелом {x}", tables)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly that the browser was not tested; a quiet skip would pass for a test."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "browser" in report.keywords]
    if skipped:
        terminalreporter.section("THE BOARD WAS NOT TESTED IN A BROWSER", sep="!", red=True, bold=True)
        for report in skipped:
            reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
            terminalreporter.write_line(f"{report.nodeid}: {reason}")
        terminalreporter.write_line("Install Chromium (Debian: apt install chromium) and run make test again.")


sys.path.insert(0, str(Path(__file__).parent))
