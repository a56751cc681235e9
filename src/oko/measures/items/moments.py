"""Means and covariances of points on items, from one pass over blocks of pupils."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oko.measures.responses import Responses

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

ROWS = 8192
_ROUNDING = 1e-13


@dataclass(frozen=True)
class Scored:
    """Points of pupils, a task that was given and not attempted counting as 0.

    Attributes
    ----------
    points : ndarray of shape (pupils, items)
        NaN where the item was not administered.
    weights : ndarray of shape (pupils,)
        Above 0.
    not_attempted : ndarray of bool of the shape of ``points``, or None
    """

    points: Floats
    weights: Floats
    not_attempted: Mask | None = None

    def blocks(self) -> Iterator[tuple[slice, Floats]]:
        """Yield the rows of pupils and their points, a block at a time; not to be written to."""
        for start in range(0, len(self.points), ROWS):
            rows = slice(start, start + ROWS)
            block = self.points[rows]
            yield rows, block if self.not_attempted is None else np.where(self.not_attempted[rows], 0.0, block)

    def item(self, place: int) -> Floats:
        """Return the points of all pupils on one item."""
        column = self.points[:, place]
        return column if self.not_attempted is None else np.where(self.not_attempted[:, place], 0.0, column)


def read_scored(read: Responses, not_attempted: Mask | None = None) -> Scored:
    """Return the points of the rows that stand for somebody."""
    counts = read.weights > 0
    if counts.all():
        return Scored(read.points, read.weights, not_attempted)
    mask = None if not_attempted is None else not_attempted[counts]
    return Scored(read.points[counts], read.weights[counts], mask)


@dataclass(frozen=True)
class Moments:
    """What the points of pupils on items come to.

    Attributes
    ----------
    n : float
        Pupils who were given at least one item.
    n_pairs : ndarray of shape (items, items)
        Pupils who were given both items; on the diagonal, the item.
    mean : ndarray of shape (items,)
        NaN where nobody was given the item.
    covariance : ndarray of shape (items, items)
        Over the pupils who were given both items, n − 1 below; NaN under two of them. Exactly 0 for an item on which
        all have the same points.
    greatest : ndarray of shape (items,)
        Greatest points that somebody has.
    totals : ndarray of shape (pupils,)
        Sums of points; NaN where an item was not administered.
    """

    n: float
    n_pairs: Floats
    mean: Floats
    covariance: Floats
    greatest: Floats
    totals: Floats

    @property
    def complete(self) -> bool:
        """Whether every pupil was given every item."""
        return not bool(np.isnan(self.totals).any())

    @property
    def counted(self) -> Mask:
        """Which items two pupils or more were given, so that they have a variance."""
        known: Mask = np.isfinite(np.diag(self.covariance))
        return known

    @property
    def varied(self) -> Mask:
        """Which items have a variance above 0."""
        differs: Mask = np.diag(self.covariance) > 0
        return differs

    def among(self, items: Mask) -> Floats:
        """Return the covariances of some of the items."""
        chosen: Floats = self.covariance[np.ix_(items, items)]
        return chosen


def moments(scored: Scored) -> Moments:
    r"""Return means and pairwise-complete covariances.

    Parameters
    ----------
    scored : Scored

    Notes
    -----
    :math:`s_{ij} = (\sum w x_i x_j - \sum w x_i \sum w x_j / n_{ij}) / (n_{ij} - 1)` over the pupils given both items,
    as R's ``cov(use = "pairwise")``. Points are bounded from 0, so that sums of products lose nothing to speak of; sums
    of whole points are exact. A variance below 1e-13 of the squared maximum is rounding and becomes 0.

    Examples
    --------
    >>> found = moments(Scored(np.array([[1.0, 2], [0, 0], [1, np.nan]]), np.ones(3)))
    >>> found.n_pairs.tolist(), found.covariance.round(4).tolist()
    ([[3.0, 2.0], [2.0, 2.0]], [[0.3333, 1.0], [1.0, 2.0]])
    """
    n_items = scored.points.shape[1]
    products, sums, counts = (np.zeros((n_items, n_items)) for _ in range(3))
    greatest, totals = np.full(n_items, np.nan), np.empty(len(scored.points))
    ones, single = np.ones(n_items), bool((scored.weights == 1).all())
    for rows, block in scored.blocks():
        totals[rows] = block @ ones
        greatest = np.fmax(greatest, np.fmax.reduce(block, axis=0))
        weights = None if single else scored.weights[rows, None]
        given = None if not np.isnan(totals[rows]).any() else ~np.isnan(block)
        for whole, part in zip((products, sums, counts), _sums(block, given, weights), strict=True):
            whole += part
    mean = _divide(np.diag(sums), np.diag(counts), 0.0)
    covariance = _divide(products - _divide(sums * sums.T, counts, 0.0), counts - 1, 0.0)
    variance = np.diag(covariance)
    constant = variance <= _ROUNDING * np.square(np.fmax(greatest, 0.0))
    covariance[constant, :] = covariance[:, constant] = 0.0
    return Moments(_pupils(scored, totals), counts, mean, covariance, greatest, totals)


def _sums(block: Floats, given: Mask | None, weights: Floats | None) -> tuple[Floats, Floats, Floats]:
    """Return sums of products, of the row's item over those given the column's, and of pupils given both."""
    n_items = block.shape[1]
    if given is None:
        weighted = block if weights is None else block * weights
        n = len(block) if weights is None else float(weights.sum())
        by_item = weighted.sum(axis=0)[:, None]
        return weighted.T @ block, np.repeat(by_item, n_items, axis=1), np.full((n_items, n_items), float(n))
    points, there = np.where(given, block, 0.0), given.astype(np.float64)
    weighted, counted = (points, there) if weights is None else (points * weights, there * weights)
    return weighted.T @ points, weighted.T @ there, counted.T @ there


def _pupils(scored: Scored, totals: Floats) -> float:
    """Count the pupils who were given something."""
    if not np.isnan(totals).any():
        return float(scored.weights.sum())
    return sum(float(scored.weights[rows][~np.isnan(block).all(axis=1)].sum()) for rows, block in scored.blocks())


def _divide(above: Floats, below: Floats, least: float) -> Floats:
    quotient: Floats = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > least)
    return quotient
