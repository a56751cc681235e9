"""Pile-ups at the borders of marks: what was put in is found, and where nothing was, little is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

from oko.errors import MeasureError
from oko.measures import bias
from oko.measures.bias.smooth import shift

BORDERS = pd.DataFrame({"mark_3_from": [7.0], "mark_4_from": [11.0], "mark_5_from": [15.0]}, index=["w"])
PLACES = [7, 11, 15]
SMOOTH = np.exp(-((np.arange(21) - 10) ** 2) / 32)


def school(name: object, n: int, raised: float, seed: int, assessment: str = "w") -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    score = rng.choice(21, n, p=SMOOTH / SMOOTH.sum())
    score = score + (np.isin(score + 1, PLACES) & (rng.random(n) < raised))
    mark = np.digitize(score, PLACES) + 2
    return pd.DataFrame(
        {"school": name, "assessment": assessment, "primary_score": score, "max_score": 20, "mark": mark}
    )


def test_raised_works_are_found_and_counted() -> None:
    rows = pd.concat([school("a", 2000, 0.0, 1), school("b", 2000, 0.7, 2)])
    found = bias.pile_ups(rows, BORDERS).works.set_index("school")
    assert found["marked"].tolist() == [False, True]
    # the share moved is known to about 0.03 at n = 2000; its own interval says so
    assert found.loc["b", "share_lower"] - 0.03 < 0.7 < found.loc["b", "share_upper"] + 0.03
    assert found.loc["a", "moved_lower"] < 0 < found.loc["a", "moved_upper"]


def test_a_schools_works_are_added() -> None:
    rows = pd.concat([school("a", 60, 0.5, seed, f"w{seed}") for seed in range(6)])
    borders = pd.concat([BORDERS.set_axis([f"w{seed}"]) for seed in range(6)])
    found = bias.pile_ups(rows, borders)
    pooled = found.schools.iloc[0]
    assert pooled["n_works"] == 6
    assert pooled["moved"] == pytest.approx(found.works["moved"].sum())
    assert pooled["z"] > found.works["z"].max()
    assert pooled["marked"]


def test_the_order_of_rows_and_the_kind_of_labels_are_nothing() -> None:
    rows = pd.concat([school("1", 80, 0.6, 3), school("2", 80, 0.0, 4)])
    first = bias.pile_ups(rows, BORDERS).works
    changed = rows.sample(frac=1, random_state=1).astype({"school": "category", "assessment": "category"})
    other = bias.pile_ups(changed, BORDERS.reset_index(names="assessment")).works
    pd.testing.assert_frame_equal(first[["n", "moved", "z", "p"]], other[["n", "moved", "z", "p"]])
    numbers = bias.pile_ups(rows.astype({"school": int}), BORDERS).works
    assert numbers["z"].tolist() == pytest.approx(first["z"].tolist())


def test_borders_are_seen_in_marks_or_said_to_be_unknown() -> None:
    rows = school("a", 3000, 0.0, 5)
    pd.testing.assert_frame_equal(bias.mark_borders(rows), BORDERS.rename_axis("assessment"), check_names=False)
    assert bias.pile_ups(rows).works["z"].tolist() == pytest.approx(bias.pile_ups(rows, BORDERS).works["z"].tolist())
    mixed = pd.concat([rows, rows.assign(mark=np.digitize(rows["primary_score"], [6, 10, 14]) + 2)])
    found = bias.mark_borders(mixed)
    assert found.isna().all(axis=None)
    assert [each.code for each in found.attrs["statements"]] == ["bias_borders_unknown"]


@pytest.mark.parametrize("score", [0, 10, 20])
def test_all_pupils_with_one_score_say_nothing_wrong(score: int) -> None:
    rows = school("a", 40, 0.0, 6).assign(primary_score=score)
    found = bias.pile_ups(rows, BORDERS).works.iloc[0]
    assert not found["marked"] or found["reason"] == ""
    assert np.isnan(found["p"]) or 0 <= found["p"] <= 1


def test_few_pupils_are_not_judged() -> None:
    found = bias.pile_ups(pd.concat([school("a", 19, 1.0, 7), school("b", 60, 0.0, 8)]), BORDERS)
    assert found.works["reason"].tolist() == ["few_pupils", ""]
    assert found.works["p"].isna().tolist() == [True, False]
    assert {each.code for each in found.statements} == {"bias_piles_tested", "bias_piles_not_judged", "bias_clumps"}


@pytest.mark.parametrize(
    "borders",
    [
        BORDERS.drop(columns="mark_4_from"),
        BORDERS.assign(mark_4_from=6),
        BORDERS.assign(mark_4_from=11.5),
        pd.concat([BORDERS, BORDERS]),
    ],
)
def test_wrong_borders_are_refused(borders: Any) -> None:
    with pytest.raises(MeasureError):
        bias.pile_ups(school("a", 40, 0.0, 9), borders)


def test_two_scores_alone_say_nothing_of_a_border() -> None:
    pupils = pd.DataFrame({"school": "a", "assessment": "w", "primary_score": [9, 10], "n": [30, 33], "max_score": 20})
    border = pd.DataFrame({"mark_3_from": [6], "mark_4_from": [10], "mark_5_from": [15]}, index=["w"])
    assert bias.pile_ups(pupils, border, weights="n").works[["reason", "marked"]].to_numpy().tolist() == [
        ["few_beside", False]
    ]


@pytest.mark.slow
@pytest.mark.parametrize("n", [20, 30, 60, 120])
def test_where_nobody_was_raised_p_has_its_size(n: int) -> None:
    rng = np.random.default_rng(n)
    runs = 6000
    found = [shift(rng.multinomial(n, SMOOTH / SMOOTH.sum()).astype(float), PLACES, 3) for _ in range(runs)]
    z = np.array([each.score / each.variance**0.5 for each in found if each.variance > 0])
    for p, limit in ((0.05, 1.6449), (0.01, 2.3263), (0.001, 3.0902)):
        # Monte Carlo: 99 % over 12 cells (Bonferroni), and a fifth of p for the normal approximation at small n
        assert binom.ppf(0.01 / 12, runs, 0.75 * p) <= (z > limit).sum() <= binom.ppf(1 - 0.01 / 12, runs, 1.2 * p)
