"""Who is who in a roster: rows of one name that cannot be one pupil, and codes that two rows have.

Rows come here as pseudonyms; findings name rows alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pandas as pd

from oko.language import N_
from oko.records.readers import ROW, Finding, at_rows

CHECK = "roster"
CODE = "Код участника"
CODE_ALIAS, NAME_ALIAS, PUPIL, BORN = "code_alias", "name_alias", "pupil", "born"

_CODE_TWICE = N_("The same code stands in the same campaign in row {row}: correct one of them, or delete the row.")
_TWO_PUPILS = N_(
    "Rows {row} and {other} have one full name and no different dates of birth, and cannot be one pupil (the same "
    "campaign, another class, another year of entry): add the date of birth to both, or delete the row that is there "
    "twice."
)
_HALF_DATED = N_("Rows {row} and {other} have one full name, and only one of them a date of birth: add it to both.")
_NAMESAKES = N_(
    "Rows {row} and {other} are two pupils with one full name: works that tell pupils by names alone are not joined to "
    "them."
)


def who_is_who(rows: pd.DataFrame) -> list[Finding]:
    """Name what in a roster does not tell one pupil from another.

    Parameters
    ----------
    rows : DataFrame
        Of each row the pseudonyms ``pupil``, ``name_alias`` and ``code_alias``; ``born``, whether a date of birth is
        given; ``campaign``, ``year``, ``class``, ``cohort`` (the year of grade 0); ``#file``, ``#sheet``, ``#row``.

    Returns
    -------
    list of Finding
        Faults; a warning where two pupils of a school bear one name.
    """
    known = rows[rows[PUPIL].notna()].astype({BORN: bool})
    return [*_codes_twice(rows), *_mistaken(known), *_half_dated(known), *_namesakes(known)]


def _codes_twice(rows: pd.DataFrame) -> Iterator[Finding]:
    known = rows[rows[CODE_ALIAS].notna()]
    others = known[known.duplicated(CODE_ALIAS)]
    first = known.groupby(CODE_ALIAS)[ROW].transform("first").loc[others.index]
    yield from at_rows(others, _all(others), CODE, _CODE_TWICE, check=CHECK, row=first)


def _mistaken(rows: pd.DataFrame) -> Iterator[Finding]:
    """Name rows with one identity that cannot be one pupil; dates of birth excuse another class or year of entry."""
    own = rows[CODE_ALIAS].fillna("row " + rows[ROW].astype("str"))
    single = rows[~rows.assign(own=own).duplicated([PUPIL, "campaign", "own"])]
    wrong = single.duplicated([PUPIL, "campaign"], keep=False)
    undated = ~single.groupby(PUPIL)[BORN].transform("all")
    entered = single.groupby(PUPIL)["cohort"].transform("nunique") > 1
    wrong |= undated & entered & single["cohort"].notna() & ~single.duplicated([PUPIL, "cohort"])
    moved = single.groupby([PUPIL, "year"])["class"].transform("nunique") > 1
    wrong |= undated & moved & single["class"].notna() & ~single.duplicated([PUPIL, "year", "class"])
    for _, same in single[wrong].groupby(PUPIL, sort=False):
        yield from _about_both(same, _TWO_PUPILS, "fault")


def _half_dated(rows: pd.DataFrame) -> Iterator[Finding]:
    half = rows[rows.groupby(NAME_ALIAS)[BORN].transform("nunique") > 1]
    for _, same in half.drop_duplicates([NAME_ALIAS, BORN]).groupby(NAME_ALIAS, sort=False):
        yield from _about_both(same, _HALF_DATED, "fault")


def _namesakes(rows: pd.DataFrame) -> Iterator[Finding]:
    dated = rows[rows[BORN]].drop_duplicates([NAME_ALIAS, PUPIL])
    for _, same in dated[dated.duplicated(NAME_ALIAS, keep=False)].groupby(NAME_ALIAS, sort=False):
        yield from _about_both(same, _NAMESAKES, "warning")


def _about_both(rows: pd.DataFrame, message: str, severity: Literal["fault", "warning"]) -> Iterator[Finding]:
    """Say of each row that it and another of the rows, of which there are two or more, do not go together."""
    numbers = rows[ROW].tolist()
    other = pd.Series([numbers[0] if place else numbers[1] for place in range(len(numbers))], rows.index)
    yield from at_rows(rows, _all(rows), None, message, severity=severity, check=CHECK, row=rows[ROW], other=other)


def _all(rows: pd.DataFrame) -> pd.Series:
    return pd.Series(True, rows.index)
