"""Pupils of two groups and their points, read once for every method of differential item functioning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.errors import MeasureError
from oko.measures.responses import Floats, read_responses
from oko.measures.weights import Weights

Groups: TypeAlias = pd.Series | Sequence[Any] | NDArray[Any]
Booleans = NDArray[np.bool_]
UNKNOWN = -1
_SMALL = 100


@dataclass(frozen=True)
class Pupils:
    """Pupils of a known group who were given some item, item by item.

    Attributes
    ----------
    points : ndarray of shape (items, pupils)
        NaN where the item was not administered.
    places : ndarray of int of shape (items, pupils)
        Place of the points among the ``values`` of the item; −1 where it was not administered.
    values : list of ndarray
        The different points that each item has, ascending.
    items : Index of length items
    most : ndarray of shape (items,)
        Greatest points of each item: given, else reached; 0 where nobody took it.
    focal : ndarray of bool of shape (pupils,)
    weights : ndarray of shape (pupils,)
        How many pupils a row stands for, above 0.
    labels : tuple of str
        Names of the reference and of the focal group.
    n : ndarray of shape (2,)
        Pupils of the reference and of the focal group.
    taken : ndarray of shape (items, 2)
        Those of them who were given the item.
    n_unknown : float
        Pupils left out because their group is not known.
    """

    points: Floats
    places: NDArray[np.int16]
    values: list[Floats]
    items: pd.Index
    most: Floats
    focal: Booleans
    weights: Floats
    labels: tuple[str, str]
    n: Floats
    taken: Floats
    n_unknown: float

    @property
    def common(self) -> Booleans:
        """Whether somebody of each group was given the item, so that pupils can be matched on it."""
        return np.asarray(self.taken.min(axis=1) > 0)


def read_pupils(
    scores: pd.DataFrame, groups: Groups, focal: object, weights: Weights, max_scores: pd.Series | None
) -> Pupils:
    """Return the pupils whose group is known, with their points.

    Raises
    ------
    MeasureError
        Points, weights or maxima are wrong (`responses.read_responses`); the groups do not stand on the index of the
        scores, are more than two, or do not say which is focal.

    Examples
    --------
    >>> pupils = read_pupils(pd.DataFrame({"1": [1, 0, 2]}), ["M", "F", None], "F", None, None)
    >>> pupils.focal.tolist(), pupils.labels, pupils.n_unknown, pupils.values[0].tolist()
    ([False, True], ('M', 'F'), 1.0, [0.0, 1.0])
    """
    read = read_responses(scores, weights, max_scores)
    codes, labels = _read_groups(groups, scores.index, focal)
    present = (read.weights > 0) & _some_item(read.points)
    known = present & (codes != UNKNOWN)
    rows = read.points if known.all() else read.points[known]
    points = np.ascontiguousarray(rows.T)
    places = np.empty(points.shape, dtype=np.int16)
    values = [_places(points[item], places[item]) for item in range(len(points))]
    if max_scores is None:
        most = np.array([found[-1] if len(found) else 0.0 for found in values])
    else:
        most = np.array([float(max_scores[item]) for item in read.items])
    group, number = codes[known], read.weights[known]
    n = np.bincount(group, number, 2).astype(np.float64)
    given = [places[item] >= 0 for item in range(len(places))]
    return Pupils(
        points=points,
        places=places,
        values=values,
        items=read.items,
        most=most,
        focal=group == 1,
        weights=number,
        labels=labels,
        n=n,
        taken=np.array([n if there.all() else np.bincount(group[there], number[there], 2) for there in given]),
        n_unknown=float(read.weights[present & (codes == UNKNOWN)].sum()),
    )


def _some_item(points: Floats) -> Booleans:
    """Say which pupils were given some item."""
    given = np.zeros(len(points), dtype=np.bool_)
    for item in points.T:
        given |= ~np.isnan(item)
        if given.all():
            break
    return given


def _places(points: Floats, places: NDArray[np.int16]) -> Floats:
    """Write the place of each pupil's points among the different ones, which are returned."""
    taken = ~np.isnan(points)
    known = points if taken.all() else points[taken]
    small = known.astype(np.uint8) if len(known) and known.max() <= _SMALL else np.zeros(0, dtype=np.uint8)
    if len(small) and np.array_equal(small, known):
        reached = np.bincount(small) > 0
        values, rank = np.flatnonzero(reached).astype(np.float64), (np.cumsum(reached) - 1).astype(np.int16)[small]
    else:
        values, rank = _rank(known)
    if len(known) == len(points):
        places[:] = rank
    else:
        places.fill(UNKNOWN)
        places[taken] = rank
    return values


def _rank(known: Floats) -> tuple[Floats, NDArray[np.int16]]:
    """Return the different values, ascending, and the place of each value among them."""
    values, found = np.unique(known, return_inverse=True)
    if len(values) > np.iinfo(np.int16).max:
        raise MeasureError(
            "An item has {found} different scores: give items with few points each, not totals.",
            found=len(values),
        )
    return values, found.astype(np.int16)


def _read_groups(groups: Groups, index: pd.Index, focal: object) -> tuple[NDArray[np.int64], tuple[str, str]]:
    """Return 1 for the focal, 0 for the reference group, −1 where it is not known; and the names of both."""
    if isinstance(groups, pd.Series) and not groups.index.equals(index):
        raise MeasureError("The index of the groups differs from that of the scores: give one group for each pupil.")
    if isinstance(groups, str) or np.ndim(groups) != 1 or len(groups) != len(index):
        raise MeasureError("The groups do not match the {rows} rows of scores: give one for each.", rows=len(index))
    codes, found = pd.factorize(pd.Series(groups).astype(object))
    if len(found) > 2:
        raise MeasureError(
            "There are {found} groups, and two can be compared: keep the pupils of two groups, or give True for one "
            "and False for all others.",
            found=len(found),
        )
    if focal is None:
        if not all(_is_code(label) for label in found):
            raise MeasureError("The groups are not coded as 1 (focal) and 0: name the focal group in focal.")
        focal = 1
    elif not pd.api.types.is_scalar(focal) or pd.Series([focal]).isna().any():
        raise MeasureError("The focal group {focal} is not a label: name one of the groups.", focal=repr(focal))
    elif len(found) == 2 and not any(label == focal for label in found):
        raise MeasureError("The focal group {focal} is not among the groups of the pupils.", focal=repr(focal))
    is_focal = np.array([int(label == focal) for label in found] + [UNKNOWN])
    names = {bool(label == focal): str(label) for label in found}
    return is_focal[codes], (names.get(False, ""), names.get(True, str(focal)))


def _is_code(label: object) -> bool:
    return isinstance(label, (bool, int, float, np.bool_, np.integer, np.floating)) and label in (0, 1)
