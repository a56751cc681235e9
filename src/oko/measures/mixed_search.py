"""Search for the maximum of a mixed model's likelihood, and the check that it is one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize

from oko.measures.mixed import CrossProducts, Evaluation, Floats, evaluate
from oko.measures.mixed_ratio import RatioProfile, best_ratio, ratio_profile, slopes

STARTS = (1.0, 0.1, 3.0)
# The curvature of the deviance in the relative Cholesky factor grows with the number of schools, so the
# tolerance is for one school; what remains after the last step is rounding, measured below 1e-10.
GRADIENT_TOLERANCE = 1e-6
CURVATURE_TOLERANCE = 1e-6
_STEP = 1e-5
_POLISHING_STEPS = 12


@dataclass(frozen=True)
class Optimum:
    """Where the search ended.

    Attributes
    ----------
    covariance : ndarray of shape (q, q)
        Relative covariance Ψ of the school effects.
    at : Evaluation
        The likelihood there.
    gradient_norm : float
        Largest derivative of the deviance by an element of the Cholesky factor of Ψ.
    converged : bool
        The gradient vanishes, the curvature is nowhere negative, and leaving the boundary of
        positive semidefinite Ψ does not lower the deviance.
    """

    covariance: Floats
    at: Evaluation
    gradient_norm: float
    converged: bool


def find_optimum(products: CrossProducts, *, restricted: bool) -> Optimum:
    """Find the relative covariance of the school effects that makes the data most likely.

    Parameters
    ----------
    products : CrossProducts
        Of a design scaled to unit spread.
    restricted : bool
        REML instead of ML.

    Returns
    -------
    Optimum

    Raises
    ------
    MeasureError
        The likelihood grows without bound: pupils of one school do not differ.
    """
    q = len(products.zz)
    profile = ratio_profile(products, restricted=restricted)
    ratio = best_ratio(profile)
    if q == 1:
        return _checked_ratio(products, profile, ratio)
    return _checked(products, _best_factor(products, max(ratio, 1e-3), restricted), restricted)


def _best_factor(products: CrossProducts, ratio: float, restricted: bool) -> Floats:
    """Return the Cholesky factor with the lowest deviance from several starts."""
    q = len(products.zz)
    n_schools = products.zz.shape[2]

    def objective(theta: Floats) -> tuple[float, Floats]:
        factor = unpack(theta, q)
        at = evaluate(products, factor @ factor.T, restricted=restricted)
        return at.deviance / n_schools, pack(2 * at.gradient @ factor) / n_schools

    ends = []
    for start in STARTS:
        factor = np.diag(np.sqrt(ratio) * np.array([1.0, *[0.5 * start] * (q - 1)]))
        ends.append(minimize(objective, pack(factor), jac=True, method="BFGS", options={"gtol": 1e-4}))
    return unpack(min(ends, key=lambda end: float(end.fun)).x, q)


def _checked_ratio(products: CrossProducts, profile: RatioProfile, ratio: float) -> Optimum:
    """Check that the ratio of a random intercept is an optimum."""
    root = np.sqrt([ratio])
    at = evaluate(products, np.array([[ratio]]), restricted=profile.restricted)
    curvature = hessian(lambda theta: 2 * theta * slopes(profile, np.square(theta)), root)[0]
    return _judged(products, np.array([[ratio]]), at, float(abs(2 * at.gradient[0, 0] * root[0])), curvature)


def _checked(products: CrossProducts, factor: Floats, restricted: bool) -> Optimum:
    """Polish a factor by Newton's method, then check that it is an optimum."""
    order, lower = pivoted_cholesky(factor @ factor.T)
    q, scale = len(order), products.zz.shape[2]
    pivoted = _reordered(products, order)

    def derivative(theta: Floats) -> Floats:
        trial = unpack(theta, q)
        return pack(2 * evaluate(pivoted, trial @ trial.T, restricted=restricted).gradient @ trial)

    theta = polish(derivative, pack(lower), 1e-10 * scale)
    triangle = unpack(theta, q)
    lower = triangle[np.argsort(order)]
    at = evaluate(products, lower @ lower.T, restricted=restricted)
    norm = float(np.max(np.abs(pack(2 * at.gradient[np.ix_(order, order)] @ triangle))))
    curvature: Floats = np.linalg.eigvalsh(hessian(derivative, theta)).astype(np.float64)
    return _judged(products, lower @ lower.T, at, norm, curvature)


