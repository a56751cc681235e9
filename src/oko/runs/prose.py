"""Prose cells of templates in another language: keyed by the Russian text of the cell."""

from __future__ import annotations

import copy
from pathlib import Path

from nbformat import NotebookNode

from oko.language import read_catalogue


def translate_cells(notebook: NotebookNode, root: Path, language: str) -> NotebookNode:
    """Return a copy of a template with its Markdown cells in the language.

    Parameters
    ----------
    notebook : NotebookNode
        A template; its prose is Russian.
    root : Path
        The project's folder: ``templates/locale/<language>`` has the translations.
    language : {"ru", "en"}
    """
    translated = copy.deepcopy(notebook)
    if language == "ru":
        return translated
    catalogue = read_catalogue(root / "templates" / "locale" / language, language)
    for cell in translated.cells:
        if cell.cell_type == "markdown":
            cell.source = catalogue.gettext(cell.source)
    return translated
