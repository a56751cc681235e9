"""Skills of tasks come from the best source: experts, the task's passport, the initial list."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from oko.measures.skills import assigned
from oko.records.facts import read_facts
from oko.records.form_lists import read_lists
from oko.records.instruments import TASKS
from oko.records.task_skills import SKILLS, initial_skills

ROOT = Path(__file__).parents[3]


def test_experts_go_before_passports_and_passports_before_the_initial_list() -> None:
    initial = pd.DataFrame({"assessment": ["a", "b", "c"], "item": "1", "skill": "charts"})
    passports = pd.DataFrame({"instrument": ["a", "b"], "item": "1", "skill": ["proof", None]})
    judged = [("a", expert, item, "modelling", float(expert < 3)) for expert in (1, 2, 3) for item in ("1", "2")]
    judgements = pd.DataFrame(judged, columns=["instrument", "expert", "item", "skill", "weight"])
    found = assigned(initial, passports, judgements)
    assert found[["assessment", "item", "skill", "origin"]].values.tolist() == [
        ["a", "1", "modelling", "experts"],
        ["a", "2", "modelling", "experts"],
        ["b", "1", "charts", "initial"],
        ["c", "1", "charts", "initial"],
    ]


def test_the_initial_list_knows_tasks_and_skills_that_exist_and_says_it_is_not_confirmed() -> None:
    known, tasks = read_facts(ROOT, SKILLS), read_facts(ROOT, TASKS)
    keys = ["subject", "grade", "item"]
    assert set(known[keys].itertuples(index=False, name=None)) <= set(tasks[keys].itertuples(index=False, name=None))
    assert set(known["skill"]) <= set(read_lists(ROOT).codes("skill"))
    assert not known.duplicated([*keys, "skill"]).any()
    assert known["status"].str.contains("unconfirmed").all()


def test_tasks_that_a_work_does_not_have_are_left_out() -> None:
    works = pd.DataFrame({"assessment": ["w", "x"], "subject": "physics", "material_grade": [7, pd.NA]})
    items = pd.DataFrame({"assessment": ["w", "w"], "item": ["4", "10"]})
    found = initial_skills(ROOT, works, items)
    assert found[["assessment", "item", "skill"]].values.tolist() == [["w", "4", "charts"], ["w", "10", "proof"]]
