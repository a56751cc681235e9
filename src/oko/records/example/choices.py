"""Tasks with options of the cluster's own work, and the letters that pupils chose: they follow the points."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from oko.records.example.sitting import Sat

KEYS: Mapping[str, str] = {"4": "В", "7": "Б", "12": "А"}
"""Right option of each task with options of the metasubject work."""
WRONG: Mapping[str, Mapping[str, float]] = {
    "4": {"А": 0.55, "Б": 0.3, "Г": 0.15},
    "7": {"А": 0.25, "В": 0.6, "Г": 0.15},
    "12": {"Б": 0.5, "В": 0.47, "Г": 0.03},
}
"""How often pupils without the point choose each wrong option; the last one of task 12 attracts hardly anybody."""


def letters(sat: Sat, seed: int) -> pd.DataFrame:
    """Draw the letters that stand in the place of points.

    Parameters
    ----------
    sat : Sat
        Of the cluster's own metasubject work; other works have no tasks with options.
    seed : int
        Letters have a stream of their own: no other number of the example hangs on them.

    Returns
    -------
    DataFrame of str, pupils × tasks with options
        Empty for who was absent or did not attempt the task.
    """
    place = int(sat.pupils["place"].iloc[0])
    rng = np.random.Generator(np.random.PCG64([seed, 970 + place, *sat.wave.key]))
    made = pd.DataFrame(index=sat.points.index)
    for item, key in KEYS.items() if sat.wave.subject == "general" else ():
        wrong = rng.choice(list(WRONG[item]), len(made), p=list(WRONG[item].values()))
        chosen = np.where(sat.points[item].eq(1).fillna(False).astype(bool), key, wrong)
        there = sat.points[item].notna() & ~sat.not_attempted[item]
        made[item] = pd.Series(chosen, made.index, dtype="str").where(there, "")
    return made
