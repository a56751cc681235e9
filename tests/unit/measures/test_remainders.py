"""Of which schools a published model would tell the scores of a few: by hand, from the one equation there is."""

from __future__ import annotations

import pandas as pd
import pytest

from oko.measures.remainders import LEAST_PART, telling

WORKS = pd.DataFrame({"assessment": ["a", "b"], "prior": [None, "a"], "max_score": [25.0, 20.0]})


def found(earlier_alone: int, later_alone: int, fewest: int = 10) -> bool:
    both = 27
    pairs = pd.DataFrame({"assessment": "b", "school": "344", "pupil": range(both)})
    took = [("a", pupil) for pupil in range(both + earlier_alone)] + [
        ("b", pupil) for pupil in range(both + later_alone)
    ]
    rows = pd.DataFrame(took, columns=["assessment", "pupil"]).assign(school="344", primary_score=1.0)
    return telling(pairs, rows, WORKS, fewest) == {("b", "344")}


@pytest.mark.parametrize(
    ("earlier_alone", "later_alone", "tells"),
    [(1, 0, True), (0, 1, True), (0, 0, False), (9, 0, True), (10, 0, False), (5, 5, False), (1, 9, True)],
)
def test_the_points_of_a_few_stay_open_only_where_others_stand_beside_them(
    earlier_alone: int, later_alone: int, tells: bool
) -> None:
    assert found(earlier_alone, later_alone) == tells


def test_the_limit_is_a_fifth_of_what_the_points_can_be() -> None:
    # one of the earlier work alone can have 0 … 25; r of the later one leave r · 20 / 1.2 of that open
    later = 1
    assert later * 20 / 1.2 > LEAST_PART * 25
    assert not found(1, later)


def test_of_public_data_nothing_is_kept() -> None:
    assert not found(1, 0, fewest=1)
