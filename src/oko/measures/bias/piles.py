"""Pile-ups at the borders of marks: more pupils just at a border, fewer just below, than a smooth curve expects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri
from scipy.stats import norm

from oko.errors import MeasureError
from oko.measures.bias.borders import BORDERS, mark_borders, read_borders
from oko.measures.bias.rows import check_fewest, need
from oko.measures.bias.smooth import Shift, shift, smooth
from oko.measures.grouping import numbers
from oko.measures.intervals import Floats, check_level
from oko.measures.multiplicity import adjusted
from oko.measures.statement import Statement
from oko.measures.weights import Weights, frequency_weights, sum_by

FEWEST_PUPILS = 20
FEWEST_BESIDE = 5
GREATEST_SCORE = 1000
_WORKS = ["school", "assessment"]


@dataclass(frozen=True)
class PileUps:
    """Pile-ups of each school at the borders of marks.

    Attributes
    ----------
    works : DataFrame
        One row a school and an assessment: ``school``, ``assessment``, ``n``, ``beside`` (pupils at a border or just
        below), ``short`` (pupils just below), ``moved``, ``moved_lower``, ``moved_upper`` (pupils who stand at a border
        and by the curve should stand just below), ``share``, ``share_lower``, ``share_upper`` (of those who would lack
        one point, 0 to 1), ``z``, ``p`` (one-sided), ``p_adjusted`` (Holm over all rows), ``reason`` ("few_pupils",
        "few_beside", "no_border" or empty), ``marked``.
    schools : DataFrame
        One row a school over all its works: ``school``, ``n_works`` and the same; Holm over schools.
    scores : DataFrame
        For the picture: ``school``, ``assessment``, ``score``, ``n``, ``expected`` (by a curve fitted without the
        scores beside borders), ``border`` (the mark that begins here, or NaN).
    statements : tuple of Statement
    """

    works: pd.DataFrame
    schools: pd.DataFrame
    scores: pd.DataFrame
    statements: tuple[Statement, ...]


def pile_ups(
    results: pd.DataFrame,
    borders: pd.DataFrame | None = None,
    *,
    degree: int = 3,
    fewest: int = FEWEST_PUPILS,
    weights: Weights = None,
    level: float = 0.95,
) -> PileUps:
    r"""Look for pupils at the borders of marks who by a smooth distribution should stand just below.

    Parameters
    ----------
    results : DataFrame, one row a pupil and an assessment
        Columns ``school``, ``assessment``, ``primary_score`` (whole points from 0; missing for who was absent);
        ``max_score`` where known; ``mark`` where no borders are given.
    borders : DataFrame, optional
        Index or column ``assessment``, columns ``mark_3_from``, ``mark_4_from``, ``mark_5_from`` (points). Without it
        those that marks and scores show (`mark_borders`).
    degree : int, default 3
        Of the smooth curve, 1 to 8. A school's few pupils carry no more than 3 or 4; a country's need more.
    fewest : int, default 20
        Schools with fewer pupils in a work are not judged; our own number, as is 5 pupils beside borders.
    weights : str, Series, array or None
        How many pupils a row stands for.
    level : float, default 0.95
        Confidence level; a row is marked where ``p_adjusted`` is below 1 − level.

    Returns
    -------
    PileUps

    Raises
    ------
    MeasureError
        A column is missing, scores are not whole points from 0 to their maximum, or borders, degree, number, weights or
        level are wrong.

    Notes
    -----
    Rao's score test in a log-linear model (`smooth.shift`); over works scores and variances are added. ``moved`` is one
    step from no shift: score / (what the score gains by one moved pupil). Scores of a work that clump for its own
    reasons (tasks of 2 points) may look like a pile-up where a clump meets a border: compare other schools in the same
    work. A pile-up is an occasion to look how borderline works were marked, no finding; teachers who look at borderline
    works twice produce one too.

    Examples
    --------
    >>> even = [1, 2, 4, 6, 8, 10, 12, 12, 10, 8, 6, 4, 2, 1]
    >>> raised = [1, 2, 4, 6, 8, 10, 2, 22, 10, 8, 6, 4, 2, 1]
    >>> pupils = pd.DataFrame({"school": ["a"] * 14 + ["b"] * 14, "primary_score": [*range(14), *range(14)]})
    >>> pupils = pupils.assign(assessment="vpr", pupils=even + raised)
    >>> border = pd.DataFrame({"mark_3_from": [7], "mark_4_from": None, "mark_5_from": None}, index=["vpr"])
    >>> found = pile_ups(pupils, border, weights="pupils").works
    >>> found[["school", "moved", "marked"]].round(1).to_dict("records")
    [{'school': 'a', 'moved': 0.0, 'marked': False}, {'school': 'b', 'moved': 10.0, 'marked': True}]
    """
    check_level(level)
    need(results, [*_WORKS, "primary_score"])
    check_fewest(fewest)
    if not isinstance(degree, (int, np.integer)) or not 1 <= degree <= 8:
        raise MeasureError("The degree of the curve is a whole number from 1 to 8.")
    points = _borders(results, borders)
    scores = _scores(results, frequency_weights(results, weights))
    found, curves = [], []
    for (school, assessment), rows in scores.groupby(_WORKS, sort=True, observed=True):
        names: dict[str, Any] = {"school": school, "assessment": assessment}
        counts = _counts(rows)
        places = _places(points, str(assessment), len(counts))
        found.append({**names, **_one(counts, tuple(places.values()), degree, fewest)})
        curves.append(_curve(counts, places, degree).assign(**names))
    works = _tested(pd.DataFrame(found, columns=[*_WORKS, *_FOUND]), level)
    schools = _tested(_pooled(works), level)
    drawn = pd.concat(curves, ignore_index=True) if curves else pd.DataFrame(columns=_DRAWN)
    return PileUps(
        works.drop(columns=list(_PARTS)), schools.drop(columns=list(_PARTS)), drawn[_DRAWN], _remarks(works, fewest)
    )


_PARTS = ("score", "variance", "step", "error")
_FOUND = ["n", "beside", "short", "reason", "moved", *_PARTS]
_DRAWN = [*_WORKS, "score", "n", "expected", "border"]


def _borders(results: pd.DataFrame, borders: pd.DataFrame | None) -> pd.DataFrame:
    if borders is None:
        need(results, ["mark"])
        borders = mark_borders(results)
    return read_borders(borders)


def _scores(results: pd.DataFrame, pupils: Floats) -> pd.DataFrame:
    score = numbers(results, "primary_score")
    most = numbers(results, "max_score") if "max_score" in results else np.full(len(score), np.nan)
    wrong = ~np.isnan(score) & ~((score >= 0) & (score == np.round(score)) & (score <= GREATEST_SCORE))
    wrong |= score > np.where(np.isnan(most), np.inf, most)
    if wrong.any():
        raise MeasureError(
            "Primary score {score} in row {row} is not a whole number from 0 to the maximum: correct it.",
            score=float(score[wrong][0]),
            row=int(np.flatnonzero(wrong)[0]) + 1,
        )
    greatest = np.where(np.isfinite(most) & (most <= GREATEST_SCORE), most, score)
    rows = results[_WORKS].assign(score=score, n=pupils, most=greatest)[~np.isnan(score) & (pupils > 0)]
    return rows.assign(most=rows.groupby("assessment", observed=True)["most"].transform("max"))


def _places(points: pd.DataFrame, assessment: str, n_scores: int) -> dict[int, int]:
    if assessment not in points.index:
        return {}
    own = dict(zip(BORDERS, points.loc[assessment].to_numpy(dtype=float), strict=True))
    return {mark: int(border) for mark, border in own.items() if 1 <= border < n_scores}


def _counts(rows: pd.DataFrame) -> Floats:
    return sum_by(rows["score"].to_numpy(dtype=np.int64), rows["n"].to_numpy(), int(rows["most"].iloc[0]) + 1)


def _one(counts: Floats, borders: Sequence[int], degree: int, fewest: int) -> dict[str, object]:
    n = float(counts.sum())
    below = sorted({border - 1 for border in borders})
    short, beside = float(counts[below].sum()), float(counts[sorted({*below, *borders})].sum())
    reason = "few_pupils" if n < fewest else "no_border" if not borders else ""
    reason = reason or ("few_beside" if beside < FEWEST_BESIDE else "")
    seen = shift(counts, borders, degree) if not reason else Shift(0.0, 0.0, 0.0)
    if not reason and seen.variance == 0:
        reason = "few_beside"
    moved, error = (seen.score / seen.step, seen.variance**0.5 / seen.step) if not reason else (np.nan, np.nan)
    return {"n": n, "beside": beside, "short": short, "reason": reason, "moved": moved,
            "score": seen.score, "variance": seen.variance, "step": seen.step, "error": error}  # fmt: skip


def _pooled(works: pd.DataFrame) -> pd.DataFrame:
    judged = works[works["reason"] == ""].assign(error=lambda rows: rows["error"] ** 2, n_works=1)
    sums = ["n_works", "n", "beside", "short", "moved", "score", "variance", "error"]
    pooled = judged.groupby("school", observed=True)[sums].sum()
    schools = pd.Index(works["school"].drop_duplicates(), name="school")
    pooled = pooled.reindex(schools).fillna({"n_works": 0, "n": 0, "beside": 0, "short": 0})
    pooled = pooled.assign(error=np.sqrt(pooled["error"]), step=1.0, n_works=pooled["n_works"].astype(int))
    pooled["reason"] = np.where(pooled["n_works"] > 0, "", "few_pupils")
    return pooled.reset_index()


def _tested(rows: pd.DataFrame, level: float) -> pd.DataFrame:
    known = (rows["reason"] == "").to_numpy(dtype=bool)
    score, variance, moved, error = (
        rows[name].to_numpy(dtype=float) for name in ("score", "variance", "moved", "error")
    )
    z = np.where(known, score / np.sqrt(np.where(known, variance, 1.0)), np.nan)
    half = float(ndtri((1 + level) / 2)) * error
    p = norm.sf(z)
    found = {"moved": moved, "moved_lower": moved - half, "moved_upper": moved + half}
    short = rows["short"].to_numpy(dtype=float)
    found |= {name.replace("moved", "share"): _share(each, short) for name, each in list(found.items())}
    by_holm = adjusted(p, "holm")
    rows = rows.drop(columns=["moved", "reason"]).assign(**found, z=z, p=p, p_adjusted=by_holm, reason=rows["reason"])
    return rows.assign(marked=by_holm < 1 - level)


def _share(moved: Floats, short: Floats) -> Floats:
    """Return the moved as a share of those who would lack one point: the moved and those who still do."""
    there = np.maximum(moved, 0.0)
    total = there + short
    return np.where(np.isnan(moved), np.nan, there / np.where(total > 0, total, 1.0))


def _curve(counts: Floats, borders: dict[int, int], degree: int) -> pd.DataFrame:
    beside = {place for border in borders.values() for place in (border - 1, border)}
    free = np.array([place not in beside for place in range(len(counts))])
    fit = smooth(counts, degree, free if free.sum() > degree + 1 and counts[free].sum() > 0 else None)
    marks = {border: float(mark) for mark, border in borders.items()}
    starts = [marks.get(place, np.nan) for place in range(len(counts))]
    return pd.DataFrame({"score": np.arange(len(counts)), "n": counts, "expected": fit, "border": starts})


def _remarks(works: pd.DataFrame, fewest: int) -> tuple[Statement, ...]:
    said = []
    judged = int((works["reason"] == "").sum())
    if not judged:
        return (Statement("bias_no_piles", {"needed": int(fewest)}),)
    said.append(Statement("bias_piles_tested", {"n_tests": judged, "n_marked": int(works["marked"].sum())}))
    left = int((works["reason"] != "").sum())
    if left:
        said.append(Statement("bias_piles_not_judged", {"n_groups": left, "of": len(works), "needed": int(fewest)}))
    said.append(Statement("bias_clumps"))
    return tuple(said)
