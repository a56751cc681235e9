"""Rows of the table of measures that are about impact."""

from __future__ import annotations

from bench_case import Case


def impact_cases() -> list[Case]:
    """Return the rows."""
    return []
