"""Differential item functioning for the table of bench.py: every item of a work, two groups."""

from __future__ import annotations

import numpy as np
import pandas as pd
from bench_case import Case

from oko.measures import dif

PUPILS, ITEMS = 100_000, 30


def dif_cases() -> list[Case]:
    """Return the rows of differential item functioning."""
    data = f"{PUPILS:,} pupils, {ITEMS} items"
    return [
        Case(
            "dif.mantel_haenszel, all items",
            data,
            "lower bound: statsmodels StratifiedTable on tables counted by numpy, nothing read or checked",
            "sum of chi-square",
            simulate,
            lambda data: float(dif.mantel_haenszel(data.drop(columns="focal"), data["focal"])["chi2"].sum()),
            lambda data: sum(stratified(data.drop(columns="focal"), data["focal"].to_numpy())),
        ),
        Case(
            "dif.logistic, uniform and non-uniform, all items",
            data,
            "statsmodels GLM, item by item, on counts of score and group",
            "sum of chi-square",
            simulate,
            lambda data: float(dif.logistic(data.drop(columns="focal"), data["focal"])["chi2"].sum()),
            lambda data: sum(regressions(data.drop(columns="focal"), data["focal"].to_numpy())),
        ),
    ]


def simulate() -> pd.DataFrame:
    """Return right and wrong answers under a Rasch model, and who is in the focal group."""
    rng = np.random.default_rng(20261127)
    ability = rng.normal(size=PUPILS)
    chance = 1 / (1 + np.exp(np.linspace(-2, 2, ITEMS) - ability[:, None]))
    points = pd.DataFrame((rng.random(chance.shape) < chance).astype(float), columns=[f"{i + 1}" for i in range(ITEMS)])
    return points.assign(focal=rng.random(PUPILS) < 0.5)


def counts(points: pd.DataFrame, focal: np.ndarray) -> list[np.ndarray]:
    """Return for each item the counts by score, group (reference first) and answer (right first)."""
    total = points.sum(axis=1).to_numpy().astype(int)
    strata, groups = points.shape[1] + 1, 2 * total + focal
    return [
        np.bincount(2 * groups + (points[item].to_numpy() == 0), minlength=4 * strata).reshape(strata, 2, 2)
        for item in points
    ]


def stratified(points: pd.DataFrame, focal: np.ndarray) -> list[float]:
    """Return the chi-squares of statsmodels."""
    from statsmodels.stats.contingency_tables import StratifiedTable

    tables = [[table for table in item if table.sum() > 1] for item in counts(points, focal)]
    return [float(StratifiedTable(item).test_null_odds(correction=True).statistic) for item in tables]


def regressions(points: pd.DataFrame, focal: np.ndarray) -> list[float]:
    """Return the likelihood-ratio statistics of statsmodels."""
    import statsmodels.api as sm

    found = []
    for item in counts(points, focal):
        cells = item.reshape(-1, 2)
        score, group = np.repeat(np.arange(len(item)), 2).astype(float), np.tile([0.0, 1.0], len(item))
        design = np.column_stack([np.ones(len(score)), score, group, score * group])
        there = cells.sum(axis=1) > 0
        fits = [
            sm.GLM(cells[there], design[there, :columns], family=sm.families.Binomial()).fit() for columns in (2, 4)
        ]
        found.append(2 * float(fits[1].llf - fits[0].llf))
    return found
