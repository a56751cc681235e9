"""The report on files received: on the terminal, as a page, and as a workbook with the faulty cells marked."""

from __future__ import annotations

import datetime
import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from oko.language import gettext, ngettext, number
from oko.records.checks import CHECKS
from oko.records.readers import FILE, ROW, SHEET, Finding
from oko.records.taken import FileRead, Intake
from oko.runs.alike import Alike, alike, shown
from oko.show.intake import Section, render
from oko.spreadsheets import Workbook
from oko.workspace import Workspace

_SHOWN_ROWS, _SHEETS = 20_000, 200
_FINDING_WIDTHS, _TABLE_WIDTHS = (54, 34, 70, 34), (54, 34, 24, 14, 14)
_A4, _LINE = 9, 15
_COMMENT: Mapping[str, object] = {"x_scale": 2.5, "font_size": 9, "author": "oko"}
_LOOKS: Mapping[str, Mapping[str, object]] = {
    "heading": {"bold": True, "valign": "top"},
    "plain": {"text_wrap": True, "valign": "top"},
    "link": {"text_wrap": True, "valign": "top", "font_color": "#12436D", "underline": 1},
    "fault": {"bg_color": "#F46A25", "bold": True, "border": 2},
    "warning": {"bg_color": "#FFDD9C", "border": 1},
}


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
    """Say in a sentence what became of the files; of rows and cells only where there are any."""
    changed = sum(change.n for change in intake.changes)
    counts = [
        (len(intake.files), "{n} file read", "{n} files read"),
        (len(intake.refused), "{n} refused", "{n} refused"),
        (sum(file.rows_left for file in intake.files), "{n} row left out", "{n} rows left out"),
        (changed, "{n} cell respelt", "{n} cells respelt"),
    ]
    told = [count for place, count in enumerate(counts) if place < 2 or count[0]]
    text = ", ".join(ngettext(one, many, n).format(n=number(n)) for n, one, many in told)
    return text[:1].upper() + text[1:] + "."


def sections(intake: Intake) -> list[Section]:
    """Return the tables of the report, what must be done first, in the language in force."""
    place = [gettext("file"), gettext("where"), gettext("what and what to do"), gettext("check")]
    warnings = [finding for finding in intake.findings if finding.severity == "warning"]
    return [
        Section(
            "faults",
            gettext("What is wrong"),
            gettext(
                "A file is refused whole or, where allowed, without its faulty rows. Correct it and send it again."
            ),
            place,
            [_row(found) for found in alike(intake.faults)],
            findings=True,
        ),
        Section(
            "warnings",
            gettext("What to look at"),
            gettext("The files were taken; these places may be right or wrong."),
            place,
            [_row(found) for found in alike(warnings)],
            findings=True,
        ),
        Section(
            "files",
            gettext("Files"),
            gettext("What each file was recognised as, and how many rows were taken from it."),
            [gettext("file"), gettext("layout"), gettext("rows taken"), gettext("rows left"), gettext("state")],
            [_file(file) for file in sorted(intake.files, key=lambda file: (not file.refused, not file.rows_left))],
            loud=len(intake.refused),
        ),
        Section(
            "spellings",
            gettext("Spellings made one"),
            gettext("Nothing is changed in silence: each spelling that became another, and in how many cells."),
            [gettext("column"), gettext("stood"), gettext("kept"), gettext("cells"), gettext("files")],
            spellings(intake),
        ),
    ]


def _row(found: Alike) -> tuple[str, str, str, str]:
    title = gettext(CHECKS[found.check].title) if found.check in CHECKS else ""
    return found.file, found.place, found.text, title


def _file(file: FileRead) -> tuple[str, str, int, int, str]:
    state = gettext("refused") if file.refused else gettext("taken")
    return (
        file.name,
        str(file.title) if file.title else gettext("not recognised"),
        file.rows,
        file.rows_left,
        state,
    )


