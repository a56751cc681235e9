"""Size and power of the tests of differential functioning, and the spread of what they estimate, by simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from oko.measures import dif

REPLICATIONS = 120
N, ITEMS = 800, 15
DIFFICULTY = np.linspace(-1.5, 1.5, ITEMS)


def draw(
    rng: np.random.Generator, log_odds: float, most: int, difference: float = 0.0
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return points under a Rasch or a cumulative model; item 10 is harder for the focal group by ``log_odds``."""
    focal = np.arange(N) % 2 == 1
    theta = rng.normal(size=N) - difference * focal
    place = theta[:, None] - DIFFICULTY
    place[:, 10] -= log_odds * focal
    chance = rng.random(place.shape)
    return pd.DataFrame(sum((chance < expit(place - step)).astype(float) for step in range(most))), focal


@pytest.mark.slow
@pytest.mark.parametrize(("most", "difference"), [(1, 0.0), (1, 0.7), (2, 0.7)])
def test_size(most: int, difference: float) -> None:
    """Equal items are flagged at 5 %, also where the groups differ in ability, and the family error of Holm is below 5 %.

    Monte Carlo error of a family's share at 5 %: sqrt(.05 × .95 / 120) = .02; of the mean over 15 items about .005.
    Without correction for continuity: with it the test is conservative, as it is meant to be.
    """
    rng = np.random.default_rng(20261127 + most)
    mantel, logistic, families = [], [], []
    for _ in range(REPLICATIONS):
        points, focal = draw(rng, 0, most, difference)
        found = dif.mantel_haenszel(points, focal, correct=False)
        mantel.append((found["p"] < 0.05).mean())
        families.append((found["p_adjusted"] < 0.05).any())
        logistic.append((dif.logistic(points, focal, "uniform")["p"] < 0.05).mean())
    for shares in (mantel, logistic):
        error = np.std(shares) / np.sqrt(REPLICATIONS)
        assert abs(np.mean(shares) - 0.05) < 4 * error
    assert np.mean(families) < 0.05 + 3 * 0.02


@pytest.mark.slow
def test_power_and_estimates() -> None:
    """A difference of 0.6 in log odds is found in most samples; estimates and their standard errors are right.

    Under the Rasch model, matched on the total of clean items and the studied one, the conditional log odds ratio is
    the planted one (Holland & Thayer 1988).
    """
    rng = np.random.default_rng(20261128)
    rows = []
    for _ in range(REPLICATIONS):
        points, focal = draw(rng, 0.6, 1)
        found, logistic = dif.mantel_haenszel(points, focal), dif.logistic(points, focal, "uniform")
        rows.append((found.loc[10, "delta"] / 2.35, found.loc[10, "delta_se"] / 2.35, found.loc[10, "flagged"],
                     logistic.loc[10, "group"], logistic.loc[10, "group_se"], logistic.loc[10, "flagged"]))  # fmt: skip
    mantel, mantel_se, found_mantel, group, group_se, found_logistic = np.array(rows, dtype=float).T
    for estimate, se, found in ((mantel, mantel_se, found_mantel), (group, group_se, found_logistic)):
        error = estimate.std() / np.sqrt(REPLICATIONS)
        assert abs(estimate.mean() + 0.6) < 4 * error
        assert se.mean() == pytest.approx(estimate.std(), rel=4 / np.sqrt(2 * REPLICATIONS))
        covered = np.abs(estimate - estimate.mean()) < 1.96 * se
        assert abs(covered.mean() - 0.95) < 4 * np.sqrt(0.05 * 0.95 / REPLICATIONS)
        assert found.mean() > 0.9
