"""Figures of the effect of the model: reassignments, two waves with the counterfactual, changes of schools."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from oko.language import gettext, ngettext, number, with_sign
from oko.measures.impact import Differences, Randomisation
from oko.show.picture import Picture
from oko.show.said_impact_conclusion import p_with_sign
from oko.show.school_figures import spread
from oko.show.sentences import schools
from oko.show.theme import FIRST, INK, MUTED, PAGE, RULE, SECOND, Size, draw, height, png, wrapped, write_numbers

BARS = 61


def reassignments(test: Randomisation, *, size: Size = PAGE, mark: str = "") -> Picture:
    """Draw the statistic of all assignments of schools, with the observed one marked.

    Parameters
    ----------
    test : Randomisation
    size : Size
    mark : str
    """
    bars = histogram(test)
    with draw(size, 0.5 * size.width) as figure:
        axes = figure.add_subplot()
        if len(bars):
            _bars(axes, bars, test)
        axes.set_xlabel(_statistic_name(test))
        axes.set_ylabel(gettext("Share of assignments"))
        write_numbers(axes)
        write_numbers(axes, share=True, y=True)
        picture = png(figure, mark)
    return Picture(picture, _reassigned(test), _as_if(test), size.pixels)


def histogram(test: Randomisation) -> pd.DataFrame:
    """Return what :func:`reassignments` draws.

    Parameters
    ----------
    test : Randomisation

    Returns
    -------
    DataFrame
        ``start``, ``end``, ``share`` of assignments whose statistic lies between them; the observed one is an edge, so
        that no bar is counted in part. No rows where there is no distribution.
    """
    values = test.distribution[np.isfinite(test.distribution)]
    if not len(values):
        return pd.DataFrame({"start": [], "end": [], "share": []}, dtype="float64")
    reach = float(np.abs(np.append(values, test.statistic if np.isfinite(test.statistic) else 0)).max()) or 1.0
    observed = abs(test.statistic) if np.isfinite(test.statistic) else 0.0
    step = observed / max(1, round(observed * BARS / 2 / reach)) or 2 * reach / BARS
    half = int(np.ceil(reach / step * (1 - 1e-12)))
    edges = step * np.arange(-half, half + 1)
    return pd.DataFrame({"start": edges[:-1], "end": edges[1:], "share": np.histogram(values, edges)[0] / len(values)})


def _bars(axes: Axes, bars: pd.DataFrame, test: Randomisation) -> None:
    edges = np.append(bars["start"].to_numpy(), bars["end"].iloc[-1])
    counts = bars["share"].to_numpy()
    middle = (edges[1:] + edges[:-1]) / 2
    observed = abs(test.statistic) if test.alternative == "two-sided" else test.statistic
    signed = {"two-sided": np.abs(middle), "greater": middle, "less": -middle}[test.alternative]
    far = signed >= (observed if test.alternative != "less" else -observed)
    width = edges[1] - edges[0]
    axes.bar(middle[~far], counts[~far], width, color=RULE, edgecolor="white", linewidth=0.5)
    axes.bar(middle[far], counts[far], width, color=FIRST, edgecolor="white", linewidth=0.5)
    top = float(counts.max()) * 1.22
    if np.isfinite(test.statistic):
        axes.plot([test.statistic] * 2, [0, top * 0.94], color=SECOND, linewidth=2.2)
        axes.plot([test.statistic], [top * 0.94], "D", color=SECOND, markeredgecolor=INK)
        right = test.statistic > 0
        text = gettext("observed: {value}, {p}").format(value=number(test.statistic, 2), p=p_with_sign(test.p))
        axes.annotate(text, (test.statistic, top * 0.94), (-9 if right else 9, 0), textcoords="offset points",
                      ha="right" if right else "left", va="center")  # fmt: skip
    axes.set_ylim(0, top)


def _statistic_name(test: Randomisation) -> str:
    if test.studentised:
        return gettext("Difference of changes, in its standard errors")
    return gettext("Difference of changes")


def _reassigned(test: Randomisation) -> str:
    n = len(test.distribution)
    if n == 0 or np.isnan(test.statistic):
        return gettext("There is no distribution: a group of schools is missing.")
    text = ngettext(
        "Differences for {n} assignment of schools; the observed is {value}; share of those at least as far out: {p}.",
        "Differences for {n} assignments of schools; the observed is {value}; share of those at least as far out: {p}.",
        n,
    )
    value = number(test.statistic, 2)
    if test.studentised:
        value = gettext("{value} of its standard errors").format(value=value)
    return text.format(n=number(n), value=value, p=p_with_sign(test.p))


def _as_if(test: Randomisation) -> str:
    if len(test.distribution) == 0:
        return ""
    return gettext(
        "What the same schools would show if others of them were counted as schools with the model; dark: at least as "
        "far out as observed, their share is p. The schools joined of their own will, so the lot is a supposition."
    )


def two_waves(
    found: Differences, *, waves: tuple[str, str] = ("", ""), y_title: str = "", size: Size = PAGE, mark: str = ""
) -> Picture:
    """Draw the means of both groups of schools before and after, with intervals and the counterfactual dashed.

    Parameters
    ----------
    found : Differences
    waves : (str, str)
        Names of the waves.
    y_title : str
        What the vertical axis shows; standard deviations of pupils by default.
    size : Size
    mark : str
    """
    means = found.means
    places = {0: np.array([-0.02, 0.98]), 1: np.array([0.02, 1.02])}
    with draw(size, 0.58 * size.width) as figure:
        axes = figure.add_subplot()
        ends: dict[str, float] = {}
        for group, tone, marker in ((0, FIRST, "o"), (1, SECOND, "D")):
            rows = means[means.index.get_level_values("treated") == group]
            axes.vlines(places[group], rows["lower"], rows["upper"], color=tone, linewidth=1.6)
            axes.plot(places[group], rows["mean"], color=tone, marker=marker, linewidth=2.4, markersize=size.text * 0.7,
                      markeredgecolor=INK if group else tone)  # fmt: skip
            ends[_group_name(group, int(rows["n_schools"].iloc[0]))] = float(rows["mean"].iloc[1])
        expected = means["counterfactual"].to_numpy()[2:]
        axes.plot(places[1], expected, color=INK, linewidth=1.6, linestyle=(0, (5, 3)), marker="D",
                  markerfacecolor="white", markersize=size.text * 0.6, zorder=1)  # fmt: skip
        ends[gettext("with the model, had they\nchanged as the others")] = float(expected[1])
        _name_ends(axes, ends, size)
        axes.set_xlim(-0.15, 1.1)
        before, after = waves if any(waves) else (gettext("before"), gettext("after"))
        axes.set_xticks([0, 1], [before, after])
        axes.set_ylabel(y_title or gettext("Standard deviations of pupils"))
        write_numbers(axes, y=True)
        picture = png(figure, mark)
    return Picture(picture, _waves_alt(found), _waves_caption(), size.pixels)


def _group_name(group: int, n: int) -> str:
    name = gettext("with the model: {schools}") if group else gettext("others: {schools}")
    return name.format(schools=schools(n))


def _name_ends(axes: Axes, ends: Mapping[str, float], size: Size) -> None:
    known = sorted(((name, end) for name, end in ends.items() if np.isfinite(end)), key=lambda entry: entry[1])
    bottom, top = axes.get_ylim()
    gap = (top - bottom) * 2.6 * size.text / 72 / (0.5 * size.width)
    for (name, end), at in zip(known, spread([end for _, end in known], gap), strict=True):
        axes.annotate(name, (1.04, end), (1.12, at), va="center", annotation_clip=False,
                      arrowprops={"arrowstyle": "-", "color": MUTED, "linewidth": 0.8})  # fmt: skip


def _waves_alt(found: Differences) -> str:
    if not np.isfinite(found.estimate):
        return gettext("There is no comparison of changes: a wave or a group of schools is missing.")
    changes = found.means["mean"].unstack()
    text = gettext(
        "Change of the schools with the model ({treated}): {first}, of the others ({others}): {second}; "
        "the difference is {estimate}{interval}."
    )
    interval = ""
    if np.isfinite(found.lower):
        interval = gettext(" (interval from {lower} to {upper})").format(
            lower=number(found.lower, 2), upper=number(found.upper, 2)
        )
    return text.format(
        treated=schools(found.n_treated),
        others=schools(found.n_comparison),
        first=number(changes[1][1] - changes[0][1], 2),
        second=number(changes[1][0] - changes[0][0], 2),
        estimate=number(found.estimate, 2),
        interval=interval,
    )


def _waves_caption() -> str:
    return gettext(
        "Means over schools, each school counting one; the bars are intervals of the mean. The dashed line supposes "
        "that without the model these schools would have changed as the others did: this cannot be checked with one "
        "wave before."
    )


def school_changes(
    changes: pd.DataFrame,
    names: Mapping[str, str] | None = None,
    *,
    x_title: str = "",
    size: Size = PAGE,
    mark: str = "",
) -> Picture:
    """Draw the change of each school with the model, and the others as a cloud without names.

    Parameters
    ----------
    changes : DataFrame
        Of `Differences`: index school, ``treated``, ``change``. The schools stand in the order of the rows.
    names : Mapping, optional
        Names by code of the schools with the model.
    x_title : str
    size : Size
    mark : str
    """
    own, others = (changes[changes["treated"] == group] for group in (1, 0))
    called = [str((names or {}).get(str(code), code)) for code in own.index]
    cloud = _group_name(0, len(others))
    labels = wrapped([*called, cloud], size)
    with draw(size, height(labels, size) + size.row) as figure:
        axes = figure.add_subplot()
        axes.axvline(0, color=MUTED, linewidth=1)
        places = np.arange(len(own))
        axes.hlines(places, 0, own["change"], color=SECOND, linewidth=1.6)
        axes.plot(own["change"], places, "D", color=SECOND, markeredgecolor=INK, markersize=size.text * 0.7)
        for place, change in zip(places, own["change"], strict=True):
            axes.annotate(with_sign(change, 2), (1.015, place), xycoords=("axes fraction", "data"), va="center",
                          annotation_clip=False)  # fmt: skip
        at = len(own) + 0.3
        # a fixed pattern of heights, so that the same figure has the same bytes
        heights = at + 0.32 * (((np.arange(len(others)) * 7) % 11) / 5 - 1)
        axes.plot(others["change"], heights, "o", color=FIRST, alpha=0.55, markersize=size.text * 0.5, linestyle="")
        if len(others):
            middle = float(others["change"].mean())
            axes.plot([middle] * 2, [at - 0.5, at + 0.5], color=INK, linewidth=2)
            axes.annotate(with_sign(middle, 2), (1.015, at), xycoords=("axes fraction", "data"), va="center",
                          annotation_clip=False)  # fmt: skip
        axes.set_yticks([*places, at], labels)
        axes.set_ylim(at + 0.8, -0.6)
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0)
        axes.set_xlabel(x_title or gettext("Change between the waves"))
        write_numbers(axes)
        picture = png(figure, mark)
    return Picture(picture, _changes_alt(own, others), _changes_caption(), size.pixels)


def _changes_alt(own: pd.DataFrame, others: pd.DataFrame) -> str:
    if len(own) == 0 or len(others) == 0:
        return gettext("There is no comparison of changes: a wave or a group of schools is missing.")
    text = gettext(
        "Changes of schools with the model lie between {first} and {last}, of the others between {low} and {high}."
    )
    words = {"first": own["change"].min(), "last": own["change"].max()}
    words |= {"low": others["change"].min(), "high": others["change"].max()}
    return text.format(**{name: number(float(value), 2) for name, value in words.items()})


def _changes_caption() -> str:
    return gettext(
        "Diamonds: schools with the model, in fixed order, which says nothing. Points: other schools, their height is "
        "without meaning; the line is their mean. The change of a single school is mostly chance of one year."
    )
