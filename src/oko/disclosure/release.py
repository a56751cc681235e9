"""A release: the outputs of one study that may leave, with checksums; whoever reads it checks them."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from oko.errors import ReleaseError

ABOUT = "release.json"


@dataclass(frozen=True)
class Release:
    """One released study, with every file as it was signed.

    Attributes
    ----------
    folder : Path
    about : Mapping
        ``release.json``: study, unit, year, cluster, reviewer, threshold, names and the files' checksums.
    """

    folder: Path
    about: Mapping[str, Any]

    def table(self, name: str) -> pd.DataFrame:
        """Return a released table by its name.

        Raises
        ------
        ReleaseError
            The release does not hold it.
        """
        path = f"tables/{name}.parquet"
        if path not in self.about["files"]:
            raise ReleaseError("The release {folder} has no table {name}.", folder=self.folder, name=name)
        frame: pd.DataFrame = pq.read_table(self.folder / path).to_pandas()
        return frame


def make(run_folder: Path, destination: Path, outputs: Sequence[str], about: Mapping[str, Any]) -> Release:
    """Copy the outputs of a run that may leave, and sign them.

    Parameters
    ----------
    run_folder : Path
        Folder of a finished run with its ``run.json``.
    destination : Path
        ``release/<study>/<unit>``; what stood there is replaced whole.
    outputs : sequence of str
        Paths inside the run's folder, each declared public by the study.
    about : Mapping
        What the release says of itself: at least study, unit, year, cluster, example, threshold and reviewer.

    Raises
    ------
    ReleaseError
        The run is not public or not done, an output changed after the run, or a table shows
        a row below the threshold.
    """
    record = json.loads((run_folder / "run.json").read_text(encoding="utf-8"))
    if record["edition"] != "public" or record["status"] != "done":
        raise ReleaseError(
            "{study} ({unit}) is not released: edition {edition}, state {status}; only finished public runs are.",
            study=record["study"],
            unit=record["unit"],
            edition=record["edition"],
            status=record["status"],
        )
    recorded = {output["path"]: output for output in record["outputs"]}
    for path in outputs:
        _check_output(run_folder / path, recorded.get(path), int(about["threshold"]))
    return _copy(run_folder, destination, outputs, about)


def _check_output(path: Path, recorded: Mapping[str, str] | None, threshold: int) -> None:
    if recorded is None or recorded["sensitivity"] != "public":
        raise ReleaseError("Output {path} is not declared public by its study.", path=path)
    if _sha256(path) != recorded["sha256"]:
        raise ReleaseError("Output {path} was changed after its run; run the study again.", path=path)
    if path.suffix == ".parquet":
        frame = pq.read_table(path).to_pandas()
        if "n" in frame and ((frame["n"] > 0) & (frame["n"] < threshold)).any():
            raise ReleaseError("Table {path} shows rows with fewer than {n} pupils.", path=path, n=threshold)


def _copy(run_folder: Path, destination: Path, outputs: Sequence[str], about: Mapping[str, Any]) -> Release:
    destination.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=".release-", dir=destination.parent))
    try:
        for path in outputs:
            (made / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(run_folder / path, made / path)
        whole = {**about, "files": {path: _sha256(made / path) for path in sorted(outputs)}}
        whole["digest"] = _digest(whole)
        (made / ABOUT).write_text(json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
        if destination.exists():
            shutil.rmtree(destination)
        made.rename(destination)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return read(destination)


def read(folder: Path) -> Release:
    """Open a release and check every byte of it.

    Raises
    ------
    ReleaseError
        There is no release, or a file of it is missing, added or changed.
    """
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        files: dict[str, str] = dict(about["files"])
    except FileNotFoundError:
        raise ReleaseError("Nothing is released in {folder}; run “make yearly”.", folder=folder) from None
    except (ValueError, KeyError, TypeError):
        raise ReleaseError(
            "The release {folder} is damaged: {file}; release it again.", folder=folder, file=ABOUT
        ) from None
    if about.get("digest") != _digest(about):
        raise ReleaseError("The release {folder} is damaged: {file}; release it again.", folder=folder, file=ABOUT)
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} - {ABOUT}
    wrong = sorted(there ^ set(files)) or [path for path in files if _sha256(folder / path) != files[path]]
    if wrong:
        raise ReleaseError(
            "The release {folder} is damaged: {file}; release it again.", folder=folder, file=", ".join(wrong)
        )
    return Release(folder, about)


def read_all(results_folder: Path, study: str, unit: str = "cluster") -> dict[str, Release]:
    """Return the releases of a study by school year, oldest first.

    Raises
    ------
    ReleaseError
        There is none, or one is damaged.
    """
    folders = sorted(results_folder.glob(f"*/release/{study}/{unit}"))
    if not folders:
        raise ReleaseError("Nothing is released in {folder}; run “make yearly”.", folder=results_folder)
    return {folder.parents[2].name: read(folder) for folder in folders}


def _digest(about: Mapping[str, Any]) -> str:
    content = {key: value for key, value in about.items() if key != "digest"}
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
