"""Distributions of total scores as products of the items' own, and the same with one item left out."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from oko.measures.responses import Floats


def times(totals: Floats, item: Floats) -> Floats:
    """Return the distribution of a total once one more item is added to it.

    Parameters
    ----------
    totals : ndarray of shape (batch, totals)
    item : ndarray of shape (batch, categories)

    Returns
    -------
    ndarray of shape (batch, totals + categories − 1)

    Notes
    -----
    The recursion of Lord & Wingersky (1984, Applied Psychological Measurement 8, 453–461), which on odds in place of
    probabilities is the summation algorithm of elementary symmetric functions: only sums of positive terms, hence
    exact to the last digits for any number of items.

    Examples
    --------
    >>> times(np.array([[0.5, 0.5]]), np.array([[0.25, 0.75]])).tolist()
    [[0.125, 0.5, 0.375]]
    """
    batch, n = totals.shape
    longer = np.zeros((batch, n + item.shape[1] - 1))
    for category in range(item.shape[1]):
        longer[:, category : category + n] += totals * item[:, category, None]
    return longer


def product(items: list[Floats], totals: Floats) -> Floats:
    """Return the distribution of a total once all these items are added."""
    for item in items:
        totals = times(totals, item)
    return totals


def rests(items: list[Floats], totals: Floats) -> Iterator[Floats]:
    """Yield for each item the distribution of the total of all others.

    Parameters
    ----------
    items : list of ndarray of shape (batch, categories)
    totals : ndarray of shape (batch, totals)
        Of what is there beside these items; ``np.ones((batch, 1))`` if nothing.

    Notes
    -----
    Halves take turns: to leave out an item of one half, the other half is added whole. That is of the order of
    items × log items, and never divides, which would lose digits.

    Examples
    --------
    >>> coins = [np.array([[0.5, 0.5]]), np.array([[0.2, 0.8]])]
    >>> [rest.tolist() for rest in rests(coins, np.ones((1, 1)))]
    [[[0.2, 0.8]], [[0.5, 0.5]]]
    """
    if len(items) == 1:
        yield totals
        return
    half = len(items) // 2
    yield from rests(items[:half], product(items[half:], totals))
    yield from rests(items[half:], product(items[:half], totals))
