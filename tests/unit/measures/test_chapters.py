"""Chapters of a subject: scale of the cluster, pupils of the school, groups where there are no marks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from oko.measures.chapters import Chapter, chapters

ITEMS = pd.DataFrame({"assessment": "w", "item": [str(at) for at in range(1, 7)], "max_score": 1.0})
DIFFICULTY = np.linspace(-1.5, 1.5, 6)


def pupils(n: int, marks: bool = True) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(7)
    ability = rng.normal(size=n)
    right = (rng.random((n, 6)) < 1 / (1 + np.exp(DIFFICULTY - ability[:, None]))) * 1.0
    names = [f"p{at}" for at in range(n)]
    schools, classes = ["1" if at % 3 else "2" for at in range(n)], ["7А" if at % 2 else "7Б" for at in range(n)]
    index = pd.MultiIndex.from_arrays([schools, classes, names], names=["school", "class", "pupil"])
    total = right.sum(axis=1)
    results = pd.DataFrame({
        "assessment": "w", "school": schools, "class": classes, "pupil": names, "status": "took", "max_score": 6.0,
        "primary_score": total, "test_score": np.nan, "mark": pd.array(np.clip(total, 2, 5), dtype="Int64"),
    })  # fmt: skip
    results["mark"] = results["mark"] if marks else pd.array([pd.NA] * n, dtype="Int64")
    return pd.DataFrame(right, index, columns=list(ITEMS["item"])), results


def one(n: int, marks: bool = True) -> Chapter:
    points, results = pupils(n, marks)
    return chapters({"w": points}, results, ITEMS, "1")["w"]


def test_tasks_stand_on_the_clusters_scale_in_the_order_of_difficulty() -> None:
    found = one(600)
    assert found.scale["item"].to_list() == list(ITEMS["item"])
    assert found.scale["threshold"].to_numpy() == pytest.approx(DIFFICULTY, abs=0.35)
    assert found.persons["n"].sum() == found.n_cluster == 600
    assert found.persons["own"].sum() == found.n == 400
    assert found.levels["ability"].is_monotonic_increasing
    reached = [mark for mark in found.scale["reached_by"] if mark]
    assert reached == sorted(reached)


def test_borders_are_those_that_marks_show() -> None:
    scores = one(600).scores.dropna()
    assert dict(zip(scores["border"], scores["score"], strict=True)) == {3.0: 3, 4.0: 4, 5.0: 5}


def test_too_few_of_the_cluster_have_no_scale() -> None:
    found = one(99)
    assert found.scale.empty
    assert len(found.groups)


def test_without_marks_the_cluster_makes_thirds() -> None:
    assert list(dict.fromkeys(one(120, marks=False).groups["group"])) == ["low", "middle", "high"]


def test_a_work_without_points_has_classes_and_scores_alone() -> None:
    _, results = pupils(60)
    found = chapters({}, results, ITEMS, "1")["w"]
    assert found.n == 0
    assert found.classes["class"].to_list() == ["7А", "7Б"]
    assert found.scores["n"].sum() == 40
    assert chapters({}, results, ITEMS, "3") == {}
