"""Item parameters of two calibrations, and the items that both hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.errors import MeasureError
from oko.measures.responses import Floats
from oko.measures.statement import Statement
from oko.measures.weights import as_numbers

Flags: TypeAlias = NDArray[np.bool_]


@dataclass(frozen=True)
class CommonItems:
    """Parameters of the items that two calibrations share, in the order of the old one.

    Attributes
    ----------
    items : Index, named ``item``
    old_slopes, new_slopes : ndarray of shape (items,)
    old_steps, new_steps : ndarray of shape (items, steps)
        NaN behind an item's last step.
    only_old, only_new : tuple
        Items that one calibration alone holds.
    fewest : int
        Items in the shorter of the two.
    statements : tuple of Statement
        Common items that cannot be used.
    """

    items: pd.Index
    old_slopes: Floats
    new_slopes: Floats
    old_steps: Floats
    new_steps: Floats
    only_old: tuple[object, ...]
    only_new: tuple[object, ...]
    fewest: int
    statements: tuple[Statement, ...]


def step_columns(items: pd.DataFrame) -> list[str]:
    """Return the columns of steps in their order: step_1, step_2, …; none where the frame has difficulties only."""
    found = [str(name) for name in items.columns if str(name).startswith("step_") and str(name)[5:].isdigit()]
    return sorted(found, key=lambda name: int(name[5:]))


def read_items(items: pd.DataFrame, table: str) -> tuple[Floats, Floats]:
    """Return slopes and steps of a frame of item parameters.

    Parameters
    ----------
    items : DataFrame, index the items
        ``discrimination``; ``step_1``, … (absolute, NaN behind an item's last step), or ``difficulty`` alone where each
        item has one step.
    table : str
        Name of the frame for messages.

    Raises
    ------
    MeasureError
        A column is missing, holds something other than numbers, or an item stands twice.
    """
    if not isinstance(items, pd.DataFrame):
        raise MeasureError("{table} is not a table: give a frame of items × parameters.", table=table)
    names = step_columns(items) or ["difficulty"]
    for column in ("discrimination", names[0]):
        if column not in items:
            raise MeasureError(
                "Table {table} has no column {column}: give discrimination, and step_1, step_2, … or difficulty.",
                table=table, column=repr(column),
            )  # fmt: skip
    if not items.index.is_unique:
        twice = items.index[items.index.duplicated()][0]
        raise MeasureError("Item {item} stands twice in the table: give each item once.", item=repr(twice))
    slopes = as_numbers(items["discrimination"], "discrimination")
    steps = np.column_stack([as_numbers(items[name], name) for name in names])
    return slopes, steps


def match_items(old_items: pd.DataFrame, new_items: pd.DataFrame) -> CommonItems:
    """Return the parameters of the items that both frames hold and that can be used for a link."""
    (old_slopes, old_steps), (new_slopes, new_steps) = (
        read_items(old_items, "old_items"),
        read_items(new_items, "new_items"),
    )
    shared = pd.Index([item for item in old_items.index if item in new_items.index], dtype=object)
    old_rows, new_rows = old_items.index.get_indexer(shared), new_items.index.get_indexer(shared)
    width = max(old_steps.shape[1], new_steps.shape[1])
    old, new = _widen(old_steps, width)[old_rows], _widen(new_steps, width)[new_rows]
    known = usable(old_slopes[old_rows], old) & usable(new_slopes[new_rows], new)
    alike = (np.isnan(old) == np.isnan(new)).all(axis=1)
    use = known & alike
    said = [_left_out(item, bool(fine)) for item, kept, fine in zip(shared, use, known, strict=True) if not kept]
    return CommonItems(
        items=shared[use].rename("item"),
        old_slopes=old_slopes[old_rows][use],
        new_slopes=new_slopes[new_rows][use],
        old_steps=old[use],
        new_steps=new[use],
        only_old=tuple(item for item in old_items.index if item not in new_items.index),
        only_new=tuple(item for item in new_items.index if item not in old_items.index),
        fewest=min(len(old_items), len(new_items)),
        statements=tuple(said),
    )


def _widen(steps: Floats, width: int) -> Floats:
    return np.pad(steps, ((0, 0), (0, width - steps.shape[1])), constant_values=np.nan)


def usable(slopes: Floats, steps: Floats) -> Flags:
    """Tell which items have a slope above 0, at least one step, and no gap before the last one."""
    there = ~np.isnan(steps)
    whole = there[:, 0] & (there[:, :-1] >= there[:, 1:]).all(axis=1) & ~np.isinf(steps).any(axis=1)
    known: Flags = np.isfinite(slopes) & (slopes > 0) & whole
    return known


def _left_out(item: object, known: bool) -> Statement:
    if known:
        return Statement("equating_item_steps_differ", {"item": item})
    return Statement("equating_item_unknown", {"item": item})
