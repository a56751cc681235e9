"""Hide what rests on too few pupils, and what could be found by subtracting the rest from a total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.errors import ReleaseError

FLOOR = 5
DEFAULT_THRESHOLD = 10


@dataclass(frozen=True)
class Protected:
    """A table that may be shown.

    Attributes
    ----------
    frame : DataFrame
        The table with hidden numbers missing, and two columns more: ``hidden`` (bool) and ``reason``
        ("", "small": too few pupils, "complementary": hidden so that another cell cannot be worked out).
    n : str
        Column that counts pupils.
    threshold : int
        Least number of pupils behind a shown row.
    """

    frame: pd.DataFrame
    n: str
    threshold: int

    @property
    def hidden(self) -> int:
        """Number of hidden rows."""
        return int(self.frame["hidden"].sum())


def protect(
    table: pd.DataFrame,
    *,
    n: str = "n",
    by: Sequence[str] = (),
    part: str | None = None,
    total: str = "",
    keys: Sequence[str] = (),
    threshold: int = DEFAULT_THRESHOLD,
) -> Protected:
    """Hide rows that stand for fewer pupils than the threshold, then those that would give them away.

    Parameters
    ----------
    table : DataFrame
        Aggregates, one row a group of pupils.
    n : str, default "n"
        Column that counts the pupils behind a row.
    by : sequence of str
        Columns whose combinations each form one list of parts with one total (an assessment, say).
    part : str, optional
        Column that names the part (a school); rows where it equals ``total`` hold the total of the parts.
        Without it every row stands alone and nothing can be found by subtraction.
    total : str, default ""
        The value of ``part`` in rows of totals. The total counts as known to the reader even when it is not a row.
    keys : sequence of str
        Further columns that describe the row rather than its pupils; they stay.
    threshold : int, default 10
        Least number of pupils, 5 or more.

    Returns
    -------
    Protected

    Raises
    ------
    ReleaseError
        The threshold is below 5, or the column of counts is missing.

    Notes
    -----
    Primary suppression hides every row with 0 < n < threshold. Complementary suppression then hides the smallest
    shown part of a list until the hidden parts without the largest of them hold at least ``threshold`` pupils:
    whoever subtracts the shown parts from the total, and a hidden school that subtracts itself as well, is left with
    no fewer. This guards one list of parts against its own total; it does not look at other tables or years
    (Hundepool et al. 2012, Statistical Disclosure Control, ch. 4).

    Examples
    --------
    >>> parts = pd.DataFrame({"school": ["", "344", "498", "329"], "n": [90, 50, 33, 7], "quality": [.5, .6, .4, .2]})
    >>> protect(parts, part="school").frame["reason"].tolist()
    ['', 'complementary', 'complementary', 'small']
    """
    if threshold < FLOOR:
        raise ReleaseError(
            "Threshold {threshold} is below {floor}, the least allowed.", threshold=threshold, floor=FLOOR
        )
    if n not in table:
        raise ReleaseError("The table has no column {column} that counts pupils; nothing can be shown.", column=n)
    frame = table.reset_index(drop=True)
    counts = frame[n].fillna(0).astype(float)
    reason = pd.Series(np.where((counts > 0) & (counts < threshold), "small", ""), index=frame.index)
    if part is not None:
        is_part = frame[part] != total
        for rows in _lists(frame, by):
            _complement(reason, counts, rows[is_part.loc[rows].to_numpy()], threshold)
    return Protected(_hide(frame, reason, {*keys, *by, *([part] if part else [])}), n, threshold)


def _lists(frame: pd.DataFrame, by: Sequence[str]) -> list[pd.Index]:
    if not by or frame.empty:
        return [frame.index]
    lists = frame.groupby(list(by), dropna=False, sort=False).ngroup()
    return [frame.index[lists == place] for place in range(int(lists.max()) + 1)]


def _complement(reason: pd.Series, counts: pd.Series, parts: pd.Index, threshold: int) -> None:
    """Hide further parts of one list in place until the hidden ones cannot be worked out."""
    while True:
        hidden = parts[(reason.loc[parts] != "").to_numpy()]
        shown = parts[((reason.loc[parts] == "") & (counts.loc[parts] > 0)).to_numpy()]
        kept = counts.loc[hidden]
        safe = len(hidden) == 0 or kept.sum() - kept.max() >= threshold
        if safe or len(shown) == 0:
            return
        smallest = shown[int(counts.loc[shown].argmin())]
        reason.loc[[smallest]] = "complementary"


def _hide(frame: pd.DataFrame, reason: pd.Series, keys: set[str]) -> pd.DataFrame:
    hidden = reason != ""
    shown = frame.copy()
    for column in frame.columns.difference(list(keys), sort=False):
        if pd.api.types.is_numeric_dtype(frame[column]) and not pd.api.types.is_bool_dtype(frame[column]):
            shown[column] = frame[column].astype("float64").where(~hidden)
        else:
            shown[column] = frame[column].astype("object").where(~hidden, None)
    return shown.assign(hidden=hidden.to_numpy(), reason=reason.to_numpy())
