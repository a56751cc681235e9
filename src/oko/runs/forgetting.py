"""Delete a pupil, a school or a term from every stored version: the store, earlier files, results, packages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from oko.errors import DataError, SettingError
from oko.language import gettext, ngettext, number
from oko.records import deletion, intake
from oko.records import forget as records_forget
from oko.records.forget import Entry
from oko.records.keys import pseudonyms_for
from oko.runs.alone import alone
from oko.runs.sources import import_alone, raw_files
from oko.workspace import Workspace


@dataclass(frozen=True)
class Asked:
    """What is to be forgotten: a pupil by pseudonym, or asked for at the keyboard; a school; a year or its season."""

    pupil: str | None = None
    ask: bool = False
    school: str | None = None
    year: str | None = None
    season: str | None = None


def forget(workspace: Workspace, asked: Asked, who: str, keyboard: TextIO) -> Iterator[str]:
    """Delete what was asked for, and say line by line what was done and what is left to people.

    Parameters
    ----------
    workspace : Workspace
    asked : Asked
    who : str
        Who does it: stands in the log.
    keyboard : TextIO
        Where the name of a pupil is read from; it is never a word of the call, which others could see.

    Raises
    ------
    SettingError
        Nothing is asked for, or too much at once.
    """
    entries = _entries(workspace, asked, who, keyboard)
    with alone(workspace.work / ".import"):
        before = _rows(workspace)
        held = _files_with(workspace, entries)
        for entry in entries:
            records_forget.record(workspace.work, entry)
        removed = _delete_files(workspace, held, entries)
        try:
            import_alone(workspace)
        except DataError:  # nothing is left to make a store of, or what is left is wrong: the rows must go all the same
            for entry in entries:
                _delete_rows(workspace, entry, who)
            workspace.__dict__.pop("store", None)
        _delete_generations(workspace)
        gone = before - _rows(workspace)
        records_forget.log(workspace.work, entries, gone)
    yield ngettext("{n} result deleted from the store.", "{n} results deleted from the store.", gone).format(
        n=number(gone)
    )
    for path in removed:
        yield gettext("Deleted: {path}").format(path=path)
    for folder in (workspace.results_folder, workspace.work / "packages"):
        if folder.exists():
            shutil.rmtree(folder)
            yield gettext("Deleted, since it was made from all results: {path}").format(path=folder)
    for path in sorted(held - set(removed)):
        yield gettext("Still holds it, and is yours to correct: {path}").format(path=path)
    yield gettext("What was sent to other schools is theirs to delete: tell them.")


def _entries(workspace: Workspace, asked: Asked, who: str, keyboard: TextIO) -> tuple[Entry, ...]:
    if asked.season and not asked.year:
        raise SettingError("A season needs its year: --year 2020-2021 --season autumn.")
    if asked.ask:
        pseudonyms = pseudonyms_for(workspace.root, workspace.cluster)
        if pseudonyms is None or not asked.school:
            raise SettingError(
                "To find a pupil by name oko needs the cluster’s key and the school: --ask --school CODE."
            )
        named = records_forget.pupil_from_input(keyboard, pseudonyms, asked.school)
        return tuple(records_forget.entry("pupil", value, who) for value in named)
    if asked.pupil:
        return (records_forget.entry("pupil", asked.pupil, who),)
    if asked.school and asked.year:
        raise SettingError("Say one thing at a time: a pupil, a school, or a term.")
    if asked.school:
        return (records_forget.entry("school", asked.school, who),)
    if asked.year:
        workspace.cluster.check_year(asked.year)
        term = f"{asked.year} {asked.season}" if asked.season else asked.year
        return (records_forget.entry("term", term, who),)
    raise SettingError("Say what to forget: --pupil, --ask, --school or --year.")


def _rows(workspace: Workspace) -> int:
    return int(workspace.query("select count(*) as n from results")["n"].iloc[0])


def _files_with(workspace: Workspace, entries: tuple[Entry, ...]) -> set[Path]:
    """Return the files received, and their earlier versions, that hold what is to be forgotten."""
    forgotten = records_forget.Forgotten(entries)
    found: set[Path] = set()
    for folder in (workspace.raw_folder, workspace.work / "replaced"):
        if folder.is_dir() and raw_files(folder):
            rows = intake.check(workspace.cluster, workspace.root, [folder]).everything
            gone = rows[~forgotten.keeps(rows)]
            found |= {folder / str(name) for name in gone["#file"].unique()}
    return found


def _delete_files(workspace: Workspace, held: set[Path], entries: tuple[Entry, ...]) -> list[Path]:
    """Delete earlier versions that hold it, and present files that hold nothing else."""
    forgotten = records_forget.Forgotten(entries)
    removed = sorted(path for path in held if path.is_relative_to(workspace.work / "replaced"))
    rows = intake.check(workspace.cluster, workspace.root, [workspace.raw_folder]).everything
    rest = set(rows.loc[forgotten.keeps(rows), "#file"].unique())
    for path in sorted(held - set(removed)):
        if path.relative_to(workspace.raw_folder).as_posix() not in rest:
            removed.append(path)
    for path in removed:
        path.unlink(missing_ok=True)
    return removed


def _delete_generations(workspace: Workspace) -> None:
    """Delete the generation of the store that was kept for who still read it."""
    current = workspace.store_folder.resolve()
    for old in workspace.work.glob(".store-*"):
        if old.resolve() != current:
            shutil.rmtree(old, ignore_errors=True)


def _delete_rows(workspace: Workspace, entry: Entry, who: str) -> None:
    asked = {what: entry.value if entry.what == what else None for what in ("pupil", "school", "term")}
    deletion.forget(workspace.store_folder, pupil=asked["pupil"], school=asked["school"], term=asked["term"], who=who)
