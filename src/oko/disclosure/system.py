"""What a reader is told of the cells of a table, and what ties the cells together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from oko.disclosure.margins import Sum

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
CLOSE = 1e-6
FAR = 1e7
"""Stands for no end at all, small enough to be added up exactly."""

BY_ROW = (
    "truth", "low", "high", "told_low", "told_high", "span_low", "span_high", "shown", "need", "cost", "rows", "source",
    "pupils",
)  # fmt: skip


@dataclass
class System:
    """Cells of one kind in all rows of a table, in pupils (or points of all pupils of a row) rather than in shares.

    Attributes
    ----------
    facts : list of str, F
        Columns of the table.
    weights : array, F × K
        How each column is made of the K amounts of a row: one for a count or a mean, the marks for a distribution.
    truth : array, R × K
        The amounts.
    low, high : arrays, R × K
        What each amount can be by itself.
    told_low, told_high : arrays, R × F
        Between which ends the reader is told each column's amount is; infinite where hidden.
    span_low, span_high : arrays, R × F
        Ends of the zone of an extreme share, whether the reader is told of it or not; infinite elsewhere.
    shown : mask, R × F
        Whether the reader is told the number itself rather than a bound or nothing.
    need : array, R × F
        Least width the interval of a column's amount must keep; 0 where it is not at risk.
    sums : list of Sum
        Rows whose amounts are the sum of others'.
    pupils : array, R
        Pupils behind a row (1 for counts): what the amounts of a distribution add up to.
    cost : array, R × F
        What it costs to hide a shown column; infinite where it cannot be hidden.
    insiders : list of (str, mask over R)
        Who knows which rows.
    rows : array of int, R
        Row of the table, -1 for what is no row of it.
    source : array of int, R
        The same, with totals that are no rows numbered after them.
    """

    facts: list[str]
    weights: Floats
    truth: Floats
    low: Floats
    high: Floats
    told_low: Floats
    told_high: Floats
    span_low: Floats
    span_high: Floats
    shown: Mask
    need: Floats
    sums: list[Sum]
    pupils: Floats
    cost: Floats
    insiders: list[tuple[str, Mask]]
    rows: NDArray[np.int64]
    source: NDArray[np.int64]

    @property
    def simple(self) -> bool:
        """Whether no row stands in two sums, so that every list can be looked at by itself."""
        members = [row for entry in self.sums for row in (entry.total, *entry.parts)]
        knows_one = all(
            known[list(entry.parts)].sum() <= 1 and not known[entry.total]
            for _, known in self.insiders
            for entry in self.sums
        )
        return len(members) == len(set(members)) and knows_one

    @property
    def whole(self) -> Floats | None:
        """What the amounts of a row add up to; None where there is one only."""
        return self.pupils if self.truth.shape[1] > 1 else None

    @property
    def values(self) -> Floats:
        """The columns' amounts, R × F."""
        return np.asarray(self.truth @ self.weights.T)

    @property
    def told(self) -> Mask:
        """Of which columns the reader is told a number or a bound, R × F."""
        return np.isfinite(self.told_low) | np.isfinite(self.told_high)

    def hide(self, row: int, fact: int) -> None:
        """Take a shown column from the reader."""
        self.shown[row, fact] = False
        self.told_low[row, fact], self.told_high[row, fact] = -np.inf, np.inf


def only(system: System, kept: Mask) -> System:
    """Return some rows of a system, and the sums that stand on these rows alone."""
    place = np.cumsum(kept) - 1
    tied = [entry for entry in system.sums if all(kept[row] for row in (entry.total, *entry.parts))]
    moved = [Sum(int(place[entry.total]), tuple(int(place[part]) for part in entry.parts)) for entry in tied]
    arrays: dict[str, Any] = {name: getattr(system, name)[kept] for name in BY_ROW}
    known = [(who, mask[kept]) for who, mask in system.insiders]
    return replace(system, **arrays, sums=moved, insiders=known)


