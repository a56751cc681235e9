"""Information and reliability from closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import simpson

from oko.errors import MeasureError
from oko.language import used
from oko.measures.irt.calibration import read_calibration
from oko.measures.irt.information import information, marginal_reliability

ITEMS = pd.DataFrame(
    {"discrimination": [1.3, 0.7], "step_1": [0.2, -1.0], "step_2": [np.nan, 0.5]},
    index=pd.Index(["1", "2"], name="item"),
)


def test_information_is_minus_the_second_derivative() -> None:
    known, theta, step = read_calibration(ITEMS), np.linspace(-4, 4, 9), 1e-4
    found = information(known, theta)

    def log_probability(at: np.ndarray) -> np.ndarray:
        return np.log(known.probabilities(at)[1])

    second = (log_probability(theta + step) - 2 * log_probability(theta) + log_probability(theta - step)) / step**2
    # the same for every category; differences of second order lose half of the digits
    assert found["2"].to_numpy() == pytest.approx(-second[:, 1], abs=1e-6)
    p = 1 / (1 + np.exp(-1.3 * (theta - 0.2)))
    assert found["1"].to_numpy() == pytest.approx(1.69 * p * (1 - p), rel=1e-12)
    assert found["test"].to_numpy() == pytest.approx((found["1"] + found["2"]).to_numpy(), rel=1e-14)
    assert found["se"].to_numpy() == pytest.approx(found["test"].to_numpy() ** -0.5, rel=1e-14)
    assert found.index.name == "theta"


def test_far_away_nothing_is_known() -> None:
    found = information(read_calibration(ITEMS), np.array([-3_000.0, 3_000.0]))
    assert found["test"].tolist() == [0.0, 0.0]
    assert np.isinf(found["se"]).all()


@pytest.mark.parametrize("variance", [0.3, 4.0])
@pytest.mark.parametrize("slope", [0.5, 12.0])
def test_marginal_reliability_is_the_integral(variance: float, slope: float) -> None:
    known = read_calibration(ITEMS.assign(discrimination=slope), variance)

    theta = np.linspace(-9, 9, 200_001) * variance**0.5
    test = information(known, theta)["test"].to_numpy()
    density = np.exp(-(theta**2) / (2 * variance)) / np.sqrt(2 * np.pi * variance)
    expected = simpson(test / (test + 1 / variance) * density, x=theta)
    assert marginal_reliability(known) == pytest.approx(expected, abs=1e-10)


def test_wrong_calls() -> None:
    known = read_calibration(ITEMS)
    with used("en"), pytest.raises(MeasureError, match="not a number"):
        information(known, np.array([0.0, np.nan]))
    with used("en"), pytest.raises(MeasureError, match="'test'"):
        information(read_calibration(ITEMS.rename(index={"1": "test"})), np.array([0.0]))


@pytest.mark.parametrize("theta", ["high", ["low"], [[0.0, 1.0], [2.0, 3.0]]])
def test_abilities_that_are_no_list_of_numbers_are_refused(theta: Any) -> None:
    with pytest.raises(MeasureError):
        information(read_calibration(ITEMS), theta)
