"""What became of files received: of each, of all, and the first findings as text."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from oko.records.readers import FILE, Change, Finding, Phrase
from oko.records.received import Received

SHOWN = 5


@dataclass(frozen=True)
class FileRead:
    """What became of one file.

    Attributes
    ----------
    name : str
        What findings call it.
    source : str
        Beginning of its SHA-256.
    layout : str
        Name of the layout; empty where none was recognised.
    title : Phrase or None
        What people call such a file; None where it was not recognised.
    rows, rows_left : int
        Rows of data taken, and rows left because something in them is wrong.
    refused : bool
        Nothing of it is taken.
    accept_rows : bool
        Its faulty rows are left, and the rest is taken.
    schools, assessments : str
        What the file is about: codes with blanks between, up to a hundred.
    """

    name: str
    source: str
    layout: str = ""
    title: Phrase | None = None
    rows: int = 0
    rows_left: int = 0
    refused: bool = False
    accept_rows: bool = False
    schools: str = ""
    assessments: str = ""

    @property
    def about(self) -> tuple[str, str, str]:
        """Layout, schools and assessments: a later file with the same replaces this one."""
        return self.layout, self.schools, self.assessments


@dataclass(frozen=True)
class Intake:
    """All that is known of files after they were read and checked.

    Attributes
    ----------
    findings : tuple of Finding
        Faults and warnings, in the order of files and rows.
    changes : tuple of Change
        Spellings that were made one.
    files : tuple of FileRead
    received : Received
        What remains once faulty files and rows are left out.
    tables : tuple of DataFrame
        The rows that have findings, with their cells as received under the files' own headings.
    """

    findings: tuple[Finding, ...]
    changes: tuple[Change, ...]
    files: tuple[FileRead, ...]
    received: Received
    tables: tuple[pd.DataFrame, ...] = ()

    @property
    def everything(self) -> pd.DataFrame:
        """Rows of results that remain: file, school, pupil, and the year and season of their assessment."""
        works = self.received.known_assessments.set_index("assessment")
        rows = self.received.results[[FILE, "assessment", "school", "pupil"]]
        when = {name: rows["assessment"].map(works[name]) for name in ("year", "season")}
        return rows.assign(**when)

    @property
    def faults(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.severity == "fault")

    @property
    def refused(self) -> tuple[FileRead, ...]:
        return tuple(file for file in self.files if file.refused)


@dataclass(frozen=True)
class FirstFindings:
    """The first findings as lines of text, in the language in which they are shown."""

    findings: tuple[Finding, ...]

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings[:SHOWN])
