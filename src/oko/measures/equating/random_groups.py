"""Equating of two forms that equal groups of pupils wrote: mean and linear."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.measures.equating.frequencies import read_frequencies
from oko.measures.equating.lines import Line, LinearEquating, Moments, draw_line, line_table, moments
from oko.measures.responses import Floats
from oko.measures.statement import Statement

FEW_FOR_MEAN = 100
FEW_FOR_LINEAR = 400


def mean(x: pd.Series, y: pd.Series) -> LinearEquating:
    r"""Put form X on the scale of form Y by the difference of their means.

    Parameters
    ----------
    x, y : Series
        Frequencies: index whole scores (the whole scale, reached or not), values pupils, 0 or more, may be weighted.

    Returns
    -------
    LinearEquating
        Callable on scores; ``slope`` is 1.

    Raises
    ------
    MeasureError
        Scores are not whole numbers or stand twice, frequencies are negative or not numbers, or a form has no pupil.

    Notes
    -----
    :math:`e(x) = x - \bar x + \bar y` (Kolen & Brennan 2004, Test Equating, Scaling, and Linking, chapter 2). It takes
    the groups as equal, as with variants dealt out at random among the same pupils; variants that schools received as
    wholes are not that. Below 100 pupils a form ``equating_few_pupils`` is said: Livingston & Kim (2010, Educational
    Testing Service) studied 50 to 400; the number 100 is this project's choice, not theirs.

    Examples
    --------
    >>> line = mean(pd.Series([2, 3, 2, 2, 1]), pd.Series([1, 2, 2, 3, 2]))
    >>> round(line.intercept, 4), round(line(2), 4)
    (0.6, 2.6)
    """
    return _by_line(x, y, "mean", lambda x, y: (x[0] * 0 + 1.0, y[0] - x[0]))


def linear(x: pd.Series, y: pd.Series) -> LinearEquating:
    r"""Put form X on the scale of form Y so that means and standard deviations agree.

    Parameters
    ----------
    x, y : Series
        Frequencies: index whole scores (the whole scale, reached or not), values pupils, 0 or more, may be weighted.

    Returns
    -------
    LinearEquating
        Callable on scores. Slope and intercept are NaN if all pupils of a form have one score
        (``equating_no_variance``).

    Raises
    ------
    MeasureError
        Scores are not whole numbers or stand twice, frequencies are negative or not numbers, or a form has no pupil.

    Notes
    -----
    :math:`e(x) = \bar y + (s_y / s_x)(x - \bar x)`, variances over n − 1 as in R's ``equate`` (Kolen & Brennan
    2004, chapter 2); equal groups are taken as given. 400 pupils a form is the rule of thumb handed down from the same
    book (its page was not at hand to check); fewer are said in ``equating_few_pupils``. Equated scores are not cut at
    the ends of the scale of Y; ``equating_beyond_scale`` counts those outside.

    Examples
    --------
    >>> line = linear(pd.Series([2, 3, 2, 2, 1]), pd.Series([1, 2, 2, 3, 2]))
    >>> round(line.slope, 4), round(line(2), 4)
    (1.0, 2.6)
    """
    return _by_line(x, y, "linear", _same_moments)


def _same_moments(x: NDArray[Any], y: NDArray[Any]) -> tuple[Any, Any]:
    slope = np.sqrt(y[1] / x[1])
    return slope, y[0] - slope * x[0]


def _by_line(x: pd.Series, y: pd.Series, method: str, line: Line) -> LinearEquating:
    forms = read_frequencies(x, "X"), read_frequencies(y, "Y")
    groups = tuple(moments(form.scores, form.pupils) for form in forms)
    flat = tuple(name for name, group in zip("XY", groups, strict=True) if not group.values[1] > 0)
    said = [*no_variance(flat)] if method == "linear" else []
    coefficients, covariance = draw_line(line, *groups) if not said else (np.full(2, np.nan), np.full((2, 2), np.nan))
    table = line_table(forms[0].scores, coefficients, covariance)
    few = FEW_FOR_LINEAR if method == "linear" else FEW_FOR_MEAN
    said += [Statement("equating_equal_groups"), *few_pupils(groups, few), *beyond_scale(table, forms[1].scores)]
    return describe_line(method, coefficients, covariance, table, _groups(groups), said)


def describe_line(
    method: str, line: Floats, covariance: Floats, table: pd.DataFrame, groups: pd.DataFrame, said: list[Statement]
) -> LinearEquating:
    """Gather a line and what is known of it into a result."""
    names = ["slope", "intercept"]
    frame = pd.DataFrame(covariance, index=names, columns=names)
    return LinearEquating(method, float(line[0]), float(line[1]), frame, table, groups, tuple(said))


def _groups(groups: tuple[Moments, ...]) -> pd.DataFrame:
    rows = [(group.n, group.values[0], np.sqrt(group.values[1])) for group in groups]
    return pd.DataFrame(rows, index=pd.Index(["x", "y"], name="form"), columns=["n", "mean", "sd"])


def no_variance(forms: tuple[str, ...]) -> tuple[Statement, ...]:
    """Say which forms have one score for all pupils."""
    return tuple(Statement("equating_no_variance", {"form": form}) for form in forms)


def few_pupils(groups: tuple[Moments, ...], needed: int) -> tuple[Statement, ...]:
    """Say that the smaller group has fewer pupils than the rule of thumb asks for."""
    n = min(group.n for group in groups)
    return (Statement("equating_few_pupils", {"n": n, "needed": needed}),) if n < needed else ()


def beyond_scale(table: pd.DataFrame, scale: Floats) -> tuple[Statement, ...]:
    """Count scores of form X that come out below the lowest or above the highest score of form Y."""
    lowest, highest = scale[0], scale[-1]
    outside = int(((table["equated"] < lowest) | (table["equated"] > highest)).sum())
    values = {"n": outside, "scores": len(table), "lowest": int(lowest), "highest": int(highest)}
    return (Statement("equating_beyond_scale", values),) if outside else ()
