"""A school's brief names the deficits that were planted in it, and none in the school without; nothing small is shown."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from oko.runs.plan import Run
from oko.runs.year import YearMade
from oko.workspace import Workspace


@pytest.fixture(scope="module")
def runs(example_year: YearMade) -> dict[str, Run]:
    return {run.unit.removeprefix("school-"): run for run in example_year.runs if run.name == "school_brief"}


def table(run: Run, name: str) -> pd.DataFrame:
    return pd.read_parquet(run.folder / "tables" / f"{name}.parquet")


def page(run: Run) -> str:
    return (run.folder / run.page).read_text(encoding="utf-8").replace("\u00a0", " ")


def matters(run: Run) -> str:
    return page(run).split("Что важно?")[1].split("<h2")[0]


def planted(workspace: Workspace) -> tuple[list[str], set[str]]:
    truth = json.loads((workspace.work / "truth" / "planted.json").read_text(encoding="utf-8"))
    return truth["without_deficits"], {deficit["skill"] for deficit in truth["deficits"]}


def deficits(run: Run) -> set[str]:
    skills = table(run, "skills")
    return set(skills.loc[(skills["p_adjusted"] <= 0.05) & (skills["apart"] < 0), "skill"])


def test_planted_deficits_are_in_the_briefs_of_schools_that_have_them(runs: dict[str, Run], example: Workspace) -> None:
    without, skills = planted(example)
    assert len(runs) == 7
    assert all(not deficits(runs[code]) & skills for code in without)
    found = {code: deficits(run) & skills for code, run in runs.items() if code not in without}
    # one of the six has 28 pupils a parallel: too few to tell
    assert sum("charts" in skill for skill in found.values()) == 5
    assert sum("proof" in skill for skill in found.values()) == 5


def test_deficits_are_named_in_words_with_their_numbers(runs: dict[str, Run], example: Workspace) -> None:
    said = matters(runs["344"])
    assert "Математика, осень: «Чтение таблиц, диаграмм, графиков» — слабее, чем у школ того же уровня" in said
    assert re.search(r"разница −\d+ п\. п\. \(от −\d+ до −\d+\); 9 заданий, \d+ учени", said)
    assert "Что делать с умениями" in page(runs["344"]).split("Что решить на педсовете?")[1]
    for code in planted(example)[0]:
        assert "— слабее" not in matters(runs[code])


def test_a_brief_with_nothing_to_tell_says_so(runs: dict[str, Run]) -> None:
    assert "не отличается от других сильнее, чем бывает случайно" in matters(runs["331"])


def test_three_to_five_things_at_most(runs: dict[str, Run]) -> None:
    assert all(matters(run).count("<li>") <= 5 for run in runs.values())


def test_nothing_below_the_threshold_and_no_class_is_shown(runs: dict[str, Run], example: Workspace) -> None:
    for code, run in runs.items():
        for name in ("marks", "skills"):
            frame = table(run, name)
            assert (frame["n"].dropna() >= example.cluster.threshold).all(), (code, name)
            assert frame.loc[frame["hidden"].astype(bool), "n"].isna().all(), (code, name)
            assert set(frame["school"]) <= {code, ""}, (code, name)
        text = re.sub("<style.*?</style>|<[^>]+>", " ", page(run).split("<footer")[0], flags=re.DOTALL)
        assert not re.search(r"\b(?:[4-9]|1[01])[А-Д]\b", text), code
        assert not re.search(r"\b[0-9a-f]{10,}\b", text), code
