"""Conditional maximum likelihood against enumeration of all answers with the same total, and in poor data."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from oko.errors import MeasureError
from oko.language import used
from oko.measures.irt.abilities import abilities
from oko.measures.irt.andersen import andersen
from oko.measures.irt.conditional import ConditionalRasch, conditional_rasch
from oko.measures.irt.conditional_likelihood import conditional, totals_of
from oko.measures.irt.curves import layout_of
from oko.measures.irt.patterns import collapse
from oko.measures.responses import read_responses

STEPS = [np.array(steps) for steps in ([-1.0], [-0.6, 0.9], [0.2], [1.1, -0.3, 0.5], [0.0])]


def drawn(n: int, steps: list[np.ndarray], seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    ability, columns = rng.normal(size=n), {}
    for item, own in enumerate(steps, start=1):
        odds = np.exp(np.cumsum(np.column_stack([np.zeros(n), ability[:, None] - own]), axis=1))
        columns[str(item)] = (rng.random((n, 1)) > np.cumsum(odds / odds.sum(axis=1, keepdims=True), axis=1)).sum(
            axis=1
        ) * 1.0
    return pd.DataFrame(columns)


def in_booklets(scores: pd.DataFrame) -> pd.DataFrame:
    part = scores.copy()
    part.iloc[::3, 0] = np.nan
    part.iloc[1::3, 3:] = np.nan
    return part


def codes(found: ConditionalRasch) -> set[str]:
    return {said.code for said in found.statements}


def enumerated(scores: pd.DataFrame, steps: list[np.ndarray]) -> float:
    """Conditional log likelihood by the sum over all answers with the same items and total."""
    loglik = 0.0
    for row in scores.to_numpy():
        given = np.flatnonzero(~np.isnan(row))
        weights = [np.concatenate([[0], -np.cumsum(steps[item])]) for item in given]
        total = row[given].sum()
        every = [
            sum(w[c] for w, c in zip(weights, cell, strict=True))
            for cell in itertools.product(*(range(len(w)) for w in weights))
            if sum(cell) == total
        ]
        loglik += sum(w[int(c)] for w, c in zip(weights, row[given], strict=True)) - np.log(np.exp(every).sum())
    return float(loglik)


def test_likelihood_is_that_of_enumeration_and_its_derivatives_are_right() -> None:
    scores = in_booklets(drawn(60, STEPS))
    read = read_responses(scores)
    levels = tuple(np.arange(len(own) + 1.0) for own in STEPS)
    patterns, layout = collapse(read, levels), layout_of(np.array([len(own) for own in STEPS]))
    sets = totals_of(patterns, layout.steps)
    inner = scores[(scores.sum(axis=1) > 0) & (scores < [1, 2, 1, 3, 1]).where(scores.notna(), False).any(axis=1)]
    reached = (
        np.array([(inner[str(item + 1)] > step).sum() for item, step in zip(layout.item, layout.step, strict=True)])
        * 1.0
    )
    at = np.concatenate(STEPS)
    point = conditional(sets, reached, layout, at)
    assert point.loglik == pytest.approx(enumerated(inner, STEPS), rel=1e-12)
    for k, move in enumerate(np.eye(len(at)) * 1e-5):
        above, below = conditional(sets, reached, layout, at + move), conditional(sets, reached, layout, at - move)
        # central differences: rounding 1e-14·|loglik|/1e-5, curvature 1e-10
        assert (above.loglik - below.loglik) / 2e-5 == pytest.approx(point.gradient[k], abs=1e-6)
        assert (below.gradient - above.gradient) / 2e-5 == pytest.approx(point.information[k], abs=1e-6)
    assert point.information.sum(axis=1) == pytest.approx(np.zeros(len(at)), abs=1e-11)


def test_two_items_have_a_closed_form() -> None:
    # of pupils with one of two right, a share 1/(1 + exp(b1 − b2)) has the first: 30 and 10
    found = conditional_rasch(pd.DataFrame({"1": [1, 0, 1, 0], "2": [0, 1, 1, 0], "n": [30, 10, 7, 5]}), "n")
    assert found.items["difficulty"].tolist() == pytest.approx([-np.log(3) / 2, np.log(3) / 2], abs=1e-10)
    assert found.se["difficulty"].tolist() == pytest.approx([np.sqrt(1 / 30 + 1 / 10) / 2] * 2, rel=1e-9)
    assert found.loglik == pytest.approx(30 * np.log(0.75) + 10 * np.log(0.25), rel=1e-12)
    assert (found.n, found.n_extreme, found.n_parameters, found.converged) == (40, 12, 1, True)


@pytest.mark.parametrize("holes", [False, True])
def test_weights_order_and_names(holes: bool) -> None:
    scores = drawn(300, STEPS)
    scores = in_booklets(scores) if holes else scores
    counts = np.arange(300) % 3
    weighted = conditional_rasch(scores, counts * 1.0)
    repeated = scores.loc[np.repeat(np.arange(300), counts)]
    same = conditional_rasch(repeated.sample(frac=1, random_state=2).iloc[:, ::-1].rename(columns="task {}".format))
    assert same.loglik == pytest.approx(weighted.loglik, rel=1e-12)
    assert same.n_extreme == weighted.n_extreme
    for ours, theirs in ((weighted.items, same.items), (weighted.se, same.se)):
        theirs = theirs.iloc[::-1]
        assert theirs["difficulty"].to_numpy() == pytest.approx(ours["difficulty"].to_numpy(), abs=1e-7)
        assert theirs["step_3"].to_numpy() == pytest.approx(ours["step_3"].to_numpy(), abs=1e-7, nan_ok=True)
    assert weighted.items["difficulty"].mean() == pytest.approx(0, abs=1e-12)
    assert weighted.gradient_norm < 1e-4
    assert weighted.covariance.loc[("4", 2), ("4", 2)] == pytest.approx(weighted.se.loc["4", "step_2"] ** 2)


def test_sixty_items_far_apart() -> None:
    steps = [np.array([b]) for b in np.linspace(-4, 4, 60)]
    scores = drawn(2_000, steps)
    found = conditional_rasch(scores)
    assert found.converged
    away = (found.items["difficulty"] - np.linspace(-4, 4, 60)) / found.se["difficulty"]
    # the largest of 60 standard normal numbers seldom exceeds 4
    assert away.abs().max() < 4
    assert 0.7 < away.std() < 1.3


def test_extreme_pupils_change_nothing() -> None:
    scores = drawn(200, STEPS)
    more = pd.concat(
        [scores, pd.DataFrame([[0.0] * 5, [1.0, 2, 1, 3, 1]] * 40, columns=scores.columns)], ignore_index=True
    )
    found, without = conditional_rasch(more), conditional_rasch(scores)
    assert found.n_extreme == without.n_extreme + 80
    assert found.loglik == pytest.approx(without.loglik, rel=1e-12)
    pd.testing.assert_frame_equal(found.items, without.items, atol=1e-9)


def test_estimates_place_a_class() -> None:
    found = conditional_rasch(drawn(400, STEPS))
    placed = abilities(drawn(5, STEPS, seed=9), found.items, method="wle")
    assert placed.notna().all(axis=None)
    assert placed.attrs["statements"] == ()


def test_what_falls_away_is_named() -> None:
    scores = drawn(200, STEPS).assign(**{"6": 1.0, "7": np.nan, "8": 0.0})
    # the eighth right, and the third point of the fourth, only with those who have everything
    scores.loc[0] = [1, 2, 1, 3, 1, 1, np.nan, 1]
    scores["4"] = scores["4"].clip(upper=2).where(scores.index > 0, 3)
    found = conditional_rasch(scores)
    assert found.items.index[found.items["difficulty"].isna()].tolist() == ["6", "7", "8"]
    assert found.items.loc["4", "points"] == "0 1 2"
    said = {one.code: one.values.get("item") for one in found.statements}
    assert said == {
        "irt_conditional_points": "4",
        "irt_same_points": "6",
        "irt_not_taken": "7",
        "irt_conditional_same_points": "8",
        "irt_conditional_extreme": None,
    }
    assert found.converged


@pytest.mark.parametrize(
    "scores",
    [
        pd.DataFrame([[1.0, 0], [0, 0], [1, 1]]),
        pd.DataFrame([[1.0], [0.0]]),
        pd.DataFrame([[np.nan, np.nan]]),
        pd.DataFrame([[1.0, 1.0]] * 4),
        pd.DataFrame([[1.0, 0.0]]),
    ],
)
def test_nothing_to_compare(scores: pd.DataFrame) -> None:
    found = conditional_rasch(scores)
    assert found.items["difficulty"].isna().all()
    assert np.isnan(found.loglik)
    assert not found.converged
    assert "irt_few_items" in codes(found)


def test_separated_tasks_are_named() -> None:
    rng = np.random.default_rng(5)
    easy = (rng.random((90, 4)) < 0.5) * 1.0
    hard = (rng.random((90, 2)) < 0.5) * (easy.sum(axis=1) == 4)[:, None]
    found = conditional_rasch(pd.DataFrame(np.hstack([easy, hard]), columns=list("abcdef")))
    assert found.items["difficulty"].isna().all()
    assert not found.converged
    assert {one.code: one.values.get("items") for one in found.statements}["irt_conditional_separated"] == "e, f"


def test_unlinked_booklets_are_named() -> None:
    scores = drawn(200, STEPS)
    scores.iloc[:100, :2] = np.nan
    scores.iloc[100:, 2:] = np.nan
    found = conditional_rasch(scores)
    assert {one.code: one.values.get("items") for one in found.statements}["irt_conditional_unlinked"] == "1, 2"
    assert found.items["difficulty"].isna().all()


def test_andersen_of_groups() -> None:
    scores = drawn(600, [np.array([b]) for b in (-1.0, -0.5, 0.0, 0.5, 1.0)])
    group = pd.Series(np.where(np.arange(600) % 2, "b", "a"))
    found = andersen(scores, group)
    assert list(found.groups) == ["a", "b"]
    assert found.df == 4
    assert found.chi2 == pytest.approx(2 * (found.groups["a"].loglik + found.groups["b"].loglik - found.whole.loglik))
    order = np.random.default_rng(1).permutation(600)
    moved = andersen(scores.iloc[order, ::-1], group.iloc[order])
    assert moved.chi2 == pytest.approx(found.chi2, abs=1e-8)
    # one item much harder for one group
    scores.loc[group == "b", "3"] = scores.loc[group == "b", "3"] * (np.random.default_rng(2).random(300) < 0.4)
    assert andersen(scores, group).p < 1e-4


def test_andersen_leaves_out_what_a_group_cannot_place() -> None:
    scores = drawn(600, [np.array([b]) for b in (-1.0, -0.5, 0.0, 0.5, 1.0)])
    group = pd.Series(np.where(np.arange(600) < 80, "small", "large")).where(np.arange(600) != 599)
    scores.loc[group == "small", "5"] = 0.0
    found = andersen(scores, group)
    assert found.df == 3
    assert found.whole.n + found.whole.n_extreme == 599
    assert {one.code: one.values.get("items", one.values.get("group")) for one in found.statements} == {
        "irt_andersen_items": "5",
        "irt_andersen_small": "small",
    }


def test_andersen_without_groups() -> None:
    scores = drawn(100, STEPS)
    for split, code in (
        (pd.Series(["a"] * 100), "irt_andersen_groups"),
        (pd.Series([None] * 100), "irt_andersen_groups"),
    ):
        found = andersen(scores, split)
        assert np.isnan([found.chi2, found.df, found.p]).all()
        assert [said.code for said in found.statements] == [code]
    lone = andersen(pd.DataFrame([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.0, 0.0]]))
    assert [said.code for said in lone.statements] == ["irt_andersen_untested"]
    halves = andersen(drawn(200, [np.array([b]) for b in (-0.6, -0.3, 0.0, 0.3, 0.6)]))
    assert {said.values["half"] for said in halves.statements if said.code == "irt_andersen_small_half"} == {
        "low",
        "high",
    }
    with used("en"), pytest.raises(MeasureError, match="split"):
        andersen(scores, pd.Series(["a", "b"]))


@pytest.mark.slow
def test_intervals_cover_and_the_test_keeps_its_level() -> None:
    steps = [np.array([b]) for b in (-1.5, -0.5, 0.0, 0.5, 1.5)]
    runs, truth = 150, np.concatenate(steps)
    away, p = [], []
    for seed in range(runs):
        scores = drawn(400, steps, seed)
        found = conditional_rasch(scores)
        away.append(((found.items["difficulty"] - truth) / found.se["difficulty"]).to_numpy())
        p.append(andersen(scores).p)
    # Monte Carlo errors: bias 1/sqrt(150) = 0.08 standard errors; coverage sqrt(.95·.05/750) = 0.008; level 0.018
    assert np.abs(np.mean(away, axis=0)) == pytest.approx(np.zeros(5), abs=0.3)
    assert (np.abs(away) < 1.96).mean() == pytest.approx(0.95, abs=0.025)
    assert (np.array(p) < 0.05).mean() == pytest.approx(0.05, abs=0.055)


@pytest.mark.parametrize("split", [["a", "b"], np.array([0, 1]), "class"])
def test_a_split_that_is_no_series_is_refused(split: object) -> None:
    with pytest.raises(MeasureError, match="Series"):
        andersen(pd.DataFrame({"1": [0, 1], "2": [1, 0]}), split)  # type: ignore[arg-type]
