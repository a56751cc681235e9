"""What a profile is made of: tasks, or skills that several tasks ask for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.weights import as_numbers
from oko.measures.zones.works import Works, need

Weights = dict[str, pd.Series]
Targets = dict[str, dict[str, Weights]]


def items_as_targets(works: Works) -> Targets:
    """Return each item as a target of its own: assessment → item → assessment → weight 1 of the item."""
    return {
        name: {
            str(item): {name: pd.Series([1.0], [item])}
            for item in dict.fromkeys(item for work in schools.values() for item in work.items)
        }
        for name, schools in works.items()
    }


def skills_as_targets(works: Works, skills: pd.DataFrame, units: Mapping[str, str] | None) -> Targets:
    """Return the skills of each unit with the weights of their items: unit → skill → assessment → weights.

    Parameters
    ----------
    works : dict
    skills : DataFrame
        ``assessment``, ``item``, ``skill``, perhaps ``weight``. Rows of other assessments and items do not count.
    units : mapping of assessment to unit, or None

    Raises
    ------
    MeasureError
        A column is missing, a weight is not above 0, a task stands twice in a skill, or an assessment has no unit.

    Examples
    --------
    >>> frame = pd.DataFrame({"assessment": ["w"], "item": ["1"], "skill": ["reading"]})
    >>> skills_as_targets({"w": {}}, frame, {"w": "mathematics"})["mathematics"]["reading"]["w"].to_dict()
    {'1': 1.0}
    """
    need(skills, ("assessment", "item", "skill"), "skills")
    weight = as_numbers(skills["weight"], "weight") if "weight" in skills else np.ones(len(skills))
    if not ((weight > 0) & np.isfinite(weight)).all():
        raise MeasureError("A weight of the skills is not above 0: leave out tasks that do not ask for the skill.")
    rows = skills[["assessment", "item", "skill"]].astype(str).assign(weight=weight)
    if rows.duplicated(["assessment", "item", "skill"]).any():
        item = rows["item"][rows.duplicated(["assessment", "item", "skill"])].iloc[0]
        raise MeasureError("Item {item} stands twice in one skill: leave one row.", item=repr(item))
    strange = sorted(set(works) - set(map(str, units or works)))
    if strange:
        raise MeasureError("Assessment {assessment} has no unit: name one in units.", assessment=strange[0])
    unit_of = {str(name): str(unit) for name, unit in (units or dict(zip(works, works, strict=True))).items()}
    targets: Targets = {unit_of[name]: {} for name in works}
    for (skill, name), part in rows[rows["assessment"].isin(list(works))].groupby(["skill", "assessment"], sort=True):
        weights = pd.Series(part["weight"].to_numpy(), part["item"])
        targets[unit_of[str(name)]].setdefault(str(skill), {})[str(name)] = weights.rename(None).rename_axis(None)
    return targets