def spellings(intake: Intake) -> list[tuple[str, str, str, int, int]]:
    """Return spellings by column: what stood, what is kept, how many cells, how many files."""
    cells: Counter[tuple[str, str, str]] = Counter()
    files: dict[tuple[str, str, str], set[str]] = {}
    for change in intake.changes:
        key = (change.column, change.given, change.kept)
        cells[key] += change.n
        files.setdefault(key, set()).add(change.file)
    return [
        (column, _visible(str(shown(given))), _visible(kept), n, len(files[column, given, kept]))
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
    by_file = {file: found for file, found in _by_file(intake).items() if not _rows(intake, file, found).empty}
    names = {file: f"{place} {_sheet_name(file)}"[:31] for place, file in enumerate(by_file, start=1)}
    with Workbook(path) as book:
        looks = {name: book.add_format(look) for name, look in _LOOKS.items()}
        for part in sections(intake):
            _write_section(book.add_worksheet(part.title[:31]), part, names, looks)
        for file, findings in by_file.items():
            sheet = book.add_worksheet(names[file])
            _mark_file(sheet, file, findings, _rows(intake, file, findings), looks)


def _write_section(sheet: Any, part: Section, names: Mapping[str, str], looks: Mapping[str, Any]) -> None:
    """Write a table of the report; the name of a file leads to the sheet where its cells are marked."""
    _for_print(sheet)
    sheet.freeze_panes(1, 0)
    widths = _FINDING_WIDTHS if part.findings else _TABLE_WIDTHS
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    sheet.write_row(0, 0, list(part.headings), looks["heading"])
    for place, row in enumerate(part.rows[:_SHOWN_ROWS], start=1):
        sheet.write_row(place, 0, list(row), looks["plain"])
        sheet.set_row(place, _LINE * max(map(_lines, row, widths)))
        if part.findings and row[0] in names:
            sheet.write_url(place, 0, f"internal:'{names[str(row[0])]}'!A1", looks["link"], str(row[0]))


def _lines(cell: str | int, width: int) -> int:
    """Return how many lines a cell takes: not every program fits the heights of rows when it opens a workbook."""
    return len(textwrap.wrap(str(cell), width)) or 1


def _for_print(sheet: Any) -> None:
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)


def _by_file(intake: Intake) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in intake.findings:
        if finding.row is not None:
            found.setdefault(finding.file, []).append(finding)
    return dict(list(found.items())[:_SHEETS])


def _sheet_name(file: str) -> str:
    return "".join("-" if letter in "[]:*?/\\'" else letter for letter in file)[-26:]


def _mark_file(
    sheet: Any, file: str, findings: Sequence[Finding], rows: pd.DataFrame, looks: Mapping[str, Any]
) -> None:
    columns = [SHEET, ROW, *(str(column) for column in rows if column not in {FILE, SHEET, ROW, "pupil"})]
    titles = {SHEET: gettext("sheet"), ROW: gettext("row")}
    said = _said_of_cells(findings, columns)
    _for_print(sheet)
    sheet.write(0, 0, file, looks["heading"])
    sheet.write_row(1, 0, [titles.get(column, column) for column in columns], looks["heading"])
    sheet.freeze_panes(2, 2)
    for place, row in enumerate(rows.sort_values([SHEET, ROW]).to_dict("records"), start=2):
        for column, title in enumerate(columns):
            found = said.get((str(row[SHEET]), row[ROW], title), [])
            value = shown(row[title], wrong=bool(found)) if pd.notna(row[title]) else ""
            sheet.write(place, column, value, looks[min(finding.severity for finding in found)] if found else None)
            if found:
                texts = dict.fromkeys(one.text for one in alike(found))
                sheet.write_comment(place, column, "\n\n".join(texts), {**_COMMENT, "y_scale": 1 + len(texts)})


def _said_of_cells(
    findings: Sequence[Finding], columns: Sequence[str]
) -> dict[tuple[str, int | None, str], list[Finding]]:
    """Put findings to their cells; one of a whole row, or of a column that the file has not, to the row's number."""
    said: dict[tuple[str, int | None, str], list[Finding]] = {}
    for finding in findings:
        column = finding.column if finding.column in columns else ROW
        said.setdefault((finding.sheet, finding.row, str(column)), []).append(finding)
    return said


def _rows(intake: Intake, file: str, findings: Sequence[Finding]) -> pd.DataFrame:
    """Return the rows of a file that have findings, the columns of its tables beside each other."""
    places = {(finding.sheet, finding.row) for finding in findings}
    parts = []
    for table in intake.tables:
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
