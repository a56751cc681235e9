"""How far apart the strongest and the weakest 27 % of pupils are on each item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.measures.items.moments import Floats, Moments, Scored
from oko.measures.weights import sum_by

SHARE = 0.27
_DECIMALS = 9


@dataclass(frozen=True)
class Ends:
    """Which pupils belong to the lower and the upper group, by their standing.

    Attributes
    ----------
    low, high : float
        Standing at the border of the lower and of the upper group.
    low_part, high_part : float
        Share of the pupils at the border that the group takes (0 to 1).
    """

    low: float
    low_part: float
    high: float
    high_part: float

    def belonging(self, standing: Floats) -> Floats:
        """Return by how much each pupil belongs to the lower and to the upper group, of shape (2, pupils)."""
        below = (standing < self.low) + self.low_part * (standing == self.low)
        above = (standing > self.high) + self.high_part * (standing == self.high)
        return np.vstack([below, above])


def ends(standing: Floats, weights: Floats) -> Ends | None:
    """Return the groups of the 27 % of pupils who stand lowest and highest; None where all stand equal.

    Parameters
    ----------
    standing : ndarray of shape (pupils,)
    weights : ndarray of shape (pupils,)

    Notes
    -----
    Each group is exactly 27 % of the pupils: of those who share the standing at the border, each belongs to the group
    by the share of them that it has room for. Nothing depends on the order of rows.

    Examples
    --------
    >>> found = ends(np.array([1.0, 2, 2, 3]), np.ones(4))
    >>> found.low, found.high, round(found.low_part, 2), found.belonging(np.array([2.0, 3])).round(2).tolist()
    (2.0, 2.0, 0.04, [[0.04, 0.0], [0.04, 1.0]])
    """
    codes, values = pd.factorize(standing)
    if len(values) < 2:
        return None
    pupils = sum_by(codes.astype(np.int64), weights, len(values))
    order = np.argsort(values)
    low, low_part = _border(np.asarray(values)[order], pupils[order])
    high, high_part = _border(np.asarray(values)[order[::-1]], pupils[order[::-1]])
    return Ends(low, low_part, high, high_part)


def _border(values: Floats, pupils: Floats) -> tuple[float, float]:
    wanted = SHARE * float(pupils.sum())
    reached = np.cumsum(pupils)
    place = min(int(np.searchsorted(reached, wanted)), len(values) - 1)
    before = float(reached[place] - pupils[place])
    return float(values[place]), (wanted - before) / float(pupils[place])


def upper_lower(scored: Scored, found: Moments, most: Floats) -> Floats:
    r"""Return the difference of each item's facility between the upper and the lower 27 % of pupils.

    Parameters
    ----------
    scored : Scored
    found : Moments
        Of the same points.
    most : ndarray of shape (items,)
        Greatest points of each item.

    Returns
    -------
    ndarray of shape (items,)
        −1 to 1; NaN where all pupils stand equal or fewer than two were given the item.

    Notes
    -----
    Kelley (1939, Journal of Educational Psychology 30, 17–24); the item counts in the total. Pupils stand by their
    total. Where some were not given every item they stand by the share of points they earned of those they could earn,
    and the groups are 27 % of the pupils who were given the item.
    """
    if found.complete:
        border = ends(np.round(found.totals, _DECIMALS), scored.weights) if found.n > 1 else None
        apart = np.full(len(most), np.nan) if border is None else _whole(scored, found.totals, border)
    else:
        standing = _shares(scored, most)
        apart = np.array([_difference(scored.item(place), standing, scored.weights) for place in range(len(most))])
    facility: Floats = apart / most
    return facility


def _whole(scored: Scored, totals: Floats, border: Ends) -> Floats:
    points, pupils = np.zeros((2, scored.points.shape[1])), np.zeros((2, 1))
    for rows, block in scored.blocks():
        belonging = border.belonging(np.round(totals[rows], _DECIMALS)) * scored.weights[rows]
        points += belonging @ block
        pupils += belonging.sum(axis=1, keepdims=True)
    apart: Floats = points[1] / pupils[1] - points[0] / pupils[0]
    return apart


def _shares(scored: Scored, most: Floats) -> Floats:
    """Return the share of points each pupil earned of those the given items hold; NaN where they hold none."""
    shares = np.full(len(scored.points), np.nan)
    known = np.nan_to_num(most)
    for rows, block in scored.blocks():
        given = ~np.isnan(block)
        could: Floats = given @ known
        earned = np.where(given, block, 0.0).sum(axis=1)
        np.divide(earned, could, out=shares[rows], where=could > 0)
    return np.round(shares, _DECIMALS)


def _difference(points: Floats, standing: Floats, weights: Floats) -> float:
    counts = ~np.isnan(points) & ~np.isnan(standing)
    points, standing, weights = points[counts], standing[counts], weights[counts]
    border = ends(standing, weights) if weights.sum() > 1 else None
    if border is None:
        return np.nan
    belonging = border.belonging(standing) * weights
    means = belonging @ points / belonging.sum(axis=1)
    return float(means[1] - means[0])
