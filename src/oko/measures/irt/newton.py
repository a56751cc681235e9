"""The maximum of the marginal likelihood, by Newton's method on exact curvature, with nodes as fine as it needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from oko.measures.irt.curves import Nodes, spaced_nodes
from oko.measures.irt.likelihood import Curvature, Data, Marginal, curved, marginal, thinned
from oko.measures.responses import Floats

_COARSE, _FAR = 0.3, 6.0
_MOST_NODES = 401
_ITERATIONS = 100
_ENOUGH, _ROUGHLY, _NEAR = 1e-13, 1e-2, 1.0
_LONGEST = 1.5
_PART = 2_000


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
    curvature : Curvature
    nodes : Nodes
    converged : bool
        What one more step would add to the log likelihood is below 1e-13, and the curvature is that of a maximum.
    gradient_norm : float
        Largest derivative of the log likelihood by a free parameter.
    iterations : int
    """

    free: Floats
    point: Marginal
    curvature: Curvature
    nodes: Nodes
    converged: bool
    gradient_norm: float
    iterations: int


def maximise(data: Data, chart: Chart, start: Floats, enough: float = _ENOUGH) -> Maximum:
    """Return the maximum of the marginal likelihood over the free parameters.

    Parameters
    ----------
    data : Data
    chart : Chart
    start : ndarray of shape (free parameters,)
    enough : float
        The search rests where one more step promises less than this.

    Notes
    -----
    A step solves with the observed information; where that is not positive definite, with the complete-data
    information, whose step is the gradient form of an EM step and always leads upwards. Steps are halved until the
    likelihood grows. Near the maximum the curvature is kept as long as steps shrink fast.
    Many patterns are approached from the maximum of some 2,000 of them. When the search rests, nodes are set as close
    and as far out as the posteriors found there need (0.9 of the narrowest one; 0.8 divided by the steepest product of
    slope and steps, which is near the distance to a pole), and it goes on from where it was.
    """
    nodes = spaced_nodes(_COARSE, _FAR)
    free, used = start, 0
    part = thinned(data, _PART)
    if part is not None:
        first = maximise(part, chart, start, _ROUGHLY)
        if first.converged:
            free = first.free
            nodes = spaced_nodes(0.95 * first.nodes.step, 1.05 * first.nodes.extent)
    while True:
        climb = _Climb(data, chart, free, nodes)
        promise = climb.rest(enough, _ITERATIONS - used)
        free, used = climb.free, used + climb.taken
        steepest = np.abs(chart.parameters(free)[: data.layout.n_items]) * data.layout.steps
        finer = _nodes_for(climb.point, float(steepest.max()), nodes)
        if finer is None or used >= _ITERATIONS:
            break
        nodes = finer
    gradient_norm = float(np.abs(chart.directions @ climb.point.gradient).max(initial=0.0))
    return Maximum(free, climb.point, climb.curvature, nodes, promise < enough, gradient_norm, used)


class _Climb:
    """A way upwards on one set of nodes."""

    def __init__(self, data: Data, chart: Chart, free: Floats, nodes: Nodes) -> None:
        self.data, self.chart, self.free, self.nodes = data, chart, free, nodes
        self.taken = 0
        self._look()

    def rest(self, enough: float, iterations: int) -> float:
        """Go up until a step promises less than ``enough``; return what one more step promises."""
        before = np.inf
        while True:
            step, promise = self._direction()
            if not self.fresh and (promise < enough or promise > 0.03 * before):
                self._look()
                step, promise = self._direction()
            if promise < enough or self.taken >= iterations or not self._advance(step, look=promise >= _NEAR):
                return promise
            self.taken += 1
            before = promise

    def _look(self) -> None:
        """Find the curvature here, and whether it is the observed one, which a maximum has."""
        self.point, self.curvature = curved(self.data, self.chart.parameters(self.free), self.nodes)
        across = self.chart.directions
        self.bend = across @ self.curvature.observed @ across.T
        self.concave = _solve(self.bend, np.zeros(len(across))) is not None
        if not self.concave:
            self.bend = across @ self.curvature.complete @ across.T
        self.fresh = True

    def _direction(self) -> tuple[Floats, float]:
        """Return a step and what it promises: half its slope; infinite where this is no maximum's curvature."""
        gradient = self.chart.directions @ self.point.gradient
        step = _solve(self.bend, gradient)
        if step is None:
            return gradient / (np.abs(np.diag(self.bend)).max(initial=0.0) + 1.0), np.inf
        shorter = min(1.0, _LONGEST / max(float(np.abs(step).max(initial=0.0)), 1e-300))
        return step * shorter, float(gradient @ step) / 2 if self.concave else np.inf

    def _advance(self, step: Floats, look: bool) -> bool:
        """Take the step, or the first of its halves that leads upwards; tell whether there was one."""
        for halvings in range(30):
            there = self.free + step / 2**halvings
            found = marginal(self.data, self.chart.parameters(there), self.nodes)
            if np.isfinite(found.loglik) and found.loglik >= self.point.loglik - 1e-12 * abs(self.point.loglik):
                self.free, self.point, self.fresh = there, found, False
                if look:
                    self._look()
                return True
        return False


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


def _nodes_for(point: Marginal, steepest: float, nodes: Nodes) -> Nodes | None:
    """Return closer or wider nodes where these are too few, else None."""
    step, extent = nodes.step, nodes.extent
    narrowest = min(0.9 * point.narrowest, 0.8 / max(steepest, 1e-300))
    needed, far = min(step, narrowest), max(extent, min(point.farthest, 12.0))
    needed = max(needed, 2 * far / _MOST_NODES)
    if needed > 0.99 * step and far < 1.01 * extent:
        return None
    return spaced_nodes(0.95 * needed if needed < step else step, far)
