"""Pupils who have one of two results alone: of which schools a published model would tell their scores."""

from __future__ import annotations

import pandas as pd

LEAST_SLOPE, GREATEST_SLOPE = 0.4, 1.2
"""Between which ends slopes of a later score on an earlier one lie, both in points of the work: our own choice."""
LEAST_PART = 0.2
"""Least part of what the points of few pupils can be that must stay open: as in ``oko.disclosure``."""


def telling(
    pairs: pd.DataFrame, results: pd.DataFrame, assessments: pd.DataFrame, fewest: int
) -> frozenset[tuple[str, str]]:
    """Return the schools of which a published model would tell the scores of a few pupils who have one result alone.

    Parameters
    ----------
    pairs : DataFrame
        From :func:`oko.measures.yearly.linked`.
    results, assessments : DataFrame
        Schemas ``RESULTS`` and ``ASSESSMENTS``.
    fewest : int
        Least number of pupils that may be told of.

    Returns
    -------
    frozenset of (assessment, school)

    Notes
    -----
    A residual gives back, by the model's variances, the mean residual of a school's n linked pupils; with the
    coefficients and the school's mean scores in both works that is one equation: later points less slope times earlier
    points are n (intercept + mean residual). Who has one result alone, r pupils in the later work and q in the earlier,
    have scores from 0 to the greatest, m and m′; so the points of the r are known to slope·q·m′, those of the q to
    r·m / slope. A school is told of where either, for a slope between 0.4 and 1.2, is less than a fifth of what the
    points of fewer than ``fewest`` pupils can be.

    Examples
    --------
    >>> pairs = pd.DataFrame({"assessment": "b", "school": "344", "pupil": range(12)})
    >>> works = pd.DataFrame({"assessment": ["a", "b"], "prior": [None, "a"], "max_score": 20.0})
    >>> took = [("a", pupil) for pupil in range(13)] + [("b", pupil) for pupil in range(12)]
    >>> rows = pd.DataFrame(took, columns=["assessment", "pupil"]).assign(school="344", primary_score=1.0)
    >>> sorted(telling(pairs, rows, works, 10)), sorted(telling(pairs, rows[rows["pupil"] < 12], works, 10))
    ([('b', '344')], [])
    """
    scored = results[results["primary_score"].notna()].groupby(["assessment", "school"], observed=True).size()
    works = assessments.set_index("assessment")
    priors, most = works["prior"].to_dict(), works["max_score"].astype("float64").to_dict()
    counted = pairs.groupby(["assessment", "school"], observed=True).size().rename("n").reset_index()
    found: set[tuple[str, str]] = set()
    for row in counted.to_dict("records"):
        work, school, prior = str(row["assessment"]), str(row["school"]), str(priors[row["assessment"]])
        later, earlier = (max(int(scored.get((name, school), 0)) - int(row["n"]), 0) for name in (work, prior))
        points, points_before = later * most[work], earlier * most[prior]
        of_later = 0 < later < fewest and LEAST_SLOPE * points_before < LEAST_PART * points
        of_earlier = 0 < earlier < fewest and points / GREATEST_SLOPE < LEAST_PART * points_before
        if of_later or of_earlier:
            found.add((work, school))
    return frozenset(found)
