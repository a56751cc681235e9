"""The store of a cluster: Parquet files, read through DuckDB.

``results``, ``assessments``, ``items``, ``schools``, ``files`` and the further tables are one file each; task scores
are wide, one file an assessment. ``store.json`` lists every file with its checksum and, for each school year, a digest
of all that the year's studies can read. The folder is a link to a generation beside it: who reads goes on reading the
generation that was there, while a new one is made and put in its place in one step.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from oko.errors import DataError, StoreError
from oko.folders import replace_folder, restore_folder, sha256
from oko.records.schema import SCHEMAS, Tables

FORMAT = 2
ROW_GROUP = 50_000


def write(folder: Path, tables: Tables, stamp: str = "") -> None:
    """Write a store in place of the one that was there, whole or not at all.

    Parameters
    ----------
    folder : Path
        The store's folder: a link to the newest generation. The generation before it is kept for who still reads it.
    tables : Tables
        Checked tables (see :func:`oko.records.schema.conform`).
    stamp : str
        What the tables were made from.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    before = folder.resolve() if folder.is_symlink() else None
    made = Path(tempfile.mkdtemp(prefix=_generation(folder), dir=folder.parent))
    try:
        for name, frame in _files(tables).items():
            _write_file(made / name, frame)
        years = _year_digests(tables)
        manifest = {"format": FORMAT, "files": _checksums(made), "years": years, "made_from": stamp}
        (made / "store.json").write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
        _point(folder, made)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
    for old in folder.parent.glob(_generation(folder) + "*"):
        if old.resolve() not in {made.resolve(), before}:
            shutil.rmtree(old, ignore_errors=True)


def _generation(folder: Path) -> str:
    """Return how the names of a store's generations begin."""
    return f".{folder.name}-"


def _point(folder: Path, made: Path) -> None:
    """Let the store's folder mean the new generation, in one step where the file system has links."""
    link = made.with_name(made.name + "-link")
    try:
        link.symlink_to(made.name, target_is_directory=True)
    except OSError:
        replace_folder(made, folder)
        return
    if folder.is_dir() and not folder.is_symlink():
        shutil.rmtree(folder)
    link.replace(folder)


def _files(tables: Tables) -> dict[str, pd.DataFrame]:
    files = {
        "schools.parquet": tables.schools.sort_values("school"),
        "assessments.parquet": tables.assessments.sort_values("assessment"),
        "items.parquet": tables.items.sort_values(["assessment", "position"]),
        "results.parquet": tables.results.sort_values(["school", "assessment", "pupil"]),
        "files.parquet": tables.files.sort_values("file"),
    }
    for name, frame in sorted(tables.registers.items()):
        keys = [column for column in frame.columns if column not in {"value", "count", "source", "example"}]
        files[f"{name}.parquet"] = frame.sort_values(keys, kind="stable")
    for assessment, frame in sorted(tables.responses.items()):
        files[f"responses/{assessment}.parquet"] = frame.sort_values(["school", "pupil"])
    return files


def _write_file(path: Path, frame: pd.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pandas(frame.reset_index(drop=True), preserve_index=False)
    pq.write_table(table, path, compression="zstd", row_group_size=ROW_GROUP)


def _checksums(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): sha256(path) for path in sorted(folder.rglob("*.parquet"))}


def _year_digests(tables: Tables) -> dict[str, str]:
    """Digest what a year's studies may read: the year itself, and the earlier ones that its value added leans on.

    The file that a row came from is left out: the same rows from another file are the same data.
    """
    common = [
        _digest(frame) for frame in (tables.schools, *(tables.registers[name] for name in sorted(tables.registers)))
    ]
    parts = {name: _digest(rows) for name, rows in tables.results.groupby("assessment", sort=True)}
    items = {name: _digest(rows) for name, rows in tables.items.groupby("assessment", sort=True)}
    answers = {name: _digest(frame) for name, frame in tables.responses.items()}
    described = tables.assessments.sort_values("assessment")
    digests = {}
    for year in sorted(described["year"].unique()):
        until = described[described["year"] <= year]
        own = [table.get(name, "") for name in until["assessment"] for table in (parts, items, answers)]
        digests[year] = hashlib.sha256("|".join([*common, _digest(until), *own]).encode()).hexdigest()
    return digests


