"""Numbers of pupils as a page writes them: in words, and in the cells of its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from oko.disclosure.checks import Terms, places

_WHO = (
    r"(?:(?:ученик|ученич|школьни|выпускни|участни|\w+классни|девоч|девуш|мальчи|юнош|реб[её]н|учащ|обучающ)\w*"
    r"|человек\w*|чел\.|уч\.|дет(?:и|ей|ям|ьми|ях)|ребят\w*|pupils?|students?|learners?|participants?|child(?:ren)?"
    r"|boys?|girls?)"
)
_MANY = r"(?:учеников|школьников|выпускников|участников|учащихся|обучающихся|детей|pupils|students|participants)"
_ONLY = r"(?:\s+(?:было|стало|всего|только|лишь|осталось|писал[оаи]|сдавал[оаи]|were|only))"
_SAID = (
    re.compile(
        rf"(?<![\d.,–-])(?<!\d\s)(\d{{1,3}})(?:-(?:ми|ти|мя|х))?(?:\s*\(\w+\))?\s+(?:\w+[ыи]х\s+)?{_WHO}(?!\w)",
        re.IGNORECASE,
    ),
    re.compile(rf"{_MANY}(?:{_ONLY}*\s*[:=—–]|{_ONLY}+)\s*(\d{{1,3}})(?![\d.,\s]*\d)", re.IGNORECASE),
    re.compile(r"(?<!\w)n\s*[=:]\s*(\d{1,3})(?![\d.,\s]*\d)", re.IGNORECASE),
)
_WORDS = (
    (2, "дв(?:а|е|ух|ум|умя|ое|оих)|two"), (3, "тр(?:и|[её]х|[её]м|емя|ое|оих)|three"),
    (4, "четыр(?:е|[её]х|[её]м|ьмя)|четверо|four"), (5, "пят(?:ь|и|ью|еро)|five"), (6, "шест(?:ь|и|ью|еро)|six"),
    (7, "сем(?:ь|и|ью|еро)|seven"), (8, "вос(?:емь|ьми|емью|ьмеро)|eight"), (9, "девят(?:ь|и|ью|еро)|nine"),
)  # fmt: skip
_SPELT = tuple((number, re.compile(rf"(?<!\w)(?:{word})\s+{_WHO}(?!\w)", re.IGNORECASE)) for number, word in _WORDS)
_TITLE = re.compile(r"ученик|pupils|(?<!\w)n$", re.IGNORECASE)
_HEADING = re.compile(
    r"ученик|учащ|обучающ|школьник|участник|выпускник|детей|человек|чел\.|писал|сдавал|pupils|students|participants|took"
    r"|(?<!\w)n$",
    re.IGNORECASE,
)
_BESIDE = re.compile(rf"(?:(?:число|количество|сколько|всего|number of)\s+)?(?:{_HEADING.pattern})", re.IGNORECASE)
_NO_COUNT = re.compile(r"%|дол[яи]|процент|балл|отметк|share|percent|points|mark", re.IGNORECASE)
_WIDEST = 1000
_CELL = re.compile(r"(\d{1,3})(?:[.,]0+)?\s*(?:\(.*\)|[*†])?")


def small_in_words(texts: tuple[str, ...], terms: Terms) -> set[str]:
    """Return numbers of pupils below the threshold that are said in words: "7 учеников", "семь учеников", "n = 7".

    Examples
    --------
    >>> sorted(small_in_words(("Писали 7 учеников, меньше 10 учеников не показано", "n = 3", "2,7 ученика"), Terms(10)))
    ['3', '7']
    """
    found = {match for text in texts for said in _SAID for match in said.findall(text)}
    found |= {str(number) for number, spelt in _SPELT if any(map(spelt.search, texts))}
    return {number for number in found if 0 < int(number) < terms.threshold}


def small_in_cells(page: str, terms: Terms) -> str:
    """Name headings of tables, above a column or before a row, that count pupils and have cells below the threshold.

    Examples
    --------
    >>> small_in_cells("<table><tr><th>Класс</th><th>Учеников</th></tr><tr><td>1</td><td>7</td></table>", Terms(10))
    'Учеников (1)'
    """
    found: dict[str, int] = {}
    for table in _tables(page):
        everywhere = bool(_TITLE.search(table.title))
        above = table.rows[: table.heads or 1][::-1]
        for row in table.rows[table.heads :]:
            for place, cell in enumerate(row):
                headings = [head[place] for head in above if place < len(head) and head is not row]
                beside = [name for name in row[: min(place, 1)] if _BESIDE.match(name)]
                named = [n for n in (*headings, *beside) if _HEADING.search(n) and not _NO_COUNT.search(n)]
                told = _CELL.fullmatch(cell)
                if (named or (everywhere and place)) and told and 0 < int(told[1]) < terms.threshold:
                    name = next((name for name in (*named, *headings) if name), table.title)
                    found[name] = found.get(name, 0) + 1
    return places(found)


@dataclass
class _Table:
    title: str = ""
    rows: list[list[str]] = field(default_factory=list)
    heads: int = 0  # rows of headings at the top
    below: dict[int, tuple[int, str]] = field(default_factory=dict)  # cells that go on in the rows below, by place


class _Reader(HTMLParser):
    """Collects the tables of a page: captions, and cells row by row, those that span several in each of them."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[_Table] = []
        self.inside = ""
        self.spans = (1, 1)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append(_Table())
        elif self.tables and tag == "tr":
            self.tables[-1].rows.append([])
        elif self.tables and tag in ("td", "th"):
            self._begin_cell(tag, dict(attrs))
        elif self.tables and tag == "caption":
            self.inside = tag

    def _begin_cell(self, tag: str, attrs: Mapping[str, str | None]) -> None:
        table, given = self.tables[-1], [attrs.get(name) or "1" for name in ("colspan", "rowspan")]
        wide, tall = (min(int(text), _WIDEST) if text.isdecimal() and int(text) else 1 for text in given)
        self.inside, self.spans = tag, (wide, tall)
        if not table.rows:
            table.rows.append([])
        self._fill(table)
        table.rows[-1] += [""] * wide
        if tag == "th" and table.heads == len(table.rows) - 1:
            table.heads += 1
        elif tag == "td" and table.heads == len(table.rows):
            table.heads -= 1

    def _fill(self, table: _Table) -> None:
        """Put what goes on from above where the next cell would stand."""
        row = table.rows[-1]
        while (place := len(row)) in table.below:
            left, text = table.below.pop(place)
            row.append(text)
            if left > 1:
                table.below[place] = (left - 1, text)

    def handle_endtag(self, tag: str) -> None:
        wide, tall = self.spans
        if tag in ("td", "th") and self.inside in ("td", "th") and tall > 1:
            row = self.tables[-1].rows[-1]
            for place in range(len(row) - wide, len(row)):
                self.tables[-1].below[place] = (tall - 1, row[place])
        if tag in ("td", "th", "caption", "table"):
            self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "caption":
            self.tables[-1].title = " ".join(f"{self.tables[-1].title} {data}".split())
        elif self.inside:
            row, (wide, _) = self.tables[-1].rows[-1], self.spans
            row[-wide:] = [" ".join(f"{row[-1]} {data}".split())] * wide


def _tables(page: str) -> Iterator[_Table]:
    reader = _Reader()
    reader.feed(page)
    yield from (table for table in reader.tables if table.rows)
