"""A mapping: a settings file in which a cluster says what the columns of some other tidy table are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from oko.errors import SettingError
from oko.records.cluster import Cluster, Code, Settings, Text, Words
from oko.records.groups import MEASURES
from oko.records.kinds import KINDS
from oko.records.personal import personal_heading
from oko.records.readers.headings import stored_label
from oko.records.settings_files import read_toml, validate

FOLDER = "mappings"
WORK = ("procedure", "subject", "year", "season", "material_grade", "pupil_grade")
OF_PUPILS = ("results", "responses")


class Identity(Settings):
    """Headings of the columns that hold who a pupil is: they become a pseudonym at once."""

    full_name: Text | None = None
    surname: Text | None = None
    name: Text | None = None
    patronymic: Text | None = None
    birth_date: Text | None = None

    @model_validator(mode="after")
    def _whole(self) -> Identity:
        parts = self.surname is not None and self.name is not None
        if parts == (self.full_name is not None):
            raise ValueError("needs either full_name, or surname and name")
        return self

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(heading for heading in vars(self).values() if heading is not None)


class Pupil(Settings):
    """What tells pupils apart: exactly one of the four.

    ``pseudonym`` lists columns that are one already (joined by a hyphen), ``code`` is a participant's number,
    ``identity`` lists names, ``running`` numbers the rows of each school: such pupils are joined with nothing.
    """

    pseudonym: tuple[Text, ...] = ()
    code: Text | None = None
    identity: Identity | None = None
    running: bool = False

    @model_validator(mode="after")
    def _one(self) -> Pupil:
        if sum((bool(self.pseudonym), self.code is not None, self.identity is not None, self.running)) != 1:
            raise ValueError("needs exactly one of pseudonym, code, identity, running")
        return self

    @property
    def headings(self) -> tuple[str, ...]:
        own = self.identity.headings if self.identity else ()
        return (*self.pseudonym, *((self.code,) if self.code else ()), *own)


class Task(Settings):
    """A column of a task."""

    heading: Text
    max: Annotated[float, Field(gt=0, le=100)] | None = None
    level: Literal["basic", "raised", "high"] | None = None


class Tasks(Settings):
    """Columns of tasks: by a pattern with the groups ``label`` and perhaps ``max``, or by label."""

    pattern: Text | None = None
    columns: dict[str, Task] = Field(default_factory=dict)

    @field_validator("pattern")
    @classmethod
    def _pattern(cls, pattern: str | None) -> str | None:
        try:
            named = re.compile(pattern).groupindex if pattern else {"label": 0}
        except re.error:
            raise ValueError("must be a regular expression") from None
        if "label" not in named:
            raise ValueError("needs a group (?P<label>…)")
        return pattern

    @model_validator(mode="after")
    def _one(self) -> Tasks:
        if (self.pattern is None) == (not self.columns):
            raise ValueError("needs either pattern or columns")
        if any(stored_label(label) is None for label in self.columns):
            raise ValueError("a task’s label is as 5, 11.1 or 4К1")
        return self


class Measured(Settings):
    """A column of a table of groups: a measure with its key, and in which way its value is given."""

    measure: Text
    key: str = ""
    value: Text | None = None
    percent: Text | None = None
    count: Text | None = None

    @model_validator(mode="after")
    def _one(self) -> Measured:
        if self.measure not in MEASURES:
            raise ValueError("is no measure of groups")
        if sum(given is not None for given in (self.value, self.percent, self.count)) != 1:
            raise ValueError("needs exactly one of value, percent, count")
        return self

    @property
    def heading(self) -> str:
        return self.value or self.percent or self.count or ""


class ColumnMapping(Settings):
    """What a table of another source means, column by column."""

    name: Code
    title: Words
    status: Literal["confirmed", "unconfirmed", "invented"] = "unconfirmed"
    recognise: Annotated[tuple[Text, ...], Field(min_length=1)]
    table: Text
    sheet: Text | None = None
    heading_row: Annotated[int, Field(ge=1, le=1000)] | None = None
    columns: dict[str, Text]
    constants: dict[str, str] = Field(default_factory=dict)
    values: dict[str, dict[str, str]] = Field(default_factory=dict)
    decimal: Literal[",", "."] = "."
    max_score: Annotated[float, Field(gt=0)] | None = None
    items: Tasks | None = None
    measures: tuple[Measured, ...] = ()
    drop: tuple[Text, ...] = ()
    pupil: Pupil | None = None

    @property
    def identity(self) -> Identity | None:
        return self.pupil.identity if self.pupil else None

    @property
    def headings(self) -> tuple[str, ...]:
        """Headings of the columns that are read, tasks by pattern excepted."""
        tasks = self.items.columns.values() if self.items else ()
        pupil = self.pupil.headings if self.pupil else ()
        measured = (column.heading for column in self.measures)
        return tuple(dict.fromkeys((*self.columns.values(), *pupil, *(t.heading for t in tasks), *measured)))


def read_mapping(path: Path, where: str) -> ColumnMapping:
    """Read one mapping.

    Parameters
    ----------
    path : Path
        The settings file.
    where : str
        What errors call it.

    Raises
    ------
    SettingError
        The file is not valid: the message names the file, the key and what is wrong with it.
    """
    mapping = validate(ColumnMapping, read_toml(path, where), where)
    first = next(_faults(mapping, where), None)
    if first is not None:
        raise first
    return mapping


def _faults(mapping: ColumnMapping, where: str) -> Iterator[SettingError]:
    if mapping.table not in KINDS:
        yield SettingError(
            "File {where}, key table: {given} is not one of: {known}.",
            where=where,
            given=mapping.table,
            known=", ".join(KINDS),
        )
        return
    known = _columns(mapping)
    for section, names in (("columns", mapping.columns), ("constants", mapping.constants), ("values", mapping.values)):
        for name in names:
            if name not in known:
                yield SettingError(
                    "File {where}, key {key}: table {table} has no such column; it may have: {known}.",
                    where=where,
                    key=f"{section}.{name}",
                    table=mapping.table,
                    known=", ".join(known),
                )
    personal = [heading for heading in mapping.columns.values() if personal_heading(heading)]
    if personal:
        yield SettingError(
            "File {where}, key columns: {columns} holds personal data; list it under drop, or under pupil.identity.",
            where=where,
            columns=", ".join(personal),
        )
    lacking = _lacking(mapping)
    if lacking:
        yield SettingError(
            "File {where}: table {table} needs also: {missing}; add them to columns or constants.",
            where=where,
            table=mapping.table,
            missing=", ".join(lacking),
        )


def of_works(table: str) -> bool:
    """Tell whether each row of a table is about one assessment."""
    return "assessment" in KINDS[table].required


def _columns(mapping: ColumnMapping) -> tuple[str, ...]:
    """Return the columns that a mapping of a table may name; of works also what an assessment's id is made of."""
    own = [name for name in KINDS[mapping.table].columns if name not in {"link", "example"}]
    if mapping.table in OF_PUPILS:
        own = [name for name in (*own, *KINDS["results"].columns) if name not in {"pupil", "link", "example"}]
    if mapping.table == "groups" and mapping.measures:
        own = [name for name in own if name not in {"measure", "key", "value", "count"}]
    return tuple(dict.fromkeys((*own, *(WORK if of_works(mapping.table) else ()))))


def _lacking(mapping: ColumnMapping) -> list[str]:
    given = {*mapping.columns, *mapping.constants}
    needed = {*KINDS[mapping.table].required} - {"assessment", *(WORK if of_works(mapping.table) else ())}
    if mapping.table in OF_PUPILS:
        needed = (needed - {"school"}) | ({"items"} if mapping.table == "responses" else set())  # a school may be told
        given |= {"pupil"} if mapping.pupil else set()
        given |= {"items"} if mapping.items else set()
        given |= {"status"} if "variant" in given else set()
    if mapping.table == "groups" and mapping.measures:
        needed -= {"measure", "value"}
    return sorted(needed - given)


def mapping_files(root: Path, cluster: Cluster) -> tuple[Path, ...]:
    """Return the mappings of a cluster in the order of their names."""
    return tuple(sorted((root / "data" / "clusters" / cluster.code / FOLDER).glob("*.toml")))
