"""What the numbers of a table to be protected may be."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.disclosure.primary import ends
from oko.disclosure.rules import Rules
from oko.errors import ReleaseError

CLOSE = 1e-6
"""How far out of its range a number may be by rounding, in parts of the greatest number."""


def plain(frame: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Return a table whose numbers are numpy's: pandas' own kinds of number have a missing value of their own.

    Examples
    --------
    >>> plain(pd.DataFrame({"n": pd.array([12, None], dtype="Int64")}), Rules())["n"].tolist()
    [12.0, nan]
    """
    own = [name for name in frame if pd.api.types.is_extension_array_dtype(frame[name])]
    numbers = [name for name in own if pd.api.types.is_numeric_dtype(frame[name]) and name not in rules.named]
    truths = [name for name in numbers if pd.api.types.is_bool_dtype(frame[name])]
    absent = set(frame.columns[frame.isna().all().to_numpy()])
    empty = [name for name in [*rules.counts, *rules.guarded] if name in absent]
    return frame.astype({name: "float64" for name in [*numbers, *empty] if name not in truths})


def check_numbers(frame: pd.DataFrame, rules: Rules) -> None:
    """Raise ReleaseError where a number cannot be what the rules say it is.

    Notes
    -----
    Counts are whole and not negative, shares lie between 0 and 1, means within the range given for them. Numbers
    outside would be guarded by what an attacker cannot do rather than by what one can.
    """
    if not frame.columns.is_unique:
        raise ReleaseError("The table to be protected has two columns of the same name.")
    for column in [*rules.counts, *rules.guarded]:
        if not pd.api.types.is_numeric_dtype(frame[column]):
            raise ReleaseError("Column {column} of the table to be protected holds no numbers.", column=column)
        values = frame[column].astype("float64").to_numpy()
        if column in rules.counts:
            wrong = ~np.isnan(values) & ~((values >= 0) & (values == np.floor(values)) & np.isfinite(values))
        else:
            low, high = _range(frame, column, rules)
            slack = CLOSE * np.maximum(1.0, np.where(np.isfinite(high), np.abs(high), 1.0))
            wrong = ~np.isnan(values) & ~((values >= low - slack) & (values <= high + slack) & np.isfinite(values))
        if wrong.any():
            row = int(np.flatnonzero(wrong)[0])
            raise ReleaseError(
                "Row {row}, column {column}: {value} is no number of pupils and no mean or share within its range.",
                row=row + 1,
                column=column,
                value=values[row],
            )


def _range(frame: pd.DataFrame, column: str, rules: Rules) -> tuple[np.ndarray, np.ndarray]:
    if column in rules.means:
        return ends(frame, column, rules)
    weights = list(rules.derived.get(column, {"": 1.0}).values())
    least, most = min(0.0, *weights), max(0.0, *weights)
    return np.full(len(frame), least), np.full(len(frame), most)
