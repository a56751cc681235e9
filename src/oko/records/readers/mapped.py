"""Any other tidy table, read by a mapping that the cluster keeps beside its settings.

No export of the school information systems of the city (АИС «Параграф», «Знак») was found, so no layout of one is
built in: whoever has such a file describes it in ``data/clusters/<code>/mappings/<name>.toml``.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from oko.errors import DataError
from oko.language import N_
from oko.records.cluster import Cluster
from oko.records.kinds import KINDS
from oko.records.personal import personal_heading
from oko.records.readers import FILE, ROW, SHEET, Finding, Reading, mapped_tables
from oko.records.readers.context import Context, Work
from oko.records.readers.headings import clean, stored_label, top_lines
from oko.records.readers.layout import Layout
from oko.records.readers.mapped_tables import Mapped, TaskColumn, any_text
from oko.records.readers.mapping import OF_PUPILS, WORK, ColumnMapping, mapping_files, of_works, read_mapping
from oko.records.readers.school_rows import compared, nobody_left, read_rows
from oko.records.readers.sheets import Sheet
from oko.records.tokens import plain_number

_GRADES = ("material_grade", "pupil_grade")
_NO_ROWS = N_("The table has headings and no rows.")


@dataclass(frozen=True)
class _Place:
    """Where the table stands: sheet, index of the heading row, columns by their headings."""

    sheet: Sheet
    row: int
    columns: dict[str, int]


def mapped_layouts(root: Path, cluster: Cluster) -> tuple[Layout, ...]:
    """Return a layout for each mapping of a cluster.

    Parameters
    ----------
    root : Path
        The project's folder.
    cluster : Cluster

    Raises
    ------
    SettingError
        A mapping is not valid: the message names the file and the key.
    """
    return tuple(layout_of(path, path.relative_to(root).as_posix()) for path in mapping_files(root, cluster))


def layout_of(path: Path, where: str) -> Layout:
    """Return the layout that one mapping describes.

    Parameters
    ----------
    path : Path
        The settings file.
    where : str
        What errors call it.

    Raises
    ------
    SettingError
        The mapping is not valid.
    """
    mapping = read_mapping(path, where)
    return Layout(
        f"mapped-{mapping.name}",
        mapping.title.en,
        partial(_recognises, mapping),
        partial(_read, mapping),
        confirmed=mapping.status == "confirmed",
        russian=mapping.title.ru,
        mapping=path.stem,
    )


def _recognises(mapping: ColumnMapping, sheets: Sequence[Sheet]) -> bool:
    return _heading_place(mapping, sheets) is not None


def _heading_place(mapping: ColumnMapping, sheets: Sequence[Sheet]) -> tuple[Sheet, int] | None:
    wanted = {clean(heading).casefold() for heading in mapping.recognise}
    for sheet in sheets:
        if mapping.sheet is not None and sheet.name != mapping.sheet:
            continue
        first = (mapping.heading_row or 1) - 1
        lines = top_lines(sheet.frame.iloc[first : first + 1]) if mapping.heading_row else sheet.top
        for row, cells in enumerate(lines, start=first):
            if wanted <= set(cells):
                return sheet, row
    return None


def _place(mapping: ColumnMapping, sheets: Sequence[Sheet]) -> _Place:
    found = _heading_place(mapping, sheets)
    if found is None:
        raise DataError(
            "Mapping {name} does not fit the file: no row has the headings {headings}.",
            name=mapping.name,
            headings=", ".join(mapping.recognise),
        )
    sheet, row = found
    columns: dict[str, int] = {}
    for place, cell in enumerate(sheet.frame.iloc[row]):
        columns.setdefault(clean(cell), place)
    kept = {clean(heading) for heading in (*mapping.drop, *(mapping.identity.headings if mapping.identity else ()))}
    personal = [heading for heading in columns if personal_heading(heading) and heading not in kept]
    if personal:
        raise DataError(
            "Column {columns} holds personal data, and mapping {name} does not list it under drop. Nothing was read.",
            columns=", ".join(personal),
            name=mapping.name,
        )
    missing = [heading for heading in mapping.headings if clean(heading) not in columns]
    if missing:
        raise DataError(
            "Mapping {name} names columns that the file has not: {missing}.",
            name=mapping.name,
            missing=", ".join(missing),
        )
    return _Place(sheet, row, columns)


def _read(mapping: ColumnMapping, sheets: Sequence[Sheet], context: Context) -> Reading:
    place = _place(mapping, sheets)
    tasks = _tasks(mapping, place)
    rows = _rows(mapping, place, tasks, context.file)
    made = _meanings(mapping, place, rows, context)
    others: list[Finding] = []
    if mapping.table in OF_PUPILS and "school" in mapping.columns and len(rows):
        kept, others = read_rows(made, clean(mapping.columns["school"]), context)
        if not kept.any():
            raise nobody_left(context)
        rows, made = rows[kept], made[kept]
    works: dict[str, Work] = {}
    if of_works(mapping.table):
        made, works = _with_works(made, context)
    table = Mapped(mapping, context, place.columns, place.row + 1, tasks, rows, made, works)
    tables, findings = mapped_tables.tables(table)
    findings += others
    if mapping.table in OF_PUPILS:
        tables += compared(made, context)
    if rows.empty:
        findings.append(Finding(context.file, None, None, _NO_ROWS, sheet=place.sheet.name, check="shape"))
    return Reading(f"mapped-{mapping.name}", tuple(tables), tuple(findings))


def _tasks(mapping: ColumnMapping, place: _Place) -> tuple[TaskColumn, ...]:
    """Return the columns of tasks in the order of the mapping, or of the file."""
    if mapping.items is None:
        return ()
    if mapping.items.pattern is None:
        return tuple(
            TaskColumn(stored_label(label) or label, place.columns[clean(task.heading)], task.max, task.level)
            for label, task in mapping.items.columns.items()
        )
    found: list[TaskColumn] = []
    for heading, column in place.columns.items():
        match = re.fullmatch(mapping.items.pattern, heading)
        label = stored_label(match["label"]) if match else None
        if match and label:
            most = plain_number(match.groupdict().get("max") or "")
            found.append(TaskColumn(label, column, most, None))
    if not found:
        raise DataError(
            "Mapping {name}: no heading fits the pattern of tasks {pattern}.",
            name=mapping.name,
            pattern=mapping.items.pattern,
        )
    return tuple(found)


def _rows(mapping: ColumnMapping, place: _Place, tasks: Sequence[TaskColumn], file: str) -> pd.DataFrame:
    """Return the columns that are read, of the rows in which anything stands; names only to make pseudonyms of."""
    columns = sorted({*(place.columns[clean(heading)] for heading in mapping.headings), *(t.column for t in tasks)})
    frame = place.sheet.frame.iloc[place.row + 1 :][columns]
    kept = frame[any_text(frame)]
    where = pd.DataFrame({FILE: file, SHEET: place.sheet.name, ROW: kept.index + 1}, index=kept.index)
    return pd.concat([kept, where], axis=1)


def _meanings(mapping: ColumnMapping, place: _Place, rows: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Give the columns our names and the mapping's values, and add the constants."""
    made = rows[[FILE, SHEET, ROW]]
    for name, heading in mapping.columns.items():
        texts = rows[place.columns[clean(heading)]]
        words = {clean(given): kept for given, kept in mapping.values.get(name, {}).items()}
        if words:
            texts = texts.map({text: words.get(clean(text), text) for text in texts.unique()}).astype("str")
        if mapping.decimal == "," and _numeric(mapping.table, name):
            texts = texts.str.replace(r"(?<=[0-9])\s(?=[0-9])", "", regex=True).str.replace(",", ".")
        made = made.assign(**{name: texts})
    for name, constant in mapping.constants.items():
        made = made.assign(**{name: pd.Series(constant, made.index, dtype="str")})
    if "school" in KINDS[mapping.table].columns:
        made = _with_schools(made, mapping, context)
    return made


