"""Points on an item by matching score and group: what a figure of differential functioning shows."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.measures.dif.pupils import Groups, read_pupils
from oko.measures.dif.strata import tables
from oko.measures.weights import Weights


def empirical_curves(
    scores: pd.DataFrame,
    group: Groups,
    *,
    focal: object = None,
    weights: Weights = None,
    max_scores: pd.Series | None = None,
) -> pd.DataFrame:
    r"""Return the mean points on each item of pupils with the same score, for both groups.

    Parameters
    ----------
    scores, group, focal, weights, max_scores
        As in `mantel_haenszel`.

    Returns
    -------
    DataFrame
        One row an item, a matching score and a group that has pupils there, in this order: ``item``; ``score``, the
        total with the item (where pupils were given different sets of items, scaled to the whole work, and all sets
        taken together); ``group`` ("reference", "focal"); ``n`` pupils; ``mean`` points; ``se`` of the mean, NaN for
        one pupil.

    Raises
    ------
    MeasureError
        Points, weights or groups are wrong; there are more than two groups.

    Examples
    --------
    >>> points = pd.DataFrame({"1": [1, 1, 0, 0], "2": [0, 0, 1, 1], "3": [1, 0, 1, 0]})
    >>> curves = empirical_curves(points, [0, 0, 1, 1])
    >>> curves.query("item == '1' and score == 1")[["group", "n", "mean"]].values.tolist()
    [['reference', 1, 1.0], ['focal', 1, 0.0]]
    """
    pupils = read_pupils(scores, group, focal, weights, max_scores)
    anchor = pupils.common if pupils.common.any() else np.ones(len(pupils.items), dtype=np.bool_)
    parts = []
    for place, table in enumerate(tables(pupils, anchor)):
        counts = table.counts.reshape(2 * len(table.score), len(table.values))
        part = {"place": place, "score": np.repeat(table.score, 2), "focal": np.tile([0, 1], len(table.score))}
        sums = {"n": counts.sum(axis=1), "first": counts @ table.values, "second": counts @ table.values**2}
        parts.append(pd.DataFrame(part | sums))
    rows = pd.concat(parts).groupby(["place", "score", "focal"]).sum().query("n > 0").reset_index()
    n, mean = rows["n"], rows["first"] / rows["n"]
    variance = (rows["second"] / n - mean**2).clip(lower=0) / (n - 1).where(n > 1)
    return pd.DataFrame(
        {
            "item": pupils.items[rows["place"]],
            "score": rows["score"],
            "group": np.where(rows["focal"] == 1, "focal", "reference"),
            "n": n.astype("int64") if np.array_equal(n, n.round()) else n,
            "mean": mean,
            "se": np.sqrt(variance),
        }
    )
