"""One module for each source of files; what is wrong in a file is a finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from oko.language import current, gettext

FILE, SHEET, ROW = "#file", "#sheet", "#row"


@dataclass(frozen=True)
class Phrase:
    """Words that are translated when they are shown.

    Attributes
    ----------
    message : str
        English message.
    russian : str
        The same in Russian, where no catalogue has it.
    """

    message: str
    russian: str = ""

    def __str__(self) -> str:
        return self.russian if self.russian and current() == "ru" else gettext(self.message)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong in the files received.

    Attributes
    ----------
    file : str
        The file, as the caller named it.
    row : int or None
        Row as a spreadsheet counts it: the heading is row 1.
    column : str or None
        Heading of the column.
    message : str
        English template, translated when shown.
    values : Mapping
        What the template's fields stand for.
    severity : {"fault", "warning"}
        With a fault the file is refused; a warning says what could not be checked or what to look at.
    sheet : str
        The sheet of a workbook; empty for a text file.
    check : str
        Name of the check that found it (:mod:`oko.records.checks`).

    Examples
    --------
    >>> from oko import language
    >>> with language.used("en"):
    ...     str(Finding("a.csv", 3, "mark", "{given} is not a number.", {"given": "five"}))
    'a.csv, row 3, column mark: five is not a number.'
    """

    file: str
    row: int | None
    column: str | None
    message: str
    values: Mapping[str, object] = field(default_factory=dict)
    severity: Literal["fault", "warning"] = "fault"
    sheet: str = ""
    check: str = ""

    def __str__(self) -> str:
        where = [self.file]
        if self.sheet:
            where.append(gettext("sheet {sheet}").format(sheet=self.sheet))
        if self.row is not None:
            where.append(gettext("row {row}").format(row=self.row))
        if self.column is not None:
            where.append(gettext("column {column}").format(column=self.column))
        return ", ".join(where) + ": " + gettext(self.message).format(**self.values)


@dataclass(frozen=True)
class Change:
    """A normalisation: what stood in cells, what is kept of it, and how often.

    Attributes
    ----------
    file, column : str
        Where; the heading, or "tasks" for all task columns together.
    given, kept : str
        The text as received and what it became.
    n : int
        Number of cells.
    """

    file: str
    column: str
    given: str
    kept: str
    n: int


@dataclass(frozen=True)
class RawTable:
    """A table as received, in one of the kinds of the raw form.

    Attributes
    ----------
    kind : str
        A kind of the raw form (:data:`oko.records.raw_form.RAW_FORMS`).
    file : str
        The file, as the caller named it.
    frame : DataFrame
        Cells as text, exactly as received; ``#file``, ``#sheet`` and ``#row`` say where each row stands. Pupils are
        told apart by ``pupil`` (a pseudonym) or by ``code`` (a participant's number, made a pseudonym later).
    findings : tuple of Finding
        What is wrong with the shape of rows and headings.
    implied : bool
        The rows were worked out from a file of another kind: several files may say the same.
    grade : str
        Grade of the pupils, where a class is written as its letter alone.
    headings : Mapping
        Column of the raw form to the heading as received, where the two differ: findings name the latter.
    """

    kind: str
    file: str
    frame: pd.DataFrame
    findings: tuple[Finding, ...] = ()
    implied: bool = False
    grade: str = ""
    headings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """What one file says.

    Attributes
    ----------
    layout : str
        Name of the layout that was recognised.
    tables : tuple of RawTable
    findings : tuple of Finding
        What is wrong with the file as a whole.
    changes : tuple of Change
        What the reader itself normalised; cells are normalised later, in one place.
    """

    layout: str
    tables: tuple[RawTable, ...]
    findings: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()


def at_rows(
    rows: pd.DataFrame,
    wrong: pd.Series,
    column: str | None,
    message: str,
    *,
    severity: Literal["fault", "warning"] = "fault",
    check: str = "",
    **values: object,
) -> Iterator[Finding]:
    """Make a finding for each wrong row of a frame that has ``#file`` and ``#row``.

    Parameters
    ----------
    rows : DataFrame
    wrong : Series of bool
        The rows that are wrong, on the frame's index.
    column : str or None
        Heading of the column.
    message : str
        English template.
    severity : {"fault", "warning"}
    check : str
        Name of the check.
    **values
        Fields of the template: a Series on the frame's index gives each row its own value.
    """
    for place in wrong.to_numpy(dtype=bool).nonzero()[0]:
        own = {key: value.iloc[place] if isinstance(value, pd.Series) else value for key, value in values.items()}
        file, row = rows[FILE].iloc[place], rows[ROW].iloc[place]
        sheet = str(rows[SHEET].iloc[place]) if SHEET in rows else ""
        plain = {key: _plain(value) for key, value in own.items()}
        yield Finding(str(file), int(row), column, message, plain, severity, sheet, check)


def _plain(value: object) -> object:
    return f"{value:g}" if isinstance(value, float) else value
