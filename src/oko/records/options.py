"""Which option of a task a pupil chose: letters from cells of points, scored by the key of the tasks' passports."""

from __future__ import annotations

import pandera.pandas as pa

from oko.records.schema import ASSESSMENT, CODE, ITEM, OPTION, PUPIL, TEXT, matches

OPTIONS = pa.DataFrameSchema(
    {
        "assessment": pa.Column(TEXT, matches(ASSESSMENT), description="assessment that the task belongs to"),
        "school": pa.Column(TEXT, matches(CODE), description="code of the school"),
        "pupil": pa.Column(TEXT, matches(PUPIL), description="pseudonym of the pupil"),
        "item": pa.Column(TEXT, matches(ITEM), description="label of the task as in the specification"),
        "option": pa.Column(TEXT, matches(OPTION), description="letter of the option that the pupil chose"),
        "example": pa.Column("bool", description="invented for training: true in every row of an example cluster"),
        "source": pa.Column(TEXT, description="file the row came from", nullable=True),
    },
    name="options",
    strict=True,
    ordered=True,
    unique=["assessment", "pupil", "item"],
    description="one row a pupil and a task whose option is known",
)
