"""What results mean: pure functions on frames and arrays, small frozen results."""

from oko.measures import coverage, items, marks, schools, yearly
from oko.measures.statement import Statement

__all__ = ["Statement", "coverage", "items", "marks", "schools", "yearly"]
