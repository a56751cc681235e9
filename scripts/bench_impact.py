"""Rows of the table of measures that are about impact."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from bench_case import Case

from oko.measures import impact

SCHOOLS, TREATED = 25, 7
PUPILS, CLUSTERS = 100_000, 1_000


def impact_cases() -> list[Case]:
    """Return the rows."""
    return [
        Case(
            "impact.randomisation_test, exact and studentised",
            f"{TREATED} of {SCHOOLS} schools, 480,700 assignments",
            "lower bound: itertools.combinations written into an array, nothing computed of it",
            "number of assignments",
            schools,
            lambda data: len(impact.randomisation_test(data["change"], data["treated"]).distribution),
            lambda _: len(combinations()),
        ),
        Case(
            "impact.cluster_robust, CR1S with two covariates",
            f"{PUPILS:,} pupils in {CLUSTERS:,} schools; ours gives Satterthwaite's degrees of freedom too",
            "statsmodels OLS, cov_type cluster",
            "standard error",
            pupils,
            lambda data: float(
                impact.cluster_robust(data[COLUMNS], data["y"], data["school"], "CR1S")["se"]["treated"]
            ),
            statsmodels_error,
        ),
    ]


COLUMNS = ["Intercept", "treated", "before", "size"]


def schools() -> pd.DataFrame:
    """Return changes of schools, seven of them treated."""
    rng = np.random.default_rng(20261127)
    return pd.DataFrame({"change": rng.normal(size=SCHOOLS), "treated": np.arange(SCHOOLS) < TREATED})


def combinations() -> np.ndarray:
    """Enumerate the assignments."""
    every = itertools.chain.from_iterable(itertools.combinations(range(SCHOOLS), TREATED))
    return np.fromiter(every, dtype=np.int8).reshape(-1, TREATED)


def pupils() -> pd.DataFrame:
    """Return pupils in schools, with a treatment of schools and two covariates."""
    rng = np.random.default_rng(20261128)
    school = rng.integers(0, CLUSTERS, PUPILS)
    level = rng.normal(size=CLUSTERS)
    before = rng.normal(size=PUPILS) + 0.3 * level[school]
    columns = {"Intercept": 1.0, "treated": (school % 7 == 0) * 1.0, "before": before, "size": level[school] ** 2}
    y = 0.5 * before + 0.2 * level[school] + rng.normal(size=PUPILS)
    return pd.DataFrame({**columns, "school": school, "y": y})


def statsmodels_error(data: pd.DataFrame) -> float:
    """Return the clustered standard error of statsmodels."""
    import statsmodels.api as sm

    fit = sm.OLS(data["y"], data[COLUMNS]).fit(cov_type="cluster", cov_kwds={"groups": data["school"]})
    return float(fit.bse["treated"])
