"""Marginal likelihood of answers with ability integrated out, its gradient and its exact curvature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oko.measures.irt.patterns import Patterns
from oko.measures.responses import Floats
from oko.measures.weights import Codes

_BLOCK = 4_096


@dataclass(frozen=True)
class Nodes:
    """Equally spaced standard abilities and their probabilities in the population.

    Attributes
    ----------
    z : ndarray of shape (nodes,)
    log_probability : ndarray of shape (nodes,)
    """

    z: Floats
    log_probability: Floats


def spaced_nodes(step: float, extent: float) -> Nodes:
    """Return nodes of a normal population, ``step`` apart, out to ``extent`` standard deviations.

    Notes
    -----
    On a smooth integrand that dies out at both ends the trapezoidal rule converges faster than any power of the step
    (Trefethen & Weideman 2014, SIAM Review 56, 385–458), so that plain equal spacing is as good as any.

    Examples
    --------
    >>> nodes = spaced_nodes(0.5, 6)
    >>> round(float(np.exp(nodes.log_probability) @ nodes.z**2), 9)
    1.0
    """
    half = int(np.ceil(extent / step))
    z = np.arange(-half, half + 1) * step
    density = np.exp(-0.5 * z**2)
    return Nodes(z, -0.5 * z**2 - np.log(density.sum()))


@dataclass(frozen=True)
class Layout:
    """Where each parameter stands: slopes of the items first, then the intercepts of their steps.

    Attributes
    ----------
    steps : ndarray of shape (items,)
        Number of steps of each item.
    item : ndarray of shape (steps in all,)
        Item of each step.
    step : ndarray of shape (steps in all,)
        Place of each step in its item, from 0.
    """

    steps: Codes
    item: Codes
    step: Codes

    @property
    def n_items(self) -> int:
        return len(self.steps)

    @property
    def item_of_parameter(self) -> Codes:
        return np.concatenate([np.arange(self.n_items), self.item])

    def padded(self, intercepts: Floats) -> Floats:
        """Return intercepts as items × steps, NaN behind an item's last step."""
        table = np.full((self.n_items, int(self.steps.max())), np.nan)
        table[self.item, self.step] = intercepts
        return table


def layout_of(steps: Codes) -> Layout:
    """Return the layout of items with these numbers of steps."""
    item = np.repeat(np.arange(len(steps)), steps)
    first = np.concatenate([[0], np.cumsum(steps)[:-1]])
    return Layout(steps, item, np.arange(len(item)) - first[item])


@dataclass(frozen=True)
class Curves:
    """What items do at each node.

    Attributes
    ----------
    log_sum : ndarray of shape (items, nodes)
        Logarithm of the sum over categories that makes probabilities of odds.
    expected : ndarray of shape (items, nodes)
        Expected category.
    reached : ndarray of shape (steps in all, nodes)
        Probability of reaching each step or a higher one.
    probabilities : ndarray of shape (items, nodes, categories)
    """

    log_sum: Floats
    expected: Floats
    reached: Floats
    probabilities: Floats


def curves(layout: Layout, slopes: Floats, intercepts: Floats, z: Floats) -> Curves:
    """Return the items' curves at standard abilities ``z``."""
    adjacent = slopes[:, None, None] * z[None, :, None] + layout.padded(intercepts)[:, None, :]
    logits = np.cumsum(np.where(np.isnan(adjacent), -np.inf, adjacent), axis=-1)
    logits = np.concatenate([np.zeros((*logits.shape[:-1], 1)), logits], axis=-1)
    top = logits.max(axis=-1, keepdims=True)
    odds = np.exp(logits - top)
    total = odds.sum(axis=-1, keepdims=True)
    probabilities = odds / total
    above = np.cumsum(probabilities[..., ::-1], axis=-1)[..., ::-1]
    return Curves(
        log_sum=(top + np.log(total))[..., 0],
        expected=probabilities @ np.arange(probabilities.shape[-1]),
        reached=above[layout.item, :, layout.step + 1],
        probabilities=probabilities,
    )


