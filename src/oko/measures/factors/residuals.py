"""Loadings that leave the least squared residual correlations, every communality at most 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

TOLERANCE = 1e-8
ROUNDING = 1e-12
_STARTS_OF_ONE, _STARTS = 5, 20
_NEWTON_STEPS = 15
_CLOSE = 1e-2
_NEGLIGIBLE = 1e-9


@dataclass(frozen=True)
class LeastResiduals:
    """Loadings of items on factors that are in no particular rotation.

    Attributes
    ----------
    loadings : ndarray of shape (items, factors)
    at_bound : ndarray of bool, shape (items,)
        Items whose communality is held at 1 (Heywood cases).
    criterion : float
        Sum of squared residual correlations, each pair once.
    gradient_norm : float
        Greatest absolute derivative of half the criterion, along the bound for items held there.
    """

    loadings: Floats
    at_bound: Mask
    criterion: float
    gradient_norm: float

    @property
    def converged(self) -> bool:
        """Whether the derivatives vanish, to 1e-8."""
        return self.gradient_norm < TOLERANCE


def least_residuals(correlation: Floats, n_factors: int) -> LeastResiduals:
    r"""Return the loadings with the least squared residuals off the diagonal.

    Parameters
    ----------
    correlation : ndarray of shape (items, items)
        Symmetric, ones on the diagonal, no NaN; it may be singular or have negative eigenvalues.
    n_factors : int
        From 1 to the number of items.

    Notes
    -----
    Minimises :math:`\sum_{i<j} (r_{ij} - l_i^T l_j)^2` subject to :math:`l_i^T l_i \le 1` (Harman and Jones 1966;
    Harman and Fukuda 1966 for the bound). L-BFGS over the uniquenesses (Jöreskog 1977) finds the basin from 20 starts,
    5 for one factor, all but one random from a fixed seed; Newton's method with an active set of items at the bound
    finishes.
    """
    found = [_finish(correlation, _descend(correlation, start, n_factors)) for start in _starts(correlation, n_factors)]
    least = min(each.criterion for each in found)
    reaching = [each for each in found if each.criterion <= least + _NEGLIGIBLE * _size(correlation)]
    return next((each for each in reaching if each.converged), reaching[0])


def _size(correlation: Floats) -> float:
    """Return the sum of squared correlations, each pair once; 1 where there are none."""
    return float((np.tril(correlation, -1) ** 2).sum()) or 1.0


def _starts(correlation: Floats, n_factors: int) -> list[Floats]:
    off = np.abs(correlation - np.diag(np.diag(correlation)))
    n_starts = _STARTS_OF_ONE if n_factors == 1 else _STARTS
    random = np.random.default_rng(1966).random((n_starts - 1, len(correlation)))
    return [1 - np.minimum(off.max(axis=1), 1), *random]


def _residuals(correlation: Floats, loadings: Floats) -> Floats:
    residuals: Floats = correlation - loadings @ loadings.T
    np.fill_diagonal(residuals, 0)
    return residuals


def _descend(correlation: Floats, start: Floats, n_factors: int) -> Floats:
    """Return the loadings of the uniquenesses, from 0 to 1, whose reduced matrix has the least rest of eigenvalues."""
    size = _size(correlation)

    def rest(uniquenesses: Floats) -> tuple[float, Floats]:
        values, vectors = np.linalg.eigh(correlation - np.diag(uniquenesses))
        left = np.concatenate([values[:-n_factors], np.minimum(values[-n_factors:], 0)])
        return float((left**2).sum()) / size, -2 * (vectors**2 @ left) / size

    bounds = [(0.0, 1.0)] * len(correlation)
    options = {"gtol": 1e-5, "ftol": 0, "maxiter": 200}
    found = minimize(rest, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    values, vectors = np.linalg.eigh(correlation - np.diag(found.x))
    loadings = vectors[:, -n_factors:] * np.sqrt(np.maximum(values[-n_factors:], 0))
    return np.asarray(loadings / np.sqrt(np.maximum((loadings**2).sum(axis=1, keepdims=True), 1)))


def _finish(correlation: Floats, loadings: Floats) -> LeastResiduals:
    """Let items enter and leave the bound until the first-order conditions hold."""
    at_bound = (loadings**2).sum(axis=1) > 1 - _CLOSE
    found = _measured(correlation, loadings, at_bound)
    for _ in range(3 * len(correlation)):
        reached, pull = _newton(correlation, loadings, at_bound)
        beyond = ~at_bound & ((reached**2).sum(axis=1) > 1)
        released = at_bound & (pull < -TOLERANCE)
        if not beyond.any() and not released.any():
            finished = _measured(correlation, reached, at_bound)
            return finished if finished.criterion <= found.criterion + _NEGLIGIBLE * _size(correlation) else found
        at_bound = (at_bound | beyond) & ~released
    return found


def _newton(correlation: Floats, loadings: Floats, at_bound: Mask) -> tuple[Floats, Floats]:
    """Return stationary loadings near the given ones and how strongly each item at the bound is held there."""
    n_items, n_factors = loadings.shape
    bound = np.flatnonzero(at_bound)
    pull = np.zeros(n_items)
    if len(bound):
        loadings = loadings.copy()
        loadings[bound] /= np.sqrt((loadings[bound] ** 2).sum(axis=1, keepdims=True))
        slope = -_residuals(correlation, loadings) @ loadings
        pull[bound] = -(slope * loadings).sum(axis=1)[bound]
    for _ in range(_NEWTON_STEPS):
        slope = -_residuals(correlation, loadings) @ loadings + pull[:, None] * loadings
        excess = ((loadings**2).sum(axis=1)[bound] - 1) / 2
        gap = np.concatenate([slope.ravel(), excess])
        if np.abs(gap).max() < TOLERANCE / 1e4 or np.abs(loadings).max() > 10:
            break
        step = np.linalg.lstsq(_hessian(correlation, loadings, pull, bound), -gap, rcond=1e-10)[0]
        loadings = loadings + step[: n_items * n_factors].reshape(n_items, n_factors)
        pull[bound] += step[n_items * n_factors :]
    return loadings, pull


def _hessian(correlation: Floats, loadings: Floats, pull: Floats, bound: NDArray[np.int64]) -> Floats:
    n_items, n_factors = loadings.shape
    size = n_items * n_factors
    residuals = _residuals(correlation, loadings)
    blocks = np.einsum("jr,is->irjs", loadings, loadings)
    identity = np.eye(n_factors)
    blocks -= np.einsum("ij,rs->irjs", residuals, identity)
    rows = np.arange(n_items)
    own = np.einsum("ir,is->irs", loadings, loadings)
    blocks[rows, :, rows, :] += loadings.T @ loadings - 2 * own + pull[:, None, None] * identity
    whole = np.zeros((size + len(bound), size + len(bound)))
    whole[:size, :size] = blocks.reshape(size, size)
    for place, item in enumerate(bound):
        whole[size + place, item * n_factors : (item + 1) * n_factors] = loadings[item]
        whole[item * n_factors : (item + 1) * n_factors, size + place] = loadings[item]
    return whole


def _measured(correlation: Floats, loadings: Floats, at_bound: Mask) -> LeastResiduals:
    residuals = _residuals(correlation, loadings)
    slope = -residuals @ loadings
    along = slope - loadings * (slope * loadings).sum(axis=1, keepdims=True) * at_bound[:, None]
    return LeastResiduals(loadings, at_bound, float((residuals**2).sum()) / 2, float(np.abs(along).max()))
