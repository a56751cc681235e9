"""Zones on poor data are said in words, wrong calls are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from oko.errors import MeasureError
from oko.measures.zones import pairs, profiles, shared, small_groups

from .test_zones import MOST, cluster, codes, norm

RNG = np.random.default_rng(3)
POINTS = cluster(RNG, n=40)
NORM = norm(RNG, k=12, n=60)
SKILLS = pd.DataFrame({"assessment": "w", "item": ["1", "2", "3"], "skill": "charts"})


def test_no_pupil_and_too_few_pupils() -> None:
    for points in (POINTS.iloc[:0], POINTS.groupby(level="school").head(9)):
        found = profiles({"w": points}, MOST, NORM)
        assert found["residual"].isna().all()
        assert "zones_nothing" in codes(found)
        assert codes(shared(found)) == {"zones_nothing"}
        assert codes(pairs(found)) == {"zones_no_pairs"}


def test_one_school_alone_has_no_profile_and_with_a_norm_has_one() -> None:
    alone = POINTS.xs("s1", level="school", drop_level=False)
    assert profiles({"w": alone}, MOST)["residual"].isna().all()
    found = profiles({"w": alone}, MOST, NORM)
    assert found["residual"].notna().all()
    assert "zones_few_classes" in codes(found)
    assert (shared(found)["kind"] == "none").all()


def test_one_class_in_each_school_is_said() -> None:
    points = POINTS.rename(index=lambda _: "7А", level="class")
    assert "zones_one_class" in codes(profiles({"w": points}, MOST, NORM))


def test_a_task_that_all_solve_has_no_number_but_the_others_have() -> None:
    points = POINTS.copy()
    points["1"] = 1.0
    found = profiles({"w": points}, MOST, NORM)
    assert found.groupby("target")["residual"].count().loc[["1", "2"]].tolist() == [0, 6]
    assert "zones_all_equal" in codes(found)
    assert np.isfinite(found.loc[found["residual"].notna(), ["se", "df", "lower", "upper", "p_adjusted"]]).all(
        axis=None
    )


def test_all_pupils_at_the_maximum() -> None:
    found = profiles({"w": POINTS * 0 + 1}, MOST, NORM)
    assert found["residual"].isna().all()
    assert (found["kind"] == "none").all()


def test_a_task_not_given_in_one_school_is_left_out_there() -> None:
    points = POINTS.copy()
    points.loc[points.index.get_level_values("school") == "s0", "4"] = np.nan
    outside = profiles({"w": points}, MOST, NORM).set_index(["school", "target"])["residual"]
    assert np.isnan(outside["s0", "4"])
    assert np.isfinite(outside["s1", "4"])
    inside = profiles({"w": points}, MOST).set_index(["school", "target"])["residual"]
    assert inside.xs("4", level="target").isna().all()
    assert inside.drop("4", level="target").notna().all()


def test_labels_of_any_kind_and_order_give_the_same_numbers() -> None:
    expected = profiles({"w": POINTS}, MOST, NORM)
    shuffled = POINTS.sample(frac=1, random_state=2).reset_index()
    shuffled["class"] = shuffled["class"].astype("category")
    shuffled["school"] = shuffled["school"].astype("category")
    points = shuffled.set_index(["school", "class", "pupil"]).rename(columns=int)
    most, norm_ = MOST.astype({"item": int}), NORM.astype({"item": int}).sample(frac=1, random_state=2)
    found = profiles({"w": points}, most, norm_)
    pd.testing.assert_frame_equal(found, expected, rtol=1e-9, atol=1e-12)


def test_a_norm_of_one_row_and_a_norm_without_the_work() -> None:
    one = NORM[NORM["school"] == "c0"]
    assert "zones_norm_of_one" in codes(profiles({"w": POINTS}, MOST, one))
    lacking = profiles({"w": POINTS}, MOST, NORM.assign(assessment="v"))
    assert {"zones_norm_missing", "zones_nothing"} <= codes(lacking)


def wrong(**changed: Any) -> dict[str, Any]:
    return {"points": {"w": POINTS}, "max_scores": MOST, "reference": NORM, "skills": SKILLS} | changed


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (wrong(points={}), "Работ нет"),
        (wrong(points=POINTS), "Работ нет"),
        (wrong(points={"w": POINTS.reset_index(drop=True)}), "нужен индекс"),
        (wrong(points={"w": POINTS - 1}), "балл"),
        (wrong(points={"w": pd.concat([POINTS, POINTS])}), "дважды"),
        (wrong(points={"w": POINTS.rename(index={"s1": np.nan}, level="school")}), "не указана школа"),
        (wrong(points={"w": POINTS.astype(str)}), "числ"),
        (wrong(max_scores=MOST.drop(columns="item")), "нет столбца"),
        (wrong(max_scores=MOST.iloc[1:]), "нет наибольшего балла|балл"),
        (wrong(reference=NORM.assign(facility=NORM["facility"] * 100)), "от 0 до 1"),
        (wrong(reference=NORM.assign(n=0)), "больше 0"),
        (wrong(reference=pd.concat([NORM, NORM])), "дважды"),
        (wrong(reference=NORM.drop(columns="n")), "нет столбца"),
        (wrong(skills=pd.concat([SKILLS, SKILLS])), "дважды"),
        (wrong(skills=SKILLS.assign(weight=0)), "не больше 0"),
        (wrong(units={"v": "physics"}), "не указано"),
        (wrong(threshold=0), "Порог"),
        (wrong(adjust="sidak"), "Поправки"),
        (wrong(level=95), "95"),
    ],
)
def test_wrong_calls_are_refused(call: dict[str, Any], said: str) -> None:
    with pytest.raises(MeasureError, match=said):
        profiles(**call)


def test_wrong_calls_of_the_others() -> None:
    profile = profiles({"w": POINTS}, MOST, NORM)
    for call in (
        lambda: shared(profile.drop(columns="se")), lambda: shared(profile, fewest=1), lambda: pairs(profile, level=0),
        lambda: pairs(profile.drop(columns="kind")), lambda: small_groups(pd.DataFrame({"subject": []})),
        lambda: small_groups(pd.DataFrame({"subject": ["x"], "grade": [1], "school": ["1"], "n": [-1]})),
        lambda: small_groups(pd.DataFrame({"subject": ["x"], "grade": [1], "school": ["1"], "n": [1]}), alone=200),
    ):  # fmt: skip
        with pytest.raises(MeasureError):
            call()
