"""The maximum of the marginal likelihood, by Newton's method on exact curvature, with nodes as fine as it needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from oko.measures.irt.likelihood import Data, Marginal, Nodes, marginal, spaced_nodes
from oko.measures.responses import Floats

_COARSE, _FAR = 0.3, 6.0
_MOST_NODES = 401
_ITERATIONS = 100
_ENOUGH = 1e-12
_LONGEST = 1.5


@dataclass(frozen=True)
class Chart:
    """How free parameters make slopes and intercepts: ``fixed + free @ directions``.

    Attributes
    ----------
    fixed : ndarray of shape (parameters,)
    directions : ndarray of shape (free parameters, parameters)
    """

    fixed: Floats
    directions: Floats

    def parameters(self, free: Floats) -> Floats:
        return self.fixed + free @ self.directions


@dataclass(frozen=True)
class Maximum:
    """Where the search ended.

    Attributes
    ----------
    free : ndarray of shape (free parameters,)
    point : Marginal
        With curvature.
    nodes : Nodes
    converged : bool
        What one more step would add to the log likelihood is below 1e-12, and the curvature is that of a maximum.
    gradient_norm : float
        Largest derivative of the log likelihood by a free parameter.
    iterations : int
    """

    free: Floats
    point: Marginal
    nodes: Nodes
    converged: bool
    gradient_norm: float
    iterations: int


def maximise(data: Data, chart: Chart, start: Floats) -> Maximum:
    """Return the maximum of the marginal likelihood over the free parameters.

    Parameters
    ----------
    data : Data
    chart : Chart
    start : ndarray of shape (free parameters,)

    Notes
    -----
    A step solves with the observed information; where that is not positive definite, with the complete-data
    information, whose step is the gradient form of an EM step and always leads upwards. Steps are halved until the
    likelihood grows. When the search rests, nodes are set as close and as far out as the posteriors found there need
    (0.8 of the narrowest one, 0.8 divided by the steepest slope), and it goes on from where it was.
    """
    nodes = spaced_nodes(_COARSE, _FAR)
    free, used = start, 0
    while True:
        free, point, decrement, iterations = _climb(data, chart, free, nodes, _ITERATIONS - used)
        used += iterations
        finer = _nodes_for(point, chart.parameters(free)[: data.layout.n_items], nodes)
        if finer is None or used >= _ITERATIONS:
            break
        nodes = finer
    gradient = chart.directions @ point.gradient
    return Maximum(free, point, nodes, decrement < _ENOUGH, float(np.abs(gradient).max(initial=0.0)), used)


def _climb(
    data: Data, chart: Chart, free: Floats, nodes: Nodes, iterations: int
) -> tuple[Floats, Marginal, float, int]:
    """Go up until a step promises nothing; return the place, what one more step promises, and the steps taken."""
    point = marginal(data, chart.parameters(free), nodes)
    taken = 0
    while True:
        step, decrement = _direction(chart, point)
        if decrement < _ENOUGH or taken >= iterations:
            return free, point, decrement, taken
        taken += 1
        further = _advance(data, chart, free, step, point, nodes)
        if further is None:
            return free, point, decrement, taken
        free, point = further


def _direction(chart: Chart, point: Marginal) -> tuple[Floats, float]:
    """Return the step and half its slope, which is about what it adds; infinite where this is no maximum's curvature."""
    assert point.information is not None
    assert point.complete is not None
    gradient = chart.directions @ point.gradient
    for information, concave in ((point.information, True), (point.complete, False)):
        curvature = chart.directions @ information @ chart.directions.T
        step = _solve(curvature, gradient)
        if step is not None:
            shorter = min(1.0, _LONGEST / max(float(np.abs(step).max(initial=0.0)), 1e-300))
            return step * shorter, float(gradient @ step) / 2 if concave else np.inf
    ridge = np.abs(np.diag(curvature)).max(initial=0.0) + 1.0
    return gradient / ridge, np.inf


def _solve(curvature: Floats, gradient: Floats) -> Floats | None:
    scale = np.sqrt(np.abs(np.diag(curvature)))
    scale[scale == 0] = 1.0
    try:
        factor = cho_factor(curvature / np.multiply.outer(scale, scale), check_finite=False)
    except LinAlgError:
        return None
    if np.diag(factor[0]).min(initial=1.0) < 1e-7:
        return None
    step: Floats = cho_solve(factor, gradient / scale) / scale
    return step if np.isfinite(step).all() else None


def _advance(
    data: Data, chart: Chart, free: Floats, step: Floats, point: Marginal, nodes: Nodes
) -> tuple[Floats, Marginal] | None:
    for halvings in range(30):
        there = free + step / 2**halvings
        found = marginal(data, chart.parameters(there), nodes)
        if np.isfinite(found.loglik) and found.loglik >= point.loglik - 1e-12 * abs(point.loglik):
            return there, found
    return None


def _nodes_for(point: Marginal, slopes: Floats, nodes: Nodes) -> Nodes | None:
    """Return closer or wider nodes where these are too few, else None."""
    step, extent = float(nodes.z[1] - nodes.z[0]), float(nodes.z[-1])
    narrowest = min(0.8 * point.narrowest, 0.8 / max(float(np.abs(slopes).max(initial=0.0)), 1e-300))
    needed, far = min(step, narrowest), max(extent, min(point.farthest, 12.0))
    needed = max(needed, 2 * far / _MOST_NODES)
    if needed > 0.99 * step and far < 1.01 * extent:
        return None
    return spaced_nodes(0.9 * needed if needed < step else step, far)
