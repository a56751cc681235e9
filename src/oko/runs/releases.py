"""The release of a year's public studies: checked, signed, and withdrawn where it stands no longer."""

from __future__ import annotations

import datetime
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oko.disclosure import journal, release
from oko.disclosure.package import PACKAGE
from oko.disclosure.release import Release
from oko.errors import ReleaseError, SettingError
from oko.language import gettext
from oko.records.cluster import Cluster
from oko.records.personal import personal_text
from oko.runs import gate, release_archive
from oko.runs.alone import alone
from oko.runs.cache import read_record
from oko.runs.gate import Checked, check_runs
from oko.runs.plan import Run, year_folder
from oko.runs.registry import read_registry
from oko.runs.release_about import about, may_show
from oko.runs.release_words import wording
from oko.workspace import Workspace

ITSELF = "example"
_NOBODY = frozenset({ITSELF, "name", "имя", "reviewer", "test", "тест", "фио", "none", "нет", "фамилия и о"})


@dataclass(frozen=True)
class Passage:
    """What became of the studies at the gate.

    Attributes
    ----------
    checked : tuple of Checked
    released : tuple of Release
        Those that stand released now.
    kept : dict of str to str
        Why a study stays inside, by "study/unit"; what was released of it before stands as it was.
    standing : frozenset of str
        Those of the kept studies that have an earlier release.
    """

    checked: tuple[Checked, ...] = ()
    released: tuple[Release, ...] = ()
    kept: Mapping[str, str] = field(default_factory=dict)
    standing: frozenset[str] = frozenset()

    @property
    def refused(self) -> tuple[Checked, ...]:
        """Studies with an output that the checks refused."""
        return tuple(one for one in self.checked if one.refused)


def release_runs(workspace: Workspace, runs: Sequence[Run], reviewer: str | None) -> list[Release]:
    """Release every finished public run that passes the checks, and return the releases: :func:`pass_gate`."""
    return list(pass_gate(workspace, runs, reviewer).released)


def pass_gate(workspace: Workspace, runs: Sequence[Run], reviewer: str | None, *, asked: bool = True) -> Passage:
    """Check every finished public run and release those that pass.

    Parameters
    ----------
    workspace : Workspace
    runs : sequence of Run
        Runs of one year.
    reviewer : str or None
        The second person who signs; an example cluster and public data are signed "example".
    asked : bool, default True
        A person asked for it: what a person withdrew may be released again. Otherwise it stays withdrawn.

    Returns
    -------
    Passage
        One refused output keeps its study inside, and the others go through. What was released of it before stands.

    Raises
    ------
    ReleaseError
        Real data without a reviewer.
    SettingError
        The reviewer is no name, or made the runs.
    """
    cluster = workspace.cluster
    signed = ITSELF if cluster.signs_itself else check_reviewer(reviewer, cluster)
    with alone(workspace.results_folder):
        _withdraw_stale(workspace, runs)
        seen = {run.folder: _seen(workspace, run) for run in runs if gate.ready(run)}
        checked = check_runs(workspace, runs, again=not cluster.signs_itself)
        released, kept = list[Release](), dict[str, str]()
        for one in checked:
            reason = _reason_to_keep(workspace, one, seen[one.run.folder], asked)
            if reason:
                kept[one.name] = reason
            else:
                released.append(_sign(workspace, one, signed))
        standing = {one.name for one in checked if one.name in kept and _standing(_destination(workspace, one.run))}
    return Passage(checked, tuple(released), kept, frozenset(standing))


def check_only(workspace: Workspace, runs: Sequence[Run]) -> Passage:
    """Check every finished public run and sign nothing: what the second person looks at."""
    with alone(workspace.results_folder):
        _withdraw_stale(workspace, runs)
        checked = check_runs(workspace, runs)
        kept = {one.name: gettext("the checks refused an output of it") for one in checked if one.refused}
        standing = {one.name for one in checked if _standing(_destination(workspace, one.run))}
    return Passage(checked, (), kept, frozenset(standing))


def check_reviewer(reviewer: str | None, cluster: Cluster) -> str:
    """Return the name of the second person.

    Raises
    ------
    ReleaseError
        There is none.
    SettingError
        It is no name, or that of who makes the runs.
    """
    name = " ".join((reviewer or "").split())
    if not name:
        raise ReleaseError(
            "Results of real schools are released by a second person: oko release --cluster {cluster} --reviewer NAME.",
            cluster=cluster.code,
        )
    if (
        not re.search(r"[^\W\d_]{2}", name)
        or len(name) > 100
        or not name.isprintable()
        or _bare(name) in map(_bare, _NOBODY)
    ):
        raise SettingError(
            "The reviewer {name} is no person’s name: give surname and initials of the second person.",
            name=repr(name[:80]),
        )
    if cluster.release.maker and _bare(name) == _bare(cluster.release.maker):
        raise SettingError(
            "{name} makes the runs of cluster {cluster} (cluster.toml, [release] maker): another person must sign.",
            name=name,
            cluster=cluster.code,
        )
    return name


def _bare(name: str) -> str:
    """Return a name as it is compared: its words in any order, without case and dots, ё as е, Latin look-alikes too."""
    alike = str.maketrans("ёaceopxykmhtb", "еасеорхукмнтв")
    return " ".join(sorted(re.findall(r"[^\W_]+", name.casefold().translate(alike))))


def _seen(workspace: Workspace, run: Run) -> str | None:
    """Digest of what the last check saw; None where there was no check."""
    told = gate.read_about(gate.checked_folder(workspace, run.parameters.year, run.name, run.unit))
    return None if told is None else str(told["digest"])


