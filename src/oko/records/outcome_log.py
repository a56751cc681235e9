"""The log of outcomes read: under which protocol an effect study first saw the results of the wave after."""

from __future__ import annotations

import datetime
import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oko.errors import DataError

LOG = "protocol/outcomes_read.jsonl"


@dataclass(frozen=True)
class Reading:
    """One time that a study read outcomes under a protocol under which it had not read them before.

    Attributes
    ----------
    when : str
        Moment in UTC.
    study : str
    hash : str
        Of the protocol's content at that time.
    lock : str or None
        Hash of the version that was fixed then; None where none was.
    data : str
        Digest of the store's year.
    content : Mapping
        The protocol at that time, key by key.
    """

    when: str
    study: str
    hash: str
    lock: str | None
    data: str
    content: Mapping[str, Any]

    @property
    def date(self) -> datetime.date:
        """The day by this machine's clock, as the day of a lock is."""
        return datetime.datetime.fromisoformat(self.when).astimezone().date()

    @property
    def locked(self) -> bool:
        """Whether the protocol in force was the one that was fixed."""
        return self.lock == self.hash

    def repeats(self, other: Reading) -> bool:
        """Whether nothing but the moment differs."""
        mine, theirs = (self.study, self.hash, self.lock, self.data), (other.study, other.hash, other.lock, other.data)
        return mine == theirs


def as_row(reading: Reading) -> dict[str, Any]:
    """Return what is written of a reading."""
    return {name: getattr(reading, name) for name in Reading.__dataclass_fields__}


def from_row(row: Mapping[str, Any]) -> Reading:
    """Return the reading that was written; ValueError, KeyError or TypeError where it is none."""
    reading = Reading(**{name: row[name] for name in Reading.__dataclass_fields__})
    datetime.datetime.fromisoformat(reading.when)
    if not isinstance(reading.content, dict) or not isinstance(reading.hash, str):
        raise TypeError
    return reading


def read_log(work: Path) -> tuple[Reading, ...]:
    """Read what was noted, the first first; a line that a kill left unfinished does not count: nothing was read then.

    Raises
    ------
    DataError
        A line is damaged: whether outcomes were read cannot be known.
    """
    path = work / LOG
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ()
    except UnicodeDecodeError:
        raise _damaged(path, 0) from None
    readings = []
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        try:
            readings.append(from_row(json.loads(line)))
        except (ValueError, KeyError, TypeError):
            raise _damaged(path, number) from None
    return tuple(readings)


def note(work: Path, reading: Reading) -> tuple[Reading, ...]:
    """Note a reading before it takes place, unless the same is noted already; return all that is noted then.

    Parameters
    ----------
    work : Path
        The cluster's work folder.
    reading : Reading

    Notes
    -----
    The line is written in one piece while the log is held, and reaches the disk before outcomes are read: runs side by
    side note one after another, and a killed run leaves at most an unfinished line, which the next one takes away.
    """
    path = work / LOG
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        noted = read_log(work)
        if not any(reading.repeats(earlier) for earlier in noted):
            whole = path.read_bytes()
            os.ftruncate(handle, whole.rfind(b"\n") + 1)
            os.write(handle, (json.dumps(as_row(reading), ensure_ascii=False, sort_keys=True) + "\n").encode())
            os.fsync(handle)
            noted = (*noted, reading)
    finally:
        os.close(handle)
    return noted


def _damaged(path: Path, line: int) -> DataError:
    return DataError(
        "The log of outcomes read is damaged: {path}, line {line}. Put back a copy of it: without it nobody can tell "
        "under which protocol outcomes were first read.",
        path=path,
        line=line,
    )
