from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import stdtrit

from oko.errors import MeasureError
from oko.measures.intervals import wilson
from oko.measures.items import facility

MAX_SCORES = pd.Series({"1": 1, "2": 2, "3": 3})


def points() -> pd.DataFrame:
    rng = np.random.default_rng(11)
    scores = pd.DataFrame({item: rng.integers(0, most + 1, 60).astype(float) for item, most in MAX_SCORES.items()})
    scores.loc[:9, "3"] = np.nan
    return scores


def test_facility_by_hand() -> None:
    scores = pd.DataFrame({"2": [2, 1, 0, 2, np.nan]})
    row = facility(scores, MAX_SCORES).loc["2"]
    half = stdtrit(3, 0.975) * np.std([1, 0.5, 0, 1], ddof=1) / 2
    assert row[["n", "facility", "share_full", "share_zero"]].tolist() == [4, 0.625, 0.5, 0.25]
    assert row[["lower", "upper"]].tolist() == pytest.approx([max(0, 0.625 - half), min(1, 0.625 + half)])


def test_interval_is_the_t_interval_of_statsmodels() -> None:
    scores = points()
    rows = facility(scores, MAX_SCORES, level=0.9)
    for item, most in MAX_SCORES.items():
        expected = sm.stats.DescrStatsW(scores[item].dropna() / most).tconfint_mean(0.1)
        assert rows.loc[item, ["lower", "upper"]].tolist() == pytest.approx(expected)
    assert rows["n"].tolist() == [60, 60, 50]


def test_clustered_interval_is_that_of_statsmodels() -> None:
    scores = points()
    classes = pd.Series(np.repeat(list("АБВГДЕ"), 10))
    scores["1"] = (classes < "Г").astype(float) * (np.arange(60) % 4 > 0)
    row = facility(scores[["1"]], MAX_SCORES, clusters=classes).loc["1"]
    fit = sm.OLS(scores["1"], np.ones(60)).fit(cov_type="cluster", cov_kwds={"groups": pd.factorize(classes)[0]})
    # statsmodels corrects by G/(G-1) * (n-1)/(n-p), which is G/(G-1) for a mean.
    half = stdtrit(5, 0.975) * fit.bse.iloc[0]
    assert row[["lower", "upper"]].tolist() == pytest.approx([max(0, row["facility"] - half), row["facility"] + half])


def test_an_item_that_all_solved_has_wilsons_interval() -> None:
    row = facility(pd.DataFrame({"1": [1.0] * 20}), MAX_SCORES).loc["1"]
    assert row[["facility", "upper", "share_full"]].tolist() == [1, 1, 1]
    assert row["lower"] == pytest.approx(float(wilson(1.0, 20)[0]))


def test_an_item_that_nobody_met() -> None:
    row = facility(pd.DataFrame({"1": [np.nan, np.nan]}), MAX_SCORES).loc["1"]
    assert row["n"] == 0
    assert row[["facility", "lower", "upper", "share_full", "share_zero"]].isna().all()


def test_no_pupils_and_no_items() -> None:
    assert facility(points().iloc[:0], MAX_SCORES)["n"].tolist() == [0, 0, 0]
    assert len(facility(points()[[]], MAX_SCORES)) == 0


def test_weights_are_repeated_rows() -> None:
    scores, classes = points(), pd.Series(np.arange(60) % 4)
    repeats = np.arange(60) % 3
    repeated = scores.index.repeat(repeats)
    expected = facility(
        scores.loc[repeated].reset_index(drop=True), MAX_SCORES, clusters=classes.loc[repeated].reset_index(drop=True)
    )
    pd.testing.assert_frame_equal(facility(scores, MAX_SCORES, weights=repeats, clusters=classes), expected)
    by_name = facility(scores.assign(pupils=repeats), MAX_SCORES, weights="pupils", clusters=classes)
    pd.testing.assert_frame_equal(by_name, expected)


@pytest.mark.parametrize(
    ("scores", "most", "says"),
    [
        ({"1": [2.0]}, {"1": 1}, "outside 0 to 1"),
        ({"1": [-1.0]}, {"1": 1}, "-1"),
        ({"1": [1.0]}, {"2": 1}, "'1'"),
        ({"1": [1.0]}, {"1": 0}, "'1'"),
        ({"1": ["да"]}, {"1": 1}, "'1'"),
        ({"1": [np.inf]}, {"1": 1}, "inf"),
    ],
)
def test_what_is_wrong_is_named(scores: dict, most: dict, says: str) -> None:
    with pytest.raises(MeasureError) as caught:
        facility(pd.DataFrame(scores), pd.Series(most))
    assert says in caught.value.message.format(**caught.value.values)


def test_clusters_belong_to_their_pupils() -> None:
    with pytest.raises(MeasureError) as caught:
        facility(points(), MAX_SCORES, clusters=pd.Series(["А"] * 60, index=range(1, 61)))
    assert "index of the clusters" in caught.value.message


@pytest.mark.parametrize("n", range(5, 60, 6))
def test_a_third_of_the_points_for_everybody_has_wilsons_interval(n: int) -> None:
    row = facility(pd.DataFrame({"3": [1.0] * n}), MAX_SCORES).loc["3"]
    assert row["lower"] < 1 / 3 - 0.05
    assert row["upper"] > 1 / 3 + 0.05
