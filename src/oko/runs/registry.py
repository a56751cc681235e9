"""The registry of studies: ``templates/studies.toml`` says what each one is, is about, and leaves behind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from oko.errors import SettingError
from oko.records.cluster import DEVICE, Settings, Words, no_device, unknown
from oko.records.settings_files import CODE_PATTERN, read_toml, validate

WHERE = "templates/studies.toml"
STARTER = "new_study"
STARTER_ENTRY = f"templates/{STARTER}.toml"
Edition = Literal["internal", "public"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$"), AfterValidator(no_device)]


class Table(Settings):
    """A table that a study leaves behind: its name, the columns that it must have, and of whom it speaks.

    ``counts`` names the quantity that its ``n`` counts: tables with the same quantity count the same pupils where the
    values of their keys are equal, and are audited together.
    """

    name: Name
    sensitivity: Edition
    columns: Annotated[tuple[Name, ...], Field(min_length=1)]
    about: Words | None = None
    counts: Name | None = None


class Figure(Settings):
    """A figure that a study may leave behind, and the table that holds its numbers."""

    name: Name
    sensitivity: Edition
    about: Words | None = None
    table: Name | None = None


class Study(Settings):
    """One study: a template, what it is about, its edition, whether the protocol binds it, and its outputs.

    ``model``: it shows the protocol as it is written, without reading outcomes;
    ``as_of``: the study can be made as of a day; ``word``: its page is made as an editable Word document too;
    ``sheets``: it leaves a page for each class or pupil; ``one_page``: its page is set to fit one printed sheet.
    """

    title: Words
    question: Words
    template: Annotated[str, StringConstraints(pattern=r"^(school|cluster|instrument)/[a-z0-9_]+\.ipynb$")]
    unit: Literal["school", "school_subject", "instrument", "cluster"]
    edition: Edition
    timeout: Annotated[int, Field(ge=1, le=3600)] = 300
    protocol: bool = False
    model: bool = False
    word: bool = False
    as_of: bool = False
    sheets: bool = False
    one_page: bool = False
    tables: tuple[Table, ...] = ()
    figures: tuple[Figure, ...] = ()

    @property
    def kind(self) -> str:
        """Which parameters the study has: those of its unit, or of the cluster as of a day."""
        return "dated" if self.as_of else self.unit


class _File(Settings):
    studies: Mapping[str, Study]


def read_registry(root: Path) -> dict[str, Study]:
    """Read the registry.

    Parameters
    ----------
    root : Path
        The project's folder.

    Returns
    -------
    dict of str to Study
        Studies by id, in the order of the file.

    Raises
    ------
    SettingError
        The file, a key or a value is wrong, or a template is missing.
    """
    studies = dict(validate(_File, read_toml(root / WHERE, WHERE), WHERE).studies)
    for name, study in studies.items():
        if not re.fullmatch(CODE_PATTERN, name) or DEVICE.fullmatch(name):
            raise SettingError("File {where}: {name} is not a valid study id.", where=WHERE, name=repr(name))
        if not (root / "templates" / study.template).is_file():
            raise SettingError(
                "File {where}, study {name}: template {template} does not exist.",
                where=WHERE,
                name=name,
                template=f"templates/{study.template}",
            )
        _check_sensitivity(name, study)
        _check_public(name, study)
        _check_form(name, study)
    return studies


def _check_public(name: str, study: Study) -> None:
    """Refuse a public output that would be shown without saying what it counts, or a figure without its numbers."""
    public = {table.name for table in study.tables if table.sensitivity == "public"}
    told = {"where": WHERE, "name": name}
    outputs: tuple[Table | Figure, ...] = (*study.tables, *study.figures)
    for output in outputs:
        if output.sensitivity == "public" and output.about is None:
            raise SettingError(
                "File {where}, study {name}: the public output {output} needs about: what is counted, and of whom.",
                **told,
                output=output.name,
            )
    for table in study.tables:
        if table.sensitivity == "public" and "n" not in table.columns:
            raise SettingError(
                "File {where}, study {name}: the public table {output} needs the column n, the number of pupils.",
                **told,
                output=table.name,
            )
    for figure in study.figures:
        if figure.sensitivity == "public" and figure.table not in public:
            raise SettingError(
                "File {where}, study {name}: the public figure {output} needs table: the public table of this study "
                "that holds its numbers.",
                **told,
                output=figure.name,
            )


def _check_form(name: str, study: Study) -> None:
    """Refuse sheets of a public study: they are about single classes; and a day for what is not about the cluster."""
    if study.sheets and study.edition == "public":
        raise SettingError("File {where}, study {name}: a public study cannot have sheets.", where=WHERE, name=name)
    if study.as_of and study.unit != "cluster":
        raise SettingError(
            "File {where}, study {name}: as_of is for studies of the cluster alone.", where=WHERE, name=name
        )


def _check_sensitivity(name: str, study: Study) -> None:
    outputs: tuple[Table | Figure, ...] = (*study.tables, *study.figures)
    for output in outputs:
        if study.edition == "internal" and output.sensitivity == "public":
            raise SettingError(
                "File {where}, study {name}: an internal study cannot have the public output {output}.",
                where=WHERE,
                name=name,
                output=output.name,
            )


def read_starter(root: Path) -> Study:
    """Read the entry of the starter: it is no study of a year, but can be tried out as it stands."""
    return validate(_File, read_toml(root / STARTER_ENTRY, STARTER_ENTRY), STARTER_ENTRY).studies[STARTER]


def find_study(studies: Mapping[str, Study], name: str) -> Study:
    """Return a study by its id; raise SettingError for an unknown one."""
    if name not in studies:
        raise unknown("study", name, tuple(studies), WHERE)
    return studies[name]
