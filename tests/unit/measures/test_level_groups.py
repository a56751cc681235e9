"""Level groups: facility of each, and tasks that a weaker group did better, checked against scipy's Welch test."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from oko.measures.items import level_groups, thirds


def test_an_anomaly_has_welchs_interval() -> None:
    rng = np.random.default_rng(1)
    weak, strong = rng.integers(0, 3, 40) / 1.0, rng.integers(0, 2, 25) / 1.0
    scores = pd.DataFrame({"1": [*weak, *strong], "2": [0.0] * 40 + [1.0] * 25})
    groups = pd.Series(["3"] * 40 + ["5"] * 25)
    found = level_groups(scores, pd.Series({"1": 2, "2": 1}), groups, ["2", "3", "4", "5"]).anomalies
    assert found["item"].to_list() == ["1"]
    (row,) = found.to_dict("records")
    assert (row["weaker"], row["stronger"]) == ("3", "5")
    expected = ttest_ind(weak / 2, strong / 2, equal_var=False).confidence_interval()
    assert row["lower"] == pytest.approx(expected.low, abs=1e-12)
    assert row["upper"] == pytest.approx(expected.high, abs=1e-12)


def test_small_groups_are_not_compared_and_empty_ones_have_no_facility() -> None:
    scores = pd.DataFrame({"1": [1.0] * 9 + [0.0] * 20})
    found = level_groups(scores, pd.Series({"1": 1}), pd.Series(["2"] * 9 + ["3"] * 20), ["2", "3", "4"])
    assert found.anomalies.empty
    assert found.table.set_index("group")["n"].to_dict() == {"2": 9, "3": 20, "4": 0}
    assert np.isnan(found.table.set_index("group")["facility"]["4"])


def test_pupils_without_a_group_do_not_count() -> None:
    scores = pd.DataFrame({"1": [1.0, 0.0, 1.0]})
    found = level_groups(scores, pd.Series({"1": 1}), pd.Series(["2", None, "2"]), ["2"])
    assert found.table[["n", "facility"]].values.tolist() == [[2, 1.0]]


def test_equal_scores_stay_in_one_third() -> None:
    assert set(thirds(pd.Series([5.0] * 9))) == {"middle"}
    assert thirds(pd.Series([1.0, None])).isna().tolist() == [False, True]
