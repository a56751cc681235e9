"""Search for the one variance ratio of a random intercept."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import brentq

from oko.errors import MeasureError
from oko.measures.mixed import CrossProducts, Floats
from oko.measures.weights import sum_by

RATIOS = np.array([0.0, *10.0 ** np.arange(-6, 8.25, 0.25)])


@dataclass(frozen=True)
class RatioProfile:
    """Cross-products of a random intercept, schools of equal size taken together.

    Attributes
    ----------
    sizes, counts : ndarray of shape (sizes,)
        Distinct numbers of pupils in a school; schools of each.
    blocks : ndarray of shape (sizes, (p + 1)²)
        Sums over schools of the products of their column totals, outcome last.
    total : ndarray of shape (p + 1, p + 1)
        Cross-products over all pupils.
    freedom : float
        n, or n − p if restricted.
    restricted : bool
    """

    sizes: Floats
    counts: Floats
    blocks: Floats
    total: Floats
    freedom: float
    restricted: bool


def ratio_profile(products: CrossProducts, *, restricted: bool) -> RatioProfile:
    """Collapse the cross-products of a random intercept to one row for each size of school."""
    p = len(products.xy)
    totals = np.vstack([products.zx[0], products.zy[0]])
    sizes, place = np.unique(products.zz[0, 0], return_inverse=True)
    outer = (totals[:, None] * totals).reshape((p + 1) ** 2, -1)
    blocks: Floats = np.stack([sum_by(place, product, len(sizes)) for product in outer], axis=1)
    total = np.block([[products.xx, products.xy[:, None]], [products.xy[None, :], np.array([[products.yy]])]])
    freedom = products.n - (p if restricted else 0)
    counts: Floats = np.bincount(place).astype(np.float64)
    return RatioProfile(sizes, counts, blocks, total, freedom, restricted)


def deviance_and_slope(profile: RatioProfile, ratios: Floats) -> tuple[Floats, Floats]:
    """Return the profiled deviance, as `mixed.evaluate` does, and its derivative at many variance ratios at once.

    Parameters
    ----------
    profile : RatioProfile
    ratios : ndarray of shape (k,)
        School variance divided by pupil variance, 0 or more.

    Returns
    -------
    (ndarray, ndarray) of shape (k,)
    """
    p = len(profile.total) - 1
    shape = (len(ratios), p + 1, p + 1)
    shrink = 1 / (1 + ratios[:, None] * profile.sizes)
    whole = profile.total - ((ratios[:, None] * shrink) @ profile.blocks).reshape(shape)
    inner = (np.square(shrink) @ profile.blocks).reshape(shape)
    information, explained = whole[:, :p, :p], whole[:, :p, p:]
    fixed = np.linalg.solve(information, explained)
    residual = whole[:, p, p] - np.sum(explained * fixed, axis=(1, 2))
    contrast = np.concatenate([-fixed, np.ones((len(ratios), 1, 1))], axis=1)
    quadratic = np.sum(contrast * (inner @ contrast), axis=(1, 2))
    deviance = -np.log(shrink) @ profile.counts + profile.freedom * (1 + np.log(2 * np.pi * residual / profile.freedom))
    slope = (shrink * profile.sizes) @ profile.counts - profile.freedom * quadratic / residual
    if profile.restricted:
        deviance = deviance + np.linalg.slogdet(information)[1]
        slope = slope - np.trace(np.linalg.solve(information, inner[:, :p, :p]), axis1=1, axis2=2)
    return deviance, slope


def best_ratio(products: CrossProducts, *, restricted: bool) -> float:
    """Return the variance ratio with the lowest deviance: every local minimum, and the boundary 0 on its own.

    Raises
    ------
    MeasureError
        The likelihood grows without bound: pupils of one school do not differ.

    Examples
    --------
    >>> from oko.measures.mixed import cross_products
    >>> school, outcome, ones = np.repeat(np.arange(3), 2), np.array([1.0, 3, 5, 7, 9, 11]), np.ones(6)
    >>> round(best_ratio(cross_products(outcome, [ones], [0], school, ones, 3), restricted=True), 9)
    7.5
    """
    profile = ratio_profile(products, restricted=restricted)

    def slope(ratio: float) -> float:
        return float(deviance_and_slope(profile, np.array([ratio]))[1][0])

    slopes = deviance_and_slope(profile, RATIOS)[1]
    if slopes[-1] < 0:
        raise MeasureError(
            "Pupils of the same school do not differ once the covariates are taken into account: "
            "school and pupil variance cannot be told apart. Check the outcome column."
        )
    candidates = [0.0] if slopes[0] >= 0 else []
    for (low, high), (left, right) in zip(pairwise(RATIOS), pairwise(slopes), strict=True):
        if left < 0 <= right:
            candidates.append(float(brentq(slope, low, high, xtol=1e-15 * high, rtol=1e-14)))
    return min(candidates, key=lambda ratio: float(deviance_and_slope(profile, np.array([ratio]))[0][0]))
