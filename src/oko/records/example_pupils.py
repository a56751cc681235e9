"""Invented pupils: parallels of classes whose abilities last from one work to the next."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.records.cluster import School

# Classes in a parallel, by the school's place in the settings: invented. The fifth school is small.
CLASSES = (5, 4, 4, 3, 1, 4, 5)
SMALLEST_CLASS, LARGEST_CLASS = 24, 30
TINY_COHORT, TINY_CLASS = 4, 9

# Standard deviations of ability, in units of about one pupil's.
_SCHOOL, _CLASS, _PUPIL = 0.1, 0.22, 0.8
_SUBJECT, _SCHOOL_SUBJECT, _SCHOOL_PROGRESS, _OCCASION = 0.4, 0.08, 0.05, 0.25
_SELECTIVE = {"lyceum": 0.65, "gymnasium": 0.45}
_LETTERS = "АБВГДЕЖИК"
_SUBJECTS = ("mathematics", "physics")
_HALF_YEARS = 6


@dataclass(frozen=True)
class Parallel:
    """All pupils of one cohort in one school.

    Attributes
    ----------
    pupils : DataFrame
        pupil, school, letter, sex; one row a pupil.
    base : DataFrame
        A column a subject: lasting ability on the index of ``pupils``; about mean 0 and deviation 1 over all schools.
    progress : array
        What the school has added by each half-year.
    """

    pupils: pd.DataFrame
    base: pd.DataFrame
    progress: np.ndarray

    def ability(self, subject: str, order: int, rng: np.random.Generator | None = None) -> np.ndarray:
        """Return abilities at a half-year; with a generator also the luck of the day."""
        lasting: np.ndarray = self.base[subject].to_numpy() + self.progress[order]
        return lasting if rng is None else lasting + _OCCASION * rng.standard_normal(len(lasting))


def draw_parallel(school: School, place: int, cohort: int, seed: int) -> Parallel:
    """Draw the pupils of one cohort in one school.

    Parameters
    ----------
    school : School
        Its kind moves the mean: lyceums and the gymnasium choose their pupils.
    place : int
        Place of the school in the settings.
    cohort : int
        Grade in the first year.
    seed : int

    Returns
    -------
    Parallel
    """
    of_school = np.random.Generator(np.random.PCG64([seed, place]))
    level = _SELECTIVE.get(school.kind, 0.0) + _SCHOOL * of_school.standard_normal()
    in_subject = _SCHOOL_SUBJECT * of_school.standard_normal(len(_SUBJECTS))
    progress = np.cumsum(_SCHOOL_PROGRESS * of_school.standard_normal(_HALF_YEARS))
    rng = np.random.Generator(np.random.PCG64([seed, place, cohort]))
    sizes = _class_sizes(place, cohort, rng)
    classes = np.repeat(np.arange(len(sizes)), sizes)
    of_class = _CLASS * rng.standard_normal(len(sizes))
    common = level + of_class[classes] + _PUPIL * rng.standard_normal(len(classes))
    own = _SUBJECT * rng.standard_normal((len(classes), len(_SUBJECTS)))
    pupils = pd.DataFrame(
        {
            "pupil": [_pseudonym(seed, school.code, cohort, number) for number in range(len(classes))],
            "school": school.code,
            "letter": [_LETTERS[number] for number in classes],
            "sex": np.where(rng.integers(0, 2, len(classes)) == 0, "F", "M"),
        }
    )
    base = pd.DataFrame(common[:, None] + in_subject + own, columns=list(_SUBJECTS))
    return Parallel(pupils, base, progress)


def _class_sizes(place: int, cohort: int, rng: np.random.Generator) -> np.ndarray:
    count = CLASSES[place % len(CLASSES)]
    sizes = rng.integers(SMALLEST_CLASS, LARGEST_CLASS + 1, count)
    return np.array([TINY_CLASS]) if count == 1 and cohort == TINY_COHORT else sizes


def _pseudonym(seed: int, school: str, cohort: int, number: int) -> str:
    """Return a pseudonym that tells nothing: it only looks like those that schools make with their key."""
    return hashlib.sha256(f"example/{seed}/{school}/{cohort}/{number}".encode()).hexdigest()[:12]
