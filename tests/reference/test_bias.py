"""Markers of bias and pile-ups against R, and against scipy."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from oko.measures.bias import high_mean, journal_mismatch, pile_ups, sharp_change
from oko.measures.bias.smooth import shift, smooth

from .conftest import read_reference

R = read_reference("bias.json")
# Closed formulas on both sides: only rounding is left.
EXACT = 1e-9
# Two searches for the same maximum, each stopped at a relative step of about 1e-9 or less.
SEARCHED = 1e-6


def listed(value: object) -> list[int]:
    return [int(each) for each in np.atleast_1d(np.asarray(value))]


@pytest.mark.parametrize("name", R["piles"])
def test_the_test_of_a_pile_up_is_raos_in_glm(name: str) -> None:
    case = R["piles"][name]
    counts = np.array(case["counts"], dtype=float)
    assert smooth(counts, case["degree"]) == pytest.approx(np.array(case["expected"]), rel=SEARCHED, abs=SEARCHED)
    found = shift(counts, listed(case["borders"]), case["degree"])
    assert found.score**2 / found.variance == pytest.approx(case["chi2"], rel=SEARCHED, abs=SEARCHED)
    if case["chi2"] > SEARCHED:
        assert np.sign(found.score) == case["sign"]


def test_pile_ups_of_results_are_those_of_the_histogram() -> None:
    case = R["piles"]["school"]
    pupils = pd.DataFrame(
        {"school": "572", "assessment": "m6", "primary_score": range(17), "n": case["counts"]}
    ).assign(max_score=16)
    borders = pd.DataFrame(
        [dict(zip(("mark_3_from", "mark_4_from", "mark_5_from"), case["borders"], strict=True))], ["m6"]
    )
    one = pile_ups(pupils, borders, weights="n").works.iloc[0]
    assert one["z"] ** 2 == pytest.approx(case["chi2"], rel=SEARCHED)


@pytest.mark.parametrize("case", R["correlations"], ids=lambda case: str(len(case["score"])))
def test_spearman_is_that_of_r_and_scipy(case: dict[str, list[float]]) -> None:
    pupils = pd.DataFrame(
        {"school": "1", "assessment": "w", "primary_score": case["score"], "journal_mark": case["mark"]}
    )
    found = journal_mismatch(pupils).iloc[0]
    assert found["value"] == pytest.approx(case["spearman"], abs=EXACT)
    assert found["value"] == pytest.approx(spearmanr(case["score"], case["mark"]).statistic, abs=EXACT)
    assert found["marked"] == (case["spearman"] < 0)


def test_fences_are_those_of_quartiles_of_type_7() -> None:
    ratios = pd.DataFrame({"school": range(61), "subject": "mathematics", "year": "2017-2018", "value": R["ratios"]})
    found = sharp_change(ratios)
    assert found[["lower_fence", "upper_fence"]].iloc[0].tolist() == pytest.approx(R["fences"], abs=EXACT)
    assert (found.loc[found["fall"], "school"].tolist(), found.loc[found["rise"], "school"].tolist()) == ([2], [39])


@pytest.mark.parametrize("case", R["means"], ids=lambda case: str(len(case["score"])))
def test_interval_of_the_mean_is_that_of_the_rule(case: dict[str, list[float]]) -> None:
    pupils = pd.DataFrame({"school": "1", "assessment": "w", "primary_score": case["score"]})
    found = high_mean(pupils).iloc[0]
    assert found[["value", "lower", "upper"]].tolist() == pytest.approx([case["mean"], case["lower"], case["upper"]])
