"""Thresholds of an analysis are read with their source."""

from pathlib import Path

from oko.records.thresholds import facility_thresholds, fewest_pupils

ROOT = Path(__file__).parents[3]


def test_levels_have_a_span_of_doubt_and_a_source() -> None:
    found = facility_thresholds(ROOT)
    assert found.index.to_list() == ["basic", "raised", "high"]
    assert found.loc["basic", ["insufficient_below", "sufficient_from"]].to_list() == [0.57, 0.6]
    assert (found["insufficient_below"] < found["sufficient_from"]).all()
    assert found["source"].str.contains("ФИОКО").all()


def test_a_histogram_needs_more_pupils_than_a_group() -> None:
    found = fewest_pupils(ROOT)["sufficient_from"]
    assert (found["histogram"], found["group"]) == (50, 10)
