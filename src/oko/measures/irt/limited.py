"""Fit of a whole model, judged by single tasks and pairs of tasks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.optimize import brentq
from scipy.special import chdtrc
from scipy.stats import ncx2

from oko.measures.irt.calibration import Calibration
from oko.measures.irt.curves import spaced_nodes
from oko.measures.irt.patterns import Patterns
from oko.measures.responses import Floats
from oko.measures.statement import Statement


@dataclass(frozen=True)
class LimitedFit:
    """How well a model foretells single tasks and pairs of tasks.

    Attributes
    ----------
    m2 : float
    df : int
    p : float
    rmsea, rmsea_lower, rmsea_upper : float
        Misfit for each degree of freedom, with its 90 % interval.
    srmsr : float
        Root mean square difference between observed correlations of tasks and those of the model.
    statements : tuple of Statement
        ``irt_m2_not_given``, with its reason, where nothing is computed.
    """

    m2: float
    df: int
    p: float
    rmsea: float
    rmsea_lower: float
    rmsea_upper: float
    srmsr: float
    statements: tuple[Statement, ...] = ()


def limited_fit(calibration: Calibration, patterns: Patterns, directions: Floats, converged: bool = True) -> LimitedFit:
    r"""Return M2 of Maydeu-Olivares and Joe, with RMSEA and SRMSR.

    Parameters
    ----------
    calibration : Calibration
        Of right/wrong items.
    patterns : Patterns
        Of all items: with tasks that were not administered nothing is computed, and a statement says so.
    directions : ndarray of shape (free parameters, 2 × items)
        What each free parameter adds to slopes and intercepts on the standard scale (`newton.Chart`).
    converged : bool
        Nothing is computed where the search for parameters did not converge.

    Returns
    -------
    LimitedFit

    Notes
    -----
    With e the residuals of the proportions right on tasks and on pairs, Ξ their covariance of one pupil, Δ their
    derivatives by the free parameters, :math:`M_2 = N e'[\Xi^{-1} - \Xi^{-1}\Delta(\Delta'\Xi^{-1}\Delta)^{-1}
    \Delta'\Xi^{-1}]e` (Maydeu-Olivares & Joe 2006, Psychometrika 71, 713–732).

    Examples
    --------
    >>> import pandas as pd
    >>> known = Calibration(pd.Index(["1"]), np.ones(1), np.zeros((1, 1)), (np.array([0.0, 1.0]),), 1.0)
    >>> rows = Patterns(np.array([[0], [1]]), np.ones(2), np.zeros(2, int), np.array([[True]]), np.arange(2))
    >>> limited_fit(known, rows, np.eye(2)).statements[0].values["reason"]
    'df'
    """
    reason = _reason(calibration, patterns, len(directions)) if converged else "not_converged"
    if reason:
        return _nothing(reason)
    n, spread = float(patterns.weights.sum()), float(np.sqrt(calibration.variance))
    right = patterns.categories.astype(np.float64)
    margins = _Margins(calibration, spread)
    pairs = right[:, margins.first] * right[:, margins.second]
    residual = patterns.weights @ np.hstack([right, pairs]) / n - margins.expected
    jacobian = margins.derivatives() @ directions.T
    try:
        factor = cho_factor(margins.covariance())
        weighted = cho_solve(factor, np.column_stack([residual, jacobian]))
        inner = np.linalg.solve(jacobian.T @ weighted[:, 1:], jacobian.T @ weighted[:, 0])
    except (LinAlgError, np.linalg.LinAlgError):
        return _nothing("singular")
    m2 = n * float(residual @ (weighted[:, 0] - weighted[:, 1:] @ inner))
    df = len(residual) - len(directions)
    lower, upper = (_noncentrality(m2, df, level) for level in (0.95, 0.05))
    misfit, lower, upper = (float(np.sqrt(value / (df * (n - 1)))) for value in (max(m2 - df, 0.0), lower, upper))
    return LimitedFit(m2, df, float(chdtrc(df, m2)), misfit, lower, upper, _srmsr(margins, residual))


def _reason(calibration: Calibration, patterns: Patterns, free: int) -> str:
    n = len(calibration.items)
    if any(len(levels) > 2 for levels in calibration.levels):
        return "categories"
    if not patterns.administered.all():
        return "missing"
    if patterns.weights.sum() <= 1:
        return "pupils"
    return "df" if n * (n + 1) // 2 <= free else ""


def _nothing(reason: str) -> LimitedFit:
    none = np.nan
    return LimitedFit(none, 0, none, none, none, none, none, (Statement("irt_m2_not_given", {"reason": reason}),))


class _Margins:
    """Proportions right on tasks, then on pairs, as the model foretells them."""

    def __init__(self, calibration: Calibration, spread: float) -> None:
        nodes = spaced_nodes(0.1, 8.0)
        self.z, self.weights = nodes.z, np.exp(nodes.log_probability)
        self.right = calibration.probabilities(nodes.z * spread)[:, :, 1]
        self.first, self.second = np.triu_indices(len(self.right), 1)
        self.curves = np.vstack([self.right, self.right[self.first] * self.right[self.second]])
        self.expected: Floats = self.curves @ self.weights

    def derivatives(self) -> Floats:
        """Return derivatives by slopes, then by intercepts, shape (margins, 2 × items)."""
        bend = self.right * (1 - self.right) * self.weights
        n, pairs = len(bend), np.arange(len(self.first)) + len(bend)
        both = np.zeros((len(self.curves), 2 * n))
        for shift, factor in ((0, self.z), (n, np.ones_like(self.z))):
            both[np.arange(n), shift + np.arange(n)] = bend @ factor
            both[pairs, shift + self.first] = (bend[self.first] * self.right[self.second]) @ factor
            both[pairs, shift + self.second] = (bend[self.second] * self.right[self.first]) @ factor
        return both

    def covariance(self) -> Floats:
        """Return the covariance of one pupil's tasks and pairs; a task in both counts once."""
        joint = (self.curves * self.weights) @ self.curves.T
        n = len(self.right)
        member = np.vstack([np.eye(n, dtype=bool), np.zeros((len(self.first), n), dtype=bool)])
        member[np.arange(n, len(member)), self.first] = member[np.arange(n, len(member)), self.second] = True
        for row, tasks in enumerate(member):
            shared = np.flatnonzero((member & tasks).any(axis=1))
            either = member[shared] | tasks
            joint[row, shared] = [self.weights @ self.right[union].prod(axis=0) for union in either]
        return np.asarray(joint - np.multiply.outer(self.expected, self.expected))


def _noncentrality(m2: float, df: int, level: float) -> float:
    """Return the noncentrality at which a value up to ``m2`` has this probability; 0 where there is none."""
    if ncx2.cdf(m2, df, 1e-9) < level:
        return 0.0
    return float(brentq(lambda lam: ncx2.cdf(m2, df, lam) - level, 1e-9, 4 * m2 + 100))


def _srmsr(margins: _Margins, residual: Floats) -> float:
    n = len(margins.right)
    expected, observed = margins.expected, margins.expected + residual
    correlations = []
    for share in (expected, observed):
        spread = np.sqrt(share[:n] * (1 - share[:n]))
        covariance = share[n:] - share[margins.first] * share[margins.second]
        correlations.append(covariance / (spread[margins.first] * spread[margins.second]))
    return float(np.sqrt(np.mean((correlations[1] - correlations[0]) ** 2)))
