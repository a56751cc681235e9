"""Pupils and thresholds on one scale."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from oko.errors import MeasureError
from oko.language import used
from oko.measures.irt.calibration import read_calibration
from oko.measures.irt.wright import thurstonian, wright_map

ITEMS = pd.DataFrame(
    {
        "discrimination": [1.0, 0.6, 2.2, -0.7, 0.0],
        "step_1": [0.3, -1.0, 1.5, 0.3, 1.0],
        "step_2": [np.nan, 0.8, -0.2, 1.2, np.nan],
        "step_3": [np.nan, np.nan, 0.4, np.nan, np.nan],
        "points": ["0 2", "0 1 2", "0 1 2 4", "0 1 2", "0 1"],
    },
    index=pd.Index(list("12345"), name="item"),
)
KNOWN = read_calibration(ITEMS)


def test_thresholds_halve_the_chance() -> None:
    found = thurstonian(KNOWN)
    assert found[0, 0] == 0.3
    for item in range(4):
        for step in range(int(np.isfinite(KNOWN.steps[item]).sum())):
            chances = KNOWN.probabilities(found[item, step : step + 1])[item, 0]
            assert chances[step + 1 :].sum() == pytest.approx(0.5, abs=1e-12)
    assert np.isnan(found[4]).all()
    assert np.isnan(found[0, 1:]).all()
    assert (np.diff(found[2]) > 0).all()


def test_shares_beyond_the_tasks() -> None:
    ability = np.array([-9.0, 0.0, 0.0, 9.0, np.nan])
    weights = np.array([2.0, 1.0, 1.0, 4.0, 5.0])
    found = wright_map(KNOWN, ability, weights, bins=6)
    assert (found.n, found.share_below, found.share_above) == (8.0, 0.25, 0.5)
    assert (found.lower, found.upper) == (-9.0, 9.0)
    assert found.persons["n"].tolist() == [2, 0, 0, 2, 0, 4]
    assert found.persons["lower"].iloc[0] == -9
    assert found.persons["upper"].iloc[-1] == 9
    known = found.items["threshold"].dropna()
    assert known.is_monotonic_increasing
    assert found.items.iloc[-1]["item"] == "5"
    assert found.items.set_index(["item", "step"]).loc[("3", 3), "points"] == 4
    assert found.items.set_index(["item", "step"]).loc[("1", 1), "points"] == 2
    assert dict(found.statements[0].values) == {"above": 0.5, "below": 0.25}


def test_pupils_within_the_tasks_need_no_words() -> None:
    found = wright_map(KNOWN, np.array([0.0, 0.4]))
    assert (found.share_above, found.share_below, found.statements) == (0, 0, ())


def test_own_edges_and_repeated_pupils() -> None:
    ability = np.linspace(-2, 2, 9)
    twice = wright_map(KNOWN, np.repeat(ability, 2), bins=np.array([-3.0, -0.1, 3.0]))
    weighted = wright_map(KNOWN, ability, np.full(9, 2.0), bins=np.array([-3.0, -0.1, 3.0]))
    pd.testing.assert_frame_equal(twice.persons, weighted.persons)
    assert twice.persons["n"].tolist() == [8, 10]


@pytest.mark.parametrize("ability", [np.array([]), np.array([np.nan])])
def test_without_pupils(ability: np.ndarray) -> None:
    found = wright_map(KNOWN, ability)
    assert np.isnan(found.share_above)
    assert len(found.persons) == 0
    assert [said.code for said in found.statements] == ["irt_wright_empty"]


def test_without_tasks_and_with_one_pupil() -> None:
    found = wright_map(KNOWN.take([4]), np.array([0.5]), bins=3)
    assert [said.code for said in found.statements] == ["irt_wright_empty"]
    assert found.persons["n"].sum() == 1
    assert (found.lower, found.upper) == (0.5, 0.5)


@pytest.mark.parametrize("bins", [0, np.array([1.0]), np.array([1.0, 1.0]), np.array([2.0, 1.0])])
def test_no_bins(bins: object) -> None:
    with used("en"), pytest.raises(MeasureError, match="no bins"):
        wright_map(KNOWN, np.array([0.0, 1.0]), bins=bins)  # type: ignore[arg-type]


def test_weights_that_do_not_fit() -> None:
    with used("en"), pytest.raises(MeasureError, match="2 weights"):
        wright_map(KNOWN, np.array([0.0]), np.array([1.0, 1.0]))
