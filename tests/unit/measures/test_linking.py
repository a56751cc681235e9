"""Linking of two calibrations: exact recovery, drift, what is left out, and wrong tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from oko.errors import MeasureError
from oko.measures import equating
from oko.measures.equating.item_frames import read_items
from oko.measures.irt.calibration import read_calibration

OLD = pd.DataFrame(
    {
        "discrimination": [0.8, 1.4, 1.1, 0.9, 1.2, 1.7],
        "step_1": [-1.1, 0.2, -0.6, 1.3, -1.5, -0.4],
        "step_2": [np.nan, np.nan, 0.9, np.nan, -0.2, np.nan],
        "step_3": [np.nan, np.nan, np.nan, np.nan, 0.8, np.nan],
    },
    index=pd.Index(["1", "2", "3", "4", "5", "6"], name="item"),
)
OLD["difficulty"] = OLD[["step_1", "step_2", "step_3"]].mean(axis=1)
METHODS = [
    equating.mean_sigma,
    equating.mean_mean,
    equating.haebara,
    equating.stocking_lord,
    lambda old, new: equating.haebara(old, new, weighting="uniform"),
    lambda old, new: equating.stocking_lord(old, new, weighting="uniform"),
]
LOCATED = ["step_1", "step_2", "step_3", "difficulty"]


def on_another_scale(items: pd.DataFrame, slope: float, intercept: float) -> pd.DataFrame:
    """Return the parameters that lead back by θ_old = slope · θ_new + intercept."""
    moved = items.assign(discrimination=items["discrimination"] * slope)
    moved[LOCATED] = (items[LOCATED] - intercept) / slope
    return moved


def said(link: Any) -> set[str]:
    return {statement.code for statement in link.statements}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("slope", "intercept"), [(1.0, 0.0), (1.3, -0.8), (0.6, 1.5), (2.5, 2.0)])
def test_an_exact_line_is_recovered(method: Any, slope: float, intercept: float) -> None:
    new = on_another_scale(OLD, slope, intercept)
    link = method(OLD, new)
    assert (link.slope, link.intercept) == pytest.approx((slope, intercept), abs=1e-7)
    assert link.converged
    pd.testing.assert_frame_equal(link.transform(new), OLD, atol=1e-6)
    assert not link.drift["moved"].any()
    assert link.drift["area"].max() < 1e-6
    assert link.statements == ()


@pytest.mark.parametrize("method", METHODS)
def test_order_of_items_and_items_of_one_year_change_nothing(method: Any) -> None:
    random = np.random.default_rng(1)
    new = on_another_scale(OLD, 1.2, 0.4)
    new[LOCATED] += random.normal(0, 0.1, (6, 1))
    expected = method(OLD, new)
    more = pd.concat([new.iloc[::-1], OLD.iloc[[0, 1]].rename(index={"1": "91", "2": "92"})])
    link = method(OLD.sample(frac=1, random_state=2), more)
    assert (link.slope, link.intercept) == pytest.approx((expected.slope, expected.intercept), abs=1e-8)
    assert link.only_new == ("91", "92")
    assert link.only_old == ()
    assert set(link.common) == set(OLD.index)


def test_difficulty_alone_serves_items_of_one_step() -> None:
    single = OLD.loc[["1", "2", "4", "6"], ["discrimination", "step_1"]]
    named = single.rename(columns={"step_1": "difficulty"})
    moved = named.assign(discrimination=1.3 * named["discrimination"], difficulty=(named["difficulty"] + 0.8) / 1.3)
    for method in METHODS:
        link = method(single, moved)
        assert (link.slope, link.intercept) == pytest.approx((1.3, -0.8), abs=1e-7)


def test_rasch_items_move_the_zero_only() -> None:
    old = pd.DataFrame({"discrimination": 1.0, "difficulty": [-1.0, 0.0, 0.5, 1.5, 0.2]}, index=list("abcde"))
    link = equating.mean_mean(old, old.assign(difficulty=old["difficulty"] - 0.7))
    assert (link.slope, link.intercept) == pytest.approx((1.0, 0.7))


def test_abilities_are_carried_over() -> None:
    link = equating.mean_sigma(OLD, on_another_scale(OLD, 2.0, -1.0))
    theta = pd.Series([0.0, 1.0, np.nan], index=["a", "b", "c"])
    moved = link.transform_abilities(theta, pd.Series([0.3, 0.4, np.nan], index=["a", "b", "c"]))
    assert moved["ability"].tolist()[:2] == pytest.approx([-1.0, 1.0])
    assert moved["se"].tolist()[:2] == pytest.approx([0.6, 0.8])
    assert moved.loc["c"].isna().all()
    assert link.transform_abilities(theta)["se"].isna().all()
    with pytest.raises(MeasureError):
        link.transform_abilities(theta, pd.Series([0.3]))
    with pytest.raises(MeasureError):
        link.transform_abilities(np.array([0.3]))


@pytest.mark.parametrize("method", METHODS)
def test_an_item_that_moved_is_named(method: Any) -> None:
    many = pd.concat([OLD, OLD.rename(index=lambda name: f"{name}b"), OLD.rename(index=lambda name: f"{name}c")])
    new = on_another_scale(many, 1.2, 0.3)
    new.loc["2", LOCATED] -= 1.0
    link = method(many, new)
    assert link.drift.index[link.drift["moved"]].tolist() == ["2"]
    remark = next(s for s in link.statements if s.code == "equating_item_moved")
    assert remark.values["item"] == "2"
    assert remark.values["difference"] == link.drift.loc["2", "difference"] < -0.5


@pytest.mark.parametrize("method", METHODS)
def test_errors_from_the_choice_of_items(method: Any) -> None:
    exact = equating.link_errors(method, OLD, on_another_scale(OLD, 1.3, 0.2))
    assert exact.slope_se == pytest.approx(0, abs=1e-6)
    assert exact.table["shift"].abs().max() < 1e-6
    new = on_another_scale(OLD, 1.3, 0.2)
    new.loc["2", LOCATED] -= 0.8
    errors = equating.link_errors(method, OLD, new)
    assert errors.table["shift"].abs().idxmax() == "2"
    assert errors.intercept_se > 0.05
    alone = equating.link_errors(method, OLD.iloc[:1], new)
    assert np.isnan([alone.slope_se, alone.intercept_se]).all()
    assert len(alone.table) == 0


def test_errors_of_a_mean_are_those_of_a_mean() -> None:
    """For Rasch items the intercept is a mean of differences, and the jackknife its usual standard error."""
    difference = np.array([0.1, 0.4, -0.2, 0.3, 0.15])
    old = pd.DataFrame({"discrimination": 1.0, "difficulty": [-1.0, 0.0, 0.5, 1.5, 0.2]}, index=list("abcde"))
    errors = equating.link_errors(equating.mean_mean, old, old.assign(difficulty=old["difficulty"] - difference))
    assert errors.intercept_se == pytest.approx(difference.std(ddof=1) / np.sqrt(5))


def test_one_or_two_common_tasks_are_too_few() -> None:
    for n in (1, 2):
        link = equating.haebara(OLD.iloc[:n], on_another_scale(OLD, 1.3, 0.2))
        remark = next(s for s in link.statements if s.code == "equating_few_common")
        assert remark.values["n"] == n
        assert remark.values["needed"] == 5
        assert (link.slope, link.intercept) == pytest.approx((1.3, 0.2), abs=1e-6)
    alone = equating.mean_sigma(OLD.iloc[:1], on_another_scale(OLD, 1.3, 0.2))
    assert np.isnan([alone.slope, alone.intercept]).all()
    assert {"equating_link_unknown", "equating_few_common"} <= said(alone)
    assert not alone.converged
    assert not alone.drift["moved"].any()
    assert alone.transform(OLD)["step_1"].isna().all()


def test_a_long_work_asks_for_a_fifth() -> None:
    old = pd.DataFrame(
        {"discrimination": 1.0, "difficulty": np.linspace(-2, 2, 40)}, index=[f"o{i}" for i in range(40)]
    )
    new = old.rename(index={f"o{i}": f"n{i}" for i in range(7, 40)})
    remark = next(s for s in equating.mean_mean(old, new).statements if s.code == "equating_few_common")
    assert dict(remark.values) == {"n": 7, "needed": 8, "items": 40}


@pytest.mark.parametrize("method", METHODS)
def test_items_that_cannot_be_used_are_named(method: Any) -> None:
    new = on_another_scale(OLD, 1.3, 0.2)
    new.loc["1", "discrimination"] = np.nan
    new.loc["2", "step_1"] = np.nan
    new.loc["4", "discrimination"] = -0.2
    new.loc["5", "step_3"] = np.nan
    link = method(OLD, new)
    unknown = {s.values["item"] for s in link.statements if s.code == "equating_item_unknown"}
    differ = {s.values["item"] for s in link.statements if s.code == "equating_item_steps_differ"}
    assert (unknown, differ) == ({"1", "2", "4"}, {"5"})
    assert link.common == ("3", "6")
    assert (link.slope, link.intercept) == pytest.approx((1.3, 0.2), abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
def test_no_usable_item_gives_no_link(method: Any) -> None:
    link = method(OLD, OLD.assign(discrimination=np.nan))
    assert np.isnan([link.slope, link.intercept]).all()
    assert "equating_link_unknown" in said(link)
    assert len(link.drift) == 0


@pytest.mark.parametrize("method", METHODS)
def test_items_far_outside_the_abilities_do_not_break_the_search(method: Any) -> None:
    far = OLD.copy()
    far[LOCATED] += 30
    link = method(far, OLD)
    if link.method in ("haebara", "stocking_lord"):  # no curve bends between −4 and 4: nothing there tells the scales
        assert np.isnan([link.slope, link.intercept]).all()
        assert "equating_link_unknown" in said(link)
    else:
        assert link.intercept == pytest.approx(30)


def test_wrong_tables_are_refused() -> None:
    for wrong in (
        OLD.drop(columns="discrimination"),
        OLD[["discrimination"]],
        pd.concat([OLD, OLD]),
        OLD.rename(index=lambda name: name + "x"),
        OLD.assign(step_1="a"),
        OLD.iloc[:0],
        [1, 2],
    ):
        for method in METHODS:
            with pytest.raises(MeasureError):
                method(OLD, wrong)
    with pytest.raises(MeasureError):
        equating.haebara(OLD, OLD, weighting="poisson")
    for wrong in (OLD.assign(discrimination=0.0), OLD.iloc[:0], OLD.assign(step_1=np.nan)):
        with pytest.raises(MeasureError):
            equating.true_score(OLD, wrong)


def test_true_scores_of_the_same_items_are_themselves() -> None:
    table = equating.true_score(OLD, OLD)
    np.testing.assert_allclose(table["equated"], table.index, atol=1e-10)
    assert table["ability"].is_monotonic_increasing
    flat = OLD.assign(discrimination=1e-4)
    np.testing.assert_allclose(equating.true_score(flat, flat)["equated"], table.index, atol=1e-8)


@pytest.mark.parametrize("method", [equating.haebara, equating.stocking_lord])
def test_unlike_items_still_end_at_a_minimum(method: Any) -> None:
    """With much misfit least squares stops before the gradient is flat; Newton's steps go on to the minimum."""
    for seed in range(10):
        random = np.random.default_rng(seed)
        old, new = (
            pd.DataFrame({"discrimination": random.uniform(0.3, 2.5, 12), "difficulty": random.normal(0, 1.5, 12)})
            for _ in range(2)
        )
        link = method(old, new)
        assert link.converged
        assert link.gradient_norm < 1e-8 * max(link.criterion, 1)


