"""School medians, conditional gain and cohort lines: intervals that cover, cohorts that follow the pupils."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from oko.errors import MeasureError
from oko.measures import growth


def codes(result: pd.DataFrame) -> list[str]:
    return [said.code for said in result.attrs["statements"]]


def one_school(n: int) -> tuple[pd.Series, pd.Series]:
    rng = np.random.default_rng(n)
    return pd.Series(rng.integers(1, 100, size=n).astype(float)), pd.Series(["a"] * n)


@pytest.mark.parametrize("n", [6, 7, 30, 101])
def test_the_interval_of_a_median_runs_between_order_statistics(n: int) -> None:
    values, school = one_school(n)
    row = growth.school_growth(values, school).loc["a"]
    ordered = np.sort(values)
    lower, upper = np.searchsorted(ordered, row["lower"], "right"), n - np.searchsorted(ordered, row["upper"], "left")
    assert lower == upper
    assert 2 * binom.cdf(lower - 1, n, 0.5) <= 0.05 < 2 * binom.cdf(lower, n, 0.5)
    assert row["median"] == values.median()
    assert row["mean"] == pytest.approx(values.mean())


def test_weights_are_repeated_rows_and_classes_widen() -> None:
    values, school = one_school(40)
    weights = pd.Series(np.arange(40) % 3 + 1)
    long = values.index.repeat(weights)
    weighted = growth.school_growth(values, school, weights=weights)
    repeated = growth.school_growth(values[long].reset_index(drop=True), school[long].reset_index(drop=True))
    pd.testing.assert_frame_equal(weighted, repeated)
    ordered = values.sort_values().reset_index(drop=True)
    alike = growth.school_growth(ordered, school, classes=ordered.index.to_series() // 10)
    alone = growth.school_growth(ordered, school)
    assert alike.loc["a", "lower"] < alone.loc["a", "lower"] < alone.loc["a", "upper"] < alike.loc["a", "upper"]
    assert codes(alone) == ["growth_classes_unknown"]


def test_small_and_empty_schools_are_said() -> None:
    values = pd.Series([10.0, 20, 30, np.nan, 50, 60])
    found = growth.school_growth(values, pd.Series(["a", "a", "a", "b", None, "c"], dtype="category"))
    assert found.index.tolist() == ["a", "b", "c"]
    assert found["n"].tolist() == [3, 0, 1]
    assert found[["lower", "upper"]].isna().all(axis=None)
    said = found.attrs["statements"][0]
    assert (said.code, said.values["schools"]) == ("growth_few_pupils", ("a", "b", "c"))
    assert len(growth.school_growth(values[:0], values[:0])) == 0


@pytest.mark.slow
def test_the_interval_of_a_median_covers() -> None:
    """2,000 schools of 33 pupils around a known median: the share covered is at least 95 % less 3.1 Monte Carlo errors."""
    rng = np.random.default_rng(7)
    values = pd.Series(rng.integers(1, 100, size=66_000).astype(float))
    found = growth.school_growth(values, pd.Series(np.repeat(np.arange(2000), 33)))
    covered = ((found["lower"] <= 50) & (found["upper"] >= 50)).mean()
    assert covered > 0.95 - 3.1 * np.sqrt(0.95 * 0.05 / 2000)


def test_conditional_gain_is_what_the_earlier_score_does_not_explain() -> None:
    rng = np.random.default_rng(2)
    before = pd.Series(rng.integers(0, 31, size=2000).astype(float))
    gain = pd.Series(rng.normal(scale=3, size=2000))
    found = growth.conditional_gain(before, 5 + before + gain)
    # the expected score has an error of about 3 × √(8 / 2000) = 0.19
    assert (found["gain"] - gain).abs().median() < 0.4
    assert found["index"].std() == pytest.approx(1, abs=0.01)
    assert np.allclose(found["gain"].groupby(pd.cut(before, 5)).mean(), 0, atol=0.6)
    moved = growth.conditional_gain(before + 1e6, 5 + before + gain + 1e9)
    assert np.allclose(moved["gain"], found["gain"], atol=1e-5)


def test_conditional_gain_refuses_what_it_cannot_carry() -> None:
    before = pd.Series(np.arange(79) % 20.0)
    found = growth.conditional_gain(before, before)
    assert found.isna().all(axis=None)
    assert codes(found) == ["growth_too_few_for_expected"]
    exact = growth.conditional_gain(pd.Series(np.arange(400) % 20.0), pd.Series(np.arange(400) % 20.0))
    assert exact["index"].isna().all()
    assert exact["gain"].abs().max() < 1e-9


WAVES = [
    ("m4", "2018-2019", "spring", 4, 4),
    ("m5", "2020-2021", "autumn", 5, 6),
    ("m6", "2020-2021", "spring", 6, 6),
    ("m4b", "2020-2021", "spring", 4, 4),
]


def results(schools: tuple[str, ...] = ("a", "b")) -> pd.DataFrame:
    """Two schools of 24 pupils in two classes; school b is one point above school a in spring 2021."""
    rows: list[dict[str, Any]] = []
    for name, year, season, material, grade in WAVES:
        for at, school in enumerate(schools):
            for pupil in range(24):
                score = (7 * pupil) % 11 + (pupil % 2) * 0.5 + (at if name == "m6" else 0)
                about = {"year": year, "season": season, "material_grade": material, "pupil_grade": grade}
                one = f"{school}{pupil}" + ("late" if name == "m4b" else "")
                known = {"assessment": name, "procedure": "vpr", "subject": "mathematics", **about}
                rows.append({**known, "school": school, "class": f"{grade}{'AB'[pupil % 2]}", "pupil": one,
                             "status": "took", "primary_score": float(score)})  # fmt: skip
    return pd.DataFrame(rows)


def test_a_cohort_follows_its_pupils_not_the_material() -> None:
    found = growth.cohort_lines(results())
    line = found[(found["school"] == "a") & (found["cohort"] == 2014)]
    assert line["assessment"].tolist() == ["m4", "m5", "m6"]
    assert line["material_grade"].tolist() == [4, 5, 6]
    assert line["pupil_grade"].tolist() == [4, 6, 6]
    assert line["n_followed"].tolist() == [0, 24, 24]
    assert found.loc[found["assessment"] == "m4b", "cohort"].unique().tolist() == [2016]
    assert codes(found) == [
        "growth_autumn_to_spring", "growth_other_material", "growth_single_points", "growth_followed",
        "growth_reference_within",
    ]  # fmt: skip


def test_points_are_means_of_standardised_scores() -> None:
    data = results()
    found = growth.cohort_lines(data).set_index(["school", "assessment"])
    spring = data[data["assessment"] == "m6"]
    sd = spring["primary_score"].std()
    means = spring.groupby("school")["primary_score"].mean()
    expected = (means - spring["primary_score"].mean()) / sd
    assert found.loc[("a", "m6"), "mean"] == pytest.approx(expected["a"])
    assert found.loc[("b", "m6"), "change"] == pytest.approx(expected["b"])
    assert found.loc[("a", "m5"), "change"] == pytest.approx(0)
    reference = pd.DataFrame({"mean": [0.0, 1.0], "sd": [1.0, 2.0]}, index=["m5", "m6"])
    other = growth.cohort_lines(data, reference)
    assert other[other["assessment"] == "m6"]["mean"].iloc[0] == pytest.approx((means["a"] - 1) / 2)
    assert codes(other)[-1] == "growth_no_reference"


def test_poor_results_are_said() -> None:
    data = results(("a",))
    assert codes(growth.cohort_lines(data.iloc[:0])) == ["growth_no_lines"]
    absent = data.assign(status="absent")
    assert growth.cohort_lines(absent).empty
    flat = growth.cohort_lines(data.assign(primary_score=12.3))
    assert flat.empty
    assert "growth_no_spread" in codes(flat)
    unknown = growth.cohort_lines(data.assign(pupil_grade=data["pupil_grade"].where(data["assessment"] != "m5")))
    assert "growth_no_grade" in codes(unknown)
    few = growth.cohort_lines(data[data["pupil"].isin(["a0", "a1"])])
    assert "growth_small_points" in codes(few)
    mixed = growth.cohort_lines(data.assign(procedure=np.where(data["assessment"] == "m5", "control", "vpr")))
    assert "growth_procedures_mixed" in codes(mixed)
    for procedures in (["vpr"], "vpr"):
        assert len(growth.cohort_lines(mixed_rows(data), procedures=procedures)) == 3
    spelled = data.assign(material_grade=data["material_grade"].astype(str))
    pd.testing.assert_frame_equal(growth.cohort_lines(spelled), growth.cohort_lines(data))


def mixed_rows(data: pd.DataFrame) -> pd.DataFrame:
    return data.assign(procedure=pd.Categorical(np.where(data["assessment"] == "m5", "control", "vpr")))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: growth.cohort_lines(results().drop(columns="pupil_grade")), "pupil_grade"),
        (lambda: growth.cohort_lines(results().assign(year="spring")), "spring"),
        (lambda: growth.cohort_lines(results().assign(season="may")), "may"),
        (lambda: growth.cohort_lines(pd.concat([results(), results()])), "m4"),
        (lambda: growth.cohort_lines(results().assign(primary_score="five")), "primary_score"),
        (lambda: growth.cohort_lines(results(), pd.DataFrame({"mean": [1.0]}, index=["m4"])), "sd"),
        (lambda: growth.cohort_lines(results().assign(pupil_grade="four")), "four"),
        (lambda: growth.cohort_lines(results().assign(material_grade=4.5)), "4.5"),
        (lambda: growth.cohort_lines(results(), pd.DataFrame({"mean": [1.0], "sd": -1.0}, index=["m4"])), "больше 0"),
        (lambda: growth.cohort_lines(results(), level=95), "95"),
        (lambda: growth.school_growth(pd.Series([101.0]), pd.Series(["a"])), "99"),
        (lambda: growth.school_growth(pd.Series([50.0]), pd.Series(["a"], index=[3])), "school"),
        (lambda: growth.school_growth(pd.Series([50.0]), pd.Series(["a"]), weights=[0.5]), "Вес"),
    ],
)
def test_wrong_calls_are_named(call: Callable[[], object], words: str) -> None:
    with pytest.raises(MeasureError, match=words):
        call()
