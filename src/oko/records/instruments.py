"""Instruments: tasks, mark scales and reference facilities of works, from ``data/external``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from oko.errors import DataError, SettingError

TASKS = "data/external/vpr_tasks_2021.csv"
SCALES = "data/external/vpr_mark_scales_2021.csv"
FACILITIES = "data/external/vpr_reference_facility.csv"


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
    """Return the tasks of a work in their order.

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
        item, position, max_score, level (basic, raised, high), label.

    Raises
    ------
    DataError
        No work of this subject and grade is described.
    SettingError
        The file cannot be read.
    """
    rows = _work(root, TASKS, subject, grade).sort_values("position")
    return rows[["item", "position", "max_score", "level", "label"]].reset_index(drop=True)


def reference_facilities(root: Path, subject: str, grade: int) -> pd.DataFrame:
    """Return how one real region did each task of a work in spring 2021.

    Returns
    -------
    DataFrame, index item
        max_score, n, facility, share_zero, share_full, share_not_attempted (0 to 1).

    Raises
    ------
    DataError
        No reference for this subject and grade.
    SettingError
        The file cannot be read.
    """
    columns = ["max_score", "n", "facility", "share_zero", "share_full", "share_not_attempted"]
    return _work(root, FACILITIES, subject, grade).set_index("item")[columns].astype("float64")


def mark_scale(root: Path, subject: str, grade: int) -> MarkScale:
    """Return the official recommended mark scale of a work.

    Raises
    ------
    DataError
        No scale for this subject and grade.
    SettingError
        The file cannot be read.
    """
    row = _work(root, SCALES, subject, grade).iloc[0]
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


def _work(root: Path, where: str, subject: str, grade: int) -> pd.DataFrame:
    known = _read(root / where, where)
    rows = known[(known["subject"] == subject) & (known["grade"] == grade)]
    if rows.empty:
        works = known[["subject", "grade"]].drop_duplicates().itertuples(index=False)
        raise DataError(
            "File {where} has no work {work}; it has: {known}.",
            where=where,
            work=f"{subject} {grade}",
            known=", ".join(f"{work.subject} {work.grade}" for work in works),
        )
    return rows


def _read(path: Path, where: str) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype={"item": "str"})
    except OSError as error:
        raise SettingError("File {where} cannot be read: {detail}.", where=where, detail=error.strerror) from error
