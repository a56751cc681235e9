"""What a comparison could find at all: the minimum detectable effect, before any outcome is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from oko.errors import MeasureError
from oko.measures.impact.cells import Cells, read_cells
from oko.measures.impact.clusters import FEWEST_DF
from oko.measures.impact.groups import pupil_variances
from oko.measures.impact.regression import text_codes
from oko.measures.intervals import Floats
from oko.measures.statement import Statement
from oko.measures.weights import Weights, as_codes, sum_by


@dataclass(frozen=True)
class DetectableEffect:
    """The smallest true effect that would be found with the given power.

    Attributes
    ----------
    effect, se, df, multiplier : float
        ``effect`` = ``multiplier`` × ``se``, in the units of the standard deviations given.
    power, alpha : float
    n_treated, n_comparison : int
    statements : tuple of Statement
        ``impact_detectable`` with the numbers; ``impact_few_df`` below 5 degrees of freedom.
    """

    effect: float
    se: float
    df: float
    multiplier: float
    power: float
    alpha: float
    n_treated: int
    n_comparison: int
    statements: tuple[Statement, ...]

    def __float__(self) -> float:
        return self.effect


def minimum_detectable_effect(
    n_treated: int,
    n_comparison: int,
    pupils: ArrayLike = 80,
    school_year_sd: float = 0.12,
    pupil_sd: float = 0.8,
    power: float = 0.8,
    alpha: float = 0.05,
) -> DetectableEffect:
    r"""Return the smallest effect that a difference in differences of these schools would find.

    Parameters
    ----------
    n_treated, n_comparison : int
        Schools with both waves.
    pupils : float or array_like, default 80
        Pupils of a school in a wave; several numbers count by their harmonic mean.
    school_year_sd : float, default 0.12
        Standard deviation of a school's level from year to year, e.g. from `planning_spread`.
    pupil_sd : float, default 0.8
        Standard deviation of pupils within schools; both in the same units, usually standard deviations of pupils.
    power : float, default 0.8
    alpha : float, default 0.05
        Two-sided.

    Returns
    -------
    DetectableEffect
        NaN without a school in each group or without degrees of freedom.

    Raises
    ------
    MeasureError
        A number of schools or pupils or a standard deviation makes no sense, or power or alpha is not between 0 and 1.

    Notes
    -----
    :math:`(t_{1-α/2} + t_{power}) \sqrt{2 (τ^2 + σ^2 / n) (1/T + 1/C)}` with T + C − 2 degrees of freedom (Bloom 1995),
    τ the school-by-year and σ the pupils' standard deviation.

    Examples
    --------
    >>> round(float(minimum_detectable_effect(7, 18)), 2)
    0.28
    """
    each = _check_plan(n_treated, n_comparison, pupils, school_year_sd, pupil_sd, power, alpha)
    df = n_treated + n_comparison - 2
    values = {"n_treated": int(n_treated), "n_comparison": int(n_comparison)}
    if min(n_treated, n_comparison) < 1 or df < 1:
        said: tuple[Statement, ...] = (Statement("impact_few_schools", {**values, "needed": 2}),)
        return DetectableEffect(np.nan, np.nan, float(df), np.nan, power, alpha, n_treated, n_comparison, said)
    se = float(np.sqrt(2 * (school_year_sd**2 + pupil_sd**2 / each) * (1 / n_treated + 1 / n_comparison)))
    multiplier = float(stdtrit(df, 1 - alpha / 2) + stdtrit(df, power))
    detectable = {"effect": multiplier * se, "power": power, "alpha": alpha, **values}
    said = (Statement("impact_detectable", detectable),)
    if df < FEWEST_DF:
        few = {"columns": ("treated",), "df": float(df), "needed": FEWEST_DF}
        said = (*said, Statement("impact_few_df", few))
    return DetectableEffect(multiplier * se, se, float(df), multiplier, power, alpha, n_treated, n_comparison, said)


def _check_plan(
    n_treated: int,
    n_comparison: int,
    pupils: ArrayLike,
    school_year_sd: float,
    pupil_sd: float,
    power: float,
    alpha: float,
) -> float:
    for name, count in (("n_treated", n_treated), ("n_comparison", n_comparison)):
        if not count >= 0 or count == np.inf or count != int(count):
            raise MeasureError("{name} = {value} is not a number of schools: give 0 or more.", name=name, value=count)
    each: Floats = np.atleast_1d(np.asarray(pupils, dtype=np.float64))
    if len(each) == 0 or not (each > 0).all():
        raise MeasureError("A school without pupils cannot be planned with: give numbers above 0.")
    for name, spread in (("school_year_sd", school_year_sd), ("pupil_sd", pupil_sd)):
        if not 0 <= spread < np.inf:
            raise MeasureError("{name} = {value} is not a standard deviation: give 0 or more.", name=name, value=spread)
    for name, share in (("power", power), ("alpha", alpha)):
        if not 0 < share < 1:
            raise MeasureError("{name} = {value} is not between 0 and 1.", name=name, value=share)
    return float(len(each) / (1 / each).sum())


@dataclass(frozen=True)
class PlanningSpread:
    """How much schools vary from year to year without any treatment.

    Attributes
    ----------
    school_year_sd, pupil_sd : float
        In the units of the outcome.
    pupils : float
        Harmonic mean of pupils of a school in a wave.
    df : float
        Degrees of freedom behind ``school_year_sd``: (schools − 1) × (waves − 1) where all schools have all waves.
    statements : tuple of Statement
        ``impact_one_earlier_wave``, ``impact_no_year_variance``, ``impact_no_pupil_variance``.
    """

    school_year_sd: float
    pupil_sd: float
    pupils: float
    df: float
    statements: tuple[Statement, ...]


def planning_spread(
    data: pd.DataFrame,
    outcome: str,
    school: str = "school",
    wave: str = "year",
    weights: Weights = None,
    stratum: str | Sequence[str] | None = None,
    sd: str | None = None,
) -> PlanningSpread:
    """Estimate from earlier waves what `minimum_detectable_effect` needs.

    Parameters
    ----------
    data : DataFrame
        Pupils, or means of schools with ``weights`` and ``sd``, of waves before the treatment.
    outcome, school, wave : str
        Columns; ``wave`` may hold any labels.
    weights, stratum, sd
        As in `difference_in_differences`.

    Returns
    -------
    PlanningSpread
        ``school_year_sd`` is NaN with one wave or one school; 0, and said, where means vary no more than sampling of
        pupils explains.

    Raises
    ------
    MeasureError
        A column is missing or holds something else than it should.

    Notes
    -----
    In each stratum, school and wave effects are taken out of schools' means; the mean square of what is left, less the
    mean of σ² / n, is the school-by-year variance; strata are pooled by their degrees of freedom. Several strata of a
    school that move together in a year make the estimate for their average too large, never too small.

    Examples
    --------
    >>> rows = [(s, y, 10.0, 0.1 * s + 0.2 * ((s * y) % 3)) for s in range(9) for y in range(3)]
    >>> data = pd.DataFrame(rows, columns=["school", "year", "n", "score"]).assign(sd=0.1)
    >>> found = planning_spread(data, "score", weights="n", sd="sd")
    >>> round(found.school_year_sd, 3), found.df
    (0.118, 16.0)
    """
    if wave not in data:
        raise MeasureError("Column {column} is missing from the data.", column=repr(wave))
    if data[wave].isna().any():
        row = int(np.flatnonzero(data[wave].isna())[0]) + 1
        raise MeasureError("{name} is empty in row {row}: every row needs one.", name=wave, row=row)
    strata = [stratum] if isinstance(stratum, str) else list(stratum or ())
    # a wave is a stratum here: read_cells knows two waves only
    codes = as_codes(data[wave].astype(object).astype(str))[0]
    each = data.copy(deep=False)
    each["treated 0"], each["period 0"], each["wave 0"] = 0.0, 0.0, codes
    cells = read_cells(each, outcome, school, "period 0", "treated 0", weights, (), ["wave 0", *strata], sd)
    frame = cells.frame.copy()
    labels = frame["stratum"].str.split("; ", n=1, expand=True) if len(frame) else pd.DataFrame({0: [], 1: []})
    frame["wave"], frame["work"] = labels[0], labels.get(1, "")
    within = _pupil_variance(cells)
    said = [] if within > 0 else [Statement("impact_no_pupil_variance")]
    squares, noise, df = 0.0, 0.0, 0.0
    for _, part in frame.groupby("work"):
        found = _left(part, within)
        squares, noise, df = squares + found[0], noise + found[1], df + found[2]
    variance = (squares - noise) / df if df > 0 else np.nan
    if df == 0:
        said.append(
            Statement(
                "impact_one_earlier_wave",
                {"n_waves": int(frame["wave"].nunique()), "n_schools": int(frame["school"].nunique())},
            )
        )
    elif variance <= 0:
        said.append(Statement("impact_no_year_variance", {"df": df}))
    pupils = float(len(frame) / (1 / frame["n"]).sum()) if len(frame) else np.nan
    deviation = float(np.sqrt(max(variance, 0.0))) if np.isfinite(variance) else np.nan
    return PlanningSpread(deviation, float(np.sqrt(within)), pupils, df, (*cells.statements, *said))


def _pupil_variance(cells: Cells) -> float:
    return pupil_variances(cells)[0]


def _left(part: pd.DataFrame, within: float) -> tuple[float, float, float]:
    """Return squares of means after school and wave effects, what sampling adds to them, and degrees of freedom."""
    school = text_codes(part["school"])[0]
    rows = np.bincount(school).astype(np.float64)
    columns = np.column_stack([part["mean"], *(part["wave"] == wave for wave in part["wave"].unique())]).astype(float)
    columns -= (np.column_stack([sum_by(school, column, len(rows)) for column in columns.T]) / rows[:, None])[school]
    rest, waves = columns[:, 0], columns[:, 1:]
    basis, values, _ = np.linalg.svd(waves, full_matrices=False)
    basis = basis[:, values > 1e-9]
    rest = rest - basis @ (basis.T @ rest)
    df = float(len(part) - len(rows) - basis.shape[1])
    leverage = 1 - 1 / rows[school] - (basis**2).sum(axis=1)
    noise = float((leverage / part["n"].to_numpy()).sum()) * (within if np.isfinite(within) else np.nan)
    return float(rest @ rest), noise if df > 0 else 0.0, df
