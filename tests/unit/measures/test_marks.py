from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from oko.errors import MeasureError
from oko.measures.intervals import wilson
from oko.measures.marks import SHARES, summary

MEASURES = [*SHARES, "sou", "mean_score"]


def school_marks() -> pd.DataFrame:
    rng = np.random.default_rng(7)
    rows = [
        {"school": school, "class": label, "mark": mark, "primary_score": 4.0 * mark + extra}
        for school, classes in (("329", "АБ"), ("344", "АБВ"))
        for label in classes
        for mark, extra in zip(rng.integers(2, 6, 20), rng.integers(0, 4, 20), strict=True)
    ]
    return pd.DataFrame(rows).astype({"mark": "Int64"})


def test_one_class_by_hand() -> None:
    # n2 = 1, n3 = 2, n4 = 4, n5 = 3: SOU = (300 + 256 + 72 + 16) / 10 = 64.4.
    marks = pd.DataFrame({"school": "344", "class": "7А", "mark": [2, 3, 3, 4, 4, 4, 4, 5, 5, 5, None]})
    row = summary(marks).iloc[0]
    assert row[["n", "classes", "interval"]].tolist() == [10, 1, "wilson"]
    assert row[["share_2", "share_3", "share_4", "share_5"]].tolist() == pytest.approx([0.1, 0.2, 0.4, 0.3])
    assert row[["pass_rate", "quality", "sou"]].tolist() == pytest.approx([0.9, 0.7, 64.4])
    for name, hits in {"share_2": 1, "pass_rate": 9, "quality": 7}.items():
        expected = proportion_confint(hits, 10, 0.05, method="wilson")
        assert row[[f"{name}_lower", f"{name}_upper"]].tolist() == pytest.approx(expected, abs=1e-12)
    points = np.repeat([16, 36, 64, 100], [1, 2, 4, 3])
    half = 2.2621571628540993 * points.std(ddof=1) / np.sqrt(10)
    assert row[["sou_lower", "sou_upper"]].tolist() == pytest.approx([64.4 - half, 64.4 + half])


def test_groups_are_those_of_pandas() -> None:
    marks = school_marks()
    rows = summary(marks, ["school", "class"])
    grouped = marks.groupby(["school", "class"])
    assert rows["n"].tolist() == grouped.size().tolist()
    np.testing.assert_allclose(rows["mean_score"], grouped["primary_score"].mean())
    np.testing.assert_allclose(rows["quality"], grouped["mark"].agg(lambda mark: (mark >= 4).mean()))
    assert set(rows["interval"]) == {"wilson"}
    assert summary(marks, ["school"])["classes"].tolist() == [2, 3]
    assert summary(marks, "school").equals(summary(marks, ["school"]))


def test_pupils_of_several_classes_have_wider_intervals() -> None:
    together = summary(school_marks(), ["school"]).iloc[1]
    low, high = wilson(together["quality"], together["n"])
    assert together["interval"] == "clustered"
    assert together["quality_lower"] <= low
    assert together["quality_upper"] >= high
    assert together["quality_upper"] - together["quality_lower"] > high - low


def test_without_classes_schools_are_the_clusters() -> None:
    marks = school_marks()
    assert summary(marks.drop(columns="class"))["classes"].tolist() == [2]
    assert summary(marks.assign(**{"class": None}))["classes"].tolist() == [2]
    assert summary(marks.drop(columns="class"), ["school"])["interval"].tolist() == ["wilson", "wilson"]


def test_the_same_letter_in_two_schools_is_two_classes() -> None:
    marks = school_marks()
    assert summary(marks[marks["class"] == "А"])["classes"].tolist() == [2]


def test_test_scores_serve_where_there_are_no_primary_scores() -> None:
    marks = pd.DataFrame(
        {
            "subject": ["m", "m", "p", "p"], "school": "344", "mark": [4, 5, 3, 4],
            "primary_score": [10.0, np.nan, np.nan, np.nan], "test_score": [60.0, 70.0, 50.0, 60.0],
        }
    )  # fmt: skip
    rows = summary(marks, ["subject"])
    assert rows["mean_score"].tolist() == [10.0, 55.0]
    assert rows["n_scores"].tolist() == [1, 2]
    assert rows["n"].tolist() == [2, 2]


def test_a_procedure_without_marks_counts_its_scores() -> None:
    nothing = pd.array([None] * 3, "Int64")
    row = summary(pd.DataFrame({"school": "344", "mark": nothing, "test_score": [50.0, 60.0, None]})).iloc[0]
    assert row[["n", "mean_score"]].tolist() == [2, 55.0]
    assert np.isnan(row["share_2"])


