"""Workbooks for tests of opening files: good ones, old ones made byte by byte, and packages with one part changed."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence

import xlsxwriter

Cell = str | int | float | bool | None

XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def xlsx(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> bytes:
    """A workbook by xlsxwriter; texts that begin with = are formulas without a value."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for place, row in enumerate(rows):
                for column, cell in enumerate(row):
                    if cell is not None:
                        sheet.write(place, column, cell)
    return target.getvalue()


def package(content: bytes, changed: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The same package with parts replaced or added."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w", method) as made:
        for name in source.namelist():
            if name not in changed:
                made.writestr(name, source.read(name))
        for name, part in changed.items():
            made.writestr(name, part)
    return target.getvalue()


def part_of(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        return source.read(name)


def sheet_xml(rows: str, before: bytes = b"") -> bytes:
    return XML + before + f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'.encode()


def with_rows(rows: str) -> bytes:
    """A workbook whose only sheet has these rows, as XML."""
    return package(xlsx({"a": [["x"]]}), {"xl/worksheets/sheet1.xml": sheet_xml(rows)})


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file (the container of .xls and of encrypted workbooks) of sectors of 512 bytes."""
    sectors: list[bytes] = [b"", b""]
    table = [0xFFFFFFFD, 0xFFFFFFFE]
    entries = [_entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1)]
    for number, (name, stream) in enumerate(streams.items(), start=1):
        padded = stream.ljust(4096, b"\x00")
        padded += b"\x00" * (-len(padded) % 512)
        first = len(sectors)
        pieces = [padded[place : place + 512] for place in range(0, len(padded), 512)]
        table += [first + place + 1 for place in range(len(pieces) - 1)] + [0xFFFFFFFE]
        sectors += pieces
        right = number + 1 if number < len(streams) else 0xFFFFFFFF
        entries.append(_entry(name, 2, first, len(padded), right=right))
    sectors[0] = struct.pack("<128I", *(table + [0xFFFFFFFF] * (128 - len(table))))
    sectors[1] = b"".join(entries).ljust(512, b"\x00")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<9I", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    return head + struct.pack("<109I", 0, *[0xFFFFFFFF] * 108) + b"".join(sectors)


def _entry(name: str, kind: int, first: int, size: int, *, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF) -> bytes:
    text = name.encode("utf-16-le") + b"\x00\x00"
    entry = text.ljust(64, b"\x00") + struct.pack("<HBB3I", len(text), kind, 1, 0xFFFFFFFF, right, child) + bytes(36)
    return entry + struct.pack("<IQ", first, size)


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def number(row: int, column: int, value: float) -> bytes:
    return record(0x203, struct.pack("<HHHd", row, column, 0, value))


def label(row: int, column: int, text: str) -> bytes:
    return record(0x204, struct.pack("<HHHHB", row, column, 0, len(text), 1) + text.encode("utf-16-le"))


def error(row: int, column: int, code: int) -> bytes:
    return record(0x205, struct.pack("<HHHBB", row, column, 0, code, 1))


def old_book(cells: bytes, globals_: bytes = b"") -> bytes:
    """A stream of an old workbook with one sheet named "a"."""
    begin = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + globals_
    place = len(begin) + 4 + 9 + 4
    sheet = record(0x85, struct.pack("<IBBBB", place, 0, 0, 1, 0) + b"a")
    body = record(0x809, struct.pack("<HHHHII", 0x600, 16, 0, 0, 0, 0)) + cells + record(0x0A, b"")
    return begin + sheet + record(0x0A, b"") + body


def xls(cells: bytes, globals_: bytes = b"", others: Mapping[str, bytes] | None = None) -> bytes:
    return compound({"Workbook": old_book(cells, globals_), **(others or {})})
