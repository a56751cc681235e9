"""The year at a glance: ``manifest.json`` and ``index.html``."""

from __future__ import annotations

import datetime
import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from oko.disclosure import release
from oko.disclosure.package import PACKAGE, SHEET
from oko.disclosure.release import Release
from oko.errors import ReleaseError
from oko.language import current, month
from oko.records.events import Event
from oko.runs import gate
from oko.runs.cache import read_record
from oko.runs.headers import unit_title
from oko.runs.parameters import SchoolParameters, SubjectParameters
from oko.runs.plan import Run, year_folder
from oko.show import index
from oko.workspace import Workspace


def write_summary(workspace: Workspace, year: str, runs: Sequence[Run], made: Sequence[Run]) -> tuple[Path, int]:
    """Write the year's manifest and index.

    Parameters
    ----------
    workspace : Workspace
    year : str
    runs : sequence of Run
        All runs of the year, made now or before.
    made : sequence of Run
        Those that were made now.

    Returns
    -------
    Path
        ``results/<year>/index.html``.
    int
        Number of released studies.
    """
    folder = year_folder(workspace, year)
    folder.mkdir(parents=True, exist_ok=True)
    cluster = workspace.cluster
    fresh = {run.folder for run in made}
    released = _standing(folder)
    manifest = {
        "cluster": cluster.code,
        "cluster_name": cluster.name.text(),
        "year": year,
        "language": current(),
        "example": cluster.example,
        "source": cluster.source_note.text() if cluster.source_note else "",
        "made": datetime.datetime.now(datetime.UTC).astimezone().isoformat(timespec="seconds"),
        "release": _release_state(released),
        "events": [_event(workspace, event) for event in workspace.events if event.year == year],
        "refused": [_refused(workspace, run, folder) for run in runs if _is_refused(workspace, run)],
        "runs": [_entry(workspace, run, folder, run.folder in fresh) for run in runs],
    }
    _write(folder / "manifest.json", json.dumps(manifest, ensure_ascii=False, indent=1))
    _write(folder / "index.html", index.render(manifest))
    return folder / "index.html", len(released)


def _standing(folder: Path) -> list[Release]:
    """Releases of a year that are whole and not withdrawn: every one is read and checked."""
    found = []
    for path in sorted(folder.glob(f"release/*/*/{PACKAGE}")):
        with suppress(ReleaseError):
            found.append(release.read(path.parent))
    return found


def _release_state(released: Sequence[Release]) -> dict[str, Any] | None:
    if not released:
        return None
    reviewers = {str(one.about["reviewer"]) for one in released}
    return {"state": "signed", "reviewer": ", ".join(sorted(reviewers)), "files": len(released)}


def _is_refused(workspace: Workspace, run: Run) -> bool:
    checked = gate.checked_folder(workspace, run.parameters.year, run.name, run.unit)
    told = gate.read_about(checked) if gate.ready(run) else None
    return told is not None and told["refused"] > 0


def _refused(workspace: Workspace, run: Run, folder: Path) -> dict[str, str]:
    checked = gate.checked_folder(workspace, run.parameters.year, run.name, run.unit)
    sheet = (checked / SHEET).relative_to(folder).as_posix()
    return {"study_title": run.study.title.text(), "unit_title": unit_title(run, workspace), "sheet": sheet}


def _event(workspace: Workspace, event: Event) -> dict[str, Any]:
    return {
        "number": event.number,
        "title": event.title.text(),
        "aim": event.aim.text(),
        "when": month(event.first_day),
        "host": workspace.cluster.school(event.host).name.text(),
        "studies": list(event.studies),
    }


def _documents(run: Run, place: str) -> list[dict[str, str]]:
    """List the forms other than HTML in which a run's page and tables lie."""
    found = {
        suffix: sorted(run.folder.glob(f"*.{run.parameters.language}.{suffix}")) for suffix in ("pdf", "docx", "xlsx")
    }
    labels = {"pdf": "PDF", "docx": "Word", "xlsx": "Excel"}
    return [
        {"label": labels[suffix], "path": f"{place}/{path.name}"} for suffix, paths in found.items() for path in paths
    ]


def _of_school(run: Run, workspace: Workspace) -> dict[str, str | None]:
    """Return the school of a run and its subject, where it is about one."""
    parameters = run.parameters
    if not isinstance(parameters, SchoolParameters):
        return {"school": None, "school_title": None, "subject_title": None}
    subject = parameters.subject if isinstance(parameters, SubjectParameters) else None
    return {
        "school": parameters.school,
        "school_title": workspace.cluster.school(parameters.school).name.text(),
        "subject_title": workspace.names.text("subject", subject) if subject else None,
    }


def _entry(workspace: Workspace, run: Run, folder: Path, fresh: bool) -> dict[str, Any]:
    record = read_record(run.folder)
    place = run.folder.relative_to(folder).as_posix()
    done = record is not None and record["status"] == "done"
    return {
        "study": run.name,
        "study_title": run.study.title.text(),
        "unit": run.unit,
        "unit_title": unit_title(run, workspace),
        "kind": run.study.unit,
        **_of_school(run, workspace),
        "edition": run.study.edition,
        "status": record["status"] if record else "missing",
        "fresh": fresh,
        "message": record["message"] if record else None,
        "seconds": record["seconds"] if record else 0.0,
        "page": f"{place}/{run.page}" if done and (run.folder / run.page).is_file() else None,
        "documents": _documents(run, place) if done else [],
        "log": f"{place}/log.txt" if (run.folder / "log.txt").is_file() else None,
    }


def _write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    made = path.with_name(f".{path.name}.new")
    made.write_text(text, encoding="utf-8")
    made.replace(path)
