"""The classical analysis of items for the table of bench.py: a country's pupils, and pupils with empty cells."""

from __future__ import annotations

import numpy as np
import pandas as pd
from bench_case import Case

from oko.measures import items

PUPILS, ITEMS = 1_500_000, 30
WITH_EMPTY, EMPTY = 300_000, 0.05


def item_cases() -> list[Case]:
    """Return the rows of the analysis of items."""
    return [
        Case(
            "items.analyse",
            f"{PUPILS:,} pupils, {ITEMS} items",
            "lower bound: one X.T @ X of the same points by numpy",
            "alpha",
            lambda: simulate(PUPILS),
            lambda data: items.analyse(data).alpha,
            products,
        ),
        Case(
            "items.analyse, pairwise",
            f"{WITH_EMPTY:,} pupils, {ITEMS} items, {EMPTY:.0%} of the cells empty",
            "DataFrame.cov of pandas, covariances only",
            "alpha",
            lambda: simulate(WITH_EMPTY, EMPTY),
            lambda data: items.analyse(data).alpha,
            lambda data: alpha(data.cov().to_numpy()),
        ),
    ]


def simulate(pupils: int, empty: float = 0.0) -> pd.DataFrame:
    """Return right and wrong answers under a Rasch model."""
    rng = np.random.default_rng(20261127)
    ability = rng.normal(size=pupils)
    points = np.empty((ITEMS, pupils))
    for row, difficulty in zip(points, np.linspace(-2, 2, ITEMS), strict=True):
        row[:] = rng.random(pupils) < 1 / (1 + np.exp(difficulty - ability))
        row[rng.random(pupils) < empty] = np.nan
    return pd.DataFrame(points.T, columns=[f"{i + 1}" for i in range(ITEMS)], copy=False)


def products(data: pd.DataFrame) -> float:
    """Return alpha from one matrix of products; of answers of 0 and 1 its diagonal holds the sums."""
    points = data.to_numpy()
    both = points.T @ points
    sums = np.diag(both)
    return alpha(both - np.outer(sums, sums) / len(points))


def alpha(covariance: np.ndarray) -> float:
    """Return Cronbach's alpha; a factor common to all covariances is nothing to it."""
    return ITEMS / (ITEMS - 1) * (1 - float(np.trace(covariance)) / float(covariance.sum()))
