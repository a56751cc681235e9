"""What pupils of several schools earned on the tasks of several works, read once for every profile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.errors import MeasureError
from oko.measures.responses import Floats, maxima, read_responses

LEVELS = ("school", "class", "pupil")
_HALF = 0.5


@dataclass(frozen=True)
class SchoolWork:
    """One school's pupils on one work.

    Attributes
    ----------
    items : Index of length items
    n : ndarray of shape (items,)
        Pupils who were given the item.
    facility : ndarray of shape (items,)
        Share of the points that they earned; NaN where nobody was given the item.
    logits : ndarray of shape (items,)
        Empirical logit of the facility.
    influence : ndarray of shape (pupils, items)
        What a pupil adds to the logit; sums to 0 over pupils.
    varied : ndarray of bool of shape (items,)
        Pupils' points differ.
    given : ndarray of bool of shape (pupils, items)
        The pupil was given the item.
    classes, pupils : ndarray of shape (pupils,)
        Labels of each row.
    """

    items: pd.Index
    n: Floats
    facility: Floats
    logits: Floats
    influence: Floats
    varied: NDArray[np.bool_]
    given: NDArray[np.bool_]
    classes: NDArray[np.object_]
    pupils: NDArray[np.object_]

    @cached_property
    def places(self) -> dict[str, int]:
        return {str(item): place for place, item in enumerate(self.items)}

    def spread(self, weights: pd.Series) -> Floats:
        """Return the weights of items put on all items of the work, 0 on the others."""
        shares = np.zeros(len(self.items))
        for item, weight in zip(weights.index, weights.to_numpy(), strict=True):
            if item in self.places:
                shares[self.places[item]] = weight
        return shares


Works = dict[str, dict[str, SchoolWork]]


def empirical_logit(facility: Floats, n: Floats) -> Floats:
    r"""Return the logit of a facility with half a pupil added on both sides.

    Notes
    -----
    :math:`\ln\frac{nf + 1/2}{n(1 - f) + 1/2}`, finite for 0 and 1 and nearly unbiased (Haldane 1956; Anscombe 1956;
    from memory).

    Examples
    --------
    >>> empirical_logit(np.array([0.5, 1.0]), np.array([9.0, 1.0])).round(4).tolist()
    [0.0, 1.0986]
    """
    logits: Floats = np.log((n * facility + _HALF) / (n * (1 - facility) + _HALF))
    return logits


def read_works(points: Mapping[str, pd.DataFrame], max_scores: pd.DataFrame) -> Works:
    """Return each school's pupils on each work: work → school → numbers.

    Parameters
    ----------
    points : mapping of assessment to DataFrame, pupils × items
        Index ``school``, ``class``, ``pupil``; NaN where the item was not administered.
    max_scores : DataFrame
        Columns ``assessment``, ``item``, ``max_score``.

    Raises
    ------
    MeasureError
        There is no work, an index or column is missing, a pupil has no school or stands twice, or points or maxima are
        wrong.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("1", "7А", "a"), ("1", "7А", "b")], names=["school", "class", "pupil"])
    >>> most = pd.DataFrame({"assessment": "w", "item": ["1"], "max_score": [2]})
    >>> read_works({"w": pd.DataFrame({"1": [2, 1]}, index)}, most)["w"]["1"].facility.tolist()
    [0.75]
    """
    if not isinstance(points, Mapping) or not points:
        raise MeasureError("There is no work: give a mapping of assessments to tables of pupils × items.")
    need(max_scores, ("assessment", "item", "max_score"), "max_scores")
    return {str(name): _read_work(str(name), table, max_scores) for name, table in points.items()}


def need(frame: pd.DataFrame, columns: tuple[str, ...], name: str) -> None:
    """Refuse what is no table or lacks a column.

    Raises
    ------
    MeasureError
    """
    if not isinstance(frame, pd.DataFrame):
        raise MeasureError(
            "{name} is no table: give a DataFrame with {columns}.", name=name, columns=", ".join(columns)
        )
    missing = [column for column in columns if column not in frame]
    if missing:
        raise MeasureError(
            "Table {name} lacks the column {column}: it needs {columns}.",
            name=name, column=repr(missing[0]), columns=", ".join(columns),
        )  # fmt: skip


def _read_work(name: str, table: pd.DataFrame, max_scores: pd.DataFrame) -> dict[str, SchoolWork]:
    if isinstance(table, pd.DataFrame) and not set(LEVELS) <= set(table.index.names):
        raise MeasureError("Points of {assessment} need an index of school, class and pupil.", assessment=name)
    own = max_scores[max_scores["assessment"].astype(str) == name]
    most = pd.Series(own["max_score"].to_numpy(), own["item"].astype(str))
    if isinstance(table, pd.DataFrame):
        table = table.set_axis(table.columns.map(str), axis=1)
        if len(table) == 0:
            return {}
    read = read_responses(table, None, most)
    shares = read.points / maxima(most, read.items)
    labels = {level: table.index.get_level_values(level) for level in LEVELS}
    if labels["school"].isna().any() or labels["pupil"].isna().any():
        raise MeasureError("A row of {assessment} has no school or no pupil: fill the index in.", assessment=name)
    if pd.MultiIndex.from_arrays([labels["school"], labels["pupil"]]).has_duplicates:
        raise MeasureError("A pupil stands twice in {assessment}: give each pupil of a school once.", assessment=name)
    schools, classes, pupils = (labels[level].astype(str).to_numpy(dtype=object) for level in LEVELS)
    return {
        school: _school_work(read.items, shares[here], classes[here], pupils[here])
        for school, here in ((each, schools == each) for each in sorted(set(schools)))
    }


def _school_work(
    items: pd.Index, shares: Floats, classes: NDArray[np.object_], pupils: NDArray[np.object_]
) -> SchoolWork:
    given = ~np.isnan(shares)
    n = given.sum(axis=0).astype(float)
    facility = np.divide(np.where(given, shares, 0).sum(axis=0), n, out=np.full(len(n), np.nan), where=n > 0)
    smooth = (n * facility + _HALF) / (n + 2 * _HALF)
    influence = np.where(given, shares - facility, 0.0) / np.where(n > 0, (n + 1) * smooth * (1 - smooth), 1.0)
    varied = np.nanmax(np.where(given, shares, -1), axis=0) > np.nanmin(np.where(given, shares, 2), axis=0)
    logits = empirical_logit(facility, n)
    return SchoolWork(items, n, facility, logits, influence, varied & (n > 1), given, classes, pupils)
