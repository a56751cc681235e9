"""Zones where there are none, and intervals that hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest

from oko.measures.zones import pairs, profiles, shared

from .test_zones import MOST, cluster, norm

RUNS = 400


@pytest.mark.slow
@pytest.mark.parametrize("within", [0.0, 0.3])
def test_without_differences_zones_are_rare_and_intervals_hold(within: float) -> None:
    """Schools differ in level, and with ``within`` classes in profile, but no school has a profile of its own."""
    with_zone = with_shared = with_pair = 0
    covered = []
    for seed in range(RUNS):
        rng = np.random.default_rng([17, seed])
        profile = profiles({"w": cluster(rng, n=75, within=within)}, MOST, norm(rng))
        with_zone += bool((profile["kind"] != "none").any())
        found = shared(profile)
        with_shared += bool((found["kind"] != "none").any())
        with_pair += bool(len(pairs(profile)))
        covered.append(((profile["lower"] <= 0) & (profile["upper"] >= 0)).mean())
    # binomial: 0.05 over 400 runs has a standard error of 0.0109; 2.58 of them for a 99 % band
    most = 0.05 + 2.58 * np.sqrt(0.05 * 0.95 / RUNS)
    print(with_zone / RUNS, with_shared / RUNS, with_pair / RUNS, np.mean(covered), np.std(covered) / np.sqrt(RUNS))
    assert with_zone / RUNS <= most
    assert with_shared / RUNS <= most
    assert with_pair <= with_zone
    assert np.mean(covered) + 2.58 * np.std(covered) / np.sqrt(RUNS) >= 0.94
