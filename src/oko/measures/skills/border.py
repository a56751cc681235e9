"""Which pupils lie beyond a border with high probability, the error of measurement allowed for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from oko.errors import MeasureError
from oko.measures.items.reliability import alpha, measurement_error
from oko.measures.responses import Floats, maxima, read_responses
from oko.measures.skills.correlation import FEWEST_PUPILS, LEAST_ALPHA
from oko.measures.skills.results import FEWEST_ITEMS
from oko.measures.statement import Statement

LEVELS = ["school", "class", "pupil"]
_COLUMNS = ["score", "estimate", "se", "probability"]


@dataclass(frozen=True)
class Beyond:
    """Pupils and a border.

    Attributes
    ----------
    pupils : DataFrame, on the index of the pupils who were given all tasks
        ``score``, share of the points (0 to 1); ``estimate`` of the share free of error, and its ``se``;
        ``probability`` that this share lies below the border, or above it. Without rows where nothing can be said.
    border : float
        Share of the points.
    alpha, sem : float
        Of the shares.
    n_items : int
    statements : tuple of Statement
    """

    pupils: pd.DataFrame
    border: float
    alpha: float
    sem: float
    n_items: int
    statements: tuple[Statement, ...] = ()


def beyond_border(
    scores: pd.DataFrame, max_scores: pd.Series, side: str, border: float | None = None, share: float | None = None
) -> Beyond:
    r"""Return how probable it is that a pupil's share of points, free of error, lies beyond a border.

    Parameters
    ----------
    scores : DataFrame, pupils × items
        Points; pupils who lack one are left out.
    max_scores : Series
        Greatest points, on the items.
    side : {"below", "above"}
    border : float, optional
        A share of the points.
    share : float, optional
        Instead of it: the border below (above) which this share of the pupils lies.

    Returns
    -------
    Beyond

    Raises
    ------
    MeasureError
        Neither or both of border and share are given, or they do not lie between 0 and 1; the side or points are wrong.

    Notes
    -----
    Kelley's regressed estimate :math:`\hat τ = \bar x + α (x - \bar x)` with the error of estimation
    :math:`s \sqrt{α (1 - α)}` (Kelley 1927; Lord & Novick 1968, Statistical Theories of Mental Test Scores, 3.7), and
    the normal distribution. The border of the lower share p is :math:`\bar x + s \sqrt{α} z_p`. The error is that of
    an average pupil; at the ends of the scale the normal distribution is rough. Nothing is given under three tasks, 30
    pupils or alpha 0.2.

    Examples
    --------
    >>> rng = np.random.default_rng(2)
    >>> ability = rng.normal(size=(300, 1))
    >>> points = pd.DataFrame((rng.normal(size=(300, 6)) < ability).astype(int), columns=list("abcdef"))
    >>> found = beyond_border(points, pd.Series(1, list("abcdef")), "below", border=0.5)
    >>> found.pupils.groupby("score")["probability"].first().round(2).iloc[[0, 3, 6]].tolist()
    [1.0, 0.51, 0.0]
    """
    given = border if share is None else share
    if side not in ("below", "above") or (border is None) == (share is None) or given is None or not 0 < given < 1:
        raise MeasureError("A side, below or above, and a border or a share between 0 and 1 are needed.")
    read = read_responses(scores.set_axis(scores.columns.map(str), axis=1), None, _named(max_scores))
    most = maxima(_named(max_scores), read.items)
    whole = ~np.isnan(read.points).any(axis=1)
    points, kept, n_items = read.points[whole], scores[whole].index, len(read.items)
    if said := _too_little(n_items, len(points)):
        return Beyond(_frame(np.empty((0, 4)), kept[:0]), np.nan, np.nan, np.nan, n_items, said)
    covariance = np.atleast_2d(np.cov(points, rowvar=False))
    varied = np.diag(covariance) > 0
    reliability, variance = alpha(covariance[np.ix_(varied, varied)]), float(covariance.sum()) / most.sum() ** 2
    if not LEAST_ALPHA <= reliability < 1:
        unsure = (Statement("skills_correlation_unreliable", {"alpha": reliability, "needed": LEAST_ALPHA}),)
        return Beyond(_frame(np.empty((0, 4)), kept[:0]), np.nan, reliability, np.nan, n_items, unsure)
    reached, spread, sign = points.sum(axis=1) / most.sum(), float(np.sqrt(variance)), 1 if side == "below" else -1
    mean = float(reached.mean())
    line = float(given) if share is None else mean + sign * spread * float(np.sqrt(reliability) * ndtri(share))
    estimate, error = mean + reliability * (reached - mean), spread * np.sqrt(reliability * (1 - reliability))
    table = np.column_stack([reached, estimate, np.full(len(reached), error), ndtr(sign * (line - estimate) / error)])
    return Beyond(_frame(table, kept), line, reliability, measurement_error(variance, reliability), n_items)


def _named(max_scores: pd.Series) -> pd.Series:
    return max_scores.set_axis(max_scores.index.map(str))


def _frame(table: Floats, index: pd.Index) -> pd.DataFrame:
    return pd.DataFrame(table, index, _COLUMNS)


def _too_little(n_items: int, n: int) -> tuple[Statement, ...]:
    if n_items < FEWEST_ITEMS:
        return (Statement("skills_correlation_few_items", {"n_items": n_items, "needed": FEWEST_ITEMS}),)
    if n < FEWEST_PUPILS:
        return (Statement("skills_correlation_few_pupils", {"n": n, "needed": FEWEST_PUPILS}),)
    return ()


def joined(points: Mapping[str, pd.DataFrame], tasks: pd.DataFrame) -> pd.DataFrame:
    """Put tasks of several works side by side, pupil by pupil.

    Parameters
    ----------
    points : mapping of assessment to DataFrame
        Index school, class, pupil.
    tasks : DataFrame
        assessment, item.

    Returns
    -------
    DataFrame, index school, class, pupil
        Columns such as "vpr-physics-7-spring-2021 4"; NaN where a pupil did not take a work. A pupil who changed the
        class stands in the one of the last work.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("1", "7А", "a")], names=["school", "class", "pupil"])
    >>> joined({"w": pd.DataFrame({"1": [2.0], "2": [1.0]}, index)}, pd.DataFrame({"assessment": ["w"], "item": ["2"]}))
    ...                                                                     # doctest: +NORMALIZE_WHITESPACE
                         w 2
    school class pupil
    1      7А    a       1.0
    """
    tables = []
    for name, rows in tasks[tasks["assessment"].isin(list(points))].groupby("assessment", sort=True):
        table = points[str(name)]
        tables.append(table[[item for item in dict.fromkeys(rows["item"]) if item in table]].add_prefix(f"{name} "))
    if not tables:
        return pd.DataFrame(index=pd.MultiIndex.from_arrays([[], [], []], names=LEVELS))
    if len(tables) == 1:
        return tables[0].reorder_levels(LEVELS).sort_index()
    parts = [table.droplevel("class") for table in tables]
    classes = [table.index.get_level_values("class") for table in tables]
    wide = pd.concat(parts, axis=1)
    last = pd.concat([pd.Series(own, part.index) for own, part in zip(classes, parts, strict=True)])
    last = last[~last.index.duplicated(keep="last")].reindex(wide.index)
    levels = {"class": last, **{level: wide.index.get_level_values(level) for level in ("school", "pupil")}}
    return wide.set_axis(pd.MultiIndex.from_arrays([levels[level] for level in LEVELS], names=LEVELS)).sort_index()
