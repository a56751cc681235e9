"""Where the data of a cluster come from, and of when they are: what stands under figures and in releases."""

from __future__ import annotations

import datetime

from oko.language import date, gettext
from oko.workspace import Workspace


def data_source(workspace: Workspace) -> str:
    """Say where the cluster's data come from, in the language in force."""
    cluster = workspace.cluster
    if cluster.source_note:
        return cluster.source_note.text()
    name = cluster.name.text()
    if cluster.example:
        return gettext("invented results: training data of {cluster}").format(cluster=name)
    return gettext("results of assessment procedures in the schools of {cluster}").format(cluster=name)


def figure_note(workspace: Workspace) -> str:
    """Say under a figure where its numbers come from, and of when they are; invented ones have no date.

    Notes
    -----
    Files received carry no date of their own that could be trusted. What can be said is the day on which they were
    last brought into the store.
    """
    if workspace.cluster.example:
        return gettext("Source: training data, invented results.")
    stored = datetime.date.fromtimestamp((workspace.store.folder / "store.json").stat().st_mtime)
    return gettext("Source: {source}; data of {day}.").format(source=data_source(workspace), day=date(stored))
