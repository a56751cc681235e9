"""What a document is made of: headings, paragraphs, entries of lists, tables, figures."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Piece:
    """Letters of one look ("bold", "italic", "super", "sub", "mono", "small"), and where they lead to."""

    text: str
    looks: frozenset[str] = frozenset()
    link: str = ""


Line = tuple[Piece, ...]


@dataclass(frozen=True)
class Heading:
    """A heading of level 2 and below; level 1 is the document's title."""

    level: int
    line: Line
    anchor: str = ""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph: of kind "", "notice", "term", "meaning", "quote", "pre" or "note"."""

    line: Line
    kind: str = ""
    anchor: str = ""


@dataclass(frozen=True)
class Item:
    """An entry of a list, its depth, and its number where the list counts."""

    line: Line
    depth: int = 1
    number: int | None = None


@dataclass(frozen=True)
class Cell:
    """A cell of a table, and how many columns and rows it takes."""

    line: Line
    right: bool = False
    wide: int = 1
    tall: int = 1


@dataclass(frozen=True)
class Table:
    """A table with rows of headings, rows, a title above and notes below."""

    head: tuple[tuple[Cell, ...], ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: Line = ()
    notes: tuple[Line, ...] = ()

    @property
    def columns(self) -> int:
        """Number of columns of the widest row."""
        return max((sum(cell.wide for cell in row) for row in (*self.head, *self.rows)), default=0)


@dataclass(frozen=True)
class Figure:
    """A picture with what it says in words, its caption, and its width on a screen."""

    png: bytes = field(repr=False)
    alt: str
    caption: Line
    note: Line
    width: int


@dataclass(frozen=True)
class Break:
    """What follows begins a new sheet of paper."""


Block = Heading | Paragraph | Item | Table | Figure | Break


@dataclass(frozen=True)
class Document:
    """A page as it will be printed.

    Attributes
    ----------
    language, title, unit, facts, notice, mark, foot, day : str
        What stands at the page's head and foot; the mark is empty where the results are not invented.
    blocks : tuple of Block
    """

    language: str
    title: str
    unit: str
    year: str
    facts: tuple[str, ...]
    notice: str
    mark: str
    foot: str
    day: str
    blocks: tuple[Block, ...]

    @property
    def anchors(self) -> frozenset[str]:
        """Places that links of the document may lead to."""
        return frozenset(b.anchor for b in self.blocks if isinstance(b, (Heading, Paragraph)) and b.anchor)

    def without_glossary(self) -> Document:
        """Return the document without the glossary, which stands at its end: a heading, and terms."""
        places = (at for at, b in enumerate(self.blocks) if isinstance(b, Paragraph) and b.anchor.startswith("term-"))
        first = next(places, None)
        return self if first is None else replace(self, blocks=self.blocks[: first - 1])


def words(line: Line) -> str:
    """Return the letters of a line."""
    return "".join(piece.text for piece in line)
