"""Tasks of a school's work: which differ from the cluster, and what is said where no points stand."""

from __future__ import annotations

import pandas as pd

from oko.show import task_sections


def tasks() -> pd.DataFrame:
    """Two works of two tasks, 40 pupils: in work b one task lies below the cluster."""
    return pd.DataFrame(
        {
            "assessment": ["a", "a", "b", "b"],
            "item": ["1", "2", "1", "2"],
            "label": None,
            "n": [40, 40, 40, 30],
            "facility": [0.5, 0.6, 0.3, 0.7],
            "lower": [0.4, 0.5, 0.2, 0.6],
            "upper": [0.6, 0.7, 0.4, 0.8],
            "cluster_facility": [0.55, 0.55, 0.55, 0.75],
            "share_not_attempted": [0.0, 0.25, 0.1, 0.4],
            "share_not_covered": [0.0, 0.0, 0.0, 0.25],
        }
    )


def said(assessment: str, **changes: object) -> str:
    rows = tasks().assign(**changes)
    return " ".join(task_sections.tasks_said(rows[rows["assessment"] == assessment]))


def test_a_task_apart_from_the_cluster_is_named_and_no_other() -> None:
    assert "Ниже, чем в кластере (кластер вне интервала школы): задание 1." in said("b")
    assert "Ни в одном задании" in said("a")
    assert "вне интервала" not in said("b", n=9)


def test_what_was_not_attempted_and_what_was_not_taught_are_two_sentences() -> None:
    first, second = said("b"), said("a")
    assert "Часто не приступали, это считается как ноль баллов: задание 2 (40" in first
    assert "Тему ещё не проходили, и эти ученики не входят в решаемость: задание 2 (25" in first
    assert "Часто не приступали, это считается как ноль баллов: задание 2 (25" in second
    assert "Тему ещё не проходили" not in second
