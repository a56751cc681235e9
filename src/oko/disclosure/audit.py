"""What the hidden cells of released tables can be inferred to be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from oko.disclosure.cells import Layout, systems
from oko.disclosure.linked import Linked, changes, link
from oko.disclosure.narrowest import narrowest
from oko.disclosure.primary import SENSITIVE, Marks, near_ends
from oko.disclosure.protected import Protected
from oko.disclosure.released import COMPANIONS, UNKNOWN, sharper
from oko.disclosure.system import CLOSE, System
from oko.errors import ReleaseError

COLUMNS = ("column", "lower", "upper", "needed", "insider", "safe")


@dataclass(frozen=True)
class Audit:
    """What can be worked out about the cells at risk of released tables.

    Attributes
    ----------
    cells : DataFrame
        One row a cell at risk: its key columns, ``column``, ``lower`` and ``upper`` ends of the interval it can be
        inferred to lie in (pupils for counts, the column's unit otherwise; where it is safe, it may be wider still),
        ``needed`` least width, ``insider`` whose own knowledge makes it narrowest ("" an outsider's), ``safe``.
    """

    cells: pd.DataFrame = field(repr=False)

    @property
    def safe(self) -> bool:
        """Whether every cell at risk keeps the width it needs."""
        return bool(self.cells["safe"].all())


def audit(tables: Mapping[str, Protected], counts: Mapping[str, str] | None = None) -> Audit:
    """Work out, by linear programming, between which ends every cell at risk must lie, given all released tables.

    Parameters
    ----------
    tables : Mapping of str to Protected
        Released tables by name.
    counts : Mapping of str to str, optional
        What the ``n`` of a table counts: tables of the same quantity tell of the same pupils where their key columns
        say the same. A table that is not named stands by itself.

    Returns
    -------
    Audit

    Raises
    ------
    ReleaseError
        A table was made from a released frame alone, so that nobody remembers what is hidden in it.

    Notes
    -----
    Shown numbers count as known unrounded, which is on the safe side; of the memory only the pupils' numbers, an
    insider's own cells and the totals that are no rows are used. Facts that several tables tell are merged. Where two
    tables tell different numbers of pupils for the same cell, the data changed between them: everything connected with
    that cell is told apart, and a change by fewer pupils than the threshold is itself a cell at risk. Where what was
    told contradicts itself otherwise, the ends are missing and the cell is not safe.
    Hundepool et al. (2012), Statistical Disclosure Control, sec. 4.3.

    Examples
    --------
    >>> from oko.disclosure import protect
    >>> parts = pd.DataFrame({"school": ["", "344", "498", "329"], "n": [90, 50, 33, 7]})
    >>> audit({"marks": protect(parts, part="school")}).cells[["school", "lower", "upper", "safe"]].values.tolist()
    [['329', 1.0, 39.0, True]]
    """
    named = dict(counts or {})
    rows: list[dict[str, object]] = []
    groups: dict[str, list[str]] = {}
    for name, table in tables.items():
        if (table.reasons["reason"] == UNKNOWN).any():
            raise ReleaseError(
                "Table {name} was made from a released frame and does not remember what is hidden in it; put the frame "
                "and its memory together (Protected.recall) to audit it.",
                name=name,
            )
        groups.setdefault(named.get(name, f"\0{name}"), []).append(name)
    for members in groups.values():
        held = [tables[name] for name in members]
        rows += [row for table in held for row in _plainly_shown(table)]
        rows += changes(held)
        for linked in link([_systems(table) for table in held], held):
            rows += _found(linked)
    places = list(dict.fromkeys(place for table in tables.values() for place in table.rules.places))
    frame = pd.DataFrame(rows, columns=[*places, *COLUMNS])
    return Audit(frame.astype({"lower": "float64", "upper": "float64", "needed": "float64", "safe": "bool"}))


def _found(linked: Linked) -> list[dict[str, object]]:
    system = linked.system
    rows: list[dict[str, object]] = []
    for found in narrowest(system):
        scale, needed = float(system.pupils[found.row]), found.need
        rows.append(
            {
                **linked.places[found.row],
                "column": system.facts[found.fact],
                "lower": found.lower / scale,
                "upper": found.upper / scale,
                "needed": needed / scale,
                "insider": found.insider,
                "safe": bool(found.lacking <= 10 * CLOSE),
            }
        )
    return rows


def _systems(table: Protected) -> list[tuple[Layout, System]]:
    layout = Layout.of(table.table, table.known, table.outside, table.rules)
    marks = marks_of(table)
    return [(layout, system) for system in systems(layout, marks)]


def marks_of(table: Protected) -> Marks:
    """Read from the released frame what it does not tell; why, from the memory."""
    frame, rules = table.table, table.rules
    marks = Marks.none(rules, len(frame))
    marks.rows[frame["hidden"].astype(bool).to_numpy()] = "complementary"
    bounded = [str(text).split() for text in frame["bounded"]]
    for column, reasons in marks.cells.items():
        reasons[frame[column].isna().to_numpy() & table.known[column].notna().to_numpy()] = "complementary"
        if column in marks.bounds:
            told = np.array([column in listed for listed in bounded], dtype=bool)
            extreme = rules.is_share(column) & near_ends(
                table.known[column].to_numpy(), table.known[rules.n].to_numpy()
            )
            marks.bounds[column] = told | (extreme & marks.hidden(column))
    for row, column, reason in table.reasons.itertuples(index=False):
        if column == "" and marks.rows[row]:
            marks.rows[row] = reason
        elif column in marks.cells and marks.cells[column][row]:
            marks.cells[column][row] = reason
    return marks


def _plainly_shown(table: Protected) -> list[dict[str, object]]:
    """Return what the frame itself gives away: small groups, sensitive rows, sharp bounds, intervals left."""
    frame, rules = table.table, table.rules
    rows: list[dict[str, object]] = []

    def give_away(column: str, mask: np.ndarray, needed: float = np.nan) -> None:
        for row in np.flatnonzero(mask & frame[column].notna().to_numpy()):
            value = float(frame[column].iloc[row])
            whose = {place: frame[place].iloc[row] for place in rules.places}
            found = {"lower": value, "upper": value, "needed": needed, "insider": "", "safe": False}
            rows.append({**whose, "column": column, **found})

    sensitive = table.reasons[(table.reasons["column"] == "") & table.reasons["reason"].isin(SENSITIVE)]["row"]
    at_risk = frame.index.isin(sensitive)
    for column in rules.counts:
        known = table.known[column].to_numpy()
        give_away(column, at_risk | ((known > 0) & (known < rules.threshold)), float(rules.threshold))
    for column in rules.guarded:
        give_away(column, at_risk | sharper(frame, column, table.known[rules.n]))
        bounded = np.array([column in str(text).split() for text in frame["bounded"]], dtype=bool)
        for interval in (f"{column}{ending}" for ending in COMPANIONS):
            if interval in frame:
                give_away(interval, bounded | (frame[column].isna() & table.known[column].notna()).to_numpy())
    return rows
