"""Equating against R's equate, published tables and a second program (equating.R beside this file).

Tolerances: equating.R uses exact formulas in double precision, hence 1e-9 (seen: 1e-13; 6e-10 behind R's glm). Its optim
sees only changes of the criterion above rounding, which leaves 3e-7 of slope and intercept (seen; 2e-6 allowed). The numbers of
R's equate have eleven digits, but its percentile ranks are rounded to ten and its glm stops at 1e-8 of the deviance: 1e-7 and
1e-6 are seen in equated scores of cells with few pupils, 1e-6 and 2e-6 allowed.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from instrument_cases import results, table
from oko.measures import equating

from .conftest import read_reference

EXACT = 1e-9
SEARCHED = 2e-6


@pytest.fixture(scope="module")
def stored() -> dict[str, Any]:
    return read_reference("equating.json")


@pytest.fixture(scope="module")
def pupils(stored: dict[str, Any]) -> tuple[pd.DataFrame, pd.DataFrame]:
    return pd.DataFrame(stored["x"]), pd.DataFrame(stored["y"])


@pytest.fixture(scope="module")
def frequencies(pupils: tuple[pd.DataFrame, pd.DataFrame]) -> tuple[pd.Series, pd.Series]:
    return pupils[0]["total"].value_counts(), pupils[1]["total"].value_counts()


@pytest.fixture(scope="module")
def act() -> tuple[pd.Series, pd.Series, dict[str, Any]]:
    counts = table("actmath_freq")
    return counts["xcount"], counts["ycount"], results("actmath_equating")


def items(stored: dict[str, Any]) -> pd.DataFrame:
    steps = pd.DataFrame(np.array(stored["b"], dtype=float), columns=["step_1", "step_2", "step_3"])
    return steps.assign(discrimination=stored["a"]).rename(index=str)


def test_kolen_and_brennans_small_example() -> None:
    """Test Equating, Scaling, and Linking, table 2.2: X = 0 0 1 1 1 2 2 3 3 4, Y = 0 1 1 2 2 3 3 3 4 4; four digits."""
    x, y = pd.Series([2, 3, 2, 2, 1]), pd.Series([1, 2, 2, 3, 2])
    curve = equating.equipercentile(x, y)
    np.testing.assert_allclose(curve([0, 1, 2, 3, 4]), [0.5, 1.75, 2.8333, 3.5, 4.25], atol=5e-5)
    np.testing.assert_allclose(equating.mean(x, y)([0, 4]), [0.6, 4.6], atol=1e-12)


@pytest.mark.parametrize(
    ("case", "method", "tolerance"),
    [
        ("mean", lambda x, y: equating.mean(x, y), EXACT),
        ("linear", lambda x, y: equating.linear(x, y), EXACT),
        ("equipercentile", lambda x, y: equating.equipercentile(x, y), 1e-6),
        ("equipercentile_loglinear6", lambda x, y: equating.equipercentile(x, y, smoothing=6), 2e-6),
    ],
)
def test_act_mathematics_against_equate(
    act: tuple[pd.Series, pd.Series, dict[str, Any]], case: str, method: Any, tolerance: float
) -> None:
    x, y, cases = act
    expected = pd.DataFrame(cases[case]["concordance"]).set_index("scale")["yx"]
    assert len(expected) == 41
    np.testing.assert_allclose(method(x, y).table["equated"], expected, atol=tolerance, rtol=0)


def with_moments(n: int, means: tuple[float, float], sds: tuple[float, float], covariance: float) -> pd.DataFrame:
    """Make pupils whose total and anchor have exactly the given means, standard deviations and covariance."""
    turns = 2 * np.pi * np.arange(n) / n
    raw = np.column_stack([np.cos(turns), np.sin(turns)]) * np.sqrt(2 * (n - 1) / n)
    wanted = np.array([[sds[0] ** 2, covariance], [covariance, sds[1] ** 2]])
    return pd.DataFrame(raw @ np.linalg.cholesky(wanted).T + np.array(means), columns=["total", "anchor"])


@pytest.mark.parametrize(
    ("call", "slope", "intercept"),
    [
        (lambda x, y: equating.tucker(*x, *y, weight=1655 / 3293), 1.0292, 0.5378),
        (lambda x, y: equating.levine(*x, *y, weight=1655 / 3293), 1.0110, 0.2514),
        (lambda x, y: equating.levine(*x, *y, weight=1655 / 3293, internal=False), 1.0168, 0.3257),
        (lambda x, y: equating.chained(*x, *y), 1.0213, 0.3937),
    ],
)
def test_kolen_and_brennans_common_items(call: Any, slope: float, intercept: float) -> None:
    """The 36-task example of chapter 4, an internal anchor of 12: moments as the book prints them.

    Slopes and intercepts are those that the tests of the Julia package Equate.jl hold for the same pupils. The moments have four
    digits after the point: half a unit of the last in an sd of 6.5 is 8e-6 of it, hence 1e-4 for a slope, which carries on to
    the intercept times the mean of 16: 5e-4.
    """
    x = with_moments(1655, (15.8205, 5.1063), (6.5278, 2.3760), 13.4088)
    y = with_moments(1638, (18.6728, 5.8626), (6.8784, 2.4515), 14.7603)
    line = call((x["total"], x["anchor"]), (y["total"], y["anchor"]))
    assert line.slope == pytest.approx(slope, abs=1e-4)
    assert line.intercept == pytest.approx(intercept, abs=5e-4)


@pytest.mark.parametrize("weight", ["1", "0.5", "0"])
@pytest.mark.parametrize("method", ["tucker", "levine_internal", "levine_external"])
def test_lines_through_an_anchor(
    stored: dict[str, Any], pupils: tuple[pd.DataFrame, pd.DataFrame], weight: str, method: str
) -> None:
    x, y = pupils
    call = equating.tucker if method == "tucker" else equating.levine
    line = call(
        x["total"], x["anchor"], y["total"], y["anchor"], weight=float(weight), internal=method != "levine_external"
    )
    expected = stored["weights"][weight][method]
    assert (line.slope, line.intercept) == pytest.approx((expected["slope"], expected["intercept"]), abs=EXACT)


def test_chains(stored: dict[str, Any], pupils: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    x, y = pupils
    line = equating.chained(x["total"], x["anchor"], y["total"], y["anchor"])
    assert isinstance(line, equating.LinearEquating)
    expected = stored["chained"]
    assert (line.slope, line.intercept) == pytest.approx((expected["slope"], expected["intercept"]), abs=EXACT)
    curve = equating.chained(x["total"], x["anchor"], y["total"], y["anchor"], kind="equipercentile")
    np.testing.assert_allclose(curve.table["equated"], stored["chained_curve"], atol=EXACT)


def test_percentile_curves(stored: dict[str, Any], frequencies: tuple[pd.Series, pd.Series]) -> None:
    np.testing.assert_allclose(equating.equipercentile(*frequencies)(stored["scale"]), stored["curve"], atol=EXACT)
    smooth = equating.equipercentile(*frequencies, smoothing=4)
    np.testing.assert_allclose(smooth(stored["scale"]), stored["smooth_curve"], atol=1e-8)
    np.testing.assert_allclose(smooth.distributions["x"]["fitted"], stored["fitted4"], rtol=1e-8)


def test_choice_of_degree(stored: dict[str, Any], frequencies: tuple[pd.Series, pd.Series]) -> None:
    table = equating.smoothing_degrees(frequencies[0], most=5)
    np.testing.assert_allclose(table["g2"], stored["deviance"], atol=1e-8)
    assert table["df"].tolist() == [19, 18, 17, 16, 15]


def test_standard_errors_of_the_line(stored: dict[str, Any], frequencies: tuple[pd.Series, pd.Series]) -> None:
    np.testing.assert_allclose(equating.linear(*frequencies).table["se"], stored["linear_se"], rtol=EXACT)


@pytest.mark.parametrize(
    ("name", "method", "options"),
    [
        ("mean_sigma", equating.mean_sigma, {}),
        ("mean_mean", equating.mean_mean, {}),
        ("haebara_normal", equating.haebara, {}),
        ("haebara_uniform", equating.haebara, {"weighting": "uniform"}),
        ("stocking_lord_normal", equating.stocking_lord, {}),
        ("stocking_lord_uniform", equating.stocking_lord, {"weighting": "uniform"}),
    ],
)
def test_links(stored: dict[str, Any], name: str, method: Any, options: dict[str, str]) -> None:
    link, expected = method(items(stored["old"]), items(stored["new"]), **options), stored["links"][name]
    assert link.converged
    assert (link.slope, link.intercept) == pytest.approx((expected["slope"], expected["intercept"]), abs=SEARCHED)
    if "criterion" in expected:
        assert link.criterion <= expected["criterion"] * (1 + 1e-12)
        assert link.criterion == pytest.approx(expected["criterion"], rel=1e-6)
        assert link.gradient_norm < 1e-8


def test_true_scores(stored: dict[str, Any]) -> None:
    old = items(stored["old"])
    table = equating.true_score(old, old.iloc[:5])
    np.testing.assert_allclose(table["equated"].iloc[1:-1], stored["true_scores"], atol=EXACT)
    np.testing.assert_allclose(table["ability"].iloc[1:-1], stored["true_theta"], atol=EXACT)
    assert table["equated"].iloc[[0, -1]].tolist() == [0, 12]
    assert table["ability"].iloc[[0, -1]].tolist() == [-np.inf, np.inf]
