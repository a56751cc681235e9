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
    zz, zx, zy : ndarray of shapes (q, q, schools), (q, p, schools), (q, schools)
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
    >>> cross_products(np.array([1.0, 2, 4]), [ones], [0], np.array([0, 0, 1]), ones, 2).zy[0]
    array([3., 4.])
    """
    zx = np.empty((len(random), len(design), n_schools))
    zy = np.empty((len(random), n_schools))
    for i, column in enumerate(random):
        weighted = design[column] * weights
        zy[i] = sum_by(school, weighted * outcome, n_schools)
        for j, other in enumerate(design):
            zx[i, j] = sum_by(school, weighted * other, n_schools)
    rows = np.stack([*design, outcome])
    products = (rows * weights) @ rows.T
    return CrossProducts(
        float(weights.sum()),
        products[:-1, :-1],
        products[:-1, -1],
        float(products[-1, -1]),
        np.ascontiguousarray(zx[:, list(random)]),
        zx,
        zy,
    )


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
    identity = np.eye(len(covariance))[:, :, None]
    shrink, log_determinant = inverse(identity + multiply(products.zz, covariance[:, :, None]))
    zvx, zvy = multiply(shrink, products.zx), multiply(shrink, products.zy[:, None])[:, 0]
    weighted = _rows(np.tensordot(covariance, products.zx, axes=1))
    information = products.xx - weighted @ _rows(zvx).T
    explained = products.xy - weighted @ zvy.ravel()
    fixed = np.linalg.solve(information, explained).astype(np.float64)
    residual = products.yy - float(np.sum((covariance @ products.zy) * zvy)) - float(explained @ fixed)
    freedom = products.n - (len(fixed) if restricted else 0)
    score = zvy - np.tensordot(fixed, zvx, axes=(0, 1))
    gradient = np.sum(multiply(shrink, products.zz), axis=2) - freedom / residual * (score @ score.T)
    deviance = log_determinant + freedom * (1 + np.log(2 * np.pi * residual / freedom))
    if restricted:
        factor = np.linalg.cholesky(information)
        deviance += 2 * np.sum(np.log(np.diag(factor)))
        half = _rows(np.tensordot(np.linalg.inv(factor), zvx, axes=(1, 1)))
        gradient = gradient - half @ half.T
    return Evaluation(
        float(deviance),
        (gradient + gradient.T) / 2,
        fixed,
        information,
        residual / freedom,
        (covariance @ score).T,
        np.moveaxis(multiply(covariance[:, :, None], shrink), 2, 0),
    )


def multiply(left: Floats, right: Floats) -> Floats:
    """Multiply matrices school by school; schools are the last axis, so that q steps run over all of them.

    Examples
    --------
    >>> multiply(np.array([[[1.0, 2.0]]]), np.array([[[3.0, 4.0]]])).tolist()
    [[[3.0, 8.0]]]
    """
    total: Floats = left[:, 0, None] * right[0]
    for k in range(1, len(right)):
        total = total + left[:, k, None] * right[k]
    return total


def _rows(stack: Floats) -> Floats:
    """Lay a stack of shape (q, p, schools) out as p rows of all its q × schools entries."""
    return stack.swapaxes(0, 1).reshape(stack.shape[1], -1)


def inverse(matrices: Floats) -> tuple[Floats, float]:
    """Invert the matrix of each school; also sum the logarithms of their determinants.

    Examples
    --------
    >>> inverse(np.array([[[1.0, 4.0]]]))[0].tolist()
    [[[1.0, 0.25]]]
    """
    size = len(matrices)
    if size == 1:
        return 1 / matrices, float(np.sum(np.log(matrices)))
    if size == 2:
        (a, b), (c, d) = matrices
        determinant = a * d - b * c
        return np.array([[d, -b], [-c, a]]) / determinant, float(np.sum(np.log(determinant)))
    stack = np.moveaxis(matrices, 2, 0)
    inverses = np.linalg.inv(stack).astype(np.float64)
    return np.moveaxis(inverses, 0, 2), float(np.sum(np.linalg.slogdet(stack)[1]))
