"""Rows of the table of measures that are about growth."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
from bench_case import Case
from scipy.interpolate import BSpline
from scipy.optimize import linprog
from statsmodels.regression.quantile_regression import QuantReg

from oko.measures import growth

QUANTILES = (np.arange(1, 101) - 0.5) / 100
MIDDLE = 49


def growth_cases() -> list[Case]:
    """Return the rows."""
    coarse = Case(
        "growth.growth_percentiles, 100 quantiles",
        "1,500,000 pupils, an earlier and a present score of 0–30",
        "scipy.optimize.linprog on the combinations of scores, 100 plain programs",
        "mean percentile",
        partial(simulate_scores, 1_500_000, steps=True),
        lambda data: float(growth.growth_percentiles(data["before"], data["now"]).mean()),
        _plain_programs,
    )
    fine = Case(
        "growth.growth_percentiles, 100 quantiles",
        "50,000 pupils, all scores different",
        "statsmodels QuantReg, 1 quantile of the 100, default settings",
        "loss at quantile 0.495, its over ours less 1",
        partial(simulate_scores, 50_000, steps=False),
        _ours,
        _quantreg,
        value=_loss,
        compared=lambda ours, its: f"{its / ours - 1:.0e}",
    )
    return [coarse, fine]


def simulate_scores(n: int, *, steps: bool) -> pd.DataFrame:
    """Return scores of two years that correlate at 0.7, whole ones of 0 to 30 or continuous ones."""
    rng = np.random.default_rng(20261127)
    ability = rng.normal(size=n)
    later = 0.7 * ability + np.sqrt(1 - 0.7**2) * rng.normal(size=n)
    if steps:
        before, now = (np.clip(np.round(15 + 6 * z), 0, 30) for z in (ability, later))
        return pd.DataFrame({"before": before, "now": now})
    return pd.DataFrame({"before": 500 + 50 * ability, "now": 500 + 50 * later})


def _design(before: pd.Series, of: pd.Series) -> np.ndarray:
    knots, boundaries = growth.knots_and_boundaries(of)
    low, high = boundaries[0]
    places = np.array([*[low] * 4, *knots[0], *[high] * 4])
    basis = BSpline.design_matrix(before.to_numpy(dtype=float), places, 3).toarray()
    return np.column_stack([np.ones(len(before)), basis[:, 1:]])


def _plain_programs(data: pd.DataFrame) -> float:
    cells = data.groupby(["before", "now"]).size().reset_index(name="n")
    x, y, w = _design(cells["before"], data["before"]), cells["now"].to_numpy(), cells["n"].to_numpy(dtype=float)
    w = w / w.mean()
    bounds = np.column_stack([0 * w, w])
    programs = [linprog(-y, A_eq=x.T, b_eq=(1 - tau) * (w @ x), bounds=bounds, method="highs-ds") for tau in QUANTILES]
    expected = np.round(np.sort([-(x @ one.eqlin.marginals) for one in programs], axis=0), 5)
    return float(np.average(np.clip((expected < y).sum(axis=0), 1, 99), weights=w))


def _ours(data: pd.DataFrame) -> np.ndarray:
    norms = growth.norms(data["before"], data["now"])
    norms.percentiles(data["before"], data["now"])
    return norms.coefficients.iloc[:, MIDDLE].to_numpy()


def _quantreg(data: pd.DataFrame) -> np.ndarray:
    found = QuantReg(data["now"].to_numpy(), _design(data["before"], data["before"])).fit(q=QUANTILES[MIDDLE])
    return np.asarray(found.params)


def _loss(coefficients: np.ndarray, data: pd.DataFrame) -> float:
    rest = data["now"].to_numpy() - _design(data["before"], data["before"]) @ coefficients
    return float(rest @ (QUANTILES[MIDDLE] - (rest < 0)))
