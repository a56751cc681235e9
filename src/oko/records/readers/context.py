"""What is known of a file beside its cells: who sent it, and which work it is about.

A school's own form does not say which school, year or even subject it is about. That is told by a file
``received.toml`` in its folder or in one above (the nearest wins), or by the words of ``oko import``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from oko.errors import DataError
from oko.records.cluster import Cluster, Code, Settings, Year
from oko.records.pseudonyms import Pseudonyms
from oko.records.settings_files import read_toml, validate

TOLD = "received.toml"
_SUBJECTS = {
    "математ": "mathematics",
    "физик": "physics",
    "хими": "chemistry",
    "биолог": "biology",
    "географ": "geography",
    "окружающ": "science",
    "информат": "informatics",
}
_PROCEDURES = {"впр": "vpr", "огэ": "oge", "егэ": "ege", "рдр": "rdr"}
_DATE = re.compile(
    r"(?P<year>20[0-9]{2})[.-](?P<month>[0-9]{2})[.-][0-9]{2}|[0-9]{2}\.(?P<m>[0-9]{2})\.(?P<y>20[0-9]{2})"
)
_YEARS = re.compile(r"(20[0-9]{2})\s*[-–/]\s*(20[0-9]{2})")
_GRADE = re.compile(r"\b([0-9]{1,2})\s*(?:-?[а-я]{0,2}\s*)?кл(?:асс|\b|\.)", re.IGNORECASE)


class Told(Settings):
    """What ``received.toml`` says of the files beside it and below.

    ``others`` says what becomes of rows of schools that are not registered: refuse (the default), leave (not read), or
    comparison (they are schools that the cluster is compared with). ``accept_rows`` says that a file with faulty rows
    is taken without them.
    """

    school: Code | None = None
    procedure: Code | None = None
    subject: Code | None = None
    material_grade: Annotated[int, Field(ge=1, le=12)] | None = None
    pupil_grade: Annotated[int, Field(ge=1, le=12)] | None = None
    year: Year | None = None
    season: Literal["autumn", "winter", "spring", "year"] | None = None
    mapping: str | None = None
    others: Literal["refuse", "leave", "comparison"] = "refuse"
    accept_rows: bool = False


def told_beside(path: Path, name: str, said: Told | None = None) -> Told:
    """Join what the words of a call and the files ``received.toml`` around a file say of it; the nearest wins.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        Its name from the folder that was given: only the folders in it are looked through, and the file's own.
    said : Told, optional
        The words of the call: they go before every file.

    Raises
    ------
    SettingError
        A ``received.toml`` is wrong: the message names the file and the key.
    """
    folders = list(path.parents)[: max(1, len(Path(name).parts))]
    told: dict[str, object] = {}
    for folder in reversed(folders):
        place = folder / TOLD
        if place.is_file():
            where = f"{folder.name}/{TOLD}"
            told |= validate(Told, read_toml(place, where), where).model_dump(exclude_unset=True)
    return Told(**{**told, **(said.model_dump(exclude_unset=True) if said else {})})


@dataclass(frozen=True)
class Work:
    """One assessment as far as it is known.

    Attributes
    ----------
    procedure, subject, year, season : str or None
        Codes; the year is a school year.
    material_grade, pupil_grade : int or None
    """

    procedure: str | None = None
    subject: str | None = None
    year: str | None = None
    season: str | None = None
    material_grade: int | None = None
    pupil_grade: int | None = None

    def filled(self, other: Work) -> Work:
        """Return this work with what it does not know taken from the other."""
        empty = {name: getattr(other, name) for name, value in vars(self).items() if value is None}
        return replace(self, **empty)

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of what is not known; one grade is enough."""
        grades = (self.material_grade or self.pupil_grade) is not None
        names = [name for name in ("procedure", "subject", "year", "season") if getattr(self, name) is None]
        return (*names, *(() if grades else ("material_grade",)))

    @property
    def assessment(self) -> str:
        """Id of the assessment.

        Examples
        --------
        >>> Work("vpr", "mathematics", "2020-2021", "autumn", 6, 7).assessment
        'vpr-mathematics-6-in-7-autumn-2020'
        >>> Work("oge", "mathematics", "2020-2021", "spring", 9, 9).assessment
        'oge-mathematics-9-spring-2021'
        """
        first, _, last = str(self.year).partition("-")
        calendar = first if self.season == "autumn" else last or first
        material, pupils = self.material_grade or self.pupil_grade, self.pupil_grade or self.material_grade
        shifted = f"-in-{pupils}" if pupils != material else ""
        return f"{self.procedure}-{self.subject}-{material}{shifted}-{self.season}-{calendar}"

    def row(self) -> dict[str, str]:
        """Return the row of the raw table of assessments, as text."""
        material, pupils = self.material_grade or self.pupil_grade, self.pupil_grade or self.material_grade
        return {
            "assessment": self.assessment,
            "procedure": str(self.procedure),
            "subject": str(self.subject),
            "year": str(self.year),
            "season": str(self.season),
            "material_grade": str(material),
            "pupil_grade": str(pupils),
        }


