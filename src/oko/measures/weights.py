"""Frequency weights: one row that stands for many pupils."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.errors import MeasureError

Codes: TypeAlias = NDArray[np.int64]
Weights: TypeAlias = str | pd.Series | Sequence[float] | NDArray[np.float64] | None


def frequency_weights(data: pd.DataFrame, weights: Weights) -> NDArray[np.float64]:
    """Return how many pupils each row stands for.

    Parameters
    ----------
    data : DataFrame, one row a pupil or a group of equal pupils
    weights : str, Series, array of length ``len(data)`` or None
        Name of a column, or the numbers themselves, 0 or more; a Series must carry the index of ``data``.
        None stands for one pupil a row.

    Returns
    -------
    ndarray of shape (rows,)

    Raises
    ------
    MeasureError
        The column is missing, the length or index differs, or a weight is negative, missing or infinite.

    Examples
    --------
    >>> frequency_weights(pd.DataFrame({"pupils": [3, 1]}), "pupils")
    array([3., 1.])
    """
    if weights is None:
        return np.ones(len(data))
    if isinstance(weights, str):
        if weights not in data:
            raise MeasureError("Column of weights {column} is missing from the data.", column=repr(weights))
        weights = data[weights]
    if isinstance(weights, pd.Series) and not weights.index.equals(data.index):
        raise MeasureError("The index of the weights differs from that of the data: give one weight for each row.")
    if np.ndim(weights) != 1:
        raise MeasureError("The weights are no row of numbers: give one weight for each row.")
    numbers = as_numbers(pd.Series(weights), "weights")
    if len(numbers) != len(data):
        raise MeasureError(
            "{found} weights were given for {rows} rows: give one for each row.", found=len(numbers), rows=len(data)
        )
    wrong = ~(np.isfinite(numbers) & (numbers >= 0))
    if wrong.any():
        raise MeasureError(
            "Weight {value} in row {row} is not a number of pupils: give 0 or more.",
            value=float(numbers[wrong][0]),
            row=int(np.flatnonzero(wrong)[0]) + 1,
        )
    return numbers


def as_numbers(values: pd.Series, name: str) -> NDArray[np.float64]:
    """Return a column as floating-point numbers, missing ones as NaN.

    Raises
    ------
    MeasureError
        The column holds something other than numbers.

    Examples
    --------
    >>> as_numbers(pd.Series([1, None], dtype="Int64"), "mark")
    array([ 1., nan])
    """
    if isinstance(values.dtype, pd.CategoricalDtype) or not _is_real(values):
        raise MeasureError(
            "Column {column} is not numeric ({kind}): code its categories as columns of 0 and 1 first.",
            column=repr(name),
            kind=str(values.dtype),
        )
    return values.to_numpy(dtype=np.float64, na_value=np.nan)


def _is_real(values: pd.Series) -> bool:
    if pd.api.types.is_numeric_dtype(values):
        return not pd.api.types.is_complex_dtype(values)
    kinds = set(map(type, values)) - {type(None), type(pd.NA)} if values.dtype == object else {object}
    return len(values) > 0 and all(issubclass(kind, (Real, np.bool_)) for kind in kinds)


def sum_by(codes: Codes, values: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Return the sums of values that share a code from 0 to n − 1.

    Examples
    --------
    >>> sum_by(np.array([0, 1, 0]), np.array([1.0, 2.0, 3.0]), 3)
    array([4., 2., 0.])
    """
    return np.bincount(codes, values, n).astype(np.float64)


def as_codes(values: pd.Series) -> tuple[Codes, pd.Index]:
    """Return each row's number among the distinct values in sorted order; −1 where the value is missing.

    Examples
    --------
    >>> codes, labels = as_codes(pd.Series(["b", "a", None, "b"]))
    >>> codes.tolist(), labels.tolist()
    ([1, 0, -1, 1], ['a', 'b'])
    """
    codes, labels = pd.factorize(values, sort=not isinstance(values.dtype, pd.CategoricalDtype))
    return codes.astype(np.int64), pd.Index(labels)
