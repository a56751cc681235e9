"""The model's passport counts what its rules would have asked for, and says what is planned where procedures fall out."""

from __future__ import annotations

import pandas as pd
import pytest

from oko.records.model_passport import read_model
from oko.runs.plan import Run
from oko.runs.year import YearMade
from oko.workspace import Workspace


@pytest.fixture(scope="module")
def run(example_year: YearMade) -> Run:
    (found,) = [run for run in example_year.runs if run.name == "model_passport"]
    return found


def table(run: Run, name: str) -> pd.DataFrame:
    return pd.read_parquet(run.folder / "tables" / f"{name}.parquet")


def page(run: Run) -> str:
    return (run.folder / run.page).read_text(encoding="utf-8").replace("\u00a0", " ")


def test_rules_find_the_planted_deficits_and_no_others_in_common(run: Run) -> None:
    rows = table(run, "triggers").set_index(["rule", "year", "subject"]).sort_index()
    # charts, modelling and proof lie in tasks of mathematics and physics alone
    shared = rows.loc["shared", "triggered"].groupby("subject").max()
    assert shared["mathematics"] == 3
    assert shared["physics"] in {1, 2, 3}
    assert shared.drop(["mathematics", "physics"]).sum() == 0


def test_a_count_is_never_more_than_what_was_looked_at(run: Run) -> None:
    rows = table(run, "triggers")
    assert (rows["sure"] <= rows["triggered"]).all()
    assert (rows["triggered"] <= rows["looked_at"]).all()
    assert (rows["n"] >= 10).all()
    load = table(run, "load")
    assert (load["most"] >= load["least"]).all()


def test_low_tasks_of_parallels_are_those_that_pupils_points_give(run: Run, example: Workspace) -> None:
    wide, items = example.responses("vpr-physics-7-spring-2019"), example.items("vpr-physics-7-spring-2019")
    own = wide[wide.index.get_level_values("school").isin(example.cluster.school_codes)]
    shares = own.groupby(level="school").mean() / items.set_index("item")["max_score"]
    enough = own.groupby(level="school").count() >= 10
    limits = items.set_index("item")["level"].map({"basic": 0.57, "raised": 0.285, "high": 0.285})
    low = int(((shares < limits) & enough).to_numpy().sum())
    rows = table(run, "triggers").set_index(["rule", "year", "subject"]).sort_index()
    assert rows.loc[("task_grade", "2018-2019", "physics"), "triggered"] == low


def test_results_of_the_outcome_are_not_looked_at(run: Run) -> None:
    evidence = table(run, "evidence").set_index(["year", "procedure"])["works"]
    assert evidence["2020-2021", "vpr"] == 14  # autumn alone: those of spring are the outcome's wave


def test_the_page_shows_the_model_and_what_is_not_confirmed(run: Run, example: Workspace) -> None:
    text, model = page(run), read_model(example.root, example.cluster)
    assert model is not None
    assert all(rule.decision.ru in text for rule in model.rules)
    assert "не подтверждено" in text
    assert "был бы обнаружен с вероятностью 80 %" in text
    assert "Отменён: аттестаты выданы по годовым отметкам." in text