def joined(parts: list[System]) -> System:
    """Put rows of several systems of the same columns and insiders one under another; the sums are the first one's."""
    arrays: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in BY_ROW}
    known = [
        (who, np.concatenate([part.insiders[number][1] for part in parts]))
        for number, (who, _) in enumerate(parts[0].insiders)
    ]
    return replace(parts[0], **arrays, insiders=known)


def fair_need(system: System, known: Mask) -> Floats:
    """Return the width that numbers at risk must keep from somebody who knows some rows, R × F.

    Notes
    -----
    A total is at least what the insider's own rows add to it, and lacks at least what they lack: no suppression can
    take that from an insider, so the width of a total is asked for within those ends only.
    """
    need = system.need.copy()
    low, high = natural(system)
    low[known] = high[known] = system.values[known]
    touched = np.zeros(len(low), dtype=bool)
    for _ in range(len(system.sums) + 1 if known.any() else 0):
        before = touched.sum(), low.sum(), high[np.isfinite(high)].sum()
        for entry in system.sums:
            parts = list(entry.parts)
            if known[entry.total] or not (known[parts] | touched[parts]).any():
                continue
            touched[entry.total] = True
            low[entry.total] = np.maximum(low[entry.total], low[parts].sum(axis=0))
            high[entry.total] = np.minimum(high[entry.total], high[parts].sum(axis=0))
        if (touched.sum(), low.sum(), high[np.isfinite(high)].sum()) == before:
            break
    left = np.minimum(high, system.span_high) - np.maximum(low, system.span_low)
    bounded = touched[:, None] & (need > 0)
    need[bounded] = np.clip(left, 0.0, need)[bounded]
    return need


def natural(system: System) -> tuple[Floats, Floats]:
    """Return between which ends each column's amount lies by itself, R × F each."""
    if system.whole is None:
        return system.low * system.weights[0, 0], system.high * system.weights[0, 0]
    return np.outer(system.whole, system.weights.min(axis=1)), np.outer(system.whole, system.weights.max(axis=1))


def directions(system: System) -> Floats:
    """Return the ways a row can move, M × K: its amount, or pupils exchanged between two marks."""
    k = system.truth.shape[1]
    if k == 1:
        return np.ones((1, 1))
    eye = np.eye(k)
    return np.array([eye[one] - eye[other] for one in range(k) for other in range(one + 1, k)])


def room(system: System, opened: bool = False, loose: bool = False, row: int | None = None) -> Floats:
    """Return how far each row can move up and down in each direction before something told contradicts, 2 × R × M.

    Parameters
    ----------
    system : System
    opened : bool, default False
        As if the columns shown in the row, but not the bounds, were hidden.
    loose : bool, default False
        As if the bounds were hidden as well.
    row : int, optional
        Of this row alone.
    """
    moves = directions(system)
    speeds = np.concatenate([moves, moves @ system.weights.T], axis=1)
    some = slice(None) if row is None else slice(row, row + 1)
    truth = system.truth[some]
    now = np.concatenate([truth, truth @ system.weights.T], axis=1)
    free = (system.shown[some] & opened) | loose
    low = np.concatenate([system.low[some], np.where(free, -np.inf, system.told_low[some])], axis=1)
    high = np.concatenate([system.high[some], np.where(free, np.inf, system.told_high[some])], axis=1)
    up, down = np.maximum(high - now, 0.0), np.maximum(now - low, 0.0)
    found = np.full((2, len(now), len(moves)), FAR)
    for move, speed in enumerate(speeds):
        rising, falling = np.flatnonzero(speed > CLOSE), np.flatnonzero(speed < -CLOSE)
        for place, (ahead, behind) in enumerate(((up, down), (down, up))):
            for columns, space in ((rising, ahead), (falling, behind)):
                if len(columns):
                    reach = (space[:, columns] / np.abs(speed[columns])).min(axis=1)
                    found[place, :, move] = np.minimum(found[place, :, move], reach)
    return found
