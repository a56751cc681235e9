"""Where one mark ends and the next begins, as the marks and scores themselves show it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.bias.journal import read_marks
from oko.measures.bias.rows import need
from oko.measures.grouping import numbers
from oko.measures.statement import Statement, named

BORDERS = {3: "mark_3_from", 4: "mark_4_from", 5: "mark_5_from"}


def mark_borders(results: pd.DataFrame) -> pd.DataFrame:
    """Return the lowest primary score of each mark, as the results show it.

    Parameters
    ----------
    results : DataFrame, one row a pupil and an assessment
        Columns ``assessment``, ``primary_score`` (points), ``mark`` (2 to 5).

    Returns
    -------
    DataFrame
        Index ``assessment``: ``mark_3_from``, ``mark_4_from``, ``mark_5_from``. NaN where the highest score of the mark
        below is not the score just before: nobody has it, or schools marked by different scales. Statements in
        ``.attrs["statements"]``.

    Raises
    ------
    MeasureError
        A column is missing, or a mark is not 2 to 5.

    Examples
    --------
    >>> pupils = pd.DataFrame({"assessment": "vpr", "primary_score": [4, 5, 6, 9, 10, 16], "mark": [2, 2, 3, 3, 4, 5]})
    >>> mark_borders(pupils).iloc[0].tolist()
    [6.0, 10.0, nan]
    """
    need(results, ["assessment", "primary_score", "mark"])
    rows = pd.DataFrame(
        {
            "assessment": results["assessment"].to_numpy(),
            "score": numbers(results, "primary_score"),
            "mark": read_marks(results, "mark"),
        }
    ).dropna()
    ends = rows.groupby(["assessment", "mark"], observed=True)["score"].agg(["min", "max"]).unstack("mark")
    found = pd.DataFrame(index=ends.index.rename("assessment"))
    for mark, column in BORDERS.items():
        missing = pd.Series(np.nan, ends.index)
        first, last = ends.get(("min", float(mark)), missing), ends.get(("max", float(mark - 1)), missing)
        found[column] = first.where(last + 1 == first)
    unknown = found.index[found.isna().any(axis=1)]
    said = (Statement("bias_borders_unknown", {"assessments": named(unknown)}),) if len(unknown) else ()
    found.attrs["statements"] = said
    return found


def read_borders(borders: pd.DataFrame) -> pd.DataFrame:
    """Return borders on the index of assessments as text, once they are known to be whole points in rising order.

    Raises
    ------
    MeasureError
        A column is missing, a work stands twice, or borders do not rise.
    """
    table = borders.set_index("assessment") if "assessment" in borders else borders
    for column in BORDERS.values():
        if column not in table:
            raise MeasureError("Column {column} is missing from the borders of marks.", column=repr(column))
    points = pd.DataFrame({column: numbers(table, column) for column in BORDERS.values()}, table.index.astype(str))
    if not points.index.is_unique:
        twice = points.index[points.index.duplicated()][0]
        raise MeasureError("Work {assessment} stands twice in the borders of marks.", assessment=repr(twice))
    for name, row in points.iterrows():
        known = row.dropna().to_numpy()
        if not (np.isfinite(known) & (known == np.round(known)) & (known >= 1)).all() or (np.diff(known) <= 0).any():
            raise MeasureError("The borders of marks of {assessment} are not whole points that rise.", assessment=name)
    return points
