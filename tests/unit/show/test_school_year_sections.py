"""Sections of a school's year on small frames: what is named, and what is said where nothing is."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.language import used
from oko.measures import Statement
from oko.measures.bias import Markers, PileUps
from oko.measures.yearly import YearModels
from oko.show import school_year_next as further
from oko.show import school_year_sections as sections
from oko.show.sections import value_added
from oko.show.statements import words

TITLES = {"a": "Work A", "b": "Work B"}
ACTIONS = pd.DataFrame({
    "school": ["1", "1", "2"], "date": ["2020-10-11", "2020-08-31", "2020-10-11"], "action": "1", "subject": "physics",
    "grade": [7, 7, 7], "skill": None, "item": None, "kind": "lesson", "status": ["planned", "done", "done"], "done": None,
})  # fmt: skip


def piles(*, marked: bool) -> PileUps:
    works = pd.DataFrame({"assessment": ["a"], "reason": [""], "marked": [marked]})
    return PileUps(works, works, works, (Statement("bias_clumps"),))


def markers() -> Markers:
    table = pd.DataFrame(
        {"marker": ["journal_mismatch"], "assessment": "a", "year": "y", "applicable": True, "marked": False}
    )
    stated = Statement("bias_no_region", {"assessments": ("a", "old")})
    return Markers(table, table, np.nan, (stated,))


def test_tasks_inside_their_interval_are_not_telling() -> None:
    tasks = pd.DataFrame({
        "assessment": "a", "item": list("12345"), "label": "", "n": [50, 50, 50, 50, 5], "facility": [0.2, 0.3, 0.9, 0.5, 0.0],
        "lower": [0.1, 0.2, 0.8, 0.4, 0.0], "upper": [0.3, 0.4, 1.0, 0.6, 0.1], "cluster_facility": 0.5,
    })  # fmt: skip
    told = sections.telling(tasks, pd.DataFrame({"assessment": ["a"], "subject": ["physics"]}))
    assert told[["item", "side"]].values.tolist() == [["3", "above"], ["1", "below"], ["2", "below"]]
    with used("en"):
        assert "In no task" in str(sections.tasks(told.head(0), tasks, TITLES))


def test_references_are_named_without_codes() -> None:
    rows = pd.DataFrame({
        "assessment": "a", "place": ["school", "municipality", "elsewhere"], "name": ["", "Район (reg00_m000)", "Край"],
        "n": 50, "pass_rate": 0.9, "quality": 0.5, "source": ["", "groups", "github.com/a/b (a remark)"],
    })  # fmt: skip
    with used("en"):
        said = str(sections.references(rows, TITLES))
    assert "Район: 50 pupils in a work" in said
    assert "our own count from github.com/a/b, " in said
    assert "reg00" not in said


def test_what_a_school_added_is_a_line_a_work() -> None:
    row = {"school": "1", "n": 40, "residual": 0.5}
    added = pd.DataFrame([
        row | {"assessment": "a", "lower": 0.1, "upper": 0.9}, row | {"assessment": "b", "lower": 0.0, "upper": 0.0},
    ])  # fmt: skip
    few = Statement("schools_left_out", {"n_schools": 1, "fewest": 10})
    not_of_ours = ("x", "intercept", Statement("link_missing", {}))
    models = YearModels(
        {"a": None, "b": None, "x": None},  # type: ignore[dict-item]
        {},
        (("a", "intercept", few), ("b", "intercept", few), not_of_ours),
    )
    with used("en"):
        said = str(value_added(added, models, TITLES, {"a": "points", "b": "points"}))
        other = str(value_added(added.head(0), models, TITLES, {"a": "points", "b": "points"}))
    assert "above the expected" in said
    assert "0.10 … 0.90" in said
    assert "cannot be told from zero" in said
    assert said.count("(2 works).") == 1
    assert words(not_of_ours[2]) not in said
    assert other.count("too few pupils with both results") == len(TITLES)


def test_a_biased_year_is_an_occasion_and_another_is_not() -> None:
    with used("en"):
        marked = str(further.occasions(markers(), piles(marked=True), "y", TITLES))
        clean = str(further.occasions(markers(), piles(marked=False), "y", TITLES))
    assert "An occasion to check oneself" in marked
    assert "An occasion to check oneself" not in clean
    assert "Work A" in clean
    assert "old" not in clean


def test_actions_are_those_of_the_school_and_the_year() -> None:
    rows = further.of_year(ACTIONS, "1", "2020-2021")
    assert rows["date"].to_list() == ["2020-10-11"]
    names = {
        "kind": {"lesson": "lessons"},
        "status": {"planned": "planned"},
        "skill": {},
        "subject": {"physics": "Physics"},
    }
    with used("en"):
        text = str(further.actions(rows, names))
        empty = str(further.actions(rows.head(0), names))
    assert "planned: lessons (Physics, grade 7)" in text
    assert "has none of this school" in empty


def test_what_to_talk_about_follows_from_the_page() -> None:
    profile = pd.DataFrame({"kind": ["deficit", "none"], "target": ["charts", "proof"], "unit": "spring-physics"})
    moved = pd.DataFrame({"change_upper": [-0.1]})
    with used("en"):
        text = str(further.to_talk_about(profile, ACTIONS, piles(marked=True), moved, {}, {"charts": "Charts"}))
        quiet = str(further.to_talk_about(profile.tail(1), ACTIONS.head(0), piles(marked=False), moved.head(0), {}, {}))
    assert "Charts (spring-physics)" in text
    assert "1 planned action" in text
    assert "name no single topic" in quiet


def test_only_the_same_pupils_make_a_history() -> None:
    lines = pd.DataFrame({
        "subject": "physics", "cohort": 2012, "assessment": ["b", "a"], "year": ["2019", "2020"], "n_followed": [0, 40],
        "mean": [0.1, -0.2], "change": [np.nan, -0.3], "change_lower": [np.nan, -0.5], "change_upper": [np.nan, -0.1],
    })  # fmt: skip
    with used("en"):
        text = str(sections.history(lines, "2020", TITLES))
        none = str(sections.history(lines.head(1), "2020", TITLES))
    assert "Worse placed than before, beyond the error: Work A (−0.30)" in text
    assert "no history of a cohort" in none
