"""Equating of total scores through item response theory: totals with the same ability are taken as equal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import brentq

from oko.errors import MeasureError
from oko.measures.equating.item_frames import read_items, usable
from oko.measures.irt.calibration import Calibration, read_calibration
from oko.measures.responses import Floats


def true_score(old_items: pd.DataFrame, new_items: pd.DataFrame) -> pd.DataFrame:
    r"""Put total scores of a new instrument on the total scores of an old one.

    Parameters
    ----------
    old_items, new_items : DataFrame, index the items
        All items of each instrument **on one scale** (``Link.transform`` puts the new ones there): ``discrimination``;
        ``step_1``, … or ``difficulty`` alone; ``points`` of the categories ("0 2"), if they are not 0, 1, 2, ….

    Returns
    -------
    DataFrame, index ``score`` of the new instrument
        Every whole total from the lowest to the highest: ``ability`` at which it is the expected total (−∞ for the
        lowest, ∞ for the highest), ``equated`` total of the old instrument.

    Raises
    ------
    MeasureError
        A column is missing or not numeric, an item stands twice, an item has no slope above 0 or no step, its
        points do not fit its steps, or points of the new instrument are not whole numbers.

    Notes
    -----
    :math:`e(x) = T_{old}(T_{new}^{-1}(x))`, T the expected total (Lord 1980; Kolen & Brennan 2004, section 6.5); the
    lowest total goes to the lowest and the highest to the highest. True scores are equated and observed ones put in: a
    convention of the method.

    Examples
    --------
    >>> items = pd.DataFrame({"discrimination": [1.0, 1.0], "difficulty": [-1.0, 1.0]}, index=["1", "2"])
    >>> true_score(items, items)["equated"].round(6).tolist()
    [0.0, 1.0, 2.0]
    """
    old, new = _read(old_items, "old_items"), _read(new_items, "new_items")
    lowest, highest = new.ends
    for item, points in zip(new_items.index, new.points, strict=True):
        if (points != np.round(points)).any():
            raise MeasureError(
                "Item {item} of table {table} has points that are not whole numbers: count half points as whole steps "
                "first.",
                item=repr(item), table="new_items",
            )  # fmt: skip
    scores = np.arange(lowest, highest + 1)
    theta = np.array([-np.inf, *(_ability(new, score) for score in scores[1:-1]), np.inf])
    equated = np.array([old.ends[0], *old.totals(theta[1:-1]), old.ends[1]])
    return pd.DataFrame({"ability": theta, "equated": equated}, index=pd.Index(scores.astype(np.int64), name="score"))


@dataclass(frozen=True)
class _Instrument:
    """Items with the points of their categories, shape (items, categories), the last repeated to the width."""

    calibration: Calibration
    points: Floats

    @property
    def ends(self) -> tuple[float, float]:
        return float(self.points[:, 0].sum()), float(self.points[:, -1].sum())

    def totals(self, theta: Floats) -> Floats:
        """Return the expected total at each ability."""
        return np.asarray(np.einsum("jtk,jk->t", self.calibration.probabilities(theta), self.points))


def _read(items: pd.DataFrame, table: str) -> _Instrument:
    wrong = ~usable(*read_items(items, table))
    if len(items) == 0 or wrong.any():
        raise MeasureError(
            "Item {item} of table {table} has no slope above 0 or no step: give all its parameters or leave it out.",
            item=repr(items.index[wrong][0]) if len(items) else "–", table=table,
        )  # fmt: skip
    calibration = read_calibration(items)
    width = calibration.steps.shape[1] + 1
    points = [np.pad(levels, (0, width - len(levels)), mode="edge") for levels in calibration.levels]
    return _Instrument(calibration, np.array(points))


def _ability(instrument: _Instrument, score: float) -> float:
    def above(theta: float) -> float:
        return float(instrument.totals(np.array([theta]))[0] - score)

    bound = 8.0
    while not above(-bound) < 0 < above(bound):
        bound *= 2
    return float(brentq(above, -bound, bound, xtol=1e-12))
