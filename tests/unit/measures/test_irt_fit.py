"""The marginal likelihood and its derivatives, the search, and what a fit does with every kind of poor data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from oko.errors import MeasureError
from oko.language import used
from oko.measures.equating import stocking_lord
from oko.measures.irt import IRT, abilities, compare, fit
from oko.measures.irt.calibration import read_calibration
from oko.measures.irt.curves import layout_of, spaced_nodes
from oko.measures.irt.likelihood import curved, marginal, prepare, thinned
from oko.measures.irt.patterns import collapse, levels_of
from oko.measures.responses import read_responses


def right(n: int, items: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    slope, difficulty = np.exp(0.3 * rng.normal(size=items)), rng.normal(size=items)
    logits = slope * (rng.normal(size=n)[:, None] - difficulty)
    names = [str(k + 1) for k in range(items)]
    return pd.DataFrame((rng.random((n, items)) < expit(logits)).astype(float), columns=names)


def mixed(n: int = 300, seed: int = 1) -> pd.DataFrame:
    """Right/wrong items and items of 2 and 3 points, in three variants with holes."""
    rng = np.random.default_rng(seed)
    ability = rng.normal(size=n)
    scores = right(n, 3, seed)
    scores["4"] = np.clip(np.round(ability + rng.normal(size=n) + 1.2), 0, 3)
    scores["5"] = np.clip(np.round(ability + rng.normal(size=n) + 0.6), 0, 2)
    scores.iloc[:60, 0] = np.nan
    scores.iloc[50:90, 4] = np.nan
    return scores.mask(rng.random(scores.shape) < 0.05)


def codes(found: IRT) -> set[str]:
    return {said.code for said in found.statements}


def test_gradient_and_information_are_the_derivatives() -> None:
    scores = mixed()
    read = read_responses(scores, weights=np.arange(len(scores)) % 3 + 1.0)
    levels = levels_of(read)
    layout = layout_of(np.array([len(reached) - 1 for reached in levels]))
    data, nodes = prepare(collapse(read, levels), layout), spaced_nodes(0.3, 6)
    rng = np.random.default_rng(2)
    at = np.concatenate([rng.uniform(0.6, 1.5, 5), rng.normal(size=len(layout.item))])
    point, observed = curved(data, at, nodes)
    assert len(data.administered) > 5
    assert point.loglik == marginal(data, at, nodes).loglik
    for k, step in enumerate(np.eye(len(at)) * 1e-5):
        above, below = marginal(data, at + step, nodes), marginal(data, at - step, nodes)
        # central differences: rounding 1e-13·|loglik|/1e-5, curvature 1e-10
        assert (above.loglik - below.loglik) / 2e-5 == pytest.approx(point.gradient[k], abs=1e-5)
        assert (below.gradient - above.gradient) / 2e-5 == pytest.approx(observed[k], abs=1e-5)


@pytest.mark.parametrize("model", ["pcm", "gpcm"])
def test_order_and_names_of_pupils_and_items_do_not_matter(model: Any) -> None:
    scores = mixed()
    found = fit(scores, model)
    rng = np.random.default_rng(3)
    shuffled = scores.iloc[rng.permutation(len(scores)), rng.permutation(5)].rename(columns=lambda name: f"q{name}")
    other = fit(shuffled, model)
    back = other.items.rename(index=lambda name: name[1:]).loc[found.items.index]
    # another order of summing, and a search that rests when 1e-13 of the log likelihood is left
    pd.testing.assert_frame_equal(back, found.items, atol=1e-5, rtol=0)
    assert other.loglik == pytest.approx(found.loglik, abs=1e-9)
    ability = found.abilities()
    pd.testing.assert_frame_equal(other.abilities().loc[ability.index], ability, atol=1e-5, rtol=0)


def test_pupils_in_another_order_give_the_same_bytes() -> None:
    scores = mixed()
    pd.testing.assert_frame_equal(fit(scores[::-1], "gpcm").items, fit(scores, "gpcm").items, rtol=0, atol=0)


def test_weights_are_repeated_rows() -> None:
    scores = mixed(900)
    weights = np.arange(len(scores)) % 4.0
    weighted = fit(scores.assign(pupils=weights), "gpcm", weights="pupils")
    repeated = fit(scores.loc[scores.index.repeat(weights.astype(int))], "gpcm")
    pd.testing.assert_frame_equal(weighted.items, repeated.items, rtol=1e-12)
    pd.testing.assert_frame_equal(weighted.se, repeated.se, rtol=1e-9)
    assert weighted.converged
    assert weighted.n == repeated.n == weights.sum()


def test_an_empty_cell_is_not_a_zero() -> None:
    scores = right(2_000, 8)
    half = scores.copy()
    half.iloc[:1_000, :3] = np.nan
    found, whole = fit(half, "2pl"), fit(scores, "2pl")
    assert (found.items["difficulty"] - whole.items["difficulty"]).abs().max() < 0.3
    assert (fit(half.fillna(0), "2pl").items["difficulty"] - whole.items["difficulty"]).iloc[:3].min() > 0.5
    assert "irt_missing" in codes(found)
    assert (found.se["difficulty"] > whole.se["difficulty"]).iloc[:3].all()


def test_many_patterns_and_few_find_the_same_maximum(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = right(9_000, 24)
    found = fit(scores, "2pl")
    assert found.n_patterns > 8_000
    monkeypatch.setattr("oko.measures.irt.newton._PART", 10**9)
    pd.testing.assert_frame_equal(fit(scores, "2pl").items, found.items, rtol=0, atol=1e-6)


def test_a_part_without_a_category_is_not_used() -> None:
    scores = right(3_000, 14)
    scores["rare"] = 0.0
    scores.loc[[0, 1], "rare"] = 1.0
    read = read_responses(scores)
    patterns = collapse(read, levels_of(read))
    assert thinned(prepare(patterns, layout_of(np.ones(15, dtype=np.int64))), 100) is None
    assert fit(scores, "2pl").converged


def test_a_finer_grid_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = right(500, 40)
    found = fit(scores, "2pl")
    monkeypatch.setattr("oko.measures.irt.newton._COARSE", 0.04)
    monkeypatch.setattr("oko.measures.irt.newton._FAR", 9.0)
    finer = fit(scores, "2pl")
    assert finer.loglik == pytest.approx(found.loglik, abs=1e-7)
    pd.testing.assert_frame_equal(finer.items, found.items, rtol=0, atol=1e-6)


def test_variance_is_only_the_scale_of_a_two_parameter_model() -> None:
    scores = right(600, 6)
    one, four = fit(scores, "2pl"), fit(scores, "2pl", variance=4.0)
    assert four.loglik == pytest.approx(one.loglik, abs=1e-9)
    assert four.items["difficulty"].tolist() == pytest.approx((2 * one.items["difficulty"]).tolist())
    assert four.items["discrimination"].tolist() == pytest.approx((one.items["discrimination"] / 2).tolist())
    assert four.se["difficulty"].tolist() == pytest.approx((2 * one.se["difficulty"]).tolist())


def test_a_scale_that_points_downwards_is_turned() -> None:
    scores = right(800, 6)
    turned = fit(1 - scores, "2pl")
    assert (turned.items["discrimination"] > 0).all()
    assert turned.items["difficulty"].tolist() == pytest.approx(
        (-fit(scores, "2pl").items["difficulty"]).tolist(), abs=1e-5
    )


def test_an_item_without_variance_is_left_out_and_named() -> None:
    scores = right(300, 5).assign(easy=1.0, empty=np.nan)
    found = fit(scores, "2pl")
    assert found.items.loc[["easy", "empty"]].isna().all(axis=None)
    assert found.items.loc["1":"5"].notna().all(axis=None)
    said = {remark.code: dict(remark.values) for remark in found.statements}
    assert said["irt_same_points"] == {"item": "easy", "points": 1.0}
    assert said["irt_not_taken"] == {"item": "empty"}
    assert found.abilities().notna().all(axis=None)
    pd.testing.assert_frame_equal(found.items.loc["1":"5"], fit(right(300, 5), "2pl").items)


def test_a_category_that_nobody_reached_is_dropped_and_said() -> None:
    scores = right(400, 5)
    scores["5"] *= 2
    found = fit(scores, "gpcm")
    assert {"item": "5", "points": ("1",)} in [dict(said.values) for said in found.statements]
    assert found.bank["points"].tolist() == ["0 1"] * 4 + ["0 2"]
    assert found.items.loc["5", "difficulty"] == pytest.approx(fit(right(400, 5), "2pl").items.loc["5", "difficulty"])


@pytest.mark.parametrize(("model", "items"), [("2pl", 2), ("gpcm", 2), ("rasch", 1), ("1pl", 1)])
def test_too_few_items_are_said_and_not_fitted(model: Any, items: int) -> None:
    found = fit(right(300, items), model)
    assert not found.converged
    assert "irt_few_items" in codes(found)
    assert found.items.isna().all(axis=None)
    assert found.abilities().isna().all(axis=None)
    assert np.isnan(found.reliability)


@pytest.mark.parametrize("points", [0.0, 1.0])
def test_all_right_or_all_wrong(points: float) -> None:
    found = fit(pd.DataFrame(points, index=range(30), columns=list("abc")), "rasch")
    assert codes(found) >= {"irt_same_points", "irt_few_items"}


def test_one_pupil() -> None:
    found = fit(pd.DataFrame({"1": [1.0], "2": [0.0], "3": [1.0]}), "2pl")
    assert codes(found) >= {"irt_same_points", "irt_few_items", "irt_few_pupils"}


def test_one_item_can_be_placed_where_the_variance_is_known() -> None:
    found = fit(right(300, 1), "rasch", variance=1.0)
    assert found.converged
    assert found.items["difficulty"].notna().all()


def test_few_pupils_are_said() -> None:
    assert "irt_few_pupils" in codes(fit(right(149, 6), "rasch"))
    assert "irt_few_pupils" not in codes(fit(right(150, 6), "rasch"))
    assert "irt_few_pupils" in codes(fit(right(499, 6), "2pl"))


def test_pupils_without_any_answer_have_no_ability_and_are_counted() -> None:
    scores = right(300, 6)
    scores.iloc[:3] = np.nan
    found = fit(scores, "rasch")
    assert found.n == 297
    assert {"n": 3.0} in [dict(said.values) for said in found.statements]
    assert found.abilities().isna().any(axis=1).tolist() == [True] * 3 + [False] * 297


def test_variants_without_a_common_task_are_said() -> None:
    scores = right(600, 8)
    scores.iloc[:300, :4] = np.nan
    scores.iloc[300:, 4:] = np.nan
    assert "irt_unlinked" in codes(fit(scores, "rasch"))
    scores.iloc[300:310, 4] = 1.0
    assert "irt_unlinked" not in codes(fit(scores, "rasch"))


def test_a_task_that_splits_pupils_perfectly_is_named() -> None:
    scores = right(400, 6)
    scores["7"] = (scores.sum(axis=1) > 3).astype(float)
    found = fit(scores, "2pl")
    assert [said.values["items"] for said in found.statements if said.code == "irt_steep"] == [("7",)]
    assert np.isfinite(found.abilities()).all(axis=None)


def test_a_task_with_a_wrong_key_and_one_by_chance_are_named() -> None:
    scores = right(1_500, 8)
    scores["8"] = 1 - scores["8"]
    scores["9"] = np.arange(1_500) % 2.0
    said = {remark.code: remark.values["items"] for remark in fit(scores, "2pl").statements}
    assert said == {"irt_negative": ("8",), "irt_flat": ("9",)}


def test_rare_middle_points_are_said() -> None:
    scores = right(800, 6)
    scores["6"] *= 2
    scores.loc[:9, "6"] = 1.0
    found = fit(scores, "gpcm")
    assert found.items.loc["6", "step_1"] > found.items.loc["6", "step_2"]
    assert {"items": ("6",)} in [dict(said.values) for said in found.statements]


def test_tasks_that_have_nothing_in_common() -> None:
    rng = np.random.default_rng(8)
    scores = pd.DataFrame((rng.random((900, 5)) < 0.5).astype(float), columns=list("abcde"))
    scores["b"] = 1 - scores["a"]
    found = fit(scores, "rasch")
    assert "irt_no_spread" in codes(found)
    assert found.variance == pytest.approx(0, abs=1e-4)
    assert found.reliability == pytest.approx(0, abs=1e-3)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"model": "3pl"}, "no model '3pl'"),
        ({"model": "rasch", "variance": 0.0}, "number above 0"),
        ({"model": "rasch", "variance": float("nan")}, "number above 0"),
        ({"max_scores": pd.Series(1, index=list("123456"))}, "outside 0 to 1"),
        ({"weights": [1.0]}, "1 weights were given for 200 rows"),
        ({"weights": np.ones((200, 1))}, "no row of numbers"),
        ({"variance": "1"}, "number above 0"),
        ({"variance": True}, "number above 0"),
    ],
)
def test_wrong_calls(change: dict[str, Any], words: str) -> None:
    scores = right(200, 6)
    scores.loc[5, "2"] = 2.0
    with used("en"), pytest.raises(MeasureError, match=words):
        fit(scores, **{"model": "gpcm", **change})


@pytest.mark.parametrize(("model", "other"), [("2pl", "gpcm"), ("rasch", "pcm"), ("1pl", "pcm")])
def test_a_model_of_right_and_wrong_refuses_partial_credit(model: Any, other: str) -> None:
    with used("en"), pytest.raises(MeasureError, match=f"Item '4' has 4 score categories.*'{other}'"):
        fit(mixed(), model)


@pytest.mark.parametrize("value", [-1.0, np.inf])
def test_points_that_are_none(value: float) -> None:
    scores = right(50, 4)
    scores.loc[7, "3"] = value
    with used("en"), pytest.raises(MeasureError, match=r"Item '3'.*row 8"):
        fit(scores)


def test_a_steep_task_among_others_has_its_finite_maximum() -> None:
    """A search on nodes 0.3 apart, as slopes of 1 need, would run away."""
    rng = np.random.default_rng(7)
    slope, difficulty = np.array([1.0] * 10 + [15.0]), np.append(np.linspace(-1, 1, 10), 0.3)
    logits = slope * (rng.normal(size=5_000)[:, None] - difficulty)
    found = fit(pd.DataFrame((rng.random((5_000, 11)) < expit(logits)).astype(float)), "2pl")
    assert found.converged
    assert 8 < found.items["discrimination"].iloc[-1] < 40
    assert "irt_steep" in codes(found)


@pytest.mark.parametrize("seed", [397, 245, 189, 78])
def test_weakly_connected_tasks_do_not_stop_at_the_saddle_of_no_variance(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.choice([30, 100, 400]))
    found = fit(pd.DataFrame((rng.random((n, int(rng.integers(2, 8)))) < 0.5).astype(float)), "rasch")
    assert found.converged
    assert found.variance > 1e-3
    assert found.se.notna().all(axis=None)


@pytest.mark.parametrize("seed", range(20))
def test_small_classes_give_numbers_or_say_that_there_are_none(seed: int) -> None:
    found = fit(right(int(20 + 3 * seed), 8, 1_000 + seed), "2pl")
    assert found.converged == found.se["discrimination"].notna().any()
    assert found.converged == ("not_converged" not in codes(found))
    assert found.limited_fit().m2 >= 0 or not found.converged
    assert found.wright_map().n == found.n


def test_nodes_that_the_likelihood_does_not_see_through_are_no_convergence() -> None:
    assert fit(right(300, 8), "rasch", variance=100.0).converged
    assert "not_converged" in codes(fit(right(300, 8), "rasch", variance=1e4))


def test_tasks_turned_round_give_the_same_likelihood() -> None:
    rng = np.random.default_rng(16)
    traits = np.repeat(rng.normal(size=(300, 2)), 4, axis=1)
    scores = pd.DataFrame((rng.random((300, 8)) < expit(1.5 * traits)).astype(float))
    turned = (scores - (np.arange(8) % 2)).abs()
    assert fit(turned, "2pl").loglik == pytest.approx(fit(scores, "2pl").loglik, abs=1e-7)


def test_one_common_slope_without_connection_has_no_difficulties() -> None:
    scores = pd.DataFrame((np.random.default_rng(0).random((400, 5)) < np.linspace(0.3, 0.7, 5)).astype(float))
    found = fit(scores, "1pl")
    assert "irt_no_spread" in codes(found)
    assert found.items["difficulty"].isna().all()
    assert found.abilities().isna().all(axis=None)
    assert np.isnan(fit(scores, "rasch").variance_se)
    assert "irt_no_spread" not in codes(fit(right(300, 5), "2pl", variance=1e-6))


def test_steps_of_a_reversed_task_are_in_order() -> None:
    rng = np.random.default_rng(5)
    ability = rng.normal(size=900)
    scores = pd.DataFrame({str(b): (rng.random(900) < expit(ability - b)) * 1.0 for b in (-1, -0.5, 0, 0.5, 1)})
    scores["6"] = np.clip(np.round(1.5 - ability + 0.8 * rng.normal(size=900)), 0, 3)
    found = fit(scores, "gpcm")
    assert found.items.loc["6", "discrimination"] < 0
    assert "irt_steps_disordered" not in codes(found)


def test_fractions_of_points_survive_the_bank() -> None:
    scores = mixed(600).fillna(0)
    scores["4"] /= 3
    scores.loc[0, "4"] = 0.1 + 0.2 + 1 / 30
    found = fit(scores, "gpcm")
    for mine, read in zip(found.calibration.levels, read_calibration(found.bank).levels, strict=True):
        assert mine.tolist() == read.tolist()
    assert len(found.calibration.levels[3]) == 4


def test_a_million_points_is_one_category_and_no_flood() -> None:
    scores = right(300, 5).assign(great=0.0)
    scores.loc[0, "great"] = 1e6
    found = fit(scores, "2pl")
    assert found.bank.loc["great", "points"] == "0 1000000"
    assert len(found.statements) < 5


def test_unequal_weights_find_the_same_maximum_from_part_of_the_pupils(monkeypatch: pytest.MonkeyPatch) -> None:
    scores = right(9_000, 20)
    weights = np.random.default_rng(2).lognormal(0, 2, 9_000)
    found = fit(scores, "2pl", weights=weights)
    monkeypatch.setattr("oko.measures.irt.newton._PART", 10**9)
    assert found.converged
    assert found.loglik == pytest.approx(fit(scores, "2pl", weights=weights).loglik, rel=1e-10)  # nodes differ


def test_models_of_other_answers_are_not_compared() -> None:
    first = fit(right(300, 5), "rasch")
    with used("en"), pytest.raises(MeasureError, match="different pupils or tasks"):
        compare(first, fit(right(300, 5, seed=2), "2pl"))


@pytest.mark.parametrize("points", ["0 a", "0 2 1", "0", "1 1"])
def test_points_of_categories_that_do_not_fit(points: str) -> None:
    bank = pd.DataFrame({"discrimination": [1.0], "difficulty": [0.3], "points": [points]}, index=["1"])
    with used("en"), pytest.raises(MeasureError, match="Item '1': its steps and the points"):
        read_calibration(bank)


def test_a_bank_scores_a_class_as_the_fit_does() -> None:
    scores = mixed(900)
    found = fit(scores, "gpcm")
    own = abilities(scores.iloc[:25], found.bank, found.variance, "wle")
    pd.testing.assert_frame_equal(own[["ability", "se"]], found.abilities("wle").iloc[:25], rtol=0, atol=1e-9)


def test_two_years_are_linked_by_common_tasks() -> None:
    """The second year's pupils are half a logit ahead and a fifth more spread."""
    rng = np.random.default_rng(4)
    difficulty, slope = rng.normal(size=16), np.exp(0.2 * rng.normal(size=16))
    years = []
    for theta in (rng.normal(size=4_000), 0.5 + 1.2 * rng.normal(size=4_000)):
        right = rng.random((4_000, 16)) < expit(slope * (theta[:, None] - difficulty))
        years.append(fit(pd.DataFrame(right.astype(float), columns=[str(k) for k in range(16)]), "2pl"))
    link = stocking_lord(years[0].bank, years[1].bank.iloc[:12])
    # standard errors of the slope and intercept of such samples are near 0.03
    assert link.slope == pytest.approx(1.2, abs=0.1)
    assert link.intercept == pytest.approx(0.5, abs=0.1)
    moved = link.transform(years[1].items)
    assert (moved["difficulty"] - difficulty).abs().max() < 0.25


