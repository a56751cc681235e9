"""Cells as received become values: numbers are numbers, codes are codes, and each cell that is neither is named."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd
import pandera.pandas as pa

from oko.records.raw_form import EXAMPLE, NOT_ATTEMPTED, PATTERN_WORDS, RAW_FORMS, N_, RawForm
from oko.records.readers import FILE, ROW, Finding, Phrase, RawTable, at_rows
from oko.records.readers.tidy import task_label
from oko.records.schema import NOT_ATTEMPTED_SUFFIX, TEXT

_TRUTH = {"true": True, "false": False, "истина": True, "ложь": False}  # Excel saves them in its own language
_LOOK_ALIKES = str.maketrans("ABCEHKMOPTX", "АВСЕНКМОРТХ")
_HIDDEN = Phrase(N_("The value (not shown)"))
_EMPTY = N_("The cell is empty and must not be.")
_NO_NUMBER = N_("{given} is not a number.")
_OUT_OF_RANGE = N_("{given} is outside the range: a whole number from {low} to {high} is needed.")
_TOO_SMALL = N_("{given} is too small: {low} or more is needed.")
_NOT_ABOVE = N_("{given} is too small: a number above {low} is needed.")
_NOT_LISTED = N_("{given} is not one of: {allowed}.")
_NO_POINTS = N_("{given} is no number of points: points, X (not attempted) or nothing (not administered) may stand here.")
_OTHER_PATTERN = N_("{given} is not allowed here: {words}.")


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
        cells = table.frame[name] if name in table.frame else pd.Series("", table.frame.index, dtype="str")
        made[name], faults = _column(cells, name, form, table.frame)
        found += faults
    if form.kind == "responses":
        for name in (str(column) for column in table.frame if task_label(str(column))):
            made[name], made[name + NOT_ATTEMPTED_SUFFIX], faults = _points(table.frame, name)
            found += faults
    return pd.DataFrame(made), found


def _column(cells: pd.Series, name: str, form: RawForm, rows: pd.DataFrame) -> tuple[pd.Series, list[Finding]]:
    empty = cells == ""
    found = list(at_rows(rows[empty], name, _EMPTY)) if name in form.required else []
    if name == EXAMPLE:
        truth = cells.str.lower().map(_TRUTH).astype("boolean")
        wrong = ~empty & truth.isna()
        return truth, [*found, *at_rows(rows[wrong], name, _NOT_LISTED, given=cells[wrong], allowed="true, false")]
    column = form.column(name)
    if column.dtype.type == TEXT:
        kept = _normal(cells, name).astype(TEXT).mask(empty)
    else:
        kept = _numbers(cells)
        unread = ~empty & kept.isna()
        found += at_rows(rows[unread], name, _NO_NUMBER, given=cells[unread])
    wrong = kept.notna() & ~_fits(kept, column)
    given = _HIDDEN if name == "pupil" else cells[wrong]
    message, rule = _rule(column)
    return kept.mask(wrong), [*found, *at_rows(rows[wrong], name, message, given=given, **rule)]


def _normal(cells: pd.Series, name: str) -> pd.Series:
    if name == "class":
        return cells.str.upper().str.translate(_LOOK_ALIKES)
    return cells.map(lambda cell: task_label(cell) or cell) if name == "item" else cells


def _numbers(cells: pd.Series) -> pd.Series:
    """Read numbers with a decimal point or comma; what is no plain number is NaN."""
    plain = cells.str.fullmatch(r"-?[0-9]{1,9}([.,][0-9]{1,9})?")
    return pd.to_numeric(cells.where(plain).str.replace(",", ".")).astype("float64")


def statistics(column: pa.Column) -> Mapping[str, Any]:
    """Return what the checks of a column of the store allow: pattern, allowed_values, min_value, max_value."""
    found = {key: value for check in column.checks for key, value in check.statistics.items()}
    return {**found, "above": any(check.name == "greater_than" for check in column.checks)}


def _fits(values: pd.Series, column: pa.Column) -> pd.Series:
    rules = statistics(column)
    if "pattern" in rules:
        return values.map(lambda cell: isinstance(cell, str) and bool(re.fullmatch(rules["pattern"], cell))).astype(bool)
    if "allowed_values" in rules:
        return values.isin(rules["allowed_values"])
    if "min_value" not in rules:
        return pd.Series(True, values.index)
    enough = values > rules["min_value"] if rules["above"] else values >= rules["min_value"]
    if "max_value" in rules:
        return enough & (values <= rules["max_value"]) & (values % 1 == 0)
    return enough


def _rule(column: pa.Column) -> tuple[str, dict[str, object]]:
    rules = statistics(column)
    if "pattern" in rules:
        return _OTHER_PATTERN, {"words": Phrase(PATTERN_WORDS[rules["pattern"]])}
    if "allowed_values" in rules:
        return _NOT_LISTED, {"allowed": ", ".join(rules["allowed_values"])}
    if "max_value" in rules:
        return _OUT_OF_RANGE, {"low": rules["min_value"], "high": rules["max_value"]}
    return (_NOT_ABOVE if rules["above"] else _TOO_SMALL), {"low": rules.get("min_value")}


def _points(rows: pd.DataFrame, task: str) -> tuple[pd.Series, pd.Series, list[Finding]]:
    cells = rows[task]
    skipped = cells.isin(NOT_ATTEMPTED)
    points = _numbers(cells)
    wrong = ~skipped & (cells != "") & (points.isna() | (points < 0))
    found = list(at_rows(rows[wrong], task, _NO_POINTS, given=cells[wrong]))
    return points.mask(wrong).mask(skipped, 0.0), skipped, found
