"""Rows of the table of measures that are about disclosure."""

from __future__ import annotations

import numpy as np
import pandas as pd
from bench_case import Case
from scipy.optimize import linprog

from oko.disclosure import Mean, protect


def disclosure_cases() -> list[Case]:
    """Return the rows."""
    return [
        Case(
            f"disclosure.protect, counts and means of {schools} schools in {works} works",
            f"{(schools + 1) * works:,} rows",
            "linprog over the whole table at once: the greatest number of each small school",
            "rows",
            lambda schools=schools, works=works: simulate_works(schools, works),
            lambda data: len(protected(data)),
            lambda data: whole_program(data),
        )
        for schools, works in ((47, 34), (650, 40))
    ]


def simulate_works(schools: int, works: int) -> pd.DataFrame:
    """Return numbers of pupils and mean marks by work and school, the whole first, some schools small."""
    rng = np.random.default_rng(20261127)
    n = np.maximum(rng.lognormal(4, 0.7, (works, schools)).astype(int), 3)
    mean = rng.uniform(3, 4.5, (works, schools))
    whole = n.sum(axis=1, keepdims=True)
    counts, means = np.hstack([whole, n]), np.hstack([(n * mean).sum(axis=1, keepdims=True) / whole, mean])
    names = ["", *(f"s{school}" for school in range(schools))]
    keys = pd.MultiIndex.from_product([range(works), names], names=["work", "school"]).to_frame(index=False)
    return keys.assign(n=counts.ravel(), mean=means.ravel())


def protected(data: pd.DataFrame) -> pd.DataFrame:
    """Protect the works."""
    return protect(data, by=["work"], part="school", means={"mean": Mean(2.0, 5.0)}).frame


def whole_program(data: pd.DataFrame) -> float:
    """Solve one program for each small school over all rows, told numbers fixed; return the rows."""
    n = data["n"].to_numpy(dtype=float)
    hidden = np.repeat(protected(data)["hidden"].to_numpy()[None], 2, axis=0).T
    bounds = np.where(hidden, [1.0, n.sum()], n[:, None])
    lists = (data["work"].to_numpy() == np.unique(data["work"])[:, None]) * np.where(data["school"] == "", -1.0, 1.0)
    for row in np.flatnonzero(n < 10):
        goal = np.zeros(len(n))
        goal[row] = -1.0
        linprog(goal, A_eq=lists, b_eq=np.zeros(len(lists)), bounds=bounds, method="highs")
    return float(len(n))
