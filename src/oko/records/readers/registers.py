"""The cluster's own forms, filled: each is known by its headings and read by its description."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pandas as pd

from oko.errors import DataError
from oko.language import N_
from oko.records.events import Event, read_events
from oko.records.form_lists import Lists, read_lists
from oko.records.personal import personal_heading
from oko.records.raw_form import EXAMPLE
from oko.records.readers import FILE, ROW, SHEET, Finding, RawTable, Reading, at_rows
from oko.records.readers.context import Context, Told, work_in
from oko.records.readers.headings import clean
from oko.records.readers.layout import Layout
from oko.records.readers.register_cells import FormCell, field_cell, graded_cell
from oko.records.readers.sheets import Sheet
from oko.records.register_forms import EXAMPLE_MARK, FORMS, REGISTER_FORMS, Form, Spread
from oko.records.registers import COMMENT
from oko.records.schema import ASSESSMENT

NEEDED = 0.8
_BRACKETS = re.compile(r"\[([a-z0-9][a-z0-9_-]*)\]")

_UNKNOWN = N_("The form has no such column: delete it, or take the form’s blank again.")
_TWICE = N_("The heading stands {n} times; leave one.")
_NO_ROWS = N_("The table has headings and no rows.")
_NOT_JUDGED = N_("The row has no number: it counts as not judged. If the task needs none of the skills, write 0.")


@dataclass(frozen=True)
class _Place:
    """Where the table of a form stands: the sheet, its heading row, the columns of fields and of codes."""

    sheet: Sheet
    row: int
    fields: dict[str, int]
    codes: dict[str, int]
    unknown: tuple[str, ...]


def _headings_of(form: Form, sheets: Sequence[Sheet]) -> tuple[Sheet, int] | None:
    """Find the row that has most of the form's required headings."""
    wanted = {clean(field.heading).casefold() for field in form.required}
    for sheet in sheets:
        for place, cells in enumerate(sheet.top):
            there = set(cells)
            if len(wanted & there) >= NEEDED * len(wanted) and _spread_there(form, there):
                return sheet, place
    return None


def _spread_there(form: Form, headings: set[str]) -> bool:
    return form.spread is None or any(_BRACKETS.search(heading) for heading in headings)


def _recognises(form: Form, sheets: Sequence[Sheet]) -> bool:
    return _headings_of(form, sheets) is not None


def _place(form: Form, sheets: Sequence[Sheet], lists: Lists) -> _Place:
    found = _headings_of(form, sheets)
    if found is None:
        raise DataError("The headings are not those of the form; take its blank again.")
    sheet, row = found
    names = {clean(field.heading).casefold(): field.name for field in form.fields}
    fields: dict[str, int] = {}
    codes: dict[str, int] = {}
    unknown: list[str] = []
    for column, cell in enumerate(sheet.frame.iloc[row]):
        heading = clean(cell)
        name, code = names.get(heading.casefold()), _code_in(heading, form.spread, lists)
        if name:
            fields.setdefault(name, column)
        elif code:
            codes.setdefault(code, column)
        elif heading:
            unknown.append(heading)
    _check_headings(form, fields, unknown)
    return _Place(sheet, row, fields, codes, tuple(unknown))


def _code_in(heading: str, spread: Spread | None, lists: Lists) -> str | None:
    if spread is None:
        return None
    match = _BRACKETS.search(heading)
    return lists.code(spread.choices, match[1] if match else heading)


def _check_headings(form: Form, fields: dict[str, int], unknown: Sequence[str]) -> None:
    personal = [heading for heading in unknown if personal_heading(heading)]
    if personal:
        raise DataError(
            "Column {columns} holds personal data, and names never enter: delete the column, leave pseudonyms alone, "
            "and save the file again. Nothing of it was read.",
            columns=", ".join(personal),
        )
    missing = [field.heading for field in form.required if field.name not in fields]
    if missing:
        raise DataError("The form lacks the column {missing}: take its blank again.", missing=", ".join(missing))


def _read(form: Form, sheets: Sequence[Sheet], context: Context) -> Reading:
    """Read a filled form into one table."""
    lists = read_lists(context.root, _events(form, context))
    place = _place(form, sheets, lists)
    rows = _rows(place, context.file)
    findings = list(_shape_findings(place, rows, context.file))
    made, found = _fields(form, place, rows, lists, context)
    findings += found
    if form.spread is not None:
        made, found = _melted(form, form.spread, place, rows, made, lists)
        findings += found
    if form.table == "actions":
        made = _prompted(made, context)
    title = " ".join(clean(cell) for cell in place.sheet.frame.iloc[: place.row].to_numpy().ravel())
    if form.edition:
        edition = _BRACKETS.search(title)
        made = made.assign(form=edition[1] if edition else form.edition)
    if clean(EXAMPLE_MARK).split(":")[0].casefold() in title.casefold():
        made = made.assign(**{EXAMPLE: "true"})
    columns = [name for name in REGISTER_FORMS[form.table].columns if name in made]
    headings = {field.name: field.heading for field in form.fields}
    frame = made[[*columns, FILE, SHEET, ROW]].reset_index(drop=True)
    return Reading(_name(form), (RawTable(form.table, context.file, frame, tuple(findings), headings=headings),))


