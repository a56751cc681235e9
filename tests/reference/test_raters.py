"""Agreement of raters against R (psych, vcd), statsmodels and published tables."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats import inter_rater

from oko.measures.raters import fleiss_kappa, icc, kappa

from .conftest import read_reference

R = read_reference("raters.json")
# Closed formulas on both sides: only rounding is left.
EXACT = 1e-9

# Fleiss (1971), table 1: thirty patients, six psychiatrists, five diagnoses (depression, personality disorder,
# schizophrenia, neurosis, other).
DIAGNOSES = [
    [0, 0, 0, 6, 0], [0, 3, 0, 0, 3], [0, 1, 4, 0, 1], [0, 0, 0, 0, 6], [0, 3, 0, 3, 0], [2, 0, 4, 0, 0],
    [0, 0, 4, 0, 2], [2, 0, 3, 1, 0], [2, 0, 0, 4, 0], [0, 0, 0, 0, 6], [1, 0, 0, 5, 0], [1, 1, 0, 4, 0],
    [0, 3, 3, 0, 0], [1, 0, 0, 5, 0], [0, 2, 0, 3, 1], [0, 0, 5, 0, 1], [3, 0, 0, 1, 2], [5, 1, 0, 0, 0],
    [0, 2, 0, 4, 0], [1, 0, 2, 0, 3], [0, 0, 0, 0, 6], [0, 1, 0, 5, 0], [0, 2, 0, 1, 3], [2, 0, 0, 4, 0],
    [1, 0, 0, 4, 1], [0, 5, 0, 1, 0], [4, 0, 0, 0, 2], [0, 2, 0, 4, 0], [1, 0, 5, 0, 0], [0, 0, 0, 0, 6],
]  # fmt: skip


@pytest.mark.parametrize("name", R["kappas"])
def test_kappa_is_that_of_psych(name: str) -> None:
    case = R["kappas"][name]
    found = kappa(case["table"])
    for value, expected in case["none"].items():
        assert getattr(found, value) == pytest.approx(expected, abs=EXACT), value


@pytest.mark.parametrize("name", R["kappas"])
@pytest.mark.parametrize("weights", ["linear", "quadratic"])
def test_weighted_kappa_is_that_of_vcd_psych_and_statsmodels(name: str, weights: str) -> None:
    case = R["kappas"][name]
    found = kappa(case["table"], weights)
    peer = inter_rater.cohens_kappa(np.array(case["table"]), wt=weights)
    assert found.kappa == pytest.approx(case[weights]["kappa"], abs=EXACT)
    assert found.kappa == pytest.approx(case[weights]["psych"], abs=EXACT)
    assert found.se == pytest.approx(case[weights]["se"], abs=EXACT)
    assert [found.kappa, found.se] == pytest.approx([peer.kappa, peer.std_kappa], abs=EXACT)


@pytest.mark.parametrize("weights", [None, "linear", "quadratic"])
def test_standard_error_is_the_delta_method(weights: str | None) -> None:
    table = np.array(R["kappas"]["grades"]["table"], dtype=float)
    variance = 0.0
    for row in range(4):
        for column in range(4):
            step = np.zeros_like(table)
            step[row, column] = 1e-4 * max(table[row, column], 1)
            if table[row, column] > 0:
                slope = kappa(table + step, weights).kappa - kappa(table - step, weights).kappa
                variance += table[row, column] * (slope / (2 * step[row, column])) ** 2
    # Central differences of a step of 1e-4 leave about 1e-8.
    assert kappa(table, weights).se == pytest.approx(np.sqrt(variance), rel=1e-6)


def test_fleiss_of_the_article() -> None:
    found = fleiss_kappa(DIAGNOSES)
    # R irr 0.84.1, kappam.fleiss: 0.4302445, z = 17.65183 (as stored in the tests of statsmodels).
    assert found.kappa == pytest.approx(0.4302445, abs=5e-8)
    assert found.kappa / found.se_null == pytest.approx(17.65183, abs=5e-6)
    assert found.kappa == pytest.approx(inter_rater.fleiss_kappa(np.array(DIAGNOSES)), abs=EXACT)
    # The article prints three digits.
    assert round(found.kappa, 3) == 0.430
    assert found.agreement == pytest.approx(0.5556, abs=5e-5)
    assert found.expected == pytest.approx(0.2199, abs=5e-5)
    assert found.categories["share"].round(3).tolist() == [0.144, 0.144, 0.167, 0.306, 0.239]
    assert found.categories["kappa"].round(3).tolist() == [0.245, 0.245, 0.520, 0.471, 0.566]


@pytest.mark.parametrize("drop", [False, True])
def test_fleiss_standard_error_is_the_infinitesimal_jackknife(drop: bool) -> None:
    counts = np.array(DIAGNOSES)
    if drop:
        counts[:10] = np.minimum(counts[:10], 2)
        counts[3] = [0, 0, 0, 0, 1]
    weights = np.ones(len(counts))
    step = 1e-4
    slopes = []
    for subject in range(len(counts)):
        shift = step * (np.arange(len(counts)) == subject)
        slopes.append(fleiss_kappa(counts, weights + shift).kappa - fleiss_kappa(counts, weights - shift).kappa)
    variance = (np.array(slopes) / (2 * step)) ** 2
    n = len(counts)
    assert fleiss_kappa(counts).se == pytest.approx(np.sqrt(n / (n - 1) * variance.sum()), rel=1e-6)


@pytest.mark.parametrize("name", R["iccs"])
def test_icc_is_that_of_psych(name: str) -> None:
    case: dict[str, Any] = R["iccs"][name]
    found = icc(pd.DataFrame(case["ratings"]))
    for column in ("value", "lower", "upper", "f", "df1", "df2", "p"):
        # Where ICC2 is below −1/(k − 1) psych steps it up through a negative denominator; here there is no value.
        known = found[column].notna()
        assert known.sum() == (5 if name == "negative" and column in ("value", "lower", "upper") else 6)
        expected = np.array(case[column], dtype=float)[known.to_numpy()]
        assert found[column][known].to_numpy() == pytest.approx(expected, abs=EXACT, rel=1e-7), column


def test_icc_of_shrout_and_fleiss() -> None:
    found = icc(pd.DataFrame(R["iccs"]["shrout_fleiss"]["ratings"]))["value"]
    assert found.round(5).tolist() == [0.16574, 0.28976, 0.71484, 0.44280, 0.62005, 0.90932]
