"""Sections of an instrument's page: which rule names which task, and what is left unsaid of few pupils."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oko.errors import ReleaseError
from oko.measures import Statement, instruments, items
from oko.records.facts import read_facts
from oko.runs.page import Page
from oko.show import instrument_mend, instrument_sections, instrument_skills, instrument_tables

ROOT = Path(__file__).parents[3]
OWN = instrument_tables.Unguarded()
RULES = read_facts(ROOT, "data/external/item_rules.csv")


def class_of(n: int) -> instruments.Examined:
    """Points of n pupils: task 2 is against the others, task 3 is solved by all but one, task 4 is left out by many."""
    rng = np.random.default_rng(7)
    ability = rng.normal(size=n)
    good = {str(task): (ability + rng.normal(size=n) > 0) * 1.0 for task in (1, 5, 6)}
    rows = pd.DataFrame(good).assign(**{"2": (ability < 0) * 1.0, "3": 1.0, "4": (ability > 1) * 1.0})
    rows.loc[0, "3"] = 0.0
    skipped = pd.DataFrame(False, rows.index, rows.columns).assign(**{"4": ability < 0.2})
    return instruments.examine(rows, pd.Series(1.0, rows.columns), skipped)


def findings(examined: instruments.Examined, least: int = instrument_mend.ENOUGH) -> set[tuple[str, str]]:
    kept, none = instrument_tables.items(examined, OWN), instrument_tables.fairness({}, OWN)
    found = instrument_mend.findings(kept, none, None, None, RULES, OWN, least).frame
    return set(zip(found["item"], found["item_rule"], strict=True))


def test_rules_name_the_tasks_that_are_spoilt() -> None:
    found = findings(class_of(60))
    assert {("2", "negative_discrimination"), ("3", "too_easy"), ("4", "often_skipped")} <= found
    assert {item for item, _ in found} == {"2", "3", "4"}


def test_few_pupils_give_no_rule_unless_hints_are_asked_for() -> None:
    examined = class_of(25)
    assert findings(examined) == set()
    assert ("2", "negative_discrimination") in findings(examined, 20)
    kept = instrument_tables.items(examined, OWN)
    empty = instrument_mend.findings(kept, instrument_tables.fairness({}, OWN), None, None, RULES, OWN)
    assert "Работу писали меньше 30 учеников" in instrument_mend.shown(empty, kept, RULES, kept).markup
    assert examined.model is None
    stated = instrument_tables.stated(examined.statements, examined.n, OWN)
    values = instrument_tables.eigenvalues(examined, OWN)
    assert "слишком мало учеников" in instrument_sections.dimension(values, examined, stated, "").markup


def test_remarks_that_count_few_pupils_are_left_out() -> None:
    said = {"items": [Statement("item_pupils_without_items", {"n": n}) for n in (3, 30)]}
    kept = instrument_tables.stated(said, 60, instrument_tables.Guard(10))
    assert instrument_sections.words(kept, "items") == ["30 учеников не получили ни одного задания и не учтены."]


def test_what_two_schools_make_up_is_hidden_where_no_school_is_named() -> None:
    results = pd.DataFrame({"school": ["a", "b"] * 30, "status": "took"})
    examined = class_of(60)
    open_, closed = (instrument_tables.guard(results, 10, named) for named in (True, False))
    assert not instrument_tables.items(examined, open_).frame["hidden"].any()  # type: ignore[union-attr]
    hidden = instrument_tables.summary(examined, closed)
    assert hidden.frame["value"].isna().all()
    assert "одной-двух школ" in instrument_sections.taken(hidden, "Работа", ["Работа"]).markup


def test_a_table_of_ones_own_cannot_be_kept_as_public() -> None:
    with pytest.raises(ReleaseError):
        Page._check_public(None, "items", instrument_tables.items(class_of(25), OWN))  # type: ignore[arg-type]


def test_options_say_whom_they_attract_only_of_several_pupils() -> None:
    rows = pd.DataFrame(
        {"n": [2], "share": [0.1], "point_biserial_rest": [0.4], "is_key": [False]},
        index=pd.MultiIndex.from_tuples([("1", "А")], names=["item", "option"]),
    )
    kept = instrument_tables.items(class_of(25), OWN)
    for n, said in ((2, False), (6, True)):
        rows.attrs["statements"] = (Statement("distractor_positive", {"item": "1", "option": "А", "n": n}),)
        shown = instrument_tables.options(rows, kept, OWN)
        stated = instrument_tables.stated({"options": instrument_tables.of_options(rows, shown)}, 25, OWN)
        assert ("чаще выбирали" in instrument_skills.options(shown, stated).markup) is said


def of_choices(wrong: dict[str, int], omitted: int, n: int = 200) -> tuple[pd.DataFrame, instrument_tables.Shown]:
    """Options of task 1, whose key is А, and the protected statistics of the work of n pupils."""
    chosen = [letter for letter, k in wrong.items() for _ in range(k)] + [None] * omitted
    letters = pd.DataFrame({"1": chosen + ["А"] * (n - len(chosen))})
    skipped = letters.isna()
    rng = np.random.default_rng(3)
    others = {str(task): rng.integers(0, 2, n) * 1.0 for task in (2, 3, 4)}
    points = pd.DataFrame({"1": (letters["1"] == "А") * 1.0, **others})
    whole = pd.DataFrame(False, points.index, points.columns).assign(**{"1": skipped["1"]})
    guard = instrument_tables.Guard(10)
    kept = instrument_tables.items(instruments.examine(points, pd.Series(1.0, points.columns), whole), guard)
    return items.distractors(letters, {"1": "А"}, not_attempted=skipped, scores=points), kept


@pytest.mark.parametrize(
    ("wrong", "omitted"),
    [({"Б": 40, "В": 30, "Г": 4}, 20), ({"Б": 40, "В": 30, "Г": 25, "Д": 3}, 0), ({"Б": 40, "В": 30}, 3)],
)
def test_options_of_few_pupils_cannot_be_worked_out(wrong: dict[str, int], omitted: int) -> None:
    rows, kept = of_choices(wrong, omitted)
    shown = instrument_tables.options(rows, kept, instrument_tables.Guard(10)).frame
    few = {option for option, k in {**wrong, instrument_tables.NO_ANSWER: omitted}.items() if 0 < k < 10}
    hidden = set(shown.loc[shown["hidden"], "option"])
    assert few <= hidden
    assert len(hidden) > 1
    assert "А" not in hidden  # facility tells the number of the key
    told = instrument_tables.of_options(rows, instrument_tables.options(rows, kept, instrument_tables.Guard(10)))
    assert not {one.values.get("option") for one in told} & hidden


@pytest.mark.parametrize(("wrong", "omitted"), [({"Б": 1}, 0), ({"Б": 3, "В": 4}, 30)])
def test_a_task_that_few_do_wrong_shows_no_options(wrong: dict[str, int], omitted: int) -> None:
    rows, kept = of_choices(wrong, omitted)
    shown = instrument_tables.options(rows, kept, instrument_tables.Guard(10))
    assert shown.frame.empty
    assert "Показать нечего" in instrument_skills.options(shown, kept).markup
    assert len(instrument_tables.options(rows, kept, OWN).frame) == len(rows)
