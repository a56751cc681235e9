"""Indicators of the model: a share with its error, and the smallest change that two such shares would show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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


def by_skill_of_works(
    points: Mapping[str, pd.DataFrame], items: pd.DataFrame, skills: pd.DataFrame, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the share of points on the tasks of each skill in each work, with its interval by classes.

    Parameters
    ----------
    points : mapping of assessment to DataFrame, pupils × items
        Index school, class, pupil.
    items : DataFrame
        assessment, item, max_score.
    skills : DataFrame
        assessment, item, skill.
    by : sequence of str
        Further columns of the index: ("school",) for a row each school.

    Returns
    -------
    DataFrame
        assessment, skill, the by-columns, ``items`` (labels, joined by commas), and what `share_by` returns. Pupils
        without points on one of the tasks do not count.
    """
    told = (items[name].tolist() for name in ("assessment", "item", "max_score"))
    most = {(work, item): float(points) for work, item, points in zip(*told, strict=True)}
    rows, labels = [], {}
    for (name, skill), part in skills.groupby(["assessment", "skill"], sort=True):
        wide = points.get(str(name))
        asked = [item for item in part["item"] if wide is not None and item in wide.columns]
        if wide is None or not asked:
            continue
        could = sum(most[str(name), item] for item in asked)
        share = (wide[asked].sum(axis=1, skipna=False) / could).rename("value").reset_index()
        rows.append(share.assign(assessment=str(name), skill=str(skill)))
        labels[str(name), str(skill)] = ", ".join(asked)
    keys = ["assessment", "skill", *by]
    columns = [*keys, "school", "class", "pupil", "value"]
    frame = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=list(dict.fromkeys(columns)))
    found = share_by(frame, keys)
    named = [labels[name, skill] for name, skill in zip(found["assessment"], found["skill"], strict=True)]
    return found.assign(items=named)
