"""Primary rules: what may not be shown by itself, whatever stands beside it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from oko.disclosure.margins import texts
from oko.disclosure.rules import (
    DOMINANCE,
    DOMINANT,
    FREE_LEAST,
    LEAST_CONTRIBUTORS,
    MODEL_SHARE,
    Rules,
    zone,
)
from oko.disclosure.system import CLOSE, Mask
from oko.errors import ReleaseError

SENSITIVE = ("small", "dominance")
"""Reasons for which a group's own numbers have to be guarded against being worked out."""


@dataclass
class Marks:
    """What is hidden of a table, and why: by row, and by column of a row.

    Attributes
    ----------
    rows : array of str, one a row
        Reason for which the whole row is hidden, or "".
    cells : dict of str to array of str
        By column: reason for which the number is hidden, or "".
    bounds : dict of str to mask
        By column: whether the number is replaced by a bound.
    """

    rows: np.ndarray
    cells: dict[str, np.ndarray] = field(default_factory=dict)
    bounds: dict[str, Mask] = field(default_factory=dict)

    @classmethod
    def none(cls, rules: Rules, rows: int) -> Marks:
        """Return marks of a table of which nothing is hidden yet."""
        columns = list(dict.fromkeys([*rules.counts, *rules.guarded]))
        empty = np.full(rows, "", dtype=object)
        return cls(
            empty.copy(),
            {column: empty.copy() for column in columns},
            {column: np.zeros(rows, dtype=bool) for column in rules.guarded},
        )

    def hidden(self, column: str) -> Mask:
        """Say in which rows a column's number is missing."""
        return np.asarray((self.rows != "") | (self.cells[column] != ""))

    def bounded(self, column: str) -> Mask:
        """Say in which rows a column's number is a bound."""
        return np.asarray(self.bounds[column] & ~self.hidden(column))

    def why(self) -> pd.DataFrame:
        """Return row, column ("" the whole row), reason."""
        found = [(int(row), "", str(self.rows[row])) for row in np.flatnonzero(self.rows != "")]
        for column, reasons in self.cells.items():
            shown = self.rows == ""
            found += [(int(row), column, str(reasons[row])) for row in np.flatnonzero((reasons != "") & shown)]
            if column in self.bounds:
                found += [(int(row), column, "extreme") for row in np.flatnonzero(self.bounded(column))]
        frame = pd.DataFrame(sorted(found), columns=["row", "column", "reason"])
        return frame.astype({"row": "int64", "column": "object", "reason": "object"})


def primary(frame: pd.DataFrame, rules: Rules, contributors: pd.DataFrame | None) -> Marks:
    """Mark what the primary rules hide or replace by a bound.

    Parameters
    ----------
    frame : DataFrame
        Checked: every column that the rules name is there.
    rules : Rules
    contributors : DataFrame or None
        Who makes up the cells: columns of places, ``contributor``, ``n``.

    Returns
    -------
    Marks

    Notes
    -----
    small: 0 < n < threshold, or numbers that do not say of how many pupils, or say of nobody; dominance: fewer than 3
    contributors, or the 2 largest hold more than 0.90 of the pupils; model: more than 0.33 parameters a pupil, or fewer
    than 10 degrees of freedom; extreme: a share within the zone of its group's size becomes a bound, a mean at an end
    of its range is hidden. Sources beside the constants in ``rules``.
    """
    marks = Marks.none(rules, len(frame))
    n = frame[rules.n].astype("float64").to_numpy()
    small = (n > 0) & (n < rules.threshold)
    nameless = np.isnan(n) & _any_number(frame, rules)
    marks.rows[small | nameless] = "small"
    if contributors is not None:
        marks.rows[(marks.rows == "") & (n > 0) & _dominated(frame, rules, contributors)] = "dominance"
    if rules.model:
        marks.rows[(marks.rows == "") & _too_large(frame, rules)] = "model"
    for column in rules.counts[1:]:
        few = frame[column].astype("float64").to_numpy()
        marks.cells[column][(few > 0) & (few < rules.threshold)] = "small"
    for column, mean in rules.means.items():
        _mean(marks, frame, column, marks.cells[mean.n], rules)
    for column in rules.guarded:
        of = rules.means[column].n if column in rules.means else rules.n
        nobody = ~(frame[of].astype("float64").to_numpy() > 0) & frame[column].notna().to_numpy()
        marks.cells[column][nobody] = "small"
        if rules.is_share(column) and column not in rules.means:
            marks.bounds[column] = near_ends(frame[column].astype("float64").to_numpy(), n)
    return marks


