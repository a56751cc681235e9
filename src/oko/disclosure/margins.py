"""Which rows of a table are the total of which others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.disclosure.rules import Rules
from oko.errors import ReleaseError

ADDS_UP = 0.005
"""How far shares may be from adding up to one, by rounding of the table given."""


@dataclass(frozen=True)
class Sum:
    """A list of rows with one total.

    Attributes
    ----------
    total : int
        Row of the total.
    parts : tuple of int
        Rows of the parts.
    """

    total: int
    parts: tuple[int, ...]


def texts(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Return columns of keys as texts that do not depend on how they are stored; missing as None.

    Examples
    --------
    >>> texts(pd.DataFrame({"grade": [4.0, None], "school": ["344", ""]}), ["grade", "school"]).to_dict("list")
    {'grade': ['4', None], 'school': ['344', '']}
    """
    return pd.DataFrame(
        {column: pd.Series([_text(value) for value in frame[column]], dtype=object) for column in columns},
        index=range(len(frame)),
    )


def _text(value: object) -> str | None:
    if value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def check_cells(frame: pd.DataFrame, rules: Rules) -> None:
    """Raise ReleaseError where two rows of a table with parts stand for the same cell."""
    if not rules.part:
        return
    twice = texts(frame, rules.places).duplicated().to_numpy()
    if twice.any():
        row = int(np.flatnonzero(twice)[0])
        cell = ", ".join(f"{column} = {frame[column].iloc[row]}" for column in rules.places)
        raise ReleaseError(
            "Row {row} repeats a cell of the table ({cell}): each group of pupils may stand in one row only.",
            row=row + 1,
            cell=cell,
        )


def check_totals(frame: pd.DataFrame, rules: Rules) -> None:
    """Raise ReleaseError where a total counts fewer pupils than its parts together."""
    for entry in sums(texts(frame, rules.places), rules) if rules.part else ():
        for column in rules.counts:
            count = frame[column].astype("float64").to_numpy()
            if count[entry.total] < np.nansum(count[list(entry.parts)]):
                raise ReleaseError(
                    "Row {row} ({cell}) is a total and counts fewer pupils in {column} than its parts together.",
                    row=entry.total + 1,
                    cell=", ".join(f"{name} = {frame[name].iloc[entry.total]}" for name in rules.places),
                    column=column,
                )


def check_distribution(frame: pd.DataFrame, rules: Rules) -> None:
    """Raise ReleaseError where the shares of a row do not add up, or do not make the columns derived from them."""
    if not rules.distribution:
        return
    shares = frame[list(rules.distribution)].astype("float64")
    given = shares.notna().any(axis=1) & (frame[rules.n].fillna(0) > 0)
    wrong = given & ~((shares.sum(axis=1, skipna=False) - 1).abs() < ADDS_UP)
    for column, weights in rules.derived.items():
        made = sum((shares[name] * weight for name, weight in weights.items()), start=pd.Series(0.0, index=frame.index))
        off = (frame[column].astype("float64") - made).abs() > ADDS_UP * max(abs(weight) for weight in weights.values())
        alone = frame[column].notna() & ~given & (frame[rules.n].fillna(0) > 0)
        wrong |= (given & off) | alone
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise ReleaseError(
            "In row {row} ({cell}) the shares do not add up to one, or a column made of them is not what they make.",
            row=row + 1,
            cell=", ".join(f"{column} = {frame[column].iloc[row]}" for column in rules.places),
        )


