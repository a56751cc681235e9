"""What was planted in the example is found on the page on the effect of the model, and said with due care."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from oko.records.effect_data import EffectData
from oko.records.protocol import read_protocol
from oko.runs.plan import Run, plan
from oko.runs.year import YearMade
from oko.workspace import Workspace


@pytest.fixture(scope="module")
def run(example_year: YearMade) -> Run:
    (found,) = [run for run in example_year.runs if run.name == "final"]
    return found


def table(run: Run, name: str) -> pd.DataFrame:
    return pd.read_parquet(run.folder / "tables" / f"{name}.parquet")


def page(run: Run) -> str:
    return (run.folder / run.page).read_text(encoding="utf-8").replace("\u00a0", " ")


def planted(workspace: Workspace) -> dict[str, object]:
    return dict(json.loads((workspace.work / "truth" / "planted.json").read_text(encoding="utf-8")))


def test_the_planted_effect_is_inside_the_interval_of_every_way(run: Run, example: Workspace) -> None:
    effect = planted(example)["effect"]
    ways = table(run, "ways").set_index("method")
    for name in ("schools", "pupils", "without_marked", "ancova"):
        assert ways["lower"][name] < effect < ways["upper"][name], name
    assert (ways["p"] < 0.05).all()
    assert ways.loc["without_marked", "n_treated"] == 6


def test_the_estimate_without_one_school_stays_inside(run: Run) -> None:
    inside, public = table(run, "ways"), table(run, "estimates")
    assert set(inside["method"]) - set(public["method"]) == {"without_marked"}
    assert "выдала бы, о какой школе речь" in page(run)


def test_the_protocol_asks_for_the_planted_targets(example: Workspace) -> None:
    protocol = read_protocol(example.root, example.cluster)
    assert protocol is not None
    asked = protocol.targets(example.assessments()).dropna(subset="assessment")
    truth = planted(example)["targets"]
    assert isinstance(truth, dict)
    for assessment, items in asked.groupby("assessment")["item"]:
        assert sorted(items) == sorted(truth[assessment]), assessment


def test_page_one_prints_the_hash_and_words_follow_the_evidence(run: Run, example: Workspace) -> None:
    protocol = read_protocol(example.root, example.cluster)
    assert protocol is not None
    text = page(run)
    assert protocol.hash in text.split("<h2")[2]
    assert "согласуются с тем" in text
    assert "по своему желанию" in text
    assert "доказал" not in text


def test_subjects_are_adjusted_by_holm_and_works_are_exploratory(run: Run) -> None:
    rows = table(run, "outcomes").set_index("outcome")
    assert set(rows.loc[["mathematics", "physics"], "adjust"]) == {"holm"}
    assert set(rows.drop(index=["mathematics", "physics"])["adjust"]) == {"bh"}
    few = rows["df"] < 5
    assert few["physics-8"]
    assert rows.loc[few, ["p", "lower", "upper"]].isna().all(axis=None)


def test_other_years_have_no_page_on_the_effect(example: Workspace) -> None:
    assert "final" not in {run.name for run in plan(example, example.cluster.years[0])}
    assert [run.name for run in plan(example, example.cluster.years[0], study="final")] == ["final"]


def test_reported_means_are_those_of_the_protocols_tasks(example: Workspace) -> None:
    data = EffectData(example, read_protocol(example.root, example.cluster), asked=True)
    others = data.means[data.means["treated"] == 0]
    assert others["sd"].notna().all()
    assert data.own == sorted(example.cluster.school_codes)
    assert data.between == {"since": "2020-09-14", "until": "2021-03-15"}


def test_nothing_is_read_where_nothing_is_asked(example: Workspace) -> None:
    data = EffectData(example, read_protocol(example.root, example.cluster), asked=False)
    assert data.means.empty
    assert data.shares.empty
    assert data.points.empty
    assert not data.compared
    assert data.other_year == "2020-2021"


def test_figures_are_drawn(run: Run) -> None:
    names = {Path(output).name.partition(".")[0] for output in map(str, run.folder.glob("figures/*.png"))}
    assert names == {"effect", "randomisation", "tasks", "trend", "synthetic", "dose", "feedback", "flow"}
