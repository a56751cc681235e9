"""Documents of a run: its page as PDF and, where the study asks for it, as Word; its tables as a workbook.

They are made of the run's page and tables alone. Whoever has these makes the same bytes again, and so the gate checks
them: by making them again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from oko import language
from oko.disclosure.files import HIDDEN, xlsx_bytes
from oko.disclosure.protected import MARKS
from oko.errors import OkoError
from oko.language import NOT_AVAILABLE, gettext
from oko.runs.data_source import data_source
from oko.runs.workbook_words import known_words, named
from oko.workspace import Workspace
from oko.workspace import open as open_workspace

if TYPE_CHECKING:
    from oko.runs.plan import Run
    from oko.show.document_blocks import Document

_LONGEST = 60
SUFFIXES = frozenset({".pdf", ".docx", ".xlsx"})
_NAME = re.compile(r"(?:page\.(?P<page>[a-z]{2})\.(?:pdf|docx)|tables\.(?P<tables>[a-z]{2})\.xlsx)")
_DAY = re.compile(r'<time datetime="(\d{4}-\d\d-\d\d)">')


def names(run: Run) -> tuple[str, ...]:
    """Return the names of the documents of a run in its language."""
    code = run.parameters.language
    word = [f"page.{code}.docx"] if run.study.word else []
    tables = [f"tables.{code}.xlsx"] if _tables(run) else []
    return (f"page.{code}.pdf", *word, *tables)


def make(run: Run, folder: Path) -> dict[str, str]:
    """Make the documents of a run beside its page.

    Parameters
    ----------
    run : Run
    folder : Path
        Where its page and its tables lie.

    Returns
    -------
    dict of str to str
        Documents that could not be made, and why. The page stands without its PDF.
    """
    from oko.show.documents_pdf import DocumentError

    missing = {}
    for name in names(run):
        try:
            (folder / name).write_bytes(expected(run, folder, name))
        except DocumentError as error:
            missing[name] = str(error)
    return missing


def expected(run: Run, folder: Path, name: str) -> bytes:
    """Return a document as it must be, made of the page and the tables that lie in a folder.

    Raises
    ------
    DocumentError
        Typst is not installed, or it refuses the page.
    OSError
        The page or a table is missing.
    """
    told = _NAME.fullmatch(name)
    if told is None:
        raise OSError(name)
    code = told["page"] or told["tables"]
    page = (folder / f"page.{code}.html").read_text(encoding="utf-8")
    with language.used(code):
        return _workbook(run, folder, _DAY.search(page)) if told["tables"] else _of_page(run, page, name)


def is_of_run(run: Run, folder: Path, name: str) -> bool:
    """Tell whether a document is what the page and the tables of its run make."""
    try:
        return expected(run, folder, name) == (folder / name).read_bytes()
    except (OSError, OkoError, ValueError):
        return False


@lru_cache(maxsize=1)
def _document(page: str) -> Document:
    """Read a page once for all that is made of it."""
    from oko.show.documents import read_document

    return read_document(page)


def _of_page(run: Run, page: str, name: str) -> bytes:
    from oko.show.documents_pdf import pdf_bytes
    from oko.show.documents_word import docx_bytes

    document = _document(page)
    return pdf_bytes(document, one_page=run.study.one_page) if name.endswith(".pdf") else docx_bytes(document)


def _tables(run: Run) -> list[str]:
    """Names of the tables that leave together with the page: those of its edition."""
    return [table.name for table in run.study.tables if table.sensitivity == run.study.edition]


def _workbook(run: Run, folder: Path, dated: re.Match[str] | None) -> bytes:
    from oko.runs.internal_words import INTERNAL
    from oko.runs.release_words import column_words

    workspace = open_workspace(run.root, run.parameters.cluster)
    about = {table.name: table.about.text() if table.about else "" for table in run.study.tables}
    known = known_words(workspace, run.parameters.year)
    frames = {
        f"{name}. {about[name]}".removesuffix(". "): named(
            pq.read_table(folder / "tables" / f"{name}.parquet").to_pandas(), known, workspace
        )
        for name in _tables(run)
    }
    own = {column: gettext(text) for column, text in INTERNAL.get(run.name, {}).items()}
    meanings = column_words() | {column: (text, text) for column, text in own.items()}
    used = dict.fromkeys(str(column) for frame in frames.values() for column in frame)
    headings = _headings({column: meanings.get(column, ("", "")) for column in used if column not in MARKS})
    cover = _cover(run, workspace, dated[1] if dated else "")
    return xlsx_bytes(frames, cover, _notes(run, workspace, headings, meanings), headings)


def _headings(meanings: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Return headings of columns: their label, else their meaning, of a long one what stands before colon or bracket.

    Examples
    --------
    >>> told = "for which of two groups the task is harder: girls or boys, by the sign of it"
    >>> _headings({"n": ("Pupils, n", ""), "side": ("", "side of the school"), "harder": ("", told), "x": ("", "")})
    {'n': 'Pupils, n', 'side': 'side of the school', 'harder': 'for which of two groups the task is harder', 'x': ''}
    """
    found = {name: label or (told if len(told) <= _LONGEST else "") for name, (label, told) in meanings.items()}
    for name, (_, told) in meanings.items():
        short = re.split(r": | \(", told)[0]
        if not found[name] and len(short) <= _LONGEST and short not in found.values():
            found[name] = short
    return found


def _cover(run: Run, workspace: Workspace, day: str) -> list[tuple[str, str]]:
    from oko.runs.headers import unit_title
    from oko.show.page import example_mark

    editions = {"internal": gettext("internal document of the school"), "public": gettext("for publication")}
    lines = [
        (gettext("Study"), run.study.title.text()),
        (gettext("Unit"), unit_title(run, workspace)),
        (gettext("School year"), run.parameters.year),
        (gettext("Edition"), editions[run.study.edition]),
        (gettext("Source"), data_source(workspace)),
        (gettext("Made on"), day),
        (gettext("Run"), run.key[:12]),
    ]
    return [*([(gettext("Please note"), example_mark())] if workspace.cluster.example else []), *lines]


def _notes(
    run: Run, workspace: Workspace, headings: Mapping[str, str], meanings: Mapping[str, tuple[str, str]]
) -> list[str]:
    from oko.show.page import notice

    symbols = [gettext("{symbol}: there is no number, or no data").format(symbol=NOT_AVAILABLE)]
    if run.study.edition == "public":
        symbols = [
            gettext("{symbol}: hidden, because fewer than {n} pupils stand behind it or it could be worked out").format(
                symbol=HIDDEN, n=workspace.cluster.threshold
            ),
            gettext("≤ and ≥: a bound instead of the number, for the same reason"),
            *symbols,
        ]
    columns = [
        f"{headings[column] or column} ({column}): {told}"
        for column in headings
        if (told := meanings.get(column, ("", ""))[1])
    ]
    return [notice(), gettext("Symbols"), *symbols, gettext("Columns"), *columns]