def outside_totals(frame: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return the totals that are no rows and yet count as known: keys, counts and guarded numbers.

    Notes
    -----
    With one column of parts, each list of two or more parts without a row of total. With several, only along a column
    of which the table gives no total at all: where some lists have theirs, another's was not worth giving.
    """
    columns = [*rules.places, *rules.counts, *rules.guarded]
    keys, made = texts(frame, rules.places), []
    for column in rules.part:
        is_total = (keys[column] == rules.total).to_numpy()
        if len(rules.part) > 1 and is_total.any():
            continue
        for rows in _lists(keys, column):
            if len(rows) > 1 and not is_total[rows].any():
                made.append(_total(frame.iloc[rows], column, rules))
    return pd.DataFrame(made, columns=list(dict.fromkeys(columns)))


def _total(parts: pd.DataFrame, column: str, rules: Rules) -> dict[str, object]:
    row: dict[str, object] = {name: parts[name].iloc[0] for name in rules.places} | {column: rules.total}
    counts = {name: parts[name].astype("float64") for name in rules.counts}
    row |= {name: float(count.sum()) for name, count in counts.items()}
    for name in rules.guarded:
        mean = rules.means.get(name)
        count, values = counts[mean.n if mean else rules.n], parts[name].astype("float64")
        held = count.where(values.notna(), 0.0)
        row[name] = float((values.fillna(0.0) * held).sum() / held.sum()) if held.sum() > 0 else np.nan
    return row


def sums(keys: pd.DataFrame, rules: Rules) -> list[Sum]:
    """Return the lists of a table whose total is a row.

    Parameters
    ----------
    keys : DataFrame
        From :func:`texts`, of the columns ``by`` and ``part``; rows that are no part of any sum left out.
    rules : Rules

    Notes
    -----
    For each column of parts, and each combination of the other columns of keys, the row where that column holds the
    total is the sum of the rows where it does not. So the levels of a hierarchy and the margins of a cross table are
    one thing.
    """
    found = []
    for column in rules.part:
        is_total = (keys[column] == rules.total).to_numpy()
        for rows in _lists(keys, column):
            totals, parts = rows[is_total[rows]], rows[~is_total[rows]]
            if len(totals) == 1 and len(parts):
                found.append(Sum(int(totals[0]), tuple(int(row) for row in parts)))
    return found


def _lists(keys: pd.DataFrame, column: str) -> list[np.ndarray]:
    others = [name for name in keys.columns if name != column]
    if not others:
        return [np.arange(len(keys))] if len(keys) else []
    number = keys.groupby(others, dropna=False, sort=False).ngroup().to_numpy()
    order = np.argsort(number, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(number[order])) + 1) if len(order) else []


def insiders(keys: pd.DataFrame, rules: Rules) -> list[tuple[str, np.ndarray]]:
    """Return who knows some rows by themselves, each with a mask of these rows.

    Notes
    -----
    The columns of parts are named from the largest to the smallest: of kind, school and class, a kind knows all its
    schools, a school all its classes, a class itself. Where a school and a subject cross and the school is named first,
    a school knows all its subjects, but nobody knows the subject of all schools.
    """
    own = keys[list(rules.part)]
    is_part = (own != rules.total) & own.notna()
    found: list[tuple[tuple[str, ...], np.ndarray]] = []
    for depth in range(1, len(rules.part) + 1):
        columns = list(rules.part[:depth])
        rows = np.flatnonzero(is_part[columns].all(axis=1))
        held = own.iloc[rows].groupby(columns, sort=True)
        found += [(_names(name), rows[places]) for name, places in held.indices.items()]
    masks = [(name, np.isin(np.arange(len(keys)), rows)) for name, rows in found if len(rows)]
    ends = Counter(name[-1] for name, _ in masks)
    return [(name[-1] if ends[name[-1]] == 1 else " ".join(name), mask) for name, mask in masks]


def _names(key: object) -> tuple[str, ...]:
    return tuple(str(value) for value in key) if isinstance(key, tuple) else (str(key),)


def rounded_counts(counts: np.ndarray, lists: list[Sum], base: int) -> np.ndarray:
    """Round counts to a base and make each total again from its rounded parts.

    Parameters
    ----------
    counts : array, one a row
        Missing counts stay missing.
    lists : list of Sum
    base : int
        1 leaves the counts as they are.
    """
    if base == 1:
        return counts
    rounded = np.floor(counts / base + 0.5) * base
    for _ in range(len(lists) + 1):
        before = rounded.copy()
        for entry in lists:
            parts, together = list(entry.parts), np.nansum(rounded[list(entry.parts)])
            exact = counts[parts].sum() == counts[entry.total]
            rounded[entry.total] = together if exact else np.maximum(rounded[entry.total], together)
        if np.array_equal(before, rounded, equal_nan=True):
            break
    return rounded
