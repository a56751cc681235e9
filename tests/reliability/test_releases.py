"""A release stands only as long as what it rests on."""

from __future__ import annotations

import fcntl

import pytest

from oko.errors import ReleaseError, RunError
from oko.runs.execute import execute
from oko.runs.plan import Run, plan
from oko.runs.releases import release_runs, withdraw_stale
from oko.runs.workers import make_runs
from project import COUNT, Project


def released(project: Project) -> tuple[Run, ...]:
    counts = COUNT.replace('page.keep("counts", counts)', 'page.keep("counts", oko.disclosure.protect(counts))')
    project.study("open", counts, edition="public")
    runs = plan(project.workspace, "2020-2021", study="open", school="344")
    assert execute(runs[0], render=False).status == "done"
    assert len(release_runs(project.workspace, runs, None)) == 1
    return runs


def change(project: Project, before: str, after: str) -> None:
    path = project.root / "data" / "clusters" / "tiny" / "cluster.toml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


@pytest.mark.parametrize("after", ["names_schools = false", "names_schools = true\n# a remark"])
def test_a_release_goes_when_the_agreement_changes_and_stays_when_only_a_remark_does(
    project: Project, after: str
) -> None:
    released(project)
    change(project, "names_schools = true", after)
    runs = plan(project.workspace, "2020-2021", study="open", school="344")
    withdraw_stale(project.workspace, runs)
    folder = project.workspace.results_folder / "2020-2021" / "release" / "open" / "school-344"
    assert folder.exists() == ("remark" in after)
    assert len(release_runs(project.workspace, runs, None)) == ("remark" in after)


def test_a_run_that_is_out_of_date_is_not_released(project: Project) -> None:
    released(project)
    change(project, "[name]", "threshold = 11\n[name]")
    runs = plan(project.workspace, "2020-2021", study="open", school="344")
    assert release_runs(project.workspace, runs, None) == []


def test_real_results_need_a_second_person(project: Project) -> None:
    released(project)
    change(project, 'example = true\nsource = "example"', 'source = "raw"')
    runs = plan(project.workspace, "2020-2021", study="open", school="344")
    for nobody in (None, "", "  "):
        with pytest.raises(ReleaseError, match="reviewer"):
            release_runs(project.workspace, runs, nobody)


def test_two_at_a_time_do_not_sweep_away_each_other(project: Project) -> None:
    project.study("good", COUNT)
    runs = plan(project.workspace, "2020-2021")
    folder = runs[0].folder.parents[1]
    folder.mkdir(parents=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(RunError, match="другая команда"):
            make_runs(runs, 1, lambda run, outcome: None)
