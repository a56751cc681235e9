"""The dirt of real files, at realistic low rates: what stands in cells beside clean values."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.records.example.pupils import campaign_codes
from oko.records.example.sitting import Sat
from oko.records.writers import Sitting

X_SPELLINGS = ("X", "x", "Х", "х")  # Latin and Cyrillic: each school writes in its own way
ABSENT_SPELLINGS = ("отсутствовал", "Отсутствовал", "ОТСУТствовал")
_OTHER_X, _BLANK, _NO_MARK = 0.04, 0.0008, 0.004
_NOT_TAUGHT = "не пройд."


def sitting_of(sat: Sat, codes: pd.Series, login: str, seed: int) -> Sitting:
    """Return a work as a school writes it into its files.

    Parameters
    ----------
    sat : Sat
    codes : Series of str
        Participants' codes on the index of the people; empty where the procedure has none.
    login : str
        Digits.
    seed : int

    Returns
    -------
    Sitting
        Cells as text, with the school's spellings; those who were absent are in it.
    """
    place = int(sat.pupils["place"].iloc[0])
    rng = np.random.Generator(np.random.PCG64([seed, 700 + place, *sat.wave.key]))
    pupils = sat.pupils.assign(
        login=login,
        code=codes.reindex(sat.pupils.index).to_numpy(),
        letter=_letters(sat, place, rng),
        variant=_variants(sat, rng),
    ).sort_values("code", kind="stable")
    cells = _cells(sat, place, rng).loc[pupils.index]
    journal = pupils["journal_mark"].mask(rng.random(len(pupils)) < _NO_MARK)
    return Sitting(sat.wave.described, sat.instrument.items, pupils.assign(journal_mark=journal), cells)


def _cells(sat: Sat, place: int, rng: np.random.Generator) -> pd.DataFrame:
    points = sat.points.astype("object").fillna("").astype("str").to_numpy(dtype=object)
    usual = X_SPELLINGS[place % len(X_SPELLINGS)]
    spelled = np.where(rng.random(points.shape) < _OTHER_X, rng.choice(X_SPELLINGS, points.shape), usual)
    blanks = np.where((rng.random(points.shape) < _BLANK) & (points != ""), "\u00a0", "")
    cells = np.where(sat.not_attempted.to_numpy(), spelled, points)
    cells = np.where(sat.not_covered.to_numpy(), _NOT_TAUGHT, cells)
    return pd.DataFrame(cells + blanks, sat.points.index, sat.points.columns).astype("str")


def _variants(sat: Sat, rng: np.random.Generator) -> np.ndarray:
    usual = rng.random(len(sat.pupils)) < 0.9
    absent = np.where(usual, ABSENT_SPELLINGS[0], rng.choice(ABSENT_SPELLINGS, len(sat.pupils)))
    took = (sat.pupils["status"] == "took").to_numpy()
    variants: np.ndarray = np.where(took, sat.pupils["variant"].astype("str").to_numpy(dtype=object), absent)
    return variants


def _letters(sat: Sat, place: int, rng: np.random.Generator) -> pd.Series:
    """Write classes as schools do: in small letters, in capitals, with the grade, or «нет» for a single class."""
    letters = sat.pupils["letter"]
    if letters.nunique() == 1:
        return letters.map(dict.fromkeys(letters.unique(), "нет"))
    if place % 3 == 1:
        letters = letters.str.lower()
    graded = rng.random(len(letters)) < (0.05 if place % 3 == 2 else 0.0)
    return letters.mask(graded, str(sat.wave.pupil_grade) + letters.str.lower())


def codes_by_campaign(people: pd.DataFrame, seed: int) -> dict[tuple[int, str], pd.Series]:
    """Return the participants' codes of the three campaigns of ВПР by number of the year and season.

    Parameters
    ----------
    people : DataFrame
        All pupils.
    seed : int
    """
    made = {}
    for year, season in ((0, "spring"), (2, "autumn"), (2, "spring")):
        there = people[(people["first"] <= year) & (people["last"] >= year)]
        grades = there["cohort"] + year
        made[year, season] = campaign_codes(there[grades.between(4, 9)], year, int(season == "spring"), seed)
    return made