def near_ends(shares: np.ndarray, n: np.ndarray) -> Mask:
    """Say which shares of n pupils lie within the zone of their group's size."""
    zones = np.array([zone(count) for count in np.nan_to_num(n)])
    near = np.isfinite(shares) & ((shares <= zones + CLOSE) | (shares >= 1 - zones - CLOSE))
    return np.asarray(near & (n > 0))


def ends(frame: pd.DataFrame, column: str, rules: Rules) -> tuple[np.ndarray, np.ndarray]:
    """Return the least and the greatest value that a mean may have, row by row."""
    mean = rules.means[column]
    upper = frame[mean.upper].astype("float64").to_numpy() if isinstance(mean.upper, str) else mean.upper
    highest = np.broadcast_to(np.asarray(upper, dtype="float64"), len(frame))
    return np.full(len(frame), mean.lower), np.where(np.isnan(highest), np.inf, highest)


def _mean(marks: Marks, frame: pd.DataFrame, column: str, few: np.ndarray, rules: Rules) -> None:
    values = frame[column].astype("float64").to_numpy()
    if rules.means[column].n != rules.n:
        marks.cells[column][(few == "small") & np.isfinite(values)] = "small"
    lower, upper = ends(frame, column, rules)
    at_end = np.isfinite(values) & ((values <= lower) | (values >= upper)) & (marks.cells[column] == "")
    marks.cells[column][at_end & (lower < upper)] = "extreme"


def _any_number(frame: pd.DataFrame, rules: Rules) -> Mask:
    numbers = frame.drop(columns=[name for name in rules.named if name in frame]).select_dtypes("number")
    return np.asarray(numbers.notna().any(axis=1))


def _dominated(frame: pd.DataFrame, rules: Rules, contributors: pd.DataFrame) -> Mask:
    """Say which rows rest on too few contributors; rows of which the contributors are not told are not judged."""
    places = [column for column in rules.places if column in contributors]
    if missing := [column for column in ("contributor", "n") if column not in contributors]:
        raise ReleaseError("The table of contributors has no column {column}.", column=missing[0])
    keys = texts(contributors.reset_index(drop=True), places)
    held = keys.assign(n=contributors["n"].astype("float64").to_numpy(), _who=contributors["contributor"].to_numpy())
    held = held[held["n"] > 0].groupby([*places, "_who"], dropna=False)["n"].sum().reset_index()
    cells = held.groupby(places, dropna=False)["n"] if places else held.groupby(lambda _: 0)["n"]
    largest = cells.apply(lambda n: n.nlargest(DOMINANT).sum())
    wrong = (cells.size() < LEAST_CONTRIBUTORS) | (largest > DOMINANCE * cells.sum())
    if not places:
        return np.full(len(frame), bool(wrong.any()))
    judged = texts(frame, places).merge(wrong.rename("_wrong").reset_index(), on=places, how="left")
    return np.asarray(judged["_wrong"].eq(True))


def _too_large(frame: pd.DataFrame, rules: Rules) -> Mask:
    model = frame.groupby(list(rules.model), dropna=False, sort=False)[rules.n]
    parameters, n = model.transform("size"), model.transform("min").astype("float64")
    return np.asarray((parameters > MODEL_SHARE * n) | (n - parameters < FREE_LEAST))
