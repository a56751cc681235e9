"""The store is made from the files received whenever it is missing, damaged or older than they are."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from oko.runs import sources
from oko.workspace import Workspace
from oko.workspace import open as open_workspace
from received_files import CODE, make_root

WORKS = (
    "assessment,procedure,subject,year,season,material_grade,pupil_grade,max_score\n"
    "a7,control,mathematics,2020-2021,spring,7,7,2\n"
)
RESULTS = "assessment,pupil,school,status,class,primary_score\na7,p1,1,took,7А,2\na7,p2,1,took,7А,1\n"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("OKO_WORK", str(tmp_path / "work"))
    made = open_workspace(make_root(tmp_path / "root"), cluster=CODE)
    made.raw_folder.mkdir(parents=True)
    (made.raw_folder / "works.csv").write_text(WORKS, encoding="utf-8")
    (made.raw_folder / "results.csv").write_text(RESULTS, encoding="utf-8")
    assert sources.ensure_store(made)
    return made


def test_a_store_that_is_current_is_not_made_again(workspace: Workspace) -> None:
    assert sources.ensure_store(workspace) is None


def test_a_damaged_store_is_made_again(workspace: Workspace) -> None:
    path = workspace.store_folder / "results.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    assert sources.ensure_store(workspace)
    assert sources.ensure_store(workspace) is None
    assert len(workspace.results()) == 2


def test_a_missing_store_is_made_again(workspace: Workspace) -> None:
    shutil.rmtree(workspace.store_folder.resolve())
    assert sources.ensure_store(workspace)
    assert len(workspace.results()) == 2


def test_a_changed_file_makes_it_anew(workspace: Workspace) -> None:
    (workspace.raw_folder / "results.csv").write_text(RESULTS + "a7,p3,1,took,7А,0\n", encoding="utf-8")
    assert sources.ensure_store(workspace)
    assert len(workspace.results()) == 3
