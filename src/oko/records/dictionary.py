"""The data dictionary: what each column of the files received and of the store means, written from the schemas."""

from __future__ import annotations

from collections.abc import Sequence

import pandera.pandas as pa

from oko import language
from oko.language import N_, gettext
from oko.records.cells import statistics
from oko.records.checks import STAGES, all_checks
from oko.records.kinds import KINDS, PATTERN_WORDS
from oko.records.raw_form import RawForm
from oko.records.readers import known, registers, roster
from oko.records.stored import STORED

_TEXT = N_("text")
_TYPES = {"bool": N_("true or false"), "Int64": N_("whole number"), "float64": N_("number")}
_ORDER = ("assessments", "items", "results", "responses", "options", "schools", "groups")

_TITLE, _RAW, _STORE = N_("Data dictionary"), N_("Files received"), N_("Tables of the store")
_LAYOUTS, _CHECKS, _FORMS = N_("Files of the field that are read"), N_("Checks"), N_("Forms of any other table")
_LAYOUTS_NOTE = N_(
    "Where a layout was not seen in a real file, “oko check” says so (unconfirmed). Mappings of the cluster, "
    "data/clusters/<code>/mappings, add layouts of their own; blanks of the cluster’s forms are in templates/forms."
)
_MADE = N_("Made from the schemas by “make docs”; do not edit.")

_RULES = (
    N_(
        "Files of the field (exports, protocols, lists) are read as they are; “oko check” says what each was taken for."
    ),
    N_("Any other table has one of the forms below: CSV, xlsx or xls, commas, semicolons or tabs, headings in row 1."),
    N_("Files lie in data/work/<code>/raw, at any depth; a file is known by its cells, never by its name."),
    N_("What cells do not say (school, year, season) stands in a file received.toml in the same folder or above."),
    N_("A decimal point and a decimal comma are both read; blanks around a cell are dropped; each change is shown."),
    N_("Names of people never enter the store: rosters and protocols are turned into pseudonyms while they are read."),
    N_("A pupil has one pseudonym in every year under one key; in a school with another key it is another."),
    N_(
        "Five things stay five: 0 points, X (not attempted, counts 0), «не пройд.» (topic not taught), absent, nothing."
    ),
    N_("A letter in the place of points is the option chosen; the key in the task’s passport makes points of it."),
    N_("A missing primary score is the sum of the points; a missing mark of ВПР that of the recommended scale."),
)

_RESPONSES = (
    N_("One file an assessment, one row a pupil: assessment, school, class, pupil, then three columns a task."),
    N_("The column headed by the task’s label holds points: a number; empty where it was not administered."),
    N_("The column “<label> X” is true where the task was not attempted; its points are 0."),
    N_("The column “<label> N” is true where the topic was not taught yet; it has no points, and the sum counts 0."),
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
        lines = ["# " + gettext(_TITLE), "", gettext(_MADE), "", "## " + gettext(_RAW), "", *_bullets(_RULES)]
        lines += ["", "## " + gettext(_LAYOUTS), "", gettext(_LAYOUTS_NOTE), "", *_layouts()]
        lines += ["", "## " + gettext(_CHECKS), "", *_checks(), "", "## " + gettext(_FORMS)]
        for kind in _ORDER:
            lines += ["", *_raw_table(KINDS[kind])]
        lines += ["", "## " + gettext(_STORE)]
        for schema in STORED.values():
            lines += ["", *_stored_table(schema)]
        lines += ["", "### responses/<assessment>", "", *_bullets(_RESPONSES)]
    return "\n".join(lines) + "\n"


def _bullets(messages: Sequence[str]) -> list[str]:
    return ["- " + gettext(message) for message in messages]


def _layouts() -> list[str]:
    headings = [gettext("name"), gettext("layout"), gettext("seen in a real file")]
    own = (*roster.LAYOUTS, *registers.LAYOUTS)
    seen = {
        layout.name: gettext("the cluster’s own blank") if layout in own else _yes(layout.confirmed)
        for layout in known.FIXED
    }
    return _table(headings, [[layout.name, str(known.title_of(layout)), seen[layout.name]] for layout in known.FIXED])


def _checks() -> list[str]:
    headings = [gettext("name"), gettext("what is checked")]
    lines: list[str] = []
    for stage, title in STAGES.items():
        rows = [[check.name, gettext(check.title)] for check in all_checks() if check.stage == stage]
        lines += ["", f"### {gettext(title)}", "", *_table(headings, rows)]
    return lines[1:]


def _raw_table(form: RawForm) -> list[str]:
    headings = [gettext("column"), gettext("must it stand"), gettext("what may stand in it"), gettext("meaning")]
    rows = [[name, _yes(name in form.required), *_described(form.column(name))] for name in form.columns]
    if form.kind == "responses":
        task = [
            f"1, 2, 11.1, {gettext('…')}",
            _yes(True),
            gettext("points, the letter of the option chosen, X or nothing"),
            gettext("points of the task"),
        ]
        rows.append(task)
    return [f"### {form.kind}", "", _sentence(form.about), "", *_table(headings, rows)]


def _stored_table(schema: pa.DataFrameSchema) -> list[str]:
    headings = [gettext("column"), gettext("may it be empty"), gettext("what may stand in it"), gettext("meaning")]
    rows = [[name, _yes(column.nullable), *_described(column)] for name, column in schema.columns.items()]
    return [f"### {schema.name}", "", _sentence(str(schema.description)), "", *_table(headings, rows)]


def _sentence(message: str) -> str:
    text = gettext(message)
    return text[:1].upper() + text[1:] + "."


def _yes(value: bool) -> str:
    return gettext("yes") if value else gettext("no")


def _described(column: pa.Column) -> tuple[str, str]:
    return allowed(column), gettext(str(column.description))


def allowed(column: pa.Column) -> str:
    """Say what may stand in a column of the store, in the language in force."""
    rules = statistics(column)
    kind = gettext(_TYPES.get(str(column.dtype), _TEXT))
    if "pattern" in rules:
        words = PATTERN_WORDS[rules["pattern"]]
        return gettext(words)
    if "allowed_values" in rules:
        return ", ".join(f"`{value}`" for value in rules["allowed_values"])
    if kind == gettext(_TEXT) and "max_value" in rules:
        return gettext("text, up to {n} characters").format(n=rules["max_value"])
    if "max_value" in rules:
        return gettext("{kind} from {low} to {high}").format(kind=kind, low=rules["min_value"], high=rules["max_value"])
    if "min_value" in rules:
        text = gettext("{kind} above {low}") if rules["above"] else gettext("{kind}, {low} or more")
        return text.format(kind=kind, low=rules["min_value"])
    return kind


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [headings, ["---"] * len(headings), *([f"`{row[0]}`", *row[1:]] for row in rows)]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
