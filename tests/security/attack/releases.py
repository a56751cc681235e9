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
FULL = ("cluster_year", "final")  # studies whose tables the attacks know by name
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Releases:
    """Released tables by year and name, and the folders that they lie in.

    Tables of other studies than ``FULL`` are called "study/unit.name".
    """

    tables: dict[tuple[str, str], pd.DataFrame]
    folders: dict[tuple[str, str], Path]

    @property
    def years(self) -> list[str]:
        return sorted({year for year, _ in self.tables})

    def every(self, name: str) -> pd.DataFrame:
        """Return one table of all years, with a column ``year``; empty where it is nowhere.

        Other studies may tell more of the same: their tables of the same name and columns belong to it.
        """
        found = [frame.assign(year=year) for (year, table), frame in sorted(self.tables.items()) if table == name]
        columns = {column for frame in found for column in frame.columns}
        for (year, table), frame in sorted(self.tables.items()):
            if table.endswith(f".{name}") and columns <= {*frame.columns, "year"}:
                found.append(frame.assign(year=year)[found[0].columns])
        filled = [frame for frame in found if len(frame)]
        if not filled:
            return pd.DataFrame(columns=["year", "hidden"])
        return pd.concat(filled, ignore_index=True).drop_duplicates(ignore_index=True)

    def files(self) -> Iterator[Path]:
        for folder in self.folders.values():
            yield from sorted(path for path in folder.rglob("*") if path.is_file())


def read(results: Path) -> Releases:
    """Read every release under a folder of results, with no help of oko."""
    tables, folders = {}, {}
    for folder in sorted(results.glob("*/release/*/*")):
        year, study = folder.parents[2].name, folder.parent.name
        place = study if study in FULL else f"{study}/{folder.name}"
        folders[year, place] = folder
        for path in sorted(folder.glob("tables/*.parquet")):
            name = path.stem if study in FULL else f"{place}.{path.stem}"
            tables[year, name] = pq.read_table(path).to_pandas()
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
