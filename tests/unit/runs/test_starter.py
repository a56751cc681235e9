"""`oko new` makes a study that runs at once, and changes nothing where it cannot."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest

from oko import language
from oko.errors import SettingError
from oko.runs.execute import execute
from oko.runs.plan import plan
from oko.runs.registry import read_registry, read_starter
from oko.runs.starter import new_study
from oko.workspace import find_root
from project import Project

ROOT = find_root(Path(__file__))


@pytest.fixture
def started(project: Project) -> Project:
    """A project that has the starter."""
    for name in ("new_study.ipynb", "new_study.toml"):
        shutil.copy(ROOT / "templates" / name, project.root / "templates")
    shutil.copytree(ROOT / "templates" / "locale", project.root / "templates" / "locale")
    project.study("good", "1")
    return project


@pytest.mark.parametrize("unit", ["school", "cluster"])
def test_a_new_study_runs_at_once(started: Project, unit: str) -> None:
    new_study(started.root, "my_question", unit, 'Мой "вопрос" и \\n')
    study = read_registry(started.root)["my_question"]
    assert study.unit == unit
    assert study.title.text() == 'Мой "вопрос" и \\n'
    run = plan(started.workspace, "2020-2021", study="my_question")[0]
    outcome = execute(run, render=False)
    assert outcome.status == "done", outcome.message
    assert (run.folder / "tables" / "marks.parquet").is_file()


def test_the_starter_is_no_study_of_a_year_and_its_prose_is_in_both_languages() -> None:
    assert "new_study" not in read_registry(ROOT)
    assert read_starter(ROOT).edition == "internal"
    catalogue = language.read_catalogue(ROOT / "templates" / "locale" / "en", "en")
    for cell in nbformat.read(ROOT / "templates" / "new_study.ipynb", as_version=4).cells:
        assert cell.cell_type == "code" or catalogue.gettext(cell.source) != cell.source


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Мой", None),
        ("../x", None),
        ("new_study", None),
        ("con", None),
        ("good", None),
        ("x", "a\nb"),
        ("y", "z" * 400),
    ],
)
def test_what_cannot_be_made_changes_nothing(started: Project, name: str, title: str | None) -> None:
    before = {path: path.read_bytes() for path in started.root.rglob("*") if path.is_file()}
    with pytest.raises(SettingError):
        new_study(started.root, name, "school", title)
    assert {path: path.read_bytes() for path in started.root.rglob("*") if path.is_file()} == before
