"""Value added of schools: what remains between schools once pupils' earlier results are taken into account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from oko.errors import MeasureError
from oko.measures.design import INTERCEPT, Pupils, Standardised, check_identified, read_pupils, standardise
from oko.measures.goldstein_healy import overlap_factor
from oko.measures.mixed import Floats, cross_products
from oko.measures.mixed_search import Optimum, find_optimum
from oko.measures.statement import Statement, whole
from oko.measures.weights import Weights

FEW_SCHOOLS = 20
_SINGULAR = 1e-8
_Z = float(ndtri(0.975))


@dataclass(frozen=True)
class ValueAdded:
    """A fitted model of pupils within schools.

    Attributes
    ----------
    fixed : DataFrame, index ``Intercept`` and covariates
        ``estimate``, ``se``, ``t``.
    variance : Series
        ``school``, ``pupil``; with random slopes ``school:<slope>`` and covariances ``school:Intercept~<slope>``.
    schools : DataFrame, index ``school``
        ``n``; ``residual``, shrunken; ``se``, conditional; ``lower``, ``upper`` (95 %); ``gh_lower``, ``gh_upper``
        (Goldstein–Healy bars); with random slopes ``<slope>`` and ``<slope>_se``.
    minus2loglik : float
        Minus twice the log-likelihood; the REML criterion if ``method`` is "reml".
    icc : float
        ``school`` / (``school`` + ``pupil``); with random slopes where the slope's covariate is 0.
    gh_factor : float
        Standard errors that a Goldstein–Healy bar reaches.
    n, n_dropped : float
        Pupils in the model; pupils left out because a value was missing.
    n_schools : int
    method : str
    converged : bool
        The maximum was found and checked (gradient, curvature, boundary).
    gradient_norm : float
        Largest derivative of the deviance at the end of the search.
    statements : tuple of Statement
        ``few_schools``, ``boundary``, ``dropped_rows``, ``not_converged``.
    """

    fixed: pd.DataFrame
    variance: pd.Series
    schools: pd.DataFrame
    minus2loglik: float
    icc: float
    gh_factor: float
    n: float
    n_dropped: float
    n_schools: int
    method: str
    converged: bool
    gradient_norm: float
    statements: tuple[Statement, ...]


def value_added(
    data: pd.DataFrame,
    outcome: str,
    covariates: Sequence[str] = (),
    school: str = "school",
    slopes: Sequence[str] = (),
    weights: Weights = None,
    method: str = "reml",
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
    weights : str, Series, array or None
        How many pupils a row stands for.
    method : {"reml", "ml"}

    Returns
    -------
    ValueAdded

    Raises
    ------
    MeasureError
        A column is missing or not numeric, a covariate is constant or follows from others, there are too few schools
        or pupils, a slope is not among the covariates, or the method is unknown.

    Notes
    -----
    :math:`y_{is} = x_{is}'β + z_{is}'u_s + e_{is}`, :math:`u_s \sim N(0, Σ)`, :math:`e_{is} \sim N(0, σ²)` (Goldstein
    et al. 1993, Oxford Review of Education 19, 425–433). Σ, σ² and β maximise the (restricted) likelihood; ``residual``
    is :math:`E(u_s | y)`, for a random intercept the mean raw residual times :math:`n_s / (n_s + σ²/τ²)`; ``se`` is the
    root of :math:`var(u_s | y)` with β and the variances taken as known, as in lme4's ``ranef(condVar = TRUE)``.
    Intervals therefore compare a school with the average of the schools in the model, not with all there could be.

    Examples
    --------
    >>> rows = [(s, x, 0.5 * x + (s % 4) + ((7 * s + 5 * x) % 4) / 2) for s in range(4) for x in range(8)]
    >>> model = value_added(pd.DataFrame(rows, columns=["school", "before", "after"]), "after", ["before"])
    >>> model.converged, model.schools["residual"].round(2).tolist()
    (True, [-1.46, -0.49, 0.49, 1.46])
    """
    covariates, slopes = _names(covariates), _names(slopes)
    _check_choice(covariates, slopes, method)
    pupils = read_pupils(data, outcome, covariates, school, weights)
    check_identified(pupils, slopes)
    scaled = standardise(pupils)
    random = [0, *(1 + covariates.index(name) for name in slopes)]
    products = cross_products(
        scaled.remainder, scaled.columns, random, pupils.school, pupils.weights, len(pupils.labels)
    )
    optimum = find_optimum(products, restricted=method == "reml")
    return _describe(pupils, scaled, optimum, random, method, school)


def _names(names: Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)


def _check_choice(covariates: list[str], slopes: list[str], method: str) -> None:
    if method not in ("reml", "ml"):
        raise MeasureError("Method {method} is unknown: choose 'reml' or 'ml'.", method=repr(method))
    for name in slopes:
        if name not in covariates or slopes.count(name) > 1:
            raise MeasureError(
                "Random slope {column} must be named once, and among the covariates too.", column=repr(name)
            )


