"""Whether tasks work alike for two groups of pupils, over all sittings of an instrument."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from oko.measures import dif
from oko.measures.statement import Statement

FEWEST_COMPARED = 50
"""Least number of pupils in each of two groups whose tasks are compared: our own choice, the ETS asks for 200."""
_Z = 1.959963984540054
_NUMBERS = ("effect", "effect_lower", "effect_upper", "p", "p_adjusted")
_WORDS = ("ets_class", "harder_for", "found")


def of_pupils(points: pd.DataFrame, results: pd.DataFrame, column: str) -> tuple[pd.DataFrame, pd.Series]:
    """Return the points of the pupils that a table of results holds, and what its column says of each.

    Parameters
    ----------
    points : DataFrame, index school, class, pupil
    results : DataFrame
        school, class, pupil and the column.
    column : str
    """
    keys = ["school", "class", "pupil"]
    known = results.drop_duplicates(keys).set_index(keys)[column]
    there = points[points.index.isin(known.index)]
    return there, known.reindex(there.index)


def of_school(points: pd.DataFrame, by_school: pd.Series) -> pd.Series:
    """Return what a table by school says of each pupil's school.

    Parameters
    ----------
    points : DataFrame, index with a level school
    by_school : Series, index school
    """
    schools = points.index.get_level_values("school")
    return pd.Series(by_school.reindex(schools).to_numpy(), index=points.index)


def compare(
    sittings: Collection[tuple[pd.DataFrame, pd.Series]], focal: object, max_scores: pd.Series
) -> tuple[pd.DataFrame, tuple[Statement, ...]]:
    """Compare two groups of pupils with the same sum of points, task by task, over all sittings of an instrument.

    Parameters
    ----------
    sittings : collection of (DataFrame, Series)
        Points, pupils × items, and the group of each pupil on the same index.
    focal : object
        Label of the group that a difference is said of.
    max_scores : Series, index items

    Returns
    -------
    DataFrame, index ``item``
        ``n``, pupils of the smaller group; ``effect`` in standard deviations of the task, focal minus the others, with
        ``effect_lower``, ``effect_upper``; ``p``, ``p_adjusted`` (Holm); ``ets_class``; ``harder_for``; ``found``:
        "large" (class C and told from chance by the adjusted p), "small" (told from chance, not class C), or "".
        Without rows where a group has fewer than ``FEWEST_COMPARED`` pupils.
    tuple of Statement

    Notes
    -----
    `dif.mantel_haenszel` with purification; the rule "class C and significant" is that by which the ETS sends a task
    back to its authors (Zieky 1993), here with p adjusted for the number of tasks.
    """
    points = [scores.reset_index(drop=True) for scores, _ in sittings if len(scores)]
    if not points:
        return _nothing(), ()
    whole = pd.concat(points, ignore_index=True)
    group = pd.concat([one.reset_index(drop=True) for scores, one in sittings if len(scores)], ignore_index=True)
    known = group.notna()
    counts = [int((group[known] == focal).sum()), int((group[known] != focal).sum())]
    if min(counts) < FEWEST_COMPARED or whole.shape[1] < 2:
        return _nothing(), ()
    found = dif.mantel_haenszel(
        whole, (group == focal).where(known), purify=True, flag_by="p_adjusted", max_scores=max_scores
    )
    spread = whole.loc[known].std().where(lambda sd: sd > 0)
    half = _Z * found["smd_se"] / spread
    effect = found["smd"] / spread
    large = found["flagged"] & (found["ets_class"] == "C")
    rows = pd.DataFrame(
        {
            "n": found[["n_reference", "n_focal"]].min(axis=1).astype("int64"),
            "effect": effect, "effect_lower": effect - half, "effect_upper": effect + half,
            "p": found["p"], "p_adjusted": found["p_adjusted"], "ets_class": found["ets_class"],
            "harder_for": found["harder_for"], "found": np.select([large, found["flagged"]], ["large", "small"], ""),
        }
    )  # fmt: skip
    return rows, tuple(found.attrs["statements"])


def _nothing() -> pd.DataFrame:
    kinds = {"n": "int64", **dict.fromkeys(_NUMBERS, "float64"), **dict.fromkeys(_WORDS, "object")}
    empty = pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})
    return empty.set_index(pd.Index([], name="item", dtype="object"))
