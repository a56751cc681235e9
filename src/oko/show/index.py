"""The year at a glance as a page: what failed first and loud, then every study with its pages."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from oko.language import date, gettext, ngettext, number, used
from oko.show.html import environment
from oko.show.page import TEMPLATES, example_mark
from oko.show.sentences import signed

Entry = Mapping[str, Any]
OF_CLUSTER = ("cluster", "instrument")


def render(manifest: Mapping[str, Any], templates: Path = TEMPLATES) -> str:
    """Make the index of a year.

    Parameters
    ----------
    manifest : Mapping
        cluster, cluster_name, year, language, example, source, made (ISO time), release (or None) and runs: study,
        study_title, unit, unit_title, kind ("cluster", "school", "school_subject", "instrument"), school, subject,
        edition, status ("done", "failed" or "missing"), fresh, message, seconds, page, documents (label and path), log;
        events: number, title, aim, when, host and the ids of their studies.
    templates : Path
        Folder of page templates.

    Returns
    -------
    str
        An HTML document without scripts; its links are relative to the year's folder.
    """
    with used(manifest["language"]):
        runs: Sequence[Entry] = manifest["runs"]
        of_events = {name for event in manifest["events"] for name in event["studies"]}
        text: str = (
            environment(templates)
            .get_template("index/year.html.j2")
            .render(
                manifest=manifest,
                title=gettext("Results of {year}").format(year=manifest["year"]),
                failed=[run for run in runs if run["status"] == "failed"],
                events=by_event(manifest),
                others=[run for run in runs if run["kind"] in OF_CLUSTER and run["study"] not in of_events],
                **by_school(runs),
                summary=summary(runs),
                release=" ".join([released(manifest["release"]), *refused(manifest.get("refused", ()))]),
                example=example_mark() if manifest["example"] else "",
                made=moment(manifest["made"]),
                state=state,
                seconds=lambda run: number(run["seconds"], 1),
                _=gettext,
            )
        )
    return text


def by_event(manifest: Mapping[str, Any]) -> list[tuple[Mapping[str, Any], list[Entry]]]:
    """Return the events that look at this year, each with the runs that serve it."""
    runs: Sequence[Entry] = manifest["runs"]
    return [
        (event, [run for run in runs if run["kind"] in OF_CLUSTER and run["study"] in event["studies"]])
        for event in manifest["events"]
    ]


def by_school(runs: Sequence[Entry]) -> dict[str, Any]:
    """Arrange the runs of schools: studies as columns, a row a school, in a cell one run or one for each subject."""
    own = [run for run in runs if run["kind"] not in OF_CLUSTER]
    columns = dict.fromkeys(run["study"] for run in own)
    titles = {run["study"]: run["study_title"] for run in own}
    schools = {run["school"]: run["school_title"] for run in own}
    rows = [
        (title, [[run for run in own if run["school"] == school and run["study"] == study] for study in columns])
        for school, title in schools.items()
    ]
    return {"columns": [titles[study] for study in columns], "schools": rows}


def summary(runs: Sequence[Entry]) -> str:
    """Count the runs by state in a sentence.

    Examples
    --------
    >>> with used("en"):
    ...     summary([{"status": "done"}, {"status": "failed"}])
    '2 runs: 1 done, 1 failed.'
    """
    n = {status: sum(run["status"] == status for run in runs) for status in ("done", "failed", "missing")}
    parts = [
        (n["done"], ngettext("{n} done", "{n} done", n["done"])),
        (n["failed"], ngettext("{n} failed", "{n} failed", n["failed"])),
        (n["missing"], ngettext("{n} not made yet", "{n} not made yet", n["missing"])),
    ]
    total = ngettext("{n} run", "{n} runs", len(runs)).format(n=number(len(runs)))
    return (
        f"{total}: {', '.join(text.format(n=number(count)) for count, text in parts if count)}."
        if runs
        else f"{total}."
    )


def state(run: Entry) -> str:
    """Return the state of a run in words."""
    if run["status"] == "failed":
        return gettext("failed")
    if run["status"] != "done":
        return gettext("not made")
    return gettext("made now") if run["fresh"] else gettext("made before")


def released(release: Mapping[str, Any] | None) -> str:
    """Say what was released."""
    if release is None:
        return gettext("Nothing is released yet: a second person signs with “oko release”.")
    n = int(release["files"])
    text = ngettext("{n} page is released, {signed}.", "{n} pages are released, {signed}.", n)
    return text.format(n=number(n), signed=signed(str(release["reviewer"])).removesuffix("."))


def refused(studies: Sequence[Mapping[str, str]]) -> list[str]:
    """Say which studies the checks kept inside, and where it is written why."""
    text = gettext("NOT RELEASED: {study}, {unit}; the reason is in {sheet}.")
    return [text.format(study=one["study_title"], unit=one["unit_title"], sheet=one["sheet"]) for one in studies]


def moment(text: str) -> str:
    """Write an ISO time in the reader's language."""
    when = datetime.datetime.fromisoformat(text)
    return f"{date(when.date())}, {when:%H:%M}"
