"""Files moved into ``raw`` and out of it, noted beforehand: the next import takes back what a kill left half done."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from oko.workspace import Workspace

_JOURNAL = ".import/moves.jsonl"


class Move:
    """Files moved so far, so that all of it can be taken back.

    Parameters
    ----------
    workspace : Workspace
        Its work folder is held by the caller.

    Attributes
    ----------
    placed : list of Path
        Files that are new in ``raw``.
    aside : dict of Path to Path
        Earlier files, and where they are now.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.work = workspace.work
        self.placed: list[Path] = []
        self.aside: dict[Path, Path] = {}

    def place(self, path: Path, target: Path) -> None:
        """Copy a file whole or not at all; a hidden file that a kill leaves is no file received."""
        self._note(target, None)
        begun = target.with_name(".receiving")
        try:
            shutil.copyfile(path, begun)
            begun.replace(target)
        finally:
            begun.unlink(missing_ok=True)

    def write(self, target: Path, text: str) -> None:
        """Write a file that was not there."""
        self._note(target, None)
        target.write_text(text, encoding="utf-8")

    def set_aside(self, path: Path, aside: Path) -> None:
        """Move an earlier file out of the way."""
        aside.parent.mkdir(parents=True, exist_ok=True)
        self._note(path, aside)
        path.rename(aside)

    def take_back(self) -> None:
        """Put everything back."""
        for place in self.placed:
            place.unlink(missing_ok=True)
            place.with_name(".receiving").unlink(missing_ok=True)
        for folder in {place.parent for place in self.placed}:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
        for place, aside in self.aside.items():
            if aside.exists():
                aside.rename(place)
        self.done()

    def done(self) -> None:
        """Let everything stay as it is."""
        (self.work / _JOURNAL).unlink(missing_ok=True)

    def _note(self, path: Path, aside: Path | None) -> None:
        if aside is None:
            self.placed.append(path)
        else:
            self.aside[path] = aside
        names = [None if place is None else place.relative_to(self.work).as_posix() for place in (path, aside)]
        journal = self.work / _JOURNAL
        journal.parent.mkdir(parents=True, exist_ok=True)
        with journal.open("a", encoding="utf-8") as target:
            target.write(json.dumps(names, ensure_ascii=False) + "\n")


def recover(workspace: Workspace) -> None:
    """Take back what a killed import left half done; the caller holds the work folder."""
    journal = workspace.work / _JOURNAL
    if not journal.is_file():
        return
    move = Move(workspace)
    for line in journal.read_text(encoding="utf-8").splitlines():
        try:
            path, aside = json.loads(line)
        except ValueError:  # the kill came while this line was written, and nothing was moved after it
            break
        if aside is None:
            move.placed.append(workspace.work / path)
        else:
            move.aside[workspace.work / path] = workspace.work / aside
    move.take_back()
