from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from oko.measures.goldstein_healy import MOST_DISTINCT, overlap_factor


def test_equal_errors_give_z_over_root_two() -> None:
    assert overlap_factor([0.2] * 5) == pytest.approx(1.959963984540054 / np.sqrt(2), rel=1e-14)


def test_factor_is_the_mean_over_pairs() -> None:
    se = [0.1, 0.3, 0.3, 0.05]
    pairs = [np.sqrt(a**2 + b**2) / (a + b) for a, b in combinations(se, 2)]
    assert overlap_factor(se) == pytest.approx(1.959963984540054 * np.mean(pairs), rel=1e-14)


def test_bars_of_two_schools_touch_exactly_when_they_differ() -> None:
    a, b = 0.1, 0.4
    assert overlap_factor([a, b]) * (a + b) == pytest.approx(1.959963984540054 * np.hypot(a, b), rel=1e-14)


def test_grouping_many_errors_changes_little() -> None:
    se = 1 / np.sqrt(5 + np.linspace(0, 300, MOST_DISTINCT + 1000))
    pairs = np.hypot(se[:, None], se[None, :]) / (se[:, None] + se[None, :])
    exact = 1.959963984540054 * pairs[np.triu_indices(len(se), 1)].mean()
    assert overlap_factor(se) == pytest.approx(exact, abs=1e-5)


@pytest.mark.parametrize("se", [[], [0.1]])
def test_a_pair_is_needed(se: list[float]) -> None:
    assert np.isnan(overlap_factor(se))


def test_schools_without_variance_have_no_bars_to_widen() -> None:
    assert overlap_factor([0.0, 0.0, 0.0]) == pytest.approx(1.3859038, abs=1e-7)
