"""Triggers, indicators, decisions and re-tests of the model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_ind

from oko.errors import MeasureError
from oko.measures.decisions import counts, standing
from oko.measures.indicators import by_skill_of_works, share_by
from oko.measures.retest import TARGETS, same_tasks, skill_changes, without_earlier
from oko.measures.triggers import shares_above, tasks_below, zones_found

ITEMS = pd.DataFrame({"assessment": "w", "item": ["1", "2"], "max_score": [1.0, 2.0], "level": ["basic", None]})


def pupils(n: int, classes: tuple[str, ...] = ("7А", "7Б"), start: int = 0) -> pd.MultiIndex:
    rows = [("344", classes[place % len(classes)], f"p{start + place}") for place in range(n)]
    return pd.MultiIndex.from_tuples(rows, names=["school", "class", "pupil"])


def test_a_task_without_a_level_and_a_small_group_are_left_out() -> None:
    wide = pd.DataFrame({"1": [0.0, 1.0] * 6, "2": 2.0}, pupils(12))
    by_school = tasks_below({"w": wide}, ITEMS, {"basic": 0.57})
    assert by_school[["item", "n", "triggered", "sure"]].values.tolist() == [["1", 12, True, False]]
    assert tasks_below({"w": wide}, ITEMS, {"basic": 0.57}, ("school", "class")).empty


def test_nothing_gives_no_triggers() -> None:
    assert tasks_below({}, ITEMS, {"basic": 0.57}).empty
    assert zones_found(pd.DataFrame(columns=["unit", "target", "n", "residual", "lower", "upper", "kind"])).empty


def test_a_share_is_sure_where_its_interval_lies_beyond_the_limit() -> None:
    rows = pd.DataFrame({"assessment": "w", "school": ["1", "2", "3"], "n": [40, 40, 9], "share_2": [0.3, 0.2, 0.9]})
    found = shares_above(rows.assign(share_2_lower=[0.2, 0.1, 0.5], share_2_upper=0.95), "share_2", 0.15)
    assert found[["school", "triggered", "sure"]].values.tolist() == [["1", True, True], ["2", True, False]]
    with pytest.raises(MeasureError, match="share_5"):
        shares_above(rows, "share_5", 0.1)


def test_share_by_counts_a_pupil_once() -> None:
    rows = pd.DataFrame(
        {"year": "y", "school": "344", "class": "7А", "pupil": ["a", "a", "b"], "value": [1.0, 0.0, 0.5]}
    )
    assert share_by(rows, ["year"])[["n", "value"]].values.tolist() == [[2.0, 0.5]]
    assert share_by(rows.head(0), ["year"]).empty


def test_a_skill_has_the_points_of_its_tasks() -> None:
    wide = pd.DataFrame({"1": [1.0, 0.0] * 6, "2": [2.0, 1.0] * 6}, pupils(12))
    skills = pd.DataFrame({"assessment": "w", "item": ["1", "2"], "skill": "charts"})
    found = by_skill_of_works({"w": wide}, ITEMS, skills)
    assert found[["skill", "items", "n"]].values.tolist() == [["charts", "1, 2", 12]]
    assert found["value"].iloc[0] == pytest.approx((1 + 1 / 3) / 2)


def test_decisions_stand_as_of_a_day() -> None:
    rows = pd.DataFrame(
        {
            "date": ["2020-10-01", "2020-10-01", "2020-10-01", "2021-02-01"],
            "status": ["done", "planned", "cancelled", "planned"],
            "done": ["2020-12-30", None, None, None],
            "kind": ["lesson", "retest", "lesson", "lesson"],
        }
    )
    early = standing(rows, {"lesson": 30}, "2020-12-20")
    assert early["state"].tolist() == ["open", "open", "cancelled"]
    assert early["late"].tolist() == [True, False, False]
    whole = counts(standing(rows, {"lesson": 30}), [])
    assert whole.to_dict("records") == [{"decided": 4, "done": 1, "open": 2, "cancelled": 1, "late": 1}]
    assert counts(standing(rows.head(0), {}), []).iloc[0]["decided"] == 0


def test_a_change_of_pupils_one_by_one_is_the_difference_of_means() -> None:
    rng = np.random.default_rng(1)
    first, second = (pd.DataFrame({"1": rng.integers(0, 2, 60).astype(float)}, pupils(60, start=s)) for s in (0, 100))
    single = [
        frame.droplevel("class").assign(**{"class": "7А"}).set_index("class", append=True) for frame in (first, second)
    ]
    single = [frame.reorder_levels(["school", "class", "pupil"]) for frame in single]
    found = skill_changes(*single, pd.Series({"1": 1.0}), {"charts": ["1"]}).iloc[0]
    expected = ttest_ind(second["1"], first["1"], equal_var=False)
    assert found["change"] == pytest.approx(second["1"].mean() - first["1"].mean())
    # Welch's standard error; one class in each sitting leaves no degrees of freedom for classes
    assert found["change"] / found["se"] == pytest.approx(expected.statistic)
    assert found["df"] == 0
    assert np.isnan(found["p"])


def test_the_same_pupils_are_paired_and_targets_stand_against_the_others() -> None:
    before = pd.DataFrame({"1": [0.0, 1.0] * 10, "2": [1.0, 0.0] * 10}, pupils(20))
    after = before.assign(**{"1": 1.0})
    found = skill_changes(
        before, after, pd.Series({"1": 1.0, "2": 1.0}), {"charts": ["1"], "proof": ["2"]}, ("charts",)
    ).set_index("skill")
    assert found["paired"].all()
    assert found["change"].to_dict() == {"charts": 0.5, "proof": 0.0, TARGETS: 0.5}


def test_only_own_works_with_the_same_tasks_are_a_retest() -> None:
    works = pd.DataFrame(
        {
            "assessment": ["a", "b", "c"], "procedure": ["control", "control", "vpr"], "subject": "general",
            "material_grade": 7, "year": ["2019-2020", "2020-2021", "2020-2021"], "season": "winter",
        }
    )  # fmt: skip
    tasks = pd.DataFrame({"item": ["1", "2", "3"], "max_score": 1.0, "label": "x"})
    items = pd.concat([tasks.assign(assessment=name) for name in "abc"])
    assert same_tasks(works, items, "2020-2021") == (("a", "b"),)
    assert without_earlier(works, items, "2020-2021") == ()
    assert without_earlier(works, items, "2019-2020") == ("a",)
