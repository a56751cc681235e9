"""The report on files received: on the terminal, as a page, and as a workbook with the faulty cells marked."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
import xlsxwriter

from oko.language import gettext, ngettext, number
from oko.records.checks import CHECKS
from oko.records.readers import FILE, ROW, SHEET, Finding
from oko.records.taken import Intake
from oko.show.intake import Section, render
from oko.workspace import Workspace

_MADE = datetime.datetime(2021, 1, 1, tzinfo=datetime.UTC)
_SHOWN_ROWS = 20_000


def write_report(workspace: Workspace, intake: Intake) -> Path:
    """Write ``results/intake/index.html`` and ``results/intake/cells.xlsx``.

    Parameters
    ----------
    workspace : Workspace
    intake : Intake
        What was read.

    Returns
    -------
    Path
        The page. Both files hold what cells held, and pseudonyms instead of names: they stay inside the school or the
        cluster.
    """
    folder = workspace.results_folder / "intake"
    folder.mkdir(parents=True, exist_ok=True)
    now = datetime.datetime.now(datetime.UTC).astimezone().isoformat(timespec="seconds")
    cluster = workspace.cluster
    page = render(cluster.name.text(), summary(intake), sections(intake), example=cluster.example, made=now)
    (folder / "index.html").write_text(page, encoding="utf-8")
    _write_cells(folder / "cells.xlsx", intake)
    return folder / "index.html"


def summary(intake: Intake) -> str:
    """Say in a sentence what became of the files."""
    refused, left = len(intake.refused), sum(file.rows_left for file in intake.files)
    n = len(intake.files)
    parts = [
        ngettext("{n} file read", "{n} files read", n).format(n=number(n)),
        ngettext("{n} refused", "{n} refused", refused).format(n=number(refused)),
        ngettext("{n} row left out", "{n} rows left out", left).format(n=number(left)),
        ngettext("{n} warning", "{n} warnings", len(_warnings(intake))).format(n=number(len(_warnings(intake)))),
    ]
    changed = sum(change.n for change in intake.changes)
    parts.append(ngettext("{n} cell respelt", "{n} cells respelt", changed).format(n=number(changed)))
    return ", ".join(parts) + "."


def _warnings(intake: Intake) -> list[Finding]:
    return [finding for finding in intake.findings if finding.severity == "warning"]


def sections(intake: Intake) -> list[Section]:
    """Return the tables of the report, in the language in force."""
    place = [
        gettext("file"),
        gettext("sheet"),
        gettext("row"),
        gettext("column"),
        gettext("what and what to do"),
        gettext("check"),
    ]
    return [
        Section(
            gettext("What is wrong"),
            gettext(
                "A file is refused whole or, where allowed, without its faulty rows. Correct it and send it again."
            ),
            place,
            [_row(finding) for finding in intake.faults],
        ),
        Section(
            gettext("What to look at"),
            gettext("The files were taken; these places may be right or wrong."),
            place,
            [_row(finding) for finding in _warnings(intake)],
        ),
        Section(
            gettext("Files"),
            gettext("What each file was recognised as, and how many rows were taken from it."),
            [gettext("file"), gettext("layout"), gettext("rows taken"), gettext("rows left"), gettext("state")],
            [_file(file.name, file.title, file.rows, file.rows_left, file.refused) for file in intake.files],
        ),
        Section(
            gettext("Spellings made one"),
            gettext("Nothing is changed in silence: each spelling that became another, and in how many cells."),
            [gettext("column"), gettext("stood"), gettext("kept"), gettext("cells"), gettext("files")],
            spellings(intake),
        ),
    ]  # fmt: skip


def _row(finding: Finding) -> tuple[str, str, str, str, str, str]:
    text = gettext(finding.message).format(**finding.values)
    title = gettext(CHECKS[finding.check].title) if finding.check in CHECKS else ""
    return finding.file, finding.sheet, str(finding.row or ""), finding.column or "", text, title


def _file(name: str, title: str, rows: int, left: int, refused: bool) -> tuple[str, str, int, int, str]:
    state = gettext("refused") if refused else gettext("taken")
    return name, gettext(title) if title else gettext("not recognised"), rows, left, state


def spellings(intake: Intake) -> list[tuple[str, str, str, int, int]]:
    """Return spellings by column: what stood, what is kept, how many cells, how many files."""
    cells: Counter[tuple[str, str, str]] = Counter()
    files: dict[tuple[str, str, str], set[str]] = {}
    for change in intake.changes:
        key = (change.column, change.given, change.kept)
        cells[key] += change.n
        files.setdefault(key, set()).add(change.file)
    return [
        (column, _visible(given), _visible(kept), n, len(files[column, given, kept]))
        for (column, given, kept), n in sorted(cells.items(), key=lambda entry: (entry[0][0], -entry[1], entry[0][1]))
    ]


def _visible(text: str) -> str:
    """Make blanks seen: a no-break space is ⍽, other blanks at the ends are ␣."""
    shown = text.replace("\u00a0", "⍽")
    inner = shown.strip(" \t")
    start, end = shown.partition(inner)[0] if inner else shown, shown.rpartition(inner)[2] if inner else ""
    return ("␣" * len(start) + inner + "␣" * len(end)) or gettext("nothing")


def _write_cells(path: Path, intake: Intake) -> None:
    """Write findings as a sheet, and for each faulty file the rows with findings, their cells marked and commented."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as book:
        book.set_properties({"created": _MADE})
        bold, wrap = book.add_format({"bold": True}), book.add_format({"text_wrap": True, "valign": "top"})
        for number_of, part in enumerate(sections(intake)):
            sheet = book.add_worksheet(part.title[:31])
            sheet.freeze_panes(1, 0)
            sheet.set_column(0, max(1, len(part.headings)) - 1, 24 if number_of > 1 else 30)
            sheet.write_row(0, 0, list(part.headings), bold)
            for place, row in enumerate(part.rows[:_SHOWN_ROWS], start=1):
                sheet.write_row(place, 0, list(row), wrap)
        marks = {
            "fault": book.add_format({"bg_color": "#F46A25", "bold": True, "border": 1}),
            "warning": book.add_format({"bg_color": "#FFDD9C", "border": 1}),
        }
        for place, (file, findings) in enumerate(_by_file(intake).items(), start=1):
            _mark_file(book, f"{place} " + _sheet_name(file), file, findings, intake.tables, marks, bold)


