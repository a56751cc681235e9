"""Search for the maximum of the likelihood of a model with several nested levels, and the check that it is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from oko.measures.mixed import Floats
from oko.measures.mixed_nested import NestedEvaluation, NestedProducts, evaluate_nested
from oko.measures.mixed_search import (
    CURVATURE_TOLERANCE,
    GRADIENT_TOLERANCE,
    hessian,
    pack,
    pivoted_cholesky,
    polish,
    unpack,
)

STARTS = (1.0, 0.1, 3.0)
_RESTARTS = 3
_LEAVE = 1e-2
_EMPTY = 1e-6
_FAR = 1e12


@dataclass(frozen=True)
class NestedOptimum:
    """Where the search ended.

    Attributes
    ----------
    covariances : tuple of ndarray of shape (q, q)
        Relative covariances of the effects, lowest level first.
    at : NestedEvaluation
    gradient_norm : float
        Largest derivative of the deviance by an element of the Cholesky factors.
    converged : bool
        The gradient vanishes, the curvature is nowhere negative, and leaving a boundary does not lower the deviance.
    """

    covariances: tuple[Floats, ...]
    at: NestedEvaluation
    gradient_norm: float
    converged: bool


@dataclass(frozen=True)
class _Factors:
    """Lower triangular factors of the relative covariances as one row of numbers, each level in an order of its own."""

    orders: tuple[list[int], ...]

    def unpacked(self, theta: Floats) -> list[Floats]:
        factors, start = [], 0
        for order in self.orders:
            size = len(order) * (len(order) + 1) // 2
            factors.append(unpack(theta[start : start + size], len(order)))
            start += size
        return factors

    def covariances(self, theta: Floats) -> list[Floats]:
        rows = [factor[np.argsort(order)] for factor, order in zip(self.unpacked(theta), self.orders, strict=True)]
        return [factor @ factor.T for factor in rows]

    def derivative(self, theta: Floats, gradients: Sequence[Floats]) -> Floats:
        parts = [
            pack(2 * gradient[np.ix_(order, order)] @ factor)
            for factor, gradient, order in zip(self.unpacked(theta), gradients, self.orders, strict=True)
        ]
        return np.concatenate(parts)


def find_nested_optimum(products: NestedProducts, ratio: float, *, restricted: bool) -> NestedOptimum:
    """Find the relative covariances of all levels that make the data most likely.

    Parameters
    ----------
    products : NestedProducts
        Of a design scaled to unit spread.
    ratio : float
        Variance ratio, above 0, that the starts are built around.
    restricted : bool
        REML instead of ML.

    Returns
    -------
    NestedOptimum
    """
    factors = _Factors(tuple(list(range(len(level.random))) for level in products.levels))
    starts = []
    for start in STARTS:
        sizes = [np.array([1.0, *[0.5] * (len(order) - 1)]) for order in factors.orders]
        starts.append(np.concatenate([pack(np.diag(np.sqrt(start * ratio) * size)) for size in sizes]))
    ends = [_descended(products, factors, start, restricted) for start in starts]
    covariances = factors.covariances(min(ends, key=lambda end: end[0])[1])
    for _ in range(_RESTARTS):
        optimum = _checked(products, covariances, restricted)
        if optimum.converged:
            break
        # Where a variance of 0 is no optimum it is left a little, and the descent goes on from there.
        covariances = [psi + _LEAVE * np.eye(len(psi)) for psi in optimum.covariances]
        theta = np.concatenate([pack(np.linalg.cholesky(psi).astype(np.float64)) for psi in covariances])
        covariances = factors.covariances(_descended(products, factors, theta, restricted)[1])
    return optimum


def _descended(products: NestedProducts, factors: _Factors, theta: Floats, restricted: bool) -> tuple[float, Floats]:
    scale = products.rows.shape[2]

    def objective(theta: Floats) -> tuple[float, Floats]:
        try:
            at = evaluate_nested(products, factors.covariances(theta), restricted=restricted)
        except np.linalg.LinAlgError:  # a step so far out that the cross-products have no digits left
            return _FAR, np.zeros_like(theta)
        return at.deviance / scale, factors.derivative(theta, at.gradients) / scale

    end = minimize(objective, theta, jac=True, method="BFGS", options={"gtol": 1e-6})
    return float(end.fun), end.x


def _checked(products: NestedProducts, covariances: Sequence[Floats], restricted: bool) -> NestedOptimum:
    """Polish by Newton's method, then check that it is an optimum."""
    pivoted = [pivoted_cholesky(psi) for psi in covariances]
    factors = _Factors(tuple(order for order, _ in pivoted))
    scale = products.rows.shape[2]

    def derivative(theta: Floats) -> Floats:
        at = evaluate_nested(products, factors.covariances(theta), restricted=restricted)
        return factors.derivative(theta, at.gradients)

    theta = polish(derivative, np.concatenate([pack(lower) for _, lower in pivoted]), 1e-10 * scale)
    theta = _emptied(products, factors, theta, restricted)
    best = factors.covariances(theta)
    at = evaluate_nested(products, best, restricted=restricted)
    norm = float(np.max(np.abs(factors.derivative(theta, at.gradients))))
    curvature = np.linalg.eigvalsh(hessian(derivative, theta))
    information = float(np.einsum("iig->", products.rows[:, list(products.levels[0].random)]))
    closed = min(float(np.linalg.eigvalsh(gradient)[0]) for gradient in at.gradients)
    converged = (
        norm <= GRADIENT_TOLERANCE * scale
        and curvature[0] >= -CURVATURE_TOLERANCE * max(curvature[-1], scale)
        and closed >= -CURVATURE_TOLERANCE * max(1.0, information)
    )
    return NestedOptimum(tuple(best), at, norm, bool(converged))


def _emptied(products: NestedProducts, factors: _Factors, theta: Floats, restricted: bool) -> Floats:
    """Set what is 0 but for rounding to 0, where the deviance does not mind."""
    empty = np.where(np.abs(theta) < _EMPTY, 0.0, theta)
    ours, without = (
        evaluate_nested(products, factors.covariances(numbers), restricted=restricted).deviance
        for numbers in (theta, empty)
    )
    return empty if without <= ours + _EMPTY else theta
