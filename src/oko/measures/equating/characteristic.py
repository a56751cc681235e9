"""Linking of two calibrations by their characteristic curves: Haebara, Stocking and Lord."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy.optimize import least_squares

from oko.errors import MeasureError
from oko.measures.equating.item_frames import CommonItems, match_items
from oko.measures.equating.links import Link, check_common, describe_link
from oko.measures.irt.categories import category_probabilities
from oko.measures.responses import Floats

Residuals = Callable[[Floats], tuple[Floats, Floats]]
_POINTS = np.linspace(-4.0, 4.0, 81)
_FLAT = 1e-8
_BENT = 1e-8
_POLISHING_STEPS = 5
_STARTS = ((0.0, 0.0), (0.5, 0.0), (-0.5, 0.0))
_LARGEST_LOG_SLOPE = 5.0


def haebara(old_items: pd.DataFrame, new_items: pd.DataFrame, weighting: str = "normal") -> Link:
    r"""Link two calibrations so that the category curves of each common item agree.

    Parameters
    ----------
    old_items, new_items : DataFrame, index the items
        ``discrimination``; ``step_1``, … (absolute, NaN behind an item's last step) or ``difficulty`` alone. Items are
        matched by their index.
    weighting : {"normal", "uniform"}
        Weights of the 81 abilities −4, −3.9, …, 4 of the old scale: the standard normal density, or equal. They sum to
        1.

    Returns
    -------
    Link

    Raises
    ------
    MeasureError
        A column is missing or not numeric, an item stands twice, no item is common, or the weighting is unknown.

    Notes
    -----
    Minimises :math:`\sum_q w_q \sum_j \sum_k [P_{jk}(θ_q; old) - P_{jk}((θ_q - B)/A; new)]^2` (Haebara 1980, Japanese
    Psychological Research 22, 144–149, with all categories of an item), abilities of the old scale only, by
    Levenberg–Marquardt steps with exact derivatives from four starts, then Newton's.

    Examples
    --------
    >>> old = pd.DataFrame({"discrimination": [1.0, 2.0], "difficulty": [-1.0, 1.0]}, index=["1", "2"])
    >>> new = pd.DataFrame({"discrimination": [2.0, 4.0], "difficulty": [0.0, 1.0]}, index=["1", "2"])
    >>> link = haebara(old, new)
    >>> round(link.slope, 6), round(link.intercept, 6), link.converged
    (2.0, -1.0, True)
    """
    return _by_curves("haebara", old_items, new_items, weighting)


def stocking_lord(old_items: pd.DataFrame, new_items: pd.DataFrame, weighting: str = "normal") -> Link:
    r"""Link two calibrations so that the expected total scores on the common items agree.

    Parameters
    ----------
    old_items, new_items : DataFrame, index the items
        As for `haebara`.
    weighting : {"normal", "uniform"}
        Weights of the 81 abilities −4, −3.9, …, 4 of the old scale: the standard normal density, or equal. They sum to
        1.

    Returns
    -------
    Link

    Raises
    ------
    MeasureError
        A column is missing or not numeric, an item stands twice, no item is common, or the weighting is unknown.

    Notes
    -----
    Minimises :math:`\sum_q w_q [T(θ_q; old) - T((θ_q - B)/A; new)]^2`, T the expected total on the common items,
    each category counted as 0, 1, 2, …
    (Stocking & Lord 1983, Applied Psychological Measurement 7, 201–210); otherwise as `haebara`.

    Examples
    --------
    >>> old = pd.DataFrame({"discrimination": [1.0, 2.0], "difficulty": [-1.0, 1.0]}, index=["1", "2"])
    >>> new = pd.DataFrame({"discrimination": [2.0, 4.0], "difficulty": [0.0, 1.0]}, index=["1", "2"])
    >>> link = stocking_lord(old, new)
    >>> round(link.slope, 6), round(link.intercept, 6), link.converged
    (2.0, -1.0, True)
    """
    return _by_curves("stocking_lord", old_items, new_items, weighting)


def _by_curves(method: str, old_items: pd.DataFrame, new_items: pd.DataFrame, weighting: str) -> Link:
    if weighting not in ("normal", "uniform"):
        raise MeasureError("Weighting {weighting} is unknown: choose 'normal' or 'uniform'.", weighting=repr(weighting))
    common = match_items(old_items, new_items)
    check_common(common)
    if not len(common.items):
        return describe_link(method, common, np.nan, np.nan, np.nan, np.nan, False)
    weights = np.exp(-(_POINTS**2) / 2) if weighting == "normal" else np.ones(len(_POINTS))
    residuals = _residuals(common, weights / weights.sum(), total=method == "stocking_lord")
    at, criterion, gradient = _search(residuals, _starts(common))
    slope = float(np.exp(at[0]))
    bent = np.diag(_curvature(residuals, at)).min() > _BENT
    found = bent and gradient < _FLAT * max(criterion, 1.0) and abs(at[0]) < _LARGEST_LOG_SLOPE
    if not found:
        return describe_link(method, common, np.nan, np.nan, criterion, gradient, False)
    return describe_link(method, common, slope, float(at[1]), criterion, gradient, True)


def _starts(common: CommonItems) -> list[Floats]:
    old, new = (steps[~np.isnan(steps)] for steps in (common.old_steps, common.new_steps))
    slope = np.clip(common.new_slopes.mean() / common.old_slopes.mean(), np.exp(-3), np.exp(3))
    first = np.array([np.log(slope), old.mean() - slope * new.mean()])
    return [first, *(np.array([start[0], old.mean() - np.exp(start[0]) * new.mean()]) for start in _STARTS)]


def _search(residuals: Residuals, starts: list[Floats]) -> tuple[Floats, float, float]:
    """Return the lowest point found, the criterion there and its largest derivative."""
    best = (starts[0], np.inf, np.inf)
    for start in starts:
        found = least_squares(
            lambda at: residuals(at)[0],
            start,
            jac=lambda at: residuals(at)[1],
            method="lm",
            xtol=1e-12,
            ftol=1e-12,
            gtol=1e-12,
            max_nfev=500,
        )
        at = _polish(residuals, found.x)
        distance, _ = residuals(at)
        criterion = float(distance @ distance)
        if criterion < best[1] * (1 - 1e-9) - 1e-24:
            best = at, criterion, float(np.abs(_gradient(residuals, at)).max())
    return best


def _gradient(residuals: Residuals, at: Floats) -> Floats:
    distance, slopes = residuals(at)
    return np.asarray(2 * slopes.T @ distance)


def _curvature(residuals: Residuals, at: Floats) -> Floats:
    """Return the second derivatives of the criterion, by central differences of its exact first ones."""
    moves = np.eye(2) * 1e-5
    rows = [(_gradient(residuals, at + move) - _gradient(residuals, at - move)) / 2e-5 for move in moves]
    return np.array(rows)


def _polish(residuals: Residuals, at: Floats) -> Floats:
    """Take Newton's steps to where the gradient is flat: with much misfit least squares stop some way before."""
    gradient = _gradient(residuals, at)
    for _ in range(_POLISHING_STEPS):
        curvature = _curvature(residuals, at)
        if not np.linalg.cond(curvature) < 1e12:
            return at
        tried: Floats = at - np.linalg.solve(curvature, gradient)
        flatter = _gradient(residuals, tried)
        if not np.abs(flatter).max() < np.abs(gradient).max():
            return at
        at, gradient = tried, flatter
    return at


def _residuals(common: CommonItems, weights: Floats, total: bool) -> Residuals:
    """Return a function of (log A, B) that gives weighted differences of curves and their derivatives."""
    categories = np.arange(common.old_steps.shape[1] + 1, dtype=np.float64)
    roots = np.sqrt(weights)[None, :, None]

    def curves(probabilities: Floats) -> Floats:
        return (probabilities @ categories).sum(axis=0)[None, :, None] if total else probabilities

    old = curves(category_probabilities(common.old_slopes, common.old_steps, _POINTS))

    def evaluate(at: Floats) -> tuple[Floats, Floats]:
        slope = np.exp(np.clip(at[0], -20, 20))
        theta = (_POINTS - at[1]) / slope
        new = category_probabilities(common.new_slopes, common.new_steps, theta)
        spread = categories - (new @ categories)[..., None]
        by_theta = curves(new * spread * common.new_slopes[:, None, None])
        by_log_slope = by_theta * theta[None, :, None]
        by_intercept = by_theta / slope
        columns = [(roots * part).ravel() for part in (by_log_slope, by_intercept)]
        return (roots * (old - curves(new))).ravel(), np.column_stack(columns)

    return evaluate
