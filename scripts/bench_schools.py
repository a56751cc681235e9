"""Rows of the table of measures that are about schools."""

from __future__ import annotations

from bench_case import Case


def schools_cases() -> list[Case]:
    """Return the rows."""
    return []
