"""Growth percentiles and norms: what must hold of them, and what poor data get instead."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import linprog
from scipy.stats import kstest

from oko.errors import MeasureError
from oko.measures import growth


def pupils(n: int = 1500, seed: int = 3) -> tuple[pd.Series, pd.Series]:
    """Earlier and present scores of 0 to 30, correlated."""
    rng = np.random.default_rng(seed)
    ability = rng.normal(size=n)
    before = np.clip(np.round(15 + 6 * ability), 0, 30)
    now = np.clip(np.round(15 + 4 * ability + 5 * rng.normal(size=n)), 0, 30)
    return pd.Series(before, name="before"), pd.Series(now, name="now")


BEFORE, NOW = pupils()
NORMS = growth.norms(BEFORE, NOW)
FOUND = NORMS.percentiles(BEFORE, NOW)


def codes(result: pd.Series | pd.DataFrame) -> list[str]:
    return [said.code for said in result.attrs["statements"]]


def test_a_higher_score_has_no_lower_percentile_and_all_lie_in_1_to_99() -> None:
    assert FOUND.between(1, 99).all()
    assert FOUND.index.equals(NOW.index)
    for _, rows in pd.DataFrame({"before": BEFORE, "now": NOW, "found": FOUND}).groupby("before"):
        assert rows.sort_values("now")["found"].is_monotonic_increasing


def test_order_unit_and_offset_of_scores_change_nothing() -> None:
    shuffled = BEFORE.sample(frac=1, random_state=1) + 1e9
    # a scale 64 times finer has six decimals
    assert (growth.growth_percentiles(shuffled, NOW / 64 + 1e6) == FOUND).all()


def test_every_quantile_is_an_exact_optimum() -> None:
    """The whole linear program, without the sums of far rows, has the same loss."""
    rng = np.random.default_rng(5)
    rows = 3000
    x = np.column_stack([np.ones(rows), rng.normal(size=(rows, 3))])
    y = x @ [1.0, 2, 3, 4] + rng.standard_t(2, size=rows) * (1 + x[:, 1] ** 2)
    w = rng.integers(1, 5, size=rows).astype(float)
    quantiles = [0.005, 0.3, 0.995]
    found = growth.quantile_regression(pd.DataFrame(x), pd.Series(y), quantiles, w)
    for tau in quantiles:
        rest = y - x @ found[tau].to_numpy()
        loss = float(w @ (rest * (tau - (rest < 0))))
        dual = linprog(-y, A_eq=x.T, b_eq=(1 - tau) * (w @ x), bounds=np.column_stack([0 * w, w]), method="highs-ds")
        # the default tolerance of the solver on the other side
        assert loss == pytest.approx(-dual.fun - (1 - tau) * float(w @ y), rel=1e-7)


def test_norms_are_stored_and_read_back() -> None:
    text = NORMS.frame().sample(frac=1, random_state=1).to_csv(index=False)
    restored = growth.norms_from(pd.read_csv(io.StringIO(text)))
    assert (restored.percentiles(BEFORE, NOW) == FOUND).all()
    assert restored.n == NORMS.n == len(NOW)
    few = growth.growth_percentiles(BEFORE[:9], NOW[:9], norm=restored)
    assert (few == FOUND[:9]).all()
    assert "growth_relative_to_cohort" not in codes(few)


def test_a_norm_group_below_a_thousand_is_refused() -> None:
    found = growth.growth_percentiles(BEFORE[:999], NOW[:999])
    assert found.isna().all()
    assert dict(found.attrs["statements"][0].values) == {"n": 999, "needed": 1000}
    weights = np.full(300, 4.0)
    assert growth.growth_percentiles(BEFORE[:300], NOW[:300], weights=weights).notna().all()
    empty = growth.norms_from(growth.norms(BEFORE[:9], NOW[:9]).frame())
    assert codes(empty.percentiles(BEFORE, NOW)) == ["growth_norms_empty"]


def test_missing_and_outlying_scores_get_no_percentile() -> None:
    before = BEFORE.astype("Int64").where(BEFORE.index >= 5).drop(index=[7])
    found = growth.growth_percentiles(before, NOW)
    assert found.isna().to_numpy().nonzero()[0].tolist() == [0, 1, 2, 3, 4, 7]
    assert codes(found) == ["growth_coarse_scale", "growth_missing_scores", "growth_relative_to_cohort"]
    beyond = NORMS.percentiles(pd.Series([15.0, 99.0]), pd.Series([15.0, 15.0]))
    assert beyond.isna().tolist() == [False, True]
    assert codes(beyond) == ["growth_coarse_scale", "growth_outside_boundaries"]


@pytest.mark.parametrize(
    ("before", "code"),
    [
        (BEFORE * 0 + 4, "growth_constant_earlier"),
        ((BEFORE // 8 + 2).astype("Int64"), "growth_simplified"),
        (pd.DataFrame({"a": BEFORE, "b": 2 * BEFORE + 1}), "growth_adds_nothing"),
    ],
    ids=["constant", "marks", "collinear"],
)
def test_earlier_scores_that_carry_little_are_simplified(before: pd.DataFrame | pd.Series, code: str) -> None:
    found = growth.growth_percentiles(before, NOW)
    assert code in codes(found)
    assert found.notna().all()


def test_knots_outside_the_boundaries_are_said_to_be_left_out() -> None:
    knots = growth.knots_and_boundaries(BEFORE)[0][0]
    found = growth.norms(BEFORE, NOW, boundaries=[[-1.0, (knots[1] + knots[2]) / 2]], min_norm_group=100)
    said = {statement.code: statement for statement in found.statements}
    assert said["growth_knots_beyond"].values["n"] == 2
    assert "growth_simplified" not in said
    assert found.splines[0].knots == tuple(knots[:2])


def test_two_values_give_each_group_its_own_quantiles() -> None:
    """With one dummy variable quantile regression is the quantiles of two groups."""
    group = (BEFORE > 15).astype(float)
    both = growth.growth_percentiles(group, NOW)
    assert "growth_simplified" in codes(both)
    alone = growth.growth_percentiles(group[group == 1], NOW[group == 1], min_norm_group=100)
    assert (both[group == 1] - alone).abs().max() <= 1


def test_no_spread_and_a_ceiling_are_said() -> None:
    assert growth.growth_percentiles(BEFORE, NOW * 0 + 3).eq(1).all()
    assert "growth_ceiling" in codes(growth.growth_percentiles(BEFORE, NOW.clip(upper=18)))


def test_an_exact_relation_is_no_failure() -> None:
    found = growth.growth_percentiles(BEFORE, BEFORE)
    assert found.eq(1).all()
    assert "growth_not_optimal" not in codes(found)


def test_skipped_years_have_norms_of_their_own() -> None:
    earlier = pd.DataFrame({"two": BEFORE, "one": pupils(seed=4)[0].where(BEFORE.index % 4 > 0)})
    found = growth.percentiles_from_latest(earlier, NOW, [2, 1])
    skipped = found["years_before"] == 2
    assert skipped.sum() == (BEFORE.index % 4 == 0).sum()
    assert (found.loc[skipped, "percentile"] == FOUND[skipped]).all()
    assert found.loc[skipped, "earlier"].eq("two").all()
    assert codes(found)[-1] == "growth_skip_year"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: growth.growth_percentiles(BEFORE.astype(str), NOW), "before"),
        (lambda: growth.growth_percentiles(BEFORE.tolist(), NOW), "Series"),  # type: ignore[arg-type]
        (lambda: growth.growth_percentiles(BEFORE, NOW.where(NOW > 3, np.inf)), "now"),
        (lambda: growth.growth_percentiles(BEFORE, NOW, knots=[[99]]), "99"),
        (lambda: growth.growth_percentiles(BEFORE, NOW, knots=[[9], [9]]), "knots"),
        (lambda: growth.growth_percentiles(BEFORE, NOW, boundaries=[[31, -1]]), "before"),
        (lambda: growth.growth_percentiles(BEFORE, NOW, weights=-np.ones(1500)), "-1"),
        (lambda: growth.growth_percentiles(BEFORE, NOW, min_norm_group=0), "0"),
        (lambda: growth.growth_percentiles(BEFORE, NOW, [[9]], norm=NORMS), "нужно"),
        (lambda: growth.growth_percentiles(BEFORE.set_axis(BEFORE.index.astype(str)), NOW), "ндекс"),
        (lambda: growth.growth_percentiles(BEFORE.set_axis([1] * 1500), NOW), "ндекс"),
        (lambda: growth.growth_percentiles(pd.concat([BEFORE, BEFORE], axis=1), NOW), "назван"),
        (lambda: NORMS.percentiles(BEFORE.to_frame("other"), NOW), "other"),
        (lambda: growth.norms_from(NORMS.frame().iloc[:-3]), "неполна"),
        (lambda: growth.norms_from(NORMS.frame().drop(columns="place")), "place"),
        (lambda: growth.percentiles_from_latest(BEFORE.to_frame(), NOW, [0]), "1"),
        (lambda: growth.quantile_regression(pd.DataFrame({"a": [1.0, 1]}), pd.Series([1.0, 2]), [1.0]), "1.0"),
        (lambda: growth.quantile_regression(pd.DataFrame({"a": [1.0], "b": 2}), pd.Series([1.0]), [0.5]), "строк"),
    ],
)
def test_wrong_calls_are_named(call: Callable[[], object], words: str) -> None:
    with pytest.raises(MeasureError, match=words):
        call()


def test_no_pupils_at_all() -> None:
    nobody = pd.Series([], dtype=object)
    assert len(growth.growth_percentiles(nobody, nobody)) == 0
    assert len(growth.conditional_gain(nobody, nobody)) == 0


@pytest.mark.slow
def test_percentiles_of_a_fine_scale_are_uniform_at_every_level() -> None:
    """50,000 pupils: the mean's standard error is 28.9 / √50,000 = 0.13, a share's at most 0.0022."""
    rng = np.random.default_rng(1)
    ability = rng.normal(size=50_000)
    before = pd.Series(500 + 50 * ability)
    now = pd.Series(500 + 35 * ability + (20 + 10 * (ability > 0)) * rng.normal(size=50_000))
    found = growth.growth_percentiles(before, now)
    assert abs(found.mean() - 50) < 0.5
    # spread evenly within the percentile, to hold it against a continuous law; 1.36 / √n is the 5 % point
    assert kstest((found - rng.random(50_000)) / 99, "uniform").statistic < 0.015
    for _, rows in found.groupby(pd.qcut(before, 10)):
        # 5,000 pupils: standard error 0.41; the regression itself takes part of it away
        assert abs(rows.mean() - 50) < 1.2
