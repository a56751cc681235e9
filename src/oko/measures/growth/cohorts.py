"""Cohort lines: where the same pupils of a school stand from one assessment to the next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.intervals import check_level, clustered_means, mean_interval
from oko.measures.statement import Statement, named
from oko.measures.weights import Codes, as_codes, as_numbers

LEAST = 10
SEASONS = {"autumn": 0.0, "winter": 0.25, "spring": 0.5, "year": 0.75}
_NEEDED = ["assessment", "procedure", "subject", "year", "season", "material_grade", "pupil_grade", "school", "pupil"]
_LINE = ["subject", "cohort", "school"]
_POINT = [*_LINE, "time", "assessment"]
_ABOUT = ["procedure", "year", "season", "material_grade", "pupil_grade"]
_COLUMNS = [
    *_LINE, "assessment", *_ABOUT, "time", "n", "classes", "mean", "lower", "upper",
    "n_followed", "change", "change_lower", "change_upper",
]  # fmt: skip


def cohort_lines(
    results: pd.DataFrame,
    reference: pd.DataFrame | None = None,
    procedures: str | Sequence[str] | None = None,
    level: float = 0.95,
    least: int = LEAST,
) -> pd.DataFrame:
    r"""Return how the same cohort of a school stands against the others, assessment by assessment.

    Parameters
    ----------
    results : DataFrame, one row a pupil and an assessment
        assessment, procedure, subject, year ("2018-2019"), season, material_grade, pupil_grade, school, pupil,
        primary_score; class and status where known. Absent pupils and rows without a score do not count.
    reference : DataFrame, index assessment, optional
        mean and sd of the primary score among the pupils to compare with: a district, a region. By default those of
        ``results`` itself.
    procedures : str or sequence of str, optional
        Only these, e.g. ``["vpr"]``.
    level : float, default 0.95
    least : int, default 10
        Pupils below which a point is said to be too small to be read.

    Returns
    -------
    DataFrame, one row a subject, cohort, school and assessment, in the order of time
        cohort: the year in which the pupils were in grade 0, so that it stays the same; time: year of the autumn plus
        a part for the season; n, classes, mean (standard deviations from the reference), lower, upper; n_followed:
        pupils with the point before too; change: their mean change since then, change_lower, change_upper.
        ``.attrs["statements"]``.

    Raises
    ------
    MeasureError
        A column is missing, a season, year or grade is unknown, scores are not numeric, a pupil has two results of one
        assessment, or the reference lacks a mean or a standard deviation above 0.

    Notes
    -----
    The cohort follows ``pupil_grade``, not ``material_grade``: pupils of grade 4 in spring 2019 are in grade 6 in
    autumn 2020, where ВПР asked for the material of grade 5, and still in grade 6 in spring 2021. Instruments of
    different years are not equated: only the place among others is comparable, and a loss common to all is not
    visible. Intervals are clustered by class (`clustered_means`), and take the reference as known.

    Examples
    --------
    >>> about = {"procedure": "vpr", "subject": "mathematics", "school": "a"}
    >>> four = {"assessment": "m4", "year": "2018-2019", "season": "spring", "material_grade": 4, "pupil_grade": 4}
    >>> five = {"assessment": "m5", "year": "2020-2021", "season": "autumn", "material_grade": 5, "pupil_grade": 6}
    >>> rows = [{**about, **one, "pupil": str(p), "primary_score": p} for one in (four, five) for p in range(12)]
    >>> cohort_lines(pd.DataFrame(rows))[["cohort", "pupil_grade", "material_grade", "n", "n_followed"]].values.tolist()
    [[2014, 4, 4, 12, 0], [2014, 6, 5, 12, 12]]
    """
    check_level(level)
    rows, left = _read(results, procedures)
    rows, flat, missing = _standardised(rows, reference)
    points = _points(rows, level)
    frame = _with_changes(points, rows, level)[_COLUMNS]
    said = [*left, *_remarks(frame, rows, least)]
    if flat:
        said.append(Statement("growth_no_spread", {"assessments": flat}))
    if missing:
        said.append(Statement("growth_no_reference", {"assessments": missing}))
    if reference is None and len(rows):
        said.append(Statement("growth_reference_within", {"n_schools": int(rows["school"].nunique())}))
    frame.attrs["statements"] = tuple(said)
    return frame


def _read(results: pd.DataFrame, procedures: str | Sequence[str] | None) -> tuple[pd.DataFrame, list[Statement]]:
    for name in (*_NEEDED, "primary_score"):
        if name not in results:
            raise MeasureError("Column {column} is missing from the results.", column=repr(name))
    wanted = [procedures] if isinstance(procedures, str) else procedures
    kept = results[results["procedure"].isin(list(wanted))] if wanted is not None else results
    if "status" in kept:
        kept = kept[kept["status"].eq("took").fillna(False).to_numpy(dtype=bool)]
    score = as_numbers(kept["primary_score"], "primary_score") if len(kept) else np.zeros(0)
    rows = kept[_NEEDED].astype(dict.fromkeys(_NEEDED, object)).reset_index(drop=True)
    rows["class"] = kept["class"].astype(object).to_numpy() if "class" in kept else None
    rows["score"] = score
    whole = rows[["assessment", "subject", "year", "season", "school", "pupil"]].notna().all(axis=1)
    rows = rows[whole.to_numpy() & np.isfinite(score)]
    twice = rows.duplicated(["assessment", "pupil"])
    if twice.any():
        pupil, assessment = rows.loc[twice, ["pupil", "assessment"]].iloc[0]
        raise MeasureError(
            "Pupil {pupil} has two results of {assessment}: leave one.", pupil=pupil, assessment=repr(assessment)
        )
    for name in ("pupil_grade", "material_grade"):
        rows[name] = _grades(rows[name], name)
    grade = rows["pupil_grade"]
    without = named(sorted(rows.loc[grade.isna(), "assessment"].unique()))
    rows = rows[grade.notna().to_numpy()]
    said = [Statement("growth_no_grade", {"assessments": without})] if without else []
    return _with_times(rows), said


def _grades(values: pd.Series, name: str) -> pd.Series:
    numbers = pd.to_numeric(values, errors="coerce").astype(np.float64)
    wrong = (values.notna() & numbers.isna()) | (numbers.notna() & (numbers % 1 != 0))
    if wrong.any():
        raise MeasureError(
            "{grade} in column {column} is no grade: give a whole number.",
            grade=repr(values[wrong].iloc[0]), column=repr(name),
        )  # fmt: skip
    return numbers.astype("Int64")


def _with_times(rows: pd.DataFrame) -> pd.DataFrame:
    start = rows["year"].astype(str).str.extract(r"^(\d{4})(?:-\d{4})?$")[0]
    if start.isna().any():
        raise MeasureError(
            "Year {year} is no school year like 2018-2019.", year=repr(rows["year"][start.isna()].iloc[0])
        )
    part = rows["season"].map(SEASONS)
    if part.isna().any():
        raise MeasureError("Season {season} is unknown.", season=repr(rows["season"][part.isna()].iloc[0]))
    year = start.astype(np.int64)
    cohort = year - rows["pupil_grade"].astype(np.int64)
    return rows.assign(cohort=cohort, time=year + part.astype(np.float64))


def _standardised(
    rows: pd.DataFrame, reference: pd.DataFrame | None
) -> tuple[pd.DataFrame, tuple[str, ...], tuple[str, ...]]:
    """Add the standardised score; name the assessments without spread, and those without a reference."""
    if reference is None:
        table = rows.groupby("assessment")["score"].agg(["mean", "std"]).rename(columns={"std": "sd"})
    else:
        for name in ("mean", "sd"):
            if name not in reference:
                raise MeasureError("Column {column} is missing from the reference.", column=repr(name))
        if reference.index.has_duplicates:
            raise MeasureError("An assessment stands twice in the reference.")
        columns = {name: as_numbers(reference[name], name) for name in ("mean", "sd")}
        if (columns["sd"] <= 0).any() or any(np.isinf(column).any() for column in columns.values()):
            raise MeasureError("The reference needs a finite mean and a standard deviation above 0.")
        table = pd.DataFrame(columns, reference.index)
    mean, sd = (rows["assessment"].map(table[name]).astype(np.float64) for name in ("mean", "sd"))
    absent = mean.isna().to_numpy() | (sd.isna().to_numpy() & (reference is not None))
    # equal scores differ by rounding when their mean is taken
    spread = (sd > 1e-9 * np.maximum(1.0, mean.abs())).to_numpy()
    flat = named(sorted(rows.loc[~spread & ~absent, "assessment"].unique()))
    missing = named(sorted(rows.loc[absent, "assessment"].unique()))
    kept = rows.assign(place=(rows["score"] - mean) / sd)[spread & ~absent]
    return kept, flat, missing


def _points(rows: pd.DataFrame, level: float) -> pd.DataFrame:
    keys = rows.groupby(_POINT, sort=True, observed=True)
    group: Codes = np.asarray(keys.ngroup(), dtype=np.int64)
    frame = keys[_ABOUT].first().reset_index()
    means = clustered_means(rows["place"].to_numpy(), np.ones(len(rows)), group, _classes(rows, group), len(frame))
    lower, upper = mean_interval(means, level)
    return frame.assign(n=means.n.astype(np.int64), classes=means.clusters, mean=means.mean, lower=lower, upper=upper)


def _classes(rows: pd.DataFrame, group: Codes) -> Codes:
    """Return the number of each class within points; pupils whose class is not known are one class together."""
    inner, labels = as_codes(rows["class"].astype(object).map(lambda name: None if pd.isna(name) else str(name)))
    return as_codes(pd.Series(group * (len(labels) + 1) + inner + 1))[0]


def _with_changes(points: pd.DataFrame, rows: pd.DataFrame, level: float) -> pd.DataFrame:
    """Add the mean change of the pupils who have the point before too."""
    before = points.groupby(_LINE, sort=False, observed=True)["assessment"].shift()
    links = points[[*_LINE, "assessment"]].assign(before=before, point=np.arange(len(points)))
    now = rows.merge(links, on=[*_LINE, "assessment"])
    then = rows[[*_LINE, "pupil", "assessment", "place"]].rename(columns={"assessment": "before", "place": "earlier"})
    both = now.merge(then, on=[*_LINE, "pupil", "before"])
    group = both["point"].to_numpy(dtype=np.int64)
    change = (both["place"] - both["earlier"]).to_numpy(dtype=np.float64)
    means = clustered_means(change, np.ones(len(both)), group, _classes(both, group), len(points))
    lower, upper = mean_interval(means, level)
    return points.assign(n_followed=means.n.astype(np.int64), change=means.mean, change_lower=lower, change_upper=upper)


def _remarks(frame: pd.DataFrame, rows: pd.DataFrame, least: int) -> list[Statement]:
    if frame.empty:
        return [Statement("growth_no_lines", {})]
    said = []
    season, lines = frame["season"], frame.groupby(_LINE, sort=False, observed=True)
    autumn = lines["season"].shift().eq("autumn") & season.eq("spring")
    if autumn.any():
        said.append(Statement("growth_autumn_to_spring", {"n": int(autumn.sum())}))
    other = frame["material_grade"].notna() & (frame["material_grade"] != frame["pupil_grade"])
    if other.any():
        said.append(Statement("growth_other_material", {"n": int(other.sum()), "of": len(frame)}))
    single = int((lines["assessment"].transform("size") == 1).sum())
    if single:
        said.append(Statement("growth_single_points", {"n": single, "of": int(lines.ngroups)}))
    later = lines.cumcount() > 0
    if later.any():
        values = {"n": int(frame.loc[later, "n_followed"].sum()), "of": int(frame.loc[later, "n"].sum())}
        said.append(Statement("growth_followed", values))
    small = int((frame["n"] < least).sum())
    if small:
        said.append(Statement("growth_small_points", {"n": small, "of": len(frame), "least": least}))
    n_procedures = int(rows["procedure"].nunique())
    if n_procedures > 1:
        said.append(Statement("growth_procedures_mixed", {"n": n_procedures}))
    return said
