"""A table of one number by two lists: works across schools, say."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from great_tables import GT

from oko.language import current, number
from oko.show.html import Html
from oko.show.tables import HIDDEN, legend


def matrix(
    frame: pd.DataFrame,
    rows: str,
    columns: str,
    value: str,
    row_names: Mapping[str, str],
    column_names: Mapping[str, str],
    caption: str,
    threshold: int,
) -> Html:
    """Show one number by two lists; every combination has a cell.

    Parameters
    ----------
    frame : DataFrame
        The two columns of codes, the value and ``hidden``.
    rows, columns, value : str
        Columns of the frame.
    row_names, column_names : Mapping
        Names by code; rows and columns stand in the order of theirs.
    caption : str
        What the number is.
    threshold : int
        Named in the legend of hidden numbers.
    """
    text = frame.assign(
        text=[HIDDEN if secret else number(n) for secret, n in zip(frame["hidden"], frame[value], strict=True)]
    )
    wide = text.pivot(index=rows, columns=columns, values="text").reindex(columns=list(column_names)).fillna("–")
    wide = wide.loc[[code for code in row_names if code in wide.index]]
    wide.insert(0, "_row", [row_names[str(code)] for code in wide.index])
    made = GT(wide.astype("str").reset_index(drop=True), id="matrix", locale=current())
    made = made.cols_label({"_row": "", **dict(column_names)})
    made = made.cols_align("right", columns=list(column_names))
    made = made.tab_options(table_font_size="1em", table_width="100%", container_overflow_x="auto")
    for note in filter(None, (caption, legend(wide.drop(columns="_row"), threshold))):
        made = made.tab_source_note(note)
    return Html(made.as_raw_html())
