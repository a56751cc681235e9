"""Differential item functioning of poor data, which are said and not raised; endless purification; bad input."""

from __future__ import annotations

import copy
import math
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

from dif_points import METHODS, NONE, codes, said, simulate
from oko.errors import MeasureError
from oko.measures import dif
from oko.measures.dif.decision import Rule, decide

# ---- purification


def purification(flags: dict[tuple[int, ...], tuple[int, ...]], n: int = 4, steps: int = 10) -> Any:
    """Decide on tests that answer to each set of items left out with set flags."""

    def test(anchor: np.ndarray) -> pd.DataFrame:
        flagged = flags[tuple(np.flatnonzero(~anchor))]
        return pd.DataFrame({"p": [0.001 if item in flagged else 0.5 for item in range(n)]}, index=list("abcdefgh")[:n])

    return decide(test, np.ones(n, dtype=bool), Rule(0.05, "holm", "p", steps), purify=True)


def test_purification_ends_where_flags_stay() -> None:
    found = purification({(): (1,), (1,): (1, 2), (1, 2): (1, 2)})
    assert found.steps == ((1,), (1, 2), (1, 2))
    assert found.anchor.tolist() == [True, False, False, True]
    assert found.statements == ()
    assert purification({(): ()}).steps == ((),)


def test_purification_that_goes_in_a_circle_is_stopped_and_said() -> None:
    found = purification({(): (1,), (1,): (1, 2), (1, 2): (1, 3), (1, 3): (1, 2)})
    (statement,) = found.statements
    assert statement.code == "dif_purification_cycle"
    assert dict(statement.values) == {"items": ("c", "d"), "steps": 3}


def test_purification_without_an_end_or_an_item_is_said() -> None:
    stopped = purification({(): (1,), (1,): (2,), (2,): (3,), (3,): (0,)}, steps=2)
    assert [statement.code for statement in stopped.statements] == ["dif_purification_stopped"]
    assert stopped.steps == ((1,), (2,), (3,))
    emptied = purification({(): (0, 1, 2, 3)})
    assert [statement.code for statement in emptied.statements] == ["dif_purification_emptied"]
    assert emptied.anchor.all()


# ---- poor data: said, not raised


@pytest.mark.parametrize("method", METHODS)
def test_few_pupils_are_said_and_computed(method) -> None:
    points, focal = simulate(300, NONE)
    found = method(points, focal)
    assert said(found, "dif_few_pupils") == {"reference": int((~focal).sum()), "focal": int(focal.sum()), "needed": 200}
    assert found["p"].notna().all()
    large, group = simulate(900, NONE)
    assert codes(method(large, group)) == []
    assert said(method(large.assign(**{"2": large["2"].mask(large.index > 300)}), group), "dif_items_few_pupils")[
        "items"
    ] == ("2",)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda points, focal: points.assign(**{"3": 1.0}), "dif_items_without_variance"),
        (lambda points, focal: points.assign(**{"3": np.nan}), "dif_items_not_taken"),
    ],
)  # fmt: skip
def test_items_that_tell_nothing_are_named(method, change, code) -> None:
    points, focal = simulate(600, NONE)
    found = method(change(points, focal), focal)
    assert said(found, code) == {"items": ("3",)}
    assert found["p"].isna().tolist() == [item == "3" for item in found.index]
    assert found["p_adjusted"].isna().equals(found["p"].isna())


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("group", [[True] * 40, [False] * 40])
def test_one_group_is_said(method, group) -> None:
    points, _ = simulate(40, NONE)
    found = method(points, group)
    assert "dif_one_group" in codes(found)
    assert found["p"].isna().all()
    assert not found["flagged"].any()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "points", [np.tri(12)[:, :11], np.ones((12, 3)), np.zeros((12, 3)), np.ones((12, 1)), np.array([[1.0, 0]])]
)
def test_poor_data_give_nothing_infinite(method, points) -> None:
    scores = pd.DataFrame(points)
    found = method(scores, np.arange(len(scores)) % 2)
    assert found["p"].isna().all()
    assert not np.isinf(found.select_dtypes("number").to_numpy()).any()
    assert found.attrs["statements"]


def test_separation_is_proved_and_named() -> None:
    points, focal = simulate(600, NONE)
    points["4"] = points["4"].where(~focal, 1)
    logistic, mantel = dif.logistic(points, focal), dif.mantel_haenszel(points, focal)
    assert said(logistic, "dif_items_separated") == {"items": ("4",)}
    assert said(mantel, "dif_odds_ratio_unbounded") == {"items": ("4",)}
    row = logistic.loc["4"]
    assert row[["score", "group", "interaction", "score_se", "group_se", "interaction_se"]].isna().all()
    assert row["flagged"]
    # the limit of the likelihood: the focal pupils are told without error, the reference group alone is left
    from statsmodels.discrete.discrete_model import Logit

    total, answer = points.sum(axis=1), points["4"]
    x = np.column_stack([np.ones(len(total)), total - total.mean()])
    limit = Logit(answer[~focal], x[~focal]).fit(disp=0, tol=1e-12).llf
    assert row["chi2"] == pytest.approx(2 * (limit - Logit(answer, x).fit(disp=0, tol=1e-12).llf), abs=1e-7)
    assert math.isnan(mantel.loc["4", "odds_ratio"])
    assert mantel.loc["4", "flagged"]


