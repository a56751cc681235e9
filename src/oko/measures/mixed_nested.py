"""Likelihood of a linear mixed model with several nested levels, from the cross-products of its lowest groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from oko.measures.mixed import CrossProducts, Floats, inverse, multiply
from oko.measures.weights import Codes, sum_by


@dataclass(frozen=True)
class Level:
    """One level of groups.

    Attributes
    ----------
    random : tuple of int
        Columns of the design that vary between the groups.
    parent : ndarray of int of shape (groups,), or None
        Number of the group one level up; None at the highest level.
    """

    random: tuple[int, ...]
    parent: Codes | None = None


@dataclass(frozen=True)
class NestedProducts:
    """All that the likelihood needs of the pupils; outcome behind the p columns of the design, m = p + 1.

    Attributes
    ----------
    n : float
        Pupils.
    total : ndarray of shape (m, m)
        Cross-products over all pupils.
    rows : ndarray of shape (q, m, groups)
        Cross-products of the lowest level's random columns in each of its groups.
    full : ndarray of shape (m, m, groups), or None
        All cross-products in each lowest group; None where there is one level.
    levels : tuple of Level
        Lowest first.
    """

    n: float
    total: Floats
    rows: Floats
    full: Floats | None
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Step:
    """One level at one relative covariance Ψ: S, the random columns' cross-products once lower levels are known.

    Attributes
    ----------
    rows : ndarray of shape (q, m, groups)
    shrink : ndarray of shape (q, q, groups)
        (I + SΨ)⁻¹.
    spread : ndarray of shape (q, q, groups)
        Ψ(I + SΨ)⁻¹: conditional covariance of a group's effects, those above it known, in units of the pupil variance.
    """

    rows: Floats
    shrink: Floats
    spread: Floats


@dataclass(frozen=True)
class NestedEvaluation:
    """The likelihood at one set of relative covariances, lowest level first.

    Attributes
    ----------
    deviance : float
    gradients : tuple of ndarray of shape (q, q)
        Its derivatives by the relative covariances, at one pupil variance.
    fixed : ndarray of shape (p,)
    information : ndarray of shape (p, p)
        X'V⁻¹X in units of the pupil variance.
    residual : float
        (y − Xβ)'V⁻¹(y − Xβ).
    pupil_variance, freedom : float
    steps : tuple of Step
    """

    deviance: float
    gradients: tuple[Floats, ...]
    fixed: Floats
    information: Floats
    residual: float
    pupil_variance: float
    freedom: float
    steps: tuple[Step, ...]


def nested_products(
    outcome: Floats, design: Sequence[Floats], group: Codes, weights: Floats, levels: Sequence[Level]
) -> NestedProducts:
    """Gather the cross-products of a model in one pass over the pupils.

    Parameters
    ----------
    outcome : ndarray of shape (rows,)
    design : sequence of p ndarrays of shape (rows,)
    group : ndarray of int of shape (rows,)
        Number of the lowest group.
    weights : ndarray of shape (rows,)
    levels : sequence of Level
        Lowest first.

    Returns
    -------
    NestedProducts

    Examples
    --------
    >>> ones, group = np.ones(3), np.array([0, 0, 1])
    >>> levels = [Level((0,), np.array([0, 0])), Level((0,))]
    >>> nested_products(np.array([1.0, 2, 4]), [ones], group, ones, levels).rows[0].tolist()
    [[2.0, 1.0], [3.0, 4.0]]
    """
    columns = [*design, outcome]
    m, n_groups = len(columns), int(group.max()) + 1
    full = np.empty((m, m, n_groups))
    for i, left in enumerate(columns):
        weighted = left * weights
        for j in range(i + 1):
            full[i, j] = full[j, i] = sum_by(group, weighted * columns[j], n_groups)
    return NestedProducts(float(weights.sum()), full.sum(axis=2), full[list(levels[0].random)], full, tuple(levels))


def one_level(products: CrossProducts, random: Sequence[int]) -> NestedProducts:
    """Return the cross-products of a model of pupils in schools in the form of nested ones."""
    total = np.block([[products.xx, products.xy[:, None]], [products.xy[None, :], np.array([[products.yy]])]])
    rows = np.concatenate([products.zx, products.zy[:, None]], axis=1)
    return NestedProducts(products.n, total, rows, None, (Level(tuple(random)),))


def evaluate_nested(
    products: NestedProducts, covariances: Sequence[Floats], *, restricted: bool, pupil_variance: float | None = None
) -> NestedEvaluation:
    r"""Evaluate the likelihood at relative covariances Ψ of the effects of every level.

    Parameters
    ----------
    products : NestedProducts
    covariances : sequence of ndarray of shape (q, q)
        Covariance of the effects divided by the pupil variance; lowest level first.
    restricted : bool
        REML instead of ML.
    pupil_variance : float, optional
        Variance at which the deviance is taken; by default the best one.

    Returns
    -------
    NestedEvaluation

    Notes
    -----
    Random columns are columns of the design. With W = (X, y) and A = W'V⁻¹W known up to one level, the level above
    with the random columns r adds :math:`\log|I + A_{rr}Ψ|` to the log-determinant and makes of A
    :math:`A - A_{·r} Ψ (I + A_{rr}Ψ)^{-1} A_{r·}` (the matrix inversion lemma), which its parent sums over its groups.
    The derivatives go the same way back: with G the derivative by what comes out of a level, that by Ψ is
    :math:`\sum N A_{rr} - N A_{r·} G A_{·r} N'`, :math:`N = (I + A_{rr}Ψ)^{-1}`, and that by what went in is
    :math:`F'GF + ΨN` (in r, r), :math:`F = I - A_{·r}ΨN`.

    Examples
    --------
    >>> ones, group = np.ones(3), np.array([0, 0, 1])
    >>> levels = [Level((0,), np.array([0, 0])), Level((0,))]
    >>> data = nested_products(np.array([1.0, 2, 4]), [ones], group, ones, levels)
    >>> round(evaluate_nested(data, [np.zeros((1, 1))] * 2, restricted=False).deviance, 6)
    9.839129
    """
    inputs, steps, log_determinant, total = _upwards(products, covariances)
    p = len(total) - 1
    information, explained = total[:p, :p], total[:p, p]
    fixed = np.linalg.solve(information, explained).astype(np.float64)
    residual = float(total[p, p] - explained @ fixed)
    freedom = products.n - (p if restricted else 0)
    variance = residual / freedom if pupil_variance is None else pupil_variance
    contrast = np.append(-fixed, 1.0)
    top = np.outer(contrast, contrast) / variance
    deviance = log_determinant + freedom * np.log(2 * np.pi * variance) + residual / variance
    if restricted:
        deviance += np.linalg.slogdet(information)[1]
        top[:p, :p] += np.linalg.inv(information)
    gradients = _downwards(products.levels, inputs, steps, top)
    return NestedEvaluation(float(deviance), gradients, fixed, information, residual, variance, freedom, steps)


def _upwards(
    products: NestedProducts, covariances: Sequence[Floats]
) -> tuple[list[Floats | None], tuple[Step, ...], float, Floats]:
    """Take the levels into the cross-products, lowest first."""
    inputs: list[Floats | None] = []
    steps, log_determinant, full, total = [], 0.0, products.full, products.total
    for level, covariance in zip(products.levels, covariances, strict=True):
        random = list(level.random)
        rows = products.rows if full is None else full[random]
        shrink, added = inverse(np.eye(len(random))[:, :, None] + multiply(rows[:, random], covariance[:, :, None]))
        spread = multiply(covariance[:, :, None], shrink)
        inputs.append(full)
        steps.append(Step(rows, shrink, spread))
        log_determinant += added
        taken = multiply(rows.swapaxes(0, 1), multiply(spread, rows))
        total = total - taken.sum(axis=2)
        if level.parent is not None and full is not None:
            full = _sums(full - taken, level.parent)
    return inputs, tuple(steps), log_determinant, total


def _sums(stack: Floats, parent: Codes) -> Floats:
    n = int(parent.max()) + 1
    sums = np.empty((*stack.shape[:2], n))
    for i in range(len(stack)):
        for j in range(i + 1):
            sums[i, j] = sums[j, i] = sum_by(parent, stack[i, j], n)
    return sums


def _downwards(
    levels: tuple[Level, ...], inputs: list[Floats | None], steps: tuple[Step, ...], top: Floats
) -> tuple[Floats, ...]:
    """Carry the derivative by the last cross-products back to the relative covariances."""
    gradients: list[Floats] = []
    outer: Floats = top[:, :, None]
    for place in reversed(range(len(levels))):
        level, step = levels[place], steps[place]
        random = list(level.random)
        if level.parent is not None:
            outer = outer[:, :, level.parent] if outer.shape[2] > 1 else outer
        half = multiply(step.shrink, step.rows)
        own = multiply(step.shrink, step.rows[:, random]) - multiply(multiply(half, outer), half.swapaxes(0, 1))
        gradient = own.sum(axis=2)
        gradients.insert(0, (gradient + gradient.T) / 2)
        full = inputs[place]
        if place and full is not None:
            change = np.repeat(np.eye(len(top))[:, :, None], step.rows.shape[2], axis=2)
            change[:, random] -= multiply(step.rows.swapaxes(0, 1), step.spread)
            outer = multiply(multiply(change.swapaxes(0, 1), outer), change)
            outer[np.ix_(random, random)] += step.spread
    return tuple(gradients)
