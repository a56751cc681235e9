"""The data dictionary: what each column of the files received and of the store means, written from the schemas."""

from __future__ import annotations

from collections.abc import Sequence

import pandera.pandas as pa

from oko import language
from oko.language import gettext
from oko.records.cells import statistics
from oko.records.raw_form import PATTERN_WORDS, RAW_FORMS, N_, RawForm
from oko.records.schema import SCHEMAS

_TYPES = {"bool": N_("true or false"), "Int64": N_("whole number"), "float64": N_("number")}

_RAW_RULES = (
    N_("One table a file: CSV in UTF-8 (a byte-order mark may stand), cells parted by commas or semicolons, headings in row 1."),
    N_("Files lie in data/work/<code>/raw, at any depth; a table is known by its headings, never by its file’s name."),
    N_("A decimal point and a decimal comma are both read; spaces around a cell are dropped."),
    N_("Names of people never enter: a file with a column of names is refused whole. A pupil is a pseudonym, the same in every year."),
    N_("A cell of a task holds points, X where the pupil did not attempt it (Latin or Cyrillic, large or small; 0 points), "
       "or nothing where the task was not administered."),
    N_("A missing primary score is the sum of the points."),
    N_("A workbook (xlsx) is not read by this version: save each sheet as “CSV UTF-8”."),
)  # fmt: skip

_RESPONSES = N_(
    "One file an assessment, one row a pupil: assessment, school, class, pupil; then for each task a column of points "
    "(number; empty: not administered) headed by the task’s label, and a column “<label> X” (true or false): not attempted, 0 points."
)


def markdown(code: str) -> str:
    """Write the data dictionary.

    Parameters
    ----------
    code : {"ru", "en"}
        Language.

    Returns
    -------
    str
        A page in Markdown: the raw form, then the tables of the store.

    Raises
    ------
    SettingError
        The language is not one of the two.

    Examples
    --------
    >>> markdown("en").splitlines()[0]
    '# Data dictionary'
    """
    with language.used(code):
        lines = [
            f"# {gettext('Data dictionary')}",
            "",
            gettext("Made from the schemas by “make docs”; do not edit."),
            "",
        ]
        lines += [f"## {gettext('Files received')}", ""]
        lines += [f"- {gettext(rule)}" for rule in _RAW_RULES]
        for form in sorted(RAW_FORMS.values(), key=lambda form: list(_ORDER).index(form.kind)):
            lines += ["", *_raw_table(form)]
        lines += ["", f"## {gettext('Tables of the store')}"]
        for schema in SCHEMAS.values():
            lines += ["", *_stored_table(schema)]
        lines += ["", "### responses/<assessment>", "", gettext(_RESPONSES)]
    return "\n".join(lines) + "\n"


_ORDER = ("assessments", "items", "results", "responses", "schools")


def _raw_table(form: RawForm) -> list[str]:
    headings = [gettext("column"), gettext("must it stand"), gettext("what may stand in it"), gettext("meaning")]
    rows = [[name, _yes(name in form.required), *_described(form.column(name))] for name in form.columns]
    if form.kind == "responses":
        task = [
            f"1, 2, 11.1, {gettext('…')}",
            _yes(True),
            gettext("points, X or nothing"),
            gettext("points of the task"),
        ]
        rows.append(task)
    return [f"### {form.kind}", "", gettext(form.about), "", *_table(headings, rows)]


def _stored_table(schema: pa.DataFrameSchema) -> list[str]:
    headings = [gettext("column"), gettext("may it be empty"), gettext("what may stand in it"), gettext("meaning")]
    rows = [[name, _yes(column.nullable), *_described(column)] for name, column in schema.columns.items()]
    return [f"### {schema.name}", "", gettext(str(schema.description)), "", *_table(headings, rows)]


def _yes(value: bool) -> str:  # noqa: FBT001
    return gettext("yes") if value else gettext("no")


def _described(column: pa.Column) -> tuple[str, str]:
    return allowed(column), gettext(str(column.description))


def allowed(column: pa.Column) -> str:
    """Say what may stand in a column of the store, in the language in force."""
    rules = statistics(column)
    kind = gettext(_TYPES.get(str(column.dtype), N_("text")))
    if "pattern" in rules:
        return gettext(PATTERN_WORDS[rules["pattern"]])
    if "allowed_values" in rules:
        return ", ".join(f"`{value}`" for value in rules["allowed_values"])
    if "max_value" in rules:
        return gettext("{kind} from {low} to {high}").format(kind=kind, low=rules["min_value"], high=rules["max_value"])
    if "min_value" in rules:
        text = gettext("{kind} above {low}") if rules["above"] else gettext("{kind}, {low} or more")
        return text.format(kind=kind, low=rules["min_value"])
    return kind


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [headings, ["---"] * len(headings), *([f"`{row[0]}`", *row[1:]] for row in rows)]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
