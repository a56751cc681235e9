"""Marginal likelihood of answers, with ability integrated out; its gradient and its exact curvature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oko.measures.irt.curves import Curves, Layout, Nodes, curves
from oko.measures.irt.patterns import Patterns, blocks
from oko.measures.responses import Floats
from oko.measures.weights import Codes, sum_by


@dataclass(frozen=True)
class Marginal:
    """The log likelihood at one point.

    Attributes
    ----------
    loglik : float
    gradient : ndarray of shape (parameters,)
    narrowest : float
        Smallest posterior standard deviation of a pattern.
    farthest : float
        Greatest distance from 0 at which a pattern's posterior still matters: 6 of its standard deviations beyond
        its mean.
    """

    loglik: float
    gradient: Floats
    narrowest: float
    farthest: float


@dataclass(frozen=True)
class Data:
    """Patterns as steps reached, ready for matrix products.

    Attributes
    ----------
    reached : ndarray of int8, shape (patterns, steps in all)
    weights : ndarray of shape (patterns,)
    group : ndarray of shape (patterns,)
    administered : ndarray of shape (groups, items), 0 or 1
    layout : Layout
    """

    reached: NDArray[np.int8]
    weights: Floats
    group: Codes
    administered: Floats
    layout: Layout

    def counts(self) -> tuple[Floats, Floats]:
        """Return how many pupils stopped at each step, and how many right below it."""
        layout = self.layout
        taken = (self.weights @ self.administered[self.group])[layout.item]
        reached = self.weights @ self.reached
        last = np.append(layout.item[1:] != layout.item[:-1], True)
        beyond = np.where(last, 0.0, np.append(reached[1:], 0.0))
        before = np.where(layout.step == 0, taken, np.append(0.0, reached[:-1]))
        return reached - beyond, before - reached


def prepare(patterns: Patterns, layout: Layout) -> Data:
    """Return the patterns as steps reached."""
    reached = (patterns.categories[:, layout.item] > layout.step).astype(np.int8)
    return Data(reached, patterns.weights, patterns.group, patterns.administered.astype(np.float64), layout)


def thinned(data: Data, patterns: int) -> Data | None:
    """Return some of the patterns, evenly spread over the pupils, or None where that saves little.

    Nothing is returned either where a step that pupils reach has nobody on one of its sides in the smaller data.
    """
    if patterns >= len(data.weights):
        return None
    so_far = np.cumsum(data.weights)
    places = (np.arange(patterns) + 0.5) * (so_far[-1] / patterns)
    rows, counts = np.unique(np.searchsorted(so_far, places), return_counts=True)
    if 3 * len(rows) > len(data.weights):
        return None
    weights = counts * (so_far[-1] / patterns)
    group, first = np.unique(data.group[rows], return_inverse=True)
    part = Data(data.reached[rows], weights, first.astype(np.int64), data.administered[group], data.layout)
    return part if min(count.min() for count in part.counts()) > 0 else None


def marginal(data: Data, parameters: Floats, nodes: Nodes) -> Marginal:
    r"""Return the marginal log likelihood of all pupils and its gradient.

    Parameters
    ----------
    data : Data
    parameters : ndarray of shape (parameters,)
        Slopes on the standard scale of ability, then intercepts d: the log odds of adjacent categories are a z + d.
    nodes : Nodes

    Notes
    -----
    A pattern's log likelihood at a node is :math:`s_i z + t_i - \sum_j \log D_j(z)` with
    :math:`s_i = \sum_j a_j x_{ij}`, so that only an outer product stands between patterns and nodes.
    """
    return _summed(data, parameters, nodes, curvature=False).point()


def curved(data: Data, parameters: Floats, nodes: Nodes) -> tuple[Marginal, Floats]:
    """Return the same (`marginal`) and the observed information, at about five times the cost.

    Notes
    -----
    The observed information, minus the second derivatives, is exact: the expected complete information less the
    posterior covariance of the complete score (Louis 1982, Journal of the Royal Statistical Society B 44, 226–233).
    """
    sums = _summed(data, parameters, nodes, curvature=True)
    return sums.point(), sums.observed_information()


def _summed(data: Data, parameters: Floats, nodes: Nodes, curvature: bool) -> _Sums:
    layout = data.layout
    shape = curves(layout, parameters[: layout.n_items], parameters[layout.n_items :], nodes.z)
    sums = _Sums(data, parameters, nodes, shape, curvature)
    for rows in blocks(len(data.weights)):
        sums.add(rows)
    return sums


class _Sums:
    """Sums over patterns, block by block, so that memory does not grow with them."""

    def __init__(self, data: Data, parameters: Floats, nodes: Nodes, shape: Curves, curvature: bool) -> None:
        layout = data.layout
        self.data, self.nodes, self.shape, self.curvature = data, nodes, shape, curvature
        self.slope_of_step = parameters[: layout.n_items][layout.item]
        self.intercepts = parameters[layout.n_items :]
        self.log_sums = nodes.log_probability - data.administered @ shape.log_sum
        self.scores = np.concatenate([shape.expected * nodes.z, shape.reached]).T
        steps, n = len(layout.item), layout.n_items + len(layout.item)
        self.loglik, self.narrowest, self.farthest = 0.0, np.inf, 0.0
        self.by_node = np.zeros((len(data.administered), len(nodes.z)))
        self.steps_gradient, self.slopes_gradient = np.zeros(steps), np.zeros(steps)
        self.variance, self.cross, self.squares = np.zeros((steps, steps)), np.zeros((steps, n)), np.zeros((n, n))

    def add(self, rows: slice) -> None:
        reached = self.data.reached[rows].astype(np.float64)
        weights, group = self.data.weights[rows], self.data.group[rows]
        posterior = np.multiply.outer(reached @ self.slope_of_step, self.nodes.z)
        posterior += self.log_sums[group]
        top = posterior.max(axis=1)
        posterior -= top[:, None]
        np.exp(posterior, out=posterior)
        total = posterior.sum(axis=1)
        posterior /= total[:, None]
        self.loglik += float(weights @ (np.log(total) + top + reached @ self.intercepts))
        mean = posterior @ self.nodes.z
        variance = np.maximum(posterior @ self.nodes.z**2 - mean**2, 0.0)
        spread = np.sqrt(variance)
        self.narrowest = min(self.narrowest, float(spread.min()))
        self.farthest = max(self.farthest, float((np.abs(mean) + 6 * spread).max()))
        self.steps_gradient += weights @ reached
        self.slopes_gradient += (weights * mean) @ reached
        first = np.flatnonzero(np.diff(group, prepend=-1))
        self.by_node[group[first]] += np.add.reduceat(posterior * weights[:, None], first, axis=0)
        if self.curvature:
            self._add_curvature(reached, weights, group, posterior, mean, variance)

    def _add_curvature(
        self, reached: Floats, weights: Floats, group: Codes, posterior: Floats, mean: Floats, variance: Floats
    ) -> None:
        n = self.scores.shape[1]
        both = posterior @ np.hstack([self.scores, self.scores * self.nodes.z[:, None]])
        expected, covariance = both[:, :n], both[:, n:] - mean[:, None] * both[:, :n]
        if len(self.data.administered) > 1:
            mask = self.data.administered[group][:, self.data.layout.item_of_parameter]
            expected, covariance = expected * mask, covariance * mask
        self.variance += reached.T @ (reached * (weights * variance)[:, None])
        self.cross += reached.T @ (covariance * weights[:, None])
        self.squares += expected.T @ (expected * weights[:, None])

    def point(self) -> Marginal:
        layout = self.data.layout
        by_item = self._by_item()
        slopes = sum_by(layout.item, self.slopes_gradient, layout.n_items)
        slopes -= (by_item * self.shape.expected) @ self.nodes.z
        steps = self.steps_gradient - (by_item[layout.item] * self.shape.reached).sum(axis=1)
        return Marginal(self.loglik, np.concatenate([slopes, steps]), self.narrowest, self.farthest)

    def observed_information(self) -> Floats:
        complete = _complete_information(self.data.layout, self.shape, self.nodes.z, self._by_item())
        return complete - self._score_covariance()

    def _by_item(self) -> Floats:
        """Return how many pupils who were given each item are at each node, shape (items, nodes)."""
        return np.asarray(self.data.administered.T @ self.by_node)

    def _score_covariance(self) -> Floats:
        """Return the sum over patterns of the posterior covariance of the complete score."""
        layout = self.data.layout
        n = layout.n_items
        member = np.zeros((len(layout.item), n))
        member[np.arange(len(layout.item)), layout.item] = 1.0
        covariance = self._products() - self.squares
        cross = member.T @ self.cross
        covariance[:n] -= cross
        covariance[:, :n] -= cross.T
        covariance[:n, :n] += member.T @ self.variance @ member
        return covariance

    def _products(self) -> Floats:
        """Return the sums of expected products of scores over the patterns that were given both items."""
        if len(self.by_node) == 1:
            return np.asarray(self.scores.T @ (self.scores * self.by_node[0][:, None]))
        item = self.data.layout.item_of_parameter
        products = np.zeros((len(item), len(item)))
        for scores, weights in zip(self.scores, self.by_node.T, strict=True):
            together = self.data.administered.T @ (self.data.administered * weights[:, None])
            products += np.multiply.outer(scores, scores) * together[np.ix_(item, item)]
        return products


def _complete_information(layout: Layout, shape: Curves, z: Floats, by_item: Floats) -> Floats:
    n, steps = layout.n_items, np.arange(len(layout.item))
    by_step, same = by_item[layout.item], layout.item[:, None] == layout.item
    variance = shape.probabilities @ np.arange(shape.probabilities.shape[-1]) ** 2 - shape.expected**2
    # E[x; x ≥ k] = k P(x ≥ k) + the sum of P(x ≥ m) over m > k
    above = (layout.step[:, None] + 1) * shape.reached + (same & (steps > steps[:, None])) @ shape.reached
    cross = (by_step * (above - shape.reached * shape.expected[layout.item])) @ z
    joint = (by_step * shape.reached).sum(axis=1)[np.maximum.outer(steps, steps)]
    joint -= (by_step * shape.reached) @ shape.reached.T
    information = np.zeros((n + len(steps), n + len(steps)))
    information[np.arange(n), np.arange(n)] = (by_item * variance) @ z**2
    information[layout.item, n + steps] = information[n + steps, layout.item] = cross
    information[n:, n:] = np.where(same, joint, 0.0)
    return information
