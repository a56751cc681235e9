"""What stands around an effect where labels, waves or groups are unusual."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from oko.measures.evidence import (
    baseline_equivalence,
    ceiling,
    dose_from_actions,
    flow,
    flow_by_group,
    regression_to_mean,
    school_changes,
    school_wave_means,
    synthetic_control,
    target_tasks,
)

PUPILS = pd.DataFrame({"school": list("aab"), "pupil": list("123"), "treated": [1, 1, 0]})


def waves(first: object, second: object) -> pd.DataFrame:
    rows = [(s, p, int(s < "c"), 0.1 * k + 0.5 * (p == second) * (k % 3)) for k, s in enumerate("abcdefgh")
            for p in (first, second)]  # fmt: skip
    return pd.DataFrame(rows, columns=["school", "period", "treated", "outcome"])


def test_results_can_be_changed_and_joined() -> None:
    columns = ["school", "stratum", "period", "n", "mean", "sd"]
    theirs = pd.DataFrame([("x", "m", 0, 3, 1.0, 1.0), ("y", "m", 0, 3, 3.0, 1.0)], columns=columns)
    means = school_wave_means(theirs.assign(school=["a", "b"]), theirs)
    joined = pd.concat([means.assign(more=1).astype({"more": float}), means])
    assert len(joined) == 8
    pupils = flow(PUPILS, PUPILS)
    assert len(pd.concat([pupils, pupils]).astype({"before": "int64"})) == 4


def test_the_earlier_wave_is_known_from_its_order() -> None:
    plain = school_changes(waves(0, 1))["change"]
    words = waves("before", "after")
    ordered = words.assign(period=pd.Categorical(words["period"], ["choice", "before", "after"], ordered=True))
    assert school_changes(ordered)["change"].tolist() == plain.tolist()
    assert regression_to_mean(ordered).equals(regression_to_mean(waves(2019, 2021)))


def test_one_wave_is_said_by_all_who_need_two() -> None:
    one = waves(0, 1).query("period == 0").assign(stratum="m", se=0.1)
    for found in (
        school_changes(one),
        regression_to_mean(one),
        regression_to_mean(one, stratum="stratum", se="se"),
        flow(PUPILS, PUPILS[:0]),
    ):
        assert [said.code for said in found.attrs["statements"]] == ["evidence_one_wave"]
    gone = flow(PUPILS, PUPILS[:0])
    assert gone[["both", "only_before", "attrition"]].isna().all(axis=None)


def test_counts_of_a_group_need_every_school() -> None:
    counts = pd.DataFrame({"school": ["c"], "treated": 0, "before": [90], "after": [80]})
    found = flow(PUPILS, PUPILS[:2], counts=counts)
    groups = flow_by_group(found)
    assert groups.loc[0, ["before", "after", "schools"]].tolist() == [91, 80, 2]
    assert groups.loc[0, ["both", "only_before", "attrition"]].isna().all()
    assert [said.code for said in found.attrs["statements"]] == ["evidence_counts_only"]


def test_values_that_are_all_alike_have_no_difference() -> None:
    pupils = pd.DataFrame({"school": np.repeat(list("abcd"), 7), "treated": np.repeat([1, 0], 14), "x": 0.1})
    assert baseline_equivalence(pupils, ["x"])["category"].tolist() == ["unknown"]


def test_a_work_that_nobody_wrote_has_no_ceiling() -> None:
    scores = pd.DataFrame({"primary_score": [None, 3.0], "max_score": 10.0, "group": ["a", "b"]})
    assert [(said.code, said.values) for said in ceiling(scores, by="group").attrs["statements"]] == [
        ("evidence_ceiling_unknown", {"units": ("a",)})
    ]


def test_few_groups_of_placebos_are_taken_once_each() -> None:
    table = pd.DataFrame(np.random.default_rng(3).normal(size=(9, 5)))
    found = synthetic_control(table, [0, 1, 2, 3], [4])
    assert found.placebo["schools"].nunique() == len(found.placebo) == 5
    assert found.p >= 1 / 6


def test_values_of_tasks_carry_their_unit() -> None:
    rng = np.random.default_rng(4)
    rows = [(s, p, i, int(s < 3), int(i < 2), rng.normal()) for s in range(12) for p in (0, 1, 2) for i in range(6)]
    data = pd.DataFrame(rows, columns=["school", "period", "item", "treated", "target", "mean"])
    found = target_tasks(data, 0, 1, 2, value="mean", unit="sd", groups=5)
    assert found.statements[-1].values["unit"] == "sd"


@pytest.mark.parametrize("day", ["2021-03-01", pd.Timestamp(2021, 3, 1)])
@pytest.mark.parametrize("school", ["344", 344])
def test_doses_know_a_school_and_a_day_however_written(day: object, school: object) -> None:
    log = pd.DataFrame({"school": ["344"], "status": "done", "done": [day], "subject": "x", "skill": "y"})
    assert dose_from_actions(log, [school], until="2021-04-15").to_dict() == {school: 1}  # type: ignore[list-item]
