"""The levels of a model beside the school: what schools belong to, and what pupils of a school belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.errors import MeasureError
from oko.measures.design import Pupils, check_columns, varies_within
from oko.measures.weights import Codes, as_codes, sum_by

TAKEN = ("school", "pupil")


@dataclass(frozen=True)
class Groups:
    """Groups of one level.

    Attributes
    ----------
    name : str
        Column that they were read from.
    labels : Index
        Of the groups; school and group where groups are inside schools.
    codes : ndarray of int
        Group of each school (above), or of each row (below).
    school : ndarray of int of shape (groups,)
        School of each group; empty above schools.
    """

    name: str
    labels: pd.Index
    codes: Codes
    school: Codes


def degrees_of_freedom(pupils: Pupils, within: Groups | None, below: Groups | None) -> tuple[int, ...]:
    """Count what is left to estimate each level's variance from, lowest level first.

    Notes
    -----
    Groups of the level, less groups of the level above, less covariates that vary between the former inside the latter;
    at the highest level groups, less covariates that do not vary within them, less 1.

    Examples
    --------
    >>> school = np.repeat([0, 1, 2, 3], 2)
    >>> pupils = Pupils(np.arange(8.0), np.array([school]) % 3.0, ("size",), school, pd.Index(range(4)), np.ones(8), 0,
    ...                 np.ones(8, dtype=bool))
    >>> degrees_of_freedom(pupils, None, None)
    (2,)
    """
    levels = [(pupils.school, len(pupils.labels))]
    if below is not None:
        levels.insert(0, (below.codes, len(below.labels)))
    if within is not None:
        levels.append((within.codes[pupils.school], len(within.labels)))
    left = [n - 1 - sum(not varies_within(x, codes) for x in pupils.covariates) for codes, n in levels]
    return tuple(max(own - above, 0) for own, above in zip(left, [*left[1:], 0], strict=True))


def in_two_schools(data: pd.DataFrame, school: str, pupil: str) -> tuple[NDArray[np.bool_], int]:
    """Find the rows of pupils who stand in two or more schools, and count these pupils.

    Raises
    ------
    MeasureError
        A column is missing, or a pupil has several rows in one school.

    Examples
    --------
    >>> rows = pd.DataFrame({"school": ["a", "b", "b"], "pupil": [1, 1, 2]})
    >>> in_two_schools(rows, "school", "pupil")
    (array([ True,  True, False]), 1)
    """
    check_columns(data, [school, pupil])
    pupils, _ = as_codes(data[pupil])
    schools, _ = as_codes(data[school])
    known = (pupils >= 0) & (schools >= 0)
    pairs = pd.DataFrame({"pupil": pupils[known], "school": schools[known]})
    repeated = int(pairs.duplicated().sum())
    if repeated:
        raise MeasureError(
            "{n} rows repeat a pupil of the same school (column {column}): leave one row for each pupil.",
            n=repeated,
            column=repr(pupil),
        )
    several = pairs.groupby("pupil").size()
    wrong = several.index[several > 1].to_numpy()
    return known & np.isin(pupils, wrong), len(wrong)


def check_level_names(names: Sequence[str]) -> None:
    """Refuse a level whose column has the name of another variance.

    Raises
    ------
    MeasureError
    """
    for name in names:
        if name in TAKEN:
            raise MeasureError(
                "The column of a level cannot be called {column}, as one of the variances is: rename the column.",
                column=repr(name),
            )


def read_above(data: pd.DataFrame, name: str, pupils: Pupils) -> Groups:
    """Read the groups that schools belong to.

    Raises
    ------
    MeasureError
        A school stands in several groups, there are fewer than 2 groups, each group is one school, or as many
        covariates of groups as there are groups.
    """
    codes, labels = as_codes(data[name][pupils.rows])
    present, codes = np.unique(codes, return_inverse=True)
    labels = labels[present]
    pairs = np.unique(np.stack([pupils.school, codes]), axis=1)
    several = np.flatnonzero(np.bincount(pairs[0]) > 1)
    if len(several):
        raise MeasureError(
            "{n} schools stand in several groups of {column}, the first is {school}: a school belongs to one.",
            n=len(several),
            column=repr(name),
            school=str(pupils.labels[several[0]]),
        )
    if len(labels) < 2:
        raise MeasureError(
            "Column {column} has {found} group: the variance between groups needs 2 or more.",
            column=repr(name),
            found=len(labels),
        )
    if len(labels) == len(pupils.labels):
        raise MeasureError(
            "Every group of {column} is one school: their variances cannot be told apart.", column=repr(name)
        )
    constant = [n for n, x in zip(pupils.names, pupils.covariates, strict=True) if not varies_within(x, codes)]
    if len(constant) + 1 >= len(labels):
        raise MeasureError(
            "{covariates} covariates of {column} ({columns}) leave no difference between {groups} groups to estimate: "
            "leave some out.",
            covariates=len(constant),
            column=repr(name),
            columns=", ".join(constant),
            groups=len(labels),
        )
    of_school: Codes = pairs[1].astype(np.int64)
    return Groups(name, labels.rename(name), of_school, np.empty(0, dtype=np.int64))


def read_below(data: pd.DataFrame, name: str, pupils: Pupils, slopes: Sequence[str], school: str) -> Groups:
    """Read the groups inside schools; a label may come back in another school, as classes do.

    Raises
    ------
    MeasureError
        Every school is one group or every group one pupil, or a slope varies within no group.
    """
    inner, labels = as_codes(data[name][pupils.rows])
    keys, codes = np.unique(pupils.school * max(len(labels), 1) + inner, return_inverse=True)
    of_group, label = np.divmod(keys, max(len(labels), 1))
    if len(keys) == len(pupils.labels):
        raise MeasureError(
            "Every school is one group of {column}: their variances cannot be told apart.", column=repr(name)
        )
    if sum_by(codes, pupils.weights, len(keys)).max() <= 1:
        raise MeasureError(
            "Every group of {column} is one pupil: their variances cannot be told apart.", column=repr(name)
        )
    for slope in slopes:
        if not varies_within(pupils.covariates[pupils.names.index(slope)], codes):
            raise MeasureError(
                "Covariate {column} is the same for all pupils of a group: it cannot have a random slope there.",
                column=repr(slope),
            )
    index = pd.MultiIndex.from_arrays([pupils.labels[of_group], labels[label]], names=[school, name])
    return Groups(name, index, codes.astype(np.int64), of_group.astype(np.int64))
