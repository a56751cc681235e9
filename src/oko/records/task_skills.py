"""Which skills the tasks of ВПР ask for: an initial matrix of ours for experts to edit, from ``data/external``."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from oko.records.facts import read_facts

SKILLS = "data/external/task_skills.csv"


def initial_skills(root: Path, assessments: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Return the skills of the tasks of works by the initial matrix.

    Parameters
    ----------
    root : Path
        The project's folder.
    assessments : DataFrame
        assessment, subject, material_grade.
    items : DataFrame
        assessment, item: a task that a work does not have is left out.

    Returns
    -------
    DataFrame
        assessment, item, skill, status. There is no official map of tasks and skills: nothing here is confirmed, and
        every page that uses it says so.

    Raises
    ------
    SettingError
        The file cannot be read.
    """
    known = read_facts(root, SKILLS)
    works = assessments[["assessment", "subject", "material_grade"]].rename(columns={"material_grade": "grade"})
    rows = works.dropna().astype({"grade": "int64"}).merge(known, on=["subject", "grade"])
    rows = rows.merge(items[["assessment", "item"]], on=["assessment", "item"])
    return rows[["assessment", "item", "skill", "status"]].sort_values(["assessment", "skill", "item"], kind="stable")
