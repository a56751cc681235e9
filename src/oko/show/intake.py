"""What became of the files received, as a page: what is wrong first, then each file, then each spelling made one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, Template

from oko.language import current, gettext, number
from oko.show.index import moment
from oko.show.page import TEMPLATES, example_mark

Row = Sequence[str | int]


@dataclass(frozen=True)
class Section:
    """One table of the report: its title, a sentence about it, headings and rows of text and counts."""

    title: str
    about: str
    headings: Sequence[str]
    rows: Sequence[Row]


def render(
    cluster: str, summary: str, sections: Sequence[Section], *, example: bool, made: str, templates: Path = TEMPLATES
) -> str:
    """Make the report as a page without scripts, in the language in force.

    Parameters
    ----------
    cluster : str
        Name of the cluster.
    summary : str
        One sentence above all.
    sections : sequence of Section
        Those without rows are left out.
    example : bool
        Mark the page as training data.
    made : str
        Time in ISO form.
    templates : Path
        Folder of page templates.
    """
    text: str = _template(templates).render(
        language=current(),
        cluster=cluster,
        summary=summary,
        sections=[(part.title, part.about, part.headings, part.rows) for part in sections if part.rows],
        example=example_mark() if example else "",
        made=moment(made),
        shown=lambda cell: number(cell) if isinstance(cell, int) else cell,
        _=gettext,
    )
    return text


@cache
def _template(folder: Path) -> Template:
    environment = Environment(loader=FileSystemLoader([folder, folder / "oko"]), autoescape=True, trim_blocks=True)
    return environment.get_template("index/intake.html.j2")
