"""Take files into ``raw`` and store them; when anything is wrong, nothing has changed."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w

from oko.errors import DataError, StoreError
from oko.folders import sha256
from oko.records import intake
from oko.records.readers import Finding
from oko.records.readers.context import TOLD, Told, told_beside
from oko.records.taken import FileRead, FirstFindings, Intake
from oko.runs import unpacking
from oko.runs.alone import alone
from oko.runs.moves import Move, recover
from oko.runs.sources import existing, import_alone
from oko.workspace import Workspace

HISTORY, REPLACED = "history.jsonl", "replaced"


@dataclass(frozen=True)
class Receipt:
    """What became of files that were received.

    Attributes
    ----------
    read : Intake
        What the check of the files alone found.
    placed : tuple of Path
        Files that lie in ``raw`` now.
    replaced : tuple of Path
        Earlier versions, in the folder ``replaced``.
    left : tuple of Finding
        Why rows of these files are left out that do not agree with what was there.
    """

    read: Intake
    placed: tuple[Path, ...]
    replaced: tuple[Path, ...]
    left: tuple[Finding, ...] = ()


def receive(workspace: Workspace, paths: Sequence[Path], told: Told | None = None) -> Receipt:
    """Check files, take those that are right into ``raw``, and make the store anew.

    Parameters
    ----------
    workspace : Workspace
    paths : sequence of Path
        Files, folders, or packages that ``oko export`` made.
    told : Told, optional
        What the words of the call say of the files; it is kept beside them.

    Returns
    -------
    Receipt
        A file is taken in whole or refused. It replaces an earlier one of the same layout about the same schools and
        assessments, whatever its name; the earlier one goes to ``replaced``.

    Raises
    ------
    SettingError
        A path does not exist.
    DataError
        All files are refused, or they do not agree with those that are there: nothing has changed. What was taken
        before is never left out in favour of what comes.
    """
    said = told or Told()
    with alone(workspace.work / ".import"), unpacking.unpacked([existing(path) for path in paths], workspace) as there:
        recover(workspace)
        files = [(*named, base) for base in there for named in intake.files_of(base)]
        read = intake.check(workspace.cluster, workspace.root, there, told=said)
        states = {state.name: state for state in read.files}
        taken = [(path, name) for path, name, _ in files if not states[name].refused]
        if not taken:
            raise DataError("Nothing was stored; every file is refused:\n{first}", first=FirstFindings(read.faults))
        move = Move(workspace)
        before = _rows_left(workspace)
        try:
            for path, name in taken:
                _place(workspace, path, name, said, states[name], move)
            whole = import_alone(workspace, lambda made: _check_agreement(workspace, made, before, move))
        except BaseException:
            move.take_back()
            raise
        move.done()
        _note(workspace, move, paths)
    return Receipt(read, tuple(move.placed), tuple(move.aside.values()), _left(workspace, whole, move))


def _rows_left(workspace: Workspace) -> dict[str, int]:
    """Return the files of the store, with the number of their rows that were left out."""
    try:
        files = workspace.query("select file, rows_left from files")
    except StoreError:
        return {}
    return dict(zip(files["file"], files["rows_left"].astype(int), strict=True))


def _check_agreement(workspace: Workspace, made: Intake, before: Mapping[str, int], move: Move) -> None:
    """Refuse files with which what was taken before could not stay, and those that are right only alone."""
    placed = _names(workspace, move)
    lost = {
        state.name
        for state in made.files
        if (state.refused and state.name in {*placed, *before})
        or (state.name not in placed and state.rows_left > before.get(state.name, state.rows_left))
    }
    if lost:
        raise DataError(
            "The files do not agree with those received before, and nothing has changed:\n{first}",
            first=FirstFindings(tuple(finding for finding in made.findings if finding.file in lost)),
        )


def _left(workspace: Workspace, whole: Intake, move: Move) -> tuple[Finding, ...]:
    names = _names(workspace, move)
    return tuple(finding for finding in whole.faults if finding.file in names)


def _names(workspace: Workspace, move: Move) -> set[str]:
    return {path.relative_to(workspace.raw_folder).as_posix() for path in move.placed}


def _place(workspace: Workspace, path: Path, name: str, said: Told, state: FileRead, move: Move) -> None:
    told = told_beside(path, name, said)
    target = workspace.raw_folder / _folder(told) / Path(name)
    if target.resolve() == path.resolve() or (target.is_file() and sha256(target) == sha256(path)):
        return
    for earlier in _earlier(workspace, target, state):
        if earlier not in move.placed:
            _set_aside(workspace, earlier, move)
    _keep_told(target.parent, told, move)
    move.place(path, target)


def _folder(told: Told) -> str:
    """Name a folder by what was told of its files: one folder, one ``received.toml``."""
    parts = told.model_dump(exclude_unset=True)
    words = [str(value) for key, value in parts.items() if key != "accept_rows" and value is not None]
    return "-".join([*words, *(["rows"] if told.accept_rows else [])]).replace("/", "-")[:120]


def _keep_told(folder: Path, told: Told, move: Move) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    content = told.model_dump(exclude_unset=True, exclude_none=True)
    place = folder / TOLD
    if content and not place.exists():
        move.write(place, tomli_w.dumps(content))


def _earlier(workspace: Workspace, target: Path, state: FileRead) -> list[Path]:
    """Return the files that a new one replaces: of the same name, or about the same in the same layout."""
    found = [target] if target.exists() else []
    if not state.schools or not (workspace.store_folder / "store.json").exists():
        return found
    known = workspace.query("select file, layout, schools, assessments from files")
    about = known[["layout", "schools", "assessments"]].fillna("").apply(tuple, axis=1)
    same = known[about == state.about]
    others = [workspace.raw_folder / name for name in same["file"]]
    return found + [path for path in others if path.is_file() and path != target]


def _set_aside(workspace: Workspace, path: Path, move: Move) -> None:
    aside = workspace.work / REPLACED / f"{time.strftime('%Y%m%d-%H%M%S')}-{time.monotonic_ns()}-{path.name}"
    move.set_aside(path, aside)


def _note(workspace: Workspace, move: Move, paths: Sequence[Path]) -> None:
    """Add to the history what was received and what it replaced, and the terms on which packages came."""
    when = time.strftime("%Y-%m-%dT%H:%M:%S")
    relative = {place: place.relative_to(workspace.work).as_posix() for place in (*move.placed, *move.aside)}
    rows: list[dict[str, Any]] = [
        {"when": when, "file": relative[place], "sha256": sha256(place), "did": "received"} for place in move.placed
    ] + [
        {"when": when, "file": relative[place], "sha256": sha256(aside), "did": "replaced", "now": aside.name}
        for place, aside in move.aside.items()
    ]
    rows += [
        {"when": when, "file": path.name, "sha256": sha256(path), "did": "package", "terms": unpacking.terms(path)}
        for path in paths
        if unpacking.is_package(path)
    ]
    with (workspace.work / HISTORY).open("a", encoding="utf-8") as history:
        history.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
