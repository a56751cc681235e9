"""Tables for readers: values in the reader's language, intervals beside them, symbols with a legend."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from great_tables import GT

from oko.errors import DataError
from oko.language import NOT_AVAILABLE, current, gettext, number, p_value, percent
from oko.show.html import Html
from oko.show.labels import LABELS, WORDS, Label

HIDDEN = "c"
NOT_APPLICABLE = "z"
_JOINER, _NO_BREAK = "\u2060", "\u00a0"
_DIGITS = {"count": 0, "number": 1, "precise": 2, "fine": 3}


def table(
    frame: pd.DataFrame,
    columns: Sequence[str],
    *,
    title: str = "",
    note: str = "",
    names: Mapping[str, Mapping[str, str]] | None = None,
    not_applicable: Sequence[str] = (),
    threshold: int = 10,
) -> Html:
    """Make a table for readers.

    Parameters
    ----------
    frame : DataFrame
        Rows in the order they are shown. ``hidden`` marks rows whose numbers are hidden.
    columns : sequence of str
        Columns of the register ``LABELS``, in their order; an interval stands in the cell of its value.
    title : str
    note : str
        What stands under the table: n, method, date of the data.
    names : Mapping, optional
        By column, what its codes are called.
    not_applicable : sequence of str
        Columns in which a missing number means that it does not apply.
    threshold : int, default 10
        Named in the legend of hidden numbers.

    Returns
    -------
    Html

    Raises
    ------
    DataError
        A column is missing, or the register has no label for it.

    Examples
    --------
    >>> "<td" in str(table(pd.DataFrame({"school": ["A"], "quality": [0.52]}), ["school", "quality"]))
    True
    """
    rows = frame if set(columns) <= set(frame.columns) else frame.reset_index()
    _check(rows, columns)
    shown = written(rows, columns, names, not_applicable)
    made = GT(shown, id="t" + _digest(shown, title, note), locale=current())
    made = made.cols_label({name: gettext(LABELS[name].text) for name in columns})
    numbers = [name for name in columns if LABELS[name].kind != "text"]
    made = made.cols_align("right", columns=numbers) if numbers else made
    made = made.tab_options(table_font_size="1em", table_width="100%", container_overflow_x="auto")
    made = made.tab_header(title) if title else made
    for text in filter(None, (note, legend(shown, threshold))):
        made = made.tab_source_note(text)
    return Html(made.as_raw_html())


def written(
    frame: pd.DataFrame,
    columns: Sequence[str],
    names: Mapping[str, Mapping[str, str]] | None = None,
    not_applicable: Sequence[str] = (),
) -> pd.DataFrame:
    r"""Write the cells of a table as text.

    Examples
    --------
    >>> rows = pd.DataFrame({"n": [40], "quality": [.525], "quality_lower": [.48], "quality_upper": [.57]})
    >>> written(rows, ["n", "quality"]).iloc[0].str.replace("\xa0", " ").str.replace("\u2060", "").tolist()
    ['40', '52 % (48–57)']
    """
    hidden = frame["hidden"].fillna(False).astype(bool) if "hidden" in frame else pd.Series(False, index=frame.index)
    cells = {
        name: [
            _cell(LABELS[name], name, row, bool(secret), names or {}, name in not_applicable)
            for row, secret in zip(frame.to_dict("records"), hidden, strict=True)
        ]
        for name in columns
    }
    return pd.DataFrame(cells, index=pd.RangeIndex(len(frame)), dtype="str")


def _cell(
    label: Label,
    name: str,
    row: Mapping[Any, Any],
    secret: bool,
    names: Mapping[str, Mapping[str, str]],
    inapplicable: bool,
) -> str:
    value = row[name]
    if label.kind == "text":
        known = not _missing(value) and (value != "" or "" in names.get(name, {}))
        return _word(name, str(value), names) if known else NOT_AVAILABLE
    if _missing(value):
        return HIDDEN if secret else NOT_APPLICABLE if inapplicable else NOT_AVAILABLE
    if label.kind == "share":
        return percent(value) + _interval(label, row, 100, 0)
    if label.kind == "p":
        return p_value(value)
    digits = _DIGITS[label.kind]
    return number(value, digits) + _interval(label, row, 1, digits)


def _word(name: str, value: str, names: Mapping[str, Mapping[str, str]]) -> str:
    if name in names:
        return names[name].get(value, value)
    word = WORDS.get(name, {}).get(value)
    return gettext(word) if word else value


def _interval(label: Label, row: Mapping[Any, Any], scale: float, digits: int) -> str:
    if label.bounds is None or any(_missing(row.get(end)) for end in label.bounds):
        return ""
    lower, upper = (number(scale * row[end], digits) for end in label.bounds)
    between = (
        f"{_JOINER}–{_JOINER}"
        if not lower.startswith("−") and not upper.startswith("−")
        else f"{_NO_BREAK}…{_NO_BREAK}"
    )
    return f" ({lower}{between}{upper})"


def legend(shown: pd.DataFrame, threshold: int = 10) -> str:
    """Explain the symbols that a written table holds; nothing where it holds none."""
    texts = {
        HIDDEN: gettext("{symbol} — hidden: fewer than {n} pupils, or it could be worked out from the others").format(
            symbol=HIDDEN, n=threshold
        ),
        NOT_APPLICABLE: gettext("{symbol} — does not apply").format(symbol=NOT_APPLICABLE),
        NOT_AVAILABLE: gettext("{symbol} — no data").format(symbol=NOT_AVAILABLE),
    }
    there = set(shown.to_numpy().ravel())
    return "; ".join(text for symbol, text in texts.items() if symbol in there)


def _check(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    for name in columns:
        if name not in frame:
            found = ", ".join(map(str, frame))
            raise DataError("The table needs a column {column}; there are {found}.", column=name, found=found)
        if name not in LABELS:
            raise DataError("Column {column} has no label in oko.show.labels; add one.", column=name)


def _digest(shown: pd.DataFrame, *texts: str) -> str:
    return hashlib.sha256("\x1f".join([shown.to_csv(), *texts]).encode()).hexdigest()[:10]


def _missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))
