"""Differential item functioning against difR, R's glm, mantelhaen.test and polr, and statsmodels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from oko.measures import dif

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
# R prints ten decimals, and its glm stops at a relative change of the deviance of 1e-8, here below 1e-10 of chi2
PRINTED = 1e-8


def shared(name: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    data, reference = SHARED / f"{name[0]}.csv.gz", SHARED / "reference" / f"{name[1]}.json"
    if not data.exists():
        pytest.skip("the public data lie beside the project, and are absent here")
    return pd.read_csv(data), json.loads(reference.read_text(encoding="utf-8"))["cases"]


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
