"""Instruments: tasks, mark scales and reference values of works, from ``data/external``.

Works are those of ВПР of 2021. Structures change by year and season: what is known of which is in
``vpr_structures.csv``, what each file holds and where it is from in ``data/external/README.md``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from oko.errors import DataError
from oko.language import N_, gettext
from oko.records.facts import facts_of, of_work, read_facts
from oko.records.readers.context import Work
from oko.records.readers.headings import TaskHeading

TASKS = "data/external/vpr_tasks.csv"
STRUCTURES = "data/external/vpr_structures.csv"
SCALES = "data/external/vpr_mark_scales.csv"
FACILITIES = "data/external/vpr_reference_items.csv"
WORKS = "data/external/vpr_reference_works.csv"
DESCRIBED = "2021"
REFERENCE_TITLE = N_("Altai region, for reference")
_NOT_CONFIRMED = N_("structure of 2021, not confirmed for {year}")
_COLUMNS = ["item", "position", "max_score", "level", "label"]
_SHARES = ["facility", "share_zero", "share_full", "share_not_attempted", "share_not_covered"]


@dataclass(frozen=True)
class MarkScale:
    """Recommended translation of a primary score into a mark.

    Attributes
    ----------
    max_score : int
        Greatest primary score of the work.
    mark_3_from, mark_4_from, mark_5_from : int
        Least primary score of the mark; below ``mark_3_from`` the mark is 2.
    """

    max_score: int
    mark_3_from: int
    mark_4_from: int
    mark_5_from: int


def tasks(root: Path, subject: str, grade: int) -> pd.DataFrame:
    """Return the tasks of a work in their order, as in 2021.

    Parameters
    ----------
    root : Path
        The project's folder.
    subject : str
        Code of the subject.
    grade : int
        Grade whose material is tested.

    Returns
    -------
    DataFrame
        item, position, max_score, level (basic, raised, high; missing where not said), label.

    Raises
    ------
    DataError
        No work of this subject and grade is described.
    SettingError
        The file cannot be read.
    """
    return _structure(facts_of(root, TASKS, subject, grade), DESCRIBED)


def specification(root: Path, work: Work) -> pd.DataFrame:
    """Return the tasks of a work as they were in its year and season.

    Parameters
    ----------
    root : Path
        The project's folder.
    work : Work
        subject and material_grade are needed; without a procedure it is taken for ВПР.

    Returns
    -------
    DataFrame
        item, position, max_score, level, label. ``attrs["status"]`` says where the structure is from, and
        ``attrs["confirmed"]`` whether it is known for this year and season; where not, it is the structure of 2021.

    Raises
    ------
    DataError
        The work is not one of ВПР, is not described, or had other tasks than in 2021 whose labels are not known.
    SettingError
        A file cannot be read.
    """
    if work.procedure not in (None, "vpr"):
        raise DataError("The tasks of {procedure} are not described: send its items.", procedure=work.procedure)
    rows = facts_of(root, TASKS, work.subject, work.material_grade)
    known = of_work(read_facts(root, STRUCTURES), work.subject, work.material_grade)
    known = known[(known["year"] == work.year) & (known["season"] == work.season)]
    if known.empty:
        first, _, last = (work.year or "–").partition("-")
        status = gettext(_NOT_CONFIRMED).format(year=first if work.season == "autumn" else last or first)
        return _with_status(_structure(rows, DESCRIBED), status, confirmed=False)
    structure, count, status = known.iloc[0][["structure", "tasks", "status"]]
    if pd.isna(structure):
        raise DataError(
            "Work {work} had {count} columns, and which tasks they are is not known: send a file whose headings name "
            "the tasks, or the table of items.",
            work=work.assessment,
            count=count,
        )
    return _with_status(_structure(rows, structure), gettext(str(status)), confirmed=True)


def recognise_work(root: Path, headings: Sequence[TaskHeading]) -> tuple[str, int] | None:
    """Tell which work a file is about by its tasks and their maxima.

    Parameters
    ----------
    root : Path
        The project's folder.
    headings : sequence of TaskHeading
        Every task of the file, in any order; maxima that the file does not say may be None.

    Returns
    -------
    tuple of (str, int) or None
        Subject and material grade; None where no work or more than one has exactly these tasks, with these maxima.

    Raises
    ------
    SettingError
        The file of tasks cannot be read.
    """
    given = {(heading.label, heading.max_score) for heading in headings if heading.max_score is not None}
    labels = {heading.label for heading in headings}
    fits = {
        (str(rows["subject"].iloc[0]), int(rows["grade"].iloc[0]))
        for _, rows in read_facts(root, TASKS).groupby(["structure", "subject", "grade"])
        if labels == set(rows["item"]) and given <= set(zip(rows["item"], rows["max_score"], strict=True))
    }
    return fits.pop() if len(fits) == 1 else None


def reference_facilities(root: Path, subject: str, grade: int, season: str = "spring") -> pd.DataFrame:
    """Return how one real region did each task of a work in the school year 2020-2021.

    Parameters
    ----------
    root : Path
        The project's folder.
    subject : str
        Code of the subject.
    grade : int
        Grade whose material is tested.
    season : {"spring", "autumn"}
        In autumn the pupils were a grade higher.

    Returns
    -------
    DataFrame, index item
        max_score, n, facility, share_zero, share_full, share_not_attempted (X), share_not_covered (0 to 1): tasks that
        were not attempted or not covered have no points and count in ``n``, ``facility`` and ``share_zero``.

    Raises
    ------
    DataError
        No reference for this subject, grade and season.
    SettingError
        The file cannot be read.
    """
    return _reference(root, subject, grade, season)[["max_score", "n", *_SHARES]].astype("float64")


def reference_by_mark(root: Path, subject: str, grade: int, season: str = "spring") -> pd.DataFrame:
    """Return the facility of each task among pupils of one real region who got 2, 3, 4 and 5 for the work.

    As :func:`reference_facilities`, with the columns facility_2, facility_3, facility_4, facility_5 (0 to 1).
    """
    return _reference(root, subject, grade, season)[[f"facility_{mark}" for mark in (2, 3, 4, 5)]].astype("float64")


def reference_works(root: Path, subject: str | None = None, grade: int | None = None) -> pd.DataFrame:
    """Return how one real region did whole works in autumn 2020 and spring 2021.

    Parameters
    ----------
    root : Path
        The project's folder.
    subject : str, optional
        Only works of this subject.
    grade : int, optional
        Only works on the material of this grade.

    Returns
    -------
    DataFrame
        region, year, season, subject, grade, max_score, n, n_schools, n_absent, mean and sd (primary score), alpha;
        share_2 to share_5, journal_share_2 to journal_share_5, lowered, confirmed, raised (0 to 1);
        journal_correlation (Spearman, score and journal mark), source, status. A work that was not held has no row.

    Raises
    ------
    SettingError
        The file cannot be read.
    """
    known = read_facts(root, WORKS)
    chosen = pd.Series(True, known.index)
    for name, value in (("subject", subject), ("grade", grade)):
        if value is not None:
            chosen &= known[name] == value
    return known[chosen].reset_index(drop=True)


def mark_scale(root: Path, subject: str, grade: int) -> MarkScale:
    """Return the official recommended mark scale of a work.

    Raises
    ------
    DataError
        No scale for this subject and grade.
    SettingError
        The file cannot be read.
    """
    row = facts_of(root, SCALES, subject, grade).iloc[0]
    return MarkScale(*(int(row[name]) for name in ("max_score", "mark_3_from", "mark_4_from", "mark_5_from")))


def mark_of(primary_score: pd.Series | Sequence[float], scale: MarkScale) -> pd.Series:
    """Translate primary scores into marks.

    Parameters
    ----------
    primary_score : Series or sequence of float
        From 0 to the scale's maximum; NaN gives no mark.
    scale : MarkScale

    Returns
    -------
    Series of Int64
        2 to 5, on the index of the scores.

    Raises
    ------
    DataError
        A score lies outside the scale.

    Examples
    --------
    >>> mark_of([6, 7, 12, 19, float("nan")], MarkScale(19, 7, 12, 16)).tolist()
    [2, 3, 4, 5, <NA>]
    """
    scores = pd.Series(primary_score, dtype="float64")
    outside = scores[(scores < 0) | (scores > scale.max_score)]
    if len(outside):
        raise DataError(
            "Score {score} lies outside the mark scale, which goes from 0 to {most}.",
            score=f"{outside.iloc[0]:g}",
            most=scale.max_score,
        )
    bounds = [scale.mark_3_from, scale.mark_4_from, scale.mark_5_from]
    marks = pd.Series(np.searchsorted(bounds, scores.fillna(0), side="right") + 2, scores.index, dtype="Int64")
    return marks.mask(scores.isna())


def _structure(rows: pd.DataFrame, structure: str) -> pd.DataFrame:
    chosen = rows[rows["structure"] == structure].sort_values("position")
    return chosen[_COLUMNS].reset_index(drop=True)


def _with_status(frame: pd.DataFrame, status: str, *, confirmed: bool) -> pd.DataFrame:
    frame.attrs.update(status=status, confirmed=confirmed)
    return frame


def _reference(root: Path, subject: str, grade: int, season: str) -> pd.DataFrame:
    rows = facts_of(root, FACILITIES, subject, grade)
    rows = rows[rows["season"] == season]
    if rows.empty:
        raise DataError(
            "File {where} has no work {work} of {season}: take the other season.",
            where=FACILITIES,
            work=f"{subject} {grade}",
            season=season,
        )
    return rows.set_index("item")
