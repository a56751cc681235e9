"""Small groups are hidden, and so is what would give them away by subtraction."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosed import parts
from oko.disclosure import protect
from oko.errors import ReleaseError


def test_a_small_group_takes_the_next_smallest_with_it_until_no_insider_can_tell() -> None:
    frame = protect(parts([50, 33, 20, 7]), part="school").frame
    assert frame["hidden"].tolist() == [False, False, True, True, True]
    assert frame.loc[frame["hidden"], ["n", "quality"]].isna().all(axis=None)
    assert frame.loc[frame["hidden"], "school"].tolist() == ["s1", "s2", "s3"]


def test_two_small_groups_that_together_are_too_few_take_a_third() -> None:
    found = protect(parts([50, 33, 5, 8]), part="school")
    assert found.frame["hidden"].tolist() == [False, False, True, True, True]
    assert found.why["reason"].tolist() == ["complementary", "small", "small"]


def test_groups_of_exactly_the_threshold_are_shown_and_of_one_less_are_not() -> None:
    shown = protect(pd.DataFrame({"n": [10, 9, 0]})).frame
    assert shown["hidden"].tolist() == [False, True, False]


def test_lists_are_guarded_one_by_one() -> None:
    both = pd.concat([parts([50, 33, 7]).assign(subject="physics"), parts([50, 33, 20]).assign(subject="mathematics")])
    frame = protect(both, by=["subject"], part="school").frame
    assert frame[frame["subject"] == "mathematics"]["hidden"].sum() == 0
    assert frame[frame["subject"] == "physics"]["hidden"].sum() == 3


def test_protecting_twice_changes_nothing() -> None:
    once = protect(parts([50, 33, 7]), part="school")
    assert protect(once, part="school") is once
    pd.testing.assert_frame_equal(protect(once.frame, part="school").frame, once.frame)


def test_what_is_protected_by_a_lower_threshold_is_refused() -> None:
    once = protect(parts([50, 33, 12]), part="school")
    assert protect(once, part="school", threshold=5) is once
    with pytest.raises(ReleaseError, match="15"):
        protect(once, part="school", threshold=15)


def test_the_table_given_is_not_touched() -> None:
    table = parts([50, 33, 7])
    before = table.copy()
    protect(table, part="school")
    pd.testing.assert_frame_equal(table, before)


@pytest.mark.parametrize("threshold", [0, 4])
def test_a_threshold_below_the_floor_is_refused(threshold: int) -> None:
    with pytest.raises(ReleaseError):
        protect(parts([20, 20]), threshold=threshold)


def test_a_table_without_counts_is_refused() -> None:
    with pytest.raises(ReleaseError):
        protect(pd.DataFrame({"quality": [0.5]}))


@settings(max_examples=30)
@given(st.lists(st.integers(0, 60), min_size=2, max_size=9), st.integers(5, 15))
def test_total_minus_shown_parts_never_tells_of_fewer_than_the_threshold(counts: list[int], threshold: int) -> None:
    frame = protect(parts(counts), part="school", threshold=threshold).frame
    shown_parts = frame[(frame["school"] != "") & ~frame["hidden"]]
    rest = sum(counts) - shown_parts["n"].sum()
    everything_hidden = (shown_parts["n"] == 0).all()
    assert rest == 0 or rest >= threshold or everything_hidden
    hidden = parts(counts).loc[frame["hidden"], "n"]
    assert hidden.empty or hidden.sum() - hidden.max() >= threshold or everything_hidden


def test_a_table_without_rows_or_numbers_is_a_table() -> None:
    empty = pd.DataFrame({"assessment": [], "school": [], "n": [], "quality": []}, dtype="object")
    assert protect(empty, by=["assessment"], part="school", shares=["quality"]).audit().safe
    unknown = pd.DataFrame({"school": ["344", "498"], "n": [None, None], "quality": [None, None]}, dtype="object")
    assert protect(unknown, part="school", shares=["quality"]).audit().safe
