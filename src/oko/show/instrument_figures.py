"""Figures of an instrument: quality of tasks, eigenvalues, Wright map, experts' judgements."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from oko.language import gettext, number, percent
from oko.show.item_names import listed
from oko.show.picture import Picture
from oko.show.theme import (
    FIRST,
    INK,
    MUTED,
    PAGE,
    RULE,
    SECOND,
    Size,
    draw,
    height,
    need,
    png,
    wrapped,
    write_numbers,
)

_DARK = 0.55
_APART = 0.05


def quality(tasks: pd.DataFrame, weak: float, *, size: Size = PAGE, mark: str = "") -> Picture:
    """Draw each task by its facility and its correlation with the rest; those below the limit are hollow.

    Parameters
    ----------
    tasks : DataFrame
        item, facility, item_rest; hidden numbers missing.
    weak : float
        Limit of the correlation.
    """
    need(tasks, "item", "facility", "item_rest")
    known = tasks.dropna(subset=["facility", "item_rest"])
    low = known["item_rest"] < weak
    with draw(size, size.row * 13) as figure:
        axes = figure.add_subplot()
        axes.axhline(weak, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
        for rows, marker, face in ((known[~low], "o", FIRST), (known[low], "D", "white")):
            axes.plot(
                rows["facility"], rows["item_rest"], marker, color=FIRST if marker == "o" else SECOND,
                markerfacecolor=face, markeredgewidth=1.8, markersize=size.text * 0.6,
            )  # fmt: skip
        _name_points(axes, known)
        axes.set_xlim(-0.02, 1.05)
        axes.set_ylim(min(0.0, float(known["item_rest"].min()) - 0.05), float(known["item_rest"].max()) + 0.08)
        axes.set_xlabel(gettext("Facility: harder on the left"))
        axes.set_ylabel(gettext("Correlation with the other tasks"))
        axes.grid(color=RULE, linewidth=0.6)
        axes.set_axisbelow(True)
        write_numbers(axes, share=True)
        write_numbers(axes, digits=1, y=True)
        picture = png(figure, mark)
    rest = known["item_rest"]
    alt = gettext(
        "Facility from {low} to {high}, correlation with the other tasks from {least} to {most}; below the limit of "
        "{weak}: {items}."
    ).format(
        low=percent(known["facility"].min()), high=percent(known["facility"].max()), least=number(rest.min(), 2),
        most=number(rest.max(), 2), weak=number(weak, 1),
        items=listed([str(item) for item in known.loc[low, "item"]]) if low.any() else gettext("none"),
    )  # fmt: skip
    caption = gettext(
        "The higher a task stands, the better it tells strong pupils from weak ones. The broken line is the limit of "
        "{weak}; tasks under it are hollow. The correlation is lower where nearly all or nearly none solve a task."
    ).format(weak=number(weak, 1))
    return Picture(picture, alt, f"{alt} {caption}", size.pixels)


def _name_points(axes: Axes, points: pd.DataFrame) -> None:
    """Write names above points, and below where another point stands close above."""
    x, y = (points[name].to_numpy(dtype=float) for name in ("facility", "item_rest"))
    for own, up, item in zip(x, y, points["item"], strict=True):
        below = bool(((np.abs(x - own) < _APART) & (y > up) & (y < up + _APART)).any())
        axes.annotate(
            str(item), (own, up), xytext=(0, -14 if below else 6), textcoords="offset points", ha="center",
            annotation_clip=False,
        )  # fmt: skip


def eigenvalues(frame: pd.DataFrame, n_factors: int | None, *, size: Size = PAGE, mark: str = "") -> Picture:
    """Draw the eigenvalues of the tasks beside those that unrelated tasks reach by chance."""
    need(frame, "position", "value", "chance")
    with draw(size, size.row * 9) as figure:
        axes = figure.add_subplot()
        own, chance = gettext("these tasks"), gettext("unrelated tasks (chance)")
        axes.plot(frame["position"], frame["value"], "o-", color=FIRST, linewidth=2, label=own)
        axes.plot(
            frame["position"], frame["chance"], "D", color=SECOND, markerfacecolor="white", linestyle=(0, (4, 3)),
            label=chance,
        )  # fmt: skip
        axes.set_xlabel(gettext("Number of the eigenvalue"))
        axes.set_ylabel(gettext("Eigenvalue"))
        axes.set_xticks(frame["position"])
        axes.set_ylim(0)
        axes.grid(axis="y", color=RULE, linewidth=0.6)
        write_numbers(axes, digits=1, y=True)
        figure.legend(loc="outside upper center", ncols=2, frameon=False)
        picture = png(figure, mark)
    first = frame.iloc[0]
    alt = gettext(
        "The first eigenvalue is {value}, chance reaches {chance}; eigenvalues above chance: {n} (n = {pupils})."
    ).format(
        value=number(first["value"], 2), chance=number(first["chance"], 2),
        n="–" if n_factors is None else number(n_factors), pupils=number(first["n"]),
    )  # fmt: skip
    caption = gettext(
        "Parallel analysis counts how many things the tasks have in common; with few pupils it sees fewer of them."
    )
    return Picture(picture, alt, f"{alt} {caption}", size.pixels)


def wright(levels: pd.DataFrame, steps: pd.DataFrame, *, size: Size = PAGE, mark: str = "") -> Picture:
    """Draw pupils and tasks on one scale: bars of pupils to the left, steps of tasks to the right.

    Parameters
    ----------
    levels : DataFrame
        start, end, n: protected; a missing number is hatched.
    steps : DataFrame
        item, points, threshold.
    """
    need(levels, "start", "end", "n")
    need(steps, "item", "points", "threshold")
    known = steps.dropna(subset=["threshold"])
    items = list(dict.fromkeys(steps["item"]))
    with draw(size, size.row * 17) as figure:
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=[2, 3])
        for row in levels.to_dict("records"):
            width, length = (
                row["end"] - row["start"],
                0.0 if pd.isna(row["n"]) else float(row["n"]) / (row["end"] - row["start"]),
            )
            if pd.isna(row["n"]):
                left.barh(row["start"], 1, width, align="edge", facecolor="white", hatch="////", edgecolor=RULE)
            else:
                left.barh(row["start"], length, width, align="edge", facecolor=FIRST, edgecolor="white")
                left.annotate(
                    number(row["n"]), (length, row["start"] + width / 2), xytext=(-4, 0), textcoords="offset points",
                    ha="right", va="center",
                )  # fmt: skip
        left.set_xlim(left.get_xlim()[1] * 1.25, 0)
        left.set_xticks([])
        left.set_xlabel(gettext("Pupils"))
        left.set_ylabel(gettext("Preparation and difficulty, logits"))
        several = steps.groupby("item")["points"].transform("size") > 1
        for place, item in enumerate(items):
            own = known[known["item"] == item]
            right.plot([place] * len(own), own["threshold"], "-", color=MUTED, linewidth=1)
        for row, many in zip(known.to_dict("records"), several[known.index], strict=True):
            place = items.index(row["item"])
            right.plot(place, row["threshold"], "o", color=INK, markerfacecolor="white", markersize=size.text * 0.55)
            if many:
                right.annotate(
                    f"{row['points']:g}", (place, row["threshold"]), xytext=(5, 0), textcoords="offset points",
                    va="center", fontsize="small",
                )  # fmt: skip
        right.set_xticks(range(len(items)), [str(item) for item in items], rotation=90 if len(items) > 14 else 0)
        right.set_xlim(-0.7, len(items) - 0.2)
        right.set_xlabel(gettext("Tasks, from the easiest; beside a mark: points"))
        right.grid(axis="y", color=RULE, linewidth=0.6)
        write_numbers(left, digits=0, y=True)
        picture = png(figure, mark)
    alt = _wright_alt(levels, known)
    caption = gettext(
        "The number in a bar is the number of pupils. A mark is the level at which these points or more are as likely "
        "as fewer. Where there are pupils and no marks, the work tells little of them."
    )
    return Picture(picture, alt, f"{alt} {caption}", size.pixels)


def _wright_alt(levels: pd.DataFrame, steps: pd.DataFrame) -> str:
    ordered = steps.sort_values("threshold").to_dict("records")
    easiest, hardest = ordered[0], ordered[-1]
    text = gettext(
        "Pupils stand from {low} to {high} logits (n = {n}); the easiest step is in task {easy} ({least}), the hardest "
        "in task {hard} ({most})."
    )
    return text.format(
        low=number(levels["start"].min(), 1), high=number(levels["end"].max(), 1), n=number(levels["n"].sum()),
        easy=easiest["item"], least=number(easiest["threshold"], 1), hard=hardest["item"],
        most=number(hardest["threshold"], 1),
    )  # fmt: skip


def judgements(
    cells: pd.DataFrame,
    skills: Mapping[str, str],
    meant: Mapping[str, str],
    experts: int,
    *,
    size: Size = PAGE,
    mark: str = "",
) -> Picture:
    """Draw which skills experts hold needed for which task; the skill of the passport is framed.

    Parameters
    ----------
    cells : DataFrame
        item, skill, experts_share: 0 to 1.
    skills : Mapping
        Names of skills by code.
    meant : Mapping
        Skill of the passport by task.
    experts : int
    """
    need(cells, "item", "skill", "experts_share")
    items, there = list(dict.fromkeys(cells["item"])), [code for code in skills if code in set(cells["skill"])]
    labels = wrapped([skills[code] for code in there], size)
    with draw(size, height(labels, size)) as figure:
        axes = figure.add_subplot()
        for row in cells.to_dict("records"):
            x, y, share = items.index(row["item"]), there.index(row["skill"]), float(row["experts_share"])
            axes.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=FIRST, alpha=share, linewidth=0))
            if meant.get(str(row["item"])) == row["skill"]:
                for tone, wide in (("white", 5.0), (INK, 2.0)):  # seen on dark cells, on pale ones and in a grey print
                    axes.add_patch(Rectangle((x - 0.42, y - 0.42), 0.84, 0.84, fill=False, edgecolor=tone, lw=wide))
            if share:
                colour = "white" if share > _DARK else INK
                axes.annotate(number(round(share * experts)), (x, y), ha="center", va="center", color=colour)
        axes.set_xlim(-0.5, len(items) - 0.5)
        axes.set_ylim(len(there) - 0.5, -0.5)
        axes.set_xticks(range(len(items)), [str(item) for item in items])
        axes.set_yticks(range(len(there)), labels)
        axes.set_xticks(np.arange(len(items) + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(len(there) + 1) - 0.5, minor=True)
        axes.grid(which="minor", color=RULE, linewidth=0.6)
        axes.tick_params(which="both", length=0)
        axes.set_xlabel(gettext("Task"))
        picture = png(figure, mark)
    whole = sum(1 for _, rows in cells.groupby("item") if (rows["experts_share"] == 1).any())
    alt = gettext(
        "Judgements of {experts} experts: on {n} of {items} tasks all of them name one skill together."
    ).format(experts=number(experts), n=number(whole), items=number(len(items)))
    caption = gettext(
        "The number in a cell is how many experts hold the skill needed for the task; an empty cell is none."
    )
    framed = gettext("Framed: the skill of the passport.") if meant else ""
    return Picture(picture, alt, f"{alt} {caption} {framed}".strip(), size.pixels)
