"""Pseudonyms: HMAC-SHA-256 of a normalised identity under a key that never leaves its folder."""

from __future__ import annotations

import datetime
import hashlib
import hmac
import operator
import re
import unicodedata
from collections.abc import Sequence
from typing import NoReturn

import numpy as np
import pandas as pd

from oko.errors import DataError, SettingError

DOMAINS = ("pupil", "name", "code")
DIGITS = 32
SHORTEST_KEY = 16
CODE_IDENTITY = ("school", "year", "season", "code")

_LIKE_CYRILLIC = str.maketrans("abcehkmoptxy", "авсенкмортху")
_APART = str.maketrans({"ё": "е", "ѐ": "е", "ѝ": "и", "\u2800": " ", "\u3164": " ", "\u1160": " ", "\u115f": " "})
_DASHES = re.compile(r"\s*[-\u2010-\u2015\u2043\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d][\s\-\u2010-\u2015\u2043\u2212]*")
_APOSTROPHES = re.compile("[\u2018\u2019\u201b\u02bc\u02b9\u2032`\u00b4]")
_WORD = re.compile(r"[^\s\-']+")
_CYRILLIC, _LATIN = re.compile("[\u0400-\u04ff]"), re.compile("[a-z\u00df-\u024f]")

_NUMBER = r"[0-9]{1,2}"
_DATES = (
    re.compile(rf"(?P<year>[0-9]{{4}})[-./](?P<month>{_NUMBER})[-./](?P<day>{_NUMBER})"),
    re.compile(rf"(?P<day>{_NUMBER})[-./ ](?P<month>{_NUMBER})[-./ ](?P<year>[0-9]{{4}}|[0-9]{{2}})"),
    re.compile(rf"(?P<day>{_NUMBER}) ?(?P<word>[а-я]{{3,8}})\.? ?(?P<year>[0-9]{{4}})"),
)
_AFTER_DATE = re.compile(r"[ t]0?0:00(:00)?(\.0+)?z?$|\s*г(\.|ода?)?$")
_MONTHS = (
    "января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября",
    "декабря",
)  # fmt: skip
_SPREADSHEET_BEGIN = datetime.date(1899, 12, 30)
_SERIAL = range(29221, 47849)  # 1980 to 2030, as spreadsheets number days


