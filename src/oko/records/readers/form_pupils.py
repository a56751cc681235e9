"""Which rows of a collected form are pupils, of which school, in which grade, with which variant."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import reduce
from typing import Literal

import numpy as np
import pandas as pd

from oko.errors import DataError
from oko.language import N_
from oko.records.readers import FILE, ROW, SHEET, Change, Finding, at_rows
from oko.records.readers.context import Context
from oko.records.readers.form_rows import Protocol, Pupils, any_filled, constant, holds, meanings
from oko.records.readers.headings import clean
from oko.records.readers.school_rows import nobody_left, read_rows
from oko.records.tokens import is_absent

MOST_NAMED = 100
_CODE = re.compile(r"(1[01]|[4-9])[0-9]{4}")
_NOTHING = frozenset({"", "0"})

_NO_CODE = N_(
    "The row says something of a pupil and has no participant’s code (rows: {n}): add the code or delete the row."
)
_ODD_CODE = N_(
    "The participant’s code (not shown) is not five digits that begin with the grade (rows: {n}): correct it by the "
    "list of codes."
)
_OTHER_GRADE = N_(
    "The participant’s code begins with {given}, most codes with {grade} (rows: {n}): a file holds one grade; correct "
    "the code, or send the other grade as its own file."
)
_ONE_PART = N_(
    "The pupil was absent from one part of the work (rows: {n}): only the points of the other part are taken."
)


def pupils_in(protocol: Protocol, context: Context) -> Pupils:
    """Return the rows that are pupils, with school, variant and grade.

    Parameters
    ----------
    protocol : Protocol
    context : Context

    Returns
    -------
    Pupils
        Prepared rows are left: those without anything but a code and a total of 0.

    Raises
    ------
    DataError
        It is not known of which school a school's form is, or every row is of a school that is to be left.
    """
    found = _filled_rows(protocol, context)
    if not len(found.frame):
        return found
    known = _with_schools(_with_variants(found, protocol), protocol, context)
    return _with_grade(_without_prepared_totals(known, protocol, context), protocol)


def _filled_rows(protocol: Protocol, context: Context) -> Pupils:
    below = protocol.sheet.frame.iloc[protocol.row + 1 :]
    own = protocol.columns
    answered = any_filled(below[list(protocol.tasks)])
    totals = below[own["primary_score"]] if "primary_score" in own else None
    total = np.zeros(len(below), bool) if totals is None else ~holds(totals, _is_nothing)
    spoken = [*protocol.variants, *(own[name] for name in ("journal_mark",) if name in own)]
    said = answered | total | any_filled(below[spoken])
    described = any_filled(below[[own[name] for name in ("class", "sex") if name in own]])
    coded = any_filled(below[[own["code"]]])
    columns = {name: below[place] for name, place in own.items()}
    columns |= {f"#variant {number}": below[place] for number, place in enumerate(protocol.variants)}
    places = {FILE: constant(context.file, below.index), SHEET: constant(protocol.sheet.name, below.index)}
    frame = pd.DataFrame({**columns, **places, ROW: below.index.to_numpy() + 1}, index=below.index)
    stray = pd.Series(said & ~coded, below.index)
    findings = _named(frame, stray, protocol.heading(own["code"]), _NO_CODE, {"n": int(stray.sum())})
    whole = Pupils(frame, below[list(protocol.tasks)], answered, findings=tuple(findings))
    return whole.only(coded & (said | described))


def _is_nothing(text: str) -> bool:
    return clean(text) in _NOTHING


def _with_variants(found: Pupils, protocol: Protocol) -> Pupils:
    """Join the variants of the parts, as 1-2; one alone stays as it is written."""
    frame = found.frame
    parts = [frame[f"#variant {number}"] for number in range(len(protocol.variants))]
    absent = np.array([holds(part, is_absent) for part in parts])
    joined = frame.drop(columns=[f"#variant {number}" for number in range(len(parts))])
    joined = joined.assign(variant=reduce(_pair, parts))
    partly = pd.Series(absent.any(axis=0) & ~holds(joined["variant"], is_absent), frame.index)
    heading = protocol.heading(protocol.variants[0])
    notes = _named(frame, partly, heading, _ONE_PART, {"n": int(partly.sum())}, "warning")
    return replace(found, frame=joined).with_notes(tuple(notes))


def _pair(first: pd.Series, second: pd.Series) -> pd.Series:
    codes_1, texts_1 = pd.factorize(first)
    codes_2, texts_2 = pd.factorize(second)
    codes, pairs = pd.factorize(codes_1 * len(texts_2) + codes_2)
    ones, twos = np.divmod(pairs, max(1, len(texts_2)))
    made = [joined_variant(str(texts_1[one]), str(texts_2[two])) for one, two in zip(ones, twos, strict=True)]
    return pd.Series(pd.array(made, dtype="str").take(codes), first.index)


def joined_variant(first: str, second: str) -> str:
    """Join the variants of two parts of a work.

    Examples
    --------
    >>> joined_variant("1", "2"), joined_variant("1", ""), joined_variant("отсутствовал", "")
    ('1-2', '1', 'отсутствовал')
    """
    given = [clean(text) for text in (first, second) if clean(text) not in _NOTHING]
    sat = [text for text in given if not is_absent(text)]
    return "-".join(sat) or (given[0] if given else first or second)


def _with_schools(found: Pupils, protocol: Protocol, context: Context) -> Pupils:
    own = context.told.school
    if "school" not in protocol.columns:
        if own is None:
            raise DataError(
                "The form does not say which school it is of: write it into a file received.toml in its folder: "
                'school = "…".'
            )
        return replace(found, frame=found.frame.assign(school=constant(own, found.frame.index)))
    named = replace(found, frame=found.frame.assign(school=meanings(found.frame["school"], context.school)))
    kept, findings = read_rows(named.frame, protocol.heading(protocol.columns["school"]), context)
    if not kept.any():
        raise nobody_left(context)
    return named.only(kept).with_notes(findings)


def _without_prepared_totals(found: Pupils, protocol: Protocol, context: Context) -> Pupils:
    """Empty a total of 0 beside no points at all: the form has it prepared in every row, nobody declared it."""
    if "primary_score" not in found.frame:
        return found
    totals = found.frame["primary_score"]
    prepared = ~found.answered & holds(totals, lambda text: clean(text) == "0")
    if not prepared.any():
        return found
    heading = protocol.heading(protocol.columns["primary_score"])
    change = Change(context.file, heading, "0", "", int(prepared.sum()))
    frame = found.frame.assign(primary_score=totals.mask(prepared, ""))
    return replace(found, frame=frame).with_notes(changes=[change])


def grade_of(code: str) -> str:
    """Return the grade that a participant's code begins with; nothing where it is no code.

    Examples
    --------
    >>> grade_of("70012"), grade_of(" 110034"), grade_of("7012")
    ('7', '11', '')
    """
    match = _CODE.fullmatch(clean(code))
    return match[1] if match else ""


def _with_grade(found: Pupils, protocol: Protocol) -> Pupils:
    heading = protocol.heading(protocol.columns["code"])
    grades = meanings(found.frame["code"], grade_of)
    counts = Counter({str(grade): int(n) for grade, n in grades.value_counts().items()})
    odd = counts.pop("", 0)
    findings = list(_named(found.frame, grades == "", heading, _ODD_CODE, {"n": odd}))
    if not counts:
        return found.with_notes(findings)
    most = max(counts, key=lambda grade: (counts[grade], grade))
    for grade, n in counts.items():
        if grade != most:
            values = {"n": n, "given": grade, "grade": most}
            findings += _named(found.frame, grades == grade, heading, _OTHER_GRADE, values)
    return replace(found, grade=int(most)).with_notes(findings)


def _named(
    frame: pd.DataFrame,
    wrong: pd.Series,
    heading: str,
    message: str,
    values: Mapping[str, object],
    severity: Literal["fault", "warning"] = "fault",
) -> Iterator[Finding]:
    """Name each of a few rows, or all of many at once."""
    if int(wrong.sum()) <= MOST_NAMED:
        for finding in at_rows(frame, wrong, heading, message, severity=severity, check="form"):
            yield replace(finding, values=values)
    else:
        file, sheet = str(frame[FILE].iloc[0]), str(frame[SHEET].iloc[0])
        yield Finding(file, None, heading, message, values, severity, sheet, "form")
