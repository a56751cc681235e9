"""A regression whose rows come in clusters, reduced to what the inference needs of each cluster."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from oko.errors import MeasureError
from oko.measures.intervals import Floats
from oko.measures.statement import Statement, named
from oko.measures.weights import Codes, Weights, as_codes, as_numbers, frequency_weights, sum_by

DEPENDENT = 1e-9


@dataclass(frozen=True)
class Rows:
    """Rows with a value everywhere and a weight above 0, each multiplied by the root of its weight.

    Attributes
    ----------
    design : ndarray of shape (rows, columns)
    outcome : ndarray of shape (rows,)
    cluster : ndarray of int, shape (rows,)
    names : Index
        Of all columns that were given.
    kept : ndarray of bool
        Which of them do not follow from columns before them.
    n : float
        Pupils behind the rows.
    n_clusters, absorbed : int
        Clusters, and fixed effects taken out beforehand.
    statements : tuple of Statement
    """

    design: Floats
    outcome: Floats
    cluster: Codes
    names: pd.Index
    kept: np.ndarray
    n: float
    n_clusters: int
    absorbed: int
    statements: tuple[Statement, ...]


def read_rows(
    design: pd.DataFrame, outcome: ArrayLike, cluster: ArrayLike, weights: Weights, absorb: ArrayLike | None
) -> Rows:
    """Read a design, its outcome and its clusters; take out fixed effects; keep the columns that say something new.

    Raises
    ------
    MeasureError
        Lengths or indexes differ, something is no number, or a row has no cluster.
    """
    if not isinstance(design, pd.DataFrame) or not design.columns.is_unique:
        raise MeasureError("The design is no frame of columns with a name each: give a DataFrame.")
    y = as_numbers(_beside(design, outcome, "y"), "y")
    x = np.column_stack(
        [as_numbers(design.iloc[:, i], str(name)) for i, name in enumerate(design)] or [y[:, None][:, :0]]
    )
    pupils = frequency_weights(design, weights)
    known = np.isfinite(y) & np.isfinite(x).all(axis=1) & (pupils > 0)
    codes = _codes(design, cluster, "cluster", known)
    said = [Statement("impact_rows_dropped", {"n": int((~known).sum()), "of": len(known)})] if not known.all() else []
    root = np.sqrt(pupils[known])
    x, y, norms = x[known] * root[:, None], y[known] * root, np.linalg.norm(x[known] * root[:, None], axis=0)
    absorbed = 0
    if absorb is not None:
        effects = _codes(design, absorb, "absorb", known)
        absorbed = int(effects.max(initial=-1)) + 1
        _check_nested(effects, codes)
        x, y = (_without_effects(block, root, effects, absorbed) for block in (x, y[:, None]))
        y = y[:, 0]
    kept = _independent(x, norms)
    if not kept.all():
        said.append(Statement("impact_columns_left_out", {"columns": named(design.columns[~kept])}))
    return Rows(
        x[:, kept], y, codes, design.columns, kept, float(pupils[known].sum()), int(codes.max(initial=-1)) + 1,
        absorbed, tuple(said),
    )  # fmt: skip


def _beside(design: pd.DataFrame, values: ArrayLike, name: str) -> pd.Series:
    """Return values as a column beside the design, refusing another index or another length."""
    if isinstance(values, pd.Series) and not values.index.equals(design.index):
        raise MeasureError("The index of {name} differs from that of the design: give one value a row.", name=name)
    if np.ndim(values) != 1 or len(np.asarray(values)) != len(design):
        raise MeasureError("{name} does not have one value for each of {rows} rows.", name=name, rows=len(design))
    if isinstance(values, pd.Series):
        return values
    return pd.Series(values, design.index) if len(design) else pd.Series(index=design.index, dtype=np.float64)


def _codes(design: pd.DataFrame, values: ArrayLike, name: str, known: np.ndarray) -> Codes:
    column = _beside(design, values, name)
    if column.isna().any():
        row = int(np.flatnonzero(column.isna())[0]) + 1
        raise MeasureError("{name} is empty in row {row}: every row needs one.", name=name, row=row)
    return text_codes(column[known])[0]


def text_codes(values: pd.Series) -> tuple[Codes, pd.Index]:
    """Return each row's number among the labels as text, sorted, and the labels; 344 and "344" are one.

    Examples
    --------
    >>> codes, labels = text_codes(pd.Series([512, "344", 344]))
    >>> codes.tolist(), labels.tolist()
    ([1, 0, 0], ['344', '512'])
    """
    found, distinct = pd.factorize(values.astype(object) if values.dtype == object else values)
    again, labels = as_codes(pd.Series([str(label) for label in distinct], dtype=object))
    return again[found], labels


def _check_nested(effects: Codes, cluster: Codes) -> None:
    owner = np.zeros(int(effects.max(initial=-1)) + 1, dtype=np.int64)
    owner[effects] = cluster
    if not np.array_equal(owner[effects], cluster):
        raise MeasureError("An absorbed fixed effect reaches over two clusters: give it columns of 0 and 1 instead.")


def _without_effects(block: Floats, root: Floats, effects: Codes, n: int) -> Floats:
    """Take weighted means of the fixed effects' rows out of columns that carry the root of the weight."""
    mass = sum_by(effects, root**2, n)
    means = np.column_stack([sum_by(effects, root * column, n) / mass for column in block.T] or [block[:n]])
    return np.asarray(block - root[:, None] * means[effects])


