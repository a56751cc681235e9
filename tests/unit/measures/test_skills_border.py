"""Probabilities of lying beyond a border are what they say, and pupils are compared on the same tasks only."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from oko.errors import MeasureError
from oko.measures.skills import beyond_border, corrected_correlation, joined


@pytest.mark.parametrize("side", ["below", "above"])
def test_probabilities_are_calibrated_against_known_true_scores(side: str) -> None:
    """Truth by simulation: scores of 20 parallel parts with normal errors, so that alpha is the reliability."""
    rng = np.random.default_rng(7)
    true = rng.normal(0.5, 0.1, 8_000)
    points = np.clip(true[:, None] + rng.normal(0, 0.3, (8_000, 20)), 0, 1)
    true = np.mean([np.clip(true + one, 0, 1) for one in norm.ppf(np.linspace(0.0025, 0.9975, 200)) * 0.3], axis=0)
    parts = list("abcdefghijklmnopqrst")
    found = beyond_border(pd.DataFrame(points, columns=parts), pd.Series(1.0, parts), side, share=0.25)
    beyond = true < found.border if side == "below" else true > found.border
    assert beyond.mean() == pytest.approx(0.25, abs=0.01)
    proposed = found.pupils["probability"] >= 0.8
    # of those proposed as many lie beyond as the probabilities say: 800 or so pupils, standard error 0.015
    assert beyond[proposed].mean() == pytest.approx(found.pupils.loc[proposed, "probability"].mean(), abs=0.03)
    assert beyond[proposed].mean() >= 0.8


def test_the_estimate_is_kelleys() -> None:
    points = pd.DataFrame(np.random.default_rng(3).integers(0, 3, (50, 1)) + np.zeros((1, 4)), columns=list("abcd"))
    points["d"] = points["d"].to_numpy()[::-1]
    found = beyond_border(points, pd.Series(2, list("abcd")), "below", border=0.5)
    share = points.sum(axis=1) / 8
    expected = share.mean() + found.alpha * (share - share.mean())
    error = share.std() * np.sqrt(found.alpha * (1 - found.alpha))
    assert found.pupils["estimate"].to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-12)
    assert found.pupils["probability"].to_numpy() == pytest.approx(norm.cdf((0.5 - expected) / error), abs=1e-12)
    assert found.sem == pytest.approx(share.std() * np.sqrt(1 - found.alpha), abs=1e-12)


def test_too_little_gives_nobody_and_says_why() -> None:
    few = beyond_border(
        pd.DataFrame({"a": [0, 1] * 20, "b": [0, 1] * 20}), pd.Series(1, list("ab")), "above", share=0.2
    )
    assert few.pupils.empty
    assert [said.code for said in few.statements] == ["skills_correlation_few_items"]
    equal = pd.DataFrame(1, range(40), list("abc"))
    assert [said.code for said in beyond_border(equal, pd.Series(1, list("abc")), "below", 0.5).statements] == [
        "skills_correlation_unreliable"
    ]
    with pytest.raises(MeasureError):
        beyond_border(equal, pd.Series(1, list("abc")), "beside", 0.5)
    with pytest.raises(MeasureError):
        corrected_correlation(equal, equal.iloc[::-1])


def test_tasks_of_several_works_stand_side_by_side() -> None:
    def table(pupils: list[tuple[str, str, str]], value: float) -> pd.DataFrame:
        return pd.DataFrame({"1": value}, pd.MultiIndex.from_tuples(pupils, names=["school", "class", "pupil"]))

    works = {
        "v": table([("1", "7А", "a"), ("1", "7А", "b")], 1.0),
        "w": table([("1", "7Б", "a"), ("2", "7А", "a")], 2.0),
    }
    wide = joined(works, pd.DataFrame({"assessment": ["v", "w", "x"], "item": "1"}))
    assert wide.reset_index().fillna(-1).values.tolist() == [
        ["1", "7А", "b", 1.0, -1.0], ["1", "7Б", "a", 1.0, 2.0], ["2", "7А", "a", -1.0, 2.0],
    ]  # fmt: skip
