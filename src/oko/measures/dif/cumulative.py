"""Cumulative logistic regression of ordered categories on counts; with two categories, logistic regression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog
from scipy.special import expit, log_expit, logit

from oko.measures.responses import Floats

_MOST_STEPS = 100
_DECREMENT = 1e-10
_GRADIENT = 1e-8
_FAR = 12.0
_WIDEST = 700.0  # beyond, e to this power has no number, and what is divided by it is 0


@dataclass(frozen=True)
class Fit:
    """A fitted model.

    Attributes
    ----------
    loglik : float
        Maximum of the log-likelihood; with separation, its limit.
    estimate, se : ndarray of shape (covariates,)
        NaN with separation.
    separated : bool
        Some covariates tell categories apart without error, so that no finite estimate exists.
    converged : bool
    """

    loglik: float
    estimate: Floats
    se: Floats
    separated: bool
    converged: bool


def fit_cumulative(x: Floats, counts: Floats) -> Fit | None:
    r"""Fit the model by Newton's method; None where these data cannot tell its parameters apart.

    Parameters
    ----------
    x : ndarray of shape (cells, covariates)
        Covariates of the order of 1.
    counts : ndarray of shape (cells, categories)
        Pupils; each category has some, each cell has some.

    Notes
    -----
    :math:`\mathrm{logit} P(Y \ge k) = x'β - τ_k` (McCullagh 1980, JRSS B 42, 109–142), proportional odds. The
    log-likelihood is concave; the search ends with the step whose decrement (twice what it is to gain) is below
    1e-10 of a log-likelihood unit, so that quadratic convergence leaves nothing to gain. Separation is proved by a
    linear programme: a direction in which no cell's likelihood falls.

    Examples
    --------
    >>> fit = fit_cumulative(np.array([[0.0], [1.0]]), np.array([[3.0, 1.0], [1.0, 3.0]]))
    >>> round(float(fit.estimate[0]), 6), round(float(2 * np.log(3)), 6), fit.converged
    (2.197225, 2.197225, True)
    """
    n_cuts = counts.shape[1] - 1
    design = _directions(x, counts)
    if n_cuts < 1 or np.linalg.matrix_rank(design) < n_cuts + x.shape[1]:
        return None
    parameters: Floats = np.concatenate([_marginal_cuts(counts), np.zeros(x.shape[1])])
    loglik = _loglik(parameters, x, counts)
    for _ in range(_MOST_STEPS):
        gradient, information = _derivatives(parameters, x, counts)
        step: Floats = np.linalg.lstsq(information, gradient)[0].astype(np.float64)
        parameters, loglik = _line_search(parameters, step, loglik, x, counts)
        if float(gradient @ step) < _DECREMENT:
            break
    gradient, information = _derivatives(parameters, x, counts)
    distance = np.abs(x @ parameters[n_cuts:, None] - parameters[:n_cuts])
    if distance.max() > _FAR and _is_separated(design):
        nothing = np.full(x.shape[1], np.nan)
        return Fit(loglik, nothing, nothing, separated=True, converged=True)
    variance = np.diag(np.linalg.pinv(information))[n_cuts:]
    converged = bool(np.abs(gradient).max() <= _GRADIENT * max(float(counts.sum()), 1))
    return Fit(loglik, parameters[n_cuts:], np.sqrt(np.maximum(variance, 0)), separated=False, converged=converged)


def _marginal_cuts(counts: Floats) -> Floats:
    shares = np.cumsum(counts.sum(axis=0))[:-1] / counts.sum()
    return np.asarray(logit(shares))


def _loglik(parameters: Floats, x: Floats, counts: Floats) -> float:
    n_cuts = counts.shape[1] - 1
    cuts = parameters[:n_cuts]
    if np.any(np.diff(cuts) <= 0):
        return -np.inf
    above = (x @ parameters[n_cuts:])[:, None] - cuts
    lower, upper = log_expit(above), log_expit(-above)
    logs = np.zeros_like(counts)
    logs[:, 1:] += lower
    logs[:, :-1] += upper
    logs[:, 1:-1] += np.log(-np.expm1(-np.diff(cuts)))
    return float((counts * logs).sum())


def _derivatives(parameters: Floats, x: Floats, counts: Floats) -> tuple[Floats, Floats]:
    """Return the gradient and the information (minus the second derivatives) in cuts and covariates."""
    n_cuts = counts.shape[1] - 1
    cuts = parameters[:n_cuts]
    above = (x @ parameters[n_cuts:])[:, None] - cuts
    share, inner = expit(above), counts[:, 1:-1]
    gaps = np.minimum(np.diff(cuts), _WIDEST)
    pull = inner / np.expm1(gaps)
    push = inner / (4 * np.sinh(gaps / 2) ** 2)
    slope = counts[:, 1:] * (1 - share) - counts[:, :-1] * share
    slope[:, :-1] += pull
    slope[:, 1:] -= pull
    curve = (counts[:, 1:] + counts[:, :-1]) * share * (1 - share)
    gradient = np.concatenate([-slope.sum(axis=0), x.T @ slope.sum(axis=1)])
    information = np.zeros((len(parameters), len(parameters)))
    information[range(n_cuts), range(n_cuts)] = curve.sum(axis=0)
    for place, amount in enumerate(push.sum(axis=0)):
        information[place : place + 2, place : place + 2] += amount * np.array([[1, -1], [-1, 1]])
    information[:n_cuts, n_cuts:] = -curve.T @ x
    information[n_cuts:, :n_cuts] = information[:n_cuts, n_cuts:].T
    information[n_cuts:, n_cuts:] = x.T @ (curve.sum(axis=1)[:, None] * x)
    return gradient, information


def _line_search(parameters: Floats, step: Floats, loglik: float, x: Floats, counts: Floats) -> tuple[Floats, float]:
    """Halve a step until the log-likelihood does not fall."""
    for halving in range(40):
        tried = parameters + step / 2**halving
        reached = _loglik(tried, x, counts)
        if reached >= loglik - 1e-12 * abs(loglik):
            return tried, reached
    return parameters, loglik


def _directions(x: Floats, counts: Floats) -> Floats:
    """Return, for each cut beside a category that some pupils of a cell have, the derivative that must not be negative.

    A pupil at or above a cut gains from a greater distance above it, one below it from a smaller.
    """
    rows = []
    for cut in range(counts.shape[1] - 1):
        for category, sign in ((cut + 1, 1.0), (cut, -1.0)):
            there = x[counts[:, category] > 0]
            cuts = np.zeros((len(there), counts.shape[1] - 1))
            cuts[:, cut] = -1
            rows.append(sign * np.hstack([cuts, there]))
    return np.vstack(rows) if rows else np.zeros((0, x.shape[1]))


def _is_separated(design: Floats) -> bool:
    """Say whether some direction makes no cell's likelihood fall and one grow (Albert & Anderson 1984; Konis 2007)."""
    found = linprog(-design.sum(axis=0), A_ub=-design, b_ub=np.zeros(len(design)), bounds=(-1, 1))
    return bool(found.status == 0 and -found.fun > 1e-7)
