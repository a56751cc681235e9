"""Randomisation inference: what the same schools would show had others of them been treated."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from oko.errors import MeasureError
from oko.measures.intervals import Floats
from oko.measures.statement import Statement
from oko.measures.weights import as_numbers

ALTERNATIVES = ("two-sided", "greater", "less")
MOST_EXACT = 1_000_000
_TIE = 1e-9
_BLOCK = 4_000_000


@dataclass(frozen=True)
class Randomisation:
    """An observed statistic among those of all, or of many, assignments.

    Attributes
    ----------
    statistic : float
        Of the observed assignment: difference of means, divided by its standard error where ``studentised``.
    p : float
        Share of assignments at least as far out, the observed one among them.
    distribution : ndarray
        Statistic of every assignment; of the drawn ones with the observed one first.
    exact : bool
        Every assignment was counted.
    n_assignments : int
        How many assignments there are.
    smallest_p : float
        The smallest p that could have been found.
    studentised : bool
    alternative : str
    difference : float
        Mean of the treated minus mean of the others.
    statements : tuple of Statement
    """

    statistic: float
    p: float
    distribution: Floats
    exact: bool
    n_assignments: int
    smallest_p: float
    studentised: bool
    alternative: str
    difference: float
    statements: tuple[Statement, ...]


def randomisation_test(
    values: ArrayLike,
    treated: ArrayLike,
    studentised: bool = True,
    alternative: str = "two-sided",
    draws: int = 99_999,
    seed: int = 20_201,
) -> Randomisation:
    r"""Test that the treatment changed no school, by all ways to choose as many schools as were treated.

    Parameters
    ----------
    values : array_like of shape (schools,)
        One number a school, e.g. its change between two waves. A school without a number is left out, and it is said.
    treated : array_like of shape (schools,)
        1 or True for the treated.
    studentised : bool, default True
        Divide the difference by its standard error with a variance for each group; needs two schools in each.
    alternative : {"two-sided", "greater", "less"}
    draws : int, default 99999
        Assignments to draw where there are more than a million.
    seed : int

    Returns
    -------
    Randomisation
        NaN where a group is empty. Statements: ``impact_as_if_random``, always; ``impact_sampled_assignments``,
        ``impact_not_studentised``, ``impact_smallest_p``, ``impact_schools_without_value``, ``impact_no_group``,
        ``impact_all_equal``.

    Raises
    ------
    MeasureError
        Lengths differ, ``treated`` is not 0 or 1, or an option is wrong.

    Notes
    -----
    Fisher (1935); the studentised statistic keeps the level also where the groups differ in variance (MacKinnon & Webb
    2020; Chung & Romano 2013, from memory). Exact up to a million assignments, otherwise p is (1 + b) / (1 + N), b of
    N drawn assignments at least as far out. Statistics that differ by less than 10⁻⁹ of the largest count as equal.

    Examples
    --------
    The tea tasting of Fisher: eight cups, all four of one kind found.

    >>> found = randomisation_test([1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 1, 0, 0, 0, 0], False, "greater")
    >>> found.n_assignments, round(found.p * 70, 9), found.exact
    (70, 1.0, True)
    """
    if alternative not in ALTERNATIVES:
        raise MeasureError(
            "Alternative {alternative} is unknown: give two-sided, greater or less.", alternative=repr(alternative)
        )
    if not isinstance(draws, (int, np.integer)) or draws < 99:
        raise MeasureError("{draws} draws are too few to tell a p: give at least 99.", draws=draws)
    value, chosen, said = _read(values, treated)
    n, k = len(value), int(chosen.sum())
    if k == 0 or k == n:
        said.append(Statement("impact_no_group", {"n_treated": k, "n_comparison": n - k}))
        nothing = np.empty(0)
        return Randomisation(
            np.nan, np.nan, nothing, True, math.comb(n, k), np.nan, studentised, alternative, np.nan, tuple(said)
        )
    difference = float(value[chosen].mean() - value[~chosen].mean())
    centred = value - value.mean()
    scale = float(np.abs(centred).max())
    if scale <= _TIE * float(np.abs(value).max()):
        centred, scale = np.zeros(n), 0.0
        said.append(Statement("impact_all_equal", {"n": n}))
    if studentised and min(k, n - k) < 2:
        studentised = False
        said.append(Statement("impact_not_studentised", {"n_treated": k, "n_comparison": n - k}))
    total, exact = math.comb(n, k), math.comb(n, k) <= MOST_EXACT
    scaled = centred / (scale or 1.0)
    sums, squares = _all_sums(scaled, k) if exact else _drawn_sums(scaled, chosen, draws, seed)
    everywhere = _statistics(sums, squares, scaled, k, studentised=studentised)
    own = np.array([scaled[chosen].sum()]), np.array([(scaled[chosen] ** 2).sum()])
    observed = float(_statistics(*own, scaled, k, studentised=studentised)[0])
    p, smallest = _tail(everywhere, observed, alternative)
    unit = 1.0 if studentised else (scale or 1.0)
    if not exact:
        said.append(Statement("impact_sampled_assignments", {"draws": int(draws), "n_assignments": total}))
        smallest = 1 / (1 + draws)
    if smallest > 0.05 and scale:
        said.append(Statement("impact_smallest_p", {"smallest_p": smallest, "n_assignments": total}))
    return Randomisation(
        observed * unit, p, everywhere * unit, exact, total, smallest, studentised, alternative, difference, tuple(said)
    )


def _read(values: ArrayLike, treated: ArrayLike) -> tuple[Floats, np.ndarray, list[Statement]]:
    if isinstance(values, pd.Series) and isinstance(treated, pd.Series) and not values.index.equals(treated.index):
        raise MeasureError("The index of {name} differs from that of the design: give one value a row.", name="treated")
    if np.ndim(values) != 1 or np.shape(values) != np.shape(treated):
        raise MeasureError("Give one value and one sign of treatment for each school.")
    value, chosen = np.empty(0), np.empty(0, dtype=bool)
    if np.shape(values) != (0,):
        value, chosen = as_numbers(pd.Series(values), "values"), zero_or_one(pd.Series(treated), "treated")
    known = np.isfinite(value)
    value, chosen = value[known], chosen[known]
    said = [Statement("impact_as_if_random", {"n_treated": int(chosen.sum()), "n": len(value)})]
    if not known.all():
        said.append(Statement("impact_schools_without_value", {"n": int((~known).sum())}))
    return value, chosen, said


def zero_or_one(values: pd.Series, name: str) -> np.ndarray:
    """Return a column of 0 and 1 as booleans.

    Raises
    ------
    MeasureError
        There is something else in it.
    """
    numbers = as_numbers(values, name)
    wrong = ~np.isin(numbers, (0.0, 1.0))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise MeasureError(
            "{name} is {value} in row {row}: it must be 0 or 1 everywhere.",
            name=name,
            value=float(numbers[row]),
            row=row + 1,
        )
    return np.asarray(numbers == 1)


def _all_sums(value: Floats, k: int) -> tuple[Floats, Floats]:
    """Return sums and sums of squares of every k of the values.

    Sets of k whose last member is i are the sets of k − 1 among those before i, which stand first in the array of all
    sets of k − 1: so each size is built from the one below by additions of whole blocks.
    """
    n, few = len(value), min(k, len(value) - k)
    found = []
    for column in (value, value**2):
        sums = np.zeros(1)
        for size in range(1, few + 1):
            # members from here on leave room for the sizes still to come
            sums = np.concatenate([sums[: math.comb(i, size - 1)] + column[i] for i in range(size - 1, n - few + size)])
        found.append(sums if few == k else column.sum() - sums)
    return found[0], found[1]


def _drawn_sums(value: Floats, chosen: np.ndarray, draws: int, seed: int) -> tuple[Floats, Floats]:
    """Return sums and sums of squares of the observed assignment and of drawn ones."""
    n, k = len(value), int(chosen.sum())
    few = min(k, n - k)
    generator = np.random.default_rng(seed)
    columns = np.column_stack([value, value**2])
    at_once = max(1, _BLOCK // n)
    parts = [columns[chosen].sum(axis=0)[None, :]]
    for start in range(0, draws, at_once):
        keys = generator.random((min(at_once, draws - start), n))
        drawn = columns[np.argpartition(keys, few - 1, axis=1)[:, :few]].sum(axis=1)
        parts.append(drawn if few == k else columns.sum(axis=0) - drawn)
    together = np.concatenate(parts)
    return together[:, 0], together[:, 1]


def _statistics(sums: Floats, squares: Floats, value: Floats, k: int, *, studentised: bool) -> Floats:
    n = len(value)
    rest = n - k
    total, total_squares = float(value.sum()), float((value**2).sum())
    difference = sums / k - (total - sums) / rest
    if not studentised:
        return np.asarray(difference)
    first = np.maximum(squares - sums**2 / k, 0) / (k * (k - 1))
    second = np.maximum(total_squares - squares - (total - sums) ** 2 / rest, 0) / (rest * (rest - 1))
    variance = first + second
    variance[variance < 1e-14 * max(total_squares, 1e-300) / n] = 0.0
    flat = np.where(np.abs(difference) > _TIE, np.copysign(np.inf, difference), 0.0)
    return np.divide(difference, np.sqrt(variance), out=flat, where=variance > 0)


def _tail(everywhere: Floats, observed: float, alternative: str) -> tuple[float, float]:
    """Return p and the smallest p that any assignment would have."""
    if alternative == "two-sided":
        everywhere, observed = np.abs(everywhere), abs(observed)
    elif alternative == "less":
        everywhere, observed = -everywhere, -observed
    finite = np.isfinite(everywhere)
    tie = _TIE * max(float(np.abs(everywhere[finite]).max(initial=0.0)), 1e-300)
    top = float(everywhere.max())
    return float((everywhere >= observed - tie).mean()), float((everywhere >= top - tie).mean())
