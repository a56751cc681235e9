"""How large a differential trend would undo a finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from oko.errors import MeasureError
from oko.measures.intervals import check_level
from oko.measures.statement import Statement
from oko.measures.weights import as_numbers

FEWEST_DF = 5
_STEPS = 21


class Finding(Protocol):
    """What a finding must carry: an estimate, its standard error and its degrees of freedom."""

    @property
    def estimate(self) -> float: ...
    @property
    def se(self) -> float: ...
    @property
    def df(self) -> float: ...


@dataclass(frozen=True)
class TrendSensitivity:
    """What differential trends would do to a finding.

    Attributes
    ----------
    table : DataFrame, index ``multiple``
        ``trend``: largest differential trend allowed, from the first to the last wave, either way; ``lower``,
        ``upper``: the interval with every such trend; ``excludes_zero``.
    to_zero : float
        Differential trend, from the first to the last wave, that makes the estimate zero.
    to_include : float
        The smallest that makes the interval include zero; 0 where it does without any.
    to_zero_a_year, to_include_a_year : float
        The same for a year.
    unit : float
        Trend of multiple 1: the largest differential trend seen between earlier waves, else the standard deviation of
        changes of comparison schools, else NaN.
    unit_kind : {"earlier_trend", "school_changes", "none"}
    to_zero_multiple, to_include_multiple : float
        In that unit.
    of_group : float
        Standard deviation that the mean change of as many comparison schools as there are schools in the cluster has by
        chance; NaN where it is not known.
    statements : tuple of Statement
    """

    table: pd.DataFrame
    to_zero: float
    to_include: float
    to_zero_a_year: float
    to_include_a_year: float
    unit: float
    unit_kind: str
    to_zero_multiple: float
    to_include_multiple: float
    of_group: float
    statements: tuple[Statement, ...]


def trend_sensitivity(
    finding: Finding,
    changes: pd.Series | None = None,
    earlier_trends: Sequence[float] = (),
    n_treated: int | None = None,
    years: float = 1.0,
    multiples: Sequence[float] | None = None,
    level: float = 0.95,
) -> TrendSensitivity:
    r"""Say how large a differential trend between the two groups of schools would undo a finding.

    Parameters
    ----------
    finding : object with ``estimate``, ``se``, ``df``
        Of a difference in differences, in standard deviations of pupils.
    changes : Series, optional
        Changes of the comparison schools between the two waves, one a school.
    earlier_trends : sequence of float
        Differential trends between earlier waves, per same time as the finding's; empty with one earlier wave.
    n_treated : int, optional
        Schools in the cluster.
    years : float, default 1
        Time from the first wave to the last.
    multiples : sequence of float, 0 or more, optional
        Allowed trends of the table, in ``unit``; by default 21 steps that reach past 2 and past what makes the
        estimate zero.
    level : float, default 0.95

    Returns
    -------
    TrendSensitivity
        Statements: ``evidence_trend_untestable`` (no earlier waves), ``evidence_trend_includes_zero`` (the interval
        includes zero without any trend), ``evidence_trend_no_unit``, ``evidence_few_df`` (df below 5: no interval).

    Raises
    ------
    MeasureError
        A number is missing or wrong.

    Notes
    -----
    If the groups would have drifted apart by δ, the effect is estimate − δ. With \|δ\| ≤ M u every effect from
    lower − M u to upper + M u is left: u is the largest differential trend seen between earlier waves (relative
    magnitudes, Rambachan & Roth 2023), and only where no earlier waves are known the spread of the comparison schools'
    own changes, which measures what schools do but tests nothing. The interval joins those of all allowed δ; it is not
    Rambachan and Roth's, which is shorter.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> found = trend_sensitivity(SimpleNamespace(estimate=0.4, se=0.1, df=10.0), pd.Series([-0.2, 0.0, 0.2]))
    >>> round(found.to_zero, 3), round(found.to_include, 3), round(found.to_zero_multiple, 3)
    (0.4, 0.177, 2.0)
    """
    check_level(level)
    estimate, se, df = _read(finding)
    if not years > 0 or not np.isfinite(years):
        raise MeasureError("{name} = {value} must be above 0.", name="years", value=years)
    if n_treated is not None and not 0 <= n_treated < np.inf:
        raise MeasureError(
            "{name} = {value} is not a number of schools: give 0 or more.", name="n_treated", value=n_treated
        )
    spread = _spread(changes)
    unit, kind = _unit(earlier_trends, spread)
    if multiples is None:
        needed = abs(estimate) / unit if kind != "none" and np.isfinite(estimate) else 1.0
        multiples = np.linspace(0, max(2.0, 1.2 * needed), _STEPS).tolist()
    steps = as_numbers(pd.Series(multiples, dtype=None if len(multiples) else float), "multiples")
    if len(steps) == 0 or not (np.isfinite(steps) & (steps >= 0)).all():
        raise MeasureError("Multiples of the trend are numbers from 0 up: give at least one.")
    df = df if se > 0 else np.nan
    half = float(stdtrit(df, (1 + level) / 2)) * se if df >= FEWEST_DF else np.nan
    to_zero, to_include = abs(estimate), max(0.0, abs(estimate) - half) if np.isfinite(half) else np.nan
    trend = steps * (unit if kind != "none" else to_zero)
    lower, upper = estimate - half - trend, estimate + half + trend
    table = pd.DataFrame(
        {"trend": trend, "lower": lower, "upper": upper, "excludes_zero": (lower > 0) | (upper < 0)},
        index=pd.Index(steps, name="multiple"),
    )
    return TrendSensitivity(
        table=table,
        to_zero=to_zero,
        to_include=to_include,
        to_zero_a_year=to_zero / years,
        to_include_a_year=to_include / years,
        unit=unit,
        unit_kind=kind,
        to_zero_multiple=to_zero / unit,
        to_include_multiple=to_include / unit,
        of_group=spread / float(np.sqrt(n_treated)) if n_treated else np.nan,
        statements=tuple(_remarks(kind, len(earlier_trends), to_include, df)),
    )


def _read(finding: Finding) -> tuple[float, float, float]:
    try:
        found = float(finding.estimate), float(finding.se), float(finding.df)
    except (AttributeError, TypeError, ValueError) as error:
        raise MeasureError("A finding carries three numbers: estimate, se and df.") from error
    if np.isinf(found[:2]).any():
        raise MeasureError("A finding carries three numbers: estimate, se and df.")
    return found


def _spread(changes: pd.Series | None) -> float:
    if changes is None or len(changes) == 0:
        return np.nan
    values = as_numbers(pd.Series(changes), "changes")
    known = values[np.isfinite(values)]
    return float(known.std(ddof=1)) if len(known) > 1 else np.nan


def _unit(earlier: Sequence[float], spread: float) -> tuple[float, str]:
    trends = np.abs(np.asarray(list(earlier), dtype=float))
    if len(trends) and not np.isfinite(trends).all():
        raise MeasureError("An earlier trend is missing or infinite: leave it out.")
    if len(trends) and trends.max() > 0:
        return float(trends.max()), "earlier_trend"
    return (spread, "school_changes") if np.isfinite(spread) and spread > 0 else (np.nan, "none")


def _remarks(kind: str, n_earlier: int, to_include: float, df: float) -> list[Statement]:
    said = []
    if n_earlier == 0:
        said.append(Statement("evidence_trend_untestable"))
    if kind == "none":
        said.append(Statement("evidence_trend_no_unit"))
    if np.isnan(to_include):
        said.append(Statement("evidence_few_df", {"df": df, "needed": FEWEST_DF}))
    elif to_include == 0:
        said.append(Statement("evidence_trend_includes_zero"))
    return said
