"""Cells as received become values: numbers are numbers, codes are codes, and each cell that is neither is named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from oko.language import N_
from oko.records.raw_form import EXAMPLE, NOT_ATTEMPTED, PATTERN_WORDS, RAW_FORMS, RawForm
from oko.records.readers import FILE, ROW, Finding, Phrase, RawTable, at_rows
from oko.records.readers.tidy import task_label
from oko.records.schema import NOT_ATTEMPTED_SUFFIX, TEXT

_TRUTH = {"true": True, "false": False, "истина": True, "ложь": False}  # spreadsheets save them in their own language
_LOOK_ALIKES = str.maketrans("ABCEHKMOPTX", "АВСЕНКМОРТХ")
_NUMBER = re.compile(r"-?[0-9]{1,9}([.,][0-9]{1,9})?")
_HIDDEN = Phrase(N_("The value (not shown)"))
_EMPTY = N_("The cell is empty and must not be.")
_NO_NUMBER = N_("{given} is not a number.")
_OUT_OF_RANGE = N_("{given} is outside the range: a whole number from {low} to {high} is needed.")
_TOO_SMALL = N_("{given} is too small: {low} or more is needed.")
_NOT_ABOVE = N_("{given} is too small: a number above {low} is needed.")
_NOT_LISTED = N_("{given} is not one of: {allowed}.")
_OTHER_PATTERN = N_("{given} is not allowed here: {words}.")
_NO_POINTS = N_("{given} is no number of points; here stand points, X (not attempted) or nothing (not administered).")


@dataclass(frozen=True)
class _Cell:
    """What a text means: its value, or what is wrong with it."""

    value: object = None
    fault: str | None = None
    rule: Mapping[str, object] = field(default_factory=dict)


def values(table: RawTable) -> tuple[pd.DataFrame, list[Finding]]:
    """Turn the cells of a received table into values.

    Parameters
    ----------
    table : RawTable
        Cells as text.

    Returns
    -------
    frame : DataFrame
        All columns of the raw form (a missing one is empty), ``#file``, ``#row``; of responses also the tasks: points
        (NaN = not administered), and beside each a boolean column "not attempted".
    findings : list of Finding
        Each cell that does not fit; it is empty in the frame.
    """
    form = RAW_FORMS[table.kind]
    made: dict[str, pd.Series] = {FILE: table.frame[FILE], ROW: table.frame[ROW]}
    found: list[Finding] = []
    for name in form.columns:
        dtype = _dtype(form.column(name))
        if name in table.frame:
            meanings = {text: _read(text, name, form) for text in table.frame[name].unique()}
            made[name] = table.frame[name].map({text: cell.value for text, cell in meanings.items()}).astype(dtype)
            found += _faults(table.frame, name, meanings)
        else:
            made[name] = pd.Series(None, table.frame.index, dtype=dtype)
    if form.kind == "responses":
        points, faults = _points(table.frame)
        made, found = {**made, **points}, found + faults
    return pd.DataFrame(made), found


def _dtype(column: pa.Column) -> Any:
    kinds = {"bool": "boolean", "Int64": "float64", "float64": "float64"}
    return kinds.get(str(column.dtype), TEXT)


def _faults(rows: pd.DataFrame, name: str, meanings: Mapping[str, _Cell]) -> list[Finding]:
    wrong = {text: cell for text, cell in meanings.items() if cell.fault}
    return [
        finding
        for text, cell in wrong.items()
        for finding in at_rows(
            rows, rows[name] == text, name, str(cell.fault), given=_HIDDEN if name == "pupil" else text, **cell.rule
        )
    ]


def _read(text: str, name: str, form: RawForm) -> _Cell:
    if text == "":
        return _Cell(None, _EMPTY if name in form.required else None)
    if name == EXAMPLE:
        truth = _TRUTH.get(text.lower())
        return _Cell(truth, None if truth is not None else _NOT_LISTED, {"allowed": "true, false"})
    column = form.column(name)
    if column.dtype.type == TEXT:
        return _read_text(_normal(text, name), statistics(column))
    return _read_number(text, statistics(column))


def _normal(text: str, name: str) -> str:
    if name == "class":
        return text.upper().translate(_LOOK_ALIKES)
    return (task_label(text) or text) if name == "item" else text


def _read_text(text: str, rules: Mapping[str, Any]) -> _Cell:
    if "pattern" in rules and not re.fullmatch(rules["pattern"], text):
        return _Cell(None, _OTHER_PATTERN, {"words": Phrase(PATTERN_WORDS[rules["pattern"]])})
    if "allowed_values" in rules and text not in rules["allowed_values"]:
        return _Cell(None, _NOT_LISTED, {"allowed": ", ".join(rules["allowed_values"])})
    return _Cell(text)


def _number(text: str) -> float | None:
    """Read a number with a decimal point or comma."""
    return float(text.replace(",", ".")) if _NUMBER.fullmatch(text) else None


def _read_number(text: str, rules: Mapping[str, Any]) -> _Cell:
    number = _number(text)
    low, high = rules.get("min_value", -np.inf), rules.get("max_value")
    if number is None:
        return _Cell(None, _NO_NUMBER)
    if high is not None and not (low <= number <= high and number.is_integer()):
        return _Cell(None, _OUT_OF_RANGE, {"low": low, "high": high})
    if rules["above"] and number <= low:
        return _Cell(None, _NOT_ABOVE, {"low": low})
    return _Cell(None, _TOO_SMALL, {"low": low}) if number < low else _Cell(number)


def statistics(column: pa.Column) -> Mapping[str, Any]:
    """Return what a column of the store allows: pattern, allowed_values, min_value, max_value, above (not equal)."""
    found = {key: value for check in column.checks for key, value in check.statistics.items()}
    return {**found, "above": any(check.name == "greater_than" for check in column.checks)}


def _points(rows: pd.DataFrame) -> tuple[dict[str, pd.Series], list[Finding]]:
    tasks = [str(name) for name in rows if task_label(str(name))]
    texts = pd.unique(rows[tasks].to_numpy(dtype=object).ravel())
    meanings = {str(text): _read_points(str(text)) for text in texts}
    known = {text: cell.value for text, cell in meanings.items()}
    made: dict[str, pd.Series] = {}
    for task in tasks:
        made[task] = rows[task].map(known).astype("float64")
        made[task + NOT_ATTEMPTED_SUFFIX] = rows[task].isin(NOT_ATTEMPTED)
    return made, [finding for task in tasks for finding in _faults(rows, task, meanings)]


def _read_points(text: str) -> _Cell:
    if text in NOT_ATTEMPTED or text == "":
        return _Cell(0.0 if text else None)
    number = _number(text)
    return _Cell(number) if number is not None and number >= 0 else _Cell(None, _NO_POINTS)
