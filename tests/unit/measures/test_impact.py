"""The effect of the model: what is estimated, what is refused, and what poor data get instead of a number."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pandas as pd
import pytest

from oko.errors import MeasureError
from oko.measures import impact

COLUMNS = ["school", "period", "treated", "score"]


def waves(schools: int = 12, treated: int = 4, effect: float = 0.5, offset: float = 0.0) -> pd.DataFrame:
    rows = [
        (f"s{s:02d}", t, int(s < treated), offset + np.sin(3.1 * s) + 0.3 * t * np.cos(5.3 * s) + effect * t * (s < treated))
        for s in range(schools)
        for t in (0, 1)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


def codes(found: Any) -> set[str]:
    return {one.code for one in (found.attrs["statements"] if isinstance(found, pd.DataFrame) else found.statements)}


def numbers(found: impact.Differences) -> list[float]:
    return [found.estimate, found.se, found.df, found.p, found.lower, found.upper]


def test_estimate_is_the_difference_of_mean_changes() -> None:
    data = waves()
    change = data.pivot_table(index="school", columns="period", values="score")
    change = change[1] - change[0]
    found = impact.difference_in_differences(data, "score")
    assert found.estimate == pytest.approx(change.iloc[:4].mean() - change.iloc[4:].mean())
    assert found.randomisation().difference == pytest.approx(found.estimate)
    assert found.means.loc[(1, 1), "mean"] - found.means.loc[(1, 1), "counterfactual"] == pytest.approx(found.estimate)


def test_pupils_means_and_order_of_rows_give_the_same() -> None:
    rng = np.random.default_rng(5)
    pupils = waves().loc[lambda d: d.index.repeat(rng.integers(3, 9, len(d)))].reset_index(drop=True)
    pupils["score"] += rng.normal(size=len(pupils))
    groups = pupils.groupby(["school", "period", "treated"])["score"]
    means = groups.agg(["mean", "std", "size"]).reset_index()
    one = impact.difference_in_differences(pupils, "score")
    other = impact.difference_in_differences(means.sample(frac=1, random_state=1), "mean", weights="size", sd="std")
    assert numbers(one) == pytest.approx(numbers(other))
    assert one.pupils.to_numpy() == pytest.approx(other.pupils.to_numpy())
    assert one.effect_size.to_numpy() == pytest.approx(other.effect_size.to_numpy())
    shifted = impact.difference_in_differences(pupils.assign(score=pupils.score + 1e9), "score")
    # nine digits are gone before the measure sees the numbers
    assert numbers(shifted) == pytest.approx(numbers(one), rel=1e-5)


def test_school_labels_may_be_numbers_text_or_categories() -> None:
    data = waves()
    plain = impact.difference_in_differences(data, "score")
    numbered = data.assign(school=data.school.str[1:].astype(int), stratum="a")
    for other in (numbered, data.assign(school=data.school.astype("category"), stratum=pd.Categorical(["x"] * 24))):
        assert numbers(impact.difference_in_differences(other, "score", stratum="stratum")) == pytest.approx(
            numbers(plain)
        )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (waves()[lambda d: d.period == 1], "impact_one_wave"),
        (waves()[lambda d: d.treated == 1], "impact_few_schools"),
        (waves()[lambda d: d.treated == 0], "impact_few_schools"),
        (waves()[lambda d: d.school == "s00"], "impact_few_schools"),
        (waves(treated=1), "impact_few_schools"),
        (waves().iloc[:0], "impact_one_wave"),
        (waves().assign(score=np.nan), "impact_one_wave"),
    ],
)
def test_a_missing_wave_or_group_gets_no_number(data: pd.DataFrame, code: str) -> None:
    found = impact.difference_in_differences(data, "score")
    assert np.isnan(numbers(found)[1:]).all()
    assert code in codes(found)
    assert np.isnan(found.wild_bootstrap().p)
    assert np.isnan(impact.ancova(data, "score").estimate)
    assert impact.conclusion(found, found.randomisation()).code == "not_enough_information"


def test_schools_missing_in_a_wave_are_named() -> None:
    data = waves().drop(index=[3, 10])
    found = impact.difference_in_differences(data, "score")
    assert {"schools": ("s01", "s05")} in [dict(one.values) for one in found.statements]
    assert (found.n_treated, found.n_comparison) == (3, 7)


def test_few_degrees_of_freedom_give_no_p_but_the_estimate_stays() -> None:
    found = impact.difference_in_differences(waves(schools=5, treated=2), "score")
    assert found.df < 5
    assert np.isfinite([found.estimate, found.se]).all()
    assert np.isnan([found.p, found.lower, found.upper, found.effect_size["lower"].iloc[0]]).all()
    assert "impact_few_df" in codes(found)
    assert "impact_smallest_p" in codes(found.randomisation())


def test_all_at_the_maximum_is_said() -> None:
    found = impact.difference_in_differences(waves().assign(score=20.0), "score")
    assert found.estimate == 0
    assert np.isnan([found.p, found.lower]).all()
    assert "impact_no_spread" in codes(found)
    test = found.randomisation()
    assert test.p == 1
    assert "impact_all_equal" in codes(test)
    # not because there are few ways to choose
    assert "impact_smallest_p" not in codes(test)
    assert np.isnan(found.wild_bootstrap().p)


def test_constant_and_collinear_covariates_are_left_out_and_said() -> None:
    data = waves().assign(kind=lambda d: d.treated * 2.0, year=lambda d: d.period * 3.0)
    plain = impact.difference_in_differences(data, "score")
    found = impact.difference_in_differences(data, "score", covariates=["kind", "year"])
    assert numbers(found) == pytest.approx(numbers(plain))
    assert {"impact_covariate_constant", "impact_columns_left_out"} <= codes(found)


def test_strata_without_a_school_in_common_are_said() -> None:
    data = waves().assign(work=lambda d: np.where(d.treated == 1, "a", "b"))
    found = impact.difference_in_differences(data, "score", stratum="work")
    assert np.isnan(numbers(found)).all()
    assert "impact_no_common_stratum" in codes(found)


def test_where_no_school_is_changed_every_reassignment_is_as_likely() -> None:
    # schools wrote different works, and each of the 10 ways to choose two schools is observed once: without an effect
    # the ten p are 0.1, 0.2, …, 1 exactly
    rng = np.random.default_rng(1)
    rows = [(s, k, t, 2 * t * k + rng.normal()) for s in range(5) for k in range(3) if k != s % 4 for t in (0, 1)]
    data = pd.DataFrame(rows, columns=["school", "work", "period", "score"])
    p = [
        impact.difference_in_differences(data.assign(treated=data.school.isin(own) * 1), "score", stratum="work")
        .randomisation().p
        for own in itertools.combinations(range(5), 2)
    ]  # fmt: skip
    assert np.sort(p) == pytest.approx(np.arange(1, 11) / 10)


def test_few_degrees_of_freedom_are_those_of_the_effect() -> None:
    wrote = {k: [s for s in range(8) if k == 0 or s in (0, 5)] for k in range(3)}
    rows = [(s, k, t, int(s < 2), np.sin(3 * s + k + t * s)) for k in wrote for s in wrote[k] for t in (0, 1)]
    data = pd.DataFrame(rows, columns=["school", "work", "period", "treated", "score"])
    found = impact.difference_in_differences(data, "score", stratum="work")
    said = [one.values for one in found.statements if one.code == "impact_few_df"]
    assert [(one["columns"], one["df"]) for one in said] == [(("treated",), found.df)]


def test_means_of_classes_without_sd_have_no_effect_size() -> None:
    classes = pd.concat([waves(), waves(offset=0.1)]).assign(n=20)
    found = impact.difference_in_differences(classes, "score", weights="n")
    assert np.isnan(found.effect_size).all(axis=None)
    assert "impact_no_pupil_variance" in codes(found)
    known = impact.difference_in_differences(classes.assign(sd=1.0), "score", weights="n", sd="sd")
    # nineteen squares of 1 in each class and one of 0.05 × √20 on either side of the school's mean
    within = (38 + 2 * 20 * 0.05**2) / 39
    assert known.effect_size.loc["within", "estimate"] == pytest.approx(known.estimate / np.sqrt(within), rel=1e-3)


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
@pytest.mark.parametrize(("n", "k"), [(8, 3), (8, 5), (9, 1)])
def test_reassignments_are_those_of_counting(n: int, k: int, alternative: str) -> None:
    values = np.sin(np.arange(n) * 2.7) + 1e6
    treated = np.arange(n) % 3 == 0 if k == 3 else np.arange(n) < k
    found = impact.randomisation_test(values, treated, False, alternative)
    differences = [
        values[list(chosen)].mean() - np.delete(values, chosen).mean() for chosen in itertools.combinations(range(n), k)
    ]
    assert np.sort(found.distribution) == pytest.approx(np.sort(differences), abs=1e-9)
    sign = {"two-sided": np.abs, "greater": np.asarray, "less": np.negative}[alternative]
    far = sign(np.array(differences)) >= sign(found.difference) - 1e-9
    assert found.p == pytest.approx(far.mean())


def test_drawn_assignments_come_near_the_exact_p() -> None:
    values, treated = np.cos(np.arange(30) * 1.3), np.arange(30) < 7
    found = impact.randomisation_test(values, treated, draws=9_999)
    again = impact.randomisation_test(values, treated, draws=9_999, seed=7)
    assert not found.exact
    assert len(found.distribution) == 10_000
    # two draws of 10,000: five standard errors of their difference
    assert abs(found.p - again.p) < 5 * np.sqrt(2 * 0.25 / 10_000)
    assert found.smallest_p == 1e-4


def test_ties_count_in() -> None:
    # 0.1 + 0.2 and 0.3 are equal but for rounding
    found = impact.randomisation_test([0.1, 0.2, 0.3, 0.0], [1, 1, 0, 0], studentised=False)
    assert found.p == 1


def test_planning_spread_recovers_what_was_planted() -> None:
    rng = np.random.default_rng(3)
    cells = pd.DataFrame(list(itertools.product(range(400), range(3))), columns=["school", "year"])
    level = rng.normal(size=400)[cells.school] + 0.12 * rng.normal(size=1200) + 0.8 * rng.normal(size=1200) / 9
    found = impact.planning_spread(cells.assign(score=level, n=81.0, sd=0.8), "score", weights="n", sd="sd")
    # the variance has 798 degrees of freedom: five standard errors
    noise = 0.12**2 + 0.64 / 81
    assert abs(found.school_year_sd**2 - 0.12**2) < 5 * noise * np.sqrt(2 / 798)
    assert (found.df, found.pupil_sd) == (798, pytest.approx(0.8))
    flat = impact.planning_spread(cells.assign(score=1.0, n=81.0, sd=0.8), "score", weights="n", sd="sd")
    assert flat.school_year_sd == 0
    assert "impact_no_year_variance" in codes(flat)
    one = cells[cells.year == 1].assign(score=1.0)
    assert "impact_one_earlier_wave" in codes(impact.planning_spread(one, "score"))


def test_conclusion_follows_both_p() -> None:
    strong = impact.difference_in_differences(waves(25, 7, 2.0), "score")
    none = impact.difference_in_differences(waves(25, 7, 0.0), "score")
    assert impact.conclusion(strong, strong.randomisation()).claims
    assert impact.conclusion(none, none.randomisation()).code == "cannot_rule_out_zero"
    assert not impact.conclusion(strong, none.randomisation()).claims
    other = impact.conclusion(strong, strong.randomisation(), primary=False)
    assert (other.claims, other.statements[0].code) == (False, "impact_not_primary")
    assert impact.conclusion(strong, strong.randomisation(), needed=8).code == "not_enough_information"


def test_a_single_cluster_and_a_single_treated_cluster_get_no_p() -> None:
    design = pd.DataFrame({"Intercept": 1.0, "treated": np.arange(12) < 3})
    y = np.sin(np.arange(12.0))
    alone = impact.cluster_robust(design.astype(float), y, np.repeat(range(4), 3))
    assert np.isnan(alone.loc["treated", ["p", "lower", "upper"]].astype(float)).all()
    assert "impact_one_cluster_decides" in codes(alone)
    wild = impact.wild_bootstrap(design.astype(float), y, np.repeat(range(4), 3), "treated")
    assert np.isnan(wild.p)
    assert "impact_one_cluster_decides" in codes(wild)
    one = impact.cluster_robust(design.astype(float), y, ["a"] * 12)
    assert one["se"].isna().all()
    assert "impact_one_cluster" in codes(one)


def test_bands_and_sizes() -> None:
    assert [impact.kraft_band(size).values.get("band") for size in (0.04, 0.05, -0.2, np.nan)] == [
        "small", "medium", "large", None,
    ]  # fmt: skip
    assert np.isnan(impact.effect_size(1.0, 0.0, se=1.0)["estimate"].iloc[0])
    # five schools leave three degrees of freedom: an effect, and no interval
    few = impact.effect_size(0.2, 1.0, 0.2, [20, 30, 10], [20, 40])
    assert np.isfinite(few[["estimate", "se"]]).all(axis=None)
    assert np.isnan(few[["lower", "upper"]]).all(axis=None)


def test_outcomes_without_spread_and_nothing_at_all() -> None:
    design = pd.DataFrame({"Intercept": 1.0, "treated": [0.0, 0, 0, 1, 1, 1]})
    flat = impact.wild_bootstrap(design, np.ones(6), range(6), "treated")
    assert np.isnan(flat.p)
    assert "impact_no_spread" in codes(flat)
    assert np.isnan(impact.randomisation_test([], []).p)
    assert impact.cluster_robust(design.iloc[:0], [], []).isna().all(axis=None)


WRONG: list[tuple[Any, str]] = [
    (
        lambda: impact.difference_in_differences(waves().assign(period=lambda d: d.period + 2018), "score"),
        "0 or 1|0 или 1",
    ),
    (lambda: impact.difference_in_differences(waves().assign(treated=[0, 1] * 12), "score"), "s00"),
    (lambda: impact.difference_in_differences(waves(), "mark"), "mark"),
    (lambda: impact.difference_in_differences(waves().assign(score="5"), "score"), "score"),
    (lambda: impact.difference_in_differences(waves().assign(school=[None, *["a"] * 23]), "score"), "school"),
    (lambda: impact.difference_in_differences(waves(), "score", level=95), "95"),
    (lambda: impact.difference_in_differences(waves(), "score", weights=[-1.0] * 24), "-1"),
    (lambda: impact.difference_in_differences(waves().assign(sd=-1.0), "score", sd="sd"), "sd"),
    (
        lambda: impact.difference_in_differences(
            waves().assign(model=lambda d: d.treated, treated=lambda d: d.period * d.score),
            "score",
            treated="model",
            covariates=["treated"],
        ),
        "treated",
    ),
    (lambda: impact.ancova(waves(), "score", covariates=pd.DataFrame({"x": [np.nan]}, waves().school.unique())), "s00"),
    (lambda: impact.randomisation_test([1, 2, 3], [0, 1]), "школ"),
    (lambda: impact.randomisation_test([1, 2, 3], [0, 1, 2]), "2"),
    (lambda: impact.randomisation_test([1, 2, 3], [0, 1, 1], alternative="up"), "up"),
    (lambda: impact.randomisation_test([1, 2, 3], [0, 1, 1], draws=3), "3"),
    (lambda: impact.cluster_robust(pd.DataFrame({"a": [1.0, 2]}), [1, 2, 3], [1, 2]), "y"),
    (lambda: impact.cluster_robust(pd.DataFrame({"a": [1.0, 2]}), [1, 2], [1, None]), "cluster"),
    (lambda: impact.cluster_robust(pd.DataFrame({"a": [1.0, 2]}), [1, 2], [1, 2], "HC3"), "HC3"),
    (lambda: impact.cluster_robust(pd.DataFrame({"a": [1.0, 2]}), [1, 2], [1, 2], absorb=[1, 1]), "absorb"),
    (lambda: impact.wild_bootstrap(pd.DataFrame({"a": [1.0, 2]}), [1, 2], [1, 2], "b"), "b"),
    (lambda: impact.minimum_detectable_effect(7, 18, power=80), "80"),
    (lambda: impact.minimum_detectable_effect(7, 18, pupils=0), "ученик"),
    (lambda: impact.minimum_detectable_effect(-7, 18), "-7"),
    (lambda: impact.minimum_detectable_effect(7, np.nan), "nan"),
    (lambda: impact.adjusted_families(pd.Series([0.5, 1.5])), "p"),
    (lambda: impact.adjusted_families(pd.Series([0.5]), primary="x"), "x"),
    (lambda: impact.effect_size(1.0, -1.0), "-1"),
    (lambda: impact.effect_size(1.0, 1.0, 0.2, [0, 10], [5, 9]), "ученик"),
]


@pytest.mark.parametrize(("call", "named"), WRONG)
def test_wrong_calls_are_refused_and_say_what_is_wrong(call: Any, named: str) -> None:
    with pytest.raises(MeasureError, match=named):
        call()
