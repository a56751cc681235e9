"""Headings are found by their text: titles above them, empty columns between them and line breaks do not matter."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from oko.records.schema import ITEM

SEARCHED = 40
_TASK = re.compile(
    r"(?P<label>[0-9]{1,2}(?:[.,][0-9]{1,2}|\([0-9]{1,2}\))?)\s*(?P<criterion>[kк]\s*[0-9])?\s*"
    r"(?:\(\s*(?P<most>[0-9]{1,2})\s*б\.?\s*\)?|(?P<bare>[0-9]{1,2})б\)?)?",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"\(?\b(?:sch|edu)([0-9]{4,9})\b\)?", re.IGNORECASE)
_MUNICIPALITY = re.compile(r"\((reg[0-9]+_m[0-9]+)\)", re.IGNORECASE)


def clean(text: str) -> str:
    r"""Collapse every kind of blank, line breaks too, and drop them at the ends.

    Examples
    --------
    >>> clean(" Код\n участника\u00a0")
    'Код участника'
    """
    return " ".join(text.split())


def stored_label(text: str) -> str | None:
    """Return a task's label as it is stored (Cyrillic К), or None for a text that is no label.

    Examples
    --------
    >>> stored_label("11.1"), stored_label("4k1"), stored_label("class")
    ('11.1', '4К1', None)
    """
    label = text.upper().replace("K", "К")
    return label if re.fullmatch(ITEM, label) else None


@dataclass(frozen=True)
class TaskHeading:
    """A heading of a task: its label as it is stored, and its maximum where the heading says it."""

    label: str
    max_score: int | None


def task_heading(text: str) -> TaskHeading | None:
    """Read the heading of a task.

    Parameters
    ----------
    text : str
        As in 11.1 (1б), 5(1) (1б), 5(1б), 4К1 (3б), 11.3 k1 (2б) or 7; Latin and Cyrillic K are one letter, and a part
        of a task in brackets is a part after a point.

    Returns
    -------
    TaskHeading or None
        None when the text is no heading of a task.

    Examples
    --------
    >>> task_heading("5(1) (1б)"), task_heading("11.3 k1 (2б)")
    (TaskHeading(label='5.1', max_score=1), TaskHeading(label='11.3К1', max_score=2))
    >>> task_heading("5(1б)")
    TaskHeading(label='5', max_score=1)
    >>> task_heading("Вариант") is None
    True
    """
    match = _TASK.fullmatch(clean(text))
    if match is None:
        return None
    number = match["label"].replace(",", ".").replace("(", ".").rstrip(")")
    criterion = (match["criterion"] or "").upper().replace("K", "К").replace(" ", "")
    label = number + criterion
    most = match["most"] or match["bare"]
    return TaskHeading(label, int(most) if most else None) if re.fullmatch(ITEM, label) else None


def top_lines(frame: pd.DataFrame) -> tuple[tuple[str, ...], ...]:
    """Return the first 40 rows, blanks collapsed and case folded: where headings are looked for."""
    return tuple(tuple(clean(cell).casefold() for cell in line) for line in frame.iloc[:SEARCHED].to_numpy())


def heading_row(lines: Sequence[Sequence[str]], needed: Sequence[str]) -> int | None:
    """Return the first line that has a cell beginning with each of the needed texts.

    Parameters
    ----------
    lines : sequence of sequence of str
        The first rows of a sheet, as :func:`top_lines` gives them.
    needed : sequence of str
        Beginnings of headings; case and blanks do not matter.

    Examples
    --------
    >>> heading_row([("впр 2021", ""), ("код участника", "вариант")], ["Код", "Вариант"])
    1
    """
    beginnings = [clean(text).casefold() for text in needed]
    for place, cells in enumerate(lines):
        if all(any(cell.startswith(text) for cell in cells) for text in beginnings):
            return place
    return None


def columns(frame: pd.DataFrame, row: int, wanted: Mapping[str, str]) -> dict[str, int]:
    """Find columns by their headings in a row.

    Parameters
    ----------
    frame : DataFrame
    row : int
        Index of the heading row.
    wanted : Mapping
        Name to the beginning of its heading; the first column that fits and is not yet taken gets the name, an equal
        heading before one that only begins so.

    Returns
    -------
    dict
        Name to the column's place; a heading that is not there has none.
    """
    cells = [clean(cell).lower() for cell in frame.iloc[row]]
    found: dict[str, int] = {}
    for name, text in wanted.items():
        beginning = clean(text).lower()
        free = [place for place in range(len(cells)) if place not in found.values()]
        fit = [p for p in free if cells[p] == beginning] or [p for p in free if cells[p].startswith(beginning)]
        if fit and beginning:
            found[name] = fit[0]
    return found


def tasks(frame: pd.DataFrame, row: int) -> dict[int, TaskHeading]:
    """Return the headings of tasks in a row by the places of their columns."""
    found = {place: task_heading(cell) for place, cell in enumerate(frame.iloc[row])}
    return {place: heading for place, heading in found.items() if heading is not None}


def login(text: str) -> str | None:
    """Return the digits of a school's login: sch780344 and edu780344 are one school.

    Examples
    --------
    >>> login("ГБОУ лицей (edu780344)"), login("sch780344"), login("Лицей")
    ('780344', '780344', None)
    """
    match = _LOGIN.search(text)
    return match[1] if match else None


def municipality(text: str) -> str | None:
    """Return the code of a municipality in brackets: (reg78_m012)."""
    match = _MUNICIPALITY.search(text)
    return match[1].lower() if match else None
