"""One row of the table of measures: what is timed, and the yardstick that it is held against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd


def number_of(result: Any, _: pd.DataFrame) -> float:
    """Return a result that is a number itself."""
    return float(result)


def relative(ours: float, its: float) -> str:
    """Say by how much two checked numbers differ, relatively."""
    return f"{abs(ours / its - 1):.0e}"


@dataclass(frozen=True)
class Case:
    """One measure on one data set, and the yardstick it is held against.

    Attributes
    ----------
    measure, data, yardstick : str
        What stands in the table.
    checked : str
        Name of the number that both sides give and that must agree.
    prepare : callable
        Makes the data; not timed.
    ours, other : callable
        Take the data; timed.
    value : callable
        Takes a side's result and the data, returns the checked number; not timed.
    compared : callable
        Takes the checked numbers of both sides, says how they differ.
    """

    measure: str
    data: str
    yardstick: str
    checked: str
    prepare: Callable[[], pd.DataFrame]
    ours: Callable[[pd.DataFrame], Any]
    other: Callable[[pd.DataFrame], Any]
    value: Callable[[Any, pd.DataFrame], float] = number_of
    compared: Callable[[float, float], str] = relative
