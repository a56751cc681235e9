"""Agreement of two raters on the same subjects: Cohen's kappa, weighted or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from oko.errors import MeasureError
from oko.measures.intervals import Floats, check_level
from oko.measures.statement import Statement
from oko.measures.weights import Weights, as_codes, frequency_weights, sum_by

FEWEST_SUBJECTS = 30
HIGH_AGREEMENT, LOW_KAPPA = 0.8, 0.4
NO_ERROR = 1e-9


@dataclass(frozen=True)
class Kappa:
    """Cohen's kappa of two raters.

    Attributes
    ----------
    kappa : float
        1: full agreement, 0: as much as chance gives with these margins; NaN where chance alone gives full agreement.
    se : float
        Large-sample standard error.
    lower, upper : float
        Interval, cut at −1 and 1; NaN where the standard error is 0 whatever n, as with full agreement.
    agreement : float
        Share of subjects (with weights: of the greatest possible weight) that the raters agree on.
    expected : float
        The same by chance.
    n : float
        Subjects.
    statements : tuple of Statement
    """

    kappa: float
    se: float
    lower: float
    upper: float
    agreement: float
    expected: float
    n: float
    statements: tuple[Statement, ...]

    def __float__(self) -> float:
        return self.kappa


def kappa(table: pd.DataFrame | ArrayLike, weights: str | None = None, level: float = 0.95) -> Kappa:
    r"""Return Cohen's kappa of a table of two raters.

    Parameters
    ----------
    table : DataFrame or array, categories × categories
        Subjects by the category of the first rater (rows) and of the second (columns), 0 or more. A frame holds the
        same categories in rows and columns; those of the rows give the order. `rating_table` makes one.
    weights : {None, "linear", "quadratic"}
        None: categories agree or not. Otherwise categories are ordered and neighbours count as partial agreement, by
        their distance in the table.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    Kappa

    Raises
    ------
    MeasureError
        The table is not square, its categories differ, a count is negative or missing, or weights or level are wrong.

    Notes
    -----
    :math:`\kappa = (p_o - p_e) / (1 - p_e)` with weights :math:`1 - |i-j| / (k-1)` or :math:`1 - (i-j)^2 / (k-1)^2`
    (Cohen 1960, 1968); standard error of Fleiss, Cohen and Everitt (1969). Below 30 subjects or 2k² (Cicchetti 1981)
    a statement says that the interval is rough. High agreement with a low kappa, where almost all subjects are of one
    category (Feinstein and Cicchetti 1990), gets a statement too.

    Examples
    --------
    >>> found = kappa([[20, 5], [10, 15]])
    >>> round(found.kappa, 3), round(found.agreement, 3)
    (0.4, 0.7)
    """
    check_level(level)
    counts, categories = _read(table)
    closeness = _closeness(len(counts), weights)
    n = float(counts.sum())
    if n == 0:
        return _unknown(np.nan, 0.0, Statement("raters_no_subjects"))
    shares = counts / n
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    agreement, expected = float((shares * closeness).sum()), float(rows @ closeness @ columns)
    if 1 - expected < 1e-12:
        only = str(categories[int(rows.argmax())])
        return _unknown(agreement, n, Statement("raters_one_category", {"category": only, "n": n}))
    value = (agreement - expected) / (1 - expected)
    se = _standard_error(shares, closeness, value, expected, n)
    said, lower, upper = few_subjects(n, len(counts)), np.nan, np.nan
    if se < NO_ERROR:
        said.append(Statement("raters_no_interval", {"n": n}))
    else:
        half = float(ndtri(0.5 + level / 2)) * se
        lower, upper = max(-1.0, value - half), min(1.0, value + half)
    largest = float(((rows + columns) / 2).max())
    if agreement >= HIGH_AGREEMENT and value < LOW_KAPPA:
        said.append(Statement("raters_kappa_paradox", {"agreement": agreement, "kappa": value, "share": largest}))
    return Kappa(value, se, lower, upper, agreement, expected, n, tuple(said))


def rating_table(
    first: pd.Series, second: pd.Series, categories: pd.Index | list[object] | None = None, weights: Weights = None
) -> pd.DataFrame:
    """Count the subjects by the categories that two raters gave them.

    Parameters
    ----------
    first, second : Series
        Ratings on the same index, one row a subject; subjects that lack either do not count.
    categories : list, optional
        Categories in their order; those found, sorted, by default. Give all of a scale where weighted kappa is meant
        and nobody used some.
    weights : Series, array or None
        How many subjects a row stands for.

    Returns
    -------
    DataFrame, categories × categories
        Rows: first rater, columns: second.

    Raises
    ------
    MeasureError
        The indices differ, a rating is not among the categories, or the weights are wrong.

    Examples
    --------
    >>> rating_table(pd.Series(["a", "a", "b"]), pd.Series(["a", "b", "b"])).to_numpy().tolist()
    [[1.0, 1.0], [0.0, 1.0]]
    """
    if not first.index.equals(second.index):
        raise MeasureError("The two raters’ subjects differ: give both ratings on the same index.")
    both = (first.notna() & second.notna()).to_numpy()
    subjects = frequency_weights(first.to_frame(), weights)[both]
    given = pd.concat([first[both], second[both]], ignore_index=True)
    if categories is None:
        codes, labels = as_codes(given)
    else:
        labels = pd.Index(categories)
        codes = labels.get_indexer(pd.Index(given)).astype(np.int64)
        if (codes < 0).any():
            raise MeasureError("Rating {rating} is not among the categories.", rating=str(given[codes < 0].iloc[0]))
    size, half = len(labels), len(subjects)
    counts = sum_by(codes[:half] * size + codes[half:], subjects, size * size).reshape(size, size)
    return pd.DataFrame(counts, labels.rename("first"), labels.rename("second"))


def few_subjects(n: float, n_categories: int) -> list[Statement]:
    """Say that an interval of kappa is rough below 30 subjects or twice the square of the categories."""
    needed = max(FEWEST_SUBJECTS, 2 * n_categories**2)
    return [Statement("raters_few_subjects", {"n": n, "needed": needed})] if n < needed else []


def _read(table: pd.DataFrame | ArrayLike) -> tuple[Floats, pd.Index]:
    if isinstance(table, pd.DataFrame):
        if not table.index.is_unique or set(table.index) != set(table.columns) or table.shape[0] != table.shape[1]:
            raise MeasureError("The table’s rows and columns are not the same categories: use rating_table.")
        table = table[list(table.index)]
        categories = table.index
    counts = _as_counts(table)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or counts.size == 0:
        raise MeasureError("The table’s rows and columns are not the same categories: use rating_table.")
    return counts, categories if isinstance(table, pd.DataFrame) else pd.RangeIndex(1, len(counts) + 1)


def _as_counts(table: pd.DataFrame | ArrayLike) -> Floats:
    try:
        counts = np.asarray(table, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MeasureError("The table holds something other than counts of subjects.") from error
    if not np.isfinite(counts).all() or (counts < 0).any():
        raise MeasureError("A count of subjects is negative or missing: give 0 or more in every cell.")
    return counts


def _closeness(n_categories: int, weights: str | None) -> Floats:
    if weights not in (None, "linear", "quadratic"):
        raise MeasureError('There are no weights {weights}: give None, "linear" or "quadratic".', weights=repr(weights))
    places: NDArray[np.int64] = np.arange(n_categories)
    apart = np.abs(places[:, None] - places) / max(n_categories - 1, 1)
    if weights is None:
        return np.eye(n_categories)
    return np.asarray(1 - apart if weights == "linear" else 1 - apart**2)


def _standard_error(shares: Floats, closeness: Floats, value: float, expected: float, n: float) -> float:
    own = closeness @ shares.sum(axis=0)
    other = shares.sum(axis=1) @ closeness
    spread = (shares * (closeness - (own[:, None] + other) * (1 - value)) ** 2).sum()
    variance = (float(spread) - (value - expected * (1 - value)) ** 2) / (n * (1 - expected) ** 2)
    return float(np.sqrt(max(variance, 0.0)))


def _unknown(agreement: float, n: float, said: Statement) -> Kappa:
    expected = np.nan if np.isnan(agreement) else 1.0
    return Kappa(np.nan, np.nan, np.nan, np.nan, agreement, expected, n, (said,))
