"""Letters in the place of points: each becomes points by the key in the task's passport, and a row of options."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from oko.records.readers import FILE, ROW, SHEET
from oko.records.received import IMPLIED, Received
from oko.records.schema import CHOSEN_SUFFIX

UNSCORED = "#unscored"
_COLUMNS = ["assessment", "school", "pupil", "item", "option", FILE, SHEET, ROW, IMPLIED]


def keys(received: Received) -> pd.Series:
    """Return the right options that passports give, on assessment and item."""
    known = received.registers["passports"].dropna(subset=["instrument", "item", "right_option"])
    first = known.drop_duplicates(["instrument", "item"])
    return first.set_index(["instrument", "item"])["right_option"].rename_axis(["assessment", "item"])


def scored(received: Received) -> Received:
    """Give letters their points: the task's maximum for the right option, 0 for another.

    Parameters
    ----------
    received : Received
        Points beside which letters stand in columns that end with ``CHOSEN_SUFFIX``.

    Returns
    -------
    Received
        Without these columns; the letters are rows of the register ``options``, implied by the rows of points. Where
        the key or the maximum of a task is not known its points stay missing, and ``#unscored`` marks the row.
    """
    if not any(_letters(frame) for frame in received.responses):
        return received
    right, parts, frames = keys(received), [received.registers["options"]], []
    for frame in received.responses:
        letters = _letters(frame)
        rows = [_chosen(frame, name) for name in letters]
        frames.append(_with_points(frame, rows, received, right) if rows else frame)
        parts += rows
    options = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return replace(received, responses=tuple(frames), registers={**received.registers, "options": options})


def _letters(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name in frame if str(name).endswith(CHOSEN_SUFFIX)]


def _chosen(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the letters of one task as rows of options, on the frame's index."""
    there = frame[frame[name].notna()]
    item = name.removesuffix(CHOSEN_SUFFIX)
    return there.assign(item=item, option=there[name], **{IMPLIED: True}).reindex(columns=_COLUMNS)


def _with_points(frame: pd.DataFrame, rows: list[pd.DataFrame], received: Received, right: pd.Series) -> pd.DataFrame:
    made = frame.drop(columns=_letters(frame)).assign(**{UNSCORED: False})
    most = received.known_items.set_index(["assessment", "item"])["max_score"]
    for part in rows:
        task = pd.MultiIndex.from_frame(part[["assessment", "item"]])
        key, maximum = right.reindex(task).to_numpy(), most.reindex(task).to_numpy(dtype="float64")
        points = pd.Series(maximum, part.index).where(part["option"] == key, 0.0)
        points = points.where(pd.notna(key) & pd.notna(maximum))
        item = part["item"].iloc[0]
        made.loc[part.index, item] = points
        made.loc[points.index[points.isna()], UNSCORED] = True
    return made
