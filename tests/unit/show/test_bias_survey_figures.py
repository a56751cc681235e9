"""The pictures of pile-ups and of the questionnaire say what they show, and say where they show nothing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from oko.errors import DataError
from oko.measures import bias, survey
from oko.show import theme
from oko.show.bias_figures import pile_up
from oko.show.survey_figures import diverging

BORDERS = pd.DataFrame({"mark_3_from": [6], "mark_4_from": [10], "mark_5_from": [14]}, index=["w"])
COUNTS = [0, 1, 2, 4, 4, 3, 13, 11, 8, 3, 12, 3, 3, 1, 2, 0, 0]


def scores(counts: list[int]) -> pd.DataFrame:
    pupils = pd.DataFrame({"school": "1", "assessment": "w", "primary_score": range(17), "max_score": 16, "n": counts})
    return bias.pile_ups(pupils, BORDERS, weights="n").scores


def answers() -> pd.DataFrame:
    rows = [("1", r, s, 1 + (r + k) % 5) for r in range(10) for k, s in enumerate(("a1", "a2"))]
    return pd.DataFrame([*rows, ("1", 11, "a3", 5)], columns=["school", "respondent", "statement", "answer"])


def test_a_pile_up_is_told_and_drawn_the_same_twice() -> None:
    small, drawn = theme.Size(3.6, 8, 40), scores(COUNTS)
    one, other = (pile_up(drawn, size=small, mark="учебные данные") for _ in range(2))
    assert one.png == other.png
    assert "Баллы: 70 учеников." in one.alt
    assert "Отметка «4» — с 10 баллов: на границе 12" in one.alt
    assert "повод для самопроверки" in one.caption


def test_few_pupils_are_not_drawn() -> None:
    assert pile_up(scores([0] * 8 + [9] + [0] * 8)).alt == "Учеников меньше 20: распределение не показано."
    with pytest.raises(DataError, match="border"):
        pile_up(scores(COUNTS).drop(columns="border"))


def test_answers_are_told_with_their_statements() -> None:
    found = survey.agreement(answers())
    one = diverging(found, {"a1": "Мне понятно."}, size=theme.Size(3.6, 8, 40), mark="учебные данные")
    told = one.alt.replace("\u00a0", " ")
    assert told.startswith("Мне понятно: согласны 40 %, не согласны 40 %, 10 ответивших; a2: ")
    assert told.endswith("a3: скрыто.")
    assert one.caption.endswith("«Скрыто»: ответило меньше 5 или за одной из долей слишком мало людей.")
    assert "Скрыто" not in diverging(found.head(1)).caption
    with pytest.raises(DataError, match="share_1"):
        diverging(found.drop(columns="share_1"))
    assert diverging(found.head(0)).alt == "Ответов нет: сказать нечего."


def test_neighbouring_answers_differ_in_grey_or_are_edged() -> None:
    from matplotlib.colors import to_rgb

    from oko.show.survey_figures import TONES

    shade = {answer: float(theme.grey(np.array([[to_rgb(tone)]]))[0, 0]) for answer, tone in TONES.items()}
    assert theme.contrast(shade[1], shade[2]) > 1.7
    assert theme.contrast(shade[4], shade[5]) > 1.7
    assert theme.contrast(shade[3], shade[4]) > 1.7
