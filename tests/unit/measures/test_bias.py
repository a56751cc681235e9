"""Markers of biased results: the rules by hand, poor data, wrong input."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from oko.errors import MeasureError
from oko.measures import bias
from oko.records.calendar import bias_markers

ROOT = Path(__file__).parents[3]
RULES = bias_markers(ROOT)


def codes(found: Any) -> set[str]:
    said = found.attrs["statements"] if isinstance(found, pd.DataFrame) else found.statements
    return {each.code for each in said}


def pupils(school: str = "344", assessment: str = "m4", n: int = 40, seed: int = 1, **columns: Any) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    score = rng.binomial(20, 0.55, n).astype(float)
    mark = np.digitize(score, [6, 10, 15]) + 2
    journal = np.clip(mark + rng.integers(-1, 2, n), 2, 5)
    rows = pd.DataFrame({"primary_score": score, "mark": mark, "journal_mark": journal, "max_score": 20.0})
    known = {"procedure": "vpr", "subject": "mathematics", "material_grade": 4, "pupil_grade": 4, "season": "spring"}
    return rows.assign(
        school=school, assessment=assessment, year="2018-2019", **{"class": "4А"}, **{**known, **columns}
    )


def cohort(n_schools: int, later: float = 0.5) -> pd.DataFrame:
    rows = [
        (str(school), f"m{grade}", year, grade, score)
        for school in range(n_schools)
        for grade, year, score in ((4, "2017-2018", 12.0 + school % 5), (5, "2018-2019", 20 * later))
        for _ in range(2)
    ]
    frame = pd.DataFrame(rows, columns=["school", "assessment", "year", "material_grade", "primary_score"])
    return frame.assign(pupil_grade=frame["material_grade"], subject="mathematics", max_score=20.0, journal_mark=3,
                        procedure="vpr", season="spring")  # fmt: skip


def region(assessment: str = "m4", mean: float = 8.0) -> pd.DataFrame:
    return pd.DataFrame({"assessment": [assessment], "n": [20000], "mean": [mean], "sd": [4.0]})


def test_a_mean_is_too_high_only_where_the_intervals_part() -> None:
    own = pd.DataFrame({"school": "344", "assessment": "m4", "primary_score": [10.0, 12.0] * 8})
    half = 1.96 * np.std([10.0, 12.0] * 8, ddof=1) / 4
    for gap, marked in ((1e-6, True), (-1e-6, False)):
        limits = pd.DataFrame({"assessment": ["m4"], "n": [100], "mean": [11 - half - gap], "sd": [0.0]})
        found = bias.high_mean(own, limits)
        assert found["marked"].tolist() == [marked]
    assert "bias_strong_schools" in codes(bias.high_mean(own, region()))


def test_without_the_region_nothing_is_judged_and_it_is_said() -> None:
    found = bias.high_mean(pupils())
    assert (found["reason"].tolist(), found["marked"].any(), codes(found)) == (["no_region"], False, {"bias_no_region"})


def test_weights_stand_for_pupils() -> None:
    own = pupils().drop(columns="class")
    counted = own.groupby(["school", "assessment", "primary_score", "journal_mark"], as_index=False).size()
    for measure in (bias.journal_mismatch, bias.high_mean):
        one, other = measure(own).iloc[0], measure(counted, weights="size").iloc[0]
        names = ["n", "value", "lower", "upper"]
        assert one[names].astype(float).tolist() == pytest.approx(other[names].astype(float).tolist())


def test_journal_marker_goes_by_the_sign_and_says_where_it_may_be_chance() -> None:
    score = np.arange(12.0)
    one = pd.DataFrame({"school": "1", "assessment": "w", "primary_score": score, "journal_mark": [5, 4, 3, 4] * 3})
    against = one.assign(school="2", journal_mark=np.digitize(-score, [-8, -4]) + 3)
    equal = one.assign(school="3", journal_mark=4)
    few = one.assign(school="4").head(5)
    found = bias.journal_mismatch(pd.concat([one, against, equal, few])).set_index("school")
    assert found["marked"].tolist() == [bool(found.loc["1", "value"] < 0), True, False, False]
    assert found.loc["2", "upper"] < 0
    assert found["reason"].tolist() == ["", "", "one_value", "few_pupils"]
    assert {"bias_one_value", "bias_few_pupils"} <= codes(bias.journal_mismatch(pd.concat([one, equal, few])))


def test_spearman_does_not_mind_far_scores_or_order() -> None:
    own = pupils()
    moved = own.assign(primary_score=own["primary_score"] * 3 + 1e9).sample(frac=1, random_state=2)
    assert bias.journal_mismatch(moved)["value"].tolist() == pytest.approx(bias.journal_mismatch(own)["value"].tolist())


def test_marks_against_the_journal_by_hand() -> None:
    own = pd.DataFrame({"school": "1", "mark": [2, 3, 4, 5, 3, None], "journal_mark": [4, 3, 3, 5, 4, 5]})
    found = bias.against_journal(own, "school").iloc[0]
    assert found[["n", "lowered", "confirmed", "raised", "apart"]].tolist() == pytest.approx([5, 0.4, 0.4, 0.2, 0.2])
    autumn = own.assign(season="autumn", year="2020-2021")
    assert codes(bias.against_journal(autumn, "school")) == {"bias_confirmed_convention", "bias_autumn_2020"}
    assert "bias_no_journal" in codes(bias.against_journal(own.assign(mark=np.nan), "school"))


def test_ratio_of_a_parallel_and_autumn_works_left_out() -> None:
    both = cohort(2)
    found = bias.cohort_ratios(both)
    assert found["value"].tolist() == pytest.approx([60 / 50, 65 / 50])
    autumn = both.assign(pupil_grade=both["material_grade"] + 1)
    assert codes(bias.cohort_ratios(autumn)) == {"bias_no_cohort_pair"}
    assert bias.cohort_ratios(cohort(1, later=0.0))["value"].isna().all()
    unknown = both.assign(season=pd.array([pd.NA] * len(both), dtype="string"))
    assert len(bias.cohort_ratios(unknown)) == 2


def test_seven_schools_get_no_fences_but_the_regions_may_be_given() -> None:
    seven = bias.cohort_ratios(cohort(7))
    refused = bias.sharp_change(seven)
    assert not refused["applicable"].any()
    assert refused["upper_fence"].isna().all()
    assert codes(refused) == {"bias_few_schools"}
    fences = pd.DataFrame({"subject": ["mathematics"], "lower": [0.7], "upper": [1.45]})
    given = bias.sharp_change(seven, fences)
    assert given["fall"].tolist() == (seven["value"] > 1.45).tolist()
    assert given["fall"].any()
    other = bias.sharp_change(seven, fences.assign(subject="russian"))
    assert codes(other) == {"bias_no_fences"}
    assert set(other["reason"]) == {"no_fences"}
    assert codes(bias.sharp_change(bias.cohort_ratios(cohort(60)))) == {"bias_own_fences"}


def test_the_official_rules_are_applied_to_the_works_they_name() -> None:
    rows = pd.concat([pupils("1"), pupils("2", seed=2), pupils("1", "m7", material_grade=7, pupil_grade=7, seed=3)])
    found = bias.markers(rows, RULES, region())
    assert set(found.table["assessment"]) == {"m4"}
    assert found.table["official"].all()
    assert found.schools["n_applicable"].tolist() == [2, 2]
    assert np.isnan(found.index)
    assert {"bias_occasion", "bias_no_index", "bias_no_cohort_pair", "bias_strong_schools"} <= codes(found)
    wide = bias.markers(rows, RULES, region(), everywhere=True).table
    assert set(wide.loc[~wide["official"], "assessment"]) == {"m7"}


def test_fourteen_markers_index_and_sharp_change_together() -> None:
    assert len(RULES) == 14
    rows = cohort(60)
    rows.loc[(rows["school"] == "7") & (rows["material_grade"] == 5), "primary_score"] = 1.0
    found = bias.markers(rows, RULES, enough=50)
    fall = found.table[found.table["marker"] == "sharp_fall"]
    assert fall.loc[fall["marked"], "school"].tolist() == ["7"]
    assert found.index == pytest.approx(100 * 59 / 60)
    assert bias.flagged(found).query("left_out")["school"].tolist() == ["7"]


def test_strong_schools_are_not_left_out_for_being_strong() -> None:
    found = bias.markers(pupils(), RULES, region())
    assert found.schools["n_marked"].tolist() == [1]
    assert not bias.flagged(found)["left_out"].any()
    assert bias.flagged(found, without=())["left_out"].all()
    assert codes(bias.flagged(found)) == {"bias_none_left_out"}


@pytest.mark.parametrize("empty", [pupils().head(0), pupils().assign(primary_score=np.nan, mark=pd.NA)])
def test_nothing_to_judge_is_said(empty: pd.DataFrame) -> None:
    assert codes(bias.pile_ups(empty)) == {"bias_no_piles"}
    found = bias.markers(empty, RULES)
    assert not found.table["marked"].any()
    assert "bias_occasion" in codes(found)
    assert not bias.flagged(found, bias.pile_ups(empty))["left_out"].any()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: bias.high_mean(pupils().drop(columns="school")), "school"),
        (lambda: bias.high_mean([1, 2]), "DataFrame"),
        (lambda: bias.high_mean(pupils(), region().drop(columns="sd")), "sd"),
        (lambda: bias.high_mean(pupils(), pd.concat([region(), region()])), "m4"),
        (lambda: bias.high_mean(pupils(), region().assign(n=0)), "n"),
        (lambda: bias.high_mean(pupils(), limit=0), "0"),
        (lambda: bias.journal_mismatch(pupils().assign(journal_mark=6)), "journal_mark"),
        (lambda: bias.journal_mismatch(pupils().assign(journal_mark="пять")), "journal_mark"),
        (lambda: bias.against_journal(pupils(), level=95), "95"),
        (lambda: bias.cohort_ratios(cohort(1).assign(year="2018")), "2018"),
        (lambda: bias.cohort_ratios(cohort(1).assign(max_score=5)), "максимум"),
        (lambda: bias.sharp_change(pd.concat([bias.cohort_ratios(cohort(2))] * 2)), "дважды"),
        (lambda: bias.sharp_change(bias.cohort_ratios(cohort(2)), pd.DataFrame({"subject": ["m"]})), "lower"),
        (lambda: bias.markers(pupils(), RULES.assign(marker="guilt")), "guilt"),
        (lambda: bias.flagged(), "признаки"),
        (lambda: bias.pile_ups(pupils().assign(primary_score=7.5)), "7.5"),
        (lambda: bias.pile_ups(pupils().assign(primary_score=1e9)), "балл"),
        (lambda: bias.pile_ups(pupils(), degree=0), "Степень"),
        (lambda: bias.high_mean(pupils(), threshold="x"), "x"),
        (lambda: bias.pile_ups(pd.concat([pupils(), pupils().assign(school=344)])), "school"),
        (lambda: bias.against_journal(pd.concat([pupils(), pupils()[["school"]]], axis=1)), "school"),
        (lambda: bias.markers(cohort(7), RULES, ratios=pd.DataFrame({"school": ["x"]})), "subject"),
    ],
)
def test_wrong_input_is_named(call: Any, words: str) -> None:
    with pytest.raises(MeasureError, match=words):
        call()
