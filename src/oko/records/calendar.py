"""Calendar of assessment procedures of 2018/19 to 2020/21, and the official markers of bias, from ``data/external``."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from oko.records.facts import read_facts

CALENDAR = "data/external/procedures_calendar.csv"
MARKERS = "data/external/bias_markers.csv"
_KEYS = ["school_year", "procedure", "season"]


def calendar(root: Path) -> pd.DataFrame:
    """Return when procedures were held, a row for each grade and subject.

    Parameters
    ----------
    root : Path
        The project's folder.

    Returns
    -------
    DataFrame
        school_year, procedure, season; pupil_grade (who sat it) and material_grade (what it was about), Int64: in
        autumn 2020 ВПР was written a grade later than its material; subject; when (dates as known); held (yes, no,
        partly); note_ru, note_en; source, status. What is not known is missing.

    Raises
    ------
    SettingError
        The file cannot be read.

    Notes
    -----
    What the status calls unconfirmed was not found in a source: say so where it is shown.
    """
    rows = read_facts(root, CALENDAR)
    split = {name: rows[name].str.split(";") for name in ("grades", "material_grades", "subjects")}
    rows = rows.assign(**split).explode(["grades", "material_grades"]).explode("subjects", ignore_index=True)
    grades = {"pupil_grade": rows["grades"], "material_grade": rows["material_grades"]}
    rows = rows.assign(**{name: pd.to_numeric(grade).astype("Int64") for name, grade in grades.items()})
    rows = rows.assign(subject=rows["subjects"].astype("str"))
    rest = ["pupil_grade", "material_grade", "subject", "when", "held", "note_ru", "note_en", "source", "status"]
    return rows[[*_KEYS, *rest]]


def bias_markers(root: Path) -> pd.DataFrame:
    """Return the fourteen official markers of bias, in our own words.

    Returns
    -------
    DataFrame
        marker (high_mean, journal_mismatch, sharp_fall, sharp_rise), procedure, subject, grades, statistic,
        limit (1.96 standard errors, a correlation of 0, 3 interquartile ranges), rule_ru, rule_en, needs_ru, needs_en
        (data it cannot do without), source, status. A marker is a reason for a school to look, not a finding.

    Raises
    ------
    SettingError
        The file cannot be read.
    """
    rows = read_facts(root, MARKERS)
    return rows.assign(limit=pd.to_numeric(rows["limit"]))
