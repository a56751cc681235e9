"""A smooth distribution of scores, and what its pupils beside a border say against it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from oko.measures.intervals import Floats

_STEPS, _CLOSE, _FAR, _NOTHING = 100, 1e-9, 30.0, 1e-5


@dataclass(frozen=True)
class Shift:
    """What the pupils at and just below borders say of a shift from below to the border.

    Attributes
    ----------
    score : float
        Efficient score: pupils at borders less those just below, less what the smooth curve expects.
    variance : float
        Its variance where nobody was shifted; 0 where borders say nothing.
    step : float
        What the score gains when one pupil is moved.
    """

    score: float
    variance: float
    step: float


def smooth(counts: Floats, degree: int, used: np.ndarray | None = None) -> Floats:
    r"""Return the pupils that a smooth curve expects at each score.

    Parameters
    ----------
    counts : ndarray of shape (scores,)
        Pupils at each score from 0.
    degree : int
        Of the polynomial in the score whose exponential the curve is.
    used : ndarray of bool, optional
        Scores that the curve is fitted to; all by default. It runs through the others.

    Notes
    -----
    Poisson maximum likelihood of :math:`\log μ_x` = polynomial of x (Holland & Thayer 1987, 2000, log-linear
    presmoothing; from memory), by Newton's steps, halved where the likelihood falls.

    Examples
    --------
    >>> smooth(np.array([1.0, 2, 4, 2, 1]), 2).round(2).tolist()
    [0.9, 2.42, 3.37, 2.42, 0.9]
    """
    design = _design(len(counts), degree)
    rows = np.ones(len(counts), dtype=bool) if used is None else used
    basis, seen = design[rows], counts[rows]
    at: Floats = np.linalg.lstsq(basis, np.log(seen + 0.5), rcond=None)[0]
    for _ in range(_STEPS):
        expected = _curve(basis, at)
        slope = basis.T @ (seen - expected)
        if np.abs(slope).max() <= _CLOSE * max(float(seen.sum()), 1.0):
            break
        curvature = (basis * expected[:, None]).T @ basis
        step = np.linalg.lstsq(curvature, slope, rcond=1e-12)[0]
        size, here = 1.0, _likelihood(basis, at, seen)
        while size > 1e-6 and _likelihood(basis, at + size * step, seen) < here:
            size /= 2
        at = at + size * step
    return _curve(design, at)


def _design(n_scores: int, degree: int) -> Floats:
    place = np.linspace(-1, 1, n_scores)
    basis: Floats = np.linalg.qr(np.vander(place, min(degree, n_scores - 1) + 1, increasing=True))[0]
    return basis


def _curve(basis: Floats, at: Floats) -> Floats:
    return np.exp(np.clip(basis @ at, -_FAR, _FAR))


def _likelihood(basis: Floats, at: Floats, seen: Floats) -> float:
    return float(seen @ np.clip(basis @ at, -_FAR, _FAR) - _curve(basis, at).sum())


def shift(counts: Floats, borders: Sequence[int], degree: int) -> Shift:
    r"""Test whether pupils stand at borders who should stand just below.

    Parameters
    ----------
    counts : ndarray of shape (scores,)
    borders : sequence of int
        Lowest score of each mark, from 1 to the greatest score.
    degree : int

    Notes
    -----
    Rao's score test of δ = 0 in :math:`\log μ_x = \mathrm{polynomial}(x) + δ h_x`, h = 1 at a border, −1 just below:
    the score :math:`\sum_x r_x n_x` with r what is left of h after weighted regression on the polynomial, its variance
    :math:`\sum_x r_x^2 μ_x`, so that the curve's own error counts.

    Examples
    --------
    >>> even, raised = np.array([4.0, 8, 12, 12, 8, 4]), np.array([4.0, 8, 4, 20, 8, 4])
    >>> [round(abs(found.score) / found.variance**0.5, 2) for found in (shift(each, [3], 2) for each in (even, raised))]
    [0.0, 3.18]
    """
    expected, contrast = smooth(counts, degree), np.zeros(len(counts))
    for border in borders:
        contrast[border] += 1
        contrast[border - 1] -= 1
    design = _design(len(counts), degree)
    weighted = design * np.sqrt(expected)[:, None]
    fitted = np.linalg.lstsq(weighted, contrast * np.sqrt(expected), rcond=1e-12)[0]
    left = contrast - design @ fitted
    variance = float(left**2 @ expected)
    step = float(np.mean([left[border] - left[border - 1] for border in borders])) if len(borders) else 0.0
    if variance <= _NOTHING * max(float(counts.sum()), 1.0) or step <= 0:  # the curve runs through all scores
        return Shift(0.0, 0.0, 0.0)
    return Shift(float(left @ counts), variance, step)
