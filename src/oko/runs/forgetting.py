"""Delete a pupil, a school or a term from every stored version: the store, earlier files, results, packages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from oko.disclosure.journal import JOURNAL
from oko.errors import DataError, SettingError, StoreError
from oko.language import gettext, ngettext, number
from oko.records import deletion
from oko.records import forget as records_forget
from oko.records.forget import Entry, Forgotten
from oko.records.keys import pseudonyms_for
from oko.runs.alone import alone
from oko.runs.held import Held, held
from oko.runs.moves import recover
from oko.runs.receive import REPLACED
from oko.runs.release_archive import archive_folder
from oko.runs.sources import import_alone
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
        With a pupil go all pseudonyms that rosters join to the pupil: of codes, and of the name.
    who : str
        Who does it: stands in the log.
    keyboard : TextIO
        Where the name of a pupil is read from; it is never a word of the call, which others could see.

    Raises
    ------
    SettingError
        Nothing is asked for, or too much at once.
    """
    first = _entries(workspace, asked, who, keyboard)
    with alone(workspace.work / ".import"):
        recover(workspace)
        there = held(workspace)
        others = there.aliases(tuple(entry.value for entry in first if entry.what == "pupil"))
        entries = (*first, *(records_forget.entry("pupil", value, who) for value in others))
        before = _rows(workspace)
        for entry in entries:
            records_forget.record(workspace.work, entry)
        removed = _delete_files(workspace, there, Forgotten(entries))
        _store_anew(workspace, entries)
        gone = before - _rows(workspace)
        records_forget.log(workspace.work, entries, gone)
    yield ngettext("{n} result deleted from the store.", "{n} results deleted from the store.", gone).format(
        n=number(gone)
    )
    for path in removed:
        yield gettext("Deleted: {path}").format(path=path)
    kept = (workspace.results_folder / JOURNAL, archive_folder(workspace.results_folder))
    for folder in (workspace.results_folder, workspace.work / "packages", workspace.work / "drafts"):
        if _clear(folder, kept):
            yield gettext("Deleted, since it was made from all results: {path}").format(path=folder)
    for path in sorted(there.holding(Forgotten(entries)) - set(removed)):
        yield gettext("Still holds it, and is yours to correct: {path}").format(path=path)
    for path in sorted(there.unread - set(removed)):
        yield gettext("Could not be read whole, so see yourself whether it holds it: {path}").format(path=path)
    if entries[0].what == "pupil":
        yield gettext("The roster is the school’s: it deletes the pupil there.")
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


def _clear(folder: Path, kept: Sequence[Path]) -> bool:
    """Delete a folder but for what is kept in it, and say whether there was anything to delete.

    Of results the journal of releases and the archive of released tables are kept: without them a withdrawn release
    would be read again, and the next release could differ from the last one by just the pupil who is forgotten.
    """
    if not folder.exists():
        return False
    inside = [path for path in folder.iterdir() if path not in kept]
    for path in inside:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    if not any(folder.iterdir()):
        folder.rmdir()
    return bool(inside)


def _rows(workspace: Workspace) -> int:
    """Return how many results are stored; none where there is no store, or a damaged one."""
    workspace.__dict__.pop("store", None)
    try:
        return int(workspace.query("select count(*) as n from results")["n"].iloc[0])
    except StoreError:
        return 0


def _delete_files(workspace: Workspace, there: Held, forgotten: Forgotten) -> list[Path]:
    """Delete present files that hold nothing else, and earlier versions that hold it or cannot be read any more."""
    holding = there.holding(forgotten)
    alone_in_it = holding - there.holding_more(forgotten)
    earlier = {path for path in holding | there.unread if path.is_relative_to(workspace.work / REPLACED)}
    removed = sorted(alone_in_it | earlier)
    for path in removed:
        path.unlink(missing_ok=True)
    return removed


def _store_anew(workspace: Workspace, entries: tuple[Entry, ...]) -> None:
    """Make the store without what is forgotten, and delete every other generation of it."""
    try:
        import_alone(workspace)
    except DataError:  # nothing is left to make a store of, or what is left is wrong: the rows must go all the same
        if workspace.store_folder.exists():
            deletion.delete(workspace.store_folder, entries)
    deletion.drop_earlier(workspace.store_folder)
