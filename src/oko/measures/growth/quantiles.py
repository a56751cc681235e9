"""Exact weighted quantile regression: linear programs on the few rows near the quantile, each with its certificate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog

from oko.errors import MeasureError
from oko.measures.intervals import Floats
from oko.measures.statement import Statement
from oko.measures.weights import Weights, as_numbers, frequency_weights

GAP = 1e-8
"""Greatest distance from the optimum, as a share of the loss, that counts as optimal."""
_TOUCHES = 1e-9
_EXACT = 1e-12
_SMALL_LOSS = 1e-3
_RANK = 1e-9
# the programs are dense and small: presolving them takes as long as solving
_OPTIONS = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10, "presolve": False}


@dataclass(frozen=True)
class QuantileFit:
    """Coefficients of several quantiles, and how far from optimal each can be at most.

    Attributes
    ----------
    coefficients : ndarray of shape (quantiles, columns)
    gaps : ndarray of shape (quantiles,)
        Loss less the greatest lower bound found for it, as a share of the loss; NaN where no program was solved.
    """

    coefficients: Floats
    gaps: Floats

    @property
    def optimal(self) -> NDArray[np.bool_]:
        """Where the certificate holds."""
        return np.asarray(self.gaps <= GAP)


def quantile_regression(
    columns: pd.DataFrame,
    outcome: pd.Series,
    quantiles: Sequence[float],
    weights: Weights = None,
) -> pd.DataFrame:
    r"""Return the coefficients of linear quantile regressions, exact optima of the check loss.

    Parameters
    ----------
    columns : DataFrame, rows × columns
        Numbers; nothing is added, so give a column of ones where an intercept is wanted.
    outcome : Series, index of ``columns``
    quantiles : sequence of float, each between 0 and 1
    weights : str, Series, array or None
        How many pupils a row stands for.

    Returns
    -------
    DataFrame, index the names of ``columns``, columns the quantiles
        ``.attrs["statements"]``: ``growth_not_optimal`` where a certificate failed; those coefficients are NaN.

    Raises
    ------
    MeasureError
        A value is missing or not numeric, the columns follow from each other, or a quantile is not between 0 and 1.

    Notes
    -----
    Minimises :math:`\sum_i w_i ρ_τ(y_i - x_i'β)` (Koenker and Bassett 1978) as the dual linear program. Rows far from
    the quantile enter as two sums, one above and one below, which is exact as long as none of them changes side
    (Portnoy and Koenker 1997); those that do are let in and the program is solved again. By convexity a program
    with sums is a lower bound of the whole loss, so the solution is optimal where both are equal: that is checked for
    every quantile. Where several solutions are equally good, the one is given at which the simplex method stopped.
    (Both sources from memory.)

    Examples
    --------
    >>> rows = pd.DataFrame({"one": 1.0, "x": [0.0, 1, 2, 3, 4]})
    >>> quantile_regression(rows, pd.Series([0.0, 1, 9, 3, 4]), [0.5])[0.5].round(9).tolist()
    [0.0, 1.0]
    """
    if not columns.index.equals(outcome.index):
        raise MeasureError("The index of the outcome differs from that of the columns: give one value for each row.")
    taus = _checked_quantiles(quantiles)
    values = [as_numbers(columns.iloc[:, at], str(name)) for at, name in enumerate(columns.columns)]
    design = np.column_stack(values) if values else np.zeros((len(columns), 0))
    given, pupils = as_numbers(outcome, str(outcome.name)), frequency_weights(columns, weights)
    if not (np.isfinite(design).all() and np.isfinite(given).all()):
        raise MeasureError("A value of the regression is missing or infinite: leave such rows out first.")
    kept = pupils > 0
    if not design.shape[1] or independent(design[kept]).sum() < design.shape[1]:
        raise MeasureError("The columns of the regression follow from each other, or there are too few rows.")
    fit = fit_quantiles(design[kept], given[kept], pupils[kept], taus)
    known = np.where(fit.optimal[:, None], fit.coefficients, np.nan)
    frame = pd.DataFrame(known.T, columns.columns, pd.Index(taus, name="quantile"))
    frame.attrs["statements"] = not_optimal(fit)
    return frame


def _checked_quantiles(quantiles: Sequence[float]) -> Floats:
    taus = np.asarray(quantiles, dtype=np.float64)
    if taus.ndim != 1 or not ((taus > 0) & (taus < 1)).all():
        raise MeasureError("Quantiles {quantiles} are not all between 0 and 1.", quantiles=str(list(quantiles)))
    return taus


def not_optimal(fit: QuantileFit) -> tuple[Statement, ...]:
    """Say how many quantiles have no certificate of being optimal."""
    n = int((~fit.optimal).sum())
    return (Statement("growth_not_optimal", {"n": n, "of": len(fit.gaps)}),) if n else ()


def independent(design: Floats) -> NDArray[np.bool_]:
    """Return which columns do not follow from those before them."""
    found: list[Floats] = []
    kept = np.zeros(design.shape[1], dtype=np.bool_)
    for at, column in enumerate(design.T):
        rest = column.copy()
        for _ in range(2):
            for direction in found:
                rest -= direction * (direction @ rest)
        size = float(np.linalg.norm(rest))
        if size > _RANK * max(float(np.linalg.norm(column)), np.finfo(float).tiny):
            found.append(rest / size)
            kept[at] = True
    return kept


def fit_quantiles(design: Floats, outcome: Floats, weights: Floats, quantiles: Floats) -> QuantileFit:
    """Solve one quantile after the other, each starting from the one before.

    Parameters
    ----------
    design : ndarray of shape (rows, columns), of full rank
    outcome : ndarray of shape (rows,)
    weights : ndarray of shape (rows,), above 0
    quantiles : ndarray of shape (quantiles,)

    Returns
    -------
    QuantileFit
    """
    w = weights / weights.mean()
    root = np.sqrt(w)
    origin = np.linalg.lstsq(design * root[:, None], outcome * root, rcond=None)[0]
    rest = outcome - design @ origin
    scale = float(w @ np.abs(rest) / w.sum())
    if scale <= _EXACT * float(np.abs(outcome).max()):
        return QuantileFit(np.tile(origin, (len(quantiles), 1)), np.zeros(len(quantiles)))
    # what least squares leave, in units of its own size: neither offset nor unit costs digits
    y, beta = rest / scale, np.zeros(design.shape[1])
    near = max(200, 15 * design.shape[1], round(0.9 * len(y) ** (2 / 3)))
    found, gaps = [], []
    for tau in quantiles:
        one, gap = _one_quantile(design, y, w, float(tau), beta, near)
        beta = one if np.isfinite(gap) else beta
        found.append(origin + one * scale)
        gaps.append(gap)
    return QuantileFit(np.reshape(found, (len(gaps), design.shape[1])), np.asarray(gaps, dtype=np.float64))


def _one_quantile(x: Floats, y: Floats, w: Floats, tau: float, start: Floats, near: int) -> tuple[Floats, float]:
    """Solve one quantile; return the coefficients and the gap of the certificate."""
    side = _sides(y - x @ start, w, tau, near)
    while True:
        rows, values, pupils = _with_sums(x, y, w, side)
        beta, bound = _program(rows, values, pupils, tau)
        if not np.isfinite(bound):
            return beta, np.nan
        rest = y - x @ beta
        crossed = side * rest < -_TOUCHES
        if not crossed.any():
            break
        side[crossed] = 0
    loss = float(w @ (rest * (tau - (rest < 0))))
    return beta, (loss - bound) / max(loss, _SMALL_LOSS * float(w.sum()))


def _sides(rest: Floats, w: Floats, tau: float, near: int) -> Floats:
    """Return 0 for the rows nearest to the quantile of the residuals, −1 below and +1 above them."""
    order = np.argsort(rest, kind="stable")
    reached = np.cumsum(w[order])
    middle = int(np.searchsorted(reached, tau * reached[-1]))
    side = np.zeros(len(rest))
    side[order[: max(middle - near // 2, 0)]] = -1
    side[order[middle + near // 2 + 1 :]] = 1
    return side


def _with_sums(x: Floats, y: Floats, w: Floats, side: Floats) -> tuple[Floats, Floats, Floats]:
    rows, values, pupils = [x[side == 0]], [y[side == 0]], [w[side == 0]]
    for one in (-1, 1):
        there = np.where(side == one, w, 0.0)
        total = float(there.sum())
        if total > 0:
            rows.append((there @ x / total)[None])
            values.append(np.array([there @ y / total]))
            pupils.append(np.array([total]))
    return np.vstack(rows), np.concatenate(values), np.concatenate(pupils)


def _program(x: Floats, y: Floats, w: Floats, tau: float) -> tuple[Floats, float]:
    """Solve the dual program; return the coefficients and the value of the dual, a lower bound of the loss."""
    demand = (1 - tau) * (w @ x)
    bounds = np.column_stack([np.zeros(len(y)), w])
    solved = linprog(-y, A_eq=x.T, b_eq=demand, bounds=bounds, method="highs-ds", options=_OPTIONS)
    if solved.status != 0:
        return np.full(x.shape[1], np.nan), np.nan
    beta = -np.asarray(solved.eqlin.marginals, dtype=np.float64)
    # what the dual violates is charged to the bound, so that the bound holds for the numbers as they are
    dual = np.clip(solved.x, 0, w)
    violated = float(np.abs(dual @ x - demand) @ np.abs(beta))
    return beta, float(y @ (dual - (1 - tau) * w)) - violated
