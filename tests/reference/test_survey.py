"""The questionnaire against R: psych's alpha, Welch's test, the sandwich of schools."""

from __future__ import annotations

import pandas as pd
import pytest
from scipy.special import stdtrit

from oko.measures.survey import change, reliability

from .conftest import read_reference

R = read_reference("survey.json")
# Closed formulas on both sides: only rounding is left.
EXACT = 1e-9


def answers() -> pd.DataFrame:
    wide = pd.DataFrame(R["answers"])
    return wide.melt(["school", "year", "respondent"], var_name="statement", value_name="answer")


@pytest.mark.parametrize("block", R["blocks"])
def test_alpha_of_a_block_is_that_of_psych(block: str) -> None:
    late = answers()
    found = reliability(late[late["year"] == "2021"]).set_index("block").loc[block]
    expected = R["blocks"][block]
    assert found[["alpha", "lower", "upper"]].tolist() == pytest.approx(
        [expected["alpha"], expected["lower"], expected["upper"]], abs=EXACT
    )


def test_change_in_one_school_is_that_of_welch() -> None:
    rows = answers()
    found = change(rows[rows["school"] == 6], "2019", "2021").set_index("statement").loc["b1"]
    expected = R["welch"]
    assert found[["mean_change", "mean_change_lower", "mean_change_upper", "p"]].astype(
        float
    ).tolist() == pytest.approx([expected["change"], expected["lower"], expected["upper"], expected["p"]], abs=EXACT)


@pytest.mark.parametrize("statement", R["clustered"])
def test_change_over_schools_has_the_wider_of_both_intervals(statement: str) -> None:
    expected = R["clustered"][statement]
    found = change(answers(), "2019", "2021").set_index("statement").loc[statement]
    half = expected["se"] * float(stdtrit(expected["k"] - 1, 0.975))
    assert found["mean_change"] == pytest.approx(expected["change"], abs=EXACT)
    if half > 2 * expected["welch"]:
        assert found["mean_change_upper"] - found["mean_change"] == pytest.approx(half, abs=EXACT)
    else:
        assert found["mean_change_upper"] - found["mean_change"] >= half - EXACT