def _by_file(intake: Intake) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in intake.findings:
        if finding.row is not None and finding.column is not None:
            found.setdefault(finding.file, []).append(finding)
    return dict(list(found.items())[:200])


def _sheet_name(file: str) -> str:
    return "".join("-" if letter in "[]:*?/\\'" else letter for letter in file)[-26:]


def _mark_file(
    book: xlsxwriter.Workbook,
    name: str,
    file: str,
    findings: Sequence[Finding],
    tables: Sequence[pd.DataFrame],
    marks: dict[str, object],
    bold: object,
) -> None:
    rows = _rows_with_findings(tables, file, {(finding.sheet, finding.row) for finding in findings})
    if rows.empty:
        return
    columns = [str(column) for column in rows if column not in {FILE, "pupil"}]
    sheet = book.add_worksheet(name[:31])
    titles = {SHEET: gettext("sheet"), ROW: gettext("row")}
    sheet.write_row(0, 0, [titles.get(column, column) for column in columns], bold)
    sheet.freeze_panes(1, 0)
    said = {(f.sheet, f.row, f.column): f for f in findings}
    for place, row in enumerate(rows.to_dict("records"), start=1):
        for column, title in enumerate(columns):
            value = row[title] if pd.notna(row[title]) else ""
            finding = said.get((str(row[SHEET]), row[ROW], title))
            if finding is None:
                sheet.write(place, column, value)
            else:
                sheet.write(place, column, value, marks[finding.severity])
                sheet.write_comment(place, column, gettext(finding.message).format(**finding.values))


def _rows_with_findings(tables: Sequence[pd.DataFrame], file: str, places: set[tuple[str, int | None]]) -> pd.DataFrame:
    parts = []
    for table in tables:
        if len(table) and table[FILE].iloc[0] == file and SHEET in table:
            at = pd.MultiIndex.from_frame(table[[SHEET, ROW]]).isin(list(places))
            parts.append(table[at])
    if not parts:
        return pd.DataFrame()
    whole = parts[0]
    for part in parts[1:]:
        fresh = [column for column in part if column not in whole or column in (SHEET, ROW)]
        whole = whole.merge(part[fresh], on=[SHEET, ROW], how="outer")
    return whole
