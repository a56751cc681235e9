"""Complementary suppression where every list of parts and total stands by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from oko.disclosure.system import CLOSE, FAR, Floats, Mask, System, directions, natural, room

Hide = Callable[[int, int], None]


def widen(system: System, hide: Hide) -> Mask:
    """Free rows of each list until every number at risk keeps the width it needs, or nothing more can be freed.

    Parameters
    ----------
    system : System
        Changed in place through ``hide``; no row stands in two of its sums.
    hide : callable
        Hides one number (row, fact).

    Returns
    -------
    mask over the rows
        Rows with a number at risk that this arithmetic does not show to be safe.

    Notes
    -----
    A part can rise as far as the other parts can fall and the total can rise, and the other way round. An insider takes
    the own row out of the others: here the one that could move most, up and down apart, which is on the safe side.
    """
    spaces = [room(system), room(system, opened=True), room(system, opened=True, loose=True)]
    narrow = np.zeros(len(system.truth), dtype=bool)
    for total, rows in _entries(system):
        if (system.need[rows] > 0).any():
            one = _List(system, rows, total, *(space[:, rows] for space in spaces))
            one.widen(hide)
            narrow[rows] = (one.lacking() > CLOSE).any(axis=(0, 2))
    return narrow


def unproved(system: System) -> Mask:
    """Return the rows with a number at risk that this arithmetic does not show to be safe; hides nothing."""
    return widen(replace(system, cost=np.full_like(system.cost, np.inf)), lambda *_: None)


def _entries(system: System) -> Iterator[tuple[bool, np.ndarray]]:
    """Return the rows of each list, its total first, and whether there is a total."""
    listed = np.zeros(len(system.truth), dtype=bool)
    for entry in system.sums:
        rows = np.array([entry.total, *entry.parts])
        listed[rows] = True
        yield True, rows
    for row in np.flatnonzero(~listed):
        yield False, np.array([row])


class _List:
    """One list: how far its rows can move in each direction, 2 × E × M: now, freed, and freed of their bounds too."""

    def __init__(
        self, system: System, rows: np.ndarray, total: bool, closed: Floats, opened: Floats, loose: Floats
    ) -> None:
        self.system, self.rows, self.total = system, rows, total
        self.closed, self.opened, self.loose = closed, opened, loose
        self.speed = np.abs(system.weights @ directions(system).T)
        self.touched = self.speed > CLOSE
        self.need = system.need[rows]
        self.total_need = self._fair_to_insiders() if total else np.zeros((0, self.need.shape[1]))

    def _fair_to_insiders(self) -> Floats:
        """Return the width the total must keep from each part that knows itself, parts × F: see ``fair_need``."""
        low, high = (ends[self.rows[1:]] for ends in natural(self.system))
        own, total = self.system.values[self.rows[1:]], self.rows[0]
        lowest = own + np.clip(low, -FAR, FAR).sum(axis=0) - np.clip(low, -FAR, FAR)
        highest = own + np.clip(high, -FAR, FAR).sum(axis=0) - np.clip(high, -FAR, FAR)
        span = self.system.span_low[total], self.system.span_high[total]
        left = np.minimum(highest, span[1]) - np.maximum(lowest, span[0])
        return np.asarray(np.clip(left, 0.0, self.need[0]))

    def widen(self, hide: Hide) -> None:
        stuck = np.zeros_like(self.need, dtype=bool)
        while True:
            lacking = np.where(stuck, 0.0, self.lacking().sum(axis=0))
            if lacking.max(initial=0.0) <= CLOSE:
                return
            share = np.divide(lacking, self.need, out=np.zeros_like(lacking), where=self.need > 0)
            worst = np.unravel_index(int(share.argmax()), share.shape)
            place, fact = int(worst[0]), int(worst[1])
            choice = self._own(place, fact) or self._other(place, fact) or self._other(place, fact, loose=True)
            if choice is None:
                stuck[place, fact] = True
            else:
                self._free(*choice, hide)

    def lacking(self) -> Floats:
        """Return how much width an outsider and the worst insider leave lacking, 2 × E × F."""
        found = np.stack([self._short(others) for others in self._others(self.closed)])
        if self.total:
            reach = self._total_reach(self.closed)
            found[1, 0] = (self.total_need - (reach[:, None, :] * self.speed).max(axis=2)).max(axis=0, initial=0.0)
        return found

    @staticmethod
    def _total_reach(space: Floats) -> Floats:
        """Return how far the total can move where one part knows itself, parts × M."""
        parts = space[:, 1:]
        return np.asarray(np.minimum(space[:, :1], parts.sum(axis=1, keepdims=True) - parts).sum(axis=0))

    def _short(self, others: Floats) -> Floats:
        reach = np.minimum(self.closed, others).sum(axis=0)
        widest = (reach[:, None, :] * self.speed[None]).max(axis=2)
        return np.asarray(np.where(self.need > 0, np.maximum(self.need - widest, 0.0), 0.0))

    def _others(self, space: Floats) -> tuple[Floats, Floats]:
        """Return how far the others let each row rise and fall: all of them, and without the one that moves most."""
        if not self.total:
            return np.full_like(space, np.inf), np.full_like(space, np.inf)
        against = space[::-1, 1:]
        together = against.sum(axis=1, keepdims=True)
        first = against.max(axis=1, keepdims=True, initial=0.0)
        ordered = np.sort(against, axis=1)
        second = ordered[:, -2:-1] if against.shape[1] > 1 else np.zeros_like(first)
        most = np.where(against == first, np.where((against == first).sum(1, keepdims=True) > 1, first, second), first)
        parts = together + space[:, :1] - against
        whole = together[::-1]
        everybody = np.concatenate([whole, parts], axis=1)
        return everybody, everybody - np.concatenate([first[::-1], most], axis=1)

    def _cost(self, loose: bool = False) -> Floats:
        """Return what it costs to free each row in each direction, E × M; infinite where nothing is left to hide."""
        told = self.system.told if loose else self.system.shown
        cost = np.where(told[self.rows], self.system.cost[self.rows], 0.0)
        banned = (np.isinf(cost)[:, :, None] & self.touched[None]).any(axis=1)
        price = np.where(np.isinf(cost), 0.0, cost) @ self.touched
        return np.asarray(np.where(banned | (price <= 0), np.inf, price))

    def _own(self, place: int, fact: int) -> tuple[int, int, bool] | None:
        """Choose a direction in which the number's own row is to be freed, where the row itself holds it."""
        need = self.need[place, fact]
        if (self.closed[:, place].sum(axis=0) * self.speed[fact] >= need - CLOSE).any():
            return None
        reach = np.minimum(self.opened[:, place].sum(axis=0) * self.speed[fact] / need, 1.0)
        with np.errstate(divide="ignore"):
            price = np.where(reach > CLOSE, self._cost()[place] / reach, np.inf)
        return (place, int(price.argmin()), False) if np.isfinite(price.min()) else None

    def _other(self, place: int, fact: int, loose: bool = False) -> tuple[int, int, bool] | None:
        """Choose another row and a direction, with the least cost for the part of what lacks that it wins."""
        if not self.total:
            return None
        before = np.array([others[place, fact] for others in self.lacking()])
        cost, opened = self._cost(loose), self.loose if loose else self.opened
        best: tuple[float, int, int] | None = None
        for move in np.flatnonzero(self.touched[fact] & (self.closed[:, place].sum(axis=0) > CLOSE)):
            for other in np.flatnonzero(np.isfinite(cost[:, move])):
                won = (before - self._if_freed(place, fact, int(other), int(move), opened)).clip(0).sum() / before.sum()
                if other != place and won > CLOSE:
                    price = float(cost[other, move] / won)
                    best = min(best or (np.inf, 0, 0), (price, int(other), int(move)))
        return (*best[1:], loose) if best else None

    def _if_freed(self, place: int, fact: int, other: int, move: int, opened: Floats) -> Floats:
        """Return what would lack, for an outsider and for the worst insider, were another row freed."""
        space = self.closed[:, :, [move]].copy()
        space[:, other] = opened[:, other, [move]]
        reach = [np.minimum(space[:, place], found[:, place]).sum() for found in self._others(space)]
        lacking = np.maximum(self.need[place, fact] - np.array(reach) * self.speed[fact, move], 0.0)
        if place == 0:
            reached = self._total_reach(space)[:, 0] * self.speed[fact, move]
            lacking[1] = (self.total_need[:, fact] - reached).max(initial=0.0)
        return np.asarray(lacking)

    def _free(self, place: int, move: int, loose: bool, hide: Hide) -> None:
        row = int(self.rows[place])
        told = self.system.told if loose else self.system.shown
        for fact in np.flatnonzero(self.touched[:, move] & told[row]):
            hide(row, int(fact))
        self.closed[:, place] = room(self.system, row=row)[:, 0]
