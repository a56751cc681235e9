"""A page as PDF, set by Typst: every text goes to it as a string, so that nothing from data is ever its markup."""

from __future__ import annotations

import datetime
import math
import re
import tempfile
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import cast

from oko.errors import OkoError
from oko.show.document_blocks import Block, Cell, Document, Figure, Heading, Item, Line, Paragraph, Table, words
from oko.show.page import TEMPLATES

_LOOK = TEMPLATES / "oko" / "document.typ"
_WIDE, _TALL, _PIXEL = 174.0, 205.0, 25.4 / 96  # millimetres: what a page takes, and a pixel of a screen
_LETTER = 1.85  # millimetres that a letter of a table takes at 8 pt
_SIZES = tuple((size, size / 8) for size in (8.0, 7.5, 7.0, 6.5, 6.0, 5.2))
_BOLD = 1.35  # letters of headings are wider
_SIZE = 9.0  # points of the text of a page; tables are set in parts of it
_STEPS = tuple(size / 4 for size in range(30, 41))  # the same, of what has to fit one sheet: the greatest that does
_JOINER = "\u2060"  # takes no room
_LONGEST = 18  # letters: a longer text breaks its lines before the table gets smaller letters
_LOOKS = {"mono": "raw", "bold": "strong", "italic": "emph", "super": "super", "sub": "sub", "small": "small"}
_KINDS = {
    "quote": "quote-of",
    "pre": "pre-of",
    "term": "term-of",
    "note": "note",
    "notice": "note",
    "meaning": "par",
    "": "par",
}


class DocumentError(OkoError):
    """A document could not be made of a page."""


def pdf_bytes(document: Document, *, one_page: bool = False) -> bytes:
    """Set a document as PDF.

    Parameters
    ----------
    document : Document
    one_page : bool
        Set it without its glossary, in the greatest letters with which it fits one sheet, or else in the smallest.

    Returns
    -------
    bytes
        Equal documents give equal bytes: the date is that of the page, the fonts come with matplotlib.

    Raises
    ------
    DocumentError
        Typst is not installed, or it refuses the document.
    """
    try:
        import typst
    except ImportError as error:
        raise DocumentError("The page has no PDF: Typst is not installed ({detail}).", detail=error) from error
    if one_page:
        document = document.without_glossary()
    with tempfile.TemporaryDirectory(prefix="oko-pdf-") as folder:  # Typst reads nothing outside of it

        def setter(size: float) -> typst.Compiler:
            source, files = typst_source(document, size)
            for name, content in {**files, "document.typ": _LOOK.read_bytes(), "main.typ": source.encode()}.items():
                (Path(folder) / name).write_bytes(content)
            inputs = {"size": f"{size}"} if one_page else {}
            return typst.Compiler(str(Path(folder) / "main.typ"), folder, [_fonts()], True, inputs)

        def too_large(size: float) -> bool:
            return bool(setter(size).query("metadata", field="value", one=True) != "1")

        try:
            size = _STEPS[max(bisect_left(_STEPS, True, key=too_large) - 1, 0)] if one_page else _SIZE
            made = cast("bytes", setter(size).compile())
        except (typst.TypstError, RuntimeError) as error:
            detail = str(error).replace(folder, "")[:200]
            raise DocumentError("The page has no PDF: Typst refused it ({detail}).", detail=detail) from error
    return made


def _fonts() -> str:
    import matplotlib

    return str(Path(matplotlib.get_data_path()) / "fonts" / "ttf")


def typst_source(document: Document, size: float = _SIZE) -> tuple[str, dict[str, bytes]]:
    r"""Return what Typst reads, the text being of so many points: the source, and the pictures by names of their files.

    Examples
    --------
    >>> print(_string('#read("x") \\ $a$'))
    "#read(\"x\") \\ $a$"
    """
    files: dict[str, bytes] = {}
    named = document.anchors
    body = [_block(group, named, files, _WIDE / _LETTER * _SIZE / size) for group in _grouped(document.blocks)]
    head = ", ".join(
        [
            _string(document.language),
            _string(document.title),
            _string(document.unit),
            _string(" · ".join(filter(None, (document.title, document.unit, document.year)))),
            f"({''.join(f'{_string(fact)}, ' for fact in document.facts)})",
            _string(document.notice),
            _string(document.mark),
            _day(document.day),
            _string(document.foot),
        ]
    )
    return '#import "document.typ": *\n#page-of(' + head + ", {\n" + "\n".join(body) + "\n})\n", files


def _string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", " ").replace("\n", "\\n")
    return f'"{escaped}"'


def _day(day: str) -> str:
    try:
        told = datetime.date.fromisoformat(day)
    except ValueError:
        return "none"
    return f"datetime(year: {told.year}, month: {told.month}, day: {told.day})"


def _grouped(blocks: Iterable[Block]) -> Iterable[Sequence[Block]]:
    """Put entries of one list together; anything else stands alone."""

    def key(pair: tuple[int, Block]) -> object:
        place, block = pair
        return (block.depth, block.number is None) if isinstance(block, Item) else place

    return ([block for _, block in group] for _, group in groupby(enumerate(blocks), key))


