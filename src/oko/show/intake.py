"""What became of the files received, as a page: what is wrong first, then each file, then each spelling made one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from oko.language import current, gettext, number
from oko.show.html import environment
from oko.show.index import moment
from oko.show.page import TEMPLATES, example_mark

Row = Sequence[str | int]


@dataclass(frozen=True)
class Section:
    """One table of the report.

    Attributes
    ----------
    name : str
        What links to it are called.
    title, about : str
        Its heading and a sentence about it.
    headings : sequence of str
    rows : sequence of Row
        Text and counts; the first cell of a finding is its file, then where, what, and which check found it.
    findings : bool
        The rows are findings: those of one file stand together under its name.
    loud : int
        How many of the first rows are to be seen before the others.
    """

    name: str
    title: str
    about: str
    headings: Sequence[str]
    rows: Sequence[Row]
    findings: bool = False
    loud: int = 0

    @property
    def heading(self) -> str:
        """The title with the number of rows."""
        return f"{self.title} ({number(len(self.rows))})"

    @property
    def by_file(self) -> Mapping[str, Sequence[Row]]:
        """Rows by their first cell, in the order of its first row."""
        groups: dict[str, list[Row]] = {}
        for row in self.rows:
            groups.setdefault(str(row[0]), []).append(row)
        return groups


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
        Those without rows are left out, and that there are no faults is said.
    example : bool
        Mark the page as training data.
    made : str
        Time in ISO form.
    templates : Path
        Folder of page templates.
    """
    there = [part for part in sections if part.rows]
    links: dict[str, str] = {}
    for part in there:
        for place, file in enumerate(part.by_file if part.findings else (), start=1):
            links.setdefault(file, f"{part.name}-{place}")
    text: str = (
        environment(templates)
        .get_template("index/intake.html.j2")
        .render(
            language=current(),
            cluster=cluster,
            summary=summary,
            sections=there,
            faultless=all(part.name != "faults" for part in there),
            links=links,
            example=example_mark() if example else "",
            made=moment(made),
            shown=lambda cell: number(cell) if isinstance(cell, int) else cell,
            _=gettext,
        )
    )
    return text
