"""Warm's weighted likelihood: abilities that lean on no population and are finite for all-right answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from oko.measures.irt.calibration import Calibration
from oko.measures.irt.categories import category_probabilities
from oko.measures.irt.patterns import blocks
from oko.measures.irt.posterior import Sums, central_moments, curves_at
from oko.measures.responses import Floats
from oko.measures.weights import Codes

_MOST_NODES = 401
_WIDENING = 1.15
_ITERATIONS = 100
_QUADRATIC, _EXACT = 1e-6, 1e-12


def weighted_likelihood(calibration: Calibration, sums: Sums, administered: Floats) -> tuple[Floats, Floats]:
    r"""Return the ability that maximises the weighted likelihood for each sum of slopes, and its standard error.

    Parameters
    ----------
    calibration : Calibration
    sums : Sums
    administered : ndarray of shape (groups, items), 0 or 1

    Returns
    -------
    tuple of ndarray of shape (sums,)
        NaN where no item of the set tells abilities apart.

    Notes
    -----
    The root of :math:`s - \sum_j a_j E_j(\theta) + J(\theta) / 2I(\theta)`, where I is the information
    :math:`\sum_j a_j^2 \operatorname{var}(X_j)` and J its derivative, the sum of :math:`a_j^3` times third central
    moments (Warm 1989, Psychometrika 54, 427–450; Penfield & Bergeron 2005, Applied Psychological Measurement 29,
    218–233). It is the maximum of the log likelihood plus half the logarithm of I, looked for on a wide grid first,
    since there may be several roots, then by Newton's method inside the grid's cell, with bisection where a step
    leaves it. Standard error :math:`1/\sqrt I`.
    """
    grid = _wide_grid(calibration)
    shape = curves_at(calibration, grid)
    equation = _equation(calibration.discrimination, shape.probabilities, lambda values: administered @ values)
    with np.errstate(divide="ignore"):  # where nothing is known minus infinity keeps the maximum away
        fixed = 0.5 * np.log(equation.information) - administered @ shape.log_sum
    ability, information = np.empty(len(sums.value)), np.empty(len(sums.value))
    for rows in blocks(len(sums.value)):
        value, group = sums.value[rows], sums.group[rows]
        best = (np.multiply.outer(value, grid) + fixed[group]).argmax(axis=1)
        start, lower, upper = _start(grid, equation, value, group, best)
        ability[rows], information[rows] = _roots(calibration, value, administered[group], start, lower, upper)
    known = information > 0
    se = np.where(known, 1 / np.sqrt(np.where(known, information, 1.0)), np.nan)
    return np.where(known, ability, np.nan), se


def _wide_grid(calibration: Calibration) -> Floats:
    """Return abilities close together among the steps, and ever farther apart beyond them."""
    slopes = np.abs(calibration.discrimination)
    steps = calibration.steps[np.isfinite(calibration.steps)]
    bound = 12 * max(1.0, float(np.sqrt(calibration.variance)))
    low, high = (float(end) for end in np.clip([steps.min(initial=0.0), steps.max(initial=0.0)], -bound, bound))
    width = max(0.5 / max(float(slopes.max(initial=0.0)), 1e-3), (high - low + 1e-9) / _MOST_NODES)
    core = np.arange(low, high + width, width)
    farthest = float(np.abs(steps).max(initial=0.0)) + 40 / max(float(slopes[slopes > 0].min(initial=1.0)), 1e-3)
    count = int(np.ceil(np.log(1 + farthest * (_WIDENING - 1) / width) / np.log(_WIDENING)))
    tail = np.cumsum(width * _WIDENING ** np.arange(count))
    return np.concatenate([core[0] - tail[::-1], core, core[-1] + tail])


@dataclass(frozen=True)
class _Equation:
    """What the sum of slopes must equal at each ability, its derivative, and the information and its derivative."""

    needed: Floats
    slope: Floats
    information: Floats
    change: Floats


def _equation(discrimination: Floats, probabilities: Floats, summed: Callable[[Floats], Floats]) -> _Equation:
    """Return the estimating equation, given how values of items (first axis) are summed over those administered."""
    mean, second, third, fourth = central_moments(probabilities, 4)
    slope = discrimination[:, None]
    information = summed(slope**2 * second)
    change = summed(slope**3 * third)
    curve = summed(slope**4 * (fourth - 3 * second**2))
    safe = np.where(information > 0, information, 1.0)
    bias = change / safe / 2
    return _Equation(
        needed=summed(slope * mean) - bias,
        slope=information - curve / safe / 2 + 2 * bias**2,
        information=information,
        change=change,
    )


def _start(grid: Floats, equation: _Equation, sums: Floats, group: Codes, best: Codes) -> tuple[Floats, Floats, Floats]:
    """Return each root by inverse cubic interpolation in the cell beside the best node, and the cell's ends."""
    rises = sums > equation.needed[group, best]
    left = np.clip(np.where(rises, best, best - 1), 0, len(grid) - 2)
    lower, upper = grid[left], grid[left + 1]
    low, high = equation.needed[group, left], equation.needed[group, left + 1]
    slopes = equation.slope[group, left], equation.slope[group, left + 1]
    usable = (low <= sums) & (sums <= high) & (low < high) & (slopes[0] > 0) & (slopes[1] > 0)
    width = np.where(usable, high - low, 1.0)
    t = np.where(usable, (sums - low) / width, 0.5)
    tangents = [width / np.where(usable, slope, 1.0) for slope in slopes]
    cubic = (
        (1 + 2 * t) * (1 - t) ** 2 * lower
        + t**2 * (3 - 2 * t) * upper
        + t * (1 - t) ** 2 * tangents[0]
        - t**2 * (1 - t) * tangents[1]
    )
    inside = usable & (cubic >= lower) & (cubic <= upper)
    return np.where(inside, cubic, (lower + upper) / 2), lower, upper


def _roots(
    calibration: Calibration, sums: Floats, administered: Floats, start: Floats, lower: Floats, upper: Floats
) -> tuple[Floats, Floats]:
    """Return each root and the information there."""
    theta, information = start.copy(), np.zeros(len(start))
    left = np.arange(len(theta))
    for _ in range(_ITERATIONS):
        here = theta[left]
        at = _own_equation(calibration, administered[left], here)
        lacking = sums[left] - at.needed
        lower[left] = np.where(lacking > 0, here, lower[left])
        upper[left] = np.where(lacking > 0, upper[left], here)
        there = here + lacking / np.where(at.slope > 0, at.slope, 1.0)
        inside = (at.slope > 0) & (there >= lower[left]) & (there <= upper[left])
        there = np.where(inside, there, (lower[left] + upper[left]) / 2)
        theta[left] = there
        information[left] = at.information + at.change * (there - here)
        left = left[np.abs(there - here) > np.where(inside, _QUADRATIC, _EXACT) * (1 + np.abs(there))]
        if len(left) == 0:
            break
    return theta, information


def _own_equation(calibration: Calibration, administered: Floats, theta: Floats) -> _Equation:
    """Return the estimating equation of each pattern at its own ability."""
    probabilities = category_probabilities(calibration.discrimination, calibration.steps, theta)
    return _equation(
        calibration.discrimination, probabilities, lambda values: np.einsum("jp,pj->p", values, administered)
    )
