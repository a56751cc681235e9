"""The page of a run: one HTML file with its words, figures and tables, and nothing that runs or is fetched."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from nbformat import NotebookNode

from oko.language import gettext, used
from oko.show.glossary import Term, with_glossary
from oko.show.html import END, shown

_OPENED = "<main>"
_CLOSED = "</main>"
TEMPLATES = Path(__file__).parents[3] / "templates" / "report"


@dataclass(frozen=True)
class PageHeader:
    """What stands at the head and the foot of a page.

    Parameters
    ----------
    title, unit, cluster, year : str
    language : {"ru", "en"}
    edition : {"internal", "public"}
    example : bool
        The results are invented.
    source : str
        Where public data come from; empty for a cluster's own.
    study, key, made, version : str
        Id of the study, short key of the run, date of the run, version of the package.
    day : str
        The date of the run in ISO form, for documents made from the page; empty where there is none.
    terms : tuple of Term
        What the page explains at its foot, where its prose uses it.
    """

    title: str
    unit: str
    cluster: str
    year: str
    language: str
    edition: Literal["internal", "public"]
    example: bool
    source: str
    study: str
    key: str
    made: str
    version: str
    day: str = ""
    terms: tuple[Term, ...] = ()


def render(notebook: NotebookNode, header: PageHeader, templates: Path = TEMPLATES) -> str:
    """Make the page of an executed notebook.

    Parameters
    ----------
    notebook : NotebookNode
        Its Markdown cells and outputs are shown, its code is not.
    header : PageHeader
    templates : Path
        Folder that holds the page template ``oko``.

    Returns
    -------
    str
        A self-contained HTML document without scripts.
    """
    with used(header.language):
        page = {**asdict(header), "words": _words(header)}
        made, _ = _exporter(templates).from_notebook_node(_until_the_end(notebook), resources={"page": page})
        before, opened, rest = str(made).partition(_OPENED)
        body, closed, after = rest.rpartition(_CLOSED)
        return f"{before}{opened}{with_glossary(body, header.terms)}{closed}{after}"


def _until_the_end(notebook: NotebookNode) -> NotebookNode:
    """Leave out the cells behind the first that ends the page (`html.the_end`)."""
    for place, cell in enumerate(notebook.cells):
        texts = [output.get("data", {}).get("text/html", "") for output in cell.get("outputs", [])]
        if any(END in text for text in texts):
            return NotebookNode({**notebook, "cells": notebook.cells[: place + 1]})
    return notebook


@cache
def _exporter(templates: Path) -> Any:
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(template_name="oko", extra_template_basedirs=[str(templates)])
    exporter.exclude_input = True
    exporter.exclude_input_prompt = exporter.exclude_output_prompt = True
    exporter.exclude_anchor_links = True
    exporter.embed_images = False
    exporter.environment.finalize = shown
    return exporter


def example_mark() -> str:
    """Return the mark that every output made from invented results carries."""
    return gettext("training data: invented results")


def notice() -> str:
    """Return what every page says: for what its results may not be used, and who says so."""
    return gettext(
        "Results of ВПР are not meant for judging schools or teachers: their official descriptions say so "
        "(Rosobrnadzor, 2021: mathematics 7, physics 7). All results on this page should be read in the same way."
    )


def _words(header: PageHeader) -> dict[str, str]:
    editions = {"internal": gettext("internal document of the school"), "public": gettext("for publication")}
    return {
        "workbench": gettext("ОКО: assessment of the quality of education"),
        "edition": editions[header.edition],
        "example": example_mark(),
        "public": gettext("public data"),
        "cluster": gettext("Cluster"),
        "year": gettext("School year"),
        "study": gettext("Study"),
        "run": gettext("run"),
        "made": gettext("made"),
        "version": gettext("version"),
        "notice": notice(),
    }
