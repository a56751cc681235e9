"""Results by skill: by definition, under changes that must change nothing, and with poor or wrong data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from oko.errors import MeasureError
from oko.measures.items import analyse, facility
from oko.measures.skills import SkillResults, by_skill

MOST = pd.Series({"1": 1.0, "2": 2.0, "3": 3.0, "4": 1.0, "5": 2.0, "6": 1.0})
MATRIX = pd.DataFrame(
    {"чтение": [1, 1, 1, 1, 0, 0], "планирование": [0, 0, 0, 1, 1, 1], "счёт": [0, 1, 0, 0, 0, 1]},
    index=pd.Index(list("123456"), name="item"),
)


def points(n: int = 150, empty: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(4)
    ability = rng.normal(size=n)
    scores = pd.DataFrame(
        {item: np.clip(np.round(most / 2 + ability + rng.normal(size=n)), 0, most) for item, most in MOST.items()}
    )
    return scores.mask(rng.random(scores.shape) < empty)


def codes(found: SkillResults) -> dict[str, Any]:
    return {statement.code: dict(statement.values) for statement in found.statements}


def test_a_skill_is_the_sum_of_its_tasks() -> None:
    scores = points()
    found = by_skill(scores, MATRIX, MOST)
    reading = list("1234")
    row, classical = found.skills.loc["чтение"], analyse(scores[reading], MOST)
    share = scores[reading].sum(axis=1) / 7
    assert (row["n_items"], row["items"], row["n"]) == (4, tuple(reading), 150)
    as_one_item = facility(share.to_frame("all"), pd.Series({"all": 1})).loc["all"]
    assert row[["facility", "lower", "upper"]].tolist() == pytest.approx(
        as_one_item[["facility", "lower", "upper"]].tolist()
    )
    assert row["alpha"] == pytest.approx(classical.alpha)
    assert row["sem"] == pytest.approx(classical.sem / 7)
    np.testing.assert_allclose(found.pupil_scores["чтение"], share, rtol=1e-14)
    np.testing.assert_allclose(found.pupil_se["чтение"], classical.sem / 7, rtol=1e-12)


def test_two_tasks_allow_no_conclusion() -> None:
    found = by_skill(points(), MATRIX, MOST)
    row = found.skills.loc["счёт"]
    assert (row["n_items"], row["items"], row["n"]) == (2, ("2", "6"), 150)
    assert row[["facility", "lower", "upper", "alpha", "sem"]].isna().all()
    assert found.pupil_scores["счёт"].isna().all()
    assert found.pupil_se["счёт"].isna().all()
    assert codes(found)["skills_few_items"] == {"skill": "счёт", "items": ("2", "6"), "needed": 3}
    assert found.skills.loc["планирование", ["facility", "alpha", "sem"]].notna().all()


def test_tasks_of_no_skill_and_of_several_are_named() -> None:
    found = by_skill(points(), MATRIX.drop(index="3").assign(пусто=False), MOST)
    said = codes(found)
    assert said["skills_items_unassigned"] == {"items": ("3",)}
    assert said["skills_items_shared"] == {"items": ("2", "4", "6")}
    assert said["skills_without_items"] == {"skills": ("пусто",)}
    assert found.skills.loc["пусто", ["n_items", "items", "n"]].tolist() == [0, (), 0]


def test_agreed_weights_weigh_the_points() -> None:
    scores, weights = points(), pd.Series({"1": 1.0, "2": 0.5, "3": 0.25})
    found = by_skill(scores, weights.to_frame("умение"), MOST)
    weighed = scores[list("123")] * weights
    most = (weights * MOST[list("123")]).sum()
    classical = analyse(weighed, weights * MOST[list("123")])
    row = found.skills.loc["умение"]
    assert row["facility"] == pytest.approx(weighed.sum(axis=1).mean() / most)
    assert (row["alpha"], row["sem"]) == pytest.approx((classical.alpha, classical.sem / most))


def test_pupils_with_tasks_not_given_have_the_error_of_their_own_tasks() -> None:
    scores = points()
    scores.loc[:39, "1"] = np.nan
    scores.loc[100:119, ["1", "2"]] = np.nan
    found = by_skill(scores, MATRIX, MOST)
    share = scores[list("1234")].sum(axis=1) / scores[list("1234")].notna().mul(MOST[list("1234")]).sum(axis=1)
    assert found.skills.loc["чтение", "facility"] == pytest.approx(share.mean())
    assert found.pupil_scores.loc[:39, "чтение"].tolist() == pytest.approx(share[:40].tolist())
    assert found.pupil_scores.loc[100:119, "чтение"].isna().all()
    covariance = scores[list("234")].cov().to_numpy()
    alpha = 1.5 * (1 - np.trace(covariance) / covariance.sum())
    expected = np.sqrt(covariance.sum() * (1 - alpha)) / 6
    assert found.pupil_se.loc[:39, "чтение"].to_numpy() == pytest.approx(expected)
    assert found.pupil_se.loc[40, "чтение"] == pytest.approx(found.skills.loc["чтение", "sem"])
    said = codes(found)
    assert said["skills_pupils_few_items"] == {"skill": "чтение", "n": 20, "needed": 3}
    assert said["skills_shares_of_given"] == {"n": 60}


def test_classes_widen_the_interval() -> None:
    scores = points().sort_values("2", ignore_index=True)
    classes = pd.Series(np.arange(150) // 30)
    alone, together = (by_skill(scores, MATRIX, MOST, clusters=c).skills.loc["чтение"] for c in (None, classes))
    share = (scores[list("1234")].sum(axis=1) / 7).to_frame("all")
    expected = facility(share, pd.Series({"all": 1}), clusters=classes).loc["all"]
    assert together[["lower", "upper"]].tolist() == pytest.approx(expected[["lower", "upper"]].tolist())
    assert together["upper"] - together["lower"] > alone["upper"] - alone["lower"]


@pytest.mark.parametrize("empty", [0.0, 0.15])
def test_order_changes_nothing_and_weights_are_repeated_rows(empty: float) -> None:
    scores = points(empty=empty)
    repeats = np.arange(len(scores)) % 3
    repeated = scores.index.repeat(repeats)
    expected = by_skill(scores.loc[repeated].reset_index(drop=True), MATRIX, MOST)
    mixed = by_skill(scores.assign(pupils=repeats)[["pupils", *"351642"]], MATRIX.iloc[::-1, ::-1], MOST, "pupils")
    rows = mixed.skills.loc[expected.skills.index]
    numbers = ["n_items", "n", "facility", "lower", "upper", "alpha", "sem"]
    pd.testing.assert_frame_equal(rows[numbers], expected.skills[numbers], rtol=1e-11)
    assert [set(items) for items in rows["items"]] == [set(items) for items in expected.skills["items"]]
    shown = mixed.pupil_scores.loc[repeated, expected.skills.index].reset_index(drop=True)
    pd.testing.assert_frame_equal(shown, expected.pupil_scores, rtol=1e-12)
    errors = mixed.pupil_se.loc[repeated, expected.skills.index].reset_index(drop=True)
    pd.testing.assert_frame_equal(errors, expected.pupil_se, rtol=1e-11)
    assert codes(mixed).keys() == codes(expected).keys()


def test_tasks_that_nobody_took_stand_behind_no_skill() -> None:
    found = by_skill(points().assign(**{"6": np.nan}), MATRIX, MOST)
    assert found.skills["n_items"].to_dict() == {"чтение": 4, "планирование": 2, "счёт": 1}
    assert codes(found)["skills_items_not_given"] == {"items": ("6",)}


def test_poor_data_are_said_not_raised() -> None:
    same = points() * 0 + 1
    found = by_skill(same, MATRIX, MOST)
    assert found.skills.loc["чтение", "facility"] == pytest.approx(4 / 7)
    assert found.pupil_se["чтение"].isna().all()
    assert codes(found)["skills_without_alpha"]["skill"] in ("чтение", "планирование")
    one = by_skill(points().head(1), MATRIX, MOST)
    assert {"skills_without_alpha", "item_few_pupils"} <= codes(one).keys()
    assert one.skills.loc["чтение", ["facility", "lower", "upper"]].notna().all()
    nobody = by_skill(points() * np.nan, MATRIX, MOST)
    assert nobody.skills["n"].tolist() == [0, 0, 0]
    assert nobody.pupil_scores.isna().all(axis=None)
    zeros = by_skill(points() * 0, MATRIX)
    assert codes(zeros)["item_maximum_unknown"] == {"items": tuple("123456")}
    opposite = points()
    opposite["5"] = 2 - opposite["5"]
    assert codes(by_skill(opposite, MATRIX, MOST))["skills_alpha_negative"]["skill"] == "планирование"


@pytest.mark.parametrize(
    ("matrix", "says"),
    [
        (MATRIX.replace(1, 2), "holds 2"),
        (MATRIX.replace(1, np.nan), "holds nan"),
        (MATRIX.rename(index={"1": "7"}), "'7'"),
        (MATRIX.rename(index={"1": "2"}), "'2' stands twice"),
        (MATRIX.rename(columns={"счёт": "чтение"}), "'чтение' stands twice"),
        (MATRIX.astype(str), "not numeric"),
        (MATRIX[[]], "no matrix"),
        ({"1": "чтение"}, "no matrix"),
    ],
)
def test_a_wrong_matrix_is_named(matrix: Any, says: str) -> None:
    with pytest.raises(MeasureError) as caught:
        by_skill(points(), matrix, MOST)
    assert says in caught.value.message.format(**caught.value.values)


@pytest.mark.slow
def test_the_error_of_a_pupil_is_that_of_repeated_work() -> None:
    # Parallel tasks: a pupil's share over repetitions spreads around the true one by the standard error reported.
    rng, n = np.random.default_rng(6), 20_000
    chance = rng.beta(3, 3, n)
    first, second = ((rng.random((n, 10)) < chance[:, None]).astype(float) for _ in range(2))
    items = [str(item) for item in range(10)]
    found = by_skill(pd.DataFrame(first, columns=items), pd.DataFrame({"умение": 1}, index=items))
    apart = (first.mean(axis=1) - second.mean(axis=1)).std() / np.sqrt(2)
    # The standard deviation of 20,000 pupils is known to 0.5 %; 2 % leaves four of its errors.
    assert found.skills.loc["умение", "sem"] == pytest.approx(apart, rel=0.02)


def test_a_task_that_one_pupil_took_does_not_take_the_error_from_all() -> None:
    nan = float("nan")
    scores = pd.DataFrame(
        {"a": [1, 0, 1, 0, 1, 0], "b": [1, 0, 1, 0, 0, 1], "c": [1, 0, 0, 0, 1, 0], "d": [1.0, *[nan] * 5]}
    )
    matrix = pd.DataFrame({"чтение": 1}, index=list("abcd"))
    found = by_skill(scores, matrix, pd.Series(1, index=list("abcd")))
    whole = by_skill(scores[["a", "b", "c"]], matrix.iloc[:3], pd.Series(1, index=list("abc")))
    assert found.skills.loc["чтение", ["alpha", "sem"]].tolist() == pytest.approx(
        whole.skills.loc["чтение", ["alpha", "sem"]].tolist()
    )
    assert "skills_without_alpha" not in {said.code for said in found.statements}


@pytest.mark.parametrize("seed", range(40))
def test_no_error_is_missing_without_a_word(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scores = pd.DataFrame((rng.random((12, 4)) < 0.5).astype(float), columns=list("abcd")).mask(
        rng.random((12, 4)) < 0.45
    )
    found = by_skill(scores, pd.DataFrame({"чтение": 1}, index=list("abcd")), pd.Series(1, index=list("abcd")))
    said = {remark.code for remark in found.statements}
    unsure = found.pupil_se.isna() & found.pupil_scores.notna()
    wordless = {"skills_without_alpha", "skills_alpha_above_one", "skills_errors_unknown"}
    assert not unsure.to_numpy().any() or said & wordless
    assert ("skills_without_alpha" in said) == bool(np.isnan(found.skills.loc["чтение", "alpha"]))