def _independent(x: Floats, norms: Floats) -> np.ndarray:
    """Tell which columns do not follow from the columns before them; ``norms`` are their lengths as given."""
    if 0 < x.shape[1] <= len(x) and (norms > 0).all():
        corner = np.abs(np.diag(np.linalg.qr(x / norms, mode="r")))
        if corner.min() > DEPENDENT:
            return np.ones(x.shape[1], dtype=bool)
    kept: list[int] = []
    basis = np.zeros((len(x), 0))
    for place, column in enumerate(x.T):
        rest = column / (norms[place] or 1.0)
        for _ in range(2):
            rest = rest - basis @ (basis.T @ rest)
        length = float(np.linalg.norm(rest))
        if length > DEPENDENT:
            kept.append(place)
            basis = np.column_stack([basis, rest / length])
    return np.isin(np.arange(x.shape[1]), kept)


@dataclass(frozen=True)
class Fit:
    """Least squares in orthonormal columns, with what each cluster has of them.

    Attributes
    ----------
    basis : ndarray of shape (rows, columns)
        Orthonormal columns.
    back : ndarray of shape (columns, columns)
        Takes coefficients of the basis to those of the design.
    beta : ndarray of shape (columns,)
    residuals : ndarray of shape (rows,)
    gram : ndarray of shape (clusters, columns, columns)
        Cross-products of the basis within each cluster.
    """

    basis: Floats
    back: Floats
    beta: Floats
    residuals: Floats
    gram: Floats


def least_squares(rows: Rows) -> Fit:
    """Fit the outcome on the kept columns."""
    length = np.linalg.norm(rows.design, axis=0)
    basis, triangle = np.linalg.qr(rows.design / length)
    back = np.linalg.inv(triangle) / length[:, None]
    in_basis = basis.T @ rows.outcome
    residuals = rows.outcome - basis @ in_basis
    again = basis.T @ residuals
    gram = _products(basis, rows.cluster, rows.n_clusters)
    return Fit(basis, back, back @ (in_basis + again), residuals - basis @ again, gram)


def _products(basis: Floats, cluster: Codes, n_clusters: int) -> Floats:
    columns = basis.shape[1]
    gram = np.zeros((n_clusters, columns, columns))
    if n_clusters <= columns**2 / 2:
        order = np.argsort(cluster, kind="stable")
        parts = np.split(basis[order], np.cumsum(np.bincount(cluster, minlength=n_clusters))[:-1])
        for place, part in enumerate(parts):
            gram[place] = part.T @ part
        return gram
    for i in range(columns):
        for j in range(i + 1):
            gram[:, i, j] = gram[:, j, i] = sum_by(cluster, basis[:, i] * basis[:, j], n_clusters)
    return gram


def cluster_sums(basis: Floats, values: Floats, cluster: Codes, n_clusters: int) -> Floats:
    """Return each cluster's cross-products of the basis with a column of values, clusters × columns."""
    return np.column_stack([sum_by(cluster, column * values, n_clusters) for column in basis.T])
