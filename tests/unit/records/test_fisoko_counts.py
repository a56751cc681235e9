"""Numbers of pupils come back from per cents."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oko.records.readers.fisoko_counts import counts_back, decimals, shares


@settings(deadline=None, max_examples=200)
@given(st.lists(st.integers(0, 1250), min_size=4, max_size=4).filter(any))
def test_counts_come_back_exactly_from_two_decimals(counts: list[int]) -> None:
    exact = np.array([counts], dtype="float64")
    n = exact.sum(axis=1)
    percents = np.round(100 * exact / n, 2)
    assert counts_back(percents, n, 2).tolist() == exact.tolist()
    made = shares(percents, n, fill=True)
    assert not made.sums_wrong.any()
    assert not made.unlike.any()


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(0, 600_000), min_size=4, max_size=40).filter(any))
def test_counts_of_large_groups_sum_to_the_group(counts: list[int]) -> None:
    exact = np.array([counts], dtype="float64")
    n = exact.sum(axis=1)
    back = counts_back(np.round(100 * exact / n, 2), n, 2)
    assert back.sum() == n[0]
    assert np.abs(back - exact).max() <= max(1, 0.0001 * n[0] * len(counts))


def test_large_groups_keep_the_per_cent_as_reported() -> None:
    made = shares(np.array([[5.06, 32.92, 44.33, 17.69]]), np.array([1722202.0]), fill=True)
    assert made.values[0, 0] == pytest.approx(0.0506)
    assert made.counts.sum() == 1722202


def test_decimals_as_a_machine_keeps_them() -> None:
    assert decimals(np.array([[12.360000000000001, 50.0, np.nan]])) == 2
    assert decimals(np.array([[12.359550561797752]])) == 6
    assert decimals(np.array([[np.nan]])) == 0
