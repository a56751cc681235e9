"""The release of a year's public studies."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from oko.disclosure import release
from oko.errors import ReleaseError
from oko.language import LANGUAGES, used
from oko.runs.cache import read_record
from oko.runs.plan import Run, year_folder
from oko.workspace import Workspace


def release_runs(workspace: Workspace, runs: tuple[Run, ...], reviewer: str | None) -> list[release.Release]:
    """Release every finished public run; what an unfinished one released before is taken back as stale.

    Parameters
    ----------
    workspace : Workspace
    runs : tuple of Run
        Runs of one year.
    reviewer : str or None
        The second person who signs; an example cluster and public data are signed "example".

    Raises
    ------
    ReleaseError
        Real data without a reviewer, or an output that may not leave.
    """
    cluster = workspace.cluster
    signed = "example" if cluster.signs_itself else (reviewer or "").strip()
    if not signed:
        raise ReleaseError(
            "Results of real schools are released by a second person: oko release --cluster {cluster} --reviewer NAME.",
            cluster=cluster.code,
        )
    withdraw_stale(workspace, runs)
    ready = [run for run in runs if run.study.edition == "public" and _current(run)]
    return [_release(workspace, run, signed) for run in ready]


def withdraw_stale(workspace: Workspace, runs: tuple[Run, ...]) -> None:
    """Take back releases that stand no longer: the run is not done, or the agreement or threshold has changed."""
    terms = _terms(workspace)
    for run in runs:
        destination = _destination(workspace, run)
        if run.study.edition != "public" or not destination.exists():
            continue
        try:
            about = release.read(destination).about
        except ReleaseError:
            about = {}
        if not _done(run) or any(about.get(name) != value for name, value in terms.items()):
            shutil.rmtree(destination)


def _terms(workspace: Workspace) -> dict[str, Any]:
    """Return what a release may show under the cluster's present settings."""
    cluster = workspace.cluster
    named = list(cluster.school_codes) if cluster.agreement.names_schools else []
    return {"threshold": cluster.threshold, "schools": named, "example": cluster.example}


def _destination(workspace: Workspace, run: Run) -> Path:
    return year_folder(workspace, run.parameters.year) / "release" / run.name / run.unit


def _done(run: Run) -> bool:
    record = read_record(run.folder)
    return record is not None and record["status"] == "done"


def _current(run: Run) -> bool:
    """Whether a run is done with the present data, settings and templates."""
    record = read_record(run.folder)
    return record is not None and record["status"] == "done" and record["key"] == run.key


def _release(workspace: Workspace, run: Run, reviewer: str) -> release.Release:
    record = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
    outputs = [output["path"] for output in record["outputs"] if output["sensitivity"] == "public"]
    destination = _destination(workspace, run)
    about = {**_about(workspace, run), "reviewer": reviewer, "key": record["key"], "made": record["made"]}
    if destination.exists() and _same(destination, about, outputs):
        return release.read(destination)
    return release.make(run.folder, destination, outputs, about)


def _same(destination: Path, about: dict[str, Any], outputs: list[str]) -> bool:
    try:
        there = release.read(destination)
    except ReleaseError:
        return False
    known = {key: there.about.get(key) for key in about}
    return known == about and sorted(there.about["files"]) == sorted(outputs)


def _about(workspace: Workspace, run: Run) -> dict[str, Any]:
    cluster = workspace.cluster
    return {
        "study": run.name,
        "unit": run.unit,
        "year": run.parameters.year,
        "cluster": cluster.code,
        "cluster_name": cluster.name.model_dump(),
        "title": run.study.title.model_dump(),
        **_terms(workspace),
        "source": cluster.source_note.model_dump() if cluster.source_note else {"ru": "", "en": ""},
        "names": _names(workspace),
        "order": _order(workspace),
    }


def _order(workspace: Workspace) -> dict[str, list[str]]:
    """Order in which subjects and assessments are shown."""
    assessments = list(workspace.titles())
    subjects = workspace.assessments().set_index("assessment")["subject"].reindex(assessments)
    return {"assessment": assessments, "subject": list(dict.fromkeys(subjects))}


def _names(workspace: Workspace) -> dict[str, dict[str, dict[str, str]]]:
    """Names that a reader of the release needs, in both languages: a release is read without the workspace."""
    assessments = workspace.assessments()
    subjects, procedures = sorted(assessments["subject"].unique()), sorted(assessments["procedure"].unique())
    names: dict[str, dict[str, dict[str, str]]] = {"school": {}, "subject": {}, "procedure": {}, "assessment": {}}
    for code in LANGUAGES:
        with used(code):
            for subject in subjects:
                names["subject"].setdefault(subject, {})[code] = workspace.names.text("subject", subject)
            for procedure in procedures:
                names["procedure"].setdefault(procedure, {})[code] = workspace.names.text("procedure", procedure)
            for row in assessments.itertuples():
                names["assessment"].setdefault(str(row.assessment), {})[code] = workspace.names.assessment_title(row)
            if workspace.cluster.agreement.names_schools:
                for school in workspace.cluster.schools:
                    names["school"].setdefault(school.code, {})[code] = school.name.text()
    return names
