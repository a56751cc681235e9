"""Analysis of covariance: the later level of a school given its earlier one, beside the difference in differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.impact.cells import read_cells, read_pairs
from oko.measures.impact.clusters import cluster_robust
from oko.measures.impact.differences import FEWEST_SCHOOLS, TREATED, about_treated, few_schools, row_numbers
from oko.measures.impact.groups import school_changes
from oko.measures.intervals import check_level
from oko.measures.statement import Statement
from oko.measures.weights import Weights, as_numbers

BEFORE = "before"


@dataclass(frozen=True)
class Ancova:
    """The effect among schools of the same earlier level.

    Attributes
    ----------
    estimate, se, df, p, lower, upper : float
        CR2 with Satterthwaite's degrees of freedom, a school a cluster.
    coefficients : DataFrame, index ``Intercept``, ``before``, ``treated`` and covariates
        ``estimate``, ``se``, ``df``, ``p``, ``lower``, ``upper``.
    persistence : float
        Coefficient of the earlier level: 1 makes the model a difference in differences; what lacks to 1 is
        expected to come back towards the mean.
    n_treated, n_comparison : int
    statements : tuple of Statement
    """

    estimate: float
    se: float
    df: float
    p: float
    lower: float
    upper: float
    coefficients: pd.DataFrame
    persistence: float
    n_treated: int
    n_comparison: int
    statements: tuple[Statement, ...]


def ancova(
    data: pd.DataFrame,
    outcome: str,
    school: str = "school",
    period: str = "period",
    treated: str = "treated",
    weights: Weights = None,
    covariates: pd.DataFrame | None = None,
    stratum: str | Sequence[str] | None = None,
    level: float = 0.95,
) -> Ancova:
    """Compare the later levels of schools that had the same earlier level.

    Parameters
    ----------
    data, outcome, school, period, treated, weights, stratum
        As in `difference_in_differences`.
    covariates : DataFrame, index school
        Numbers of schools, known before: size, kind coded as 0 and 1.
    level : float, default 0.95

    Returns
    -------
    Ancova
        NaN where a wave or a group is missing. Statements as `difference_in_differences`.

    Raises
    ------
    MeasureError
        As `difference_in_differences`; or a school has no covariate.

    Notes
    -----
    Ordinary least squares of the mean after on the mean before, the treatment and the covariates, a school one row
    (its average over strata, common levels of strata taken out). Where groups differ before, this and the difference in
    differences differ (Lord's paradox), and both are shown. The mean before carries sampling error, so that its
    coefficient is somewhat too small.

    Examples
    --------
    >>> rows = [(s, t, s < 4, (s % 5) * (1 - 0.3 * t) + 0.1 * (s % 3) + 0.5 * t * (s < 4))
    ...         for s in range(14) for t in (0, 1)]
    >>> found = ancova(pd.DataFrame(rows, columns=["school", "period", "treated", "score"]), "score")
    >>> round(found.estimate, 2), round(found.persistence, 2)
    (0.49, 0.7)
    """
    check_level(level)
    cells = read_cells(data, outcome, school, period, treated, weights, (), stratum, None)
    pairs = read_pairs(cells)
    schools = school_changes(pairs, cells.centre)
    design = pd.DataFrame(
        {"Intercept": 1.0, BEFORE: schools["before"] - cells.centre, TREATED: schools["treated"] * 1.0},
        index=schools.index,
    )
    design = design.join(_of_schools(covariates, schools.index)) if covariates is not None else design
    n_treated = int(schools["treated"].sum())
    n_comparison, said = len(schools) - n_treated, list(pairs.statements)
    after = schools["after"] - cells.centre
    found = cluster_robust(design, after, schools.index.to_series(), level=level)
    # the outcome was centred, so the intercept is put back into the units of the data
    intercept = found.loc["Intercept", ["estimate", "lower", "upper"]]
    persistence = float(found["estimate"][BEFORE])
    slope = 0.0 if np.isnan(persistence) else persistence
    found.loc["Intercept", ["estimate", "lower", "upper"]] = intercept + cells.centre * (1 - slope)
    found.loc["Intercept", ["se", "df", "p", "lower", "upper"]] = np.nan
    said.extend(about_treated(found))
    if min(n_treated, n_comparison) < FEWEST_SCHOOLS:
        found.loc[TREATED] = np.nan
        said = [*pairs.statements, *few_schools(n_treated, n_comparison)]
    return Ancova(*row_numbers(found, TREATED), found, persistence, n_treated, n_comparison, tuple(said))


def _of_schools(covariates: pd.DataFrame, schools: pd.Index) -> pd.DataFrame:
    frame = covariates.set_axis(covariates.index.astype(object).astype(str))
    if not frame.index.is_unique:
        raise MeasureError("A school stands twice among the covariates: give each school one row.")
    for name in frame.columns:
        if name in ("Intercept", BEFORE, TREATED):
            raise MeasureError("Covariate {column} bears the name of another column: rename it.", column=repr(name))
    numbers = pd.DataFrame({name: as_numbers(frame[name].reindex(schools), str(name)) for name in frame}, index=schools)
    missing = list(schools[~np.isfinite(numbers.to_numpy()).all(axis=1)])
    if missing:
        raise MeasureError("School {school} has no covariates: give each school one row.", school=missing[0])
    return numbers
