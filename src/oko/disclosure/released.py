"""The frame of a protected table: hidden numbers missing, the rest rounded."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.disclosure.margins import rounded_counts, sums, texts
from oko.disclosure.primary import Marks, primary
from oko.disclosure.protected import MARKS, Protected
from oko.disclosure.rules import Rules, zone
from oko.disclosure.system import CLOSE
from oko.errors import ReleaseError

COMPANIONS = ("_lower", "_upper")
UNKNOWN = "unknown"
"""Reason in a table of which nobody remembers what was hidden, and why."""


def released(frame: pd.DataFrame, marks: Marks, rules: Rules) -> pd.DataFrame:
    """Return the table as it may be shown.

    Parameters
    ----------
    frame : DataFrame
        The table given.
    marks : Marks
        What is hidden of it.
    rules : Rules

    Returns
    -------
    DataFrame
        The table's columns and ``hidden``, ``hidden_cells``, ``bounded``. Ends of an interval are hidden with what it
        is the interval of.
    """
    shown, hidden = frame.copy(), marks.rows != ""
    widths = np.array([zone(count) for count in frame[rules.n].astype("float64").fillna(0.0)])
    lists = sums(texts(frame, rules.places), rules) if rules.part else []
    for column in rules.counts:
        shown[column] = rounded_counts(frame[column].astype("float64").to_numpy(), lists, rules.round_to)
    singly: list[list[str]] = [[] for _ in range(len(frame))]
    bounded: list[list[str]] = [[] for _ in range(len(frame))]
    for column in frame.columns.difference(sorted(rules.named), sort=False):
        number = pd.api.types.is_numeric_dtype(frame[column]) and not pd.api.types.is_bool_dtype(frame[column])
        if number:
            values = shown[column].astype("float64")
            if column not in rules.counts and not pd.api.types.is_integer_dtype(frame[column]):
                values = pd.Series(significant(values.to_numpy(), rules.digits))
            shown[column] = values
        else:
            shown[column] = frame[column].astype("object")
        alone = _hidden_singly(frame, str(column), marks) & ~hidden
        bounds = marks.bounded(column) if column in marks.bounds else np.zeros(len(frame), dtype=bool)
        if bounds.any():
            ends = np.where(frame[column].to_numpy(dtype="float64") < 0.5, widths, np.round(1 - widths, 2))
            shown[column] = np.where(bounds, ends, shown[column])
        for row in np.flatnonzero(bounds):
            bounded[row].append(str(column))
        for row in np.flatnonzero(alone):
            singly[row].append(str(column))
        gone = pd.Series(hidden | alone)
        shown[column] = shown[column].where(~gone) if number else shown[column].where(~gone, None)
    added = {"hidden": hidden, "hidden_cells": _spaced(singly), "bounded": _spaced(bounded)}
    return shown.assign(**dict(zip(MARKS, added.values(), strict=True)))


def _spaced(names: list[list[str]]) -> pd.Series:
    return pd.Series([" ".join(columns) for columns in names], dtype=object)


def _hidden_singly(frame: pd.DataFrame, column: str, marks: Marks) -> np.ndarray:
    if column in marks.cells:
        return np.asarray((marks.cells[column] != "") & frame[column].notna())
    for ending in COMPANIONS:
        of = column.removesuffix(ending)
        if column.endswith(ending) and of in marks.cells:
            gone = marks.cells[of] != ""
            gone = gone | marks.bounds[of] if of in marks.bounds else gone
            return np.asarray(gone & frame[column].notna())
    return np.zeros(len(frame), dtype=bool)


def significant(values: np.ndarray, digits: int) -> np.ndarray:
    """Round numbers to significant digits.

    Examples
    --------
    >>> significant(np.array([0.123456, 98765.4, 0.0]), 3).tolist()
    [0.123, 98800.0, 0.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        places = np.where(np.isfinite(values) & (values != 0), digits - 1 - np.floor(np.log10(np.abs(values))), 0)
    rounded = [
        round(float(value), int(place)) if np.isfinite(value) else value
        for value, place in zip(values, places, strict=True)
    ]
    return np.array(rounded, dtype="float64")


def sharper(frame: pd.DataFrame, column: str, n: pd.Series) -> np.ndarray:
    """Say in which rows of a released frame a number called a bound is not the end of its zone.

    Parameters
    ----------
    frame : DataFrame
    column : str
    n : Series
        Pupils of the rows.
    """
    values = frame[column].astype("float64").to_numpy()
    widths = np.array([zone(count) for count in n.astype("float64").fillna(0.0)])
    listed = np.array([column in str(text).split() for text in frame["bounded"]], dtype=bool)
    return np.asarray(listed & np.isfinite(values) & (np.abs(np.minimum(values, 1 - values) - widths) > CLOSE))


def strange(frame: pd.DataFrame, known: pd.DataFrame, column: str, rules: Rules) -> np.ndarray:
    """Say in which rows a released frame shows a number that is not the one known before protection, rounded.

    Parameters
    ----------
    frame : DataFrame
    known : DataFrame
        Numbers before protection, row by row of the frame.
    column : str
    rules : Rules

    Notes
    -----
    Bounds are not looked at. A total of rounded counts may be off by as much as its parts together, which need not all
    be rows of the frame; it is a multiple of the base.
    """
    if column not in frame:
        return np.ones(len(frame), dtype=bool)
    shown, true = (table[column].astype("float64").to_numpy() for table in (frame, known))
    bounds = np.array([column in str(text).split() for text in frame["bounded"]], dtype=bool)
    if column in rules.counts:
        off = (np.abs(shown - true) > rules.round_to / 2) | (np.mod(shown, rules.round_to) != 0)
        if rules.round_to == 1:
            off = shown != true
        elif rules.part:
            totals = (texts(frame, list(rules.part)) == rules.total).any(axis=1).to_numpy()
            off &= ~totals | (np.mod(shown, rules.round_to) != 0)
    else:
        rounded = significant(true, rules.digits)
        off = np.abs(shown - true) > np.abs(rounded - true) + CLOSE * np.abs(true) / 1000
    return np.asarray(np.isfinite(shown) & ~bounds & (off | np.isnan(true)))


def check_marked(frame: pd.DataFrame, rules: Rules) -> Protected:
    """Take a released frame for what it is, unless it shows what the primary rules hide.

    Notes
    -----
    What was known before its protection is not in the frame, so it cannot be audited: keep the value that ``protect``
    gave, or its memory. Only what the frame shows is judged here, by the threshold given.
    """
    bare = frame.drop(columns=list(MARKS))
    found = primary(bare, rules, None)
    hidden = frame["hidden"].astype(bool).to_numpy()
    wrong = (found.rows != "") & ~hidden
    for column in rules.guarded:
        listed = np.array([column in str(text).split() for text in frame["bounded"]], dtype=bool)
        extreme = (found.cells[column] != "") & frame[column].notna().to_numpy()
        wrong |= (extreme | (found.bounds[column] & ~listed) | sharper(frame, column, frame[rules.n])) & ~hidden
    if wrong.any():
        raise ReleaseError(
            "Row {row} of a table marked as protected shows what has to be hidden; protect the table it was made from.",
            row=int(np.flatnonzero(wrong)[0]) + 1,
        )
    told = (frame["hidden_cells"].astype("str") != "") | (frame["bounded"].astype("str") != "")
    rows = [(int(row), "", UNKNOWN) for row in np.flatnonzero(hidden | told.to_numpy())]
    why = pd.DataFrame(rows, columns=["row", "column", "reason"]).astype({"row": "int64"})
    columns = list(dict.fromkeys([*rules.counts, *rules.guarded]))
    return Protected(rules, frame, frame[columns].astype("float64"), why, frame.iloc[:0][[*rules.places, *columns]])
