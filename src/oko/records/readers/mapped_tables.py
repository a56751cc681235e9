"""Rows that a mapping has named become raw tables: pupils with tasks, groups with measures, anything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.errors import DataError
from oko.language import N_
from oko.records.kinds import KINDS
from oko.records.pseudonyms import Pseudonyms, date_or_none
from oko.records.readers import FILE, ROW, SHEET, Finding, RawTable, at_rows
from oko.records.readers.context import Context, Work
from oko.records.readers.headings import clean
from oko.records.readers.mapping import OF_PUPILS, ColumnMapping, Identity, Measured
from oko.records.tokens import plain_number

_PLACES = [FILE, SHEET, ROW]
_KEYS = ("assessment", "school", "class", "sex")
_NO_NUMBER = N_("{given} is not a number.")
_NO_DATE = N_("The date of birth (not shown) is no date: write it as 05.03.2008.")
_ABOVE_N = N_("{given} is more than the number of pupils, {n}.")


@dataclass(frozen=True)
class TaskColumn:
    """A column of a task: its label, its place, its maximum and level where they are known."""

    label: str
    column: int
    max_score: float | None
    level: str | None


@dataclass(frozen=True)
class Mapped:
    """A table whose columns a mapping has named.

    Attributes
    ----------
    mapping : ColumnMapping
    context : Context
    columns : Mapping
        Places of the file's columns by their headings.
    heading_row : int
        As a spreadsheet counts rows.
    tasks : tuple of TaskColumn
    rows : DataFrame
        Cells as received, by the places of their columns.
    made : DataFrame
        Our columns on the same index.
    works : Mapping
        The assessments that the rows are about, by their ids.
    """

    mapping: ColumnMapping
    context: Context
    columns: Mapping[str, int]
    heading_row: int
    tasks: tuple[TaskColumn, ...]
    rows: pd.DataFrame
    made: pd.DataFrame
    works: Mapping[str, Work]

    def texts(self, heading: str) -> pd.Series:
        """Return the cells of a column by its heading."""
        return self.rows[self.columns[clean(heading)]]


def tables(table: Mapped) -> tuple[list[RawTable], list[Finding]]:
    """Make the raw tables of a mapped table, and findings on their cells."""
    kind = table.mapping.table
    found: list[Finding] = []
    made: list[RawTable]
    if kind in OF_PUPILS:
        made, found = _of_pupils(table)
    elif kind == "groups" and table.mapping.measures:
        frame, found = _of_groups(table)
        made = [_raw(table, "groups", frame)]
    else:
        made = [_raw(table, kind, _with_own_work(table) if kind == "assessments" else table.made)]
    return [*(_implied(table) if kind != "assessments" else []), *made], found


def _raw(table: Mapped, kind: str, frame: pd.DataFrame, *more: str) -> RawTable:
    """Keep the columns of a kind, and further ones that are named."""
    columns = [name for name in (*KINDS[kind].columns, *more) if name in frame]
    grades = {work.pupil_grade or work.material_grade for work in table.works.values()}
    headings = {name: clean(heading) for name, heading in table.mapping.columns.items()}
    headings |= {task.label: _heading(table, task) for task in table.tasks}
    if table.mapping.pupil and table.mapping.pupil.code:
        headings["code"] = clean(table.mapping.pupil.code)
    whole = frame[[*dict.fromkeys(columns), *_PLACES]].reset_index(drop=True)
    grade = str(grades.pop() or "") if kind in OF_PUPILS and len(grades) == 1 else ""
    return RawTable(kind, table.context.file, whole, grade=grade, headings=headings)


def _heading(table: Mapped, task: TaskColumn) -> str:
    return next(heading for heading, place in table.columns.items() if place == task.column)


def _implied(table: Mapped) -> list[RawTable]:
    """Return the assessments that a file is about, and their tasks."""
    if not table.works:
        return []
    place = {FILE: table.context.file, SHEET: str(table.rows[SHEET].iloc[0]) if len(table.rows) else ""}
    place_row = {**place, ROW: table.heading_row}
    maxima = [task.max_score for task in table.tasks]
    known = table.mapping.max_score
    if known is None and maxima and None not in maxima:
        known = sum(most for most in maxima if most is not None)
    most = "" if known is None else f"{known:g}"
    works = [{**work.row(), "max_score": most, **place_row} for work in table.works.values()]
    found = [RawTable("assessments", table.context.file, pd.DataFrame(works), implied=True)]
    if table.tasks and table.mapping.table != "items":
        items = [
            {
                "assessment": work,
                "item": task.label,
                "position": str(position),
                "max_score": "" if task.max_score is None else f"{task.max_score:g}",
                "level": task.level or "",
                **place_row,
            }
            for work in table.works
            for position, task in enumerate(table.tasks, start=1)
        ]
        found.append(RawTable("items", table.context.file, pd.DataFrame(items), implied=True))
    return found


def _with_own_work(table: Mapped) -> pd.DataFrame:
    """Complete rows of assessments by what is known of each work beside the row."""
    made = table.made
    for name in ("procedure", "subject", "year", "season", "material_grade", "pupil_grade"):
        known = {work: row.row()[name] for work, row in table.works.items()}
        if known:
            made = made.assign(**{name: made["assessment"].map(known).astype("str")})
    return made


def _of_pupils(table: Mapped) -> tuple[list[RawTable], list[Finding]]:
    made, findings = _with_pupils(table)
    points = table.rows[[task.column for task in table.tasks]].set_axis([task.label for task in table.tasks], axis=1)
    made = pd.concat([made, points], axis=1)
    said = [name for name in KINDS["results"].columns if name in table.mapping.columns and name not in _KEYS]
    kept = made[any_text(made[[*said, *points]])]
    found: list[RawTable] = []
    if table.mapping.table == "results":
        found.append(_raw(table, "results", kept, "code"))
    if table.tasks:
        found.append(_raw(table, "responses", kept[any_text(kept[list(points)])], "code", *points))
    return found, findings


def any_text(frame: pd.DataFrame) -> pd.Series:
    """Tell in which rows of a frame of texts anything stands."""
    filled = pd.Series(False, frame.index)
    for name in frame:
        filled |= frame[name].str.strip() != ""
    return filled


def _with_pupils(table: Mapped) -> tuple[pd.DataFrame, list[Finding]]:
    """Add what tells pupils apart: a code, or a pseudonym and what it was made of."""
    pupil, made = table.mapping.pupil, table.made
    if pupil is None:
        return made, []
    if pupil.code is not None:
        return made.assign(code=table.texts(pupil.code).str.strip()), []
    if pupil.identity is not None:
        return _named(table, pupil.identity)
    if pupil.running:
        running = (made.groupby("school").cumcount() + 1).astype("str")
        return made.assign(pupil=made["school"] + "-" + running), []
    parts = [table.texts(heading).str.strip() for heading in pupil.pseudonym]
    joined = parts[0]
    for part in parts[1:]:
        joined = (joined + "-" + part).mask((joined == "") | (part == ""), "")
    return made.assign(pupil=joined), []


def _named(table: Mapped, identity: Identity) -> tuple[pd.DataFrame, list[Finding]]:
    """Make pseudonyms of names; an incomplete name gives none, and the empty cell is named later."""
    pseudonyms = table.context.pseudonyms
    if pseudonyms is None:
        raise DataError(
            "The file tells pupils apart by names, and the cluster has no key to make pseudonyms with: "
            "run “oko init --cluster {cluster}” first.",
            cluster=table.context.cluster.code,
        )
    empty = pd.Series("", table.rows.index, dtype="str")
    headings = (identity.surname or identity.full_name, identity.name, identity.patronymic, identity.birth_date)
    columns = [table.texts(heading).str.strip() if heading else empty for heading in headings]
    made: list[str] = []
    wrong: list[bool] = []
    for surname, name, patronymic, born, school in zip(*columns, table.made["school"], strict=True):
        whole = " " in clean(surname) if identity.full_name else bool(surname and name)
        dated = date_or_none(born)
        known = _pseudonym(pseudonyms, (surname, name, patronymic), dated or "", school)
        made.append(known if whole else "")
        wrong.append(dated is None)
    no_dates = at_rows(table.rows, pd.Series(wrong, table.rows.index), identity.birth_date, _NO_DATE, check="form")
    link = "roster" if identity.birth_date else "name"
    pupils = pd.Series(made, table.made.index, dtype="str")
    return table.made.assign(pupil=pupils, link=pd.Series(link, table.made.index, dtype="str")), list(no_dates)


def _pseudonym(pseudonyms: Pseudonyms, name: tuple[str, str, str], born: str, school: str) -> str:
    """Return what a roster gives the pupil where the birth date is known, and what a name gives otherwise."""
    return pseudonyms.of_pupil(*name, born, school) if born else pseudonyms.of_name(school, *name)


def _of_groups(table: Mapped) -> tuple[pd.DataFrame, list[Finding]]:
    """Make a row of each group and measure; a share of a count is the count by the number of pupils."""
    parts: list[pd.DataFrame] = []
    found: list[Finding] = []
    n = _numbers(table.made["n"]) if "n" in table.made else pd.Series(np.nan, table.made.index)
    for column in table.mapping.measures:
        part, findings = _measured(table, column, n)
        parts.append(part)
        found += findings
    return pd.concat(parts).sort_values(ROW, kind="stable"), found


def _measured(table: Mapped, column: Measured, n: pd.Series) -> tuple[pd.DataFrame, list[Finding]]:
    texts = table.texts(column.heading).str.strip()
    numbers = _numbers(texts)
    heading = clean(column.heading)
    wrong = (texts != "") & numbers.isna()
    found = list(at_rows(table.rows, wrong, heading, _NO_NUMBER, check="number", given=texts))
    made = table.made.assign(measure=column.measure, key=column.key)
    if column.count is not None:
        above = numbers > n
        found += at_rows(table.rows, above, heading, _ABOVE_N, check="range", given=numbers, n=n)
        share = (numbers / n).where(n > 0)
        made = made.assign(value=_written(share), count=_written(numbers))
    else:
        made = made.assign(value=_written(numbers / 100 if column.percent is not None else numbers))
    return made[made["value"] != ""], found


def _numbers(texts: pd.Series) -> pd.Series:
    known = {text: plain_number("".join(text.split())) for text in texts.unique()}
    return texts.map(known).astype("float64")


def _written(numbers: pd.Series) -> pd.Series:
    texts = {number: f"{number:.9f}".rstrip("0").rstrip(".") for number in numbers.dropna().unique()}
    return numbers.map(texts).fillna("").astype("str")
