"""How what two sets of tasks measure goes together, once the error of measurement is allowed for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from oko.errors import MeasureError
from oko.measures.intervals import check_level
from oko.measures.items.facility import cluster_codes
from oko.measures.responses import Floats, read_responses
from oko.measures.skills.results import FEWEST_ITEMS
from oko.measures.statement import Statement, whole
from oko.measures.weights import Codes, Weights

FEWEST_PUPILS, FEWEST_CLUSTERS = 30, 5
LEAST_ALPHA = 0.2


@dataclass(frozen=True)
class Correlation:
    """The correlation of the sums of two sets of tasks.

    Attributes
    ----------
    n : float
        Pupils who were given all tasks of both sets.
    n_clusters : int
    n_first, n_second : int
        Tasks.
    r, lower, upper : float
        Correlation of the sums with its interval.
    alpha_first, alpha_second : float
        Cronbach's alpha of each set.
    corrected, corrected_lower, corrected_upper : float
        Correlation corrected for unreliability; above 1 where the sample brings it there.
    statements : tuple of Statement
        What could not be said, and why; such numbers are NaN.
    """

    n: float
    n_clusters: int
    n_first: int
    n_second: int
    r: float
    lower: float
    upper: float
    alpha_first: float
    alpha_second: float
    corrected: float
    corrected_lower: float
    corrected_upper: float
    statements: tuple[Statement, ...]


def corrected_correlation(
    first: pd.DataFrame,
    second: pd.DataFrame,
    clusters: pd.Series | None = None,
    weights: Weights = None,
    level: float = 0.95,
) -> Correlation:
    r"""Return the correlation of two sums of points, as it is and corrected for unreliability.

    Parameters
    ----------
    first, second : DataFrame, pupils × items
        Points of the two sets of tasks, on one index; pupils who lack a point of either are left out.
    clusters : Series, optional
        Class of each pupil, on the same index; by default each pupil stands alone.
    weights : str, Series, array or None
        How many pupils a row stands for; not the name of an item.
    level : float, default 0.95

    Returns
    -------
    Correlation

    Raises
    ------
    MeasureError
        The two tables have different rows, or points, clusters, weights or level are wrong.

    Notes
    -----
    :math:`r / \sqrt{α_1 α_2}` (Spearman 1904, American Journal of Psychology 15, 72–101), what the sums would
    correlate if both were free of error. It takes errors of the two sets to be independent, and alpha to be their
    reliability; with alpha below it, the correction overshoots. Both intervals are jackknifed over classes, alphas and
    all, so that the error of the reliabilities is in them: for r on the scale of Fisher's z, t on classes − 1 degrees
    of freedom. Nothing is given under three tasks in a set, 30 pupils, or where an alpha is below 0.2, no interval
    under five classes.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> ability = rng.normal(size=(400, 1))
    >>> points = pd.DataFrame((rng.normal(size=(400, 8)) < ability).astype(int), columns=list("abcdefgh"))
    >>> found = corrected_correlation(points[list("abcd")], points[list("efgh")])
    >>> round(found.r, 2), round(found.corrected, 2)
    (0.63, 1.05)
    """
    check_level(level)
    if not first.index.equals(second.index):
        raise MeasureError("The two tables of points have different rows: give the same pupils in the same order.")
    both, sets = pd.concat([first, second], axis=1), np.array([first.shape[1], second.shape[1]])
    both = both.set_axis([str(place) for place in range(both.shape[1])], axis=1)
    read = read_responses(both, weights)
    codes = np.arange(len(both)) if clusters is None else cluster_codes(both, clusters)
    whole_rows = ~np.isnan(read.points).any(axis=1) & (read.weights > 0)
    points, kept = read.points[whole_rows], read.weights[whole_rows]
    groups = np.unique(codes[whole_rows], return_inverse=True)[1]
    n, n_clusters = float(kept.sum()), len(np.unique(groups))
    if short := _too_little(sets, n):
        return _nothing(n, n_clusters, sets, short)
    value, without = _replicates(points, kept, groups, int(sets[0]))
    said = _remarks(value, n_clusters)
    enough = n_clusters >= FEWEST_CLUSTERS
    t = float(stdtrit(n_clusters - 1, (1 + level) / 2)) if enough else np.nan
    z = np.arctanh(np.clip(value[0], -1 + 1e-12, 1 - 1e-12))
    half = t * _jackknife(np.arctanh(np.clip(without[0], -1 + 1e-12, 1 - 1e-12)))
    reliable = bool(min(value[1], value[2]) >= LEAST_ALPHA)
    corrected = float(value[3]) if reliable else np.nan
    reach = t * _jackknife(without[3]) if reliable else np.nan
    return Correlation(
        n=whole(n), n_clusters=n_clusters, n_first=int(sets[0]), n_second=int(sets[1]),
        r=float(value[0]), lower=float(np.tanh(z - half)), upper=float(np.tanh(z + half)),
        alpha_first=float(value[1]), alpha_second=float(value[2]),
        corrected=corrected, corrected_lower=corrected - reach, corrected_upper=corrected + reach, statements=said,
    )  # fmt: skip


def _too_little(sets: Codes, n: float) -> tuple[Statement, ...]:
    if min(sets) < FEWEST_ITEMS:
        return (Statement("skills_correlation_few_items", {"n_items": int(min(sets)), "needed": FEWEST_ITEMS}),)
    if n < FEWEST_PUPILS:
        return (Statement("skills_correlation_few_pupils", {"n": whole(n), "needed": FEWEST_PUPILS}),)
    return ()


def _nothing(n: float, n_clusters: int, sets: Codes, said: tuple[Statement, ...]) -> Correlation:
    return Correlation(whole(n), n_clusters, int(sets[0]), int(sets[1]), *(np.nan,) * 8, said)


def _replicates(points: Floats, weights: Floats, groups: Codes, split: int) -> tuple[Floats, Floats]:
    """Return r, both alphas and the corrected r of all pupils, and of all but each class (4 × classes)."""
    n_groups, k = int(groups.max()) + 1, points.shape[1]
    away = points - points.mean(axis=0)
    mass, sums = np.bincount(groups, weights, n_groups), np.zeros((n_groups, k))
    products = np.zeros((n_groups, k, k))
    for group in range(n_groups):
        own, w = away[groups == group], weights[groups == group, None]
        sums[group], products[group] = (own * w).sum(axis=0), (own * w).T @ own
    everything = (mass.sum(), sums.sum(axis=0), products.sum(axis=0))
    return (
        _coefficients(np.array([everything[0]]), everything[1][None], everything[2][None], split)[:, 0],
        _coefficients(everything[0] - mass, everything[1] - sums, everything[2] - products, split),
    )


def _coefficients(mass: Floats, sums: Floats, products: Floats, split: int) -> Floats:
    centred = products - np.einsum("gi,gj->gij", sums, sums) / mass[:, None, None]
    covariance = centred / (mass - 1)[:, None, None]
    one, other = covariance[:, :split, :split], covariance[:, split:, split:]
    spread = [block.sum(axis=(1, 2)) for block in (one, other)]
    cross = covariance[:, :split, split:].sum(axis=(1, 2))
    alphas = [_alphas(block, total) for block, total in zip((one, other), spread, strict=True)]
    with np.errstate(divide="ignore", invalid="ignore"):
        r = cross / np.sqrt(spread[0] * spread[1])
        corrected = r / np.sqrt(np.where((alphas[0] > 0) & (alphas[1] > 0), alphas[0] * alphas[1], np.nan))
    return np.stack([r, *alphas, corrected])


def _alphas(covariance: Floats, total: Floats) -> Floats:
    k = covariance.shape[1]
    diagonal = np.einsum("gii->g", covariance)
    found: Floats = np.divide(k * (total - diagonal), (k - 1) * total, out=np.full(len(total), np.nan), where=total > 0)
    return found


def _jackknife(values: Floats) -> float:
    """Return the standard error from the values without each class."""
    g = len(values)
    return float(np.sqrt((g - 1) / g * ((values - values.mean()) ** 2).sum()))


def _remarks(value: Floats, n_clusters: int) -> tuple[Statement, ...]:
    said = []
    if n_clusters < FEWEST_CLUSTERS:
        said.append(Statement("skills_correlation_few_classes", {"n": n_clusters, "needed": FEWEST_CLUSTERS}))
    if not min(value[1], value[2]) >= LEAST_ALPHA:
        low = float(np.nanmin(value[1:3])) if np.isfinite(value[1:3]).any() else np.nan
        said.append(Statement("skills_correlation_unreliable", {"alpha": low, "needed": LEAST_ALPHA}))
    elif value[3] > 1:
        said.append(Statement("skills_correlation_above_one"))
    return tuple(said)
