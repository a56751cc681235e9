"""Tables of the raw form: CSV in UTF-8, recognised by their headings and never by the file's name."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path

import pandas as pd

from oko.errors import DataError
from oko.language import N_
from oko.records.raw_form import RAW_FORMS, RawForm
from oko.records.readers import FILE, ROW, Finding, RawTable
from oko.records.schema import ITEM

FORM_PAGE = "docs/data-dictionary.ru.md"

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_ENCODINGS = {"cp1251": "Windows-1251", "koi8_r": "KOI8-R", "cp866": "CP866"}
_COMMON_LETTERS = frozenset("оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъ")
_PERSONAL = re.compile(
    r"фамили|^имя\b|отчеств|\bфио\b|ф\.\s*и\.\s*о|рожден|паспорт|снилс|телефон|почт|\bадрес|"
    r"surname|(first|last|full|middle|given)[ _-]?name|^name$|patronymic|birth|passport|phone|e-?mail|address"
)

_MISSHAPEN = N_("The row has {n} cells and the heading {width}: look for a shifted cell or a quote that is not closed.")
_UNKNOWN_COLUMN = N_("Table {kind} has no such column: delete it or correct its heading. It may have: {known}.")


def read(path: Path, name: str | None = None) -> RawTable:
    """Read one table of the raw form.

    Parameters
    ----------
    path : Path
        A CSV file, comma or semicolon, with or without a byte-order mark.
    name : str, optional
        What findings call the file; by default its name.

    Returns
    -------
    RawTable

    Raises
    ------
    DataError
        The file as a whole cannot be read: it is empty, a workbook, not UTF-8, holds names, or its headings fit no
        table. The message does not name the file: the caller does.
    """
    file = name or path.name
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError("The file cannot be read: {detail}.", detail=error.strerror) from error
    records = _records(_decode(content))
    heading_row, cells = records[0]
    headings = _headings(cells)
    _refuse_names(headings)
    form = _recognise(headings)
    findings = list(_heading_findings(headings, form, file, heading_row))
    width = len(headings)
    misshapen = [(row, cells) for row, cells in records[1:] if _misshapen(cells, width)]
    findings += [Finding(file, row, None, _MISSHAPEN, {"n": len(cells), "width": width}) for row, cells in misshapen]
    if len(records) == 1:
        findings.append(Finding(file, None, None, N_("The table has headings and no rows.")))
    frame = _frame(headings, [record for record in records[1:] if not _misshapen(record[1], width)], file)
    return RawTable(form.kind, file, frame, tuple(findings))


def _decode(content: bytes) -> str:
    if not content.strip(b"\xef\xbb\xbf \t\r\n"):
        raise DataError("The file is empty.")
    if content.startswith(_WORKBOOKS):
        raise DataError(
            "This is a workbook or an archive, and this version reads CSV tables alone: "
            "save each sheet as “CSV UTF-8”; {page} describes the form.",
            page=FORM_PAGE,
        )
    if content.startswith(_UTF_16):
        raise _not_utf_8("UTF-16")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _not_utf_8(_likely_encoding(content)) from None
    if "\x00" in text:
        raise DataError("This is not a table of text; {page} describes the form.", page=FORM_PAGE)
    return text


def _not_utf_8(encoding: str | None) -> DataError:
    if encoding is None:
        return DataError("This is not a table of text; {page} describes the form.", page=FORM_PAGE)
    return DataError(
        "The file is not in UTF-8; it seems to be in {encoding}: open it and save it as “CSV UTF-8”.", encoding=encoding
    )


def _likely_encoding(content: bytes) -> str | None:
    """Name the encoding that gives the most small Russian letters; none when no encoding gives a text."""
    shares = {name: _russian_share(content, code) for code, name in _ENCODINGS.items()}
    best = max(shares, key=lambda name: shares[name])
    return best if shares[best] > 0.5 else None


def _russian_share(content: bytes, code: str) -> float:
    text = content.decode(code, errors="replace")
    beyond = [letter for letter in text if ord(letter) > 127]
    if any(ord(letter) < 32 and letter not in "\t\r\n" for letter in text):
        return 0.0
    return sum(letter in _COMMON_LETTERS for letter in beyond) / len(beyond)


def _records(text: str) -> list[tuple[int, list[str]]]:
    """Return the rows that are not blank with their numbers; the first is the heading."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[tuple[int, list[str]]] = []
    row = 0
    try:
        for row, cells in enumerate(reader, start=1):
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                records.append((row, stripped))
    except csv.Error as error:
        raise DataError(
            "After row {row} the text is no CSV any more: {detail}; look for a quote that is not closed.",
            row=row,
            detail=error,
        ) from None
    if not records:
        raise DataError("The file is empty.")
    return records


