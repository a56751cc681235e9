"""Equating of two forms that unequal groups wrote, through tasks that both forms share: Tucker, Levine, chained."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.errors import MeasureError
from oko.measures.equating.anchor import Group, describe_groups, groups_differ, read_group, remarks
from oko.measures.equating.lines import LinearEquating, draw_line, line_table
from oko.measures.equating.random_groups import FEW_FOR_LINEAR, beyond_scale, describe_line, few_pupils, no_variance
from oko.measures.statement import Statement
from oko.measures.weights import Weights

Pupils: TypeAlias = pd.Series | NDArray[Any] | list[float]
Gamma: TypeAlias = Callable[[NDArray[Any]], Any]


def tucker(
    x_total: Pupils,
    x_anchor: Pupils,
    y_total: Pupils,
    y_anchor: Pupils,
    weight: float = 1.0,
    internal: bool = True,
    x_weights: Weights = None,
    y_weights: Weights = None,
) -> LinearEquating:
    r"""Put form X on the scale of form Y, taking the regression of total on anchor as the same in both groups.

    Parameters
    ----------
    x_total, x_anchor : Series, array or list
        Total and anchor score of each pupil who wrote form X; pupils without one of them are left out and counted.
    y_total, y_anchor : Series, array or list
        The same of form Y.
    weight : float, default 1.0
        Weight of the pupils of X, 0 to 1, in the population for which the forms are equated; the pupils of Y have
        the rest.
    internal : bool, default True
        The anchor's points are part of the total. Tucker's line is the same either way; an anchor above its total
        is said.
    x_weights, y_weights : Series, array or None
        How many pupils a row stands for.

    Returns
    -------
    LinearEquating
        NaN with a statement where the anchor or a total has no variance.

    Raises
    ------
    MeasureError
        Scores do not belong together, are not numbers or are missing altogether, or the weight is outside 0 to 1.

    Notes
    -----
    Kolen & Brennan (2004), section 4.2: :math:`γ = s_{xv}/s_v^2` in each group; with :math:`w_2 = 1 - w_1`,
    :math:`d = \bar v_1 - \bar v_2`, :math:`D = s_{v1}^2 - s_{v2}^2` the population has
    :math:`μ_x = \bar x - w_2 γ_1 d`, :math:`σ_x^2 = s_x^2 - w_2 γ_1^2 D + w_1 w_2 γ_1^2 d^2` and
    :math:`μ_y = \bar y + w_1 γ_2 d`, :math:`σ_y^2 = s_y^2 + w_1 γ_2^2 D + w_1 w_2 γ_2^2 d^2`. Variances over n − 1. An
    anchor measures with error, so that groups who differ are adjusted too little: ``equating_groups_differ`` is said
    above 0.25 standard deviations on the anchor (this project's limit), where `levine` is the one to look at too.

    Examples
    --------
    >>> line = tucker([4, 6, 9, 12], [1, 2, 3, 5], [5, 8, 9, 13], [1, 3, 3, 5])
    >>> round(line.slope, 3), round(line.intercept, 3)
    (0.986, 0.606)
    """
    groups = read_group(x_total, x_anchor, x_weights, "X"), read_group(y_total, y_anchor, y_weights, "Y")
    return _synthetic("tucker", groups, weight, internal, _tucker_gamma)


def levine(
    x_total: Pupils,
    x_anchor: Pupils,
    y_total: Pupils,
    y_anchor: Pupils,
    weight: float = 1.0,
    internal: bool = True,
    x_weights: Weights = None,
    y_weights: Weights = None,
) -> LinearEquating:
    r"""Put form X on the scale of form Y, taking true scores on form and anchor as perfectly correlated.

    Parameters
    ----------
    x_total, x_anchor, y_total, y_anchor : Series, array or list
        Total and anchor score of each pupil of X, of Y; pupils without one of them are left out and counted.
    weight : float, default 1.0
        Weight of the pupils of X, 0 to 1, in the population for which the forms are equated.
    internal : bool, default True
        The anchor's points are part of the total; False: the anchor stands beside it.
    x_weights, y_weights : Series, array or None
        How many pupils a row stands for.

    Returns
    -------
    LinearEquating
        NaN with a statement where total and anchor do not go together (covariance 0 or below).

    Raises
    ------
    MeasureError
        Scores do not belong together, are not numbers or are missing altogether, or the weight is outside 0 to 1.

    Notes
    -----
    As `tucker` with :math:`γ = s_x^2 / s_{xv}` for an internal anchor, :math:`(s_x^2 + s_{xv}) / (s_v^2 + s_{xv})` for
    an external one: Levine's observed-score method under a classical congeneric model (Kolen & Brennan 2004, section
    4.3).

    Examples
    --------
    >>> line = levine([4, 6, 9, 12], [1, 2, 3, 5], [5, 8, 9, 13], [1, 3, 3, 5])
    >>> round(line.slope, 3), round(line.intercept, 3)
    (0.988, 0.579)
    """
    groups = read_group(x_total, x_anchor, x_weights, "X"), read_group(y_total, y_anchor, y_weights, "Y")
    return _synthetic("levine", groups, weight, internal, _inner_gamma if internal else _outer_gamma)


def chained_line(groups: tuple[Group, Group]) -> LinearEquating:
    """Equate X to the anchor in the pupils of X, then the anchor to Y in the pupils of Y, by straight lines."""
    flat = _flat(groups, anchor=True)
    return _describe("chained", groups, flat, None, False, _chained)


def _tucker_gamma(group: NDArray[Any]) -> Any:
    return group[4] / group[3]


def _inner_gamma(group: NDArray[Any]) -> Any:
    return group[2] / group[4]


def _outer_gamma(group: NDArray[Any]) -> Any:
    return (group[2] + group[4]) / (group[3] + group[4])


def _chained(x: NDArray[Any], y: NDArray[Any]) -> tuple[Any, Any]:
    there, back = np.sqrt(x[3] / x[2]), np.sqrt(y[2] / y[3])
    return there * back, y[0] + back * (x[1] - y[1]) - there * back * x[0]


def _synthetic_variances(x: NDArray[Any], y: NDArray[Any], gamma: Gamma, weight: float) -> tuple[Any, Any]:
    between = weight * (1 - weight) * (x[1] - y[1]) ** 2
    return (
        x[2] + gamma(x) ** 2 * (between - (1 - weight) * (x[3] - y[3])),
        y[2] + gamma(y) ** 2 * (between + weight * (x[3] - y[3])),
    )


def _synthetic_line(x: NDArray[Any], y: NDArray[Any], gamma: Gamma, weight: float) -> tuple[Any, Any]:
    x_variance, y_variance = _synthetic_variances(x, y, gamma, weight)
    apart = x[1] - y[1]
    slope = np.sqrt(y_variance / x_variance)
    x_mean, y_mean = x[0] - (1 - weight) * gamma(x) * apart, y[0] + weight * gamma(y) * apart
    return slope, y_mean - slope * x_mean


def _synthetic(method: str, groups: tuple[Group, Group], weight: float, internal: bool, gamma: Gamma) -> LinearEquating:
    if isinstance(weight, bool) or not isinstance(weight, (int, float, np.number)) or not 0 <= weight <= 1:
        raise MeasureError("The weight of the pupils of X is {weight}: give a number from 0 to 1.", weight=repr(weight))
    values = groups[0].moments.values, groups[1].moments.values
    said = _flat(groups, anchor=method == "tucker")
    if not said and method == "levine":
        together = [group.form for group, moment in zip(groups, values, strict=True) if moment[4] <= 0]
        said = [Statement("equating_levine_covariance", {"form": form}) for form in together]
    if not said and not min(_synthetic_variances(values[0], values[1], gamma, weight)) > 0:
        said = [Statement("equating_synthetic_variance", {})]
    gammas = None if said else (float(gamma(values[0])), float(gamma(values[1])))
    return _describe(method, groups, said, gammas, internal, partial(_synthetic_line, gamma=gamma, weight=weight))


def _flat(groups: tuple[Group, Group], anchor: bool) -> list[Statement]:
    said = [*no_variance(tuple(group.form for group in groups if not group.moments.values[2] > 0))]
    without = [group.form for group in groups if not group.moments.values[3] > 0]
    return said + [Statement("equating_anchor_no_variance", {"form": form}) for form in without if anchor]


def _describe(
    method: str,
    groups: tuple[Group, Group],
    said: list[Statement],
    gammas: tuple[float, float] | None,
    internal: bool,
    line: Callable[[NDArray[Any], NDArray[Any]], tuple[Any, Any]],
) -> LinearEquating:
    group_moments = groups[0].moments, groups[1].moments
    coefficients, covariance = np.full(2, np.nan), np.full((2, 2), np.nan)
    if not said:
        coefficients, covariance = draw_line(line, *group_moments)
    x_scores, y_scores = (_whole_scale(group) for group in groups)
    table = line_table(x_scores, coefficients, covariance)
    remarked = [*said, *remarks(groups, internal), *few_pupils(group_moments, FEW_FOR_LINEAR)]
    remarked += groups_differ(groups) if method == "tucker" else ()
    remarked += beyond_scale(table, y_scores)
    return describe_line(method, coefficients, covariance, table, describe_groups(groups, gammas), remarked)


def _whole_scale(group: Group) -> NDArray[np.float64]:
    return np.arange(np.floor(group.total.min()), np.ceil(group.total.max()) + 1)
