"""Agreement of raters who give numbers: the six intraclass correlations of Shrout and Fleiss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import fdtrc, fdtri

from oko.errors import MeasureError
from oko.measures.intervals import Floats, check_level
from oko.measures.statement import Statement
from oko.measures.weights import as_numbers

KINDS = ("ICC1", "ICC2", "ICC3", "ICC1k", "ICC2k", "ICC3k")
FEWEST_TARGETS, FEWEST_RATERS = 30, 3


@dataclass(frozen=True)
class _Design:
    n: int
    k: int
    targets: float
    raters: float
    residual: float
    within: float


def icc(ratings: pd.DataFrame, level: float = 0.95) -> pd.DataFrame:
    r"""Return the six intraclass correlations of targets that the same raters rated.

    Parameters
    ----------
    ratings : DataFrame, targets × raters
        Numbers; NaN where a rater did not rate. Raters without any rating, then targets with a hole, are left out;
        statements say which and how many.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame, index ``kind`` (ICC1, ICC2, ICC3, ICC1k, ICC2k, ICC3k)
        ``value``, ``lower``, ``upper``; ``f``, ``df1``, ``df2``, ``p``: the test of no difference between targets.
        ``attrs``: ``n`` targets that every rater rated, ``raters``, ``mean_squares`` (targets, raters, residual,
        within) and ``statements``, a tuple of Statement; clear them before ``to_parquet``.

    Raises
    ------
    MeasureError
        Ratings are not numbers or infinite, a rater stands twice, or the level is wrong.

    Notes
    -----
    Shrout and Fleiss (1979): ICC1 each target has raters of its own, ICC2 the raters are a sample and their levels
    count, ICC3 these raters only and their levels do not count; with k, the mean of k raters. Intervals as there and in
    McGraw and Wong (1996), equal to R's ``psych::ICC(lme = FALSE)``. A negative value is an estimate near 0 and is not
    cut. Below 30 targets or 3 raters a statement says so (Koo and Li 2016).

    Examples
    --------
    >>> rows = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    >>> icc(pd.DataFrame(rows))["value"].round(3).tolist()
    [0.166, 0.29, 0.715, 0.443, 0.62, 0.909]
    """
    check_level(level)
    values, said = _complete(ratings)
    n, k = values.shape
    if n < 2 or k < 2:
        few = Statement("raters_too_few", {"n": n, "raters": k})
        return _nothing(n, k, (*said, few))
    said += _remarks(values, ratings.columns[ratings.notna().any()])
    design = _mean_squares(values)
    if design.targets + design.within == 0:
        return _nothing(n, k, (*said, Statement("raters_all_ratings_equal", {"n": n, "raters": k})))
    table = _table(design, level)
    negative = tuple(str(kind) for kind in table.index[table["value"] < 0])
    if negative:
        said.append(Statement("raters_icc_negative", {"kinds": negative}))
    unknown = tuple(str(kind) for kind in table.index[table["lower"].isna() | table["value"].isna()])
    if unknown:
        said.append(Statement("raters_icc_unknown", {"kinds": unknown}))
    squares = {name: getattr(design, name) for name in ("targets", "raters", "residual", "within")}
    return _with_remarks(table, n, k, squares, tuple(said))


def _with_remarks(
    table: pd.DataFrame, n: int, k: int, squares: dict[str, float], statements: tuple[Statement, ...]
) -> pd.DataFrame:
    table.attrs.update(n=n, raters=k, mean_squares=squares, statements=statements)
    return table


def _complete(ratings: pd.DataFrame) -> tuple[Floats, list[Statement]]:
    if not isinstance(ratings, pd.DataFrame):
        raise MeasureError("The ratings are no table: give a DataFrame of targets × raters.")
    if not ratings.columns.is_unique:
        twice = ratings.columns[ratings.columns.duplicated()][0]
        raise MeasureError("Rater {rater} stands twice: give each rater one column.", rater=repr(twice))
    if ratings.shape[1] == 0:
        return np.empty((len(ratings), 0)), []
    given = ratings.loc[:, ratings.notna().any()]
    columns = [as_numbers(given[rater], str(rater)) for rater in given]
    values = np.column_stack(columns) if columns else np.empty((len(ratings), 0))
    if np.isinf(values).any():
        raise MeasureError("A rating is infinite: correct it, or leave the cell empty.")
    whole = np.asarray(np.isfinite(values).all(axis=1))
    said = []
    silent = tuple(str(rater) for rater in ratings.columns[~ratings.notna().any()])
    if silent:
        said.append(Statement("raters_without_ratings", {"raters": silent}))
    if not whole.all():
        said.append(Statement("raters_targets_dropped", {"n_dropped": int((~whole).sum()), "n": len(whole)}))
    return values[whole], said


def _remarks(values: Floats, raters: pd.Index) -> list[Statement]:
    n, k = values.shape
    said = []
    if n < FEWEST_TARGETS or k < FEWEST_RATERS:
        needed = {"needed": FEWEST_TARGETS, "needed_raters": FEWEST_RATERS}
        said.append(Statement("raters_few_targets", {"n": n, "raters": k, **needed}))
    still = tuple(str(rater) for rater in raters[np.ptp(values, axis=0) == 0])
    if still:
        said.append(Statement("raters_without_variance", {"raters": still}))
    return said


def _mean_squares(values: Floats) -> _Design:
    n, k = values.shape
    values = values - values.mean()
    of_targets = k * float((values.mean(axis=1) ** 2).sum())
    of_raters = n * float((values.mean(axis=0) ** 2).sum())
    left = values - values.mean(axis=1, keepdims=True)
    within = float((left**2).sum())
    residual = float(((left - values.mean(axis=0)) ** 2).sum())
    # Sums of squares that only rounding keeps from 0.
    least = 1e-24 * max(of_targets + within, 0.0)
    of_targets, of_raters, residual = (0.0 if each <= least else each for each in (of_targets, of_raters, residual))
    within = 0.0 if within <= least else within
    return _Design(
        n,
        k,
        targets=of_targets / (n - 1),
        raters=of_raters / (k - 1),
        residual=residual / ((n - 1) * (k - 1)),
        within=within / (n * (k - 1)),
    )


def _table(design: _Design, level: float) -> pd.DataFrame:
    n, k = design.n, design.k
    residual_df = (n - 1) * (k - 1)
    single = {
        "ICC1": (*_consistency(design.targets, design.within, n - 1, n * (k - 1), k, level), design.within),
        "ICC2": (*_absolute(design, level), design.residual),
        "ICC3": (*_consistency(design.targets, design.residual, n - 1, residual_df, k, level), design.residual),
    }
    rows: dict[str, tuple[float, ...]] = {}
    for kind, (value, lower, upper, error) in single.items():
        df2 = n * (k - 1) if kind == "ICC1" else residual_df
        test = _test(design.targets, error, n - 1, df2)
        rows[kind] = (value, lower, upper, *test)
        rows[f"{kind}k"] = (*(_stepped(each, k) for each in (value, lower, upper)), *test)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["value", "lower", "upper", "f", "df1", "df2", "p"])
    return table.loc[list(KINDS)].rename_axis("kind").astype({"df1": "int64", "df2": "int64"})


def _test(between: float, error: float, df1: int, df2: int) -> tuple[float, float, float, float]:
    if error == 0:
        f, p = (np.inf, 0.0) if between > 0 else (np.nan, np.nan)
    else:
        f = between / error
        p = float(fdtrc(df1, df2, f))
    return f, df1, df2, p


def _consistency(between: float, error: float, df1: int, df2: int, k: int, level: float) -> tuple[float, float, float]:
    """Return ICC1 or ICC3 with its exact interval."""
    value = _share(between - error, between + (k - 1) * error)
    if error == 0 or between == 0:
        return value, np.nan, np.nan
    f = between / error
    least = f / float(fdtri(df1, df2, 0.5 + level / 2))
    most = f * float(fdtri(df2, df1, 0.5 + level / 2))
    return value, (least - 1) / (least + k - 1), (most - 1) / (most + k - 1)


def _absolute(design: _Design, level: float) -> tuple[float, float, float]:
    """Return ICC2 with its interval by Satterthwaite's degrees of freedom."""
    n, k = design.n, design.k
    between, levels, error = design.targets, design.raters, design.residual
    value = _share(between - error, between + (k - 1) * error + k * (levels - error) / n)
    if error == 0 or between == 0:
        return value, np.nan, np.nan
    ratio = levels / error
    rest = n * (1 + (k - 1) * value) - k * value
    top = (k - 1) * (n - 1) * (k * value * ratio + rest) ** 2
    df = top / ((n - 1) * (k * value * ratio) ** 2 + rest**2)
    if not df > 0:
        return value, np.nan, np.nan
    low, high = float(fdtri(n - 1, df, 0.5 + level / 2)), float(fdtri(df, n - 1, 0.5 + level / 2))
    noise = k * levels + (k * n - k - n) * error
    lower = n * (between - low * error) / (low * noise + n * between)
    upper = n * (high * between - error) / (noise + n * high * between)
    return value, lower, upper


def _stepped(value: float, k: int) -> float:
    """Return the correlation for the mean of k raters (Spearman and Brown)."""
    below = 1 + (k - 1) * value
    return k * value / below if below > 1e-12 else np.nan


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else np.nan


def _nothing(n: int, k: int, statements: tuple[Statement, ...]) -> pd.DataFrame:
    table = pd.DataFrame(np.nan, pd.Index(KINDS, name="kind"), ["value", "lower", "upper", "f", "df1", "df2", "p"])
    squares = dict.fromkeys(("targets", "raters", "residual", "within"), np.nan)
    return _with_remarks(table, n, k, squares, statements)
