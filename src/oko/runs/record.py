"""What a run leaves beside its outputs: ``run.json`` and ``log.txt``."""

from __future__ import annotations

import datetime
import json
import platform
import resource
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import oko
from oko.folders import sha256
from oko.runs.plan import Run
from oko.runs.sheets import FOLDER

NOT_MADE = "not_made.json"
_MEGABYTE = 1024.0**2 if sys.platform == "darwin" else 1024.0


def write_log(run: Run, made: Path, begun: datetime.datetime, seconds: float, message: str | None) -> None:
    """Write ``log.txt``: what ran, when, how it ended, and the traceback that may stand there already."""
    said = [made / "log.txt", made / "kernel.log"]
    trace = "".join(path.read_text(encoding="utf-8", errors="replace") for path in said if path.exists())
    lines = [
        f"study {run.name}, unit {run.unit}, year {run.parameters.year}, cluster {run.parameters.cluster}",
        f"begun {begun.isoformat(timespec='seconds')}, took {seconds:.2f} s",
        "done" if message is None else f"failed: {message}",
    ]
    (made / "log.txt").write_text("\n".join(lines) + "\n" + trace, encoding="utf-8")


def write_record(run: Run, made: Path, status: str, message: str | None, seconds: float) -> None:
    """Write ``run.json``: key, inputs, cost and the outputs with their sensitivity and checksum."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    own = resource.getrusage(resource.RUSAGE_SELF)
    record = {
        "study": run.name,
        "unit": run.unit,
        "year": run.parameters.year,
        "cluster": run.parameters.cluster,
        "language": run.parameters.language,
        "edition": run.study.edition,
        "status": status,
        "message": message,
        "key": run.key,
        "inputs": dict(run.inputs),
        "versions": {"oko": oko.__version__, "python": platform.python_version()},
        "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "cpu_seconds": round(children.ru_utime + children.ru_stime + own.ru_utime + own.ru_stime, 3),
        "peak_memory_mb": round(max(children.ru_maxrss, own.ru_maxrss) / _MEGABYTE, 1),
        "not_made": _not_made(made),
        "outputs": _outputs(run, made),
    }
    (made / "run.json").write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")


def _not_made(made: Path) -> dict[str, str]:
    """Documents that could not be made, and why."""
    path = made / NOT_MADE
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def _outputs(run: Run, made: Path) -> list[dict[str, Any]]:
    """List the declared outputs that are there; what is not declared is deleted."""
    outputs = []
    for path in sorted(path for path in made.rglob("*") if path.is_file()):
        name = path.relative_to(made).as_posix()
        sensitivity = sensitivity_of(run, name)
        if sensitivity is not None:
            outputs.append({"path": name, "sensitivity": sensitivity, "sha256": sha256(path)})
        elif name not in ("log.txt", "run.json"):
            path.unlink()
    return outputs


def sensitivity_of(run: Run, name: str) -> str | None:
    """Return the declared sensitivity of a file of the run; None where the study does not declare it."""
    folder, _, file = name.rpartition("/")
    stem, *_, suffix = file.split(".")
    declared: dict[str, Mapping[str, str]] = {
        "tables": {table.name: table.sensitivity for table in run.study.tables},
        "protection": {table.name: "internal" for table in run.study.tables if table.sensitivity == "public"},
        "figures": {figure.name: figure.sensitivity for figure in run.study.figures},
        "": {"page": run.study.edition, "tables": run.study.edition, "notebook": "internal"},
    }
    if folder == FOLDER:
        return "internal" if run.study.sheets and suffix == "html" else None
    kinds = {"tables": {"parquet"}, "protection": {"json"}, "figures": {"png"}}
    pages = {"html", "pdf", "docx"} if run.study.word else {"html", "pdf"}
    kinds[""] = {"notebook": {"ipynb"}, "tables": {"xlsx"}}.get(stem, pages)
    return declared[folder].get(stem) if folder in declared and suffix in kinds[folder] else None


def write_failure(run: Run, message: str) -> None:
    """Record the failure of a run whose process did not live to do it; earlier outputs are given up as stale."""
    run.folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(run.folder.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    write_log(run, run.folder, datetime.datetime.now(datetime.UTC), 0.0, message)
    write_record(run, run.folder, "failed", message, 0.0)
