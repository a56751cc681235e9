"""Value added of schools: what remains between schools once pupils' earlier results are taken into account."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.design import (
    INTERCEPT,
    Standardised,
    check_identified,
    read_pupils,
    standardise,
)
from oko.measures.design_levels import check_level_names, degrees_of_freedom, in_two_schools, read_above, read_below
from oko.measures.mixed import Floats, cross_products
from oko.measures.mixed_effects import Effects, conditional_effects
from oko.measures.mixed_nested import Level, NestedProducts, nested_products, one_level
from oko.measures.mixed_nested_search import find_nested_optimum
from oko.measures.mixed_ratio import best_ratio, ratio_profile
from oko.measures.mixed_search import find_optimum
from oko.measures.schools.described import Found, Levels, describe
from oko.measures.schools.fit import Fit
from oko.measures.schools.result import ValueAdded
from oko.measures.statement import Statement
from oko.measures.weights import Codes, Weights

_LEAST_RATIO = 1e-2


def value_added(
    data: pd.DataFrame,
    outcome: str,
    covariates: Sequence[str] = (),
    school: str = "school",
    slopes: Sequence[str] = (),
    within: str | None = None,
    weights: Weights = None,
    method: Literal["reml", "ml"] = "reml",
    *,
    below: str | None = None,
    below_slopes: Sequence[str] = (),
    pupil: str | None = None,
) -> ValueAdded:
    r"""Estimate what schools add to what their pupils brought with them.

    Parameters
    ----------
    data : DataFrame, one row a pupil
    outcome : str
        Numeric column.
    covariates : sequence of str
        Numeric columns; categories must be coded as columns of 0 and 1.
    school : str, default "school"
        Column of the school.
    slopes : sequence of str
        Covariates whose slope varies between schools, with any covariance.
    within : str, optional
        Column of the level above, to one group of which each school belongs (district); its intercept varies.
    weights : str, Series, array or None
        How many pupils a row stands for.
    method : {"reml", "ml"}
    below : str, optional
        Column of a level inside schools (class); its labels may come back in other schools.
    below_slopes : sequence of str
        Covariates whose slope varies between the groups below.
    pupil : str, optional
        Column of the pupil: those who stand in two or more schools are left out, and their number is said.

    Returns
    -------
    ValueAdded

    Raises
    ------
    MeasureError
        A column is missing or not numeric, a covariate is constant or follows from others, there are too few schools,
        groups or pupils, a slope is not among the covariates, a school belongs to several groups, a pupil has several
        rows in a school, or the method is unknown.

    Notes
    -----
    :math:`y_{is} = x_{is}'β + z_{is}'u_s + e_{is}`, :math:`u_s \sim N(0, Σ)`, :math:`e_{is} \sim N(0, σ²)` (Goldstein
    et al. 1993, Oxford Review of Education 19, 425–433), with a term like :math:`z'u` for each further level. Σ, σ² and
    β maximise the (restricted) likelihood; ``residual`` is :math:`E(u_s | y)`, for a random intercept the mean raw
    residual times :math:`n_s / (n_s + σ²/τ²)`; ``se`` is the root of :math:`var(u_s | y)` with β and the variances
    taken as known, as in lme4's ``ranef(condVar = TRUE)``. Intervals therefore compare a school with the average of
    the schools in the model, not with all there could be.

    Examples
    --------
    >>> rows = [(s, x, 0.5 * x + (s % 4) + ((7 * s + 5 * x) % 4) / 2) for s in range(4) for x in range(8)]
    >>> model = value_added(pd.DataFrame(rows, columns=["school", "before", "after"]), "after", ["before"])
    >>> model.converged, model.schools["residual"].round(2).tolist()
    (True, [-1.46, -0.49, 0.49, 1.46])
    """
    covariates, slopes, below_slopes = _names(covariates), _names(slopes), _names(below_slopes)
    _check_choice(covariates, slopes, method)
    _check_choice(covariates, below_slopes, method)
    if below_slopes and below is None:
        raise MeasureError("Slopes below schools need the column of the level below.")
    beside = [name for name in (within, below) if name is not None]
    check_level_names(beside)
    left_out, twice = (None, 0) if pupil is None else in_two_schools(data, school, pupil)
    pupils = read_pupils(data, outcome, covariates, school, weights, beside, left_out)
    check_identified(pupils, slopes)
    above = None if within is None else read_above(data, within, pupils)
    inside = None if below is None else read_below(data, below, pupils, below_slopes, school)
    levels = Levels(pupils, school, above, inside, _places(covariates, slopes), _places(covariates, below_slopes))
    said = (Statement("schools_pupils_in_two", {"n_pupils": twice}),) if twice else ()
    scaled = standardise(pupils)
    found = _two_levels(levels, scaled, method) if not beside else _more_levels(levels, scaled, method)
    return describe(levels, scaled, found, method, said)


def _names(names: Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _places(covariates: list[str], slopes: list[str]) -> tuple[int, ...]:
    return (0, *(1 + covariates.index(name) for name in slopes))


def _check_choice(covariates: list[str], slopes: list[str], method: str) -> None:
    if method not in ("reml", "ml"):
        raise MeasureError("Method {method} is unknown: choose 'reml' or 'ml'.", method=repr(method))
    for name in slopes:
        if name not in covariates or slopes.count(name) > 1:
            raise MeasureError(
                "Random slope {column} must be named once, and among the covariates too.", column=repr(name)
            )


def _two_levels(levels: Levels, scaled: Standardised, method: str) -> Found:
    """Fit pupils in schools, the usual case, by the faster search."""
    pupils, random, restricted = levels.pupils, levels.random, method == "reml"
    products = cross_products(
        scaled.remainder, scaled.columns, random, pupils.school, pupils.weights, len(pupils.labels)
    )
    optimum = find_optimum(products, restricted=restricted)
    at = optimum.at
    nothing = np.zeros((0, 0, 0))
    return Found(
        _fit(levels, scaled, one_level(products, random), (optimum.covariance,), restricted),
        at.deviance, at.fixed, at.information, at.pupil_variance,
        (Effects(at.effects, at.spread, nothing, nothing),), optimum.gradient_norm, optimum.converged,
    )  # fmt: skip


def _more_levels(levels: Levels, scaled: Standardised, method: str) -> Found:
    pupils, restricted = levels.pupils, method == "reml"
    lowest: Codes = pupils.school if levels.below is None else levels.below.codes
    schools = Level(levels.random, None if levels.within is None else levels.within.codes)
    parts = [schools] if levels.below is None else [Level(levels.random_below, levels.below.school), schools]
    if levels.within is not None:
        parts.append(Level((0,)))
    products = nested_products(scaled.remainder, scaled.columns, lowest, pupils.weights, parts)
    alone = cross_products(scaled.remainder, scaled.columns, [0], lowest, pupils.weights, int(lowest.max()) + 1)
    ratio = max(best_ratio(ratio_profile(alone, restricted=restricted)), _LEAST_RATIO)
    optimum = find_nested_optimum(products, ratio, restricted=restricted)
    at = optimum.at
    return Found(
        _fit(levels, scaled, products, optimum.covariances, restricted),
        at.deviance, at.fixed, at.information, at.pupil_variance,
        conditional_effects(products, at), optimum.gradient_norm, optimum.converged,
    )  # fmt: skip


def _fit(
    levels: Levels,
    scaled: Standardised,
    products: NestedProducts,
    relative: tuple[Floats, ...],
    restricted: bool,
) -> Fit:
    names = [group.name for group in (levels.below,) if group is not None]
    return Fit(
        products, relative, (*names, "school", *(() if levels.within is None else (levels.within.name,))), len(names),
        (INTERCEPT, *levels.pupils.names), scaled.back, scaled.least_squares, scaled.spread, restricted,
        degrees_of_freedom(levels.pupils, levels.within, levels.below),
    )  # fmt: skip
