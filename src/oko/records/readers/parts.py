"""The XML parts of a workbook: no declarations that grow, no links to other files, and how far each sheet reaches."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from xml.parsers import expat

from oko.errors import DataError
from oko.language import N_
from oko.records.readers.extent import LONGEST_TEXT, Extent, check_columns, check_marked_rows

INDEX = ("xl/workbook.xml", "xl/_rels/workbook.xml.rels")
DECLARED = N_(
    "The workbook declares a document type or entities of its own, as files do that are made to harm: copy the table "
    "into a new workbook, or ask who sent it for the table as CSV."
)
BROKEN = N_(
    "Part {part} of the workbook is damaged: open it in your spreadsheet program and save it again as .xlsx, or ask "
    "for it once more."
)
_DIGITS = "0123456789"
_SHORTEST_CELL = 20  # bytes of a cell with a shared text


@dataclass
class Found:
    """What was found in one part.

    Attributes
    ----------
    linked : bool
        It refers to another file.
    errors : dict
        Error values by row and column from 0.
    """

    linked: bool = False
    errors: dict[tuple[int, int], str] = field(default_factory=dict)


def checked(name: str, part: bytes, extent: Extent) -> Found:
    """Check one XML part.

    Parameters
    ----------
    name : str
        Its name in the archive.
    part : bytes
    extent : Extent
        Of the whole workbook: the part is added to it. Texts that cells share must come before the sheets.

    Returns
    -------
    Found

    Raises
    ------
    DataError
        The part declares a document type, is no XML, or reaches too far.
    """
    parser = expat.ParserCreate()
    reading = _Part(extent, parser, extent.may_grow(len(part) // _SHORTEST_CELL))
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_declaration
    parser.EntityDeclHandler = _refuse_declaration
    parser.StartElementHandler = reading.start
    try:
        parser.Parse(part, True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise DataError(BROKEN, part=name) from error
    reading.finish()
    return reading.found


def _refuse_declaration(*_: object) -> None:
    raise DataError(DECLARED)


class _Part:
    """One part while it is read: positions are counted as spreadsheets do, with references and without."""

    def __init__(self, extent: Extent, parser: expat.XMLParserType, counted: bool) -> None:
        self.extent, self.parser, self.found = extent, parser, Found()
        self.heeded = frozenset({"e", "s"} if counted else {"e"})
        self.row = self.column = self.rows = self.last_row = self.last_column = -1
        self.kind = self.text = ""
        self.lengths: list[int] | None = None
        self.starts: dict[str, Callable[[dict[str, str]], None]] = {
            "row": self._row, "c": self._cell, "v": self._value, "is": self._value, "Relationship": self._relationship,
            "sst": self._texts, "si": self._shared,
        }  # fmt: skip

    def start(self, name: str, attributes: dict[str, str]) -> None:
        begin = self.starts.get(name)
        if begin is None and ":" in name:
            begin = self.starts.get(name.rpartition(":")[2])
        if begin is not None:
            begin(attributes)

    def _end(self, name: str) -> None:
        if self.kind and name.rpartition(":")[2] == "v":
            self._valued()
        elif self.lengths is not None and name.rpartition(":")[2] == "si":
            self._shared_whole()

    def _listen(self) -> None:
        """Take up the text that follows; most elements are passed without it."""
        self.text = ""
        self.parser.CharacterDataHandler = self._hear
        self.parser.EndElementHandler = self._end

    def _hear(self, text: str) -> None:
        self.text += text

    def _heard(self) -> str:
        self.parser.CharacterDataHandler = self.parser.EndElementHandler = None
        return self.text

    def _row(self, attributes: dict[str, str]) -> None:
        self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
        self.column = -1
        self.rows += 1
        check_marked_rows(max(self.row, self.rows) + 1)

    def _cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        if reference is None:
            self.column += 1
        else:
            letters = reference.rstrip(_DIGITS)
            self.column = _column(letters)
            self.row = int(reference[len(letters) :]) - 1
        kind = attributes.get("t", "")
        self.kind = kind if kind in self.heeded else ""

    def _value(self, _: dict[str, str]) -> None:
        if self.row > self.last_row:
            self.last_row = self.row
            check_marked_rows(self.row + 1)
        if self.column > self.last_column:
            self.last_column = self.column
            check_columns(self.column + 1)
        if self.kind:
            self._listen()

    def _valued(self) -> None:
        text, kind, self.kind = self._heard().strip(), self.kind, ""
        if kind == "e":
            self.found.errors[self.row, self.column] = text
        elif text.isdecimal():
            self.extent.add_text(int(text))

    def _relationship(self, attributes: dict[str, str]) -> None:
        """Follow no reference outside; an address to click on is never opened and may stay."""
        outside = attributes.get("TargetMode", "").lower() == "external"
        self.found.linked |= outside and not attributes.get("Type", "").endswith("/hyperlink")

    def _texts(self, _: dict[str, str]) -> None:
        """Begin the texts that cells share: they stand in one part, which is looked at before the sheets."""
        if self.extent.lengths or self.extent.cells:
            raise ValueError("shared texts")
        self.lengths = []

    def _shared(self, _: dict[str, str]) -> None:
        self._listen()

    def _shared_whole(self) -> None:
        length = len(self._heard())
        if self.lengths is not None:
            self.lengths.append(length)
        if length > 2 * LONGEST_TEXT:
            raise DataError(
                "A cell has {n} characters, and {most} is the most that a spreadsheet holds: delete the text.",
                n=length,
                most=LONGEST_TEXT,
            )

    def finish(self) -> None:
        if self.lengths is not None:
            self.extent.lengths += self.lengths
        self.extent.add_sheet(self.last_row + 1, self.last_column + 1)


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    """Return the place of a column from 0: A is 0."""
    place = 0
    for letter in letters:
        place = 26 * place + ord(letter.upper()) - 64
    if place <= 0 or not letters.isascii() or not letters.isalpha():
        raise ValueError(letters)
    return place - 1


def in_order(
    errors: Mapping[str, dict[tuple[int, int], str]], index: Mapping[str, bytes]
) -> tuple[dict[tuple[int, int], str], ...]:
    """Put the error values of parts into the order of the workbook's sheets.

    Parameters
    ----------
    errors : Mapping
        By the part's name in small letters.
    index : Mapping
        The parts of :data:`INDEX` by their names.
    """
    targets: dict[str, str] = {}
    sheets: list[str] = []
    _each_element(index.get(INDEX[1], b""), "Relationship", lambda said: targets.update({said["Id"]: said["Target"]}))
    _each_element(index.get(INDEX[0], b""), "sheet", lambda said: sheets.append(_link(said)))
    paths = [posixpath.join("/xl", targets.get(sheet, "")).lower().lstrip("/") for sheet in sheets]
    return tuple(errors.get(posixpath.normpath(path), {}) for path in paths)


def _link(attributes: Mapping[str, str]) -> str:
    return next((value for name, value in attributes.items() if name.rpartition(":")[2] == "id" and ":" in name), "")


def _each_element(part: bytes, name: str, act: Callable[[dict[str, str]], object]) -> None:
    def start(found: str, attributes: dict[str, str]) -> None:
        if found.rpartition(":")[2] == name:
            act(attributes)

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    try:
        parser.Parse(part, True)
    except (expat.ExpatError, KeyError) as error:
        raise DataError(BROKEN, part=name) from error
