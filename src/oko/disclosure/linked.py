"""Several tables, or several versions of one, as one system of facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from oko.disclosure.cells import Layout
from oko.disclosure.margins import Sum, texts
from oko.disclosure.protected import Protected
from oko.disclosure.rules import Rules
from oko.disclosure.system import BY_ROW, System

Cell = tuple[object, ...]


@dataclass(frozen=True)
class Linked:
    """One system of all tables, and whose row each of its rows is.

    Attributes
    ----------
    system : System
    places : list of dict
        Key columns of each row, totals left out.
    """

    system: System
    places: list[dict[str, str | None]]


def cells(keys: pd.DataFrame, rules: Rules) -> list[Cell]:
    """Return what each row stands for, in a way that tables of other cuts share: its places without totals."""
    return [
        tuple(sorted((name, value or "") for name, value in row.items() if name in rules.by or value != rules.total))
        for row in keys.to_dict("records")
    ]


def link(tables: Sequence[list[tuple[Layout, System]]], held: Sequence[Protected]) -> Iterator[Linked]:
    """Merge the systems of several tables that tell of the same pupils, kind by kind.

    Parameters
    ----------
    tables : sequence of list of (Layout, System)
        By table.
    held : sequence of Protected
        The same tables.
    """
    apart = _told_apart(held)
    kinds: dict[tuple[object, ...], list[tuple[System, list[Cell]]]] = {}
    for number, made in enumerate(tables):
        rules = held[number].rules
        for layout, system in made:
            found = cells(layout.keys, rules)
            whose = [found[row] if row >= 0 else None for row in system.source]
            named = [_named(cell, number, place, apart) for place, cell in enumerate(whose)]
            facts = ["n" if fact == rules.n else fact for fact in system.facts]
            kind = (*facts, system.weights.tobytes())
            kinds.setdefault(kind, []).append((replace(system, facts=facts), named))
    for members in kinds.values():
        yield _merged(members)


def _named(cell: Cell | None, table: int, place: int, apart: list[dict[Cell, int]]) -> Cell:
    if cell is None:
        return ("rest", table, place)
    return (apart[table].get(cell, 0), cell)


def _told_apart(held: Sequence[Protected]) -> list[dict[Cell, int]]:
    """Give cells a version of their own where tables tell different numbers of pupils of something connected."""
    versions: list[dict[Cell, int]] = []
    told: list[dict[Cell, float]] = []
    groups = _groups(held)
    for number, table in enumerate(held):
        own = _told(table)
        changed = {
            groups[cell]
            for earlier in told
            for cell, value in own.items()
            if cell in earlier and earlier[cell] != value
        }  # fmt: skip
        told.append(own)
        keys = texts(table.table, table.rules.places)
        versions.append({cell: number for cell in cells(keys, table.rules) if groups[cell] in changed})
    return versions


def _told(table: Protected) -> dict[Cell, float]:
    keys = texts(table.table, table.rules.places)
    n = table.table[table.n].astype("float64")
    return {cell: float(value) for cell, value in zip(cells(keys, table.rules), n, strict=True) if not np.isnan(value)}


def _groups(held: Sequence[Protected]) -> dict[Cell, Cell]:
    """Return by cell the first cell it is connected with: the same values of ``by`` in any of the tables."""
    shared = set.intersection(*(set(table.rules.by) for table in held))
    found: dict[Cell, Cell] = {}
    for table in held:
        for cell in cells(texts(table.table, table.rules.places), table.rules):
            found[cell] = tuple(entry for entry in cell if isinstance(entry, tuple) and entry[0] in shared)
    return found


def changes(held: Sequence[Protected]) -> list[dict[str, object]]:
    """Return cells whose number of pupils changed from one table to another by fewer than the threshold."""
    rows: list[dict[str, object]] = []
    told = [_told(table) for table in held]
    for number, table in enumerate(held):
        for cell, value in told[number].items():
            before = [earlier[cell] for earlier in told[:number] if cell in earlier]
            changed = [abs(value - other) for other in before if 0 < abs(value - other) < table.threshold]
            rows += [
                {
                    **_places(cell), "column": "n", "lower": change, "upper": change, "insider": "", "safe": False,
                    "needed": float(table.threshold),
                }
                for change in sorted(set(changed))
            ]  # fmt: skip
    return rows


def _places(cell: Cell) -> dict[str, str | None]:
    return {str(entry[0]): entry[1] for entry in cell if isinstance(entry, tuple)}


def _merged(members: list[tuple[System, list[Cell]]]) -> Linked:
    """Put rows of the same cell together: all that any table tells of it holds."""
    place: dict[Cell, int] = {}
    for _, named in members:
        for cell in named:
            place.setdefault(cell, len(place))
    lines = [np.array([place[cell] for cell in named], dtype=np.int64) for _, named in members]
    first = members[0][0]
    sums: dict[tuple[int, frozenset[int]], Sum] = {}
    insiders: dict[str, np.ndarray] = {}
    for (system, _), line in zip(members, lines, strict=True):
        for entry in system.sums:
            parts = tuple(int(line[part]) for part in entry.parts)
            sums[int(line[entry.total]), frozenset(parts)] = Sum(int(line[entry.total]), parts)
        for who, known in system.insiders:
            insiders.setdefault(who, np.zeros(len(place), dtype=bool))[line[known]] = True
    arrays: dict[str, Any] = {
        name: _gathered(name, [system for system, _ in members], lines, len(place)) for name in BY_ROW
    }
    made = replace(first, **arrays, sums=list(sums.values()), insiders=sorted(insiders.items()))
    whose = [_places(cell[1]) if cell[0] != "rest" and isinstance(cell[1], tuple) else {} for cell in place]
    return Linked(made, whose)


def _gathered(name: str, systems: list[System], lines: list[np.ndarray], size: int) -> np.ndarray:
    """Gather one array of all systems: the narrowest of what is told, the most of what is needed."""
    keep = {"low": np.fmax, "told_low": np.fmax, "need": np.fmax, "shown": np.logical_or}
    keep |= {"high": np.fmin, "told_high": np.fmin}
    sample = getattr(systems[0], name)
    made = np.zeros((size, *sample.shape[1:]), dtype=sample.dtype)
    seen = np.zeros(size, dtype=bool)
    for system, line in zip(systems, lines, strict=True):
        values = getattr(system, name)
        both = seen[line]
        made[line[~both]] = values[~both]
        if name in keep:
            made[line[both]] = keep[name](made[line[both]], values[both])
        seen[line] = True
    return made
