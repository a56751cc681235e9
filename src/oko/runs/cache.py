"""Whether a run is up to date, and if not, why not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from oko.folders import sha256
from oko.language import gettext
from oko.runs.plan import Run

_REASONS = {
    "parameters": "the registry of studies has changed",
    "template": "the template has changed",
    "data": "the data have changed",
    "settings": "the cluster's settings have changed",
    "protocol": "the protocol, its lock or what is known of its changes is another",
    "package": "the package oko has changed",
    "environment": "the environment has changed",
}


def read_record(folder: Path) -> dict[str, Any] | None:
    """Return ``run.json`` of a run's folder, or None where there is none that can be read."""
    try:
        record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    known = isinstance(record, dict) and {"status", "key", "outputs", "message", "seconds"} <= set(record)
    return record if known else None


def reason_to_run(run: Run) -> str | None:
    """Say why a run must be made; None when what stands is up to date and whole."""
    record = read_record(run.folder)
    if record is None:
        return gettext("not made yet")
    if record["status"] != "done":
        return gettext("the last run failed")
    if record["key"] != run.key:
        before = record.get("inputs", {})
        changed = [gettext(text) for name, text in _REASONS.items() if before.get(name) != run.inputs[name]]
        return "; ".join(changed) or gettext("something it depends on has changed")
    if run.page not in {output["path"] for output in record["outputs"]}:
        return gettext("not made in this language yet")
    damaged = [output["path"] for output in record["outputs"] if not _whole(run.folder / output["path"], output)]
    if damaged:
        return gettext("an output is missing or changed: {path}").format(path=damaged[0])
    return None


def _whole(path: Path, output: dict[str, str]) -> bool:
    return path.is_file() and sha256(path) == output["sha256"]