@dataclass(frozen=True)
class Context:
    """What a reader may lean on beside the cells of the file.

    Attributes
    ----------
    root : Path
        The project's folder, for ``data/external``.
    cluster : Cluster
    file : str
        What findings call the file.
    told : Told
        What ``received.toml`` or the words of the call say.
    pseudonyms : Pseudonyms or None
        None while the cluster has no key: files that hold identities are refused then.
    """

    root: Path
    cluster: Cluster
    file: str
    told: Told = field(default_factory=Told)
    pseudonyms: Pseudonyms | None = None

    def work(self, found: Work) -> Work:
        """Complete what a file says of its work by what was told, then by the words of the file's name.

        Raises
        ------
        DataError
            The two contradict, or something is still not known: the message names what to write into received.toml.
        """
        told = Work(**{name: getattr(self.told, name) for name in vars(Work())})
        for name, value in vars(told).items():
            given = getattr(found, name)
            if value is not None and given is not None and given != value:
                raise DataError(
                    "The file says {name} = {given}, and received.toml says {told}: correct one of them.",
                    name=name,
                    given=given,
                    told=value,
                )
        whole = _with_equal_grades(found.filled(told).filled(work_in(Path(self.file).stem)))
        if whole.missing:
            raise DataError(
                "It is not known which work this is; missing: {missing}. "
                "Write it into a file received.toml in the folder: {line}.",
                missing=", ".join(whole.missing),
                line=", ".join(f'{name} = "…"' if "grade" not in name else f"{name} = …" for name in whole.missing),
            )
        return whole

    def school(self, text: str) -> str:
        """Return a school's code for a login, a code or a title as a file writes it; an unknown one as it is."""
        return self.cluster.school_written(text)


def _with_equal_grades(work: Work) -> Work:
    """Give the grade that is not known: in the autumn of 2020 ВПР were written a grade later than their material."""
    shift = int(work.procedure == "vpr" and work.season == "autumn" and work.year == "2020-2021")
    if work.material_grade is None and work.pupil_grade is not None:
        return replace(work, material_grade=work.pupil_grade - shift)
    if work.pupil_grade is None and work.material_grade is not None:
        return replace(work, pupil_grade=work.material_grade + shift)
    return work


def work_in(text: str) -> Work:
    """Read what a line of words says of a work: "ВПР 2021 Математика 7 класс", "02 - Математика 2021.05.27".

    A calendar year alone is spring, but for ВПР of 2020, which were held in autumn alone. "N класс" is the grade of
    the material.

    Examples
    --------
    >>> work_in("ВПР 2021 Математика 7 класс")
    Work(procedure='vpr', subject='mathematics', year='2020-2021', season='spring', material_grade=7, pupil_grade=None)
    """
    low = text.lower()
    grade = _GRADE.search(low)
    year, season = _when(low)
    return Work(
        procedure=_named(low, _PROCEDURES),
        subject=_named(low, _SUBJECTS),
        year=year,
        season=season,
        material_grade=int(grade[1]) if grade else None,
    )


def _named(text: str, words: Mapping[str, str]) -> str | None:
    return next((code for stem, code in words.items() if stem in text), None)


def _when(text: str) -> tuple[str | None, str | None]:
    season = next((code for stem, code in (("осен", "autumn"), ("весн", "spring")) if stem in text), None)
    years = _YEARS.search(text)
    if years and int(years[2]) == int(years[1]) + 1:
        return f"{years[1]}-{years[2]}", season
    date = _DATE.search(text)
    if date:
        year, month = int(date["year"] or date["y"]), int(date["month"] or date["m"])
        return school_year(year, month), "autumn" if month >= 8 else "spring"
    alone = re.search(r"\b(20[0-9]{2})\b", text)
    if alone is None:
        return None, season
    year = int(alone[1])
    autumn = season == "autumn" or (season is None and year == 2020 and "впр" in text)
    return (school_year(year, 9), "autumn") if autumn else (school_year(year, 4), "spring")


def school_year(year: int, month: int) -> str:
    """Return the school year of a month: April 2021 and September 2020 lie in 2020-2021."""
    first = year if month >= 8 else year - 1
    return f"{first}-{first + 1}"
