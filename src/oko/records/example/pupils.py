"""Invented pupils: classes whose abilities last from one work to the next, and who come and go between the years."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.records.cluster import Cluster, School
from oko.records.example.names import draw_birth_dates, draw_names
from oko.records.example.waves import SUBJECTS

# Classes in a parallel, by the school's place in the settings: invented. The fifth school is small.
CLASSES = (5, 4, 4, 3, 1, 4, 5)
SMALLEST_CLASS, LARGEST_CLASS = 24, 30
TINY_COHORTS, TINY_CLASS = (3, 6), 9
COHORTS = range(2, 12)
YEARS = 3
LETTERS = "АБВГДЕЖИК"

# Standard deviations of ability, in units of about one pupil's.
_SCHOOL, _CLASS, _PUPIL = 0.1, 0.22, 0.8
_SUBJECT, _SCHOOL_SUBJECT, _SCHOOL_PROGRESS = 0.4, 0.08, 0.05
_SELECTIVE = {"lyceum": 0.65, "gymnasium": 0.45}
_HALF_YEARS = 6
_LEAVE, _COME, _AFTER_9 = 0.02, 0.02, 0.42
_HOMONYMS = 4
IDENTITY = ["surname", "name", "patronymic"]


@dataclass(frozen=True)
class Level:
    """What a school adds to its pupils' abilities.

    Attributes
    ----------
    level : float
    subjects : array, one a subject
    progress : array, one a half-year
        What it has added by then.
    """

    level: float
    subjects: np.ndarray
    progress: np.ndarray


@dataclass(frozen=True)
class People:
    """All pupils of the cluster.

    Attributes
    ----------
    pupils : DataFrame
        school, place, cohort (grade in the first year), letter, sex, person (a number; kept by those who change the
        school), surname, name, patronymic, birth_date, first, last (numbers of school years), and an ability a subject.
    levels : list of Level
        By the places of the schools.
    """

    pupils: pd.DataFrame
    levels: list[Level]

    def present(self, place: int, cohort: int, year: int) -> pd.DataFrame:
        """Return who is in a cohort of a school in a year."""
        rows = self.pupils
        there = (rows["place"] == place) & (rows["cohort"] == cohort)
        return rows[there & (rows["first"] <= year) & (rows["last"] >= year)]


def draw_level(kind: str, place: int, seed: int) -> Level:
    """Draw what a school adds; lyceums and gymnasiums choose their pupils."""
    rng = np.random.Generator(np.random.PCG64([seed, place]))
    level = _SELECTIVE.get(kind, 0.0) + _SCHOOL * rng.standard_normal()
    subjects = _SCHOOL_SUBJECT * rng.standard_normal(len(SUBJECTS))
    return Level(level, subjects, np.cumsum(_SCHOOL_PROGRESS * rng.standard_normal(_HALF_YEARS)))


def draw_people(cluster: Cluster, seed: int) -> People:
    """Draw all pupils of a cluster.

    Parameters
    ----------
    cluster : Cluster
    seed : int

    Returns
    -------
    People
    """
    levels = [draw_level(school.kind, place, seed) for place, school in enumerate(cluster.schools)]
    parts = [
        _cohort(school, place, cohort, levels[place], seed)
        for place, school in enumerate(cluster.schools)
        for cohort in COHORTS
    ]
    pupils = pd.concat(parts, ignore_index=True)
    rng = np.random.Generator(np.random.PCG64([seed, 900]))
    pupils = pupils.assign(person=np.arange(len(pupils)), birth_date=draw_birth_dates(pupils["cohort"], rng))
    pupils = pupils.join(draw_names(pupils["sex"], rng))
    return People(_with_homonyms(_moved(pupils), rng), levels)


def _cohort(school: School, place: int, cohort: int, level: Level, seed: int) -> pd.DataFrame:
    rng = np.random.Generator(np.random.PCG64([seed, place, cohort]))
    sizes = _class_sizes(place, cohort, rng)
    come = rng.poisson(_COME * sizes.sum() * (YEARS - 1))
    classes = np.concatenate([np.repeat(np.arange(len(sizes)), sizes), rng.integers(0, len(sizes), come)])
    of_class = _CLASS * rng.standard_normal(len(sizes))
    common = level.level + of_class[classes] + _PUPIL * rng.standard_normal(len(classes))
    own = _SUBJECT * rng.standard_normal((len(classes), len(SUBJECTS)))
    first = np.concatenate([np.zeros(sizes.sum(), dtype=int), rng.integers(1, YEARS, come)])
    frame = pd.DataFrame(
        {
            "school": school.code,
            "place": place,
            "cohort": cohort,
            "letter": [LETTERS[number] for number in classes],
            "sex": np.where(rng.integers(0, 2, len(classes)) == 0, "F", "M"),
            "first": first,
            "last": _last_years(cohort, first, common, rng),
        }
    )
    base = common[:, None] + level.subjects + own
    return frame.assign(**dict(zip(SUBJECTS, base.T, strict=True)))


def _class_sizes(place: int, cohort: int, rng: np.random.Generator) -> np.ndarray:
    count = CLASSES[place % len(CLASSES)]
    if cohort > 9:
        count = max(1, count // 2)
    sizes = rng.integers(SMALLEST_CLASS, LARGEST_CLASS + 1, count)
    return np.array([TINY_CLASS]) if CLASSES[place % len(CLASSES)] == 1 and cohort in TINY_COHORTS else sizes


def _last_years(cohort: int, first: np.ndarray, common: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Draw the last year of each pupil: some leave, nobody stays after grade 11, the weaker leave after grade 9."""
    last = np.full(len(first), YEARS - 1)
    for year in reversed(range(YEARS - 1)):
        leaves = rng.random(len(first)) < _LEAVE
        if cohort + year == 9:
            leaves |= common + rng.standard_normal(len(first)) < np.quantile(common, _AFTER_9)
        last = np.where(leaves & (first <= year), year, last)
    return np.minimum(last, 11 - cohort) if cohort + YEARS - 1 > 11 else last


