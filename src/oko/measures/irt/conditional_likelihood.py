"""Likelihood of answers given each pupil's total, which holds no ability at all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oko.measures.irt.categories import from_adjacent
from oko.measures.irt.curves import Layout
from oko.measures.irt.patterns import Patterns
from oko.measures.irt.polynomials import product, rests
from oko.measures.responses import Floats
from oko.measures.weights import Codes, sum_by


@dataclass(frozen=True)
class TotalsOfSet:
    """Pupils that were given the same items, by total.

    Attributes
    ----------
    places : ndarray
        The set's items.
    pupils : ndarray of shape (totals,)
        From 0 to the greatest total; 0 at both ends, which tell nothing.
    """

    places: Codes
    pupils: Floats


@dataclass(frozen=True)
class Conditional:
    """The conditional log likelihood at one point.

    Attributes
    ----------
    loglik : float
    gradient : ndarray of shape (steps in all,)
    information : ndarray of shape (steps in all, steps in all)
        Minus the second derivatives; singular along a shift of all steps.
    """

    loglik: float
    gradient: Floats
    information: Floats


def totals_of(patterns: Patterns, steps: Codes) -> list[TotalsOfSet]:
    """Return pupils by total in each set of items, those with no points or all points left out."""
    found = []
    for group, given in enumerate(patterns.administered):
        members = patterns.group == group
        places = np.flatnonzero(given)
        most = int(steps[places].sum())
        totals = patterns.categories[members][:, places].sum(axis=1, dtype=np.int64)
        pupils = sum_by(totals, patterns.weights[members], most + 1)
        pupils[[0, -1]] = 0.0
        if pupils.any():
            found.append(TotalsOfSet(places, pupils))
    return found


def conditional(sets: list[TotalsOfSet], reached: Floats, layout: Layout, steps: Floats) -> Conditional:
    r"""Return the conditional log likelihood of Rasch and partial credit models, its gradient and its curvature.

    Parameters
    ----------
    sets : list of TotalsOfSet
    reached : ndarray of shape (steps in all,)
        Pupils, other than those with no points or all points, who reached each step.
    layout : Layout
    steps : ndarray of shape (steps in all,)
        Abilities at which adjacent categories cross.

    Notes
    -----
    :math:`-\sum_{js} n_{js} b_{js} - \sum_g \sum_r n_{gr} \log \gamma_{gr}`, where :math:`\gamma_{gr}` is the
    symmetric function of the items of set g for the total r (Andersen 1973, British Journal of Mathematical and
    Statistical Psychology 26, 31–44). Derivatives of the functions are functions with one and with two items left
    out, by sums of positive terms alone (`polynomials`). Each item's terms are first divided by their sum, which makes
    probabilities of them and keeps functions of many items inside the range of numbers.
    """
    probabilities = from_adjacent(-layout.padded(steps))
    log_sums = -np.log(probabilities[:, 0])
    loglik = -float(reached @ steps)
    gradient, information = -reached, np.zeros((len(steps), len(steps)))
    for part in sets:
        items = [probabilities[place, : layout.steps[place] + 1] for place in part.places]
        columns = np.flatnonzero(np.isin(layout.item, part.places))
        value, expected, squares = _of_set(items, part.pupils)
        loglik -= value + float(part.pupils.sum() * log_sums[part.places].sum())
        gradient[columns] += expected
        information[np.ix_(columns, columns)] += squares
    return Conditional(loglik, gradient, information)


def _of_set(items: list[Floats], pupils: Floats) -> tuple[float, Floats, Floats]:
    """Return the sum of log functions, the expected pupils who reach each step, and their covariance."""
    totals = product([item[None] for item in items], np.ones((1, 1)))[0]
    there = (pupils > 0) & (totals > 0)
    if (there != (pupils > 0)).any():  # too far out for numbers: no likelihood there, the search turns back
        n = sum(len(item) - 1 for item in items)
        return np.inf, np.zeros(n), np.zeros((n, n))
    shares = np.where(there, pupils / np.where(there, totals, 1.0), 0.0)
    chances = np.hstack(
        [
            _reached(item[:, None] * _windows(rest[0], len(item), len(totals)), totals, there)
            for item, rest in zip(items, rests([item[None] for item in items], np.ones((1, 1))), strict=True)
        ]
    )
    covariance = _joint(items, shares) - chances.T @ (chances * pupils[:, None])
    value = float(pupils[there] @ np.log(totals[there]))
    return value, pupils @ chances, covariance


def _windows(rest: Floats, size: int, length: int) -> Floats:
    """Return the distribution of the rest, moved by each category, shape (categories, totals)."""
    moved = np.zeros((size, length))
    for category in range(size):
        moved[category, category : category + len(rest)] = rest
    return moved


def _reached(joint: Floats, totals: Floats, there: np.ndarray) -> Floats:
    """Return the chance of reaching each step given the total, shape (totals, steps)."""
    above = np.cumsum(joint[::-1], axis=0)[::-1][1:]
    return np.where(there, above / np.where(there, totals, 1.0), 0.0).T


def _joint(items: list[Floats], shares: Floats) -> Floats:
    """Return the expected pupils who reach both of two steps."""
    n, sizes = len(items), [len(item) for item in items]
    first = np.concatenate([[0], np.cumsum([size - 1 for size in sizes])])
    result = np.zeros((first[-1], first[-1]))
    batch = []
    for place, item in enumerate(items):  # one row for each item that is left out first
        rows = np.tile(item, (n, 1))
        rows[place] = np.eye(1, len(item))
        batch.append(rows)
    for place, rest in enumerate(rests(batch, np.ones((n, 1)))):
        here = slice(first[place], first[place + 1])
        result[here, here] = _same(items[place], rest[place], shares)
        for other in range(place):
            there = slice(first[other], first[other + 1])
            result[here, there] = _both(items[place], items[other], rest[other], shares)
            result[there, here] = result[here, there].T
    return result


def _moved_products(rest: Floats, shares: Floats, moves: int) -> Floats:
    """Return for each move m the sum over t of rest[t] times shares[t + m]."""
    return np.array([rest[: len(shares) - move] @ shares[move : move + len(rest)] for move in range(moves)])


def _both(item: Floats, other: Floats, rest: Floats, shares: Floats) -> Floats:
    moved = _moved_products(rest, shares, len(item) + len(other) - 1)
    joint = np.multiply.outer(item, other) * moved[np.add.outer(np.arange(len(item)), np.arange(len(other)))]
    return np.cumsum(np.cumsum(joint[::-1, ::-1], axis=0), axis=1)[::-1, ::-1][1:, 1:]


def _same(item: Floats, rest: Floats, shares: Floats) -> Floats:
    above = np.cumsum((item * _moved_products(rest, shares, len(item)))[::-1])[::-1][1:]
    return above[np.maximum.outer(np.arange(len(above)), np.arange(len(above)))]
