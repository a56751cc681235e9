"""Calendar of assessment procedures of 2018/19 to 2020/21, and the official markers of bias, from ``data/external``."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from oko.records.facts import read_facts
from oko.records.protocol import Protocol

CALENDAR = "data/external/procedures_calendar.csv"
MARKERS = "data/external/bias_markers.csv"
_KEYS = ["school_year", "procedure", "season"]
_DAY = re.compile(r"\b([0-9]{2})\.([0-9]{2})(?:\.([0-9]{4}))?\b")
_SEASONS = {
    "autumn": ((0, "09-01"), (0, "12-31")),
    "winter": ((1, "01-01"), (1, "02-28")),
    "spring": ((1, "03-01"), (1, "05-31")),
    "year": ((0, "09-01"), (1, "05-31")),
}


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


def days_of(rows: pd.DataFrame, procedure: str, year: str, season: str) -> tuple[str, str]:
    """Return the first and the last day on which a procedure was held, as 2021-03-15.

    Parameters
    ----------
    rows : DataFrame
        From :func:`calendar`.
    procedure, year, season : str

    Returns
    -------
    (str, str)
        Where the calendar knows no day of it, the first and the last day of the season in that school year: September
        to December, January to February, March to May, or the whole year.

    Examples
    --------
    >>> held = pd.DataFrame({"procedure": ["vpr"], "school_year": ["2020-2021"], "season": ["spring"],
    ...                      "when": ["15.03-21.05.2021"]})
    >>> days_of(held, "vpr", "2020-2021", "spring"), days_of(held, "vpr", "2020-2021", "autumn")
    (('2021-03-15', '2021-05-21'), ('2020-09-01', '2020-12-31'))
    """
    held = rows[(rows["procedure"] == procedure) & (rows["school_year"] == year) & (rows["season"] == season)]
    days = []
    for when in held["when"].dropna().unique():
        found = _DAY.findall(str(when))
        known = [given for *_, given in found if given]
        days += [f"{given or known[-1]}-{month}-{day}" for day, month, given in found if known]
    if days:
        return min(days), max(days)
    first, last = _SEASONS.get(season, _SEASONS["year"])
    begin = int(year[:4])
    return f"{begin + first[0]}-{first[1]}", f"{begin + last[0]}-{last[1]}"


def window_of(
    rows: pd.DataFrame, procedure: str, year: str, season: str, subject: str, grade: int
) -> tuple[str, str, bool]:
    """Return the first and the last day of one work, and whether all pupils sit it.

    Parameters
    ----------
    rows : DataFrame
        From :func:`calendar`.
    procedure, year, season, subject : str
    grade : int
        Of the material.

    Examples
    --------
    >>> held = pd.DataFrame({"procedure": ["vpr"], "school_year": ["2020-2021"], "season": ["spring"], "held": ["yes"],
    ...                      "subject": ["physics"], "material_grade": [7], "when": ["15.03-21.05.2021"]})
    >>> window_of(held, "vpr", "2020-2021", "spring", "physics", 7)
    ('2021-03-15', '2021-05-21', True)
    """
    own = rows[(rows["subject"] == subject) & (rows["material_grade"] == grade)]
    own = own[(own["procedure"] == procedure) & (own["school_year"] == year) & (own["season"] == season)]
    begins, ends = days_of(own, procedure, year, season)
    return begins, ends, bool(len(own) and (own["held"] == "yes").all())


def days_between(root: Path, protocol: Protocol | None, year: str) -> tuple[str, str, str]:
    """Return the last day of a year's entry measurement, and the first and last day of the wave of the outcome.

    Empty where there is no protocol, or where its outcome is not of this school year.
    """
    if protocol is None or protocol.year != year:
        return "", "", ""
    rows, procedure, waves = calendar(root), protocol.outcome.procedure, protocol.waves
    entry = days_of(rows, procedure, waves.before.year, waves.before.season)[1]
    return entry, *days_of(rows, procedure, waves.after.year, waves.after.season)
