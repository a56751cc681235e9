"""The journal of releases, ``results/releases.jsonl``: what was checked, refused, released and withdrawn, and why."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from oko.errors import ReleaseError

JOURNAL = "releases.jsonl"
Action = Literal["checked", "refused", "released", "withdrawn"]


def append(results: Path, action: Action, **fields: str) -> None:
    """Write one line at the end of the journal; nothing in it is ever changed.

    Parameters
    ----------
    results : Path
        Folder of the cluster's results.
    action : {"checked", "refused", "released", "withdrawn"}
    **fields
        study, unit, year, reviewer, digest, content, reason.
    """
    results.mkdir(parents=True, exist_ok=True)
    time = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    line = json.dumps({"time": time, "action": action, **fields}, ensure_ascii=False)
    path = results / JOURNAL
    with path.open("ab+") as target:
        if target.seek(0, os.SEEK_END):
            target.seek(-1, os.SEEK_END)
            if target.read(1) != b"\n":  # a kill broke the last line off
                target.write(b"\n")
        target.write(line.encode() + b"\n")
        target.flush()
        os.fsync(target.fileno())


def read(results: Path) -> list[dict[str, Any]]:
    """Return the lines of the journal, oldest first; a line that a kill broke off is left out.

    Raises
    ------
    ReleaseError
        A line is not what oko writes: somebody changed the journal.
    """
    try:
        text = (results / JOURNAL).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    lines = []
    for number, line in enumerate(text.splitlines(), start=1):
        try:
            entry = json.loads(line)
        except ValueError:
            if not line.rstrip().endswith("}"):
                continue
            entry = None
        if not isinstance(entry, dict) or "action" not in entry:
            raise ReleaseError(
                "Line {line} of {path} is damaged, so nobody can tell what was withdrawn. Put the file back from a "
                "copy.",
                line=number,
                path=results / JOURNAL,
            )
        lines.append(entry)
    return lines


def withdrawn(folder: Path, digest: str) -> Mapping[str, Any] | None:
    """Return the line by which a release was withdrawn, wherever under the results its folder lies; None if none."""
    for results in _above(folder):
        for line in read(results):
            if line["action"] == "withdrawn" and line.get("digest") == digest:
                return line
    return None


def foreign(folder: Path, digest: str) -> bool:
    """Whether there is a journal above a folder and it knows of no release with this digest."""
    journals = [read(results) for results in _above(folder)]
    known = {str(line.get("digest")) for lines in journals for line in lines if line["action"] == "released"}
    return bool(journals) and digest not in known


def _above(folder: Path) -> Iterator[Path]:
    return (parent for parent in folder.resolve().parents if (parent / JOURNAL).is_file())
