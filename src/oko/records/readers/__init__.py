"""One module for each source of files; what is wrong in a file is a finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from oko.language import gettext

FILE, ROW = "#file", "#row"


@dataclass(frozen=True)
class Phrase:
    """Words that are translated when they are shown."""

    message: str

    def __str__(self) -> str:
        return gettext(self.message)


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
        With a fault nothing is stored; a warning only says what could not be checked.

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

    def __str__(self) -> str:
        where = [self.file]
        if self.row is not None:
            where.append(gettext("row {row}").format(row=self.row))
        if self.column is not None:
            where.append(gettext("column {column}").format(column=self.column))
        return ", ".join(where) + ": " + gettext(self.message).format(**self.values)


@dataclass(frozen=True)
class RawTable:
    """A table as received.

    Attributes
    ----------
    kind : str
        A kind of the raw form (:data:`oko.records.raw_form.RAW_FORMS`).
    file : str
        The file, as the caller named it.
    frame : DataFrame
        Cells as text, without the spaces around them; ``#file`` and ``#row`` say where each row stands.
    findings : tuple of Finding
        What is wrong with the shape of rows and headings.
    """

    kind: str
    file: str
    frame: pd.DataFrame
    findings: tuple[Finding, ...] = ()


def at_rows(
    rows: pd.DataFrame, wrong: pd.Series, column: str | None, message: str, **values: object
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
    **values
        Fields of the template: a Series on the frame's index gives each row its own value.
    """
    for place in wrong.to_numpy(dtype=bool).nonzero()[0]:
        own = {key: value.iloc[place] if isinstance(value, pd.Series) else value for key, value in values.items()}
        file, row = rows[FILE].iloc[place], rows[ROW].iloc[place]
        yield Finding(str(file), int(row), column, message, {key: _plain(value) for key, value in own.items()})


def _plain(value: object) -> object:
    return f"{value:g}" if isinstance(value, float) else value
