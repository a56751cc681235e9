"""What an attacker knows as linear equations, and how narrow it makes a number that was hidden.

Nothing of oko is used here: the attacker does his own algebra.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix, csr_matrix
from scipy.sparse.csgraph import connected_components

Key = Hashable
Row = tuple[dict[int, float], float, float]
WIDE = 1e6
MOST_COLUMNS = 30_000


@dataclass(frozen=True)
class Question:
    """How small and how large can a combination of numbers be, or its ratio to one of them?

    Attributes
    ----------
    parts : Mapping
        Key to coefficient.
    per : key, optional
        The number that the combination is divided by.
    known : Mapping
        What the one who asks knows besides: key to value.
    """

    parts: Mapping[Key, float]
    per: Key | None = None
    known: Mapping[Key, float] = field(default_factory=dict)


@dataclass
class Knowledge:
    """Unknown numbers, each between two bounds, and rows: combinations of them, each between two bounds."""

    index: dict[Key, int] = field(default_factory=dict)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    names: list[Key] = field(default_factory=list, repr=False)

    def bound(self, key: Key, low: float = 0.0, high: float = WIDE) -> None:
        """Learn that a number lies between two bounds."""
        place = self.index.setdefault(key, len(self.index))
        if place == len(self.low):
            self.low.append(0.0)
            self.high.append(WIDE)
        self.low[place], self.high[place] = max(self.low[place], low), min(self.high[place], high)

    def row(self, parts: Mapping[Key, float], low: float = -math.inf, high: float = math.inf) -> None:
        """Learn that a combination lies between two bounds."""
        for key in parts:
            self.bound(key)
        self.rows.append(({self.index[key]: value for key, value in parts.items()}, low, high))

    def equal(self, one: Key, other: Key) -> None:
        """Learn that two numbers are the same."""
        self.row({one: 1.0, other: -1.0}, 0.0, 0.0)

    def bounds(self, key: Key) -> tuple[float, float]:
        """Return what a number can be by itself."""
        return self.low[self.index[key]], self.high[self.index[key]]

    def holds(self, row: Row, truth: Mapping[Key, float], slack: float = 1e-5) -> bool:
        """Tell whether a row is true."""
        parts, low, high = row
        if len(self.names) != len(self.index):
            self.names = list(self.index)
        value = sum(truth.get(self.names[place], 0.0) * weight for place, weight in parts.items())
        return low - slack * len(parts) <= value <= high + slack * len(parts)

    def contradictions(self, truth: Mapping[Key, float], slack: float = 1e-6) -> list[str]:
        """Name what does not hold of the true numbers: an attack that believes it would prove nothing."""
        keys = list(self.index)
        wrong = [
            f"{key} = {truth.get(key, 0.0)}, not {low} … {high}"
            for key, low, high in zip(keys, self.low, self.high, strict=True)
            if not low - slack <= truth.get(key, 0.0) <= high + slack
        ]
        false = [row for row in self.rows if not self.holds(row, truth)]
        return wrong + [str(({keys[place]: weight for place, weight in row[0].items()}, *row[1:])) for row in false]

    def infer(self, questions: Sequence[Question]) -> np.ndarray:
        """Answer questions: least and greatest value each, by linear programming.

        Notes
        -----
        A ratio is made linear by Charnes and Cooper's change of variables; many small programmes are put beside each
        other into one, each with its own copy of the unknowns that hang together.
        """
        answers = np.full((len(questions), 2), np.nan)
        component = self._components()
        by_component: dict[int, list[int]] = defaultdict(list)
        for number, question in enumerate(questions):
            by_component[component[self.index[next(iter(question.parts))]]].append(number)
        batch: list[tuple[int, _Block]] = []
        for name, numbers in by_component.items():
            block = self._block(np.flatnonzero(component == name), component, name)
            batch += [(number, block) for number in numbers]
        for chunk in _chunks(batch):
            solved = _solve([(block, questions[number], self.index) for number, block in chunk])
            answers[[number for number, _ in chunk]] = solved
        return answers

    def _components(self) -> np.ndarray:
        pairs = [(next(iter(parts)), place) for parts, _, _ in self.rows for place in parts]
        one, other = np.array(pairs, dtype=int).reshape(-1, 2).T
        size = len(self.index)
        return connected_components(
            coo_matrix((np.ones(len(pairs)), (one, other)), shape=(size, size)), directed=False
        )[1]

    def _block(self, columns: np.ndarray, component: np.ndarray, name: int) -> _Block:
        place = {int(column): number for number, column in enumerate(columns)}
        rows = [row for row in self.rows if component[next(iter(row[0]))] == name]
        matrix = np.zeros((len(rows), len(columns)))
        for number, (parts, _, _) in enumerate(rows):
            for column, weight in parts.items():
                matrix[number, place[column]] += weight
        ends = np.array([(low, high) for _, low, high in rows]).reshape(-1, 2)
        return _Block(place, matrix, ends, np.array(self.low)[columns], np.array(self.high)[columns])


@dataclass(frozen=True, eq=False)
class _Block:
    """The unknowns that hang together: place of each column, rows with their ends, bounds."""

    place: dict[int, int]
    matrix: np.ndarray
    ends: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, eq=False)
class _Programme:
    """One question: cost, what equals ``equal_to``, what is at most 0; unknowns are 0 or more."""

    cost: np.ndarray
    equal: np.ndarray
    equal_to: np.ndarray
    less: np.ndarray


def _chunks(batch: list[tuple[int, _Block]]) -> Iterable[list[tuple[int, _Block]]]:
    chunk, columns = [], 0
    for number, block in batch:
        chunk.append((number, block))
        columns += 2 * (len(block.place) + 1)
        if columns > MOST_COLUMNS:
            yield chunk
            chunk, columns = [], 0
    if chunk:
        yield chunk


def _solve(asked: list[tuple[_Block, Question, Mapping[Key, int]]]) -> np.ndarray:
    programmes = [_programme(block, question, index) for block, question, index in asked]
    twice = [programme for programme in programmes for _ in range(2)]
    cost = np.concatenate([sign * programme.cost for programme in programmes for sign in (1.0, -1.0)])
    less = _diagonal([programme.less for programme in twice])
    found = linprog(
        cost,
        A_ub=less,
        b_ub=np.zeros(less.shape[0]),
        A_eq=_diagonal([programme.equal for programme in twice]),
        b_eq=np.concatenate([programme.equal_to for programme in twice]),
        method="highs",
    )
    if found.status != 0:
        raise ArithmeticError(found.message)
    values = np.add.reduceat(cost * found.x, np.cumsum([0, *(len(one.cost) for one in twice)])[:-1])
    return values.reshape(-1, 2) * np.array([1.0, -1.0])


def _programme(block: _Block, question: Question, index: Mapping[Key, int]) -> _Programme:
    """Write one question as a programme in y = x·t and t, where t is 1, or the divisor times t is."""
    size = len(block.place)
    low, high = block.low.copy(), block.high.copy()
    for key, value in question.known.items():
        column = block.place.get(index.get(key, -1))
        if column is not None:
            low[column] = high[column] = value
    cost, one = np.zeros(size + 1), np.zeros(size + 1)
    for key, weight in question.parts.items():
        cost[block.place[index[key]]] += weight
    one[size if question.per is None else block.place[index[question.per]]] = 1.0
    start, end = block.ends[:, 0], block.ends[:, 1]
    same, fixed, own = start == end, low == high, np.eye(size)
    below, above = ~same & np.isfinite(end), ~same & np.isfinite(start)
    tight, raised = ~fixed & (high < WIDE), ~fixed & (low > 0)
    equal = np.vstack([_wide(block.matrix[same], -start[same]), _wide(own[fixed], -low[fixed]), one])
    less = [
        _wide(block.matrix[below], -end[below]), _wide(-block.matrix[above], start[above]),
        _wide(own[tight], -high[tight]), _wide(-own[raised], low[raised]),
    ]  # fmt: skip
    return _Programme(cost, equal, np.append(np.zeros(len(equal) - 1), 1.0), np.vstack(less))


def _wide(matrix: np.ndarray, last: np.ndarray) -> np.ndarray:
    return np.hstack([matrix, last[:, None]])


def _diagonal(parts: list[np.ndarray]) -> csr_matrix:
    """Put matrices along a diagonal."""
    rows = np.cumsum([0, *(len(part) for part in parts)])
    columns = np.cumsum([0, *(part.shape[1] for part in parts)])
    places = [np.nonzero(part) for part in parts]
    i = np.concatenate([place[0] + start for place, start in zip(places, rows, strict=False)])
    j = np.concatenate([place[1] + start for place, start in zip(places, columns, strict=False)])
    values = np.concatenate([part[place] for part, place in zip(parts, places, strict=True)])
    return csr_matrix((values, (i, j)), shape=(rows[-1], columns[-1]))