def _describe(
    pupils: Pupils, scaled: Standardised, optimum: Optimum, random: list[int], method: str, school: str
) -> ValueAdded:
    """Put an optimum back into the units of the data."""
    at, n, slopes = optimum.at, float(pupils.weights.sum()), [pupils.names[i - 1] for i in random[1:]]
    pupil_variance = at.pupil_variance * scaled.spread**2
    back = scaled.back[np.ix_(random, random)]
    covariance = pupil_variance * back @ optimum.covariance @ back.T
    spread = pupil_variance * back @ at.spread @ back.T
    se = np.sqrt(np.clip(np.einsum("sii->si", spread), 0, None))
    factor = overlap_factor(se[:, 0])
    return ValueAdded(
        fixed=_fixed(pupils, scaled, optimum, pupil_variance),
        variance=_variance(covariance, pupil_variance, slopes),
        schools=_schools(pupils, scaled.spread * at.effects @ back.T, se, factor, slopes, school),
        minus2loglik=at.deviance + _units(scaled, n, restricted=method == "reml"),
        icc=float(covariance[0, 0] / (covariance[0, 0] + pupil_variance)),
        gh_factor=factor,
        n=whole(n),
        n_dropped=whole(pupils.n_dropped),
        n_schools=len(pupils.labels),
        method=method,
        converged=optimum.converged,
        gradient_norm=optimum.gradient_norm,
        statements=_statements(pupils, optimum, slopes),
    )


def _units(scaled: Standardised, n: float, *, restricted: bool) -> float:
    """Return what the deviance gains when the design goes back to its own units."""
    if not restricted:
        return 2 * n * float(np.log(scaled.spread))
    per_covariate = float(np.sum(np.log(np.diag(scaled.back))))
    return 2 * (n - len(scaled.back)) * float(np.log(scaled.spread)) - 2 * per_covariate


def _fixed(pupils: Pupils, scaled: Standardised, optimum: Optimum, pupil_variance: float) -> pd.DataFrame:
    estimate = scaled.back @ (scaled.least_squares + scaled.spread * optimum.at.fixed)
    covariance = pupil_variance * scaled.back @ np.linalg.inv(optimum.at.information) @ scaled.back.T
    se = np.sqrt(np.diag(covariance))
    index = pd.Index([INTERCEPT, *pupils.names])
    return pd.DataFrame({"estimate": estimate, "se": se, "t": estimate / se}, index=index)


def _variance(covariance: Floats, pupil_variance: float, slopes: list[str]) -> pd.Series:
    terms = [INTERCEPT, *slopes]
    values = {"school": covariance[0, 0], "pupil": pupil_variance}
    values |= {f"school:{name}": covariance[i, i] for i, name in enumerate(slopes, start=1)}
    values |= {f"school:{terms[i]}~{terms[j]}": covariance[i, j] for j in range(len(terms)) for i in range(j)}
    return pd.Series(values, dtype=float, name="variance")


def _schools(
    pupils: Pupils, effects: Floats, se: Floats, factor: float, slopes: list[str], school: str
) -> pd.DataFrame:
    n = np.bincount(pupils.school, pupils.weights)
    residual, error = effects[:, 0], se[:, 0]
    frame = {
        "n": n.astype(np.int64) if np.array_equal(n, np.round(n)) else n,
        "residual": residual,
        "se": error,
        "lower": residual - _Z * error,
        "upper": residual + _Z * error,
        "gh_lower": residual - factor * error,
        "gh_upper": residual + factor * error,
    }
    for i, name in enumerate(slopes, start=1):
        frame |= {name: effects[:, i], f"{name}_se": se[:, i]}
    return pd.DataFrame(frame, index=pupils.labels.rename(school))


def _statements(pupils: Pupils, optimum: Optimum, slopes: list[str]) -> tuple[Statement, ...]:
    n_schools = len(pupils.labels)
    said = []
    if pupils.n_dropped:
        said.append(Statement("dropped_rows", {"n_dropped": whole(pupils.n_dropped)}))
    if n_schools < FEW_SCHOOLS:
        said.append(Statement("few_schools", {"n_schools": n_schools, "df": n_schools - 1}))
    component = _boundary(optimum.covariance, slopes)
    if component:
        said.append(Statement("boundary", {"component": component}))
    if not optimum.converged:
        said.append(Statement("not_converged", {"gradient_norm": optimum.gradient_norm}))
    return tuple(said)


def _boundary(covariance: Floats, slopes: list[str]) -> str:
    """Name what an estimate on the boundary cannot tell from nothing; empty inside."""
    values = np.linalg.eigvalsh(covariance)
    if values[0] > _SINGULAR * max(values[-1], _SINGULAR):
        return ""
    names = ["school", *(f"school:{name}" for name in slopes)]
    empty = [name for name, value in zip(names, np.diag(covariance), strict=True) if value <= _SINGULAR * values[-1]]
    if values[-1] <= _SINGULAR**2 or not slopes:
        return "school"
    return empty[0] if empty else f"school:{INTERCEPT}~{slopes[0]}"
