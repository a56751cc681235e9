"""Facilities of a year's works: what X and «не пройд.» are, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.measures.yearly import facilities, year_models

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


def test_a_school_of_few_pupils_is_left_out_and_its_rows_change_nothing() -> None:
    random = np.random.default_rng(5)
    sizes = {"a": 30, "b": 25, "c": 40, "d": 12, "e": 9}
    school = np.repeat(list(sizes), list(sizes.values()))
    prior = random.normal(10, 3, len(school))
    pairs = pd.DataFrame(
        {"assessment": "w", "school": school, "pupil": [f"p{n}" for n in range(len(school))], "prior_score": prior}
    ).assign(score=2 + 0.7 * prior + random.normal(0, 2, len(school)))
    found = year_models(pairs, fewest=10)
    assert found.intercept["w"].schools.index.tolist() == ["a", "b", "c", "d"]
    without = year_models(pairs[pairs["school"] != "e"])
    pd.testing.assert_frame_equal(found.schools(), without.schools())
    told = {statement.code: statement.values for _, _, statement in found.statements}
    assert told["schools_left_out"] == {"n_schools": 1, "fewest": 10}
    assert "schools_left_out" not in {statement.code for _, _, statement in without.statements}


def test_a_school_of_which_a_model_would_tell_is_left_out_by_name() -> None:
    random = np.random.default_rng(6)
    prior = random.normal(10, 3, 60)
    pairs = pd.DataFrame({"assessment": "w", "school": list("abcd") * 15, "prior_score": prior}).assign(
        score=2 + 0.7 * prior + random.normal(0, 2, 60), pupil=[f"p{n}" for n in range(60)]
    )
    found = year_models(pairs, apart={("w", "b"), ("other", "c")})
    assert found.intercept["w"].schools.index.tolist() == ["a", "c", "d"]
    told = {statement.code: statement.values for _, _, statement in found.statements}
    assert told["schools_apart"] == {"n_schools": 1}
