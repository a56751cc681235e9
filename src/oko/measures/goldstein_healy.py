"""Bars of schools that may be compared by whether they overlap."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

MOST_DISTINCT = 500


def overlap_factor(se: ArrayLike, error: float = 0.05) -> float:
    r"""Return the length of Goldstein–Healy bars in standard errors: two that do not overlap differ.

    Parameters
    ----------
    se : array_like of shape (schools,)
        Standard errors, 0 or more.
    error : float, default 0.05
        Chance, for one pair of equal schools, that their bars do not overlap.

    Returns
    -------
    float
        From z/√2 (all errors equal: 1.386) to z; NaN below two schools.

    Notes
    -----
    Bars ± c·se of schools i and j are apart exactly when their difference is significant at ``error`` for
    :math:`c_{ij} = z \sqrt{s_i^2 + s_j^2} / (s_i + s_j)`; the factor is the mean over pairs (Goldstein & Healy 1995,
    JRSS A 158, 175–177; on the Exam data by ML 1.40394). It speaks of a single pair, not of all pairs at once.
    Above 500 distinct errors these are first averaged in 500 groups of equal number, which moves the factor by
    less than 1e-5.

    Examples
    --------
    >>> round(overlap_factor([0.1, 0.1, 0.1]), 4)
    1.3859
    """
    values, counts = np.unique(np.asarray(se, dtype=float), return_counts=True)
    total = int(counts.sum())
    if total < 2:
        return float("nan")
    if len(values) > MOST_DISTINCT:
        parts = np.array_split(np.repeat(values, counts), MOST_DISTINCT)
        values, counts = np.array([part.mean() for part in parts]), np.array([len(part) for part in parts])
    sums = values[:, None] + values[None, :]
    equal = np.sqrt(0.5)
    ratio = np.divide(np.hypot(values[:, None], values[None, :]), sums, out=np.full(sums.shape, equal), where=sums > 0)
    pairs = float(counts @ ratio @ counts) - float(equal) * total
    return float(ndtri(1 - error / 2)) * pairs / (total * (total - 1))
