"""The raw form: the tables in which a cluster receives its records, each known by its headings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandera.pandas as pa

from oko.language import N_
from oko.records.schema import ASSESSMENT, CLASS, CODE, ITEM, OPTION, PUPIL, SCHEMAS
from oko.records.settings_files import YEAR_PATTERN
from oko.records.stored import STORED


@dataclass(frozen=True)
class RawForm:
    """One kind of table in the raw form.

    Attributes
    ----------
    kind : str
        assessments, items, results, responses or schools.
    required, optional : tuple of str
        Headings that must and that may stand; a cell of a required column is never empty.
    stored : str
        Table of the store whose columns say what may stand in the cells.
    about : str
        English message: what one row is.
    keys : tuple of str
        Columns that together stand once.
    """

    kind: str
    required: tuple[str, ...]
    optional: tuple[str, ...]
    stored: str
    about: str
    keys: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        return self.required + self.optional

    def column(self, name: str) -> pa.Column:
        """Return what the store allows in a column."""
        column: pa.Column = STORED[self.stored].columns[name]
        return column


EXAMPLE = "example"

RAW_FORMS: Mapping[str, RawForm] = {
    form.kind: form
    for form in (
        RawForm(
            "responses",
            ("assessment", "pupil", "school"),
            ("class", EXAMPLE),
            "results",
            N_("one row a pupil: the points of each task of an assessment, a column a task, headed by its label"),
            ("assessment", "pupil"),
        ),
        RawForm(
            "results",
            ("assessment", "pupil", "school", "status"),
            ("class", "sex", "variant", "primary_score", "test_score", "mark", "journal_mark", "link", EXAMPLE),
            "results",
            N_("one row a pupil and an assessment"),
            ("assessment", "pupil"),
        ),
        RawForm(
            "items",
            ("assessment", "item", "position", "max_score"),
            ("level", "label", EXAMPLE),
            "items",
            N_("one row a task"),
            ("assessment", "item"),
        ),
        RawForm(
            "assessments",
            ("assessment", "procedure", "subject", "year", "season"),
            ("material_grade", "pupil_grade", "max_score", "prior", EXAMPLE),
            "assessments",
            N_("one row an assessment"),
            ("assessment",),
        ),
        RawForm(
            "schools",
            ("school", "role"),
            ("kind", EXAMPLE),
            "schools",
            N_("one row a school that the cluster is compared with; the cluster’s own are in its cluster.toml"),
            ("school",),
        ),
    )
}

VARIANT = SCHEMAS["results"].columns["variant"].checks[0].statistics["pattern"]

SOURCE = SCHEMAS["files"].columns["source"].checks[0].statistics["pattern"]

PATTERN_WORDS: Mapping[str, str] = {
    CODE: N_("small Latin letters, digits, - and _, up to 32 characters"),
    ASSESSMENT: N_("small Latin letters, digits, - and _, up to 64 characters"),
    PUPIL: N_("Latin letters, digits, - and _, up to 64 characters: a pseudonym, never a name"),
    CLASS: N_("the grade, then a letter: 7А"),
    ITEM: N_("a task’s label: 5, 11.1 or 4К1"),
    OPTION: N_("one of the first six letters, Russian or Latin"),
    YEAR_PATTERN: N_("a school year: 2020-2021"),
    SOURCE: N_("16 digits 0–9, a–f"),
    VARIANT: N_("Latin letters, digits and -, up to 16 characters"),
}
