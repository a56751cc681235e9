"""The half-way check counts the log, claims no change where none was planted, and reads no outcome."""

from __future__ import annotations

import pandas as pd
import pytest

from oko.records.outcome_log import read_log
from oko.runs.plan import Run
from oko.runs.year import YearMade
from oko.workspace import Workspace


@pytest.fixture(scope="module")
def run(example_year: YearMade) -> Run:
    (found,) = [run for run in example_year.runs if run.name == "interim"]
    return found


def table(run: Run, name: str) -> pd.DataFrame:
    return pd.read_parquet(run.folder / "tables" / f"{name}.parquet")


def page(run: Run) -> str:
    return (run.folder / run.page).read_text(encoding="utf-8").replace("\u00a0", " ")


def test_decisions_are_those_of_the_log(run: Run, example: Workspace) -> None:
    log = example.register("actions")
    rows = table(run, "decisions")
    whole = rows.query("side == 'all'").iloc[0]
    assert whole["decided"] == len(log)
    assert whole["done"] == (log["status"] == "done").sum()
    for side in ("kind", "role", "subject", "school"):
        assert rows.loc[rows["side"] == side, "decided"].sum() == len(log)
    assert whole["done"] + whole["open"] + whole["cancelled"] == whole["decided"]


def test_no_change_is_claimed_where_none_was_planted(run: Run) -> None:
    # the gain of the model is planted in the spring of 2021; the winter work has none
    changes = table(run, "changes")
    assert (changes["p_adjusted"] > 0.05).all()
    assert not changes["paired"].any()
    assert "больше погрешности." not in page(run)
    criteria = table(run, "criteria").set_index(["criterion", "school"])["met"]
    assert criteria["change", ""] == "not"
    assert criteria["journal", ""] == "unknown"
    assert criteria["use", ""] == "met"


def test_the_planted_deficit_without_a_decision_is_named(run: Run, example: Workspace) -> None:
    assert "proof" not in set(example.register("actions")["skill"].dropna())
    gaps = table(run, "gaps")
    assert gaps.loc[gaps["skill"] == "proof", "decided"].eq(0).all()
    assert "Математика, осень 2020: доказательство и обоснование — общее затруднение, по которому решений нет" in page(
        run
    )


def test_comments_and_outcomes_are_not_on_the_page(run: Run, example: Workspace) -> None:
    assert "interim" not in {reading.study for reading in read_log(example.work)}
    comments = example.register("actions")["comment"].dropna()
    assert not [comment for comment in comments if comment in page(run)]
