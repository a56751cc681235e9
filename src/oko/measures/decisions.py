"""Where the decisions of a log stand on a day: done, open, cancelled, and which are late by the model's terms."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd


def standing(actions: pd.DataFrame, terms: Mapping[str, int], as_of: str = "") -> pd.DataFrame:
    """Return the decisions taken by a day, each with its state and whether it is late.

    Parameters
    ----------
    actions : DataFrame
        The register: date, status, done (ISO dates), kind and whatever else it holds.
    terms : mapping of kind to days
        A kind without a term is never late.
    as_of : str, default ""
        ISO date; by default the last day that the log knows. What was done later is open.

    Returns
    -------
    DataFrame
        Rows decided by then, with ``state`` ("done", "open", "cancelled"), ``late`` (done after its term, or open and
        past it) and ``as_of``. When a decision was cancelled the log does not say: it counts as cancelled throughout.

    Examples
    --------
    >>> rows = pd.DataFrame({"date": ["2020-10-01", "2020-12-01"], "status": ["done", "planned"], "kind": "lesson"})
    >>> found = standing(rows.assign(done=["2020-11-30", None]), {"lesson": 30}, "2020-12-20")
    >>> found[["state", "late"]].values.tolist()
    [['done', True], ['open', False]]
    """
    known = actions.dropna(subset="date")
    last = as_of or max([*known["date"], *known["done"].dropna()], default="")
    rows = known[known["date"] <= last]
    begun, ended, today = pd.to_datetime(rows["date"]), pd.to_datetime(rows["done"]), pd.Timestamp(last or "2000-01-01")
    done = (rows["status"] == "done").astype("bool") & ~(ended > today)
    cancelled = (rows["status"] == "cancelled").astype("bool")
    due = begun + pd.to_timedelta(rows["kind"].map(dict(terms)).astype("float64"), unit="D")
    late = ~cancelled & ((done & (ended > due)) | (~done & (due < today)))
    state = np.select([cancelled, done], ["cancelled", "done"], "open")
    return rows.assign(state=state, late=late.astype("bool"), as_of=last)


def counts(rows: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Count decisions: the by-columns, ``decided``, ``done``, ``open``, ``cancelled``, ``late``.

    Parameters
    ----------
    rows : DataFrame
        Of `standing`.
    by : list of str
        Without columns everything is one row.
    """
    told = rows[by].assign(decided=1, late=rows["late"].astype("int64"))
    for state in ("done", "open", "cancelled"):
        told[state] = (rows["state"] == state).astype("int64")
    columns = ["decided", "done", "open", "cancelled", "late"]
    if not by:
        return told[columns].sum().astype("int64").to_frame().T
    return told.groupby(by, sort=True)[columns].sum().astype("int64").reset_index()
