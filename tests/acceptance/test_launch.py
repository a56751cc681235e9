"""The page on the start finds the planted deficits, names the school without them nowhere, and reads no outcome."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from oko.records.outcome_log import read_log
from oko.records.protocol import read_protocol
from oko.runs.plan import Run
from oko.runs.year import YearMade
from oko.workspace import Workspace


@pytest.fixture(scope="module")
def run(example_year: YearMade) -> Run:
    (found,) = [run for run in example_year.runs if run.name == "launch"]
    return found


def table(run: Run, name: str) -> pd.DataFrame:
    return pd.read_parquet(run.folder / "tables" / f"{name}.parquet")


def page(run: Run) -> str:
    return (run.folder / run.page).read_text(encoding="utf-8").replace("\u00a0", " ")


def test_shared_deficits_are_the_planted_ones(run: Run, example: Workspace) -> None:
    truth = json.loads((example.work / "truth" / "planted.json").read_text(encoding="utf-8"))
    planted = {deficit["skill"] for deficit in truth["deficits"]}
    topics = table(run, "topics").query("kind == 'deficit'")
    in_mathematics = set(topics.loc[topics["unit"] == "autumn-mathematics", "skill"])
    assert in_mathematics == planted
    assert set(topics["skill"]) <= planted
    assert set(topics["unit"]) <= {"autumn-mathematics", "autumn-physics"}
    zones = table(run, "zones")
    assert (zones.loc[zones["school"] == "625", "kind"] != "deficit").all()


def test_deficits_are_named_in_words(run: Run) -> None:
    text = page(run)
    for skill in ("чтение таблиц, диаграмм, графиков", "моделирование", "доказательство и обоснование"):
        assert f"Математика, осень 2020: {skill}" in text
    assert "после лета и дистанционного обучения" in text
    assert "Школа № 625 с углублённым изучением математики: математика" not in text.lower()


def test_each_planted_skill_has_lines_in_the_plan_with_days(run: Run) -> None:
    plan = table(run, "plan")
    assert set(plan["skill"]) >= {"charts", "modelling", "proof"}
    assert (plan["lower"] <= plan["facility"]).all()
    assert "новые задания — до 10.01.2021" in page(run)  # 90 days after 12 October 2020


def test_share_of_mark_2_is_that_of_the_pupils(run: Run, example: Workspace) -> None:
    marks = table(run, "marks").query("scope == 'cluster'").set_index("assessment")
    name = "vpr-mathematics-6-in-7-autumn-2020"
    taken = example.results(assessment=name, role="cluster").query("status == 'took'")["mark"].dropna()
    assert marks["share_2"][name] == pytest.approx((taken == 2).mean(), abs=5e-5)


def test_baseline_is_the_wave_before_and_the_hash_stands_on_the_page(run: Run, example: Workspace) -> None:
    protocol = read_protocol(example.root, example.cluster)
    assert protocol is not None
    assert protocol.hash in page(run)
    baseline = table(run, "baseline")
    assert len(baseline) == len(protocol.outcome.works)
    assert baseline["g"].abs().max() < 0.25


def test_no_outcome_is_read(run: Run, example: Workspace) -> None:
    assert "launch" not in {reading.study for reading in read_log(example.work)}
    text = page(run)
    assert "Исходы впервые прочитаны" not in text
    assert not {name for name in table(run, "coverage")["assessment"] if "spring" in name}
