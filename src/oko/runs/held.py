"""What the files received and their earlier versions hold: whose rows, and which pseudonyms their rosters join."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from oko.errors import OkoError, StoreError
from oko.records import intake
from oko.records.forget import Forgotten
from oko.records.keys import pseudonyms_for
from oko.records.readers import FILE, roster
from oko.records.readers.context import Context, Told, told_beside
from oko.records.readers.roster_people import aliases
from oko.records.readers.sheets import open_sheets
from oko.records.received import IMPLIED
from oko.records.taken import Intake
from oko.runs.receive import HISTORY, REPLACED
from oko.runs.sources import raw_files
from oko.workspace import Workspace

_PATH = "path"
_WHOSE = ["school", "pupil", "assessment", "year", "season"]
_WHEN = ["assessment", "year", "season"]


@dataclass(frozen=True)
class Held:
    """What files hold.

    Attributes
    ----------
    rows : DataFrame
        One row for each row of each file: path, and those of school, pupil, assessment, year and season that it has.
    links : DataFrame
        alias, pupil, path: what rosters join.
    unread : frozenset of Path
        Files of which not every row could be read, so that nobody can tell what they hold.
    """

    rows: pd.DataFrame
    links: pd.DataFrame
    unread: frozenset[Path]

    def aliases(self, pupils: tuple[str, ...]) -> tuple[str, ...]:
        """Return all other pseudonyms that rosters join to pupils; one of a code or a name leads to its pupil too."""
        own = {*pupils, *self.links.loc[self.links["alias"].isin(pupils), "pupil"]}
        joined = self.links.loc[self.links["pupil"].isin(own), "alias"]
        return tuple(sorted({*own, *joined} - set(pupils)))

    def holding(self, forgotten: Forgotten) -> set[Path]:
        """Return the files that hold anything of what is forgotten."""
        return {Path(path) for path in self.rows.loc[~forgotten.keeps(self.rows), _PATH]}

    def holding_more(self, forgotten: Forgotten) -> set[Path]:
        """Return the files that hold anything else."""
        return {Path(path) for path in self.rows.loc[forgotten.keeps(self.rows), _PATH]}


def held(workspace: Workspace) -> Held:
    """Look through the folders ``raw`` and ``replaced``.

    Parameters
    ----------
    workspace : Workspace
    """
    rows = [pd.DataFrame(columns=[_PATH, *_WHOSE], dtype="str")]
    links = [pd.DataFrame(columns=["alias", "pupil", _PATH], dtype="str")]
    when = [_stored(workspace)]
    unread: set[Path] = set()
    for base, told, read in _reads(workspace):
        when.append(read.received.known_assessments[_WHEN])
        rows += [_whose(frame, base) for frame in read.received.frames if len(frame)]
        for state in read.files:
            path = base / state.name
            joined = _joined(workspace, path, state.name, told) if state.layout == roster.LAYOUTS[0].name else None
            if joined is not None:
                links.append(joined)
            elif state.refused or state.rows_left:
                unread.add(path)
    known, stacked = pd.concat(links, ignore_index=True), pd.concat(rows, ignore_index=True)
    schools = stacked.dropna(subset=["pupil", "school"]).drop_duplicates("pupil").set_index("pupil")["school"]
    people = known[[_PATH, "pupil"]].assign(school=known["pupil"].map(schools))
    every = _with_terms(pd.concat([stacked, people], ignore_index=True), pd.concat(when))
    return Held(every, known, frozenset(unread))


def _stored(workspace: Workspace) -> pd.DataFrame:
    try:
        return workspace.assessments()[_WHEN]
    except StoreError:
        return pd.DataFrame(columns=_WHEN, dtype="str")


def _reads(workspace: Workspace) -> Iterator[tuple[Path, Told | None, Intake]]:
    """Read all files received together, and each earlier version alone, with what was told of it at its place."""
    if raw_files(workspace.raw_folder):
        yield workspace.raw_folder, None, intake.check(workspace.cluster, workspace.root, [workspace.raw_folder])
    places = dict(_places(workspace))
    for path in sorted(raw_files(workspace.work / REPLACED)):
        place = places.get(path.name)
        told = told_beside(place, place.relative_to(workspace.raw_folder).as_posix()) if place else None
        yield path.parent, told, intake.check(workspace.cluster, workspace.root, [path], told=told)


def _places(workspace: Workspace) -> Iterator[tuple[str, Path]]:
    """Return the names of earlier versions with the places that they had among the files received."""
    history = workspace.work / HISTORY
    if history.is_file():
        for line in history.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row.get("did") == "replaced":
                yield row["now"], workspace.work / row["file"]


def _whose(frame: pd.DataFrame, base: Path) -> pd.DataFrame:
    own = frame[~frame[IMPLIED].astype(bool)] if IMPLIED in frame else frame
    return own.reindex(columns=_WHOSE).assign(path=[str(base / str(name)) for name in own[FILE]])


def _joined(workspace: Workspace, path: Path, name: str, told: Told | None) -> pd.DataFrame | None:
    """Return what a roster joins; None where it cannot be read."""
    pseudonyms = pseudonyms_for(workspace.root, workspace.cluster)
    context = Context(workspace.root, workspace.cluster, name, told or told_beside(path, name), pseudonyms)
    try:
        (table,) = roster.read(open_sheets(path), context).tables
    except OkoError:
        return None
    return aliases(table.frame)[["alias", "pupil"]].assign(path=str(path))


def _with_terms(rows: pd.DataFrame, when: pd.DataFrame) -> pd.DataFrame:
    terms = when.drop_duplicates("assessment").set_index("assessment")
    return rows.assign(**{name: rows[name].fillna(rows["assessment"].map(terms[name])) for name in ("year", "season")})
