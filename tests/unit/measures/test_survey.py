"""The questionnaire: shares by hand, small groups, poor and wrong answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from oko.errors import MeasureError
from oko.measures import survey

PAIR = pd.DataFrame({"statement": ["a1"], "indicator": ["x"]})
RESULT = pd.DataFrame({"indicator": ["x"], "value": [0.5], "lower": [0.4], "upper": [0.6]})
BY_SCHOOL = pd.DataFrame({"school": ["300"], "statement": "a1", "agree": 0.5, "agree_lower": 0.4, "agree_upper": 0.6})


def codes(found: pd.DataFrame) -> set[str]:
    return {each.code for each in found.attrs["statements"]}


def answers(schools: int = 7, n: int = 12, year: str = "2020-2021", level: float = 3.4, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for place in range(schools):
        middle = level + rng.normal(0, 0.3)
        for respondent in range(n):
            own = middle + rng.normal(0, 0.5)
            for statement in ("a1", "a2", "b1", "b2"):
                answer = int(np.clip(round(own + rng.normal(0, 0.7)), 1, 5))
                rows.append(("self", year, str(300 + place), "teacher", respondent, statement, answer))
    return pd.DataFrame(rows, columns=["form", "year", "school", "role", "respondent", "statement", "answer"])


def test_agreement_by_hand() -> None:
    one = pd.DataFrame({"school": "1", "respondent": range(6), "statement": "a1", "answer": [1, 2, 3, 4, 5, None]})
    found = survey.agreement(one).iloc[0]
    assert found[["n", "agree", "disagree", "mean", "share_3"]].astype(float).tolist() == [5, 0.4, 0.4, 3, 0.2]
    # Wilson's interval of 2 of 5, by the formula's printed example of R's prop.test without correction
    assert found[["agree_lower", "agree_upper"]].astype(float).tolist() == pytest.approx([0.1176, 0.7693], abs=1e-4)


def test_schools_that_answer_alike_widen_the_interval() -> None:
    rows = [(str(s), r, "a1", 5 if s < 3 else 1) for s in range(6) for r in range(10)]
    alike = pd.DataFrame(rows, columns=["school", "respondent", "statement", "answer"])
    mixed = alike.assign(answer=np.where(np.arange(60) % 2, 5, 1))
    wide, narrow = survey.agreement(alike).iloc[0], survey.agreement(mixed).iloc[0]
    assert wide["agree"] == narrow["agree"] == 0.5
    assert wide["agree_upper"] - wide["agree_lower"] > 2 * (narrow["agree_upper"] - narrow["agree_lower"])
    assert codes(survey.agreement(alike)) == {"survey_few_schools"}


def test_small_groups_are_hidden() -> None:
    rows = answers(2, 6)
    rows.loc[(rows["school"] == "300") & (rows["respondent"] > 3), "role"] = "principal"
    found = survey.agreement(rows, ["school", "role"])
    small = found["n"] < 5
    assert small.any()
    assert not small.all()
    assert found.loc[small, "hidden"].all()
    assert (
        found.loc[small].drop(columns=["school", "role", "statement", "n", "schools", "hidden"]).isna().all(axis=None)
    )
    assert "survey_hidden" in codes(found)


def test_change_is_of_schools_that_answered_twice() -> None:
    both = pd.concat([answers(6, year="2018-2019", level=2.8), answers(7, seed=2)])
    found = survey.change(both, "2018-2019", "2020-2021")
    assert (found["schools"] == 6).all()
    assert {"survey_not_linked", "survey_one_year_only", "survey_few_schools"} == codes(found)
    assert (found["mean_change_lower"] < found["mean_change"]).all()
    assert (found["p_adjusted"] >= found["p"]).all()
    turned = survey.change(both, "2020-2021", "2018-2019")
    assert turned["mean_change"].tolist() == pytest.approx((-found["mean_change"]).tolist())


def test_equal_answers_and_single_schools_give_no_certainty() -> None:
    equal = pd.concat([answers(3, year="a"), answers(3, year="b")]).assign(answer=4)
    found = survey.change(equal, "a", "b")
    assert (found["mean_change"] == 0).all()
    assert found["mean_change_lower"].isna().all()
    assert found["p"].isna().all()
    late = equal[equal["year"] == "b"]
    assert codes(survey.reliability(late)) == {"survey_no_alpha"}
    assert codes(survey.profiles(late)) == {"survey_not_shrunken"}
    single = survey.profiles(answers(1))
    assert single["shrunken"].isna().all()
    assert single["mean"].notna().all()


def test_profiles_are_shrunken_and_hide_small_schools() -> None:
    rows = answers(7, 10)
    few = rows[(rows["school"] != "300") | (rows["respondent"] < 4)]
    found = survey.profiles(few).set_index(["block", "school"])
    assert found.loc[("a", "300"), "hidden"]
    assert np.isnan(found.loc[("a", "300"), "shrunken"])
    shown = found[~found["hidden"]].loc["a"]
    assert shown["shrunken"].max() - shown["shrunken"].min() <= shown["mean"].max() - shown["mean"].min()
    assert found.index.get_level_values("school").tolist()[:7] == sorted(set(rows["school"]))
    named_so = survey.profiles(rows, {"a1": "x", "a2": "x", "b1": "x", "b2": "x"})
    assert set(named_so["block"]) == {"x"}


def test_common_problems_count_schools() -> None:
    rows = [(str(s), r, "a1", 1 if s < 6 else 5) for s in range(7) for r in range(8)]
    table = pd.DataFrame(rows, columns=["school", "respondent", "statement", "answer"])
    found = survey.common_problems(table).iloc[0]
    assert found[["n_schools", "n_below", "n_surely_below"]].tolist() == [7, 6, 6]
    assert found[["common", "surely_common"]].tolist() == [True, False]
    # Wilson's interval of 6 of 7
    assert [found["lower"], found["upper"]] == pytest.approx([0.4869, 0.9743], abs=1e-4)


def test_statements_beside_results() -> None:
    stated = pd.DataFrame(
        {"statement": ["a", "b", "c", "d"], "agree": [0.2, 0.8, 0.3, 0.5], "agree_lower": [0.1, 0.7, 0.2, 0.3],
         "agree_upper": [0.3, 0.9, 0.4, 0.7]}
    )  # fmt: skip
    results = pd.DataFrame({"indicator": ["x", "y"], "value": [0.4, 0.9], "lower": [0.3, 0.8], "upper": [0.5, 0.95]})
    pairs = pd.DataFrame({"statement": ["a", "b", "c", "d", "b", "e"], "indicator": ["x", "x", "y", "x", "y", "x"]})
    found = survey.beside_results(stated, pairs, results)
    assert found["finding"].tolist() == ["both", "results", "survey", "unclear", "neither", "unknown"]
    assert codes(found) == {"survey_nothing_beside"}
    by_school = survey.beside_results(stated.assign(school="1"), pairs, results.assign(school="2"), "school")
    assert (by_school["finding"] == "unknown").all()


@pytest.mark.parametrize("rows", [answers().head(0), answers().assign(answer=pd.NA)])
def test_no_answers_are_said(rows: pd.DataFrame) -> None:
    for measure in (survey.agreement, survey.profiles, survey.reliability):
        found = measure(rows)
        assert len(found) == 0
        assert codes(found) == {"survey_no_answers"}
    assert len(survey.common_problems(rows)) == 0


def test_labels_of_any_kind() -> None:
    rows = answers()
    plain = survey.agreement(rows, "school")
    other = survey.agreement(rows.astype({"school": "category", "statement": "category", "answer": "Int64"}), "school")
    assert other["agree"].tolist() == plain["agree"].tolist()
    whole = rows.astype({"school": int})
    assert survey.profiles(whole)["shrunken"].tolist() == pytest.approx(survey.profiles(rows)["shrunken"].tolist())
    assert survey.reliability(rows.astype({"statement": "category"})).equals(survey.reliability(rows))
    assert len(survey.profiles(rows.astype({"school": "category", "statement": "category"}))) == 14


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: survey.agreement(None), "DataFrame"),
        (lambda: survey.agreement(answers().drop(columns="answer")), "answer"),
        (lambda: survey.agreement(answers().assign(answer=6)), "6"),
        (lambda: survey.agreement(answers().assign(answer="да")), "answer"),
        (lambda: survey.agreement(pd.concat([answers(), answers()])), "дважды"),
        (lambda: survey.agreement(answers(), threshold=0), "0"),
        (lambda: survey.agreement(pd.concat([answers(), answers()[["answer"]]], axis=1)), "стоит в ответах дважды"),
        (lambda: survey.agreement(answers().assign(school=[1, *["2"] * (len(answers()) - 1)])), "и числа, и текст"),
        (
            lambda: survey.beside_results(BY_SCHOOL, PAIR, RESULT.assign(school="300", value=40.0), "school"),
            "нужны доли",
        ),
        (lambda: survey.change(answers(), "2020-2021", "2020-2021"), "два разных"),
        (lambda: survey.change(answers(), "2018-2019", "2020-2021"), "2018-2019"),
        (lambda: survey.profiles(pd.concat([answers(), answers(year="x")])), "нескольким годам"),
        (lambda: survey.profiles(answers(), {"a1": "x"}), "блок"),
        (lambda: survey.common_problems(answers(), cut=1.5), "1.5"),
        (lambda: survey.beside_results(survey.agreement(answers()), pd.DataFrame(), pd.DataFrame()), "indicator"),
        (lambda: survey.beside_results(BY_SCHOOL, PAIR, RESULT.assign(school=300), "school"), "school"),
    ],
)
def test_wrong_input_is_named(call: Any, words: str) -> None:
    with pytest.raises(MeasureError, match=words):
        call()


def test_a_statement_is_compared_in_schools_that_answered_it_in_both_years() -> None:
    rows = [(s, y, r, q, 2 + s) for s in range(3) for y in ("x", "y") for r in range(6) for q in ("a1", "a2")]
    told = pd.DataFrame(rows, columns=["school", "year", "respondent", "statement", "answer"])
    left = ~((told["school"] == 2) & (told["year"] == "y") & (told["statement"] == "a1"))
    found = survey.change(told[left], "x", "y").set_index("statement")
    assert found["mean_change"].tolist() == [0.0, 0.0]  # with the third school in one year alone it would be -0.5
    assert found.loc["a1", ["n_first", "n_second", "schools"]].tolist() == [12, 12, 2]
