"""Hide more, as cheaply as possible, until nothing at risk can be worked out too closely."""

from __future__ import annotations

import numpy as np

from oko.disclosure import lists
from oko.disclosure.inference import Component, components
from oko.disclosure.lists import Hide
from oko.disclosure.narrowest import Narrowest, judged
from oko.disclosure.system import CLOSE, Floats, Mask, System, directions, room


def complement(system: System, hide: Hide) -> None:
    """Hide numbers of a system until every number at risk keeps the width it needs.

    Parameters
    ----------
    system : System
        Changed in place.
    hide : callable
        Called with row and fact of each number to be hidden; has to call ``system.hide`` at least for that number.

    Notes
    -----
    A number is freed in a *direction*: the whole amount of a row, or pupils exchanged between two marks. Freeing a row
    in a direction hides the columns that would tell of it. Where every list stands by itself, how far a number can
    move follows from how far the others of its list can move against it, with and without the largest of them (an
    insider); elsewhere from linear programs, whose dual values name the cells that hold it (Fischetti &
    Salazar-González 2000, from memory, solve the whole exactly; ours is greedy: least cost for the width won first).
    """
    if not (system.need > 0).any():
        return
    if system.simple:
        suspects = lists.widen(system, hide)
        if suspects.any():
            _widen(system, hide, suspects)
    else:
        _widen(system, hide, np.ones(len(system.truth), dtype=bool))


def _widen(system: System, hide: Hide, targets: Mask) -> None:
    """Repair by linear programs what numbers of some rows lack; what the others have, hiding more does not take."""
    rows = targets
    suspects: dict[int, str] = {}
    while True:
        changed = np.zeros(len(system.truth), dtype=bool)
        for part in list(components(system, rows)):
            first = next((suspects[int(row)] for row in part.rows if int(row) in suspects), "")
            narrow = [found for found in judged(part, hasty=True, first=first, rows=targets) if found.lacking > 0]
            suspects |= {found.row: found.insider for found in narrow}
            touched: set[int] = set()
            for found in sorted(narrow, key=lambda found: (-found.lacking, found.row, found.fact)):
                near = _sums_of(system, part, found.row)
                if touched & near or (opening := _opening(system, part, found)) is None:
                    continue
                _open(system, hide, *opening)
                touched |= near | _sums_of(system, part, opening[0]) | {-1 - found.row}
                changed[part.rows] = changed[opening[0]] = True
        if not changed.any():
            return
        rows = changed


def _sums_of(system: System, part: Component, row: int) -> set[int]:
    """Return the sums of a component in which a row stands, and a mark of the row itself."""
    inside = {n for n in part.lists if row == system.sums[n].total or row in system.sums[n].parts}
    return inside | {-1 - row}


def _opening(system: System, part: Component, found: Narrowest) -> tuple[int, int, bool] | None:
    """Choose the row and direction that cost least for what they may win, and whether its bounds have to go too."""
    moves, need = directions(system), found.need
    speed = np.abs(system.weights[found.fact] @ moves.T)
    cost = _costs(system)
    own = room(system).sum(axis=0)[found.row] * speed
    if not (own >= need - CLOSE).any():
        opened = room(system, opened=True).sum(axis=0)[found.row] * speed
        price = np.where(speed > 0, cost[found.row], np.inf) / np.clip(opened / need, 1e-9, 1)
        price[cost[found.row] == 0] = np.inf
        best = int(np.argmin(price))
        if np.isfinite(price[best]):
            return found.row, best, False
    held = np.abs(part.prices(found.row, found.fact, dict(system.insiders).get(found.insider)) @ np.abs(moves).T)
    near = _neighbours(system, part)[:, None] & (held >= 0)
    near[found.row] = False
    for eligible, loose in ((held > CLOSE, False), (near, False), (near, True)):
        cost = _costs(system, loose)
        capacity = room(system, opened=True, loose=loose).sum(axis=0) * np.abs(moves).max(axis=1)
        price = np.where(eligible & (speed > 0) & (cost > 0) & (capacity > CLOSE), cost, np.inf)
        price /= np.clip(capacity / max(need - max(np.nan_to_num(found.width), 0), CLOSE), 1e-9, 1)
        if np.isfinite(price).any():
            row, move = np.unravel_index(int(np.argmin(price)), price.shape)
            return int(row), int(move), loose
    return None


def _neighbours(system: System, part: Component) -> Mask:
    near = np.zeros(len(system.truth), dtype=bool)
    for number in part.lists:
        near[[system.sums[number].total, *system.sums[number].parts]] = True
    return near


def _costs(system: System, loose: bool = False) -> Floats:
    """Return what it costs to free each row in each direction; 0 where nothing is left to hide for it."""
    touched = np.abs(system.weights @ directions(system).T) > CLOSE
    cost = np.where(system.told if loose else system.shown, system.cost, 0.0)
    return np.where(np.isinf(cost).any(axis=1, keepdims=True), np.inf, np.nan_to_num(cost, posinf=0.0) @ touched)


def _open(system: System, hide: Hide, row: int, move: int, loose: bool) -> None:
    touched = np.abs(system.weights @ directions(system)[move]) > CLOSE
    for fact in np.flatnonzero(touched & (system.told if loose else system.shown)[row]):
        hide(row, int(fact))
