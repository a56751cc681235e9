"""Pupils of two groups matched on what they earned: a table of counts for each item."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.measures.dif.pupils import Booleans, Pupils
from oko.measures.responses import Floats

SMALL_BOOKLET = 30
_DIGITS = 9
_POOLED = 0


@dataclass(frozen=True)
class Table:
    """Counts of pupils by matching score, group and points on one item.

    Attributes
    ----------
    score : ndarray of shape (strata,)
        Matching score, in points of the whole work.
    booklet : ndarray of int of shape (strata,)
        Which set of items the pupils of the stratum were given; 0 for the sets of few pupils, taken together.
    counts : ndarray of shape (strata, 2, categories)
        Pupils, reference before focal.
    values : ndarray of shape (categories,)
        Points of each category, ascending.
    """

    score: Floats
    booklet: NDArray[np.int64]
    counts: Floats
    values: Floats


@dataclass(frozen=True)
class Booklets:
    """Sets of items that pupils were given.

    Attributes
    ----------
    code : ndarray of int of shape (pupils,)
        From 1 up; 0 for sets given to fewer than ``SMALL_BOOKLET`` pupils.
    available : ndarray of shape (pupils,)
        Points that the pupil's set is worth.
    n, n_small : int
        Sets in all; sets of few pupils.
    """

    code: NDArray[np.int64]
    available: Floats
    n: int
    n_small: int


def tables(pupils: Pupils, anchor: Booleans) -> Iterator[Table]:
    """Yield the table of each item, pupils being matched on the items of the anchor and the studied one.

    Parameters
    ----------
    pupils : Pupils
    anchor : ndarray of bool of shape (items,)

    Notes
    -----
    The matching score is the total over the anchor and the studied item. Where pupils were given different sets of
    items, only pupils of one set are compared: a stratum is a set and a total. Sets given to fewer than
    ``SMALL_BOOKLET`` pupils are taken together, and matched on the share of the points available to them.
    """
    booklets = read_booklets(pupils, anchor)
    total = np.zeros(len(pupils.focal))
    for place in np.flatnonzero(anchor):
        total += np.nan_to_num(pupils.points[place])
    whole = float(pupils.most[anchor].sum())
    common = _strata(pupils, total, booklets, booklets.available, whole)
    for item, inside in enumerate(anchor):
        if inside:
            yield _count(pupils, item, common)
        else:
            points, most = np.nan_to_num(pupils.points[item]), float(pupils.most[item])
            strata = _strata(pupils, total + points, booklets, booklets.available + most, whole + most)
            yield _count(pupils, item, strata)


def read_booklets(pupils: Pupils, anchor: Booleans) -> Booklets:
    """Return which set of the anchor's items each pupil was given."""
    n_pupils = len(pupils.focal)
    if np.array_equal(pupils.taken[anchor], np.broadcast_to(pupils.n, (anchor.sum(), 2))):
        available = np.full(n_pupils, float(pupils.most[anchor].sum()))
        return Booklets(np.ones(n_pupils, dtype=np.int64), available, 1, 0)
    given = pupils.places[anchor] >= 0
    packed = np.ascontiguousarray(np.packbits(given, axis=0).T)
    _, code = np.unique(packed.view(f"V{packed.shape[1]}").ravel(), return_inverse=True)
    small = np.bincount(code, pupils.weights) < SMALL_BOOKLET
    renumbered = np.where(small, _POOLED, np.cumsum(~small))
    return Booklets(renumbered[code].astype(np.int64), pupils.most[anchor] @ given, len(small), int(small.sum()))


@dataclass(frozen=True)
class _Strata:
    """The row of each pupil in tables of strata and groups, and the score and the booklet of each stratum."""

    row: NDArray[np.int64]
    score: Floats
    booklet: NDArray[np.int64]


def _strata(pupils: Pupils, total: Floats, booklets: Booklets, available: Floats, whole: float) -> _Strata:
    score = total
    if booklets.n > 1:
        score = np.divide(total * whole, available, out=np.zeros_like(total), where=available > 0)
    found, scores = pd.factorize(np.round(score, _DIGITS), sort=True)
    n_scores = max(len(scores), 1)
    stratum, keys = pd.factorize(booklets.code * n_scores + found, sort=True)
    return _Strata(2 * stratum + pupils.focal, np.asarray(scores)[keys % n_scores], keys // n_scores)


def _count(pupils: Pupils, item: int, strata: _Strata) -> Table:
    n_values = len(pupils.values[item])
    cell, weights = strata.row * n_values + pupils.places[item], pupils.weights
    taken = pupils.places[item] >= 0
    if not taken.all():
        cell, weights = cell[taken], weights[taken]
    counts = np.bincount(cell, weights, 2 * n_values * len(strata.score)).reshape(len(strata.score), 2, n_values)
    present = counts.sum(axis=(1, 2)) > 0
    return Table(strata.score[present], strata.booklet[present], counts[present], pupils.values[item])
