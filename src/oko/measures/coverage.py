"""Who took part: the first question to any result."""

from __future__ import annotations

import pandas as pd


def coverage(results: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Count who took a work and who was absent.

    Parameters
    ----------
    results : DataFrame
        Schema ``RESULTS``: one row a pupil and an assessment, present or absent.
    by : list of str
        Columns that make the groups.

    Returns
    -------
    DataFrame
        The by columns, then n (took the work), absent, share_absent (of all listed pupils, 0 to 1) and
        classes (number of classes that took part; 0 where classes are not known).

    Examples
    --------
    >>> rows = pd.DataFrame({"school": ["344"] * 3, "class": ["7А", "7А", "7Б"], "status": ["took", "absent", "took"]})
    >>> coverage(rows, ["school"]).to_dict("records")
    [{'school': '344', 'n': 2, 'absent': 1, 'share_absent': 0.3333333333333333, 'classes': 2}]
    """
    took = results["status"] == "took"
    flagged = results.assign(
        _took=took.astype("int64"),
        _absent=(~took).astype("int64"),
        _class=(results["school"] + " " + results["class"]).where(took),
    )
    groups = flagged.groupby(by, sort=True, dropna=False)
    counted = groups.agg(n=("_took", "sum"), absent=("_absent", "sum"), classes=("_class", "nunique")).reset_index()
    share = counted["absent"] / (counted["n"] + counted["absent"])
    return counted.assign(share_absent=share)[[*by, "n", "absent", "share_absent", "classes"]]
