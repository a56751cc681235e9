"""Figures of aggregates. Schools stand in the order they come in, never by value; a missing number is said in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from oko.language import gettext, number
from oko.show import cells
from oko.show.mark_figures import beside, marks, rows_of
from oko.show.picture import Picture
from oko.show.school_figures import caterpillar, slopes
from oko.show.theme import (
    FIRST,
    MUTED,
    PAGE,
    RULE,
    SECOND,
    Size,
    absent_words,
    draw,
    height,
    need,
    png,
    wrapped,
    write_numbers,
)

__all__ = ["Picture", "caterpillar", "facility", "intervals", "marks", "slopes"]

Row = Mapping[Any, Any]


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
    digits: int = 2,
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
        Columns named by the four next arguments; of a protected table with ``hidden``, ``hidden_cells`` and
        ``bounded``. A hidden value is said, a bound is a triangle that points to where the value lies.
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
    digits : int, default 2
        Behind the decimal sign of values that are no shares.
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
    need(frame, value, lower, upper, label, *([other] if other else []))
    rows: Sequence[Row] = frame.to_dict("records")
    rows = rows if share else [cells.without_bounds(row) for row in rows]
    write = partial(_written, share=share, digits=digits, threshold=threshold)
    labels = wrapped(frame[label].astype(str), size)
    with draw(size, height(labels, size) + (size.row if other else 0)) as figure:
        axes = rows_of(figure, labels)
        if other is not None:
            _hollow(axes, rows, other, called[1] or gettext("cluster"), size)
        if reference is not None:
            axes.axvline(reference, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
        exact = np.array([cells.is_exact(row, value) for row in rows], dtype=bool)
        places = np.arange(len(frame))
        axes.hlines(places[exact], frame[lower][exact], frame[upper][exact], color=FIRST, linewidth=2)
        name = called[0] or gettext("here")
        axes.plot(frame[value][exact], places[exact], "o", color=FIRST, markersize=size.text * 0.55, label=name)
        _triangles(axes, rows, value, FIRST, size)
        drawn = [value, lower, upper, *([other] if other else [])]
        _x_range(axes, frame.loc[exact, drawn].to_numpy(dtype=float), reference, share=share)
        for place, row in enumerate(rows):
            beside(axes, place, write(row, value), not cells.is_missing(row[value]))
        axes.grid(axis="x", color=RULE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlabel(title)
        write_numbers(axes, share=share)
        if other is not None:
            figure.legend(loc="outside upper center", ncols=2, frameon=False)
        picture = png(figure, mark)
    said = "; ".join(f"{row[label]}: {write(row, value, said=True)}" for row in rows)
    below = " ".join(filter(None, (caption, _below(rows, [value, *([other] if other else [])], threshold))))
    return Picture(picture, f"{title}. {said}." if title else f"{said}.", below, size.pixels)


def _written(row: Row, column: str, *, share: bool, digits: int, threshold: int, said: bool = False) -> str:
    if cells.is_missing(row[column]) or cells.is_hidden(row, column):
        return absent_words(row, threshold, column)
    if not share:
        return number(row[column], digits)
    return cells.said(row, column) if said else cells.share(row, column)


def _triangles(axes: Axes, rows: Sequence[Row], column: str, tone: str, size: Size) -> None:
    """Draw bounds: a hollow triangle that points to where the share lies, and a dotted line as far as it may."""
    for place, row in enumerate(rows):
        sign = "" if cells.is_hidden(row, column) else cells.bound(row, column)
        if sign:
            end, marker = (0.0, "<") if sign == cells.AT_MOST else (1.0, ">")
            axes.plot([row[column], end], [place, place], color=tone, linewidth=1.4, linestyle=(0, (1, 1.5)))
            axes.plot(
                row[column], place, marker, color=tone, markerfacecolor="white", markeredgewidth=1.8,
                markersize=size.text * 0.75,
            )  # fmt: skip


def _below(rows: Sequence[Row], columns: Sequence[str], threshold: int) -> str:
    said = [gettext("Dots are values, lines are 95% intervals.")]
    if any(cells.bound(row, column) and not cells.is_hidden(row, column) for row in rows for column in columns):
        said.append(gettext("A triangle is a bound: it points to where the share lies."))
    return " ".join([*said, cells.rules(rows, columns, threshold)]).strip()


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
    need(frame, "facility", "lower", "upper", *([reference] if reference else []))
    rows = frame if "item" in frame else frame.rename_axis("item").reset_index()
    labelled = rows.assign(_label=[_task_label(row) for row in rows.to_dict("records")])
    picture = intervals(
        labelled, "facility", "lower", "upper", "_label", other=reference, called=(own, other),
        caption=" ".join(filter(None, (caption, gettext("Facility of tasks in the order of the work.")))),
        threshold=threshold, size=size, mark=mark,
    )  # fmt: skip
    tasks = "; ".join(f"{row['item']} — {cells.said(row, 'facility')}" for row in rows.to_dict("records"))
    return replace(picture, alt=gettext("Facility by task: {tasks}.").format(tasks=tasks))


def _hollow(axes: Axes, rows: Sequence[Row], column: str, name: str, size: Size) -> None:
    """Draw what rows are compared with: another shape and tone, hollow."""
    values = [row[column] if cells.is_exact(row, column) else np.nan for row in rows]
    axes.plot(
        values, range(len(values)), "D", label=name,
        color=SECOND, markerfacecolor="white", markeredgewidth=1.8, markersize=size.text * 0.75,
    )  # fmt: skip
    _triangles(axes, rows, column, SECOND, size)


def _task_label(row: Row) -> str:
    label = row.get("label")
    return str(row["item"]) if cells.is_missing(label) or label == "" else f"{row['item']}  {label}"


def _x_range(axes: Axes, bounds: np.ndarray, reference: float | None, *, share: bool) -> None:
    values = np.append(bounds[np.isfinite(bounds)], [] if reference is None else [reference])
    if share or values.size == 0:
        axes.set_xlim(-0.01, 1.01)
        return
    margin = 0.06 * max(float(np.ptp(values)), 1e-6)
    axes.set_xlim(values.min() - margin, values.max() + margin)
