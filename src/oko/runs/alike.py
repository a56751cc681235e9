"""Findings that say the same, said once: on the terminal, on the page and in the workbook."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from oko.language import gettext, ngettext, number
from oko.records.personal import personal_text, quotable
from oko.records.readers import Finding

NOWHERE = "–"
_NAMES, _VALUES, _PIECES = 3, 4, 6


@dataclass(frozen=True)
class Alike:
    """Findings that say the same of one column of one file, or of several files as wholes.

    Attributes
    ----------
    files : tuple of str
    sheet, column : str
        Empty where the finding is of no sheet, of no column.
    rows : tuple of int
        Rows as a spreadsheet counts them, each once, in their order.
    text : str
        What is wrong and what to do, in the language in force.
    message : str
        The English template of the text.
    severity : {"fault", "warning"}
    check : str
        Name of the check.

    Examples
    --------
    >>> from oko import language
    >>> message = "{given} is not a number."
    >>> wrong = [Finding("a.csv", row, "mark", message, {"given": "five"}) for row in (2, 3, 4, 4, 9)]
    >>> with language.used("en"):
    ...     print(*alike(wrong))
    a.csv, rows 2–4, 9, column mark: five is not a number.
    """

    files: tuple[str, ...]
    sheet: str
    rows: tuple[int, ...]
    column: str
    text: str
    message: str
    severity: str
    check: str

    @property
    def file(self) -> str:
        """The file; of many files how many, and the first names."""
        if self.files == (NOWHERE,):
            return gettext("all files together")
        if len(self.files) <= _NAMES:
            return ", ".join(self.files)
        count = ngettext("{n} file", "{n} files", len(self.files)).format(n=number(len(self.files)))
        more = gettext("and {n} more").format(n=number(len(self.files) - _NAMES))
        return f"{count}: {', '.join(self.files[:_NAMES])} {more}"

    @property
    def place(self) -> str:
        """Sheet, rows and column in words; empty where the finding is of whole files."""
        parts = []
        if self.sheet:
            parts.append(gettext("sheet {sheet}").format(sheet=self.sheet))
        if self.rows:
            one, many = gettext("row {row}"), gettext("rows {rows}")
            parts.append((one if len(self.rows) == 1 else many).format(row=self.rows[0], rows=_ranges(self.rows)))
        if self.column:
            parts.append(gettext("column {column}").format(column=self.column))
        return ", ".join(parts)

    def __str__(self) -> str:
        return ", ".join(part for part in (self.file, self.place) if part) + f": {self.text}"


def alike(findings: Iterable[Finding]) -> list[Alike]:
    """Say once what findings say alike, in the language in force.

    Parameters
    ----------
    findings : iterable of Finding

    Returns
    -------
    list of Alike
        One for each text, column, sheet and file; where a column has the same fault with many values, the first few
        and one for the rest; a warning about files as wholes once for all of them, after those of single files.
    """
    given = [_one(finding) for finding in findings]
    same = [_joined(group) for group in _groups(given, _said)]
    few = [found for group in _groups(same, _kind) for found in _few(group)]
    return sorted(few, key=lambda found: len(found.files) > 1)


def _one(finding: Finding) -> Alike:
    return Alike(
        files=(finding.file,),
        sheet=finding.sheet,
        rows=() if finding.row is None else (finding.row,),
        column=finding.column or "",
        text=gettext(finding.message).format(**{name: shown(value) for name, value in finding.values.items()}),
        message=finding.message,
        severity=finding.severity,
        check=finding.check,
    )


def shown(value: object, *, wrong: bool = False) -> object:
    """Return what may be shown of a cell or a value: a text that looks like a name, a phone or an address may not.

    Parameters
    ----------
    value : object
    wrong : bool
        It stands in a cell that it does not fit: then no word of it may be one that could be a name.
    """
    hidden = isinstance(value, str) and (personal_text(value) or (wrong and not quotable(value)))
    return gettext("(not shown)") if hidden else value


def _said(found: Alike) -> Hashable:
    whole = found.severity == "warning" and not found.rows and not found.column
    return ("" if whole else found.files), found.sheet, found.column, found.text, found.severity


def _kind(found: Alike) -> Hashable:
    return found.files, found.sheet, found.column, found.message, found.severity


def _groups(given: Sequence[Alike], key: Callable[[Alike], Hashable]) -> list[list[Alike]]:
    groups: dict[Hashable, list[Alike]] = {}
    for found in given:
        groups.setdefault(key(found), []).append(found)
    return list(groups.values())


def _joined(group: Sequence[Alike]) -> Alike:
    files = tuple(dict.fromkeys(file for found in group for file in found.files))
    return replace(group[0], files=files, rows=tuple(sorted({row for found in group for row in found.rows})))


def _few(group: Sequence[Alike]) -> list[Alike]:
    """Leave the first of one fault with many values, and one finding for the rest."""
    if len(group) <= _VALUES + 1:
        return list(group)
    rest = _joined(group[_VALUES:])
    text = gettext("The same with other values: each place is marked in cells.xlsx.")
    return [*group[:_VALUES], replace(rest, text=text)]


def _ranges(rows: Sequence[int]) -> str:
    """Write rows as ranges: 2–16, 18; of many pieces the first, and how many rows there are in all."""
    ends = [place for place, (low, high) in enumerate(pairwise(rows)) if high > low + 1]
    firsts, lasts = [0, *(end + 1 for end in ends)], [*ends, len(rows) - 1]
    pieces = [
        f"{rows[first]}" if first == last else f"{rows[first]}–{rows[last]}"
        for first, last in zip(firsts, lasts, strict=True)
    ]
    if len(pieces) <= _PIECES:
        return ", ".join(pieces)
    return ", ".join(pieces[:_PIECES]) + " " + gettext("… ({n} in all)").format(n=number(len(rows)))
