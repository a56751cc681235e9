from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import stdtrit
from statsmodels.stats.proportion import proportion_confint

from oko.errors import MeasureError
from oko.measures.intervals import (
    Means,
    bounded_interval,
    check_level,
    clustered_means,
    effective_size,
    mean_interval,
    share_interval,
    wilson,
)

LEVELS = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99])


def one_group(values: np.ndarray, cluster: np.ndarray, weights: np.ndarray | None = None) -> Means:
    weights = np.ones(len(values)) if weights is None else weights
    return clustered_means(values.astype(float), weights, np.zeros(len(values), dtype=np.int64), cluster, 1)


# Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3 (Wilson).
@pytest.mark.parametrize(
    ("hits", "n", "lower", "upper"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_is_newcombes(hits: int, n: int, lower: float, upper: float) -> None:
    low, high = wilson(hits / n, n)
    assert (round(float(low), 4), round(float(high), 4)) == (lower, upper)


@settings(deadline=None)
@given(n=st.integers(1, 5000), part=st.floats(0, 1), level=LEVELS)
def test_wilson_is_that_of_statsmodels(n: int, part: float, level: float) -> None:
    hits = round(part * n)
    low, high = wilson(hits / n, n, level)
    expected = proportion_confint(hits, n, 1 - level, method="wilson")
    np.testing.assert_allclose([low, high], np.clip(expected, 0, 1), atol=1e-12)
    assert low <= hits / n <= high


def test_wilson_of_nobody_is_unknown() -> None:
    assert np.isnan(wilson(np.nan, 0)).all()


@pytest.mark.parametrize("level", [0, 1, 95, -0.1])
def test_a_level_is_a_probability(level: float) -> None:
    with pytest.raises(MeasureError) as caught:
        check_level(level)
    assert caught.value.values == {"level": level}


def clustered_values(clusters: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    sizes = rng.integers(4, 30, clusters)
    cluster = np.repeat(np.arange(clusters), sizes)
    return rng.normal(size=clusters)[cluster] + rng.normal(size=len(cluster)), cluster


def test_clustered_variance_is_that_of_statsmodels() -> None:
    values, cluster = clustered_values(9)
    means = one_group(values, cluster)
    fit = sm.OLS(values, np.ones(len(values))).fit(
        cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}
    )
    assert means.clustered[0] == pytest.approx(9 / 8 * fit.bse[0] ** 2, rel=1e-12)
    assert means.clusters[0] == 9
    low, high = mean_interval(means)
    half = stdtrit(8, 0.975) * np.sqrt(means.clustered[0])
    assert (high - low)[0] / 2 == pytest.approx(half, rel=1e-12)


def test_simple_variance_is_that_of_the_mean() -> None:
    values, _ = clustered_values(4)
    means = one_group(values, np.zeros(len(values), dtype=np.int64))
    assert means.simple[0] == pytest.approx(values.var(ddof=1) / len(values), rel=1e-12)
    assert np.isnan(means.clustered[0])
    low, high = mean_interval(means, 0.9)
    expected = sm.stats.DescrStatsW(values).tconfint_mean(0.1)
    np.testing.assert_allclose([low[0], high[0]], expected, rtol=1e-12)


def test_groups_do_not_touch_each_other() -> None:
    values, cluster = clustered_values(8)
    group = (cluster >= 3).astype(np.int64)
    both = clustered_means(values, np.ones(len(values)), group, cluster, 2)
    for g, rows in enumerate((cluster < 3, cluster >= 3)):
        alone = one_group(values[rows], pd.factorize(cluster[rows])[0])
        assert both.clustered[g] == pytest.approx(alone.clustered[0], rel=1e-12)
        assert both.simple[g] == pytest.approx(alone.simple[0], rel=1e-12)


def test_effective_size_by_hand() -> None:
    # Two classes of 10 with 8 and 2 hits: variance 2/1 * 2 * 3^2 / 20^2 = 0.09, design effect 0.09 / 0.0125 = 7.2.
    values = np.array([1] * 8 + [0] * 2 + [1] * 2 + [0] * 8)
    means = one_group(values, np.repeat([0, 1], 10))
    assert means.clustered[0] == pytest.approx(0.09)
    inflation = (stdtrit(1, 0.975) / 1.959963984540054) ** 2
    assert effective_size(means, 0.95)[0] == pytest.approx(20 / 7.2 / inflation, rel=1e-12)


def test_clusters_that_are_all_alike_do_not_narrow_the_interval() -> None:
    values = np.tile([1, 0], 20)
    means = one_group(values, np.repeat(np.arange(4), 10))
    assert means.clustered[0] == pytest.approx(0)
    assert effective_size(means, 0.95)[0] == 40
    np.testing.assert_array_equal(share_interval(means), wilson(means.mean, 40))


def test_a_share_of_nothing_takes_the_design_effect_of_the_other_values() -> None:
    cluster = np.repeat(np.arange(6), 10)
    nothing, other = one_group(np.zeros(60), cluster), one_group((cluster < 3).astype(float), cluster)
    assert effective_size(nothing, 0.95)[0] == pytest.approx(60 / (stdtrit(5, 0.975) / 1.959963984540054) ** 2)
    assert share_interval(nothing, 0.95, other)[1][0] > 2 * share_interval(nothing, 0.95)[1][0]


def test_equal_values_still_have_an_interval_between_bounds() -> None:
    means = one_group(np.full(12, 16.0), np.zeros(12, dtype=np.int64))
    low, high = bounded_interval(means, 16.0, 100.0)
    assert low[0] == 16
    assert high[0] == pytest.approx(16 + 84 * wilson(0.0, 12)[1])


@settings(deadline=None)
@given(
    values=st.lists(st.integers(0, 3), min_size=1, max_size=40),
    classes=st.integers(1, 6),
    repeats=st.lists(st.integers(0, 4), min_size=40, max_size=40),
)
def test_weights_are_repeated_rows(values: list[int], classes: int, repeats: list[int]) -> None:
    points, cluster = np.array(values, dtype=float), np.arange(len(values)) % classes
    weights = np.array(repeats[: len(values)])
    weighted = one_group(points, cluster, weights.astype(float))
    repeated = one_group(np.repeat(points, weights), np.repeat(cluster, weights))
    for name in ("n", "clusters", "mean", "simple", "clustered"):
        np.testing.assert_allclose(getattr(weighted, name), getattr(repeated, name), rtol=1e-9, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("classes", "spread"), [(1, 0.0), (3, 0.0), (3, 0.8), (8, 0.8), (30, 0.8)])
def test_intervals_of_shares_cover(classes: int, spread: float) -> None:
    """The share of the population is in the 95 % interval in 93 % of samples or more (Monte Carlo error 0.5 %)."""
    rng = np.random.default_rng(20261123)
    draws, covered = 2000, 0
    population = 1 / (1 + np.exp(-(0.4 + spread * rng.normal(size=400_000))))
    cluster = np.repeat(np.arange(classes), 25)
    for _ in range(draws):
        chance = rng.choice(population, classes)
        means = one_group((rng.random(len(cluster)) < chance[cluster]).astype(float), cluster)
        low, high = share_interval(means)
        covered += bool(low[0] <= population.mean() <= high[0])
    assert covered / draws >= 0.93
