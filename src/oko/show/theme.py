"""Colours, sizes and settings of figures: two tones carry identity, and they hold in a grey print."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter
from numpy.typing import NDArray

from oko.errors import DataError
from oko.language import NOT_AVAILABLE, gettext, number, percent
from oko.show.cells import is_hidden, is_small
from oko.show.literal_canvas import LiteralCanvas

FIRST = "#12436D"
SECOND = "#F46A25"
INK = "#0B0C0C"
MUTED = "#505A5F"
RULE = "#B1B4B6"
MARK_TONES = {2: "#E4E7EA", 3: "#A3B4C4", 4: "#5D82A5", 5: "#12436D"}
_PIXELS_PER_INCH = 96
_RED_GREEN_BLUE = np.array([0.2126, 0.7152, 0.0722])


@dataclass(frozen=True)
class Size:
    """Width of a figure in inches, its text in points and its dots per inch.

    On a screen a figure is shown at 96 pixels an inch, so 12 points are 16 pixels.
    """

    width: float
    text: float
    dpi: int

    @property
    def pixels(self) -> int:
        return round(self.width * _PIXELS_PER_INCH)

    @property
    def row(self) -> float:
        """Height in inches that a line of a chart needs."""
        return 2.1 * self.text / 72


PAGE = Size(7.2, 10.5, 192)
HALL = Size(12.4, 14.0, 144)


@contextmanager
def draw(size: Size, height: float) -> Iterator[Figure]:
    """Open a figure of its own, outside any global state; save it inside the block.

    Parameters
    ----------
    size : Size
    height : float
        Inches.
    """
    with matplotlib.rc_context(_settings(size.text)):
        figure = Figure(figsize=(size.width, height), dpi=size.dpi, layout="constrained")
        LiteralCanvas(figure)
        yield figure


def _settings(text: float) -> dict[Any, Any]:
    return {
        "font.family": "DejaVu Sans",
        "font.size": text,
        "axes.labelsize": text,
        "xtick.labelsize": text,
        "ytick.labelsize": text,
        "text.color": INK,
        "axes.labelcolor": INK,
        "axes.edgecolor": MUTED,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.unicode_minus": True,
        "text.parse_math": False,
        "savefig.facecolor": "white",
        "figure.facecolor": "white",
    }


def png(figure: Figure, mark: str = "") -> bytes:
    """Return the figure's bytes: the same figure, the same bytes.

    Parameters
    ----------
    figure : Figure
    mark : str
        Small line under the picture that must travel with it, e.g. "учебные данные".
    """
    if mark:
        figure.supxlabel(mark, x=0.99, ha="right", fontsize="small", color=MUTED, fontstyle="italic")
    target = io.BytesIO()
    figure.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()


def write_numbers(axes: Axes, *, digits: int | None = None, share: bool = False, y: bool = False) -> None:
    """Write the numbers of an axis in the reader's language.

    Parameters
    ----------
    axes : Axes
    digits : int, optional
        Digits after the comma; by default as many as the ticks need.
    share : bool
        The axis runs from 0 to 1 and is written in per cent.
    y : bool
        The vertical axis, not the horizontal one.
    """
    axis = axes.yaxis if y else axes.xaxis

    def write(value: float, _: int | None) -> str:
        if share:
            return percent(value)
        return number(value, _needed(axis.get_ticklocs()) if digits is None else digits)

    axis.set_major_formatter(FuncFormatter(write))


def _needed(ticks: NDArray[np.float64]) -> int:
    for digits in range(4):
        if np.allclose(ticks, np.round(ticks, digits), atol=1e-9):
            return digits
    return 4


def wrapped(labels: Iterable[str], size: Size, share: float = 0.40) -> list[str]:
    r"""Break labels into lines so that they take at most a share of a figure's width, by default two fifths.

    Examples
    --------
    >>> wrapped(["one two three four five six seven eight nine"], PAGE)
    ['one two three four five six seven\neight nine']
    """
    longest = round(share * size.width * 72 / (0.58 * size.text))
    return ["\n".join(textwrap.wrap(text, longest, break_long_words=True)[:3]) for text in labels]


def height(labels: Sequence[str], size: Size) -> float:
    """Return the height in inches of a figure with a line for each label."""
    lines = max((label.count("\n") + 1 for label in labels), default=1)
    return size.row * (max(len(labels), 1) * (1 + 0.6 * (lines - 1)) + 2.6)


def need(frame: pd.DataFrame, *columns: str) -> None:
    """Refuse a table without a column that a figure needs."""
    missing = [column for column in columns if column not in frame]
    if missing:
        raise DataError(
            "The figure needs a column {column}; the table has {found}.",
            column=missing[0],
            found=", ".join(map(str, frame)),
        )


def absent_words(row: Mapping[Any, Any], threshold: int = 10, column: str = "") -> str:
    """Return what stands in place of a missing number: that it is hidden, or a dash where there are no data.

    Parameters
    ----------
    row : Mapping
        n, and of a protected table ``hidden`` and ``hidden_cells``.
    threshold : int, default 10
        A number of fewer pupils counts as hidden.
    column : str
        Of the number.

    Examples
    --------
    >>> absent_words({"n": 40, "hidden_cells": "quality"}, column="quality"), absent_words({"n": 40})
    ('скрыто', '–')
    """
    secret = is_hidden(row, column) or is_small(row, column, threshold)
    return gettext("hidden") if secret else NOT_AVAILABLE


def grey(image: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the relative luminance of an image (WCAG 2.2): what is left of it in a grey print.

    Parameters
    ----------
    image : array, height × width × at least 3, values 0 to 1

    Returns
    -------
    array, height × width, values 0 (black) to 1 (white)

    Examples
    --------
    >>> grey(np.ones((1, 1, 3))).round(3).tolist()
    [[1.0]]
    """
    channels = image[..., :3]
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ _RED_GREEN_BLUE, dtype=np.float64)


def contrast(one: float, other: float) -> float:
    """Return the contrast ratio of two luminances (WCAG 2.2), from 1 to 21.

    Examples
    --------
    >>> contrast(1.0, 0.0)
    21.0
    """
    lighter, darker = max(one, other), min(one, other)
    return (lighter + 0.05) / (darker + 0.05)