def _digest(frame: pd.DataFrame) -> str:
    """Digest rows, whatever their order."""
    told = frame.drop(columns="source", errors="ignore")
    hashes = np.sort(pd.util.hash_pandas_object(told, index=False).to_numpy())
    return hashlib.sha256("|".join(told.columns).encode() + hashes.tobytes()).hexdigest()


@dataclass(frozen=True)
class Store:
    """A store that is there and whole."""

    folder: Path
    manifest: Mapping[str, Any]

    @property
    def responses(self) -> tuple[str, ...]:
        """Assessments with task scores."""
        names = (Path(name) for name in self.manifest["files"])
        return tuple(path.stem for path in names if path.parent.name == "responses")

    @property
    def registers(self) -> tuple[str, ...]:
        """Further tables that the store holds: groups, survey, actions and so on."""
        names = (Path(name) for name in self.manifest["files"])
        return tuple(path.stem for path in names if path.parent == Path() and path.stem not in SCHEMAS)

    @property
    def made_from(self) -> str:
        """What the store was made from, as its maker said."""
        return str(self.manifest.get("made_from", ""))

    def year_digest(self, year: str) -> str:
        """Digest of what studies of the year read; empty when the store has nothing of it."""
        earlier = [known for known in sorted(self.manifest["years"]) if known <= year]
        return str(self.manifest["years"][earlier[-1]]) if earlier else ""

    def query(self, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
        """Answer a query over the views schools, assessments, items, results and "responses/<id>"."""
        try:
            return self._connection.execute(sql, list(parameters)).df()
        except duckdb.Error as error:
            raise DataError("The query to the store failed: {detail}", detail=error) from error

    @cached_property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect()
        for name in self.manifest["files"]:
            path = str(self.folder / name).replace("'", "''")
            view = name.removesuffix(".parquet").replace('"', '""')
            connection.execute(f"create view \"{view}\" as select * from read_parquet('{path}')")  # noqa: S608
        connection.execute("set allowed_directories = [?]", [str(self.folder)])
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        return connection


def open_store(folder: Path, cluster: str) -> Store:
    """Open a store and check that nothing in it is missing or changed.

    Raises
    ------
    StoreError
        There is no store, or a file of it is missing or damaged: the message names it.
    """
    if not folder.is_symlink():
        restore_folder(folder)
    path = folder.resolve() / "store.json"
    if not path.exists():
        raise StoreError(
            "Cluster {cluster} has no data yet ({folder}); run “make yearly CLUSTER={cluster}” "
            "or “oko import --cluster {cluster}”.",
            cluster=cluster,
            folder=folder,
        )
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
        files: dict[str, str] = manifest["files"]
        folder = folder.resolve()
        damaged = [name for name, digest in files.items() if _actual(folder / name) != digest]
        missing_tables = [name for name in SCHEMAS if f"{name}.parquet" not in files]
        complete = manifest["format"] == FORMAT and isinstance(manifest["years"], dict) and not missing_tables
    except (ValueError, KeyError, TypeError, AttributeError):
        damaged, complete = ["store.json"], False
    if damaged or not complete:
        raise StoreError(
            "The store of cluster {cluster} is damaged: {file} in {folder}; "
            "run “oko import --cluster {cluster}” to make it again from the files received.",
            cluster=cluster,
            file=", ".join(damaged) or "store.json",
            folder=folder,
        )
    return Store(folder, manifest)


def _actual(path: Path) -> str:
    return sha256(path) if path.is_file() else ""
