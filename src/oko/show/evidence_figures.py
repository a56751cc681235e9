"""Figures of what stands around an estimate of an effect: each says under it where its word stops."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from textwrap import shorten

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from oko.language import gettext, number, percent
from oko.measures.evidence import DoseResponse, SyntheticControl, TargetTasks, TrendSensitivity
from oko.measures.evidence.ceilings import CEILING
from oko.measures.statement import Statement
from oko.show.figures import intervals
from oko.show.picture import Picture
from oko.show.school_figures import spread
from oko.show.statements import words
from oko.show.theme import FIRST, INK, MUTED, PAGE, RULE, SECOND, Size, draw, png, write_numbers

_DASHED = (0, (5, 3))


def trend_curve(found: TrendSensitivity, *, size: Size = PAGE, mark: str = "") -> Picture:
    """Draw how the interval of a finding widens with the differential trend that is allowed.

    Parameters
    ----------
    found : TrendSensitivity
    size : Size
    mark : str
    """
    trend = found.table["trend"].to_numpy(dtype=float)
    lower, upper = (found.table[name].to_numpy(dtype=float) for name in ("lower", "upper"))
    with draw(size, 0.55 * size.width) as figure:
        axes = figure.add_subplot()
        axes.axhline(0, color=INK, linewidth=1)
        axes.fill_between(trend, lower, upper, color=FIRST, alpha=0.18, linewidth=0)
        axes.plot(trend, lower, color=FIRST, linewidth=2)
        axes.plot(trend, upper, color=FIRST, linewidth=2)
        middle = (lower + upper) / 2
        axes.plot(trend, middle, color=INK, linewidth=1, linestyle=_DASHED)
        _turning_points(axes, found, trend)
        axes.set_xlim(0, float(trend.max()) if len(trend) and trend.max() > 0 else 1)
        axes.set_xlabel(gettext("Difference of trends allowed between the waves, standard deviations of pupils"))
        axes.set_ylabel(gettext("Effect, standard deviations"))
        axes.grid(color=RULE, linewidth=0.6)
        write_numbers(axes)
        write_numbers(axes, y=True)
        picture = png(figure, mark)
    return Picture(picture, _trend_alt(found), _trend_caption(found), size.pixels)


def _turning_points(axes: Axes, found: TrendSensitivity, trend: np.ndarray) -> None:
    """Mark where the interval meets zero, and the trend that comparison schools show."""
    bottom, top = axes.get_ylim()
    last = float(trend.max(initial=0))
    marks = [(found.to_include, gettext("the interval meets zero"), 0.06, "D")]
    if found.unit_kind != "none":
        seen = {"earlier_trend": gettext("seen in earlier waves"), "school_changes": gettext("spread of schools")}
        marks.append((found.unit, seen[found.unit_kind], 0.18, "o"))
    for at, text, height, marker in marks:
        if np.isfinite(at) and at <= last:
            axes.plot([at], [0], marker, color=SECOND, markeredgecolor=INK, zorder=3)
            left = at > 0.6 * last
            axes.annotate(
                f"{text}: {number(at, 2)}", (at, 0), (at, bottom + height * (top - bottom)),
                ha="right" if left else "left", arrowprops={"arrowstyle": "-", "color": MUTED},
            )  # fmt: skip


def _trend_caption(found: TrendSensitivity) -> str:
    field = gettext("The field is the interval of the effect, the dashed line the estimate without such a difference.")
    said = [field] if np.isfinite(found.to_include) else []
    if found.unit_kind == "earlier_trend":
        said.append(gettext("The trend of earlier waves is brought to the time between the two waves."))
    return " ".join([*said, _said(found.statements)]).strip()


def _trend_alt(found: TrendSensitivity) -> str:
    zero = gettext("A difference of trends of {zero} standard deviations makes the estimate zero.").format(
        zero=number(found.to_zero, 2)
    )
    if not np.isfinite(found.to_include):
        return zero
    text = gettext("From a difference of trends of {include} standard deviations the interval includes zero.")
    return f"{text.format(include=number(found.to_include, 2))} {zero}"


def synthetic_lines(
    found: SyntheticControl,
    names: Mapping[object, str] | None = None,
    *,
    title: str = "",
    size: Size = PAGE,
    mark: str = "",
) -> Picture:
    """Draw the cluster and its synthetic control through the waves.

    Parameters
    ----------
    found : SyntheticControl
    names : Mapping, optional
        What periods are called.
    title : str
        What the vertical axis shows; standard deviations of pupils by default.
    size : Size
    mark : str
    """
    path, places = found.path, np.arange(len(found.path))
    with draw(size, 0.55 * size.width) as figure:
        axes = figure.add_subplot()
        if path["after"].any():
            start = int(np.argmax(path["after"].to_numpy())) - 0.5
            axes.axvspan(start, len(path) - 0.9, color=RULE, alpha=0.35, linewidth=0)
        ends = {}
        for name, label, tone, marker, style in (
            ("cluster", gettext("cluster"), SECOND, "D", "-"),
            ("synthetic", gettext("mixture of comparison schools"), FIRST, "o", _DASHED),
        ):
            values = path[name].to_numpy(dtype=float)
            axes.plot(places, values, marker, color=tone, linestyle=style, markeredgecolor=INK, linewidth=2)
            ends[label] = float(values[-1]) if len(values) else np.nan
        axes.set_xticks(places, [str((names or {}).get(period, period)) for period in path.index])
        axes.set_xlim(-0.3, len(path) - 0.9)
        _name_lines(axes, ends, len(path) - 1, size)
        axes.set_ylabel(title or gettext("Standard deviations of pupils"))
        write_numbers(axes, y=True)
        picture = png(figure, mark)
    alt = gettext("Gap between the cluster and the mixture: before {before} (root of mean square), after {gap}.")
    written = alt.format(before=number(found.before_rmspe, 2), gap=number(found.gap, 2))
    grey = gettext("The grey field is the time of the model.")
    return Picture(picture, written, f"{grey} {_said(found.statements)}".strip(), size.pixels)


def _name_lines(axes: Axes, ends: Mapping[str, float], last: float, size: Size) -> None:
    known = sorted(((name, end) for name, end in ends.items() if np.isfinite(end)), key=lambda entry: entry[1])
    bottom, top = axes.get_ylim()
    gap = (top - bottom) * 1.5 * size.text / 72 / (0.5 * size.width)
    for (name, end), at in zip(known, spread([end for _, end in known], gap), strict=True):
        beside = max(last, axes.get_xlim()[1]) + 0.02 * float(np.ptp(axes.get_xlim()))
        axes.annotate(name, (last, end), (beside, at), va="center", annotation_clip=False)


def dose_picture(
    found: DoseResponse, names: Mapping[object, str] | None = None, *, size: Size = PAGE, mark: str = ""
) -> Picture:
    """Draw how much each school did beside how much it changed.

    Parameters
    ----------
    found : DoseResponse
    names : Mapping, optional
        Names of schools by code.
    size : Size
    mark : str
    """
    table = found.schools.sort_values("dose", kind="stable")
    doses = table["dose"].to_numpy(dtype=float)
    margin = max(0.14 * float(np.ptp(doses)), 0.6) if len(doses) else 0.5
    low, high = (doses.min() - margin, doses.max() + margin) if len(doses) else (0.0, 1.0)
    inch = (high - low) / (0.85 * size.width)
    with draw(size, 0.6 * size.width) as figure:
        axes = figure.add_subplot()
        axes.axhline(0, color=MUTED, linewidth=1)
        most = int(table["dose"].value_counts().max()) if len(table) else 1
        at = spread(doses.tolist(), min(1.2 * size.text / 72 * inch, 0.6 / most))
        axes.vlines(at, table["lower"], table["upper"], color=FIRST, linewidth=1.6)
        axes.plot(at, table["change"], "o", color=FIRST, markeredgecolor=INK, markersize=size.text * 0.7)
        axes.set_xlim(low, high)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        tops = table["upper"].fillna(table["change"]).tolist()
        _name_points(axes, at, tops, short_names(table.index, names or {}), inch, size)
        axes.set_xlabel(gettext("Actions done between the waves"))
        axes.set_ylabel(gettext("Change, standard deviations of pupils"))
        axes.grid(axis="y", color=RULE, linewidth=0.6)
        axes.set_axisbelow(True)
        write_numbers(axes)
        write_numbers(axes, y=True)
        picture = png(figure, mark)
    alt = "; ".join(
        gettext("{school}: actions {dose}, change {change}").format(
            school=(names or {}).get(code, code), dose=number(row["dose"]), change=number(row["change"], 2)
        )
        for code, row in zip(found.schools.index, found.schools.to_dict("records"), strict=True)
    )
    beside = gettext("Schools with as many actions as each other stand side by side.")
    return Picture(picture, f"{alt}.", f"{beside} {_said(found.statements)}", size.pixels)


def short_names(codes: Iterable[object], names: Mapping[object, str]) -> list[str]:
    """Return the numbers in the names of schools, else the names cut short, or codes where these tell none apart."""
    codes = list(codes)
    full = [str(names.get(code, code)) for code in codes]
    numbered = [re.search(r"№\s*\d+", name) for name in full]
    short = [
        found.group() if found else shorten(name, 14, placeholder="…")
        for name, found in zip(full, numbered, strict=True)
    ]
    return short if len(set(short)) == len(short) else [str(code) for code in codes]


def _name_points(
    axes: Axes, at: Sequence[float], tops: Sequence[float], called: Sequence[str], inch: float, size: Size
) -> None:
    """Name points in a line above the field, each led to its own; where they do not fit, they are not named."""
    letter = size.text / 72 * inch
    across = letter * (0.62 * max(map(len, called), default=0) + 1.2)
    room = float(np.ptp(axes.get_xlim()))
    upright = len(called) * across > room
    gap = 1.35 * letter if upright else across
    if len(called) * gap > room:
        return
    for name, place, top, over in zip(called, at, tops, spread(at, gap), strict=True):
        axes.annotate(
            name, (place, top), (over, 1.06), textcoords=("data", "axes fraction"), ha="center", va="bottom",
            rotation=90 if upright else 0, annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": MUTED, "linewidth": 0.8, "shrinkB": 0},
        )  # fmt: skip


def ceiling_bars(frame: pd.DataFrame, label: str, *, size: Size = PAGE, mark: str = "") -> Picture:
    """Draw the shares of pupils who have all points, with the limit beyond which a mean hides growth.

    Parameters
    ----------
    frame : DataFrame
        From `ceiling`, with a column of labels.
    label : str
    size : Size
    mark : str
    """
    caption = gettext("The dashed line is the limit beyond which a mean hides growth.")
    return intervals(
        frame, "share_max", "lower", "upper", label, CEILING,
        title=gettext("Pupils with all points"), caption=caption, size=size, mark=mark,
    )  # fmt: skip


def target_lines(
    found: TargetTasks,
    names: Mapping[object, str] | None = None,
    *,
    title: str = "",
    size: Size = PAGE,
    mark: str = "",
) -> Picture:
    """Draw target and other tasks of the cluster and of comparison schools, before and after.

    Parameters
    ----------
    found : TargetTasks
    names : Mapping, optional
        What periods are called.
    title : str
        Which share the vertical axis shows; facility by default.
    size : Size
    mark : str
    """
    lines = found.lines.reset_index()
    periods = list(dict.fromkeys(found.lines.index.get_level_values("period")))
    said, ends = [], {}
    with draw(size, 0.6 * size.width) as figure:
        axes = figure.add_subplot()
        for treated, target in ((1, 1), (1, 0), (0, 1), (0, 0)):
            own = lines[(lines["treated"] == treated) & (lines["target"] == target)]
            if own.empty:
                continue
            name = _line_name(treated, target)
            tone, marker = (SECOND, "D") if treated == 1 else (FIRST, "o")
            at = np.array([periods.index(period) for period in own["period"]]) + 0.02 * (treated - target)
            axes.plot(at, own["value"], marker, color=tone, linestyle="-" if target == 1 else _DASHED, linewidth=2,
                      markeredgecolor=INK, markerfacecolor=tone if target == 1 else "white")  # fmt: skip
            axes.vlines(at, own["lower"], own["upper"], color=tone, linewidth=1.2)
            ends[name] = float(own["value"].iloc[-1])
            said.append(f"{name}: {' → '.join(percent(value) for value in own['value'])}")
        axes.set_xticks(range(len(periods)), [str((names or {}).get(period, period)) for period in periods])
        axes.set_xlim(-0.2, len(periods) - 0.93)
        _name_lines(axes, ends, len(periods) - 1, size)
        axes.set_ylabel(title or gettext("Facility"))
        write_numbers(axes, share=True, y=True)
        picture = png(figure, mark)
    caption = gettext("Lines are means of schools with 95% intervals over schools.")
    return Picture(picture, f"{'; '.join(said)}.", f"{caption} {_said(found.statements)}".strip(), size.pixels)


def _line_name(treated: int, target: int) -> str:
    if treated == 1:
        return gettext("cluster, target tasks") if target == 1 else gettext("cluster, other tasks")
    return gettext("comparison, target tasks") if target == 1 else gettext("comparison, other tasks")


def _said(statements: Sequence[Statement]) -> str:
    return " ".join(words(each) for each in statements)