class Pseudonyms:
    """Makes pseudonyms for one cluster.

    The key is used up at once: what stays is the state of the hash, from which no key can be read, so neither ``repr``
    nor a traceback nor a copy can show it.

    Parameters
    ----------
    cluster : str
        Code of the cluster: part of the domain.
    key : bytes
        The secret.

    Raises
    ------
    SettingError
        The key is shorter than 16 bytes.

    Notes
    -----
    HMAC by RFC 2104; the first 128 bits are kept, as NIST SP 800-107 allows. A domain is ``oko/1``, the cluster and the
    purpose, never the year: a pupil keeps the pseudonym from year to year.

    Examples
    --------
    >>> made = Pseudonyms("nevsky", bytes(range(32)))
    >>> there = made.of_pupil("Орлова", "Алёна", "", "05.03.2008", "344")
    >>> there == made.of_pupil("ОРЛОВА", "Алена", "", "2008-03-05", "498")
    True
    >>> len(made.of_code("344", "2020-2021", "autumn", "70001"))
    32
    """

    __slots__ = ("_states", "cluster")

    def __init__(self, cluster: str, key: bytes) -> None:
        if len(key) < SHORTEST_KEY:
            raise SettingError("The key of cluster {cluster} is too short: make one with “oko init”.", cluster=cluster)
        self.cluster = cluster
        self._states = {
            purpose: hmac.new(key, f"oko/1/{cluster}/{purpose}\x1e".encode(), hashlib.sha256) for purpose in DOMAINS
        }

    def __repr__(self) -> str:
        return f"Pseudonyms({self.cluster!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("Pseudonyms stay in the process that read the key")

    def of(self, purpose: str, *parts: str) -> str:
        """Return the pseudonym of an identity: 32 hexadecimal digits (128 bits).

        Parameters
        ----------
        purpose : {"pupil", "name", "code"}
            Domain together with the cluster.
        *parts : str
            Parts of the identity, normalised here (:func:`normal`).
        """
        return _hexadecimal(self._states[purpose], "\x1f".join(normal(part) for part in parts).encode())

    def of_name(self, school: str, surname: str, name: str = "", patronymic: str = "") -> str:
        """Return the pseudonym of a full name in a school: what a file with names alone can tell.

        A full name in one text may be given as ``surname``: it is the same identity.
        """
        return self.of("name", school, _full(surname, name, patronymic))

    def of_pupil(self, surname: str, name: str, patronymic: str, birth_date: str, school: str) -> str:
        """Return the pseudonym of a pupil: the same in every school, where a birth date is given.

        Parameters
        ----------
        surname, name, patronymic : str
            A full name in one text may be given as ``surname``.
        birth_date : str
            In any usual spelling (:func:`iso_date`); empty when it is not known, and the school stands in its place.
        school : str
            Code of the school.

        Raises
        ------
        DataError
            The birth date is none.
        """
        return self.of("pupil", _full(surname, name, patronymic), iso_date(birth_date) or school)

    def of_code(self, school: str, year: str, season: str, code: str) -> str:
        """Return the pseudonym of a participant's code: it joins the works of one campaign of one school."""
        return self.of("code", school, year, season, code)

    def of_codes(self, identity: pd.DataFrame) -> pd.Series:
        """Return the pseudonyms of participants' codes, each identity worked out once.

        Parameters
        ----------
        identity : DataFrame
            Columns school, year, season, code, as text; any number of rows.

        Returns
        -------
        Series of str
            On the frame's index, equal to :meth:`of_code` row by row; missing where the code is empty.

        Examples
        --------
        >>> rows = pd.DataFrame({"school": "344", "year": "2020-2021", "season": "autumn", "code": ["70001", ""]})
        >>> Pseudonyms("nevsky", bytes(range(32))).of_codes(rows).isna().tolist()
        [False, True]
        """
        columns = [_normal_column(identity[name]) for name in CODE_IDENTITY]
        group, parts = _joined(columns[:-1])
        code, texts = columns[-1]
        where, whole = pd.factorize(group * len(texts) + code)
        groups, codes = np.divmod(whole, max(1, len(texts)))
        states = [self._begun("\x1f".join(part) + "\x1f") for part in parts]
        known = np.array([text.encode() for text in texts], dtype=object)
        made = [
            _hexadecimal(states[place], text) if text else None
            for place, text in zip(groups.tolist(), known[codes], strict=True)
        ]
        return pd.Series(pd.array(made, dtype="str").take(where), identity.index)

    def _begun(self, text: str) -> hmac.HMAC:
        state = self._states["code"].copy()
        state.update(text.encode())
        return state


def _hexadecimal(begun: hmac.HMAC, text: bytes) -> str:
    state = begun.copy()
    state.update(text)
    return state.hexdigest()[:DIGITS]


def _full(surname: str, name: str, patronymic: str) -> str:
    return " ".join((surname, name, patronymic))


