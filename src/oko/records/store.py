"""The store of a cluster: Parquet files, read through DuckDB.

``results``, ``assessments``, ``items`` and ``schools`` are one file each; task scores are wide, one file an
assessment. ``store.json`` lists every file with its checksum and, for each school year, a digest of all that the
year's studies can read.
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
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from oko.errors import DataError, StoreError
from oko.records.schema import SCHEMAS, Tables

FORMAT = 1
ROW_GROUP = 50_000


def write(folder: Path, tables: Tables) -> None:
    """Write a store in place of the one that was there, whole or not at all.

    Parameters
    ----------
    folder : Path
        The store's folder; a new one is made beside it and renamed.
    tables : Tables
        Checked tables (see :func:`oko.records.schema.conform`).
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".store-", dir=folder.parent))
    try:
        for name, frame in _files(tables).items():
            _write_file(made / name, frame)
        manifest = {"format": FORMAT, "files": _checksums(made), "years": _year_digests(tables)}
        (made / "store.json").write_text(json.dumps(manifest, indent=1, sort_keys=True), encoding="utf-8")
        replace_folder(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def replace_folder(made: Path, folder: Path) -> None:
    """Put a finished folder where another may stand; the old one goes only when the new one is in place."""
    old = folder.with_name(f".old-{folder.name}")
    if folder.exists():
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
    made.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def restore_folder(folder: Path) -> None:
    """Put back the old folder that a kill between the two renames of a replacement left aside."""
    old = folder.with_name(f".old-{folder.name}")
    if old.exists() and not folder.exists():
        old.rename(folder)


def _files(tables: Tables) -> dict[str, pd.DataFrame]:
    files = {
        "schools.parquet": tables.schools.sort_values("school"),
        "assessments.parquet": tables.assessments.sort_values("assessment"),
        "items.parquet": tables.items.sort_values(["assessment", "position"]),
        "results.parquet": tables.results.sort_values(["school", "assessment", "pupil"]),
    }
    for assessment, frame in sorted(tables.responses.items()):
        files[f"responses/{assessment}.parquet"] = frame.sort_values(["school", "pupil"])
    return files


def _write_file(path: Path, frame: pd.DataFrame) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pandas(frame.reset_index(drop=True), preserve_index=False)
    pq.write_table(table, path, compression="zstd", row_group_size=ROW_GROUP)


def _checksums(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): sha256(path) for path in sorted(folder.rglob("*.parquet"))}


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal text."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def _year_digests(tables: Tables) -> dict[str, str]:
    """Digest what a year's studies may read: the year itself, and the earlier ones that its value added leans on."""
    return {year: _digest(_until(tables, year)) for year in sorted(tables.assessments["year"].unique())}


def _until(tables: Tables, year: str) -> Tables:
    assessments = tables.assessments[tables.assessments["year"] <= year]
    known = set(assessments["assessment"])
    return Tables(
        schools=tables.schools,
        assessments=assessments,
        items=tables.items[tables.items["assessment"].isin(known)],
        results=tables.results[tables.results["assessment"].isin(known)],
        responses={name: frame for name, frame in tables.responses.items() if name in known},
    )


def _digest(tables: Tables) -> str:
    digest = hashlib.sha256()
    for name, frame in _files(tables).items():
        digest.update(name.encode())
        digest.update("|".join(frame.columns).encode())
        digest.update(pd.util.hash_pandas_object(frame, index=False).to_numpy().tobytes())
    return digest.hexdigest()


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
    restore_folder(folder)
    path = folder / "store.json"
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
