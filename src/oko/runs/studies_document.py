"""The list of studies for readers, ``docs/studies.*.md``: written from the registry and the plan, never by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from oko.language import gettext, month, used
from oko.records.cluster import read_cluster
from oko.records.events import Event, read_events
from oko.runs.registry import Study, read_registry

CLUSTER = "nevsky"


def markdown(root: Path, language: str) -> str:
    """Write the list of studies: by the events of the plan, then those of every year, then those of schools.

    Parameters
    ----------
    root : Path
        The project's folder.
    language : {"ru", "en"}
    """
    with used(language):
        studies = read_registry(root)
        events = read_events(root, read_cluster(root, CLUSTER))
        of_events = {name for event in events for name in event.studies}
        cluster = {name: study for name, study in studies.items() if study.unit in ("cluster", "instrument")}
        every_year = {name: study for name, study in cluster.items() if name not in of_events}
        schools = {name: study for name, study in studies.items() if name not in cluster}
        parts = [
            f"# {gettext('Studies')}\n",
            gettext("Written by “oko docs” from templates/studies.toml and the plan of the cluster {cluster}.").format(
                cluster=CLUSTER
            )
            + "\n",
            f"## {gettext('By the events of the plan')}\n",
            *(_event(event, studies) for event in events),
            f"## {gettext('The cluster, every year')}\n",
            _table(every_year),
            f"## {gettext('Schools')}\n",
            _table(schools),
        ]
        return "\n".join(parts)


def _event(event: Event, studies: Mapping[str, Study]) -> str:
    served = {name: studies[name] for name in event.studies if name in studies}
    head = f"### {event.number}. {event.title.text()}\n\n{month(event.first_day)}. {event.aim.text()}\n"
    return f"{head}\n`oko run --event {event.number}`\n\n{_table(served)}"


def _table(studies: Mapping[str, Study]) -> str:
    editions = {"internal": gettext("internal"), "public": gettext("public")}
    head = [gettext("Study"), gettext("Question"), gettext("Edition"), gettext("Documents")]
    rows = [
        [f"`{name}` {study.title.text()}", study.question.text(), editions[study.edition], ", ".join(_forms(study))]
        for name, study in studies.items()
    ]
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines) + "\n"


def _forms(study: Study) -> Iterable[str]:
    yield "HTML, PDF, Excel"
    if study.word:
        yield "Word"
    if study.sheets:
        yield gettext("a page for each class")
