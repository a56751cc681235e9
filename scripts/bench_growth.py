"""Rows of the table of measures that are about growth."""

from __future__ import annotations

from bench_case import Case


def growth_cases() -> list[Case]:
    """Return the rows."""
    return []
