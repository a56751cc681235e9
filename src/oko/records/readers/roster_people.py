"""Who is who in rosters: rows of one name that cannot be one pupil, and codes that two rows have.

Rows come here as pseudonyms, of all rosters together: a school sends one every year. Findings name rows alone, and of
two rosters that do not agree the later one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pandas as pd

from oko.language import N_
from oko.records.readers import FILE, ROW, SHEET, Finding, at_rows

CHECK = "roster"
CODE = "Код участника"
CODE_ALIAS, NAME_ALIAS, PUPIL, BORN = "code_alias", "name_alias", "pupil", "born"
COLUMNS = (PUPIL, NAME_ALIAS, CODE_ALIAS, BORN, "campaign", "year", "class", "cohort", "faulty", FILE, SHEET, ROW)

_CODE_TWICE = N_(
    "The same code stands in the same campaign in {file}, row {row}: correct one of them, or delete the row."
)
_TWO_PUPILS = N_(
    "This row and row {row} of {file} have one full name and no different dates of birth, and cannot be one pupil (the "
    "same campaign, another class, another year of entry): add the date of birth to both, or delete the row that is "
    "there twice."
)
_HALF_DATED = N_(
    "This row and row {row} of {file} have one full name, and only one of them a date of birth: add it to both."
)
_NAMESAKES = N_(
    "This row and row {row} of {file} are two pupils with one full name: works that tell pupils by names alone are not "
    "joined to them."
)


def who_is_who(rows: pd.DataFrame) -> list[Finding]:
    """Name what in rosters does not tell one pupil from another.

    Parameters
    ----------
    rows : DataFrame
        Rows of all rosters, in the order in which they were read: the pseudonyms ``pupil``, ``name_alias`` and
        ``code_alias``; ``born``, whether a date of birth is given; ``campaign``, ``year``, ``class``, ``cohort`` (the
        year of grade 0); ``#file``, ``#sheet``, ``#row``.

    Returns
    -------
    list of Finding
        Faults; a warning where two pupils of a school bear one name.
    """
    known = rows.reset_index(drop=True).astype({BORN: bool})
    return [*_codes_twice(known), *_mistaken(known), *_half_dated(known), *_namesakes(known)]


def aliases(rows: pd.DataFrame) -> pd.DataFrame:
    """Join codes and names to pupils.

    Parameters
    ----------
    rows : DataFrame
        As for :func:`who_is_who`.

    Returns
    -------
    DataFrame
        alias (of a code or of a name in a school), pupil, by (code or name); each alias once, and no name that two
        pupils bear.
    """
    single = rows[rows.groupby(NAME_ALIAS)[PUPIL].transform("nunique") == 1]
    codes = rows.loc[rows[CODE_ALIAS].notna(), [CODE_ALIAS, PUPIL]].set_axis(["alias", PUPIL], axis=1)
    names = single[[NAME_ALIAS, PUPIL]].set_axis(["alias", PUPIL], axis=1)
    both = pd.concat([codes.assign(by="code"), names.assign(by="name")], ignore_index=True)
    return both.drop_duplicates("alias", ignore_index=True)


def _codes_twice(rows: pd.DataFrame) -> Iterator[Finding]:
    """Name a code that stands twice in a roster, or in two rosters beside two pupils."""
    known = rows[rows[CODE_ALIAS].notna()]
    first = known.groupby(CODE_ALIAS)[[FILE, ROW, PUPIL]].transform("first")
    other = (known[FILE] == first[FILE]) | (known[PUPIL] != first[PUPIL])
    wrong = known.duplicated(CODE_ALIAS) & other
    yield from at_rows(known, wrong, CODE, _CODE_TWICE, check=CHECK, file=first[FILE], row=first[ROW])


def _mistaken(rows: pd.DataFrame) -> Iterator[Finding]:
    """Name rows with one identity that cannot be one pupil; dates of birth excuse another class or year of entry."""
    own = rows[CODE_ALIAS].fillna("row " + rows[ROW].astype("str"))
    single = rows[~rows.assign(own=own).duplicated([PUPIL, FILE, "campaign", "own"])]
    wrong = single.duplicated([PUPIL, FILE, "campaign"], keep=False) | _of_two_codes(single)
    undated = ~single[BORN]
    entered = single.groupby(PUPIL)["cohort"].transform("nunique") > 1
    wrong |= undated & entered & single["cohort"].notna() & ~single.duplicated([PUPIL, "cohort"])
    moved = single.groupby([PUPIL, "year"])["class"].transform("nunique") > 1
    wrong |= undated & moved & single["class"].notna() & ~single.duplicated([PUPIL, "year", "class"])
    for _, same in single[wrong].groupby(PUPIL, sort=False):
        yield from _about_both(same, _TWO_PUPILS, "fault")


def _of_two_codes(rows: pd.DataFrame) -> pd.Series:
    """Tell which rows give a pupil one of several codes in one campaign: the first row of each code."""
    coded = rows[rows[CODE_ALIAS].notna()].drop_duplicates([PUPIL, "campaign", CODE_ALIAS])
    return coded.duplicated([PUPIL, "campaign"], keep=False).reindex(rows.index, fill_value=False)


def _half_dated(rows: pd.DataFrame) -> Iterator[Finding]:
    half = rows[rows.groupby(NAME_ALIAS)[BORN].transform("nunique") > 1]
    for _, same in half.drop_duplicates([NAME_ALIAS, BORN]).groupby(NAME_ALIAS, sort=False):
        yield from _about_both(same, _HALF_DATED, "fault")


def _namesakes(rows: pd.DataFrame) -> Iterator[Finding]:
    dated = rows[rows[BORN]].drop_duplicates([NAME_ALIAS, PUPIL])
    for _, same in dated[dated.duplicated(NAME_ALIAS, keep=False)].groupby(NAME_ALIAS, sort=False):
        yield from _about_both(same, _NAMESAKES, "warning")


def _about_both(rows: pd.DataFrame, message: str, severity: Literal["fault", "warning"]) -> Iterator[Finding]:
    """Say of each row that it and another of the rows do not go together; a row alone in the first roster stands."""
    numbers, files = rows[ROW].tolist(), rows[FILE].tolist()
    other = pd.Series([numbers[0] if place else numbers[1] for place in range(len(numbers))], rows.index)
    named = pd.Series([place > 0 or files[1] == files[0] for place in range(len(files))], rows.index)
    yield from at_rows(rows, named, None, message, severity=severity, check=CHECK, row=other, file=files[0])
