"""Scales of ОГЭ and ЕГЭ: primary scores become marks and test scores as far as a source is known, and no further."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from oko.errors import DataError, SettingError

OGE_SCALES = "data/external/oge_scales.csv"
EGE_SCALES = "data/external/ege_scales.csv"
STRUCTURES = "data/external/exam_structures.csv"


@dataclass(frozen=True)
class Scale:
    """Scores on the scale of an exam, and how far the scale can be trusted.

    Attributes
    ----------
    values : Series of Int64
        On the index of the primary scores; NA where there is none.
    status : str
        As in the file of scales: secondary source, unconfirmed, …
    source : str
    """

    values: pd.Series
    status: str
    source: str


@dataclass(frozen=True)
class OgeScale:
    """Mark scale of one ОГЭ.

    Attributes
    ----------
    max_score : int
        Greatest primary score.
    mark_3_from, mark_4_from, mark_5_from : int
        Least primary score of the mark.
    geometry_from : int
        Points from geometry without which the mark is 2; 0 where there is no such condition.
    status, source : str
    """

    max_score: int
    mark_3_from: int
    mark_4_from: int
    mark_5_from: int
    geometry_from: int
    status: str
    source: str


@dataclass(frozen=True)
class ExamStructure:
    """Number of tasks of an exam and its greatest primary score (unconfirmed: from memory)."""

    tasks: int
    max_score: int
    status: str


def oge_mark(
    root: Path,
    subject: str,
    year: int | str,
    primary: pd.Series | Sequence[float],
    geometry: pd.Series | Sequence[float] | None = None,
    model: int | None = None,
) -> pd.Series:
    """Translate primary scores of an ОГЭ into marks.

    Parameters
    ----------
    root : Path
        The project's folder.
    subject : str
        Code of the subject.
    year : int or str
        Calendar year of the exam, or the school year that ends in it: 2021 or "2020-2021".
    primary : Series or sequence of float
        Primary scores; NaN gives no mark.
    geometry : Series or sequence of float, optional
        Points from the geometry tasks; needed for mathematics, where marks 3, 4 and 5 ask for 2 of them. NaN gives no
        mark, unless the primary score is too low for a 3 in any case.
    model : {1, 2}, optional
        Model of the chemistry exam of 2019: without or with an experiment.

    Returns
    -------
    Series of Int64
        2 to 5, on the index of the scores.

    Raises
    ------
    DataError
        No scale is known, a score lies outside it, geometry or model is needed and was not given.

    Notes
    -----
    Scales are from secondary sources, and the biology of 2021 is unconfirmed: :func:`oge_scale` says so for each.
    """
    scale = oge_scale(root, subject, year, model)
    scores = pd.Series(primary, dtype="float64")
    _inside(scores, scale.max_score)
    bounds = [scale.mark_3_from, scale.mark_4_from, scale.mark_5_from]
    marks = pd.Series(np.searchsorted(bounds, scores.fillna(0), side="right") + 2, scores.index, dtype="Int64")
    if scale.geometry_from:
        if geometry is None:
            raise DataError(
                "The mark of ОГЭ in {subject} needs the points from geometry too: at least {n} for marks 3, 4 and 5.",
                subject=subject,
                n=scale.geometry_from,
            )
        given = geometry.reindex(scores.index) if isinstance(geometry, pd.Series) else geometry
        points = pd.Series(np.asarray(given, dtype="float64"), scores.index)
        marks = marks.mask((points < scale.geometry_from) & (marks > 2), 2).mask(points.isna() & (marks > 2))
    return marks.mask(scores.isna())


def oge_scale(root: Path, subject: str, year: int | str, model: int | None = None) -> OgeScale:
    """Return the mark scale of an ОГЭ with its status and source.

    Raises
    ------
    DataError
        No scale of this subject and year is known (there was no ОГЭ in 2020), or the model of the work is not given.
    """
    known = _read(root, OGE_SCALES)
    rows = _of(known, subject, year)
    models = rows["model"].dropna().astype(int).tolist()
    if models:
        if model not in models:
            raise DataError(
                "ОГЭ in {subject} of {year} had several models: say which; known: {known}.",
                subject=subject,
                year=exam_year(year),
                known=", ".join(str(number) for number in models),
            )
        rows = rows[rows["model"] == model]
    if rows.empty:
        raise _unknown(OGE_SCALES, "oge", subject, year, known.assign(first=known["year"]))
    row = rows.iloc[0]
    most, three, four, five = (int(row[name]) for name in ("max_score", "mark_3_from", "mark_4_from", "mark_5_from"))
    geometry = 0 if pd.isna(row["geometry_from"]) else int(row["geometry_from"])
    return OgeScale(most, three, four, five, geometry, str(row["status"]), str(row["source"]))


def oge_models(root: Path, subject: str, year: int | str) -> tuple[int | None, ...]:
    """Return the models of an ОГЭ that have scales: (None,) where there is but one, () where none is known."""
    models = _of(_read(root, OGE_SCALES), subject, year)["model"]
    return tuple(None if pd.isna(model) else int(model) for model in models)


def geometry_tasks(root: Path, subject: str, year: int | str) -> tuple[str, ...]:
    """Return the labels of the tasks that count as geometry; none for a subject without such a condition.

    Raises
    ------
    DataError
        No scale is known, or the numbers of the geometry tasks of that year are not confirmed.

    Notes
    -----
    15–19 and 23–25 for 2021, from the text of the law for 2023: unconfirmed for 2021; of 2019 no source was found.
    """
    scale = oge_scale(root, subject, year, next(iter(oge_models(root, subject, year)), None))
    written = _of(_read(root, OGE_SCALES), subject, year)["geometry_tasks"].dropna()
    if scale.geometry_from and written.empty:
        raise DataError(
            "Which tasks of ОГЭ in {subject} of {year} are geometry is not confirmed: {where} does not say it.",
            subject=subject,
            year=exam_year(year),
            where=OGE_SCALES,
        )
    return tuple(str(written.iloc[0]).split()) if len(written) else ()


def ege_test_score(root: Path, subject: str, year: int | str, primary: pd.Series | Sequence[float]) -> Scale:
    """Translate primary scores of an ЕГЭ into test scores.

    Parameters
    ----------
    root : Path
        The project's folder.
    subject : str
        Code of the subject; mathematics is the profile exam.
    year : int or str
        Calendar year of the exam, or the school year that ends in it.
    primary : Series or sequence of float
        Whole numbers; NaN gives no score, 0 gives 0.

    Returns
    -------
    Scale
        Test scores from 0 to 100, with the status and the source of the scale.

    Raises
    ------
    DataError
        No scale is known, a score lies outside it or in a part that is not confirmed, or is not a whole number.
    """
    known = _read(root, EGE_SCALES)
    rows = known[(known["subject"] == subject) & (known["year_from"] <= exam_year(year))]
    rows = rows[rows["year_to"].isna() | (rows["year_to"] >= exam_year(year))]
    if rows.empty:
        raise _unknown(EGE_SCALES, "ege", subject, year, known.assign(first=known["year_from"]))
    if (rows["usable"] == "no").any():
        raise DataError(
            "The scale of ЕГЭ in {subject} of {year} is not confirmed: the one that was found is that of another exam.",
            subject=subject,
            year=exam_year(year),
        )
    scale = pd.Series(rows["test_score"].to_numpy(), rows["primary_score"].to_numpy())
    scale[0] = 0
    scores = pd.Series(primary, dtype="float64")
    _confirmed(scores, scale, subject, year)
    values = scores.map(scale).astype("Int64")
    return Scale(values, "; ".join(rows["status"].unique()), "; ".join(rows["source"].unique()))


def exam_structure(root: Path, procedure: str, subject: str, year: int | str) -> ExamStructure | None:
    """Return the number of tasks and the greatest score of an exam, unconfirmed; None where even memory has none."""
    known = _read(root, STRUCTURES)
    rows = _of(known[known["procedure"] == procedure], subject, year)
    if rows.empty:
        return None
    return ExamStructure(int(rows["tasks"].iloc[0]), int(rows["max_score"].iloc[0]), str(rows["status"].iloc[0]))


def exam_year(year: int | str) -> int:
    """Return the calendar year of exams for a year or a school year.

    Examples
    --------
    >>> exam_year("2020-2021"), exam_year(2019)
    (2021, 2019)
    """
    return int(str(year).rpartition("-")[2])


def _of(known: pd.DataFrame, subject: str, year: int | str) -> pd.DataFrame:
    return known[(known["subject"] == subject) & (known["year"] == exam_year(year))]


def _inside(scores: pd.Series, most: int) -> None:
    outside = scores[(scores < 0) | (scores > most)]
    if len(outside):
        raise DataError(
            "Score {score} lies outside the mark scale, which goes from 0 to {most}.",
            score=f"{outside.iloc[0]:g}",
            most=most,
        )


def _confirmed(scores: pd.Series, scale: pd.Series, subject: str, year: int | str) -> None:
    """Refuse scores that a scale does not hold; one that does not reach 100 is known in its lower part alone."""
    most = int(scale.index.max())
    above = scores[scores > most]
    if len(above) and scale.max() < 100:
        raise DataError(
            "The scale of ЕГЭ in {subject} of {year} above the primary score {most} is not confirmed; the data have "
            "{score}: give the test scores themselves.",
            subject=subject,
            year=exam_year(year),
            most=most,
            score=f"{above.iloc[0]:g}",
        )
    _inside(scores, most)
    broken = scores[scores.notna() & ~scores.isin(scale.index)]
    if len(broken):
        raise DataError("Primary score {score} is not a whole number.", score=f"{broken.iloc[0]:g}")


def _unknown(where: str, procedure: str, subject: str, year: int | str, known: pd.DataFrame) -> DataError:
    there = known[["subject", "first"]].drop_duplicates().itertuples(index=False)
    return DataError(
        "File {where} has no scale of {work}; it has: {known}.",
        where=where,
        work=f"{procedure} {subject} {exam_year(year)}",
        known=", ".join(f"{row.subject} {row.first}" for row in there),
    )


def _read(root: Path, where: str) -> pd.DataFrame:
    try:
        return pd.read_csv(root / where, dtype={"geometry_tasks": "str"})
    except OSError as error:
        raise SettingError("File {where} cannot be read: {detail}.", where=where, detail=error.strerror) from error
