"""Points for the target tasks: from pupils and from reports, by the protocol's own tasks."""

from __future__ import annotations

import pandas as pd
import pytest

from oko.records import outcomes
from oko.records.calendar import days_of

TARGETS = pd.DataFrame(
    [("before", "physics", 7, "a", "4"), ("before", "physics", 7, "a", "6"), ("after", "physics", 7, None, "4")],
    columns=["wave", "subject", "grade", "assessment", "item"],
)
ITEMS = pd.DataFrame({"assessment": "a", "item": ["1", "4", "6"], "max_score": [1.0, 1.0, 2.0]})
POINTS = pd.DataFrame(
    {"1": [1.0, 0, 1, 1], "4": [1.0, 0, 1, None], "6": [2.0, 1, 0, 1]},
    index=pd.MultiIndex.from_tuples(
        [("344", "7А", "p1"), ("344", "7А", "p2"), ("498", "7А", "p3"), ("498", "7А", "p4")],
        names=["school", "class", "pupil"],
    ),
)


def groups(mean: float) -> pd.DataFrame:
    rows = [
        ("facility", "4", 0.5, 40),
        ("facility", "6", 0.25, 40),
        ("mean", "target", mean, 40),
        ("sd", "target", 0.8, 40),
    ]
    frame = pd.DataFrame(rows, columns=["measure", "key", "value", "n"])
    return frame.assign(assessment="a", level="school", school="c01")


def test_pupils_points_are_added_over_the_targets_alone() -> None:
    rows = outcomes.target_scores(TARGETS, lambda _: POINTS, ["344", "498"]).set_index("school")
    assert rows["n"].to_dict() == {"344": 2, "498": 1}
    assert rows["mean"].to_dict() == {"344": 2.0, "498": 1.0}
    assert set(rows["stratum"]) == {"physics-7"}
    assert outcomes.target_scores(TARGETS, lambda _: POINTS, ["498"])["school"].tolist() == ["498"]


def test_reported_sd_counts_only_with_the_mean_of_the_same_tasks() -> None:
    """4: .5 of 1 point, 6: .25 of 2 points, so 1 point; a report on other targets has another mean."""
    same = outcomes.reported_scores(TARGETS, ITEMS, groups(1.0), ["c01"]).iloc[0]
    other = outcomes.reported_scores(TARGETS, ITEMS, groups(1.4), ["c01"]).iloc[0]
    assert (same["mean"], same["sd"], same["n"]) == (1.0, 0.8, 40)
    assert other["mean"] == 1.0
    assert pd.isna(other["sd"])


def test_without_works_there_are_no_rows() -> None:
    nothing = TARGETS[:0]
    assert outcomes.target_scores(nothing, lambda _: POINTS, ["344"]).empty
    assert outcomes.reported_scores(nothing, ITEMS, groups(1.0), ["c01"]).empty
    assert outcomes.pupil_points(nothing, ITEMS, lambda _: POINTS, ["344"]).empty


def test_a_work_without_its_targets_gives_no_number() -> None:
    assert outcomes.target_scores(TARGETS, lambda _: POINTS[["1"]], ["344"]).empty
    assert outcomes.reported_scores(TARGETS, ITEMS, groups(1.0).query("key == '4'"), ["c01"]).empty


def test_shares_stand_by_task_for_both_groups() -> None:
    schools = pd.DataFrame({"school": ["344", "498", "c01"], "treated": [1, 1, 0]})
    rows = outcomes.task_shares(TARGETS, ITEMS, lambda _: POINTS, groups(1.0), schools)
    shares = rows.set_index(["school", "item"])["share"]
    assert shares["344", "6"] == pytest.approx(0.75)
    assert shares["c01", "6"] == 0.25
    assert dict(zip(rows["item"], rows["kind"], strict=True)) == {"1": "other", "4": "target", "6": "target"}


def test_pupils_without_a_task_are_left_out_of_points() -> None:
    rows = outcomes.pupil_points(TARGETS, ITEMS, lambda _: POINTS, ["344", "498"])
    assert rows["points"].tolist() == [3.0, 1.0, 1.0]
    assert set(rows["max_score"]) == {3.0}


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("22.04-26.04.2019", ("2019-04-22", "2019-04-26")),
        ("18.04.2019", ("2019-04-18", "2019-04-18")),
        ("05-06.2019", ("2019-03-01", "2019-05-31")),
        (None, ("2019-03-01", "2019-05-31")),
    ],
)
def test_days_come_from_the_calendar_or_the_season(when: str | None, expected: tuple[str, str]) -> None:
    rows = pd.DataFrame({"procedure": ["vpr"], "school_year": ["2018-2019"], "season": ["spring"], "when": [when]})
    assert days_of(rows, "vpr", "2018-2019", "spring") == expected
