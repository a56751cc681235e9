"""Reports of ФИС ОКО on groups: which report a sheet holds, and its lines as numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.language import N_
from oko.records.readers import Finding, RawTable, at_rows
from oko.records.readers.context import Context
from oko.records.readers.fisoko_counts import Numbers, Shares, count_text, numbers, share_text, shares
from oko.records.readers.fisoko_head import group_level, with_places
from oko.records.readers.headings import SEARCHED, clean, task_heading
from oko.records.readers.sheets import Sheet

GROUP, N, N_SCHOOLS = "Группы участников", "Кол-во участников", "Кол-во ОО"
CHANGES = {"понизили": "lowered", "подтвердили": "confirmed", "повысили": "raised"}
MARKS = ("2", "3", "4", "5")
_TITLES = {
    "статистика по отметкам": "marks",
    "сравнение отметок с отметками по журналу": "journal",
    "выполнение заданий группами": "mark-groups",
    "выполнение заданий": "tasks",
    "достижение планируемых результатов": "results",
    "распределение первичных баллов": "scores",
}
_GROUP = re.compile(r"групп[аы] участников", re.IGNORECASE)
_N = re.compile(r"(кол-во|количество|число) участников", re.IGNORECASE)
_SCHOOLS = re.compile(r"(кол-во|количество|число) (оо|школ)", re.IGNORECASE)
_REQUIREMENT = re.compile(r"блоки пооп|требования \(умения\)", re.IGNORECASE)
_MARK_GROUP = re.compile(r"[^0-9]*[2-5][^0-9]*")

NO_NUMBER = N_("{given} is not a number.")
_OUTSIDE = N_("{given} is no per cent: a number from 0 to 100 is needed.")
_SUM = N_(
    "The per cents of the row sum to {sum} and not to 100: correct the row or send the report as it was exported."
)
_UNLIKE = N_(
    "The per cents of the row are of no whole number of {n} pupils: the number of pupils or a per cent is another. "
    "The per cents were taken, the numbers of pupils left empty."
)


@dataclass(frozen=True)
class Report:
    """A report that was found in a sheet.

    Attributes
    ----------
    name : str
        marks, journal, journal-long, tasks, results, scores or mark-groups.
    row : int
        Index of the heading row.
    """

    name: str
    row: int


def report_in(sheet: Sheet) -> Report | None:
    """Tell which report a sheet holds: by its title where one stands above the table, else by the headings.

    Parameters
    ----------
    sheet : Sheet

    Returns
    -------
    Report or None
        None where there is no heading «Группы участников», nor that of requirements.
    """
    for row, cells in enumerate(sheet.top):
        if any(_GROUP.match(cell) for cell in cells) or any(_REQUIREMENT.search(cell) for cell in cells):
            shape = _by_headings(cells, sheet.frame, row)
            name = _by_title(sheet.frame.iloc[:row]) or shape
            if name == "journal":
                name = shape if shape.startswith("journal") else name
            return Report(name, row) if name else None
    return None


def _by_title(above: pd.DataFrame) -> str:
    for line in above.to_numpy():
        for cell in line:
            text = clean(cell).lower()
            for title, name in _TITLES.items():
                if title in text:
                    return name
    return ""


def _by_headings(cells: Sequence[str], frame: pd.DataFrame, row: int) -> str:
    if any(_REQUIREMENT.search(cell) for cell in cells):
        return "results"
    group = next(place for place, cell in enumerate(cells) if _GROUP.match(cell))
    lines = [clean(text) for text in frame.iloc[row + 1 :, group] if clean(text)]
    if any(cell.lower().startswith(word) for cell in cells for word in CHANGES):
        return "journal"
    if any(line.lower().startswith(word) for line in lines[:SEARCHED] for word in CHANGES):
        return "journal-long"
    plain = {cell for cell in cells if cell.isdecimal()}
    if plain == set(MARKS):
        return "marks"
    if "0" in plain:
        return "scores"
    if not any(task_heading(cell) for cell in cells):
        return ""
    return "mark-groups" if lines and all(_MARK_GROUP.fullmatch(line) for line in lines) else "tasks"


@dataclass(frozen=True)
class Lines:
    """The lines of a report, one a group.

    Attributes
    ----------
    rows : DataFrame
        group, level, school, n_schools, n (text), ``#file``, ``#sheet``, ``#row``.
    n : array
        Pupils in each group, NaN where not known.
    headings : Mapping
        Column to the heading as it stands in the file.
    findings : tuple of Finding
    """

    rows: pd.DataFrame
    n: Numbers
    headings: Mapping[str, str]
    findings: tuple[Finding, ...]


def lines_of(sheet: Sheet, row: int, context: Context) -> tuple[Lines, pd.DataFrame]:
    """Return the lines under a heading row, and their cells on the same index.

    Parameters
    ----------
    sheet : Sheet
    row : int
        Index of the heading row.
    context : Context
    """
    headings = [clean(cell) for cell in sheet.frame.iloc[row]]
    group = next(place for place, cell in enumerate(headings) if _GROUP.match(cell))
    below = sheet.frame.iloc[row + 1 :]
    below = below[below[group].str.strip() != ""]
    cells = below.reset_index(drop=True)
    named = {"n": _place(headings, _N), "n_schools": _place(headings, _SCHOOLS)}
    rows = pd.DataFrame({"group": cells[group].map(clean).astype("str")})
    for name, place in named.items():
        rows[name] = "" if place is None else cells[place]
    rows = with_places(leveled(rows, context), sheet, np.asarray(below.index) + 1, context)
    titles = {"group": headings[group]} | {name: headings[p] for name, p in named.items() if p is not None}
    return numbered(rows, titles), cells


def leveled(rows: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Give lines the level of their group and the code of the school, by the group's name."""
    known = {text: group_level(text, context) for text in rows["group"].unique()}
    level = rows["group"].map({text: level for text, (level, _) in known.items()}).astype("str")
    school = rows["group"].map({text: school for text, (_, school) in known.items()}).astype("str")
    return rows.assign(level=level, school=school)


