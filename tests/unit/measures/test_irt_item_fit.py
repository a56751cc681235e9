"""Item fit against enumeration of all answers, and its behaviour in small, thin and simulated data."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad

from oko.measures.irt.calibration import Calibration, read_calibration
from oko.measures.irt.item_fit import COLUMNS, item_fit
from oko.measures.irt.patterns import Patterns, collapse
from oko.measures.irt.polynomials import rests
from oko.measures.irt.posterior import grid_for, sums_of
from oko.measures.irt.score_fit import score_tables
from oko.measures.responses import read_responses

ITEMS = pd.DataFrame(
    {"discrimination": [1.0, 0.6, 1.8, 1.2], "step_1": [0.0, -1.0, 0.5, -0.3], "step_2": [np.nan, 0.8, -0.2, np.nan]},
    index=pd.Index(list("1234"), name="item"),
)
KNOWN = read_calibration(ITEMS, 1.4)
TWO = read_calibration(
    pd.DataFrame({"discrimination": np.linspace(0.7, 1.5, 8), "difficulty": np.linspace(-1.5, 1.5, 8)})
)


def drawn(known: Calibration, n: int, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    chances = known.probabilities(rng.normal(scale=known.variance**0.5, size=n))
    reached = rng.random((len(known.items), n, 1)) > np.cumsum(chances, axis=2)[:, :, :-1]
    return pd.DataFrame(reached.sum(axis=2).T * 1.0, columns=known.items)


def patterns_of(scores: pd.DataFrame, known: Calibration, weights: object = None) -> Patterns:
    return collapse(read_responses(scores, weights), known.levels)


def test_expected_tables_are_those_of_enumeration() -> None:
    every = np.array(list(itertools.product(range(2), range(3), range(3), range(2))))
    patterns = patterns_of(pd.DataFrame(every * 1.0, columns=ITEMS.index), KNOWN)
    sums = sums_of(KNOWN, patterns)
    grid = grid_for(KNOWN, sums, patterns.administered * 1.0)

    def chance(theta: float, row: np.ndarray) -> float:
        each = KNOWN.probabilities(np.array([theta]))[np.arange(4), 0, row]
        return float(each.prod() * np.exp(-(theta**2) / 2.8))

    chances = np.array([quad(chance, -9, 9, args=(row,), epsabs=1e-13, epsrel=1e-11)[0] for row in every])
    totals = every.sum(axis=1)
    tables = score_tables(KNOWN, np.arange(4), patterns.categories, patterns.weights, grid, np.exp(grid.log_prior))
    for item, (observed, expected) in enumerate(tables):
        for total, category in itertools.product(range(7), range(expected.shape[1])):
            same = totals == total
            share = chances[same & (every[:, item] == category)].sum() / chances[same].sum()
            assert expected[total, category] == pytest.approx(same.sum() * share, abs=1e-9)
            assert observed[total, category] == (same & (every[:, item] == category)).sum()


def test_rests_leave_out_one_item_each() -> None:
    rng = np.random.default_rng(2)
    items = [rng.random((2, size)) for size in (2, 3, 2, 4, 2, 3, 2)]
    for place, rest in enumerate(rests(items, np.ones((2, 1)))):
        for row in range(2):
            direct = np.ones(1)
            for other, item in enumerate(items):
                direct = np.convolve(direct, item[row]) if other != place else direct
            assert rest[row] == pytest.approx(direct, rel=1e-13)


def test_mean_squares_are_posterior_means() -> None:
    scores = drawn(KNOWN, 6).mask(np.random.default_rng(3).random((6, 4)) < 0.15)
    found, _ = item_fit(KNOWN, patterns_of(scores, KNOWN), np.zeros(4))
    squares, variances, relative, n = np.zeros(4), np.zeros(4), np.zeros(4), scores.notna().sum().to_numpy()
    for row in scores.to_numpy():
        given = np.flatnonzero(~np.isnan(row))

        def terms(theta: float, item: int, what: int, row: np.ndarray = row, given: np.ndarray = given) -> float:
            chances = KNOWN.probabilities(np.array([theta]))[:, 0]
            weight = chances[given, row[given].astype(int)].prod() * np.exp(-(theta**2) / 2.8)
            mean = chances[item] @ np.arange(3)
            variance = chances[item] @ (np.arange(3) - mean) ** 2
            square = (row[item] - mean) ** 2
            return float(weight * (1.0, square, variance, square / variance)[what])

        for item in given:
            whole, *rest = (quad(terms, -8, 8, args=(item, what), epsabs=1e-9, epsrel=1e-6)[0] for what in range(4))
            squares[item] += rest[0] / whole
            variances[item] += rest[1] / whole
            relative[item] += rest[2] / whole
    # quad's own bound, 1e-6 of each integral
    assert found["infit"].to_numpy() == pytest.approx(squares / variances, abs=1e-6)
    assert found["outfit"].to_numpy() == pytest.approx(relative / n, abs=1e-6)


@pytest.mark.parametrize("known", [KNOWN, TWO])
def test_weights_order_and_names(known: Calibration) -> None:
    scores = drawn(known, 400)
    counts = np.arange(400) % 4
    weighted, said = item_fit(known, patterns_of(scores, known, counts * 1.0), np.ones(len(known.items)))
    repeated = scores.loc[np.repeat(np.arange(400), counts)].sample(frac=1, random_state=1)
    same, _ = item_fit(known, patterns_of(repeated, known), np.ones(len(known.items)))
    pd.testing.assert_frame_equal(weighted, same, atol=1e-9, rtol=1e-9)
    turned = np.arange(len(known.items))[::-1]
    reverse = known.take(turned.tolist())
    other, _ = item_fit(reverse, patterns_of(repeated[reverse.items], reverse), np.ones(len(turned)))
    pd.testing.assert_frame_equal(other.loc[known.items], same, atol=1e-9, rtol=1e-9)
    assert said == ()
    assert tuple(weighted.columns) == COLUMNS


def test_sets_of_items_are_compared_apart() -> None:
    scores = drawn(TWO, 900)
    scores.iloc[:400, :2] = np.nan
    scores.iloc[400:840, 6:] = np.nan
    found, said = item_fit(TWO, patterns_of(scores, TWO), np.zeros(8))
    assert [dict(one.values) for one in said] == [{"n": 900.0, "used": 840.0, "sets": 2}]
    parts = [
        item_fit(
            TWO.take(list(range(2, 8))), patterns_of(scores.iloc[:400, 2:], TWO.take(list(range(2, 8)))), np.zeros(6)
        ),
        item_fit(
            TWO.take(list(range(6))), patterns_of(scores.iloc[400:840, :6], TWO.take(list(range(6)))), np.zeros(6)
        ),
    ]
    for column in ("s_x2", "df"):
        both = parts[0][0][column].add(parts[1][0][column], fill_value=0)
        assert found[column].to_numpy() == pytest.approx(both.to_numpy(), rel=1e-10)


def test_too_few_pupils_are_said() -> None:
    for scores in (drawn(TWO, 3), drawn(TWO, 1), pd.DataFrame(1.0, index=range(50), columns=TWO.items)):
        found, said = item_fit(TWO, patterns_of(scores, TWO), np.full(8, 2.0))
        assert found["p"].isna().all()
        assert (found["df"] == 0).all()
        assert {one.code for one in said} == {"irt_fit_untested"}
        assert len(said) == 8
        assert np.isfinite(found["outfit"]).all()
    one = TWO.take([0])
    alone, said = item_fit(one, patterns_of(drawn(one, 60), one), np.ones(1))
    assert [one.code for one in said] == ["irt_fit_sets", "irt_fit_untested"]
    assert np.isnan(alone["s_x2"].iloc[0])
    assert len(item_fit(TWO.take([]), collapse(read_responses(drawn(TWO, 5)), TWO.levels), np.zeros(0))[0]) == 0


def test_an_item_nobody_took_has_no_fit() -> None:
    scores = drawn(TWO, 300).assign(**{})
    scores[3] = np.nan
    found, said = item_fit(TWO, patterns_of(scores, TWO), np.full(8, 2.0))
    assert found.loc[3, ["s_x2", "p", "infit", "outfit", "infit_wle", "outfit_wle"]].isna().all()
    assert found.drop(index=3).notna().all(axis=None)
    assert [one.values.get("item") for one in said] == ["3"]


def test_answers_that_cannot_be_do_not_hide() -> None:
    items = read_calibration(pd.DataFrame({"discrimination": [20.0, 20.0, 1.0], "difficulty": [-40.0, 40.0, 0.0]}))
    scores = pd.DataFrame([[0.0, 1.0, 1.0]] * 200 + [[1.0, 0.0, 0.0]] * 200)
    found, _ = item_fit(items, patterns_of(scores, items), np.zeros(3))
    assert found["outfit_wle"].max() > 1e6
    assert found[["infit", "outfit"]].notna().all(axis=None)


@pytest.mark.slow
@pytest.mark.parametrize("known", [TWO, KNOWN], ids=["2pl", "gpcm"])
def test_rejection_rate_and_means_under_the_model(known: Calibration) -> None:
    runs, n = 200, len(known.items)
    tables = [item_fit(known, patterns_of(drawn(known, 1_000, seed), known), np.zeros(n))[0] for seed in range(runs)]
    p = np.array([table["p"] for table in tables])
    # Monte Carlo error of a share of 5 % in 800 to 1600 tests: 0.008 and 0.006; the chi-square law itself is approximate
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.025)
    for column in ("infit", "outfit"):
        means = np.array([table[column] for table in tables])
        # expected to be 1 exactly; Monte Carlo error from the runs
        assert means.mean() == pytest.approx(1, abs=4 * means.mean(axis=1).std() / np.sqrt(runs))
    assert np.mean([table["outfit_wle"].mean() for table in tables]) < 0.99
