"""Where the agreement names no school, nothing that is released holds one."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from oko.runs.execute import execute
from oko.runs.plan import plan
from oko.runs.releases import release_runs
from oko.workspace import Workspace
from oko.workspace import open as open_workspace
from project import COUNT, Project

ROOT = Path(__file__).parents[2]


@pytest.fixture
def unnamed(example: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    root = tmp_path / "project"
    for folder in ("data/clusters/example", "data/external", "templates"):
        shutil.copytree(ROOT / folder, root / folder)
    shutil.copy(ROOT / "requirements.lock", root)
    settings = root / "data" / "clusters" / "example" / "cluster.toml"
    text = settings.read_text(encoding="utf-8")
    assert "names_schools = true" in text
    settings.write_text(text.replace("names_schools = true", "names_schools = false"), encoding="utf-8")
    shutil.copytree(example.store_folder, tmp_path / "work" / "example" / "store")
    monkeypatch.setenv("OKO_WORK", str(tmp_path / "work"))
    return open_workspace(root, "example")


def test_no_school_is_in_the_cluster_study_or_its_release(unnamed: Workspace) -> None:
    released = _released(unnamed, "cluster_year")
    _holds_no_school(unnamed, released)


def test_a_protocol_that_was_changed_makes_the_effect_exploratory_and_names_no_school(unnamed: Workspace) -> None:
    protocol = unnamed.root / "data" / "clusters" / "example" / "protocol.toml"
    text = protocol.read_text(encoding="utf-8")
    assert "alpha = 0.05\nlevel = 0.95" in text
    protocol.write_text(text.replace("alpha = 0.05\nlevel = 0.95", "alpha = 0.1\nlevel = 0.9"), encoding="utf-8")
    released = _released(unnamed, "final")
    _holds_no_school(unnamed, released)
    page = (released / "page.ru.html").read_text(encoding="utf-8").replace("\u00a0", " ")
    assert "отличается от зафиксированной" in page
    assert "(model.alpha): было «0,05», стало «0,1»" in page
    assert "подтверждением он не служит" in page


def _released(workspace: Workspace, study: str) -> Path:
    runs = plan(workspace, "2020-2021", study=study)
    outcome = execute(runs[0])
    assert outcome.status == "done", outcome.message
    (released,) = release_runs(workspace, runs, None)
    return released.folder


def _holds_no_school(workspace: Workspace, folder: Path) -> None:
    for path in sorted(folder.glob("tables/*.parquet")):
        frame = pd.read_parquet(path)
        assert set(frame.get("school", pd.Series(dtype=str)).fillna("")) <= {""}, path.name
    said = (folder / "datapackage.json").read_text(encoding="utf-8")
    page = re.sub(r"base64,[^\"]+", "", (folder / "page.ru.html").read_text(encoding="utf-8"))
    for school in workspace.cluster.schools:
        assert school.name.ru not in page
        assert school.name.ru not in said


@pytest.mark.parametrize(("school", "status"), [("498", "failed"), ("344", "done")])
def test_a_public_table_names_no_school_but_the_one_that_the_study_is_about(
    project: Project, school: str, status: str
) -> None:
    settings = project.root / "data" / "clusters" / "tiny" / "cluster.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("names_schools = true", "names_schools = false"))
    counted = COUNT.replace("school=school", f'school="{school}"')
    protected = counted.replace('page.keep("counts", counts)', 'page.keep("counts", oko.disclosure.protect(counts))')
    project.study("open", protected, edition="public")
    (run,) = plan(project.workspace, "2020-2021", study="open", school="344")
    outcome = execute(run, render=False)
    assert outcome.status == status, outcome.message
    assert status == "done" or school in str(outcome.message)
