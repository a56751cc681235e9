"""Item parameters of two calibrations, and the items that both hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.errors import MeasureError
from oko.measures.irt.calibration import category_points, check_columns, step_columns
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
        A column is missing, stands twice or holds something other than numbers, or an item stands twice.
    """
    if not isinstance(items, pd.DataFrame):
        raise MeasureError("{table} is not a table: give a frame of items × parameters.", table=table)
    check_columns(items)
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
    """Return the parameters of the items that both frames hold and that can be used for a link.

    An item is left out where its parameters are not known, or where numbers of steps or, in frames that both have
    ``points``, the points of its categories differ.
    """
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
    reasons = np.where(known, np.where(alike, "", "steps"), "unknown").astype(object)
    if "points" in old_items and "points" in new_items:
        for row in np.flatnonzero(known & alike):
            sides = ((old_items, old_rows, old), (new_items, new_rows, new))
            said = [items["points"].iloc[rows[row]] for items, rows, _ in sides]
            levels = [category_points(shared[row], side[2][row], text) for side, text in zip(sides, said, strict=True)]
            if not pd.isna(said).any() and not np.array_equal(levels[0], levels[1]):
                reasons[row] = "points"
    use = reasons == ""
    return CommonItems(
        items=shared[use].rename("item"),
        old_slopes=old_slopes[old_rows][use],
        new_slopes=new_slopes[new_rows][use],
        old_steps=old[use],
        new_steps=new[use],
        only_old=tuple(item for item in old_items.index if item not in new_items.index),
        only_new=tuple(item for item in new_items.index if item not in old_items.index),
        fewest=min(len(old_items), len(new_items)),
        statements=tuple(_left_out(item, why) for item, why in zip(shared, reasons, strict=True) if why),
    )


def _widen(steps: Floats, width: int) -> Floats:
    return np.pad(steps, ((0, 0), (0, width - steps.shape[1])), constant_values=np.nan)


def usable(slopes: Floats, steps: Floats) -> Flags:
    """Tell which items have a slope above 0, at least one step, and no gap before the last one."""
    there = ~np.isnan(steps)
    whole = there[:, 0] & (there[:, :-1] >= there[:, 1:]).all(axis=1) & ~np.isinf(steps).any(axis=1)
    known: Flags = np.isfinite(slopes) & (slopes > 0) & whole
    return known


def _left_out(item: object, why: str) -> Statement:
    if why == "steps":
        return Statement("equating_item_steps_differ", {"item": item})
    if why == "points":
        return Statement("equating_item_points_differ", {"item": item})
    return Statement("equating_item_unknown", {"item": item})
