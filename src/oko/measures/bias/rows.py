"""Rows of results, read and checked once for every marker."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from oko.errors import MeasureError

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


def judged(rows: pd.DataFrame, reason: Sequence[str] | pd.Series, marked: pd.Series) -> pd.DataFrame:
    """Return the rows with ``applicable``, ``reason`` (empty where applicable) and ``marked``."""
    why = pd.Series(reason, index=rows.index, dtype=object).fillna("")
    applicable = why == ""
    return rows.assign(applicable=applicable, reason=why, marked=applicable & marked.astype(bool))
