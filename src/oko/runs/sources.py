"""Bring a cluster's data into its store, when they have changed since the last time."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from oko.errors import DataError, SettingError
from oko.folders import sha256
from oko.records import forget, keys, schema, store
from oko.records.deletion import without
from oko.records.events import NOT_OF_DATA
from oko.records.readers.context import TOLD
from oko.records.schema import Tables
from oko.records.taken import Intake
from oko.runs.alone import alone
from oko.runs.moves import recover
from oko.workspace import Workspace


def has_raw(workspace: Workspace) -> bool:
    """Whether files as received lie in the cluster's ``raw`` folder."""
    return any(path.name != TOLD for path in raw_files(workspace.raw_folder))


def ensure_store(workspace: Workspace) -> Intake | None:
    """Make the store anew if what it comes from has changed, or if it is missing or damaged.

    Returns
    -------
    Intake or None
        What was read now; None when the store was up to date.

    Raises
    ------
    DataError
        The files as received are wrong; the store that was there stays.
    """
    if workspace.cluster.source == "example":
        write_example(workspace)
    digest = source_digest(workspace)
    try:
        made_from = store.open_store(workspace.store_folder, workspace.cluster.code).made_from
    except DataError:
        made_from = ""
    return None if made_from == digest else import_source(workspace)


def import_source(workspace: Workspace) -> Intake:
    """Read, check and store the cluster's data, whatever stands in the store; nobody else may at the same time."""
    with alone(workspace.work / ".import"):
        recover(workspace)
        return import_alone(workspace)


def import_alone(workspace: Workspace, agreed: Callable[[Intake], None] | None = None) -> Intake:
    """Read, check and store the cluster's data for a caller who holds the cluster's work folder.

    Parameters
    ----------
    workspace : Workspace
    agreed : callable, optional
        Raises an error where what was read must not become the store.
    """
    digest = source_digest(workspace)
    tables, intake = _read(workspace)
    if agreed is not None:
        agreed(intake)
    store.write(workspace.store_folder, tables, digest)
    workspace.__dict__.pop("store", None)
    return intake


def write_example(workspace: Workspace) -> list[Path]:
    """Write the raw files of an example cluster, unless the same generator wrote those that are there."""
    from oko.records import example

    folder = workspace.raw_folder
    stamp = workspace.work / ".made-by"
    generator = _generator_digest(workspace)
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == generator and has_raw(workspace):
        return sorted(raw_files(folder))
    stamp.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    paths = example.write_raw(folder, workspace.cluster, workspace.root)
    stamp.write_text(generator, encoding="utf-8")
    return paths


def _generator_digest(workspace: Workspace) -> str:
    records = Path(schema.__file__).parent
    code = [*(records / "example").glob("*.py"), *(records / "writers").glob("*.py")]
    facts = [*(workspace.root / "data" / "external").glob("*.csv"), *_settings(workspace)]
    return _files_digest(sorted([*code, *facts]))


def _read(workspace: Workspace) -> tuple[Tables, Intake]:
    from oko.records import intake

    if workspace.cluster.source == "london":
        from oko.records import public

        return public.london(workspace.cluster), intake.nothing_read(workspace.cluster, workspace.root)
    tables, made = intake.read_tables(workspace.cluster, workspace.root, workspace.raw_folder)
    return without(tables, forget.read(workspace.work)), made


def source_digest(workspace: Workspace) -> str:
    """Digest of the files received, the cluster's settings and the code and facts that read them."""
    readers = sorted(Path(schema.__file__).parent.rglob("*.py"))
    facts = sorted((workspace.root / "data" / "external").glob("*.csv"))
    received = sorted(raw_files(workspace.raw_folder)) if workspace.cluster.source != "london" else []
    forgotten = [path for path in (workspace.work / "forgotten.json",) if path.is_file()]
    return _files_digest([*readers, *facts, *_settings(workspace), *forgotten, *received]) + _key_mark(workspace)


def _key_mark(workspace: Workspace) -> str:
    """Whether there is a key: pseudonyms of codes are made when one comes."""
    return "-with-key" if keys.pseudonyms_for(workspace.root, workspace.cluster) else ""


def _settings(workspace: Workspace) -> list[Path]:
    folder = workspace.root / "data" / "clusters" / workspace.cluster.code
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in NOT_OF_DATA)


def _files_digest(paths: list[Path]) -> str:
    lines = [f"{path.name} {sha256(path)}" for path in paths]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def raw_files(folder: Path) -> list[Path]:
    """Return the files received, at any depth; hidden files and those of open editors are left."""
    return [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".", "~"))]


def received(workspace: Workspace) -> Path:
    """Return the folder of files received; raise SettingError where a cluster that receives files has none yet."""
    if workspace.cluster.source != "london" and not has_raw(workspace):
        raise SettingError(
            "Cluster {cluster} has no files yet: put them into {folder}, or name them: oko import PATH.",
            cluster=workspace.cluster.code,
            folder=workspace.raw_folder,
        )
    return workspace.raw_folder


def existing(path: Path) -> Path:
    """Return a path that was given if it exists; raise SettingError otherwise."""
    if not path.exists():
        raise SettingError("File or folder {path} does not exist: check the path.", path=path)
    return path
