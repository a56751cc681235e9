"""What the texts of cells mean: every spelling met in real files has one value, and what has none is a fault.

The tokens and how often they stand in about 655,000 real rows were counted in ВПР files of one region (2020, 2021).
That X means "did not start" and «не пройд.» "the topic was not taught yet" is the common reading; the files themselves
do not say it (unconfirmed).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from oko.language import N_
from oko.records.schema import OPTION

NOT_ATTEMPTED, NOT_COVERED = "X", "N"
NUMBER = re.compile(r"-?[0-9]{1,9}([.,][0-9]{1,18})?")

_X = frozenset({"X", "x", "Х", "х"})  # Latin and Cyrillic
_NOT_TAUGHT = frozenset({"не пройд.", "не пройд", "не пройдено", "не пройдена", "н/пройд."})
_ABSENT = frozenset({"отсутствовал", "отсутствовала", "отсутствует", "отсутствовал(а)"})
_NO_MARK = frozenset({"нет отметки", "н/а", "не аттестован", "не аттестована", "-", "–"})
_NO_LETTER = frozenset({"нет", "-", "–"})
_SEXES = {"м": "M", "m": "M", "муж": "M", "муж.": "M", "ж": "F", "f": "F", "жен": "F", "жен.": "F"}
_LOOK_ALIKES = str.maketrans("ABCEHKMOPTX", "АВСЕНКМОРТХ")

_NO_POINTS = N_(
    "{given} is no number of points; here stand points, the letter of the option chosen (А–Е), X (not attempted) or "
    "nothing (not administered)."
)
_NO_OPTION = N_("{given} is no option: one letter from А to Е (or A to F) is needed.")
_AMBIGUOUS = N_("{given} is ambiguous: write «не пройд.» if the topic was not taught yet, X if the task was not begun.")
_NO_MARK_AT_ALL = N_("{given} is no mark: a whole number from 2 to 5 is needed, or nothing.")
_NO_SEX = N_("{given} is not one of: {allowed}.")


@dataclass(frozen=True)
class Cell:
    """What a text means: its value, or what is wrong with it.

    Attributes
    ----------
    value : object
        Number, text or None.
    kept : str
        The text in its one spelling; where it differs from the text received, the change is counted and shown.
    fault : str or None
        English message.
    rule : Mapping
        Fields of the message beside ``given``.
    check : str
        Name of the check that the text failed.
    """

    value: object = None
    kept: str = ""
    fault: str | None = None
    rule: Mapping[str, Any] = field(default_factory=dict)
    check: str = ""


def trimmed(text: str) -> str:
    """Collapse blanks of every kind and drop them at the ends: "4\u00a0" is 4."""
    return " ".join(text.split())


def plain_number(text: str) -> float | None:
    """Read a number with a decimal point or comma.

    Examples
    --------
    >>> plain_number("71,5"), plain_number("X")
    (71.5, None)
    """
    return float(text.replace(",", ".")) if NUMBER.fullmatch(text) else None


def points(text: str) -> Cell:
    """Read the cell of a task: points, the option chosen, not attempted, not covered, or nothing.

    Examples
    --------
    >>> points("х").kept, points("2\u00a0").value, points("не пройд.").kept, points("?").check
    ('X', 2.0, 'N', 'points')
    >>> points("б").value, points("б").kept
    (None, 'Б')
    """
    written = trimmed(text)
    if written == "":
        return Cell()
    if written in _X:
        return Cell(0.0, NOT_ATTEMPTED)
    if written.lower() in _NOT_TAUGHT:
        return Cell(None, NOT_COVERED)
    if written in {"H", "Н", "h", "н"}:
        return Cell(fault=_AMBIGUOUS, check="points")
    if re.fullmatch(OPTION, _letter(written)):
        return Cell(None, _letter(written))
    number = plain_number(written)
    if number is None or number < 0:
        return Cell(fault=_NO_POINTS, check="points")
    return Cell(number, f"{number:g}")


def option(text: str) -> Cell:
    """Read the letter of an option; Latin letters become the Cyrillic ones that look the same.

    Examples
    --------
    >>> option("B").value, option(" г ").kept, option("2").check
    ('В', 'Г', 'listed')
    """
    letter = _letter(trimmed(text))
    if letter == "":
        return Cell()
    return Cell(letter, letter) if re.fullmatch(OPTION, letter) else Cell(fault=_NO_OPTION, check="listed")


def _letter(text: str) -> str:
    return text.upper().translate(_LOOK_ALIKES)


def is_absent(text: str) -> bool:
    """Tell whether the cell of the variant says that the pupil was absent."""
    return trimmed(text).lower() in _ABSENT


def variant(text: str) -> Cell:
    """Read a variant; absence, 0 and nothing give none.

    Examples
    --------
    >>> variant("ОТСУТствовал").kept, variant(" 2").value, variant("0").kept
    ('absent', '2', '')
    """
    written = trimmed(text)
    if is_absent(written):
        return Cell(None, "absent")
    return Cell(written, written) if written not in {"", "0"} else Cell()


def mark(text: str) -> Cell:
    """Read a mark, 2 to 5; «нет отметки» and «н/а» are missing.

    Examples
    --------
    >>> mark("\u00a03").value, mark("нет отметки").value, mark("6").check
    (3.0, None, 'mark')
    """
    written = trimmed(text)
    if written == "" or written.lower() in _NO_MARK:
        return Cell()
    number = plain_number(written)
    if number is None or number not in {2, 3, 4, 5}:
        return Cell(fault=_NO_MARK_AT_ALL, check="mark")
    return Cell(number, f"{number:g}")


def class_label(text: str, grade: str = "") -> Cell:
    """Read a class: the grade and what the school calls it.

    Parameters
    ----------
    text : str
        As in 7А, б, нет, а(2), кб or a serial number.
    grade : str
        Grade of the pupils where the cell holds the letter alone; empty where the cell holds both.

    Examples
    --------
    >>> [class_label(text, "6").kept for text in ("б", "6б", "нет", "а(2)", "3", "6")]
    ['6Б', '6Б', '6', '6А-2', '6-3', '6-6']
    >>> class_label("7A").kept
    '7А'
    """
    written = trimmed(text)
    if written == "":
        return Cell()
    if grade and written.lower() in _NO_LETTER:
        return Cell(grade, grade)
    letter = _letter(written).replace("(", "-").replace(")", "").replace(" ", "")
    if grade and letter.isdecimal():
        return Cell(f"{grade}-{letter}", f"{grade}-{letter}")
    whole = letter if not grade or re.match(rf"{grade}[^0-9]", letter) else grade + letter
    return Cell(whole, whole)


def sex(text: str) -> Cell:
    """Read the sex of a pupil: м and ж in any case, or F and M.

    Examples
    --------
    >>> sex(" Ж").value, sex("M").value, sex("да").check
    ('F', 'M', 'sex')
    """
    written = trimmed(text)
    if written == "":
        return Cell()
    value = _SEXES.get(written.lower())
    return Cell(value, value) if value else Cell(fault=_NO_SEX, rule={"allowed": "м, ж, M, F"}, check="sex")


BY_COLUMN: Mapping[str, Callable[[str], Cell]] = {
    "mark": mark, "journal_mark": mark, "sex": sex, "option": option, "right_option": option,
}  # fmt: skip
