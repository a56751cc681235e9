"""Figures of aggregates. Schools stand in the order they come in, never by value; a missing number is said in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from oko.errors import DataError
from oko.language import gettext, number, percent
from oko.show.picture import Picture
from oko.show.school_figures import caterpillar, slopes
from oko.show.theme import (
    FIRST,
    INK,
    MARK_TONES,
    MUTED,
    PAGE,
    RULE,
    SECOND,
    Size,
    absent_words,
    draw,
    height,
    png,
    wrapped,
    write_numbers,
)

__all__ = ["Picture", "caterpillar", "facility", "intervals", "marks", "slopes"]


def intervals(
    frame: pd.DataFrame,
    value: str,
    lower: str,
    upper: str,
    label: str,
    reference: float | None = None,
    *,
    other: str | None = None,
    called: tuple[str, str] = ("", ""),
    share: bool = True,
    title: str = "",
    caption: str = "",
    threshold: int = 10,
    size: Size = PAGE,
    mark: str = "",
) -> Picture:
    """Draw values with their 95 % intervals, a line each, in the order of the rows.

    Parameters
    ----------
    frame : DataFrame
        Columns named by the four next arguments; a row without a value is written as hidden.
    value, lower, upper, label : str
        Columns.
    reference : float, optional
        A line to compare with, e.g. the cluster's value.
    other : str, optional
        Column of values to compare with row by row, drawn hollow: the cluster's beside a school's.
    called : tuple of str
        What the filled and the hollow markers stand for.
    share : bool, default True
        Values are shares (0 to 1) and are written in per cent.
    title : str
        What the horizontal axis shows.
    caption : str
        What stands under the figure, before the sentence about intervals.
    threshold : int, default 10
        Named where a row is hidden.
    size : Size
    mark : str
        Line that must travel with the picture.
    """
    _need(frame, value, lower, upper, label, *([other] if other else []))
    write = percent if share else partial(number, digits=2)
    labels = wrapped(frame[label].astype(str), size)
    with draw(size, height(labels, size) + (size.row if other else 0)) as figure:
        axes = _rows(figure, labels)
        if other is not None:
            _hollow(axes, frame[other], called[1] or gettext("cluster"), size)
        if reference is not None:
            axes.axvline(reference, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
        known = frame[value].notna().to_numpy()
        places = np.arange(len(frame))
        axes.hlines(places[known], frame[lower][known], frame[upper][known], color=FIRST, linewidth=2)
        name = called[0] or gettext("here")
        axes.plot(frame[value][known], places[known], "o", color=FIRST, markersize=size.text * 0.55, label=name)
        drawn = [value, lower, upper, *([other] if other else [])]
        _x_range(axes, frame.loc[known, drawn].to_numpy(dtype=float), reference, share=share)
        for place, row in enumerate(frame.to_dict("records")):
            _value_beside(axes, place, row, value, write, threshold)
        axes.grid(axis="x", color=RULE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlabel(title)
        write_numbers(axes, share=share)
        if other is not None:
            figure.legend(loc="outside upper center", ncols=2, frameon=False)
        picture = png(figure, mark)
    said = "; ".join(f"{name}: {write(n)}" for name, n in zip(frame[label], frame[value], strict=True))
    below = gettext("Dots are values, lines are 95 % intervals.")
    return Picture(picture, f"{title}. {said}." if title else f"{said}.", f"{caption} {below}".strip(), size.pixels)


def marks(
    frame: pd.DataFrame,
    label: str = "label",
    *,
    caption: str = "",
    threshold: int = 10,
    size: Size = PAGE,
    mark: str = "",
) -> Picture:
    """Draw the shares of marks 2 to 5 of groups as stacked bars, with per cents in them and n beside.

    Parameters
    ----------
    frame : DataFrame
        The column of labels, n, share_2 … share_5 (0 to 1); a row without shares is written as hidden.
    label : str, default "label"
    caption : str
    threshold : int, default 10
    size : Size
    mark : str
    """
    columns = {value: f"share_{value}" for value in MARK_TONES}
    _need(frame, label, "n", *columns.values())
    labels = wrapped(frame[label].astype(str), size)
    with draw(size, height(labels, size) + size.row) as figure:
        axes = _rows(figure, labels)
        left = np.zeros(len(frame))
        for value, column in columns.items():
            shares = frame[column].to_numpy(dtype=float)
            known = np.nan_to_num(shares)
            axes.barh(range(len(frame)), known, left=left, height=0.72, color=MARK_TONES[value], edgecolor="white")
            _percents(axes, shares, left, dark=value == 5)
            left = left + known
        for place, row in enumerate(frame.to_dict("records")):
            _beside(axes, place, f"n = {number(row['n'])}" if pd.notna(row["n"]) else "", True)
            if pd.isna(row["share_2"]):
                axes.annotate(absent_words(row, threshold), (0.01, place), va="center", color=MUTED)
        axes.set_xlim(0, 1)
        axes.spines["bottom"].set_visible(False)
        axes.set_xticks([])
        _mark_legend(figure)
        picture = png(figure, mark)
    return Picture(picture, _marks_alt(frame, label), f"{caption} {_marks_caption()}".strip(), size.pixels)


def _percents(axes: Axes, shares: np.ndarray, left: np.ndarray, *, dark: bool) -> None:
    for place, share in enumerate(shares):
        if share >= 0.07:
            middle = left[place] + share / 2
            axes.annotate(percent(share), (middle, place), ha="center", va="center", color="white" if dark else INK)


def _mark_legend(figure: Figure) -> None:
    handles = [Patch(facecolor=tone, edgecolor=MUTED) for tone in MARK_TONES.values()]
    names = [gettext("mark {mark}").format(mark=value) for value in MARK_TONES]
    figure.legend(handles, names, loc="outside upper center", ncols=4, frameon=False, handlelength=1.2)


def _marks_caption() -> str:
    return gettext(
        "Shares of marks of those who took the work; n is their number. Shares under 7 % stand without a number."
    )


def _marks_alt(frame: pd.DataFrame, label: str) -> str:
    template = gettext("{label}: marks 2, 3, 4, 5 — {shares}")
    rows = [
        template.format(label=row[label], shares=", ".join(percent(row[f"share_{value}"]) for value in MARK_TONES))
        for row in frame.to_dict("records")
    ]
    return "; ".join(rows) + "."


def facility(
    frame: pd.DataFrame,
    reference: str | None = None,
    *,
    own: str = "",
    other: str = "",
    caption: str = "",
    threshold: int = 10,
    size: Size = PAGE,
    mark: str = "",
) -> Picture:
    """Draw the facility of tasks with intervals, in the order of the work.

    Parameters
    ----------
    frame : DataFrame
        item (a column or the index), facility, lower, upper; label where known.
    reference : str, optional
        Column of facilities to compare with, drawn hollow.
    own, other : str
        What the filled and the hollow markers stand for.
    caption : str
    threshold : int, default 10
    size : Size
    mark : str
    """
    _need(frame, "facility", "lower", "upper", *([reference] if reference else []))
    rows = frame if "item" in frame else frame.rename_axis("item").reset_index()
    labelled = rows.assign(_label=[_task_label(row) for row in rows.to_dict("records")])
    picture = intervals(
        labelled, "facility", "lower", "upper", "_label",
        other=reference, called=(own, other), threshold=threshold, size=size, mark=mark,
    )  # fmt: skip
    alt = gettext("Facility by task: {tasks}.").format(
        tasks="; ".join(
            f"{task} — {percent(share)}" for task, share in zip(rows["item"], rows["facility"], strict=True)
        )
    )
    below = gettext("Facility of tasks in the order of the work; lines are 95 % intervals.")
    return replace(picture, alt=alt, caption=f"{caption} {below}".strip())


def _hollow(axes: Axes, values: pd.Series, name: str, size: Size) -> None:
    """Draw what rows are compared with: another shape and tone, hollow."""
    axes.plot(
        values, range(len(values)), "D", label=name,
        color=SECOND, markerfacecolor="white", markeredgewidth=1.8, markersize=size.text * 0.75,
    )  # fmt: skip


def _task_label(row: Mapping[Any, Any]) -> str:
    label = row.get("label")
    named = label is not None and not pd.isna(label) and label != ""
    return f"{row['item']}  {label}" if named else str(row["item"])


def _rows(figure: Figure, labels: Sequence[str]) -> Axes:
    """Open axes with a line for each label, the first on top."""
    axes = figure.add_subplot()
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return axes


def _beside(axes: Axes, place: float, text: str, known: bool) -> None:
    colour = INK if known else MUTED
    axes.annotate(
        text, (1.015, place), xycoords=("axes fraction", "data"), va="center", color=colour, annotation_clip=False
    )


def _value_beside(
    axes: Axes, place: int, row: Mapping[Any, Any], value: str, write: Callable[[float], str], threshold: int
) -> None:
    known = pd.notna(row[value])
    _beside(axes, place, write(row[value]) if known else absent_words(row, threshold), known)


def _x_range(axes: Axes, bounds: np.ndarray, reference: float | None, *, share: bool) -> None:
    values = np.append(bounds[np.isfinite(bounds)], [] if reference is None else [reference])
    if share or values.size == 0:
        axes.set_xlim(-0.01, 1.01)
        return
    margin = 0.06 * max(float(np.ptp(values)), 1e-6)
    axes.set_xlim(values.min() - margin, values.max() + margin)


def _need(frame: pd.DataFrame, *columns: str) -> None:
    missing = [column for column in columns if column not in frame]
    if missing:
        raise DataError(
            "The figure needs a column {column}; the table has {found}.",
            column=missing[0],
            found=", ".join(map(str, frame)),
        )
