"""The lock of a protocol: ``protocol.lock`` beside it keeps every version that was fixed, and rewrites none."""

from __future__ import annotations

import datetime
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oko.errors import SettingError
from oko.records.outcome_log import Reading, as_row, from_row
from oko.records.protocol import Protocol
from oko.records.protocol_content import content_hash

LOCK = "protocol.lock"
FORMAT = 1
_HASH = r"[0-9a-f]{64}"


@dataclass(frozen=True)
class Locked:
    """One version of a protocol that was fixed.

    Attributes
    ----------
    hash : str
        SHA-256 of the content.
    locked_on : date
    content : Mapping
        Keys and values of the protocol.
    outcomes_stored : bool
        Whether the store held results of the wave after when it was fixed.
    outcomes_read : Reading or None
        When and under which protocol an effect study had first read them, if any had.
    """

    hash: str
    locked_on: datetime.date
    content: Mapping[str, Any]
    outcomes_stored: bool
    outcomes_read: Reading | None


def read_lock(path: Path, where: str) -> tuple[Locked, ...]:
    """Read all versions that were fixed, from the first to that in force; none where there is no lock.

    Raises
    ------
    SettingError
        The file is damaged, or a content does not have the hash that stands beside it.
    """
    if not path.exists():
        return ()
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        if held["format"] != FORMAT:
            raise ValueError
        versions = tuple(_version(row) for row in held["versions"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        versions = ()
    if not versions or any(content_hash(version.content) != version.hash for version in versions):
        raise SettingError(
            "File {where} is damaged or was changed by hand: put back the version that was committed with the cluster. "
            "It is written by “oko protocol lock” alone.",
            where=where,
        )
    return versions


def _version(row: Mapping[str, Any]) -> Locked:
    if not re.fullmatch(_HASH, row["hash"]) or not isinstance(row["content"], dict):
        raise ValueError
    read = row["outcomes_read"]
    return Locked(
        row["hash"],
        datetime.date.fromisoformat(row["locked_on"]),
        row["content"],
        bool(row["outcomes_stored"]),
        None if read is None else from_row(read),
    )


def lock(
    path: Path,
    where: str,
    protocol: Protocol,
    *,
    today: datetime.date,
    outcomes_stored: bool,
    outcomes_read: Reading | None,
) -> Locked | None:
    """Fix a protocol: add its content to the lock, behind the versions that stand there.

    Parameters
    ----------
    path : Path
        ``protocol.lock``.
    where : str
        What it is called in messages.
    protocol : Protocol
    today : date
    outcomes_stored : bool
    outcomes_read : Reading or None

    Returns
    -------
    Locked or None
        None where the version in force says the same.

    Raises
    ------
    SettingError
        The protocol is a draft, or the lock is damaged.
    """
    if protocol.draft:
        raise SettingError(
            "The protocol is a draft: agree on it in the cluster, then delete the line draft = true and fix it again."
        )
    versions = read_lock(path, where)
    if versions and versions[-1].hash == protocol.hash:
        return None
    made = Locked(protocol.hash, today, protocol.content, outcomes_stored, outcomes_read)
    rows = [_row(version) for version in (*versions, made)]
    _write(path, json.dumps({"format": FORMAT, "versions": rows}, ensure_ascii=False, indent=1) + "\n")
    return made


def _row(version: Locked) -> dict[str, Any]:
    return {
        "hash": version.hash,
        "locked_on": version.locked_on.isoformat(),
        "outcomes_stored": version.outcomes_stored,
        "outcomes_read": as_row(version.outcomes_read) if version.outcomes_read else None,
        "content": dict(version.content),
    }


def _write(path: Path, text: str) -> None:
    """Put a file in place whole or not at all."""
    made = path.with_name(f".{path.name}.new")  # what a kill leaves behind is written over next time
    with made.open("w", encoding="utf-8") as target:
        target.write(text)
        target.flush()
        os.fsync(target.fileno())
    made.replace(path)
