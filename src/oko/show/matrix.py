"""A table of one number by two lists: works across schools, say."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from oko.language import NOT_AVAILABLE
from oko.show.html import Html, grid
from oko.show.tables import footer, written


def matrix(
    frame: pd.DataFrame,
    rows: str,
    columns: str,
    value: str,
    row_names: Mapping[str, str],
    column_names: Mapping[str, str],
    caption: str,
    threshold: int,
    *,
    pupils: bool = True,
    digits: int | None = None,
) -> Html:
    """Show one number by two lists; every combination has a cell.

    Parameters
    ----------
    frame : DataFrame
        Of a protected table: the two columns of codes, the value, ``hidden``, ``hidden_cells`` and ``bounded``.
    rows, columns, value : str
        Columns of the frame; the value has a label in ``LABELS``, and is written as in a table.
    row_names, column_names : Mapping
        Names by code; rows and columns stand in the order of theirs.
    caption : str
        What the number is.
    threshold : int
        Named under the table.
    pupils : bool, default True
        The threshold counts pupils, otherwise respondents.
    digits : int, optional
        After the comma; by default as the label says.

    Returns
    -------
    Html
    """
    text = frame.assign(text=written(frame, [value], digits=digits)[value].to_numpy())
    wide = text.pivot(index=rows, columns=columns, values="text").reindex(columns=list(column_names))
    wide = wide.astype("object").fillna(NOT_AVAILABLE)
    wide = wide.loc[[code for code in row_names if code in wide.index]]
    under = footer(wide, threshold, protected="hidden" in frame, pupils=pupils)
    wide.insert(0, "_row", [row_names[str(code)] for code in wide.index])
    return grid(
        wide.astype("str").reset_index(drop=True),
        {"_row": "", **column_names},
        "matrix",
        right=list(column_names),
        notes=(caption, *under),
    )
