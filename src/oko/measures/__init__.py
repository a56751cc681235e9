"""What results mean: pure functions on frames and arrays, small frozen results."""

from oko.measures import (
    bias,
    coverage,
    dif,
    equating,
    evidence,
    factors,
    growth,
    impact,
    irt,
    items,
    marks,
    raters,
    schools,
    skills,
    survey,
    yearly,
    zones,
)
from oko.measures.statement import Statement

__all__ = [
    "Statement",
    "bias",
    "coverage",
    "dif",
    "equating",
    "evidence",
    "factors",
    "growth",
    "impact",
    "irt",
    "items",
    "marks",
    "raters",
    "schools",
    "skills",
    "survey",
    "yearly",
    "zones",
]
