"""What a pattern of answers tells of ability, on nodes fine enough for the sharpest of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from oko.measures.irt.calibration import Calibration
from oko.measures.irt.curves import Curves, Nodes, curves, layout_of, spaced_nodes
from oko.measures.irt.patterns import BLOCK, Patterns, blocks
from oko.measures.responses import Floats
from oko.measures.weights import Codes

_COARSE, _SHARE, _BEYOND = 0.3, 0.8, 7.5
_MOST_NODES = 8_001
_BLOCK_CELLS = 8_000_000


@dataclass(frozen=True)
class Sums:
    r"""All that patterns tell of ability: the set of tasks, and the sum of the slopes of the steps that were reached.

    Attributes
    ----------
    value : ndarray of shape (sums,)
        :math:`s = \sum_j a_j x_j`; in Rasch and partial credit models the total of categories.
    group : ndarray of shape (sums,)
        Set of administered items.
    of_pattern : ndarray of shape (patterns,)
        The sum of each pattern: patterns with equal ones have equal abilities.
    """

    value: Floats
    group: Codes
    of_pattern: Codes


def sums_of(calibration: Calibration, patterns: Patterns) -> Sums:
    """Return the distinct sums of slopes of the patterns, each in its set of tasks."""
    value = np.zeros(len(patterns.weights))
    for slope, column in zip(calibration.discrimination, patterns.categories.T, strict=True):
        value += slope * np.maximum(column, 0)
    scale = float(np.abs(calibration.discrimination).max(initial=0.0)) or 1.0
    rounded = np.round(value / scale, 10) + 0.0
    order = np.lexsort((rounded, patterns.group))
    new = np.ones(len(order), dtype=bool)
    new[1:] = (np.diff(rounded[order]) != 0) | (np.diff(patterns.group[order]) != 0)
    of_pattern = np.empty(len(order), dtype=np.int64)
    of_pattern[order] = np.cumsum(new) - 1
    first = order[new]
    return Sums(value[first], patterns.group[first], of_pattern)


def curves_at(calibration: Calibration, theta: Floats) -> Curves:
    """Return the items' curves at these abilities."""
    layout = layout_of(np.isfinite(calibration.steps).sum(axis=1))
    intercepts = -calibration.discrimination[layout.item] * calibration.steps[layout.item, layout.step]
    return curves(layout, calibration.discrimination, intercepts, theta)


def central_moments(probabilities: Floats, highest: int = 2) -> list[Floats]:
    """Return the mean of the category (last axis), and its central moments from the second up."""
    categories = range(probabilities.shape[-1])
    mean: Floats = probabilities @ np.array(categories, dtype=np.float64)
    moments = [np.zeros_like(mean) for _ in range(highest - 1)]
    for category in categories:
        away = category - mean
        term = probabilities[..., category] * away
        for moment in moments:
            term = term * away
            moment += term
    return [mean, *moments]


def nodes_for(calibration: Calibration, sums: Sums, administered: Floats) -> tuple[Nodes, bool]:
    r"""Return standard abilities as close and as far out as the posteriors of these patterns need; False: too few.

    Notes
    -----
    With z the standard ability, the second derivative of a pattern's minus log posterior lies between 1 and 1 + I(z),
    I the information of the test. Hence no posterior is narrower than :math:`1/\sqrt{1 + \max I}`, and its tails are
    at most normal ones: nodes 0.8 of that width apart, out to 7.5 beyond the farthest mode, leave out less than 1e-11
    of any posterior. In the complex plane an item's curve has its nearest pole no closer than about π divided by its
    slope and its number of steps, which bounds the nodes' distance too (Trefethen & Weideman 2014, SIAM Review 56,
    385–458).
    """
    spread = float(np.sqrt(calibration.variance))
    slopes = np.abs(calibration.discrimination) * spread
    steepest = slopes * np.isfinite(calibration.steps).sum(axis=1)
    reach = max(float(steepest.sum()), 1.0)
    crossings = calibration.steps[np.isfinite(calibration.steps)] / spread
    z = np.unique(np.concatenate([np.linspace(-reach, reach, 401), np.clip(crossings, -reach, reach)]))
    mean, variance = central_moments(calibration.probabilities(z * spread))
    sharpest = float((slopes**2 @ variance).max(initial=0.0))
    pull = z + administered @ (mean * (calibration.discrimination * spread)[:, None])
    lows = np.full(len(administered), np.inf)
    tops = np.full(len(administered), -np.inf)
    np.minimum.at(lows, sums.group, sums.value * spread)
    np.maximum.at(tops, sums.group, sums.value * spread)
    low = z[np.maximum((pull <= lows[:, None]).sum(axis=1) - 1, 0)]
    top = z[np.minimum((pull < tops[:, None]).sum(axis=1), len(z) - 1)]
    extent = max(-float(low.min(initial=0.0)), float(top.max(initial=0.0))) + _BEYOND
    step = min(_COARSE, _SHARE / np.sqrt(1.0 + sharpest), _SHARE / max(float(steepest.max(initial=0.0)), 1e-300))
    widest = 2 * extent / _MOST_NODES
    return spaced_nodes(max(step, widest), extent), bool(step >= widest)


@dataclass(frozen=True)
class Grid:
    """Nodes of ability, and what items do there.

    Attributes
    ----------
    theta : ndarray of shape (nodes,)
    log_prior : ndarray of shape (nodes,)
    curves : Curves
    fine : bool
        The nodes are as close together as the posteriors need.
    """

    theta: Floats
    log_prior: Floats
    curves: Curves
    fine: bool


def grid_for(calibration: Calibration, sums: Sums, administered: Floats) -> Grid:
    """Return the nodes that the posteriors of these patterns need."""
    nodes, fine = nodes_for(calibration, sums, administered)
    theta = nodes.z * np.sqrt(calibration.variance)
    return Grid(theta, nodes.log_probability, curves_at(calibration, theta), fine)


def posteriors(grid: Grid, sums: Sums, administered: Floats) -> Iterator[tuple[slice, Floats]]:
    r"""Yield blocks of sums with their posterior probabilities, shape (sums of the block, nodes).

    Notes
    -----
    A pattern's log likelihood is :math:`s \theta - \sum_j \log D_j(\theta)` and a constant, D the sum that makes
    probabilities of the odds of an item's categories.
    """
    constant = grid.log_prior - administered @ grid.curves.log_sum
    for rows in blocks(len(sums.value), min(BLOCK, _BLOCK_CELLS // len(grid.theta))):
        posterior = np.multiply.outer(sums.value[rows], grid.theta)
        posterior += constant[sums.group[rows]]
        posterior -= posterior.max(axis=1, keepdims=True)
        np.exp(posterior, out=posterior)
        posterior /= posterior.sum(axis=1, keepdims=True)
        yield rows, posterior
