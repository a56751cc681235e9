"""What an attacker holds in his hand: every released file of a cluster, of all years."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

MOST_DIGITS = 6
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Releases:
    """Released tables by year and name, and the folders that they lie in."""

    tables: dict[tuple[str, str], pd.DataFrame]
    folders: dict[tuple[str, str], Path]

    @property
    def years(self) -> list[str]:
        return sorted({year for year, _ in self.tables})

    def every(self, name: str) -> pd.DataFrame:
        """Return one table of all years, with a column ``year``; empty where it is nowhere."""
        found = [frame.assign(year=year) for (year, table), frame in sorted(self.tables.items()) if table == name]
        filled = [frame for frame in found if len(frame)]
        return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=["year", "hidden"])

    def files(self) -> Iterator[Path]:
        for folder in self.folders.values():
            yield from sorted(path for path in folder.rglob("*") if path.is_file())


def read(results: Path) -> Releases:
    """Read every release under a folder of results, with no help of oko."""
    tables, folders = {}, {}
    for folder in sorted(results.glob("*/release/*/*")):
        year, study = folder.parents[2].name, folder.parent.name
        folders[year, study] = folder
        for path in sorted(folder.glob("tables/*.parquet")):
            tables[year, path.stem] = pq.read_table(path).to_pandas()
    return Releases(tables, folders)


def digits(value: float, most: int = 17) -> int:
    """Return how many significant digits a number is written with.

    Examples
    --------
    >>> digits(0.1234), digits(1 / 3), digits(1200.0)
    (4, 16, 2)
    """
    return next((n for n in range(1, most) if float(f"{value:.{n - 1}e}") == value), most)


def slack(values: pd.Series) -> float:
    """Return the largest error of a column's numbers by rounding, relative to a number's leading power of ten.

    A column is taken as rounded to as many significant digits as its longest number has, if these are few.
    """
    numbers = [float(value) for value in values.dropna() if np.isfinite(value) and value]
    written = max((digits(value) for value in numbers), default=17)
    return 1e-9 if written > MOST_DIGITS else 0.5 * 10.0 ** (1 - written)


def ends(value: float, relative: float) -> tuple[float, float]:
    """Return between which numbers a rounded one was.

    Examples
    --------
    >>> [round(end, 6) for end in ends(0.1234, 0.0005)]
    [0.12335, 0.12345]
    """
    if not value:
        return -1e-12, 1e-12
    error = relative * 10.0 ** math.floor(math.log10(abs(value))) + 1e-12
    return value - error, value + error
