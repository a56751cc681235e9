"""What a study's notebook holds in its hand: checked parameters, the workspace, and the door for its outputs."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from oko import language
from oko.disclosure import Protected
from oko.errors import ReleaseError, RunError
from oko.language import gettext
from oko.runs.data_source import figure_note
from oko.runs.parameters import ClusterParameters, SchoolParameters, check_parameters
from oko.runs.registry import STARTER, WHERE, Study, find_study, read_registry, read_starter
from oko.runs.sheets import write_sheet
from oko.workspace import Workspace
from oko.workspace import open as open_workspace

if TYPE_CHECKING:
    from oko.show.figures import Picture
    from oko.show.html import Html

Kept = TypeVar("Kept", pd.DataFrame, Protected)
RUN_FOLDER = "OKO_RUN_FOLDER"
PART = r"[a-z0-9_-]{0,64}"


@dataclass(frozen=True)
class Page:
    """One study on one unit, seen from inside its notebook."""

    name: str
    study: Study
    parameters: ClusterParameters
    workspace: Workspace
    folder: Path

    @property
    def mark(self) -> str:
        """The line that travels with every figure of invented data."""
        return gettext("training data: invented results") if self.workspace.cluster.example else ""

    def keep(self, name: str, table: Kept) -> Kept:
        """Keep a table as an output of the run, and hand it back.

        Parameters
        ----------
        name : str
            Name of a table that the registry declares for this study.
        table : DataFrame or Protected
            A public table must have come through :func:`oko.disclosure.protect`; what was hidden in it and why is kept
            beside it, inside the cluster.

        Raises
        ------
        RunError
            The table is not declared, or a declared column is missing.
        ReleaseError
            The table is public and was not protected, or it names schools that the agreement does not name.
        """
        declared = {entry.name: entry for entry in self.study.tables}.get(name)
        if declared is None:
            raise RunError(
                "Table {name} is not declared for study {study} in {where}.", name=name, study=self.name, where=WHERE
            )
        if declared.sensitivity == "public":
            self._check_public(name, table)
        frame = table.frame if isinstance(table, Protected) else table
        missing = [column for column in declared.columns if column not in frame]
        if missing:
            raise RunError("Table {name} lacks the declared columns {columns}.", name=name, columns=", ".join(missing))
        write_table(self.folder / "tables" / f"{name}.parquet", frame)
        if isinstance(table, Protected):
            path = self.folder / "protection" / f"{name}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(table.memory(), ensure_ascii=False, sort_keys=True), encoding="utf-8")
        return table

    def _check_public(self, name: str, table: pd.DataFrame | Protected) -> None:
        """Refuse a public table that was not protected, or that names schools which the agreement does not."""
        if not isinstance(table, Protected):
            raise ReleaseError("Table {name} is public; pass it through oko.disclosure.protect first.", name=name)
        if "school" not in table.frame:
            return
        agreement = self.workspace.cluster.agreement
        named = {"cluster": agreement.names_schools, "comparison": agreement.names_comparison}
        schools = self.workspace.schools()
        unnamed = set(schools.loc[~schools["role"].map(named).astype(bool), "school"]) & set(table.frame["school"])
        if isinstance(self.parameters, SchoolParameters):
            unnamed -= {self.parameters.school}  # a school may speak of itself
        if unnamed:
            raise ReleaseError(
                "Table {name} is public and names schools ({schools}), which the cluster’s agreement does not allow.",
                name=name,
                schools=", ".join(sorted(unnamed)),
            )

    def keep_figure(self, name: str, picture: Picture, part: str = "") -> Picture:
        """Keep a figure as an output of the run, and hand it back with its source and the date of its data.

        Parameters
        ----------
        name : str
            Name of a figure that the registry declares for this study.
        picture : Picture
        part : str, default ""
            Which of several figures of that name: an assessment's id, say.

        Raises
        ------
        RunError
            The figure is not declared in the registry, or the part is not a plain id.
        """
        if name not in {entry.name for entry in self.study.figures} or not re.fullmatch(PART, part):
            raise RunError(
                "Figure {name} is not declared for study {study} in {where}.",
                name=f"{name} {part}".strip(),
                study=self.name,
                where=WHERE,
            )
        stem = f"{name}.{part}" if part else name
        path = self.folder / "figures" / f"{stem}.{self.parameters.language}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture.png)
        return replace(picture, note=figure_note(self.workspace))

    def keep_sheet(self, part: str, title: str, *pieces: object) -> Html:
        """Keep a sheet, what one class or one pupil gets, as a page of its own; hand it back as a section of this page.

        Parameters
        ----------
        part : str
            Which sheet: the class, say; it gives the file its name in Latin letters.
        title : str
            Heading of the sheet.
        *pieces
            Text, or markup of ours.

        Raises
        ------
        RunError
            The registry does not give the study sheets, or another sheet has the same name.
        """
        if not self.study.sheets:
            raise RunError("Study {study} has no sheets: {where} needs sheets = true.", study=self.name, where=WHERE)
        return write_sheet(self.folder, part, title, self.parameters.language, pieces)


def begin(name: str, **parameters: str) -> Page:
    """Begin a study in its notebook.

    Parameters
    ----------
    name : str
        Id of the study in ``templates/studies.toml``.
    **parameters
        The parameters from the notebook's first cell.

    Returns
    -------
    Page
        Its outputs go to the run's folder; in JupyterLab, where there is no run, to ``drafts`` in the work folder.

    Raises
    ------
    SettingError
        The study is unknown or a parameter is wrong.
    """
    language.use(parameters.get("language", "ru"))
    workspace = open_workspace(cluster=parameters.get("cluster"))
    study = read_starter(workspace.root) if name == STARTER else find_study(read_registry(workspace.root), name)
    checked = check_parameters(study.kind, parameters, workspace.cluster)
    drafts = workspace.work / "drafts" / name / checked.unit
    return Page(name, study, checked, workspace, Path(os.environ.get(RUN_FOLDER) or drafts))


def write_table(path: Path, frame: pd.DataFrame) -> None:
    """Write a frame as Parquet, without the remarks in its ``attrs``; equal frames give equal bytes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    index = any(name is not None for name in frame.index.names)
    flat = frame.reset_index() if index else frame.reset_index(drop=True)
    flat.attrs = {}
    pq.write_table(pa.Table.from_pandas(flat, preserve_index=False), path, compression="zstd")
