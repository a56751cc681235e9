"""Equating of forms: what must hold exactly, what moves nothing, and what is said of poor or wrong data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from oko.errors import MeasureError
from oko.measures import equating
from oko.measures.equating.frequencies import read_frequencies
from oko.measures.equating.smoothing import smooth

X = pd.Series([3, 9, 20, 31, 28, 14, 0, 5])
Y = pd.Series([1, 4, 14, 25, 36, 22, 11, 2])
RANDOM_GROUPS = [equating.mean, equating.linear, equating.equipercentile]
ANCHORED = [
    equating.tucker,
    equating.levine,
    equating.chained,
    lambda *scores, **weights: equating.chained(*scores, kind="equipercentile", **weights),
]


def said(result: Any) -> set[str]:
    return {statement.code for statement in result.statements}


def sit(n: int, ability: float, seed: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    theta = random.normal(ability, 1, n)[:, None]
    right = random.random((n, 16)) < 1 / (1 + np.exp(np.linspace(-1.5, 1.5, 16) - theta))
    return pd.DataFrame({"total": right.sum(axis=1), "anchor": right[:, ::2].sum(axis=1)})


FIRST, SECOND = sit(300, 0.0, 1), sit(250, 0.5, 2)


def scores_of(x: pd.DataFrame, y: pd.DataFrame) -> tuple[pd.Series, ...]:
    return x["total"], x["anchor"], y["total"], y["anchor"]


@pytest.mark.parametrize("method", RANDOM_GROUPS)
def test_a_form_equated_to_itself_is_itself(method: Any) -> None:
    with_a_gap = pd.Series([3, 0, 4, 7, 0, 9, 2])
    result = method(with_a_gap, with_a_gap)
    np.testing.assert_allclose(result.table["equated"], with_a_gap.index, atol=1e-12)


@pytest.mark.parametrize("method", RANDOM_GROUPS)
def test_equating_is_symmetric(method: Any) -> None:
    there, back = method(X, Y), method(Y, X)
    inside = np.linspace(1, 5, 17)
    np.testing.assert_allclose(back(there(inside)), inside, atol=1e-9)


@pytest.mark.parametrize("method", RANDOM_GROUPS)
def test_order_of_scores_and_counting_in_thousands_change_nothing(method: Any) -> None:
    expected = method(X, Y).table["equated"]
    pd.testing.assert_series_equal(method(X.iloc[::-1], Y.sample(frac=1, random_state=3)).table["equated"], expected)
    pd.testing.assert_series_equal(method(X[X > 0], 1.0 * Y).table["equated"], expected)
    if method is not equating.linear:  # a line divides variances by n − 1
        pd.testing.assert_series_equal(method(X / 7, Y * 1000).table["equated"], expected)


def test_standard_error_falls_with_the_root_of_n() -> None:
    few, many = equating.equipercentile(X, Y).table["se"], equating.equipercentile(100 * X, 100 * Y).table["se"]
    np.testing.assert_allclose(few / many, 10.0)
    np.testing.assert_allclose(equating.mean(X, Y).table["se"] / equating.mean(100 * X, 100 * Y).table["se"], 10.0)


def test_standard_error_of_the_mean_in_closed_form() -> None:
    def of_mean(form: pd.Series) -> float:
        away = form.index.to_numpy() - np.average(form.index, weights=form)
        return float(np.average(away**2, weights=form) / form.sum())

    np.testing.assert_allclose(equating.mean(X, Y).table["se"], np.sqrt(of_mean(X) + of_mean(Y)))


def test_equated_to_what_it_was_called_on() -> None:
    line, curve = equating.linear(X, Y), equating.equipercentile(X, Y)
    for result in (line, curve):
        assert isinstance(result(2), float)
        assert result([0, 1, 2]).shape == (3,)
        named = pd.Series([2, np.nan, 0.5], index=["a", "b", "c"], name="total")
        equated = result(named)
        assert equated.index.tolist() == ["a", "b", "c"]
        assert equated.isna().tolist() == [False, True, False]
        assert equated["a"] == result(2) == result.table.loc[2, "equated"]
        assert result(np.array([[0, 1], [2, 3]])).shape == (2, 2)
        assert result([]).shape == (0,)


def test_empty_scores_follow_the_convention() -> None:
    curve = equating.equipercentile(pd.Series([0, 2, 2, 0]), pd.Series([0, 1, 0, 1]))
    assert curve.table["equated"].tolist() == [-0.5, 1.0, 3.0, 3.5]
    assert curve.table["se"].isna().tolist() == [True, False, False, True]
    assert "equating_empty_scores" in said(curve)
    middle = equating.equipercentile(pd.Series([1, 0, 1]), pd.Series([1, 0, 0, 1]))
    assert middle(1) == 1.5


@pytest.mark.parametrize("degree", [1, 2, 4, 6])
def test_smoothing_keeps_moments_and_agrees_with_statsmodels(degree: int) -> None:
    form = read_frequencies(Y.rename(index=lambda score: score + 20), "Y")
    fitted = smooth(form, degree).shares * form.n
    for power in range(degree + 1):
        centred = (form.scores - 23.5) ** power
        assert fitted @ centred == pytest.approx(form.pupils @ centred, rel=1e-10, abs=1e-9)
    powers = np.vander((form.scores - 23.5) / 3.5, degree + 1)
    other = sm.GLM(form.pupils, powers, family=sm.families.Poisson()).fit(tol=1e-14, maxiter=200)
    np.testing.assert_allclose(fitted, other.fittedvalues, rtol=1e-7)


def test_covariance_of_smoothed_shares_is_what_small_changes_of_the_frequencies_give() -> None:
    form = read_frequencies(Y, "Y")
    root = smooth(form, 3).root
    changes = []
    for place in range(len(form.pupils)):
        more, less = form.pupils.copy(), form.pupils.copy()
        more[place] += 1e-4
        less[place] -= 1e-4
        fits = [smooth(read_frequencies(pd.Series(pupils), "Y"), 3).shares for pupils in (more, less)]
        changes.append((fits[0] - fits[1]) / 2e-4 * form.n)
    jacobian, shares = np.array(changes).T, form.shares
    multinomial = np.diag(shares) - np.outer(shares, shares)
    fitted = smooth(form, 3).shares
    model = np.diag(fitted) - np.outer(fitted, fitted)
    np.testing.assert_allclose(root @ root.T, jacobian @ model @ jacobian.T, rtol=1e-5, atol=1e-9)
    assert np.trace(root @ root.T) < np.trace(multinomial)


def test_smoothing_without_a_maximum_is_said() -> None:
    two = pd.Series([10, 0, 0, 0, 0, 8])
    curve = equating.equipercentile(two, Y, smoothing=(3, 2))
    assert curve.table["equated"].isna().all()
    assert {s.values["form"] for s in curve.statements if s.code == "equating_smoothing_failed"} == {"X"}
    assert np.isnan(curve(2))
    table = equating.smoothing_degrees(two)
    assert table["g2"].isna().tolist() == [False, True, True, True]


@pytest.mark.parametrize("degree", [7, 30])
def test_a_degree_that_leaves_nothing_to_smooth_is_said(degree: int) -> None:
    curve = equating.equipercentile(X, Y, smoothing=degree)
    assert curve.table["equated"].isna().all()
    assert "equating_smoothing_failed" in said(curve)


def test_degrees_of_few_scores_are_refused() -> None:
    for wrong in (0, "3"):
        with pytest.raises(MeasureError):
            equating.smoothing_degrees(X, most=wrong)
    with pytest.raises(MeasureError, match="3"):
        equating.smoothing_degrees(pd.Series([4, 5]))


def test_chains_are_smoothed_as_far_as_the_anchor_allows() -> None:
    short = [group.assign(anchor=(group["anchor"] > 4).astype(int)) for group in (FIRST, SECOND)]
    for pairs in ((FIRST, SECOND), short):
        curve = equating.chained(*scores_of(*pairs), kind="equipercentile", smoothing=4)
        assert curve.table["equated"].is_monotonic_increasing
        assert np.isfinite(curve.table["equated"]).all()
    failed = equating.chained(
        *scores_of(FIRST.assign(anchor=8 * short[0]["anchor"]), SECOND), kind="equipercentile", smoothing=4
    )
    assert failed.table["equated"].isna().all()
    assert {s.values["form"] for s in failed.statements if s.code == "equating_smoothing_failed"} == {"X"}


def test_no_variance_is_said() -> None:
    assert "equating_no_variance" in said(equating.equipercentile(pd.Series({5: 30, 6: 0}), Y))
    line = equating.linear(pd.Series({5: 30, 6: 0}), Y)
    assert np.isnan(line.slope)
    assert line.table.isna().all(axis=None)
    assert "equating_no_variance" in said(line)
    assert equating.mean(pd.Series({5: 30}), Y).intercept == pytest.approx(np.average(Y.index, weights=Y) - 5)
    assert equating.linear(pd.Series({3: 1}), pd.Series({2: 1})).table.isna().all(axis=None)


def test_numbers_of_pupils_and_scores_outside_are_said() -> None:
    assert {"equating_few_pupils", "equating_equal_groups"} <= said(equating.linear(X, Y))
    assert "equating_few_pupils" not in said(equating.linear(10 * X, 10 * Y))
    assert "equating_few_pupils" in said(equating.equipercentile(10 * X, 10 * Y))
    assert "equating_few_pupils" not in said(equating.equipercentile(20 * X, 20 * Y))
    assert "equating_beyond_scale" in said(equating.mean(X, pd.Series([0, 0, 1, 5, 3])))


@pytest.mark.parametrize("method", RANDOM_GROUPS)
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (pd.Series([3, -1, 2]), "-1"),
        (pd.Series([3.0, np.nan]), "nan"),
        (pd.Series([0, 0]), "нет ни одного ученика"),
        (pd.Series([], dtype=float), "нет ни одного ученика|не числами"),
        (pd.Series([1, 2], index=[0, 0.5]), "0.5"),
        (pd.Series([1, 2], index=[3, 3]), "дважды"),
        (pd.Series([1, 2], index=["a", "b"]), "не числами"),
        (pd.Series([1, 2], index=[0, np.inf]), "inf"),
        (pd.Series([1, 2], index=[0, 10**9]), "1000000000"),
        (pd.Series(["1", "2"]), "numeric|не числ"),
        ([1, 2, 3], "Series"),
    ],
)
def test_wrong_frequencies_are_refused(method: Any, wrong: Any, words: str) -> None:
    with pytest.raises(MeasureError, match=words):
        method(wrong, Y)
    with pytest.raises(MeasureError, match=words):
        method(X, wrong)


@pytest.mark.parametrize("degree", [0, -1, 2.5, True, "3", (1, 2, 3), (2, 0)])
def test_wrong_degrees_are_refused(degree: Any) -> None:
    with pytest.raises(MeasureError):
        equating.equipercentile(X, Y, smoothing=degree)


def test_wrong_scores_are_refused() -> None:
    with pytest.raises(MeasureError, match="вне шкалы"):
        equating.equipercentile(X, Y)(8)
    with pytest.raises(MeasureError, match="не числами"):
        equating.linear(X, Y)(["a"])


def test_equal_groups_make_tucker_and_levine_linear() -> None:
    """Where both groups have the same anchor moments, no adjustment is left."""
    y = FIRST.assign(total=2 * FIRST["total"] + 1)
    for method in (equating.tucker, equating.levine, equating.chained):
        line = method(*scores_of(FIRST, y))
        assert (line.slope, line.intercept) == pytest.approx((2, 1), abs=1e-12)
    linear = equating.linear(FIRST["total"].value_counts(), SECOND["total"].value_counts())
    mixed = SECOND.assign(anchor=FIRST["anchor"].sample(250, random_state=0).to_numpy())
    flat = mixed.assign(anchor=(mixed["anchor"] - mixed["anchor"].mean()) / mixed["anchor"].std())
    scaled = FIRST.assign(anchor=(FIRST["anchor"] - FIRST["anchor"].mean()) / FIRST["anchor"].std())
    line = equating.tucker(*scores_of(scaled, flat))
    assert (line.slope, line.intercept) == pytest.approx((linear.slope, linear.intercept), abs=1e-12)


def test_a_perfect_anchor_makes_all_methods_one() -> None:
    """Where the total is a line of the anchor, Tucker, external and internal Levine and the chain agree."""
    x, y = FIRST.assign(total=2.0 * FIRST["anchor"] + 1), SECOND.assign(total=3.0 * SECOND["anchor"] - 2)
    calls = [
        (equating.tucker, {}),
        (equating.levine, {}),
        (equating.levine, {"internal": False}),
        (equating.chained, {}),
    ]
    for method, options in calls:
        line = method(*scores_of(x, y), **options)
        assert (line.slope, line.intercept) == pytest.approx((1.5, -3.5), abs=1e-9)


@pytest.mark.parametrize("method", ANCHORED)
def test_weights_are_repeated_pupils_and_order_is_nothing(method: Any) -> None:
    expected = method(*scores_of(FIRST, SECOND)).table
    cells = [group.groupby(["total", "anchor"], as_index=False).size() for group in (FIRST, SECOND)]
    counted = method(*scores_of(*cells), x_weights=cells[0]["size"], y_weights=cells[1]["size"]).table
    pd.testing.assert_frame_equal(counted, expected)
    turned = method(*scores_of(FIRST.iloc[::-1], SECOND.sample(frac=1, random_state=1))).table
    pd.testing.assert_frame_equal(turned, expected)
    lists = method(*(column.tolist() for column in scores_of(FIRST, SECOND))).table
    pd.testing.assert_frame_equal(lists, expected)


@pytest.mark.parametrize("method", [equating.tucker, equating.levine])
def test_exchange_of_forms_and_weight_turns_the_line_round(method: Any) -> None:
    there = method(*scores_of(FIRST, SECOND), weight=0.3)
    back = method(*scores_of(SECOND, FIRST), weight=0.7)
    assert back.slope == pytest.approx(1 / there.slope)
    assert back.intercept == pytest.approx(-there.intercept / there.slope)


def test_missing_scores_are_left_out_and_said() -> None:
    holes = FIRST.astype(float)
    holes.loc[[0, 1], "total"], holes.loc[[5], "anchor"] = np.nan, np.nan
    line = equating.tucker(*scores_of(holes, SECOND))
    assert line.groups.loc["x", "n"] == 297
    assert [s.values["n"] for s in line.statements if s.code == "equating_dropped_pupils"] == [3]
    assert line.slope == equating.tucker(*scores_of(FIRST.drop([0, 1, 5]), SECOND)).slope


@pytest.mark.parametrize(
    ("change", "method", "code"),
    [
        ({"anchor": 4}, equating.tucker, "equating_anchor_no_variance"),
        ({"anchor": 4}, equating.levine, "equating_levine_covariance"),
        ({"anchor": 4}, equating.chained, "equating_anchor_no_variance"),
        ({"anchor": 0.1}, equating.tucker, "equating_anchor_no_variance"),
        ({"total": 4}, equating.tucker, "equating_no_variance"),
        ({"total": 4}, equating.chained, "equating_no_variance"),
        ({"anchor": lambda pupils: 16 - pupils["total"]}, equating.levine, "equating_levine_covariance"),
    ],
)
def test_anchors_that_carry_nothing_give_no_line(change: dict[str, Any], method: Any, code: str) -> None:
    for groups in ((FIRST.assign(**change), SECOND), (FIRST, SECOND.assign(**change))):
        line = method(*scores_of(*groups))
        assert code in said(line)
        assert np.isnan([line.slope, line.intercept]).all()
        assert line.table.isna().all(axis=None)


def test_strange_anchors_are_said() -> None:
    turned = FIRST.assign(anchor=16 - FIRST["total"])
    assert "equating_anchor_negative" in said(equating.tucker(*scores_of(turned, SECOND)))
    above = equating.tucker(*scores_of(FIRST.assign(anchor=FIRST["anchor"] + 10), SECOND))
    assert "equating_anchor_above_total" in said(above)
    far = equating.chained(*scores_of(FIRST.assign(anchor=FIRST["anchor"] + 30), SECOND))
    assert "equating_anchors_apart" in said(far)
    curve = equating.chained(*scores_of(FIRST.assign(anchor=FIRST["anchor"] + 30), SECOND), kind="equipercentile")
    assert (curve.table["equated"] == SECOND["total"].max() + 0.5).all()


def test_levine_without_a_common_variance_is_said() -> None:
    noisy = FIRST.assign(anchor=np.random.default_rng(5).permutation(FIRST["anchor"]) * 3 + FIRST["total"])
    line = equating.levine(*scores_of(noisy, SECOND.assign(anchor=SECOND["anchor"] * 0.1)), weight=0.0)
    assert "equating_synthetic_variance" in said(line)
    assert line.table.isna().all(axis=None)


def test_groups_far_apart_are_said_of_tucker() -> None:
    line = equating.tucker(*scores_of(FIRST, SECOND))
    remark = next(s for s in line.statements if s.code == "equating_groups_differ")
    spread = np.sqrt((FIRST["anchor"].var() + SECOND["anchor"].var()) / 2)
    assert remark.values["difference"] == pytest.approx((FIRST["anchor"].mean() - SECOND["anchor"].mean()) / spread)
    assert "equating_groups_differ" not in said(equating.tucker(*scores_of(FIRST, FIRST)))
    assert "equating_groups_differ" not in said(equating.levine(*scores_of(FIRST, SECOND)))


def test_one_pupil_is_said() -> None:
    one = FIRST.iloc[:1]
    for method in ANCHORED[:3]:
        assert {"equating_no_variance", "equating_few_pupils"} <= said(method(*scores_of(one, SECOND)))
    assert equating.chained(*scores_of(one, SECOND), kind="equipercentile").table["equated"].notna().all()


@pytest.mark.parametrize("method", ANCHORED)
def test_wrong_pupils_are_refused(method: Any) -> None:
    x_total, x_anchor, y_total, y_anchor = scores_of(FIRST, SECOND)
    wrong = [
        ((x_total.iloc[:5], x_anchor, y_total, y_anchor), {}),
        ((x_total.rename(index=lambda row: row + 1), x_anchor, y_total, y_anchor), {}),
        ((x_total.astype(str), x_anchor, y_total, y_anchor), {}),
        ((x_total * np.inf, x_anchor, y_total, y_anchor), {}),
        ((FIRST.to_numpy(), x_anchor, y_total, y_anchor), {}),
        ((3, x_anchor, y_total, y_anchor), {}),
        ((x_total * np.nan, x_anchor, y_total, y_anchor), {}),
        ((x_total, x_anchor, [], []), {}),
        ((x_total, x_anchor, y_total, y_anchor), {"x_weights": [-1] * 300}),
        ((x_total, x_anchor, y_total, y_anchor), {"x_weights": [0] * 300}),
    ]
    for scores, weights in wrong:
        with pytest.raises(MeasureError):
            method(*scores, **weights)


def test_wrong_choices_are_refused() -> None:
    for weight in (-0.1, 1.5, np.nan, "1", True):
        with pytest.raises(MeasureError):
            equating.tucker(*scores_of(FIRST, SECOND), weight=weight)
    with pytest.raises(MeasureError):
        equating.chained(*scores_of(FIRST, SECOND), kind="quadratic")
    with pytest.raises(MeasureError):
        equating.chained(*scores_of(FIRST, SECOND), smoothing=3)
    with pytest.raises(MeasureError):
        equating.chained(*scores_of(FIRST + 0.5, SECOND), kind="equipercentile")


def test_bootstrap_is_the_same_twice_and_in_any_order() -> None:
    errors = equating.bootstrap(equating.linear, X, Y, repetitions=20, seed=4)
    again = equating.bootstrap(equating.linear, X.iloc[::-1], Y, repetitions=20, seed=4)
    other = equating.bootstrap(equating.linear, X, Y, repetitions=20, seed=5)
    pd.testing.assert_frame_equal(errors.table, again.table)
    assert (errors.table["se"] != other.table["se"]).all()
    pupils = equating.bootstrap(equating.tucker, FIRST, SECOND, repetitions=5, weight=0.5)
    turned = equating.bootstrap(equating.tucker, FIRST.iloc[::-1], SECOND, repetitions=5, weight=0.5)
    pd.testing.assert_frame_equal(pupils.table, turned.table)
    assert (pupils.table["lower"] <= pupils.table["upper"]).all()


def test_bootstrap_says_draws_without_result() -> None:
    few = pd.Series([0, 2, 1])
    errors = equating.bootstrap(equating.linear, few, few, repetitions=30)
    assert 0 < len(errors.draws) < 30
    lost = next(s for s in errors.statements if s.code == "equating_draws_without_result")
    assert lost.values["n"] == 30 - len(errors.draws)
    none = equating.bootstrap(equating.linear, pd.Series([5, 0]), few, repetitions=3)
    assert none.table["se"].isna().all()
    assert len(none.draws) == 0


def test_bootstrap_refuses_what_it_cannot_draw() -> None:
    for repetitions in (1, 2.5, True):
        with pytest.raises(MeasureError):
            equating.bootstrap(equating.linear, X, Y, repetitions=repetitions)
    with pytest.raises(MeasureError):
        equating.bootstrap(equating.linear, X, SECOND)
    with pytest.raises(MeasureError):
        equating.bootstrap(equating.tucker, FIRST[["total"]], SECOND)
    with pytest.raises(MeasureError):
        equating.bootstrap(equating.tucker, X, Y)
    with pytest.raises(MeasureError):
        equating.bootstrap(equating.linear, FIRST, SECOND)
    for seed in (-1, "a", 1.5):
        with pytest.raises(MeasureError):
            equating.bootstrap(equating.linear, X, Y, repetitions=2, seed=seed)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("method", "options"),
    [
        (equating.mean, {}),
        (equating.linear, {}),
        (equating.equipercentile, {}),
        (equating.equipercentile, {"smoothing": 4}),
    ],
)
def test_delta_errors_agree_with_the_bootstrap(method: Any, options: dict[str, int]) -> None:
    """1,000 draws know a standard error to 2.2 %; four of those, and 2 % for the delta method, are allowed.

    Where an equated score lies within three errors of the edge of a cell, the curve has a kink there and the delta method is
    of one side only: those scores are not compared.
    """
    x, y = 100 * X + 20, 100 * Y + 20
    errors = equating.bootstrap(method, x, y, repetitions=1000, seed=6, **options).table
    delta = method(x, y, **options).table
    smooth_there = (delta["equated"] % 1 - 0.5).abs() > 3 * delta["se"] if method is equating.equipercentile else True
    ratio = (errors["se"] / delta["se"])[smooth_there & (delta.index > 0) & (delta.index < 7)]
    assert len(ratio) >= 3
    assert (ratio - 1).abs().max() < 0.11


@pytest.mark.slow
@pytest.mark.parametrize("method", [equating.tucker, equating.levine, equating.chained])
def test_delta_errors_of_anchored_lines_agree_with_the_bootstrap(method: Any) -> None:
    """600 draws know a standard error to 2.9 %; four of those, and 2 % for the delta method, are allowed."""
    x, y = sit(3000, 0.0, 7), sit(3000, 0.3, 8)
    errors = equating.bootstrap(method, x, y, repetitions=600, seed=6)
    ratio = errors.table["se"] / method(*scores_of(x, y)).table["se"]
    assert (ratio - 1).abs().max() < 0.14


@pytest.mark.slow
def test_intervals_cover_the_true_line() -> None:
    """Anchored lines on simulated pupils of one test: the true function is the identity where groups are equal."""
    inside = []
    for seed in range(300):
        line = equating.tucker(*scores_of(sit(300, 0.0, 2 * seed + 100), sit(300, 0.0, 2 * seed + 101)))
        row = line.table.loc[8]
        inside.append(abs(row["equated"] - 8) < 1.96 * row["se"])
    assert np.mean(inside) == pytest.approx(0.95, abs=4 * np.sqrt(0.95 * 0.05 / 300))


@pytest.mark.slow
def test_levine_finds_the_truth_where_groups_differ_and_tucker_says_that_it_does_not() -> None:
    """One form, groups half a standard deviation apart: the truth is the identity. 100 pairs of groups.

    True scores of the anchor and the form are not exactly a line of each other, hence 0.02 beside four Monte Carlo errors.
    """
    found: dict[str, list[float]] = {"tucker": [], "levine": []}
    warned = 0
    for seed in range(100):
        pupils = scores_of(sit(500, 0.0, 2 * seed + 1000), sit(500, 0.5, 2 * seed + 1001))
        for name, lines in found.items():
            line = getattr(equating, name)(*pupils)
            lines.append(line(8.0) - 8.0)
        warned += "equating_groups_differ" in said(equating.tucker(*pupils))
    assert warned > 80
    errors = {name: np.std(lines, ddof=1) / 10 for name, lines in found.items()}
    assert abs(np.mean(found["levine"])) < 4 * errors["levine"] + 0.02
    assert np.mean(found["tucker"]) > 4 * errors["tucker"]


def test_smoothing_of_one_reached_score_is_said() -> None:
    lone = pd.Series(0, index=range(10))
    lone[5] = 12
    y = pd.Series([3, 8, 15, 25, 25, 15, 9])
    assert "equating_smoothing_failed" in said(equating.equipercentile(lone, y, 2))
    assert equating.smoothing_degrees(pd.Series([0, 5, 0, 0]))["g2"].isna().tolist() == [False, True]
    drawn = equating.bootstrap(equating.equipercentile, pd.Series([0, 1, 3, 1, 0, 0]), y, 200, seed=0, smoothing=2)
    assert "equating_draws_without_result" in said(drawn)


def test_a_chained_curve_names_scores_that_nobody_reached() -> None:
    scores = [4, 6, 9, 12], [1, 2, 3, 5], [5, 8, 9, 13], [1, 3, 3, 5]
    found = equating.chained(*scores, kind="equipercentile")
    counts = {s.values["form"]: s.values["n"] for s in found.statements if s.code == "equating_empty_scores"}
    assert counts == {"X": 5, "Y": 5}


def test_a_scale_too_long_for_a_curve_is_refused() -> None:
    with pytest.raises(MeasureError, match="50001"):
        equating.equipercentile(pd.Series({0: 1, 50_000: 1}), Y)
