"""The main job: all that a year needs, from the files received to the release."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from oko.disclosure.package import SHEET
from oko.errors import ReleaseError, RunError
from oko.runs.cache import read_record, reason_to_run
from oko.runs.execute import Outcome
from oko.runs.plan import Run, plan
from oko.runs.releases import Passage, pass_gate, withdraw_stale
from oko.runs.summary import write_summary
from oko.runs.workers import make_runs
from oko.workspace import Workspace


@dataclass(frozen=True)
class YearMade:
    """What became of a year.

    Attributes
    ----------
    runs : tuple of Run
        All runs of the year.
    asked : tuple of Run
        Those asked for.
    made : tuple of Run
        Those executed now; the rest of those asked for were up to date.
    failed : dict of str to str
        Message by "study/unit" of the runs asked for that failed; by "release" where the gate itself did.
    index : Path
    released : int
        Number of released studies of the year.
    kept : dict of str to str
        Why a public study was not released, by "study/unit".
    refused : dict of str to Path
        Sheet of checks of those that the checks refused.
    """

    runs: tuple[Run, ...]
    asked: tuple[Run, ...]
    made: tuple[Run, ...]
    failed: dict[str, str]
    index: Path
    released: int
    kept: Mapping[str, str] = field(default_factory=dict)
    refused: Mapping[str, Path] = field(default_factory=dict)


def make_year(
    workspace: Workspace,
    year: str,
    *,
    study: str | Sequence[str] | None = None,
    school: str | None = None,
    subject: str | None = None,
    instrument: str | None = None,
    as_of: str = "",
    language: str = "ru",
    jobs: int | None = None,
    force: bool = False,
    begin: Callable[[int, int], None] | None = None,
    report: Callable[[Run, Outcome], None] | None = None,
) -> YearMade:
    """Make the studies of a year that are not up to date, the year's index, and the release of what may be shown.

    Parameters
    ----------
    workspace : Workspace
    year : str
    study, school, subject, instrument : str, optional
        Only these; several studies may be named.
    as_of : str, optional
        ISO date as of which the studies are made that can be.
    language : {"ru", "en"}
    jobs : int, optional
        Runs at a time.
    force : bool
        Make runs that are up to date too.
    begin, report : callable
        Told how many runs are due of how many planned, and each run with its outcome.
    """
    chosen = {"school": school, "subject": subject, "instrument": instrument}
    wanted = plan(workspace, year, study=study, as_of=as_of, language=language, **chosen)
    due = tuple(run for run in wanted if force or reason_to_run(run) is not None)
    if begin is not None:
        begin(len(due), len(wanted))
    outcomes: dict[Path, Outcome] = {}

    def note(run: Run, outcome: Outcome) -> None:
        outcomes[run.folder] = outcome
        if report is not None:
            report(run, outcome)

    if due:
        make_runs(due, jobs, note)
    runs = _with(plan(workspace, year, as_of=as_of, language=language), wanted)
    passage, failed = _release(workspace, runs)
    index, released = write_summary(workspace, year, runs, due)
    refused = {one.name: one.folder / SHEET for one in passage.refused}
    return YearMade(runs, wanted, due, {**_failures(wanted), **failed}, index, released, passage.kept, refused)


def _with(planned: tuple[Run, ...], asked: tuple[Run, ...]) -> tuple[Run, ...]:
    """Return the year's runs with those that only whoever named them gets: of another procedure's work, say."""
    folders = {run.folder for run in planned}
    return (*planned, *(run for run in asked if run.folder not in folders))


def _release(workspace: Workspace, runs: tuple[Run, ...]) -> tuple[Passage, dict[str, str]]:
    """Release what a cluster signs itself; where the gate itself fails, the runs stand and the failure is named."""
    try:
        if workspace.cluster.signs_itself:
            return pass_gate(workspace, runs, None, asked=False), {}
        withdraw_stale(workspace, runs)
    except (ReleaseError, RunError) as error:
        return Passage(), {"release": str(error)}
    return Passage(), {}


def _failures(runs: tuple[Run, ...]) -> dict[str, str]:
    records = {f"{run.name}/{run.unit}": read_record(run.folder) for run in runs}
    return {name: str(record["message"]) for name, record in records.items() if record and record["status"] != "done"}
