"""The marker of a mean that is too high: the school's interval lies above the region's."""

from __future__ import annotations

from numbers import Real

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.bias.rows import FEWEST, check_fewest, judged, need
from oko.measures.grouping import grouped, numbers
from oko.measures.intervals import Floats, clustered_means
from oko.measures.statement import Statement, named
from oko.measures.weights import Weights, frequency_weights

LIMIT = 1.96


def high_mean(
    results: pd.DataFrame,
    region: pd.DataFrame | None = None,
    *,
    weights: Weights = None,
    limit: float = LIMIT,
    threshold: int = FEWEST,
) -> pd.DataFrame:
    r"""Mark the schools whose mean primary score lies above the region's by more than chance.

    Parameters
    ----------
    results : DataFrame, one row a pupil and an assessment
        Columns ``school``, ``assessment``, ``primary_score`` (points; missing for who was absent).
    region : DataFrame, optional
        Columns ``assessment``, ``n``, ``mean``, ``sd`` (points): the whole region's, given from outside. A work that
        is not in it is not judged.
    weights : str, Series, array or None
        How many pupils a row stands for.
    limit : float, default 1.96
        Standard errors that an interval reaches.
    threshold : int, default 10
        Schools with fewer pupils are not judged; the official rule names no such number, this one is ours.

    Returns
    -------
    DataFrame
        One row a school and an assessment: ``school``, ``assessment``, ``n``, ``value`` (mean), ``sd``, ``lower``,
        ``upper``, ``limit`` (the region's upper bound), ``applicable``, ``reason`` ("few_pupils", "no_region" or
        empty), ``marked``. Statements in ``.attrs["statements"]``.

    Raises
    ------
    MeasureError
        A column is missing or not numeric, or the region stands twice, or its numbers are wrong.

    Notes
    -----
    Marked where :math:`\bar y_s - 1.96 s_s / \sqrt{n_s} > \bar y_r + 1.96 s_r / \sqrt{n_r}`, s with n − 1 below: the
    official method (``data/external/bias_markers.csv``). Strong schools meet it by being strong. The intervals take
    pupils as drawn one by one, as the rule does; they are no statement about pupils of the same class.

    Examples
    --------
    >>> pupils = pd.DataFrame({"school": "344", "assessment": "vpr", "primary_score": [16, 18, 17, 19, 18] * 4})
    >>> region = pd.DataFrame({"assessment": ["vpr"], "n": [10000], "mean": [12.0], "sd": [4.0]})
    >>> found = high_mean(pupils, region)
    >>> found[["value", "lower", "limit", "marked"]].round(2).to_dict("records")
    [{'value': 17.6, 'lower': 17.14, 'limit': 12.08, 'marked': True}]
    """
    need(results, ["school", "assessment", "primary_score"])
    _check_limit(limit)
    check_fewest(threshold)
    pupils = frequency_weights(results, weights)
    group, keys = grouped(results, ["school", "assessment"])
    means = clustered_means(numbers(results, "primary_score"), pupils, group, group, len(keys))
    half = limit * np.sqrt(means.simple)
    columns = {"n": means.n, "value": means.mean, "sd": np.sqrt(means.simple * means.n)}
    rows = keys.assign(**columns, lower=means.mean - half, upper=means.mean + half)
    rows["limit"] = _upper_of_region(region, rows["assessment"], limit)
    few = (rows["n"] < max(threshold, 2)) | rows["lower"].isna()
    reason = np.select([few, rows["limit"].isna()], ["few_pupils", "no_region"], "")
    found = judged(rows, reason.tolist(), rows["lower"] > rows["limit"])
    found.attrs["statements"] = _remarks(found, threshold)
    return found


def _check_limit(limit: float) -> None:
    if not isinstance(limit, Real) or not np.isfinite(limit) or limit <= 0:
        raise MeasureError("A limit of {limit} makes no sense: give a number above 0.", limit=repr(limit))


def _upper_of_region(region: pd.DataFrame | None, assessment: pd.Series, limit: float) -> Floats:
    if region is None:
        return np.full(len(assessment), np.nan)
    for column in ("assessment", "n", "mean", "sd"):
        if column not in region:
            raise MeasureError("Column {column} is missing from the region’s numbers.", column=repr(column))
    if region["assessment"].duplicated().any():
        twice = region["assessment"][region["assessment"].duplicated()].iloc[0]
        raise MeasureError("Work {assessment} stands twice in the region’s numbers.", assessment=repr(twice))
    n, mean, sd = (numbers(region, column) for column in ("n", "mean", "sd"))
    if (n < 2).any() or (sd < 0).any() or np.isinf(np.concatenate([n, mean, sd])).any():
        raise MeasureError("The region’s numbers are wrong: n is 2 or more, sd 0 or more, each finite.")
    upper = pd.Series(mean + limit * sd / np.sqrt(n), index=pd.Index(region["assessment"].astype(str)))
    return np.asarray(upper.reindex(assessment.astype(str)), dtype=np.float64)


def _remarks(found: pd.DataFrame, threshold: int) -> tuple[Statement, ...]:
    said = []
    without = found.loc[found["reason"] == "no_region", "assessment"]
    if len(without):
        said.append(Statement("bias_no_region", {"assessments": named(sorted(set(without.astype(str))))}))
    said += few_pupils(found, threshold)
    if found["marked"].any():
        schools = int(found.loc[found["marked"], "school"].nunique())
        said.append(Statement("bias_strong_schools", {"n_schools": schools}))
    return tuple(said)


def few_pupils(found: pd.DataFrame, threshold: int) -> list[Statement]:
    """Say how many groups are too small to be judged."""
    few = int((found["reason"] == "few_pupils").sum())
    return [Statement("bias_few_pupils", {"n_groups": few, "of": len(found), "needed": threshold})] if few else []
