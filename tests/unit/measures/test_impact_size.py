"""Size of tests of an effect that is not there: seven schools with the model among 14, 25 and 60."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from oko.measures.impact import cluster_robust, randomisation_test, wild_bootstrap

REPLICATIONS = 1_500
# The table of the project's list of methods, itself from 1,500 replications.
PRINTED = {
    14: {"naive": 0.305, "CR1": 0.067, "CR2": 0.054, "WCR": 0.056, "RI": 0.051, "t": 0.046},
    25: {"naive": 0.339, "CR1": 0.087, "CR2": 0.055, "WCR": 0.057, "RI": 0.047, "t": 0.055},
    60: {"naive": 0.340, "CR1": 0.105, "CR2": 0.058, "WCR": 0.060, "RI": 0.055, "t": 0.043},
}
# Two-sided 1 % over the 18 cells.
Z = float(stats.norm.isf(0.01 / 2 / 18))
SCHOOL_YEAR, PUPIL = 0.12, 0.8


def one_replication(rng: np.random.Generator, schools: int) -> dict[str, bool]:
    """Draw two waves without an effect and say which tests reject at 5 %."""
    treated = np.arange(schools) < 7
    n = np.where(treated[:, None], rng.integers(80, 201, (schools, 2)), rng.integers(40, 161, (schools, 2)))
    mean = SCHOOL_YEAR * rng.normal(size=(schools, 2)) + PUPIL * rng.normal(size=(schools, 2)) / np.sqrt(n)
    after = np.tile([0.0, 1.0], schools)
    design = pd.DataFrame({"after": after, "treated": after * np.repeat(treated, 2)})
    y, school, pupils = mean.ravel(), np.repeat(np.arange(schools), 2), n.ravel().astype(float)
    one = cluster_robust(design, y, school, "CR1", weights=pupils, absorb=school).loc["treated"]
    two = cluster_robust(design, y, school, "CR2", weights=pupils, absorb=school).loc["treated"]
    wild = wild_bootstrap(
        design, y, school, "treated", weights_type="webb", weights=pupils, draws=399, absorb=school,
        seed=int(rng.integers(2**31)),
    )  # fmt: skip
    change = mean[:, 1] - mean[:, 0]
    shuffle = randomisation_test(change, treated, draws=999, seed=int(rng.integers(2**31)))
    return {
        "naive": naive(rng, design, y, school, pupils),
        "CR1": 2 * stats.t.sf(abs(one["estimate"]) / one["se"], schools - 1) < 0.05,
        "CR2": bool(two["p"] < 0.05),
        "WCR": wild.p < 0.05,
        "RI": shuffle.p <= 0.05,
        "t": bool(stats.ttest_ind(change[treated], change[~treated]).pvalue < 0.05),
    }


def naive(
    rng: np.random.Generator, design: pd.DataFrame, y: np.ndarray, school: np.ndarray, pupils: np.ndarray
) -> bool:
    """Test as if pupils had been drawn one by one: school dummies, classical standard error."""
    root = np.sqrt(pupils)
    x = np.column_stack([design.to_numpy(), school[:, None] == np.unique(school)]) * root[:, None]
    beta, _, _, _ = np.linalg.lstsq(x, y * root, rcond=None)
    left = float(((y * root - x @ beta) ** 2).sum()) + PUPIL**2 * rng.chisquare(pupils.sum() - len(y))
    df = pupils.sum() - x.shape[1]
    se = np.sqrt(left / df * np.linalg.inv(x.T @ x)[1, 1])
    return bool(abs(beta[1]) / se > 1.96)


@pytest.mark.slow
@pytest.mark.parametrize("schools", PRINTED)
def test_size_is_that_of_the_table(schools: int) -> None:
    rng = np.random.default_rng([20261127, schools])
    found = pd.DataFrame([one_replication(rng, schools) for _ in range(REPLICATIONS)]).mean()
    print(schools, found.round(4).to_dict())
    for name, printed in PRINTED[schools].items():
        # Monte Carlo error of both: the table's and ours
        error = np.sqrt(2 * printed * (1 - printed) / REPLICATIONS)
        assert abs(found[name] - printed) <= Z * error, (name, found[name], printed)
    # and the tests that a page may use keep their level but for the error of our own replications
    for name in ("CR2", "WCR", "RI", "t"):
        assert found[name] <= 0.06 + Z * np.sqrt(0.06 * 0.94 / REPLICATIONS)


@pytest.mark.slow
def test_p_of_randomisation_is_uniform_without_an_effect() -> None:
    rng = np.random.default_rng(20261128)
    treated = np.arange(14) < 7
    p = [randomisation_test(rng.normal(size=14) * (1 + treated), treated).p for _ in range(2_000)]
    # 1,716 different p at most, so that steps are far below the bound of Kolmogorov and Smirnov at 0.1 %
    assert stats.kstest(p, "uniform").pvalue > 0.001
