"""Equating of total scores through item response theory: totals with the same ability are taken as equal."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from oko.errors import MeasureError
from oko.measures.equating.drift import expected_scores
from oko.measures.equating.item_frames import read_items, usable
from oko.measures.responses import Floats


def true_score(old_items: pd.DataFrame, new_items: pd.DataFrame) -> pd.DataFrame:
    r"""Put total scores of a new instrument on the total scores of an old one.

    Parameters
    ----------
    old_items, new_items : DataFrame, index the items
        All items of each instrument **on one scale** (``Link.transform`` puts the new ones there): ``discrimination``;
        ``step_1``, … or ``difficulty`` alone.

    Returns
    -------
    DataFrame, index ``score`` of the new instrument
        ``ability`` at which it is the expected total (−∞ for 0, ∞ for the maximum), ``equated`` total of the old
        instrument.

    Raises
    ------
    MeasureError
        A column is missing or not numeric, an item stands twice, or an item has no slope above 0 or no step.

    Notes
    -----
    :math:`e(x) = T_{old}(T_{new}^{-1}(x))`, T the expected total (Lord 1980; Kolen & Brennan 2004, section 6.5); 0 goes
    to 0 and the maximum to the maximum. True scores are equated and observed ones put in: a convention of the method.

    Examples
    --------
    >>> items = pd.DataFrame({"discrimination": [1.0, 1.0], "difficulty": [-1.0, 1.0]}, index=["1", "2"])
    >>> true_score(items, items)["equated"].round(6).tolist()
    [0.0, 1.0, 2.0]
    """
    (old_slopes, old_steps), (new_slopes, new_steps) = _whole(old_items, "old_items"), _whole(new_items, "new_items")
    highest = int((~np.isnan(new_steps)).sum())
    inner = [_ability(new_slopes, new_steps, score) for score in range(1, highest)]
    theta = np.array([-np.inf, *inner, np.inf])
    equated = np.zeros(len(theta))
    equated[1:-1] = expected_scores(old_slopes, old_steps, theta[1:-1]).sum(axis=0)
    equated[-1] = (~np.isnan(old_steps)).sum()
    index = pd.RangeIndex(highest + 1, name="score")
    return pd.DataFrame({"ability": theta, "equated": equated}, index=index)


def _whole(items: pd.DataFrame, table: str) -> tuple[Floats, Floats]:
    slopes, steps = read_items(items, table)
    wrong = ~usable(slopes, steps)
    if len(items) == 0 or wrong.any():
        raise MeasureError(
            "Item {item} of table {table} has no slope above 0 or no step: give all its parameters or leave it out.",
            item=repr(items.index[wrong][0]) if len(items) else "–", table=table,
        )  # fmt: skip
    return slopes, steps


def _ability(slopes: Floats, steps: Floats, score: int) -> float:
    def above(theta: float) -> float:
        return float(expected_scores(slopes, steps, np.array([theta])).sum() - score)

    bound = 8.0
    while not above(-bound) < 0 < above(bound):
        bound *= 2
    return float(brentq(above, -bound, bound, xtol=1e-12))