def _headings(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return [task_label(cell) or cell.lower() for cell in cells]


def task_label(heading: str) -> str | None:
    """Return a task's label as it is stored (Cyrillic К), or None for a text that is no label.

    Examples
    --------
    >>> task_label("11.1"), task_label("4k1"), task_label("class")
    ('11.1', '4К1', None)
    """
    label = heading.upper().replace("K", "К")
    return label if re.fullmatch(ITEM, label) else None


def _refuse_names(headings: list[str]) -> None:
    personal = [heading for heading in headings if _PERSONAL.search(heading)]
    if personal:
        raise DataError(
            "Column {columns} holds personal data, and names never enter: delete the column, leave pseudonyms alone, "
            "and save the file again. Nothing of it was read.",
            columns=", ".join(personal),
        )


def _recognise(headings: list[str]) -> RawForm:
    there = set(headings)
    labels = {heading for heading in headings if task_label(heading)}
    order = ("results", "responses", "items", "assessments", "schools")
    for form in (RAW_FORMS[kind] for kind in order):
        if there.issuperset(form.required) and (form.kind != "responses" or labels):
            return form
    nearest = max((RAW_FORMS[kind] for kind in order), key=lambda form: _likeness(form, there))
    if _likeness(nearest, there) < 0.5:
        raise DataError(
            "The headings fit no table of the raw form (the first row must hold them); {page} describes it.",
            page=FORM_PAGE,
        )
    raise DataError(
        "The headings fit no table; the nearest is {kind}, and it lacks: {missing}. {page} describes the form.",
        kind=nearest.kind,
        missing=", ".join(name for name in nearest.required if name not in there) or "1, 2, …",
        page=FORM_PAGE,
    )


def _likeness(form: RawForm, headings: set[str]) -> float:
    return len(headings.intersection(form.required)) / len(form.required)


def _heading_findings(headings: list[str], form: RawForm, file: str, row: int) -> list[Finding]:
    known = set(form.columns)
    found = [
        Finding(file, row, heading, N_("The heading stands {n} times; leave one."), {"n": n})
        for heading, n in Counter(headings).items() if heading and n > 1
    ]  # fmt: skip
    for place, heading in enumerate(headings, start=1):
        if not heading:
            found.append(Finding(file, row, str(place), N_("The column has no heading: name it or delete it.")))
        elif heading not in known and not (form.kind == "responses" and task_label(heading)):
            values = {"kind": form.kind, "known": ", ".join(form.columns)}
            found.append(Finding(file, row, heading, _UNKNOWN_COLUMN, values))
    return found


def _misshapen(cells: list[str], width: int) -> bool:
    return len(cells) < width or any(cells[width:])


def _frame(headings: list[str], records: list[tuple[int, list[str]]], file: str) -> pd.DataFrame:
    columns: dict[str, object] = {}
    for place, heading in enumerate(headings):
        if heading and heading not in columns:
            columns[heading] = pd.Series([cells[place] for _, cells in records], dtype="str")
    columns[FILE] = pd.Series(file, range(len(records)), dtype="str")
    columns[ROW] = pd.Series([row for row, _ in records], dtype="int64")
    return pd.DataFrame(columns)
