"""Probabilities of score categories in the generalised partial credit family, which holds all models of this room."""

from __future__ import annotations

import numpy as np

from oko.measures.responses import Floats


def category_probabilities(discrimination: Floats, steps: Floats, theta: Floats) -> Floats:
    r"""Return the probability of each score category at each ability.

    Parameters
    ----------
    discrimination : ndarray of shape (items,)
        Slopes a, in the logistic metric (no 1.7).
    steps : ndarray of shape (items, steps)
        Abilities b at which adjacent categories cross; NaN behind an item's last step.
    theta : ndarray of shape (abilities,)

    Returns
    -------
    ndarray of shape (items, abilities, steps + 1)
        Sums to 1 over an item's categories; 0 for categories that it does not have.

    Notes
    -----
    :math:`P_k(\theta) \propto \exp\sum_{m \le k} a(\theta - b_m)` (Muraki 1992, Applied Psychological Measurement 16,
    159–176). One step and a = 1: Rasch; one step: 2PL; a = 1: partial credit (Masters 1982, Psychometrika 47, 149–174).

    Examples
    --------
    >>> category_probabilities(np.array([1.0]), np.array([[0.0, np.nan]]), np.array([0.0])).tolist()
    [[[0.5, 0.5, 0.0]]]
    """
    adjacent = discrimination[:, None, None] * (theta[None, :, None] - steps[:, None, :])
    return from_adjacent(adjacent)


def from_adjacent(adjacent: Floats) -> Floats:
    """Return category probabilities from the log odds of adjacent categories (last axis; NaN: no such step)."""
    return with_log_sum(adjacent)[0]


def with_log_sum(adjacent: Floats) -> tuple[Floats, Floats]:
    """Return the same, and the logarithm of the sum of the odds against the lowest category."""
    cumulative = np.cumsum(np.where(np.isnan(adjacent), -np.inf, adjacent), axis=-1)
    logits = np.concatenate([np.zeros((*adjacent.shape[:-1], 1)), cumulative], axis=-1)
    top = logits.max(axis=-1, keepdims=True)
    odds = np.exp(logits - top)
    total = odds.sum(axis=-1, keepdims=True)
    return odds / total, (top + np.log(total))[..., 0]
