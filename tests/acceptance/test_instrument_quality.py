"""What was planted in the example's tasks is named in words on the page of an instrument, and nothing else is."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from cells import Shown, run_cells
from oko.records.example.choices import KEYS
from oko.records.example.forms_filled import GENERAL_SKILLS
from oko.workspace import Workspace

HOME_MADE = "control-general-7-winter-2021"
AGREED = 0.92
"""Share of agreeing pairs among four experts who turn 3 of 100 judgements and one who turns 9."""


def run(example: Workspace, work: str, folder: pytest.TempPathFactory, language: str = "ru") -> Shown:
    year = str(example.assessments().set_index("assessment")["year"][work])
    return run_cells(example, "instrument_quality", folder.mktemp("instrument"), language, year=year, instrument=work)


@pytest.fixture(scope="module")
def home_made(example: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Shown:
    return run(example, HOME_MADE, tmp_path_factory)


def words(shown: Shown) -> str:
    return shown.markup.replace("\u00a0", " ")


@pytest.mark.parametrize("planted", [0, 1])
def test_a_task_easier_for_one_sex_is_named_and_no_other(
    example: Workspace, tmp_path_factory: pytest.TempPathFactory, planted: int
) -> None:
    truth = json.loads((example.work / "truth" / "planted.json").read_text(encoding="utf-8"))["dif"][planted]
    shown = run(example, f"vpr-{truth['work']}-spring-2021", tmp_path_factory)
    whom = "девочкам" if truth["favours"] == "M" else "мальчикам"
    text = words(shown)
    assert f"Задание {truth['item']} различает группы сильно: при той же сумме баллов оно даётся труднее {whom}" in text
    assert text.count("различает группы сильно") == 1
    compared = shown.table("fairness")
    assert compared.loc[compared["found"] == "large", ["comparison", "item"]].to_numpy().tolist() == [
        ["sex", truth["item"]]
    ]
    mend = shown.table("mend")
    told = mend[mend["item_rule"].str.startswith("differs")]
    assert told[["item", "item_rule"]].to_numpy().tolist() == [[truth["item"], "differs_by_sex"]]
    assert "Задания этой работы составляли не школы" in text


def test_where_nothing_was_planted_no_difference_is_claimed(home_made: Shown) -> None:
    text = words(home_made)
    assert text.count("Ни одного задания, которое при равной сумме баллов сильно различало бы группы") == 2
    assert "различает группы сильно" not in text
    assert (home_made.table("fairness")["found"] == "").all()


def test_experts_agree_as_planted_and_find_the_skills_of_the_example(home_made: Shown) -> None:
    whole = home_made.table("agreement").set_index("skill").loc[""]
    assert whole["agreement"] == pytest.approx(AGREED, abs=0.02)
    assert whole["kappa_lower"] < whole["kappa"] < whole["kappa_upper"]
    judged = home_made.table("judgements").set_index(["item", "skill"])["experts_share"]
    found = {item for item, skill in GENERAL_SKILLS.items() if judged.get((item, skill), 0.0) > 0.5}
    missed = set(GENERAL_SKILLS) - found
    assert len(missed) <= 2
    mend = home_made.table("mend")
    assert set(mend.loc[mend["item_rule"] == "other_skill", "item"]) == missed
    assert "согласие умеренное" in words(home_made)


def test_the_page_says_what_the_work_is_and_what_it_is_not(home_made: Shown, example: Workspace) -> None:
    text = words(home_made)
    assert "12 заданий, баллов: 22, минут: 57." in text
    assert "Контроль и коррекция (1)" in text
    assert "одно общее, отличимое от случая" in text
    bank = home_made.table("bank")
    passports = example.register("passports", instrument=HOME_MADE).set_index("item")
    assert bank["skill"].tolist() == passports.loc[bank["item"], "skill"].tolist()
    assert bank["facility"].between(0.2, 0.9).all()
    levels = home_made.table("levels")
    assert levels["n"].sum() == example.responses(HOME_MADE).shape[0]
    assert (levels["n"] >= example.cluster.threshold).all()
    assert home_made.figures() == {
        "facility", "quality", "judgements", "eigenvalues", "wright", "fairness", "skills",
    }  # fmt: skip


def test_options_are_those_of_the_example_and_rare_ones_do_not_leave(home_made: Shown, example: Workspace) -> None:
    rows, known = home_made.table("options"), example.register("options", assessment=HOME_MADE)
    counts = known.groupby(["item", "option"]).size()
    assert set(rows["item"]) == set(KEYS) == set(known["item"])
    letters = rows[rows["choice"] != "omitted"].set_index(["item", "option"])
    assert set(letters.index) == set(counts.index)
    rare = counts[counts < example.cluster.threshold]
    assert list(rare.index) == [("12", "Г")]
    hidden = letters[letters["hidden"]]
    assert set(rare.index) < set(hidden.index)
    assert hidden[["n", "option_share", "point_biserial_rest"]].isna().all(axis=None)
    shown = letters[~letters["hidden"]]
    assert shown["n"].astype(int).to_dict() == counts[shown.index].to_dict()
    keys = shown[shown["choice"] == "key"].reset_index().set_index("item")
    assert keys["option"].to_dict() == dict(KEYS)
    items = home_made.table("items").set_index("item").loc[keys.index]
    pd.testing.assert_series_equal(keys["option_share"], items["facility"], check_names=False)
    pd.testing.assert_series_equal(keys["point_biserial_rest"], items["item_rest"], check_names=False)
    assert (shown.loc[shown["choice"] == "wrong", "point_biserial_rest"] < 0).all()
    assert "В (ключ)" in words(home_made)


def test_by_skill_one_or_two_tasks_give_no_number(home_made: Shown) -> None:
    rows = home_made.table("skills")
    few = rows["n_items"] < 3
    assert few.any()
    assert rows.loc[few, "facility"].isna().all()
    assert rows.loc[~few, "facility"].notna().all()


def test_a_language_changes_words_not_numbers(
    example: Workspace, home_made: Shown, tmp_path_factory: pytest.TempPathFactory
) -> None:
    english = run(example, HOME_MADE, tmp_path_factory, "en")
    assert "No task differs much between pupils with the same sum of points." in english.markup
    for name in ("items", "fairness", "mend", "options", "statements"):
        pd.testing.assert_frame_equal(english.table(name), home_made.table(name))
