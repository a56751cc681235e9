"""Student growth percentiles: where a pupil stands among those with the same earlier scores."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.growth.norms import NORM_GROUP, Norms, norms
from oko.measures.growth.pupils import Scores, read_pupils
from oko.measures.growth.splines import Knots
from oko.measures.statement import Statement, whole
from oko.measures.weights import Weights


def growth_percentiles(
    prior: Scores,
    current: pd.Series,
    knots: Knots = None,
    boundaries: Knots = None,
    weights: Weights = None,
    norm: Norms | None = None,
    min_norm_group: int = NORM_GROUP,
) -> pd.Series:
    r"""Return growth percentiles of pupils: their place among pupils with the same earlier scores.

    Parameters
    ----------
    prior : DataFrame or Series, pupils × earlier scores
        Matched with ``current`` by index; a pupil without an earlier score has no percentile.
    current : Series, pupils
        Present score.
    knots : list of numbers for each earlier score, optional
        By default quantiles .2, .4, .6 and .8 of the earlier score (`knots_and_boundaries`).
    boundaries : pair of numbers for each earlier score, optional
        By default the range of the earlier score, a tenth longer at both ends. Scores outside have no percentile.
    weights : str, Series, array or None
        How many pupils a row stands for.
    norm : Norms, optional
        Norms of another group, from `norms` or `norms_from`; then knots and boundaries are theirs.
    min_norm_group : int, default 1000
        Pupils below which the norm group is refused (practice of the users of SGP, from memory).

    Returns
    -------
    Series of 1 to 99 on the index of ``current``
        NaN where there is no percentile; ``.attrs["statements"]`` says why, and what the percentiles stand on.

    Raises
    ------
    MeasureError
        Scores are not numeric, indexes cannot be matched, knots or boundaries do not fit, or weights are wrong.

    Notes
    -----
    As in the R package SGP (Betebenner 2009, Educational Measurement: Issues and Practice 28(4)): cubic B-splines of
    each earlier score without an intercept, quantile regressions at :math:`τ = (1, …, 100 - 0.5) / 100`, each an exact
    optimum (`quantile_regression`) on the combinations of scores that occur; the 100 expected scores of a pupil are
    sorted, and those below the present score by more than 0.000005 counted (SGP rounds the expected scores to 5
    decimals, which is the same for scores with no more of them); 0 becomes 1, 100 becomes 99. Without this a
    regression that runs exactly through a score would move its pupil at random.
    A percentile from the pupils' own cohort is relative to it: its mean is near 50 whatever happened to all.

    Examples
    --------
    >>> before = pd.Series(np.arange(2000) % 40, dtype=float)
    >>> growth_percentiles(before, before + np.arange(2000) // 40).iloc[[0, 1000, 1999]].tolist()
    [1.0, 50.0, 98.0]
    """
    if norm is not None:
        if knots is not None or boundaries is not None:
            raise MeasureError("Norms have knots and boundaries of their own: leave these out.")
        return norm.percentiles(prior, current, weights)
    own = norms(prior, current, knots, boundaries, weights, min_norm_group)
    found = own.percentiles(prior, current, weights)
    if found.notna().any():
        pupils = read_pupils(prior, current, weights).weights
        known = found.notna().to_numpy()
        mean = float(np.average(found.to_numpy()[known], weights=pupils[known])) if pupils[known].any() else np.nan
        said = Statement("growth_relative_to_cohort", {"n": own.n, "mean": mean})
        found.attrs["statements"] = (*found.attrs["statements"], said)
    return found


def percentiles_from_latest(
    earlier: pd.DataFrame,
    current: pd.Series,
    years: Sequence[int],
    weights: Weights = None,
    min_norm_group: int = NORM_GROUP,
) -> pd.DataFrame:
    """Return growth percentiles from the latest earlier score that each pupil has, which may have skipped a year.

    Parameters
    ----------
    earlier : DataFrame, pupils × earlier scores
    current : Series, pupils
    years : sequence of int, one for each column of ``earlier``
        How many years before the present score it was measured, e.g. ``[1, 2]``.
    weights : str, Series, array or None
    min_norm_group : int, default 1000

    Returns
    -------
    DataFrame on the index of ``current``
        percentile; earlier: the score used; years_before. NaN and None where there is no percentile.
        ``.attrs["statements"]``: ``growth_skip_year`` and those of each fit.

    Raises
    ------
    MeasureError
        As in `growth_percentiles`; or ``years`` does not fit the columns.

    Notes
    -----
    Each earlier score has norms of its own, fitted on all pupils who have it, also on those with a later one: scores
    of different years are different scales and are never mixed in one regression.

    Examples
    --------
    >>> two = pd.Series(np.arange(2000) % 40, dtype=float)
    >>> scores = pd.DataFrame({"two years ago": two, "last year": two.where(two.index % 2 == 0)})
    >>> found = percentiles_from_latest(scores, two + np.arange(2000) // 40, [2, 1])
    >>> found["years_before"].value_counts().tolist(), found.attrs["statements"][-1].code
    ([1000, 1000], 'growth_skip_year')
    """
    before = _checked_years(earlier, years)
    found = pd.DataFrame(
        {
            "percentile": pd.Series(np.nan, current.index),
            "earlier": pd.Series(None, current.index, dtype=object),
            "years_before": pd.Series(pd.NA, current.index, dtype="Int64"),
        }
    )
    pupils = read_pupils(earlier, current, weights).weights
    said: list[Statement] = []
    for at in np.argsort(before, kind="stable"):
        one = growth_percentiles(earlier.iloc[:, [at]], current, weights=weights, min_norm_group=min_norm_group)
        said += [remark for remark in one.attrs["statements"] if remark.code != "growth_missing_scores"]
        new = found["percentile"].isna().to_numpy() & one.notna().to_numpy()
        found.loc[new, "percentile"] = one.to_numpy()[new]
        found.loc[new, "earlier"] = str(earlier.columns[at])
        found.loc[new, "years_before"] = before[at]
        skipped = float(pupils[new].sum())
        if before[at] > min(before) and skipped:
            values = {"n": whole(skipped), "of": whole(float(pupils.sum())), "years": before[at]}
            said.append(Statement("growth_skip_year", values))
    without = float(pupils[found["percentile"].isna().to_numpy()].sum())
    if without:
        said.insert(0, Statement("growth_without_percentile", {"n": whole(without), "of": whole(float(pupils.sum()))}))
    found.attrs["statements"] = tuple(dict.fromkeys(said))
    return found


def _checked_years(earlier: pd.DataFrame, years: Sequence[int]) -> list[int]:
    before = [int(year) for year in years]
    if len(before) != earlier.shape[1] or len(set(before)) < len(before) or not before or min(before) < 1:
        raise MeasureError(
            "Give for each of the {n} earlier scores how many years before it was, each another number from 1 up.",
            n=earlier.shape[1],
        )
    return before
