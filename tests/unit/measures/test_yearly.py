"""Facilities of a year's works: what X and «не пройд.» are, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.measures.yearly import facilities

ITEMS = pd.DataFrame(
    {"assessment": "w", "item": ["1", "2"], "position": [1, 2], "max_score": [1.0, 2.0], "label": None, "level": None}
)


def frame(columns: dict[str, list[object]]) -> pd.DataFrame:
    keys = [("344", "7А", "a"), ("344", "7А", "b"), ("344", "7Б", "c"), ("498", "7А", "d")]
    return pd.DataFrame(columns, index=pd.MultiIndex.from_tuples(keys, names=["school", "class", "pupil"]))


SCORES = frame({"1": [1.0, 0.0, 0.0, 1.0], "2": [2.0, np.nan, np.nan, 0.0]})
SKIPPED = frame({"1": [False, True, False, False], "2": [False, False, False, True]})
UNTAUGHT = frame({"1": [False] * 4, "2": [False, True, False, False]})


def test_not_attempted_counts_as_no_points_and_not_covered_does_not_count() -> None:
    found = facilities({"w": SCORES}, ITEMS, "344", {"w": SKIPPED}, {"w": UNTAUGHT}).set_index("item")
    assert found["n"].tolist() == [3, 1]
    assert np.allclose(found["facility"], [1 / 3, 1.0])
    assert np.allclose(found["share_not_attempted"], [1 / 3, 0.0])
    assert np.allclose(found["share_not_covered"], [0.0, 1 / 2])  # pupil c has nothing there: not administered
    assert found["cluster_n"].tolist() == [4, 2]


def test_masks_of_one_school_are_enough() -> None:
    own = SCORES.index.get_level_values("school") == "344"
    whole = facilities({"w": SCORES}, ITEMS, "344", {"w": SKIPPED}, {"w": UNTAUGHT})
    pd.testing.assert_frame_equal(
        facilities({"w": SCORES}, ITEMS, "344", {"w": SKIPPED[own]}, {"w": UNTAUGHT[own]}), whole
    )


def test_without_masks_the_shares_are_not_known() -> None:
    found = facilities({"w": SCORES}, ITEMS)
    assert found[["share_not_attempted", "share_not_covered"]].isna().all(axis=None)
    assert facilities({"w": SCORES}, ITEMS, "572").empty
