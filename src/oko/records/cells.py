"""Cells as received become values: every spelling of a token is one value, and each cell that is none is named."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from oko.language import N_
from oko.records.kinds import KINDS, PATTERN_WORDS
from oko.records.personal import quotable
from oko.records.raw_form import EXAMPLE, RawForm
from oko.records.readers import FILE, ROW, SHEET, Change, Finding, Phrase, RawTable, at_rows
from oko.records.readers.headings import stored_label
from oko.records.schema import CHOSEN_SUFFIX, NOT_ATTEMPTED_SUFFIX, NOT_COVERED_SUFFIX, OPTION, TEXT
from oko.records.tokens import (
    BY_COLUMN,
    NOT_ATTEMPTED,
    NOT_COVERED,
    Cell,
    class_label,
    plain_number,
    points,
    trimmed,
    variant,
)

_TRUTH = {"true": True, "false": False, "истина": True, "ложь": False}  # spreadsheets save them in their own language
_HIDDEN = Phrase(N_("The value (not shown)"))
_EMPTY = N_("The cell is empty and must not be.")
_NO_NUMBER = N_("{given} is not a number.")
_OUT_OF_RANGE = N_("{given} is outside the range: a whole number from {low} to {high} is needed.")
_TOO_SMALL = N_("{given} is too small: {low} or more is needed.")
_TOO_GREAT = N_("{given} is too great: {high} or less is needed.")
_NOT_ABOVE = N_("{given} is too small: a number above {low} is needed.")
_NOT_LISTED = N_("{given} is not one of: {allowed}.")
_OTHER_PATTERN = N_("{given} is not allowed here: {words}.")
_TOO_LONG = N_("The text has {n} characters, and {most} is the most here: shorten it; texts of tasks never enter.")
_NO_VARIANT = N_("The variant is not given, and the row has scores: add it if it is known.")


@dataclass(frozen=True)
class Values:
    """A received table as values.

    Attributes
    ----------
    frame : DataFrame
        All columns of the raw form (a missing one is empty), ``#file``, ``#sheet``, ``#row``; of responses also the
        tasks: points (NaN where none are known), and beside each the masks "not attempted" and "not covered", and
        the letters of options where any stand.
    findings : list of Finding
        Each cell that does not fit; it is empty in the frame.
    changes : list of Change
        Each spelling that became another.
    """

    frame: pd.DataFrame
    findings: list[Finding]
    changes: list[Change]


@dataclass(frozen=True)
class _Column:
    """A column's texts by number, and what each of them means."""

    codes: np.ndarray
    texts: list[str]
    cells: list[Cell]

    def of(self, meaning: list[Any], dtype: Any) -> np.ndarray:
        made: np.ndarray = np.array(meaning, dtype=dtype)[self.codes]
        return made

    @property
    def numbers(self) -> np.ndarray:
        return self.of([np.nan if cell.value is None else cell.value for cell in self.cells], "float64")

    def kept(self, text: str) -> np.ndarray:
        return self.of([cell.kept == text for cell in self.cells], bool)


def values(table: RawTable) -> Values:
    """Turn the cells of a received table into values.

    Parameters
    ----------
    table : RawTable
        Cells as text; of pupils told apart by ``pupil``.

    Returns
    -------
    Values
    """
    form = _form(table)
    rows = table.frame
    made: dict[str, Any] = {FILE: rows[FILE], SHEET: rows.get(SHEET, ""), ROW: rows[ROW]}
    made[SHEET] = pd.Series(made[SHEET], rows.index, dtype=TEXT)
    found: list[Finding] = []
    changes: list[Change] = []
    for name in form.columns:
        dtype = _dtype(form.column(name))
        nothing = "" if dtype is TEXT and name in form.optional and not form.column(name).nullable else None
        if name not in rows:
            made[name] = pd.Series(nothing, rows.index, dtype=dtype)
            continue
        column = _meanings(rows[name], _reader(name, form, table.grade))
        texts = pd.array([nothing if cell.value is None else cell.value for cell in column.cells], dtype=dtype)
        made[name] = pd.Series(texts.take(column.codes), rows.index)
        found += _faults(table, name, column)
        changes += _changes(table, name, column)
        if name == "variant" and "status" not in rows:
            absent = column.kept("absent")
            made["status"] = pd.Series(np.where(absent, "absent", "took"), rows.index, dtype=TEXT)
    if form.kind == "results" and "status" in rows and "variant" in rows:
        silent = ~made["status"].notna().groupby(rows[FILE]).transform("any")
        made["status"] = made["status"].mask(silent, "took")
    if form.kind == "responses":
        found_points, changes_points = _points(table, made)
        found, changes = found + found_points, changes + changes_points
    return Values(pd.DataFrame(made, index=rows.index), found, changes)


