"""Figures of shares of marks: what a protected table hides is neither drawn nor left over between the bars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from oko.language import NOT_AVAILABLE, gettext, number
from oko.show import cells
from oko.show.picture import Picture
from oko.show.theme import INK, MARK_TONES, MUTED, PAGE, Size, absent_words, draw, height, need, png, wrapped

LOW, HIGH = (2, 3), (4, 5)
_PAIR_TONES = {LOW: "#C6D0D9", HIGH: "#34608C"}
_PAIR_HATCHES = {LOW: "//", HIGH: "\\\\"}
_PAIR_EDGES = {LOW: MARK_TONES[4], HIGH: "white"}
_SHARES = ("quality", *(f"share_{value}" for value in MARK_TONES))
_TALL = 0.72
_LEAST_WRITTEN = 0.07
Row = Mapping[Any, Any]


@dataclass(frozen=True)
class Part:
    """A piece of a bar: which marks, from where to where, and what is written in it and said of it."""

    marks: tuple[int, ...]
    start: float
    end: float
    text: str
    said: str


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
        The column of labels, n, share_2 … share_5 (0 to 1), quality where known; of a protected table with ``hidden``,
        ``hidden_cells`` and ``bounded``. Where the share of a mark is hidden or a bound, marks 2 and 3, or 4 and 5,
        are one part, by the row's quality; without a quality the row is written as hidden.
    label : str, default "label"
    caption : str
    threshold : int, default 10
    size : Size
    mark : str
    """
    need(frame, label, "n", *(f"share_{value}" for value in MARK_TONES))
    rows: Sequence[Row] = frame.to_dict("records")
    labels = wrapped(frame[label].astype(str), size)
    bars = [parts(row) for row in rows]
    pairs = _pairs_of(bars)
    with draw(size, height(labels, size) + size.row * (2 if pairs else 1)) as figure:
        axes = rows_of(figure, labels)
        for place, (row, bar) in enumerate(zip(rows, bars, strict=True)):
            for part in bar:
                _piece(axes, place, part)
            if len(bar) == 1:
                _rest(axes, place, bar[0])
            beside(axes, place, _n(row), True)
            if not bar:
                axes.annotate(_absent(row, threshold), (0.01, place), va="center", color=MUTED)
        axes.set_xlim(0, 1)
        axes.spines["bottom"].set_visible(False)
        axes.set_xticks([])
        _mark_legend(figure, pairs)
        picture = png(figure, mark)
    alt = "; ".join(f"{row[label]}: {_said(row, bar, threshold)}" for row, bar in zip(rows, bars, strict=True)) + "."
    below = " ".join(filter(None, (caption, _below(bars), _rules(rows, bars, threshold))))
    return Picture(picture, alt, below, size.pixels)


def parts(row: Row) -> tuple[Part, ...]:
    """Return the parts of a row's bar: single marks; two together where one of them is hidden or a bound.

    Examples
    --------
    >>> row = {"share_2": None, "share_3": None, "share_4": 0.4, "share_5": 0.2, "quality": 0.6,
    ...        "hidden_cells": "share_2 share_3", "bounded": ""}
    >>> [(part.marks, part.start, part.end) for part in parts(row)]
    [((2, 3), 0.0, 0.4), ((4,), 0.4, 0.8), ((5,), 0.8, 1.0)]
    """
    if cells.row_hidden(row):
        return ()
    if all(cells.is_exact(row, f"share_{value}") for value in MARK_TONES):
        low = float(row["share_2"]) + float(row["share_3"])
        return (*_half(row, LOW, 0.0, low), *_half(row, HIGH, low, 1.0))
    if not _partly(row) or cells.is_missing(row.get("quality")) or cells.is_hidden(row, "quality"):
        return ()
    low, sign = 1 - float(row["quality"]), cells.bound(row, "quality")
    if sign == cells.AT_LEAST:
        return (_together(row, HIGH, low, 1.0),)
    if sign:
        return (_together(row, LOW, 0.0, low),)
    return (*_half(row, LOW, 0.0, low), *_half(row, HIGH, low, 1.0))


def _partly(row: Row) -> bool:
    """Whether a share of a mark is hidden or a bound."""
    columns = (f"share_{value}" for value in MARK_TONES)
    return any(cells.is_hidden(row, column) or bool(cells.bound(row, column)) for column in columns)


def _half(row: Row, pair: tuple[int, int], start: float, end: float) -> tuple[Part, ...]:
    """Return two marks one by one where both shares are exact, otherwise together."""
    columns = [f"share_{value}" for value in pair]
    if not all(cells.is_exact(row, column) for column in columns):
        return (_together(row, pair, start, end),)
    middle = start + float(row[columns[0]])
    ends = ((start, middle), (middle, middle + float(row[columns[1]])))
    return tuple(
        Part((value,), *at, *_texts(row, column)) for value, at, column in zip(pair, ends, columns, strict=True)
    )


def _together(row: Row, pair: tuple[int, int], start: float, end: float) -> Part:
    known = {**row, "pair": end - start, "bounded": "pair" if cells.bound(row, "quality") else ""}
    return Part(pair, start, end, *_texts(known, "pair"))


