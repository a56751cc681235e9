"""Likelihood of a linear mixed model from the cross-products of its schools."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from oko.measures.weights import Codes, sum_by

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CrossProducts:
    """All that the likelihood needs of the pupils, gathered once.

    Attributes
    ----------
    n : float
        Pupils.
    xx, xy, yy : ndarray of shape (p, p), ndarray of shape (p,), float
        Cross-products of the fixed part over all pupils.
    zz, zx, zy : ndarray of shapes (schools, q, q), (schools, q, p), (schools, q, 1)
        Cross-products of the random part in each school.
    """

    n: float
    xx: Floats
    xy: Floats
    yy: float
    zz: Floats
    zx: Floats
    zy: Floats


@dataclass(frozen=True)
class Evaluation:
    """The likelihood at one relative covariance of the school effects.

    Attributes
    ----------
    deviance : float
        Minus twice the log-likelihood (restricted for REML), fixed effects and pupil variance profiled out.
    gradient : ndarray of shape (q, q)
        Its derivative by the relative covariance.
    fixed : ndarray of shape (p,)
    information : ndarray of shape (p, p)
        X'V⁻¹X in units of the pupil variance.
    pupil_variance : float
    effects : ndarray of shape (schools, q)
        Conditional means of the school effects.
    spread : ndarray of shape (schools, q, q)
        Their conditional covariances in units of the pupil variance.
    """

    deviance: float
    gradient: Floats
    fixed: Floats
    information: Floats
    pupil_variance: float
    effects: Floats
    spread: Floats


def cross_products(
    outcome: Floats,
    design: Sequence[Floats],
    random: Sequence[int],
    school: Codes,
    weights: Floats,
    n_schools: int,
) -> CrossProducts:
    """Gather the cross-products of a model in one pass over the pupils.

    Parameters
    ----------
    outcome : ndarray of shape (rows,)
    design : sequence of p ndarrays of shape (rows,)
        Columns of the fixed part.
    random : sequence of int
        Which of them vary between schools too.
    school : ndarray of int of shape (rows,)
        0 to ``n_schools`` − 1.
    weights : ndarray of shape (rows,)
        Pupils a row stands for.
    n_schools : int

    Returns
    -------
    CrossProducts

    Examples
    --------
    >>> ones = np.ones(3)
    >>> cross_products(np.array([1.0, 2, 4]), [ones], [0], np.array([0, 0, 1]), ones, 2).zy.ravel()
    array([3., 4.])
    """
    q, p = len(random), len(design)
    zx, zy = np.empty((n_schools, q, p)), np.empty((n_schools, q, 1))
    for i, column in enumerate(random):
        weighted = design[column] * weights
        zy[:, i, 0] = sum_by(school, weighted * outcome, n_schools)
        for j in range(p):
            zx[:, i, j] = sum_by(school, weighted * design[j], n_schools)
    rows = np.stack([*design, outcome])
    products = (rows * weights) @ rows.T
    zz = np.ascontiguousarray(zx[:, :, list(random)])
    return CrossProducts(float(weights.sum()), products[:p, :p], products[:p, p], float(products[p, p]), zz, zx, zy)


def evaluate(products: CrossProducts, covariance: Floats, *, restricted: bool) -> Evaluation:
    r"""Evaluate the profiled likelihood at a relative covariance Ψ of the school effects.

    Parameters
    ----------
    products : CrossProducts
    covariance : ndarray of shape (q, q)
        Ψ, covariance of the school effects divided by the pupil variance; positive semidefinite.
    restricted : bool
        REML instead of ML.

    Returns
    -------
    Evaluation

    Notes
    -----
    With :math:`V_s = I + Z_s Ψ Z_s'` and :math:`N_s = (I + Z_s'Z_s Ψ)^{-1}`, :math:`Z_s'V_s^{-1} = N_s Z_s'`, so that
    every term is a sum over schools of products of q × p matrices. The deviance is
    :math:`\sum \log|V_s| + [\log|X'V^{-1}X|] + ν(1 + \log 2πr²/ν)`, ν = n (ML) or n − p (REML); its derivative by Ψ
    is :math:`\sum N_sZ_s'Z_s - [N_sZ_s'X(X'V^{-1}X)^{-1}X'Z_sN_s'] - \frac{ν}{r²} u_su_s'` with
    :math:`u_s = Z_s'V_s^{-1}(y - Xβ)`, the terms in brackets for REML only (Bates et al. 2015,
    JSS 67(1), section 3, for the profiled form; Harville 1977, JASA 72, for the derivatives).

    Examples
    --------
    >>> ones = np.ones(3)
    >>> data = cross_products(np.array([1.0, 2, 4]), [ones], [0], np.array([0, 0, 1]), ones, 2)
    >>> round(evaluate(data, np.zeros((1, 1)), restricted=False).deviance, 6)
    9.839129
    """
    shrink, log_determinant = _inverse(np.eye(len(covariance)) + products.zz @ covariance)
    zvx, zvy = shrink @ products.zx, shrink @ products.zy
    weighted = products.zx.swapaxes(1, 2) @ covariance
    information = products.xx - _total(weighted, zvx)
    factor = np.linalg.cholesky(information)
    explained = products.xy - _total(weighted, zvy)[:, 0]
    fixed = np.linalg.solve(information, explained)
    between = float(np.sum((products.zy.swapaxes(1, 2) @ covariance) @ zvy))
    residual = products.yy - between - float(explained @ fixed)
    freedom = products.n - (len(fixed) if restricted else 0)
    score = zvy[:, :, 0] - zvx @ fixed
    gradient = np.sum(shrink @ products.zz, axis=0) - freedom / residual * (score.T @ score)
    deviance = log_determinant + freedom * (1 + np.log(2 * np.pi * residual / freedom))
    if restricted:
        deviance += 2 * np.sum(np.log(np.diag(factor)))
        half = zvx @ np.linalg.inv(factor).T
        gradient = gradient - np.tensordot(half, half, axes=([0, 2], [0, 2]))
    return Evaluation(
        float(deviance),
        np.asarray((gradient + gradient.T) / 2, dtype=np.float64),
        fixed,
        information,
        residual / freedom,
        score @ covariance,
        covariance @ shrink,
    )


def _total(left: Floats, right: Floats) -> Floats:
    """Sum left[s] @ right[s] over schools as one product of matrices."""
    schools, p, q = left.shape
    return left.transpose(1, 0, 2).reshape(p, schools * q) @ right.reshape(schools * q, -1)


def _inverse(matrices: Floats) -> tuple[Floats, float]:
    """Invert a stack of matrices; also the sum of the logarithms of their determinants."""
    size = matrices.shape[-1]
    if size == 1:
        return 1 / matrices, float(np.sum(np.log(matrices)))
    if size == 2:
        a, b, c, d = (matrices[:, i, j] for i in (0, 1) for j in (0, 1))
        determinant = a * d - b * c
        adjugate = np.stack([d, -b, -c, a], axis=1) / determinant[:, None]
        return adjugate.reshape(-1, 2, 2), float(np.sum(np.log(determinant)))
    inverses = np.linalg.inv(matrices).astype(np.float64)
    return inverses, float(np.sum(np.linalg.slogdet(matrices)[1]))