def _form(table: RawTable) -> RawForm:
    """Return the form of a table; a task that another file implies may lack its maximum, which others then give."""
    form = KINDS[table.kind]
    if not table.implied or "max_score" not in form.required:
        return form
    rest = tuple(name for name in form.required if name != "max_score")
    return replace(form, required=rest, optional=(*form.optional, "max_score"))


def _meanings(texts: pd.Series, read: Callable[[str], Cell]) -> _Column:
    codes, uniques = pd.factorize(texts)
    known = [str(text) for text in uniques]
    return _Column(codes, known, [read(text) for text in known])


def _dtype(column: pa.Column) -> Any:
    kinds = {"bool": "boolean", "Int64": "float64", "float64": "float64"}
    return kinds.get(str(column.dtype), TEXT)


def _faults(table: RawTable, name: str, column: _Column) -> list[Finding]:
    shown = table.headings.get(name, name)
    return [
        finding
        for place, cell in enumerate(column.cells)
        if cell.fault
        for finding in at_rows(
            table.frame,
            pd.Series(column.codes == place, table.frame.index),
            shown,
            cell.fault,
            check=cell.check,
            given=column.texts[place] if name != "pupil" and quotable(column.texts[place]) else _HIDDEN,
            **cell.rule,
        )
    ]


