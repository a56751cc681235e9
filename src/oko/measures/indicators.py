"""Indicators of the model: a share with its error, and the smallest change that two such shares would show."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri

from oko.measures.grouping import classes, grouped
from oko.measures.intervals import bounded_interval, check_level, clustered_means


def share_by(rows: pd.DataFrame, by: Sequence[str], *, level: float = 0.95, power: float = 0.8) -> pd.DataFrame:
    r"""Return the mean share of groups with its interval by classes, and the change that could be told from chance.

    Parameters
    ----------
    rows : DataFrame, one row a pupil and a work
        The by-columns, school, class, pupil, value (0 to 1; missing rows do not count).
    by : sequence of str
    level, power : float

    Returns
    -------
    DataFrame
        The by-columns, ``n`` (pupils, each once), ``value``, ``lower``, ``upper``, ``detectable``.

    Notes
    -----
    ``detectable`` is :math:`(z_{(1+level)/2} + z_{power}) \sqrt{2} s`, s the standard error by classes: the smallest
    true difference between two independent measurements of this precision that a two-sided test would find with that
    power (Bloom 1995). The same classes measured twice would do better, other classes and forms worse.

    Examples
    --------
    >>> rows = pd.DataFrame({"year": "y", "school": "344", "class": ["7А", "7Б"] * 8, "pupil": range(16)})
    >>> found = share_by(rows.assign(value=[1.0, 1.0, 0.0, 0.0] * 4), ["year"])
    >>> found[["n", "value"]].values.tolist()
    [[16.0, 0.5]]
    """
    check_level(level)
    known = rows[rows["value"].notna()].reset_index(drop=True)
    group, keys = grouped(known, list(by)) if len(known) else (np.zeros(0, dtype=np.int64), known[list(by)])
    if known.empty:
        return keys.assign(n=pd.Series(dtype="int64"), **dict.fromkeys(("value", "lower", "upper", "detectable"), 0.0))
    values = known["value"].to_numpy(dtype=float)
    means = clustered_means(values, np.ones(len(known)), group, classes(known, group), len(keys))
    lower, upper = bounded_interval(means, 0.0, 1.0, level)
    error = np.sqrt(np.fmax(means.simple, means.clustered))
    factor = float(ndtri((1 + level) / 2) + ndtri(power)) * np.sqrt(2)
    pupils = known.groupby(group)["pupil"].nunique().to_numpy()
    told = {"n": pupils, "value": means.mean, "lower": lower, "upper": upper, "detectable": factor * error}
    return keys.assign(**told)
