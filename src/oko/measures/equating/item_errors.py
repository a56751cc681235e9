"""How much a link depends on the choice of its common items: the link without each of them in turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from oko.measures.equating.links import Link


@dataclass(frozen=True)
class LinkErrors:
    """Standard errors of a link from the choice of common items.

    Attributes
    ----------
    slope_se, intercept_se : float
        Jackknife over common items; NaN with fewer than two that give a link each time.
    table : DataFrame, index ``item``
        ``slope``, ``intercept`` of the link without the item, ``shift`` by which an ability of 0 moves when it is left
        out.
    link : Link
        The link through all common items.
    """

    slope_se: float
    intercept_se: float
    table: pd.DataFrame
    link: Link


def link_errors(
    method: Callable[..., Link], old_items: pd.DataFrame, new_items: pd.DataFrame, **options: Any
) -> LinkErrors:
    r"""Link two calibrations without each common item in turn.

    Parameters
    ----------
    method : function
        `mean_sigma`, `mean_mean`, `haebara` or `stocking_lord`.
    old_items, new_items : DataFrame, index the items
        As for the method.
    **options
        Passed to ``method``.

    Returns
    -------
    LinkErrors

    Raises
    ------
    MeasureError
        As the method.

    Notes
    -----
    :math:`se^2 = \frac{n - 1}{n} \sum_i (A_{(i)} - \bar A_{(\cdot)})^2`, and so for B (Efron & Tibshirani 1993, An
    Introduction to the Bootstrap, chapter 11). It takes common items as drawn from many like them; the error of each
    calibration itself shows in it only as far as it scatters the items.

    Examples
    --------
    >>> from oko.measures.equating import mean_mean
    >>> old = pd.DataFrame({"discrimination": 1.0, "difficulty": [-1.0, 0.0, 1.0]}, index=["1", "2", "3"])
    >>> errors = link_errors(mean_mean, old, old.assign(difficulty=[-1.0, 0.0, 0.7]))
    >>> round(errors.link.intercept, 3), round(errors.intercept_se, 3), errors.table["shift"].round(2).tolist()
    (0.1, 0.1, [0.05, 0.05, -0.1])
    """
    whole = method(old_items, new_items, **options)
    common = list(whole.common)
    links = [method(old_items.drop(index=item), new_items, **options) for item in common] if len(common) > 1 else []
    rows = [(link.slope, link.intercept, link.intercept - whole.intercept) for link in links]
    table = pd.DataFrame(
        rows, index=pd.Index(common if links else [], name="item"), columns=["slope", "intercept", "shift"], dtype=float
    )
    n = len(table)
    known = n > 1 and bool(table.notna().all(axis=None))
    spread = np.sqrt((n - 1) / n * ((table - table.mean()) ** 2).sum()) if known else table.sum() * np.nan
    return LinkErrors(float(spread["slope"]), float(spread["intercept"]), table, whole)