def _events(form: Form, context: Context) -> tuple[Event, ...]:
    """Return the events of the cluster's plan where the form names them by number."""
    named = any(field.holds == "event" for field in form.fields)
    return read_events(context.root, context.cluster) if named else ()


def _rows(place: _Place, file: str) -> pd.DataFrame:
    """Return the rows below the heading in which anything of the form stands, on the sheet's index."""
    frame = place.sheet.frame.iloc[place.row + 1 :]
    own = frame[sorted([*place.fields.values(), *place.codes.values()])]
    filled = own.map(lambda text: bool(text.strip())).any(axis=1)
    kept = frame[filled]
    where = pd.DataFrame({FILE: file, SHEET: place.sheet.name, ROW: kept.index + 1}, index=kept.index)
    return pd.concat([kept, where], axis=1)


def _shape_findings(place: _Place, rows: pd.DataFrame, file: str) -> list[Finding]:
    sheet, row = place.sheet.name, place.row + 1
    cells = [clean(cell) for cell in place.sheet.frame.iloc[place.row]]
    found = [Finding(file, row, heading, _UNKNOWN, sheet=sheet, check="shape") for heading in place.unknown]
    for heading in dict.fromkeys(cells):
        n = cells.count(heading)
        if heading and n > 1:
            found.append(Finding(file, row, heading, _TWICE, {"n": n}, sheet=sheet, check="shape"))
    if rows.empty:
        found.append(Finding(file, None, None, _NO_ROWS, sheet=sheet, check="shape"))
    return found


def _fields(
    form: Form, place: _Place, rows: pd.DataFrame, lists: Lists, context: Context
) -> tuple[pd.DataFrame, list[Finding]]:
    made = rows[[FILE, SHEET, ROW]]
    found: list[Finding] = []
    for field in form.fields:
        if field.name in place.fields:
            read = partial(field_cell, column=field, lists=lists, context=context)
            values, faults = _meant(rows, place.fields[field.name], field.heading, read)
            made = made.assign(**{field.name: values})
            found += faults
    return made, found


def _meant(
    rows: pd.DataFrame, column: int, heading: str, read: Callable[[str], FormCell]
) -> tuple[pd.Series, list[Finding]]:
    """Read each different text of a column once; a cell that is wrong becomes empty."""
    texts = rows[column]
    cells = {text: read(text) for text in texts.unique()}
    found = [
        finding
        for text, cell in cells.items()
        if cell.fault
        for finding in at_rows(
            rows, texts == text, heading, cell.fault, check="listed", severity="fault", **dict(cell.values)
        )
    ]
    return texts.map({text: cell.value for text, cell in cells.items()}).astype("str"), found


def _melted(
    form: Form, spread: Spread, place: _Place, rows: pd.DataFrame, made: pd.DataFrame, lists: Lists
) -> tuple[pd.DataFrame, list[Finding]]:
    """Make a row of each filled cell of the spread columns, and of each comment."""
    keys = made.drop(columns=COMMENT, errors="ignore")
    found: list[Finding] = []
    parts: list[pd.DataFrame] = []
    own = rows[list(place.codes.values())].map(lambda text: clean(str(text)))
    judged = (own != "").any(axis=1)
    for code, column in place.codes.items():
        heading = clean(str(place.sheet.frame.iloc[place.row, column]))
        values, faults = _meant(rows, column, heading, partial(graded_cell, spread=spread))
        found += faults
        filled = values.mask(judged & (own[column] == ""), "0") if spread.gaps == "zero" else values
        parts.append(_with(keys, {spread.name: code, spread.value: filled})[filled != ""])
    if spread.gaps == "zero":
        found += at_rows(rows, ~judged, None, _NOT_JUDGED, severity="warning", check="empty")
    if form.last and COMMENT in made:
        parts.append(_with(made[made[COMMENT] != ""], {spread.name: COMMENT, spread.value: ""}))
    joined = pd.concat(parts).fillna("")
    order = {code: number for number, code in enumerate((*lists.codes(spread.choices), COMMENT))}
    return joined.assign(order=joined[spread.name].map(order)).sort_values([ROW, "order"], kind="stable"), found


def _with(frame: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    return frame.assign(**columns)


def _prompted(made: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Tell the id of a work from words about one: what is neither an id nor names a whole work stays words."""
    if "prompt" not in made:
        return made
    bare = replace(context, told=Told(), file="")
    ids = {text: _assessment(text, bare) for text in made["prompt"].unique()}
    assessment = made["prompt"].map(ids).astype("str")
    if "class" in made and "grade" in made:
        lone = made["class"].str.fullmatch(r"[А-Яа-яA-Za-z]")
        made = made.assign(**{"class": made["class"].mask(lone, made["grade"] + made["class"])})
    return made.assign(assessment=assessment, prompt=made["prompt"].mask(assessment == made["prompt"], ""))


def _assessment(text: str, context: Context) -> str:
    if re.fullmatch(ASSESSMENT, text) and "-" in text:
        return text
    found = work_in(text)
    if found.missing:
        return ""
    return context.work(found).assessment


def _name(form: Form) -> str:
    return f"register-{form.kind.replace('_', '-')}"


LAYOUTS: tuple[Layout, ...] = tuple(
    Layout(_name(form), form.title, partial(_recognises, form), partial(_read, form))
    for form in FORMS.values()
    if form.table
)
