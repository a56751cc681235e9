"""Declared marks of ОГЭ beside those that the known scale gives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from oko.errors import DataError
from oko.language import N_
from oko.records.readers import FILE, SHEET, Finding, Phrase, at_rows
from oko.records.readers.context import Work
from oko.records.scales import OGE_SCALES, geometry_tasks, oge_mark, oge_models, oge_scale

CHECK = "mark_by_scale"
_ENOUGH = 100
_OTHER = N_("Mark {given}, where the scale gives {scale} for {score} points ({status}).")
_OTHER_GEOMETRY = N_(
    "Mark {given}, where the scale gives {scale} for {score} points, {geometry} from geometry ({status})."
)
_NO_SCALE = N_("The marks were not compared with a scale: {where} has none for {subject} {year}.")


def mark_findings(
    root: Path, work: Work, results: pd.DataFrame, responses: pd.DataFrame | None = None, heading: str = "mark"
) -> tuple[Finding, ...]:
    """Warn where a declared mark of ОГЭ is not the one of the scale.

    Parameters
    ----------
    root : Path
        The project's folder.
    work : Work
        The assessment that all rows are of; of other procedures than ОГЭ nothing is said.
    results : DataFrame
        pupil (or code), primary_score, mark, ``#file``, ``#row`` and, if there are any, ``#sheet``; numbers or text.
    responses : DataFrame, optional
        The same key and points by task: for mathematics, where marks 3, 4 and 5 ask for points from geometry.
    heading : str
        What the file calls the column of marks.

    Returns
    -------
    tuple of Finding
        Warnings. Where the points from geometry, or the model of the work, are not known, a mark is let pass that fits
        some of them. One warning alone says that there is no scale.
    """
    if work.procedure != "oge":
        return ()
    marks, scores = (_numbers(results[name]) for name in ("mark", "primary_score"))
    if not (marks.notna() & scores.notna()).any():
        return ()
    subject, year = str(work.subject), str(work.year)
    models = oge_models(root, subject, year)
    if not models:
        values = {"where": OGE_SCALES, "subject": subject, "year": year}
        first = results.iloc[0]
        return (Finding(str(first[FILE]), None, None, _NO_SCALE, values, "warning", str(first.get(SHEET, "")), CHECK),)
    geometry = _geometry(root, subject, year, results, responses)
    due = pd.concat([mark for model in models for mark in _due(root, work, model, scores, geometry)], axis=1)
    wrong = marks.notna() & due.notna().any(axis=1) & ~due.eq(marks, axis=0).fillna(False).any(axis=1)
    scale = oge_scale(root, subject, year, models[0])
    template = _OTHER_GEOMETRY if scale.geometry_from else _OTHER
    return tuple(
        at_rows(
            results,
            wrong,
            heading,
            template,
            severity="warning",
            check=CHECK,
            given=marks,
            scale=due.apply(_written, axis=1) if len(due) else pd.Series(dtype="str"),
            score=scores,
            geometry=geometry.map("{:g}".format).where(geometry.notna(), "?"),
            status=Phrase(scale.status),
        )
    )


def _due(root: Path, work: Work, model: int | None, scores: pd.Series, geometry: pd.Series) -> Iterator[pd.Series]:
    """Give the marks that are possible: for the fewest and for the most points from geometry that are not known."""
    subject, year = str(work.subject), str(work.year)
    inside = scores.where(scores.between(0, oge_scale(root, subject, year, model).max_score))
    for points in (geometry.fillna(0), geometry.fillna(_ENOUGH)):
        yield oge_mark(root, subject, year, inside, points, model).astype("float64")


def _geometry(root: Path, subject: str, year: str, results: pd.DataFrame, responses: pd.DataFrame | None) -> pd.Series:
    """Return the points from geometry on the index of the results; NaN where they are not known."""
    unknown = pd.Series(float("nan"), results.index)
    key = "pupil" if "pupil" in results else "code"
    if responses is None or oge_models(root, subject, year) != (None,):
        return unknown
    try:
        tasks = geometry_tasks(root, subject, year)
    except DataError:
        return unknown
    if not tasks or not {key, *tasks} <= set(responses):
        return unknown
    points = responses[list(tasks)].apply(_numbers).sum(axis=1, skipna=False)
    by_pupil = points.set_axis(responses[key]).groupby(level=0).first()
    return results[key].map(by_pupil).astype("float64")


def _numbers(texts: pd.Series) -> pd.Series:
    return pd.to_numeric(texts.astype("object"), errors="coerce").astype("float64")


def _written(marks: pd.Series) -> str:
    return "/".join(f"{mark:g}" for mark in sorted(set(marks.dropna())))
