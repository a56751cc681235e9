"""Chained equating through an anchor: form X to the anchor, the anchor to form Y."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.equating.anchor import Group, read_group, remarks
from oko.measures.equating.equipercentile import (
    EquipercentileEquating,
    curve_of,
    distribution,
    empty_scores,
    few_for_curve,
    follow,
    one_score,
    presmooth,
    smoothing_failed,
)
from oko.measures.equating.lines import LinearEquating
from oko.measures.equating.unequal_groups import Pupils, chained_line
from oko.measures.weights import Weights


def chained(
    x_total: Pupils,
    x_anchor: Pupils,
    y_total: Pupils,
    y_anchor: Pupils,
    kind: str = "linear",
    smoothing: int | None = None,
    x_weights: Weights = None,
    y_weights: Weights = None,
) -> LinearEquating | EquipercentileEquating:
    r"""Put form X on the scale of form Y through the anchor, one step in each group.

    Parameters
    ----------
    x_total, x_anchor, y_total, y_anchor : Series, array or list
        Total and anchor score of each pupil of X, of Y; pupils without one of them are left out and counted. Whole
        numbers if ``kind`` is "equipercentile"; the scales go from the lowest to the highest score given (rows of
        weight 0 count, so that a scale can be given whole).
    kind : {"linear", "equipercentile"}
    smoothing : int, optional
        Degree of the log-linear models of the totals, for "equipercentile"; those of the anchors have the same degree,
        or what their scores allow.
    x_weights, y_weights : Series, array or None
        How many pupils a row stands for.

    Returns
    -------
    LinearEquating or EquipercentileEquating
        ``se`` is NaN for "equipercentile": use `bootstrap`.

    Raises
    ------
    MeasureError
        Scores do not belong together, are not numbers or are missing altogether; the kind is unknown; or ``smoothing``
        is given for a line.

    Notes
    -----
    Kolen & Brennan (2004), sections 4.5 and 5.5: linear, :math:`e(x) = \bar y + \frac{s_y}{s_{v2}}(\bar v_1 - \bar v_2
    + \frac{s_{v1}}{s_x}(x - \bar x))`; equipercentile, :math:`Q_2^{-1}(V_2(V_1^{-1}(P_1(x))))`. No population is
    needed.

    Examples
    --------
    >>> line = chained([4, 6, 9, 12], [1, 2, 3, 5], [5, 8, 9, 13], [1, 3, 3, 5])
    >>> round(line.slope, 3), round(line.intercept, 3)
    (0.987, 0.593)
    """
    groups = read_group(x_total, x_anchor, x_weights, "X"), read_group(y_total, y_anchor, y_weights, "Y")
    if kind not in ("linear", "equipercentile"):
        raise MeasureError("Kind {kind} is unknown: choose 'linear' or 'equipercentile'.", kind=repr(kind))
    if kind == "linear" and smoothing is not None:
        raise MeasureError("A straight line takes no smoothing: leave it out, or choose kind='equipercentile'.")
    return chained_line(groups) if kind == "linear" else _curve(groups, smoothing)


def _curve(groups: tuple[Group, Group], smoothing: int | None) -> EquipercentileEquating:
    scale = np.array([f(g.anchor) for g in groups for f in (np.min, np.max)])
    totals = groups[0].totals(), groups[1].totals()
    anchors = groups[0].anchors(scale), groups[1].anchors(scale)
    total_fits = [presmooth(form, smoothing) for form in totals]
    most = None if smoothing is None else min(smoothing, len(anchors[0].scores) - 2)
    anchor_fits = [presmooth(form, most or None) for form in anchors]
    curves = [curve_of(form, fit) for form, fit in zip((*totals, *anchors), (*total_fits, *anchor_fits), strict=True)]
    links = ((curves[0], curves[2]), (curves[3], curves[1]))
    scores = totals[0].scores
    index = pd.Index(scores.astype(np.int64), name="score")
    table = pd.DataFrame(
        {"x_rank": curves[0].ranks(scores), "equated": follow(links, scores), "se": np.nan}, index=index
    )
    degrees = None if smoothing is None else (smoothing, smoothing)
    shown = {name: distribution(form, fit) for name, form, fit in zip("xy", totals, total_fits, strict=True)}
    fits = tuple(anchor if total.converged else total for total, anchor in zip(total_fits, anchor_fits, strict=True))
    said = (
        *smoothing_failed(fits, degrees),
        *remarks(groups, False),
        *one_score(totals),
        *few_for_curve(totals),
        *empty_scores(totals, degrees),
    )
    return EquipercentileEquating("chained", table, shown, degrees, links, said)
