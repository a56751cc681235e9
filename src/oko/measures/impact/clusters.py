"""Standard errors from few clusters: CR0, CR1, CR2 with Satterthwaite's degrees of freedom."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import stdtr, stdtrit

from oko.errors import MeasureError
from oko.measures.impact.regression import Fit, Rows, cluster_sums, least_squares, read_rows
from oko.measures.intervals import Floats, check_level
from oko.measures.statement import Statement, named
from oko.measures.weights import Weights

KINDS = ("CR0", "CR1", "CR1S", "CR2")
FEWEST_DF = 5.0
_FULL = 1e-8
NO_SPREAD = 1e-10


def cluster_robust(
    X: pd.DataFrame,  # noqa: N803  # the field's name of a design
    y: ArrayLike,
    cluster: ArrayLike,
    kind: str = "CR2",
    weights: Weights = None,
    level: float = 0.95,
    absorb: ArrayLike | None = None,
) -> pd.DataFrame:
    r"""Fit by least squares, with standard errors that allow any dependence within clusters.

    Parameters
    ----------
    X : DataFrame, rows × columns
        Nothing is added to it: give the intercept as a column.
    y : array_like of shape (rows,)
    cluster : array_like of shape (rows,)
        What was drawn or assigned, e.g. the school.
    kind : {"CR2", "CR0", "CR1", "CR1S"}
        CR1 multiplies the variance by m / (m − 1), m clusters; CR1S by m (n − 1) / ((m − 1) (n − p)).
    weights : str, Series, array or None
        How many pupils a row stands for; the mean of n pupils weighted by n gives what the pupils themselves would.
    level : float, default 0.95
    absorb : array_like of shape (rows,), optional
        Fixed effects that lie within clusters (the school itself, or school × subject); they are taken out instead of
        standing in ``X``, which gives the same numbers faster.

    Returns
    -------
    DataFrame, index ``column``
        ``estimate``, ``se``, ``df``, ``p``, ``lower``, ``upper``. Below 5 degrees of freedom ``p`` and the interval are
        NaN. A column that follows from those before it has NaN everywhere. ``attrs["statements"]``:
        ``impact_few_df``, ``impact_columns_left_out``, ``impact_rows_dropped``, ``impact_one_cluster``,
        ``impact_no_spread``, ``impact_one_cluster_decides`` (``p`` and the interval are NaN).

    Raises
    ------
    MeasureError
        Lengths or indexes differ, something is no number, a row has no cluster, or the kind or the level is unknown.

    Notes
    -----
    :math:`V = M \sum_s X_s' A_s e_s e_s' A_s X_s M`, :math:`M = (X'X)^{-1}`. CR2 (Bell & McCaffrey 2002) takes for
    :math:`A_s` the symmetric root of the Moore–Penrose inverse of :math:`I - X_s M X_s'`, so that V is unbiased where
    rows are independent with one variance, also with a dummy for each cluster (Pustejovsky & Tipton 2018, JBES 36,
    672–683). The degrees of freedom are Satterthwaite's under the same supposition, for every kind.

    Examples
    --------
    >>> X = pd.DataFrame({"Intercept": 1.0, "treated": [0.0] * 12 + [1.0] * 12})
    >>> y = [((7 * i) % 5) / 5 + (i >= 12) for i in range(24)]
    >>> found = cluster_robust(X, y, cluster=[i // 2 for i in range(24)])
    >>> round(float(found.loc["treated", "estimate"]), 4), round(float(found.loc["treated", "df"]), 2)
    (1.05, 10.0)
    """
    check_kind(kind)
    check_level(level)
    rows = read_rows(X, y, cluster, weights, absorb)
    said = list(rows.statements)
    alone = rows.names[:0]
    frame = pd.DataFrame(np.nan, index=rows.names.rename("column"), columns=["estimate", "se", "df"])
    if rows.kept.any():
        fit = least_squares(rows)
        frame.loc[rows.kept, "estimate"] = fit.beta
        if rows.n_clusters > 1:
            frame.loc[rows.kept, ["se", "df"]] = np.column_stack(errors(rows, fit, kind))
            alone = rows.names[rows.kept][decided_alone(fit)]
            if len(alone):
                said.append(Statement("impact_one_cluster_decides", {"columns": named(alone)}))
        else:
            said.append(Statement("impact_one_cluster"))
    frame[["p", "lower", "upper"]] = np.column_stack(inference(frame, level))
    frame.loc[alone, ["p", "lower", "upper"]] = np.nan
    _say_limits(frame, said)
    frame.attrs["statements"] = tuple(said)
    return frame


def check_kind(kind: str) -> None:
    """Refuse a kind of standard error that there is not."""
    if kind not in KINDS:
        raise MeasureError("There is no kind of standard error {kind}: give CR0, CR1, CR1S or CR2.", kind=repr(kind))


def adjustments(gram: Floats, kind: str) -> Floats:
    """Return what each cluster's scores are multiplied by, clusters × columns × columns; identity but for CR2."""
    if kind != "CR2":
        return np.broadcast_to(np.eye(gram.shape[1]), gram.shape)
    values, vectors = np.linalg.eigh(gram)
    inside = values < 1 - _FULL
    factor = np.where(inside, 1 / np.sqrt(np.where(inside, 1 - values, 1.0)), 0.0)
    return np.asarray((vectors * factor[:, None, :]) @ vectors.transpose(0, 2, 1))


def inflation(rows: Rows, kind: str) -> float:
    """Return the factor of the whole variance."""
    if kind in ("CR0", "CR2"):
        return 1.0
    m = rows.n_clusters
    left = rows.n - rows.design.shape[1] - rows.absorbed
    simple = m / (m - 1)
    return simple if kind == "CR1" else simple * (rows.n - 1) / left if left > 0 else np.nan


def errors(rows: Rows, fit: Fit, kind: str) -> tuple[Floats, Floats]:
    """Return standard errors and Satterthwaite's degrees of freedom of the kept columns."""
    factor = adjustments(fit.gram, kind)
    scores = cluster_sums(fit.basis, fit.residuals, rows.cluster, rows.n_clusters)
    adjusted = np.einsum("sij,sj->si", factor, scores)
    se = np.sqrt(inflation(rows, kind) * ((adjusted @ fit.back.T) ** 2).sum(axis=0))
    smallest = NO_SPREAD * np.abs(fit.back).max(axis=1) * np.linalg.norm(rows.outcome)
    return np.where(se > smallest, se, 0.0), np.array([_satterthwaite(fit.gram, factor, row) for row in fit.back])


def _satterthwaite(gram: Floats, factor: Floats, direction: Floats) -> float:
    """Return 2 (E V)² / var V for one coefficient, with independent rows of one variance."""
    turned = factor @ direction
    shared = np.einsum("sij,sj->si", gram, turned)
    length = np.einsum("si,si->s", shared, shared)
    own = np.einsum("si,si->s", turned, shared) - length
    squares = float(((shared.T @ shared) ** 2).sum() - (length**2).sum() + (own**2).sum())
    mean = float(own.sum())
    return mean**2 / squares if squares > 0 and mean > 1e-12 * float(length.sum()) else np.nan


def decided_alone(fit: Fit) -> np.ndarray:
    """Tell which coefficients rest on what one cluster alone has, such as the effect in a single treated school."""
    values, vectors = np.linalg.eigh(fit.gram)
    full = np.where(values > 1 - _FULL, 1.0, 0.0)
    parts = ((fit.back @ vectors) ** 2 * full[:, None, :]).sum(axis=(0, 2))
    return np.asarray(parts > 1e-6 * (fit.back**2).sum(axis=1))


def inference(frame: pd.DataFrame, level: float) -> tuple[Floats, Floats, Floats]:
    """Return p and the interval of estimates with ``se`` and ``df``; NaN where ``df`` is below 5 or ``se`` is 0."""
    estimate, se, df = (frame[name].to_numpy(dtype=np.float64) for name in ("estimate", "se", "df"))
    usable = (df >= FEWEST_DF) & (se > 0)
    safe, degrees = np.where(usable, se, 1.0), np.where(usable, df, 1.0)
    p = np.where(usable, 2 * stdtr(degrees, -np.abs(np.where(usable, estimate, 0.0)) / safe), np.nan)
    half = np.where(usable, stdtrit(degrees, 0.5 + level / 2) * safe, np.nan)
    return p, estimate - half, estimate + half


def _say_limits(frame: pd.DataFrame, said: list[Statement]) -> None:
    few = frame[(frame["se"] > 0) & (frame["df"] < FEWEST_DF)]
    if len(few):
        values = {"columns": named(few.index), "df": float(few["df"].min()), "needed": FEWEST_DF}
        said.append(Statement("impact_few_df", values))
    exact = frame.index[frame["se"] == 0]
    if len(exact):
        said.append(Statement("impact_no_spread", {"columns": named(exact)}))
