"""Sentences carry the numbers they were given, in right Russian, and say when there is too little."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import protected_rows
import said.bias
import said.dif
import said.equating
import said.evidence
import said.factors
import said.growth
import said.impact
import said.irt
import said.items
import said.raters
import said.schools
import said.survey
import said.zones
from oko import measures
from oko.language import used
from oko.measures.statement import Statement
from oko.show import sentences, statements

ROW: dict[str, Any] = {
    "n": 121, "classes": 5, "interval": "clustered", "quality": 0.524, "quality_lower": 0.481, "quality_upper": 0.567,
    "pass_rate": 0.9, "pass_rate_lower": 0.87, "pass_rate_upper": 0.93,
    "mean_score": 10.4, "mean_score_lower": 10.1, "mean_score_upper": 10.75,
}  # fmt: skip
SCHOOLS = pd.DataFrame(
    {"n": [90, 40, 50], "residual": [0.4, -0.8, float("nan")], "lower": [-0.1, -1.2, float("nan")], "upper": [0.9, -0.4, float("nan")]},
    index=pd.Index(["498", "527", "512"], name="school"),
)  # fmt: skip
EXAMPLES = {
    "link_missing": {},
    "few_schools": {"n_schools": 7, "df": 6}, "boundary": {"component": "school"}, "dropped_rows": {"n_dropped": 22},
    "not_converged": {"gradient_norm": 0.1}, "slope_needs_schools": {"n_schools": 7, "needed": 20},
    "not_estimated": {"message": "Мало школ."},
    **said.items.EXAMPLES, **said.irt.EXAMPLES, **said.dif.EXAMPLES,
    **said.factors.EXAMPLES, **said.raters.EXAMPLES, **said.equating.EXAMPLES,
    **said.schools.EXAMPLES, **said.growth.EXAMPLES, **said.impact.EXAMPLES, **said.evidence.EXAMPLES,
    **said.bias.EXAMPLES, **said.survey.EXAMPLES, **said.zones.EXAMPLES,
}  # fmt: skip


def plain(text: object) -> str:
    return " ".join(text if isinstance(text, tuple) else [str(text)]).replace("\u00a0", " ")


def test_marks_in_words() -> None:
    said = plain(sentences.marks(ROW))
    assert said.startswith("Работу написал 121 ученик.")
    assert "Качество (доля отметок «4» и «5») — 52 %, с вероятностью 95 % между 48 % и 57 %." in said
    assert "Средний балл — 10,40, с вероятностью 95 % между 10,10 и 10,75." in said


@pytest.mark.parametrize(
    ("n", "words"),
    [
        (1, "написал 1 ученик"),
        (2, "написали 2 ученика"),
        (5, "написали 5 учеников"),
        (11, "написали 11 учеников"),
        (21, "написал 21 ученик"),
    ],
)
def test_pupils_are_counted_in_russian(n: int, words: str) -> None:
    assert words in plain(sentences.marks({**ROW, "n": n}))


def test_too_few_pupils_get_no_shares() -> None:
    said = plain(sentences.marks({**ROW, "n": 9}))
    assert "Это меньше 10: доли и средние не приводятся." in said
    assert "52" not in said


@pytest.mark.parametrize("row", [{**ROW, "n": float("nan")}, {**ROW, "hidden": True}])
def test_a_hidden_row_says_why(row: dict[str, Any]) -> None:
    said = plain(sentences.marks(row))
    assert said.startswith("Результаты скрыты: учеников меньше 10")
    assert not re.search("52|121", said)


def protected(school: str) -> str:
    rows = {row["school"]: row for row in protected_rows.marks().to_dict("records")}
    return plain(sentences.marks(rows[school]))


def test_bounds_are_said_in_words() -> None:
    assert "Качество (доля отметок «4» и «5») — не меньше 95 %; точная доля не показывается." in protected("498")
    assert "Качество (доля отметок «4» и «5») — не больше 5 %; точная доля не показывается." in protected("527")
    with used("en"):
        assert "Quality (share of marks 4 and 5) is at least 95%; the exact share is not shown." in protected("498")


def test_what_is_hidden_singly_is_named_and_the_rest_is_said() -> None:
    said = protected("329")
    assert "Качество (доля отметок «4» и «5») — 63 %" in said
    assert "Скрыто, чтобы нельзя было узнать об отдельных учениках: успеваемость (доля" in said
    said = protected("639")
    assert said.startswith("Число писавших скрыто. Средний балл — 10,48")
    assert "Качество" not in said
    assert "67" not in said


def test_a_number_without_an_interval_says_so() -> None:
    said = plain(sentences.marks({**ROW, "quality_lower": float("nan"), "quality_upper": float("nan")}))
    assert "Качество (доля отметок «4» и «5») — 52 %; интервал не показывается." in said


def test_intervals_are_explained_only_where_one_is_given() -> None:
    assert "Интервалы учитывают" in plain(sentences.marks(ROW))
    bounded = {**ROW, "bounded": "quality pass_rate", "hidden_cells": "mean_score"}
    assert "Интервалы" not in plain(sentences.marks(bounded))


def test_tasks_with_bounds_and_hidden_ones() -> None:
    said = plain(sentences.facility(protected_rows.tasks(), 1))
    assert "задание 3.2 (Задача) — не больше 2 %, n = 43." in said
    assert "задание 1 (Задача) — не меньше 98 %, n = 43." in said
    assert "Решаемость некоторых заданий скрыта; здесь они не названы." in said


def test_value_added_with_a_hidden_count_or_interval() -> None:
    rows = SCHOOLS.assign(n=float("nan"), hidden_cells="n")
    assert "+0,40 балла, с вероятностью 95 % между −0,10 и 0,90 (n = скрыто)" in plain(
        statements.added(rows, "498", "Г")
    )
    said = plain(statements.added(SCHOOLS.assign(lower=float("nan"), hidden_cells="lower"), "498", "Г"))
    assert "интервал скрыт" in said
    assert "слишком мало" not in said
    assert "числа нет" in plain(statements.added(SCHOOLS.assign(hidden_cells="residual"), "498", "Г"))


def test_coverage_says_a_bound_in_its_sign_and_hides_what_is_hidden() -> None:
    row = {"n": 41, "absent": 2, "share_absent": 0.05, "hidden_cells": "", "bounded": "share_absent"}
    assert plain(sentences.coverage(row)) == "Работу написал 41 ученик, отсутствовали 2 (≤ 5 %)."
    hidden = {**row, "absent": float("nan"), "hidden_cells": "absent"}
    assert plain(sentences.coverage(hidden)) == "Работу написал 41 ученик."
    assert "меньше 12" in sentences.coverage({"n": None}, 12)


def test_no_results_and_no_marks() -> None:
    assert sentences.marks({**ROW, "n": 0}) == ("Результатов нет.",)
    without = {**ROW, "quality": float("nan"), "pass_rate": float("nan")}
    assert "Качество" not in plain(sentences.marks(without))


def test_value_added_of_one_school() -> None:
    said = plain(statements.added(SCHOOLS, "498", "Гимназия № 498"))
    assert "+0,40 балла, с вероятностью 95 % между −0,10 и 0,90 (n = 90). От нуля оно неотличимо." in said
    assert "ниже ожидаемых" in plain(statements.added(SCHOOLS, "527", "Школа", "sd"))
    assert "стандартного отклонения" in plain(statements.added(SCHOOLS, "527", "Школа", "sd"))


def test_a_difference_without_an_interval_is_not_told_from_chance() -> None:
    said = plain(statements.added(SCHOOLS.assign(lower=float("nan"), upper=float("nan")), "498", "Гимназия № 498"))
    assert said == (
        "Гимназия № 498: отклонение от ожидаемого по прежним результатам — +0,40 балла (n = 90); школ слишком мало для "
        "интервала, поэтому от случайности его не отличить."
    )


@pytest.mark.parametrize("school", ["512", "999"])
def test_a_school_without_a_number_gets_a_sentence(school: str) -> None:
    assert "числа нет" in plain(statements.added(SCHOOLS, school, "Школа"))


def test_told_apart() -> None:
    assert plain(statements.told_apart(SCHOOLS)) == "Отклонение от ожидаемого отличимо от нуля у 1 из 2 школ."
    assert "у каждой из 1 школы" in plain(statements.told_apart(SCHOOLS.iloc[:1]))
    assert plain(statements.told_apart(SCHOOLS.iloc[:0])) == "Ни у одной школы числа нет."


def test_few_schools_in_words() -> None:
    said = plain(sentences.words(Statement("few_schools", EXAMPLES["few_schools"])))
    assert (
        said
        == "Всего 7 школ: дисперсия между школами оценена по 6 степеням свободы и сама известна лишь приблизительно."
    )


def codes_in_measures() -> set[str]:
    found = set()
    for path in Path(measures.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Statement" and node.args:
                assert isinstance(node.args[0], ast.Constant), f"{path.name}: a code that is not a constant"
                found.add(str(node.args[0].value))
    return found


def test_every_code_of_the_measures_has_its_sentence() -> None:
    assert codes_in_measures() == set(statements.SENTENCES) == set(EXAMPLES)


@pytest.mark.parametrize("code", EXAMPLES)
def test_statements_are_sentences_in_both_languages(code: str) -> None:
    said = sentences.words(Statement(code, EXAMPLES[code]))
    assert said.endswith(".")
    assert "{" not in said
    with used("en"):
        english = sentences.words(Statement(code, EXAMPLES[code]))
    assert english != said
    assert re.findall(r"\d+", said) == re.findall(r"\d+", english)


def test_an_unknown_code_is_an_error() -> None:
    with pytest.raises(KeyError):
        sentences.words(Statement("nonesuch"))


def test_facility_names_the_ends_in_numbers() -> None:
    tasks = pd.DataFrame(
        {
            "n": [50, 50, 9, 50, 50],
            "facility": [0.9, 0.2, 0.01, 0.5, 0.6],
            "lower": 0.1,
            "upper": 0.95,
            "label": ["а", "б", "в", "г", None],
        },
        index=pd.Index(["1", "2", "3", "4.1", "5"], name="item"),
    )
    said = plain(sentences.facility(tasks))
    assert "Самая низкая решаемость: задание 2 (б) — 20 %" in said
    assert "Самая высокая решаемость: задание 1 (а) — 90 %" in said
    assert "задание 3" not in said
    assert sentences.facility(tasks.iloc[:2]) == ()


def test_autumn_2020_is_not_growth() -> None:
    assert any("как рост нельзя" in text for text in sentences.caveats({"season": "autumn", "year": "2020-2021"}))
    assert sentences.caveats({"season": "autumn", "year": "2019-2020"}) == ()


@pytest.mark.parametrize("word", ["повлия", "приве", "улучши", "ухудши", "лучше", "хуже", "рейтинг"])
def test_no_causal_words_and_no_ranking(word: str) -> None:
    catalogue = (Path(statements.__file__).parents[1] / "locale" / "ru" / "show.po").read_text(encoding="utf-8")
    text = catalogue.replace("не приводятся", "")
    assert word not in text


def test_prose_and_frame_hold_the_same_numbers() -> None:
    said = plain(sentences.marks(ROW))
    numbers = {float(text.replace(",", ".")) for text in re.findall(r"\d+(?:,\d+)?", said)}
    given = {round(100 * value) for name, value in ROW.items() if isinstance(value, float) and value <= 1}
    given |= {121, 95, 3, 4, 5, 10.4, 10.1, 10.75}
    assert numbers <= given
