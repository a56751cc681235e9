"""Pupils and tasks on one scale: the data of a Wright map."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.irt.calibration import Calibration
from oko.measures.irt.categories import from_adjacent
from oko.measures.responses import Floats
from oko.measures.statement import Statement

_HALVINGS = 80


@dataclass(frozen=True)
class WrightMap:
    """Pupils and tasks on the scale of ability.

    Attributes
    ----------
    persons : DataFrame
        ``lower``, ``upper``, ``n``: pupils with an ability in each bin; the last bin holds its upper end.
    items : DataFrame
        ``item``, ``step`` (from 1), ``points`` that it gives, ``threshold``: the ability at which these points or more
        are as likely as fewer. From the easiest up; NaN for an item without discrimination, at the end.
    lower, upper : float
        Common range of pupils and thresholds.
    share_above, share_below : float
        Shares of pupils above the hardest and below the easiest threshold, where the tasks tell little of them.
    n : float
        Pupils with an ability.
    statements : tuple of Statement
    """

    persons: pd.DataFrame
    items: pd.DataFrame
    lower: float
    upper: float
    share_above: float
    share_below: float
    n: float
    statements: tuple[Statement, ...]


def wright_map(
    calibration: Calibration, ability: Floats, weights: Floats | None = None, bins: int | Floats = 30
) -> WrightMap:
    """Return the data of a Wright map.

    Parameters
    ----------
    calibration : Calibration
    ability : ndarray of shape (pupils,)
        In logits; pupils without one, NaN, are left out.
    weights : ndarray of shape (pupils,), optional
        How many pupils each stands for.
    bins : int or ndarray of ascending edges, default 30

    Returns
    -------
    WrightMap

    Raises
    ------
    MeasureError
        Weights do not fit the abilities, or there are no bins.

    Examples
    --------
    >>> from oko.measures.irt.calibration import read_calibration
    >>> items = pd.DataFrame({"discrimination": [1.0, 1.0], "difficulty": [-1.0, 0.5]}, index=["1", "2"])
    >>> known = read_calibration(items)
    >>> drawn = wright_map(known, np.array([-2.0, 0.0, 0.2, 1.0]), bins=3)
    >>> drawn.items["threshold"].tolist(), drawn.persons["n"].tolist(), drawn.share_above, drawn.share_below
    ([-1.0, 0.5], [1.0, 0.0, 3.0], 0.25, 0.25)
    """
    counted = np.ones(len(ability)) if weights is None else np.asarray(weights, dtype=np.float64)
    if counted.shape != np.shape(ability):
        raise MeasureError("{found} weights were given for {rows} abilities.", found=len(counted), rows=len(ability))
    there = np.isfinite(ability) & (counted > 0)
    ability, counted = ability[there], counted[there]
    items = _thresholds(calibration)
    thresholds = items["threshold"].dropna().to_numpy()
    n = float(counted.sum())
    if len(thresholds) and n:
        above = float(counted[ability > thresholds[-1]].sum()) / n
        below = float(counted[ability < thresholds[0]].sum()) / n
        said = [Statement("irt_wright_range", {"above": above, "below": below})] if above + below else []
    else:
        above = below = np.nan
        said = [Statement("irt_wright_empty", {})]
    span = np.concatenate([ability, thresholds])
    lower, upper = (float(span.min()), float(span.max())) if len(span) else (np.nan, np.nan)
    return WrightMap(_histogram(ability, counted, bins), items, lower, upper, above, below, n, tuple(said))


def _histogram(ability: Floats, weights: Floats, bins: int | Floats) -> pd.DataFrame:
    edges = np.asarray(bins, dtype=np.float64)
    wrong = edges < 1 if edges.ndim == 0 else len(edges) < 2 or not (np.diff(edges) > 0).all()
    if wrong:
        raise MeasureError("These are no bins: give their number, 1 or more, or ascending edges.")
    if len(ability) == 0 and edges.ndim == 0:
        return pd.DataFrame({"lower": [], "upper": [], "n": []}, dtype=np.float64)
    n, ends = np.histogram(ability, bins=bins if edges.ndim else int(edges), weights=weights)
    return pd.DataFrame({"lower": ends[:-1], "upper": ends[1:], "n": n.astype(np.float64)})


def _thresholds(calibration: Calibration) -> pd.DataFrame:
    found = thurstonian(calibration)
    item, step = np.nonzero(np.isfinite(calibration.steps))
    points = [float(calibration.levels[at][k + 1]) for at, k in zip(item, step, strict=True)]
    table = pd.DataFrame(
        {"item": calibration.items[item], "step": step + 1, "points": points, "threshold": found[item, step]}
    )
    return table.sort_values("threshold", kind="stable", ignore_index=True)


def thurstonian(calibration: Calibration) -> Floats:
    r"""Return the ability at which each step or a higher one is reached with probability one half.

    Returns
    -------
    ndarray of shape (items, steps)
        NaN behind an item's last step, and where its discrimination is 0.

    Notes
    -----
    The root of :math:`P(X \ge k) = 1/2`, ascending in k even where steps cross in reverse order (Masters 1982,
    Psychometrika 47, 149–174); for a right/wrong item its difficulty. Found by bisection of :math:`a\theta`.

    Examples
    --------
    >>> from oko.measures.irt.calibration import read_calibration
    >>> known = read_calibration(pd.DataFrame({"discrimination": [1.0], "step_1": [1.0], "step_2": [-1.0]}))
    >>> thurstonian(known).round(3).tolist()
    [[-0.183, 0.183]]
    """
    slopes, steps = calibration.discrimination[:, None], calibration.steps
    turns = slopes * steps
    known = np.isfinite(turns) & (slopes != 0)
    margin = np.log(steps.shape[1] + 1.0) + 1.0
    low = np.broadcast_to(np.nanmin(np.where(known, turns, np.inf), axis=1, initial=np.inf)[:, None], steps.shape)
    high = np.broadcast_to(np.nanmax(np.where(known, turns, -np.inf), axis=1, initial=-np.inf)[:, None], steps.shape)
    low, high = np.where(known, low - margin, 0.0), np.where(known, high + margin, 0.0)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        probabilities = from_adjacent(middle[:, :, None] - turns[:, None, :])
        reached = np.cumsum(probabilities[..., ::-1], axis=-1)[..., ::-1][..., 1:]
        over = np.einsum("jkk->jk", reached) > 0.5
        low, high = np.where(over, low, middle), np.where(over, middle, high)
    single = np.isfinite(steps).sum(axis=1, keepdims=True) == 1
    return np.where(known, np.where(single, steps, (low + high) / 2 / np.where(known, slopes, 1.0)), np.nan)
