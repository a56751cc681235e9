"""The analysis of items: by hand, under changes that must change nothing, and with poor or wrong data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from oko.errors import MeasureError
from oko.measures.items import ItemAnalysis, analyse
from oko.measures.items.extremes import ends
from oko.measures.items.moments import ROWS, Scored, moments
from oko.measures.items.reliability import alpha, alpha_interval

MOST = pd.Series({"1": 1.0, "2": 2.0, "3": 3.0, "4": 1.0})


def points(n: int = 200, empty: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    ability = rng.normal(size=n)
    scores = pd.DataFrame(
        {item: np.clip(np.round(most / 2 + ability + rng.normal(size=n)), 0, most) for item, most in MOST.items()}
    )
    return scores.mask(rng.random(scores.shape) < empty)


def codes(found: ItemAnalysis) -> dict[str, Any]:
    return {statement.code: dict(statement.values) for statement in found.statements}


def assert_same(found: ItemAnalysis, expected: ItemAnalysis) -> None:
    # Sums in another order differ by rounding alone.
    pd.testing.assert_frame_equal(found.items.loc[expected.items.index], expected.items, rtol=1e-11, check_dtype=False)
    for name in ("alpha", "alpha_lower", "alpha_upper", "sem", "n", "mean", "sd"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=1e-11, nan_ok=True), name
    # Omega comes out of a search that stops at 1e-8.
    assert found.omega == pytest.approx(expected.omega, abs=1e-7, nan_ok=True)


def test_by_hand() -> None:
    scores = pd.DataFrame({"1": [1, 1, 0, 1, 0, 0], "2": [2, 1, 1, 2, 0, 0], "3": [3, 0, 1, 3, 1, 2]})
    found = analyse(scores, MOST)
    total, item = scores.sum(axis=1), scores["2"]
    row = found.items.loc["2"]
    assert row["facility"] == pytest.approx(0.5)
    assert row["sd"] == pytest.approx(item.std())
    assert row["item_total"] == pytest.approx(item.corr(total))
    assert row["item_rest"] == pytest.approx(item.corr(total - item))
    without = scores[["1", "3"]]
    assert row["alpha_if_deleted"] == pytest.approx(2 * (1 - without.var().sum() / without.sum(axis=1).var()))
    assert found.alpha == pytest.approx(1.5 * (1 - scores.var().sum() / total.var()))
    assert found.sem == pytest.approx(total.std() * np.sqrt(1 - found.alpha))
    assert (found.n, found.mean, found.sd) == pytest.approx((6, total.mean(), total.std()))
    # 27 % of 6 pupils are 1.62. The totals are 6 2 2 6 1 2: above, two pupils with 6 share the places; below are the
    # pupil with 1, and 0.62 of a pupil shared by the three with 2, who have 1, 1 and 0 points.
    assert row["upper_lower"] == pytest.approx((2 - (0 + 0.62 / 3 * (1 + 1 + 0)) / 1.62) / 2)


def test_ties_at_the_border_are_shared_whatever_the_order_of_rows() -> None:
    standing = np.array([3.0, 1, 2, 2, 2, 1, 3, 2, 2, 2])
    border = ends(standing, np.ones(10))
    assert border is not None
    low, high = border.belonging(standing)
    assert (low.sum(), high.sum()) == pytest.approx((2.7, 2.7))
    assert low[standing == 2] == pytest.approx(0.7 / 6)
    assert high[standing == 3] == pytest.approx(1)


@pytest.mark.parametrize("empty", [0.0, 0.15])
def test_order_and_names_change_nothing(empty: float) -> None:
    scores = points(empty=empty)
    expected = analyse(scores, MOST)
    assert_same(analyse(scores.sample(frac=1, random_state=1), MOST), expected)
    assert_same(analyse(scores[["3", "1", "4", "2"]], MOST), expected)
    renamed = analyse(
        scores.rename(columns=lambda item: f"задание {item}"), MOST.rename(lambda item: f"задание {item}")
    )
    np.testing.assert_array_equal(renamed.items.to_numpy(), expected.items.to_numpy())


@pytest.mark.parametrize("empty", [0.0, 0.15])
def test_weights_are_repeated_rows(empty: float) -> None:
    scores = points(empty=empty)
    repeats = np.arange(len(scores)) % 4
    not_attempted = scores == 0
    repeated = scores.index.repeat(repeats)
    expected = analyse(scores.loc[repeated].reset_index(drop=True), MOST, None, not_attempted.loc[repeated].to_numpy())
    assert_same(analyse(scores, MOST, repeats, not_attempted), expected)
    named = scores.assign(pupils=repeats)
    assert_same(analyse(named, MOST, "pupils", not_attempted), expected)


def test_collapsed_patterns_give_the_same() -> None:
    scores = points(3 * ROWS + 5)
    collapsed = scores.value_counts().rename("pupils").reset_index()
    assert len(collapsed) < 60
    assert_same(analyse(collapsed, MOST, "pupils"), analyse(scores, MOST))


def test_greatest_points_seen_stand_in_for_the_maximum() -> None:
    scores = points().drop(columns="3")
    found = analyse(scores)
    assert_same(found, analyse(scores, MOST))
    assert "item_greatest_points_seen" in codes(found)
    assert "item_greatest_points_seen" not in codes(analyse(scores, MOST))


def test_tasks_not_attempted_count_as_0() -> None:
    scores = points(empty=0.1)
    mask = scores.isna() & (np.arange(len(scores)) % 2 == 0)[:, None]
    found = analyse(scores, MOST, not_attempted=mask[["4", "3", "2", "1"]])
    expected = analyse(scores.mask(mask, 0.0), MOST)
    pd.testing.assert_frame_equal(
        found.items.drop(columns="not_attempted"), expected.items.drop(columns="not_attempted")
    )
    given = (scores.notna() | mask).sum()
    assert found.items["not_attempted"].to_dict() == pytest.approx((mask.sum() / given).to_dict())
    assert expected.items["not_attempted"].isna().all()
    assert "item_not_attempted_unknown" in codes(expected)
    assert "item_not_attempted_unknown" not in codes(found)


def test_points_on_a_task_not_attempted_are_named() -> None:
    scores = points()
    mask = np.zeros(scores.shape, dtype=bool)
    mask[:5, 1] = True
    found = analyse(scores, MOST, not_attempted=mask)
    assert codes(found)["item_points_not_attempted"] == {"cells": int((scores["2"].head(5) > 0).sum())}
    assert found.items.loc["2", "facility"] == pytest.approx(scores["2"].iloc[5:].sum() / 400)


def test_pairwise_covariances_are_those_of_pandas() -> None:
    scores = points(empty=0.2).dropna(how="all", ignore_index=True)
    covariance = scores.cov().to_numpy()
    found = moments(Scored(scores.to_numpy(), np.ones(len(scores))))
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-12)
    analysis = analyse(scores, MOST)
    assert analysis.sd == pytest.approx(np.sqrt(covariance.sum()))
    said = codes(analysis)["item_pairwise"]
    assert (said["n"], said["pupils"]) == (int(scores.isna().any(axis=1).sum()), len(scores))
    assert said["share"] == pytest.approx(scores.isna().to_numpy().mean())


def test_a_pupil_without_a_task_is_not_counted() -> None:
    scores = points()
    with_empty = pd.concat([scores, scores.head(2) * np.nan], ignore_index=True)
    found = analyse(with_empty, MOST)
    assert_same(found, analyse(scores, MOST))
    assert codes(found)["item_pupils_without_items"] == {"n": 2}
    # Sums of fractional weights in another order must not make a pupil of their rounding.
    sparse, weights = points(empty=0.1).dropna(how="all"), np.random.default_rng(1).random(200)
    weighed = analyse(sparse, MOST, weights[: len(sparse)])
    assert "item_pupils_without_items" not in codes(weighed)


def test_an_item_without_variance_is_named_and_left_out_of_alpha() -> None:
    # 0.1 has no exact binary form: the variance must still be exactly 0.
    scores = points().assign(same=0.1)
    found = analyse(scores, pd.concat([MOST, pd.Series({"same": 1.0})]))
    assert codes(found)["item_without_variance"] == {"items": ("same",)}
    expected = analyse(points(), MOST)
    assert (found.alpha, found.omega) == pytest.approx((expected.alpha, expected.omega))
    row = found.items.loc["same"]
    assert (row["sd"], row["facility"], row["upper_lower"]) == pytest.approx((0, 0.1, 0))
    assert row["alpha_if_deleted"] == pytest.approx(found.alpha)
    assert row[["item_total", "item_rest"]].isna().all()


def test_an_item_that_works_against_the_others_is_named() -> None:
    scores = points()
    scores["4"] = 1 - scores["4"]
    assert codes(analyse(scores, MOST))["item_negative"] == {"items": ("4",)}


def test_an_item_nobody_took() -> None:
    scores = points().assign(unseen=np.nan)
    found = analyse(scores, pd.concat([MOST, pd.Series({"unseen": 2.0})]))
    assert found.items.loc["unseen", "n"] == 0
    assert found.items.loc["unseen"].drop(["n", "max"]).isna().all()
    assert codes(found)["item_fewer_than_two_pupils"] == {"items": ("unseen",)}
    expected = analyse(points(), MOST)
    assert (found.alpha, found.sd, found.mean) == pytest.approx((expected.alpha, expected.sd, expected.mean))
    np.testing.assert_allclose(
        found.items.loc[MOST.index, ["item_rest", "alpha_if_deleted"]],
        expected.items[["item_rest", "alpha_if_deleted"]],
    )


def test_an_item_on_which_nobody_has_a_point_and_no_maximum() -> None:
    found = analyse(points().assign(none=0))
    assert codes(found)["item_maximum_unknown"] == {"items": ("none",)}
    assert np.isnan(found.items.loc["none", "facility"])
    assert found.items.drop("none")["facility"].notna().all()


def test_booklets_without_a_common_pupil() -> None:
    scores = points()
    scores.loc[:99, "1"] = np.nan
    scores.loc[100:, "2"] = np.nan
    found = analyse(scores, MOST)
    assert codes(found)["item_pairs_apart"] == {"pairs": 1, "first": "1", "second": "2"}
    assert np.isnan([found.alpha, found.sem, found.omega, found.alpha_lower]).all()
    # Without one of the two the others are defined.
    assert found.items["alpha_if_deleted"].notna().tolist() == [True, True, False, False]
    assert found.items[["facility", "sd", "upper_lower"]].notna().all(axis=None)


@pytest.mark.parametrize(
    ("scores", "code"),
    [
        ({"1": [1, 0, 1]}, "item_alone"),
        ({"1": [1, 0, 1], "2": [1, 1, 1]}, "item_alone"),
        ({"1": [1, 1], "2": [2, 2]}, "item_all_equal"),
        ({"1": [0, 0], "2": [0, 0]}, "item_all_equal"),
        ({"1": [1], "2": [0]}, "item_one_pupil"),
        ({"1": [1], "2": [np.nan]}, "item_one_pupil"),
        ({"1": [np.nan], "2": [np.nan]}, "item_pupils_without_items"),
        ({"1": [1, 0, 1, 0], "2": [0, 1, 0, 1]}, "item_sum_without_variance"),
        ({"1": [1, np.nan], "2": [np.nan, 1]}, "item_fewer_than_two_pupils"),
        ({"1": [1, 0, 1, 0], "2": [0, 1, 0, 0]}, "item_alpha_negative"),
        ({"1": [1, 0, 1, 0], "2": [1, 1, 0, 0]}, "item_two"),
        ({"1": [1, 0, 1, 0], "2": [1, 1, 0, 0]}, "item_omega_few_items"),
    ],
)
def test_poor_data_are_said_not_raised(scores: dict[str, list[float]], code: str) -> None:
    found = analyse(pd.DataFrame(scores), MOST)
    assert code in codes(found)
    if code not in ("item_alpha_negative", "item_two", "item_omega_few_items"):
        assert np.isnan([found.alpha, found.sem, found.alpha_lower, found.alpha_upper, found.omega]).all()


def test_half_a_pupil_is_no_pupil_more_than_one() -> None:
    found = analyse(points(3), MOST, weights=[0.2, 0.2, 0.2])
    assert codes(found)["item_one_pupil"] == {"n": pytest.approx(0.6)}
    assert found.items[["sd", "item_rest", "upper_lower"]].isna().all(axis=None)


def test_few_pupils_are_said() -> None:
    assert codes(analyse(points(29), MOST))["item_few_pupils"] == {"n": 29, "needed": 30}
    assert "item_few_pupils" not in codes(analyse(points(30), MOST))


def test_covariances_that_do_not_fit_together_are_said() -> None:
    nan = np.nan
    pairs = ([1, 1, nan], [nan, 1, 1], [1, nan, 0])
    rows = [row for row in pairs for _ in range(10)] + [[0 if x == 1 else 1 if x == 0 else nan for x in row] for row in pairs for _ in range(10)]  # fmt: skip
    found = analyse(pd.DataFrame(rows, columns=list("123")), MOST)
    assert "item_covariances_improper" in codes(found)


@pytest.mark.parametrize(
    ("mask", "says"),
    [
        (np.zeros((3, 4), dtype=bool), "(3, 4)"),
        (np.full((200, 4), 2), "True and False"),
        (pd.DataFrame(False, index=range(200), columns=list("1235")), "other pupils or items"),
        (pd.DataFrame(False, index=range(1, 201), columns=list("1234")), "other pupils or items"),
        ("нет", "shape"),
        ([[True], [True, False]], "shape"),
        (pd.DataFrame(pd.NA, index=range(200), columns=list("1234"), dtype="boolean"), "True and False"),
    ],
)
def test_a_wrong_mask_is_named(mask: Any, says: str) -> None:
    with pytest.raises(MeasureError) as caught:
        analyse(points(), MOST, not_attempted=mask)
    assert says in caught.value.message.format(**caught.value.values)


@pytest.mark.parametrize(
    ("change", "options", "says"),
    [
        ({"1": -1}, {}, "-1"),
        ({"1": 2}, {}, "outside 0 to 1"),
        ({"1": "да"}, {}, "'1'"),
        ({"5": 1}, {}, "'5'"),
        ({}, {"weights": [1]}, "weights"),
        ({}, {"level": 95}, "95"),
        ({}, {"max_scores": 1}, "'1'"),
    ],
)
def test_wrong_input_is_named(change: dict[str, Any], options: dict[str, Any], says: str) -> None:
    with pytest.raises(MeasureError) as caught:
        analyse(points().assign(**change), **{"max_scores": MOST, **options})
    assert says in caught.value.message.format(**caught.value.values)


@pytest.mark.parametrize("scores", [None, np.ones((5, 2)), [[1, 0]]])
def test_points_are_a_table(scores: Any) -> None:
    with pytest.raises(MeasureError, match="DataFrame"):
        analyse(scores)


@pytest.mark.slow
def test_feldts_interval_covers_alpha() -> None:
    # Parallel normal items with r = 0.25: alpha of 8 is 8 * 0.25 / (1 + 7 * 0.25).
    rng, times, n, k = np.random.default_rng(3), 2000, 40, 8
    true = k * 0.25 / (1 + (k - 1) * 0.25)
    covered = 0
    for _ in range(times):
        sample = 10 + np.sqrt(0.25) * rng.normal(size=(n, 1)) + np.sqrt(0.75) * rng.normal(size=(n, k))
        low, high = alpha_interval(alpha(np.cov(sample.T)), n, k)
        covered += low < true < high
    # Monte Carlo error of 95 %: 0.5 %.
    assert covered / times == pytest.approx(0.95, abs=3 * np.sqrt(0.95 * 0.05 / times))


def test_nobody_is_not_one_pupil() -> None:
    found = analyse(pd.DataFrame(np.nan, index=range(5), columns=list("abc")))
    assert "item_one_pupil" not in {said.code for said in found.statements}
    assert "item_pupils_without_items" in {said.code for said in found.statements}
