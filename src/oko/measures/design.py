"""From a frame of pupils to the design of a model of schools, with everything that can be wrong named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.errors import MeasureError
from oko.measures.mixed import Floats
from oko.measures.weights import Codes, Weights, as_codes, as_numbers, frequency_weights

INTERCEPT = "Intercept"
_CONSTANT = 1e-12
_COLLINEAR = 1e-7


@dataclass(frozen=True)
class Pupils:
    """Complete rows of a model of schools.

    Attributes
    ----------
    outcome : ndarray of shape (rows,)
    covariates : ndarray of shape (covariates, rows)
    names : tuple of str
        Names of the covariates.
    school : ndarray of int of shape (rows,)
        Number of the school.
    labels : Index
        Labels of the schools, in the order of their numbers.
    weights : ndarray of shape (rows,)
        Pupils a row stands for.
    n_dropped : float
        Pupils left out because a value was missing.
    rows : ndarray of bool of shape (rows of the frame,)
        Which rows of the frame these are.
    """

    outcome: Floats
    covariates: Floats
    names: tuple[str, ...]
    school: Codes
    labels: pd.Index
    weights: Floats
    n_dropped: float
    rows: NDArray[np.bool_]


@dataclass(frozen=True)
class Standardised:
    """A design in units of its own spread, its outcome freed of the covariates by least squares.

    Attributes
    ----------
    columns : tuple of ndarray of shape (rows,)
        A column of ones, then each covariate with mean 0 and standard deviation 1.
    remainder : ndarray of shape (rows,)
        Least-squares residual of the outcome, standard deviation 1.
    least_squares : ndarray of shape (p,)
        Coefficients that were taken out, in units of the outcome.
    spread : float
        Standard deviation of the remainder in units of the outcome.
    back : ndarray of shape (p, p)
        Turns coefficients of ``columns`` into coefficients of the covariates as they were.
    """

    columns: tuple[Floats, ...]
    remainder: Floats
    least_squares: Floats
    spread: float
    back: Floats


def read_pupils(
    data: pd.DataFrame,
    outcome: str,
    covariates: Sequence[str],
    school: str,
    weights: Weights,
    groups: Sequence[str] = (),
    left_out: NDArray[np.bool_] | None = None,
) -> Pupils:
    """Read the columns of a model and leave out incomplete rows, those without a label in `groups`, and `left_out`.

    Raises
    ------
    MeasureError
        A column is missing, named twice, not numeric or holds an infinite value; or the weights are wrong.
    """
    names = tuple(covariates)
    _check_names(data, outcome, names, school, tuple(groups))
    pupils = frequency_weights(data, weights)
    numbers = np.stack([_finite(data[name], name) for name in (outcome, *names)])
    codes, labels = as_codes(data[school])
    complete = ~np.isnan(numbers).any(axis=0) & (codes >= 0)
    for name in groups:
        complete &= data[name].notna().to_numpy()
    wanted = np.ones(len(data), dtype=bool) if left_out is None else ~left_out
    kept = complete & wanted & (pupils > 0)
    if kept.all() and np.bincount(codes, minlength=len(labels)).all():  # nothing to leave out, and no empty category
        return Pupils(numbers[0], numbers[1:], names, codes, labels, pupils, 0.0, kept)
    present, school_numbers = np.unique(codes[kept], return_inverse=True)
    dropped = float(pupils[~complete & wanted].sum())
    return Pupils(
        numbers[0, kept], numbers[1:, kept], names, school_numbers, labels[present], pupils[kept], dropped, kept
    )


def check_columns(data: pd.DataFrame, names: Sequence[str]) -> None:
    """Refuse what is no table, and columns that are missing or stand in it several times.

    Raises
    ------
    MeasureError
    """
    if not isinstance(data, pd.DataFrame):
        raise MeasureError("The data are not a table: give a DataFrame.")
    columns = list(data.columns)
    for name in names:
        if name not in columns:
            raise MeasureError(
                "Column {column} is missing from the data: there are {columns}.",
                column=repr(name),
                columns=", ".join(map(str, columns)),
            )
        if columns.count(name) > 1:
            raise MeasureError("The data have several columns {column}: rename all but one.", column=repr(name))


def check_identified(pupils: Pupils, slopes: Sequence[str]) -> None:
    """Refuse data that cannot tell schools from pupils.

    Raises
    ------
    MeasureError
        Fewer than 2 schools, too few pupils, a slope that varies within no school, or as many covariates of
        schools as there are schools.
    """
    _check_sizes(pupils, slopes)
    of_schools = [
        name
        for name, values in zip(pupils.names, pupils.covariates, strict=True)
        if not varies_within(values, pupils.school)
    ]
    for name in slopes:
        if name in of_schools:
            raise MeasureError(
                "Covariate {column} is the same for all pupils of a school: it cannot have a random slope.",
                column=repr(name),
            )
    if len(of_schools) + 1 >= len(pupils.labels):
        raise MeasureError(
            "{covariates} covariates of schools ({columns}) leave no difference between {schools} schools to estimate: "
            "leave some out.",
            covariates=len(of_schools),
            columns=", ".join(of_schools),
            schools=len(pupils.labels),
        )


def varies_within(values: Floats, group: Codes) -> bool:
    """Say whether a covariate differs between the pupils of any group.

    Examples
    --------
    >>> varies_within(np.array([1.0, 1, 2]), np.array([0, 0, 1]))
    False
    """
    n_groups = int(group.max()) + 1
    least, most = np.full(n_groups, np.inf), np.full(n_groups, -np.inf)
    np.minimum.at(least, group, values)
    np.maximum.at(most, group, values)
    return bool(np.any(most - least > _CONSTANT * np.abs(values).max()))


def standardise(pupils: Pupils) -> Standardised:
    """Scale a design so that its cross-products keep their digits.

    Raises
    ------
    MeasureError
        The outcome or a covariate does not vary, a covariate follows from others, or the covariates explain the
        outcome completely.
    """
    means, spreads = _moments(pupils)
    scaled = (pupils.covariates - means[1:, None]) / spreads[1:, None]
    columns = (np.ones(len(pupils.outcome)), *scaled)
    root = np.sqrt(pupils.weights)
    orthogonal, triangle = np.linalg.qr((np.stack(columns) * root).T)
    _check_collinear(np.abs(np.diag(triangle)) / np.sqrt(pupils.weights.sum()), pupils.names)
    centred = pupils.outcome - means[0]
    coefficients = np.linalg.solve(triangle, orthogonal.T @ (root * centred))
    remainder = centred - coefficients @ np.stack(columns)
    spread = float(np.sqrt(pupils.weights @ np.square(remainder) / pupils.weights.sum()))
    if spread <= _CONSTANT * spreads[0]:
        raise MeasureError("The covariates explain the outcome completely: is one of them a copy of it?")
    back = np.diag(1 / np.array([1.0, *spreads[1:]]))
    back[0, 1:] = -means[1:] / spreads[1:]
    taken_out = coefficients + np.eye(len(coefficients))[0] * means[0]
    return Standardised(columns, remainder / spread, taken_out, spread, back)


def _check_sizes(pupils: Pupils, slopes: Sequence[str]) -> None:
    n_schools, n = len(pupils.labels), float(pupils.weights.sum())
    if n_schools < 2:
        raise MeasureError("{found} schools have complete rows: value added needs 2 or more.", found=n_schools)
    needed = max(n_schools * (1 + len(slopes)), len(pupils.names) + 1) + 1
    if n < needed:
        raise MeasureError(
            "{n} pupils are too few for {schools} schools, {covariates} covariates and {slopes} random slopes: "
            "{needed} or more are needed.",
            n=f"{n:g}",
            schools=n_schools,
            covariates=len(pupils.names),
            slopes=len(slopes),
            needed=needed,
        )


def _check_names(
    data: pd.DataFrame, outcome: str, names: tuple[str, ...], school: str, groups: tuple[str, ...]
) -> None:
    named = [outcome, *names, school, *groups]
    check_columns(data, named)
    for name in named:
        if named.count(name) > 1:
            raise MeasureError(
                "Column {column} is named twice: outcome, covariates and school must differ.", column=repr(name)
            )


def _finite(values: pd.Series, name: str) -> Floats:
    numbers = as_numbers(values, name)
    infinite = np.isinf(numbers)
    if infinite.any():
        raise MeasureError(
            "Column {column} is infinite in row {row}: correct the value, or leave it empty.",
            column=repr(name),
            row=int(np.flatnonzero(infinite)[0]) + 1,
        )
    return numbers


def _moments(pupils: Pupils) -> tuple[Floats, Floats]:
    """Return means and standard deviations of the outcome and the covariates."""
    numbers = np.vstack([pupils.outcome, pupils.covariates])
    share = pupils.weights / pupils.weights.sum()
    means = numbers @ share
    spreads = np.sqrt(np.square(numbers - means[:, None]) @ share)
    for name, spread, largest in zip(("", *pupils.names), spreads, np.abs(numbers).max(axis=1), strict=True):
        if spread <= _CONSTANT * largest:
            if not name:
                raise MeasureError("All pupils have the same outcome: there is nothing to compare.")
            raise MeasureError("Covariate {column} is the same for all pupils: leave it out.", column=repr(name))
    return means, spreads


def _check_collinear(own_spread: Floats, names: tuple[str, ...]) -> None:
    for name, spread in zip(names, own_spread[1:], strict=True):
        if spread < _COLLINEAR:
            raise MeasureError(
                "Covariate {column} follows from the covariates before it: leave it out.", column=repr(name)
            )
