"""Correlations corrected for unreliability against R: psych's correct.cor, and the jackknife written out."""

from __future__ import annotations

import pandas as pd
import pytest

from instrument_cases import table
from oko.measures.skills import corrected_correlation

from .conftest import read_reference

# R's numbers have 15 digits and the formulas are closed: nothing but rounding differs.
DIGITS = 1e-11
SETS = {
    "halves": (range(1, 11), range(11, 21)),
    "unequal": ((1, 4, 5, 9, 11), (2, 3, 6, 7, 8, 10, *range(12, 21))),
}


@pytest.mark.parametrize("case", SETS)
def test_corrected_correlation(case: str) -> None:
    scores, expected = table("hci_scored"), read_reference("skills.json")[case]
    first, second = (scores[[f"Item{place}" for place in places]] for places in SETS[case])
    classes = pd.Series([str(place % 25) for place in range(len(scores))], scores.index)
    found = corrected_correlation(first, second, classes)
    assert (found.r, found.corrected) == pytest.approx((expected["r"], expected["corrected"]), abs=DIGITS)
    assert [found.alpha_first, found.alpha_second] == pytest.approx(expected["alpha"], abs=DIGITS)
    assert [found.lower, found.upper] == pytest.approx(expected["interval"], abs=DIGITS)
    assert [found.corrected_lower, found.corrected_upper] == pytest.approx(expected["corrected_interval"], abs=DIGITS)
    assert (found.n, found.n_clusters) == (len(scores), 25)
