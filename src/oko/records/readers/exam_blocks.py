"""Where the exams stand in a protocol of ОГЭ or ЕГЭ, and which of its cells may be kept.

Several exams stand in one sheet: the line ``04 - Химия 2026.06.01`` opens one, «Средние» closes it, and the headings
below the line say which column is what, with empty columns between them. The code of the exam is not trusted, its name
is. Only the columns named here are ever taken out of a sheet; all other cells, names and documents first, stay behind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from oko.language import N_
from oko.records.readers.headings import clean, columns, heading_row, top_lines
from oko.records.readers.sheets import Sheet

TITLE = re.compile(r"[0-9]{1,3}\s*[-–—]\s*\S.*?\s(?:20[0-9]{2}[.-][0-9]{2}[.-][0-9]{2}|[0-9]{2}\.[0-9]{2}\.20[0-9]{2})")
_END = re.compile(r"средн(?:ие|ее|ий)\b", re.IGNORECASE)
_NEEDED = (
    ("Первичный балл", "Задания с кратк"),
    ("Первичный балл", "Ответы в кратк"),
    ("PrimaryMark", "TestResultB"),
)
PERSONAL = ("surname", "name", "patronymic")
MASKS = ("short", "long")
_HEADINGS: Mapping[str, tuple[str, ...]] = {
    "school": ("Код ОО", "SchoolCode"),
    "class": ("Класс", "ClassCode"),
    "surname": ("Фамилия", "ФИО", "SurnameCell"),
    "name": ("Имя", "NameCell"),
    "patronymic": ("Отчество", "SecondNameCell"),
    "code": ("Код участника",),
    "variant": ("Вариант",),
    "short": ("Задания с кратк", "Ответы в кратк", "TestResultB"),
    "long": ("Задания с разв", "Ответы в разв", "TestResultC"),
    "primary_score": ("Первичный балл", "PrimaryMark"),
    "mark": ("Оценка", "Mark5"),
    "test_score": ("Тестовый балл", "Итоговый балл"),
}
_NUMBER = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{1,3})?|[-–—]?")
_FITTING: Mapping[str, re.Pattern[str]] = {
    "school": re.compile(r"|[A-Za-z]{0,4}[0-9]{1,9}|.*№\s*[0-9]{1,4}\b.*", re.DOTALL),
    "class": re.compile(r"|[0-9]{1,2}.{0,8}|\w|\w[0-9-]{1,3}|нет", re.IGNORECASE),
    "code": re.compile(r"[0-9A-Za-z-]{0,32}"),
    "variant": re.compile(r"[0-9]{0,10}"),
    "short": re.compile(r"[-+−–—0-9]*"),
    "long": re.compile(r"[0-9()]*|[-−–—]"),
    "primary_score": _NUMBER,
    "mark": _NUMBER,
    "test_score": _NUMBER,
}
ABSENT = re.compile(r"не\s*яв|неяв|отсутств|н/я", re.IGNORECASE)
NOT_FITTING = N_("The cell holds something else than belongs into this column (not shown): look for shifted cells.")


@dataclass(frozen=True)
class Block:
    """One exam in a sheet.

    Attributes
    ----------
    title : str
        The line of the exam; empty where the sheet has none.
    title_row : int or None
    heading : int
        Index of the row of headings.
    end : int
        Index after the last row.
    places : Mapping of str to int
        Column of each known heading.
    """

    title: str
    title_row: int | None
    heading: int
    end: int
    places: Mapping[str, int]

    @property
    def procedure(self) -> str:
        return "oge" if "mark" in self.places else "ege"

    @property
    def named(self) -> bool:
        return "surname" in self.places

    def written(self, frame: pd.DataFrame) -> dict[str, str]:
        """Return the headings as they stand, by the names of columns."""
        return {name: clean(str(frame.iat[self.heading, place])) for name, place in self.places.items()}

    def texts(self, frame: pd.DataFrame, name: str) -> pd.Series:
        """Return the cells of one column, below the heading."""
        return frame.iloc[self.heading + 1 : self.end, self.places[name]].astype("str")

    def pupils(self, frame: pd.DataFrame) -> pd.Index:
        """Return the index of the rows that are about somebody: a name, a code, a mask or a score stands in them."""
        telling = [
            name for name in (*PERSONAL, "code", *MASKS, "primary_score", "test_score", "mark") if name in self.places
        ]
        filled = pd.DataFrame({name: self.texts(frame, name).str.strip() != "" for name in telling})
        return filled.index[filled.any(axis=1)]


@dataclass(frozen=True)
class Kept:
    """The cells of a block that may be kept.

    Attributes
    ----------
    cells : DataFrame
        The known columns but those of names; "" where a cell did not fit its column.
    absent : Series of bool
        Rows in which a cell says so.
    hidden : DataFrame of bool
        Cells that did not fit.
    """

    cells: pd.DataFrame
    absent: pd.Series
    hidden: pd.DataFrame


def blocks(frame: pd.DataFrame) -> Iterator[Block]:
    """Find the exams of a sheet, in their order.

    Parameters
    ----------
    frame : DataFrame
        Cells of a sheet.
    """
    titles = exam_lines(frame)
    ends = _rows_with(frame, _END)
    starts: list[int | None] = [*titles] or [None]
    for order, title in enumerate(starts):
        first = 0 if title is None else title + 1
        following = titles[order + 1] if order + 1 < len(titles) else len(frame)
        heading = _heading(top_lines(frame.iloc[first:following]))
        if heading is None:
            continue
        end = next((row for row in ends if first + heading < row < following), following)
        text = "" if title is None else next(clean(cell) for cell in frame.iloc[title] if TITLE.fullmatch(clean(cell)))
        yield Block(text, title, first + heading, end, _places(frame, first + heading))


def exam_lines(frame: pd.DataFrame) -> list[int]:
    """Return the rows that open an exam."""
    return _rows_with(frame, TITLE)


def first_procedure(sheets: Sequence[Sheet]) -> str | None:
    """Return oge or ege, whichever the first headings are of; None where there are none."""
    for sheet in sheets:
        heading = _heading(sheet.top)
        if heading is not None:
            return "oge" if "mark" in _places(sheet.frame, heading) else "ege"
    return None


def kept(block: Block, frame: pd.DataFrame) -> Kept:
    """Take the cells of a block that may be kept; a cell that does not fit its column is left out: it may be a name."""
    rows = block.pupils(frame)
    found: dict[str, pd.Series] = {}
    absent = pd.Series(False, rows)
    hidden: dict[str, pd.Series] = {}
    for name in block.places:
        if name in PERSONAL:
            continue
        texts = block.texts(frame, name).loc[rows]
        away = texts.map(lambda text: ABSENT.search(text) is not None).astype(bool)
        fits = texts.map(lambda text, rule=_FITTING[name]: rule.fullmatch(text.strip()) is not None).astype(bool)
        absent |= away
        hidden[name] = ~fits & ~away
        found[name] = texts.where(fits, "")
    return Kept(pd.DataFrame(found, rows, dtype="str"), absent, pd.DataFrame(hidden, rows, dtype="bool"))


def without_names(sheet: Sheet) -> Sheet:
    """Return a sheet of which only exam lines, headings and the kept cells of exams are left.

    Parameters
    ----------
    sheet : Sheet
        As received.

    Returns
    -------
    Sheet
        Of the same shape; every other cell, names and documents among them, is empty.
    """
    frame = pd.DataFrame("", sheet.frame.index, sheet.frame.columns, dtype="str")
    for block in blocks(sheet.frame):
        cells = kept(block, sheet.frame).cells
        for name in cells:
            frame.loc[cells.index, frame.columns[block.places[str(name)]]] = cells[name]
        for name, place in block.places.items():
            frame.iat[block.heading, place] = block.written(sheet.frame)[name]
        if block.title_row is not None:
            frame.iat[block.title_row, 0] = block.title
    return Sheet(sheet.name, frame)


def _heading(lines: Sequence[Sequence[str]]) -> int | None:
    found = (heading_row(lines, needed) for needed in _NEEDED)
    return next((row for row in found if row is not None), None)


def _places(frame: pd.DataFrame, heading: int) -> dict[str, int]:
    cells = [clean(cell).lower() for cell in frame.iloc[heading]]
    wanted = {
        name: next((text for text in texts if any(cell.startswith(text.lower()) for cell in cells)), "")
        for name, texts in _HEADINGS.items()
    }
    return columns(frame, heading, wanted)


def _rows_with(frame: pd.DataFrame, pattern: re.Pattern[str]) -> list[int]:
    """Return the rows whose first cell that is not empty is such a text."""
    fits = pattern.fullmatch if pattern is TITLE else pattern.match
    first = (next((text for cell in line if (text := cell.strip())), "") for line in frame.to_numpy())
    return [row for row, text in enumerate(first) if fits(text)]
