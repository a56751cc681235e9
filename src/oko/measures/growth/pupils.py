"""Scores of pupils, read and collapsed to the combinations that occur."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.errors import MeasureError
from oko.measures.growth.splines import Spline
from oko.measures.intervals import Floats
from oko.measures.statement import Statement, whole
from oko.measures.weights import Codes, Weights, as_codes, as_numbers, frequency_weights

Scores = pd.DataFrame | pd.Series


@dataclass(frozen=True)
class Pupils:
    """Earlier and present scores in the order of the present ones.

    Attributes
    ----------
    index : Index
    names : tuple of str
        Of the earlier scores.
    prior : ndarray of shape (pupils, earlier scores)
    current : ndarray of shape (pupils,)
    weights : ndarray of shape (pupils,)
    """

    index: pd.Index
    names: tuple[str, ...]
    prior: Floats
    current: Floats
    weights: Floats

    @property
    def complete(self) -> NDArray[np.bool_]:
        """Which pupils have all scores."""
        return np.asarray(np.isfinite(self.current) & np.isfinite(self.prior).all(axis=1))


@dataclass(frozen=True)
class Cells:
    """Combinations of scores that occur, in sorted order, and the pupils in each.

    Attributes
    ----------
    prior : ndarray of shape (rows, earlier scores)
        Different combinations of earlier scores.
    row : ndarray of int of shape (cells,)
        Row of ``prior`` of each cell.
    current : ndarray of shape (cells,)
    weights : ndarray of shape (cells,)
    cell : ndarray of int of shape (pupils,)
        Cell of each pupil used.
    """

    prior: Floats
    row: Codes
    current: Floats
    weights: Floats
    cell: Codes


def read_pupils(prior: Scores, current: pd.Series, weights: Weights = None) -> Pupils:
    """Read scores; pupils without a row of earlier scores have none.

    Raises
    ------
    MeasureError
        The indexes cannot be matched, a name stands twice, a score is not numeric or is infinite, or weights are wrong.
    """
    if not isinstance(prior, (pd.DataFrame, pd.Series)) or not isinstance(current, pd.Series):
        raise MeasureError("Scores come as a Series or a DataFrame whose index names the pupils.")
    earlier = prior.to_frame("prior" if prior.name is None else prior.name) if isinstance(prior, pd.Series) else prior
    names = tuple(str(name) for name in earlier.columns)
    if not names or len(set(names)) < len(names):
        raise MeasureError("Each earlier score needs a column of its own with a name of its own.")
    pupils = frequency_weights(current.to_frame("current"), weights)
    earlier = _matched(earlier, current)
    present = "current" if current.name is None else str(current.name)
    columns = [_numbers(earlier.iloc[:, at], name) for at, name in enumerate(names)]
    scores = _numbers(current, present)
    for name, column in [*zip(names, columns, strict=True), (present, scores)]:
        if np.isinf(column).any():
            raise MeasureError("Score {column} is infinite: leave the cell empty where there is none.", column=name)
    return Pupils(current.index, names, np.column_stack(columns), scores, pupils)


def _numbers(values: pd.Series, name: str) -> Floats:
    # an empty column has no numbers by which it could be told from text
    return as_numbers(values, name) if len(values) else np.zeros(0)


def _matched(earlier: pd.DataFrame, current: pd.Series) -> pd.DataFrame:
    if earlier.index.equals(current.index):
        return earlier
    if earlier.index.has_duplicates or current.index.has_duplicates:
        raise MeasureError(
            "Earlier and present scores have different indexes in which pupils stand twice: give one row a pupil."
        )
    if len(current) and not current.index.isin(earlier.index).any():
        raise MeasureError("No pupil has both an earlier and a present score: check the indexes.")
    return earlier.reindex(current.index)


def usable(pupils: Pupils, splines: Sequence[Spline]) -> tuple[NDArray[np.bool_], tuple[Statement, ...]]:
    """Return which pupils have all scores within the boundaries, and say how many have not."""
    known = pupils.complete
    said = []
    missing = float(pupils.weights[~known].sum())
    if missing:
        said.append(Statement("growth_missing_scores", {"n": whole(missing), "of": whole(float(pupils.weights.sum()))}))
    inside = known.copy()
    for at, spline in enumerate(splines):
        outside = known & ~spline.inside(pupils.prior[:, at])
        beyond = float(pupils.weights[outside].sum())
        if beyond:
            low, high = spline.boundaries
            values = {"n": whole(beyond), "score": spline.name, "lower": low, "upper": high}
            said.append(Statement("growth_outside_boundaries", values))
        inside &= ~outside
    return inside, tuple(said)


def collapse(pupils: Pupils, used: NDArray[np.bool_]) -> Cells:
    """Return the combinations of scores of the pupils used."""
    rows, labels = _combined([pupils.prior[used, at] for at in range(pupils.prior.shape[1])])
    values, levels = as_codes(pd.Series(pupils.current[used]))
    cells, found = as_codes(pd.Series(rows * max(len(levels), 1) + values))
    keys = found.to_numpy(dtype=np.int64)
    return Cells(
        prior=labels,
        row=keys // max(len(levels), 1),
        current=levels.to_numpy(dtype=np.float64)[keys % max(len(levels), 1)],
        weights=np.bincount(cells, pupils.weights[used], len(keys)).astype(np.float64),
        cell=cells,
    )


def _combined(columns: Sequence[Floats]) -> tuple[Codes, Floats]:
    """Return for each row the number of its combination, and the different combinations in sorted order."""
    codes, found = np.zeros(len(columns[0]), dtype=np.int64), np.zeros((1, 0))
    for column in columns:
        values, levels = as_codes(pd.Series(column))
        codes, keys = as_codes(pd.Series(codes * max(len(levels), 1) + values))
        before, now = np.divmod(keys.to_numpy(dtype=np.int64), max(len(levels), 1))
        found = np.column_stack([found[before], levels.to_numpy(dtype=np.float64)[now]])
    return codes, found
