"""What a fitted model expects of a school without data."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from numbers import Real

import numpy as np
import pandas as pd
from scipy.stats import t

from oko.errors import MeasureError
from oko.measures.intervals import check_level
from oko.measures.mixed import Floats
from oko.measures.mixed_effects import conditional_effects
from oko.measures.schools.fit import Fit
from oko.measures.statement import Statement


def predicted_school(
    fit: Fit, covariates: Mapping[str, float], level: float, groups: pd.Index | None, group: object
) -> pd.Series:
    """Return the row of `ValueAdded.predict_school`."""
    check_level(level)
    at = fit.at()
    row = fit.back.T @ _row(fit, covariates)
    coefficients = at.fixed + fit.least_squares / fit.spread
    covariance: Floats = np.linalg.inv(at.information).astype(np.float64)
    unknown = [fit.school] if group is not None else list(range(fit.school, len(fit.names)))
    if group is not None:
        place = _group(groups, group)
        top = conditional_effects(fit.products, at, fixed_uncertain=True)[-1]
        coefficients, covariance = coefficients + top.coefficients[:, place], top.covariance[:, :, place]
    error = float(row @ covariance @ row)
    between = sum(_quadratic(row, fit, place) for place in unknown)
    unit = fit.spread * float(np.sqrt(at.pupil_variance))
    estimate, sd = fit.spread * float(row @ coefficients), unit * float(np.sqrt(error + between))
    df, few = min(fit.df[place] for place in unknown), fit.too_few(unknown)
    reach = float("nan") if few else float(t.ppf((1 + level) / 2, df)) * sd
    values = {"estimate": estimate, "se": unit * float(np.sqrt(error)), "sd": sd, "df": df}
    row_of_school = pd.Series(values | {"lower": estimate - reach, "upper": estimate + reach}, name="new school")
    flat = () if between > 0 or few else (Statement("schools_new_without_variance"),)
    row_of_school.attrs["statements"] = (*few, *flat)
    return row_of_school


def _quadratic(row: Floats, fit: Fit, place: int) -> float:
    random = list(fit.products.levels[place].random)
    return float(row[random] @ fit.relative[place] @ row[random])


def _row(fit: Fit, covariates: Mapping[str, float]) -> Floats:
    names = fit.terms[1:]
    if not isinstance(covariates, Mapping):
        raise MeasureError("Covariates of a new school are not named: give a value for each name.")
    for name in names:
        value = covariates.get(name)
        if not isinstance(value, Real) or not np.isfinite(float(value)):
            raise MeasureError(
                "A new school needs a number for covariate {column}: give a value for each of {columns}.",
                column=repr(name),
                columns=", ".join(names),
            )
    for name in covariates:
        if name not in names:
            raise MeasureError(
                "There is no covariate {column} in the model: there are {columns}.",
                column=repr(name),
                columns=", ".join(names) or "–",
            )
    return np.array([1.0, *(float(covariates[name]) for name in names)])


def _group(groups: pd.Index | None, group: object) -> int:
    if groups is None:
        raise MeasureError("The model has no level above schools: leave the group out.")
    if not isinstance(group, Hashable) or group not in groups:
        raise MeasureError("Group {group} has no data in the model: leave the group out.", group=repr(group))
    return int(np.flatnonzero(groups == group)[0])
