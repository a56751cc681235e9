"""A new study from the starter: its template and its entry in the registry, ready to run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from oko.errors import SettingError
from oko.records.settings_files import read_toml
from oko.runs.registry import STARTER, STARTER_ENTRY, WHERE, read_registry

NAME = r"[a-z][a-z0-9_]{0,31}"


@dataclass(frozen=True)
class NewStudy:
    """What was made: the template, and the registry that it stands in."""

    template: Path
    registry: Path


def new_study(root: Path, name: str, unit: str, title: str | None = None) -> NewStudy:
    """Make a registered study from the starter.

    Parameters
    ----------
    root : Path
        The project's folder.
    name : str
        Id of the study: Latin letters, digits and "_".
    unit : {"school", "cluster"}
        What it is about.
    title : str, optional
        Title in Russian; the id without it.

    Raises
    ------
    SettingError
        The id or the title is not allowed, or taken: nothing is changed then.
    """
    if not re.fullmatch(NAME, name) or name == STARTER:
        raise SettingError(
            "{given} cannot be the id of a study: small Latin letters, digits and “_”, a letter first.",
            given=repr(name[:80]),
        )
    template = root / "templates" / unit / f"{name}.ipynb"
    if name in read_registry(root) or template.exists():
        raise SettingError("Study {name} is there already, in {where}: choose another id.", name=name, where=WHERE)
    entry = _entry(root, name, unit, title or name)
    notebook = _notebook(nbformat.read(root / "templates" / f"{STARTER}.ipynb", as_version=4), name, unit)
    registry = root / WHERE
    before = registry.read_text(encoding="utf-8")
    template.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, template)
    try:
        registry.write_text(before.rstrip("\n") + "\n\n" + entry, encoding="utf-8")
        read_registry(root)
    except BaseException:
        registry.write_text(before, encoding="utf-8")
        template.unlink()
        raise
    return NewStudy(template, registry)


def _entry(root: Path, name: str, unit: str, title: str) -> str:
    """Return the starter's entry with the id, the unit and the title of the new study."""
    text = (root / STARTER_ENTRY).read_text(encoding="utf-8")
    started = read_toml(root / STARTER_ENTRY, STARTER_ENTRY)["studies"][STARTER]["title"]
    text = "".join(line for line in text.splitlines(keepends=True) if not line.startswith("#")).lstrip("\n")
    quoted = title.replace("\\", "\\\\").replace('"', '\\"')
    if any(ord(letter) < ord(" ") or ord(letter) == 0x7F for letter in title):
        raise SettingError("A title cannot have line breaks or other control characters.")
    for words in started.values():
        text = text.replace(f'"{words}"', f'"{quoted}"', 1)
    text = text.replace('unit = "school"', f'unit = "{unit}"').replace('"school/', f'"{unit}/')
    return text.replace(STARTER, name)


def _notebook(notebook: NotebookNode, name: str, unit: str) -> NotebookNode:
    """Return the starter's notebook for the new study; about the cluster it has no school."""
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        cell.source = cell.source.replace(f'"{STARTER}"', f'"{name}"')
        if unit == "cluster":
            lines = [line for line in cell.source.splitlines() if not line.startswith("school = ")]
            text = "\n".join(lines).replace(", school=school, language", ", language")
            cell.source = text.replace("school=school)", 'role="cluster")')
    return notebook
