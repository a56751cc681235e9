"""A figure of the flow of pupils through two waves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from oko.language import gettext, ngettext, number
from oko.show.picture import Picture
from oko.show.theme import FIRST, MUTED, PAGE, Size, draw, png


def flow_diagram(groups: pd.DataFrame, *, size: Size = PAGE, mark: str = "") -> Picture:
    """Draw the flow of pupils through two waves, a column for the cluster and one for comparison schools.

    Parameters
    ----------
    groups : DataFrame, index ``treated``
        From `flow_by_group`: schools, rostered, before, after, both, only_before, only_after; what is not
        known is left out.
    size : Size
    mark : str
    """
    columns = [flag for flag in (1, 0) if flag in groups.index]
    rows = {flag: {str(name): float(groups[name][flag]) for name in groups} for flag in columns}
    with draw(size, 0.62 * size.width) as figure:
        axes = figure.add_subplot()
        axes.set_axis_off()
        for place, flag in enumerate(columns):
            _flow_column(axes, place, _flow_boxes(rows[flag]), _flow_heading(flag, rows[flag]))
        axes.set_xlim(-0.5, max(len(columns), 1) - 0.5)
        axes.set_ylim(-0.4, 4.7)
        picture = png(figure, mark)
    alt = " ".join(
        " ".join([_flow_heading(flag, rows[flag]) + ":", "; ".join(_flow_boxes(rows[flag])) + "."]) for flag in columns
    )
    caption = gettext("Pupils who left or came between the waves do not make a change of pupils, only of groups.")
    return Picture(picture, alt, caption, size.pixels)


def _flow_heading(flag: int, row: Mapping[str, float]) -> str:
    name = gettext("Cluster") if flag == 1 else gettext("Comparison schools")
    n = int(row["schools"])
    return f"{name} ({ngettext('{n} school', '{n} schools', n).format(n=number(n))})"


def _flow_boxes(row: Mapping[str, float]) -> list[str]:
    known = {name: number(value) for name, value in row.items() if np.isfinite(value)}
    boxes = []
    if "rostered" in known:
        boxes.append(gettext("listed for a work of either wave: {n}").format(n=known["rostered"]))
    if "before" in known:
        boxes.append(gettext("wrote in the first wave: {n}").format(n=known["before"]))
    if "after" not in known:
        return boxes
    if "both" not in known:
        boxes.append(gettext("wrote in the second wave: {n}; no link of pupils").format(n=known["after"]))
        return boxes
    boxes.append(gettext("left: {left}; came: {came}").format(left=known["only_before"], came=known["only_after"]))
    boxes.append(
        gettext("wrote in the second wave: {n}, of them in both: {both}").format(n=known["after"], both=known["both"])
    )
    return boxes


def _flow_column(axes: Axes, place: int, boxes: Sequence[str], heading: str) -> None:
    axes.annotate(heading, (place, 4.45), ha="center", va="center", fontweight="bold")
    levels = [3.6 - 1.2 * step for step in range(len(boxes))]
    for above, below in pairwise(levels):
        axes.annotate("", (place, below + 0.3), (place, above - 0.3), arrowprops={"arrowstyle": "->", "color": MUTED})
    for level, text in zip(levels, boxes, strict=True):
        frame = {"boxstyle": "square,pad=0.55", "facecolor": "white", "edgecolor": FIRST if place == 0 else MUTED}
        broken = text.replace("; ", ";\n").replace(", ", ",\n")
        axes.annotate(broken, (place, level), ha="center", va="center", bbox=frame, fontsize="small")
