"""Marks by which personal data are known in headings and in free text; what was found is never quoted."""

from __future__ import annotations

import re

HEADING = re.compile(
    r"фамили|^имя\b|^имена\b|отчеств|\bфио\b|ф\.\s*и\.\s*о|рожден|паспорт|снилс|документ|телефон|почт[аы]|\bадрес|"
    r"surname|(first|last|full|middle|given|second)[ _-]?name|^name$|patronymic|birth|passport|document|"
    r"phone|e-?mail|address",
    re.IGNORECASE,
)

_LONG = re.compile(r"[^\W\d_]{3,}")
_WORD = r"[А-ЯЁ](?:[а-яё]+|[А-ЯЁ]+)(?:-[А-ЯЁ][А-ЯЁа-яё]+)?"
_INITIALS = r"[А-ЯЁ]\.\s*[А-ЯЁ]\."
_PATRONYMIC = (
    r"[А-ЯЁ](?:[а-яё]+(?:ович|евич|ьич|мич|кич|овна|евна|ична|инична)|[А-ЯЁ]+(?:ОВИЧ|ЕВИЧ|ЬИЧ|МИЧ|КИЧ|ОВНА|ЕВНА|ИЧНА))"
)
_MARKS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_WORD}\s+{_INITIALS}",
        rf"(?<![А-ЯЁа-яё]){_INITIALS}\s*{_WORD}",
        rf"\b{_WORD}\s+{_PATRONYMIC}\b",
        r"[\w.+-]+@[\w-]+\.[\w.-]+",
        r"(?<![0-9])(?:\+?7|8)[\s(.-]*[0-9]{3}[\s).-]*[0-9]{3}[\s.-]*[0-9]{2}[\s.-]*[0-9]{2}(?![0-9])",
        r"(?<![0-9-])[0-9]{3}-[0-9]{2}-[0-9]{2}(?![0-9-])",
        r"(?<![0-9-])[0-9]{3}-[0-9]{3}-[0-9]{3}[\s-]?[0-9]{2}(?![0-9-])",
    )
)


def personal_text(text: str) -> bool:
    """Tell whether a text looks as if it held a person's name, a phone number or an e-mail address.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
        True for a surname with two initials, a name with a patronymic, an address with @, a Russian phone number and
        the number of an insurance record. A first name alone is not recognised.

    Examples
    --------
    >>> [personal_text(text) for text in ("Иванов И.И.", "Мария Ивановна", "8 (900) 123-45-67", "a.b@school.ru")]
    [True, True, True, True]
    >>> [personal_text(text) for text in ("Повторить чтение графиков в 7А", "ВПР 2020-2021", "Закон Ома")]
    [False, False, False]
    """
    return any(mark.search(text) for mark in _MARKS)


def quotable(text: str) -> bool:
    """Tell whether a text that fits nothing may be repeated: no word of it can be a name.

    Parameters
    ----------
    text : str

    Returns
    -------
    bool
        True where every word is of at most two letters, or of small Latin letters, as codes are.

    Examples
    --------
    >>> [quotable(text) for text in ("7Ы", "-1", "summer", "Канарейкина", "иванов")]
    [True, True, True, False, False]
    """
    return not personal_text(text) and all(word.isascii() and word.islower() for word in _LONG.findall(text))


def personal_heading(text: str) -> bool:
    """Tell whether a heading is that of personal data: a name, a birth date, a document, a phone, an address.

    Examples
    --------
    >>> personal_heading("Дата рождения"), personal_heading("Класс")
    (True, False)
    """
    return HEADING.search(" ".join(text.split())) is not None
