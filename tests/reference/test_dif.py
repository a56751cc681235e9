"""Differential item functioning against difR, R's glm, mantelhaen.test and polr, and statsmodels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from instrument_cases import results, table
from oko.measures import dif

from .conftest import read_reference

# R prints ten decimals, and its glm stops at a relative change of the deviance of 1e-8, here below 1e-10 of chi2
PRINTED = 1e-8


def shared(name: tuple[str, str]) -> tuple[pd.DataFrame, dict[str, Any]]:
    return table(name[0]).reset_index(), results(name[1])


VERBAL = ("verbal_aggression", "verbal_aggression_dif")
HCI = ("hci_scored", "hci_ctt_dif")
EXAM = ("mathexam14w", "mathexam14w_ctt_irt_dif")


def mantel_cases(cases: dict[str, Any], name: str) -> pd.DataFrame:
    table = cases[name]
    return pd.DataFrame(table if isinstance(table, list) else table["table"]).set_index("item")


CASES = [
    pytest.param(VERBAL, "Gender", 1, "mh", "logistic", id="verbal"),
    pytest.param(HCI, "gender", 1, "dif_mh_gender", "dif_logistic_gender", id="hci"),
    pytest.param(EXAM, "gender", "female", "dif_mh_gender", "dif_logistic_gender", id="exam-gender"),
    pytest.param(EXAM, "group", 2, "dif_mh_group", "dif_logistic_group", id="exam-group"),
]


@pytest.mark.parametrize(("source", "group", "focal", "mantel", "logistic"), CASES)
def test_mantel_haenszel_is_that_of_r(source, group, focal, mantel, logistic) -> None:
    data, cases = shared(source)
    there = mantel_cases(cases, mantel)
    found = dif.mantel_haenszel(data[there.index], data[group], focal=focal)
    plain = dif.mantel_haenszel(data[there.index], data[group], focal=focal, correct=False)
    np.testing.assert_allclose(found["chi2"], there["chi2_cc"], atol=PRINTED)
    np.testing.assert_allclose(plain["chi2"], there["chi2_nocc"], atol=PRINTED)
    np.testing.assert_allclose(found["odds_ratio"], there["alpha_mh"], atol=PRINTED)
    np.testing.assert_allclose(found["delta"], there["delta_mh"], atol=PRINTED)


@pytest.mark.parametrize(("source", "group", "focal", "mantel", "logistic"), CASES)
@pytest.mark.parametrize("kind", ["both", "uniform", "nonuniform"])
def test_logistic_is_that_of_r(source, group, focal, mantel, logistic, kind) -> None:
    data, cases = shared(source)
    there = mantel_cases(cases, logistic)
    found = dif.logistic(data[there.index], data[group], kind, focal=focal)
    np.testing.assert_allclose(found["chi2"], there[f"chi2_{kind}"], atol=PRINTED)
    np.testing.assert_allclose(found["p"], there[f"p_{kind}"], atol=PRINTED)
    if kind == "both":
        np.testing.assert_allclose(found["effect"], there["delta_r2_nagelkerke_both"], atol=PRINTED)
    if kind == "uniform":
        # at glm's end its coefficient is farther from the maximum than the deviance
        np.testing.assert_allclose(found["group"], there["b_group"], atol=1e-6)


def test_verbal_items_are_flagged_as_by_difr() -> None:
    data, cases = shared(VERBAL)
    points = data[[row["item"] for row in cases["mh"]]]
    there = cases["difR"]
    found = dif.mantel_haenszel(points, data["Gender"])
    np.testing.assert_allclose(found["chi2"], there["MH"], atol=PRINTED)
    np.testing.assert_allclose(found["odds_ratio"], there["alphaMH"], atol=PRINTED)
    assert found.index[found["flagged"]].tolist() == there["flagged"]
    assert [place + 1 for place in np.flatnonzero(found["flagged"])] == [6, 12, 16, 17, 19, 20]
    purified = dif.mantel_haenszel(points, data["Gender"], purify=True)
    assert purified.index[purified["flagged"]].tolist() == there["flagged_purified"]
    logistic = dif.logistic(points, data["Gender"])
    assert [place + 1 for place in np.flatnonzero(logistic["flagged"])] == [6, 16, 17, 19]


def test_hci_items_are_flagged_as_by_difr() -> None:
    data, cases = shared(HCI)
    points = data[[f"Item{number}" for number in range(1, 21)]]
    found = dif.mantel_haenszel(points, data["gender"])
    purified = dif.mantel_haenszel(points, data["gender"], purify=True)
    logistic = dif.logistic(points, data["gender"])
    assert found.index[found["flagged"]].tolist() == [cases["difR_MH"]["flagged"]] == ["Item1"]
    assert purified.index[purified["flagged"]].tolist() == cases["difR_MH"]["flagged_purified"]
    assert logistic.index[logistic["flagged"]].tolist() == cases["difR_logistic"]["flagged"]
    np.testing.assert_allclose(logistic["effect"], cases["difR_logistic"]["deltaR2"], atol=PRINTED)


# polr was told to stop where its log-likelihood changes by 1e-14 of itself; its estimates are then within about 1e-7
POLR, POLR_ESTIMATE = 1e-8, 1e-6
MOST = np.array([1, 1, 2, 2, 3, 1, 2, 4])
FROM_R = read_reference("dif.json")


def formula_points() -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return the points, groups and booklets that dif.R makes."""
    i = np.arange(1, 601)
    theta, focal = 2 * np.sin(0.37 * i), (i * i) % 7 < 3
    points = {}
    for j, most in enumerate(MOST, start=1):
        u = ((31 * i * i + 7919 * i + 104729 * j * j + 6151 * i * j) % 10007 + 0.5) / 10007
        slope = 1 - 0.7 * focal if j == 6 else 1
        shift = 0.3 * (j - 4.5) + (0.8 * focal if j == 3 else 0)
        points[f"i{j}"] = sum((u < expit(slope * theta - shift - 0.9 * k)).astype(float) for k in range(most))
    return pd.DataFrame(points), focal, 1 + i % 2


