"""Log-linear smoothing of score frequencies, which keeps their first moments exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import chi2

from oko.errors import MeasureError
from oko.measures.equating.frequencies import Frequencies, read_frequencies
from oko.measures.responses import Floats

_MOST_STEPS = 40
_CLOSE = 1e-8
_DECREMENT = 1e-20  # squared length of a Newton step in standard errors of one pupil


@dataclass(frozen=True)
class Smoothed:
    """A log-linear model of the shares of pupils with each score.

    Attributes
    ----------
    shares : ndarray of shape (scores,)
        Sum to 1; NaN where the model has no maximum.
    root : ndarray of shape (scores, degree)
        ``root @ root.T`` is the covariance of the shares times the number of pupils.
    converged : bool
        False where the frequencies have no model of that degree: its maximum lies at infinity.
    """

    shares: Floats
    root: Floats
    converged: bool


def smooth(form: Frequencies, degree: int) -> Smoothed:
    r"""Fit a log-linear model of a given degree by maximum likelihood.

    Parameters
    ----------
    form : Frequencies
    degree : int
        Moments that are kept, from 1 up; not converged above the number of scores − 2, which leaves nothing to smooth.

    Returns
    -------
    Smoothed

    Notes
    -----
    :math:`\log p_k = β_0 + \sum_{i=1}^{d} β_i k^i` (Holland & Thayer 1987, 2000, Journal of Educational and Behavioral
    Statistics 25, 133–183), Newton's method with halved steps on a basis of orthogonal polynomials. At the maximum
    the first d moments of the fitted and observed distributions agree. Covariance of the shares:
    :math:`Σ B (B'ΣB)^{-1} B'Σ / n`, :math:`Σ = diag(p) - pp'` (the same source).
    """
    _check_degree(degree)
    observed = form.shares
    if degree > len(observed) - 2:
        return _no_maximum(len(observed), degree)
    basis = _orthogonal_powers(form.scores, degree)
    beta = np.zeros(degree)
    for _ in range(_MOST_STEPS):
        shares = _shares(basis, beta)
        gradient = basis.T @ (observed - shares)
        information = _information(basis, shares)
        if np.linalg.cond(information) > 1 / np.finfo(np.float64).eps:
            break
        step = np.asarray(np.linalg.solve(information, gradient), dtype=np.float64)
        decrement = gradient @ step
        if decrement < _DECREMENT:
            try:
                return Smoothed(shares, _root(basis, shares, information), True)
            except np.linalg.LinAlgError:  # no variance is left: the maximum lies at infinity
                break
        # close to the maximum rounding hides the rise of the likelihood, and the whole step is right
        beta = beta + step if decrement < _CLOSE else _uphill(basis, observed, beta, step)
    return _no_maximum(len(observed), degree)


def _no_maximum(scores: int, degree: int) -> Smoothed:
    return Smoothed(np.full(scores, np.nan), np.full((scores, degree), np.nan), False)


def _check_degree(degree: int) -> None:
    whole = isinstance(degree, (int, np.integer)) and not isinstance(degree, bool)
    if not whole or degree < 1:
        raise MeasureError("Smoothing has degree {degree}: give a whole number from 1 up.", degree=repr(degree))


def _orthogonal_powers(scores: Floats, degree: int) -> Floats:
    scaled = 2 * (scores - scores[0]) / (scores[-1] - scores[0]) - 1
    powers = np.polynomial.legendre.legvander(scaled, degree)
    orthogonal: Floats = np.linalg.qr(powers)[0][:, 1:] * np.sqrt(len(scores))
    return orthogonal


def _shares(basis: Floats, beta: Floats) -> Floats:
    logits = basis @ beta
    odds = np.exp(logits - logits.max())
    return np.asarray(odds / odds.sum())


def _information(basis: Floats, shares: Floats) -> Floats:
    mean = shares @ basis
    return (basis * shares[:, None]).T @ basis - np.outer(mean, mean)


def _root(basis: Floats, shares: Floats, information: Floats) -> Floats:
    centred = shares[:, None] * (basis - shares @ basis)
    return np.linalg.solve(np.linalg.cholesky(information), centred.T).T


def _uphill(basis: Floats, observed: Floats, beta: Floats, step: Floats) -> Floats:
    start = _loglik(basis, observed, beta)
    for halvings in range(60):
        tried: Floats = beta + step / 2**halvings
        if _loglik(basis, observed, tried) >= start:
            return tried
    return beta


def _loglik(basis: Floats, observed: Floats, beta: Floats) -> float:
    logits = basis @ beta
    top = logits.max()
    return float(observed @ logits - top - np.log(np.exp(logits - top).sum()))


def smoothing_degrees(frequencies: pd.Series, most: int = 8) -> pd.DataFrame:
    r"""Compare log-linear models of degree 1 to ``most``, as a help in choosing one.

    Parameters
    ----------
    frequencies : Series
        Index: whole scores; values: pupils.
    most : int, default 8
        Highest degree; cut to the number of scores − 2.

    Returns
    -------
    DataFrame, index ``degree``
        ``g2`` likelihood-ratio chi-squared against the observed frequencies, its ``df`` and ``p``; ``aic``, ``bic``
        (G² + 2 d, G² + d log n: smaller is closer for its size); ``drop`` of G² from the degree before and
        ``drop_p`` (1 df; NaN in the first row). NaN where a model has no maximum.

    Raises
    ------
    MeasureError
        The frequencies are wrong, ``most`` is not a whole number from 1 up, or there are fewer than three scores.

    Notes
    -----
    :math:`G^2 = 2 \sum n_k \log(n_k / m_k)`. With many scores that few pupils reached p is only approximate.

    Examples
    --------
    >>> table = smoothing_degrees(pd.Series([4, 10, 21, 30, 18, 9, 2]), most=3)
    >>> table.loc[2, ["g2", "df"]].round(3).tolist()
    [0.831, 4.0]
    """
    form = read_frequencies(frequencies, "X")
    _check_degree(most)
    if len(form.scores) < 3:
        raise MeasureError("The form has {scores} scores: smoothing needs at least 3.", scores=len(form.scores))
    rows = []
    for degree in range(1, min(most, len(form.scores) - 2) + 1):
        shares = smooth(form, degree).shares
        there = form.pupils > 0
        g2 = 2 * float(form.pupils[there] @ np.log(form.shares[there] / shares[there]))
        df = len(form.scores) - degree - 1
        rows.append((g2, df, float(chi2.sf(g2, df)), g2 + 2 * degree, g2 + degree * np.log(form.n)))
    index = pd.RangeIndex(1, len(rows) + 1, name="degree")
    table = pd.DataFrame(rows, index=index, columns=["g2", "df", "p", "aic", "bic"])
    drop = -table["g2"].diff()
    return table.assign(drop=drop, drop_p=chi2.sf(drop, 1)).astype({"drop_p": float})
