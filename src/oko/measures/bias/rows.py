"""Rows of results, read and checked once for every marker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.intervals import Floats
from oko.measures.weights import Codes, as_codes, as_numbers

FEWEST = 10
"""Pupils below which a group is not judged: our own threshold, the official rules name none."""


def need(results: pd.DataFrame, columns: Iterable[str]) -> None:
    """Refuse what is no table of results, or lacks a column.

    Raises
    ------
    MeasureError
    """
    if not isinstance(results, pd.DataFrame):
        raise MeasureError("The results are no table: give a DataFrame with one row for each pupil and work.")
    for column in columns:
        if column not in results:
            raise MeasureError("Column {column} is missing from the results.", column=repr(column))
    if not results.columns.is_unique:
        twice = results.columns[results.columns.duplicated()][0]
        raise MeasureError("Column {column} stands twice in the results: give it once.", column=repr(twice))
    for column in {"school", "assessment"} & set(results.columns):
        if pd.api.types.infer_dtype(results[column]).startswith("mixed"):
            raise MeasureError(
                "Column {column} holds numbers and text: write all its codes alike.", column=repr(column)
            )


def check_fewest(fewest: int) -> None:
    """Refuse a smallest number of pupils that is no whole number from 1 up.

    Raises
    ------
    MeasureError
    """
    if not isinstance(fewest, (int, np.integer)) or isinstance(fewest, bool) or fewest < 1:
        raise MeasureError("The fewest pupils are a whole number from 1 up, not {given}.", given=repr(fewest))


def numbers(results: pd.DataFrame, column: str) -> Floats:
    """Return a column as numbers; NaN in every row of a column without any."""
    if not results[column].notna().any():
        return np.full(len(results), np.nan)
    return as_numbers(results[column], column)


def grouped(frame: pd.DataFrame, columns: Sequence[str]) -> tuple[Codes, pd.DataFrame]:
    """Return the number of each row's group, in sorted order, and the keys of the groups.

    Examples
    --------
    >>> codes, keys = grouped(pd.DataFrame({"school": ["b", "a", "b"]}), ["school"])
    >>> codes.tolist(), keys["school"].tolist()
    ([1, 0, 1], ['a', 'b'])
    """
    if not columns:
        return np.zeros(len(frame), dtype=np.int64), pd.DataFrame(index=pd.RangeIndex(1))
    groups = frame.groupby(list(columns), sort=True, dropna=False, observed=True)
    codes = np.asarray(groups.ngroup(), dtype=np.int64)
    first = pd.Series(codes).drop_duplicates().sort_values().index
    return codes, frame[list(columns)].iloc[first.to_numpy()].reset_index(drop=True)


def classes(results: pd.DataFrame, group: Codes) -> Codes:
    """Return the number of each row's class within its group and school; without a class, of the school."""
    school = as_codes(results["school"])[0] + 1
    label = as_codes(results["class"])[0] + 1 if "class" in results else np.zeros(len(results), dtype=np.int64)
    identity = (group * (school.max(initial=0) + 1) + school) * (label.max(initial=0) + 1) + label
    codes: Codes = pd.factorize(identity)[0].astype(np.int64)
    return codes


def judged(rows: pd.DataFrame, reason: Sequence[str] | pd.Series, marked: pd.Series) -> pd.DataFrame:
    """Return the rows with ``applicable``, ``reason`` (empty where applicable) and ``marked``."""
    why = pd.Series(reason, index=rows.index, dtype=object).fillna("")
    applicable = why == ""
    return rows.assign(applicable=applicable, reason=why, marked=applicable & marked.astype(bool))
