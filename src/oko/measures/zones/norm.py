"""What a school of a certain level is expected to show on each task: the norm of a profile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.errors import MeasureError
from oko.measures.responses import Floats
from oko.measures.weights import as_numbers
from oko.measures.zones.works import empirical_logit, need

FEWEST_FOR_SLOPES = 10
COLUMNS = ("assessment", "school", "item", "n", "facility")


@dataclass(frozen=True)
class Norm:
    """The expected centred logits of one work's tasks at one level.

    Attributes
    ----------
    expected : ndarray of shape (items,)
        Logits less the school's mean logit.
    slopes : ndarray of shape (items,)
        By how much the expected centred logit grows with the school's mean logit.
    influence : ndarray of shape (schools, items)
        What each school of the norm adds to the error of ``expected``.
    schools : Index of length schools
    inside : bool
        The level lies among those of the norm's schools.
    """

    expected: Floats
    slopes: Floats
    influence: Floats
    schools: pd.Index
    inside: bool


def read_reference(reference: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the logits of the norm's schools by work: work → schools × items.

    Parameters
    ----------
    reference : DataFrame
        Columns ``assessment``, ``school``, ``item``, ``n`` (pupils, above 0), ``facility`` (0 to 1).

    Raises
    ------
    MeasureError
        A column is missing, a facility is outside 0 to 1, a count is not above 0, or a task of a school stands twice.

    Examples
    --------
    >>> row = {"assessment": "w", "school": "c01", "item": "1", "n": 40, "facility": 0.5}
    >>> read_reference(pd.DataFrame([row]))["w"].loc["c01", "1"].item()
    0.0
    """
    need(reference, COLUMNS, "reference")
    n, facility = (as_numbers(reference[name], name) for name in ("n", "facility"))
    known = ~np.isnan(facility)
    if (known & ~((facility >= 0) & (facility <= 1))).any():
        raise MeasureError("A facility of the reference is outside 0 to 1: give shares, not per cents.")
    if (known & ~((n > 0) & np.isfinite(n))).any():
        raise MeasureError("A row of the reference has no number of pupils above 0: fill in n.")
    rows = reference.loc[known, ["assessment", "school", "item"]].astype(str)
    if rows.duplicated().any():
        item = rows["item"][rows.duplicated()].iloc[0]
        raise MeasureError("Item {item} of one school stands twice in the reference: leave one row.", item=repr(item))
    rows["logit"] = empirical_logit(facility[known], n[known])
    return {
        str(name): part.pivot(index="school", columns="item", values="logit")
        for name, part in rows.groupby("assessment", sort=True)
    }


def external_norm(logits: pd.DataFrame, items: pd.Index, level: float) -> Norm:
    r"""Return the norm at a level from schools outside.

    Parameters
    ----------
    logits : DataFrame, schools × items
        As of `read_reference`; schools that lack one of the items do not count.
    items : Index
    level : float
        Mean logit of these items in the school that is to be compared.

    Notes
    -----
    Across the norm's schools k the centred logit of item i is regressed on the school's mean logit,
    :math:`y_{ki} - \bar y_k = α_i + β_i (\bar y_k - \bar y)`, by least squares: tasks that discriminate more grow
    faster with the level, so that a strong school differs from an average one without any zone. Below ten schools
    β = 0. ``influence`` are the terms of the HC-type variance of the prediction, scaled by K / (K − 2).

    Examples
    --------
    >>> logits = pd.DataFrame({"1": [1.0, 2.0], "2": [0.0, 0.0]}, index=["c01", "c02"])
    >>> external_norm(logits, logits.columns, 0.5).expected.tolist()
    [0.75, -0.75]
    """
    table = logits.reindex(columns=items).dropna()
    y = table.to_numpy(dtype=float)
    k = len(y)
    if k == 0:
        nothing = np.full(len(items), np.nan)
        return Norm(nothing, np.zeros(len(items)), np.zeros((0, len(items))), table.index, inside=True)
    levels = y.mean(axis=1)
    centred = y - levels[:, None]
    away = levels - levels.mean()
    spread = float(away @ away)
    sloped = k >= FEWEST_FOR_SLOPES and spread > 1e-12 * k
    slopes: Floats = away @ centred / spread if sloped else np.zeros(len(items))
    offset = level - levels.mean() if sloped else 0.0
    left = centred - centred.mean(axis=0) - np.outer(away, slopes)
    freedom = k - 1 - int(sloped)
    pull = 1 / k + (away * offset / spread if sloped else np.zeros(k))
    influence = left * pull[:, None] * np.sqrt(k / freedom) if freedom > 0 else np.zeros_like(left)
    inside = bool(levels.min() <= level <= levels.max()) or not sloped
    return Norm(centred.mean(axis=0) + slopes * offset, slopes, influence, table.index, inside)


def own_norm(logits: NDArray[np.float64]) -> Floats:
    """Return the mean of the schools' centred logits: the norm where there is none outside."""
    centred: Floats = logits - logits.mean(axis=1, keepdims=True)
    return np.asarray(centred.mean(axis=0))