def _numeric(table: str, name: str) -> bool:
    form = KINDS["results" if table == "responses" else table]
    return name in form.columns and str(form.column(name).dtype) in {"float64", "Int64"}


def _with_schools(made: pd.DataFrame, mapping: ColumnMapping, context: Context) -> pd.DataFrame:
    if "school" in made:
        codes = {text: context.school(text) for text in made["school"].unique()}
        return made.assign(school=made["school"].map(codes).astype("str"))
    if context.told.school is not None:
        return made.assign(school=pd.Series(context.told.school, made.index, dtype="str"))
    if mapping.table in OF_PUPILS:
        raise DataError(
            "It is not known which school the file is of; write it into a file received.toml in the folder: "
            'school = "…".'
        )
    return made


def _with_works(made: pd.DataFrame, context: Context) -> tuple[pd.DataFrame, dict[str, Work]]:
    """Give each row the id of its work, and return the works by their ids; none where the file has the ids itself."""
    there = [name for name in WORK if name in made]
    if "assessment" in made and not there:
        return made, {}
    if not there:
        work = context.work(Work())
        return made.assign(assessment=pd.Series(work.assessment, made.index, dtype="str")), {work.assessment: work}
    combinations = made[there].drop_duplicates()
    works = [context.work(_work(row)) for row in combinations.to_dict("records")]
    ids = combinations.assign(**{"#id": [work.assessment for work in works]})
    joined = made[there].merge(ids, on=there, how="left", validate="many_to_one").set_axis(made.index)
    found = {work.assessment: work for work in works}
    return made.assign(assessment=joined["#id"].astype("str")), found


def _grade(text: str) -> int:
    if not text.isdecimal() or len(text) > 2 or not 1 <= int(text) <= 12:
        raise DataError("A grade in the file is no whole number from 1 to 12 (it is not shown): correct it.")
    return int(text)


def _work(row: Mapping[Hashable, str]) -> Work:
    known: dict[str, Any] = {}
    for name in WORK:
        text = clean(str(row.get(name, "")))
        if text:
            known[name] = _grade(text) if name in _GRADES else text
    return Work(**known)
