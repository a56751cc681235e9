"""The maximum of the marginal likelihood, by Newton's method on exact curvature, with nodes as fine as it needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oko.measures.irt.curves import Nodes, spaced_nodes
from oko.measures.irt.likelihood import Data, Marginal, curved, marginal, thinned
from oko.measures.responses import Floats

_COARSE, _FAR, _FARTHEST = 0.3, 6.0, 14.0
_MOST_NODES = 501
_ITERATIONS = 100
_ENOUGH, _ROUGHLY, _NEAR = 1e-13, 1e-2, 1.0
_LONGEST = 1.5
_FLAT, _LEAST, _SADDLE = 1e-12, 1e-3, 1e-7
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
    loglik : float
    covariance : ndarray of shape (free parameters, free parameters)
        Inverse of the observed information; NaN where the search did not converge.
    nodes : Nodes
    converged : bool
        What one more step would add to the log likelihood is below 1e-13, the curvature is that of a maximum, and the
        nodes are as close as the likelihood needs.
    gradient_norm : float
        Largest derivative of the log likelihood by a free parameter.
    iterations : int
    """

    free: Floats
    loglik: float
    covariance: Floats
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
    A step solves with the observed information, its eigenvalues made positive where this is no maximum's curvature, and
    is halved until the likelihood grows. Near the maximum the curvature is kept as long as steps shrink fast. Wherever
    the curvature is looked at, nodes are set as close and as far out as the posteriors there need (0.9 of the narrowest
    one; 0.8 divided by the steepest product of slope and steps, which is near the distance to a pole). Many patterns
    are approached from the maximum of some 2,000 pupils.
    """
    nodes = spaced_nodes(_COARSE, _FAR)
    part = thinned(data, _PART)
    if part is not None:
        first = _Climb(part, chart, start, nodes)
        if first.rest(_ROUGHLY) < _ROUGHLY:
            start, nodes = first.free, spaced_nodes(0.95 * first.nodes.step, 1.05 * first.nodes.extent)
    climb = _Climb(data, chart, start, nodes)
    enough = _ENOUGH * min(1.0, float(data.weights.sum()))
    converged = climb.rest(enough) < enough and climb.resolved
    steepest = float(np.abs(chart.directions @ climb.point.gradient).max(initial=0.0))
    covariance = climb.covariance() if converged else np.full(climb.bend.shape, np.nan)
    return Maximum(climb.free, climb.point.loglik, covariance, climb.nodes, converged, steepest, climb.taken)


class _Climb:
    """A way upwards."""

    def __init__(self, data: Data, chart: Chart, free: Floats, nodes: Nodes) -> None:
        self.data, self.chart, self.free, self.nodes = data, chart, free, nodes
        self.taken, self.resolved = 0, True
        self._look()

    def rest(self, enough: float) -> float:
        """Go up until a step promises less than ``enough``; return what one more step promises."""
        before = np.inf
        while True:
            step, promise = self._direction()
            if not self.fresh and (promise < enough or promise > 0.03 * before):
                self._look()
                step, promise = self._direction()
            if promise < enough or self.taken >= _ITERATIONS or not self._advance(step, look=promise >= _NEAR):
                return promise
            self.taken += 1
            before = promise

    def covariance(self) -> Floats:
        """Return the inverse of the observed information."""
        scaled = np.linalg.inv(self.bend / np.multiply.outer(self.scale, self.scale))
        return np.asarray(scaled / np.multiply.outer(self.scale, self.scale))

    def _look(self) -> None:
        """Find the curvature here, on nodes that are close enough, and what it is made of."""
        while True:
            parameters = self.chart.parameters(self.free)
            self.point, observed = curved(self.data, parameters, self.nodes)
            steepest = np.abs(parameters[: self.data.layout.n_items]) * self.data.layout.steps
            finer, self.resolved = _nodes_for(self.point, float(steepest.max()), self.nodes)
            if finer is None:
                break
            self.nodes = finer
        across = self.chart.directions
        self.bend = across @ observed @ across.T
        self.scale = np.sqrt(np.abs(np.diag(self.bend)))
        self.scale[self.scale == 0] = 1.0
        self.values, self.vectors = np.linalg.eigh(self.bend / np.multiply.outer(self.scale, self.scale))
        self.concave = bool(self.values.min(initial=1.0) > _FLAT)
        self.fresh = True

    def _direction(self) -> tuple[Floats, float]:
        """Return a step and what it promises: half its slope; infinite where this is no maximum's curvature."""
        along = self.vectors.T @ ((self.chart.directions @ self.point.gradient) / self.scale)
        lengths = along / (self.values if self.concave else np.maximum(np.abs(self.values), _LEAST))
        if not self.concave and np.abs(along).max(initial=0.0) < _SADDLE:
            lengths = np.where(self.values == self.values.min(), 1.0, 0.0)  # level ground: down-curving is the way out
        step = self.vectors @ lengths / self.scale
        step *= min(1.0, _LONGEST / max(float(np.abs(step).max(initial=0.0)), 1e-300))
        return step, float(along @ lengths) / 2 if self.concave else np.inf

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


def _nodes_for(point: Marginal, steepest: float, nodes: Nodes) -> tuple[Nodes | None, bool]:
    """Return closer or wider nodes where these are too few, else None; and whether no more are needed than allowed."""
    narrowest = min(0.9 * point.narrowest, 0.8 / max(steepest, 1e-300))
    needed, far = min(nodes.step, narrowest), max(nodes.extent, min(point.farthest, _FARTHEST))
    allowed = 2 * far / _MOST_NODES
    resolved = narrowest >= 0.9 * allowed and point.farthest <= 1.01 * _FARTHEST
    needed = max(needed, allowed)
    if needed > 0.99 * nodes.step and far < 1.01 * nodes.extent:
        return None, resolved
    return spaced_nodes(0.95 * needed if allowed < needed < nodes.step else needed, far), resolved
