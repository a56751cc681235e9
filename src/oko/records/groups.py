"""Results of groups of pupils as an authority reports them: a school, a municipality, a region, the country."""

from __future__ import annotations

import pandera.pandas as pa

from oko.records.schema import ASSESSMENT, CODE, TEXT, matches

LEVELS = ("sample", "country", "region", "municipality", "school")
MEASURES = ("mark", "journal", "score", "facility", "mean", "sd")

GROUPS = pa.DataFrameSchema(
    {
        "assessment": pa.Column(TEXT, matches(ASSESSMENT), description="assessment that was reported on"),
        "level": pa.Column(TEXT, pa.Check.isin(LEVELS), description="what kind of group it is"),
        "group": pa.Column(TEXT, pa.Check.str_length(1, 200), description="name of the group as reported"),
        "school": pa.Column(
            TEXT, matches(CODE), description="code of the school, where the group is one", nullable=True
        ),
        "n_schools": pa.Column("Int64", pa.Check.ge(0), description="number of schools in the group", nullable=True),
        "n": pa.Column("Int64", pa.Check.ge(0), description="number of pupils in the group", nullable=True),
        "measure": pa.Column(
            TEXT,
            pa.Check.isin(MEASURES),
            description="share with a mark, share against the journal, share with a primary score, "
            "facility of a task, mean or standard deviation of primary scores",
        ),
        "key": pa.Column(
            TEXT,
            pa.Check.str_length(0, 32),
            description="the mark, lowered / confirmed / raised, the score or the task; for mean and sd empty, "
            "or target where they are of the target tasks alone",
        ),
        "value": pa.Column("float64", description="share or facility from 0 to 1; points for mean and sd"),
        "count": pa.Column(
            "Int64", pa.Check.ge(0), description="number of pupils that a share stands for", nullable=True
        ),
        "example": pa.Column("bool", description="invented for training: true in every row of an example cluster"),
        "source": pa.Column(TEXT, description="file the row came from", nullable=True),
    },
    name="groups",
    strict=True,
    ordered=True,
    unique=["assessment", "level", "group", "measure", "key"],
    description="one row a group and a measured value",
)
