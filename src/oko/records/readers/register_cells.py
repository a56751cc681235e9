"""What a cell of the cluster's own forms means, or what is wrong with it; personal data are never quoted."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from oko.language import N_
from oko.records.form_lists import Lists
from oko.records.personal import personal_text
from oko.records.readers.context import Context
from oko.records.readers.headings import clean
from oko.records.register_fields import Field
from oko.records.register_forms import Spread
from oko.records.settings_files import CODE_PATTERN
from oko.records.tokens import plain_number

_CLUSTER = frozenset({"кластер", "cluster", "весь кластер"})

_PERSONAL = N_(
    "The cell looks as if it held a person’s name, a phone number or an e-mail address (it is not shown): write the "
    "role instead; names never enter."
)
_TOO_LONG = N_("The cell has {n} characters, and {longest} at most are taken: texts of tasks never enter.")
_NO_DATE = N_("{given} is not a date: write it as in 15.10.2020.")
_NO_YEAR = N_("{given} is not a school year: write it as in 2020-2021.")
_NO_SCHOOL = N_("{given} is not the number of a school: write it as in 344.")
_NOT_LISTED = N_("{given} is not one of: {allowed}.")
_OUT_OF_RANGE = N_("{given} is outside the range: a whole number from {low} to {high} is needed.")
_NO_WEIGHT = N_("{given} is outside the range: a number from {low} to {high} is needed.")


@dataclass(frozen=True)
class FormCell:
    """What a text of a form means, or what is wrong with it."""

    value: str = ""
    fault: str | None = None
    values: Mapping[str, object] = field(default_factory=dict)


def field_cell(text: str, column: Field, lists: Lists, context: Context) -> FormCell:
    """Read a cell of a column.

    Parameters
    ----------
    text : str
    column : Field
    lists : Lists
    context : Context
        Knows the schools of the cluster.

    Returns
    -------
    FormCell
        Codes for words of lists, dates as 2020-10-15; numbers and labels as written, for they are checked later.
    """
    written = clean(text)
    if not written:
        return FormCell()
    if personal_text(written):
        return FormCell(fault=_PERSONAL)
    if len(written) > column.longest:
        return FormCell(fault=_TOO_LONG, values={"n": len(written), "longest": column.longest})
    if column.holds == "choice":
        words = [lists.text(column.choices, code) for code in lists.codes(column.choices)]
        return _listed(written, column.choices, words, lists)
    if column.holds == "event" and lists.codes("event"):
        return _listed(written, "event", lists.codes("event"), lists)
    if column.holds == "date":
        return _or_fault(_date(written), written, _NO_DATE)
    if column.holds == "year":
        return _or_fault(_year(written), written, _NO_YEAR)
    if column.holds == "unit" and written.casefold() in _CLUSTER:
        return FormCell()
    if column.holds in {"school", "unit"}:
        school = context.school(written)
        return _or_fault(school if re.fullmatch(CODE_PATTERN, school) else None, written, _NO_SCHOOL)
    return FormCell(written)


def _listed(written: str, kind: str, shown: Sequence[str], lists: Lists) -> FormCell:
    code = lists.code(kind, written)
    if code is not None:
        return FormCell(code)
    return FormCell(fault=_NOT_LISTED, values={"given": written, "allowed": "; ".join(shown)})


def _or_fault(value: str | None, written: str, fault: str) -> FormCell:
    return FormCell(value) if value is not None else FormCell(fault=fault, values={"given": written})


def _date(text: str) -> str | None:
    """Read a date as 2020-10-15 or 15.10.2020, with the time of day that some programs add."""
    match = re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})(?:[ T][0-9:.]+)?", text)
    parts = match.groups() if match else None
    if match is None:
        other = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:\s*г\.?)?", text)
        parts = other.groups()[::-1] if other else None
    try:
        return datetime.date(*map(int, parts)).isoformat() if parts else None
    except ValueError:
        return None


def _year(text: str) -> str | None:
    match = re.fullmatch(r"(20[0-9]{2})\s*[-–—/]\s*(20)?([0-9]{2})", text)
    if match is None or int(match[3]) != (int(match[1]) + 1) % 100:
        return None
    return f"{match[1]}-{int(match[1]) + 1}"


def graded_cell(text: str, spread: Spread) -> FormCell:
    """Read an answer or a weight: a number within the range of the form."""
    written = clean(text)
    if not written:
        return FormCell()
    if personal_text(written):
        return FormCell(fault=_PERSONAL)
    number = plain_number(written)
    if number is None or not spread.low <= number <= spread.high or (spread.whole and not number.is_integer()):
        values = {"given": written[:40], "low": spread.low, "high": spread.high}
        return FormCell(fault=_OUT_OF_RANGE if spread.whole else _NO_WEIGHT, values=values)
    return FormCell(f"{number:g}")
