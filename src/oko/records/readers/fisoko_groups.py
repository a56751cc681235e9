"""ФИС ОКО, reports on groups of participants: marks, comparison with the journal, tasks, planned results, scores.

«Статистика по отметкам» is known from a real file of 2026 and the comparison with the journal from one of 2024; the
others are known by republished tables or by name alone (unconfirmed), and so is what the files of 2020 and 2021 looked
like.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import pandas as pd

from oko.errors import DataError
from oko.language import N_
from oko.records.readers import Finding, Phrase, RawTable, Reading
from oko.records.readers import fisoko_district as district
from oko.records.readers.context import Context
from oko.records.readers.fisoko_head import head_of, implied_assessment, with_places
from oko.records.readers.fisoko_journal import journal, journal_long
from oko.records.readers.fisoko_pupils import sheet_left
from oko.records.readers.fisoko_tables import (
    MARKS,
    Report,
    distribution,
    groups_table,
    leveled,
    lines_of,
    maxima_in,
    numbered,
    percents_of,
    report_in,
)
from oko.records.readers.headings import clean, columns, heading_row, task_heading
from oko.records.readers.layout import Layout
from oko.records.readers.sheets import Sheet

CONTEXT = ("логин", "Код региона", "Название ОО")
_CONTEXT_WORDS = ("количество обучающихся в оо", "учителей высшей категории")
_RESULTS = {"item": "Номер задания", "number": "№", "requirement": "Блоки ПООП", "max_score": "Макс"}

_NO_KEYS = N_("Sheet {sheet}, row {row}: the report {title} has no columns of results. Send it as it was exported.")
_MARK_GROUPS = N_(
    "The report «Выполнение заданий группами участников» is known by its name alone: how its columns stand is not "
    "known yet, and nothing of it was read. Send the empty table (title, headings, one line without figures) to the "
    "workbench’s authors; until then take «Выполнение заданий», or form Ф1, from which the same is computed."
)
_CONTEXT = N_(
    "This is the context questionnaire of a school. The workbench does not take it: it holds the head’s name, phone "
    "and e-mail. Nothing of it was read; remove the file from the folder."
)
_NO_LABEL = N_("The line has results and no number of a task: add it or delete the line.")

Reader = Callable[[Sheet, int, str, Context], list[RawTable]]


def read(sheets: Sequence[Sheet], context: Context, name: str) -> Reading:
    """Read all reports on groups that a workbook holds.

    Parameters
    ----------
    sheets : sequence of Sheet
    context : Context
    name : str
        Name of the layout.

    Returns
    -------
    Reading
        For each report the assessment, the tasks where their maxima stand in it, and the groups. A value is the count
        over the number of pupils where the count is exact, else the per cent as reported over 100.

    Raises
    ------
    DataError
        The work is not known, or a report that nobody has seen yet.
    """
    tables: list[RawTable] = []
    findings: list[Finding] = []
    for sheet in sheets:
        report = report_in(sheet)
        if report is not None:
            tables += _tables(sheet, report, context)
        elif len(sheet.frame):
            findings.append(sheet_left(sheet, context))
    return Reading(name, tuple(tables), tuple(findings))


def _tables(sheet: Sheet, report: Report, context: Context) -> list[RawTable]:
    if report.name == "mark-groups":
        raise DataError(_MARK_GROUPS)
    head = head_of(sheet, report.row, context)
    work = context.work(head.work)
    implied = implied_assessment(work, head.max_score, sheet, report.row, context, head.findings)
    made = READERS[report.name](sheet, report.row, work.assessment, context)
    if not made:
        title = Phrase(_TITLES[report.name])
        raise DataError(_NO_KEYS, sheet=sheet.name, row=report.row + 1, title=title)
    return [implied, *made]


def _marks(sheet: Sheet, row: int, assessment: str, context: Context) -> list[RawTable]:
    return _distributed(sheet, row, assessment, context, "mark", fill=True)


def _scores(sheet: Sheet, row: int, assessment: str, context: Context) -> list[RawTable]:
    return _distributed(sheet, row, assessment, context, "score", fill=False)


def _distributed(
    sheet: Sheet, row: int, assessment: str, context: Context, measure: str, *, fill: bool
) -> list[RawTable]:
    headings = {place: clean(cell) for place, cell in enumerate(sheet.frame.iloc[row])}
    places = {
        place: text for place, text in headings.items() if text.isdecimal() and (measure == "score" or text in MARKS)
    }
    if not places:
        return []
    lines, cells = lines_of(sheet, row, context)
    percents, found = percents_of(lines.rows, cells[list(places)].set_axis(list(places.values()), axis=1))
    made, wrong = distribution(lines, percents, fill=fill)
    keys = list(places.values())
    return [groups_table(lines, assessment, measure, keys, (made.values, made.counts), [*found, *wrong])]


def _tasks(sheet: Sheet, row: int, assessment: str, context: Context) -> list[RawTable]:
    headings = {place: task_heading(cell) for place, cell in enumerate(sheet.frame.iloc[row])}
    known = {place: heading for place, heading in headings.items() if heading is not None}
    if not known:
        return []
    lines, cells = lines_of(sheet, row, context)
    labels = [heading.label for heading in known.values()]
    percents, found = percents_of(lines.rows, cells[list(known)].set_axis(labels, axis=1))
    values = _of_groups(percents, lines.n)
    below = sheet.frame.iloc[row + 1] if row + 1 < len(sheet.frame) else pd.Series("", sheet.frame.columns)
    second = maxima_in(below[place] for place in known) if _is_of_maxima(below, sheet.frame.iloc[row]) else []
    maxima = [h.max_score for h in known.values()] if any(h.max_score for h in known.values()) else second
    groups = groups_table(lines, assessment, "facility", labels, (values, None), found)
    return [*_items(sheet, row + 1, assessment, labels, maxima, context), groups]


def _is_of_maxima(below: pd.Series, headings: pd.Series) -> bool:
    """Tell whether the row under the headings names no group: it holds the maxima then."""
    group = next(place for place, cell in enumerate(headings) if clean(cell).lower().startswith("групп"))
    return clean(below[group]) == ""


def _of_groups(percents: np.ndarray, n: np.ndarray) -> np.ndarray:
    """Return per cents over 100; a group of no pupils has none."""
    return np.where((n == 0)[:, None], np.nan, percents / 100)


def _items(
    sheet: Sheet, row: int, assessment: str, labels: Sequence[str], maxima: Sequence[int | None], context: Context
) -> list[RawTable]:
    if not maxima or None in maxima:
        return []
    frame = pd.DataFrame(
        {
            "assessment": pd.Series(assessment, range(len(labels)), dtype="str"),
            "item": pd.Series(labels, dtype="str"),
            "position": pd.Series([str(place) for place in range(1, len(labels) + 1)], dtype="str"),
            "max_score": pd.Series([str(most) for most in maxima], dtype="str"),
        }
    ).drop_duplicates("item")
    places = with_places(frame.reset_index(drop=True), sheet, row + 1, context)
    return [RawTable("items", context.file, places, implied=True)]


def _results(sheet: Sheet, row: int, assessment: str, context: Context) -> list[RawTable]:
    places = columns(sheet.frame, row, _RESULTS)
    label = places.get("item", places.get("number", 0))
    taken = {label, *places.values()}
    headings = {p: clean(cell) for p, cell in enumerate(sheet.frame.iloc[row]) if clean(cell) and p not in taken}
    below = sheet.frame.iloc[row + 1 :]
    cells = below[(below[list(headings)].apply(lambda texts: texts.str.strip()) != "").any(axis=1)]
    if not headings:
        return []
    tasks = {index: task_heading(text) for index, text in cells[label].items()}
    unnamed = [
        Finding(context.file, int(str(index)) + 1, _RESULTS["item"], _NO_LABEL, {}, sheet=sheet.name, check="empty")
        for index, task in tasks.items()
        if task is None
    ]
    cells = cells.loc[[index for index, task in tasks.items() if task is not None]]
    labels = [task.label for task in tasks.values() if task is not None]
    groups = _across(sheet, cells, row, (headings, labels, assessment), context, unnamed)
    most = maxima_in(iter(cells[places["max_score"]])) if "max_score" in places else []
    return [*_items(sheet, row, assessment, labels, most, context), groups]


def _across(
    sheet: Sheet,
    cells: pd.DataFrame,
    row: int,
    what: tuple[dict[int, str], list[str], str],
    context: Context,
    unnamed: list[Finding],
) -> RawTable:
    """Return a table in which tasks stand below one another and groups across as one of groups."""
    headings, labels, assessment = what
    at = with_places(pd.DataFrame(index=cells.index), sheet, np.asarray(cells.index) + 1, context)
    percents, found = percents_of(at, cells[list(headings)].set_axis(list(headings.values()), axis=1))
    rows = pd.DataFrame({"group": pd.Series(list(headings.values()), dtype="str"), "n": "", "n_schools": ""})
    lines = numbered(with_places(leveled(rows.astype("str"), context), sheet, row + 1, context), {})
    made = groups_table(lines, assessment, "facility", labels, (percents.T / 100, None), [*unnamed, *found])
    line = dict(zip(labels, at["#row"], strict=True))
    return RawTable(
        made.kind, made.file, made.frame.assign(**{"#row": made.frame["key"].map(line).astype("int64")}), made.findings
    )


READERS: dict[str, Reader] = {
    "marks": _marks,
    "journal": journal,
    "journal-long": journal_long,
    "tasks": _tasks,
    "results": _results,
    "scores": _scores,
}
_TITLES = {
    "marks": N_("ФИС ОКО: statistics of marks"),
    "journal": N_("ФИС ОКО: marks against journal marks"),
    "journal-long": N_("ФИС ОКО: marks against journal marks, three lines a group"),
    "tasks": N_("ФИС ОКО: tasks done"),
    "results": N_("ФИС ОКО: planned results"),
    "scores": N_("ФИС ОКО: distribution of primary scores"),
    "mark-groups": N_("ФИС ОКО: tasks done by groups of marks"),
}
_SEEN = ("marks", "journal")


def _is_report(name: str, sheets: Sequence[Sheet]) -> bool:
    """Tell whether the first report in the sheets is the one of this name."""
    found = [report.name for report in map(report_in, sheets) if report is not None]
    return bool(found) and found[0] == name


def _is_questionnaire(sheets: Sequence[Sheet]) -> bool:
    for sheet in sheets:
        row = heading_row(sheet.top, CONTEXT)
        headings = [] if row is None else [clean(cell).lower() for cell in sheet.frame.iloc[row]]
        if any(word in heading for heading in headings for word in _CONTEXT_WORDS):
            return True
    return False


def _refuse_questionnaire(sheets: Sequence[Sheet], context: Context) -> Reading:  # noqa: ARG001  (a layout's reader)
    raise DataError(_CONTEXT)


LAYOUTS: tuple[Layout, ...] = (
    *(
        Layout(f"fisoko-{name}", title, partial(_is_report, name), partial(read, name=f"fisoko-{name}"), name in _SEEN)
        for name, title in _TITLES.items()
    ),
    *district.LAYOUTS,
    Layout("fisoko-context", N_("ФИС ОКО: context questionnaire of schools"), _is_questionnaire, _refuse_questionnaire),
)
