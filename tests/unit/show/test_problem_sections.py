"""Sections of the self-study and of the study of ways, on small frames."""

from __future__ import annotations

import math

import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from oko import language
from oko.disclosure import Mean, protect
from oko.show import (
    contradictions,
    matrix,
    models_figures,
    models_sections,
    network_sections,
    problem_sections,
    self_study_sections,
    survey_sections,
    task_problem_sections,
)

WORDS = {
    "season": {"spring": "Весна"},
    "subject": {"mathematics": "Математика", "physics": "Физика"},
    "skill": {"charts": "Чтение таблиц, графиков", "proof": "Доказательство"},
    "procedure": {"vpr": "ВПР"},
}


def plain(shown: object) -> str:
    return " ".join(str(shown).replace("\u00a0", " ").replace("\u2060", "").split())


def shared_rows() -> pd.DataFrame:
    row = {
        "season": "spring", "n": 400, "n_items": 4, "facility": 0.5, "expected": 0.55, "logits": -0.3,
        "logits_lower": -0.5, "logits_upper": -0.1, "n_schools": 6, "n_same_side": 6, "at_least": 3,
    }  # fmt: skip
    places = [("mathematics", "charts", "deficit"), ("physics", "charts", "none"), ("physics", "proof", "none")]
    return pd.DataFrame([row | dict(zip(("subject", "skill", "kind"), place, strict=True)) for place in places])


def tasks_of(below: list[float]) -> pd.DataFrame:
    return pd.DataFrame(
        {"season": "spring", "subject": "physics", "logits": below, "logits_upper": [one + 0.1 for one in below],
         "n_schools": 6, "n_same_side": 5, "hidden": False}
    )  # fmt: skip


def test_a_shared_deficit_is_named_and_what_is_not_told_stands_by_subject() -> None:
    with language.used("ru"):
        kept = protect(shared_rows(), keys=[*problem_sections.PLACE, "n_items"], means={"facility": Mean(0, 1)})
        shown = plain(problem_sections.common(kept, pd.DataFrame(), WORDS))
    assert "Чтение таблиц, графиков (математика, весна): решаемость 50 % при ожидаемых 55 %" in shown
    assert "<li>Физика — чтение таблиц, графиков; доказательство.</li>" in shown


def test_too_few_tasks_say_on_how_many_schools_are_below_or_that_on_none() -> None:
    nothing = pd.DataFrame({"season": [], "subject": [], "kind": []})
    with language.used("ru"):
        some = plain(task_problem_sections.same_elsewhere(tasks_of([-0.3, 0.2]), nothing, WORDS))
        none = plain(task_problem_sections.same_elsewhere(tasks_of([0.3]), nothing, WORDS))
    assert "ниже ожидаемого на 1 из 2, из них сверх погрешности — на 1" in some
    assert "ни на одном из них" in none


def test_procedures_of_the_calendar_without_results_are_listed() -> None:
    keys = {"procedure": "vpr", "season": "spring", "pupil_grade": 7}
    held = pd.DataFrame([keys | {"subject": subject, "held": "yes"} for subject in ("mathematics", "physics")])
    with language.used("ru"):
        shown = plain(self_study_sections.not_in_data(held, held.head(1), WORDS))
    assert "ВПР, 7 класс: физика" in shown
    assert "математика" not in shown
    assert str(self_study_sections.not_in_data(held, held, WORDS)) == ""


def test_answers_and_tasks_are_set_side_by_side() -> None:
    rows = pd.DataFrame({"statement": ["b2", "a1"], "n": 80, "agree": 0.3, "agree_lower": 0.2, "agree_upper": 0.4})
    stated = protect(rows, keys=["statement"])
    found = protect(shared_rows(), keys=[*problem_sections.PLACE, "n_items"], means={"facility": Mean(0, 1)})
    kept = self_study_sections.perceived(stated, found)
    assert kept.frame[["statement", "skill", "finding"]].to_numpy().tolist() == [["b2", "charts", "both"]]
    with language.used("ru"):
        shown = plain(self_study_sections.beside(kept, {"b2": "Нахожу умения"}, WORDS))
    assert "«Нахожу умения»: согласны 30 % (95-процентный интервал от 20 % до 40 %, n = 80)" in shown


def test_under_answers_respondents_are_counted_and_not_pupils() -> None:
    rows = pd.DataFrame({"block": ["a", "a"], "school": ["1", "2"], "n": [12, 15], "mean": [3.0, 4.0]})
    kept = protect(rows, keys=["block", "school"], means={"mean": Mean(1, 5)}).frame
    names = ({"a": "Урок"}, {"1": "Школа 1", "2": "Школа 2"}, "Средний ответ", 10)
    with language.used("ru"):
        of_answers = plain(matrix.matrix(kept, "block", "school", "mean", *names, pupils=False))
        of_pupils = plain(matrix.matrix(kept, "block", "school", "mean", *names))
    assert "меньше 10 ответивших" in of_answers
    assert "учеников" not in of_answers
    assert "меньше 10 учеников" in of_pupils


