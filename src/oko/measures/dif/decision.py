"""Which items are flagged: p adjusted for many items, and the purification of what pupils are matched on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from numbers import Integral, Real

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.dif.pupils import Booleans
from oko.measures.multiplicity import adjusted
from oko.measures.statement import Statement, named

ADJUSTMENTS = ("holm", "bh", "none")
FLAGGED_BY = ("p", "p_adjusted")


@dataclass(frozen=True)
class Rule:
    """When an item is flagged.

    Attributes
    ----------
    alpha : float
        Level of significance.
    adjust : {"holm", "bh", "none"}
    flag_by : {"p", "p_adjusted"}
        Column that is held against ``alpha``.
    max_steps : int
        Most steps of purification.
    """

    alpha: float
    adjust: str
    flag_by: str
    max_steps: int

    def __post_init__(self) -> None:
        if isinstance(self.alpha, bool) or not isinstance(self.alpha, Real) or not 0 < float(self.alpha) < 1:
            raise MeasureError("Level {alpha} is not between 0 and 1: give 0.05, for example.", alpha=repr(self.alpha))
        if self.adjust not in ADJUSTMENTS:
            raise MeasureError(
                "Adjustment {adjust} is unknown: choose one of {choices}.",
                adjust=repr(self.adjust),
                choices=", ".join(ADJUSTMENTS),
            )
        if self.flag_by not in FLAGGED_BY:
            raise MeasureError(
                "Items are flagged by {choices}, not by {column}.",
                choices=", ".join(FLAGGED_BY),
                column=repr(self.flag_by),
            )
        if isinstance(self.max_steps, bool) or not isinstance(self.max_steps, Integral) or int(self.max_steps) < 1:
            raise MeasureError("Purification needs at least one step: give max_steps as a whole number from 1 up.")

    def decide(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows with ``p_adjusted`` and ``flagged``, put after ``p``."""
        after = [*rows.columns].index("p") + 1
        decided = rows.copy()
        decided.insert(after, "p_adjusted", adjusted(rows["p"].to_numpy(dtype=np.float64), self.adjust))
        decided["flagged"] = decided[self.flag_by].to_numpy() < self.alpha
        return decided


@dataclass(frozen=True)
class Purified:
    """The last step of a purification.

    Attributes
    ----------
    rows : DataFrame
        One row an item, decided.
    anchor : ndarray of bool
        Items that pupils are matched on, the studied one aside.
    steps : tuple of tuple of int
        Items flagged at each step, from the first on all items to the last.
    statements : tuple of Statement
    """

    rows: pd.DataFrame
    anchor: Booleans
    steps: tuple[tuple[int, ...], ...]
    statements: tuple[Statement, ...]


def decide(test: Callable[[Booleans], pd.DataFrame], common: Booleans, rule: Rule, *, purify: bool) -> Purified:
    """Test all items, and, if asked, test them again matched on unflagged ones until the flags stay as they are.

    Parameters
    ----------
    test : callable
        Takes the items of the anchor, returns one row an item with ``p``.
    common : ndarray of bool of shape (items,)
        Items that pupils of both groups were given; the others are not matched on.
    rule : Rule
    purify : bool

    Notes
    -----
    Each step matches pupils on the items not flagged at the step before, and the studied one. It ends where the flags
    repeat those of the step before; where they repeat those of an earlier step it would never end, and is stopped.
    """
    if not isinstance(purify, (bool, np.bool_)):
        raise MeasureError("Purification is asked for by True or False, not by {purify}.", purify=repr(purify))
    anchor = common
    rows = rule.decide(test(anchor))
    steps = [_flags(rows)]
    said: list[Statement] = []
    while purify and steps[-1]:
        if len(steps) > rule.max_steps:
            said.append(Statement("dif_purification_stopped", {"steps": rule.max_steps}))
            break
        if len(steps[-1]) == common.sum():
            said.append(Statement("dif_purification_emptied"))
            break
        anchor = common.copy()
        anchor[list(steps[-1])] = False
        rows = rule.decide(test(anchor))
        steps.append(_flags(rows))
        if steps[-1] == steps[-2]:
            break
        if steps[-1] in steps[:-1]:
            loop = steps[steps.index(steps[-1]) :]
            changing = set().union(*loop) - set(loop[0]).intersection(*loop)
            items = named(rows.index[place] for place in sorted(changing))
            said.append(Statement("dif_purification_cycle", {"items": items, "steps": len(steps) - 1}))
            break
    return Purified(rows, anchor, tuple(steps), tuple(said))


def _flags(rows: pd.DataFrame) -> tuple[int, ...]:
    return tuple(int(place) for place in np.flatnonzero(rows["flagged"].to_numpy()))
