"""Tasks that pupils were given and did not attempt."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.errors import MeasureError
from oko.measures.items.moments import Mask

NotAttempted: TypeAlias = pd.DataFrame | NDArray[np.bool_] | None


def read_not_attempted(not_attempted: NotAttempted, pupils: pd.Index, items: pd.Index) -> Mask | None:
    """Return the mask of tasks not attempted as an array, once it is known to be one.

    Parameters
    ----------
    not_attempted : DataFrame, array of bool of shape (pupils, items) or None
        A frame carries the index of the pupils and the names of the items, in any order of columns.
    pupils, items : Index

    Raises
    ------
    MeasureError
        The shape, the pupils or the items differ, or something other than True and False is in it.

    Examples
    --------
    >>> mask = pd.DataFrame({"2": [True, False], "1": [False, False]})
    >>> read_not_attempted(mask, pd.RangeIndex(2), pd.Index(["1", "2"])).tolist()
    [[False, True], [False, False]]
    """
    if not_attempted is None:
        return None
    if isinstance(not_attempted, pd.DataFrame):
        same = not_attempted.index.equals(pupils) and not_attempted.columns.is_unique
        if not same or set(not_attempted.columns) != set(items):
            raise MeasureError(
                "The mask of tasks not attempted has other pupils or items than the table: give one True or False for "
                "each cell."
            )
        not_attempted = not_attempted[items].to_numpy()
    mask = not_attempted if isinstance(not_attempted, np.ndarray) else np.array(not_attempted, dtype=object)
    if mask.shape != (len(pupils), len(items)):
        raise MeasureError(
            "The mask of tasks not attempted has the shape {found}, the table {wanted}: give one True or False for "
            "each cell.",
            found=mask.shape,
            wanted=(len(pupils), len(items)),
        )
    if mask.dtype != np.bool_:
        if pd.isna(mask).any() or not np.isin(mask, (0, 1)).all():
            raise MeasureError("The mask of tasks not attempted holds something other than True and False.")
        mask = mask.astype(np.bool_)
    return mask
