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


def shared_in_points(shared: pd.DataFrame, profile: pd.DataFrame) -> pd.DataFrame:
    """Return what schools share as a share of points: the mean over the schools that have a residual.

    Parameters
    ----------
    shared : DataFrame
        From `shared`: unit, target, residual, lower, upper (means over schools, logits).
    profile : DataFrame
        From `profiles`: the rows behind it.

    Returns
    -------
    DataFrame
        ``shared`` with the means of ``facility`` and ``expected``, and the columns of `in_points`.

    Examples
    --------
    >>> rows = pd.DataFrame({"unit": "u", "target": "t", "residual": [-0.5, -0.3], "facility": [0.4, 0.6],
    ...                      "expected": [0.5, 0.7]})
    >>> mean = pd.DataFrame({"unit": ["u"], "target": "t", "residual": -0.4, "lower": -0.6, "upper": -0.2})
    >>> shared_in_points(mean, rows)[["apart", "apart_lower", "apart_upper"]].round(3).to_numpy().tolist()
    [[-0.1, -0.15, -0.05]]
    """
    need(profile, ("unit", "target", "facility", "expected", "residual"), "profile")
    known = profile.dropna(subset="residual").astype({"facility": "float64", "expected": "float64"})
    means = known.groupby(["unit", "target"], as_index=False)[["facility", "expected"]].mean()
    return in_points(shared.merge(means, on=["unit", "target"], how="left"))
