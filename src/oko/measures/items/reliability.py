"""How far the sum of points can be relied on: alpha, its interval, and what each item gives to it."""

from __future__ import annotations

import numpy as np
from scipy.special import fdtri

from oko.measures.items.moments import Floats

_CANCELLED = 1e-12


def total_variance(covariance: Floats) -> float:
    """Return the variance of the sum of points; 0 where the items cancel out but for rounding."""
    total = float(covariance.sum())
    return 0.0 if abs(total) <= _CANCELLED * float(np.trace(covariance)) else total


def alpha(covariance: Floats) -> float:
    r"""Return Cronbach's alpha; NaN under two items, or where the sum has no known variance above 0.

    Parameters
    ----------
    covariance : ndarray of shape (items, items)

    Notes
    -----
    :math:`\frac{k}{k-1} (1 - \sum_i s_{ii} / \sum_{ij} s_{ij})` (Cronbach 1951, Psychometrika 16, 297–334). With items
    of right and wrong it is Kuder and Richardson's formula 20.

    Examples
    --------
    >>> round(alpha(np.array([[2.0, 1], [1, 2]])), 4)
    0.6667
    """
    n_items, total = len(covariance), total_variance(covariance)
    if n_items < 2 or not total > 0:
        return float("nan")
    return n_items / (n_items - 1) * (1 - float(np.trace(covariance)) / total)


def alpha_interval(value: float, n: float, n_items: int, level: float = 0.95) -> tuple[float, float]:
    r"""Return Feldt's interval of alpha; NaN where alpha is not known or under two pupils.

    Parameters
    ----------
    value : float
        Alpha.
    n : float
        Pupils.
    n_items : int
    level : float, default 0.95

    Notes
    -----
    :math:`(1 - α) / (1 - \hat α)` has F on n − 1 and (n − 1)(k − 1) degrees of freedom where the items are parallel
    and normal (Feldt 1965, Psychometrika 30, 357–370), as in R's ``psych::alpha.ci``.

    Examples
    --------
    >>> low, high = alpha_interval(0.74303702004, 729, 13)
    >>> round(low, 4), round(high, 4)
    (0.7147, 0.7697)
    """
    if np.isnan(value) or not n > 1 or n_items < 2:
        return float("nan"), float("nan")
    freedom = (n - 1, (n - 1) * (n_items - 1))
    low, high = (1 - (1 - value) * float(fdtri(*freedom, p)) for p in ((1 + level) / 2, (1 - level) / 2))
    return low, high


def measurement_error(variance: float, reliability: float) -> float:
    r"""Return the standard error of measurement :math:`s \sqrt{1 - α}`; NaN where alpha is not known or above 1."""
    left = 1 - reliability
    return float(np.sqrt(variance * max(left, 0.0))) if left > -_CANCELLED and variance >= 0 else float("nan")


def alpha_if_deleted(covariance: Floats) -> Floats:
    """Return alpha of the other items, for each item."""
    return np.array([alpha(_without(covariance, item)) for item in range(len(covariance))])


def item_total(covariance: Floats) -> Floats:
    """Return the correlation of each item with the sum of all; NaN for an item or a sum without variance."""
    return _correlation(
        covariance.sum(axis=1), np.diag(covariance), np.full(len(covariance), total_variance(covariance))
    )


def item_rest(covariance: Floats) -> Floats:
    """Return the correlation of each item with the sum of the others; NaN where one of them has no variance."""
    rest = np.array([total_variance(_without(covariance, item)) for item in range(len(covariance))])
    others = covariance - np.diag(np.diag(covariance))
    return _correlation(others.sum(axis=1), np.diag(covariance), rest)


def _without(covariance: Floats, item: int) -> Floats:
    left = np.arange(len(covariance)) != item
    return covariance[np.ix_(left, left)]


def _correlation(covariance: Floats, variance: Floats, other: Floats) -> Floats:
    known = (variance > 0) & (other > 0)
    spread = np.sqrt(np.where(known, variance * other, 1.0))
    return np.where(known, covariance / spread, np.nan)