@dataclass(frozen=True)
class Marginal:
    """The log likelihood at one point.

    Attributes
    ----------
    loglik : float
    gradient : ndarray of shape (parameters,)
    information : ndarray of shape (parameters, parameters) or None
        Observed: minus the second derivatives.
    complete : ndarray of shape (parameters, parameters) or None
        What the information would be if abilities were known; never less than the observed.
    narrowest : float
        Smallest posterior standard deviation of a pattern.
    farthest : float
        Greatest distance from 0 at which a pattern's posterior still matters: 6 of its standard deviations beyond
        its mean.
    """

    loglik: float
    gradient: Floats
    information: Floats | None
    complete: Floats | None
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


def prepare(patterns: Patterns, layout: Layout) -> Data:
    """Return the patterns as steps reached."""
    reached = (patterns.categories[:, layout.item] > layout.step).astype(np.int8)
    return Data(reached, patterns.weights, patterns.group, patterns.administered.astype(np.float64), layout)


def marginal(data: Data, parameters: Floats, nodes: Nodes, curvature: bool = True) -> Marginal:
    r"""Return the marginal log likelihood of all pupils, its gradient, and, if asked, its exact curvature.

    Parameters
    ----------
    data : Data
    parameters : ndarray of shape (parameters,)
        Slopes on the standard scale of ability, then intercepts d: the log odds of adjacent categories are a z + d.
    nodes : Nodes
    curvature : bool
        Whether ``information`` and ``complete`` are wanted.

    Notes
    -----
    A pattern's log likelihood at a node is :math:`s_i z + t_i - \sum_j \log D_j(z)` with
    :math:`s_i = \sum_j a_j x_{ij}`, so that only an outer product stands between patterns and nodes. Gradient and
    information are those of Louis (1982, JRSS B 44, 226–233): the expected complete score, and the expected complete
    information less the posterior covariance of the complete score.
    """
    layout = data.layout
    shape = curves(layout, parameters[: layout.n_items], parameters[layout.n_items :], nodes.z)
    sums = _Sums(data, parameters, nodes, shape, curvature)
    for rows in _blocks(len(data.weights)):
        sums.add(rows)
    return sums.result()


def _blocks(n: int) -> Iterator[slice]:
    return (slice(first, min(first + _BLOCK, n)) for first in range(0, n, _BLOCK))


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

    def result(self) -> Marginal:
        layout = self.data.layout
        by_item = self.data.administered.T @ self.by_node
        slopes = np.bincount(layout.item, self.slopes_gradient, layout.n_items)
        slopes -= (by_item * self.shape.expected) @ self.nodes.z
        steps = self.steps_gradient - (by_item[layout.item] * self.shape.reached).sum(axis=1)
        information = complete = None
        if self.curvature:
            complete = _complete_information(layout, self.shape, self.nodes.z, by_item)
            information = complete - self._score_covariance()
        gradient = np.concatenate([slopes, steps])
        return Marginal(self.loglik, gradient, information, complete, self.narrowest, self.farthest)

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
            return self.scores.T @ (self.scores * self.by_node[0][:, None])
        item = self.data.layout.item_of_parameter
        products = np.zeros((len(item), len(item)))
        for scores, weights in zip(self.scores, self.by_node.T, strict=True):
            together = self.data.administered.T @ (self.data.administered * weights[:, None])
            products += np.multiply.outer(scores, scores) * together[np.ix_(item, item)]
        return products


def _complete_information(layout: Layout, shape: Curves, z: Floats, by_item: Floats) -> Floats:
    n = layout.n_items
    information = np.zeros((n + len(layout.item), n + len(layout.item)))
    categories = np.arange(shape.probabilities.shape[-1])
    variance = shape.probabilities @ categories**2 - shape.expected**2
    information[np.arange(n), np.arange(n)] = (by_item * variance) @ z**2
    for item in range(n):
        steps = np.flatnonzero(layout.item == item)
        reached = shape.reached[steps]
        above = np.cumsum((shape.probabilities[item] * categories).T[::-1], axis=0)[::-1][1 : len(steps) + 1]
        cross = ((above - reached * shape.expected[item]) * by_item[item]) @ z
        information[item, n + steps] = information[n + steps, item] = cross
        joint = reached[np.maximum.outer(np.arange(len(steps)), np.arange(len(steps)))]
        information[np.ix_(n + steps, n + steps)] = (joint - reached[:, None] * reached) @ by_item[item]
    return information
