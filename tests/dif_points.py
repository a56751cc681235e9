"""Points of pupils of two groups with planted differences, and what a study of them said."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from oko.measures import dif

METHODS = [pytest.param(dif.mantel_haenszel, id="mantel"), pytest.param(dif.logistic, id="logistic")]


def simulate(
    n: int, shifts: np.ndarray, seed: int = 1, most: int = 1, slopes: np.ndarray | float = 1.0
) -> tuple[pd.DataFrame, pd.Series]:
    """Return points of items that are harder for the focal group by their shifts, and who is in it."""
    rng = np.random.default_rng(seed)
    focal = rng.random(n) < 0.5
    theta = rng.normal(size=n)
    place = (
        np.where(focal[:, None], slopes, 1.0) * theta[:, None]
        - np.linspace(-1.5, 1.5, len(shifts))
        - np.outer(focal, shifts)
    )
    draw = rng.random(place.shape)
    points = sum((draw < expit(place - step)).astype(float) for step in range(most))
    return pd.DataFrame(points, columns=[f"{i + 1}" for i in range(len(shifts))]), pd.Series(focal)


NONE = np.zeros(12)
ONE = np.array([0, 0, 0, 0.9, *np.zeros(8)])


def codes(found: pd.DataFrame) -> list[str]:
    return [statement.code for statement in found.attrs["statements"]]


def said(found: pd.DataFrame, code: str) -> dict[str, Any]:
    (statement,) = [statement for statement in found.attrs["statements"] if statement.code == code]
    return dict(statement.values)
