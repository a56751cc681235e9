"""S-X²: how pupils with the same total do on an item, against what the model expects of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from oko.measures.irt.calibration import Calibration
from oko.measures.irt.patterns import Patterns
from oko.measures.irt.polynomials import rests
from oko.measures.irt.posterior import Grid
from oko.measures.responses import Floats
from oko.measures.weights import Codes, sum_by

LEAST_EXPECTED = 1.0
FEWEST_OF_SET = 100
_SLACK = 1e-9


@dataclass(frozen=True)
class ScoreFit:
    """S-X² of each item.

    Attributes
    ----------
    s_x2 : ndarray of shape (items,)
        NaN where no total can be compared.
    cells : ndarray of shape (items,)
        Independent cells that were compared; less the item's parameters they are the degrees of freedom.
    n : float
        Pupils in the sets of items that were used.
    sets : int
        Sets of items that were used.
    """

    s_x2: Floats
    cells: Floats
    n: float
    sets: int


def score_fit(calibration: Calibration, patterns: Patterns, grid: Grid) -> ScoreFit:
    """Return S-X² of each item, summed over the sets of administered items that enough pupils were given.

    Notes
    -----
    Pupils with different sets of items are compared apart, since only the same items make the same total: every set
    with at least 100 pupils, or else the largest one.
    """
    n = len(calibration.items)
    sizes = sum_by(patterns.group, patterns.weights, len(patterns.administered))
    used = sizes >= FEWEST_OF_SET if (sizes >= FEWEST_OF_SET).any() else sizes == sizes.max(initial=0.0)
    used &= patterns.administered.sum(axis=1) > 1
    squares, cells = np.zeros(n), np.zeros(n)
    prior = np.exp(grid.log_prior)
    for group in np.flatnonzero(used):
        members = patterns.group == group
        places = np.flatnonzero(patterns.administered[group])
        of_set = score_tables(calibration, places, patterns.categories[members], patterns.weights[members], grid, prior)
        for place, (observed, expected) in zip(places, of_set, strict=True):
            found, free = compared(observed, expected)
            squares[place] += found
            cells[place] += free
    return ScoreFit(np.where(cells > 0, squares, np.nan), cells, float(sizes[used].sum()), int(used.sum()))


def score_tables(
    calibration: Calibration,
    places: Codes,
    categories: np.ndarray[tuple[int, ...], np.dtype[np.int16]],
    weights: Floats,
    grid: Grid,
    prior: Floats,
) -> Iterator[tuple[Floats, Floats]]:
    """Yield for each item the observed and expected pupils, totals × categories; totals count categories."""
    sizes = np.isfinite(calibration.steps[places]).sum(axis=1) + 1
    curves = [grid.curves.probabilities[place, :, :size] for place, size in zip(places, sizes, strict=True)]
    totals = categories[:, places].sum(axis=1, dtype=np.int64)
    most = int((sizes - 1).sum())
    pupils = sum_by(totals, weights, most + 1)
    for place, size, curve, rest in zip(places, sizes, curves, rests(curves, np.ones((len(prior), 1))), strict=True):
        observed = sum_by(totals * size + categories[:, place], weights, (most + 1) * size)
        expected = np.zeros((most + 1, size))
        for category in range(size):
            expected[category : category + rest.shape[1], category] = (prior * curve[:, category]) @ rest
        expected *= (pupils / np.maximum(expected.sum(axis=1), 1e-300))[:, None]
        yield observed.reshape(-1, size), expected


def compared(observed: Floats, expected: Floats) -> tuple[float, int]:
    """Return the sum of squares and the number of independent cells of one item, sparse cells merged."""
    size = expected.shape[1]
    observed, expected = _whole_rows(observed, expected)
    there = observed.sum(axis=1) > 0
    observed, expected = observed[there], expected[there]
    if size == 2:
        observed, expected = _merge_totals(*_merge_single(observed, expected))
        rows = [(observed[row], expected[row]) for row in range(len(expected)) if expected[row].min() >= _least()]
    else:
        rows = [_merge_categories(list(o), list(e)) for o, e in zip(observed, expected, strict=True)]
    squares = sum(float(((o - e) ** 2 / e).sum()) for o, e in rows)
    return squares, sum(len(e) - 1 for _, e in rows)


def _least() -> float:
    return LEAST_EXPECTED * (1 - _SLACK)


def _whole_rows(observed: Floats, expected: Floats) -> tuple[Floats, Floats]:
    """Leave out no points and all points, which are certain; add totals where some category cannot be to the next."""
    size = expected.shape[1]
    low, high = size - 1, len(expected) - size
    if low > high:
        return observed[:0], expected[:0]
    tables = []
    for table in (observed, expected):
        whole = table[low : high + 1].copy()
        whole[0] += table[1:low].sum(axis=0)
        whole[-1] += table[high + 1 : -1].sum(axis=0)
        tables.append(whole)
    return tables[0], tables[1]


def _merge_single(observed: Floats, expected: Floats) -> tuple[Floats, Floats]:
    """Add a total with one pupil to the next one up, the last to the one below."""
    observed, expected = observed.copy(), expected.copy()
    kept = np.ones(len(observed), dtype=bool)
    for row in range(len(observed) - 1):
        if observed[row].sum() <= 1:
            kept[row] = False
            observed[row + 1] += observed[row]
            expected[row + 1] += expected[row]
    observed, expected = observed[kept], expected[kept]
    if len(observed) > 1 and observed[-1].sum() <= 1:
        return _merged(observed, expected, len(observed) - 1, len(observed) - 2)
    return observed, expected


def _merge_totals(observed: Floats, expected: Floats) -> tuple[Floats, Floats]:
    """Add the first total with an expected cell below 1 to its neighbour with fewer pupils, until there is none."""
    while len(expected) > 1:
        sparse = np.flatnonzero(expected.min(axis=1) < _least())
        if len(sparse) == 0:
            break
        row = int(sparse[0])
        pupils = observed.sum(axis=1)
        if row == 0 or (row < len(expected) - 1 and pupils[row + 1] < pupils[row - 1]):
            observed, expected = _merged(observed, expected, row, row + 1)
        else:
            observed, expected = _merged(observed, expected, row, row - 1)
    return observed, expected


def _merged(observed: Floats, expected: Floats, row: int, into: int) -> tuple[Floats, Floats]:
    tables = []
    for table in (observed, expected):
        longer = table.copy()
        longer[into] += longer[row]
        tables.append(np.delete(longer, row, axis=0))
    return tables[0], tables[1]


def _merge_categories(observed: list[float], expected: list[float]) -> tuple[Floats, Floats]:
    """Add the category that fewest are expected in to its rarer neighbour, until none is below 1."""
    while len(expected) > 1 and min(expected) < _least():
        here = expected.index(min(expected))
        upper = here == 0 or (here < len(expected) - 1 and expected[here + 1] < expected[here - 1])
        into = here + 1 if upper else here - 1
        observed[into] += observed[here]
        expected[into] += expected[here]
        del observed[here], expected[here]
    return np.array(observed), np.array(expected)