def _reason_to_keep(workspace: Workspace, one: Checked, seen: str | None, asked: bool) -> str:
    if one.refused:
        return gettext("the checks refused an output of it")
    if not workspace.cluster.signs_itself and seen not in (None, one.digest):
        return gettext("it changed after the last check; look at the new sheet of checks and sign again")
    if not asked:
        for line in journal.read(workspace.results_folder):
            if line["action"] == "withdrawn" and line.get("by") == "person" and line.get("content") == one.content:
                return gettext("it was withdrawn on {day}: {reason}").format(
                    day=str(line["time"])[:10], reason=line.get("reason", "")
                )
    return ""


def _sign(workspace: Workspace, one: Checked, reviewer: str) -> Release:
    run, record = one.run, json.loads((one.run.folder / "run.json").read_text(encoding="utf-8"))
    told = {
        **about(workspace, run),
        "reviewer": reviewer,
        "key": record["key"],
        "made": record["made"],
        "content": one.content,
    }
    destination = _destination(workspace, run)
    release.sweep(destination)
    standing = _standing(destination)
    if standing is not None and {key: standing.about.get(key) for key in told} == told:
        return standing
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")

    def note(digest: str) -> None:
        release_archive.keep(workspace.results_folder, run, digest)
        journal.append(
            workspace.results_folder, "released", **_line(run), digest=digest, content=one.content, reviewer=reviewer
        )

    return release.make(run.folder, destination, one.verdicts, {**told, "signed": now}, wording(workspace, run), note)


def _line(run: Run) -> dict[str, str]:
    return {"study": run.name, "unit": run.unit, "year": run.parameters.year}


def _standing(destination: Path) -> Release | None:
    try:
        return release.read(destination)
    except ReleaseError:
        return None


def _destination(workspace: Workspace, run: Run) -> Path:
    return year_folder(workspace, run.parameters.year) / "release" / run.name / run.unit


def withdraw_stale(workspace: Workspace, runs: Sequence[Run]) -> None:
    """Take back releases that stand no longer: their study or run is gone, or agreement or threshold has changed."""
    with alone(workspace.results_folder):
        _withdraw_stale(workspace, runs)


def _withdraw_stale(workspace: Workspace, runs: Sequence[Run]) -> None:
    release_archive.sweep(workspace.results_folder)
    release_archive.read(workspace.results_folder)  # with a damaged journal every release would look withdrawn
    terms, known = may_show(workspace), read_registry(workspace.root)
    planned = {_destination(workspace, run): run for run in runs}
    for year in {run.parameters.year for run in runs}:
        for folder in _folders(workspace, year):
            release.sweep(folder)
            reason = _stale(folder, planned.get(folder), terms, known.keys())
            if reason:
                _take_back(workspace, folder, reason, "oko")


def _folders(workspace: Workspace, year: str, study: str = "*", unit: str = "*") -> Iterator[Path]:
    there = sorted(year_folder(workspace, year).glob(f"release/{study}/{unit}"))
    return (folder for folder in there if folder.is_dir() and not folder.name.startswith(".release-"))


def _stale(folder: Path, run: Run | None, terms: Mapping[str, Any], known: Any) -> str:
    if folder.parent.name not in known or (run is not None and run.study.edition != "public"):
        return gettext("the study is no longer a public one")
    if run is not None and not _done(run):
        return gettext("the run that it came from is not done any more")
    standing = _standing(folder)
    if standing is None:
        return gettext("its files are not those that were signed")
    if any(standing.about.get(name) != value for name, value in terms.items()):
        return gettext("the agreement, the threshold or the schools of the cluster have changed")
    return ""


def _done(run: Run) -> bool:
    record = read_record(run.folder)
    return record is not None and record["status"] == "done"


def withdraw(workspace: Workspace, year: str, study: str, why: str, unit: str | None = None) -> list[Path]:
    """Withdraw a study's release: its folder and its checks go, and its digest is refused from now on.

    Parameters
    ----------
    workspace : Workspace
    year : str
    study : str
    why : str
        The reason, for the journal.
    unit : str, optional
        Only this unit.

    Returns
    -------
    list of Path
        The folders that were taken away.

    Raises
    ------
    SettingError
        There is no reason, or nothing is released of this study.
    """
    reason = " ".join(why.split()).rstrip(".")
    if not re.search(r"[^\W\d_]{2}", reason):
        raise SettingError("Say why the release is withdrawn: --why TEXT. The reason is kept in the journal.")
    if personal_text(why):
        raise SettingError(
            "The reason --why looks as if it held a person’s name, phone or address: say it without them."
        )
    with alone(workspace.results_folder):
        there = {f"{folder.parent.name}/{folder.name}": folder for folder in _folders(workspace, year)}
        wanted = [f for f in there.values() if f.parent.name == study and unit in (None, f.name)]
        if not wanted:
            raise SettingError(
                "Nothing is released of {given} in {year}; released there: {known}.",
                given=f"{study}/{unit}" if unit else study,
                year=year,
                known=", ".join(there) or "–",
            )
        for folder in wanted:
            _take_back(workspace, folder, reason, "person")
    return wanted


def _take_back(workspace: Workspace, folder: Path, reason: str, by: str) -> None:
    """Write the withdrawal down, then delete the release and its checks; half done, it is refused all the same."""
    study, unit, year = folder.parent.name, folder.name, folder.parents[2].name
    try:
        told = json.loads((folder / PACKAGE).read_text(encoding="utf-8"))["oko"]
        digests = {"digest": str(told["digest"]), "content": str(told.get("content", ""))}
    except (OSError, ValueError, KeyError, TypeError):
        digests = {"digest": "", "content": ""}
    fields = {"study": study, "unit": unit, "year": year, **digests, "reason": reason, "by": by}
    journal.append(workspace.results_folder, "withdrawn", **fields)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.rmtree(gate.checked_folder(workspace, year, study, unit), ignore_errors=True)
