"""Tasks of a whole year put together, so that a pupil's skill rests on the tasks of several works."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def over_the_year(
    points: Mapping[str, pd.DataFrame], items: pd.DataFrame, skills: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Return what `by_skill` needs, over all works at once.

    Parameters
    ----------
    points : mapping of assessment to DataFrame, pupils × items
        Index school, class, pupil; NaN where the item was not administered.
    items : DataFrame
        assessment, item, max_score.
    skills : DataFrame
        assessment, item, skill.

    Returns
    -------
    scores : DataFrame, pupils × tasks
        Index pupil; only tasks of a skill, named by assessment and item.
    matrix : DataFrame of bool, tasks × skills
    max_scores : Series
        By task.

    Examples
    --------
    >>> index = pd.MultiIndex.from_tuples([("1", "7А", "a")], names=["school", "class", "pupil"])
    >>> most = pd.DataFrame({"assessment": ["w"], "item": ["1"], "max_score": [2.0]})
    >>> asked = pd.DataFrame({"assessment": ["w"], "item": ["1"], "skill": ["charts"]})
    >>> scores, matrix, _ = over_the_year({"w": pd.DataFrame({"1": [2.0]}, index)}, most, asked)
    >>> scores.columns.tolist(), matrix.columns.tolist()
    (['w 1'], ['charts'])
    """
    known = skills[skills["assessment"].isin(list(points))]
    named = known.assign(task=known["assessment"] + " " + known["item"])
    parts = []
    for name, rows in named.groupby("assessment", sort=True):
        table = points[str(name)]
        held = [item for item in dict.fromkeys(rows["item"]) if item in table]
        parts.append(table[held].droplevel(["school", "class"]).add_prefix(f"{name} "))
    scores = pd.concat(parts, axis=1) if parts else pd.DataFrame()
    there = named[named["task"].isin(scores.columns)]
    matrix = pd.crosstab(there["task"], there["skill"]).gt(0).reindex(scores.columns)
    keyed = items.assign(task=items["assessment"] + " " + items["item"]).set_index("task")["max_score"]
    return scores, matrix, keyed.reindex(scores.columns)
