"""The plan of a year: which studies run on which units, and what each run depends on."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nbformat

from oko.errors import SettingError
from oko.folders import sha256
from oko.records.own_files import MODEL, PLAN, PROTOCOL, check_listed, where_of
from oko.records.protocol_lock import LOCK
from oko.runs.parameters import ClusterParameters, check_parameters
from oko.runs.protocol_state import in_year, state_digest
from oko.runs.registry import Study, find_study, read_registry
from oko.runs.units import Chosen, units
from oko.workspace import Workspace


@dataclass(frozen=True)
class Run:
    """One study on one unit.

    Attributes
    ----------
    name : str
        Id of the study.
    study : Study
    parameters : ClusterParameters
    root : Path
        The project's folder.
    folder : Path
        ``results/<year>/runs/<study>/<unit>``.
    inputs : Mapping
        Digest of each thing that the run depends on: template, parameters, data, protocol, package, environment.
    """

    name: str
    study: Study
    parameters: ClusterParameters
    root: Path
    folder: Path
    inputs: Mapping[str, str]

    @property
    def unit(self) -> str:
        return self.parameters.unit

    @property
    def key(self) -> str:
        """Digest of all inputs; equal keys mean equal tables."""
        return hashlib.sha256(repr(sorted(self.inputs.items())).encode()).hexdigest()

    @property
    def template(self) -> Path:
        return self.root / "templates" / self.study.template

    @property
    def page(self) -> str:
        """Name of the page in the run's language."""
        return f"page.{self.parameters.language}.html"


def year_folder(workspace: Workspace, year: str) -> Path:
    """Folder of a year's results."""
    return workspace.results_folder / year


def plan(
    workspace: Workspace,
    year: str,
    *,
    study: str | Sequence[str] | None = None,
    school: str | None = None,
    subject: str | None = None,
    instrument: str | None = None,
    as_of: str = "",
    language: str = "ru",
) -> tuple[Run, ...]:
    """List the runs of a year.

    Parameters
    ----------
    workspace : Workspace
    year : str
        A school year that the cluster has.
    study : str or sequence of str, optional
        Only this study, or these.
    school, subject, instrument : str, optional
        Only the studies of this school, of this subject in the schools, of this instrument (see ``Chosen``).
    as_of : str, optional
        ISO date as of which the studies are made that can be.
    language : {"ru", "en"}, default "ru"

    Returns
    -------
    tuple of Run
        Without those that the protocol binds where it asks for another year, unless they are named. In the order of the
        registry, schools in the order of the cluster's settings.

    Raises
    ------
    SettingError
        An unknown year, study, school, subject or instrument.
    """
    workspace.cluster.check_year(year)
    studies = read_registry(workspace.root)
    for place, event in enumerate(workspace.events):
        for name in event.studies:
            where = where_of(workspace.cluster.code, PLAN)
            check_listed(where, f"events.{place}.studies", name, tuple(studies))
    if study is not None:
        studies = {name: find_study(studies, name) for name in ([study] if isinstance(study, str) else study)}
    chosen = Chosen(school, subject, instrument)
    runs = []
    for name, entry in studies.items():
        if study is None and entry.protocol and not in_year(workspace, year):
            continue
        values = {"year": year, "language": language, **({"as_of": as_of} if entry.as_of else {})}
        found = units(workspace, year, entry.unit, chosen)
        runs += [_run(workspace, name, entry, {**values, **unit}) for unit in found]
    if not runs and not chosen.all and study is None:
        told = ", ".join(value for value in (school, subject, instrument) if value)
        raise SettingError(
            "No study of {year} is about this: {chosen}; “oko list” shows what there is.", year=year, chosen=told
        )
    if not runs and not chosen.all:
        own = [name for name, entry in read_registry(workspace.root).items() if _of(entry, chosen)]
        raise SettingError(
            "Study {study} is not about what is asked for; these are: {known}.",
            study=study if isinstance(study, str) else ", ".join(study or ()),
            known=", ".join(own),
        )
    return tuple(runs)


def _of(study: Study, chosen: Chosen) -> bool:
    """Whether a study is about the kind of unit that is asked for."""
    if chosen.instrument is not None:
        return study.unit == "instrument"
    return study.unit == "school_subject" or (study.unit == "school" and chosen.subject is None)


def _run(workspace: Workspace, name: str, study: Study, values: Mapping[str, str]) -> Run:
    cluster = workspace.cluster
    parameters = check_parameters(study.kind, {"cluster": cluster.code, **values}, cluster)
    folder = year_folder(workspace, parameters.year) / "runs" / name / parameters.unit
    words = {key: value for key, value in parameters.literals().items() if key != "language"}
    shown = _written(workspace, PLAN, MODEL)
    bound = _written(workspace, PROTOCOL, LOCK) if study.model else ""
    bound = state_digest(workspace) if study.protocol else bound
    inputs = {
        "parameters": _digest(repr(sorted(words.items())) + study.model_dump_json()),
        "template": _template_digest(workspace.root / "templates" / study.template),
        "data": workspace.store.year_digest(parameters.year),
        "settings": _digest(cluster.model_dump_json() + _facts_digest(workspace.root) + shown),
        "protocol": bound,
        "package": _package_digest(),
        "environment": sha256(workspace.root / "requirements.lock"),
    }
    return Run(name, study, parameters, workspace.root, folder, inputs)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _written(workspace: Workspace, *names: str) -> str:
    """Digest of files of the cluster as they are written; those that are not there count for nothing."""
    paths = [workspace.root / where_of(workspace.cluster.code, name) for name in names]
    return _digest(repr([(path.name, sha256(path)) for path in paths if path.is_file()]))


@cache
def _template_digest(path: Path) -> str:
    """Digest of the cells' sources: outputs, metadata and execution counts change nothing."""
    cells = nbformat.read(path, as_version=4).cells
    return _digest(repr([(cell.cell_type, cell.source) for cell in cells]))


@cache
def _facts_digest(root: Path) -> str:
    """Digest of the facts and names that pages show."""
    return _digest(repr([(path.name, sha256(path)) for path in sorted((root / "data" / "external").glob("*.csv"))]))


@cache
def _package_digest() -> str:
    package = Path(__file__).parents[1]
    translations = package.parents[1] / "templates"
    paths = [
        *package.rglob("*.py"),
        *package.rglob("*.po"),
        *translations.glob("locale/**/*.po"),
        *translations.glob("report/**/*.*"),
    ]
    return _digest(repr([(path.name, sha256(path)) for path in sorted(paths)]))
