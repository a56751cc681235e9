"""Tables for readers: values in the reader's language, intervals beside them, symbols with a legend."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from oko.errors import DataError
from oko.language import NO_BREAK_SPACE, NOT_AVAILABLE, gettext, number, p_value, percent
from oko.show import cells
from oko.show.html import Html, grid
from oko.show.labels import LABELS, WORDS, Label

HIDDEN = "c"
NOT_APPLICABLE = "z"
_JOINER = "\u2060"
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
        Rows in the order they are shown; of a protected table with ``hidden`` (the whole row), ``hidden_cells`` and
        ``bounded`` (names of columns).
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
        Named under every protected table.

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
    return grid(
        shown,
        {name: gettext(LABELS[name].text) for name in columns},
        "t" + _digest(shown, title, note),
        right=[name for name in columns if LABELS[name].kind != "text"],
        title=title,
        notes=(note, *footer(shown, threshold, protected="hidden" in rows)),
    )


def footer(shown: pd.DataFrame, threshold: int, *, protected: bool, pupils: bool = True) -> list[str]:
    """Return what stands under a written table: its legend, and for a protected one the threshold.

    Parameters
    ----------
    shown : DataFrame
    threshold : int
    protected : bool
    pupils : bool, default True
        Pupils are counted; otherwise those who answered a questionnaire.
    """
    said = [text for text in (legend(shown, threshold, pupils=pupils),) if text]
    if protected and not (shown == HIDDEN).to_numpy().any():
        of_pupils = gettext("Nothing that rests on fewer than {n} pupils is shown.")
        of_answers = gettext("Nothing that rests on fewer than {n} respondents is shown.")
        said.append((of_pupils if pupils else of_answers).format(n=threshold))
    return said


def written(
    frame: pd.DataFrame,
    columns: Sequence[str],
    names: Mapping[str, Mapping[str, str]] | None = None,
    not_applicable: Sequence[str] = (),
    digits: int | None = None,
) -> pd.DataFrame:
    r"""Write the cells of a table as text.

    Parameters
    ----------
    frame : DataFrame
        As in `table`.
    columns : sequence of str
    names : Mapping, optional
    not_applicable : sequence of str
    digits : int, optional
        After the comma, of numbers that are no shares; by default as the label says.

    Returns
    -------
    DataFrame
        Text in every cell: a number with its interval; "c" where it is hidden; "≤" or "≥" and a bound, which has no
        interval; "z" where a number does not apply, a dash where there is none.

    Examples
    --------
    >>> rows = pd.DataFrame({"n": [40], "quality": [.525], "quality_lower": [.48], "quality_upper": [.57]})
    >>> written(rows, ["n", "quality"]).iloc[0].str.replace("\xa0", " ").str.replace("\u2060", "").tolist()
    ['40', '52 % (48–57)']
    >>> rows = rows.assign(quality=.95, hidden=False, hidden_cells="n", bounded="quality")
    >>> written(rows, ["n", "quality"]).iloc[0].str.replace("\xa0", " ").tolist()
    ['c', '≥ 95 %']
    """
    rows = frame.to_dict("records")
    texts = {
        name: [_cell(LABELS[name], name, row, names or {}, name in not_applicable, digits) for row in rows]
        for name in columns
    }
    return pd.DataFrame(texts, index=pd.RangeIndex(len(frame)), dtype="str")


def _cell(
    label: Label,
    name: str,
    row: Mapping[Any, Any],
    names: Mapping[str, Mapping[str, str]],
    inapplicable: bool,
    digits: int | None,
) -> str:
    value = row[name]
    if cells.is_hidden(row if label.kind == "share" else cells.without_bounds(row), name):
        return HIDDEN
    if label.kind == "text":
        known = not cells.is_missing(value) and (value != "" or "" in names.get(name, {}))
        return _word(name, str(value), names) if known else NOT_AVAILABLE
    if cells.is_missing(value):
        return NOT_APPLICABLE if inapplicable else NOT_AVAILABLE
    if cells.bound(row, name):
        return cells.share(row, name)
    if label.kind == "share":
        return percent(value) + _interval(label, row, 100, 0)
    if label.kind == "p":
        return p_value(value)
    if digits is None:
        digits = int(value != round(value)) if label.kind == "given" else _DIGITS[label.kind]
    return number(value, digits) + _interval(label, row, 1, digits)


def _word(name: str, value: str, names: Mapping[str, Mapping[str, str]]) -> str:
    if name in names:
        return names[name].get(value, value)
    word = WORDS.get(name, {}).get(value)
    return gettext(word) if word else value


def _interval(label: Label, row: Mapping[Any, Any], scale: float, digits: int) -> str:
    if label.bounds is None or any(cells.is_missing(row.get(end)) or cells.is_hidden(row, end) for end in label.bounds):
        return ""
    lower, upper = (scale * row[end] for end in label.bounds)
    return f" ({between(lower, upper, digits)})"


def between(lower: float, upper: float, digits: int = 0) -> str:
    r"""Write the ends of an interval, with a dash where no minus stands beside it.

    Examples
    --------
    >>> between(4, 7).replace("\u2060", ""), between(-1, 2).replace("\xa0", " ")
    ('4–7', '−1 … 2')
    """
    ends = number(lower, digits), number(upper, digits)
    dash = f"{NO_BREAK_SPACE}…{NO_BREAK_SPACE}" if any(end.startswith("−") for end in ends) else f"{_JOINER}–{_JOINER}"
    return dash.join(ends)


def legend(shown: pd.DataFrame, threshold: int = 10, *, pupils: bool = True) -> str:
    """Explain the symbols that a written table holds; nothing where it holds none.

    Examples
    --------
    >>> legend(pd.DataFrame({"n": ["c", "40"]}), 10)
    'c — скрыто: учеников меньше 10 или число можно вычислить по остальным'
    """
    of_pupils = gettext("{symbol} — hidden: fewer than {n} pupils, or it could be worked out from the others")
    of_answers = gettext("{symbol} — hidden: fewer than {n} respondents, or it could be worked out from the others")
    texts = {
        HIDDEN: (of_pupils if pupils else of_answers).format(symbol=HIDDEN, n=threshold),
        cells.AT_MOST: cells.bound_rule(),
        NOT_APPLICABLE: gettext("{symbol} — does not apply").format(symbol=NOT_APPLICABLE),
        NOT_AVAILABLE: gettext("{symbol} — no data").format(symbol=NOT_AVAILABLE),
    }
    there = {_symbol(text) for text in shown.to_numpy().ravel()}
    return "; ".join(text for symbol, text in texts.items() if symbol in there)


def _symbol(text: str) -> str:
    return cells.AT_MOST if text.startswith((cells.AT_MOST, cells.AT_LEAST)) else text


def _check(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    for name in columns:
        if name not in frame:
            found = ", ".join(map(str, frame))
            raise DataError("The table needs a column {column}; there are {found}.", column=name, found=found)
        if name not in LABELS:
            raise DataError("Column {column} has no label in oko.show.labels; add one.", column=name)


def _digest(shown: pd.DataFrame, *texts: str) -> str:
    return hashlib.sha256("\x1f".join([shown.to_csv(), *texts]).encode()).hexdigest()[:10]
