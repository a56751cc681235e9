"""Many tests at once: p adjusted for their number."""

from __future__ import annotations

import numpy as np
from scipy.stats import false_discovery_control

from oko.measures.responses import Floats


def adjusted(p: Floats, adjust: str) -> Floats:
    """Return p adjusted for the number of tests; tests without a p do not count.

    Parameters
    ----------
    p : ndarray
    adjust : {"holm", "bh", "none"}
        Holm (1979) bounds the chance of any false flag; Benjamini & Hochberg (1995) the share of false ones among the
        flagged.

    Examples
    --------
    >>> adjusted(np.array([0.01, np.nan, 0.04, 0.03]), "holm").tolist()
    [0.03, nan, 0.06, 0.06]
    """
    result, known = p.copy(), ~np.isnan(p)
    if adjust == "bh" and known.any():
        result[known] = false_discovery_control(p[known], method="bh")
    elif adjust == "holm":
        order = np.argsort(p[known])
        steps = np.maximum.accumulate(p[known][order] * np.arange(len(order), 0, -1))
        result[np.flatnonzero(known)[order]] = np.minimum(steps, 1)
    return result