@pytest.mark.slow
def test_peers_agree() -> None:
    """PyPI mirt on items of one step, whose steps have errors, at the same 81 abilities; its search stops at 1e-6 or so."""
    mirt = pytest.importorskip("mirt")
    from mirt.equating import link

    random = np.random.default_rng(3)
    a, b = random.uniform(0.7, 1.8, 20), random.normal(0, 1, 20)
    old = pd.DataFrame({"discrimination": a, "difficulty": b})
    new = pd.DataFrame({"discrimination": 1.3 * a, "difficulty": (b + 0.4 + random.normal(0, 0.1, 20)) / 1.3})
    models = []
    for frame in (old, new):
        model = mirt.TwoParameterLogistic(20)
        model.set_parameters(**{name: frame[name].to_numpy() for name in frame})
        models.append(model)
    for method in ("mean_sigma", "mean_mean", "haebara", "stocking_lord"):
        constants = link(*models, list(range(20)), list(range(20)), method=method, n_theta=81).constants
        ours = getattr(equating, method)(old, new)
        assert (ours.slope, ours.intercept) == pytest.approx((constants.A, constants.B), abs=1e-5)


@pytest.mark.slow
def test_links_of_calibrations_with_error_are_near_the_truth() -> None:
    """150 links through 15 items whose steps and slopes have errors: the mean is the truth within four Monte Carlo errors."""
    found = []
    for seed in range(150):
        random = np.random.default_rng(seed)
        items = pd.DataFrame({"discrimination": random.uniform(0.8, 1.6, 15), "difficulty": random.normal(0, 1, 15)})
        old, new = (
            frame.assign(difficulty=frame["difficulty"] + random.normal(0, 0.08, 15))
            for frame in (
                items,
                items.assign(
                    discrimination=items["discrimination"] * 1.2, difficulty=(items["difficulty"] - 0.5) / 1.2
                ),
            )
        )
        link = equating.stocking_lord(old, new)
        found.append((link.slope, link.intercept))
    means, errors = np.mean(found, axis=0), np.std(found, axis=0) / np.sqrt(150)
    assert abs(means[1] - 0.5) < 4 * errors[1]
    assert abs(means[0] - 1.2) < 4 * errors[0] + 0.005  # errors of the steps shrink the curves of the test a little


