"""Agreement of several raters on the same subjects: Fleiss' kappa."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from oko.errors import MeasureError
from oko.measures.intervals import Floats, check_level
from oko.measures.raters.cohen import HIGH_AGREEMENT, LOW_KAPPA, NO_ERROR, few_subjects
from oko.measures.statement import Statement
from oko.measures.weights import Codes, Weights, as_numbers, frequency_weights, sum_by


@dataclass(frozen=True)
class FleissKappa:
    """Fleiss' kappa of several raters.

    Attributes
    ----------
    kappa : float
        1: full agreement, 0: as much as chance gives; NaN where all ratings are of one category.
    se, lower, upper : float
        Over samples of subjects; the interval is NaN where the standard error is 0, as with full agreement, or unknown.
    se_null : float
        Standard error if there were no agreement but by chance, for the test of kappa = 0; NaN where the numbers of
        raters differ.
    agreement, expected : float
        Share of pairs of raters that agree on a subject, and by chance.
    categories : DataFrame, index ``category``
        ``share`` of ratings, ``kappa``, ``se``, ``lower``, ``upper``: this category against all others; NaN
        where nobody or everybody chose it.
    n : float
        Subjects with two ratings or more.
    raters : tuple of float
        Smallest and greatest number of ratings of such a subject.
    statements : tuple of Statement
    """

    kappa: float
    se: float
    lower: float
    upper: float
    se_null: float
    agreement: float
    expected: float
    categories: pd.DataFrame
    n: float
    raters: tuple[float, float]
    statements: tuple[Statement, ...]

    def __float__(self) -> float:
        return self.kappa


def fleiss_kappa(counts: pd.DataFrame | ArrayLike, weights: Weights = None, level: float = 0.95) -> FleissKappa:
    r"""Return Fleiss' kappa of subjects that several raters put into categories.

    Parameters
    ----------
    counts : DataFrame or array, subjects × categories
        How many raters put the subject into the category, whole numbers from 0 up.
    weights : str, Series, array or None
        How many subjects a row stands for.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    FleissKappa

    Raises
    ------
    MeasureError
        A count is negative, missing or not whole, or weights or level are wrong.

    Notes
    -----
    Fleiss (1971). Where the numbers of raters differ, agreement is the mean over subjects of
    :math:`\sum_k r_{ik} (r_{ik} - 1) / (r_i (r_i - 1))` and a category's share the mean of :math:`r_{ik} / r_i` (Gwet
    2014), which is Fleiss' where they do not; a subject with one rating counts in the shares only. The standard error
    is linearised over subjects (Gwet 2008; the number of subjects with one rating is taken as random), with t on n − 1
    degrees of freedom; ``se_null`` is that of Fleiss, Nee and Landis (1979).

    Examples
    --------
    >>> found = fleiss_kappa([[3, 0], [0, 3], [2, 1], [3, 0]])
    >>> round(found.kappa, 4), round(found.agreement, 4)
    (0.625, 0.8333)
    """
    check_level(level)
    table, categories, subjects = _read(counts, weights)
    whole = pooled(table, subjects, level)
    names = pd.Index(categories, name="category")
    shares = _shares(table, subjects)
    each = [pooled(np.column_stack([column, table.sum(axis=1) - column]), subjects, level) for column in table.T]
    rows = [(one.kappa, one.se, one.lower, one.upper) for one in each]
    frame = pd.DataFrame(rows, names, ["kappa", "se", "lower", "upper"], dtype=np.float64)
    frame.insert(0, "share", shares)
    raters = table.sum(axis=1)[(subjects > 0) & (table.sum(axis=1) > 1)]
    spread = (float(raters.min()), float(raters.max())) if len(raters) else (np.nan, np.nan)
    said = [*kappa_remarks(whole, table.shape[1], shares, names), *_raters_remark(spread)]
    alone = float(subjects[table.sum(axis=1) == 1].sum())
    if alone:
        said.append(Statement("raters_one_rating", {"n": alone}))
    unused = tuple(str(name) for name in names[shares == 0])
    if unused:
        said.append(Statement("raters_categories_unused", {"categories": unused}))
    null = _null_error(shares, whole.n, spread[0]) if spread[0] == spread[1] and not alone else np.nan
    return FleissKappa(
        whole.kappa,
        whole.se,
        whole.lower,
        whole.upper,
        null,
        whole.agreement,
        whole.expected,
        frame,
        whole.n,
        spread,
        tuple(said),
    )


@dataclass(frozen=True)
class Pooled:
    """Kappa of several raters with its interval; ``n`` subjects have two ratings or more."""

    kappa: float
    se: float
    lower: float
    upper: float
    agreement: float
    expected: float
    n: float


def pooled(table: Floats, subjects: Floats, level: float, clusters: Codes | None = None) -> Pooled:
    """Return kappa and its linearised standard error over subjects, or over clusters of subjects.

    Parameters
    ----------
    table : ndarray of shape (subjects, categories)
    subjects : ndarray of shape (subjects,)
        How many subjects a row stands for.
    level : float
    clusters : ndarray of int, shape (subjects,), optional
        What was drawn, e.g. the task that several judgements are about.
    """
    raters = table.sum(axis=1)
    rated = (raters > 0) & (subjects > 0)
    table, raters, subjects = table[rated], raters[rated], subjects[rated]
    several = raters > 1
    n, n_several = float(subjects.sum()), float(subjects[several].sum())
    if n_several == 0:
        return Pooled(*(np.nan,) * 6, 0.0)
    agreeing = (table * (table - 1)).sum(axis=1) / np.where(several, raters * (raters - 1), 1)
    agreement = float((subjects * agreeing).sum()) / n_several
    parts = table / raters[:, None]
    shares = subjects @ parts / n
    expected = float(shares @ shares)
    if 1 - expected < 1e-12:
        return Pooled(np.nan, np.nan, np.nan, np.nan, agreement, 1.0, n_several)
    value = (agreement - expected) / (1 - expected)
    own = several * (n / n_several) * (agreeing - agreement)
    pull = (own - 2 * (1 - value) * (parts @ shares - expected)) / (1 - expected)
    se, df = _error(pull, subjects, None if clusters is None else clusters[rated])
    if not se >= NO_ERROR:
        return Pooled(value, se, np.nan, np.nan, agreement, expected, n_several)
    half = float(stdtrit(df, 0.5 + level / 2)) * se
    return Pooled(value, se, max(-1.0, value - half), min(1.0, value + half), agreement, expected, n_several)


def _error(pull: Floats, subjects: Floats, clusters: Codes | None) -> tuple[float, float]:
    n = float(subjects.sum())
    if clusters is None:
        drawn, squares = n, float((subjects * pull**2).sum())
    else:
        sums = sum_by(clusters, subjects * pull, int(clusters.max()) + 1)
        drawn, squares = float(len(np.unique(clusters))), float((sums**2).sum())
    if drawn <= 1:
        return np.nan, np.nan
    return float(np.sqrt(drawn / (drawn - 1) * squares)) / n, drawn - 1


def kappa_remarks(found: Pooled, n_categories: int, shares: Floats, categories: pd.Index) -> list[Statement]:
    """Say what limits a kappa: no pairs of ratings, one category, few subjects, no interval, prevalence."""
    if found.n == 0:
        return [Statement("raters_no_pairs")]
    if np.isnan(found.kappa):
        only = str(categories[int(np.argmax(shares))])
        return [Statement("raters_one_category", {"category": only, "n": found.n})]
    said = few_subjects(found.n, n_categories)
    if np.isnan(found.lower):
        said.append(Statement("raters_no_interval", {"n": found.n}))
    if found.agreement >= HIGH_AGREEMENT and found.kappa < LOW_KAPPA:
        values = {"agreement": found.agreement, "kappa": found.kappa, "share": float(np.max(shares))}
        said.append(Statement("raters_kappa_paradox", values))
    return said


def _raters_remark(spread: tuple[float, float]) -> list[Statement]:
    if np.isnan(spread[0]) or spread[0] == spread[1]:
        return []
    return [Statement("raters_numbers_differ", {"least": spread[0], "most": spread[1]})]


def _shares(table: Floats, subjects: Floats) -> Floats:
    raters = table.sum(axis=1)
    rated = subjects * (raters > 0)
    if not rated.any():
        return np.full(table.shape[1], np.nan)
    return np.asarray(rated @ (table / np.where(raters > 0, raters, 1)[:, None]) / rated.sum())


def _null_error(shares: Floats, n: float, raters: float) -> float:
    variance = shares * (1 - shares)
    total = float(variance.sum())
    if total < 1e-12:
        return np.nan
    inner = total**2 - float((variance * (1 - 2 * shares)).sum())
    return float(np.sqrt(2 * max(inner, 0.0) / (n * raters * (raters - 1)))) / total


def _read(counts: pd.DataFrame | ArrayLike, weights: Weights) -> tuple[Floats, pd.Index, Floats]:
    frame = counts if isinstance(counts, pd.DataFrame) else _as_frame(counts)
    subjects = frequency_weights(frame, weights)
    frame = frame.drop(columns=weights) if isinstance(weights, str) else frame
    if frame.shape[1] == 0 or len(frame) == 0:
        raise MeasureError("There is no subject or no category: give a table of subjects × categories.")
    table = np.column_stack([as_numbers(frame.iloc[:, place], str(name)) for place, name in enumerate(frame)])
    wrong = ~np.isfinite(table) | (table < 0) | (table != np.floor(table))
    if wrong.any():
        row, column = (int(place) for place in np.argwhere(wrong)[0])
        raise MeasureError(
            "Category {category}, row {row}: {value} is not a number of raters; give a whole number from 0 up.",
            category=repr(frame.columns[column]),
            row=row + 1,
            value=float(table[row, column]),
        )
    return table, frame.columns, subjects


def _as_frame(counts: ArrayLike) -> pd.DataFrame:
    table = np.asarray(counts)
    if table.ndim != 2:
        raise MeasureError("There is no subject or no category: give a table of subjects × categories.")
    return pd.DataFrame(table, columns=pd.RangeIndex(1, table.shape[1] + 1))
