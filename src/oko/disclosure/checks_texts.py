"""Checks of the words of a page, and of the page itself, before it may leave."""

from __future__ import annotations

import base64
import hashlib
import html
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import pairwise

from oko.disclosure.checks import PageCheck, Terms, places
from oko.disclosure.checks_counts import small_in_cells, small_in_words

_IMAGE = re.compile(r"data:([a-z+.-]+/[a-z0-9+.-]+);base64,([A-Za-z0-9+/=\s]*)")
_OTHER_DATA = re.compile(r"data:\s*[a-z]+/[a-z0-9+.-]+\s*[;,]", re.IGNORECASE)
_UNSEEN = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_TAG = re.compile(r"<[^>]*>", re.DOTALL)
_INLINE = re.compile(
    r"</?(?:a|abbr|b|bdi|big|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|s|samp|small|span|strong|sub|sup|u|var|wbr)\b[^>]*>",
    re.IGNORECASE | re.DOTALL,
)
_STYLE = re.compile(r"<style\b.*?</style\s*>", re.DOTALL | re.IGNORECASE)
_ATTRIBUTE = re.compile(r"([a-zA-Z:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", re.DOTALL)
_ACTIVE = re.compile(
    r"<\s*(script|iframe|object|embed|form|svg|applet|base|frame|portal|animate|math)\b|javascript\s*:|vbscript\s*:",
    re.IGNORECASE,
)
_HANDLER = re.compile(r"<[^>]*\son[a-z]+\s*=[^>]*>", re.IGNORECASE | re.DOTALL)
_RAW = re.compile(r"<pre\b|class\s*=\s*[\"'][^\"']*\bdataframe\b", re.IGNORECASE)
_REMOTE = re.compile(
    r"(?:src|srcset|poster|background|action|data)\s*=\s*[\"']?\s*(?:https?:)?//|url\(\s*[\"']?\s*(?:https?:)?//"
    r"|@import\b|<link\b[^>]*href",
    re.IGNORECASE,
)

# «школа 344», «№ 344», «344-й лицей»; «21 школа» is a number of schools
_AFTER = re.compile(r"(?:№|\bno\.?|\bschool[\s-]|школ[аыуе]й?|лице[йяюе]м?|гимнази[яиюе]й?)\s*([\w-]+)")
_BEFORE = re.compile(r"\b(\w+)(?:-\w{1,2}\s+школ[аыуе]|(?:-\w{1,2})?\s+(?:лице[йяюе]|гимнази[яиюе]))")


def pictures(page: str) -> set[str]:
    """Return the SHA-256 of every picture inside a page; one that is no PNG stands under the name of its type."""
    found = set()
    for kind, content in _IMAGE.findall(page):
        try:
            digest = hashlib.sha256(base64.b64decode(re.sub(r"\s", "", content))).hexdigest()
        except ValueError:  # no picture at all
            digest = content[:20]
        found.add(digest if kind == "image/png" else kind)
    rest = without_pictures(page)
    return found | {match.lower() for text in (rest, html.unescape(rest)) for match in _OTHER_DATA.findall(text)}


@lru_cache(maxsize=4)
def without_pictures(page: str) -> str:
    """Return a page without the bytes of its pictures."""
    return _IMAGE.sub("", page)


@lru_cache(maxsize=4)
def texts(page: str) -> tuple[str, ...]:
    """Return the texts of a page as a reader or a program finds them: between tags, side by side, in attributes.

    Examples
    --------
    >>> texts('<td>Иванов</td><td>И.И.</td><img alt="график">')
    ('Иванов', 'И.И.', 'Иванов И.И.', 'график')
    """
    plain = _STYLE.sub(" ", without_pictures(page))
    nodes = _nodes(plain)
    pairs = [f"{one} {other}" for one, other in pairwise(nodes) if not re.search(r"\d", one + other)]
    said = [seen(html.unescape(text)) for tag in _TAG.findall(plain) for text in _attributes(tag)]
    return tuple(dict.fromkeys([*nodes, *pairs, *_nodes(_INLINE.sub("", plain)), *said]))