def _moved(pupils: pd.DataFrame) -> pd.DataFrame:
    """Let some of those who come to a school be those who have left another one of the cluster."""
    lasting = ["sex", "person", "birth_date", *IDENTITY, *SUBJECTS]
    made = pupils.copy()
    late = pupils[pupils["first"] > 0]
    for cohort, year in sorted(set(zip(late["cohort"], late["first"], strict=True))):
        come = late[(late["cohort"] == cohort) & (late["first"] == year)]
        gone = pupils[(pupils["cohort"] == cohort) & (pupils["last"] == year - 1) & (pupils["first"] == 0)]
        gone = gone[cohort + gone["last"] != 9]
        for new, old in zip(come.index[::2], gone.index[::2], strict=False):
            if str(pupils.at[new, "school"]) != str(pupils.at[old, "school"]):
                made.loc[new, lasting] = pupils.loc[old, lasting]
    return made.astype(pupils.dtypes)


def _with_homonyms(pupils: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Give a few pairs of one school and grade the same full name; dates of birth tell them apart."""
    made = pupils.copy()
    stay = pupils[(pupils["cohort"] <= 5) & (pupils["first"] == 0) & (pupils["last"] == YEARS - 1)]
    for _ in range(_HOMONYMS):
        one = stay.iloc[int(rng.integers(len(stay)))]
        same = (stay[["school", "cohort", "sex"]] == one[["school", "cohort", "sex"]]).all(axis=1)
        other = stay.index[same & stay["person"].ne(int(one["person"]))][0]
        made.loc[other, IDENTITY] = one[IDENTITY].to_numpy()
    return made


def campaign_codes(pupils: pd.DataFrame, year: int, season: int, seed: int) -> pd.Series:
    """Draw the participants' codes of a campaign: five digits, the first is the pupil's grade, new each time.

    Parameters
    ----------
    pupils : DataFrame
        Those who are there in the year.
    year, season : int
        Numbers.
    seed : int

    Returns
    -------
    Series of str
        On the index of ``pupils``; equal in all works of one campaign of a school.
    """
    parts = []
    for place in pupils["place"].unique():
        for cohort in pupils["cohort"].unique():
            rows = pupils.index[(pupils["place"] == place) & (pupils["cohort"] == cohort)]
            grade = int(cohort) + year
            rng = np.random.Generator(np.random.PCG64([seed, 31, int(place), grade, year, season]))
            numbers = rng.permutation(len(rows)) + 1
            parts.append(pd.Series([f"{grade % 10}{number:04d}" for number in numbers], rows, dtype="str"))
    return pd.concat(parts).reindex(pupils.index)
