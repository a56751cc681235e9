"""Sheets of a run: a class or a pupil gets a page of its own, written while the study runs and dressed after it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from oko.errors import RunError

if TYPE_CHECKING:
    from oko.show.html import Html
    from oko.show.page import PageHeader

FOLDER = "sheets"
_LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z",
    "и": "i", "й": "y", "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p",
    "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts", "ч": "ch",
    "ш": "sh", "щ": "sch", "ъ": "_", "ы": "y", "ь": "_", "э": "e", "ю": "yu", "я": "ya",
}  # fmt: skip


def slug(part: str) -> str:
    """Return the name of a sheet's file: Latin letters, digits, "-" and "_" alone.

    Examples
    --------
    >>> slug("7А"), slug("10-Щ")
    ('7a', '10-sch')
    """
    plain = unicodedata.normalize("NFC", part).lower().replace("ё", "е")
    latin = "".join(_LATIN.get(letter, letter) for letter in plain)
    return re.sub(r"[^a-z0-9-]", "_", latin)[:64] or "_"


def write_sheet(folder: Path, part: str, title: str, language: str, pieces: Iterable[object]) -> Html:
    """Write a sheet's content into a run's folder; return it as a section of the run's own page.

    Raises
    ------
    RunError
        Another sheet of the run has the same name.
    """
    from oko.show.html import join
    from oko.show.sheets import sheet

    name = slug(part)
    path = folder / FOLDER / f"{name}.{language}.json"
    if path.exists() and json.loads(path.read_text(encoding="utf-8"))["part"] != part:
        raise RunError("Two sheets of the run would have one name, {name}: rename {part}.", name=name, part=repr(part))
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {"part": part, "title": title, "markup": str(join(pieces))}
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return sheet(title, *pieces, anchor=f"sheet-{name}", link=f"{FOLDER}/{name}.{language}.html")


def dress_sheets(folder: Path, header: PageHeader) -> None:
    """Make a page of every sheet that a run has written: the same head and foot as the run's own page."""
    import nbformat

    from oko.show.page import render

    for path in sorted(folder.glob(f"{FOLDER}/*.{header.language}.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        shown = nbformat.v4.new_output("display_data", {"text/html": content["markup"]})
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[shown])])
        page = render(notebook, replace(header, title=f"{header.title}. {content['title']}"))
        path.with_suffix(".html").write_text(page, encoding="utf-8")
        path.unlink()
