"""How many pupils of each school earned all points of a task: what readers without statistics ask for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from oko.measures.items.facility import facility

COLUMNS = ["assessment", "item", "school", "n", "share_full", "share_full_lower", "share_full_upper"]


def full_points(responses: Mapping[str, pd.DataFrame], items: pd.DataFrame, school: str) -> pd.DataFrame:
    """Return the share of pupils with all points, by task and school.

    Parameters
    ----------
    responses : Mapping of str to DataFrame
        Task scores by assessment; index school, class, pupil; columns tasks; NaN = not administered.
    items : DataFrame
        assessment, item, max_score.
    school : str
        The school that gets intervals (of 95 %, clustered by class); the others' are not computed.

    Returns
    -------
    DataFrame
        assessment, item, school, n, share_full, share_full_lower, share_full_upper; tasks in the order of the columns.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("1", "7А", "a"), ("1", "7А", "b")], names=["school", "class", "pupil"])
    >>> most = pd.DataFrame({"assessment": ["w"], "item": ["1"], "max_score": [2.0]})
    >>> full_points({"w": pd.DataFrame({"1": [2.0, 1.0]}, index)}, most, "1")[["n", "share_full"]].values.tolist()
    [[2.0, 0.5]]
    """
    found = [pd.DataFrame(columns=COLUMNS)]
    for name, scores in responses.items():
        most = items[items["assessment"] == name].set_index("item")["max_score"].reindex(scores.columns)
        full = scores.eq(most, axis=1).astype("float64").where(scores.notna())
        by_school = full.groupby(level="school")
        rows = pd.DataFrame({"n": by_school.count().stack(), "share_full": by_school.mean().stack()})
        rows = rows.rename_axis(["school", "item"]).reset_index()
        found.append(rows.merge(_intervals(full, school), on=["school", "item"], how="left").assign(assessment=name))
    kept = [frame for frame in found if len(frame)] or found
    return pd.concat(kept, ignore_index=True)[COLUMNS]


def _intervals(full: pd.DataFrame, school: str) -> pd.DataFrame:
    own = full[full.index.get_level_values("school") == school]
    if own.empty:
        return pd.DataFrame({"school": [], "item": [], "share_full_lower": [], "share_full_upper": []}, dtype="object")
    classes = own.index.get_level_values("class").to_series(index=own.index).fillna("")
    rows = facility(own, pd.Series(np.ones(own.shape[1]), own.columns), clusters=classes)[["lower", "upper"]]
    return rows.add_prefix("share_full_").rename_axis("item").reset_index().assign(school=school)
