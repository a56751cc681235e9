"""Abilities against integrals and maxima by other methods, and what becomes of every kind of poor class."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import expit

from oko.errors import MeasureError
from oko.language import used
from oko.measures.irt.abilities import abilities, empirical_reliability, pattern_abilities
from oko.measures.irt.calibration import Calibration, read_calibration
from oko.measures.irt.categories import category_probabilities
from oko.measures.irt.patterns import Patterns, collapse
from oko.measures.responses import read_responses

ITEMS = pd.DataFrame(
    {
        "discrimination": [1.0, 0.6, 2.2, -0.4, 6.0],
        "step_1": [0.0, -1.0, 0.5, 0.3, 1.1],
        "step_2": [np.nan, 0.8, -0.2, np.nan, np.nan],
        "step_3": [np.nan, np.nan, 1.4, np.nan, np.nan],
        "points": ["0 1", "0 1 2", "0 1 2 4", "0 1", "0 2"],
    },
    index=pd.Index(["1", "2", "3", "4", "5"], name="item"),
)
EVERY = pd.DataFrame(
    list(itertools.product((0, 1, np.nan), (0, 1, 2), (0, 1, 2, 4), (0, 1), (0, np.nan, 2))), columns=ITEMS.index
)


def patterns_of(scores: pd.DataFrame, known: Calibration) -> Patterns:
    return collapse(read_responses(scores), known.levels)


def log_likelihood(known: Calibration, row: np.ndarray, theta: float) -> tuple[float, float]:
    """Log likelihood and information at one ability, item by item."""
    total = information = 0.0
    for item, category in enumerate(row):
        if category >= 0:
            slope, steps = known.discrimination[item], known.steps[item]
            logits = np.concatenate([[0], np.cumsum(slope * (theta - steps[np.isfinite(steps)]))])
            odds = np.exp(logits - logits.max())
            p, k = odds / odds.sum(), np.arange(len(logits))
            total += logits[category] - logits.max() - np.log(odds.sum())
            information += slope**2 * float(p @ (k - p @ k) ** 2)
    return total, information


@pytest.mark.parametrize("variance", [1.0, 2.3])
def test_posterior_means_are_the_integrals(variance: float) -> None:
    known = read_calibration(ITEMS, variance)
    patterns = patterns_of(EVERY.iloc[::37], known)
    ability, se = pattern_abilities(known, patterns, "eap")
    for row, mean, error in zip(patterns.categories, ability, se, strict=True):

        def density(z: float, power: int, row: np.ndarray = row) -> float:
            return z**power * np.exp(log_likelihood(known, row, z)[0] - z**2 / (2 * variance))

        whole, first, second = (
            quad(density, -12, 12, args=(power,), points=[0, 1, 2], epsabs=1e-13, limit=300)[0] for power in range(3)
        )
        # quad's own error bound is 1e-10 of the integral; nodes leave out less
        assert mean == pytest.approx(first / whole, abs=1e-9)
        assert error == pytest.approx(np.sqrt(second / whole - (first / whole) ** 2), abs=1e-9)


def test_weighted_likelihood_is_the_maximum() -> None:
    known = read_calibration(ITEMS.drop(index="4"))
    patterns = patterns_of(EVERY.drop(columns="4").iloc[[0, -1, *range(1, 216, 29)]], known)
    ability, se = pattern_abilities(known, patterns, "wle")
    for row, found, error in zip(patterns.categories, ability, se, strict=True):

        def less(theta: float, row: np.ndarray = row) -> float:
            loglik, information = log_likelihood(known, row, theta)
            return -loglik - 0.5 * np.log(information)

        grid = np.linspace(-12, 12, 161)
        best = grid[np.argmin([less(theta) for theta in grid])]
        maximum = minimize_scalar(less, bounds=(best - 0.15, best + 0.15), method="bounded", options={"xatol": 1e-9})
        # a maximum found from values alone is known to the root of their rounding
        assert found == pytest.approx(maximum.x, abs=1e-6)
        assert error == pytest.approx(log_likelihood(known, row, found)[1] ** -0.5, rel=1e-9)


def test_weighted_likelihood_with_one_item() -> None:
    # score a(1 − P) and bias term a(1 − 2P)/2 cancel at P = 3/4
    found = abilities(
        pd.DataFrame({"1": [1, 0]}),
        pd.DataFrame({"discrimination": [2.0], "difficulty": [0.7]}, index=["1"]),
        method="wle",
    )
    assert found["ability"].tolist() == pytest.approx([0.7 + np.log(3) / 2, 0.7 - np.log(3) / 2], abs=1e-12)
    assert found["se"].tolist() == pytest.approx([1 / (2 * np.sqrt(3 / 16))] * 2, rel=1e-12)


@pytest.mark.parametrize("method", ["eap", "wle"])
def test_equal_totals_of_a_rasch_model_have_equal_abilities(method: str) -> None:
    items = pd.DataFrame({"discrimination": 0.7551, "difficulty": np.linspace(-2, 2, 6)}, index=list("123456"))
    every = pd.DataFrame(list(itertools.product((0, 1), repeat=6)), columns=items.index)
    found = abilities(every, items, method=method)
    assert (found.groupby(every.sum(axis=1))["ability"].nunique() == 1).all()
    assert found["ability"].nunique() == 7
    # symmetric difficulties: n right and n wrong are mirror images
    by_total = found.groupby(every.sum(axis=1))["ability"].first().to_numpy()
    assert by_total + by_total[::-1] == pytest.approx(np.zeros(7), abs=1e-12)


@pytest.mark.parametrize("method", ["eap", "wle"])
def test_order_and_names_do_not_matter(method: str) -> None:
    found = abilities(EVERY, ITEMS, method=method)
    order = np.random.default_rng(3).permutation(len(EVERY))
    moved = abilities(EVERY.iloc[order, ::-1], ITEMS.sample(frac=1, random_state=1), method=method)
    pd.testing.assert_frame_equal(moved.loc[found.index], found, atol=1e-9, rtol=0)
    names = {item: f"task {item}" for item in ITEMS.index}
    renamed = abilities(EVERY.rename(columns=names), ITEMS.rename(index=names), method=method)
    pd.testing.assert_frame_equal(renamed, found)


@pytest.mark.parametrize("method", ["eap", "wle"])
def test_far_and_steep_items_do_no_harm(method: str) -> None:
    items = pd.DataFrame(
        {"discrimination": [8.0, 0.02, 1.0, 40.0], "difficulty": [30.0, -200.0, 0.0, 0.5]}, index=list("abcd")
    )
    every = pd.DataFrame(list(itertools.product((0, 1, np.nan), repeat=4)), columns=items.index).dropna(how="all")
    found = abilities(every, items, method=method)
    assert np.isfinite(found[["ability", "se"]]).all(axis=None)
    assert (found["se"] > 0).all()
    if method == "wle":
        alone = every[every.notna().sum(axis=1) == 1]
        item = alone.notna().idxmax(axis=1)
        away = np.where(alone.sum(axis=1) == 1, np.log(3), -np.log(3)) / items.loc[item, "discrimination"].to_numpy()
        expected = items.loc[item, "difficulty"].to_numpy() + away
        assert found.loc[alone.index, "ability"].to_numpy() == pytest.approx(expected, rel=1e-9)


def test_items_without_discrimination_leave_the_population() -> None:
    flat = pd.DataFrame({"discrimination": [0.0, 0.0], "difficulty": [0.0, 1.0]}, index=["1", "2"])
    scores = pd.DataFrame({"1": [1, 0], "2": [1, 0]})
    assert abilities(scores, flat, variance=2.0)[["ability", "se"]].to_numpy() == pytest.approx(
        np.array([[0, 2**0.5]] * 2), abs=1e-9
    )
    assert abilities(scores, flat, method="wle")[["ability", "se"]].isna().all(axis=None)


def test_what_a_class_cannot_show_is_said() -> None:
    scores = pd.DataFrame(
        {"1": [1, np.nan, np.nan], "2": [np.nan, np.nan, 2], "5": [1, np.nan, np.nan], "9": [1, 1, 0], "n": [1, 2, 3]},
        index=["a", "b", "c"],
    )
    found = abilities(scores, ITEMS, weights="n")
    assert found["n_items"].tolist() == [2, 0, 1]
    assert found["ability"].isna().tolist() == [False, True, False]
    assert {said.code: dict(said.values) for said in found.attrs["statements"]} == {
        "irt_items_unknown": {"items": "9", "n": 1},
        "irt_points_unseen": {"item": "5", "points": "1", "n": 1.0},
        "irt_no_known_items": {"n": 2.0},
    }
    # the point that was never seen counts as the lower category
    lower = abilities(scores.assign(**{"5": [0, np.nan, np.nan]}), ITEMS, weights="n")
    assert found.loc["a", "ability"] == lower.loc["a", "ability"]


def test_a_class_without_a_known_task() -> None:
    found = abilities(pd.DataFrame({"x": [1, 0]}), ITEMS)
    assert found[["ability", "se"]].isna().all(axis=None)
    assert [said.code for said in found.attrs["statements"]] == ["irt_items_unknown", "irt_no_known_items"]


def test_a_pupil_with_weight_zero_has_an_ability() -> None:
    found = abilities(EVERY.head(3), ITEMS, weights=[1.0, 0.0, 2.0])
    pd.testing.assert_frame_equal(found, abilities(EVERY.head(3), ITEMS))


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"method": "mle"}, "eap, wle"),
        ({"items": pd.concat([ITEMS, ITEMS])}, "stands twice in the item parameters"),
        ({"variance": 0.0}, "variance"),
        ({"items": ITEMS.drop(columns="discrimination")}, "discrimination"),
        ({"scores": -EVERY}, "points are numbers from 0 up"),
    ],
)
def test_wrong_calls(wrong: dict[str, object], words: str) -> None:
    with used("en"), pytest.raises(MeasureError, match=words):
        abilities(**{"scores": EVERY, "items": ITEMS, **wrong})  # type: ignore[arg-type]


def test_empirical_reliability_counts_pupils() -> None:
    known = read_calibration(ITEMS)
    scores = EVERY.head(40)
    rows = collapse(read_responses(pd.concat([scores, scores.head(7)])), known.levels)
    weighted = collapse(read_responses(scores, [2.0] * 7 + [1.0] * 33), known.levels)
    assert empirical_reliability(known, weighted) == pytest.approx(empirical_reliability(known, rows), abs=1e-13)
    assert np.isnan(empirical_reliability(known, patterns_of(EVERY.head(1), known)))


@pytest.mark.slow
def test_errors_cover_the_truth() -> None:
    rng = np.random.default_rng(11)
    n, theta = 40_000, rng.normal(scale=1.2, size=40_000)
    items = pd.DataFrame({"discrimination": rng.lognormal(0, 0.3, 20), "step_1": rng.normal(size=20)})
    items["step_2"] = np.where(np.arange(20) < 8, items["step_1"] + 0.5, np.nan)
    chances = category_probabilities(
        *(
            items[c].to_numpy() if c == "discrimination" else items[["step_1", "step_2"]].to_numpy()
            for c in ("discrimination", "steps")
        ),
        theta,
    )
    scores = pd.DataFrame((rng.random((20, n, 1)) > np.cumsum(chances, axis=2)).sum(axis=2).T * 1.0)
    within = {}
    for method in ("eap", "wle"):
        found = abilities(scores, items, variance=1.44, method=method)
        away = (found["ability"] - theta) / found["se"]
        within[method] = float((away.abs() < 1.96).mean())
        if method == "eap":
            # mean square of standardised errors is 1 by definition of a posterior; its Monte Carlo error sqrt(2/n) = 0.007
            assert float((away**2).mean()) == pytest.approx(1, abs=0.03)
            assert float((found["ability"] - theta).mean()) == pytest.approx(0, abs=4 * 1.2 / np.sqrt(n))
    # Monte Carlo error sqrt(.95·.05/40000) = 0.001; posteriors are not quite normal, hence 0.01
    assert within["eap"] == pytest.approx(0.95, abs=0.01)
    assert within["wle"] == pytest.approx(0.95, abs=0.015)


@pytest.mark.parametrize(
    ("slope", "variance", "method", "n"),
    [(0.0, 1.0, "wle", 3.0), (1e6, 1.0, "wle", 2.0), (1e6, 1.0, "eap", 3.0), (400.0, 1e4, "eap", 3.0)],
)
def test_an_ability_that_cannot_be_computed_is_said(slope: float, variance: float, method: str, n: float) -> None:
    items = pd.DataFrame({"discrimination": slope, "difficulty": [-0.3, 0.1, 0.9]}, index=list("123"))
    weights = pd.Series([1.0, 2.0])
    found = abilities(pd.DataFrame([[1, 0, 0], [1, 1, 0]], columns=list("123")), items, variance, method, weights)
    assert weights[found["ability"].isna() & found["se"].isna()].sum() == n
    assert [(s.code, s.values["n"]) for s in found.attrs["statements"]] == [("irt_ability_unknown", n)]


@pytest.mark.parametrize("slope", [3.0, 40.0, 300.0, 350.0])
def test_posterior_means_of_steep_tasks_are_right(slope: float) -> None:
    # two tasks with nearly vertical curves leave the normal law between their difficulties
    items = pd.DataFrame({"discrimination": slope, "difficulty": [0.1, 0.13]}, index=list("12"))
    found = abilities(pd.DataFrame([[1, 0]], columns=list("12")), items)

    def weight(theta: float, power: int) -> float:
        density = np.exp(-(theta**2) / 2) * expit(slope * (theta - 0.1)) * expit(-slope * (theta - 0.13))
        return float(theta**power * density)

    total, mean = (
        sum(quad(weight, a, b, (k,), epsabs=1e-14, epsrel=1e-12, limit=400)[0]
            for a, b in itertools.pairwise([-9, 0, 0.05, 0.1, 0.115, 0.13, 0.18, 0.3, 9]))
        for k in (0, 1)
    )  # fmt: skip
    assert found["ability"].iloc[0] == pytest.approx(mean / total, abs=1e-8)  # the nodes' own error: 2e-9
