"""Pupils with the same answers are one pattern that stands for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.measures.responses import Floats, Responses
from oko.measures.weights import Codes, sum_by

BLOCK = 4_096
_WIDEST_KEY = 2**62
_MOST_POINTS = 1_000
_DIGITS = 9


@dataclass(frozen=True)
class Patterns:
    """Distinct rows of answers, those with the same tasks administered beside one another.

    Attributes
    ----------
    categories : ndarray of int16, shape (patterns, items)
        Number of the category that was reached, from 0; −1 where the item was not administered.
    weights : ndarray of shape (patterns,)
        How many pupils have the pattern.
    group : ndarray of shape (patterns,)
        Number of the pattern's set of administered items, ascending.
    administered : ndarray of bool, shape (groups, items)
        The sets of administered items.
    of_pupil : ndarray of shape (pupils,)
        The pattern of each pupil; −1 for one without weight or without any item.
    """

    categories: NDArray[np.int16]
    weights: Floats
    group: Codes
    administered: NDArray[np.bool_]
    of_pupil: Codes


def levels_of(responses: Responses) -> tuple[Floats, ...]:
    """Return for each item the points that pupils reached, ascending: its score categories.

    Examples
    --------
    >>> from oko.measures.responses import read_responses
    >>> levels_of(read_responses(pd.DataFrame({"1": [0, 1, 1], "2": [2, 0, None]})))
    (array([0., 1.]), array([0., 2.]))
    """
    counted = responses.weights > 0
    every = bool(counted.all())
    return tuple(_reached(column if every else column[counted]) for column in responses.points.T)


def _reached(points: Floats) -> Floats:
    whole = _as_whole(points)
    if whole is None:
        return np.unique(np.round(points[~np.isnan(points)], _DIGITS))
    return np.flatnonzero(np.bincount(whole + 1)[1:]).astype(np.float64)


def _as_whole(points: Floats) -> Codes | None:
    """Return points as whole numbers, −1 where missing, or None where they are not small whole numbers."""
    missing = np.isnan(points)
    filled = np.where(missing, -1.0, points) if missing.any() else points
    if len(filled) == 0 or filled.max() > _MOST_POINTS:
        return None
    whole = filled.astype(np.int64)
    return whole if np.array_equal(whole, filled) else None


def categorise(points: Floats, levels: Floats) -> NDArray[np.int16]:
    """Return the category of each number of points: its place among the levels, −1 where it is missing.

    Points between two levels count as the lower one, as where an earlier sample had no pupil with them.
    """
    if len(levels) == 0:
        return np.full(len(points), -1, dtype=np.int16)
    whole = _as_whole(points)
    if whole is None:
        found = np.clip(np.searchsorted(levels, np.round(points, _DIGITS), side="right") - 1, 0, None)
        return np.where(np.isnan(points), -1, found).astype(np.int16)
    most = max(int(whole.max()), 0)
    table = np.clip(np.searchsorted(levels, np.arange(most + 1.0), side="right") - 1, 0, None)
    return np.concatenate([[-1], table]).astype(np.int16)[whole + 1]


def collapse(responses: Responses, levels: Sequence[Floats]) -> Patterns:
    """Return the distinct patterns of categories with the pupils behind each.

    Examples
    --------
    >>> from oko.measures.responses import read_responses
    >>> read = read_responses(pd.DataFrame({"1": [0, 1, 1], "2": [0, 2, 2]}))
    >>> patterns = collapse(read, levels_of(read))
    >>> patterns.categories.tolist(), patterns.weights.tolist(), patterns.of_pupil.tolist()
    ([[0, 0], [1, 1]], [1.0, 2.0], [0, 1, 1])
    """
    columns = [categorise(points, level) for points, level in zip(responses.points.T, levels, strict=True)]
    answered = np.zeros(len(responses.weights), dtype=bool)
    for column in columns:
        answered |= column >= 0
    rows = np.flatnonzero(answered & (responses.weights > 0))
    if len(rows) < len(answered):
        columns = [column[rows] for column in columns]
    sets = _distinct([(column >= 0).astype(np.int16) - 1 for column in columns], [1] * len(columns))
    pattern = _distinct([sets.astype(np.int64), *columns], [int(sets.max(initial=-1)) + 1, *map(len, levels)])
    n = int(pattern.max(initial=-1)) + 1
    first = np.zeros(n, dtype=np.int64)
    first[pattern[::-1]] = np.arange(len(rows))[::-1]
    of_pupil = np.full(len(answered), -1, dtype=np.int64)
    of_pupil[rows] = pattern
    categories = np.column_stack([column[first] for column in columns])
    group = sets[first]
    _, members = np.unique(group, return_index=True)
    return Patterns(
        categories=categories,
        weights=sum_by(pattern, responses.weights[rows], n),
        group=group,
        administered=categories[members] >= 0,
        of_pupil=of_pupil,
    )


def _distinct(columns: Sequence[NDArray[np.integer]], sizes: Sequence[int]) -> Codes:
    """Return each row's number among the distinct rows in ascending order; column k holds −1 to sizes[k] − 1."""
    key = np.zeros(len(columns[0]), dtype=np.int64)
    width = 1
    for column, size in zip(columns, sizes, strict=True):
        if width > _WIDEST_KEY // (size + 1):
            key = _numbered(key)
            width = int(key.max(initial=0)) + 1
        key = key * (size + 1) + (column + 1)
        width *= size + 1
    return _numbered(key)


def _numbered(key: Codes) -> Codes:
    return pd.factorize(key, sort=True)[0].astype(np.int64)


def blocks(n: int, size: int = BLOCK) -> Iterator[slice]:
    """Yield slices that cover n rows."""
    return (slice(first, min(first + size, n)) for first in range(0, n, size))
