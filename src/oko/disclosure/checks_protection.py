"""Check of a protected table against its own memory: it shows nothing that the primary rules hide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from oko.disclosure.checks import places
from oko.disclosure.margins import sums, texts
from oko.disclosure.primary import primary
from oko.disclosure.protected import MARKS, Protected

RESULTS = frozenset(
    {"share_2", "share_3", "share_4", "share_5", "quality", "pass_rate", "sou", "mean_score", "facility"}
)
"""Columns that are results of pupils in every table: protection must be told of them."""


def broken(now: Protected, threshold: int) -> str:
    """Name columns that show what protection hides, or that it was not told of.

    Parameters
    ----------
    now : Protected
    threshold : int
        Least number of pupils of the cluster; the table's own counts where it is higher.

    Returns
    -------
    str
        Columns with the number of cells; "" where all is hidden that ``protect`` hides by itself.
    """
    rules = replace(now.rules, threshold=max(threshold, now.rules.threshold))
    shown, known = now.frame, now.known
    marks = primary(shown.assign(**{str(name): known[name] for name in known}), rules, None)
    found = {str(name): len(shown) for name in shown if name in RESULTS and name not in rules.guarded}
    bounded = [str(names).split() for names in shown["bounded"]]
    for column in [*rules.counts, *rules.guarded]:
        bound = np.array([column in names for names in bounded], dtype=bool)
        near = marks.bounded(column) & ~bound if column in marks.bounds else np.zeros(len(shown), dtype=bool)
        found[column] = int(((marks.hidden(column) | near) & shown[column].notna().to_numpy()).sum())
    return places(found)


def untold_total(now: Protected) -> str:
    """Name the row that counts the pupils of all others of its list, hidden ones too, and was not declared their total.

    Rows are of one list where they differ in one describing column alone. Protection hides a row's neighbours only for
    totals that it is told of: from another the hidden row is the rest.

    Examples
    --------
    >>> from oko.disclosure import protect
    >>> table = pd.DataFrame({"school": ["344", "498", "512", "all"], "n": [7, 40, 30, 77]})
    >>> untold_total(protect(table, keys="school")), untold_total(protect(table, part="school", total="all"))
    ('n (1)', '')
    """
    shown = now.frame
    n = now.known[now.n].to_numpy()
    missing = shown[now.n].isna().to_numpy() & (n > 0)
    named = [str(c) for c, v in shown.items() if c not in MARKS and not pd.api.types.is_numeric_dtype(v)]
    keys = texts(shown, named)
    declared = {entry.total for entry in sums(texts(shown, now.rules.places), now.rules)} if now.rules.part else set()
    found = 0
    for name in named if missing.any() else ():
        rest = [other for other in named if other != name]
        lists = keys.groupby(rest, dropna=False).indices.values() if rest else [np.arange(len(shown))]
        for rows in lists:
            whole = [row for row in rows if not missing[row] and row not in declared]
            if len(rows) > 2 and missing[rows].any():
                found += sum(bool(2 * n[row] == np.nansum(n[rows])) for row in whole)
    return f"{now.n} ({found})" if found else ""
