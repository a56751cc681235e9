"""Nodes of ability, places of parameters, and what items do at each node."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oko.measures.irt.categories import with_log_sum
from oko.measures.responses import Floats
from oko.measures.weights import Codes


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

    @property
    def step(self) -> float:
        return float(self.z[1] - self.z[0])

    @property
    def extent(self) -> float:
        return float(self.z[-1])


def spaced_nodes(step: float, extent: float) -> Nodes:
    """Return nodes of a normal population, ``step`` apart, out to ``extent`` standard deviations.

    Notes
    -----
    On a smooth integrand that dies out at both ends the trapezoidal rule converges faster than any power of the step
    (Trefethen & Weideman 2014, SIAM Review 56, 385–458), so that plain equal spacing is as good as any.

    Examples
    --------
    >>> nodes = spaced_nodes(0.5, 6)
    >>> round(float(np.exp(nodes.log_probability) @ nodes.z**2), 6)
    1.0
    """
    half = int(np.ceil(extent / step))
    z: Floats = np.arange(-half, half + 1, dtype=np.float64) * step
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
    probabilities, log_sum = with_log_sum(adjacent)
    above = np.cumsum(probabilities[..., ::-1], axis=-1)[..., ::-1]
    return Curves(
        log_sum=log_sum,
        expected=probabilities @ np.arange(probabilities.shape[-1]),
        reached=above[layout.item, :, layout.step + 1],
        probabilities=probabilities,
    )
