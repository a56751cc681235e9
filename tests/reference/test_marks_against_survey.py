"""Clustered intervals of marks against R's survey 4.1-1, svymean over classes (formula_multilevel.R)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import stdtrit

from oko.measures.intervals import wilson
from oko.measures.marks import summary

from .conftest import read_reference
from .test_value_added_against_lme4 import formula_pupils

# Both sides sum a few hundred numbers in double precision.
RELATIVE = 1e-10


@pytest.fixture(scope="module")
def marks() -> pd.DataFrame:
    pupils = formula_pupils("usual")
    mark = np.clip(np.round(3.6 + (pupils["y"] - 23) / 6), 2, 5)
    parity = np.arange(1, len(pupils) + 1) % 2
    return pupils.assign(mark=mark, primary_score=pupils["y"], **{"class": parity.astype(str)})


@pytest.mark.parametrize(("ours", "theirs"), [("sou", "points"), ("mean_score", "y")])
def test_means_and_their_errors_are_those_of_survey(marks: pd.DataFrame, ours: str, theirs: str) -> None:
    expected = read_reference("formula_multilevel.json")["survey"][theirs]
    row = summary(marks, weights="w").iloc[0]
    half = stdtrit(expected["df"], 0.975) * expected["se"]
    assert row["classes"] == expected["df"] + 1
    assert row[ours] == pytest.approx(expected["mean"], rel=RELATIVE)
    ends = row[[f"{ours}_lower", f"{ours}_upper"]].tolist()
    assert ends == pytest.approx([expected["mean"] - half, expected["mean"] + half], rel=RELATIVE)


def test_quality_has_wilsons_interval_at_the_effective_size_of_survey(marks: pd.DataFrame) -> None:
    expected = read_reference("formula_multilevel.json")["survey"]["quality"]
    row = summary(marks, weights="w").iloc[0]
    share = expected["mean"]
    z, t = stdtrit([np.inf, expected["df"]], 0.975)
    effective = share * (1 - share) / expected["se"] ** 2 * (z / t) ** 2
    assert effective < row["n"]
    assert row["quality"] == pytest.approx(share, rel=RELATIVE)
    ends = row[["quality_lower", "quality_upper"]].tolist()
    assert ends == pytest.approx([float(end) for end in wilson(share, effective)], rel=RELATIVE)
