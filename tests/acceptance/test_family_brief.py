"""The page for parents speaks of parallels in plain words, and of nobody."""

from __future__ import annotations

import re

import pandas as pd
import pytest

from oko.runs.plan import Run
from oko.runs.year import YearMade
from oko.workspace import Workspace


@pytest.fixture(scope="module")
def runs(example_year: YearMade) -> dict[str, Run]:
    return {run.unit.removeprefix("school-"): run for run in example_year.runs if run.name == "family_brief"}


def table(run: Run, name: str) -> pd.DataFrame:
    return pd.read_parquet(run.folder / "tables" / f"{name}.parquet")


def words(run: Run) -> str:
    page = (run.folder / run.page).read_text(encoding="utf-8").replace("\u00a0", " ")
    return re.sub(r"\s+", " ", re.sub("<style.*?</style>|<[^>]+>", " ", page.split("<footer")[0], flags=re.DOTALL))


def test_tasks_are_told_as_pupils_of_ten(runs: dict[str, Run]) -> None:
    text = words(runs["344"])
    tasks = table(runs["344"], "tasks")
    easy = tasks.sort_values("share_full").dropna(subset="share_full").iloc[-1]
    assert easy["label"][1:] in text
    assert re.search(r"\d класс: [^;]+ — (\d из 10|почти все)", text)
    assert "ошибка измерения" in text
    for term in ("решаемость", "p =", "логит", "стандартн"):
        assert term not in text.split("Словарь")[0], term


def test_a_share_near_all_or_none_is_only_bounded(runs: dict[str, Run]) -> None:
    for code, run in runs.items():
        tasks = table(run, "tasks")
        shown = tasks[tasks["share_full"].notna() & ~tasks["bounded"].str.contains("share_full")]
        assert shown["share_full"].between(0.01, 0.99).all(), code


def test_nothing_below_the_threshold_and_no_class_is_shown(runs: dict[str, Run], example: Workspace) -> None:
    for code, run in runs.items():
        for name in ("tasks", "errors"):
            assert (table(run, name)["n"].dropna() >= example.cluster.threshold).all(), (code, name)
        assert set(table(run, "tasks")["school"]) == {code}
        assert not re.search(r"\b(?:[4-9]|1[01])[А-Д]\b", words(run)), code
        assert not re.search(r"\b[0-9a-f]{10,}\b", words(run)), code
