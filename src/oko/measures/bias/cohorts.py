"""The marker of a sharp change of one parallel between grade 4 and grade 5."""

from __future__ import annotations

from numbers import Real

import numpy as np
import pandas as pd
from scipy.special import ndtri

from oko.errors import MeasureError
from oko.measures.bias.rows import judged, need
from oko.measures.grouping import classes, grouped, numbers
from oko.measures.intervals import Floats, check_level, clustered_means
from oko.measures.statement import Statement, named
from oko.measures.weights import Weights, frequency_weights

ENOUGH_SCHOOLS = 50
"""Schools from which quartile fences are drawn here: our own threshold, the official rule takes a whole region."""
FACTOR = 3.0
_KEYS = ["school", "subject", "year"]
_COLUMNS = ["school", "subject", "assessment", "material_grade", "pupil_grade", "year", "primary_score", "max_score"]


def cohort_ratios(
    results: pd.DataFrame, grade: int = 4, *, procedure: str = "vpr", weights: Weights = None, level: float = 0.95
) -> pd.DataFrame:
    r"""Divide the mean per cent of a parallel by the mean per cent of the same parallel a year later.

    Parameters
    ----------
    results : DataFrame, one row a pupil and an assessment
        Columns ``school``, ``subject``, ``assessment``, ``material_grade``, ``pupil_grade``, ``year`` ("2018-2019"),
        ``primary_score`` and ``max_score`` (points); ``procedure``, ``season`` and ``class`` where known.
    grade : int, default 4
        Grade of the first of the two works.
    procedure : str, default "vpr"
        Works of other procedures do not count.
    weights : str, Series, array or None
        How many pupils a row stands for.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row a school, a subject and a parallel that has both works: ``school``, ``subject``, ``year`` (of the first
        work), ``assessment`` (the second), ``n``, ``n_next``, ``percent``, ``percent_next`` (0 to 100), ``value`` (K),
        ``lower``, ``upper``. Statements in ``.attrs["statements"]``.

    Raises
    ------
    MeasureError
        A column is missing or not numeric, a year is not of the form 2018-2019, or weights or level are wrong.

    Notes
    -----
    :math:`K = S(N, YY) / S(N + 1, YY + 1)` with S the mean per cent of the maximum: the official method. Only works on
    the material of the pupils' own grade count, so the works of autumn 2020, on the material of the grade before,
    do not. The interval is ours: delta method on log K, the two means taken as independent; they are of mostly the same
    pupils, so that it is rather too wide.

    Examples
    --------
    >>> one = {"school": "344", "subject": "mathematics", "max_score": 20.0}
    >>> first = pd.DataFrame({"assessment": "m4", "year": "2017-2018", "pupil_grade": 4, "primary_score": [12.0, 16]})
    >>> then = pd.DataFrame({"assessment": "m5", "year": "2018-2019", "pupil_grade": 5, "primary_score": [9.0, 11]})
    >>> both = pd.concat([first, then]).assign(**one, material_grade=lambda rows: rows["pupil_grade"])
    >>> cohort_ratios(both)[["percent", "percent_next", "value"]].to_dict("records")
    [{'percent': 70.0, 'percent_next': 50.0, 'value': 1.4}]
    """
    check_level(level)
    need(results, _COLUMNS)
    if not isinstance(grade, (int, np.integer)) or isinstance(grade, bool):
        raise MeasureError("Grade {grade} is not a whole number: give 4, for example.", grade=repr(grade))
    own = _own_grade(results.assign(_pupils=frequency_weights(results, weights)), procedure)
    first, then = (_percents(own[own["pupil_grade"] == place]) for place in (grade, grade + 1))
    then = then.assign(start=then["start"] - 1).drop(columns="year")
    both = first.drop(columns="assessment").merge(then, on=["school", "subject", "start"], suffixes=("", "_next"))
    rows = both[[*_KEYS, "assessment", "n", "n_next", "percent", "percent_next"]].sort_values(_KEYS, ignore_index=True)
    ordered = both.sort_values(_KEYS, ignore_index=True)
    found = rows.assign(**_ratio(ordered, level))
    said = () if len(found) else (Statement("bias_no_cohort_pair", {"grade": int(grade), "next": int(grade) + 1}),)
    found.attrs["statements"] = said
    return found