@pytest.mark.parametrize("mark", [pd.array([None, None], "Int64"), [np.nan, np.nan], [None, None]])
def test_a_group_without_marks_is_said_with_n_0(mark: object) -> None:
    row = summary(pd.DataFrame({"school": ["344", "344"], "mark": mark})).iloc[0]
    assert row["n"] == 0
    assert row["classes"] == 0
    assert row[[f"{name}{end}" for name in MEASURES for end in ("", "_lower", "_upper")]].isna().all()


def test_no_rows() -> None:
    nobody = school_marks().iloc[:0]
    assert summary(nobody)["n"].tolist() == [0]
    assert len(summary(nobody, ["school"])) == 0
    assert set(summary(nobody, ["school"])) == set(summary(school_marks(), ["school"]))


def test_one_pupil_has_a_wide_interval() -> None:
    row = summary(pd.DataFrame({"school": ["344"], "mark": [5], "primary_score": [20.0]})).iloc[0]
    assert row[["quality_lower", "quality_upper"]].tolist() == pytest.approx([0.20654931, 1.0])
    assert row["sou_lower"] == pytest.approx(16 + 84 * 0.20654931)
    assert np.isnan(row["mean_score_lower"])


def test_missing_keys_are_a_group_of_their_own() -> None:
    marks = school_marks().assign(sex=[None, "F"] * 50)
    assert summary(marks, ["sex"])["n"].tolist() == [50, 50]


@settings(deadline=None)
@given(repeats=st.lists(st.integers(0, 3), min_size=100, max_size=100), by=st.sampled_from([[], ["school"]]))
def test_weights_are_repeated_rows(repeats: list[int], by: list[str]) -> None:
    marks = school_marks().assign(pupils=repeats)
    repeated = marks.loc[marks.index.repeat(repeats)]
    present = summary(marks, by, weights="pupils").query("n > 0").reset_index(drop=True)
    expected = summary(repeated, by).query("n > 0").reset_index(drop=True)
    pd.testing.assert_frame_equal(present, expected, rtol=1e-9, atol=1e-12)
    by_series = summary(marks, by, weights=marks["pupils"])
    pd.testing.assert_frame_equal(by_series, summary(marks, by, weights="pupils"))


@settings(deadline=None)
@given(order=st.permutations(range(100)))
def test_order_of_rows_does_not_matter(order: list[int]) -> None:
    marks = school_marks()
    pd.testing.assert_frame_equal(summary(marks.iloc[order], ["school"]), summary(marks, ["school"]), rtol=1e-12)


@settings(deadline=None)
@given(marks=st.lists(st.integers(2, 5), min_size=1, max_size=60), classes=st.integers(1, 5))
def test_intervals_hold_their_measure_and_stay_in_range(marks: list[int], classes: int) -> None:
    labels = [str(k % classes) for k in range(len(marks))]
    row = summary(pd.DataFrame({"school": "344", "class": labels, "mark": marks})).iloc[0]
    for name, low, high in [*((share, 0, 1) for share in SHARES), ("sou", 16, 100)]:
        assert low <= row[f"{name}_lower"] <= row[name] + 1e-9
        assert row[name] - 1e-9 <= row[f"{name}_upper"] <= high


def test_inputs_stay_as_they_were() -> None:
    marks = school_marks()
    before = marks.copy()
    summary(marks, ["school"], weights=np.ones(100))
    pd.testing.assert_frame_equal(marks, before)


@pytest.mark.parametrize(
    ("change", "options", "says"),
    [
        ({"mark": 1}, {}, "1"),
        ({"mark": 4.5}, {}, "4.5"),
        ({"mark": "отлично"}, {}, "mark"),
        ({"primary_score": "12"}, {}, "primary_score"),
        ({}, {"by": ["subject"]}, "subject"),
        ({}, {"level": 95}, "95"),
        ({}, {"weights": "pupils"}, "pupils"),
        ({}, {"weights": [-1.0] * 100}, "-1"),
        ({}, {"weights": [1.0] * 99}, "99"),
        ({}, {"weights": pd.Series(1.0, index=range(1, 101))}, "index"),
        ({"pupils": np.nan}, {"weights": "pupils"}, "nan"),
    ],
)
def test_what_is_wrong_is_named(change: dict, options: dict, says: str) -> None:
    with pytest.raises(MeasureError) as caught:
        summary(school_marks().assign(**change), **options)
    assert says in (caught.value.message.format(**caught.value.values))


def test_a_missing_column_is_named() -> None:
    with pytest.raises(MeasureError, match="'school'"):
        summary(school_marks().drop(columns="school"))
