"""The linear programs against every whole-number table that agrees with what was told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from oko.disclosure.cells import Layout, systems
from oko.disclosure.inference import components
from oko.disclosure.primary import Marks
from oko.disclosure.rules import Rules

CROSS = pd.DataFrame(
    {
        "school": ["", "", "", "a", "a", "a", "b", "b", "b", "c", "c", "c"],
        "subject": ["", "x", "y"] * 4,
        "n": [41, 22, 19, 11, 7, 4, 14, 9, 5, 16, 6, 10],
    }
)


def completions(hidden: list[int], most: int) -> np.ndarray:
    """Count through all numbers from 1 for the hidden cells that keep every margin of the cross table."""
    values = np.stack(np.meshgrid(*[np.arange(1, most + 1)] * len(hidden), indexing="ij"), axis=-1).reshape(
        -1, len(hidden)
    )
    tables = np.tile(CROSS["n"].to_numpy(), (len(values), 1))
    tables[:, hidden] = values
    grid = tables.reshape(-1, 4, 3)
    kept = (grid[:, 0] == grid[:, 1:].sum(axis=1)).all(axis=1) & (grid[:, :, 0] == grid[:, :, 1:].sum(axis=2)).all(
        axis=1
    )
    return values[kept]


@pytest.mark.parametrize("hidden", [[4, 5, 7, 8], [4, 5, 10, 11], [3, 4, 6, 7], [4, 5, 7, 8, 10], [4], [4, 8]])
def test_ends_are_those_of_all_completions(hidden: list[int]) -> None:
    rules = Rules(part=("school", "subject"), threshold=25)
    outside = CROSS.iloc[:0]
    marks = Marks.none(rules, len(CROSS))
    marks.rows[hidden] = "small"
    system = next(systems(Layout.of(CROSS, CROSS, outside, rules), marks))
    expected = completions(hidden, 30 if len(hidden) < 5 else 14)
    checked = 0
    for part in components(system):
        for row in part.rows:
            place = hidden.index(int(system.rows[row]))
            low, high = expected[:, place].min(), expected[:, place].max()
            assert part.interval(int(row), 0) == pytest.approx((low, high))
            checked += 1
    assert checked == len([row for row in hidden if CROSS["n"][row] < 25])
