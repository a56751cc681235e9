"""What was planted in the example is found on the pages of a school's year, and nothing is claimed of a school without."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from oko.runs.plan import Run
from oko.runs.year import YearMade
from oko.workspace import Workspace


@pytest.fixture(scope="module")
def runs(example_year: YearMade) -> dict[str, Run]:
    return {run.unit.removeprefix("school-"): run for run in example_year.runs if run.name == "school_year"}


def table(run: Run, name: str) -> pd.DataFrame:
    return pd.read_parquet(run.folder / "tables" / f"{name}.parquet")


def page(run: Run) -> str:
    return (run.folder / run.page).read_text(encoding="utf-8").replace("\u00a0", " ")


def planted(example: Workspace) -> dict[str, object]:
    return dict(json.loads((example.work / "truth" / "planted.json").read_text(encoding="utf-8")))


def test_shared_deficits_are_found_in_schools_that_have_them(runs: dict[str, Run], example: Workspace) -> None:
    without = planted(example)["without_deficits"]
    skills = {deficit["skill"] for deficit in planted(example)["deficits"]}  # type: ignore[attr-defined]
    found = {
        code: set(profile.loc[profile["kind"] == "deficit", "target"]) & skills
        for code, run in runs.items()
        for profile in [table(run, "profile")]
    }
    assert all(not found[code] for code in without)  # type: ignore[attr-defined]
    assert sum("charts" in skill for skill in found.values()) >= 4
    assert sum("proof" in skill for skill in found.values()) >= 4
    assert "Чтение таблиц, диаграмм, графиков, Математика, осень 2020" in page(runs["344"])


def test_the_biased_school_alone_is_asked_to_check_itself(runs: dict[str, Run], example: Workspace) -> None:
    marked = {code: int(table(run, "pile_ups")["marked"].sum()) for code, run in runs.items()}
    biased = planted(example)["bias"]["school"]  # type: ignore[index]
    assert marked.pop(biased) >= 10
    assert max(marked.values()) <= 1
    assert "Повод для самопроверки" in page(runs[biased])
    assert "таких баллов не больше ожидаемого" in page(runs["344"])


def test_history_follows_the_same_pupils(runs: dict[str, Run]) -> None:
    lines = table(runs["344"], "cohorts")
    line = lines[(lines["subject"] == "mathematics") & (lines["cohort"] == 2012)]
    assert line["pupil_grade"].to_list() == [6, 7, 8, 8]
    assert (line["n_followed"].to_numpy()[1:] > 100).all()
    spring = line.set_index("assessment").loc["vpr-mathematics-8-spring-2021"]
    assert spring["change_lower"] < spring["change"] < spring["change_upper"]
    assert "а не с прошлогодним восьмым" in page(runs["344"])


def test_references_have_their_place_and_their_source(runs: dict[str, Run]) -> None:
    rows = table(runs["344"], "references")
    physics = rows[rows["assessment"] == "vpr-physics-7-spring-2021"]
    assert physics["place"].to_list() == ["school", "cluster", "municipality", "region", "elsewhere"]
    assert (rows.loc[rows["place"] == "elsewhere", "source"] != "").all()
    assert "Алтайский край, справочно" in page(runs["344"])


def test_tasks_are_few_and_outside_their_interval(runs: dict[str, Run]) -> None:
    for run in runs.values():
        tasks = table(run, "facility")
        assert (tasks.groupby(["subject", "side"]).size() <= 3).all()
        outside = (tasks["upper"] < tasks["cluster_facility"]) | (tasks["lower"] > tasks["cluster_facility"])
        assert outside.all()
