"""What stands at the head and foot of a page: title, unit, source of the data, date, run."""

from __future__ import annotations

import datetime

import oko
from oko.language import date
from oko.runs.glossary import read_terms
from oko.runs.parameters import InstrumentParameters, SchoolParameters, SubjectParameters
from oko.runs.plan import Run
from oko.show.page import PageHeader
from oko.workspace import Workspace
from oko.workspace import open as open_workspace


def unit_title(run: Run, workspace: Workspace) -> str:
    """Name of the unit in the language in force."""
    parameters = run.parameters
    if isinstance(parameters, InstrumentParameters):
        return workspace.titles(parameters.year).get(parameters.instrument, parameters.instrument)
    if not isinstance(parameters, SchoolParameters):
        return workspace.cluster.name.text()
    school = workspace.cluster.school(parameters.school).name.text()
    if isinstance(parameters, SubjectParameters):
        return f"{school}: {workspace.names.text('subject', parameters.subject)}"
    return school


def page_header(run: Run) -> PageHeader:
    """Make the header of a run's page."""
    workspace = open_workspace(run.root, run.parameters.cluster)
    cluster, today = workspace.cluster, datetime.date.today()
    return PageHeader(
        title=run.study.title.text(),
        unit=unit_title(run, workspace),
        cluster=cluster.name.text(),
        year=run.parameters.year,
        language=run.parameters.language,
        edition=run.study.edition,
        example=cluster.example,
        source=cluster.source_note.text() if cluster.source_note else "",
        study=run.name,
        key=run.key[:12],
        made=date(today),
        version=oko.__version__,
        day=today.isoformat(),
        terms=read_terms(run.root),
    )
