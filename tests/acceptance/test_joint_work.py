"""What was planted in the example is found on the pages on skills, on pupils' events and on learning from each other."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from oko.runs.plan import Run
from oko.runs.year import YearMade
from oko.workspace import Workspace

PLANTED = ("charts", "modelling", "proof")
CALLED = {"charts": "чтение таблиц, диаграмм, графиков", "modelling": "моделирование", "proof": "доказательство"}


@pytest.fixture(scope="module")
def runs(example_year: YearMade) -> dict[str, Run]:
    wanted = ("metasubject", "pupil_events", "teacher_learning")
    return {run.name: run for run in example_year.runs if run.name in wanted}


@pytest.fixture(scope="module")
def truth(example: Workspace) -> dict[str, object]:
    return dict(json.loads((example.work / "truth" / "planted.json").read_text(encoding="utf-8")))


def table(run: Run, name: str) -> pd.DataFrame:
    return pd.read_parquet(run.folder / "tables" / f"{name}.parquet")


def page(run: Run) -> str:
    return (run.folder / run.page).read_text(encoding="utf-8").replace("\u00a0", " ")


def test_each_planted_deficit_is_a_topic_on_every_page_and_nothing_else_is(runs: dict[str, Run]) -> None:
    for run in runs.values():
        topics = table(run, "topics")
        deficits = topics[topics["kind"] == "deficit"]
        assert set(deficits["skill"]) == set(PLANTED), run.name
        # they were planted in mathematics and physics alone
        assert set(deficits["unit"].str.split("-").str[1]) <= {"mathematics", "physics"}
        assert set(deficits.loc[deficits["unit"] == "autumn-mathematics", "skill"]) == set(PLANTED)
        for skill in PLANTED:
            assert re.search(f"Математика, осень 2020: {CALLED[skill]}", page(run)), (run.name, skill)


def test_the_school_without_the_deficits_could_be_the_host(runs: dict[str, Run], truth: dict[str, object]) -> None:
    run = runs["teacher_learning"]
    pairs, programme = table(run, "pairs"), table(run, "programme")
    assert truth["without_deficits"] == ["625"]
    assert set(pairs["giver"]) == {"625"}
    assert set(pairs["skill"]) == set(PLANTED)
    zones = table(run, "zones")
    assert not ((zones["school"] == "625") & (zones["kind"] == "deficit")).any()
    assert set(programme.loc[programme["host"] == "625", "skill"]) == set(PLANTED)
    autumn = programme[programme["unit"].str.startswith("autumn")]
    assert autumn["month"].between("2020-11", "2021-02").all()
    assert programme.loc[programme["unit"].str.startswith("spring"), "month"].min() >= "2021-10"


def test_no_subject_of_one_class_is_on_the_pages(runs: dict[str, Run], example: Workspace) -> None:
    """School 331 has one class in each grade: its results would be those of one teacher."""
    assert "331" not in set(table(runs["teacher_learning"], "zones")["school"])
    results = example.results(year="2020-2021", role="cluster")
    took = results[results["status"] == "took"].groupby(["school", "assessment"])["class"].nunique()
    shown = set(table(runs["teacher_learning"], "zones")["school"])
    assert (took[took.index.get_level_values("school").isin(shown)] >= 2).all()
    cells = table(runs["metasubject"], "cells").set_index("assessment")["n"]
    whole = results[(results["status"] == "took") & (results["school"] != "331")].groupby("assessment").size()
    assert (cells[cells.index != ""] <= whole.reindex(cells.index[cells.index != ""])).all()


def test_pupils_stay_inside_and_are_proposed_with_high_probability_only(runs: dict[str, Run]) -> None:
    run = runs["pupil_events"]
    invited, places, groups = (table(run, name) for name in ("invited", "places", "groups"))
    assert (invited["probability"] >= 0.8).all()
    assert not invited.duplicated(["kind", "assessment", "pupil"]).any()
    both = invited.groupby(["assessment", "pupil"])["kind"].nunique()
    assert (both == 1).all()
    text = page(run)
    assert not any(pupil in text for pupil in invited["pupil"].unique())
    for frame in (places, groups):
        assert (frame["n"].dropna() % 5 == 0).all()
        assert (frame["n"].dropna() >= 10).all()
    counted = invited.groupby(["kind", "subject", "pupil_grade"]).size()
    told = places.set_index(["kind_of_event", "subject", "pupil_grade"])["n"]
    assert (told[counted[counted < 10].index].isna()).all()
    # workshops are of subjects with a deficit that the year has left open
    assert set(invited.loc[invited["kind"] == "support", "subject"]) == {"mathematics", "physics"}


def test_one_or_two_tasks_give_no_number_and_no_skill_of_its_own_is_claimed(runs: dict[str, Run]) -> None:
    run = runs["metasubject"]
    cells, pairs, tool = (table(run, name) for name in ("cells", "pairs", "tool"))
    assert cells.loc[cells["n_items"] < 3, "facility"].isna().all()
    assert cells.loc[(cells["n_items"] >= 3) & ~cells["hidden"], "facility"].notna().all()
    assert (pairs[["tasks_first", "tasks_second"]] >= 3).all(axis=None)
    # the example's pupils have one ability a subject and none a skill: nothing may be found beyond it
    known = pairs.dropna(subset=["corrected_lower", "other"])
    assert not (known["corrected_lower"] > known["other"]).any()
    assert "отдельного умения за ними не видно" in page(run)
    assert (tool["corrected"] > tool["r"]).all()
    assert tool["corrected"].between(0.5, 1).all()
    assert "НЕ ПОДТВЕРЖДЕНО" in page(run)
    parts = table(run, "levels")
    assert parts[["of_schools", "of_classes", "of_pupils"]].sum(axis=1).round(3).eq(1).all()
