"""Bring a cluster's data into its store, when they have changed since the last time."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from oko.errors import DataError, SettingError
from oko.records import schema, store
from oko.records.schema import Tables
from oko.records.store import sha256
from oko.workspace import Workspace

_STAMP = "source.txt"


def has_raw(workspace: Workspace) -> bool:
    """Whether files as received lie in the cluster's ``raw`` folder."""
    return any(_raw_files(workspace.raw_folder))


def ensure_store(workspace: Workspace) -> bool:
    """Make the store anew if what it comes from has changed, or if it is missing or damaged.

    Returns
    -------
    bool
        Whether the store was made now.

    Raises
    ------
    DataError
        The files as received are wrong; the store that was there stays.
    """
    if workspace.cluster.source == "example":
        write_example(workspace)
    digest = _source_digest(workspace)
    stamp = workspace.store_folder / _STAMP
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == digest:
        try:
            store.open_store(workspace.store_folder, workspace.cluster.code)
        except DataError:
            pass
        else:
            return False
    import_source(workspace)
    return True


def import_source(workspace: Workspace) -> Tables:
    """Read, check and store the cluster's data, whatever stands in the store."""
    tables = _read(workspace)
    store.write(workspace.store_folder, tables)
    (workspace.store_folder / _STAMP).write_text(_source_digest(workspace), encoding="utf-8")
    return tables


def receive(workspace: Workspace, paths: Sequence[Path]) -> None:
    """Take files into ``raw`` and store them; when anything is wrong, nothing has changed.

    A file of the same name that is there already goes to ``replaced``, with the time in its name.

    Raises
    ------
    SettingError
        A path does not exist, or two files have the same name.
    DataError
        The files are wrong, alone or together with those that are there.
    """
    files = [file for path in paths for file in _files_of(path)]
    twice = [name for name, count in Counter(file.name for file in files).items() if count > 1]
    if twice:
        raise SettingError("Two of the files given are called {name}: rename one of them.", name=twice[0])
    raw, kept = workspace.raw_folder, dict[Path, Path]()
    raw.mkdir(parents=True, exist_ok=True)
    placed: list[Path] = []
    try:
        for file in files:
            place = raw / file.name
            if place.resolve() == file.resolve():
                continue
            if place.exists():
                kept[place] = _set_aside(workspace, place)
            placed.append(place)
            shutil.copyfile(file, place)
        import_source(workspace)
    except BaseException:
        for place in placed:
            place.unlink(missing_ok=True)
        for place, aside in kept.items():
            aside.rename(place)
        raise


def _files_of(path: Path) -> list[Path]:
    if not path.exists():
        raise SettingError("File or folder {path} does not exist.", path=path)
    return [path] if path.is_file() else sorted(_raw_files(path))


def _set_aside(workspace: Workspace, path: Path) -> Path:
    folder = workspace.work / "replaced"
    folder.mkdir(parents=True, exist_ok=True)
    aside = folder / f"{time.strftime('%Y%m%d-%H%M%S')}-{time.monotonic_ns()}-{path.name}"
    path.rename(aside)
    return aside


def write_example(workspace: Workspace) -> list[Path]:
    """Write the raw files of an example cluster, unless the same generator wrote those that are there."""
    from oko.records import example

    folder = workspace.raw_folder
    stamp = folder / ".made-by"
    made_from = [*Path(example.__file__).parent.glob("*.py"), *(workspace.root / "data" / "external").glob("*.csv")]
    generator = _files_digest([*sorted(made_from), _settings(workspace)])
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == generator and has_raw(workspace):
        return sorted(_raw_files(folder))
    folder.mkdir(parents=True, exist_ok=True)
    paths = example.write_raw(folder, workspace.cluster, workspace.root)
    stamp.write_text(generator, encoding="utf-8")
    return paths


def _read(workspace: Workspace) -> Tables:
    if workspace.cluster.source == "london":
        from oko.records import public

        return public.london(workspace.cluster)
    from oko.records import intake

    return intake.read_tables(workspace.cluster, workspace.raw_folder)


def _source_digest(workspace: Workspace) -> str:
    """Digest of the files received, the cluster's settings and the code that reads them."""
    readers = sorted(Path(schema.__file__).parent.rglob("*.py"))
    received = sorted(_raw_files(workspace.raw_folder)) if workspace.cluster.source != "london" else []
    return _files_digest([*readers, _settings(workspace), *received])


def _settings(workspace: Workspace) -> Path:
    return workspace.root / "data" / "clusters" / workspace.cluster.code / "cluster.toml"


def _files_digest(paths: list[Path]) -> str:
    lines = [f"{path.name} {sha256(path)}" for path in paths]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _raw_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".", "~"))]
