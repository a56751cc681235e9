"""From which facility on a task counts as done, and how many pupils a picture needs: published recommendations."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from oko.records.facts import read_facts

THRESHOLDS = "data/external/analysis_thresholds.csv"


def facility_thresholds(root: Path) -> pd.DataFrame:
    """Return between which facilities a task of each level is neither sufficient nor insufficient.

    Parameters
    ----------
    root : Path
        The project's folder.

    Returns
    -------
    DataFrame, index level (basic, raised, high)
        insufficient_below, sufficient_from (0 to 1), source, status.

    Raises
    ------
    SettingError
        The file cannot be read.
    """
    return _of_kind(root, "facility", "level")


def fewest_pupils(root: Path) -> pd.DataFrame:
    """Return how many pupils a picture or a group needs.

    Returns
    -------
    DataFrame, index what (histogram, group)
        insufficient_below: with fewer a picture says little; sufficient_from: with as many or more it is informative;
        source, status.

    Raises
    ------
    SettingError
        The file cannot be read.
    """
    return _of_kind(root, "pupils", "what")


def _of_kind(root: Path, kind: str, name: str) -> pd.DataFrame:
    rows = read_facts(root, THRESHOLDS)
    return rows[rows["kind"] == kind].drop(columns="kind").set_index("key").rename_axis(name)
