"""Rotations of loadings to simple structure by gradient projection, with several starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from oko.measures.factors.residuals import Floats

ROTATIONS = ("oblimin", "varimax")
TOLERANCE = 1e-7
_STARTS = 20
_ROUGH, _ROUGH_STEPS, _FINE_STEPS = 1e-3, 200, 5000
Criterion: TypeAlias = Callable[[Floats], tuple[float, Floats]]


@dataclass(frozen=True)
class Rotated:
    """Rotated loadings: ``loadings = axes @ inv(turn).T``, which is ``axes @ turn`` for varimax.

    Attributes
    ----------
    loadings : ndarray of shape (items, factors)
    turn : ndarray of shape (factors, factors)
        Columns of length 1.
    gradient_norm : float
        Root of the summed squares of the projected gradient.
    """

    loadings: Floats
    turn: Floats
    gradient_norm: float

    @property
    def phi(self) -> Floats:
        """Correlations of the factors."""
        phi: Floats = self.turn.T @ self.turn
        np.fill_diagonal(phi, 1.0)
        return phi


def rotate(axes: Floats, kind: str) -> Rotated:
    r"""Rotate loadings by oblimin or varimax.

    Parameters
    ----------
    axes : ndarray of shape (items, factors)
        Two factors or more.
    kind : {"oblimin", "varimax"}

    Notes
    -----
    Oblimin is direct quartimin: it minimises :math:`\tfrac14 \sum_{r \ne s} \sum_i l_{ir}^2 l_{is}^2`, without Kaiser's
    normalisation, as R's ``GPArotation::oblimin``. Varimax is with Kaiser's normalisation, as R's ``varimax``. Gradient
    projection (Jennrich 2001, 2002; Bernaards and Jennrich 2005) from the unrotated axes and from random turns of a
    fixed seed; the start with the least criterion is followed until the projected gradient is below 1e-7.
    """
    oblique = kind == "oblimin"
    lengths = np.ones((len(axes), 1)) if oblique else np.sqrt((axes**2).sum(axis=1, keepdims=True))
    scaled = axes / np.where(lengths > 0, lengths, 1)
    criterion = _quartimin if oblique else _varimax
    n_factors = axes.shape[1]
    random = np.random.default_rng(2001).normal(size=(_STARTS - 1, n_factors, n_factors))
    starts = [np.eye(n_factors), *(np.linalg.qr(each)[0] for each in random)]
    rough = [_project(scaled, start, criterion, oblique, _ROUGH, _ROUGH_STEPS) for start in starts]
    least = min(value for _, value, _ in rough)
    nearest = next(turn for turn, value, _ in rough if value <= least + 1e-6)
    turn, _, norm = _project(scaled, nearest, criterion, oblique, TOLERANCE, _FINE_STEPS)
    return Rotated(lengths * _turned(scaled, turn, oblique), turn, norm)


def _quartimin(loadings: Floats) -> tuple[float, Floats]:
    squares = loadings**2
    others = squares.sum(axis=1, keepdims=True) - squares
    return float((squares * others).sum()) / 4, loadings * others


def _varimax(loadings: Floats) -> tuple[float, Floats]:
    squares = loadings**2
    centred = squares - squares.mean(axis=0)
    return -float((centred**2).sum()) / 4, -loadings * centred


def _turned(axes: Floats, turn: Floats, oblique: bool) -> Floats:
    return axes @ np.linalg.inv(turn).T if oblique else axes @ turn


def _project(
    axes: Floats, turn: Floats, criterion: Criterion, oblique: bool, tolerance: float, steps: int
) -> tuple[Floats, float, float]:
    """Return the turn, its criterion and the norm of its projected gradient."""
    size = 1.0
    loadings = _turned(axes, turn, oblique)
    value, slope = criterion(loadings)
    norm = np.inf
    for _ in range(steps):
        if oblique:
            gradient = -(loadings.T @ slope @ np.linalg.inv(turn)).T
            projected = gradient - turn * (turn * gradient).sum(axis=0)
        else:
            gradient = axes.T @ slope
            mixed = turn.T @ gradient
            projected = gradient - turn @ (mixed + mixed.T) / 2
        norm = float(np.sqrt((projected**2).sum()))
        if norm < tolerance:
            break
        size *= 2
        for _ in range(20):
            nearer = _onto(turn - size * projected, oblique)
            tried = _turned(axes, nearer, oblique)
            reached, sloped = criterion(tried)
            if reached < value - 0.5 * norm**2 * size + 1e-15:
                break
            size /= 2
        turn, loadings, value, slope = nearer, tried, reached, sloped
    return turn, value, norm


def _onto(matrix: Floats, oblique: bool) -> Floats:
    if oblique:
        return np.asarray(matrix / np.sqrt((matrix**2).sum(axis=0)))
    left, _, right = np.linalg.svd(matrix)
    return np.asarray(left @ right)
