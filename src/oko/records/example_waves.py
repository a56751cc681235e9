"""The waves of the example: which works its pupils sit, and which earlier one each leans on."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_YEAR = 2018
_SEASONS = {"autumn": 0, "spring": 1}


@dataclass(frozen=True)
class Wave:
    """One work sat by one cohort.

    Attributes
    ----------
    procedure, subject : str
        Codes.
    start : int
        Calendar year in which the school year begins.
    season : {"autumn", "spring"}
    material_grade, pupil_grade : int
        In autumn pupils write on the material of the grade below.
    prior : str
        Earlier assessment of the same pupils; empty for none.
    """

    procedure: str
    subject: str
    start: int
    season: str
    material_grade: int
    pupil_grade: int
    prior: str = ""

    @property
    def year(self) -> str:
        return f"{self.start}-{self.start + 1}"

    @property
    def assessment(self) -> str:
        """Id of the assessment, as in ``vpr-mathematics-6-in-7-autumn-2020``.

        Examples
        --------
        >>> Wave("vpr", "physics", 2020, "spring", 7, 7).assessment
        'vpr-physics-7-spring-2021'
        """
        shifted = f"-in-{self.pupil_grade}" if self.pupil_grade != self.material_grade else ""
        calendar = self.start + _SEASONS[self.season]
        return f"{self.procedure}-{self.subject}-{self.material_grade}{shifted}-{self.season}-{calendar}"

    @property
    def work(self) -> tuple[str, int]:
        """Subject and grade of the tasks."""
        return self.subject, self.material_grade

    @property
    def cohort(self) -> int:
        """Grade in which the pupils were in the first year."""
        return self.pupil_grade - (self.start - FIRST_YEAR)

    @property
    def order(self) -> int:
        """Half-years since the autumn of the first year."""
        return 2 * (self.start - FIRST_YEAR) + _SEASONS[self.season]

    @property
    def key(self) -> tuple[int, int, int]:
        """Numbers that no other wave shares: the seed of its draws."""
        return self.cohort, self.order, int(self.subject == "physics")


def _spring_2019() -> tuple[Wave, ...]:
    works = [("mathematics", 5), ("mathematics", 6), ("mathematics", 7), ("physics", 7)]
    return tuple(Wave("vpr", subject, 2018, "spring", grade, grade) for subject, grade in works)


def _autumn(procedure: str, start: int, works: list[tuple[str, int]], earlier: tuple[Wave, ...]) -> tuple[Wave, ...]:
    waves = (Wave(procedure, subject, start, "autumn", grade - 1, grade) for subject, grade in works)
    return tuple(_after(wave, earlier) for wave in waves)


def _after(wave: Wave, earlier: tuple[Wave, ...]) -> Wave:
    """Name the latest earlier work of the same pupils in the same subject, if there is one."""
    same = [other for other in earlier if (other.cohort, other.subject) == (wave.cohort, wave.subject)]
    latest = max(same, key=lambda other: other.order, default=None)
    prior = latest.assessment if latest else ""
    return Wave(wave.procedure, wave.subject, wave.start, wave.season, wave.material_grade, wave.pupil_grade, prior)


def _waves() -> tuple[Wave, ...]:
    """Spring 2019; no spring of 2020 (the pandemic), the cluster's own works before it; both seasons of 2020-2021."""
    waves = _spring_2019()
    own = [("mathematics", 6), ("mathematics", 7), ("mathematics", 8), ("physics", 8)]
    waves += _autumn("control", 2019, own, waves)
    waves += _autumn("vpr", 2020, [("mathematics", 7), ("mathematics", 8), ("physics", 8)], waves)
    spring = [("mathematics", 6), ("mathematics", 7), ("mathematics", 8), ("physics", 7), ("physics", 8)]
    return waves + tuple(_after(Wave("vpr", subject, 2020, "spring", grade, grade), waves) for subject, grade in spring)


WAVES = _waves()
