"""A cluster is one folder of settings: ``data/clusters/<code>/cluster.toml``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from oko.errors import SettingError
from oko.language import N_, current
from oko.records.settings_files import CODE_PATTERN, YEAR_PATTERN, read_toml, validate

THRESHOLD_FLOOR = 5

DEVICE = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")
Year = Annotated[str, StringConstraints(pattern=YEAR_PATTERN)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=300)]


def no_device(code: str) -> str:
    """Return a code; raise ValueError where Windows keeps it for a device."""
    if DEVICE.fullmatch(code):
        raise ValueError(N_("no folder can be called so in Windows: choose another code"))
    return code


Code = Annotated[str, StringConstraints(pattern=CODE_PATTERN), AfterValidator(no_device)]


class Settings(BaseModel):
    """Base of everything read from a settings file: unknown keys are refused, nothing changes later."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Settings):
    """One text in both languages.

    Examples
    --------
    >>> Words(ru="Физика", en="Physics").text()
    'Физика'
    """

    ru: Text
    en: Text

    def text(self) -> str:
        """Return the text in the language in force."""
        return str(getattr(self, current()))


class School(Settings):
    """One school of the cluster."""

    code: Code
    name: Words
    kind: Literal["lyceum", "gymnasium", "school", "mixed", "boys", "girls"] = "school"
    lead: bool = False
    logins: tuple[Annotated[str, StringConstraints(pattern=r"^[0-9]{4,9}$")], ...] = ()


class Agreement(Settings):
    """What the schools have agreed to show one another and the public."""

    names_schools: bool = False
    names_comparison: bool = False


class IntakeSettings(Settings):
    """What becomes of faulty files when the whole folder is taken in.

    ``refused`` says whether a file that must be refused stops all (stop) or is left while the others are taken
    (leave); ``accept_rows`` whether a file with faulty rows is taken without them.
    """

    refused: Literal["stop", "leave"] = "stop"
    accept_rows: bool = False


class Exchange(Settings):
    """Terms on which rows of pupils may leave a school; without a legal basis only aggregates do."""

    legal_basis: Text | None = None
    purpose: Text | None = None
    keep_until: Text | None = None


class ReleaseSettings(Settings):
    """Terms of release: who makes the runs and so may not sign, the base of rounded counts, and an open licence."""

    maker: Text | None = None
    round_counts: Annotated[int, Field(ge=1, le=100)] = 1
    licence: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{1,39}$")] | None = None


class Cluster(Settings):
    """Settings of a cluster: its schools, years, source of data and thresholds."""

    code: Code
    name: Words
    source: Literal["raw", "example", "london"] = "raw"
    source_note: Words | None = None
    language: Literal["ru", "en"] = "ru"
    example: bool = False
    public: bool = False
    years: Annotated[tuple[Year, ...], Field(min_length=1)]
    threshold: Annotated[int, Field(ge=THRESHOLD_FLOOR, le=1000)] = 10
    work: Text | None = None
    agreement: Agreement = Agreement()
    intake: IntakeSettings = IntakeSettings()
    exchange: Exchange = Exchange()
    release: ReleaseSettings = ReleaseSettings()
    schools: Annotated[tuple[School, ...], Field(min_length=2)]

    @field_validator("schools")
    @classmethod
    def _codes_differ(cls, schools: tuple[School, ...]) -> tuple[School, ...]:
        if len({school.code for school in schools}) < len(schools):
            raise ValueError("each school code must stand once")
        return schools

    @field_validator("years")
    @classmethod
    def _years_in_order(cls, years: tuple[str, ...]) -> tuple[str, ...]:
        if list(years) != sorted(set(years)):
            raise ValueError("years must stand in order, each once")
        return years

    @model_validator(mode="after")
    def _mark_of_example(self) -> Cluster:
        if self.source == "example" and not self.example:
            raise ValueError("source example needs example = true")
        return self

    @property
    def latest_year(self) -> str:
        return self.years[-1]

    @property
    def school_codes(self) -> tuple[str, ...]:
        return tuple(school.code for school in self.schools)

    @property
    def signs_itself(self) -> bool:
        """Whether a release needs no second person: nobody real can be exposed."""
        return self.example or self.public

    @property
    def fewest_modelled(self) -> int:
        """Least number of a school's pupils in a model that is published: of public data there is nothing to keep."""
        return 1 if self.public else self.threshold

    def school(self, code: str) -> School:
        """Return a school by its code; raise SettingError for an unknown one."""
        for school in self.schools:
            if school.code == code:
                return school
        raise unknown("school", code, self.school_codes, f"data/clusters/{self.code}/cluster.toml")

    def school_written(self, text: str) -> str:
        """Return the code of a school that a file writes as a code, a login (sch780344, edu780344) or a title.

        A school with an unknown login is called by it, ``sch780999``; any other text comes back as it is.
        """
        written = text.strip()
        login = re.search(r"(?:sch|edu)([0-9]{4,9})", written, re.IGNORECASE)
        number = re.search(r"№\s*([0-9]{1,4})\b", written)
        for school in self.schools:
            if written == school.code or (login[1] if login else written) in school.logins:
                return school.code
            if login is None and number and number[1] == school.code:
                return school.code
        return f"sch{login[1]}" if login else written

    def check_year(self, year: str) -> str:
        """Return the year if the cluster has it; raise SettingError otherwise."""
        if year not in self.years:
            raise unknown("year", year, self.years, f"data/clusters/{self.code}/cluster.toml")
        return year


def unknown(kind: str, given: str, known: tuple[str, ...], where: str) -> SettingError:
    """Make the error for a name that no register holds, with the nearest known one."""
    messages = {
        "cluster": "Cluster {given} is unknown; {where} has: {known}.",
        "school": "School {given} is unknown; {where} has: {known}.",
        "year": "Year {given} is unknown; {where} has: {known}.",
        "study": "Study {given} is unknown; {where} has: {known}.",
        "assessment": "Assessment {given} is unknown; {where} has: {known}.",
        "item": "Subject {given} is unknown; {where} has: {known}.",
        "register": "Table {given} is unknown; {where} has: {known}.",
        "subject": "Subject {given} is unknown; {where} has: {known}.",
    }
    return SettingError(messages[kind], given=repr(given[:80]), where=where, known=", ".join(known))


def read_cluster(root: Path, code: str) -> Cluster:
    """Read the settings of one cluster.

    Parameters
    ----------
    root : Path
        The project's folder.
    code : str
        Name of a folder in ``data/clusters``.

    Raises
    ------
    SettingError
        The cluster is unknown, or its file is not valid: the message names the file and the key.
    """
    folder = root / "data" / "clusters"
    known = tuple(sorted(path.parent.name for path in folder.glob("*/cluster.toml")))
    if not re.fullmatch(CODE_PATTERN, code) or code not in known:
        raise unknown("cluster", code, known, "data/clusters")
    return _parse(folder / code / "cluster.toml", code, root)


def _parse(path: Path, code: str, root: Path) -> Cluster:
    where = path.relative_to(root).as_posix()
    content = read_toml(path, where)
    cluster = validate(Cluster, content, where)
    if cluster.code != code:
        raise SettingError(
            "File {where}, key code: {given} does not equal the folder's name {code}.",
            where=where,
            given=repr(cluster.code),
            code=repr(code),
        )
    return cluster
