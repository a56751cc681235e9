"""Tasks of a school's page: what is drawn, and what is said where no points stand."""

from __future__ import annotations

import pandas as pd

from oko.show import task_sections

TITLES = {"b": "Вторая работа", "a": "Первая работа"}


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


def test_works_with_a_difference_are_drawn_whole() -> None:
    assert task_sections.drawn(tasks())["assessment"].tolist() == ["b", "b"]
    few = tasks().assign(n=9)
    assert task_sections.drawn(few).empty
    assert task_sections.drawn(tasks().iloc[:2]).empty


def test_what_was_not_attempted_and_what_was_not_taught_are_two_sentences_in_the_titles_order() -> None:
    page = str(task_sections.facility(tasks(), TITLES, {}))
    assert page.index("Вторая работа") < page.index("Первая работа")
    first, second = page.split("Первая работа")
    assert "Часто не приступали, это считается как ноль баллов: задание 2 (40" in first
    assert "Тему ещё не проходили, и эти ученики не входят в решаемость: задание 2 (25" in first
    assert "Часто не приступали, это считается как ноль баллов: задание 2 (25" in second
    assert "Тему ещё не проходили" not in second
