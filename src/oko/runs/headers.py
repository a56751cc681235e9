"""What stands at the head and foot of a page: title, unit, source of the data, date, run."""

from __future__ import annotations

import datetime

import oko
from oko.language import date
from oko.runs.parameters import SchoolParameters
from oko.runs.plan import Run
from oko.show.page import PageHeader
from oko.workspace import Workspace
from oko.workspace import open as open_workspace


def unit_title(run: Run, workspace: Workspace) -> str:
    """Name of the unit in the language in force."""
    if isinstance(run.parameters, SchoolParameters):
        return workspace.cluster.school(run.parameters.school).name.text()
    return workspace.cluster.name.text()


def page_header(run: Run) -> PageHeader:
    """Make the header of a run's page."""
    workspace = open_workspace(run.root, run.parameters.cluster)
    cluster = workspace.cluster
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
        made=date(datetime.date.today()),
        version=oko.__version__,
    )
