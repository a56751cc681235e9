"""A release: the outputs of a study that may leave, as a data package with checksums; whoever reads it checks them."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from oko.disclosure import journal
from oko.disclosure.checks import Verdict, sheet
from oko.disclosure.files import csv_bytes
from oko.disclosure.package import PACKAGE, SHEET, Wording, described, digest_of, written
from oko.errors import ReleaseError
from oko.folders import old_folder, replace_folder, restore_folder, sha256
from oko.language import gettext


@dataclass(frozen=True)
class Release:
    """One released study, with every file as it was signed.

    Attributes
    ----------
    folder : Path
    about : Mapping
        What the release says of itself: study, unit, year, cluster, reviewer, threshold, names, digest, and files: the
        SHA-256 of each by its path.
    """

    folder: Path
    about: Mapping[str, Any]

    @property
    def files(self) -> Mapping[str, str]:
        """SHA-256 of each file by its path."""
        files: Mapping[str, str] = self.about["files"]
        return files

    @property
    def digest(self) -> str:
        """Digest over the whole package; equal digests mean the same bytes, signed by the same person."""
        return str(self.about["digest"])

    def table(self, name: str) -> pd.DataFrame:
        """Return a released table by its name.

        Raises
        ------
        ReleaseError
            The release does not hold it.
        """
        path = f"tables/{name}.parquet"
        if path not in self.files:
            raise ReleaseError("The release {folder} has no table {name}.", folder=self.folder, name=name)
        frame: pd.DataFrame = pq.read_table(self.folder / path).to_pandas()
        return frame


def make(
    run_folder: Path,
    destination: Path,
    verdicts: Sequence[Verdict],
    about: Mapping[str, Any],
    wording: Wording,
    note: Callable[[str], None] = lambda _: None,
) -> Release:
    """Copy the outputs of a run that may leave, and sign them.

    Parameters
    ----------
    run_folder : Path
        Folder of a finished run with its ``run.json``.
    destination : Path
        ``release/<study>/<unit>``; what stood there is replaced whole.
    verdicts : sequence of Verdict
        What the checks say of the run's outputs; the public ones leave.
    about : Mapping
        What the release says of itself: at least study, unit, year, cluster, example, threshold, reviewer and signed
        (ISO time).
    wording : Wording
        Titles and descriptions of the package, its outputs and its columns.
    note : callable
        Told the digest when the package is whole and has not taken its place yet.

    Raises
    ------
    ReleaseError
        The run is not public or not done, an output was refused, or it changed after the run or the check.
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
    leaving = [verdict for verdict in verdicts if verdict.sensitivity == "public"]
    for verdict in leaving:
        _check_output(run_folder / verdict.output, recorded.get(verdict.output), verdict)
    return _copy(run_folder, destination, leaving, about, wording, note)


def _check_output(path: Path, recorded: Mapping[str, str] | None, verdict: Verdict) -> None:
    if recorded is None or recorded["sensitivity"] != "public":
        raise ReleaseError("Output {path} is not declared public by its study.", path=path)
    if not sha256(path) == recorded["sha256"] == verdict.sha256:
        raise ReleaseError("Output {path} was changed after its run; run the study again.", path=path)
    refused = [finding.sentence for finding in verdict.findings if finding.refuses]
    if refused:
        raise ReleaseError("Output {path} is not released. {reason}", path=path, reason=" ".join(refused))


def _copy(
    run_folder: Path,
    destination: Path,
    leaving: Sequence[Verdict],
    about: Mapping[str, Any],
    wording: Wording,
    note: Callable[[str], None],
) -> Release:
    destination.parent.mkdir(parents=True, exist_ok=True)
    sweep(destination)
    made = Path(tempfile.mkdtemp(prefix=_making(destination), dir=destination.parent))
    try:
        for verdict in leaving:
            target = made / verdict.output
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(run_folder / verdict.output, target)
            if sha256(target) != verdict.sha256:
                raise ReleaseError(
                    "Output {path} was changed after its run; run the study again.", path=run_folder / verdict.output
                )
            if target.suffix == ".parquet":
                target.with_suffix(".csv").write_bytes(csv_bytes(pq.read_table(target).to_pandas()))
        (made / SHEET).write_bytes(sheet(leaving, inside=False))
        package = described(made, about, wording)
        (made / PACKAGE).write_bytes(written(package))
        made.chmod(0o755)
        note(str(package["oko"]["digest"]))
        replace_folder(made, destination)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return read(destination)


def _making(destination: Path) -> str:
    return f".release-{destination.name}-"


def sweep(destination: Path) -> None:
    """Tidy what a kill left beside a release: put back what had not been replaced yet, delete what is half made."""
    restore_folder(destination)
    for leftover in (old_folder(destination), *destination.parent.glob(f"{_making(destination)}*")):
        shutil.rmtree(leftover, ignore_errors=True)


def read(folder: Path) -> Release:
    """Open a release and check every byte of it.

    Raises
    ------
    ReleaseError
        There is no release, a file of it is missing, added or changed, it was withdrawn, or it was signed elsewhere.
    """
    package = _package(folder)
    about = dict(package["oko"])
    files = {str(entry["path"]): str(entry["hash"]).removeprefix("sha256:") for entry in package["resources"]}
    there = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file() or p.is_symlink()} - {PACKAGE}
    wrong = sorted(there ^ set(files)) or [path for path in files if sha256(folder / path) != files[path]]
    if wrong:
        raise _damaged(folder, ", ".join(wrong))
    _check_standing(folder, about)
    return Release(folder, {**about, "files": files})


def _package(folder: Path) -> dict[str, Any]:
    """Read the descriptor and check it against its own digest."""
    try:
        content = (folder / PACKAGE).read_bytes()
    except FileNotFoundError:
        raise ReleaseError("Nothing is released in {folder}; run “make yearly”.", folder=folder) from None
    try:
        package: dict[str, Any] = json.loads(content)
        whole = content == written(package) and package["oko"]["digest"] == digest_of(package)
        whole = whole and all({"path", "hash"} <= set(entry) for entry in package["resources"])
    except (ValueError, KeyError, TypeError, AttributeError):
        whole = False
    if not whole:
        raise _damaged(folder, PACKAGE)
    return package


def _check_standing(folder: Path, about: Mapping[str, Any]) -> None:
    """Refuse a release that was withdrawn, or that was signed elsewhere."""
    line = journal.withdrawn(folder, str(about["digest"]))
    if line is not None:
        raise ReleaseError(
            "The release {folder} was withdrawn on {day}: {reason}. Delete the folder, it must not be shown.",
            folder=folder,
            day=str(line["time"])[:10],
            reason=str(line.get("reason", "")).rstrip(".") or gettext("no reason is given"),
        )
    place = (about.get("year"), about.get("study"), about.get("unit"))
    moved = folder.parent.parent.name == "release" and place != _place_of(folder)
    if moved or journal.foreign(folder, str(about["digest"])):
        raise ReleaseError(
            "The release {folder} was not signed here: it was changed, or put here from another place. Delete the "
            "folder and release the study again.",
            folder=folder,
        )


def _place_of(folder: Path) -> tuple[str, str, str]:
    return folder.parents[2].name, folder.parent.name, folder.name


def _damaged(folder: Path, file: str) -> ReleaseError:
    return ReleaseError("The release {folder} is damaged: {file}; release it again.", folder=folder, file=file)


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
