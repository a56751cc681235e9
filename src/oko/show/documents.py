"""A page as a document: its headings, paragraphs, tables and figures, read back from the page itself.

PDF and Word are made from nothing but the page's HTML, so they cannot say what the page does not, and whoever has the
page can make them again.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from html.parser import HTMLParser

from oko.show.document_blocks import (
    Block,
    Break,
    Cell,
    Document,
    Figure,
    Heading,
    Item,
    Line,
    Paragraph,
    Piece,
    Table,
    words,
)

_PICTURE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)")
_SPACE = re.compile(r"[ \t\r\n\f]+")
_STYLES: Mapping[str, str] = {
    "strong": "bold", "b": "bold", "em": "italic", "i": "italic", "sup": "super", "sub": "sub", "code": "mono",
    "small": "small",
}  # fmt: skip
_BLOCKS = frozenset(
    {"p", "div", "section", "li", "ul", "ol", "dl", "dt", "dd", "blockquote", "pre", "summary", "details", "figure",
     "figcaption", "main", "header", "footer", "table", "tr", "td", "th", "caption",
     "h1", "h2", "h3", "h4", "h5", "h6"}
)  # fmt: skip
_UNREAD = frozenset({"style", "script", "title", "head", "template"})
_PLAIN = {"dt": "term", "dd": "meaning", "blockquote": "quote", "pre": "pre", "summary": "term"}


def read_document(page: str) -> Document:
    """Read a page that :func:`oko.show.page.render` made.

    Examples
    --------
    >>> page = '<html lang="ru"><header class="head"><h1>Год</h1></header><main><p>a <b>x</b></p></main></html>'
    >>> read_document(page).title, [piece.text for piece in read_document(page).blocks[0].line]
    ('Год', ['a ', 'x'])
    """
    pictures: list[str] = []

    def keep(match: re.Match[str]) -> str:
        pictures.append(match[1])
        return f"picture:{len(pictures) - 1}"

    reader = _Reader(pictures)
    reader.feed(_PICTURE.sub(keep, page))
    reader.close()
    reader.flush()
    said = reader.said
    return Document(
        language=reader.language,
        title=_one(said["h1"]),
        unit=_one(said["unit"]),
        year=next((fact.rpartition(" ")[2] for fact in said["fact"] if re.search(r"\d{4}(-\d{4})?$", fact)), ""),
        facts=tuple(said["fact"]),
        notice=_one(said["notice"]),
        mark=_one(said["banner"]),
        foot=" ".join(said["foot"]),
        day=reader.day,
        blocks=tuple(reader.blocks),
    )


def _one(texts: list[str]) -> str:
    return texts[0] if texts else ""


class _Reader(HTMLParser):
    """Goes through a page and collects its blocks; letters gather in a line until an element ends it."""

    def __init__(self, pictures: list[str]) -> None:
        super().__init__()
        self.pictures, self.language, self.day = pictures, "ru", ""
        self.said: dict[str, list[str]] = {
            name: [] for name in ("h1", "unit", "fact", "notice", "banner", "foot", "workbench")
        }
        self.blocks: list[Block] = []
        self.line: list[Piece] = []
        self.open: list[tuple[str, str, str]] = []  # name, classes, anchor
        self.lists: list[int | None] = []
        self.table: _Rows | None = None
        self.picture: tuple[bytes, str, int] | None = None
        self.caption: Line = ()
        self.links: list[str] = []
        self.anchors: set[str] = set()

    # what is open

    def inside(self, *names: str) -> bool:
        return any(name in names for name, _, _ in self.open)

    def part(self) -> str:
        """Name the part of the head or foot that is open; empty inside the main part."""
        for name, kind, _ in reversed(self.open):
            found = {"banner", "stamp", "workbench", "unit", "notice", "foot"}.intersection(kind.split())
            if found:
                return found.pop()
            if name == "main":
                return ""
            if self.inside("header") and name in ("h1", "div"):
                return "h1" if name == "h1" else "fact"
        return "" if self.inside("main") else "stamp"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = given.get("lang", self.language)
        elif tag == "time":
            self.day = given.get("datetime", "")
        elif tag == "br":
            self.line.append(Piece("\n"))
        elif tag == "img":
            self._picture(given)
        elif tag == "dd" and self.inside("header"):
            self.line.append(Piece(" "))
        elif tag == "a":
            self.links.append(given.get("href", ""))
        if tag in _BLOCKS and not self._inside_fact(tag):
            self.flush()
            self._begin(tag, given)
        if tag not in ("br", "img", "meta", "link", "hr", "input", "col", "wbr"):
            self.open.append((tag, given.get("class", ""), given.get("id", "")))

    def _inside_fact(self, tag: str) -> bool:
        """Tell whether a name or a value of a fact of the head begins: they stand in one line."""
        return tag in ("dt", "dd") and self.inside("header")

    def _begin(self, tag: str, given: Mapping[str, str]) -> None:
        if tag in ("ul", "ol"):
            self.lists.append(0 if tag == "ol" else None)
        elif tag == "li" and self.lists and self.lists[-1] is not None:
            self.lists[-1] += 1
        elif tag == "section" and self._new_sheet(given.get("class", "").split()):
            self.blocks.append(Break())
        elif tag == "table":
            self.table = _Rows()
        elif tag == "tr" and self.table:
            self.table.begin_row(self.inside("thead"))
        elif tag in ("td", "th") and self.table:
            self.table.begin_cell(tag, given, foot=self.inside("tfoot"))

    def _new_sheet(self, kinds: list[str]) -> bool:
        """Tell whether a sheet begins, or the glossary after the last of them: it is of no class or pupil."""
        return ("sheet" in kinds and bool(self.blocks)) or ("glossary" in kinds and Break() in self.blocks)

    def _picture(self, given: Mapping[str, str]) -> None:
        _, _, number = given.get("src", "").partition("picture:")
        if number.isdecimal() and self.inside("main"):
            png = base64.b64decode(self.pictures[int(number)])
            wide = given.get("width", "")
            self.picture, self.caption = (png, given.get("alt", ""), int(wide) if wide.isdecimal() else 700), ()
            if not self.inside("figure"):
                self._end_figure(())

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.links:
            self.links.pop()
        if tag in _BLOCKS and not self._inside_fact(tag):
            self.flush()
            self._end(tag)
        names = [name for name, _, _ in self.open]
        if tag in names:
            del self.open[len(names) - 1 - names[::-1].index(tag) :]

    def _end(self, tag: str) -> None:
        if tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        elif tag == "table" and self.table:
            made, self.table = self.table.made(), None
            if made.columns:
                self.blocks.append(made)
        elif tag == "figure":
            self._end_figure(self.caption)

    def _end_figure(self, caption: Line) -> None:
        if self.picture:
            note = tuple(piece for piece in caption if "small" in piece.looks)
            rest = tuple(piece for piece in caption if "small" not in piece.looks)
            png, alt, width = self.picture
            self.blocks.append(Figure(png, alt, rest, tuple(Piece(piece.text) for piece in note), width))
        self.picture = None

    def handle_data(self, data: str) -> None:
        if any(name in _UNREAD for name, _, _ in self.open) or not self.open:
            return
        text = data if self.inside("pre") else _SPACE.sub(" ", data)
        if text == " " and not self.line:
            return
        looks = frozenset(_STYLES[name] for name, _, _ in self.open if name in _STYLES)
        self.line.append(Piece(text, looks, self.links[-1] if self.links else ""))

    # what a line becomes

    def flush(self) -> None:
        """End the line that is open."""
        line, self.line = _trimmed(self.line), []
        if not line:
            return
        part = self.part()
        if part:  # the mark stands at the head of every sheet of paper, not in the foot too
            said = tuple(piece for piece in line if part != "foot" or "bold" not in piece.looks)
            self.said.setdefault(part, []).append(words(said).strip())
        elif self.table and self.inside("td", "th", "caption"):
            self.table.fill(line)
        elif self.inside("figcaption"):
            self.caption = (*self.caption, *line)
        elif not ("apart" in self.open[-1][1].split() if self.open else False):
            self.blocks.append(self._block(line))

    def _block(self, line: Line) -> Block:
        tag, _, anchor = next((entry for entry in reversed(self.open) if entry[0] in _BLOCKS), ("p", "", ""))
        if re.fullmatch("h[1-6]", tag):
            outer = next((a for name, _, a in reversed(self.open) if name == "section" and a), "")
            anchor = anchor or ("" if outer in self.anchors else outer)  # a section's place is its first heading
            self.anchors.add(anchor)
            return Heading(max(2, int(tag[1])), line, anchor)
        if self.inside("li"):
            return Item(line, max(1, len(self.lists)), self.lists[-1] if self.lists else None)
        return Paragraph(line, next((_PLAIN[n] for n, _, _ in reversed(self.open) if n in _PLAIN), ""), anchor)


class _Rows:
    """The rows of a table while it is read."""

    def __init__(self) -> None:
        self.head: list[list[Cell]] = []
        self.rows: list[list[Cell]] = []
        self.title: Line = ()
        self.notes: list[Line] = []
        self.place = ""

    def begin_row(self, head: bool) -> None:
        (self.head if head else self.rows).append([])
        self.place = "head" if head else "rows"

    def begin_cell(self, tag: str, given: Mapping[str, str], *, foot: bool) -> None:
        kinds = given.get("class", "").split()
        if foot or {"gt_heading", "gt_sourcenote", "gt_footnote"}.intersection(kinds):
            self.place = "title" if "gt_heading" in kinds else "note"
            return
        rows = self.head if self.place == "head" else self.rows
        wide, tall = (int(text) if (text := given.get(name, "")).isdecimal() else 1 for name in ("colspan", "rowspan"))
        right = "gt_right" in kinds or "text-align: right" in given.get("style", "")
        if not rows:
            rows.append([])
        rows[-1].append(Cell((), right, max(wide, 1), max(tall, 1)))
        if tag == "th" and self.place == "rows" and not self.head and len(self.rows) == 1:
            self.head, self.rows, self.place = [self.rows[0]], [], "head"

    def fill(self, line: Line) -> None:
        rows = self.head if self.place == "head" else self.rows
        if self.place == "title" or not any(rows):
            self.title = (*self.title, *line)
        elif self.place == "note":
            self.notes.append(line)
        else:
            last = rows[-1][-1]
            joined = (*last.line, Piece("\n"), *line) if last.line else line
            rows[-1][-1] = Cell(joined, last.right, last.wide, last.tall)

    def made(self) -> Table:
        head, rows = (tuple(tuple(row) for row in part if row) for part in (self.head, self.rows))
        return Table(head, rows, self.title, tuple(self.notes))


def _trimmed(pieces: list[Piece]) -> Line:
    """Join pieces of one look, without blanks at the ends and side by side."""
    made: list[Piece] = []
    for piece in pieces:
        text = piece.text.lstrip(" ") if not made or made[-1].text.endswith((" ", "\n")) else piece.text
        if made and (made[-1].looks, made[-1].link) == (piece.looks, piece.link):
            made[-1] = Piece(made[-1].text + text, piece.looks, piece.link)
        elif text:
            made.append(Piece(text, piece.looks, piece.link))
    while made and not made[-1].text.strip(" \n"):
        made.pop()
    if made:
        made[-1] = Piece(made[-1].text.rstrip(" \n"), made[-1].looks, made[-1].link)
    return tuple(made)