def _normal_column(column: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return for each row the number of its text, and the texts as they are after normalisation."""
    codes, given = pd.factorize(column.fillna("").to_numpy(dtype=object))
    normals = [normal(text) for text in given]
    if all(map(operator.is_, normals, given)):
        return codes, given
    again, texts = pd.factorize(np.array(normals, dtype=object))
    return again[codes], texts


def _joined(columns: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, list[tuple[str, ...]]]:
    """Return for each row the number of its combination of texts, and the combinations."""
    group = columns[0][0]
    parts: list[tuple[str, ...]] = [(str(text),) for text in columns[0][1]]
    for codes, texts in columns[1:]:
        group, pairs = pd.factorize(group * len(texts) + codes)
        parts = [(*parts[pair // len(texts)], str(texts[pair % len(texts)])) for pair in pairs]
    return group, parts


def normal(text: str) -> str:
    """Return the form of an identity in which two ways of writing it are one.

    Composed and decomposed letters (й), ё and е, stress marks, case, every kind of blank, dash and apostrophe, marks
    that nobody sees, and Latin letters that look like Cyrillic ones, in a word mostly Cyrillic or with no other ones,
    do not matter; digits do.

    Examples
    --------
    >>> normal(" ПЕТРОВ\u00a0\u2013 Водкин  Артём "), normal("Cмирнов") == normal("Смирнов"), normal("Smith")
    ('петров-водкин артем', True, 'smith')
    """
    if text.isascii() and text.isdigit():
        return text
    composed = unicodedata.normalize("NFKC", text)
    seen = "".join(letter for letter in composed if unicodedata.category(letter) not in _UNSEEN)
    low = unicodedata.normalize("NFKC", seen.casefold()).translate(_APART)
    plain = _APOSTROPHES.sub("'", _DASHES.sub("-", low))
    return " ".join(_WORD.sub(_one_script, plain).split()).strip("-")


_UNSEEN = frozenset({"Mn", "Me", "Cf", "Co", "Cn"})


def _one_script(match: re.Match[str]) -> str:
    """Write Latin letters as the Cyrillic ones that they look like, in a word that is Cyrillic but for them."""
    word = match[0]
    latin, cyrillic = _LATIN.findall(word), len(_CYRILLIC.findall(word))
    if not latin or not cyrillic:
        return word
    bare = [unicodedata.normalize("NFD", letter)[0] if _LATIN.match(letter) else letter for letter in word]
    written = "".join(bare).translate(_LIKE_CYRILLIC)
    return written if len(latin) <= cyrillic or not _LATIN.search(written) else word


def iso_date(text: str) -> str:
    """Return a date of birth as 2008-03-05; an empty text stays empty.

    Parameters
    ----------
    text : str
        As in 2008-03-05, 05.03.2008, 5/3/08, 5 марта 2008 г., 2008-03-05 00:00:00 or the number of a day as
        spreadsheets keep it (1980 to 2030). The day goes before the month.

    Raises
    ------
    DataError
        It is no date; the message does not repeat it.

    Examples
    --------
    >>> iso_date("5.3.2008"), iso_date("5 марта 2008 г."), iso_date("")
    ('2008-03-05', '2008-03-05', '')
    """
    plain = _AFTER_DATE.sub("", normal(text))
    if not plain:
        return ""
    if plain.isdecimal() and int(plain) in _SERIAL:
        return (_SPREADSHEET_BEGIN + datetime.timedelta(days=int(plain))).isoformat()
    for pattern in _DATES:
        match = pattern.fullmatch(plain)
        made = _date(match.groupdict()) if match else None
        if made:
            return made.isoformat()
    raise DataError("The date of birth is no date: write it as 05.03.2008.")


def date_or_none(text: str) -> str | None:
    """Return a date of birth as :func:`iso_date` does, or None for what is no date."""
    try:
        return iso_date(text)
    except DataError:
        return None


def _date(parts: dict[str, str]) -> datetime.date | None:
    year = int(parts["year"])
    if year < 100:
        year += 2000 if year <= 30 else 1900
    month = int(parts["month"]) if "month" in parts else _month(parts["word"])
    try:
        return datetime.date(year, month, int(parts["day"]))
    except ValueError:
        return None


def _month(word: str) -> int:
    """Return the number of a month by its Russian name; 0 for another word."""
    for place, name in enumerate(_MONTHS, start=1):
        stem = name[:-1]
        if word in (name, stem, f"{stem}ь", f"{stem}й") or (len(word) <= 4 and stem.startswith(word)):
            return place
    return 0