def _judged(products: CrossProducts, covariance: Floats, at: Evaluation, norm: float, curvature: Floats) -> Optimum:
    """Say whether gradient, curvature (ascending) and boundary are those of an optimum."""
    scale, information = products.zz.shape[2], float(np.trace(products.zz.sum(axis=2)))
    flat = norm <= GRADIENT_TOLERANCE * scale
    convex = curvature[0] >= -CURVATURE_TOLERANCE * max(curvature[-1], scale)
    closed = np.linalg.eigvalsh(at.gradient)[0] >= -CURVATURE_TOLERANCE * max(1.0, information)
    return Optimum(covariance, at, norm, bool(flat and convex and closed))


def _reordered(products: CrossProducts, order: list[int]) -> CrossProducts:
    zz = products.zz[order][:, order]
    return replace(products, zz=zz, zx=products.zx[order], zy=products.zy[order])


def pivoted_cholesky(matrix: Floats) -> tuple[list[int], Floats]:
    """Factor a positive semidefinite matrix with the largest remaining variance first.

    Without the order a matrix of less than full rank has a whole curve of lower triangular factors,
    along which Newton's method wanders.

    Returns
    -------
    (list of int, ndarray of shape (q, q))
        Order, and the lower triangular factor of the matrix in that order.

    Examples
    --------
    >>> order, factor = pivoted_cholesky(np.array([[0.0, 0.0], [0.0, 4.0]]))
    >>> order, factor.tolist()
    ([1, 0], [[2.0, 0.0], [0.0, 0.0]])
    """
    remaining, order, columns = matrix.copy(), list(range(len(matrix))), []
    for step in range(len(matrix)):
        left = np.diag(remaining)[order[step:]]
        pivot = step + int(np.argmax(left))
        order[step], order[pivot] = order[pivot], order[step]
        variance = remaining[order[step], order[step]]
        column = remaining[:, order[step]] / np.sqrt(variance) if variance > 0 else np.zeros(len(matrix))
        column[order[:step]] = 0.0
        remaining = remaining - np.outer(column, column)
        columns.append(column)
    return order, np.stack(columns, axis=1)[order]


def polish(derivative: Callable[[Floats], Floats], theta: Floats, tolerance: float) -> Floats:
    """Follow Newton steps, with curvature made positive, as long as they shorten the gradient.

    Examples
    --------
    >>> polish(lambda theta: 4 * (theta - 2), np.array([3.0]), 1e-9).round(6).tolist()
    [2.0]
    """
    gradient = derivative(theta)
    for _ in range(_POLISHING_STEPS):
        if np.max(np.abs(gradient)) <= tolerance:
            break
        values, vectors = np.linalg.eigh(hessian(derivative, theta))
        safe = np.maximum(np.abs(values), 1e-9 * np.abs(values).max())
        trial = theta - vectors @ (vectors.T @ gradient / safe)
        trial_gradient = derivative(trial)
        if np.max(np.abs(trial_gradient)) >= np.max(np.abs(gradient)):
            break
        theta, gradient = trial, trial_gradient
    return theta


def hessian(derivative: Callable[[Floats], Floats], theta: Floats) -> Floats:
    """Return second derivatives as central differences of the first.

    Examples
    --------
    >>> hessian(lambda theta: 4 * theta, np.array([3.0])).round(6).tolist()
    [[4.0]]
    """
    steps = _STEP * np.maximum(np.abs(theta), 0.1)
    moves = np.diag(steps)
    rows = [
        (derivative(theta + move) - derivative(theta - move)) / (2 * step)
        for move, step in zip(moves, steps, strict=True)
    ]
    hessian: Floats = np.array(rows)
    return (hessian + hessian.T) / 2


def pack(factor: Floats) -> Floats:
    """Lay the lower triangle of a matrix out in a row.

    Examples
    --------
    >>> pack(np.array([[1.0, 0.0], [2.0, 3.0]])).tolist()
    [1.0, 2.0, 3.0]
    """
    theta: Floats = factor[np.tril_indices(len(factor))]
    return theta


def unpack(theta: Floats, q: int) -> Floats:
    """Make a lower triangular matrix of the row that `pack` makes.

    Examples
    --------
    >>> unpack(np.array([1.0, 2.0, 3.0]), 2).tolist()
    [[1.0, 0.0], [2.0, 3.0]]
    """
    factor = np.zeros((q, q))
    factor[np.tril_indices(q)] = theta
    return factor
