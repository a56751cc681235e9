"""Figures of skills across subjects: a map with the number of tasks behind each cell, and shares of variance."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from oko.language import gettext, ngettext, number, percent
from oko.show.picture import Picture
from oko.show.theme import FIRST, INK, MUTED, PAGE, RULE, SECOND, Size, draw, need, png, wrapped

FEWEST = 3
_DARK = 0.78


def skill_map(
    cells: pd.DataFrame,
    rows: Mapping[str, str],
    skills: Mapping[str, str],
    *,
    caption: str = "",
    size: Size = PAGE,
    mark: str = "",
) -> Picture:
    """Draw facility by work and skill with the number of tasks in each cell.

    Parameters
    ----------
    cells : DataFrame
        place (a key of ``rows``), skill, n_items, n, facility, zone ("deficit", "strength" or ""), hidden.
    rows, skills : Mapping
        Names of lines and columns, in their order.
    caption : str
    size : Size
    mark : str

    Notes
    -----
    A cell of one or two tasks is hatched and has no number but theirs; a white one has no task. Darker is more.
    """
    need(cells, "place", "skill", "n_items", "n", "facility", "zone", "hidden")
    columns = [code for code in skills if code in set(cells["skill"])]
    lines = [code for code in rows if code in set(cells["place"])]
    held = {(row["place"], row["skill"]): row for row in cells.to_dict("records")}
    labels = wrapped([rows[line] for line in lines], size)
    with draw(size, size.row * (len(lines) * 1.12 + 8.2)) as figure:
        axes = figure.add_subplot()
        for y, line in enumerate(lines):
            for x, skill in enumerate(columns):
                if (line, skill) in held:
                    _cell(axes, x, y, held[line, skill])
        axes.set_xlim(-0.5, len(columns) - 0.5)
        axes.set_ylim(len(lines) - 0.5, -0.5)
        axes.set_yticks(range(len(lines)), labels)
        above = ["\n".join(textwrap.wrap(skills[code], 24)[:2]) for code in columns]
        axes.set_xticks(range(len(columns)), above, rotation=90)
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_xticks([place + 0.5 for place in range(len(columns) - 1)], minor=True)
        axes.set_yticks([place + 0.5 for place in range(len(lines) - 1)], minor=True)
        axes.grid(which="minor", color=RULE, linewidth=0.5)
        axes.tick_params(which="minor", length=0)
        picture = png(figure, mark)
    below = gettext(
        "Facility of a skill’s tasks in per cent and the number of these tasks. Hatched: one or two tasks, no "
        "conclusion. White: no tasks. ▼ ▲ framed: several schools are below or above what schools outside lead to "
        "expect. Facilities of different works are not comparable: their tasks differ."
    )
    return Picture(picture, _map_alt(cells, rows, skills), f"{caption} {below}".strip(), size.pixels)


def _cell(axes: Axes, x: int, y: int, row: Mapping[Any, Any]) -> None:
    corner, tasks = (x - 0.5, y - 0.5), number(row["n_items"]) if pd.notna(row["n_items"]) else ""
    if pd.isna(row["facility"]):
        axes.add_patch(
            Rectangle(corner, 1, 1, facecolor="white", edgecolor=RULE, hatch="////", linewidth=0, in_layout=False)
        )
        text = gettext("hidden") if row["hidden"] else tasks
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        axes.text(x, y, text, ha="center", va="center", color=MUTED, bbox=box, in_layout=False)
        return
    share = float(row["facility"])
    axes.add_patch(Rectangle(corner, 1, 1, facecolor=FIRST, alpha=0.85 * share, linewidth=0, in_layout=False))
    zone = {"deficit": "▼", "strength": "▲"}.get(str(row["zone"]), "")
    if zone:
        axes.add_patch(Rectangle((x - 0.46, y - 0.44), 0.92, 0.88, fill=False, edgecolor=SECOND, linewidth=2.2))
    colour = "white" if share > _DARK else INK
    of = gettext("{tasks} tasks").format(tasks=tasks)
    weight = "bold" if zone else "normal"
    for text, up, letters in ((f"{zone}{number(100 * share)}", -0.14, "small"), (of, 0.24, "x-small")):
        axes.text(x, y + up, text, ha="center", va="center", color=colour, fontweight=weight, fontsize=letters,
                  in_layout=False)  # fmt: skip


def _map_alt(cells: pd.DataFrame, rows: Mapping[str, str], skills: Mapping[str, str]) -> str:
    known = cells[cells["facility"].notna()]
    text = ngettext(
        "Map of skills: {n} cell of {of} rests on three tasks or more.",
        "Map of skills: {n} cells of {of} rest on three tasks or more.",
        len(known),
    )
    said = [text.format(n=number(len(known)), of=number(len(cells)))]
    zones = known[known["zone"] != ""]
    if len(zones):
        listed = "; ".join(
            f"{rows[row['place']]}, {skills[row['skill']].lower()} ({percent(row['facility'])}, n = {number(row['n'])})"
            for row in zones.to_dict("records")
        )
        said.append(gettext("Marked: {zones}.").format(zones=listed))
    return " ".join(said)


def variance(frame: pd.DataFrame, titles: Mapping[str, str], *, size: Size = PAGE, mark: str = "") -> Picture:
    """Draw which share of the variance lies between schools, between classes and between pupils.

    Parameters
    ----------
    frame : DataFrame
        assessment, n, of_schools, of_classes, of_pupils (sum 1); rows without numbers are left out.
    titles : Mapping
    size : Size
    mark : str
    """
    need(frame, "assessment", "n", "of_schools", "of_classes", "of_pupils")
    rows = frame[frame["of_pupils"].notna()].to_dict("records")
    labels = wrapped([titles.get(row["assessment"], row["assessment"]) for row in rows], size)
    parts: Sequence[tuple[str, str, str, str]] = (
        ("of_schools", FIRST, "", "white"), ("of_classes", SECOND, "///", INK), ("of_pupils", "#E4E7EA", "", INK),
    )  # fmt: skip
    with draw(size, size.row * (len(rows) * 1.7 + 3.2)) as figure:
        axes = figure.add_subplot()
        for place, row in enumerate(rows):
            left = 0.0
            for name, tone, hatch, _ in parts:
                axes.barh(place, row[name], 0.6, left, color=tone, edgecolor=INK, linewidth=0.6, hatch=hatch)
                left += row[name]
            said = f"{percent(row['of_schools'])} + {percent(row['of_classes'])} + {percent(row['of_pupils'])}"
            axes.annotate(said, (1.015, place), va="center", ha="left")
        axes.set_yticks(range(len(rows)), labels)
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.set_xlim(0, 1.5)
        axes.set_xticks([])
        axes.tick_params(length=0)
        axes.spines[["left", "bottom"]].set_visible(False)
        picture = png(figure, mark)
    below = gettext(
        "From left to right: between schools (dark), between classes of a school (striped), between pupils of a class "
        "(pale; the error of the work is in it). Numbers, rounded, in this order."
    )
    alt = "; ".join(
        gettext("{work}: schools {schools}, classes {classes}, pupils {pupils}, n = {n}").format(
            work=titles.get(row["assessment"], row["assessment"]), schools=percent(row["of_schools"]),
            classes=percent(row["of_classes"]), pupils=percent(row["of_pupils"]), n=number(row["n"]),
        )
        for row in rows
    )  # fmt: skip
    return Picture(picture, alt + ".", below, size.pixels)
