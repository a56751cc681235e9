"""The public data that R's packages fitted, and what they found."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

DATA = Path(__file__).parents[2] / "shared" / "data"

LSAT6 = {
    "00000": 3, "00001": 6, "00010": 2, "00011": 11, "00100": 1, "00101": 1, "00110": 3, "00111": 4, "01000": 1,
    "01001": 8, "01011": 16, "01101": 3, "01110": 2, "01111": 15, "10000": 10, "10001": 29, "10010": 14, "10011": 81,
    "10100": 3, "10101": 28, "10110": 15, "10111": 80, "11000": 16, "11001": 56, "11010": 21, "11011": 173,
    "11100": 11, "11101": 61, "11110": 28, "11111": 298,
}  # fmt: skip
"""Section 6 of the Law School Admission Test: pattern of five answers → persons (Bock & Lieberman 1970)."""


def lsat6() -> tuple[pd.DataFrame, pd.Series]:
    """Return the 30 patterns and the persons behind each."""
    patterns = pd.DataFrame([[float(answer) for answer in pattern] for pattern in LSAT6], columns=list("12345"))
    return patterns, pd.Series(list(LSAT6.values()), dtype=float)


@cache
def table(name: str) -> pd.DataFrame:
    """Return a public data set, or skip the test where it is not at hand."""
    path = DATA / f"{name}.csv.gz"
    if not path.exists():
        pytest.skip(f"{path.name} is not beside the project")
    return pd.read_csv(path, index_col=0, low_memory=False)


@cache
def results(name: str) -> dict[str, Any]:
    """Return what R found, or skip the test where it is not at hand."""
    path = DATA / "reference" / f"{name}.json"
    if not path.exists():
        pytest.skip(f"{path.name} is not beside the project")
    return dict(json.loads(path.read_text(encoding="utf-8"))["cases"])
