"""Which report answers which question, from how many pupils on, and what may be concluded from it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from oko.language import current
from oko.records.facts import read_facts

DECISIONS = "data/external/report_decisions.csv"
TEXTS = ("question", "report", "conclusion", "never")


def decisions(root: Path) -> pd.DataFrame:
    """Return the table of decisions in the language in force.

    Parameters
    ----------
    root : Path
        The project's folder.

    Returns
    -------
    DataFrame
        question, report, least (fewest pupils), of (in a school or in the cluster), conclusion, never (what may not be
        concluded), source, status.

    Raises
    ------
    SettingError
        The file cannot be read.
    """
    rows = read_facts(root, DECISIONS)
    words = {name: rows[f"{name}_{current()}"] for name in TEXTS}
    return rows.assign(**words)[["question", "report", "least", "of", "conclusion", "never", "source", "status"]]
