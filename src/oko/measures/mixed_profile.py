"""How well the variances of a mixed model are known: profile-likelihood bounds and the observed information."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.stats import chi2

from oko.measures.mixed import Floats
from oko.measures.mixed_nested import NestedProducts, evaluate_nested
from oko.measures.mixed_search import pack, unpack

_EMPTY = 1e-8
_NUDGE = 1e-3
_WIDEN = 1.5
_MOST_STEPS = 80
_DIFFERENCE = 1e-4
_FAR = 1e3
_PRECISE = {"ftol": 1e-14, "gtol": 1e-6, "maxiter": 500, "maxcor": 30}


@dataclass(frozen=True)
class Variances:
    """Estimated covariances of a model, not relative ones.

    Attributes
    ----------
    products : NestedProducts
    covariances : tuple of ndarray of shape (q, q)
        Lowest level first.
    pupil : float
    restricted : bool
    """

    products: NestedProducts
    covariances: tuple[Floats, ...]
    pupil: float
    restricted: bool

    def deviance(self) -> float:
        """Return the deviance at the estimates."""
        relative = [covariance / self.pupil for covariance in self.covariances]
        at = evaluate_nested(self.products, relative, restricted=self.restricted, pupil_variance=self.pupil)
        return at.deviance


@dataclass(frozen=True)
class _Held:
    """The deviance with one variance held, as a function of all other parameters.

    The held variance a'Σa of a level is the first one of QΣQ' with an orthogonal Q whose first row is a / |a|, and the
    first element of its triangular factor is its root: the other elements, and the factors of other levels, are free.
    """

    of: Variances
    place: int | None
    length: float
    turns: tuple[Floats, ...]

    def start(self) -> Floats:
        parts = []
        for place, (covariance, turn) in enumerate(zip(self.of.covariances, self.turns, strict=True)):
            values, vectors = np.linalg.eigh(covariance)
            triangle = np.linalg.qr((turn @ vectors * np.sqrt(np.clip(values, 0, None))).T)[1].T
            triangle = triangle * np.where(np.diag(triangle) < 0, -1.0, 1.0)
            # An element that is 0 has derivative 0 and would stay there for ever.
            triangle = triangle + np.eye(len(triangle)) * _NUDGE * np.sqrt(self.of.pupil)
            parts.append(pack(triangle)[1 if place == self.place else 0 :])
        own = [] if self.place is None else [np.log(self.of.pupil) / 2]
        return np.concatenate([*parts, own])

    def bounds(self) -> list[tuple[float, float]]:
        """Keep the search where the cross-products still have digits."""
        own = [] if self.place is None else [np.log(self.of.pupil) / 2]
        n_elements = sum(len(turn) * (len(turn) + 1) // 2 for turn in self.turns) - (self.place is not None)
        return [(-_FAR, _FAR)] * n_elements + [(at - np.log(_FAR), at + np.log(_FAR)) for at in own]

    def unpacked(self, theta: Floats, root: float) -> tuple[list[Floats], float]:
        triangles, start = [], 0
        for place, turn in enumerate(self.turns):
            size = len(turn) * (len(turn) + 1) // 2
            if place == self.place:
                numbers, start = np.append(root / self.length, theta[start : start + size - 1]), start + size - 1
            else:
                numbers, start = theta[start : start + size], start + size
            triangles.append(unpack(numbers, len(turn)))
        return triangles, root**2 if self.place is None else float(np.exp(2 * theta[-1]))

    def __call__(self, theta: Floats, root: float) -> tuple[float, Floats]:
        triangles, pupil = self.unpacked(theta, root)
        factors = [turn.T @ triangle for turn, triangle in zip(self.turns, triangles, strict=True)]
        relative = [factor @ factor.T / pupil for factor in factors]
        at = evaluate_nested(self.of.products, relative, restricted=self.of.restricted, pupil_variance=pupil)
        parts = []
        for place, (turn, factor, gradient) in enumerate(zip(self.turns, factors, at.gradients, strict=True)):
            parts.append(pack(2 * turn @ gradient @ factor / pupil)[1 if place == self.place else 0 :])
        if self.place is not None:
            traces = sum(float(np.sum(g * psi)) for g, psi in zip(at.gradients, relative, strict=True))
            parts.append(np.array([2 * (at.freedom - at.residual / pupil - traces)]))
        return at.deviance, np.concatenate(parts)


def profile_bounds(of: Variances, place: int | None, direction: Floats, level: float) -> tuple[float, float]:
    r"""Return the variances at which the profile deviance has risen by the quantile of χ² with 1 degree of freedom.

    Parameters
    ----------
    of : Variances
    place : int or None
        Level of the variance, 0 the lowest; None for the pupil variance.
    direction : ndarray of shape (q,)
        The variance is a'Σa with this a; not used for the pupil variance.
    level : float
        Confidence, 0 to 1.

    Returns
    -------
    (float, float)
        The lower one is 0 where the profile stays below the quantile.

    Notes
    -----
    As lme4's ``confint(method = "profile")`` where the model was fitted by ML; a model fitted by REML keeps the
    restricted likelihood, whose fixed part does not change with the variances.
    """
    length = float(np.linalg.norm(direction)) if place is not None else 1.0
    turns = [np.eye(len(covariance)) for covariance in of.covariances]
    estimate = of.pupil
    if place is not None:
        turns[place] = _turn(direction / length)
        estimate = max(float(direction @ of.covariances[place] @ direction), 0.0)
    held = _Held(of, place, length, tuple(turns))
    least, rise = of.deviance(), float(chi2.ppf(level, 1))
    theta = held.start()

    def above(root: float) -> float:
        nonlocal theta
        if not len(theta):
            return held(theta, root)[0] - least - rise
        end = minimize(held, theta, args=(root,), jac=True, method="L-BFGS-B", bounds=held.bounds(), options=_PRECISE)
        theta = end.x
        return float(end.fun) - least - rise

    root = float(np.sqrt(estimate))
    first = theta
    upper = _crossing(above, root, max(root, 1e-3 * float(np.sqrt(of.pupil)) * length), _WIDEN)
    theta = first
    if place is None:
        lower = _crossing(above, root, root, 1 / _WIDEN)
    elif root <= _EMPTY or above(0.0) <= 0:
        lower = 0.0
    else:
        theta = first
        lower = float(brentq(above, 0.0, root, xtol=1e-8 * root, rtol=1e-8))
    return lower**2, upper**2


def _crossing(above: Callable[[float], float], root: float, start: float, factor: float) -> float:
    """Walk away from the estimate until the profile has risen enough, then find where it did."""
    inner, outer = root, start * factor
    for _ in range(_MOST_STEPS):
        if above(outer) > 0:
            low, high = sorted((inner, outer))
            return float(brentq(above, low, high, xtol=1e-8 * high, rtol=1e-8))
        inner, outer = outer, outer * factor
    return float("nan")


def _turn(unit: Floats) -> Floats:
    """Return an orthogonal matrix whose first row is a given unit vector."""
    rows: Floats = np.linalg.qr(np.column_stack([unit, np.eye(len(unit))]))[0].T
    rows[0] = unit
    return rows


def variance_errors(of: Variances, directions: Sequence[Sequence[Floats]]) -> tuple[list[list[float]], float]:
    r"""Return standard errors of variances a'Σa of every level, and of the pupil variance.

    Parameters
    ----------
    of : Variances
    directions : sequence of sequence of ndarray of shape (q,)
        The directions a of each level, lowest first.

    Returns
    -------
    (list of list of float, float)
        NaN for a level on the boundary, where the deviance has no quadratic shape.

    Notes
    -----
    From the observed information: the second derivatives of half the (restricted) deviance by the elements of Σ and by
    the pupil variance, as central differences of its first derivatives; a level on the boundary is held fixed.
    """
    inside = [float(np.linalg.eigvalsh(c)[0]) > _EMPTY * max(float(np.max(np.diag(c))), _EMPTY) for c in of.covariances]
    free = [place for place, fits in enumerate(inside) if fits]
    parameters = np.concatenate([*(pack(of.covariances[place]) for place in free), [of.pupil]])

    def derivative(numbers: Floats) -> Floats:
        covariances, start = list(of.covariances), 0
        for place in free:
            q = len(covariances[place])
            lower = unpack(numbers[start : start + q * (q + 1) // 2], q)
            covariances[place] = lower + lower.T - np.diag(np.diag(lower))
            start += q * (q + 1) // 2
        pupil = float(numbers[-1])
        relative = [covariance / pupil for covariance in covariances]
        at = evaluate_nested(of.products, relative, restricted=of.restricted, pupil_variance=pupil)
        parts = [pack((2 - np.eye(len(g))) * g) / pupil for g in (at.gradients[place] for place in free)]
        traces = sum(float(np.sum(g * psi)) for g, psi in zip(at.gradients, relative, strict=True))
        return np.concatenate([*parts, [(at.freedom - at.residual / pupil - traces) / pupil]])

    sizes = [np.full(q * (q + 1) // 2, np.max(np.diag(of.covariances[p]))) for p, q in _sizes(of, free)]
    steps = _DIFFERENCE * np.concatenate([*sizes, [of.pupil]])
    rows = [(derivative(parameters + m) - derivative(parameters - m)) / (2 * np.sum(m)) for m in np.diag(steps)]
    covariance = 2 * np.linalg.inv((np.array(rows) + np.array(rows).T) / 2)
    errors: list[list[float]] = [[float("nan")] * len(of_level) for of_level in directions]
    start = 0
    for place, q in _sizes(of, free):
        width = q * (q + 1) // 2
        part = covariance[start : start + width, start : start + width]
        weights = [pack((2 - np.eye(q)) * np.outer(a, a)) for a in directions[place]]
        errors[place] = [float(np.sqrt(w @ part @ w)) if w @ part @ w >= 0 else float("nan") for w in weights]
        start += width
    return errors, float(np.sqrt(covariance[-1, -1])) if covariance[-1, -1] >= 0 else float("nan")


def _sizes(of: Variances, free: Sequence[int]) -> list[tuple[int, int]]:
    return [(place, len(of.covariances[place])) for place in free]
