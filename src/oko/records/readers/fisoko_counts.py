"""Per cents of groups, and the numbers of pupils behind them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
MOST_DECIMALS = 6
_MISSING = frozenset({"", "-", "–", "—"})
_TINY = 1e-9


@dataclass(frozen=True)
class Shares:
    """Shares of groups with the numbers of pupils that they stand for.

    Attributes
    ----------
    values : array, groups × keys
        From 0 to 1; NaN where nothing is known. The count over the group's number where the count is exact, else the
        per cent as reported over 100.
    counts : array, groups × keys
        Pupils; NaN where they cannot be known.
    sums : array
        Sum of the per cents of each group.
    sums_wrong : array of bool
        The sum differs from 100 by more than rounding allows.
    unlike : array of bool
        Some per cent of the group is that of no whole number of its pupils.
    """

    values: Numbers
    counts: Numbers
    sums: Numbers
    sums_wrong: NDArray[np.bool_]
    unlike: NDArray[np.bool_]


def numbers(cells: pd.DataFrame) -> tuple[Numbers, pd.DataFrame]:
    """Read cells as numbers with a point or a comma; blanks between digits and a sign of per cent do not matter.

    Parameters
    ----------
    cells : DataFrame of str
        An empty cell and a dash are missing.

    Returns
    -------
    values : array
        NaN where a number is missing.
    wrong : DataFrame of bool
        Cells that are neither a number nor missing.

    Examples
    --------
    >>> numbers(pd.DataFrame({"2": ["63,1", "-", "1 722"]}))[0].ravel().tolist()
    [63.1, nan, 1722.0]
    """
    plain = cells.apply(lambda texts: texts.str.replace(r"[\s%]", "", regex=True).str.replace(",", ".", regex=False))
    missing = plain.isin(_MISSING)
    values = plain.where(plain.apply(lambda texts: texts.str.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,18})?")))
    read = values.apply(pd.to_numeric).to_numpy(dtype="float64").reshape(cells.shape)
    return read, values.isna() & ~missing


def decimals(percents: Numbers) -> int:
    """Return how many decimals the per cents have, up to 6: 12.36 has two though a machine keeps 12.360000000000001.

    Examples
    --------
    >>> decimals(np.array([[25.0, 12.36]]))
    2
    """
    known = percents[np.isfinite(percents)]
    for digits in range(MOST_DECIMALS):
        if np.all(np.abs(known - np.round(known, digits)) < 10.0**-MOST_DECIMALS / 2):
            return digits
    return MOST_DECIMALS


def counts_back(percents: Numbers, n: Numbers, digits: int) -> Numbers:
    """Return numbers of pupils from per cents of groups.

    Parameters
    ----------
    percents : array, groups × keys
        From 0 to 100; NaN counts as nothing and stays NaN.
    n : array
        Pupils in each group.
    digits : int
        Decimals of the per cents.

    Returns
    -------
    array, groups × keys
        round(per cent · n / 100). Where these do not sum to n though the per cents sum to 100 within rounding, the
        remainders decide (largest first), so that they do.

    Notes
    -----
    The error of a per cent is at most half a unit of its last decimal, so the count is exact while
    n < 100 · 10 ** digits: with two decimals up to 9,999 pupils.

    Examples
    --------
    >>> counts_back(np.array([[12.36, 52.81, 26.97, 7.87]]), np.array([89.0]), 2)
    array([[11., 47., 24.,  7.]])
    """
    known = np.nan_to_num(percents)
    rounded = np.rint(known * n[:, None] / 100)
    sums = known.sum(axis=1)
    uneven = (rounded.sum(axis=1) != n) & (np.abs(sums - 100) <= rounding(percents, digits)) & (n > 0)
    if uneven.any():
        exact = known[uneven] * (n[uneven] / sums[uneven])[:, None]
        rounded[uneven] = _largest_remainders(exact, n[uneven])
    return np.where(np.isnan(percents), np.nan, rounded)


def _largest_remainders(exact: Numbers, n: Numbers) -> Numbers:
    whole = np.floor(exact)
    lacking = np.rint(n - whole.sum(axis=1))
    order = np.argsort(-(exact - whole), axis=1, kind="stable")
    rank = np.argsort(order, axis=1, kind="stable")
    added: Numbers = whole + (rank < lacking[:, None])
    return added


def rounding(percents: Numbers, digits: int) -> Numbers:
    """Return how far each group's sum may be from 100 by rounding alone: half a unit for each per cent."""
    half = 0.5 * 10.0**-digits
    allowed: Numbers = np.isfinite(percents).sum(axis=1) * half + _TINY
    return allowed


def shares(percents: Numbers, n: Numbers, *, fill: bool) -> Shares:
    """Turn per cents that sum to 100 into shares and numbers of pupils.

    Parameters
    ----------
    percents : array, groups × keys
        As reported, NaN where missing; a group without any, or of no pupils, is missing.
    n : array
        Pupils in each group; NaN where it is not known.
    fill : bool
        Whether a missing per cent is 0 where the others sum to 100.
    """
    digits = decimals(percents)
    known = np.where((n == 0)[:, None] & (np.nan_to_num(percents) == 0), np.nan, percents)
    there = np.isfinite(known).any(axis=1)
    sums = np.nansum(known, axis=1)
    wrong = there & (np.abs(sums - 100) > rounding(known, digits))
    if fill:
        known = np.where(np.isnan(known) & (there & ~wrong)[:, None], 0.0, known)
    counts = counts_back(known, np.nan_to_num(n), digits)
    half = 0.5 * 10.0**-digits
    with np.errstate(divide="ignore", invalid="ignore"):
        exact = counts / n[:, None]
    apart = np.abs(exact * 100 - known) > half + _TINY
    sharp = (n > 0) & (n < 100 * 10.0**digits)
    unlike = sharp & ~wrong & apart.any(axis=1)
    whole = sharp & ~wrong & ~unlike
    countable = (n > 0) & ~wrong & ~unlike
    values = np.where(whole[:, None], exact, known / 100)
    return Shares(values, np.where(countable[:, None], counts, np.nan), sums, wrong, unlike)


def share_text(values: Numbers) -> pd.Series:
    """Write shares as text with nine decimals, the most that a cell of the raw form may have.

    Examples
    --------
    >>> share_text(np.array([1 / 3, 0.631])).tolist()
    ['0.333333333', '0.631']
    """
    texts = (f"{value:.9f}".rstrip("0").rstrip(".") for value in values)
    return pd.Series(["" if text == "nan" else text for text in texts], dtype="str")


def count_text(values: Numbers) -> pd.Series:
    """Write counts as text; one that is not known is empty."""
    return pd.Series(["" if np.isnan(value) else f"{value:.0f}" for value in values], dtype="str")
