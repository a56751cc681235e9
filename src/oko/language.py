"""Words, numbers and dates in the reader's language: Russian by default, English on request.

Strings in code are English. ``locale/ru/*.po`` translate them; they are read as they stand, so there is
no compiled file that could fall behind.
"""

from __future__ import annotations

import datetime
import gettext as _gettext
import io
import math
import re
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

LANGUAGES = ("ru", "en")
NOT_AVAILABLE = "–"
NO_BREAK_SPACE = "\u00a0"
_UNSEEN = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069\\ud800-\\udfff]|\\r(?!\\n)"
)

_current: ContextVar[str] = ContextVar("language", default="ru")
_catalogue_folder = Path(__file__).parent / "locale"


def current() -> str:
    """Return the code of the language in force.

    Examples
    --------
    >>> current()
    'ru'
    """
    return _current.get()


def use(code: str) -> None:
    """Set the language of everything that follows.

    Parameters
    ----------
    code : {"ru", "en"}

    Raises
    ------
    SettingError
        The language is not one of the two.
    """
    if code not in LANGUAGES:
        from oko.errors import SettingError

        raise SettingError("Language {code} is unknown: choose ru or en.", code=repr(code))
    _current.set(code)


@contextmanager
def used(code: str) -> Iterator[None]:
    """Set the language inside a ``with`` block.

    Examples
    --------
    >>> with used("en"):
    ...     number(1234.5, 1)
    '1,234.5'
    """
    before = _current.get()
    use(code)
    try:
        yield
    finally:
        _current.set(before)


@cache
def read_catalogue(folder: Path, locale: str) -> _gettext.NullTranslations:
    """Read every .po file of a folder into one gettext catalogue; an empty folder gives an empty one."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    whole = Catalog(locale=locale)
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as source:
            for message in read_po(source, locale=locale):
                if message.id and message.string:
                    whole[message.id] = message
    compiled = io.BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return _gettext.GNUTranslations(compiled)


def _catalogue() -> _gettext.NullTranslations:
    code = current()
    if code == "en":
        return _gettext.NullTranslations()
    return read_catalogue(_catalogue_folder / code, code)


def N_(message: str) -> str:  # noqa: N802  # the name that gettext's users know
    """Mark a message for translation where it stands; it is translated when shown."""
    return message


def gettext(message: str) -> str:
    """Translate a message; one without a translation stays as it is."""
    return _catalogue().gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """Translate a message that counts something, with the plural form the number asks for.

    Examples
    --------
    >>> with used("en"):
    ...     ngettext("{n} school", "{n} schools", 2).format(n=2)
    '2 schools'
    """
    return _catalogue().ngettext(singular, plural, n)


def number(value: float | None, digits: int = 0) -> str:
    r"""Write a number with the language's separators; a missing one is a dash.

    Examples
    --------
    >>> number(1234.5, 1).replace("\xa0", " "), number(-0.25, 2), number(float("nan"))
    ('1 234,5', '−0,25', '–')
    """
    from babel.numbers import format_decimal

    if value is None or not math.isfinite(value):
        return NOT_AVAILABLE
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    text = format_decimal(value, format=pattern, locale=current())
    if text.startswith("-"):
        digits_only = text.strip("-0.,\u00a0")
        text = "−" + text[1:] if digits_only else text[1:]
    return text


def with_sign(value: float, digits: int = 0) -> str:
    """Write a difference with its sign: what rounds to zero has none.

    Examples
    --------
    >>> with_sign(1.25, 1), with_sign(-3), with_sign(0.004, 2)
    ('+1,2', '−3', '0,00')
    """
    return ("+" if round(value, digits) > 0 else "") + number(value, digits)


def p_value(p: float | None) -> str:
    r"""Write a p with three digits; one that would be rounded to nothing as less than what can be written.

    Examples
    --------
    >>> p_value(0.0213), p_value(0.0002).replace("\xa0", " "), p_value(float("nan"))
    ('0,021', '< 0,001', '–')
    """
    least = 0.001
    if p is not None and 0 <= p < least:
        return f"<{NO_BREAK_SPACE}{number(least, 3)}"
    return number(p, 3)


def percent(share: float | None, digits: int = 0) -> str:
    r"""Write a share (0 to 1) as a per cent.

    Examples
    --------
    >>> percent(0.525, 1).replace("\xa0", " ")
    '52,5 %'
    """
    text = number(None if share is None else 100 * share, digits)
    if text == NOT_AVAILABLE:
        return text
    return f"{text}%" if current() == "en" else f"{text}{NO_BREAK_SPACE}%"


def date(value: datetime.date) -> str:
    """Write a date in figures.

    Examples
    --------
    >>> date(datetime.date(2021, 4, 15))
    '15.04.2021'
    """
    return value.strftime("%d.%m.%Y") if current() == "ru" else value.strftime("%-d %B %Y")


def month(value: datetime.date) -> str:
    """Write a month and its year.

    Examples
    --------
    >>> month(datetime.date(2019, 10, 1))
    'октябрь 2019'
    """
    from babel.dates import format_date

    return format_date(value, "LLLL y", locale=current())


def visible(text: str) -> str:
    r"""Put U+FFFD in place of every character that would change how others are seen.

    Parameters
    ----------
    text : str
        Text from data: a name, a cell, the name of a file.

    Notes
    -----
    These are the control characters, which a terminal obeys; the signs that turn the direction of writing (Unicode
    Standard Annex 9), after which a browser or a figure would write 52 as 25; and halves of surrogate pairs, which no
    file takes. Line feeds and tabs stay.

    Examples
    --------
    >>> visible("Школа\u202e № 52\x1b[2J"), visible("Лицей № 344")
    ('Школа\ufffd № 52\ufffd[2J', 'Лицей № 344')
    """
    return _UNSEEN.sub("\ufffd", text)
