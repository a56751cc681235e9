"""Differences of a profile in shares of points, for readers who do not think in logits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.measures.zones.works import need


def in_points(profile: pd.DataFrame) -> pd.DataFrame:
    r"""Return a profile with the difference from the expected as a share of points, and its interval.

    Parameters
    ----------
    profile : DataFrame
        From `profiles`: facility, expected, residual, lower, upper.

    Returns
    -------
    DataFrame
        The same with ``apart`` (facility less expected), ``apart_lower``, ``apart_upper``.

    Notes
    -----
    The interval of the residual is carried over by the slope between the two scales at this row,
    :math:`(f - e) / r`, or :math:`f (1 - f)` where the residual is nearly nothing.

    Examples
    --------
    >>> row = {"facility": 0.5, "expected": 0.6, "residual": -0.4, "lower": -0.6, "upper": -0.2}
    >>> found = in_points(pd.DataFrame([row])).round(3)
    >>> found[["apart", "apart_lower", "apart_upper"]].to_numpy().tolist()
    [[-0.1, -0.15, -0.05]]
    """
    need(profile, ("facility", "expected", "residual", "lower", "upper"), "profile")
    facility, residual = profile["facility"].astype(float), profile["residual"].astype(float)
    difference = facility - profile["expected"].astype(float)
    least = 0.02
    same_side = (residual.abs() > least) & (difference * residual > 0)
    slope = np.where(same_side, difference / residual.where(same_side, 1.0), facility * (1 - facility))
    ends = {f"apart_{end}": difference + slope * (profile[end].astype(float) - residual) for end in ("lower", "upper")}
    return profile.assign(apart=difference, **ends)