def _changes(table: RawTable, name: str, column: _Column) -> list[Change]:
    if name == "pupil":
        return []
    shown = table.headings.get(name, name)
    respelt = [p for p, (t, cell) in enumerate(zip(column.texts, column.cells, strict=True)) if _is_respelt(t, cell)]
    if not respelt:
        return []
    at = np.isin(column.codes, respelt)
    of_file, files = pd.factorize(table.frame[FILE].array[at])
    pairs, counts = np.unique(of_file * len(column.cells) + column.codes[at], return_counts=True)
    return [
        Change(str(files[pair // len(column.cells)]), shown, column.texts[place], str(column.cells[place].kept), n)
        for pair, n in zip(pairs.tolist(), counts.tolist(), strict=True)
        for place in [pair % len(column.cells)]
    ]


def _is_respelt(text: str, cell: Cell) -> bool:
    return not cell.fault and cell.kept != text


def _reader(name: str, form: RawForm, grade: str) -> Callable[[str], Cell]:
    if name == "variant":
        return _variant
    if name in BY_COLUMN:
        return partial(_unless_empty, BY_COLUMN[name], name in form.required)
    if name == "class":
        return partial(_class, grade)
    return partial(_read, name=name, form=form)


def _unless_empty(read: Callable[[str], Cell], required: bool, text: str) -> Cell:
    return Cell(fault=_EMPTY, check="empty") if required and not trimmed(text) else read(text)


def _variant(text: str) -> Cell:
    cell = variant(text)
    return cell if cell.value is None else _read_text(str(cell.value), statistics(KINDS["results"].column("variant")))


def _class(grade: str, text: str) -> Cell:
    cell = class_label(text, grade)
    if cell.value is None:
        return cell
    return _read_text(str(cell.value), statistics(KINDS["results"].column("class")))


def _read(text: str, name: str, form: RawForm) -> Cell:
    written = trimmed(text)
    if written == "":
        return Cell(fault=_EMPTY, check="empty") if name in form.required else Cell()
    if name == EXAMPLE:
        truth = _TRUTH.get(written.lower())
        rule = {"allowed": "true, false"}
        return Cell(truth, text) if truth is not None else Cell(fault=_NOT_LISTED, rule=rule, check="listed")
    column = form.column(name)
    if column.dtype.type == TEXT:
        label = (stored_label(written) or written) if name == "item" else written
        return _read_text(label, statistics(column))
    return _read_number(written, statistics(column))


def _read_text(text: str, rules: Mapping[str, Any]) -> Cell:
    if "pattern" in rules and not re.fullmatch(rules["pattern"], text):
        return Cell(fault=_OTHER_PATTERN, rule={"words": Phrase(PATTERN_WORDS[rules["pattern"]])}, check="form")
    if "allowed_values" in rules and text not in rules["allowed_values"]:
        return Cell(fault=_NOT_LISTED, rule={"allowed": ", ".join(rules["allowed_values"])}, check="listed")
    if len(text) > rules.get("max_value", len(text)):
        return Cell(fault=_TOO_LONG, rule={"n": len(text), "most": rules["max_value"]}, check="form")
    return Cell(text, text)


def _read_number(text: str, rules: Mapping[str, Any]) -> Cell:
    number = plain_number(text)
    low, high = rules.get("min_value", -np.inf), rules.get("max_value")
    if number is None:
        return Cell(fault=_NO_NUMBER, check="number")
    if high is not None and rules["whole"] and not (low <= number <= high and number.is_integer()):
        return Cell(fault=_OUT_OF_RANGE, rule={"low": low, "high": high}, check="range")
    if rules["above"] and number <= low:
        return Cell(fault=_NOT_ABOVE, rule={"low": low}, check="range")
    if high is not None and number > high:
        return Cell(fault=_TOO_GREAT, rule={"high": high}, check="range")
    if number < low:
        return Cell(fault=_TOO_SMALL, rule={"low": low}, check="range")
    return Cell(number, text.replace(",", "."))


def statistics(column: pa.Column) -> Mapping[str, Any]:
    """Return what a column allows: pattern, allowed_values, min_value, max_value, above (low excluded), whole."""
    found = {key: value for check in column.checks for key, value in check.statistics.items()}
    above = any(check.name == "greater_than" for check in column.checks)
    return {**found, "above": above, "whole": str(column.dtype) == "Int64"}


def _points(table: RawTable, made: dict[str, Any]) -> tuple[list[Finding], list[Change]]:
    tasks = [str(name) for name in table.frame if stored_label(str(name))]
    found: list[Finding] = []
    changes: Counter[tuple[str, str, str]] = Counter()
    for task in tasks:
        column = _meanings(table.frame[task], points)
        made[task] = column.numbers
        made[task + NOT_ATTEMPTED_SUFFIX] = column.kept(NOT_ATTEMPTED)
        made[task + NOT_COVERED_SUFFIX] = column.kept(NOT_COVERED)
        letters = [cell.kept if re.fullmatch(OPTION, cell.kept) else None for cell in column.cells]
        if any(letters):
            made[task + CHOSEN_SUFFIX] = pd.Series(pd.array(letters, dtype=TEXT).take(column.codes), made[FILE].index)
        found += _faults(table, task, column)
        for change in _changes(table, task, column):
            changes[change.file, change.given, change.kept] += change.n
    return found, [Change(file, "tasks", given, kept, n) for (file, given, kept), n in sorted(changes.items())]


def without_variant(results: pd.DataFrame) -> Iterator[Finding]:
    """Name, as a warning, the rows of files with variants whose variant is missing though they have a score."""
    by_file = results["variant"].notna().groupby(results[FILE]).transform("any")
    missing = by_file & results["variant"].isna() & (results["status"] == "took")
    yield from at_rows(results, missing, "variant", _NO_VARIANT, severity="warning", check="without_variant")
