"""Tasks by level groups: what pupils with each mark, or of each third, do on each task."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from oko.measures.intervals import Means, bounded_interval, check_level, clustered_means
from oko.measures.responses import Floats, maxima, read_responses

LEAST = 10
THIRDS = ("low", "middle", "high")


@dataclass(frozen=True)
class LevelGroups:
    """Facility of each task in each level group.

    Attributes
    ----------
    table : DataFrame
        One row a task and a group, groups from the weakest up: ``item``, ``group``, ``n``, ``facility`` (0 to 1),
        ``lower``, ``upper``.
    anomalies : DataFrame
        Tasks that a weaker group did better than a stronger one: ``item``, ``weaker``, ``stronger``, ``difference``
        (of facilities, above 0), ``lower``, ``upper``; of the pairs of a task the one furthest apart.
    """

    table: pd.DataFrame
    anomalies: pd.DataFrame


def level_groups(
    scores: pd.DataFrame,
    max_scores: pd.Series,
    groups: pd.Series,
    order: Sequence[str],
    least: int = LEAST,
    level: float = 0.95,
) -> LevelGroups:
    r"""Return how groups of pupils of different level did each task.

    Parameters
    ----------
    scores : DataFrame, pupils × items
        Points from 0 to the item's maximum; NaN where the item was not administered.
    max_scores : Series
        Greatest points of each item.
    groups : Series of str
        Group of each pupil, in the order of the rows; missing for a pupil of none.
    order : sequence of str
        Groups from the weakest to the strongest.
    least : int, default 10
        Groups with fewer pupils on a task are not compared.
    level : float, default 0.95

    Returns
    -------
    LevelGroups

    Raises
    ------
    MeasureError
        Points or maxima are wrong, as in `facility`.

    Notes
    -----
    The interval of a difference is Welch's (1947, Biometrika 34, 28–35): variances of the two groups apart. Pupils of a
    class are taken for independent, since groups cut across classes. Groups by mark are made from the very points that
    are compared, so an anomaly is rarer than chance alone would make it.

    Examples
    --------
    >>> scores = pd.DataFrame({"1": [0.0] * 12 + [1.0] * 12, "2": [1.0] * 11 + [0.0] * 12 + [1.0]})
    >>> most, marks = pd.Series({"1": 1, "2": 1}), pd.Series(["3"] * 12 + ["4"] * 12)
    >>> found = level_groups(scores, most, marks, ["3", "4"])
    >>> found.anomalies[["item", "weaker", "stronger"]].values.tolist()
    [['2', '3', '4']]
    """
    check_level(level)
    most = maxima(max_scores, scores.columns)
    points = read_responses(scores, None, max_scores).points / most if len(scores) else np.zeros(scores.shape)
    code = pd.Categorical(groups.astype("str"), categories=list(order)).codes.astype(np.int64)
    there = code >= 0
    points, code = points[there], code[there]
    n_items, n_groups = points.shape[1], len(order)
    cells = (np.arange(n_items)[None, :] * n_groups + code[:, None]).ravel()
    values = points.ravel()
    means = clustered_means(values, np.ones(len(values)), cells, cells, n_items * n_groups)
    lower, upper = bounded_interval(means, 0.0, 1.0, level)
    table = pd.DataFrame({
        "item": np.repeat(np.asarray(scores.columns, dtype=object), n_groups),
        "group": np.tile(np.asarray(order, dtype=object), n_items),
        "n": means.n.astype(np.int64), "facility": means.mean, "lower": lower, "upper": upper,
    })  # fmt: skip
    return LevelGroups(table.astype({"item": "str", "group": "str"}), _anomalies(table, means, n_groups, least, level))


def _anomalies(table: pd.DataFrame, means: Means, n_groups: int, least: int, level: float) -> pd.DataFrame:
    shape = (len(table) // n_groups if n_groups else 0, n_groups)
    n, mean, variance = (values.reshape(shape) for values in (means.n, means.mean, np.nan_to_num(means.simple)))
    found = []
    for low, high in combinations(range(n_groups), 2):
        over = mean[:, low] - mean[:, high]
        for item in np.flatnonzero((over > 0) & (n[:, low] >= least) & (n[:, high] >= least)):
            half = _half(variance[item, [low, high]], n[item, [low, high]], level)
            first = table.iloc[item * n_groups]
            ends = [over[item], over[item] - half, over[item] + half]
            found.append([str(first["item"]), *table["group"].iloc[[low, high]], *ends])
    columns = ["item", "weaker", "stronger", "difference", "lower", "upper"]
    rows = pd.DataFrame(found, columns=columns).astype(dict.fromkeys(columns[3:], "float64"))
    furthest = rows.sort_values("difference", ascending=False, kind="stable").drop_duplicates("item")
    return furthest.sort_index().reset_index(drop=True)


def _half(variances: Floats, n: Floats, level: float) -> float:
    total = float(variances.sum())
    if total == 0:
        return 0.0
    df = total**2 / float((variances**2 / (n - 1)).sum())
    return float(stdtrit(df, (1 + level) / 2) * np.sqrt(total))


def thirds(scores: pd.Series) -> pd.Series:
    """Return the third that each score belongs to: "low", "middle" or "high"; equal scores are never parted.

    Examples
    --------
    >>> thirds(pd.Series([1.0, 2, 3, 4, 5, 6])).tolist()
    ['low', 'low', 'middle', 'middle', 'high', 'high']
    """
    place = (scores.rank(method="average") - 0.5) / max(int(scores.notna().sum()), 1)
    names = np.select([place < 1 / 3, place < 2 / 3, place.notna()], THIRDS, "")
    return pd.Series(names, scores.index).where(scores.notna())