def _nodes(page: str) -> list[str]:
    """Return what stands between tags."""
    nodes = [" ".join(seen(html.unescape(node)).split()) for node in _TAG.split(page)]
    return [node for node in nodes if node]


def seen(text: str) -> str:
    """Return a text without signs that nobody sees: they would hide a name from the checks, not from a reader."""
    return _UNSEEN.sub("", text)


def _attributes(tag: str) -> Iterator[str]:
    if tag.startswith("<!--"):
        yield tag
    for name, double, single in _ATTRIBUTE.findall(tag):
        if name.lower() not in ("style", "class", "src") and (double or single):
            yield double or single


def small_counts(page: str, terms: Terms) -> str:
    """Quote numbers of pupils below the threshold, in words or in cells."""
    said = sorted(small_in_words(texts(page), terms))
    cells = small_in_cells(without_pictures(page), terms)
    return places([*said, *([cells] if cells else [])])


def raw_output(page: str, _: Terms) -> str:
    """Name raw print-outs of a notebook."""
    return places(sorted({match.lower() for match in _RAW.findall(without_pictures(page))}))


def active_content(page: str, _: Terms) -> str:
    """Name what would run in a browser, and vector drawings."""
    plain = without_pictures(page)
    found = {match.group().lower().lstrip("< ") for match in _ACTIVE.finditer(plain)}
    return places(sorted(found | ({"on…="} if _HANDLER.search(plain) else set())))


def remote_address(page: str, _: Terms) -> str:
    """Name what is loaded from the network."""
    return places(sorted({match.lower() for match in _REMOTE.findall(without_pictures(page))}))


def pseudonyms(page: str, terms: Terms) -> str:
    """Say how many identifiers stand in the page; they are not repeated."""
    words = {word for text in texts(page) for word in re.findall(r"[A-Za-z0-9_-]{6,64}", text)}
    found = [word for word in words if word in terms.identifiers or re.fullmatch(r"[0-9a-f]{32,63}", word)]
    return str(len(found)) if found else ""


def personal(page: str, terms: Terms) -> str:
    """Say in how many texts something looks like personal data; they are not repeated."""
    found = sum(1 for text in texts(page) if terms.personal(text))
    return str(found) if found else ""


def stored_texts(page: str, terms: Terms) -> str:
    """Say how many texts of the store stand in the page."""
    whole = "\n".join(texts(page))
    found = sum(1 for text in terms.stored_texts if text in whole)
    return str(found) if found else ""


def unnamed_schools(page: str, terms: Terms) -> str:
    """Name the schools that the agreement does not name and the page does."""
    whole = "\n".join(texts(page))
    return places(sorted(unnamed_in(whole, terms)))


def unnamed_in(text: str, terms: Terms) -> set[str]:
    """Return the codes of schools that a text names against the agreement.

    Examples
    --------
    >>> terms = Terms(10, unnamed={"344": ("Лицей № 344",), "c07": ()})
    >>> sorted(unnamed_in("у лицея № 344 и у c07", terms)), unnamed_in("344 ученика, 344 школы", terms)
    (['344', 'c07'], set())
    """
    whole = " ".join(text.split()).casefold()
    found = {code for code, names in terms.unnamed.items() if any(name.casefold() in whole for name in names)}
    words = set(re.findall(r"[\w-]+", whole))
    numbered = set(_AFTER.findall(whole)) | set(_BEFORE.findall(whole))
    for code in terms.unnamed:
        if code in numbered or (code in words and re.search(r"[a-z]", code) and re.search(r"\d", code)):
            found.add(code)
    return found


CHECKS: Mapping[str, PageCheck] = {
    "small_counts": small_counts,
    "raw_output": raw_output,
    "active_content": active_content,
    "remote_address": remote_address,
    "pseudonym": pseudonyms,
    "personal": personal,
    "stored_text": stored_texts,
    "unnamed_school": unnamed_schools,
}
