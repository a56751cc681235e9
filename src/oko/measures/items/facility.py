"""Items of an assessment: how much of what could be earned on each task was earned."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.intervals import Floats, bounded_interval, check_level, clustered_means
from oko.measures.responses import maxima, read_responses
from oko.measures.weights import Codes, Weights, frequency_weights


def facility(
    scores: pd.DataFrame,
    max_scores: pd.Series,
    weights: Weights = None,
    clusters: pd.Series | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Return the facility of each item: the share of its points that pupils earned.

    Parameters
    ----------
    scores : DataFrame, pupils × items
        Points from 0 to the item's maximum; NaN where the item was not administered.
    max_scores : Series
        Greatest points of each item; its index holds the items.
    weights : str, Series, array or None
        How many pupils a row stands for; not the name of an item.
    clusters : Series, optional
        Class of each pupil, on the index of ``scores``; pupils without one form a cluster together.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame, index ``item``
        ``n`` pupils it was administered to; ``facility`` (0 to 1), ``lower``, ``upper``; ``share_full``, ``share_zero``
        (shares of pupils with all points, with none). An item that nobody met has n = 0 and NaN.

    Raises
    ------
    MeasureError
        An item has no maximum, the maximum is not positive, points are outside 0 to the maximum or not numbers, or
        weights, clusters or level are wrong.

    Notes
    -----
    Facility is :math:`\sum_i w_i x_i / (m \sum_i w_i)`, m the maximum. Its interval is a t interval of the mean of
    x / m on n − 1 degrees of freedom, with clusters the linearised one on clusters − 1 (never the narrower of the two),
    cut at 0 and 1; where all pupils have the same points, Wilson's (`intervals.bounded_interval`).

    Examples
    --------
    >>> scores = pd.DataFrame({"1": [1.0, 0, 1, 1], "2": [2.0, 1, np.nan, 0]})
    >>> facility(scores, pd.Series({"1": 1, "2": 2}))[["n", "facility", "share_full"]].round(2).to_dict("list")
    {'n': [4, 3], 'facility': [0.75, 0.5], 'share_full': [0.75, 0.33]}
    """
    check_level(level)
    pupils = frequency_weights(scores, weights)
    table = scores.drop(columns=weights) if isinstance(weights, str) else scores
    cluster = cluster_codes(scores, clusters)
    most = maxima(max_scores, table.columns)
    points = table.to_numpy(dtype=np.float64) if table.empty else read_responses(table, None, max_scores).points
    relative = points / most
    rows = [_facility(relative[:, place], pupils, cluster, level) for place in range(len(most))]
    frame = pd.DataFrame(rows, index=table.columns.rename("item"), columns=list(_COLUMNS))
    whole = np.array_equal(frame["n"], frame["n"].round())
    return frame.astype({"n": "int64"}) if whole else frame


_COLUMNS = ("n", "facility", "lower", "upper", "share_full", "share_zero")


def cluster_codes(scores: pd.DataFrame, clusters: pd.Series | None) -> Codes:
    """Return the number of each pupil's cluster; one cluster for all where there are none.

    Raises
    ------
    MeasureError
        The index of the clusters differs from that of the scores.
    """
    if clusters is None:
        return np.zeros(len(scores), dtype=np.int64)
    if not isinstance(clusters, pd.Series) or not clusters.index.equals(scores.index):
        raise MeasureError(
            "The index of the clusters differs from that of the scores: give one cluster for each pupil."
        )
    return pd.factorize(clusters, use_na_sentinel=False)[0].astype(np.int64)


def _facility(relative: Floats, pupils: Floats, cluster: Codes, level: float) -> tuple[float, ...]:
    one_group = np.zeros(len(relative), dtype=np.int64)
    mean = clustered_means(relative, pupils, one_group, cluster, 1)
    lower, upper = bounded_interval(mean, 0.0, 1.0, level)
    n = float(mean.n[0])
    full, zero = (float(pupils[relative == bound].sum()) / n if n else np.nan for bound in (1.0, 0.0))
    return n, float(mean.mean[0]), float(lower[0]), float(upper[0]), full, zero
