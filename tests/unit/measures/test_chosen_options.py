"""Options of a work's own tasks: which schools count as given a task, and what an X is."""

from __future__ import annotations

import pandas as pd
import pytest

from oko.measures import instruments

PASSPORTS = pd.DataFrame({"item": ["1", "2", "3"], "right_option": ["А", "Б", None]})


def store() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """School 1 writes letters and school 2 points; a1 did not attempt task 1."""
    keys = [("1", f"a{k}") for k in range(4)] + [("2", f"b{k}") for k in range(3)]
    index = pd.MultiIndex.from_tuples(
        [(school, "7А", pupil) for school, pupil in keys], names=["school", "class", "pupil"]
    )
    points = pd.DataFrame(
        {"1": [1.0, 0, 0, 1, 1, 0, 1], "2": [1.0, 0, 1, 0, 1, 1, 0], "3": [2.0, 1, 0, 2, 1, 0, 2]}, index
    )
    skipped = pd.DataFrame(False, index, points.columns)
    skipped.iloc[[1, 5], 0] = True
    letters = [("a0", "1", "А"), ("a2", "1", "В"), ("a3", "1", "А"), *((f"a{k}", "2", "БВБГ"[k]) for k in range(4))]
    options = pd.DataFrame([*letters, ("a0", "3", "А")], columns=["pupil", "item", "option"])
    return options.sample(frac=1, random_state=2), points, skipped


def test_only_schools_with_letters_count_and_x_is_no_answer() -> None:
    options, points, skipped = store()
    rows = instruments.chosen(options, PASSPORTS, points, skipped)
    assert rows is not None
    counted = {(item, "" if pd.isna(option) else option): n for (item, option), n in rows["n"].items()}
    assert counted == {("1", "А"): 2, ("1", "В"): 1, ("1", ""): 1, ("2", "Б"): 2, ("2", "В"): 1, ("2", "Г"): 1}
    own = points.loc["1"]
    chosen = pd.Series([1.0, 0, 0, 1], own.index)
    rest = own[["2", "3"]].sum(axis=1)
    assert rows.loc[("1", "А"), "point_biserial_rest"] == pytest.approx(chosen.corr(rest))


def test_without_letters_keys_or_points_there_is_nothing() -> None:
    options, points, skipped = store()
    assert instruments.chosen(options.iloc[:0], PASSPORTS, points, skipped) is None
    assert instruments.chosen(options, PASSPORTS.assign(right_option=None), points, skipped) is None
    assert instruments.chosen(options, PASSPORTS, None, None) is None
    assert instruments.chosen(options, PASSPORTS, points.loc[["2"]], skipped.loc[["2"]]) is None
