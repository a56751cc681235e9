"""Drift of common items: how far their parameters differ once both calibrations are on one scale."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.measures.equating.item_frames import CommonItems
from oko.measures.irt.categories import category_probabilities
from oko.measures.responses import Floats

_GRID = np.linspace(-4.0, 4.0, 81)


def drift_table(common: CommonItems, slope: float, intercept: float, limit: float) -> pd.DataFrame:
    """Compare the parameters of common items on the old scale.

    Parameters
    ----------
    common : CommonItems
    slope, intercept : float
        The link; NaN gives NaN and no item moved.
    limit : float
        Difference of difficulties in logits above which an item counts as moved.

    Returns
    -------
    DataFrame, index ``item``
        The columns of ``Link.drift``.
    """
    new_slopes, new_steps = common.new_slopes / slope, slope * common.new_steps + intercept
    frame = pd.DataFrame(
        {
            "discrimination_old": common.old_slopes,
            "discrimination_new": new_slopes,
            "difficulty_old": _mean_step(common.old_steps),
            "difficulty_new": _mean_step(new_steps) if np.isfinite(slope) else np.nan,
        },
        index=common.items,
    )
    difference = frame["difficulty_new"] - frame["difficulty_old"]
    return frame.assign(
        difference=difference,
        ratio=frame["discrimination_new"] / frame["discrimination_old"],
        area=_distance(common, new_slopes, new_steps) if np.isfinite(slope) else np.nan,
        moved=difference.abs() > limit,
    )


def _mean_step(steps: Floats) -> Floats:
    there = ~np.isnan(steps)
    return np.asarray(np.where(there, steps, 0.0).sum(axis=1) / np.maximum(there.sum(axis=1), 1))


def _distance(common: CommonItems, new_slopes: Floats, new_steps: Floats) -> Floats:
    highest = (~np.isnan(common.old_steps)).sum(axis=1)
    old = expected_scores(common.old_slopes, common.old_steps, _GRID)
    new = expected_scores(new_slopes, new_steps, _GRID)
    return np.asarray(np.abs(new - old).mean(axis=1) / highest)


def expected_scores(slopes: Floats, steps: Floats, theta: Floats) -> Floats:
    """Return the expected score of each item at each ability (items × abilities)."""
    probabilities = category_probabilities(slopes, steps, theta)
    return np.asarray(probabilities @ np.arange(probabilities.shape[-1], dtype=np.float64))
