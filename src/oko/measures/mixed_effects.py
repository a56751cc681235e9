"""Effects of groups once the data are known: their means, covariances and draws, from the highest level down."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oko.measures.mixed import Floats, multiply
from oko.measures.mixed_nested import NestedEvaluation, NestedProducts


@dataclass(frozen=True)
class Effects:
    """Effects of the groups of one level.

    Attributes
    ----------
    mean : ndarray of shape (groups, q)
        Conditional means.
    spread : ndarray of shape (groups, q, q)
        Conditional covariances in units of the pupil variance.
    coefficients : ndarray of shape (p, groups)
        Deviation of a group's coefficients from the fixed ones, this level and those above together.
    covariance : ndarray of shape (p, p, groups)
        Covariance of these deviations in units of the pupil variance.
    """

    mean: Floats
    spread: Floats
    coefficients: Floats
    covariance: Floats


def conditional_effects(
    products: NestedProducts, at: NestedEvaluation, *, fixed_uncertain: bool = False
) -> tuple[Effects, ...]:
    r"""Return the effects of all levels given the data, lowest level first.

    Parameters
    ----------
    products : NestedProducts
    at : NestedEvaluation
    fixed_uncertain : bool, default False
        Let the covariances hold the error of the fixed part too; otherwise it is taken as known.

    Returns
    -------
    tuple of Effects

    Notes
    -----
    Given the coefficients δ of the levels above, a group's effects have mean :math:`C(s - A_{rx}δ)` and covariance C,
    with C the step's ``spread``, s the group's score and A its cross-products; with :math:`F = I - P C A_{rx}`,
    P placing effects among the coefficients, δ of the group has covariance :math:`F \mathrm{cov}(δ) F' + PCP'`.
    """
    p = len(at.fixed)
    mean: Floats = np.zeros((p, 1))
    covariance: Floats = np.zeros((p, p, 1))
    if fixed_uncertain:
        covariance = np.linalg.inv(at.information)[:, :, None].astype(np.float64)
    found: list[Effects] = []
    contrast = np.append(-at.fixed, 1.0)
    for level, step in zip(reversed(products.levels), reversed(at.steps), strict=True):
        random, n_groups = list(level.random), step.rows.shape[2]
        if found:
            above = products.levels[len(products.levels) - 1 - len(found)].parent
            mean, covariance = mean[:, above], covariance[:, :, above]
        else:
            mean, covariance = np.repeat(mean, n_groups, axis=1), np.repeat(covariance, n_groups, axis=2)
        gain = multiply(step.spread, step.rows[:, :p])
        score = np.tensordot(contrast, step.rows, axes=(0, 1))
        effect = np.einsum("qrg,rg->qg", step.spread, score) - np.einsum("qpg,pg->qg", gain, mean)
        spread = step.spread + multiply(multiply(gain, covariance), gain.swapaxes(0, 1))
        kept = np.repeat(np.eye(p)[:, :, None], n_groups, axis=2)
        kept[random] -= gain
        covariance = multiply(multiply(kept, covariance), kept.swapaxes(0, 1))
        covariance[np.ix_(random, random)] += step.spread
        mean = mean.copy()
        mean[random] += effect
        found.insert(0, Effects(effect.T, np.moveaxis(spread, 2, 0), mean, covariance))
    return tuple(found)


def drawn_coefficients(
    products: NestedProducts, at: NestedEvaluation, place: int, draws: int, random: np.random.Generator
) -> Floats:
    """Draw the coefficients of the groups of one level from their joint distribution given the data.

    Parameters
    ----------
    products : NestedProducts
    at : NestedEvaluation
    place : int
        Which level, 0 the lowest.
    draws : int
    random : Generator

    Returns
    -------
    ndarray of shape (p, groups, draws)
        Deviations from the estimated fixed part, its error included.
    """
    p = len(at.fixed)
    root = np.linalg.cholesky(at.pupil_variance * np.linalg.inv(at.information))
    deviation = (root @ random.normal(size=(p, draws)))[:, None, :]
    contrast = np.append(-at.fixed, 1.0)
    for number in reversed(range(place, len(products.levels))):
        level, step = products.levels[number], at.steps[number]
        if number < len(products.levels) - 1:
            deviation = deviation[:, level.parent]
        # From a deviation of the fixed part the score of a group falls by its cross-products times that deviation.
        score = np.tensordot(contrast, step.rows, axes=(0, 1))[:, :, None]
        score = score - np.einsum("qpg,pgd->qgd", step.rows[:, :p], deviation)
        values, vectors = np.linalg.eigh(at.pupil_variance * np.moveaxis(step.spread, 2, 0))
        half = vectors * np.sqrt(np.clip(values, 0, None))[:, None, :]
        noise = random.normal(size=(half.shape[0], half.shape[2], draws))
        effect = np.einsum("qrg,rgd->qgd", step.spread, score) + np.einsum("gqr,grd->qgd", half, noise)
        deviation = np.repeat(deviation, step.rows.shape[2], axis=1) if deviation.shape[1] == 1 else deviation.copy()
        deviation[list(level.random)] += effect
    return deviation
