"""Yen's Q3 against correlations of residuals pupil by pupil."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from oko.errors import MeasureError
from oko.measures.irt.abilities import abilities
from oko.measures.irt.calibration import read_calibration
from oko.measures.irt.dependence import dependent_pairs, q3
from oko.measures.irt.model import fit
from oko.measures.irt.patterns import Patterns, collapse
from oko.measures.responses import read_responses

ITEMS = pd.DataFrame(
    {
        "discrimination": [1.0, 0.8, 1.4, 1.1, 0.9],
        "step_1": [-1.0, -0.5, 0.0, 0.5, 1.0],
        "step_2": [np.nan, 0.7, np.nan, np.nan, 0.4],
    },
    index=pd.Index(list("12345"), name="item"),
)
KNOWN = read_calibration(ITEMS)


def drawn(n: int, seed: int = 4) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    chances = KNOWN.probabilities(rng.normal(size=n))
    return pd.DataFrame((rng.random((5, n, 1)) > np.cumsum(chances, axis=2)).sum(axis=2).T * 1.0, columns=ITEMS.index)


def patterns_of(scores: pd.DataFrame, weights: object = None) -> Patterns:
    return collapse(read_responses(scores, weights), KNOWN.levels)


def test_q3_is_the_correlation_of_residuals() -> None:
    scores = drawn(400).mask(np.random.default_rng(5).random((400, 5)) < 0.1)
    scores = scores[scores.notna().any(axis=1)]
    ability = abilities(scores, ITEMS)["ability"].to_numpy()
    expected = KNOWN.probabilities(ability) @ np.arange(3)
    residuals = scores - expected.T
    # pandas correlates over complete pairs; rounding alone differs
    pd.testing.assert_frame_equal(
        q3(KNOWN, patterns_of(scores)), residuals.corr(), atol=1e-12, rtol=0, check_names=False
    )


def test_weights_and_order_of_rows() -> None:
    scores = drawn(200)
    counts = np.arange(200) % 3
    repeated = scores.loc[np.repeat(np.arange(200), counts)]
    found = q3(KNOWN, patterns_of(scores, counts.astype(float)))
    pd.testing.assert_frame_equal(found, q3(KNOWN, patterns_of(repeated.iloc[::-1])), atol=1e-12, rtol=0)


def test_a_doubled_item_stands_out() -> None:
    scores = drawn(1_000)
    scores["3"] = scores["1"]
    found = dependent_pairs(KNOWN, patterns_of(scores))
    assert found.pairs.loc[found.pairs["flagged"], ["item_1", "item_2"]].values.tolist() == [["1", "3"]]
    assert [said.code for said in found.statements] == ["irt_pair_dependent"]
    top = found.pairs.iloc[0]
    assert top["q3"] - found.mean == pytest.approx(top["above_mean"])
    assert top["q3"] + 0.25 == pytest.approx(top["above_expected"])
    assert found.pairs["q3"].mean() == pytest.approx(found.mean)


def test_independent_items_are_not_flagged() -> None:
    items = pd.DataFrame({"discrimination": 1.0, "difficulty": np.linspace(-1.5, 1.5, 50)})
    known, rng = read_calibration(items), np.random.default_rng(6)
    right = rng.random((2_000, 50)) < known.probabilities(rng.normal(size=2_000))[:, :, 1].T
    found = dependent_pairs(known, collapse(read_responses(pd.DataFrame(right * 1.0)), known.levels))
    assert not found.pairs["flagged"].any()
    # Yen's −1/(items − 1) holds for abilities without shrinkage; 50 items shrink by a tenth
    assert found.mean == pytest.approx(-1 / 49, abs=0.003)


def test_pairs_that_cannot_be_told() -> None:
    scores = drawn(60)
    scores.iloc[:30, 0] = np.nan
    scores.iloc[30:, 1] = np.nan
    found = dependent_pairs(KNOWN, patterns_of(scores))
    assert found.pairs.iloc[-1][["item_1", "item_2", "n"]].tolist() == ["1", "2", 0]
    assert np.isnan(found.pairs.iloc[-1]["q3"])
    assert {said.code: said.values.get("n") for said in found.statements}["irt_pairs_unknown"] == 1
    one = dependent_pairs(KNOWN.take([0]), collapse(read_responses(scores[["1"]]), KNOWN.levels[:1]))
    assert len(one.pairs) == 0
    assert np.isnan(one.mean)
    pupil = q3(KNOWN, patterns_of(scores.head(1)))
    assert np.isnan(pupil.to_numpy()[~np.eye(5, dtype=bool)]).all()


def test_a_model_that_was_not_fitted_has_no_pairs() -> None:
    unfitted = fit(pd.DataFrame({"1": [0, 1, 0, 1]}), "2pl")
    found = unfitted.dependent_pairs()
    assert (len(found.pairs), unfitted.q3().shape) == (0, (0, 0))
    assert np.isnan(found.mean)
    for threshold in ("0.2", None, True, np.nan):
        with pytest.raises(MeasureError, match="Q3"):
            unfitted.dependent_pairs(threshold)  # type: ignore[arg-type]
    with pytest.raises(MeasureError, match="nonsense"):
        unfitted.abilities("nonsense")
