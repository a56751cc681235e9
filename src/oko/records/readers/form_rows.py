"""Columns of a collected form and its rows, as far as every step of reading needs them.

Everything works on whole columns, and each different text is looked at once: a dump of a country has 1.5 million rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from oko.records.readers import Change, Finding
from oko.records.readers.headings import TaskHeading, clean
from oko.records.readers.sheets import Sheet


@dataclass(frozen=True)
class Protocol:
    """Where a collected form stands on a sheet.

    Attributes
    ----------
    layout : str
        Name of the layout.
    sheet : Sheet
    row : int
        Index of the heading row.
    columns : Mapping
        code, and where there are such: school, class, sex, journal_mark, primary_score; each to its column's place.
    variants : tuple of int
        Places of the columns of the variant, one a part of the work.
    tasks : Mapping
        Places of the columns of points to their headings.
    by_position : bool
        The headings give positions in the work, and no labels.
    """

    layout: str
    sheet: Sheet
    row: int
    columns: Mapping[str, int]
    variants: tuple[int, ...]
    tasks: Mapping[int, TaskHeading]
    by_position: bool = False

    def heading(self, place: int) -> str:
        """Return the heading of a column as it stands, blanks collapsed."""
        return clean(str(self.sheet.frame.iat[self.row, place]))


@dataclass(frozen=True)
class Pupils:
    """The rows of a form that are pupils.

    Attributes
    ----------
    frame : DataFrame
        code, variant, school and what else the layout has, ``#file``, ``#sheet``, ``#row``; any index.
    points : DataFrame
        On the same index: the columns of points by their places.
    answered : ndarray of bool
        Which rows have any cell of points.
    grade : int or None
        The grade by the first digit of the codes.
    findings : tuple of Finding
    changes : tuple of Change
    """

    frame: pd.DataFrame
    points: pd.DataFrame
    answered: np.ndarray
    grade: int | None = None
    findings: tuple[Finding, ...] = ()
    changes: tuple[Change, ...] = ()

    def only(self, kept: np.ndarray) -> Pupils:
        """Return the chosen rows."""
        if kept.all():
            return self
        return replace(self, frame=self.frame[kept], points=self.points[kept], answered=self.answered[kept])

    def with_notes(self, findings: Sequence[Finding] = (), changes: Sequence[Change] = ()) -> Pupils:
        """Return the same rows with more to say of them."""
        return replace(self, findings=(*self.findings, *findings), changes=(*self.changes, *changes))


def any_filled(frame: pd.DataFrame) -> np.ndarray:
    """Tell which rows have anything but blanks: each column is looked at where all before it are blank."""
    found = np.zeros(len(frame), bool)
    for place in range(frame.shape[1]):
        pending = np.flatnonzero(~found)
        if not len(pending):
            break
        column = frame.iloc[:, place]
        texts = column if len(pending) == len(column) else column.take(pending)
        found[pending] = (texts.str.strip() != "").to_numpy(dtype=bool)
    return found


def meanings(texts: pd.Series, meaning: Callable[[str], str]) -> pd.Series:
    """Return what each text means, each different text looked at once."""
    codes, uniques = pd.factorize(texts)
    made = pd.array([meaning(str(text)) for text in uniques], dtype="str")
    return pd.Series(made.take(codes), texts.index)


def holds(texts: pd.Series, test: Callable[[str], bool]) -> np.ndarray:
    """Return of which texts something is true, each different text looked at once."""
    codes, uniques = pd.factorize(texts)
    return np.array([test(str(text)) for text in uniques], dtype=bool)[codes]


def constant(text: str, index: pd.Index) -> pd.Series:
    """Return a column of one text."""
    return pd.Series(pd.array([text], dtype="str").take(np.zeros(len(index), dtype="int64")), index)