def test_without_answers_it_is_said_once_what_is_needed() -> None:
    nothing = pd.DataFrame(columns=["statement", "school", "role", "answer"])
    blocks = survey_sections.blocks(nothing, named=False, threshold=10)
    with language.used("ru"):
        assert "survey.xlsx" in plain(survey_sections.no_answers())
        assert str(survey_sections.school_blocks(blocks, {}, {}, named=True)) == ""


def test_quality_and_sou_contradict_only_where_the_order_turns_round() -> None:
    rows = pd.DataFrame(
        {"assessment": ["a", "b"], "scope": "cluster", "n": 100, "quality": [0.56, 0.54], "sou": [52.0, 55.0]}
    )
    with language.used("ru"):
        (said,) = contradictions.sou_against_quality(protect(rows, keys=["assessment", "scope"]), {"a": "А", "b": "Б"})
        same = rows.assign(sou=[55.0, 52.0])
        assert contradictions.sou_against_quality(protect(same, keys=["assessment", "scope"]), {}) == []
    assert "«А» выполнена лучше, чем «Б»" in plain(said)
    assert "могут быть случайны" in plain(said)


def test_small_parallels_have_enough_together_and_not_alone() -> None:
    taken = pd.DataFrame(
        [("physics", 11, school, f"{school}-{pupil}", "took") for school in "abcde" for pupil in range(25)],
        columns=["subject", "pupil_grade", "school", "pupil", "status"],
    )
    kept = network_sections.zones(taken, 10)
    with language.used("ru"):
        shown = plain(network_sections.needed(kept, WORDS))
    assert "Физика, 11 класс: меньше 30 учеников в 5 из 5 школ, а вместе их 125" in shown
    assert "не каждой школе, вместе хватает" in shown


def test_the_report_on_the_whole_cluster_counts_its_parallels_not_cells_of_schools() -> None:
    taken = pd.DataFrame(
        [("physics", 11, school, f"{school}-{pupil}", "took") for school in "abcde" for pupil in range(25)],
        columns=["subject", "pupil_grade", "school", "pupil", "status"],
    )
    coverage = protect(pd.DataFrame({"school": list("abcde"), "n": 25}), keys=["school"])
    asked = pd.DataFrame(
        {"question": "?", "report": "!", "least": [10, 100], "of": ["school", "cluster"], "conclusion": "", "never": "",
         "source": "ФИОКО 2026"}
    )  # fmt: skip
    with language.used("en"):
        shown = plain(network_sections.decided(asked, coverage, network_sections.zones(taken, 10), 10))
    assert "5 of 5" in shown
    assert "1 of 1" in shown


def test_a_line_of_a_group_is_broken_where_a_number_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[tuple[list[float], list[int]]] = []
    monkeypatch.setattr(Axes, "plot", lambda self, x, y, **_: drawn.append((list(x), list(y))))
    monkeypatch.setattr(Figure, "legend", lambda *_, **__: None)
    rows = pd.DataFrame({"item": ["1", "2", "3"], "group": "4", "n": 40, "facility": [0.5, float("nan"), 0.7]})
    models_figures.level_curves(rows, ["1", "2", "3"], {}, "work")
    ((x, y),) = drawn
    assert math.isnan(x[1])
    assert y == [0, 1, 2]


def test_tasks_of_two_seasons_are_told_apart_in_the_figure_of_a_skill() -> None:
    row = {"assessment": "a", "item": "6", "subject": "physics", "material_grade": 7, "logits": 0.1}
    row |= {"logits_lower": 0.0, "logits_upper": 0.2}
    rows = pd.DataFrame([row | {"season": "spring"}, row | {"season": "autumn"}])
    words = WORDS | {"season": {"spring": "Весна", "autumn": "Осень"}}
    with language.used("ru"):
        picture = task_problem_sections.skill_figure(rows, "", words, {}, 10)
        alone = task_problem_sections.skill_figure(rows.head(1), "", words, {}, 10)
    assert "Физика 7, весна, зад. 6" in picture.alt
    assert "Физика 7, осень, зад. 6" in picture.alt
    assert "весна" not in alone.alt


def test_a_weaker_group_above_a_stronger_one_is_found_and_works_are_chosen_by_marks() -> None:
    assert models_sections.anomalies(pd.DataFrame({"3": [0.5], "4": [0.4], "5": [0.9]}, index=["7"])) == ["7"]
    taken = pd.DataFrame(
        {"assessment": ["a", "b", "b"], "subject": "physics", "status": "took", "mark": 4, "journal_mark": [4, 5, 4]}
    )
    works = pd.DataFrame({"assessment": ["a", "b"]})
    assert models_sections.chosen(taken, works, {"a": "А", "b": "Б"}) == ["b"]
