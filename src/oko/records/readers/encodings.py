"""Text in any of the encodings of Russian tables becomes UTF-8; a file in two encodings is refused."""

from __future__ import annotations

import codecs
import re

from oko.errors import DataError
from oko.language import N_

FORM_PAGE = "docs/data-dictionary.ru.md"
ENCODINGS = {"cp1251": "Windows-1251", "koi8_r": "KOI8-R", "cp866": "CP866"}

_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_PIECE = 1 << 24
_SAMPLE = 200_000
_ASCII = bytes(range(128))
_BY_FREQUENCY = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъ"  # letters of Russian texts, the most frequent first
_LIKELY = {letter: 1 - place / 16 for place, letter in enumerate(_BY_FREQUENCY)} | dict.fromkeys(
    "№«»–—…“”„’\u00a0", 0.0
)
_UNLIKELY, _LEAST = -3.0, -0.5
_WORD = re.compile(rb"[\x80-\xff]{2}")
_LONE_LETTERS = {"cp1251": re.compile(rb"[\xa8\xb8\xb9\xc0-\xff]+"), "cp866": re.compile(rb"[\x80-\xaf\xe0-\xf1\xfc]+")}
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]")
_WORD_IN_UTF_8 = re.compile(rb"(?:\xd0[\x81\x90-\xbf]|\xd1[\x80-\x8f\x91]){3}")
_NO_WORD = {  # bytes that no Russian word has in the encoding, and words of another encoding consist of
    "cp1251": re.compile(rb"[\xa1-\xa7\xa9\xaa\xac-\xaf]{2}"),
    "koi8_r": re.compile(rb"[\x80-\x99\x9b-\xa2\xa4-\xb2\xb4-\xbe]{3}"),
    "cp866": re.compile(rb"[\xb0-\xdf]{3}|[\xe0-\xef][\xf2-\xf7]"),
}
_NO_TEXT = N_("This is not a table of text; {page} describes the form.")
_MIXED = N_(
    "Line {line} is not in the encoding of the lines before it: two texts were put together, or the file was damaged. "
    "Export it again, and save it as “CSV UTF-8”."
)


def in_utf_8(content: bytes) -> tuple[bytes, str]:
    """Turn text into UTF-8 without a byte-order mark.

    Parameters
    ----------
    content : bytes
        UTF-8 with or without a byte-order mark, UTF-16 with one, Windows-1251, KOI8-R or CP866.

    Returns
    -------
    text : bytes
    encoding : str
        Name of the encoding in which the text came.

    Raises
    ------
    DataError
        The bytes are no text, or lines are in different encodings: the message names the first that differs.

    Examples
    --------
    >>> text, encoding = in_utf_8("Школа;Отметка за год".encode("koi8-r"))
    >>> text.decode(), encoding
    ('Школа;Отметка за год', 'KOI8-R')
    """
    if content.startswith(_UTF_16):
        content, encoding = _from_utf_16(content), "UTF-16"
    else:
        content, encoding = content.removeprefix(codecs.BOM_UTF8), "UTF-8"
    if b"\x00" in content:
        raise DataError(_NO_TEXT, page=FORM_PAGE)
    wrong = _first_wrong_byte(content)
    if wrong is None:
        return content, encoding
    word = _WORD_IN_UTF_8.search(content)
    if word is not None:
        raise DataError(_MIXED, line=_line(content, max(wrong, word.start())))
    return _from_one_byte(content)


def _from_utf_16(content: bytes) -> bytes:
    try:
        return content.decode("utf-16").encode("utf-8")
    except UnicodeError as error:
        raise DataError(_NO_TEXT, page=FORM_PAGE) from error


def _first_wrong_byte(content: bytes) -> int | None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(content), _PIECE):
        kept = len(decoder.getstate()[0])
        try:
            decoder.decode(content[start : start + _PIECE], final=start + _PIECE >= len(content))
        except UnicodeDecodeError as error:
            return start - kept + error.start
    return None


def _line(content: bytes, place: int) -> int:
    before = content[:place]
    return 1 + (before.count(b"\n") or before.count(b"\r"))


def _from_one_byte(content: bytes) -> tuple[bytes, str]:
    code = _likely_encoding(content)
    if code is None:
        raise DataError(_NO_TEXT, page=FORM_PAGE)
    other = _NO_WORD[code].search(content)
    if other is not None:
        raise DataError(_MIXED, line=_line(content, other.start()))
    pieces: list[bytes] = []
    for start in range(0, len(content), _PIECE):
        try:
            pieces.append(content[start : start + _PIECE].decode(code).encode("utf-8"))
        except UnicodeDecodeError as error:
            raise DataError(_MIXED, line=_line(content, start + error.start)) from error
    return b"".join(pieces), ENCODINGS[code]


def _likely_encoding(content: bytes) -> str | None:
    """Name the encoding that gives the most frequent Russian letters; none when no encoding gives a text.

    Letters that stand alone, as in 7Б, tell too little: they are taken for the encoding that is met most often.
    """
    if _CONTROL.search(content):
        return None
    beyond = content.translate(None, _ASCII)[:_SAMPLE]
    if not _WORD.search(content):
        return next((code for code, letters in _LONE_LETTERS.items() if letters.fullmatch(beyond)), None)
    likeness = {code: _likeness(beyond, code) for code in ENCODINGS}
    best = max(likeness, key=lambda code: likeness[code])
    return best if likeness[best] > _LEAST else None


def _likeness(beyond: bytes, code: str) -> float:
    text = beyond.decode(code, errors="replace").lower()
    return sum(_LIKELY.get(letter, _UNLIKELY) for letter in text) / len(text)
