"""A chapter on one work: its words follow the data, and small groups are not drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from oko.language import used
from oko.measures.chapters import Chapter
from oko.show import subject_repeat, subject_sections
from oko.show.subject_figures import scores_and_scale, tasks_and_groups

GROUPS = pd.DataFrame({
    "item": ["1", "1", "2", "2"], "group": ["3", "4"] * 2, "n": [20, 30] * 2, "facility": [0.4, 0.7, 0.6, 0.5],
    "lower": 0.3, "upper": 0.8,
})  # fmt: skip
TASKS = pd.DataFrame({
    "assessment": "w", "item": ["1", "2"], "label": ["Part", ""], "level": "basic", "n": 50, "facility": [0.58, 0.54],
    "lower": [0.5, 0.4], "upper": [0.66, 0.6], "cluster_facility": [0.6, 0.5], "expected": [0.6, np.nan],
    "insufficient_below": 0.57, "sufficient_from": 0.6, "share_not_attempted": 0.0, "share_not_covered": 0.0,
})  # fmt: skip
REPEAT = pd.DataFrame({
    "scope": ["skill", "task"], "unit": ["spring-physics", "w"], "target": ["charts", "2"],
    "reason": ["below_expected", "below_threshold"], "certainty": ["certain", "certain"], "n": [120, 50],
    "n_items": [4, 1], "facility": [0.5, 0.4], "lower": [np.nan, 0.3], "upper": [np.nan, 0.5], "expected": [0.6, np.nan],
    "limit": [np.nan, 0.57],
})  # fmt: skip


def chapter(lower: float = -0.1, n: int = 50) -> Chapter:
    anomalies = pd.DataFrame({
        "item": ["2"], "weaker": ["3"], "stronger": ["4"], "difference": [0.1], "lower": [lower], "upper": [0.3],
    })  # fmt: skip
    classes = pd.DataFrame({
        "class": ["7А", "7Б"], "n": 25, "mean_score": [9.0, 14.0], "mean_score_lower": [8.0, 12.0],
        "mean_score_upper": [10.0, 16.0],
    })  # fmt: skip
    scores = pd.DataFrame(
        {"score": range(5), "n": [0, n // 2, n - n // 2, 0, 0], "border": [np.nan, np.nan, 3, np.nan, 4]}
    )
    scale = pd.DataFrame({
        "item": ["1", "2"], "points": 1.0, "threshold": [-0.5, 2.0], "whole": True, "reached_by": ["3", ""],
    })  # fmt: skip
    levels = pd.DataFrame({"group": ["3", "4"], "n": [20, 30], "ability": [-0.4, 0.9]})
    persons = pd.DataFrame({"lower": [-1.0, 0.0], "upper": [0.0, 1.0], "n": [200.0, 300.0], "own": [20, 30]})
    return Chapter("w", n, 500, GROUPS, anomalies, classes, scores, scale, levels, persons)


def written(found: Chapter) -> str:
    with used("en"):
        return str(subject_sections.chapter(found, "Work", TASKS, REPEAT[REPEAT["unit"] == "w"], {}))


def test_a_chapter_says_what_its_data_show() -> None:
    text = written(chapter())
    assert "Below the threshold of the level with the whole interval: 2" in text
    assert "no anomaly" in text
    assert "“3” (20 pupils here): task 1" in text
    assert "only the strongest: task 2" in text
    assert "Apart beyond the error: class 7А" in text


def test_an_anomaly_beyond_the_error_is_named() -> None:
    assert "An anomaly" in written(chapter(lower=0.02))


def test_what_to_repeat_has_reason_and_certainty() -> None:
    with used("en"):
        text = str(subject_repeat.repeat(REPEAT, {"w": "Work"}, {}, {"charts": "Charts"}, TASKS))
        nothing = str(subject_repeat.repeat(REPEAT.head(0), {"w": "Work"}, {}, {}, TASKS))
    assert "Charts (spring-physics): facility 50.0" in text
    assert "This is certain" in text
    assert "with a threshold of 57.0" in text
    assert "nothing to repeat can be named" in nothing


@pytest.mark.parametrize("n", [0, 19, 50])
def test_a_histogram_needs_twenty_pupils(n: int) -> None:
    found = chapter(n=n)
    with used("en"):
        picture = scores_and_scale(found.scores, found.persons.head(0), found.scale, found.levels)
    assert ("is not drawn" in picture.alt) == (n < 20)


def test_a_caption_names_borders_of_marks_only_where_they_are_drawn() -> None:
    found = chapter(n=50)
    with used("en"):
        marked, bare = (
            scores_and_scale(scores, found.persons.head(0), found.scale, found.levels).caption
            for scores in (found.scores.assign(border=3), found.scores.assign(border=None))
        )
    assert "dashed lines are where marks begin" in marked
    assert "dashed" not in bare


def test_the_figure_of_tasks_has_one_sentence_with_interval_and_n() -> None:
    with used("en"):
        picture = tasks_and_groups(TASKS, GROUPS)
        few = tasks_and_groups(TASKS, GROUPS.assign(n=3))
    assert "50 pupils: the lowest is that of task 2" in picture.alt
    assert "lines should not cross" in picture.caption
    assert "lines should not cross" not in few.caption
