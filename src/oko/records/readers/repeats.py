"""Rows that say again what an earlier row says: an authority's report exported twice, or two reports on one work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from oko.language import N_
from oko.records.readers import FILE, SHEET, Finding

_TOLERANCE = 1e-9
_APART = {"example", "source"}
_SAID_AGAIN = N_("Rows that say with the same values what {file} says already: {n}; they are taken once.")


def said_again(rows: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """Tell which rows repeat an earlier one.

    Parameters
    ----------
    rows : DataFrame
        Values, with ``#file``, ``#sheet`` and ``#row``.
    keys : sequence of str
        Columns that tell rows apart.

    Returns
    -------
    Series of bool
        True for a row whose keys stood before and that says nothing else than was known of them: each of its values is
        the first known one, or one of the two is missing.

    Examples
    --------
    >>> rows = pd.DataFrame({"group": ["a", "a", "a"], "n": [10, 10, 11], "value": [0.5, None, 0.5]})
    >>> said_again(rows, ["group"]).tolist()
    [False, True, False]
    """
    again = rows.duplicated(list(keys)) & rows[list(keys)].notna().all(axis=1)
    said = [name for name in rows if name not in {*keys, *_APART} and not str(name).startswith("#")]
    if not again.any() or not said:
        return again
    first = rows.groupby(list(keys), sort=False)[said].transform("first")
    for name in said:
        given, known = rows[name], first[name]
        if pd.api.types.is_float_dtype(given):
            again &= ~((given - known).abs() > _TOLERANCE)
        else:
            again &= (given == known).fillna(True).astype(bool) | given.isna()
    return again


def repeated_findings(rows: pd.DataFrame, keys: Sequence[str]) -> Iterator[Finding]:
    """Count, as a warning for each file and sheet, the rows that repeat those of an earlier file.

    Parameters
    ----------
    rows, keys
        As for :func:`said_again`.
    """
    again = said_again(rows, keys)
    if again.any():
        first = rows.groupby(list(keys), sort=False)[FILE].transform("first")
        told = rows.loc[again, [FILE, SHEET]].assign(first=first[again])
        counted = told.value_counts(sort=False).reset_index()
        for file, sheet, earlier, n in counted.itertuples(index=False, name=None):
            values = {"n": int(n), "file": earlier}
            yield Finding(str(file), None, None, _SAID_AGAIN, values, "warning", str(sheet), "row_once")
