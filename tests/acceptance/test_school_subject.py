"""What was planted in the example is found on the pages of single subjects, and named as what to repeat."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from oko.runs.plan import Run
from oko.runs.year import YearMade
from oko.workspace import Workspace


@pytest.fixture(scope="module")
def runs(example_year: YearMade) -> dict[str, Run]:
    return {run.unit.removeprefix("school-"): run for run in example_year.runs if run.name == "school_subject"}


def table(run: Run, name: str) -> pd.DataFrame:
    return pd.read_parquet(run.folder / "tables" / f"{name}.parquet")


def page(run: Run) -> str:
    return (run.folder / run.page).read_text(encoding="utf-8").replace("\u00a0", " ")


def certain_skills(run: Run) -> set[str]:
    rows = table(run, "repeat")
    return set(rows.loc[(rows["scope"] == "skill") & (rows["certainty"] == "certain"), "target"])


def test_shared_deficits_are_what_to_repeat_and_not_in_the_school_without(
    runs: dict[str, Run], example: Workspace
) -> None:
    truth = json.loads((example.work / "truth" / "planted.json").read_text(encoding="utf-8"))
    assert {"charts", "proof"} <= certain_skills(runs["344-mathematics"])
    text = page(runs["344-mathematics"])
    assert "Чтение таблиц, диаграмм, графиков (Математика, осень 2020)" in text
    assert "Это надёжно" in text
    (without,) = truth["without_deficits"]
    planted = {
        (f"vpr-{work}", item)
        for deficit in truth["deficits"]
        for work, items in deficit["items"].items()
        for item in items
    }
    for subject in ("mathematics", "physics"):
        rows = table(runs[f"{without}-{subject}"], "repeat")
        below = rows[(rows["reason"] == "below_expected") & (rows["certainty"] == "certain")]
        assert below[below["scope"] == "skill"].empty
        named = {
            (unit.rsplit("-", 2)[0].split("-in-")[0], item)
            for unit, item in zip(below["unit"], below["target"], strict=True)
        }
        assert not named & planted


def test_tasks_stand_on_one_scale_and_levels_rise(runs: dict[str, Run]) -> None:
    run = runs["344-physics"]
    scale, levels = table(run, "scale"), table(run, "levels")
    for _, rows in scale.groupby("assessment"):
        assert rows["threshold"].is_monotonic_increasing
    for _, rows in levels.dropna(subset="ability").groupby("assessment"):
        assert rows["ability"].is_monotonic_increasing
    assert "скорее выполнит полностью, чем нет" in page(run)


def test_cut_scores_are_those_of_the_official_scale(runs: dict[str, Run]) -> None:
    scores = table(runs["344-physics"], "scores").dropna(subset="border")
    spring = scores[scores["assessment"] == "vpr-physics-7-spring-2021"]
    assert dict(zip(spring["border"], spring["score"], strict=True)) == {3.0: 5, 4.0: 8, 5.0: 11}


def test_thresholds_come_with_their_source(runs: dict[str, Run]) -> None:
    rows = table(runs["344-mathematics"], "facility")
    assert set(rows.loc[rows["level"] == "basic", "insufficient_below"]) == {0.57}
    assert "ФИОКО" in page(runs["344-mathematics"])


def test_figures_stay_within_the_limit(runs: dict[str, Run]) -> None:
    for run in runs.values():
        figures = list(run.folder.glob("figures/*.png"))
        assert len(figures) <= 12, run.unit
        works = {figure.name.split(".")[1] for figure in figures}
        assert len(figures) <= 4 * max(len(works), 1)
    assert len(runs) >= 30
