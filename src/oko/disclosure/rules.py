"""The rules of protection: their numbers, where these come from, and what a table's columns stand for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import pandas as pd

from oko.errors import ReleaseError

FLOOR = 5
"""Least threshold a cluster may choose."""
DEFAULT_THRESHOLD = 10
"""Least number of pupils behind a shown row (ACRO ``default.yaml``, ``safe_threshold``)."""
LEAST_CONTRIBUTORS = 3
"""Least number of contributors (schools) behind a cell: of two, each works out the other."""
DOMINANT, DOMINANCE = 2, 0.90
"""n-k rule: the 2 largest contributors hold no more than 0.90 of a cell (ACRO ``default.yaml``)."""
MODEL_SHARE = 0.33
"""Most parameters of a model to one pupil (DataSHIELD ``nfilter.glm``)."""
FREE_LEAST = 10
"""Least degrees of freedom of a model (ACRO ``default.yaml``, ``safe_dof_threshold``)."""
LEAST_WIDTH = 0.2
"""Least interval left to a small group's mean or share, in parts of its possible range: our own choice."""
ZONES = ((20, 0.20), (40, 0.10), (100, 0.05), (300, 0.02))
"""Shares so near to 0 or 1 are given as bounds, by the most pupils of a group (NCES 2011, SLDS Technical Brief 3)."""
LAST_ZONE = 0.01
"""The same for larger groups."""


@dataclass(frozen=True)
class Mean:
    """What a column of means stands for.

    Attributes
    ----------
    lower : float, default 0
        Least value one pupil can have.
    upper : float or str, default inf
        Greatest value one pupil can have, or the column that gives it row by row.
    n : str, default "n"
        Column that counts the pupils behind the mean.

    Examples
    --------
    >>> Mean(upper=20.0, n="n_scores").n
    'n_scores'
    """

    lower: float = 0.0
    upper: float | str = math.inf
    n: str = "n"


@dataclass(frozen=True)
class Rules:
    """How one table is protected: the words of a call of ``protect``, checked.

    Attributes
    ----------
    n, by, part, total, keys, threshold, means, shares, distribution, derived, model, round_to, digits
        As in :func:`oko.disclosure.protect`.
    """

    n: str = "n"
    by: tuple[str, ...] = ()
    part: tuple[str, ...] = ()
    total: str = ""
    keys: tuple[str, ...] = ()
    threshold: int = DEFAULT_THRESHOLD
    means: Mapping[str, Mean] = field(default_factory=dict)
    shares: tuple[str, ...] = ()
    distribution: tuple[str, ...] = ()
    derived: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    model: tuple[str, ...] = ()
    round_to: int = 1
    digits: int = 4

    def __post_init__(self) -> None:
        if self.threshold < FLOOR:
            raise ReleaseError(
                "Threshold {threshold} is below {floor}, the least allowed.", threshold=self.threshold, floor=FLOOR
            )
        if self.round_to < 1 or self.digits < 1:
            raise ReleaseError("Counts are rounded to 1 or more, numbers to 1 significant digit or more.")
        for column, weights in self.derived.items():
            if unknown := [name for name in weights if name not in self.distribution]:
                raise ReleaseError(
                    "Column {column} is made of {unknown}, which the distribution does not name.",
                    column=column,
                    unknown=", ".join(unknown),
                )

    @property
    def places(self) -> list[str]:
        """Columns that say whose row it is."""
        return [*self.by, *self.part]

    @property
    def named(self) -> set[str]:
        """Columns that stay in a hidden row."""
        return {*self.keys, *self.by, *self.part, *self.model}

    @property
    def counts(self) -> list[str]:
        """Columns that count pupils, the table's own first."""
        return list(dict.fromkeys([self.n, *(mean.n for mean in self.means.values())]))

    @property
    def guarded(self) -> list[str]:
        """Columns whose numbers could be worked out from others."""
        return list(dict.fromkeys([*self.means, *self.shares, *self.distribution, *self.derived]))

    def is_share(self, column: str) -> bool:
        """Say whether a column is a share of pupils, so that its extremes are bounds."""
        weights = set(self.derived.get(column, {}).values())
        return column in self.shares or column in self.distribution or (bool(weights) and weights <= {0.0, 1.0})

    def check(self, table: pd.DataFrame) -> None:
        """Raise ReleaseError where the table has no column that the rules name."""
        if self.n not in table:
            raise ReleaseError(
                "The table has no column {column} that counts pupils; nothing can be shown.", column=self.n
            )
        uppers = [mean.upper for mean in self.means.values() if isinstance(mean.upper, str)]
        named = [*self.places, *self.model, *self.counts, *self.guarded, *uppers]
        if missing := [column for column in named if column not in table]:
            raise ReleaseError("The table to be protected has no column {column}.", column=missing[0])

    def to_json(self) -> dict[str, Any]:
        """Return what :meth:`from_json` reads; infinities as text."""
        plain = asdict(self)
        plain["means"] = {
            name: {key: str(value) if value in (math.inf, -math.inf) else value for key, value in mean.items()}
            for name, mean in plain["means"].items()
        }
        return {key: list(value) if isinstance(value, tuple) else value for key, value in plain.items()}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Rules:
        """Read what :meth:`to_json` gave."""
        known = {entry.name for entry in fields(cls)}
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in plain.items() if key in known
        }
        ends = {"inf": math.inf, "-inf": -math.inf}
        values["means"] = {
            name: Mean(**{key: ends.get(value, value) if key != "n" else value for key, value in mean.items()})
            for name, mean in plain["means"].items()
        }
        return cls(**values)


def names(value: str | Sequence[str] | None) -> tuple[str, ...]:
    """Read the names of columns from one name, several or none."""
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def zone(n: float) -> float:
    """Return how near to 0 or 1 a share of n pupils is given as a bound.

    Notes
    -----
    NCES (2011), *Statistical Methods for Protecting Personally Identifiable Information in Aggregate Reporting*, SLDS
    Technical Brief 3 (NCES 2011-603), from memory; the least group there has 10 pupils, ours of 5 to 9 take its zone.

    Examples
    --------
    >>> [zone(n) for n in (10, 20, 21, 100, 300, 301)]
    [0.2, 0.2, 0.1, 0.05, 0.02, 0.01]
    """
    return next((width for most, width in ZONES if n <= most), LAST_ZONE)
