"""Figures of a chapter on one work: tasks with their level groups; scores with cut scores, pupils and tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from oko.language import N_, gettext, number, percent
from oko.show.item_names import listed
from oko.show.picture import Picture
from oko.show.sentences import mark as quoted
from oko.show.sentences import pupils
from oko.show.theme import FIRST, INK, MUTED, PAGE, RULE, SECOND, Size, draw, need, png, wrapped, write_numbers

_GROUP_TONES = ("#8A99A8", "#6685A3", "#34608C", INK)
_GROUP_STYLES: tuple[Any, ...] = ((0, (1, 1.4)), (0, (4, 2)), (0, (7, 2, 1.5, 2)), "-")
THIRD_NAMES = {"low": N_("lower third"), "middle": N_("middle third"), "high": N_("upper third")}
_THIRD_SIGNS = {"low": N_("low."), "middle": N_("mid."), "high": N_("up.")}
FEWEST_DRAWN = 10
_SMALL = 0.82
_LABELS = 0.35


def group_name(group: str) -> str:
    """Name a level group in a sentence.

    Examples
    --------
    >>> from oko.language import used
    >>> with used("en"):
    ...     group_name("4")
    '“4”'
    """
    return gettext(THIRD_NAMES[group]) if group in THIRD_NAMES else quoted(group)


def _sign(group: str) -> str:
    return gettext(_THIRD_SIGNS[group]) if group in _THIRD_SIGNS else quoted(group)


def tasks_and_groups(tasks: pd.DataFrame, groups: pd.DataFrame, *, size: Size = PAGE, mark: str = "") -> Picture:
    """Draw tasks beside the cluster and the threshold of their level, and what each level group did on them.

    Parameters
    ----------
    tasks : DataFrame
        item, label, n, facility, lower, upper, cluster_facility, expected, insufficient_below, sufficient_from.
    groups : DataFrame
        From ``items.level_groups``: item, group, n, facility. Groups of fewer than ten pupils are not drawn.
    size : Size
    mark : str
    """
    need(tasks, "item", "facility", "lower", "upper", "cluster_facility", "expected", "insufficient_below")
    rows = tasks.reset_index(drop=True)
    wide = Size(size.width / _SMALL, size.text, size.dpi)
    named = zip(rows["item"], rows["label"].fillna(""), strict=True)
    labels = wrapped([f"{item}  {label}".strip() for item, label in named], wide, _LABELS)
    tall = size.row * (_pitch(labels) * len(labels) + 4.4)
    with draw(size, tall) as figure:
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=[1.25, 1])
        places = np.arange(len(rows))
        _thresholds(left, rows, places)
        left.hlines(places, rows["lower"], rows["upper"], color=FIRST, linewidth=2)
        left.plot(rows["facility"], places, "o", color=FIRST, markersize=5, label=gettext("school"))
        left.plot(rows["cluster_facility"], places, "D", label=gettext("cluster"), **_hollow(SECOND))
        if rows["expected"].notna().any():
            left.plot(rows["expected"], places, "|", color=INK, markersize=10, markeredgewidth=1.6,
                      label=gettext("expected at the school’s level"))  # fmt: skip
        left.set_yticks(places, labels, fontsize=_SMALL * size.text)
        left.set_ylim(len(rows) - 0.4, -0.6)
        drawn = _curves(right, rows, groups, size)
        for axes, title in ((left, gettext("Facility")), (right, gettext("Facility by level group"))):
            axes.set_xlim(-0.02, 1.02)
            axes.set_xticks([0, 0.5, 1] if axes is left else [0.5, 1])
            axes.grid(axis="x", color=RULE, linewidth=0.6)
            axes.set_axisbelow(True)
            axes.set_xlabel(title, fontsize=0.9 * size.text)
            axes.tick_params(axis="y", length=0)
            write_numbers(axes, share=True)
        figure.legend(loc="upper left", ncols=4, frameon=False, fontsize=0.85 * size.text)
        longest = max((len(line) for label in labels for line in label.split("\n")), default=0)
        _place(figure, size, tall, left=min(0.04 + 0.0096 * longest, 0.395), above=2.3 * size.row)
        picture = png(figure, mark)
    return Picture(picture, _tasks_alt(rows), _tasks_below(rows, drawn=drawn), size.pixels)


def _pitch(labels: Sequence[str]) -> float:
    r"""Return how far apart tasks stand, in rows: further where labels of two lines would touch.

    Examples
    --------
    >>> _pitch(["1", "2 a\nb", "3"]), _pitch(["1 a\nb", "2 a\nb"])
    (0.82, 1.0)
    """
    broken = ["\n" in label for label in labels]
    return 1.0 if any(one and other for one, other in pairwise(broken)) else 0.82


def _place(figure: Figure, size: Size, tall: float, *, left: float, above: float) -> None:
    """Put the panels where labels of known width leave room: a layout found by measuring texts takes far longer."""
    figure.set_layout_engine(None)
    figure.subplots_adjust(left, 2.4 * size.row / tall, 0.965, 1 - above / tall, wspace=0.15)


def _hollow(tone: str) -> dict[str, Any]:
    return {"color": tone, "markerfacecolor": "white", "markeredgewidth": 1.6, "markersize": 6}


def _thresholds(axes: Axes, rows: pd.DataFrame, places: np.ndarray) -> None:
    known = rows["insufficient_below"].notna().to_numpy()
    if known.any():
        below, enough = rows["insufficient_below"][known], rows["sufficient_from"][known]
        axes.barh(places[known], enough - below, 0.94, below, color="#C9CED2", linewidth=0, zorder=0,
                  label=gettext("threshold of the level"))  # fmt: skip


def _curves(axes: Axes, rows: pd.DataFrame, groups: pd.DataFrame, size: Size) -> bool:
    """Draw a line for each level group of enough pupils, and name it at its top."""
    kept = groups[(groups["n"] >= FEWEST_DRAWN) & groups["facility"].notna()]
    present = list(dict.fromkeys(groups["group"]))
    place = {str(item): at for at, item in enumerate(rows["item"])}
    shown = [group for group in present if (kept["group"] == group).any()]
    starts = []
    for group in shown:
        at = present.index(group) + (4 - len(present))
        mine = kept[kept["group"] == group]
        x, y = mine["facility"].to_numpy(), mine["item"].map(place).to_numpy()
        axes.plot(x, y, color=_GROUP_TONES[at], linestyle=_GROUP_STYLES[at], linewidth=1.7, marker="o", markersize=2.5)
        starts.append(float(x[0]))
    for group, over in zip(shown, _apart(starts), strict=True):
        text = _sign(group)
        axes.annotate(text, (over, -0.75), ha="center", va="bottom", fontsize=0.85 * size.text, annotation_clip=False)
    if not shown:
        axes.annotate(gettext("Groups of fewer than ten"), (0.5, len(rows) / 2), ha="center", color=MUTED)
    return bool(shown)


def _apart(starts: Sequence[float], gap: float = 0.2, last: float = 0.97) -> list[float]:
    """Move the names of lines apart, in their order, and keep them inside the panel.

    Examples
    --------
    >>> [round(place, 2) for place in _apart([0.5, 0.98, 1.0])]
    [0.5, 0.77, 0.97]
    """
    places: list[float] = []
    for start in starts:
        places.append(max(start, places[-1] + gap) if places else start)
    most = [last - gap * behind for behind in range(len(places) - 1, -1, -1)]
    return [min(place, bound) for place, bound in zip(places, most, strict=True)]


def _tasks_alt(rows: pd.DataFrame) -> str:
    known = rows[rows["facility"].notna()]
    if known.empty:
        return gettext("No task has a facility.")
    worst = known.sort_values("facility", kind="stable").to_dict("records")[0]
    text = gettext(
        "Facility of {tasks} tasks, {pupils}: the lowest is that of task {item}, {value} (95% interval {lower} to "
        "{upper}), in the cluster {cluster}."
    )
    return text.format(
        tasks=number(len(rows)), pupils=pupils(int(known["n"].max())), item=worst["item"],
        value=percent(worst["facility"]), lower=percent(worst["lower"]), upper=percent(worst["upper"]),
        cluster=percent(worst["cluster_facility"]),
    )  # fmt: skip


def _tasks_below(rows: pd.DataFrame, *, drawn: bool) -> str:
    said = [gettext("Left: dots are the school, lines its 95% intervals, diamonds the cluster.")]
    if rows["expected"].notna().any():
        said.append(gettext("A short upright line is what schools of the same level show on the task."))
    if rows["insufficient_below"].notna().any():
        said.append(
            gettext("The grey strip is the threshold of the task’s level: left of it a task is insufficiently done.")
        )
    if drawn:
        said.append(gettext("Right: facility among pupils with each mark (or third); lines should not cross."))
    said.append(gettext("One task measures unreliably: a difference is an occasion to talk, not a conclusion."))
    return " ".join(said)


def scores_and_scale(
    scores: pd.DataFrame,
    persons: pd.DataFrame,
    scale: pd.DataFrame,
    levels: pd.DataFrame,
    *,
    limits: tuple[int, int] = (20, 50),
    size: Size = PAGE,
    mark: str = "",
) -> Picture:
    """Draw the school's scores with cut scores, and its pupils beside the tasks on the cluster's scale.

    Parameters
    ----------
    scores : DataFrame
        score, n, border.
    persons, scale, levels : DataFrame
        As in ``chapters.Chapter``; without rows the scale is not drawn.
    limits : tuple of int, default (20, 50)
        With fewer pupils than the first a histogram says little and is not drawn; with the second or more it is
        informative.
    size : Size
    mark : str
    """
    total, scaled = int(scores["n"].sum()), len(persons) > 0
    tall = 3.9 if scaled else 2.8
    with draw(size, tall) as figure:
        if scaled:
            left, right = figure.subplots(1, 2, width_ratios=[1, 1.25])
            _wright(right, persons, scale, levels, size)
        else:
            left = figure.add_subplot()
        _histogram(left, scores, total, limits[0])
        _place(figure, size, tall, left=0.085, above=0.1)
        picture = png(figure, mark)
    below = _scores_below(total, limits, scaled=scaled, borders=bool(scores["border"].notna().any()))
    return Picture(picture, _scores_alt(scores, total, limits[0]), below, size.pixels)


def _histogram(axes: Axes, scores: pd.DataFrame, total: int, fewest: int) -> None:
    if total < fewest:
        text = gettext("Fewer than {n} pupils:\nthe distribution is not drawn.").format(n=number(fewest))
        axes.annotate(text, (0.5, 0.5), xycoords="axes fraction", ha="center", color=MUTED)
        axes.set_axis_off()
        return
    axes.bar(scores["score"], scores["n"], 0.86, color="#A3B4C4", edgecolor=FIRST, linewidth=0.6)
    top = float(scores["n"].max())
    for row in scores[scores["border"].notna()].to_dict("records"):
        axes.axvline(row["score"] - 0.5, 0, 0.9, color=INK, linewidth=1.1, linestyle=(0, (5, 3)))
        axes.annotate(quoted(int(row["border"])), (row["score"] - 0.5, 1.2 * top * 0.91), ha="center", va="bottom")
    axes.set_ylim(0, 1.2 * top)
    axes.set_xlabel(gettext("Primary score"))
    axes.set_ylabel(gettext("Pupils"))
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))


def _wright(axes: Axes, persons: pd.DataFrame, scale: pd.DataFrame, levels: pd.DataFrame, size: Size) -> None:
    """Draw a Wright map: pupils of the school to the left of the scale, tasks to the right of it."""
    middle = ((persons["lower"] + persons["upper"]) / 2).to_numpy(dtype=float)
    step = float(middle[1] - middle[0]) if len(middle) > 1 else 1.0
    own = persons["own"].to_numpy(dtype=float)
    axes.barh(middle, -own / max(own.max(), 1.0), 0.9 * step, color="#A3B4C4", edgecolor=FIRST, linewidth=0.6)
    axes.axvline(0, color=MUTED, linewidth=1)
    for at, names in _rows_of_tasks(scale, step).items():
        axes.annotate("  ".join(names), (0.06, at), va="center", fontsize=0.8 * size.text)
    for row in levels[levels["ability"].notna()].to_dict("records"):
        axes.plot([-1.05, 0], [row["ability"]] * 2, color=INK, linewidth=1, linestyle=(0, (3, 2)))
        sign = _sign(str(row["group"]))
        axes.annotate(sign, (-1.07, row["ability"]), ha="right", va="center", fontsize=0.85 * size.text)
    shown = np.concatenate([middle, scale.loc[scale["whole"], "threshold"].dropna().to_numpy(dtype=float)])
    axes.set_ylim(max(shown.min(), -4.5) - step, min(shown.max(), 4.5) + step)
    axes.set_xlim(-1.75, 1.7)
    axes.set_xticks(
        [-0.5, 0.8], [gettext("the school’s pupils"), gettext("tasks of the work")], fontsize=0.85 * size.text
    )
    axes.tick_params(axis="x", length=0)
    axes.set_ylabel(gettext("weaker ← level → stronger"))
    axes.set_yticks([])


def _rows_of_tasks(scale: pd.DataFrame, step: float) -> Mapping[float, Sequence[str]]:
    """Put tasks whose last threshold is nearly the same into one line."""
    whole = scale[scale["whole"].astype(bool) & scale["threshold"].notna()]
    height = 0.75 * step
    rows = whole.assign(at=(whole["threshold"].clip(-4.5, 4.5) / height).round() * height)
    return {float(at): [str(item) for item in part["item"]] for at, part in rows.groupby("at")}  # type: ignore[arg-type]


def _scores_alt(scores: pd.DataFrame, total: int, fewest: int) -> str:
    if total < fewest:
        return gettext("{pupils}: the distribution is not drawn.").format(pupils=pupils(total))
    place = np.repeat(scores["score"].to_numpy(), scores["n"].to_numpy(dtype=int))
    low, half, high = np.quantile(place, [0.25, 0.5, 0.75], method="inverted_cdf")
    text = gettext(
        "Scores of {pupils}: half of them have from {low} to {high} points, the middle one {half}; {borders}."
    )
    borders = listed([
        gettext("mark {mark} from {score}").format(mark=int(row["border"]), score=number(row["score"]))
        for row in scores[scores["border"].notna()].to_dict("records")
    ])  # fmt: skip
    return text.format(
        pupils=pupils(total), low=number(low), high=number(high), half=number(half),
        borders=borders or gettext("borders of marks are not known"),
    )  # fmt: skip


def _scores_below(total: int, limits: tuple[int, int], *, scaled: bool, borders: bool) -> str:
    with_borders = gettext("Left: pupils of the school at each score, dashed lines are where marks begin.")
    said = [with_borders if borders else gettext("Left: pupils of the school at each score.")]
    if limits[0] <= total < limits[1]:
        text = gettext("With fewer than {n} pupils the shape of the distribution is approximate.")
        said.append(text.format(n=number(limits[1])))
    if scaled:
        said.append(
            gettext(
                "Right: pupils of the school and tasks on one scale made from the whole cluster’s answers. A pupil at "
                "the height of a task is as likely to get all its points as not; tasks below are easier for this "
                "pupil, tasks above harder. Dashed: the cluster’s middle pupil of each level."
            )
        )
    return " ".join(said)
