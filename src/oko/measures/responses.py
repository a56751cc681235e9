"""Points of pupils on tasks, read and checked once for every measure of an instrument."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.errors import MeasureError
from oko.measures.weights import Weights, as_numbers, frequency_weights

Floats = NDArray[np.float64]
GREATEST_POINTS = 1e9
_ROWS = 8192


@dataclass(frozen=True)
class Responses:
    """Points of pupils on items.

    Attributes
    ----------
    points : ndarray of shape (pupils, items)
        From 0 to the item's maximum; NaN where the item was not administered.
    items : Index of length items, named ``item``
    pupils : Index of length pupils
    weights : ndarray of shape (pupils,)
        How many pupils a row stands for.
    """

    points: Floats
    items: pd.Index
    pupils: pd.Index
    weights: Floats


def read_responses(scores: pd.DataFrame, weights: Weights = None, max_scores: pd.Series | None = None) -> Responses:
    """Return the points as one array, once they are known to be points.

    Parameters
    ----------
    scores : DataFrame, pupils × items
        Points from 0 up to 1e9; NaN where the item was not administered. Each item stands once.
    weights : str, Series, array or None
        How many pupils a row stands for; the name of a column of ``scores`` that is then not an item.
    max_scores : Series, optional
        Greatest points of each item, its index holds the items.

    Raises
    ------
    MeasureError
        There is no table, no item or no pupil, an item stands twice, points are not numbers, negative, infinite or
        above their maximum, an item has no maximum, or the weights are wrong.

    Examples
    --------
    >>> read = read_responses(pd.DataFrame({"1": [1, 0], "2": [2.0, None]}))
    >>> read.points.tolist(), read.items.tolist(), read.weights.tolist()
    ([[1.0, 2.0], [0.0, nan]], ['1', '2'], [1.0, 1.0])
    """
    if not isinstance(scores, pd.DataFrame):
        raise MeasureError("The points are no table: give a DataFrame of pupils × items.")
    if scores.columns.nlevels > 1:
        raise MeasureError("The table's columns have names of several parts: give each item one name.")
    if not scores.columns.is_unique:
        twice = scores.columns[scores.columns.duplicated()][0]
        raise MeasureError("Item {item} stands twice in the table: give each item once.", item=repr(twice))
    pupils = frequency_weights(scores, weights)
    table = scores.drop(columns=weights) if isinstance(weights, str) else scores
    if table.shape[1] == 0:
        raise MeasureError("There is no item: give a table of pupils × items.")
    if len(table) == 0 or not pupils.any():
        raise MeasureError("There is no pupil: give at least one row of points with a weight above 0.")
    points = _as_array(table)
    _check_bounds(points, table.columns, max_scores)
    return Responses(points, table.columns.rename("item"), table.index, pupils)


def _as_array(table: pd.DataFrame) -> Floats:
    kinds = set(table.dtypes)
    if len(kinds) == 1 and isinstance(next(iter(kinds)), np.dtype) and next(iter(kinds)).kind in "biuf":
        return table.to_numpy(dtype=np.float64)
    return np.column_stack([as_numbers(table[item], str(item)) for item in table])


def _check_bounds(points: Floats, items: pd.Index, max_scores: pd.Series | None) -> None:
    most = np.full(len(items), GREATEST_POINTS)
    if max_scores is not None:
        most = maxima(max_scores, items)
    for start in range(0, len(points), _ROWS):
        block = points[start : start + _ROWS]
        wrong = (block < 0) | (block > most)
        if wrong.any():
            row, column = (int(place) for place in np.argwhere(wrong)[0])
            known = None if max_scores is None else float(most[column])
            raise _out_of_bounds(items[column], float(block[row, column]), start + row + 1, known)


def _out_of_bounds(item: object, points: float, row: int, most: float | None) -> MeasureError:
    if points < 0 or most is None:
        return MeasureError(
            "Item {item} has {points} points in row {row}: points are numbers from 0 up; correct the score, or leave "
            "the cell empty where the task was not given.",
            item=repr(item),
            points=points,
            row=row,
        )
    return MeasureError(
        "Item {item} has {points} points in row {row}, outside 0 to {most}: correct the score or the maximum.",
        item=repr(item),
        points=points,
        row=row,
        most=most,
    )


def maxima(max_scores: pd.Series, items: pd.Index) -> Floats:
    """Return the greatest points of each item.

    Parameters
    ----------
    max_scores : Series
        Its index holds the items, and may hold more.
    items : Index

    Raises
    ------
    MeasureError
        An item has no maximum, has two, or its maximum is not above 0.

    Examples
    --------
    >>> maxima(pd.Series({"1": 1, "2": 3}), pd.Index(["2"]))
    array([3.])
    """
    known = pd.Series(max_scores)
    if known.index.is_unique and pd.api.types.is_numeric_dtype(known):
        most = as_numbers(known.reindex(items), "max_scores")
        if (np.isfinite(most) & (most > 0)).all():
            return most
    return np.array([_maximum(known, item) for item in items], dtype=np.float64)


def _maximum(max_scores: pd.Series, item: object) -> float:
    most = as_numbers(max_scores[max_scores.index == item], "max_scores")
    if len(most) != 1 or not np.isfinite(most[0]) or most[0] <= 0:
        raise MeasureError("Item {item} has no greatest score above 0: give one in max_scores.", item=repr(item))
    return float(most[0])
