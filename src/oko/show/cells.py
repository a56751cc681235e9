"""What a cell of a protected table may say: its number, a bound of it, or that it is hidden."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from oko.language import NO_BREAK_SPACE, NOT_AVAILABLE, gettext, percent

AT_MOST, AT_LEAST = "≤", "≥"
_MIDDLE = 0.5
Row = Mapping[Any, Any]


def is_missing(value: object) -> bool:
    """Whether there is no value: None, NaN or pandas' NA."""
    return value is None or value is pd.NA or bool(value != value)


def _named(row: Row, field: str) -> set[str]:
    names = row.get(field)
    return set(names.split()) if isinstance(names, str) else set()


def row_hidden(row: Row) -> bool:
    """Whether all numbers of a row are hidden."""
    whole = row.get("hidden")
    return not is_missing(whole) and bool(whole)


def is_hidden(row: Row, column: str) -> bool:
    """Whether the number of a column is hidden: by itself, or with its whole row.

    Parameters
    ----------
    row : Mapping
        Of a protected table: ``hidden`` (the whole row) and ``hidden_cells`` (names of columns), where known.
    column : str

    Examples
    --------
    >>> is_hidden({"quality": 0.5, "hidden": False, "hidden_cells": "share_2 share_3"}, "share_3")
    True
    """
    return column in _named(row, "hidden_cells") or (row_hidden(row) and is_missing(row.get(column)))


def without_bounds(row: Row) -> Row:
    """Return a row whose bounds are hidden: what is no share cannot be read as one.

    Examples
    --------
    >>> is_hidden(without_bounds({"sou": 5.0, "bounded": "sou"}), "sou")
    True
    """
    return {**row, "hidden_cells": " ".join(_named(row, "hidden_cells") | _named(row, "bounded")), "bounded": ""}


def is_exact(row: Row, column: str) -> bool:
    """Whether a number is there and may be shown as it is: neither missing nor hidden nor a bound."""
    return not (is_missing(row.get(column)) or is_hidden(row, column) or bound(row, column))


def bound(row: Row, column: str) -> str:
    """Return the sign of a share that is a bound: "≤" below a half, "≥" above; nothing where the number is exact.

    Examples
    --------
    >>> bound({"quality": 0.95, "bounded": "quality"}, "quality"), bound({"quality": 0.95}, "quality")
    ('≥', '')
    """
    value = row.get(column)
    if column not in _named(row, "bounded") or value is None or is_missing(value):
        return ""
    return AT_MOST if float(value) < _MIDDLE else AT_LEAST


def per_cent(share: float) -> str:
    """Write a bound in per cent with the digits it needs: rounded, it might promise too much.

    Examples
    --------
    >>> from oko.language import used
    >>> with used("en"):
    ...     per_cent(0.95), per_cent(0.975)
    ('95%', '97.5%')
    """
    return percent(share, next((digits for digits in range(3) if math.isclose(share, round(share, 2 + digits))), 3))


def share(row: Row, column: str) -> str:
    r"""Write a share as its row allows: in per cent, as a bound, as hidden, or as a dash where there are no data.

    Examples
    --------
    >>> row = {"share_2": 0.05, "share_3": None, "quality": 0.525, "hidden_cells": "share_3", "bounded": "share_2"}
    >>> [share(row, name).replace("\xa0", " ") for name in ("share_2", "share_3", "quality")]
    ['≤ 5 %', 'скрыто', '52 %']
    """
    if is_hidden(row, column):
        return gettext("hidden")
    value = row.get(column)
    if value is None or is_missing(value):
        return NOT_AVAILABLE
    sign = bound(row, column)
    return f"{sign}{NO_BREAK_SPACE}{per_cent(float(value))}" if sign else percent(float(value))


def said(row: Row, column: str) -> str:
    r"""Say a share in words: as `share`, but a bound without its sign, for a sentence or a reader of pictures.

    Examples
    --------
    >>> said({"quality": 0.95, "bounded": "quality"}, "quality").replace("\xa0", " ")
    'не меньше 95 %'
    """
    sign = "" if is_hidden(row, column) else bound(row, column)
    if not sign:
        return share(row, column)
    text = gettext("at most {value}") if sign == AT_MOST else gettext("at least {value}")
    return text.format(value=per_cent(float(row[column])))


def is_small(row: Row, column: str, threshold: int) -> bool:
    """Whether a number is missing because it would stand for too few pupils."""
    n = row.get("n")
    return is_missing(row.get(column)) and n is not None and not is_missing(n) and float(n) < threshold


def rules(rows: Iterable[Row], columns: Iterable[str], threshold: int) -> str:
    """Explain under a figure the words and signs that it holds; nothing where it holds none.

    Parameters
    ----------
    rows : iterable of Mapping
        Of a protected table.
    columns : iterable of str
        What the figure shows of them.
    threshold : int
    """
    shown = list(columns)
    cells = [(row, column) for row in rows for column in shown]
    hidden = any(is_hidden(row, column) or is_small(row, column, threshold) for row, column in cells)
    said = [hidden_rule(threshold)] if hidden else []
    if any(bound(row, column) for row, column in cells if not is_hidden(row, column)):
        said.append(bound_rule() + ".")
    return " ".join(said)


def hidden_rule(threshold: int) -> str:
    """Say what is hidden."""
    text = gettext("“Hidden”: there are fewer than {n} pupils, or the number could be worked out from the others.")
    return text.format(n=threshold)


def bound_rule() -> str:
    """Say what the signs of a bound mean."""
    return gettext(
        "≤ or ≥ — not more or not less: the exact share is not shown, because it is almost nobody or almost "
        "everybody in the group"
    )
