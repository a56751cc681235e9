"""What each verb of the command line does; an exit status comes back."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from collections.abc import Mapping
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from oko import intake_verbs
from oko.errors import SettingError
from oko.language import gettext, ngettext, number
from oko.records.cluster import Cluster
from oko.records.events import event_of
from oko.runs import sources
from oko.runs.cache import reason_to_run
from oko.runs.execute import Outcome
from oko.runs.plan import Run, plan
from oko.runs.year import YearMade, make_year
from oko.terminal import Terminal
from oko.workspace import Workspace
from oko.workspace import open as open_workspace

console = Terminal()


def yearly(options: Namespace) -> int:
    """Make a year: bring the data in, run what is due, release what may be shown."""
    started = time.perf_counter()
    workspace = _open_or_example(options.cluster)
    year = workspace.cluster.check_year(options.year or workspace.cluster.latest_year)
    intake = sources.ensure_store(workspace)
    if intake is not None:
        intake_verbs.tell(workspace, intake)
    return _make(workspace, year, options, started, {})


def run(options: Namespace) -> int:
    """Make the studies that are not up to date."""
    workspace = open_workspace(cluster=options.cluster)
    year, chosen = _chosen(workspace, options)
    if options.dry_run:
        for entry in plan(workspace, year, language=options.language, **chosen):
            reason = reason_to_run(entry)
            if options.force or reason:
                console.print(f"{entry.name}/{entry.unit}: {reason or gettext('asked for')}")
        return 0
    return _make(workspace, year, options, time.perf_counter(), chosen)


def list(options: Namespace) -> int:  # noqa: A001
    """List studies, units and years, and whether each is up to date."""
    workspace = open_workspace(cluster=options.cluster)
    one, chosen = _chosen(workspace, options)
    for year in [one] if options.year or options.event else workspace.cluster.years:
        for entry in plan(workspace, year, language=options.language, **chosen):
            state = reason_to_run(entry)
            words = gettext("up to date") if state is None else gettext("to be made: {reason}").format(reason=state)
            console.print(f"{year}  {entry.name}  {entry.unit}  {words}")
    return 0


def _chosen(workspace: Workspace, options: Namespace) -> tuple[str, dict[str, Any]]:
    """Return the year and what of it is asked for; an event of the plan brings its own year, studies and day."""
    chosen = {name: getattr(options, name) for name in ("study", "school", "subject", "instrument")}
    chosen["as_of"] = options.as_of or ""
    if options.event is None:
        return workspace.cluster.check_year(options.year or workspace.cluster.latest_year), chosen
    event = event_of(workspace.events, options.event, workspace.cluster.code)
    if options.year not in {None, event.year} or options.study not in {None, *event.studies}:
        raise SettingError(
            "Event {number} looks at {year} with these studies: {studies}; leave --year and --study out.",
            number=event.number,
            year=event.year,
            studies=", ".join(event.studies),
        )
    as_of = options.as_of or (event.as_of.isoformat() if event.as_of else "")
    return event.year, {**chosen, "study": options.study or event.studies, "as_of": as_of}


def present(options: Namespace) -> int:
    """Start the board."""
    from oko.runs.present import present as start

    return start(_open_or_example(options.cluster), share=options.share, port=options.port)


def new(options: Namespace) -> int:
    """Make a new study from the starter."""
    from oko.runs.starter import new_study

    workspace = open_workspace(cluster=options.cluster)
    made = new_study(workspace.root, options.name, options.unit, options.title)
    console.print(gettext("Template: {path}").format(path=str(made.template)))
    console.print(gettext("Its entry: the end of {path}").format(path=str(made.registry)))
    console.print(gettext("To run it: oko run --study {name}").format(name=options.name))
    return 0


def docs(options: Namespace) -> int:
    """Write the data dictionary and the list of studies in both languages."""
    from oko.records import dictionary
    from oko.runs import studies_document

    root = open_workspace(cluster=options.cluster).root
    for code in ("ru", "en"):
        texts = {"data-dictionary": dictionary.markdown(code), "studies": studies_document.markdown(root, code)}
        for name, text in texts.items():
            path = root / "docs" / f"{name}.{code}.md"
            path.write_text(text, encoding="utf-8")
            console.print(str(path))
    return 0


def _open_or_example(code: str | None) -> Workspace:
    """Open the cluster asked for; where none was asked for and Nevsky has no files yet, say so and open the example."""
    workspace = open_workspace(cluster=code)
    if code is not None or sources.has_raw(workspace):
        return workspace
    console.print(
        gettext(
            "Cluster {cluster}: no files in {folder} yet, so the example cluster with invented data is made."
        ).format(cluster=workspace.cluster.code, folder=str(workspace.raw_folder))
    )
    return open_workspace(cluster="example")


def _make(workspace: Workspace, year: str, options: Namespace, started: float, chosen: Mapping[str, Any]) -> int:
    live = sys.stderr.isatty()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Terminal(stderr=True), disable=not live, transient=True) as progress:
        task = progress.add_task(gettext("studies"), total=None)

        def begin(due: int, planned: int) -> None:
            text = gettext("Cluster {cluster}, {year}: {due} of {planned} runs are due.")
            console.print(text.format(cluster=workspace.cluster.code, year=year, due=due, planned=planned))
            progress.update(task, total=due)

        def report(entry: Run, outcome: Outcome) -> None:
            progress.advance(task)
            console.print(_run_sentence(entry, outcome))

        made = make_year(
            workspace,
            year,
            **chosen,
            language=options.language,
            jobs=options.jobs,
            force=getattr(options, "force", False),
            begin=begin,
            report=report,
        )
    return _summary(workspace.cluster, made, time.perf_counter() - started)


def _run_sentence(entry: Run, outcome: Outcome) -> str:
    state = gettext("done") if outcome.status == "done" else gettext("FAILED")
    line = f"  {entry.name}/{entry.unit}: {state}, {number(outcome.seconds, 1)} " + gettext("s")
    return line + (f" — {outcome.message}" if outcome.message else "")


def _summary(cluster: Cluster, made: YearMade, seconds: float) -> int:
    text = ngettext(
        "{n} run made, {rest} up to date, {failed} failed; {seconds} s.",
        "{n} runs made, {rest} up to date, {failed} failed; {seconds} s.",
        len(made.made),
    )
    rest = len(made.asked) - len(made.made)
    console.print(text.format(n=len(made.made), rest=rest, failed=len(made.failed), seconds=number(seconds, 1)))
    if not made.released and not cluster.signs_itself:
        text = gettext("Nothing is released yet. To check what may be shown: oko release --cluster {cluster}.")
        console.print(text.format(cluster=cluster.code))
    console.print(gettext("Open: {path}").format(path=str(made.index)))
    for name, message in made.failed.items():
        console.print(gettext("FAILED {name}: {message}").format(name=name, message=message))
    for name, reason in made.kept.items():
        console.print(gettext("NOT RELEASED {name}: {reason}.").format(name=name, reason=reason))
    for sheet in made.refused.values():
        console.print("  " + gettext("Sheet of checks: {path}").format(path=str(sheet)))
    return 1 if made.failed or made.refused else 0
