"""Intervals of shares and means whose pupils come from one class or from several."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri, stdtrit

from oko.errors import MeasureError
from oko.measures.weights import Codes, sum_by

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Means:
    """Means of groups with two variances of each; every array has one entry a group.

    Attributes
    ----------
    n : ndarray
        Pupils with a value.
    clusters : ndarray
        Clusters (classes) with a pupil who has a value.
    mean : ndarray
    simple : ndarray
        Variance of the mean if pupils were drawn one by one; NaN below two pupils.
    clustered : ndarray
        Linearised variance with clusters as what was drawn; NaN below two clusters.
    """

    n: Floats
    clusters: NDArray[np.int64]
    mean: Floats
    simple: Floats
    clustered: Floats


def check_level(level: float) -> None:
    """Refuse a confidence level outside 0 to 1.

    Raises
    ------
    MeasureError
    """
    if not (isinstance(level, Real) and 0 < level < 1):
        raise MeasureError("Confidence level {level} is not between 0 and 1: give 0.95, for example.", level=level)


def clustered_means(values: Floats, weights: Floats, group: Codes, cluster: Codes, n_groups: int) -> Means:
    r"""Return the mean of each group with its simple and its clustered variance.

    Parameters
    ----------
    values : ndarray of shape (rows,)
        NaN where there is none; such rows do not count.
    weights : ndarray of shape (rows,)
        Pupils that a row stands for.
    group, cluster : ndarray of int of shape (rows,)
        Group from 0 to ``n_groups`` − 1; cluster, numbered so that no two groups share a cluster.
    n_groups : int

    Returns
    -------
    Means

    Notes
    -----
    The mean of a group is a ratio of cluster totals, :math:`\sum_c t_c / \sum_c m_c`. Its linearised variance is
    :math:`\frac{k}{k-1} \sum_c (t_c - \bar y m_c)^2 / n^2` over k clusters (Cochran 1977, Sampling Techniques, 6.3).

    Examples
    --------
    >>> values, ones = np.array([1.0, 0, 1, 1]), np.ones(4)
    >>> means = clustered_means(values, ones, np.zeros(4, int), np.array([0, 0, 1, 1]), 1)
    >>> float(means.mean[0]), float(means.simple[0]), float(means.clustered[0])
    (0.75, 0.0625, 0.0625)
    """
    known = np.isfinite(values)
    pupils, points = np.where(known, weights, 0.0), np.where(known, values, 0.0)
    n = sum_by(group, pupils, n_groups)
    mean = _divide(sum_by(group, pupils * points, n_groups), n)
    spread = sum_by(group, pupils * np.square(points - np.nan_to_num(mean)[group]), n_groups)
    # the mean of equal values is rounded: squares that only this keeps from 0
    spread[spread <= 1e-24 * sum_by(group, pupils * np.square(points), n_groups)] = 0.0
    owner = np.zeros(int(cluster.max(initial=-1)) + 1, dtype=np.int64)
    owner[cluster] = group
    size = sum_by(cluster, pupils, len(owner))
    total = sum_by(cluster, pupils * points, len(owner))
    deviation = np.square(total - np.nan_to_num(mean)[owner] * size)
    clusters = sum_by(owner, (size > 0).astype(float), n_groups).astype(np.int64)
    between = sum_by(owner, deviation, n_groups)
    return Means(n, clusters, mean, _divide(spread, n * (n - 1)), _divide(clusters * between, (clusters - 1) * n**2))


def _divide(top: ArrayLike, bottom: ArrayLike) -> Floats:
    above, below = np.broadcast_arrays(np.asarray(top, dtype=float), np.asarray(bottom, dtype=float))
    quotient: Floats = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
    return quotient


def wilson(share: ArrayLike, n: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    r"""Return Wilson's interval of a share.

    Parameters
    ----------
    share : array_like, 0 to 1
    n : array_like
        Pupils, or the number that many clustered pupils are worth; any positive number.
    level : float, default 0.95

    Returns
    -------
    (ndarray, ndarray)
        Lower and upper bounds; NaN where ``n`` is 0.

    Notes
    -----
    :math:`\frac{p + z^2/2n \pm z\sqrt{p(1-p)/n + z^2/4n^2}}{1 + z^2/n}` (Wilson 1927, JASA 22, 209–212).

    Examples
    --------
    >>> low, high = wilson(81 / 263, 263)
    >>> round(float(low), 4), round(float(high), 4)
    (0.2553, 0.3662)
    """
    p, count = np.broadcast_arrays(np.asarray(share, dtype=float), np.asarray(n, dtype=float))
    z2 = float(ndtri((1 + level) / 2)) ** 2
    step = _divide(np.full(count.shape, z2), count)
    centre = (p + step / 2) / (1 + step)
    half = np.sqrt(np.clip(step * p * (1 - p) + step**2 / 4, 0, None)) / (1 + step)
    lower = np.where(p == 0, 0.0, np.clip(centre - half, 0, 1))
    upper = np.where(p == 1, 1.0, np.clip(centre + half, 0, 1))
    return np.where(np.isnan(half), np.nan, lower), np.where(np.isnan(half), np.nan, upper)


def effective_size(means: Means, level: float, fallback: Means | None = None) -> Floats:
    """Return how many pupils drawn one by one would tell as much about a share as these clustered ones.

    Parameters
    ----------
    means : Means
        Of an indicator, 0 or 1.
    level : float
    fallback : Means, optional
        Of another value of the same pupils, whose design effect serves where the share is 0 or 1: there the
        clustered variance is 0 and tells nothing.

    Returns
    -------
    ndarray
        ``n`` / design effect × (z / t)², t on clusters − 1 degrees of freedom, never more than ``n``; ``n`` itself
        for one cluster.

    Notes
    -----
    Korn & Graubard (1998, Survey Methodology 24, 193–201), with Wilson's interval instead of Clopper–Pearson's, which
    Dean & Pagano (2015, JSSAM 3, 484–503) found closer to its level; the cap at ``n`` is that of Parker et al.
    (2017, Vital and Health Statistics 2(175)): a design effect below 1 from few classes is
    chance far more often than gain.
    """
    effect = _design_effect(means)
    if fallback is not None:
        effect = np.where((means.mean > 0) & (means.mean < 1), effect, _design_effect(fallback))
    quantile = (1 + level) / 2
    t = stdtrit(np.maximum(means.clusters - 1, 1), quantile)
    inflation = np.where(means.clusters > 1, effect * (t / ndtri(quantile)) ** 2, 1.0)
    return np.where(means.n > 0, means.n / np.maximum(inflation, 1.0), 0.0)


def _design_effect(means: Means) -> Floats:
    drawn_one_by_one = means.simple * (means.n - 1) / np.maximum(means.n, 1)
    return np.nan_to_num(_divide(means.clustered, drawn_one_by_one), nan=1.0)


def share_interval(means: Means, level: float = 0.95, fallback: Means | None = None) -> tuple[Floats, Floats]:
    """Return the interval of a share: Wilson's for one cluster, Wilson's at the effective size for several."""
    return wilson(means.mean, effective_size(means, level, fallback), level)


def mean_interval(means: Means, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return the t interval of a mean: from single pupils for one cluster, from clusters for several.

    Parameters
    ----------
    means : Means
    level : float, default 0.95

    Returns
    -------
    (ndarray, ndarray)
        Lower and upper bounds; NaN below two pupils. With several clusters the wider of the two intervals,
        for the reason given in `effective_size`.
    """
    half = np.fmax(
        _half_width(means.simple, means.n - 1, level), _half_width(means.clustered, means.clusters - 1, level)
    )
    return means.mean - half, means.mean + half


def _half_width(variance: Floats, df: ArrayLike, level: float) -> Floats:
    known = np.isfinite(variance)
    half = stdtrit(np.where(known, df, 1.0), (1 + level) / 2) * np.sqrt(np.where(known, variance, 0.0))
    return np.where(known, half, np.nan)


def bounded_interval(means: Means, low: float, high: float, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return the interval of a mean of values that cannot leave ``low`` to ``high``.

    Returns
    -------
    (ndarray, ndarray)
        The t interval cut at the bounds. Where all values are equal, or there is one pupil, the spread is unknown
        and Wilson's interval stands in for it: no value between two bounds spreads more than a share of the upper one.
    """
    lower, upper = mean_interval(means, level)
    share_lower, share_upper = wilson((means.mean - low) / (high - low), means.n, level)
    spread_known = np.nan_to_num(means.simple) > 0
    return (
        np.where(spread_known, np.clip(lower, low, high), low + (high - low) * share_lower),
        np.where(spread_known, np.clip(upper, low, high), low + (high - low) * share_upper),
    )
