"""Complementary suppression where every list of parts and total stands by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from oko.disclosure.system import CLOSE, Floats, Mask, System, directions, only, room

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
    closed, opened = room(system), room(system, opened=True)
    narrow = np.zeros(len(system.truth), dtype=bool)
    for total, rows in _entries(system):
        if (system.need[rows] > 0).any():
            one = _List(system, rows, total, closed[:, rows], opened[:, rows])
            one.widen(hide)
            narrow[rows] = (one.lacking() > CLOSE).any(axis=(0, 2))
    return narrow


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
    """One list: how far its rows can move in each direction, now (closed) and if freed (opened), 2 × E × M."""

    def __init__(self, system: System, rows: np.ndarray, total: bool, closed: Floats, opened: Floats) -> None:
        self.system, self.rows, self.total = system, rows, total
        self.closed, self.opened = closed.copy(), opened
        self.speed = np.abs(system.weights @ directions(system).T)
        self.touched = self.speed > CLOSE
        self.need = system.need[rows]

    def widen(self, hide: Hide) -> None:
        stuck = np.zeros_like(self.need, dtype=bool)
        while True:
            lacking = np.where(stuck, 0.0, self.lacking().sum(axis=0))
            if lacking.max(initial=0.0) <= CLOSE:
                return
            share = np.divide(lacking, self.need, out=np.zeros_like(lacking), where=self.need > 0)
            worst = np.unravel_index(int(share.argmax()), share.shape)
            place, fact = int(worst[0]), int(worst[1])
            choice = self._own(place, fact) or self._other(place, fact)
            if choice is None:
                stuck[place, fact] = True
            else:
                self._free(*choice, hide)

    def lacking(self) -> Floats:
        """Return how much width an outsider and the worst insider leave lacking, 2 × E × F."""
        return np.stack([self._short(others) for others in self._others(self.closed)])

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

    def _cost(self) -> Floats:
        """Return what it costs to free each row in each direction, E × M; infinite where nothing is left to hide."""
        shown = self.system.shown[self.rows]
        cost = np.where(shown, self.system.cost[self.rows], 0.0)
        banned = (np.isinf(cost)[:, :, None] & self.touched[None]).any(axis=1)
        price = np.where(np.isinf(cost), 0.0, cost) @ self.touched
        return np.asarray(np.where(banned | (price <= 0), np.inf, price))

    def _own(self, place: int, fact: int) -> tuple[int, int] | None:
        """Choose a direction in which the number's own row is to be freed, where the row itself holds it."""
        need = self.need[place, fact]
        if (self.closed[:, place].sum(axis=0) * self.speed[fact] >= need - CLOSE).any():
            return None
        reach = np.minimum(self.opened[:, place].sum(axis=0) * self.speed[fact] / need, 1.0)
        with np.errstate(divide="ignore"):
            price = np.where(reach > CLOSE, self._cost()[place] / reach, np.inf)
        return (place, int(price.argmin())) if np.isfinite(price.min()) else None

    def _other(self, place: int, fact: int) -> tuple[int, int] | None:
        """Choose another row and a direction, with the least cost for the part of what lacks that it wins."""
        if not self.total:
            return None
        before = np.array([others[place, fact] for others in self.lacking()])
        cost = self._cost()
        best: tuple[float, int, int] | None = None
        for move in np.flatnonzero(self.touched[fact] & (self.closed[:, place].sum(axis=0) > CLOSE)):
            for other in np.flatnonzero(np.isfinite(cost[:, move])):
                won = (before - self._if_freed(place, fact, int(other), int(move))).clip(0).sum() / before.sum()
                if other != place and won > CLOSE:
                    price = float(cost[other, move] / won)
                    best = min(best or (np.inf, 0, 0), (price, int(other), int(move)))
        return best[1:] if best else None

    def _if_freed(self, place: int, fact: int, other: int, move: int) -> Floats:
        """Return what would lack, for an outsider and for the worst insider, were another row freed."""
        space = self.closed[:, :, [move]].copy()
        space[:, other] = self.opened[:, other, [move]]
        reach = [np.minimum(space[:, place], found[:, place]).sum() for found in self._others(space)]
        return np.asarray(np.maximum(self.need[place, fact] - np.array(reach) * self.speed[fact, move], 0.0))

    def _free(self, place: int, move: int, hide: Hide) -> None:
        row = int(self.rows[place])
        for fact in np.flatnonzero(self.touched[:, move] & self.system.shown[row]):
            hide(row, int(fact))
        one = np.arange(len(self.system.truth)) == row
        self.closed[:, place] = room(only(self.system, one))[:, 0]
