"""Groups and classes of rows of results, numbered; and columns that may hold nothing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from oko.measures.intervals import Floats
from oko.measures.weights import Codes, as_codes, as_numbers


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


def numbers(results: pd.DataFrame, column: str) -> Floats:
    """Return a column as numbers; NaN in every row of a column without any."""
    if not results[column].notna().any():
        return np.full(len(results), np.nan)
    return as_numbers(results[column], column)
