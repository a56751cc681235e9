"""The classical analysis of an instrument: how each item works and how far the sum of points can be relied on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.measures.factors import one_factor
from oko.measures.intervals import check_level
from oko.measures.items import remarks
from oko.measures.items.attempts import NotAttempted, read_not_attempted
from oko.measures.items.extremes import upper_lower
from oko.measures.items.moments import Floats, Mask, Moments, Scored, moments, read_scored
from oko.measures.items.reliability import (
    alpha,
    alpha_if_deleted,
    alpha_interval,
    item_rest,
    item_total,
    measurement_error,
    total_variance,
)
from oko.measures.responses import maxima, read_responses
from oko.measures.statement import Statement, whole
from oko.measures.weights import Weights


@dataclass(frozen=True)
class ItemAnalysis:
    """Items of an instrument, and its sum of points.

    Attributes
    ----------
    items : DataFrame, index ``item``
        ``n`` pupils it was administered to; ``max`` points; ``facility`` (0 to 1); ``sd`` in points; ``item_total``,
        ``item_rest`` correlations with the sum of all and of the other items; ``alpha_if_deleted`` (alpha itself for an
        item without variance, which alpha leaves out); ``upper_lower`` (−1 to 1); ``not_attempted``, share of ``n``
        (NaN where no mask was given).
    alpha, alpha_lower, alpha_upper : float
        Cronbach's alpha and Feldt's interval.
    omega : float
        McDonald's omega total of one factor.
    sem : float
        Standard error of measurement of a pupil's sum, in points.
    n : float
        Pupils who were given at least one item.
    mean, sd : float
        Of the sum of points over all items that two pupils or more were given.
    statements : tuple of Statement
        How the data were treated, and what could not be said.
    """

    items: pd.DataFrame
    alpha: float
    alpha_lower: float
    alpha_upper: float
    omega: float
    sem: float
    n: float
    mean: float
    sd: float
    statements: tuple[Statement, ...]


def analyse(
    scores: pd.DataFrame,
    max_scores: pd.Series | None = None,
    weights: Weights = None,
    not_attempted: NotAttempted = None,
    level: float = 0.95,
) -> ItemAnalysis:
    r"""Analyse the items of an instrument by classical test theory.

    Parameters
    ----------
    scores : DataFrame, pupils × items
        Points from 0 to the item's maximum; NaN where the item was not administered.
    max_scores : Series, optional
        Greatest points of each item; its index holds the items. Without it the greatest points seen.
    weights : str, Series, array or None
        How many pupils a row stands for; not the name of an item.
    not_attempted : DataFrame or array of bool, pupils × items, optional
        True where the pupil was given the item and did not attempt it: such cells count as 0 points.
    level : float, default 0.95
        Confidence level of the interval of alpha.

    Returns
    -------
    ItemAnalysis
        What cannot be said is NaN, and a statement names the items and the reason.

    Raises
    ------
    MeasureError
        Points, maxima, weights, the mask or the level are wrong.

    Notes
    -----
    Variances have n − 1 below, n the sum of weights. With :math:`s_{ij}` the covariances and
    :math:`s^2 = \sum_{ij} s_{ij}`: ``alpha`` :math:`\frac{k}{k-1}(1 - \sum_i s_{ii}/s^2)`, ``sem``
    :math:`s\sqrt{1 - α}`, ``item_total`` :math:`\sum_j s_{ij} / (s_i s)`, ``item_rest`` the same over the other items;
    omega as in `factors.one_factor`. Where cells are empty each covariance is over the pupils who were given both
    items, and ``alpha``'s interval takes n from the pair with the fewest. Items on which all have the same points are
    left out of alpha and omega, as R's psych leaves them out. ``upper_lower`` is Kelley's index; pupils who share the
    total at the border of the 27 % are divided evenly, so that the order of rows is nothing (`extremes.ends`).
    Lord & Novick (1968), Statistical Theories of Mental Test Scores.

    Examples
    --------
    >>> scores = pd.DataFrame({"1": [1, 1, 0, 1, 0], "2": [2, 1, 0, 2, 1], "3": [1, 1, 0, 0, 0]})
    >>> analysis = analyse(scores, pd.Series({"1": 1, "2": 2, "3": 1}))
    >>> round(analysis.alpha, 3), analysis.items["item_rest"].round(3).tolist()
    (0.778, [0.881, 0.598, 0.49])
    >>> [statement.code for statement in analysis.statements]
    ['item_not_attempted_unknown', 'item_few_pupils', 'item_omega_at_bound']
    """
    check_level(level)
    read = read_responses(scores, weights, max_scores)
    scored = read_scored(read, read_not_attempted(not_attempted, read.pupils, read.items))
    found = moments(scored)
    most = found.greatest if max_scores is None else maxima(max_scores, read.items)
    rows = _items(scored, found, np.where(most > 0, most, np.nan), read.items)
    covariance = found.among(found.varied)
    one, reliability = one_factor(covariance), alpha(covariance)
    lower, upper = alpha_interval(reliability, _fewest(found), len(covariance), level)
    spread = total_variance(found.among(found.counted)) if found.counted.any() else np.nan
    sd = float(np.sqrt(spread)) if spread >= 0 else np.nan
    return ItemAnalysis(
        items=rows,
        alpha=reliability,
        alpha_lower=lower,
        alpha_upper=upper,
        omega=one.omega if total_variance(covariance) > 0 else np.nan,
        sem=measurement_error(spread, reliability),
        n=whole(found.n),
        mean=float(found.mean[found.counted].sum()) if found.counted.any() else np.nan,
        sd=sd,
        statements=(
            *remarks.of_treatment(scored, found, rows, greatest_seen=max_scores is None),
            *remarks.of_items(found, rows),
            *remarks.of_sum(found, rows, reliability),
            *remarks.of_factor(one, rows.index[found.varied]),
        ),
    )


def _items(scored: Scored, found: Moments, most: Floats, items: pd.Index) -> pd.DataFrame:
    n, counted, varied = np.diag(found.n_pairs), found.counted, found.varied
    covariance = found.among(counted)
    columns = {
        "n": n,
        "max": most,
        "facility": found.mean / most,
        "sd": np.sqrt(np.diag(found.covariance)),
        "item_total": _spread(item_total(covariance), counted),
        "item_rest": _spread(item_rest(covariance), counted),
        "alpha_if_deleted": np.where(counted, alpha(found.among(varied)), np.nan),
        "upper_lower": upper_lower(scored, found, most),
        "not_attempted": _not_attempted(scored, n),
    }
    columns["alpha_if_deleted"][varied] = alpha_if_deleted(found.among(varied))
    frame = pd.DataFrame(columns, index=items)
    return frame.astype({"n": "int64"}) if np.array_equal(n, n.round()) else frame


def _spread(values: Floats, places: Mask) -> Floats:
    """Return the values at their places among all items, NaN at the others."""
    whole = np.full(len(places), np.nan)
    whole[places] = values
    return whole


def _not_attempted(scored: Scored, n: Floats) -> Floats:
    if scored.not_attempted is None:
        return np.full(len(n), np.nan)
    share = np.full(len(n), np.nan)
    np.divide(scored.weights @ scored.not_attempted, n, out=share, where=n > 0)
    return share


def _fewest(found: Moments) -> float:
    """Return how many pupils were given the pair of items that fewest were given."""
    return float(found.n_pairs[np.ix_(found.varied, found.varied)].min(initial=np.inf))
