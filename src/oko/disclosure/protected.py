"""A table that may be shown: a frozen value that remembers what was hidden, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from oko.disclosure.rules import Rules
from oko.errors import ReleaseError

if TYPE_CHECKING:
    from oko.disclosure.audit import Audit

MARKS = ("hidden", "hidden_cells", "bounded")
"""Columns that protection adds."""


@dataclass(frozen=True)
class Protected:
    """A table that may be shown.

    Attributes
    ----------
    rules : Rules
        What it was protected by.
    table : DataFrame
        The table as released; ``frame`` hands out copies of it.
    known : DataFrame
        Numbers before protection of the guarded columns and the counts, one row a row of the table: internal.
    reasons : DataFrame
        row, column, reason: what :attr:`why` gives.
    outside : DataFrame
        Totals that are no rows and count as known all the same, by places, counts and guarded columns: internal.

    Notes
    -----
    ``frame`` has the columns given, hidden numbers missing, and three more: ``hidden`` (bool, the whole row),
    ``hidden_cells`` (names of columns hidden singly, by spaces) and ``bounded`` (names of columns whose number is a
    bound: one below 0.5 reads "at most", one above "at least"). It does not tell what is small from what was hidden to
    guard it: that would narrow what the hidden number can be.
    """

    rules: Rules
    table: pd.DataFrame = field(repr=False)
    known: pd.DataFrame = field(repr=False)
    reasons: pd.DataFrame = field(repr=False)
    outside: pd.DataFrame = field(repr=False)

    @property
    def frame(self) -> pd.DataFrame:
        """The table as it may be shown, a copy."""
        return self.table.copy()

    @property
    def n(self) -> str:
        """Column that counts pupils."""
        return self.rules.n

    @property
    def threshold(self) -> int:
        """Least number of pupils behind a shown row."""
        return self.rules.threshold

    @property
    def hidden(self) -> int:
        """Number of hidden rows."""
        return int(self.table["hidden"].sum())

    @property
    def why(self) -> pd.DataFrame:
        """Why things are hidden: row, column ("" the whole row), reason; for the inside, never for release."""
        return self.reasons.copy()

    def only(self, mask: Sequence[bool] | pd.Series) -> Protected:
        """Keep some rows, with what is remembered of them.

        Parameters
        ----------
        mask : sequence of bool, one a row
        """
        kept = np.flatnonzero(np.asarray(mask, dtype=bool))
        if len(np.asarray(mask)) != len(self.table):
            raise ReleaseError(
                "{given} marks were given for the {rows} rows of a protected table.",
                given=len(np.asarray(mask)),
                rows=len(self.table),
            )
        place = {int(row): number for number, row in enumerate(kept)}
        reasons = self.reasons[self.reasons["row"].isin(place)]
        return Protected(
            self.rules,
            self.table.iloc[kept].reset_index(drop=True),
            self.known.iloc[kept].reset_index(drop=True),
            reasons.assign(row=reasons["row"].map(place).astype("int64")).reset_index(drop=True),
            self.outside,
        )

    def memory(self) -> dict[str, Any]:
        """Return what the frame does not say, for a file that stays inside.

        Returns
        -------
        dict
            ``rules``, ``known`` (numbers before protection, by column), ``why`` and ``outside``; ready for JSON.
        """
        return {
            "rules": self.rules.to_json(),
            "known": _plain(self.known),
            "why": self.reasons.to_dict("list"),
            "outside": _plain(self.outside),
        }

    @classmethod
    def recall(cls, frame: pd.DataFrame, memory: Mapping[str, Any]) -> Protected:
        """Put a released frame and its memory together again.

        Parameters
        ----------
        frame : DataFrame
            From :attr:`frame`, as read from its file.
        memory : Mapping
            From :meth:`memory`.

        Raises
        ------
        ReleaseError
            The two do not belong together.
        """
        try:
            rules = Rules.from_json(memory["rules"])
            known = pd.DataFrame(dict(memory["known"]), dtype="float64")
            outside = pd.DataFrame(dict(memory["outside"]))
            reasons = pd.DataFrame(memory["why"], columns=["row", "column", "reason"])
        except (KeyError, TypeError, ValueError) as error:
            raise ReleaseError("The memory of a protected table cannot be read; run the study again.") from error
        if len(known) != len(frame) or any(mark not in frame for mark in MARKS):
            raise ReleaseError("A protected table and its memory do not belong together; run the study again.")
        found = cls(rules, frame.reset_index(drop=True).copy(), known, reasons.astype({"row": "int64"}), outside)
        found._check_memory()
        return found

    def _check_memory(self) -> None:
        """Raise ReleaseError where a shown number is not the one remembered, rounded."""
        from oko.disclosure.released import strange

        for column in self.known.columns:
            wrong = strange(self.table, self.known, str(column), self.rules)
            if wrong.any():
                raise ReleaseError(
                    "Row {row}, column {column} of a protected table shows another number than was protected; run the "
                    "study again.",
                    row=int(np.flatnonzero(wrong)[0]) + 1,
                    column=column,
                )

    def audit(self, *others: Protected) -> Audit:
        """Work out what the hidden cells can be inferred to be from this table and other versions of it.

        Parameters
        ----------
        *others : Protected
            Tables that count the same pupils: earlier releases, other cuts.

        Returns
        -------
        Audit
        """
        from oko.disclosure.audit import audit

        tables = {str(number): table for number, table in enumerate([self, *others])}
        return audit(tables, dict.fromkeys(tables, "n"))


def _plain(frame: pd.DataFrame) -> dict[str, list[object]]:
    """Return a frame by columns with nothing in it that JSON does not know."""
    return {
        str(name): [
            None if pd.isna(v) else float(v) if isinstance(v, int | float | np.number) else str(v) for v in column
        ]
        for name, column in frame.items()
    }
