"""Between which ends a hidden amount must lie, given all that was told: linear programming over connected cells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from oko.disclosure.system import CLOSE, Floats, Mask, System

SOLVED, UNBOUNDED = 0, 3


@dataclass(frozen=True)
class Solution:
    """The least of a goal; NaN where what was told contradicts itself, -inf where there is no least."""

    least: float
    amounts: Floats | None = None
    prices: Floats | None = None


def components(system: System, rows: Mask | None = None) -> Iterator[Component]:
    """Split the rows that are not told in full into those connected by equations."""
    free = ~_constant(system) | (system.need > 0).any(axis=1)
    pairs = [
        (number, row)
        for number, entry in enumerate(system.sums)
        for row in (entry.total, *entry.parts)
        if free[row]
    ]  # fmt: skip
    size = len(system.truth)
    left = np.array([size + number for number, _ in pairs], dtype=np.int64)
    right = np.array([row for _, row in pairs], dtype=np.int64)
    graph = coo_array((np.ones(len(pairs)), (left, right)), shape=(size + len(system.sums),) * 2)
    _, label = connected_components(graph, directed=False)
    at_risk = (system.need > 0).any(axis=1) & free
    wanted = set(label[:size][at_risk & rows] if rows is not None else label[:size][at_risk])
    members: dict[int, list[int]] = {number: [] for number in wanted}
    for row in np.flatnonzero(free):
        if label[row] in members:
            members[label[row]].append(int(row))
    lists: dict[int, list[int]] = {number: [] for number in wanted}
    for number in range(len(system.sums)):
        if label[size + number] in lists:
            lists[label[size + number]].append(number)
    for number in sorted(wanted):
        yield Component(system, np.array(members[number]), lists[number], free)


def _constant(system: System) -> Mask:
    """Say which rows the reader is told in full: every amount by itself."""
    single = (system.weights != 0).sum(axis=1) == 1
    told = np.zeros(system.truth.shape, dtype=bool)
    for fact in np.flatnonzero(single):
        told[:, int(np.argmax(system.weights[fact] != 0))] |= system.shown[:, fact]
    if system.whole is not None and system.truth.shape[1] > 1:
        told |= told.sum(axis=1, keepdims=True) == system.truth.shape[1] - 1
    return np.asarray(told.all(axis=1))


class Component:
    """Rows that hang together, as a linear program."""

    def __init__(self, system: System, rows: np.ndarray, lists: list[int], free: Mask) -> None:
        self.system, self.rows, self.width = system, rows, system.truth.shape[1]
        self.place = {int(row): number for number, row in enumerate(rows)}
        self.low, self.high = amounts(system)
        self.lists = lists
        self._equations(lists, free)
        self._facts()

    def _equations(self, lists: list[int], free: Mask) -> None:
        """Write every sum over the free rows: signed free amounts lie between the ends that the told ones leave."""
        system, entries, lower, upper = self.system, [], [], []
        for number in lists:
            entry = system.sums[number]
            signed = [(entry.total, -1.0), *((part, 1.0) for part in entry.parts)]
            known = [(row, sign) for row, sign in signed if not free[row]]
            ends = np.zeros((2, self.width))
            for row, sign in known:
                pair = (self.low[row], self.high[row]) if sign > 0 else (self.high[row], self.low[row])
                ends -= np.array([sign * pair[1], sign * pair[0]])
            entries.append([(self.place[row], sign) for row, sign in signed if free[row]])
            lower.append(ends[0])
            upper.append(ends[1])
        self.entries = entries
        self.lower = np.array(lower).reshape(-1, self.width)
        self.upper = np.array(upper).reshape(-1, self.width)

    @property
    def single(self) -> bool:
        """Whether arithmetic of intervals is enough."""
        return self.width == 1 and len(self.entries) <= 1

    def _facts(self) -> None:
        """Put sums, columns made of several amounts, and what the amounts of a row add up to into one matrix."""
        system, k = self.system, self.width
        rows: list[int] = []
        columns: list[int] = []
        values: list[float] = []
        low: list[float] = []
        high: list[float] = []

        def add(cells: list[tuple[int, float]], lower: float, upper: float) -> None:
            rows.extend([len(low)] * len(cells))
            columns.extend(cell for cell, _ in cells)
            values.extend(value for _, value in cells)
            low.append(lower)
            high.append(upper)

        for number, entry in enumerate(self.entries):
            for amount in range(k):
                cells = [(place * k + amount, sign) for place, sign in entry]
                add(cells, self.lower[number, amount], self.upper[number, amount])
        for place, row in enumerate(self.rows):
            if system.whole is not None:
                add([(place * k + amount, 1.0) for amount in range(k)], system.whole[row], system.whole[row])
            for fact in np.flatnonzero((system.weights != 0).sum(axis=1) > 1):
                ends = system.told_low[row, fact], system.told_high[row, fact]
                if np.isfinite(ends).any():
                    cells = [(place * k + int(a), float(system.weights[fact, a])) for a in range(k)]
                    add([(cell, value) for cell, value in cells if value], *ends)
        self._program(
            csr_array((values, (rows, columns)), shape=(len(low), len(self.rows) * k)), np.array(low), np.array(high)
        )

    def _program(self, matrix: csr_array, low: Floats, high: Floats) -> None:
        """Split two-sided constraints into what ``linprog`` takes."""
        self.same = high - low <= 0
        self.program: dict[str, Any] = {}
        if self.same.any():
            self.program |= {"A_eq": matrix[np.flatnonzero(self.same)], "b_eq": low[self.same]}
        above, below = (np.flatnonzero(~self.same & np.isfinite(ends)) for ends in (high, low))
        if len(above) or len(below):
            signs = np.concatenate([np.ones(len(above)), -np.ones(len(below))])
            stacked = matrix[np.concatenate([above, below])]
            self.program |= {
                "A_ub": csr_array(stacked.multiply(signs[:, None])),
                "b_ub": np.concatenate([high[above], -low[below]]),
            }

    def bounds(self, known: Mask | None) -> Floats:
        """Return what each amount can be by itself, the rows an insider knows being what they are."""
        low, high = self.low[self.rows].copy(), self.high[self.rows].copy()
        if known is not None:
            inside = known[self.rows]
            low[inside] = high[inside] = self.system.truth[self.rows][inside]
        return np.stack([low.ravel(), high.ravel()], axis=1)

    def solve(self, goal: Floats, bounds: Floats) -> Solution:
        """Find the least of a linear goal over all amounts that agree with what was told."""
        found = linprog(goal, bounds=bounds, method="highs", **self.program)
        if found.status != SOLVED:
            return Solution(-np.inf if found.status == UNBOUNDED else np.nan)
        prices = np.zeros(len(self.same))
        if self.same.any():
            prices[self.same] = found.eqlin.marginals
        return Solution(float(found.fun), np.asarray(found.x), prices)

    def interval(self, row: int, fact: int, known: Mask | None = None) -> tuple[float, float]:
        """Return the exact ends of one number."""
        goal = self.goal(row, fact)
        if self.single:
            return self._by_arithmetic(row, float(goal[self.place[row]]), known)
        bounds = self.bounds(known)
        return self.solve(goal, bounds).least, -self.solve(-goal, bounds).least

    def prices(self, row: int, fact: int, known: Mask | None) -> Floats:
        """Return how strongly each row and amount of the sums holds the ends of one number where they are, R × K.

        Notes
        -----
        The dual values of the sums, both ways: only what has one can widen the interval when it is hidden.
        """
        held = np.zeros(self.system.truth.shape)
        bounds, goal = self.bounds(known), self.goal(row, fact)
        for sign in (1.0, -1.0):
            found = self.solve(sign * goal, bounds)
            if found.prices is None:
                continue
            of_sums = found.prices[: len(self.entries) * self.width].reshape(-1, self.width)
            pull = np.zeros_like(held)
            for number, price in zip(self.lists, of_sums, strict=True):
                entry = self.system.sums[number]
                pull[list(entry.parts)] += price
                pull[entry.total] -= price
            held += np.abs(pull)
        return held

    def goal(self, row: int, fact: int) -> Floats:
        """Return a number as a linear form of the component's amounts."""
        goal = np.zeros(len(self.rows) * self.width)
        place = self.place[row] * self.width
        goal[place : place + self.width] = self.system.weights[fact]
        return goal

    def _by_arithmetic(self, row: int, weight: float, known: Mask | None) -> tuple[float, float]:
        bounds, here = self.bounds(known), self.place[row]
        low, high = bounds[here]
        if self.entries:
            lower, upper = float(self.lower[0, 0]), float(self.upper[0, 0])
            own = 1.0
            for place, sign in self.entries[0]:
                if place == here:
                    own = sign
                    continue
                ends = sorted((sign * bounds[place, 0], sign * bounds[place, 1]))
                lower, upper = lower - ends[1], upper - ends[0]
            ends = sorted((own * lower, own * upper))
            low, high = max(low, ends[0]), min(high, ends[1])
        if low > high + CLOSE:
            return np.nan, np.nan
        return weight * low, weight * max(low, high)


def amounts(system: System) -> tuple[Floats, Floats]:
    """Return what each amount can be by itself and by the columns told of it alone."""
    low, high = system.low.copy(), system.high.copy()
    for fact in np.flatnonzero((system.weights != 0).sum(axis=1) == 1):
        amount = int(np.argmax(system.weights[fact] != 0))
        weight = system.weights[fact, amount]
        low[:, amount] = np.maximum(low[:, amount], system.told_low[:, fact] / weight)
        high[:, amount] = np.minimum(high[:, amount], system.told_high[:, fact] / weight)
    if system.whole is not None:
        rest_low = system.whole[:, None] - (low.sum(axis=1, keepdims=True) - low)
        rest_high = system.whole[:, None] - (high.sum(axis=1, keepdims=True) - high)
        low, high = np.maximum(low, rest_high), np.minimum(high, rest_low)
    return low, np.maximum(low, high)
