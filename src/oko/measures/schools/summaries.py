"""Schools known only by how many pupils they have, their mean and their standard deviation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.errors import MeasureError
from oko.language import N_
from oko.measures.design import check_columns
from oko.measures.mixed import Floats
from oko.measures.schools.model import value_added
from oko.measures.schools.result import ValueAdded
from oko.measures.weights import as_numbers


def rows_of_summaries(
    data: pd.DataFrame,
    columns: Sequence[str] = ("school",),
    n: str = "n",
    mean: str = "mean",
    sd: str = "sd",
    outcome: str = "outcome",
    weight: str = "pupils",
) -> pd.DataFrame:
    r"""Stand in for the pupils of schools of which only the number, mean and standard deviation are known.

    Parameters
    ----------
    data : DataFrame, one row a school (or class)
    columns : sequence of str
        Columns to carry over: school, groups, covariates of the school.
    n, mean, sd : str
        Columns of the number of pupils, their mean and their standard deviation (divisor n − 1; of one pupil empty).
    outcome, weight : str
        How the new columns are to be called.

    Returns
    -------
    DataFrame
        Two rows for each school of more than one pupil: ``columns``, outcome, weight. Rows of pupils known one by one,
        with weight 1, may be put beside them.

    Raises
    ------
    MeasureError
        A column is missing or not numeric, a number of pupils is no whole number from 1, a mean is missing, or a
        standard deviation is negative, or missing for more than one pupil.

    Notes
    -----
    n/2 pupils at mean ± sd·√((n − 1)/n) have the sum and the sum of squares of the pupils themselves, and the
    likelihood of a model whose covariates do not vary within schools knows the pupils by these only.

    Examples
    --------
    >>> rows_of_summaries(pd.DataFrame({"school": ["a"], "n": [2], "mean": [5.0], "sd": [2.0]}), outcome="score")
      school     score  pupils
    0      a  3.585786     1.0
    1      a  6.414214     1.0
    """
    check_columns(data, [*columns, n, mean, sd])
    number, middle, spread = (as_numbers(data[name], name) for name in (n, mean, sd))
    spread = np.where((number == 1) & np.isnan(spread), 0.0, spread)
    _check(number, middle, spread)
    reach = spread * np.sqrt((number - 1) / np.maximum(number, 1))
    low, high = (data[list(columns)].assign(**{outcome: middle + s * reach, weight: number / 2}) for s in (-1, 1))
    rows = pd.concat([low, high], ignore_index=True)
    place = np.argsort(np.tile(np.arange(len(data)), 2), kind="stable")
    single = np.tile(number == 1, 2)[place]
    rows = rows.iloc[place].reset_index(drop=True)
    rows.loc[single, weight] = 1.0
    second = np.arange(len(rows)) % 2 == 1
    kept: pd.DataFrame = rows[~(single & second)].reset_index(drop=True)
    return kept


def value_added_of_summaries(
    data: pd.DataFrame,
    covariates: Sequence[str] = (),
    school: str = "school",
    n: str = "n",
    mean: str = "mean",
    sd: str = "sd",
    within: str | None = None,
    below: str | None = None,
    method: Literal["reml", "ml"] = "reml",
) -> ValueAdded:
    """Estimate value added from the number, mean and standard deviation of each school: as from its pupils.

    Parameters
    ----------
    data : DataFrame, one row a school (with ``below``, a class)
    covariates : sequence of str
        Numeric columns, the same for all pupils of the row.
    school, n, mean, sd : str
        Columns; see `rows_of_summaries`.
    within, below : str, optional
    method : {"reml", "ml"}

    Returns
    -------
    ValueAdded

    Raises
    ------
    MeasureError
        As `rows_of_summaries` and `value_added`.

    Examples
    --------
    >>> schools = pd.DataFrame({"school": ["a", "b", "c"], "n": [9, 9, 9], "mean": [4.0, 5, 7], "sd": [1.0, 1, 1]})
    >>> value_added_of_summaries(schools).schools["residual"].round(2).tolist()
    [-1.27, -0.32, 1.59]
    """
    names = [covariates] if isinstance(covariates, str) else list(covariates)
    columns = [school, *names, *(name for name in (within, below) if name is not None)]
    rows = rows_of_summaries(data, columns, n, mean, sd, outcome="mean of pupils", weight="pupils of the row")
    return value_added(
        rows, "mean of pupils", names, school, within=within, weights="pupils of the row", method=method, below=below
    )


def _check(number: Floats, middle: Floats, spread: Floats) -> None:
    def refuse(right: NDArray[np.bool_], message: str) -> None:
        if not right.all():
            raise MeasureError(message, row=int(np.flatnonzero(~right)[0]) + 1)

    refuse(
        np.isfinite(number) & (number >= 1) & (number == np.round(number)),
        N_("The number of pupils in row {row} is no whole number from 1: leave schools without pupils out."),
    )
    refuse(np.isfinite(middle), N_("The mean in row {row} is missing: leave the row out."))
    refuse(
        np.isfinite(spread) & (spread >= 0),
        N_("The standard deviation in row {row} is missing or negative: without it the school cannot take part."),
    )
