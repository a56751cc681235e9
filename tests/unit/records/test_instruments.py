"""Task specifications and mark scales: the official numbers."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest

from oko.errors import DataError, SettingError
from oko.records import instruments

ROOT = Path(__file__).parents[3]
# Official descriptions of 2021: greatest score, first score of marks 3, 4, 5, number of tasks.
WORKS = {
    ("mathematics", 5): (20, 7, 11, 15, 16),
    ("mathematics", 6): (16, 6, 10, 14, 13),
    ("mathematics", 7): (19, 7, 12, 16, 16),
    ("mathematics", 8): (25, 8, 15, 21, 20),
    ("physics", 7): (18, 5, 8, 11, 11),
    ("physics", 8): (18, 5, 8, 11, 11),
}


@pytest.mark.parametrize("work", WORKS)
def test_tasks_and_scale_agree_with_the_description(work: tuple[str, int]) -> None:
    most, three, four, five, count = WORKS[work]
    scale = instruments.mark_scale(ROOT, *work)
    assert (scale.max_score, scale.mark_3_from, scale.mark_4_from, scale.mark_5_from) == (most, three, four, five)
    tasks = instruments.tasks(ROOT, *work)
    assert tasks["max_score"].sum() == most
    assert tasks["position"].tolist() == [*range(1, count + 1)]
    assert tasks["item"].is_unique
    marks = instruments.mark_of(range(most + 1), scale)
    expected = [2] * three + [3] * (four - three) + [4] * (five - four) + [5] * (most + 1 - five)
    assert marks.tolist() == expected


@pytest.mark.parametrize("work", WORKS)
def test_reference_facilities_belong_to_the_tasks(work: tuple[str, int]) -> None:
    reference = instruments.reference_facilities(ROOT, *work)
    tasks = instruments.tasks(ROOT, *work).set_index("item")
    assert reference.index.tolist() == tasks.index.tolist()
    assert (reference["max_score"] == tasks["max_score"]).all()
    shares = reference[["facility", "share_zero", "share_full", "share_not_attempted"]]
    assert shares.ge(0).all(axis=None)
    assert shares.le(1).all(axis=None)
    assert (reference["share_not_attempted"] <= reference["share_zero"]).all()
    assert (reference["facility"] >= reference["share_full"] - 1e-3).all()


def test_one_known_task_and_facility() -> None:
    tasks = instruments.tasks(ROOT, "mathematics", 8).set_index("item")
    assert tasks.loc["16.2", ["position", "max_score", "level"]].tolist() == [17, 1, "raised"]
    reference = instruments.reference_facilities(ROOT, "mathematics", 8)
    assert reference.loc["19", "facility"] == pytest.approx(0.0505)
    assert reference.loc["19", "share_not_attempted"] == pytest.approx(0.5055, abs=1e-4)


def test_a_missing_score_has_no_mark_and_the_index_stays() -> None:
    marks = instruments.mark_of(pd.Series([float("nan"), 7.0], index=["a", "b"]), instruments.MarkScale(19, 7, 12, 16))
    assert marks.isna().tolist() == [True, False]
    assert marks["b"] == 3
    assert marks.index.tolist() == ["a", "b"]


@pytest.mark.parametrize("score", [-1, 20])
def test_a_score_outside_the_scale_is_refused(score: float) -> None:
    with pytest.raises(DataError, match=str(score)):
        instruments.mark_of([score], instruments.MarkScale(19, 7, 12, 16))


def test_an_unknown_work_is_named_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"alchemy 7.*physics 8"):
        instruments.tasks(ROOT, "alchemy", 7)
    with pytest.raises(SettingError, match="vpr_tasks_2021"):
        instruments.tasks(tmp_path, "physics", 7)


@pytest.mark.parametrize("path", sorted((ROOT / "data" / "external").glob("*.csv")), ids=lambda path: path.stem)
def test_every_fact_has_a_source_and_a_status(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    assert rows
    assert all(row["source"] and row["status"] for row in rows)
