"""The registry and the plan: what is wrong is named, what is right is planned in order."""

from __future__ import annotations

from pathlib import Path

import pytest

from oko.errors import SettingError
from oko.runs.plan import plan
from oko.runs.registry import read_registry
from oko.workspace import find_root
from project import COUNT, Project


def test_the_shipped_registry_is_valid() -> None:
    studies = read_registry(find_root(Path(__file__)))
    assert {"school_year", "cluster_year", "final"} <= set(studies)
    internal = {"school_year", "school_subject", "class_briefs", "pupil_pages"}
    assert {name for name, study in studies.items() if study.edition == "internal"} <= internal


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('edition = "internal"', 'edition = "secret"'), "edition"),
        (('sensitivity = "internal"', 'sensitivity = "public"'), "counts"),
        (('template = "school/good.ipynb"', 'template = "../x.ipynb"'), "template"),
        (('template = "school/good.ipynb"', 'template = "school/none.ipynb"'), "school/none.ipynb"),
        (("timeout = 60", "timeuot = 60"), "timeout"),
        (("timeout = 60", "timeout = 0"), "timeout"),
        (('columns = ["school", "n"]', "columns = []"), "columns"),
        (("[studies.good]", "[studies.'Good study']"), "Good study"),
    ],
)
def test_a_wrong_registry_is_named(project: Project, change: tuple[str, str], words: str) -> None:
    project.study("good", COUNT)
    path = project.root / "templates" / "studies.toml"
    text = path.read_text(encoding="utf-8")
    assert change[0] in text
    renamed = text.replace(*change).replace(
        "[[studies.good", "[[studies.'Good study'" if "'" in change[1] else "[[studies.good"
    )
    path.write_text(renamed, encoding="utf-8")
    with pytest.raises(SettingError) as caught:
        read_registry(project.root)
    assert words in str(caught.value)
    assert "templates/studies.toml" in str(caught.value)


def test_the_plan_is_studies_by_schools(project: Project) -> None:
    project.study("good", COUNT)
    project.study("other", COUNT)
    runs = plan(project.workspace, "2020-2021")
    assert [(run.name, run.unit) for run in runs] == [
        ("good", "school-344"), ("good", "school-498"), ("other", "school-344"), ("other", "school-498"),
    ]  # fmt: skip
    (one,) = plan(project.workspace, "2020-2021", study="other", school="498")
    assert one.folder == project.workspace.results_folder / "2020-2021" / "runs" / "other" / "school-498"


@pytest.mark.parametrize("wrong", [{"study": "none"}, {"school": "999"}, {"study": "../good"}, {"school": "../344"}])
def test_unknown_names_are_refused_and_nothing_is_written(project: Project, wrong: dict[str, str]) -> None:
    project.study("good", COUNT)
    with pytest.raises(SettingError, match=next(iter(wrong.values()))):
        plan(project.workspace, "2020-2021", **wrong)
    assert not project.workspace.results_folder.exists()


def test_an_unknown_year_is_refused(project: Project) -> None:
    project.study("good", COUNT)
    with pytest.raises(SettingError, match="1999"):
        plan(project.workspace, "1999")