@pytest.mark.slow
@pytest.mark.parametrize(("model", "true_variance"), [("rasch", 1.44), ("2pl", 1.0), ("gpcm", 1.0)])
def test_true_parameters_are_recovered_and_covered(model: Any, true_variance: float) -> None:
    """200 samples of 800: bias within 4 Monte Carlo errors, intervals cover 95 % within 4 of theirs."""
    rng = np.random.default_rng(20261127)
    repetitions, n, items = 200, 800, 8
    slope = np.ones(items) if model == "rasch" else np.linspace(0.7, 1.6, items)
    steps = np.linspace(-1.2, 1.2, items)[:, None] + ([-0.6, 0.6] if model == "gpcm" else [0.0])
    estimates, covered = [], []
    for _ in range(repetitions):
        theta = np.sqrt(true_variance) * rng.normal(size=n)
        logits = np.cumsum(slope[:, None] * (theta[:, None, None] - steps), axis=2)
        odds = np.exp(np.concatenate([np.zeros((n, items, 1)), logits], axis=2))
        above = np.cumsum(odds, axis=2) / odds.sum(axis=2, keepdims=True) < rng.random((n, items, 1))
        found = fit(pd.DataFrame(above.sum(axis=2).astype(float)), model)
        assert found.converged
        columns = ["discrimination", *[f"step_{k + 1}" for k in range(steps.shape[1])]]
        truth = np.column_stack([slope, steps])
        error = found.items[columns].to_numpy() - truth
        estimates.append(error)
        covered.append(np.abs(error) <= 1.96 * found.se[columns].to_numpy() + 1e-12)
    mean, spread = np.mean(estimates, axis=0), np.std(estimates, axis=0) / np.sqrt(repetitions)
    first = 1 if model == "rasch" else 0
    # maximum likelihood is biased by about its variance; 0.03 is a third of a standard error here
    assert (np.abs(mean) <= 4 * spread + 0.03)[:, first:].all()
    share = np.mean(covered, axis=0)[:, first:]
    assert share.mean() == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / share.size / repetitions) + 0.005)
    assert share.min() > 0.95 - 4.5 * np.sqrt(0.95 * 0.05 / repetitions)