def test_points_of_categories_count_in_totals() -> None:
    items = pd.DataFrame({"discrimination": 1.0, "difficulty": [-1.0, 1.0], "points": ["0 2", "1 2"]}, index=["1", "2"])
    table = equating.true_score(items, items)
    assert table.index.tolist() == [1, 2, 3, 4]
    np.testing.assert_allclose(table["equated"], table.index, atol=1e-10)  # root of the expected total, xtol 1e-12
    ability = table.loc[2, "ability"]
    expected = 2 / (1 + np.exp(-1 - ability)) + 1 + 1 / (1 + np.exp(1 - ability))
    assert expected == pytest.approx(2, abs=1e-10)
    with pytest.raises(MeasureError, match="new_items"):
        equating.true_score(items, items.assign(points=["0 0.5", "0 1"]))


@pytest.mark.parametrize("method", METHODS)
def test_an_item_with_other_points_is_left_out(method: Any) -> None:
    points = pd.Series(["0 1", "0 1", "0 1 2", "0 1", "0 1 2 3", "0 2"], index=OLD.index)
    old, new = OLD.assign(points=points), on_another_scale(OLD, 1.3, 0.4).assign(points=points)
    assert len(method(old, new.assign(points=points.replace("0 2", "0 2.0"))).common) == 6
    link = method(old, new.assign(points=points.replace("0 2", "0 1")))
    assert link.common == ("1", "2", "3", "4", "5")
    assert "equating_item_points_differ" in said(link)
    assert link.slope == pytest.approx(1.3, abs=1e-6)


def test_steps_are_read_by_their_numbers_alone() -> None:
    shuffled = OLD[["step_3", "step_1", "difficulty", "step_2", "discrimination"]].assign(step_note="?", step_1_se=0.1)
    for read in (read_calibration(shuffled).steps, read_items(shuffled, "old_items")[1]):
        np.testing.assert_array_equal(read, OLD[["step_1", "step_2", "step_3"]])
    for wrong in ([1], OLD[["discrimination", "step_1", "step_1"]]):
        with pytest.raises(MeasureError):
            read_calibration(wrong)  # type: ignore[arg-type]
