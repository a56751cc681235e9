"""Old workbooks (.xls): the streams of a compound file, and what the records of a workbook say before it is parsed.

Source: [MS-CFB] and [MS-XLS], the published descriptions of both formats.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from oko.records.readers.extent import Extent

_END, _FREE = 0xFFFFFFFE, 0xFFFFFFFF
_DIRECTORY_ENTRY = 128
_STORAGE = 1
_BOF, _BOUNDSHEET, _SUPBOOK, _FILEPASS, _BOOLERR, _MULRK = 0x0809, 0x85, 0x1AE, 0x2F, 0x205, 0xBD
_FORMULAS = frozenset({0x06, 0x206, 0x406})
_CELLS = frozenset({0x02, 0x03, 0x04, 0x05, 0x203, 0x27E, 0xBD, 0xFD, 0x204, 0xD6, 0x205, *_FORMULAS})
_BOFS = frozenset({0x0009, 0x0209, 0x0409, 0x0809})
_OWN_BOOK = frozenset({0x0401, 0x3A01})
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}


class NotReadable(Exception):  # noqa: N818  # no error that people see: guards say it in words
    """The bytes are no whole compound file or workbook."""


def streams(content: bytes) -> dict[str, bytes | None]:
    """Return the streams of a compound file by name; of storages and of streams that are not needed only the name.

    Raises
    ------
    NotReadable
        The file is damaged.
    """
    try:
        return _Compound(content).streams()
    except (struct.error, IndexError, OverflowError) as error:
        raise NotReadable(str(error)) from error


class _Compound:
    """A compound file: sectors in chains."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        shift, self.mini_shift = struct.unpack_from("<HH", content, 0x1E)
        if shift not in (9, 12) or self.mini_shift != 6:
            raise NotReadable("sector size")
        self.size = 1 << shift
        self.directory, self.cutoff = (
            struct.unpack_from("<I", content, 0x30)[0],
            struct.unpack_from("<I", content, 0x38)[0],
        )
        self.mini_start = struct.unpack_from("<I", content, 0x3C)[0]
        self.table = self._table()

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.size
        if start >= len(self.content):
            raise NotReadable("beyond the end")
        return self.content[start : start + self.size]

    def _numbers(self, sector: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4])

    def _table(self) -> list[int]:
        places = list(struct.unpack_from("<109I", self.content, 0x4C))
        following = struct.unpack_from("<I", self.content, 0x44)[0]
        seen: set[int] = set()
        while following < _END - 3:
            if following in seen:
                raise NotReadable("circle")
            seen.add(following)
            *more, following = self._numbers(self._sector(following))
            places += more
        used = [place for place in places if place < _END - 3]
        if len(used) > len(self.content) // self.size + 1:
            raise NotReadable("table")
        return [number for place in used for number in self._numbers(self._sector(place))]

    def _chain(self, first: int) -> bytes:
        pieces: list[bytes] = []
        while first < _END - 3:
            if len(pieces) > len(self.content) // self.size:
                raise NotReadable("circle")
            pieces.append(self._sector(first))
            first = self.table[first]
        return b"".join(pieces)

    def streams(self) -> dict[str, bytes | None]:
        directory = self._chain(self.directory)
        found: dict[str, bytes | None] = {}
        small = b""
        for place in range(0, len(directory) - _DIRECTORY_ENTRY + 1, _DIRECTORY_ENTRY):
            entry = directory[place : place + _DIRECTORY_ENTRY]
            length, kind = struct.unpack_from("<HB", entry, 64)
            name = entry[: max(0, min(length, 64) - 2)].decode("utf-16-le", errors="replace")
            first, size = struct.unpack_from("<II", entry, 116)
            if kind == 5:
                small = self._chain(first)[:size]
            elif kind in (1, 2):
                wanted = name in ("Workbook", "Book") and kind != _STORAGE
                found[name] = self._stream(first, size, small) if wanted else None
        return found

    def _stream(self, first: int, size: int, small: bytes) -> bytes:
        if size >= self.cutoff:
            whole = self._chain(first)
        else:
            table = self._numbers(self._chain(self.mini_start)) if self.mini_start < _END - 3 else ()
            pieces: list[bytes] = []
            while first < _END - 3 and len(pieces) <= len(table):
                pieces.append(small[first << self.mini_shift : (first + 1) << self.mini_shift])
                first = table[first]
            whole = b"".join(pieces)
        if len(whole) < size:
            raise NotReadable("cut short")
        return whole[:size]


@dataclass
class Facts:
    """What the records of a workbook say.

    Attributes
    ----------
    encrypted, linked : bool
        It has a password; it refers to other workbooks.
    errors : tuple of dict
        By sheet, in their order: error values by row and column from 0.
    """

    encrypted: bool = False
    linked: bool = False
    errors: tuple[dict[tuple[int, int], str], ...] = ()


@dataclass
class _Sheet:
    rows: int = 0
    columns: int = 0
    errors: dict[tuple[int, int], str] = field(default_factory=dict)


def facts(stream: bytes) -> Facts:
    """Walk the records of a workbook.

    Parameters
    ----------
    stream : bytes
        The stream "Workbook" or "Book".

    Raises
    ------
    NotReadable
        The records do not fit one another.
    DataError
        A sheet reaches too far.
    """
    found, sheets, order = Facts(), {}, []
    sheet = _Sheet()
    for place, kind, start, length in _records(stream):
        if kind in _CELLS and length >= 4:
            _add_cell(sheet, stream, kind, start, length)
        elif kind in _BOFS:
            sheet = sheets[place] = _Sheet()
        elif kind == _BOUNDSHEET and length >= 6:
            order.append(struct.unpack_from("<I", stream, start)[0])
        elif kind == _FILEPASS:
            return Facts(encrypted=True)
        elif kind == _SUPBOOK and length >= 4:
            found.linked |= struct.unpack_from("<H", stream, start + 2)[0] not in _OWN_BOOK
    if not order or any(place not in sheets for place in order) or len(set(order)) < len(order):
        raise NotReadable("sheets")
    extent = Extent()
    for each in sheets.values():
        extent.add_sheet(each.rows, each.columns)
    found.errors = tuple(sheets[place].errors for place in order)
    return found


def _records(stream: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Give the place, kind, start and length of each record."""
    place, end, header = 0, len(stream), struct.Struct("<HH")
    while place + 4 <= end:
        kind, length = header.unpack_from(stream, place)
        if place + 4 + length > end:
            if not any(stream[place : place + 64]):
                return
            raise NotReadable("cut short")
        yield place, kind, place + 4, length
        place += 4 + length


def _add_cell(sheet: _Sheet, stream: bytes, kind: int, start: int, length: int) -> None:
    row, column = struct.unpack_from("<HH", stream, start)
    last = struct.unpack_from("<H", stream, start + length - 2)[0] if kind == _MULRK and length >= 6 else column
    sheet.rows, sheet.columns = max(sheet.rows, row + 1), max(sheet.columns, column + 1, last + 1)
    if kind == _BOOLERR and length >= 8 and stream[start + 7]:
        sheet.errors[row, column] = _ERRORS.get(stream[start + 6], "#ERR!")
    elif (
        kind in _FORMULAS and length >= 14 and stream[start + 6] == 2 and stream[start + 12 : start + 14] == b"\xff\xff"
    ):
        sheet.errors[row, column] = _ERRORS.get(stream[start + 8], "#ERR!")
