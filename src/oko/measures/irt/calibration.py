"""Item parameters on the scale of ability, as numbers and as the frame that outsiders read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.irt.categories import category_probabilities
from oko.measures.responses import Floats
from oko.measures.weights import as_numbers


@dataclass(frozen=True)
class Calibration:
    """Items with known parameters, and the variance of ability in the population they are known for.

    Attributes
    ----------
    items : Index of length items
    discrimination : ndarray of shape (items,)
    steps : ndarray of shape (items, steps)
        NaN behind an item's last step.
    levels : tuple of ndarray
        Points of each category of each item, ascending; one more than the item has steps.
    variance : float
        Of ability, whose mean is 0.
    """

    items: pd.Index
    discrimination: Floats
    steps: Floats
    levels: tuple[Floats, ...]
    variance: float

    def probabilities(self, theta: Floats) -> Floats:
        """Return the category probabilities, shape (items, abilities, steps + 1)."""
        return category_probabilities(self.discrimination, self.steps, theta)

    def take(self, places: Floats | list[int]) -> Calibration:
        """Return the items at these places alone."""
        chosen = np.asarray(places, dtype=np.int64)
        return Calibration(
            self.items.take(chosen), self.discrimination[chosen], self.steps[chosen],
            tuple(self.levels[place] for place in chosen), self.variance,
        )  # fmt: skip


def is_positive(value: object) -> bool:
    """Tell whether a value is a number above 0, and no truth value."""
    return isinstance(value, Real) and not isinstance(value, bool) and 0 < float(value) < np.inf


def step_columns(items: pd.DataFrame) -> list[str]:
    """Return the columns of steps in their order: step_1, step_2, …; none where the frame has difficulties only."""
    found = [name for name in items.columns if isinstance(name, str) and re.fullmatch("step_[0-9]+", name)]
    return sorted(found, key=lambda name: int(name[5:]))


def check_columns(items: object) -> None:
    """Raise where item parameters are no table, or a column of theirs stands twice."""
    if not isinstance(items, pd.DataFrame):
        raise MeasureError("The item parameters are not a table: give a frame of items × parameters.")
    if not items.columns.is_unique:
        twice = items.columns[items.columns.duplicated()][0]
        raise MeasureError("Column {column} stands twice in the item parameters: keep one.", column=repr(twice))


def read_calibration(items: pd.DataFrame, variance: float = 1.0) -> Calibration:
    """Return the parameters that a frame of items holds; items without parameters are left out.

    Parameters
    ----------
    items : DataFrame, index item
        ``discrimination`` and ``step_1``, ``step_2`` … (absolute), or ``difficulty`` alone for right/wrong items;
        ``points``, if there, names the points of the categories ("0 2"), else they are 0, 1, 2 …
    variance : float
        Of ability in the population, above 0.

    Raises
    ------
    MeasureError
        A column is missing or stands twice, an item has no usable parameters in between, its points do not
        fit its steps, or the variance is not positive.

    Examples
    --------
    >>> known = read_calibration(pd.DataFrame({"discrimination": [1.2], "difficulty": [0.3]}, index=["1"]))
    >>> known.steps.tolist(), known.levels
    ([[0.3]], (array([0., 1.]),))
    """
    if not is_positive(variance):
        raise MeasureError("The variance of ability is {variance}: give a number above 0.", variance=variance)
    check_columns(items)
    names = step_columns(items) or ["difficulty"]
    for name in ("discrimination", *names):
        if name not in items:
            raise MeasureError("Column {column} is missing from the item parameters.", column=repr(name))
    steps = np.column_stack([as_numbers(items[name], name) for name in names])
    slopes = as_numbers(items["discrimination"], "discrimination")
    known = np.flatnonzero(np.isfinite(slopes) & np.isfinite(steps).any(axis=1))
    points = items["points"] if "points" in items else pd.Series(None, index=items.index, dtype=object)
    levels = tuple(category_points(items.index[row], steps[row], points.iloc[row]) for row in known.tolist())
    return Calibration(items.index[known].rename("item"), slopes[known], steps[known], levels, float(variance))


def category_points(item: object, steps: Floats, points: object) -> Floats:
    """Return the points of an item's categories: as said ("0 2"), or 0, 1, 2 … where nothing is said."""
    there = np.isfinite(steps)
    n = int(there.sum())
    said = pd.Series(points.split() if isinstance(points, str) else np.arange(n + 1.0))
    levels = pd.to_numeric(said, errors="coerce").to_numpy(dtype=np.float64)
    if not there[:n].all() or len(levels) != n + 1 or not (np.diff(levels) > 0).all():
        raise MeasureError(
            "Item {item}: its steps and the points of its categories do not fit: give one step fewer than categories, "
            "without holes, and ascending points.",
            item=repr(item),
        )
    return levels
