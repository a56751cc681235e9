"""Every set of tables that was ever released, with what was hidden in it: what later releases are audited against."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from oko.disclosure import Protected, journal
from oko.errors import ReleaseError
from oko.folders import sha256
from oko.runs.plan import Run

_ABOUT = "about.json"


@dataclass(frozen=True)
class Archived:
    """One released set of tables.

    Attributes
    ----------
    folder : Path
    about : Mapping
        study, unit, year, digest and counts: the quantity that each table counts.
    """

    folder: Path
    about: Mapping[str, Any]

    @property
    def tables(self) -> dict[str, str]:
        """SHA-256 of each table by name."""
        return {path.stem: sha256(path) for path in sorted(self.folder.glob("tables/*.parquet"))}

    def table(self, name: str) -> Protected:
        """Return a released table with its memory.

        Raises
        ------
        ReleaseError
            It is damaged.
        """
        try:
            return protected_table(self.folder, name)
        except ReleaseError as error:
            raise damaged(self.folder / "tables" / f"{name}.parquet") from error


def damaged(path: Path) -> ReleaseError:
    """Say which file of the archive is damaged."""
    return ReleaseError(
        "The archive of releases is damaged or lacks something: {path}. Put it back from a copy.", path=path
    )


def archive_folder(results: Path) -> Path:
    """Folder of all that was released; it is internal."""
    return results / "archive"


def protected_table(folder: Path, name: str) -> Protected:
    """Put a kept table and its memory together again.

    Raises
    ------
    ReleaseError
        The memory is missing or is not of this table.
    """
    try:
        memory = json.loads((folder / "protection" / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ReleaseError(
            "Table {name} in {folder} has no protection beside it; run the study again.", name=name, folder=folder
        ) from None
    try:
        frame = pq.read_table(folder / "tables" / f"{name}.parquet").to_pandas()
    except (OSError, ValueError):  # pyarrow's errors are of these two
        raise ReleaseError(
            "Table {name} in {folder} is damaged; run the study again.", name=name, folder=folder
        ) from None
    return Protected.recall(frame, memory)


def keep(results: Path, run: Run, digest: str) -> None:
    """Keep the public tables of a run, as they are about to be released under this digest."""
    folder = archive_folder(results) / digest[:16]
    if folder.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    sweep(results)
    made = Path(tempfile.mkdtemp(prefix=".archive-", dir=folder.parent))
    try:
        public = [table for table in run.study.tables if table.sensitivity == "public"]
        for table in public:
            for place in (f"tables/{table.name}.parquet", f"protection/{table.name}.json"):
                (made / place).parent.mkdir(exist_ok=True)
                shutil.copyfile(run.folder / place, made / place)
        about = {
            "study": run.name,
            "unit": run.unit,
            "year": run.parameters.year,
            "digest": digest,
            "counts": {table.name: table.counts for table in public if table.counts},
        }
        (made / _ABOUT).write_text(json.dumps(about, ensure_ascii=False, sort_keys=True), encoding="utf-8")
        made.rename(folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def sweep(results: Path) -> None:
    """Delete what a kill left half made."""
    for leftover in archive_folder(results).glob(".archive-*"):
        shutil.rmtree(leftover, ignore_errors=True)


def read(results: Path) -> list[Archived]:
    """Return every set that was released, in the order of their digests.

    Raises
    ------
    ReleaseError
        One of them is damaged or missing, or the journal is: without them nobody can tell what is known outside.
    """
    kept = archive_folder(results)
    released = [line for line in journal.read(results) if line["action"] == "released"]
    for line in released:
        if not (kept / str(line.get("digest"))[:16] / _ABOUT).is_file():
            raise damaged(kept / str(line.get("digest"))[:16])
    if any(kept.glob(f"[0-9a-f]*/{_ABOUT}")) and not (results / journal.JOURNAL).is_file():
        raise ReleaseError(
            "The journal {path} is missing, though something was released: nobody can tell what was withdrawn. Put the "
            "file back from a copy.",
            path=results / journal.JOURNAL,
        )
    found = []
    for path in sorted(archive_folder(results).glob(f"[0-9a-f]*/{_ABOUT}")):
        try:
            found.append(Archived(path.parent, json.loads(path.read_text(encoding="utf-8"))))
        except ValueError:
            raise damaged(path) from None
    return found
