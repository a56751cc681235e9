"""Numbers of pupils as a page writes them: in words, and in the cells of its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

from oko.disclosure.checks import Terms, places

_WHO = r"(?:ученик(?:а|ов|и|ам|ами|ах)?|школьник(?:а|ов|и|ам|ами|ах)?|человек(?:а)?|чел\.|pupils?|students?)"
_SAID = (
    re.compile(rf"(?<![\d.,–-])(?<!\d\s)(\d{{1,3}})[\s\u00a0]+{_WHO}(?!\w)", re.IGNORECASE),
    re.compile(r"(?:учеников|школьников|pupils)\s*[:=—–]\s*(\d{1,3})(?![\d.,\s]*\d)", re.IGNORECASE),
    re.compile(r"(?<!\w)n\s*=\s*(\d{1,3})(?![\d.,\s]*\d)"),
)
_HEADING = re.compile(r"ученик|pupils|(?<!\w)n$", re.IGNORECASE)


def small_in_words(texts: tuple[str, ...], terms: Terms) -> set[str]:
    """Return numbers of pupils below the threshold that are said in words: "7 учеников", "n = 7".

    Examples
    --------
    >>> sorted(small_in_words(("Писали 7 учеников, меньше 10 учеников не показано", "n = 3", "2,7 ученика"), Terms(10)))
    ['3', '7']
    """
    found = {match for text in texts for said in _SAID for match in said.findall(text)}
    return {number for number in found if 0 < int(number) < terms.threshold}


def small_in_cells(page: str, terms: Terms) -> str:
    """Name headings of tables that count pupils and have cells below the threshold.

    Examples
    --------
    >>> small_in_cells("<table><tr><th>Класс</th><th>Учеников</th></tr><tr><td>1</td><td>7</td></table>", Terms(10))
    'Учеников (1)'
    """
    found: dict[str, int] = {}
    for table in _tables(page):
        everywhere = bool(_HEADING.search(table.title))
        headings = table.rows[0] if table.rows else []
        for row in table.rows[1:]:
            for place, cell in enumerate(row[1:], start=1):
                heading = headings[place] if place < len(headings) else ""
                counts = everywhere or bool(_HEADING.search(heading))
                if counts and re.fullmatch(r"\d{1,3}", cell) and 0 < int(cell) < terms.threshold:
                    name = heading or table.title
                    found[name] = found.get(name, 0) + 1
    return places(found)


@dataclass
class _Table:
    title: str = ""
    rows: list[list[str]] = field(default_factory=list)


class _Reader(HTMLParser):
    """Collects the tables of a page: captions, and cells row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[_Table] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append(_Table())
        elif self.tables and tag == "tr":
            self.tables[-1].rows.append([])
        elif self.tables and tag in ("td", "th"):
            self.inside = tag
            span = dict(attrs).get("colspan") or "1"
            row = self.tables[-1].rows[-1] if self.tables[-1].rows else self._new_row()
            row += [""] * (int(span) if span.isdecimal() else 1)
        elif self.tables and tag == "caption":
            self.inside = tag

    def _new_row(self) -> list[str]:
        self.tables[-1].rows.append([])
        return self.tables[-1].rows[-1]

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "caption", "table"):
            self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "caption":
            self.tables[-1].title = " ".join(f"{self.tables[-1].title} {data}".split())
        elif self.inside:
            row = self.tables[-1].rows[-1]
            row[-1] = " ".join(f"{row[-1]} {data}".split())


def _tables(page: str) -> Iterator[_Table]:
    reader = _Reader()
    reader.feed(page)
    yield from (table for table in reader.tables if table.rows)
