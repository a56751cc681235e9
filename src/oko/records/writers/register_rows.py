"""Rows of the cluster's registers in the shape of the forms: words for codes, a column a statement."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any

import pandas as pd

from oko.records.form_lists import Lists
from oko.records.register_fields import Field
from oko.records.register_forms import Form
from oko.records.registers import COMMENT


def form_rows(form: Form, rows: pd.DataFrame, lists: Lists) -> list[list[Any]]:
    """Give rows of a table the shape and the words of its form, in the language in force.

    Parameters
    ----------
    form : Form
    rows : DataFrame
        Columns of the form's table, with codes.
    lists : Lists

    Returns
    -------
    list of list
        A list a row of the form, in the order of its columns; dates are dates, what is missing is None.
    """
    wide = _wide(form, rows)
    made: list[list[Any]] = []
    for row in wide.to_dict("records"):
        cells = [_shown(own, row, lists) for own in form.first]
        if form.spread is not None:
            cells += [_number(row.get(code)) for code in lists.codes(form.spread.choices)]
        made.append([*cells, *(_shown(own, row, lists) for own in form.last)])
    return made


def _wide(form: Form, rows: pd.DataFrame) -> pd.DataFrame:
    if form.spread is None:
        return rows
    keys = [own.name for own in form.first]
    graded = rows[rows[form.spread.name] != COMMENT]
    wide = graded.pivot(index=keys, columns=form.spread.name, values=form.spread.value)
    if form.last:
        said = rows[rows[form.spread.name] == COMMENT].set_index(keys)[COMMENT]
        wide = wide.join(said, how="outer")
    order = pd.MultiIndex.from_frame(rows[keys].drop_duplicates())
    return wide.reindex(order).reset_index()


def _shown(own: Field, row: Mapping[Any, Any], lists: Lists) -> Any:
    value = row.get(own.name)
    if own.name == "prompt" and _empty(value):
        value = row.get("assessment")
    if _empty(value):
        return "кластер" if own.holds == "unit" else None
    if own.holds == "choice":
        return lists.text(own.choices, str(value))
    if own.holds == "date":
        return datetime.date.fromisoformat(str(value))
    return _number(value) if own.holds in {"whole", "number", "event"} else str(value)


def _number(value: Any) -> float | int | None:
    if _empty(value):
        return None
    number = float(value)
    return int(number) if number.is_integer() else number


def _empty(value: Any) -> bool:
    return value is None or value is pd.NA or value == "" or (isinstance(value, float) and value != value)
