"""A page as a Word document that can be edited: the templates of ``report/oko/word`` filled with a document."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from oko.show.document_blocks import Block, Cell, Document, Figure, Heading, Item, Line, Paragraph, Piece, Table
from oko.show.documents_pdf import column_widths
from oko.show.html import environment
from oko.show.page import TEMPLATES

_LOOKS = TEMPLATES / "oko" / "word"
_WIDE = 9860  # twentieths of a point between the margins
_PIXEL, _WIDEST, _TALLEST = 9525, 6_260_000, 8_000_000  # English metric units: a pixel, and what a sheet takes
_LETTERS, _SIZE = 92.0, 8.0  # what a line of a table takes, at how many points
_SMALL = 17  # half points
_KINDS = {"quote": "Quote", "pre": "Note", "term": "Term", "note": "Note", "notice": "Note"}
_LANGUAGES = {"ru": "ru-RU", "en": "en-GB"}
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_Filled = dict[str, Any]


def docx_bytes(document: Document) -> bytes:
    """Write a document as .docx.

    Parameters
    ----------
    document : Document

    Returns
    -------
    bytes
        Equal documents give equal bytes. Inside are texts, styles and pictures: no macros, no links, no author.

    Notes
    -----
    ECMA-376, WordprocessingML of the transitional kind; what Word and LibreOffice need, and no more.
    """
    pictures: list[Figure] = []
    blocks = [*_head(document), *(part for b in document.blocks for part in _block(b, document.anchors, pictures))]
    running = " · ".join(filter(None, (document.title, document.unit, document.year)))
    names = [f"picture{number}" for number in range(len(pictures))]
    parts: dict[str, bytes | str] = {
        "[Content_Types].xml": _constant("content_types.xml"),
        "_rels/.rels": _constant("package.rels.xml"),
        "docProps/core.xml": _filled("core.xml", title=_plain(document.title), day=_day(document.day)),
        "word/document.xml": _filled("document.xml", blocks=blocks),
        "word/_rels/document.xml.rels": _filled("relations.xml", pictures=names),
        "word/styles.xml": _filled("styles.xml", language=_LANGUAGES.get(document.language, "ru-RU")),
        "word/settings.xml": _constant("settings.xml"),
        "word/numbering.xml": _constant("numbering.xml"),
        "word/header1.xml": _filled("header.xml", running=_plain(running), mark=_plain(document.mark)),
        "word/footer1.xml": _filled("footer.xml", foot=_plain(document.foot)),
        **{f"word/media/{name}.png": figure.png for name, figure in zip(names, pictures, strict=True)},
    }
    return _zipped(parts)


def _constant(name: str) -> bytes:
    return (_LOOKS / name).read_bytes()


def _filled(name: str, **values: object) -> str:
    return environment(TEMPLATES).get_template(f"word/{name}.j2").render(**values)


def _zipped(parts: Mapping[str, bytes | str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".png") else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            package.writestr(entry, content)
    return target.getvalue()


def _day(day: str) -> str:
    return day if re.fullmatch(r"\d{4}-\d\d-\d\d", day) else ""


def _plain(text: str) -> str:
    """Return text without the characters that XML cannot hold."""
    return _NO_XML.sub("\ufffd", text).replace("\r", "")


def _head(document: Document) -> Iterator[_Filled]:
    told = (document.title, "Title"), (document.unit, "Subtitle"), ("   ".join(document.facts), "Note")
    for text, style in (*told, (document.notice, "Note")):
        if text:
            yield _paragraph((Piece(text),), frozenset(), style)


def _paragraph(line: Line, named: frozenset[str], style: str = "", **told: object) -> _Filled:
    """Return what the template needs of a paragraph."""
    pieces = [_piece(piece, named, bool(told.get("bold")), float(str(told.get("size") or 0))) for piece in line]
    empty: _Filled = {"keep": False, "depth": 0, "list": 0, "right": False, "bookmark": "", "number": 0}
    return {"kind": "paragraph", "style": style, "pieces": pieces, **empty, **told}


def _piece(piece: Piece, named: frozenset[str], bold: bool, size: float) -> _Filled:
    leads = piece.link.startswith("#") and piece.link[1:] in named
    half_points = round(2 * size) or (_SMALL if "small" in piece.looks else 0)
    looks = piece.looks | ({"bold"} if bold else set()) | ({"sized"} if half_points or leads else set())
    return {
        "parts": _plain(piece.text).split("\n"),
        "looks": looks,
        "half_points": half_points,
        "bookmark": _bookmark(piece.link[1:]) if leads else "",
    }


def _bookmark(anchor: str) -> str:
    """Return the name of a place as Word takes it: letters, digits and low lines, at most 40."""
    return re.sub(r"\W", "_", anchor)[:40]


def _place(anchor: str) -> _Filled:
    name = _bookmark(anchor)
    return {"bookmark": name, "number": zlib.crc32(name.encode()) >> 1}


def _block(block: Block, named: frozenset[str], pictures: list[Figure]) -> list[_Filled]:
    if isinstance(block, Heading):
        return [_paragraph(block.line, named, f"Heading{min(block.level - 1, 3)}", **_place(block.anchor))]
    if isinstance(block, Paragraph):
        return [_paragraph(block.line, named, _KINDS.get(block.kind, ""), **_place(block.anchor))]
    if isinstance(block, Item):
        kind = 1 if block.number is None else 2
        return [_paragraph(block.line, named, "ListParagraph", depth=min(block.depth, 9), list=kind)]
    if isinstance(block, Table):
        return _table(block, named)
    if isinstance(block, Figure):
        return _figure(block, named, pictures)
    return [{"kind": "break"}]


def _figure(figure: Figure, named: frozenset[str], pictures: list[Figure]) -> list[_Filled]:
    name = f"picture{len(pictures)}"
    pictures.append(figure)
    wide, tall = (int.from_bytes(figure.png[place : place + 4], "big") or 1 for place in (16, 20))
    width = min(figure.width * _PIXEL, _WIDEST, _TALLEST * wide // tall)
    size = {"width": width, "height": width * tall // wide}
    drawn = {"kind": "picture", "name": name, "number": len(pictures), "alt": _plain(figure.alt), **size}
    said = [(figure.caption, "Caption"), (figure.note, "Note")]
    return [drawn, *(_paragraph(line, named, style) for line, style in said if line)]


def _table(table: Table, named: frozenset[str]) -> list[_Filled]:
    widths, size = column_widths(table, _LETTERS)
    columns = [_WIDE * width // (sum(widths) or 1) for width in widths]
    rows = [
        {"head": head, "cells": cells}
        for part, head in ((table.head, True), (table.rows, False))
        for cells in _rows(part, columns, named, bold=head, size=size if size < _SIZE else 0.0)
    ]
    title = [_paragraph(table.title, named, keep=True, bold=True)] if table.title else []
    notes = [_paragraph(note, named, "Note") for note in table.notes] or [_paragraph((), named, "Note")]
    return [*title, {"kind": "table", "columns": columns, "rows": rows}, *notes]


def _rows(
    rows: Iterable[tuple[Cell, ...]], columns: list[int], named: frozenset[str], *, bold: bool, size: float
) -> Iterator[list[_Filled]]:
    """Return the cells of rows; one that takes several rows stands in each of them, empty but for the first."""

    def filled(cell: Cell, merge: str) -> _Filled:
        width = sum(columns[place : place + cell.wide])
        told = {"bold": bold, "size": size, "right": cell.right, "width": width, "wide": cell.wide, "merge": merge}
        return _paragraph(cell.line, named, "Cell", **told)

    going: dict[int, tuple[int, int]] = {}  # place to rows left and columns
    for row in rows:
        cells, place = [], 0
        for cell in (*row, None):
            while place in going:
                left, wide = going.pop(place)
                cells.append(filled(Cell((), wide=wide), "goes on"))
                if left > 1:
                    going[place] = (left - 1, wide)
                place += wide
            if cell is not None:
                cells.append(filled(cell, "restart" if cell.tall > 1 else ""))
                if cell.tall > 1:
                    going[place] = (cell.tall - 1, cell.wide)
                place += cell.wide
        yield cells
