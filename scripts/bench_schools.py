"""Rows of the table of measures that are about schools."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
from bench_case import Case, relative

from oko.measures.schools import value_added


def schools_cases() -> list[Case]:
    """Return the rows."""
    return [
        Case(
            "schools.value_added, random intercept, REML",
            "4,059 pupils, 65 schools",
            "statsmodels MixedLM(), its default fit",
            "school variance",
            lambda: simulate_nested(4_059, 65),
            lambda data: float(value_added(data, "y", ["x"]).variance["school"]),
            default_mixed_lm,
            compared=converged_and_relative,
        ),
        Case(
            "schools.value_added, random intercept, REML",
            "1,480,000 pupils, 40,000 schools",
            "lower bound: the sums of three columns in each school by pandas groupby",
            "schools",
            lambda: simulate_nested(1_480_000, 40_000),
            lambda data: value_added(data, "y", ["x"]).n_schools,
            lambda data: len(data.groupby("school")[["x", "y", "class"]].sum()),
        ),
        Case(
            "schools.value_added, districts, schools and classes, REML",
            "30,000 pupils, 2,280 schools, 60 districts, 3 classes each",
            "lower bound: the sums of three columns in each class by pandas groupby",
            "schools",
            lambda: simulate_nested(30_000, 2_280),
            lambda data: value_added(data, "y", ["x"], within="district", below="class").n_schools,
            sums_in_classes,
        ),
    ]  # fmt: skip


def simulate_nested(pupils: int, schools: int) -> pd.DataFrame:
    """Return pupils of 3 classes in each school, the schools in 60 districts."""
    rng = np.random.default_rng(20261127)
    school = np.sort(np.concatenate([np.arange(schools), rng.integers(0, schools, pupils - schools)]))
    district, room, x = school % 60, rng.integers(0, 3, pupils), rng.normal(size=pupils)
    y = 0.56 * x + rng.normal(0, 0.3, schools)[school] + rng.normal(0, 0.75, pupils)
    y += rng.normal(0, 0.2, 60)[district] + rng.normal(0, 0.2, 3 * schools)[3 * school + room]
    return pd.DataFrame({"school": school, "district": district, "class": room, "x": x, "y": y})


def sums_in_classes(data: pd.DataFrame) -> float:
    """Count the schools after the sums that any such model needs."""
    sums = data.groupby(["school", "class"])[["x", "y", "district"]].sum()
    return float(sums.index.get_level_values(0).nunique())


def converged_and_relative(ours: float, its: float) -> str:
    """Say by how much the numbers differ, or that the other side did not converge."""
    return "it says that it did not converge" if np.isnan(its) else f"{relative(ours, its)}, it converged"


def default_mixed_lm(data: pd.DataFrame) -> float:
    """Fit the model as statsmodels does by itself; NaN where it says that it did not converge."""
    import statsmodels.api as sm

    fixed = np.column_stack([np.ones(len(data)), data["x"]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = sm.MixedLM(data["y"].to_numpy(), fixed, data["school"].to_numpy()).fit()
    return float(np.asarray(model.cov_re)[0, 0]) if model.converged else float("nan")
