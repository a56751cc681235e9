"""From an optimum to the frames of a result, in the units of the data."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri

from oko.measures.design import INTERCEPT, Pupils, Standardised
from oko.measures.design_levels import Groups
from oko.measures.goldstein_healy import overlap_factor
from oko.measures.mixed import Floats
from oko.measures.mixed_effects import Effects
from oko.measures.schools.fit import FEWEST_DF, Fit
from oko.measures.schools.result import FEW_SCHOOLS, ValueAdded
from oko.measures.statement import Statement, whole
from oko.measures.weights import Codes, sum_by

_SINGULAR = 1e-8
_Z = float(ndtri(0.975))


@dataclass(frozen=True)
class Levels:
    """What a model is made of.

    Attributes
    ----------
    pupils : Pupils
    school : str
        Column of the school.
    within, below : Groups or None
    random, random_below : tuple of int
        Columns of the design that vary between schools, and between the groups below.
    """

    pupils: Pupils
    school: str
    within: Groups | None
    below: Groups | None
    random: tuple[int, ...]
    random_below: tuple[int, ...]


@dataclass(frozen=True)
class Found:
    """Where a search ended; everything in units of the scaled design, lowest level first."""

    fit: Fit
    deviance: float
    fixed: Floats
    information: Floats
    pupil_variance: float
    effects: tuple[Effects, ...]
    gradient_norm: float
    converged: bool


def describe(
    levels: Levels, scaled: Standardised, found: Found, method: str, said: tuple[Statement, ...]
) -> ValueAdded:
    """Put an optimum back into the units of the data."""
    pupils, n = levels.pupils, float(levels.pupils.weights.sum())
    unit = found.pupil_variance * scaled.spread**2
    variance = _variance(found.fit, unit)
    columns = [_effects(found.fit, place, effects, unit) for place, effects in enumerate(found.effects)]
    school = found.fit.school
    factor = overlap_factor(columns[school]["se"])
    intercepts = [variance[name] for name in found.fit.names]
    return ValueAdded(
        fixed=_fixed(pupils, scaled, found, unit),
        variance=pd.Series(list(variance.values()), index=list(variance), dtype=float, name="variance"),
        schools=_schools(levels, columns[school], found, unit, factor),
        minus2loglik=found.deviance + _units(scaled, n, restricted=method == "reml"),
        icc=intercepts[school] / (sum(intercepts) + unit),
        gh_factor=factor,
        n=whole(n),
        n_dropped=whole(pupils.n_dropped),
        n_schools=len(pupils.labels),
        method=method,
        converged=found.converged,
        gradient_norm=found.gradient_norm,
        statements=(*said, *_statements(levels, found)),
        fit=found.fit,
        within=None if levels.within is None else _within(levels, levels.within, columns[-1]),
        below=None if levels.below is None else _below(levels, levels.below, columns[0]),
    )


def _units(scaled: Standardised, n: float, *, restricted: bool) -> float:
    """Return what the deviance gains when the design goes back to its own units."""
    if not restricted:
        return 2 * n * float(np.log(scaled.spread))
    per_covariate = float(np.sum(np.log(np.diag(scaled.back))))
    return 2 * (n - len(scaled.back)) * float(np.log(scaled.spread)) - 2 * per_covariate


def _fixed(pupils: Pupils, scaled: Standardised, found: Found, unit: float) -> pd.DataFrame:
    estimate = scaled.back @ (scaled.least_squares + scaled.spread * found.fixed)
    covariance = unit * scaled.back @ np.linalg.inv(found.information) @ scaled.back.T
    se = np.sqrt(np.diag(covariance))
    columns = np.stack([estimate, se, estimate / se], axis=1)
    return pd.DataFrame(columns, index=[INTERCEPT, *pupils.names], columns=["estimate", "se", "t"])


def _variance(fit: Fit, unit: float) -> dict[str, float]:
    values: dict[str, float] = {}
    covariances = [unit * fit.random_back(p) @ psi @ fit.random_back(p).T for p, psi in enumerate(fit.relative)]
    places = [fit.school, *(place for place in reversed(range(len(fit.names))) if place != fit.school)]
    for place in places:
        values |= {fit.names[place]: float(covariances[place][0, 0])}
        values |= {"pupil": unit} if place == fit.school else {}
    for place in places:
        name, covariance = fit.names[place], covariances[place]
        terms = [fit.terms[i] for i in fit.products.levels[place].random]
        values |= {f"{name}:{term}": covariance[i, i] for i, term in enumerate(terms) if i}
        values |= {f"{name}:{terms[i]}~{terms[j]}": covariance[i, j] for j in range(len(terms)) for i in range(j)}
    return values


def _effects(fit: Fit, place: int, effects: Effects, unit: float) -> dict[str, Floats]:
    """Return residuals of a level with their errors and 95 % bounds, then its slopes."""
    back = fit.random_back(place)
    mean = fit.spread * effects.mean @ back.T
    se = np.sqrt(np.clip(np.einsum("sii->si", unit * back @ effects.spread @ back.T), 0, None))
    residual, error = mean[:, 0], se[:, 0]
    reach = np.where(fit.df[place] < FEWEST_DF, np.nan, _Z * error)
    columns = {"residual": residual, "se": error, "lower": residual - reach, "upper": residual + reach}
    for i, number in enumerate(fit.products.levels[place].random[1:], start=1):
        columns |= {fit.terms[number]: mean[:, i], f"{fit.terms[number]}_se": se[:, i]}
    return columns


def _schools(levels: Levels, own: dict[str, Floats], found: Found, unit: float, factor: float) -> pd.DataFrame:
    pupils, few = levels.pupils, found.fit.df[found.fit.school] < FEWEST_DF
    reach = np.where(few, np.nan, factor * own["se"])
    first = {name: own[name] for name in ("residual", "se", "lower", "upper")}
    bars = {"gh_lower": own["residual"] - reach, "gh_upper": own["residual"] + reach}
    columns = {"n": _counts(pupils.school, pupils.weights, len(pupils.labels))} | first | bars | own
    if levels.within is not None:
        effects, row = found.effects[found.fit.school], found.fit.back[0]
        variance = np.einsum("i,ijg,j->g", row, effects.covariance, row)
        columns["whole"] = found.fit.spread * (row @ effects.coefficients)
        columns["whole_se"] = np.sqrt(unit * np.clip(variance, 0, None))
    return pd.DataFrame(columns, index=pupils.labels.rename(levels.school))


def _counts(codes: Codes, weights: Floats, n_groups: int) -> Codes | Floats:
    n = sum_by(codes, weights, n_groups)
    return n.astype(np.int64) if np.array_equal(n, np.round(n)) else n


def _within(levels: Levels, within: Groups, own: dict[str, Floats]) -> pd.DataFrame:
    n_groups = len(within.labels)
    counts = {
        "n": _counts(within.codes[levels.pupils.school], levels.pupils.weights, n_groups),
        "n_schools": np.bincount(within.codes, minlength=n_groups),
    }
    return pd.DataFrame(counts | own, index=within.labels)


def _below(levels: Levels, below: Groups, own: dict[str, Floats]) -> pd.DataFrame:
    n = _counts(below.codes, levels.pupils.weights, len(below.labels))
    return pd.DataFrame({"n": n} | own, index=below.labels)


def _statements(levels: Levels, found: Found) -> tuple[Statement, ...]:
    pupils, n_schools, df = levels.pupils, len(levels.pupils.labels), found.fit.df
    said = []
    if pupils.n_dropped:
        said.append(Statement("dropped_rows", {"n_dropped": whole(pupils.n_dropped)}))
    if df[found.fit.school] < FEW_SCHOOLS - 1:
        said.append(Statement("few_schools", {"n_schools": n_schools, "df": df[found.fit.school]}))
    if levels.within is not None and len(levels.within.labels) < FEW_SCHOOLS:
        n = len(levels.within.labels)
        said.append(Statement("schools_few_groups", {"level": levels.within.name, "n": n, "df": df[-1]}))
    said.extend(found.fit.too_few(range(len(df))))
    for place, covariance in enumerate(found.fit.relative):
        component = _boundary(covariance, found.fit, place)
        if component and place == found.fit.school:
            said.append(Statement("boundary", {"component": component}))
        elif component:
            said.append(Statement("schools_boundary", {"level": found.fit.names[place], "component": component}))
    if not found.converged:
        said.append(Statement("not_converged", {"gradient_norm": found.gradient_norm}))
    return tuple(said)


def _boundary(covariance: Floats, fit: Fit, place: int) -> str:
    """Name what an estimate on the boundary cannot tell from nothing; empty inside."""
    values = np.linalg.eigvalsh(covariance)
    if values[0] > _SINGULAR * max(values[-1], _SINGULAR):
        return ""
    slopes = [fit.terms[i] for i in fit.products.levels[place].random[1:]]
    names = [fit.names[place], *(f"{fit.names[place]}:{name}" for name in slopes)]
    empty = [name for name, value in zip(names, np.diag(covariance), strict=True) if value <= _SINGULAR * values[-1]]
    if values[-1] <= _SINGULAR**2 or not slopes:
        return fit.names[place]
    return empty[0] if empty else f"{fit.names[place]}:{INTERCEPT}~{slopes[0]}"
