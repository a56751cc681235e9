"""Differential item functioning: what must not change a result, what is found, who is compared with whom."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from dif_points import METHODS, NONE, ONE, said, simulate
from oko.measures import dif
from oko.measures.dif.tables import ets_class, ets_class_of_points
from oko.measures.multiplicity import adjusted


@pytest.fixture(params=[1, 2])
def sample(request: pytest.FixtureRequest) -> tuple[pd.DataFrame, pd.Series]:
    return simulate(500, ONE, most=request.param)


# ---- what must not change a result


@pytest.mark.parametrize("method", METHODS)
def test_the_order_of_pupils_and_items_does_not_matter(method, sample) -> None:
    points, focal = sample
    order = np.random.default_rng(3).permutation(len(points))
    shuffled = method(points.iloc[order, ::-1], focal.iloc[order], purify=True)
    pd.testing.assert_frame_equal(
        shuffled.loc[points.columns], method(points, focal, purify=True), rtol=1e-8, atol=1e-10
    )


@pytest.mark.parametrize("method", METHODS)
def test_a_row_with_a_weight_is_as_many_rows(method, sample) -> None:
    points, focal = sample
    weights = np.random.default_rng(4).integers(0, 4, len(points))
    weighted = method(points, focal, weights=weights)
    repeated = method(points.loc[points.index.repeat(weights)], focal.loc[focal.index.repeat(weights)])
    pd.testing.assert_frame_equal(weighted, repeated, rtol=1e-8, atol=1e-10)
    assert weighted["n_focal"].iloc[0] == weights[focal].sum()


@pytest.mark.parametrize("method", METHODS)
def test_exchanged_groups_exchange_signs(method, sample) -> None:
    points, focal = sample
    one, other = method(points, focal), method(points, ~focal)
    np.testing.assert_allclose(other["chi2"], one["chi2"], rtol=1e-7)
    if method is dif.mantel_haenszel:
        np.testing.assert_allclose(other["delta"], -one["delta"], rtol=1e-10)
        assert (
            other["harder_for"]
            .dropna()
            .map({"focal": "reference", "reference": "focal"})
            .equals(one["harder_for"].dropna())
        )
    else:
        np.testing.assert_allclose(other["interaction"], -one["interaction"], rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(other["group"], -one["group"], rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("method", METHODS)
def test_labels_and_kinds_of_columns_do_not_matter(method, sample) -> None:
    points, focal = sample
    plain = method(points, focal)
    for group in (focal.astype(int), focal.to_numpy().astype(float), focal.tolist(), focal.astype("boolean")):
        pd.testing.assert_frame_equal(method(points, group), plain)
    named = method(points.astype("Int64"), focal.map({True: "М", False: "Д"}).astype("category"), focal="М")
    pd.testing.assert_frame_equal(named, plain)
    assert (named.attrs["reference"], named.attrs["focal"]) == ("Д", "М")


@pytest.mark.parametrize("method", METHODS)
def test_doubled_points_of_right_and_wrong_change_points_alone(method) -> None:
    points, focal = simulate(600, ONE)
    once, twice = method(points, focal), method(2 * points, focal)
    np.testing.assert_allclose(twice[["chi2", "p"]], once[["chi2", "p"]], rtol=1e-8)
    if method is dif.mantel_haenszel:
        np.testing.assert_allclose(twice["smd"], 2 * once["smd"], rtol=1e-10)
        np.testing.assert_allclose(twice[["odds_ratio", "effect"]], once[["odds_ratio", "effect"]], rtol=1e-10)


def test_the_parts_of_the_logistic_test_add_up(sample) -> None:
    both, uniform, other = (dif.logistic(*sample, kind) for kind in ("both", "uniform", "nonuniform"))
    np.testing.assert_allclose(both["chi2"], uniform["chi2"] + other["chi2"], atol=1e-8)
    np.testing.assert_allclose(both["effect"], uniform["effect"] + other["effect"], atol=1e-10)
    assert [set(found["df"]) for found in (both, uniform, other)] == [{2}, {1}, {1}]
    assert "interaction" not in uniform


# ---- what is found


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("most", [1, 2])
def test_a_planted_item_is_found_with_its_sign(method, most) -> None:
    points, focal = simulate(3000, ONE, most=most)
    found = method(points, focal, purify=True, flag_by="p_adjusted")
    assert found.index[found["flagged"]].tolist() == ["4"]
    assert found["p"].min() == found.loc["4", "p"]
    assert found.attrs["matched_on"] == tuple(item for item in points if item != "4")
    if method is dif.mantel_haenszel:
        assert found.loc["4", "harder_for"] == "focal"
        assert found.loc["4", "smd"] < 0
        assert found.loc["4", "ets_class"] in ("B", "C")
    else:
        assert found.loc["4", "group"] == pytest.approx(-0.9, abs=4 * found.loc["4", "group_se"])


def test_crossing_curves_are_found_by_the_interaction() -> None:
    slopes = np.ones(12)
    slopes[5] = 0.1
    points, focal = simulate(3000, NONE, slopes=slopes)
    assert dif.logistic(points, focal, "nonuniform", flag_by="p_adjusted")["flagged"].tolist() == [
        i == 5 for i in range(12)
    ]
    assert not dif.logistic(points, focal, "uniform", flag_by="p_adjusted")["flagged"].any()


def test_flags_follow_the_column_asked_for() -> None:
    points, focal = simulate(400, NONE, seed=5)
    by_p, by_adjusted = (
        dif.mantel_haenszel(points, focal, flag_by=column, alpha=0.2) for column in ("p", "p_adjusted")
    )
    assert by_p["flagged"].tolist() == (by_p["p"] < 0.2).tolist()
    assert by_adjusted["flagged"].tolist() == (by_p["p_adjusted"] < 0.2).tolist()
    assert by_p["flagged"].sum() > by_adjusted["flagged"].sum()


# Benjamini & Hochberg (1995), the fifteen p of their example
BH_1995 = [
    0.0001,
    0.0004,
    0.0019,
    0.0095,
    0.0201,
    0.0278,
    0.0298,
    0.0344,
    0.0459,
    0.3240,
    0.4262,
    0.5719,
    0.6528,
    0.7590,
    1.0,
]


def test_adjusted_p_of_benjamini_and_hochberg() -> None:
    p = np.array(BH_1995)[::-1]
    assert (adjusted(p, "holm") < 0.05).sum() == 3
    assert (adjusted(p, "bh") < 0.05).sum() == 4
    np.testing.assert_allclose(adjusted(p, "bh")[::-1][:4], [0.0015, 0.0030, 0.0095, 0.035625])
    assert adjusted(p, "none").tolist() == p.tolist()


@pytest.mark.parametrize(("adjust", "theirs"), [("holm", "holm"), ("bh", "fdr_bh")])
def test_adjusted_p_is_that_of_statsmodels(adjust, theirs) -> None:
    from statsmodels.stats.multitest import multipletests

    p = np.array([0.04, 0.01, 0.04, 0.6, 0.03])
    np.testing.assert_allclose(adjusted(p, adjust), multipletests(p, method=theirs)[1])
    assert np.isnan(adjusted(np.array([np.nan]), adjust)).all()


@pytest.mark.parametrize(
    ("p", "delta", "se", "letter"),
    [
        (0.06, 3.0, 1.0, "A"), (0.01, 0.99, 0.2, "A"), (0.01, -1.0, 0.2, "B"), (0.01, 1.49, 0.1, "B"),
        (0.01, -1.5, 0.31, "B"), (0.01, -1.5, 0.30, "C"), (0.01, 2.0, 0.61, "B"), (0.01, 2.0, 0.60, "C"),
    ],
)  # fmt: skip
def test_ets_classes(p: float, delta: float, se: float, letter: str) -> None:
    assert ets_class(p, delta, se) == letter


@pytest.mark.parametrize(
    ("p", "effect", "letter"),
    [(0.06, 0.4, "A"), (0.01, -0.17, "A"), (0.01, 0.18, "B"), (0.01, -0.25, "B"), (0.01, 0.26, "C")],
)
def test_ets_classes_of_points(p: float, effect: float, letter: str) -> None:
    assert ets_class_of_points(p, effect) == letter


# ---- missing by design


def test_pupils_are_compared_with_those_of_the_same_set() -> None:
    """A set of easy items for most of one group: matched on plain totals, every item would differ."""
    points, focal = simulate(4000, NONE, seed=8)
    easy = np.random.default_rng(1).random(len(points)) < np.where(focal, 0.8, 0.2)
    given = points.copy()
    given.loc[easy, ["9", "10", "11", "12"]] = np.nan
    given.loc[~easy, ["1", "2", "3", "4"]] = np.nan
    for method in (dif.mantel_haenszel, dif.logistic):
        found = method(given, focal)
        assert not (found["p_adjusted"] < 0.05).any()
        assert said(found, "dif_sets_of_items") == {"sets": 2, "small": 0, "needed": 30}
        assert not (method(points, focal)["p_adjusted"] < 0.05).any()
        zeros = method(given.fillna(0), focal)
        assert (zeros["p_adjusted"] < 0.05).sum() >= 8


@pytest.mark.parametrize("method", METHODS)
def test_a_set_of_its_own_is_a_sample_of_its_own(method) -> None:
    """Pupils of two sets that share no item tell of their own items alone."""
    points, focal = simulate(800, ONE)
    first = points.index < 400
    apart = points.copy()
    apart.loc[first, points.columns[6:]] = np.nan
    apart.loc[~first, points.columns[:6]] = np.nan
    together, alone = method(apart, focal), method(points.loc[first].iloc[:, :6], focal[first])
    numbers = ["chi2", "p", "n_reference", "n_focal"]
    pd.testing.assert_frame_equal(together.loc[alone.index, numbers], alone[numbers], rtol=1e-8)


def test_small_sets_are_taken_together_and_said() -> None:
    points, focal = simulate(600, NONE)
    gaps = points.mask(np.random.default_rng(2).random(points.shape) < 0.05)
    found = dif.mantel_haenszel(gaps, focal)
    sets = said(found, "dif_sets_of_items")
    assert sets["sets"] == len(gaps.isna().drop_duplicates())
    assert 0 < sets["small"] < sets["sets"]
    assert (found["n_reference"] + found["n_focal"]).tolist() == gaps.notna().sum().tolist()


@pytest.mark.parametrize("method", METHODS)
def test_a_pupil_without_any_item_has_no_part(method) -> None:
    points, focal = simulate(600, NONE)
    more = pd.concat([points, points.iloc[[0]] * np.nan], ignore_index=True)
    pd.testing.assert_frame_equal(method(more, [*focal, True]), method(points, focal))


@pytest.mark.parametrize("method", METHODS)
def test_an_item_of_one_group_is_not_matched_on(method) -> None:
    points, focal = simulate(600, NONE)
    found = method(points.assign(**{"5": points["5"].mask(focal)}), focal)
    without = method(points.drop(columns="5"), focal)
    assert said(found, "dif_items_not_taken") == {"items": ("5",)}
    assert math.isnan(found.loc["5", "p"])
    assert not found.loc["5", "flagged"]
    pd.testing.assert_frame_equal(found.drop(index="5"), without, check_like=True)


# ---- curves


def test_curves_hold_every_pupil(sample) -> None:
    points, focal = sample
    curves = dif.empirical_curves(points, focal)
    sums = (curves["n"] * curves["mean"]).groupby([curves["item"], curves["group"]], sort=False).sum().unstack()
    np.testing.assert_allclose(sums.loc[points.columns, "focal"], points[focal].sum())
    np.testing.assert_allclose(sums.loc[points.columns, "reference"], points[~focal].sum())
    there = points.sum(axis=1).eq(5) & focal
    row = curves.query("item == '4' and score == 5 and group == 'focal'").iloc[0]
    assert (row["n"], row["mean"]) == (there.sum(), pytest.approx(points.loc[there, "4"].mean()))
    assert row["se"] == pytest.approx(points.loc[there, "4"].sem())