def _texts(row: Row, column: str) -> tuple[str, str]:
    return cells.share(row, column), cells.said(row, column)


def _piece(axes: Axes, place: int, part: Part) -> None:
    tone, edge, hatch = _dress(part.marks)
    wide = part.end - part.start
    axes.barh(place, wide, left=part.start, height=_TALL, color=tone, edgecolor=edge, hatch=hatch)
    if wide >= _LEAST_WRITTEN:
        box = {"facecolor": tone, "edgecolor": "none", "pad": 2.0} if hatch else None
        colour = "white" if 5 in part.marks else INK
        middle = (part.start + part.end) / 2
        axes.annotate(part.text, (middle, place), ha="center", va="center", color=colour, bbox=box)


def _dress(marks: tuple[int, ...]) -> tuple[str, str, str | None]:
    if marks in (LOW, HIGH):
        return _PAIR_TONES[marks], _PAIR_EDGES[marks], _PAIR_HATCHES[marks]
    return MARK_TONES[marks[0]], "white", None


def _rest(axes: Axes, place: int, part: Part) -> None:
    """Frame with dots what is left of a bar with one part: the bound is all that is said of it."""
    start, end = (0.0, part.start) if part.start > 0 else (part.end, 1.0)
    axes.barh(place, end - start, left=start, height=_TALL, color="none", edgecolor=MUTED, linestyle=(0, (1, 1.5)))


def _n(row: Row) -> str:
    if cells.row_hidden(row):
        return ""
    if cells.is_hidden(row, "n"):
        return gettext("n is hidden")
    return "" if cells.is_missing(row["n"]) else f"n = {number(row['n'])}"


def _mark_legend(figure: Figure, pairs: Sequence[tuple[int, ...]]) -> None:
    handles = [Patch(facecolor=tone, edgecolor=MUTED) for tone in MARK_TONES.values()]
    names = [gettext("mark {mark}").format(mark=value) for value in MARK_TONES]
    if pairs:  # a legend fills its columns one after another: the pairs come to stand in its second line
        for place, pair in zip((1, 3), pairs, strict=False):
            tone, edge, hatch = _dress(pair)
            handles.insert(place, Patch(facecolor=tone, edgecolor=edge, hatch=hatch))
            names.insert(place, gettext("{first} and {second} together").format(first=pair[0], second=pair[1]))
    figure.legend(handles, names, loc="outside upper center", ncols=4, frameon=False, handlelength=1.6)


def _below(bars: Sequence[tuple[Part, ...]]) -> str:
    said = [
        gettext(
            "Shares of marks of those who took the work; n is their number. Shares under 7% stand without a number."
        )
    ]
    if _pairs_of(bars):
        said.append(
            gettext(
                "Striped: two marks together, because the shares of the single ones are hidden or known as bounds only."
            )
        )
    if any(len(bar) == 1 for bar in bars):
        said.append(gettext("In a dotted frame: what is left for the other marks at most."))
    return " ".join(said)


def _pairs_of(bars: Sequence[tuple[Part, ...]]) -> list[tuple[int, ...]]:
    """Which marks are drawn together in any of the bars."""
    return [pair for pair in (LOW, HIGH) if any(part.marks == pair for bar in bars for part in bar)]


def _rules(rows: Sequence[Row], bars: Sequence[tuple[Part, ...]], threshold: int) -> str:
    """Explain "hidden" where a row or its n is written so, and the sign of a bound where one is written."""
    unseen = any(_absent(row, threshold) != NOT_AVAILABLE for row, bar in zip(rows, bars, strict=True) if not bar)
    counts = any(cells.is_hidden(row, "n") for row in rows)
    said = [cells.hidden_rule(threshold)] if unseen or counts else []
    if any(part.text.startswith((cells.AT_MOST, cells.AT_LEAST)) for bar in bars for part in bar):
        said.append(cells.bound_rule() + ".")
    return " ".join(said)


def _absent(row: Row, threshold: int) -> str:
    secret = (name for name in _SHARES if cells.is_hidden(row, name) or cells.bound(row, name))
    return gettext("hidden") if any(secret) else absent_words(row, threshold, "share_2")


def _said(row: Row, bar: Sequence[Part], threshold: int) -> str:
    if not bar:
        return _absent(row, threshold)
    one, pair = gettext("mark {mark} — {share}"), gettext("marks {first} and {second} — {share}")
    return ", ".join(
        (one if len(part.marks) == 1 else pair).format(
            mark=part.marks[0], first=part.marks[0], second=part.marks[-1], share=part.said
        )
        for part in bar
    )


def rows_of(figure: Figure, labels: Sequence[str]) -> Axes:
    """Open axes with a line for each label, the first on top."""
    axes = figure.add_subplot()
    axes.set_yticks(range(len(labels)), labels)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    return axes


def beside(axes: Axes, place: float, text: str, known: bool) -> None:
    """Write a text right of a line."""
    colour = INK if known else MUTED
    axes.annotate(
        text, (1.015, place), xycoords=("axes fraction", "data"), va="center", color=colour, annotation_clip=False
    )
