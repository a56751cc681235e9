"""Infit and outfit: mean squares of what answers leave beside what the model expects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oko.measures.irt.calibration import Calibration
from oko.measures.irt.categories import category_probabilities
from oko.measures.irt.patterns import Patterns
from oko.measures.irt.posterior import Grid, Sums, central_moments, posteriors
from oko.measures.irt.weighted import weighted_likelihood
from oko.measures.responses import Floats
from oko.measures.weights import Codes, sum_by

_LEAST_VARIANCE = 1e-200


@dataclass(frozen=True)
class MeanSquares:
    """Mean squares of each item, averaged over the posterior of each pupil's ability, and at each pupil's own.

    Attributes
    ----------
    infit, outfit, infit_wle, outfit_wle : ndarray of shape (items,)
        NaN for an item that nobody was given.
    """

    infit: Floats
    outfit: Floats
    infit_wle: Floats
    outfit_wle: Floats


def mean_squares(calibration: Calibration, patterns: Patterns, sums: Sums, grid: Grid) -> MeanSquares:
    r"""Return infit and outfit, integrated over the posterior and at the weighted likelihood estimate.

    Notes
    -----
    Outfit is the mean of :math:`(x - E)^2 / V`, infit :math:`\sum (x - E)^2 / \sum V`, over pupils who were given the
    item; E and V are the mean and variance of its category at an ability (Wright & Masters 1982). Integrated, each
    pupil's terms are averaged over the posterior (Adams & Wu 2007, in von Davier & Carstensen, Multivariate and
    Mixture Distribution Rasch Models, 57–75): under the model the expected outfit is then 1 exactly. At an ability
    that was estimated from the same answers it is below 1, the more the fewer items there are.
    """
    administered = patterns.administered.astype(np.float64)
    ability, _ = weighted_likelihood(calibration, sums, administered)
    ability = np.nan_to_num(ability)  # where no item tells abilities apart, any is as good
    n_items, size = len(calibration.items), grid.curves.probabilities.shape[-1]
    by_node = np.zeros((n_items * size, len(grid.theta)))
    own = np.zeros((3, n_items))
    order = np.argsort(sums.of_pattern, kind="stable")
    bounds = np.searchsorted(sums.of_pattern[order], np.arange(len(sums.value) + 1))
    for rows, posterior in posteriors(grid, sums, administered):
        members = order[bounds[rows.start] : bounds[rows.stop]]
        pupils = _pupils(patterns, members, sums.of_pattern[members] - rows.start, len(posterior), size)
        by_node += pupils.reshape(len(posterior), -1).T @ posterior
        own += _totals(pupils.transpose(1, 0, 2), *_expected(calibration, ability[rows]))
    integrated = _totals(
        by_node.reshape(n_items, size, -1).transpose(0, 2, 1), *central_moments(grid.curves.probabilities)
    )
    n = sum_by(patterns.group, patterns.weights, len(administered)) @ administered
    return MeanSquares(*_ratios(integrated, n), *_ratios(own, n))


def _pupils(patterns: Patterns, members: Codes, place: Codes, rows: int, size: int) -> Floats:
    """Return how many pupils of each row reached each category of each item."""
    categories = patterns.categories[members].astype(np.int64)
    given = categories >= 0
    n_items = categories.shape[1]
    cell = (place[:, None] * n_items + np.arange(n_items)) * size + categories
    weights = np.broadcast_to(patterns.weights[members, None], given.shape)
    return sum_by(cell[given], weights[given], rows * n_items * size).reshape(rows, n_items, size)


def _expected(calibration: Calibration, ability: Floats) -> list[Floats]:
    return central_moments(category_probabilities(calibration.discrimination, calibration.steps, ability))


def _totals(pupils: Floats, mean: Floats, variance: Floats) -> Floats:
    """Return the sums of squares over variance, of squares, and of variance; pupils: items × places × categories."""
    totals = np.zeros((3, len(mean)))
    for category in range(pupils.shape[-1]):
        counted, squares = pupils[..., category], (category - mean) ** 2
        unlikely = squares / np.maximum(variance, _LEAST_VARIANCE)
        totals[0] += (counted * unlikely).sum(axis=1)
        totals[1] += (counted * squares).sum(axis=1)
        totals[2] += (counted * variance).sum(axis=1)
    return totals


def _ratios(totals: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Return infit and outfit."""
    infit = np.divide(totals[1], totals[2], out=np.full(len(n), np.nan), where=totals[2] > 0)
    return infit, np.divide(totals[0], n, out=np.full(len(n), np.nan), where=n > 0)
