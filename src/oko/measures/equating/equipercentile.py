"""Equipercentile equating: scores of two forms with the same percentile rank are taken as equal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import overload

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.equating.curves import RankCurve, rank_curve
from oko.measures.equating.frequencies import Frequencies, read_frequencies
from oko.measures.equating.lines import Scores, apply_to
from oko.measures.equating.random_groups import no_variance
from oko.measures.equating.smoothing import Smoothed, smooth
from oko.measures.responses import Floats
from oko.measures.statement import Statement

FEW_FOR_EQUIPERCENTILE = 1500
MOST_SCORES = 2001
Degrees = int | tuple[int, int] | None


@dataclass(frozen=True)
class EquipercentileEquating:
    """A curve from the scores of form X to the scale of form Y; call it on scores.

    Attributes
    ----------
    method : str
        ``equipercentile`` or ``chained``.
    table : DataFrame, index ``score``
        ``x_rank``, percentile rank of the score on form X (0 to 1), ``equated`` and its standard error ``se`` (NaN
        where it is not known: scores nobody reached at the ends, equated scores where nobody is, chained curves).
    distributions : dict of str to DataFrame
        ``x`` and ``y``, index ``score``: ``n`` pupils, ``fitted`` pupils (equal to n without smoothing).
    smoothing : tuple of int or None
        Degrees of the log-linear models of X and Y.
    links : tuple of (RankCurve, RankCurve)
        Percentile ranks that the curve goes through, one pair for each step.
    statements : tuple of Statement
    """

    method: str
    table: pd.DataFrame
    distributions: dict[str, pd.DataFrame]
    smoothing: tuple[int, int] | None
    links: tuple[tuple[RankCurve, RankCurve], ...]
    statements: tuple[Statement, ...]

    @overload
    def __call__(self, scores: pd.Series) -> pd.Series: ...
    @overload
    def __call__(self, scores: float) -> float: ...
    @overload
    def __call__(self, scores: Scores) -> Floats: ...
    def __call__(self, scores: float | Scores | pd.Series) -> float | Floats | pd.Series:
        """Return scores of form X on the scale of form Y; a missing score stays missing.

        Raises
        ------
        MeasureError
            A score lies outside the scale of form X by more than half a point, or is not a number.
        """
        return apply_to(self._equate, scores)

    def _equate(self, values: Floats) -> Floats:
        lowest, highest = self.links[0][0].edges[[0, -1]]
        outside = (values < lowest) | (values > highest)
        if outside.any():
            raise MeasureError(
                "Score {score} lies outside the scale of form X, {lowest} to {highest}: give the frequencies of the "
                "whole scale, with 0 for scores that nobody reached.",
                score=float(values[outside][0]), lowest=int(lowest + 0.5), highest=int(highest - 0.5),
            )  # fmt: skip
        return follow(self.links, values)


def follow(links: tuple[tuple[RankCurve, RankCurve], ...], scores: Floats) -> Floats:
    """Carry scores through pairs of percentile ranks; NaN stays NaN, and all is NaN where a curve is not known."""
    if any(np.isnan(curve.cumulative).any() for pair in links for curve in pair):
        return np.full(scores.shape, np.nan)
    known = ~np.isnan(scores)
    carried = scores[known]
    for start, end in links:
        carried = end.scores_at(start.ranks(carried))
    result = np.full(scores.shape, np.nan)
    result[known] = carried
    return result


def equipercentile(x: pd.Series, y: pd.Series, smoothing: Degrees = None) -> EquipercentileEquating:
    r"""Put form X on the scale of form Y so that percentile ranks agree.

    Parameters
    ----------
    x, y : Series
        Frequencies: index whole scores (the whole scale, reached or not), values pupils, 0 or more, may be weighted.
    smoothing : int, pair of int or None
        Degree of the log-linear models that smooth the frequencies of X and Y first (`smoothing_degrees` compares
        some).

    Returns
    -------
    EquipercentileEquating
        Callable on scores between lowest − ½ and highest + ½ of form X.

    Raises
    ------
    MeasureError
        Frequencies are wrong, a scale has more than 2,001 scores, or a degree is not a whole number from 1 up.

    Notes
    -----
    :math:`e(x) = Q^{-1}(P(x))`, P and Q percentile ranks with scores spread evenly over ±½ point (Kolen & Brennan 2004,
    Test Equating, Scaling, and Linking, chapters 2, 3); `RankCurve` has the convention for scores that nobody reached,
    said in ``equating_empty_scores``. The standard error is the delta method on the two multinomials (with smoothing:
    on the log-linear models): :math:`var\,e = [var\,P(x) + var\,Q(e)] / q(e)^2`, q the share in the cell of e; Lord
    (1982, Journal of Educational Statistics 7, 165–174) without smoothing. It is rough where
    few pupils are, and one-sided where e is near the edge of two cells; `bootstrap` is not. 1,500 pupils a form is the
    rule of thumb handed down from Kolen & Brennan (page not at hand to check).

    Examples
    --------
    >>> curve = equipercentile(pd.Series([2, 3, 2, 2, 1]), pd.Series([1, 2, 2, 3, 2]))
    >>> curve([0, 1, 2, 3, 4]).round(4).tolist()
    [0.5, 1.75, 2.8333, 3.5, 4.25]
    """
    forms = read_frequencies(x, "X"), read_frequencies(y, "Y")
    degrees = _degrees(smoothing)
    fits = tuple(presmooth(form, degree) for form, degree in zip(forms, degrees or (None, None), strict=True))
    links = ((curve_of(forms[0], fits[0]), curve_of(forms[1], fits[1])),)
    table = _table(forms, fits, links)
    said = [
        *smoothing_failed(fits, degrees),
        Statement("equating_equal_groups"),
        *one_score(forms),
        *few_for_curve(forms),
        *empty_scores(forms, degrees),
    ]
    shown = {name: distribution(form, fit) for name, form, fit in zip("xy", forms, fits, strict=True)}
    return EquipercentileEquating("equipercentile", table, shown, degrees, links, tuple(said))


def _degrees(smoothing: Degrees) -> tuple[int, int] | None:
    if smoothing is None:
        return None
    if isinstance(smoothing, (tuple, list)) and len(smoothing) != 2:
        raise MeasureError("Smoothing takes one degree, or a pair of degrees for forms X and Y.")
    first, second = smoothing if isinstance(smoothing, (tuple, list)) else (smoothing, smoothing)
    return first, second


def presmooth(form: Frequencies, degree: int | None) -> Smoothed:
    """Return the shares of a form, smoothed if a degree is given, with the root of their covariance."""
    if len(form.scores) > MOST_SCORES:
        raise MeasureError(
            "A form has {scores} scores from the lowest to the highest, and a curve takes at most {most}: count in "
            "larger units.",
            scores=len(form.scores), most=MOST_SCORES,
        )  # fmt: skip
    if degree is not None:
        return smooth(form, degree)
    shares = form.shares
    return Smoothed(shares, np.diag(np.sqrt(shares)) - np.outer(shares, np.sqrt(shares)), True)


def curve_of(form: Frequencies, fit: Smoothed) -> RankCurve:
    """Return the percentile ranks of fitted shares."""
    return rank_curve(Frequencies(form.scores, fit.shares))


def one_score(forms: tuple[Frequencies, ...]) -> tuple[Statement, ...]:
    """Say in which forms all pupils have the same score."""
    return no_variance(tuple(name for name, form in zip("XY", forms, strict=True) if (form.pupils > 0).sum() == 1))


def few_for_curve(forms: tuple[Frequencies, ...]) -> tuple[Statement, ...]:
    """Say that a form has fewer pupils than the rule of thumb asks for."""
    n = min(form.n for form in forms)
    few = n < FEW_FOR_EQUIPERCENTILE
    return (Statement("equating_few_pupils", {"n": n, "needed": FEW_FOR_EQUIPERCENTILE}),) if few else ()


def smoothing_failed(fits: tuple[Smoothed, ...], degrees: tuple[int, int] | None) -> tuple[Statement, ...]:
    """Say for which form the frequencies have no log-linear model of the degree asked for."""
    return tuple(
        Statement("equating_smoothing_failed", {"form": form, "degree": degree})
        for form, fit, degree in zip("XY", fits, degrees or (0, 0), strict=True)
        if not fit.converged
    )


def empty_scores(forms: tuple[Frequencies, ...], degrees: tuple[int, int] | None) -> tuple[Statement, ...]:
    """Say in which forms nobody reached some scores, where the curve is not smoothed."""
    if degrees is not None:
        return ()
    counts = ((form, int((frequencies.pupils == 0).sum())) for form, frequencies in zip("XY", forms, strict=True))
    return tuple(Statement("equating_empty_scores", {"form": form, "n": n}) for form, n in counts if n)


def distribution(form: Frequencies, fit: Smoothed) -> pd.DataFrame:
    """Return observed and fitted pupils at each score."""
    index = pd.Index(form.scores.astype(np.int64), name="score")
    return pd.DataFrame({"n": form.pupils, "fitted": fit.shares * form.n}, index=index)


def _table(
    forms: tuple[Frequencies, ...], fits: tuple[Smoothed, ...], links: tuple[tuple[RankCurve, RankCurve], ...]
) -> pd.DataFrame:
    index = pd.Index(forms[0].scores.astype(np.int64), name="score")
    equated = follow(links, forms[0].scores)
    x, y = links[0]
    ranks = x.ranks(forms[0].scores)
    if np.isnan(equated).all():
        return pd.DataFrame({"x_rank": ranks, "equated": equated, "se": np.nan}, index=index)
    variance = _rank_variance(x, fits[0], forms[0].n, forms[0].scores) + _rank_variance(y, fits[1], forms[1].n, equated)
    density = y.densities(equated)
    known = (density > 0) & (ranks > 0) & (ranks < 1)
    se = np.where(known, np.sqrt(variance) / np.where(known, density, 1.0), np.nan)
    return pd.DataFrame({"x_rank": ranks, "equated": equated, "se": se}, index=index)


def _rank_variance(curve: RankCurve, fit: Smoothed, n: float, scores: Floats) -> Floats:
    """Return the sampling variance of the percentile rank at each score."""
    return np.asarray(((curve.cell_shares(scores) @ fit.root) ** 2).sum(axis=1) / n)
