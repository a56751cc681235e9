"""The glossary of a page: the first use of each term in its prose leads to what the term means, at the page's foot."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from oko.language import gettext
from oko.show.html import element, heading, join

# one pattern for whole elements without prose, one for tags: the bytes of pictures are inside tags
_PIECE = r"(<style\b.*?</style>|<[^>]*>)"
_PIECES = re.compile(_PIECE, re.DOTALL)
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)[^>]*?(/?)>", re.DOTALL)
_PROSE = frozenset({"p", "li", "dd", "blockquote"})
_NOT_PROSE = frozenset(
    {"h1", "h2", "h3", "h4", "h5", "h6", "table", "a", "figcaption", "pre", "code", "summary", "dt", "button", "svg"}
)
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "col", "wbr", "source", "area", "base"})


@dataclass(frozen=True)
class Term:
    """A term of the field in one language.

    Parameters
    ----------
    code : str
        Letters of ours: part of the anchor.
    term : str
        As the glossary writes it.
    forms : str
        Regular expression of the word's forms; where it has a capital letter, capitals are told from small letters.
    definition : str
    """

    code: str
    term: str
    forms: str
    definition: str


def with_glossary(body: str, terms: Sequence[Term]) -> str:
    r"""Link the first use of each term in prose, and put what these terms mean behind the body.

    Parameters
    ----------
    body : str
        Markup of a page's main part.
    terms : sequence of Term

    Returns
    -------
    str
        Headings, tables, captions and links stay as they are; without terms in the prose all does.

    Examples
    --------
    >>> term = Term("sou", "СОУ", "СОУ", "Среднее.")
    >>> with_glossary("<h2>СОУ?</h2><p>Здесь СОУ.</p>", [term])[:72]
    '<h2>СОУ?</h2><p>Здесь <a class="term" href="#term-sou">СОУ</a>.</p>\n<sec'
    """
    known = {term.code: term for term in terms}
    used: dict[str, None] = {}
    linked = "".join(_pieces(body, known, used))
    return f"{linked}\n{_section([known[code] for code in used])}" if used else body


def _pieces(body: str, known: Mapping[str, Term], used: dict[str, None]) -> list[str]:
    pattern, inside, made = _pattern(tuple(known.values())), list[str](), list[str]()
    for place, piece in enumerate(_PIECES.split(body)):
        if place % 2:
            _follow(piece, inside)
        elif pattern and not _NOT_PROSE.intersection(inside) and _PROSE.intersection(inside):
            piece = pattern.sub(lambda match: _link(match, used), piece)
        made.append(piece)
    return made


def _follow(tag: str, inside: list[str]) -> None:
    """Keep the list of open elements."""
    found = _TAG.fullmatch(tag)
    if found is None:
        return
    closes, name, empty = found[1], found[2].lower(), found[3]
    if closes and name in inside:
        del inside[len(inside) - 1 - inside[::-1].index(name) :]
    elif not closes and not empty and name not in _VOID:
        inside.append(name)


def _link(match: re.Match[str], used: dict[str, None]) -> str:
    code = str(match.lastgroup)
    if code in used:
        return match.group()
    used[code] = None
    return str(element('<a class="term" href="#term-{code}">{found}</a>', code=code, found=match.group()))


@lru_cache(maxsize=4)
def _pattern(terms: tuple[Term, ...]) -> re.Pattern[str] | None:
    """Return one pattern for all terms; where two begin at one place, the one with the longer name is tried first."""
    parts = [
        f"(?P<{term.code}>{'' if any(map(str.isupper, forms)) else '(?i:'}{forms}"
        f"{'' if any(map(str.isupper, forms)) else ')'})"
        for term in sorted(terms, key=lambda term: -len(term.term))
        if (forms := term.forms.replace(" ", r"\s+"))
    ]
    return re.compile(rf"(?<![\w&#-])(?:{'|'.join(parts)})(?![\w-])") if parts else None


def _section(terms: Sequence[Term]) -> str:
    ordered = sorted(terms, key=lambda term: term.term.casefold())
    entries = [
        element(
            '<dt id="term-{code}">{term}</dt><dd>{definition}</dd>\n',
            code=term.code,
            term=term.term,
            definition=term.definition,
        )
        for term in ordered
    ]
    return str(
        element(
            '<section class="glossary">\n{title}\n<dl>\n{entries}</dl>\n</section>',
            title=heading(gettext("Glossary")),
            entries=join(entries),
        )
    )