def _block(group: Sequence[Block], named: frozenset[str], files: dict[str, bytes], room: float) -> str:
    first = group[0]
    if isinstance(first, Item):
        lines = ", ".join(_line(block.line, named) for block in group if isinstance(block, Item))
        if first.number is None:
            return f"items({first.depth}, {lines})"
        return f"numbered({first.depth}, {first.number}, {lines})"
    if isinstance(first, Heading):
        return _anchored(f"heading(level: {first.level}, {_line(first.line, named)})", first.anchor)
    if isinstance(first, Paragraph):
        return _anchored(f"{_KINDS.get(first.kind, 'par')}({_line(first.line, named)})", first.anchor)
    if isinstance(first, Table):
        return _table(first, named, room)
    if isinstance(first, Figure):
        return _figure(first, named, files)
    return "pagebreak(weak: true)"


def _anchored(call: str, anchor: str) -> str:
    return f"anchored({_string(anchor)}, {call})" if anchor else call


def _line(line: Line, named: frozenset[str] = frozenset()) -> str:
    """Write letters as an expression: strings and calls of ours around them."""
    made = []
    for piece in line:
        parts = " + linebreak() + ".join(_string(part) for part in piece.text.split("\n"))
        shown = f"({parts})" if "\n" in piece.text else parts
        for look, call in _LOOKS.items():
            if look in piece.looks and (call != "raw" or "\n" not in piece.text):
                shown = f"{call}({shown})"
        if piece.link.startswith("#") and piece.link[1:] in named:
            shown = f"to({_string(piece.link[1:])}, {shown})"
        made.append(shown)
    return f"{{ {'; '.join(made)} }}" if made else '""'


def _figure(figure: Figure, named: frozenset[str], files: dict[str, bytes]) -> str:
    name = f"picture{len(files)}.png"
    files[name] = figure.png
    wide, tall = (int.from_bytes(figure.png[place : place + 4], "big") or 1 for place in (16, 20))
    width = min(_WIDE, max(figure.width * _PIXEL, 100.0), _TALL * wide / tall)
    caption, note = (_line(line, named) if line else "none" for line in (figure.caption, figure.note))
    return f"picture({_string(name)}, {width:.1f}mm, {_string(figure.alt)}, {caption}, {note})"


def _table(table: Table, named: frozenset[str], room: float) -> str:
    widths, size = column_widths(table, room)
    columns = "".join(f"{width}fr, " for width in widths)
    head = "".join(f"{_cell(cell, named, head=True)}, " for row in table.head for cell in row)
    cells = "".join(f"{_cell(cell, named)}, " for row in table.rows for cell in row)
    notes = "".join(f"{_line(note, named)}, " for note in table.notes)
    title = _line(table.title, named) if table.title else "none"
    return f"grid-of({size / _SIZE:.4f}em, ({columns}), {title}, ({head}), ({cells}), ({notes}))"


def _cell(cell: Cell, named: frozenset[str], *, head: bool = False) -> str:
    right = "true" if cell.right else "false"
    return f"cell({right}, {cell.wide}, {cell.tall}, {'true' if head else 'false'}, {_line(cell.line, named)})"


def column_widths(table: Table, room: float) -> tuple[list[int], float]:
    """Return how wide the columns of a table are, in letters of its size, and the size in points.

    Parameters
    ----------
    table : Table
    room : float
        Letters that a line takes at 8 pt.

    Examples
    --------
    >>> from oko.show.document_blocks import Piece
    >>> rows = ((Cell((Piece("Работа"),)), Cell((Piece("n"),))), (Cell((Piece("а " * 40),)), Cell((Piece("12"),))))
    >>> column_widths(Table(rows[:1], rows[1:]), 90)
    ([81, 5], 8.0)
    """
    least, most = [4] * table.columns, [4] * table.columns
    for row in (*table.head, *table.rows):
        place = 0
        for cell in row:
            text = words(cell.line).replace(_JOINER, "")
            if cell.wide == 1 and place < len(least):
                bold = _BOLD if row in table.head else 1.0
                longest = math.ceil(max((len(word) for word in re.split(r"[ \n]", text)), default=0) * bold)
                least[place] = max(least[place], min(len(text), _LONGEST) if row in table.rows else longest)
                most[place] = max(most[place], len(text) if row in table.rows else longest)
            place += cell.wide
    least = [min(width, _LONGEST) + 1 for width in least]
    size, share = next(((size, share) for size, share in _SIZES if sum(least) * share <= room), _SIZES[-1])
    for done, (place, wanted) in enumerate(sorted(enumerate(most), key=lambda one: one[1])):
        even = (int(room / share) - sum(least)) // (len(most) - done)  # what is left, shared by those that want more
        least[place] += max(0, min(wanted + 1 - least[place], even))
    return least, size
