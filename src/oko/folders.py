"""Files and folders that others rely on: their checksums, and folders put in place whole or not at all."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal text."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def old_folder(folder: Path) -> Path:
    """Where a folder stands aside while another takes its place."""
    return folder.with_name(f".old-{folder.name}")


def replace_folder(made: Path, folder: Path) -> None:
    """Put a finished folder where another may stand; the old one goes only when the new one is in place."""
    old = old_folder(folder)
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
    made.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def restore_folder(folder: Path) -> None:
    """Put back the old folder that a kill between the two renames of a replacement left aside."""
    old = old_folder(folder)
    if old.exists() and not folder.exists():
        old.rename(folder)
