"""Statistics of one item's table: Mantel's tests, the odds ratio, the standardised mean difference."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, ndtri

from oko.measures.dif.strata import Table
from oko.measures.responses import Floats

DELTA_PER_LOG_ODDS = -2.35
Z_95 = float(ndtri(0.975))
_Z_ONE_SIDED = float(ndtri(0.95))
_SIGNIFICANT = 0.05
_DELTA_BOUNDS = (1.0, 1.5)
_SMD_BOUNDS = (0.17, 0.25)


@dataclass(frozen=True)
class Compared:
    """Strata in which pupils of both groups stand, reduced to sums of points.

    Attributes
    ----------
    counts : ndarray of shape (strata, 2, categories)
    n, reference, focal : ndarray of shape (strata,)
        Pupils in all, and of each group.
    values : ndarray of shape (categories,)
    """

    counts: Floats
    n: Floats
    reference: Floats
    focal: Floats
    values: Floats

    def focal_points(self, values: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the sum of the focal group's points with its expectation and variance, the margins given."""
        all_points = self.counts.sum(axis=1)
        first, second = all_points @ values, all_points @ values**2
        expected = self.focal * first / self.n
        spread = np.maximum(self.n * second - first**2, 0)
        variance = self.reference * self.focal * spread / (self.n**2 * (self.n - 1))
        return self.counts[:, 1] @ values, expected, variance


def compare(table: Table) -> Compared:
    """Keep the strata of a table in which there are pupils of both groups."""
    by_group = table.counts.sum(axis=2)
    n = by_group.sum(axis=1)
    both = (by_group > 0).all(axis=1) & (n > 1)
    return Compared(table.counts[both], n[both], by_group[both, 0], by_group[both, 1], table.values)


def mantel_test(compared: Compared, *, correct: bool) -> tuple[float, float, float]:
    r"""Return the chi-square statistic on one degree of freedom, its p, and what the focal group has above expectation.

    NaN where no stratum has a variance.

    Notes
    -----
    :math:`(|\sum_k F_k - E F_k| - c)^2 / \sum_k V F_k`, F the focal group's points in stratum k (Mantel 1963, JASA 58,
    690–700); c = ½ for two categories, which are counted as 0 and 1 (Holland & Thayer 1988), else 0.
    """
    binary = len(compared.values) == 2
    values = np.array([0.0, 1.0]) if binary else compared.values
    points, expected, variance = compared.focal_points(values)
    total = float(variance.sum())
    if not total > 0:
        return math.nan, math.nan, math.nan
    excess = float((points - expected).sum())
    distance = abs(excess) - (0.5 if correct and binary else 0)
    chi2 = distance**2 / total
    return chi2, float(chdtrc(1, chi2)), excess


def odds_ratio(compared: Compared) -> tuple[float, float]:
    r"""Return the common odds ratio of two categories and the standard error of its logarithm.

    Above 1 the item is easier for the reference group than for pupils of the focal group with the same score.
    NaN where the item has other than two categories, or where the ratio is 0 or has no bound.

    Notes
    -----
    :math:`α = \sum_k A_k D_k / T_k \big/ \sum_k B_k C_k / T_k`; the variance is that of Robins, Breslow & Greenland
    (1986, Biometrics 42, 311–323), in the form of Phillips & Holland (1987, Biometrics 43, 425–431).
    """
    if len(compared.values) != 2:
        return math.nan, math.nan
    (b, a), (d, c) = compared.counts.transpose(1, 2, 0)
    for_reference, for_focal = float((a * d / compared.n).sum()), float((b * c / compared.n).sum())
    if not (for_reference > 0 and for_focal > 0):
        return math.nan, math.nan
    ratio = for_reference / for_focal
    terms = (a * d + ratio * b * c) * (a + d + ratio * (b + c)) / compared.n**2
    return ratio, math.sqrt(float(terms.sum()) / 2) / for_reference


def mean_difference(compared: Compared) -> tuple[float, float]:
    r"""Return the standardised mean difference in points, focal minus reference, and its standard error.

    Notes
    -----
    :math:`\sum_k w_k (\bar y_{Fk} - \bar y_{Rk})`, w the share of the focal group's pupils in stratum k (Dorans &
    Kulick 1986; Dorans & Schmitt 1993); strata of one group have no part. The standard error supposes no differential
    functioning and the margins given (Zwick & Thayer 1996, JEBS 21, 187–201).
    """
    if len(compared.n) == 0:
        return math.nan, math.nan
    by_group = compared.counts @ compared.values
    weights = compared.focal / compared.focal.sum()
    difference = by_group[:, 1] / compared.focal - by_group[:, 0] / compared.reference
    _, _, variance = compared.focal_points(compared.values)
    scale = weights * (1 / compared.focal + 1 / compared.reference)
    return float(weights @ difference), math.sqrt(float(scale**2 @ variance))


def spread(table: Table) -> float:
    """Return the standard deviation of the item's points (n − 1); NaN for fewer than two pupils."""
    counts = table.counts.sum(axis=(0, 1))
    n = float(counts.sum())
    if n <= 1:
        return math.nan
    mean = float(counts @ table.values) / n
    return math.sqrt(float(counts @ (table.values - mean) ** 2) / (n - 1))


def ets_class(p: float, delta: float, delta_se: float) -> str | float:
    """Return A, B or C of an item with two categories by its delta; NaN where it has none."""
    if math.isnan(p) or math.isnan(delta):
        return math.nan
    size = abs(delta)
    if p >= _SIGNIFICANT or size < _DELTA_BOUNDS[0]:
        return "A"
    large = size >= _DELTA_BOUNDS[1] and (size - _DELTA_BOUNDS[0]) / delta_se > _Z_ONE_SIDED
    return "C" if large else "B"


def ets_class_of_points(p: float, effect: float) -> str | float:
    """Return A, B or C of an item with several categories by its difference in standard deviations."""
    if math.isnan(p) or math.isnan(effect):
        return math.nan
    size = abs(effect)
    if p >= _SIGNIFICANT or size <= _SMD_BOUNDS[0]:
        return "A"
    return "C" if size > _SMD_BOUNDS[1] else "B"
