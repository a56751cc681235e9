"""The figure of level groups: what pupils with each mark do on every task of a work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from oko.language import gettext, number, percent
from oko.show.picture import Picture
from oko.show.theme import INK, PAGE, RULE, Size, draw, need, png, wrapped, write_numbers

TONES = {"2": "#8A99A8", "3": "#6685A3", "4": "#34608C", "5": INK}
_DASHES: Mapping[str, Any] = {"2": (0, (1, 1.4)), "3": (0, (4, 2)), "4": (0, (7, 2, 1.5, 2)), "5": "-"}


def level_curves(
    rows: pd.DataFrame,
    items: Sequence[str],
    labels: Mapping[str, str],
    title: str,
    *,
    size: Size = PAGE,
    mark: str = "",
) -> Picture:
    """Draw a line for each group of pupils with the same mark over the tasks of a work, in the order of the work.

    Parameters
    ----------
    rows : DataFrame
        item, group, n, facility; hidden ones have no facility: the line is broken there, so that it crosses no other
        between them.
    items : sequence of str
        Tasks in their order.
    labels : Mapping
        What a task is about.
    title : str
        Of the work.
    size : Size
    mark : str
    """
    need(rows, "item", "group", "n", "facility")
    texts = wrapped([f"{item}  {labels.get(item, '')}".strip() for item in items], size)
    tall = 1.3 if any("\n" in text for text in texts) else 0.95
    with draw(size, size.row * (tall * len(items) + 3.2)) as figure:
        axes = figure.add_subplot()
        for group, own in rows[rows["facility"].notna()].groupby("group", sort=True):
            line = own.set_index("item")["facility"].reindex(list(items))
            style = _DASHES.get(str(group), "-")
            tone = TONES.get(str(group), INK)
            name = gettext("mark {mark}").format(mark=group)
            axes.plot(line, range(len(items)), color=tone, linestyle=style, marker="o", markersize=3.5, label=name)
        figure.legend(loc="outside upper center", ncols=4, frameon=False, handlelength=3.2)
        axes.set_yticks(range(len(items)), texts)
        axes.set_ylim(len(items) - 0.5, -0.6)
        axes.set_xlim(-0.02, 1.02)
        axes.grid(axis="x", color=RULE, linewidth=0.6)
        axes.set_axisbelow(True)
        axes.set_xlabel(gettext("Facility among pupils with each mark"))
        axes.tick_params(axis="y", length=0)
        write_numbers(axes, share=True)
        picture = png(figure, mark)
    below = gettext(
        "{work}. Lines should not cross: where a weaker group is above a stronger one, look at the task. The mark is "
        "made of these very points, so the lines lie apart of themselves; groups too small and hidden numbers are not "
        "drawn: there the line is broken."
    ).format(work=title)
    return Picture(picture, _alt(rows, title), below, size.pixels)


def _alt(rows: pd.DataFrame, title: str) -> str:
    known = rows[rows["facility"].notna()]
    if known.empty:
        return gettext("{work}: no group is large enough to be drawn.").format(work=title)
    said = []
    for group, own in known.groupby("group", sort=True):
        text = gettext("“{group}” (n = {n}) from {low} to {high}")
        ends = {"low": percent(own["facility"].min()), "high": percent(own["facility"].max())}
        said.append(text.format(group=group, n=number(own["n"].max()), **ends))
    return gettext("{work}, facility of tasks by mark: {groups}.").format(work=title, groups="; ".join(said))
