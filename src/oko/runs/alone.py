"""One oko at a time in a folder: two would sweep away each other's work."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oko.errors import RunError


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold a folder for this process.

    Raises
    ------
    RunError
        Another process holds it: the message says to wait.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RunError("Another oko is at work in {folder}; wait until it has finished.", folder=folder) from None
        yield