def numbered(rows: pd.DataFrame, titles: Mapping[str, str]) -> Lines:
    """Read the numbers of pupils and of schools; a cell that is no number is a fault and left empty."""
    values, wrong = numbers(rows[["n", "n_schools"]])
    whole = np.where(values == np.rint(values), values, np.nan)
    wrong = wrong | (np.isnan(whole) & ~np.isnan(values)) | (values < 0)
    found = [
        finding
        for name in ("n", "n_schools")
        for finding in at_rows(rows, wrong[name], titles.get(name, name), NO_NUMBER, check="number", given=rows[name])
    ]
    whole = np.where(wrong, np.nan, whole)
    read = rows.assign(n=count_text(whole[:, 0]), n_schools=count_text(whole[:, 1]))
    return Lines(read, whole[:, 0], titles, tuple(found))


def _place(headings: Sequence[str], wanted: re.Pattern[str]) -> int | None:
    return next((place for place, cell in enumerate(headings) if wanted.match(cell)), None)


def percents_of(rows: pd.DataFrame, cells: pd.DataFrame) -> tuple[Numbers, list[Finding]]:
    """Read per cents.

    Parameters
    ----------
    rows : DataFrame
        ``#file``, ``#sheet`` and ``#row`` of the lines.
    cells : DataFrame of str
        On the same index; columns are headings as they stand in the file.

    Returns
    -------
    values : array
        NaN where nothing stands or what stands is no per cent.
    findings : list of Finding
    """
    values, wrong = numbers(cells)
    outside = (values < 0) | (values > 100)
    found: list[Finding] = []
    for place, name in enumerate(cells):
        far, given = pd.Series(outside[:, place], cells.index), cells.iloc[:, place]
        found += at_rows(rows, wrong.iloc[:, place], str(name), NO_NUMBER, check="number", given=given)
        found += at_rows(rows, far, str(name), _OUTSIDE, check="range", given=given)
    return np.where(wrong | outside, np.nan, values), found


def distribution(lines: Lines, percents: Numbers, *, fill: bool) -> tuple[Shares, list[Finding]]:
    """Turn per cents that should sum to 100 into shares and numbers of pupils, and name the rows where they do not."""
    made = shares(percents, lines.n, fill=fill)
    index = lines.rows.index
    wrong, unlike = pd.Series(made.sums_wrong, index), pd.Series(made.unlike, index)
    sums = pd.Series(np.round(made.sums, 6), index)
    found = list(at_rows(lines.rows, wrong, None, _SUM, check="percents", sum=sums))
    found += at_rows(lines.rows, unlike, None, _UNLIKE, severity="warning", check="percents", n=lines.rows["n"])
    return made, found


def groups_table(
    lines: Lines,
    assessment: str | pd.Series,
    measure: str,
    keys: Sequence[str],
    made: tuple[Numbers, Numbers | None],
    findings: Sequence[Finding],
) -> RawTable:
    """Return lines and what was measured of them as a table of groups.

    Parameters
    ----------
    lines : Lines
    assessment : str or Series
        Id of the assessment; a Series on the index of the lines where it differs.
    measure : str
        A measure of :data:`oko.records.groups.MEASURES`.
    keys : sequence of str
    made : (array, array or None)
        Values and counts, groups × keys; where no value is known there is no row.
    findings : sequence of Finding
    """
    values, counts = made
    at, key = np.nonzero(~np.isnan(values))
    names = np.array(keys, dtype="object")
    rows = lines.rows.assign(assessment=assessment, measure=measure).astype({"assessment": "str", "measure": "str"})
    long = rows.take(at).reset_index(drop=True)
    picked = np.full(len(at), np.nan) if counts is None else counts[at, key]
    long = long.assign(
        key=pd.Series(names[key], dtype="str"),
        value=share_text(values[at, key]),
        count=count_text(picked),
    )
    file = str(lines.rows["#file"].iloc[0]) if len(lines.rows) else ""
    return RawTable("groups", file, long, (*lines.findings, *findings), headings=lines.headings)


def maxima_in(cells: Iterator[str]) -> list[int | None]:
    """Read the cells of a row of maxima; None for what is no whole number."""
    return [int(text) if (text := clean(cell)).isdecimal() else None for cell in cells]