def _own_grade(results: pd.DataFrame, procedure: str) -> pd.DataFrame:
    there = (results["material_grade"] == results["pupil_grade"]).fillna(False) & results["primary_score"].notna()
    if "procedure" in results:
        there &= (results["procedure"] == procedure).fillna(False)
    if "season" in results:
        there &= (results["season"] != "autumn").fillna(True)
    return results[there.to_numpy(dtype=bool)]


def _percents(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the mean per cent of each school's parallel, with the variance of the mean."""
    group, keys = grouped(rows, [*_KEYS, "assessment"])
    share = 100 * numbers(rows, "primary_score") / numbers(rows, "max_score")
    if not np.isfinite(share).all() or (share < 0).any() or (share > 100).any():
        raise MeasureError("A primary score is outside 0 to its maximum, or the maximum is missing: correct the rows.")
    means = clustered_means(share, rows["_pupils"].to_numpy(), group, classes(rows, group), len(keys))
    keys["start"] = [_start(year) for year in keys["year"]]
    variance = np.fmax(means.simple, means.clustered)
    return keys.assign(n=means.n, percent=means.mean, variance=variance)[means.n > 0]


def _start(year: object) -> int:
    text = str(year)
    if len(text) == 9 and text[4] == "-" and text[:4].isdigit() and text[5:].isdigit():
        return int(text[:4])
    raise MeasureError("Year {year} is not a school year: write it as 2018-2019.", year=repr(year))


def _ratio(both: pd.DataFrame, level: float) -> dict[str, Floats]:
    top, bottom = both["percent"].to_numpy(dtype=float), both["percent_next"].to_numpy(dtype=float)
    known = (top > 0) & (bottom > 0)
    safe = [np.where(known, each, 1.0) for each in (top, bottom)]
    value = np.where(bottom > 0, top / np.where(bottom > 0, bottom, 1.0), np.nan)
    spread = [both[name].to_numpy(dtype=float) for name in ("variance", "variance_next")]
    half = float(ndtri((1 + level) / 2)) * np.sqrt(spread[0] / safe[0] ** 2 + spread[1] / safe[1] ** 2)
    half = np.where(known, half, np.nan)
    return {"value": value, "lower": value * np.exp(-half), "upper": value * np.exp(half)}


def sharp_change(
    ratios: pd.DataFrame,
    fences: pd.DataFrame | None = None,
    *,
    factor: float = FACTOR,
    enough: int = ENOUGH_SCHOOLS,
) -> pd.DataFrame:
    r"""Mark parallels that fell or rose far more sharply than those of all schools.

    Parameters
    ----------
    ratios : DataFrame
        Columns ``school``, ``subject``, ``year``, ``value``: K as `cohort_ratios` gives it, of all schools at hand.
    fences : DataFrame, optional
        The region's: columns ``subject``, ``lower``, ``upper``, and ``year`` where they differ. Without them they are
        drawn from ``ratios``, if the schools are many.
    factor : float, default 3
        Interquartile ranges from a quartile to its fence.
    enough : int, default 50
        With fewer schools in a subject and year no fence is drawn. Our own number: the official rule takes all schools
        of a region, and seven are far too few.

    Returns
    -------
    DataFrame
        The rows of ``ratios`` with ``n_schools``, ``lower_fence``, ``upper_fence``, ``applicable``, ``reason``
        ("few_schools", "no_ratio", "no_fences": none are given for the subject, or empty), ``marked``, ``fall``,
        ``rise``. Statements in ``.attrs["statements"]``.

    Raises
    ------
    MeasureError
        A column is missing, a school stands twice in a subject and year, or fences, factor or number are wrong.

    Notes
    -----
    Fall: K > P75 + 3 IQR; rise: K < P25 − 3 IQR (official method). It does not say how quartiles are found; here
    linearly between the ordered values (type 7 of Hyndman & Fan 1996, the default of R and NumPy): unconfirmed.

    Examples
    --------
    >>> ratios = pd.DataFrame({"school": range(60), "subject": "mathematics", "year": "2017-2018"})
    >>> found = sharp_change(ratios.assign(value=[1 + n / 100 for n in range(59)] + [3.0]))
    >>> found.loc[found["fall"], "school"].tolist(), round(float(found["upper_fence"].iloc[0]), 4)
    ([59], 2.3275)
    """
    need(ratios, [*_KEYS, "value"])
    if not isinstance(factor, Real) or not factor > 0 or not isinstance(enough, (int, np.integer)) or enough < 4:
        raise MeasureError("A factor is above 0 and the number of schools that suffice is 4 or more.")
    if ratios.duplicated(_KEYS).any():
        twice = ratios.loc[ratios.duplicated(_KEYS), "school"].iloc[0]
        raise MeasureError("School {school} stands twice in one subject and year.", school=repr(twice))
    ratio = numbers(ratios, "value")
    value = pd.Series(np.where(np.isfinite(ratio), ratio, np.nan), ratios.index)
    rows = ratios.assign(value=value)
    by_kind = rows.groupby(["subject", "year"], observed=True, dropna=False)["value"]
    rows["n_schools"] = by_kind.transform("count")
    if fences is None:
        low, high = (by_kind.transform(lambda each, q=q: each.quantile(q)) for q in (0.25, 0.75))
        many = rows["n_schools"] >= enough
        rows["lower_fence"] = (low - factor * (high - low)).where(many)
        rows["upper_fence"] = (high + factor * (high - low)).where(many)
    else:
        rows = _with_fences(rows, fences)
    unknown = rows["upper_fence"].isna() | rows["lower_fence"].isna()
    reason = np.select([value.isna(), unknown], ["no_ratio", "few_schools" if fences is None else "no_fences"], "")
    fall, rise = value > rows["upper_fence"], value < rows["lower_fence"]
    found = judged(rows, reason.tolist(), fall | rise)
    found = found.assign(fall=found["applicable"] & fall, rise=found["applicable"] & rise)
    found.attrs["statements"] = _remarks(found, enough, given=fences is not None)
    return found


def _with_fences(rows: pd.DataFrame, fences: pd.DataFrame) -> pd.DataFrame:
    for column in ("subject", "lower", "upper"):
        if column not in fences:
            raise MeasureError("Column {column} is missing from the fences.", column=repr(column))
    keys = ["subject", "year"] if "year" in fences else ["subject"]
    lower, upper = numbers(fences, "lower"), numbers(fences, "upper")
    if fences.duplicated(keys).any() or not (np.isfinite(lower) & (lower < upper)).all():
        raise MeasureError("Each subject has one pair of fences, the lower one below the upper one.")
    named_so = fences[keys].assign(lower_fence=lower, upper_fence=upper)
    return rows.merge(named_so, on=keys, how="left", validate="many_to_one").set_axis(rows.index)


def _remarks(found: pd.DataFrame, enough: int, *, given: bool) -> tuple[Statement, ...]:
    said = []
    few = found[found["reason"].isin(["few_schools", "no_fences"])]
    if given and len(few):
        said.append(Statement("bias_no_fences", {"subjects": named(sorted(set(few["subject"].astype(str))))}))
    elif len(few):
        said.append(Statement("bias_few_schools", {"n_schools": int(few["n_schools"].max()), "needed": int(enough)}))
    if not given and found["applicable"].any():
        least = int(found.loc[found["applicable"], "n_schools"].min())
        said.append(Statement("bias_own_fences", {"n_schools": least, "needed": int(enough)}))
    return tuple(said)
