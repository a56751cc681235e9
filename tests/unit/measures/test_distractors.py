"""Options of multiple-choice items: by hand, under changes that must change nothing, and with poor or wrong data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from oko.errors import MeasureError
from oko.measures.intervals import wilson
from oko.measures.items import distractors, option_curves

KEY = {"1": "A", "2": "B", "3": "C", "4": "D"}


def answers(n: int = 120, empty: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(8)
    ability = rng.normal(size=n)
    drawn = {
        item: np.where(rng.normal(size=n) < ability, right, rng.choice(list("ABCD"), n)) for item, right in KEY.items()
    }
    table = pd.DataFrame(drawn)
    return table.mask(rng.random(table.shape) < empty)


def right(table: pd.DataFrame) -> pd.DataFrame:
    return (table == pd.Series(KEY)).astype(float)


def codes(rows: pd.DataFrame) -> dict[str, Any]:
    return {statement.code: dict(statement.values) for statement in rows.attrs["statements"]}


def test_by_definition() -> None:
    table = answers()
    total, points = right(table).sum(axis=1), right(table)
    rows = distractors(table, KEY)
    assert rows.index.names == ["item", "option"]
    for (item, option), row in rows.iterrows():
        chosen = table[item] == option
        assert (row["n"], row["share"]) == (chosen.sum(), chosen.mean())
        assert row["mean_total"] == pytest.approx(total[chosen].mean())
        assert row["point_biserial"] == pytest.approx(chosen.astype(float).corr(total))
        assert row["point_biserial_rest"] == pytest.approx(chosen.astype(float).corr(total - points[item]))
        assert row["is_key"] == (KEY[item] == option)
    assert rows["n"].groupby("item").sum().tolist() == [120] * 4
    assert rows["n"].dtype == np.int64
    assert rows.attrs["statements"] == ()


def test_points_of_the_whole_work_take_the_place_of_right_answers() -> None:
    table = answers(empty=0.1)
    more = pd.Series(np.random.default_rng(4).integers(0, 4, len(table)) * 1.0, table.index)
    points = right(table).assign(**{"9": more})
    rows = distractors(table, KEY, not_attempted=table.isna(), scores=points)
    for (item, option), row in rows.iterrows():
        chosen = table[item].isna() if pd.isna(option) else table[item] == option
        assert row["mean_total"] == pytest.approx(points[chosen].sum(axis=1).mean())
        rest = points.drop(columns=item).sum(axis=1)
        assert row["point_biserial_rest"] == pytest.approx(chosen.astype(float).corr(rest))
    own = distractors(table, KEY, not_attempted=table.isna(), scores=right(table))
    pd.testing.assert_frame_equal(own, distractors(table, KEY, not_attempted=table.isna()))
    for wrong in (points.drop(columns="1"), points.iloc[1:]):
        with pytest.raises(MeasureError):
            distractors(table, KEY, scores=wrong)


def test_order_and_names_change_nothing() -> None:
    table = answers(empty=0.1)
    expected = distractors(table, KEY)
    shuffled = distractors(table.sample(frac=1, random_state=1)[["3", "1", "4", "2"]], pd.Series(KEY))
    pd.testing.assert_frame_equal(shuffled.loc[["1", "2", "3", "4"]], expected, rtol=1e-12)
    numbers = {"A": 1, "B": 2, "C": 3, "D": 4}
    coded = distractors(
        table.replace(numbers).infer_objects().astype(float), {item: numbers[o] for item, o in KEY.items()}
    )
    np.testing.assert_allclose(coded.drop(columns="is_key"), expected.drop(columns="is_key"), rtol=1e-12)
    assert coded.loc["1"].index.tolist() == [1, 2, 3, 4]
    as_categories = distractors(table.astype("category"), KEY)
    pd.testing.assert_frame_equal(as_categories, expected)


def test_weights_are_repeated_rows() -> None:
    table = answers(empty=0.1)
    repeats = np.arange(len(table)) % 3
    # An option that only a row of weight 0 chose was chosen by nobody.
    table.loc[0, "1"] = "Z"
    mask = table.isna() & (np.arange(len(table)) % 2 == 0)[:, None]
    repeated = table.index.repeat(repeats)
    expected = distractors(table.loc[repeated].reset_index(drop=True), KEY, None, mask.loc[repeated].to_numpy())
    found = distractors(table, KEY, repeats, mask)
    pd.testing.assert_frame_equal(found, expected, rtol=1e-12)
    assert found.attrs["statements"] == expected.attrs["statements"]
    by_name = distractors(table.assign(pupils=repeats), KEY, "pupils", mask)
    pd.testing.assert_frame_equal(by_name, expected, rtol=1e-12)
    curves = option_curves(table, KEY, 3, repeats, mask)
    of_repeated = option_curves(table.loc[repeated].reset_index(drop=True), KEY, 3, None, mask.loc[repeated].to_numpy())
    pd.testing.assert_frame_equal(curves, of_repeated, rtol=1e-12)


def test_an_omission_is_a_row_and_a_task_not_given_is_none() -> None:
    table = answers(empty=0.2).dropna(how="all", ignore_index=True)
    not_given = distractors(table, KEY)
    assert not_given["n"].groupby("item").sum().tolist() == table.notna().sum().tolist()
    assert "distractor_empty_not_given" in codes(not_given)
    given = table.notna()
    total = 4 * right(table).where(given).mean(axis=1)
    row = not_given.loc[("1", "A")]
    chosen = (table["1"] == "A").astype(float).where(given["1"])
    assert row["point_biserial"] == pytest.approx(chosen.corr(total))
    assert row["share"] == pytest.approx(chosen.mean())
    omitted = distractors(table, KEY, not_attempted=table.isna())
    assert omitted["n"].groupby("item").sum().tolist() == [len(table)] * 4
    last = omitted.loc["1"].iloc[-1]
    assert last["n"] == table["1"].isna().sum()
    assert pd.isna(omitted.index[omitted.index.get_level_values("item") == "1"][-1][1])
    assert last["point_biserial"] == pytest.approx(table["1"].isna().astype(float).corr(right(table).sum(axis=1)))
    assert codes(omitted) == {}
    assert codes(not_given)["distractor_scaled"] == {"n": int(table.isna().any(axis=1).sum())}


def test_an_answer_marked_as_not_attempted_is_named() -> None:
    mask = np.zeros((120, 4), dtype=bool)
    mask[:3, 0] = True
    found = distractors(answers(), KEY, not_attempted=mask)
    assert codes(found)["item_points_not_attempted"] == {"cells": 3}
    assert found.loc["1"].iloc[-1]["n"] == 3


def test_an_option_nobody_chose() -> None:
    found = distractors(answers(), KEY, options=["E", "A", "B", "C", "D"])
    assert found.loc["1"].index.tolist() == ["E", "A", "B", "C", "D"]
    assert found.loc[("1", "E"), ["n", "share"]].tolist() == [0, 0]
    assert found.loc[("1", "E"), ["mean_total", "point_biserial"]].isna().all()
    said = [s for s in found.attrs["statements"] if s.code == "distractor_unchosen"]
    assert [dict(s.values) for s in said] == [{"item": item, "options": ("E",)} for item in KEY]
    own = distractors(answers(), KEY, options={**dict.fromkeys("123", "ABCD"), "4": "ABCDE"})
    assert codes(own)["distractor_unchosen"] == {"item": "4", "options": ("E",)}


def test_a_wrong_key_is_seen() -> None:
    table = answers(400)
    wrong = {**KEY, "1": "C"}
    said = distractors(table, wrong).attrs["statements"]
    above = [s.values["option"] for s in said if s.code == "distractor_above_key" and s.values["item"] == "1"]
    assert above == ["A"]
    assert {s.code for s in said if s.values.get("item") == "1"} == {"distractor_above_key", "distractor_key_negative"}
    assert "distractor_above_key" not in codes(distractors(table, KEY))


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ({"1": ["A", "A"], "2": ["B", "C"]}, "distractor_one_option"),
        ({"1": ["A", "B"], "2": ["B", "B"]}, "distractor_no_correlation"),
        ({"1": ["A", "B"]}, "distractor_no_correlation"),
        ({"1": ["C", "B"], "2": ["B", "C"]}, "distractor_key_unchosen"),
        ({"1": ["A", "B"], "2": [np.nan, np.nan]}, "distractor_not_given"),
        ({"1": ["A", np.nan], "2": ["B", np.nan]}, "item_pupils_without_items"),
        ({"1": ["A"], "2": ["C"]}, "distractor_one_option"),
        ({"1": ["A", "B"], "2": ["C", "B"]}, "distractor_no_correlation"),
        ({"1": ["A", "B"], "2": ["C", "B"]}, "distractor_few_pupils"),
        ({"1": [np.nan], "2": [np.nan]}, "distractor_not_given"),
    ],
)
def test_poor_data_are_said_not_raised(table: dict[str, list[Any]], code: str) -> None:
    frame = pd.DataFrame(table)
    assert code in codes(distractors(frame, KEY))
    option_curves(frame, KEY)


@pytest.mark.parametrize(
    ("change", "options", "says"),
    [
        ({"5": "A"}, {}, "'5' has no key"),
        ({}, {"key": {**KEY, "1": np.nan}}, "'1' has no key"),
        ({}, {"options": list("ABC")}, "'D'"),
        ({}, {"options": {"1": "ABCD"}}, "'2' has no options"),
        ({}, {"weights": [1]}, "weights"),
        ({}, {"weights": [0] * 120}, "no pupil"),
        ({}, {"not_attempted": [[True]]}, "shape"),
    ],
)
def test_wrong_input_is_named(change: dict[str, Any], options: dict[str, Any], says: str) -> None:
    with pytest.raises(MeasureError) as caught:
        distractors(answers().assign(**change), **{"key": KEY, **options})
    assert says in caught.value.message.format(**caught.value.values)


def test_curves_are_shares_within_groups_of_totals() -> None:
    table = answers()
    total = right(table).sum(axis=1)
    curves = option_curves(table, KEY, groups=3)
    assert curves.index.names == ["item", "option", "group"]
    one = curves.loc["2"]
    assert one["share"].groupby("group").sum().to_numpy() == pytest.approx(1)
    assert one.xs("B")["n"].sum() == 120
    # Totals stay whole: the means of the groups rise, and no total is in two groups.
    assert one.xs("B")["mean_total"].is_monotonic_increasing
    sizes = set(np.cumsum(np.bincount(total.astype(int))))
    assert set(np.cumsum(one.xs("B")["n"])) <= sizes
    row = one.loc[("B", 1)]
    first = table[total <= total.sort_values().iloc[int(row["n"]) - 1]]
    assert row["share"] == pytest.approx((first["2"] == "B").mean())
    assert (row["lower"], row["upper"]) == pytest.approx([float(b) for b in wilson(row["share"], row["n"])])


def test_answers_are_a_table() -> None:
    with pytest.raises(MeasureError, match="DataFrame"):
        distractors([["A"]], KEY)


@pytest.mark.parametrize("groups", [1, 2.5, True, "3"])
def test_wrong_groups_are_named(groups: Any) -> None:
    with pytest.raises(MeasureError, match="2"):
        option_curves(answers(), KEY, groups)


@pytest.mark.parametrize("n", [21, 32])
def test_one_option_for_all_has_no_correlation_whatever_the_weights(n: int) -> None:
    answers = pd.DataFrame({"a": ["A"] * n, "b": (["A", "B"] * n)[:n]})
    found = distractors(answers, {"a": "A", "b": "A"}, weights=[0.3] * n, options=["A", "B"])
    assert found.loc["a", "point_biserial"].isna().all()
    assert "distractor_key_negative" not in {said.code for said in found.attrs["statements"]}