def with_booklets(points: pd.DataFrame, booklet: np.ndarray) -> pd.DataFrame:
    gaps = points.copy()
    gaps.loc[booklet == 1, ["i7", "i8"]] = np.nan
    gaps.loc[booklet == 2, ["i1", "i2"]] = np.nan
    return gaps


def test_the_formula_gives_the_data_of_r() -> None:
    points, focal, _ = formula_points()
    assert points.sum().tolist() == FROM_R["sums"]
    assert focal.sum() == FROM_R["focal"]


@pytest.fixture(params=["whole", "booklets", "matura"])
def studied(request: pytest.FixtureRequest) -> tuple[pd.DataFrame, Any, pd.Series, dict[str, Any]]:
    if request.param == "matura":
        data = table("czmatura_sample2000")
        points = data.loc[:, data.columns.str.startswith("b")]
        return points, data["SchTypeGY"], points.max(), FROM_R["matura"]
    points, focal, booklet = formula_points()
    most = pd.Series(MOST, points.columns)
    if request.param == "booklets":
        points = with_booklets(points, booklet)
    return points, focal, most, FROM_R[request.param]


def test_mantel_tests_of_points_are_those_of_r(studied) -> None:
    points, group, most, there = studied
    found = dif.mantel_haenszel(points, group, max_scores=most)
    plain = dif.mantel_haenszel(points, group, max_scores=most, correct=False)
    for item, case in there.items():
        row = found.loc[item]
        assert row["n_reference"] + row["n_focal"] == case["n"]
        assert plain.loc[item, "chi2"] == pytest.approx(case["mantel"]["chi2"], rel=PRINTED)
        assert plain.loc[item, "p"] == pytest.approx(case["mantel"]["p"], rel=PRINTED)
        assert row["smd"] == pytest.approx(case["smd"], abs=PRINTED)
        if "mh" in case:
            names = {
                "chi2": "chi2",
                "p": "p",
                "odds_ratio": "odds_ratio",
                "odds_ratio_lower": "lower",
                "odds_ratio_upper": "upper",
            }
            for ours, theirs in names.items():
                assert row[ours] == pytest.approx(case["mh"][theirs], rel=PRINTED), (item, ours)
        else:
            assert row["chi2"] == plain.loc[item, "chi2"]
            assert np.isnan(row["odds_ratio"])


@pytest.mark.parametrize("kind", ["both", "uniform", "nonuniform"])
def test_logistic_of_points_is_that_of_glm_and_polr(studied, kind) -> None:
    points, group, most, there = studied
    found = dif.logistic(points, group, kind, max_scores=most)
    for item, case in there.items():
        row, fits = found.loc[item], case["logistic"]
        assert row["chi2"] == pytest.approx(fits[kind], abs=POLR), item
        near = {"rel": POLR_ESTIMATE, "abs": POLR_ESTIMATE}
        if kind == "uniform":
            assert row["group"] == pytest.approx(fits["uniform_group"], **near), item
            assert row["group_se"] == pytest.approx(fits["uniform_group_se"], **near), item
        else:
            for ours, theirs in {
                "score": "full_score",
                "group": "full_group",
                "group_se": "full_group_se",
                "interaction": "interaction",
                "interaction_se": "interaction_se",
            }.items():
                assert row[ours] == pytest.approx(fits[theirs], **near), (item, ours)


def test_against_statsmodels() -> None:
    from statsmodels.discrete.discrete_model import Logit
    from statsmodels.stats.contingency_tables import StratifiedTable

    points, focal, _ = formula_points()
    total = points.sum(axis=1)
    found, logistic = dif.mantel_haenszel(points, focal), dif.logistic(points, focal)
    for item in points.columns[MOST == 1]:
        strata = [
            np.array(pd.crosstab(focal[rows], 1 - points.loc[rows, item]))
            for rows in points.groupby(total).groups.values()
        ]
        stratified = StratifiedTable([table for table in strata if table.shape == (2, 2)])
        assert found.loc[item, "odds_ratio"] == pytest.approx(stratified.oddsratio_pooled, rel=1e-12)
        corrected = stratified.test_null_odds(correction=True)
        assert found.loc[item, "chi2"] == pytest.approx(corrected.statistic, rel=1e-10)
        score = total - total.mean()
        full = np.column_stack([np.ones(len(score)), score, focal, focal * score])
        models = [Logit(points[item], x).fit(disp=0, method="newton", tol=1e-12) for x in (full[:, :2], full)]
        assert logistic.loc[item, "chi2"] == pytest.approx(2 * (models[1].llf - models[0].llf), abs=1e-9)
        np.testing.assert_allclose(
            logistic.loc[item, ["score", "group", "interaction"]].astype(float), models[1].params[1:], rtol=1e-8
        )
