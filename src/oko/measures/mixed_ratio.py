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
_FARTHEST = 1e13


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


def deviances(profile: RatioProfile, ratios: Floats) -> Floats:
    """Return the profiled deviance, as `mixed.evaluate` does, at many variance ratios at once.

    Parameters
    ----------
    profile : RatioProfile
    ratios : ndarray of shape (k,)
        School variance divided by pupil variance, 0 or more.

    Returns
    -------
    ndarray of shape (k,)
    """
    p = len(profile.total) - 1
    shrink, whole = _at(profile, ratios)
    information, explained = whole[:, :p, :p], whole[:, :p, p:]
    residual = whole[:, p, p] - (explained * np.linalg.solve(information, explained)).sum(axis=(1, 2))
    found: Floats = -np.log(shrink) @ profile.counts + profile.freedom * (
        1 + np.log(2 * np.pi * residual / profile.freedom)
    )
    return found + np.linalg.slogdet(information)[1] if profile.restricted else found


def slopes(profile: RatioProfile, ratios: Floats) -> Floats:
    """Return the derivative of `deviances` by the ratio, at many ratios at once.

    Parameters
    ----------
    profile : RatioProfile
    ratios : ndarray of shape (k,)

    Returns
    -------
    ndarray of shape (k,)
    """
    p = len(profile.total) - 1
    shrink, whole = _at(profile, ratios)
    inner = (np.square(shrink) @ profile.blocks).reshape(whole.shape)
    # One solution gives the coefficients, in the last column, and the trace that the restricted slope needs.
    right = np.concatenate([inner[:, :p, :p], whole[:, :p, p:]], axis=2)
    solved = np.linalg.solve(whole[:, :p, :p], right)
    fixed = solved[:, :, p:]
    residual = whole[:, p, p] - (right[:, :, p:] * fixed).sum(axis=(1, 2))
    around = inner[:, :p, p:] * 2 - inner[:, :p, :p] @ fixed
    quadratic = inner[:, p, p] - (fixed * around).sum(axis=(1, 2))
    found: Floats = (shrink * profile.sizes) @ profile.counts - profile.freedom * quadratic / residual
    return found - solved[:, :, :p].trace(axis1=1, axis2=2) if profile.restricted else found


def _at(profile: RatioProfile, ratios: Floats) -> tuple[Floats, Floats]:
    """Return what is left of a pupil in schools of each size, and X'V⁻¹X with the outcome last."""
    shrink: Floats = 1 / (1 + ratios[:, None] * profile.sizes)
    taken = ((ratios[:, None] * shrink) @ profile.blocks).reshape(-1, *profile.total.shape)
    return shrink, profile.total - taken


def best_ratio(profile: RatioProfile) -> float:
    """Return the variance ratio with the lowest deviance: every local minimum, and the boundary 0 on its own.

    Raises
    ------
    MeasureError
        The likelihood grows without bound: pupils of one school do not differ.

    Examples
    --------
    >>> from oko.measures.mixed import cross_products
    >>> school, outcome, ones = np.repeat(np.arange(3), 2), np.array([1.0, 3, 5, 7, 9, 11]), np.ones(6)
    >>> products = cross_products(outcome, [ones], [0], school, ones, 3)
    >>> round(best_ratio(ratio_profile(products, restricted=True)), 9)
    7.5
    """

    def slope(ratio: float) -> float:
        return float(slopes(profile, np.array([ratio]))[0])

    # Further out a school of many (weighted) pupils leaves no digits of the intercept.
    ratios = RATIOS[RATIOS * profile.sizes.max() <= _FARTHEST]
    found = slopes(profile, ratios)
    if found[-1] < 0:
        raise MeasureError(
            "Pupils of the same school do not differ once the covariates are taken into account: "
            "school and pupil variance cannot be told apart. Check the outcome column."
        )
    candidates = [0.0] if found[0] >= 0 else []
    for (low, high), (left, right) in zip(pairwise(ratios), pairwise(found), strict=True):
        if left < 0 <= right:
            candidates.append(float(brentq(slope, low, high, xtol=1e-15 * high, rtol=1e-14)))
    return candidates[int(np.argmin(deviances(profile, np.array(candidates))))] if candidates[1:] else candidates[0]
