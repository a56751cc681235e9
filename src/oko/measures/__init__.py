"""What results mean: pure functions on frames and arrays, small frozen results."""

from oko.measures import coverage, dif, equating, factors, irt, items, marks, raters, schools, skills, yearly
from oko.measures.statement import Statement

__all__ = [
    "Statement",
    "coverage",
    "dif",
    "equating",
    "factors",
    "irt",
    "items",
    "marks",
    "raters",
    "schools",
    "skills",
    "yearly",
]
