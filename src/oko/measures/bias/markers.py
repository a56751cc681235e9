"""The official markers together: school, work, marker, and what is an occasion for a school to look at itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.bias.cohorts import ENOUGH_SCHOOLS, cohort_ratios, sharp_change
from oko.measures.bias.journal import journal_mismatch
from oko.measures.bias.mean import high_mean
from oko.measures.bias.piles import PileUps
from oko.measures.bias.rows import FEWEST, need
from oko.measures.statement import Statement, named
from oko.measures.weights import Weights, frequency_weights

MARKERS = ("high_mean", "journal_mismatch", "sharp_fall", "sharp_rise")
_RESULTS = ["school", "assessment", "procedure", "subject", "year", "material_grade", "pupil_grade"]
_TABLE = ["marker", "school", "assessment", "subject", "grade", "year", "official", "n", "value", "lower", "upper",
          "limit", "applicable", "reason", "marked"]  # fmt: skip


@dataclass(frozen=True)
class Markers:
    """Markers of biased results of each school and work.

    Attributes
    ----------
    table : DataFrame
        One row a marker, a school and a work: ``marker``, ``school``, ``assessment``, ``subject``, ``grade`` (of the
        material), ``year``, ``official`` (the rules name this work), ``n``, ``value`` (mean, correlation or K),
        ``lower``, ``upper``, ``limit`` (what the rule compares with), ``applicable``, ``reason``, ``marked``.
    schools : DataFrame
        One row a school, official markers only: ``school``, ``n_applicable``, ``n_marked``.
    index : float
        100 − per cent of schools with a marker; NaN where the schools are few.
    statements : tuple of Statement
    """

    table: pd.DataFrame
    schools: pd.DataFrame
    index: float
    statements: tuple[Statement, ...]


def markers(
    results: pd.DataFrame,
    rules: pd.DataFrame,
    region: pd.DataFrame | None = None,
    fences: pd.DataFrame | None = None,
    ratios: pd.DataFrame | None = None,
    *,
    everywhere: bool = False,
    enough: int = ENOUGH_SCHOOLS,
    threshold: int = FEWEST,
    weights: Weights = None,
    level: float = 0.95,
) -> Markers:
    r"""Apply the official markers of biased results.

    Parameters
    ----------
    results : DataFrame, one row a pupil and an assessment
        Columns ``school``, ``assessment``, ``procedure``, ``subject``, ``year``, ``material_grade``, ``pupil_grade``,
        ``primary_score``, ``max_score``, ``journal_mark``; ``season`` and ``class`` where known.
    rules : DataFrame
        Columns ``marker``, ``procedure``, ``subject``, ``grades`` ("4" or "4;5"), ``limit``: the fourteen rules as
        ``oko.records.calendar.bias_markers`` gives them.
    region : DataFrame, optional
        ``assessment``, ``n``, ``mean``, ``sd`` of the region's primary scores; without it `high_mean` is not judged.
    fences : DataFrame, optional
        The region's fences of K (`sharp_change`).
    ratios : DataFrame, optional
        K of further schools, as `cohort_ratios` gives them, known only by their means.
    everywhere : bool, default False
        Apply the first two rules to all works, also those the official rules do not name.
    enough : int, default 50
        Schools from which fences and the index are computed; our own number.
    threshold : int, default 10
        Schools with fewer pupils in a work are not judged; our own number.
    weights : str, Series, array or None
        How many pupils a row stands for.
    level : float, default 0.95
        Confidence level of the intervals that the rules do not define.

    Returns
    -------
    Markers

    Raises
    ------
    MeasureError
        A column is missing, rules name an unknown marker, or an argument is wrong.

    Notes
    -----
    A work is official where the rules name its procedure, subject and grade, and pupils wrote on the material of their
    own grade; autumn 2020 was not so. A marker is an occasion for the school to look at itself, never a finding.

    Examples
    --------
    >>> one = {"school": "344", "assessment": "m4", "procedure": "vpr", "subject": "mathematics", "year": "2018-2019"}
    >>> pupils = pd.DataFrame({"primary_score": range(12), "journal_mark": [5, 5, 5, 4, 5, 4, 4, 4, 3, 4, 3, 3]})
    >>> pupils = pupils.assign(**one, material_grade=4, pupil_grade=4, max_score=20.0)
    >>> rule = {"marker": ["journal_mismatch"], "procedure": ["vpr"], "subject": ["mathematics"], "grades": ["4"]}
    >>> found = markers(pupils, pd.DataFrame(rule).assign(limit=0))
    >>> found.table[["marker", "school", "official", "marked"]].to_dict("records")
    [{'marker': 'journal_mismatch', 'school': '344', 'official': True, 'marked': True}]
    """
    need(results, [*_RESULTS, "primary_score", "journal_mark"])
    if ratios is not None:
        need(ratios, ["school", "subject", "year", "value"])
    named_by = _read_rules(rules)
    rows = results.assign(_pupils=frequency_weights(results, weights))
    tables: list[pd.DataFrame] = []
    said: list[Statement] = [Statement("bias_occasion")]
    for marker in ("high_mean", "journal_mismatch"):
        own = _works(rows, named_by, marker)
        own = own if everywhere else own[own["official"]]
        if not len(own):
            continue
        if marker == "high_mean":
            limit = _limit(named_by, marker, 1.96)
            one = high_mean(own, region, weights="_pupils", limit=limit, threshold=threshold)
        else:
            one = journal_mismatch(own, weights="_pupils", level=level, threshold=threshold)
        said += [each for each in one.attrs["statements"] if each not in said]
        tables.append(_described(one, own).assign(marker=marker))
    if named_by["marker"].str.startswith("sharp").any():
        changes, remarks = _changes(rows, named_by, fences, ratios, enough, level)
        tables += changes
        said += [each for each in remarks if each not in said]
    table = pd.concat(tables, ignore_index=True)[_TABLE] if tables else pd.DataFrame(columns=_TABLE)
    table = table.astype({"official": bool, "applicable": bool, "marked": bool})
    if not table["official"].any():
        said.append(Statement("bias_no_official_work"))
    schools = _by_school(table, results)
    index, remark = _index(schools, enough)
    return Markers(table, schools, index, (*said, *remark))


def _read_rules(rules: pd.DataFrame) -> pd.DataFrame:
    for column in ("marker", "procedure", "subject", "grades", "limit"):
        if column not in rules:
            raise MeasureError("Column {column} is missing from the rules of markers.", column=repr(column))
    unknown = sorted(set(rules["marker"].astype(str)) - set(MARKERS))
    if unknown:
        raise MeasureError("There is no marker {marker}: take the rules as they are stored.", marker=repr(unknown[0]))
    return rules.assign(grades=rules["grades"].astype(str).str.split(";"), marker=rules["marker"].astype(str))


def _limit(rules: pd.DataFrame, marker: str, default: float) -> float:
    own = rules.loc[rules["marker"].str.startswith(marker), "limit"].astype(float)
    return float(own.iloc[0]) if len(own) else default


def _works(results: pd.DataFrame, rules: pd.DataFrame, marker: str) -> pd.DataFrame:
    """Return the results with ``official``: whether the rules of the marker name the work."""
    own = rules[rules["marker"] == marker].explode("grades")
    wanted = set(zip(own["procedure"], own["subject"], own["grades"], strict=True))
    grade = results["material_grade"].astype("Int64").astype(str)
    there = [
        key in wanted
        for key in zip(results["procedure"].astype(str), results["subject"].astype(str), grade, strict=True)
    ]
    same = (results["material_grade"] == results["pupil_grade"]).fillna(False).to_numpy(dtype=bool)
    return results.assign(official=np.array(there, dtype=bool) & same)


def _described(found: pd.DataFrame, results: pd.DataFrame) -> pd.DataFrame:
    about = results.drop_duplicates("assessment")[["assessment", "subject", "material_grade", "year", "official"]]
    return found.merge(about, on="assessment", how="left").rename(columns={"material_grade": "grade"})


def _changes(
    results: pd.DataFrame,
    rules: pd.DataFrame,
    fences: pd.DataFrame | None,
    ratios: pd.DataFrame | None,
    enough: int,
    level: float,
) -> tuple[list[pd.DataFrame], tuple[Statement, ...]]:
    subjects = set(rules.loc[rules["marker"].str.startswith("sharp"), "subject"])
    own = cohort_ratios(results[results["subject"].isin(subjects)], weights="_pupils", level=level)
    remarks = own.attrs["statements"]
    known = set(own["school"])
    every = pd.concat([own, ratios[ratios["subject"].isin(subjects)]], ignore_index=True) if ratios is not None else own
    found = sharp_change(every, fences, factor=_limit(rules, "sharp", 3.0), enough=enough)
    remarks = (*remarks, *found.attrs["statements"])
    found = found[found["school"].isin(known)].assign(official=True, grade=4, n=lambda rows: rows["n"] + rows["n_next"])
    pairs = (("sharp_fall", "fall", "upper_fence"), ("sharp_rise", "rise", "lower_fence"))
    tables = [
        found.assign(marker=marker, marked=found[side], limit=found[fence])
        for marker, side, fence in pairs
        if len(found) and (rules["marker"] == marker).any()
    ]
    return tables, remarks


def _by_school(table: pd.DataFrame, results: pd.DataFrame) -> pd.DataFrame:
    own = table[table["official"]].groupby("school", observed=True)
    counts = own.agg(n_applicable=("applicable", "sum"), n_marked=("marked", "sum"))
    schools = pd.Index(results["school"].drop_duplicates().sort_values(), name="school")
    return counts.reindex(schools, fill_value=0).astype(int).reset_index()


def _index(schools: pd.DataFrame, enough: int) -> tuple[float, tuple[Statement, ...]]:
    judged = schools[schools["n_applicable"] > 0]
    if len(judged) < enough:
        return np.nan, (Statement("bias_no_index", {"n_schools": len(judged), "needed": int(enough)}),)
    return 100 * (1 - float((judged["n_marked"] > 0).mean())), ()


def flagged(
    found: Markers | None = None, piles: PileUps | None = None, *, without: tuple[str, ...] = ("high_mean",)
) -> pd.DataFrame:
    """Name the schools without which an effect is to be computed again.

    Parameters
    ----------
    found : Markers, optional
    piles : PileUps, optional
    without : tuple of str, default ("high_mean",)
        Markers that do not count: strong schools meet ``high_mean`` by being strong.

    Returns
    -------
    DataFrame
        One row a school: ``school``, ``markers`` (official ones that it has, joined by commas), ``pile_up`` (over all
        its works, after Holm), ``left_out``. Statements in ``.attrs["statements"]``.

    Raises
    ------
    MeasureError
        Neither is given, or there is no such marker.

    Notes
    -----
    To be fixed before outcomes are read. A school is left out to see whether the finding rests on it, not for what it
    did.

    Examples
    --------
    >>> schools = pd.DataFrame({"school": ["344", "572"], "marked": [False, True]})
    >>> flagged(piles=PileUps(schools, schools, schools, ())).query("left_out")["school"].tolist()
    ['572']
    """
    if found is None and piles is None:
        raise MeasureError("Give the markers, the pile-ups, or both.")
    wrong = sorted(set(without) - set(MARKERS))
    if wrong:
        raise MeasureError("There is no marker {marker}: take the rules as they are stored.", marker=repr(wrong[0]))
    there = found.table[found.table["official"] & found.table["marked"]] if found is not None else None
    schools = set() if found is None else set(found.schools["school"])
    schools |= set() if piles is None else set(piles.schools["school"])
    piled = set() if piles is None else set(piles.schools.loc[piles.schools["marked"], "school"])
    rows = []
    for school in sorted(schools, key=str):
        own = () if there is None else tuple(sorted(set(there.loc[there["school"] == school, "marker"])))
        out = school in piled or bool(set(own) - set(without))
        rows.append({"school": school, "markers": ", ".join(own), "pile_up": school in piled, "left_out": out})
    table = pd.DataFrame(rows, columns=["school", "markers", "pile_up", "left_out"])
    left = named(table.loc[table["left_out"].astype(bool), "school"])
    table.attrs["statements"] = (
        Statement("bias_left_out", {"schools": left}) if left else Statement("bias_none_left_out"),
    )
    return table
