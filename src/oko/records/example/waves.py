"""The calendar of the example: which works were held when, and which school wrote them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oko.records.readers.context import Work

FIRST_YEAR = 2018
SUBJECTS = ("mathematics", "physics", "chemistry", "biology", "geography", "science", "general")
_HALF = {"autumn": 0, "winter": 1, "spring": 1}
_PROCEDURES = ("vpr", "control", "oge", "ege")
PILOT_PLACES = (0, 1, 3, 5)
EARLY_GRADE_8 = (0, 6)
_TRIAL_SHARE = 0.8
_SCIENCES_8 = ("chemistry", "physics", "biology", "geography")


@dataclass(frozen=True)
class Wave:
    """One work sat by one cohort.

    Attributes
    ----------
    procedure, subject : str
        Codes.
    start : int
        Calendar year in which the school year begins.
    season : {"autumn", "winter", "spring"}
    material_grade, pupil_grade : int
        In autumn pupils write on the material of the grade below.
    """

    procedure: str
    subject: str
    start: int
    season: str
    material_grade: int
    pupil_grade: int

    @property
    def year(self) -> str:
        return f"{self.start}-{self.start + 1}"

    @property
    def described(self) -> Work:
        """The wave as readers and writers know works."""
        return Work(self.procedure, self.subject, self.year, self.season, self.material_grade, self.pupil_grade)

    @property
    def assessment(self) -> str:
        """Id of the assessment.

        Examples
        --------
        >>> Wave("vpr", "mathematics", 2020, "autumn", 6, 7).assessment
        'vpr-mathematics-6-in-7-autumn-2020'
        """
        return self.described.assessment

    @property
    def calendar(self) -> int:
        """Calendar year in which it was written."""
        return self.start + int(self.season != "autumn")

    @property
    def name(self) -> str:
        """Subject and grade of the tasks, as in ``mathematics-7``."""
        return f"{self.subject}-{self.material_grade}"

    @property
    def work(self) -> tuple[str, int]:
        """Subject and grade of the tasks."""
        return self.subject, self.material_grade

    @property
    def year_number(self) -> int:
        """Number of the school year, from 0."""
        return self.start - FIRST_YEAR

    @property
    def cohort(self) -> int:
        """Grade in which the pupils were in the first year."""
        return self.pupil_grade - self.year_number

    @property
    def order(self) -> int:
        """Half-years since the autumn of the first year."""
        return 2 * self.year_number + _HALF[self.season]

    @property
    def key(self) -> tuple[int, ...]:
        """Numbers that no other wave shares: the seed of its draws."""
        procedure, subject = _PROCEDURES.index(self.procedure), SUBJECTS.index(self.subject)
        return procedure, subject, self.material_grade, self.pupil_grade, self.start, _HALF[self.season]


def _each(procedure: str, start: int, season: str, shift: int, works: dict[str, tuple[int, ...]]) -> list[Wave]:
    return [
        Wave(procedure, subject, start, season, grade, grade + shift)
        for subject, grades in works.items()
        for grade in grades
    ]


def _vpr() -> list[Wave]:
    spring_2019 = {"mathematics": (4, 5, 6, 7, 8), "science": (4,), "biology": (5, 6, 7), "geography": (6, 7)}
    autumn_2020 = {
        "mathematics": (4, 5, 6, 7, 8),
        "science": (4,),
        "biology": (5, 6, 7),
        "geography": (6, 7, 8),
        "physics": (7, 8),
        "chemistry": (8,),
    }
    spring_2021 = {**autumn_2020, "biology": (5, 6, 7, 8)}
    return [
        *_each("vpr", 2018, "spring", 0, {**spring_2019, "physics": (7,)}),
        *_each("vpr", 2020, "autumn", 1, autumn_2020),
        *_each("vpr", 2020, "spring", 0, spring_2021),
    ]


def _others() -> list[Wave]:
    """Return the cluster's own works before and after the pandemic, and exams; the ОГЭ of 2020 was cancelled."""
    own = [
        *_each("control", 2019, "autumn", 1, {"mathematics": (5, 6, 7), "physics": (7,)}),
        *_each("control", 2019, "winter", 0, {"general": (7,)}),
        *_each("control", 2020, "winter", 0, {"general": (7,)}),
    ]
    exams = [Wave("oge", "mathematics", start, "spring", 9, 9) for start in (2018, 2020)]
    exams += [Wave("ege", subject, start, "spring", 11, 11) for start in (2018, 2019, 2020) for subject in SUBJECTS[:2]]
    return own + exams


WAVES = (*_vpr(), *_others())


def writes(wave: Wave, place: int, seed: int) -> bool:
    """Tell whether a school wrote a work.

    Parameters
    ----------
    wave : Wave
    place : int
        Place of the school in the settings; 100 and more for schools of comparison.
    seed : int

    Returns
    -------
    bool
        In spring 2019 grade 8 was tried by few schools and grade 7 by most; the pilot of the metasubject work was held
        in four; in spring 2021 grades 6 and 8 wrote two sciences drawn for the school (in grade 6 there are but two;
        the rule of drawing is unconfirmed).
    """
    if wave.procedure == "control" and wave.subject == "general" and wave.start == FIRST_YEAR + 1:
        return place in PILOT_PLACES
    if wave.procedure != "vpr" or wave.season != "spring":
        return True
    if wave.start == FIRST_YEAR and wave.material_grade == 8:
        return place % 7 in EARLY_GRADE_8
    if wave.start == FIRST_YEAR and wave.material_grade == 7:
        drawn = np.random.Generator(np.random.PCG64([seed, 71, place, *wave.key]))
        return place == 0 or bool(drawn.random() < _TRIAL_SHARE)
    if wave.material_grade == 8 and wave.subject in _SCIENCES_8:
        drawn = np.random.Generator(np.random.PCG64([seed, 72, place]))
        return wave.subject in drawn.permutation(_SCIENCES_8)[:2]
    return True
