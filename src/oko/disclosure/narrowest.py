"""The narrowest interval that anybody, an outsider or an insider, can work out for each number at risk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from oko.disclosure.inference import Component, components
from oko.disclosure.lists import unproved
from oko.disclosure.system import CLOSE, Floats, Mask, System, fair_need, room

MANY = 600
"""More numbers at risk than these in lists that stand by themselves: insiders are asked only where arithmetic fails."""
CROWD, WITNESSES = 20, 12
"""Where more than the first look, one is asked who knows all rows but those at risk and the freest, the second many."""
ROUNDS = 3
"""How often all numbers that still lack width are pushed together before each is looked at by itself."""


@dataclass(frozen=True)
class Narrowest:
    """The narrowest interval that anybody can work out for one number.

    Attributes
    ----------
    row, fact : int
        Which number of the system.
    lower, upper : float
        Ends of the interval. Where it is wide enough, both are surely possible, and it may be wider still.
    insider : str
        Who works it out from knowing the own rows as well; "" an outsider.
    need : float
        Width that it must keep from whoever that is.
    """

    row: int
    fact: int
    lower: float
    upper: float
    insider: str
    need: float

    @property
    def lacking(self) -> float:
        """How much of the width it needs is missing, in parts of it; 1 where what was told contradicts itself."""
        return 1.0 if np.isnan(self.width) else max(1.0 - (self.width + CLOSE) / self.need, 0.0)

    @property
    def width(self) -> float:
        """How far the ends are apart; NaN where what was told contradicts itself."""
        return self.upper - self.lower


def narrowest(system: System, rows: Mask | None = None, hasty: bool = False) -> list[Narrowest]:
    """Work out for each number at risk the narrowest interval that an outsider or an insider is left with.

    Parameters
    ----------
    system : System
    rows : mask over the rows, optional
        Only numbers in parts of the table that are connected with these rows.
    hasty : bool, default False
        Stop looking at a part of the table after the first who can see too much.

    Returns
    -------
    list of Narrowest

    Notes
    -----
    The attacker solves min and max of the amount over all tables that agree with what was told (Hundepool et al. 2012,
    Statistical Disclosure Control, sec. 4.3). Rows told in full are constants; the rest falls into components of rows
    that share an equation, each looked at by itself. In a component of one equation the ends follow by arithmetic of
    intervals; elsewhere one program first pushes all numbers at risk of a component up, another down, and only those
    that these do not show to be wide enough get programs of their own.
    """
    open_rows = np.ones(len(system.truth), dtype=bool)
    if system.simple and np.count_nonzero(system.need) > MANY:
        open_rows = unproved(system)
    return [
        found
        for part in components(system, rows)
        for found in (
            *judged(part, hasty, rows=open_rows),
            *judged(part, hasty, rows=~open_rows, outside=True),
        )
    ]


def judged(
    part: Component, hasty: bool = False, first: str = "", rows: Mask | None = None, outside: bool = False
) -> Iterator[Narrowest]:
    """Find the narrowest interval of every number at risk in one component, over all who may look.

    Parameters
    ----------
    part : Component
    hasty : bool, default False
        Stop after the first who can see too much.
    first : str, default ""
        Who is asked first.
    rows : mask, optional
        Only numbers of these rows.
    outside : bool, default False
        Ask an outsider alone.
    """
    system = part.system
    wanted = part.rows if rows is None else part.rows[rows[part.rows]]
    targets = [(int(row), int(fact)) for row in wanted for fact in np.flatnonzero(system.need[row] > 0)]
    best: dict[tuple[int, int], Narrowest] = {}
    lookers = sorted(_lookers(part, outside), key=lambda looker: looker[0] != first)
    proved, free = _proved(part, targets) if len(lookers) > CROWD else (set(), lookers[0][1])
    for insider, known, stronger in lookers:
        settled = proved if insider and not (proved and known[free].any()) else set()
        if targets and settled.issuperset(targets):
            continue
        need = fair_need(system, known)
        asked = [
            (row, fact)
            for row, fact in targets
            if not known[row]
            and (row, fact) not in settled
            and need[row, fact] > CLOSE
            and (stronger[row] or need[row, fact] < system.need[row, fact])
        ]
        for (row, fact), (low, high) in _ends(part, asked, known, need).items():
            found = Narrowest(row, fact, low, high, insider, float(need[row, fact]))
            before = best.get((row, fact))
            if before is None or (-found.lacking, found.width) < (-before.lacking, before.width - CLOSE):
                best[row, fact] = found
        if hasty and any(found.lacking > 0 for found in best.values()):
            break
    yield from (best[target] for target in targets if target in best)


def _proved(part: Component, targets: list[tuple[int, int]]) -> tuple[set[tuple[int, int]], Mask]:
    """Return the targets that stay wide even for somebody who knows all rows but some, and these rows as a mask.

    Notes
    -----
    Whoever knows none of these rows sees less than that, so of such a target need not be asked.
    """
    system = part.system
    free = np.zeros(len(system.truth), dtype=bool)
    freest = np.argsort(-room(system)[:, part.rows].sum(axis=(0, 2)), kind="stable")
    free[[row for row, _ in targets]] = free[part.rows[freest[:WITNESSES]]] = True
    free[[system.sums[number].total for number in part.lists]] = True
    ends = _ends(part, targets, ~free, system.need)
    wide = {target for target, (low, high) in ends.items() if high - low >= system.need[target] - CLOSE}
    return wide, free


def _lookers(part: Component, outside: bool) -> Iterator[tuple[str, Mask, Mask]]:
    """Return who may look: an outsider, then insiders by name, the rows they know, and those the next larger knows.

    Notes
    -----
    Who knows more sees at least as much of what lies outside: a class need not be asked about another school, for its
    own school is.
    """
    everything = np.ones(len(part.system.truth), dtype=bool)
    yield "", ~everything, everything
    present = [(name, known) for name, known in part.system.insiders if known[part.rows].any()]
    if not present or outside:
        return
    masks = np.array([known for _, known in present])
    shared = masks.astype(np.int64) @ masks.T.astype(np.int64)
    sizes = np.diag(shared)
    for number, (name, known) in enumerate(present):
        larger = np.flatnonzero((shared[number] == sizes[number]) & (sizes > sizes[number]))
        yield name, known, masks[larger[sizes[larger].argmin()]] if len(larger) else everything


def _ends(
    part: Component, targets: list[tuple[int, int]], known: Mask, needs: Floats
) -> dict[tuple[int, int], tuple[float, float]]:
    """Return ends of the targets: exact where too narrow, elsewhere ends that are possible and far enough apart."""
    if part.single or len(targets) <= 1:
        return {target: part.interval(*target, known) for target in targets}
    goals = np.array([part.goal(*target) for target in targets])
    need = np.array([needs[target] for target in targets])
    bounds, low, high = part.bounds(known), np.full(len(targets), np.inf), np.full(len(targets), -np.inf)

    def push(goal: Floats) -> float:
        found = part.solve(goal, bounds)
        if found.amounts is not None:
            np.minimum(low, goals @ found.amounts, out=low)
            np.maximum(high, goals @ found.amounts, out=high)
        return found.least

    for _ in range(ROUNDS):
        lacking = ~(high - low >= need - CLOSE)
        if lacking.any():
            together = (goals[lacking] / need[lacking, None]).sum(axis=0)
            push(together)
            push(-together)
    for number, goal in enumerate(goals):
        if not high[number] - low[number] >= need[number] - CLOSE:
            low[number] = push(goal)
            high[number] = -push(-goal)
    return {target: (float(low[number]), float(high[number])) for number, target in enumerate(targets)}