def test_an_item_that_the_score_tells_has_no_test() -> None:
    scores = pd.DataFrame(np.repeat(np.tri(12)[:, :11], 30, axis=0))
    found = dif.logistic(scores, np.arange(len(scores)) % 2)
    assert said(found, "dif_items_predicted")["items"] == tuple(str(item) for item in range(1, 11))


def test_too_many_flags_and_a_short_score_are_said() -> None:
    points, focal = simulate(3000, np.array([1.0, -1.0, 1.0, -1.0]))
    found = dif.mantel_haenszel(points, focal)
    assert said(found, "dif_most_items_flagged") == {"n": 4, "tested": 4}
    assert said(found, "dif_short_score") == {"n": 4, "needed": 10}


def test_pupils_without_somebody_to_be_compared_with_are_said() -> None:
    points, focal = simulate(600, NONE)
    apart = points.assign(easy=np.where(focal, 9.0, 0.0) + points.index.isin(points.index[:10]))
    found = dif.mantel_haenszel(apart, focal)
    assert set(points) <= set(said(found, "dif_items_few_compared")["items"])
    assert (2 * found["n_compared"] < found["n_reference"] + found["n_focal"]).all()


def test_pupils_without_a_group_are_counted() -> None:
    points, focal = simulate(900, NONE)
    group = focal.astype(object).where(focal.index % 10 > 0)
    found = dif.mantel_haenszel(points, group)
    assert said(found, "dif_group_unknown") == {"n": 90}
    known = group.notna()
    pd.testing.assert_frame_equal(found, dif.mantel_haenszel(points[known], focal[known]))


def test_what_is_said_can_be_copied_compared_and_kept() -> None:
    found = dif.mantel_haenszel(*simulate(300, NONE, most=3))
    again = pickle.loads(pickle.dumps(found))  # noqa: S301
    assert again.attrs == found.attrs == copy.deepcopy(found).attrs
    assert pd.concat([found, again]).attrs == found.attrs
    assert found.attrs["statements"]


# ---- bad input

BAD = [
    ({"group": np.arange(60) % 3}, "3"),
    ({"group": ["F", "M"] * 30}, "focal"),
    ({"group": ["F", "M"] * 30, "focal": "X"}, "'X'"),
    ({"group": [0, 1]}, "60"),
    ({"group": np.ones((60, 2))}, "60"),
    ({"group": "sex"}, "60"),
    ({"group": pd.Series([0, 1] * 30, index=range(1, 61))}, "[Ии]ндекс"),
    ({"alpha": 1.5}, "1.5"),
    ({"adjust": "bonferroni"}, "bonferroni"),
    ({"flag_by": "chi2"}, "chi2"),
    ({"max_steps": 0}, "max_steps"),
    ({"weights": [1.0]}, "60"),
    ({"max_scores": pd.Series({"1": 1})}, "'2'"),
]  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("call", "word"), BAD)
def test_bad_calls_are_refused(method, call, word) -> None:
    points, _ = simulate(60, NONE)
    with pytest.raises(MeasureError, match=word):
        method(points, **({"group": [0, 1] * 30} | call))


@pytest.mark.parametrize(("cell", "word"), [(-1.0, "-1"), (np.inf, "inf"), ("a", "str|object")])
def test_bad_points_are_refused(cell, word) -> None:
    points, focal = simulate(60, NONE)
    points = points.astype(object) if isinstance(cell, str) else points
    points.iloc[3, 2] = cell
    with pytest.raises(MeasureError, match=word):
        dif.mantel_haenszel(points, focal)


def test_an_unknown_kind_and_totals_are_refused() -> None:
    points, focal = simulate(60, NONE)
    with pytest.raises(MeasureError, match="uniform"):
        dif.logistic(points, focal, "all")
    many = pd.DataFrame({"1": np.arange(40_000.0)})
    with pytest.raises(MeasureError, match="40000"):
        dif.mantel_haenszel(many, np.arange(40_000) % 2)


def test_categories_far_apart_do_not_overflow() -> None:
    rng = np.random.default_rng(4)
    ability, group = rng.normal(size=300), rng.integers(0, 2, 300)
    points = pd.DataFrame({f"b{i}": (rng.random(300) < 1 / (1 + np.exp(-ability))) * 1.0 for i in range(3)})
    points["e"] = np.clip(np.round(6 + 2.4 * ability + rng.normal(size=300)), 0, 12) ** 2
    found = dif.logistic(points, group, purify=True)
    assert found["p"].isna().tolist() == [False, False, False, True]
    assert any("e" in statement.values.get("items", ()) for statement in found.attrs["statements"])


def test_groups_all_unknown_are_not_called_one_group() -> None:
    table = dif.mantel_haenszel(pd.DataFrame({"1": [0, 1], "2": [1, 0]}), [None, None], focal="F")
    codes_said = [statement.code for statement in table.attrs["statements"]]
    assert codes_said == ["dif_group_unknown"]


@pytest.mark.parametrize(
    "wrong",
    [{"alpha": "0.05"}, {"alpha": True}, {"purify": "yes"}, {"max_steps": 2.5}, {"max_steps": "3"}, {"focal": [1]},
     {"focal": np.nan}],
)  # fmt: skip
def test_options_of_a_wrong_kind_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(MeasureError):
        dif.mantel_haenszel(pd.DataFrame({"1": [0, 1], "2": [1, 0]}), [0, 1], **wrong)
