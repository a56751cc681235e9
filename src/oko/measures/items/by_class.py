"""Facility of every task in every class of a school, beside the cluster's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from oko.measures.intervals import bounded_interval, clustered_means

COLUMNS = ["assessment", "item", "class", "n", "facility", "lower", "upper", "cluster_n", "cluster_facility"]


def class_facilities(responses: Mapping[str, pd.DataFrame], items: pd.DataFrame, school: str) -> pd.DataFrame:
    """Return the facility of each task by class, with its interval.

    Parameters
    ----------
    responses : Mapping of str to DataFrame
        Task scores by assessment, all schools of the cluster; index school, class, pupil; columns tasks.
    items : DataFrame
        assessment, item, max_score.
    school : str
        Code of the school; its pupils without a class are left out.

    Returns
    -------
    DataFrame
        assessment, item, class, n, facility, lower, upper (as `items.facility`, pupils of a class one by one),
        cluster_n, cluster_facility (over the pupils of the whole cluster); tasks that nobody of a class was given are
        left out.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["1"], ["7А"], range(4)], names=["school", "class", "pupil"])
    >>> most = pd.DataFrame({"assessment": ["w"], "item": ["1"], "max_score": [1.0]})
    >>> found = class_facilities({"w": pd.DataFrame({"1": [1.0, 1, 1, 0]}, index)}, most, "1")
    >>> found[["class", "n", "facility"]].values.tolist()
    [['7А', 4, 0.75]]
    """
    found = [pd.DataFrame(columns=COLUMNS)]
    for name, scores in responses.items():
        most = items[items["assessment"] == name].set_index("item")["max_score"].reindex(scores.columns)
        shares = scores / most
        own = shares[shares.index.get_level_values("school") == school]
        labels = own.index.get_level_values("class")
        if labels.notna().any():
            found.append(_work(name, shares, own[labels.notna()]))
    return pd.concat([frame for frame in found if len(frame)] or found, ignore_index=True)[COLUMNS]


def _work(name: str, shares: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    group, classes = pd.factorize(own.index.get_level_values("class"), sort=True)
    ones, rows = np.ones(len(own)), []
    for item in own.columns:
        means = clustered_means(own[item].to_numpy(dtype=float), ones, group, group, len(classes))
        lower, upper = bounded_interval(means, 0.0, 1.0)
        rows.append(
            pd.DataFrame(
                {"class": classes, "n": means.n.astype(int), "facility": means.mean, "lower": lower, "upper": upper}
            ).assign(item=item, cluster_n=int(shares[item].count()), cluster_facility=float(shares[item].mean()))
        )
    frame = pd.concat(rows, ignore_index=True).assign(assessment=name)
    return frame[frame["n"] > 0]
