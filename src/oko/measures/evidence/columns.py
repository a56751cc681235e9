"""Columns of a frame, read and checked once for everything that stands around an estimate."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.intervals import Floats
from oko.measures.weights import Codes, as_codes, as_numbers


def check_columns(data: pd.DataFrame, *names: str) -> None:
    """Refuse what is no frame, or a frame without a column that is needed.

    Raises
    ------
    MeasureError
    """
    if not isinstance(data, pd.DataFrame):
        raise MeasureError("These data are no table: give a DataFrame.")
    for name in names:
        if name not in data.columns:
            raise MeasureError(
                "Column {column} is missing from the data: there are {columns}.",
                column=repr(name),
                columns=", ".join(map(str, data.columns)),
            )
        if not isinstance(data[name], pd.Series):
            raise MeasureError("Column {column} stands twice in the data: leave one.", column=repr(name))


def read_numbers(data: pd.DataFrame, name: str, least: float | None = None) -> Floats:
    """Return a column of numbers, missing ones as NaN.

    Raises
    ------
    MeasureError
        The column is missing, not numeric, infinite somewhere or below ``least``.

    Examples
    --------
    >>> read_numbers(pd.DataFrame({"n": [3, None]}), "n", 0)
    array([ 3., nan])
    """
    check_columns(data, name)
    if len(data) == 0:
        return np.empty(0)
    if data[name].isna().all():
        return np.full(len(data), np.nan)
    values = as_numbers(data[name], name)
    wrong = np.isinf(values) | (values < (-np.inf if least is None else least))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise MeasureError(
            "Column {column}, row {row}: {value} cannot stand there; correct it, or leave it empty.",
            column=repr(name),
            row=row + 1,
            value=float(values[row]),
        )
    return values


def read_flags(data: pd.DataFrame, name: str) -> Floats:
    """Return a column of 0 and 1 that has a value in every row.

    Raises
    ------
    MeasureError

    Examples
    --------
    >>> read_flags(pd.DataFrame({"treated": [True, False]}), "treated")
    array([1., 0.])
    """
    check_columns(data, name)
    values = as_numbers(data[name].astype(float) if data[name].dtype == bool else data[name], name) if len(data) else ()
    flags = np.asarray(values, dtype=np.float64)
    wrong = ~np.isin(flags, (0.0, 1.0))
    if wrong.any():
        raise MeasureError(
            "Column {column}, row {row}: give 1 or 0, for yes or no.",
            column=repr(name),
            row=int(np.flatnonzero(wrong)[0]) + 1,
        )
    return flags


def flag_of_schools(data: pd.DataFrame, school: str, name: str) -> pd.Series:
    """Return whether each school is treated, as 0 or 1, by school in sorted order.

    Raises
    ------
    MeasureError
        A row has no school, or a school has both values.

    Examples
    --------
    >>> rows = pd.DataFrame({"school": ["b", "a", "b"], "treated": [1, 0, 1]})
    >>> flag_of_schools(rows, "school", "treated").to_dict()
    {'a': 0, 'b': 1}
    """
    flags = read_flags(data, name)
    check_columns(data, school)
    codes, labels = as_codes(data[school])
    if (codes < 0).any():
        raise MeasureError(
            "Column {column}, row {row}: the school is not named.",
            column=repr(school),
            row=int(np.flatnonzero(codes < 0)[0]) + 1,
        )
    least, most = np.ones(len(labels)), np.zeros(len(labels))
    np.minimum.at(least, codes, flags)
    np.maximum.at(most, codes, flags)
    if (most > least).any():
        raise MeasureError(
            "School {school} has both 0 and 1 in column {column}: a school belongs to one group.",
            school=str(labels[int(np.flatnonzero(most > least)[0])]),
            column=repr(name),
        )
    present = np.isin(np.arange(len(labels)), codes)
    return pd.Series(most[present].astype(np.int64), index=labels[present].rename(school), name=name)


def check_named(data: pd.DataFrame, *keys: str) -> None:
    """Refuse a frame where a key is empty in some row.

    Raises
    ------
    MeasureError
    """
    check_columns(data, *keys)
    for key in keys:
        empty = data[key].isna().to_numpy()
        if empty.any():
            raise MeasureError("Column {column}, row {row}: nothing stands there; name it.",
                               column=repr(key), row=int(np.flatnonzero(empty)[0]) + 1)  # fmt: skip


def places_in_time(periods: pd.Series) -> Codes:
    """Return each row's place in time, the earliest period being 0.

    Raises
    ------
    MeasureError
        Periods are text, which does not say what is earlier, and no ordered Categorical.

    Examples
    --------
    >>> places_in_time(pd.Series([2021, 2019])).tolist()
    [1, 0]
    """
    if isinstance(periods.dtype, pd.CategoricalDtype) and periods.cat.ordered:
        return np.asarray(periods.cat.remove_unused_categories().cat.codes, dtype=np.int64)
    plain = periods.astype(object)
    if any(isinstance(period, str) for period in plain):
        raise MeasureError(
            "Column {column} names periods in words: which is earlier is not known. Give numbers, dates or an ordered "
            "Categorical.", column=repr(periods.name),
        )  # fmt: skip
    return np.asarray(pd.factorize(plain, sort=True)[0], dtype=np.int64)


def group_codes(data: pd.DataFrame, by: list[str]) -> tuple[np.ndarray, pd.DataFrame]:
    """Return the number of each row's group, −1 where a key is missing, and the keys of the groups, a row each."""
    check_columns(data, *by)
    grouped = data.groupby(by, sort=True, observed=True, dropna=True)
    codes = np.asarray(grouped.ngroup().fillna(-1), dtype=np.int64)
    first = np.full(int(codes.max(initial=-1)) + 1, 0, dtype=np.int64)
    rows = np.flatnonzero(codes >= 0)[::-1]
    first[codes[rows]] = rows
    return codes, data[by].iloc[first].reset_index(drop=True)


def check_once(data: pd.DataFrame, *keys: str) -> None:
    """Refuse a frame where the same keys stand in two rows.

    Raises
    ------
    MeasureError
    """
    check_columns(data, *keys)
    twice = data.duplicated(subset=list(keys))
    if twice.any():
        row = data.loc[twice.to_numpy(), list(keys)].iloc[0]
        raise MeasureError("{keys} stands in two rows: leave one.", keys=", ".join(f"{key} {row[key]}" for key in keys))
