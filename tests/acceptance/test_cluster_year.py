"""The cluster's year: what was planted is found, the school with raised marks is named inside alone."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from oko.measures.gaps import gaps
from oko.runs.plan import Run
from oko.runs.year import YearMade
from oko.workspace import Workspace


@pytest.fixture(scope="module")
def run(example_year: YearMade) -> Run:
    (found,) = [run for run in example_year.runs if run.name == "cluster_year"]
    return found


def table(run: Run, name: str) -> pd.DataFrame:
    return pd.read_parquet(run.folder / "tables" / f"{name}.parquet")


def section(run: Run, title: str) -> str:
    text = (run.folder / run.page).read_text(encoding="utf-8").replace("\u00a0", " ")
    (found,) = [part for part in re.split(r"<h2", text) if title in part[:300]]
    return found


def test_the_school_that_raises_marks_is_found_inside_and_not_named_outside(run: Run, example: Workspace) -> None:
    truth = json.loads((example.work / "truth" / "planted.json").read_text(encoding="utf-8"))
    inside = table(run, "bias_schools")
    assert list(inside.loc[inside["left_out"], "school"]) == [truth["bias"]["school"]]
    works = table(run, "bias_works")
    assert set(works.loc[works["marked"], "school"]) == {truth["bias"]["school"]}
    public = table(run, "markers").set_index("marker")
    assert public["marked"]["pile_up"] == works["marked"].sum()
    assert "school" not in public.columns
    said = section(run, "Есть ли повод для самопроверки")
    assert "повод для самопроверки" in said
    assert not any(f"№ {code}" in said for code in example.cluster.school_codes)


def test_the_deficit_that_was_no_target_is_named_in_words(run: Run) -> None:
    rows = table(run, "profile")
    found = rows[rows["kind"] == "deficit"]
    assert ("mathematics", "proof") in set(zip(found["subject"], found["skill"], strict=True))
    assert (found["upper"] < 0).all()
    assert "Доказательство и обоснование" in section(run, "Какие умения даются")


def test_no_gap_between_girls_and_boys_is_made_of_chance(run: Run) -> None:
    """None is planted beyond two tasks: of n intervals of 95 % more than these miss zero in one case of a hundred."""
    rows = table(run, "gaps")
    sex = rows[(rows["groups"] == "sex") & rows["lower"].notna()]
    missed = ((sex["lower"] > 0) | (sex["upper"] < 0)).sum()
    assert missed <= 0.05 * len(sex) + 2.3263 * (0.05 * 0.95 * len(sex)) ** 0.5
    assert (rows[["schools_first", "schools_second"]] >= 3).all(axis=None)


def test_shares_of_the_journal_add_up_and_name_no_small_work(run: Run) -> None:
    rows = table(run, "journal")
    known = rows[rows[["lowered", "confirmed", "raised"]].notna().all(axis=1) & (rows["bounded"] == "")]
    assert len(known)
    assert known[["lowered", "confirmed", "raised"]].sum(axis=1).sub(1).abs().max() < 1e-3


def test_growth_says_what_it_lacks(run: Run) -> None:
    assert table(run, "growth").empty
    assert "нормативная группа" in section(run, "Выросли ли ученики")


def test_a_gap_is_the_difference_of_means_in_units_of_spread() -> None:
    rows = pd.DataFrame({"assessment": "w", "class": "7А", "kind": ["a"] * 6 + ["b"] * 6,
                         "school": list("112233445566"), "primary_score": [5.0, 6, 7, 5, 6, 7, 3, 4, 5, 3, 4, 5]})  # fmt: skip
    (found,) = gaps(rows, "kind", "a", "b", within_classes=False)["estimate"]
    assert found == pytest.approx(2 / rows["primary_score"].std())
    assert gaps(rows, "kind", "a", "c", within_classes=False)["estimate"].isna().all()
