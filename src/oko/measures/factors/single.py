"""One factor behind a covariance matrix, and the omega of the sum of its items."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from oko.errors import MeasureError
from oko.measures.factors.residuals import ROUNDING, Floats, least_residuals

FEWEST_ITEMS = 3


@dataclass(frozen=True)
class OneFactor:
    """One common factor of several items, in the units of their points.

    Attributes
    ----------
    loadings : ndarray of shape (items,)
        Points by one standard deviation of the factor; they add up to 0 or more. An item without variance has 0.
    uniquenesses : ndarray of shape (items,)
        Variance that the factor leaves, in points squared.
    omega : float
        Omega total of the sum of points.
    at_bound : ndarray of bool, shape (items,)
        Items whose variance the factor takes whole (Heywood cases): their loadings are held at the bound.
    converged : bool
        Whether the first-order conditions hold, to 1e-8 on the scale of correlations.
    gradient_norm : float
        Greatest absolute derivative of half the criterion, on the scale of correlations.

    Notes
    -----
    Where there is no answer the numbers are NaN and ``converged`` is False.
    """

    loadings: Floats
    uniquenesses: Floats
    omega: float
    at_bound: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    converged: bool
    gradient_norm: float


def one_factor(covariance: ArrayLike) -> OneFactor:
    r"""Return the minres loadings on one factor and omega total of the sum score.

    Parameters
    ----------
    covariance : array of shape (items, items)
        Symmetric, variances 0 or more; a correlation matrix serves as well. NaN where a pair has no covariance, or
        fewer than three items with variance, give NaN.

    Returns
    -------
    OneFactor

    Raises
    ------
    MeasureError
        The matrix is not square or symmetric, or a variance is negative.

    Notes
    -----
    Minres (Harman and Jones 1966) on the correlations, times the standard deviations: an item counts the same whatever
    its unit. :math:`\omega = 1 - \sum_i \psi_i / \sum_{ij} s_{ij}` (McDonald 1999, as R's ``psych::omega``), with
    :math:`\psi_i = s_{ii} - \lambda_i^2`.

    Examples
    --------
    >>> fit = one_factor([[1, 0.56, 0.48], [0.56, 1, 0.42], [0.48, 0.42, 1]])
    >>> fit.loadings.round(4).tolist(), round(fit.omega, 4)
    ([0.8, 0.7, 0.6], 0.7449)
    """
    matrix = _read(covariance)
    variances = np.diag(matrix)
    varied = variances > 0
    if varied.sum() < FEWEST_ITEMS or not np.isfinite(matrix).all():
        return _nothing(len(matrix))
    deviations = np.sqrt(variances[varied])
    found = least_residuals(matrix[np.ix_(varied, varied)] / np.outer(deviations, deviations), 1)
    loadings, at_bound = np.zeros(len(matrix)), np.zeros(len(matrix), dtype=np.bool_)
    loadings[varied] = found.loadings[:, 0] * deviations
    at_bound[varied] = found.at_bound
    if loadings.sum() < 0:
        loadings = -loadings
    uniquenesses: Floats = np.where(at_bound, 0.0, variances - loadings**2)
    total = float(matrix.sum())
    omega = 1 - float(uniquenesses.sum()) / total if total > ROUNDING * variances.sum() else np.nan
    return OneFactor(loadings, uniquenesses, omega, at_bound, found.converged, found.gradient_norm)


def _read(covariance: ArrayLike) -> Floats:
    try:
        matrix = np.asarray(covariance, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MeasureError("The matrix of covariances is not square: give items × items.") from error
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise MeasureError("The matrix of covariances is not square: give items × items.")
    largest = np.abs(matrix[np.isfinite(matrix)]).max(initial=0.0)
    if np.isinf(matrix).any() or not np.allclose(matrix, matrix.T, rtol=0, atol=1e-8 * largest, equal_nan=True):
        raise MeasureError("The matrix of covariances is not symmetric: give that of one table of points.")
    if (np.diag(matrix) < 0).any():
        raise MeasureError("A variance is negative: compute the matrix of covariances anew.")
    return matrix


def _nothing(n_items: int) -> OneFactor:
    nan = np.full(n_items, np.nan)
    return OneFactor(nan, nan.copy(), np.nan, np.zeros(n_items, dtype=np.bool_), False, np.nan)
