"""The tables of the store: what each column means, and what may stand in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa

from oko.errors import DataError

TEXT = pd.StringDtype(na_value=np.nan)
CODE = r"^[a-z0-9][a-z0-9_-]{0,31}$"
PUPIL = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"
ASSESSMENT = r"^[a-z0-9][a-z0-9_-]{0,63}$"
ITEM = r"^[0-9]{1,2}(\.[0-9]{1,2})?([KК][0-9])?$"
LETTERS = "АБВГДЕСDF"  # А В С Е stand for the Latin letters that look the same
OPTION = rf"^[{LETTERS}]$"
CLASS = r"^[0-9]{1,2}[А-ЯA-Z0-9-]{0,4}$"
SEASONS = ("autumn", "winter", "spring", "year")
STATUSES = ("took", "absent")
LEVELS = ("basic", "raised", "high")
ROLES = ("cluster", "comparison")
LINKS = ("given", "roster", "name", "code")


def matches(pattern: str) -> pa.Check:
    """Check that whole texts match: ``str_matches`` lets a line break pass behind them."""

    def whole(cells: pd.Series) -> pd.Series:
        return cells.str.fullmatch(pattern)

    return pa.Check(whole, name="matches", error=f"matches({pattern!r})", statistics={"pattern": pattern})


def _text(description: str, pattern: str | None = None, **options: Any) -> pa.Column:
    checks = [matches(pattern)] if pattern else []
    return pa.Column(TEXT, checks, description=description, **options)


def _choice(description: str, allowed: tuple[str, ...], **options: Any) -> pa.Column:
    return pa.Column(TEXT, pa.Check.isin(allowed), description=description, **options)


def _whole(description: str, low: int, high: int, *, nullable: bool = True) -> pa.Column:
    return pa.Column("Int64", pa.Check.in_range(low, high), description=description, nullable=nullable)


def _number(description: str, low: float | None = None) -> pa.Column:
    checks = [] if low is None else [pa.Check.ge(low)]
    return pa.Column("float64", checks, description=description, nullable=True)


_EXAMPLE = pa.Column("bool", description="invented for training: true in every row of an example cluster")
_SOURCE = _text("file the row came from (table files)", nullable=True)

SCHOOLS = pa.DataFrameSchema(
    {
        "school": _text("code of the school", CODE, unique=True),
        "role": _choice("a school of the cluster, or one it is compared with", ROLES),
        "kind": _text("type of the school", CODE, nullable=True),
        "example": _EXAMPLE,
    },
    name="schools",
    strict=True,
    ordered=True,
    description="one row a school",
)

ASSESSMENTS = pa.DataFrameSchema(
    {
        "assessment": _text("one procedure, subject, grade, season and year", ASSESSMENT, unique=True),
        "procedure": _text("assessment procedure", CODE),
        "subject": _text("school subject", CODE),
        "year": _text("school year", r"^[0-9]{4}(-[0-9]{4})?$"),
        "season": _choice("when in the school year it was held", SEASONS),
        "material_grade": _whole("grade whose material was tested", 1, 12),
        "pupil_grade": _whole("grade the pupils were in", 1, 12),
        "max_score": _number("greatest primary score", 0),
        "prior": _text("earlier assessment of the same pupils, for value added", ASSESSMENT, nullable=True),
        "example": _EXAMPLE,
    },
    name="assessments",
    strict=True,
    ordered=True,
    description="one row an assessment",
)

ITEMS = pa.DataFrameSchema(
    {
        "assessment": _text("assessment that the task belongs to", ASSESSMENT),
        "item": _text("label of the task as in the specification", ITEM),
        "position": _whole("place of the task in the work", 1, 100, nullable=False),
        "max_score": pa.Column("float64", pa.Check.gt(0), description="greatest score of the task"),
        "level": _choice("level of difficulty by specification", LEVELS, nullable=True),
        "label": _text("what the task is about, in a few words", nullable=True),
        "example": _EXAMPLE,
    },
    name="items",
    strict=True,
    ordered=True,
    unique=["assessment", "item"],
    description="one row a task",
)

RESULTS = pa.DataFrameSchema(
    {
        "assessment": _text("one procedure, subject, grade, season and year", ASSESSMENT),
        "procedure": _text("assessment procedure", CODE),
        "subject": _text("school subject", CODE),
        "year": _text("school year", r"^[0-9]{4}(-[0-9]{4})?$"),
        "season": _choice("when in the school year it was held", SEASONS),
        "material_grade": _whole("grade whose material was tested", 1, 12),
        "pupil_grade": _whole("grade the pupils were in", 1, 12),
        "school": _text("code of the school", CODE),
        "class": _text("class: grade and letter", CLASS, nullable=True),
        "pupil": _text("pseudonym of the pupil", PUPIL),
        "sex": _choice("sex of the pupil", ("F", "M"), nullable=True),
        "variant": _text("variant of the work", r"^[0-9A-Za-z-]{1,16}$", nullable=True),
        "status": _choice("took the work, or was absent", STATUSES),
        "primary_score": _number("sum of the points of the tasks", 0),
        "max_score": _number("greatest primary score", 0),
        "test_score": _number("score on the scale in which the procedure is reported"),
        "mark": _whole("mark of the procedure", 2, 5),
        "journal_mark": _whole("mark in the class journal for the preceding period", 2, 5),
        "link": _choice(
            "what tells the pupil apart: a pseudonym given, the school’s roster, the name or a code of one campaign",
            LINKS,
            nullable=True,
        ),
        "example": _EXAMPLE,
        "source": _SOURCE,
    },
    name="results",
    strict=True,
    ordered=True,
    unique=["assessment", "pupil"],
    description="one row a pupil and an assessment",
)

FILES = pa.DataFrameSchema(
    {
        "source": _text("beginning of the file’s SHA-256: what other tables call it", r"^[0-9a-f]{16}$", unique=True),
        "file": _text("place of the file in the folder of files received"),
        "layout": _text("layout that was recognised"),
        "schools": _text("schools that the file is about, with blanks between", nullable=True),
        "assessments": _text("assessments that the file is about, with blanks between", nullable=True),
        "rows": _whole("rows taken from the file", 0, 2**40, nullable=False),
        "rows_left": _whole("rows left out because something in them is wrong", 0, 2**40, nullable=False),
    },
    name="files",
    strict=True,
    ordered=True,
    description="one row a file received",
)

RESPONSE_KEYS = ("assessment", "school", "class", "pupil")
NOT_ATTEMPTED_SUFFIX, NOT_COVERED_SUFFIX, CHOSEN_SUFFIX = " X", " N", " L"

SCHEMAS = {schema.name: schema for schema in (SCHOOLS, ASSESSMENTS, ITEMS, RESULTS, FILES)}


@dataclass(frozen=True)
class Tables:
    """All that a cluster's store holds.

    ``responses`` maps an assessment to a wide frame: the columns of ``RESPONSE_KEYS``, ``source``, one column of points
    a task (NaN = no points known), and beside each task two boolean columns: ``"<task> X"``, not attempted (its points
    are 0), and ``"<task> N"``, the topic was not taught yet (NaN points, which count 0 in the primary score).
    ``registers`` maps the name of a further table (groups, survey, actions, …) to its frame.
    """

    schools: pd.DataFrame
    assessments: pd.DataFrame
    items: pd.DataFrame
    results: pd.DataFrame
    responses: dict[str, pd.DataFrame] = field(default_factory=dict)
    files: pd.DataFrame = field(default_factory=lambda: empty("files"))
    registers: dict[str, pd.DataFrame] = field(default_factory=dict)


def empty(name: str) -> pd.DataFrame:
    """Return a table of the store without rows."""
    columns = SCHEMAS[name].columns.items()
    return pd.DataFrame({column: pd.Series(dtype=rule.dtype.type) for column, rule in columns})


def conform(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Give a frame the columns, types and order of a table of the store, and check every cell.

    Parameters
    ----------
    frame : DataFrame
        Columns of the table, in any order; a missing nullable column is filled with nothing.
    name : str
        A table of the store (:data:`oko.records.stored.STORED`).

    Raises
    ------
    DataError
        A column is missing or unknown, or cells are outside what the schema allows.
    """
    from oko.records.stored import STORED

    schema = STORED[name]
    shaped = _shape(frame, schema)
    try:
        return schema.validate(shaped, lazy=True)
    except pa.errors.SchemaErrors as errors:
        raise DataError(
            "Table {table}: {failures}.", table=name, failures=_first_failures(errors.failure_cases)
        ) from None


def _shape(frame: pd.DataFrame, schema: pa.DataFrameSchema) -> pd.DataFrame:
    unknown = sorted(set(frame.columns) - set(schema.columns))
    missing = sorted(c for c, column in schema.columns.items() if c not in frame and not column.nullable)
    if unknown or missing:
        raise DataError(
            "Table {table}: unknown columns: {unknown}; missing columns: {missing}. Columns are: {columns}.",
            table=schema.name,
            unknown=", ".join(unknown) or "–",
            missing=", ".join(missing) or "–",
            columns=", ".join(schema.columns),
        )
    shaped = frame.reindex(columns=list(schema.columns))
    return shaped.astype({c: column.dtype.type for c, column in schema.columns.items()}).reset_index(drop=True)


def _first_failures(cases: pd.DataFrame, most: int = 3) -> str:
    lines = [f"{row.column} = {row.failure_case!r} ({row.check})" for row in cases.head(most).itertuples(index=False)]
    rest = len(cases) - most
    return "; ".join(lines) + (f"; … +{rest}" if rest > 0 else "")
