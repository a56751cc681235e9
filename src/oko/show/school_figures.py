"""Figures of a model of pupils within schools: what it leaves for each school, and each school's line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from oko.language import gettext, ngettext, number, with_sign
from oko.show import statements
from oko.show.cells import is_exact
from oko.show.picture import Picture
from oko.show.theme import (
    FIRST,
    INK,
    MUTED,
    PAGE,
    SECOND,
    Size,
    absent_words,
    draw,
    height,
    png,
    wrapped,
    write_numbers,
)

NAMED = 12
_ENDS = ("lower", "upper", "gh_lower", "gh_upper")


def caterpillar(
    schools: pd.DataFrame,
    names: Mapping[str, str] | None = None,
    highlight: Sequence[str] = (),
    *,
    unit: str = "points",
    threshold: int = 10,
    size: Size = PAGE,
    mark: str = "",
) -> Picture:
    """Draw what the model leaves for each school, with Goldstein–Healy bars, in the order of the rows.

    Parameters
    ----------
    schools : DataFrame
        Index school: residual, lower, upper, gh_lower, gh_upper. A row without a number is written as hidden, and
        nothing of it is drawn.
    names : Mapping, optional
        Names by code; a school without one is called by its code.
    highlight : sequence of str
        Codes drawn in the second tone with another marker and a label.
    unit : {"points", "sd"}
    threshold : int, default 10
    size : Size
    mark : str

    Notes
    -----
    Up to 12 schools stand in lines with their names; more stand in columns, and only the highlighted are named.
    """
    frame = _without_hidden(schools.set_index("school") if "school" in schools else schools)
    called = [str((names or {}).get(code, code)) for code in frame.index]
    labels = wrapped(called, size)
    chosen = np.array([code in set(highlight) for code in frame.index], dtype=bool)
    lines = len(frame) <= NAMED
    tall = height(labels, size) if lines else 0.5 * size.width
    title = _title(unit)
    with draw(size, tall) as figure:
        axes = figure.add_subplot()
        if lines:
            _in_lines(axes, frame, labels, chosen, size, threshold)
            axes.set_xlabel(title)
            write_numbers(axes)
        else:
            _in_columns(axes, frame, called, chosen, size)
            figure.suptitle(title, x=0.01, ha="left", fontsize=size.text)
            write_numbers(axes, y=True)
        picture = png(figure, mark)
    alt = gettext("Difference from the expected, {n}. ").format(n=_counted(len(frame))) + statements.told_apart(frame)
    return Picture(picture, alt, " ".join([statements.goldstein_healy(), *_hidden(frame, threshold)]), size.pixels)


def _without_hidden(frame: pd.DataFrame) -> pd.DataFrame:
    """Take every number out of rows whose number is hidden: a bar around it would give it away."""
    secret = [not is_exact(row, "residual") for row in frame.to_dict("records")]
    numbers = [name for name in ("residual", *_ENDS) if name in frame]
    return frame.assign(**{name: frame[name].mask(np.array(secret, dtype=bool)) for name in numbers})


def _hidden(frame: pd.DataFrame, threshold: int) -> list[str]:
    n = int(frame["residual"].isna().sum())
    text = ngettext(
        "{n} school is hidden: fewer than {threshold} pupils, or it could be worked out from the others.",
        "{n} schools are hidden: fewer than {threshold} pupils, or they could be worked out from the others.",
        n,
    )
    return [text.format(n=number(n), threshold=number(threshold))] if n else []


def _counted(n: int) -> str:
    from oko.show.sentences import schools

    return schools(n)


def _title(unit: str) -> str:
    if unit == "sd":
        return gettext("Difference from the expected, standard deviations")
    return gettext("Difference from the expected, points")


def _in_lines(
    axes: Axes, frame: pd.DataFrame, called: Sequence[str], chosen: np.ndarray, size: Size, threshold: int
) -> None:
    places = np.arange(len(frame))
    axes.axvline(0, color=MUTED, linewidth=1)
    for group, tone, marker in ((~chosen, FIRST, "o"), (chosen, SECOND, "D")):
        rows = frame[group]
        axes.hlines(places[group], rows["gh_lower"], rows["gh_upper"], color=tone, linewidth=2.4)
        axes.plot(rows["residual"], places[group], marker, color=tone, markeredgecolor=INK if marker == "D" else tone,
                  markersize=size.text * (0.75 if marker == "D" else 0.6))  # fmt: skip
    for place, row in enumerate(frame.to_dict("records")):
        known = pd.notna(row["residual"])
        text = with_sign(row["residual"], 2) if known else absent_words({**row, "hidden": True}, threshold)
        axes.annotate(text, (1.015, place), xycoords=("axes fraction", "data"), va="center",
                      color=INK if known else MUTED, annotation_clip=False)  # fmt: skip
    axes.set_yticks(places, called)
    for written, bold in zip(axes.get_yticklabels(), chosen, strict=True):
        written.set_fontweight("bold" if bold else "normal")
    axes.set_ylim(len(frame) - 0.4, -0.6)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)


def _in_columns(axes: Axes, frame: pd.DataFrame, called: Sequence[str], chosen: np.ndarray, size: Size) -> None:
    places = np.arange(len(frame), dtype=float)
    axes.axhline(0, color=MUTED, linewidth=1)
    for group, tone, marker in ((~chosen, FIRST, "o"), (chosen, SECOND, "D")):
        rows = frame[group]
        width = 1.6 if marker == "o" else 2.4
        axes.vlines(places[group], rows["gh_lower"], rows["gh_upper"], color=tone, linewidth=width)
        axes.plot(places[group], rows["residual"], marker, color=tone, markeredgecolor=INK if marker == "D" else tone,
                  markersize=size.text * (0.55 if marker == "D" else 0.3))  # fmt: skip
    shown = [int(place) for place in np.flatnonzero(chosen & frame["residual"].notna().to_numpy())]
    top = float(frame["gh_upper"].max()) + 0.1 * float(frame["gh_upper"].max() - frame["gh_lower"].min())
    gap = 1.35 * size.text / 72 / size.width * len(frame) / 0.9
    for place, at in zip(shown, spread([float(p) for p in shown], gap), strict=True):
        axes.annotate(
            called[place], (place, float(frame["gh_upper"].iloc[place])), (at, top),
            rotation=90, ha="center", va="bottom", arrowprops={"arrowstyle": "-", "color": MUTED, "linewidth": 0.8},
        )  # fmt: skip
    axes.set_xlim(-1, len(frame))
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)


def spread(positions: Sequence[float], gap: float) -> list[float]:
    """Move positions apart until each pair is at least a gap apart, keeping their order and their middle.

    Examples
    --------
    >>> spread([1.0, 2.0, 9.0], 3.0)
    [0.0, 3.0, 9.0]
    """
    clusters: list[list[float]] = []
    for position in sorted(positions):
        clusters.append([position])
        while len(clusters) > 1 and _ends(clusters[-2], gap)[1] + gap > _ends(clusters[-1], gap)[0]:
            clusters[-2:] = [clusters[-2] + clusters[-1]]
    return [_ends(cluster, gap)[0] + gap * place for cluster in clusters for place in range(len(cluster))]


def _ends(cluster: Sequence[float], gap: float) -> tuple[float, float]:
    middle, half = sum(cluster) / len(cluster), gap * (len(cluster) - 1) / 2
    return middle - half, middle + half


def slopes(
    schools: pd.DataFrame,
    fixed: pd.DataFrame,
    slope: str,
    low: float,
    high: float,
    names: Mapping[str, str] | None = None,
    highlight: Sequence[str] = (),
    *,
    x_title: str = "",
    y_title: str = "",
    size: Size = PAGE,
    mark: str = "",
) -> Picture:
    """Draw the line of each school across the range of earlier results.

    Parameters
    ----------
    schools : DataFrame
        Index school: residual (of the level) and a column named as the slope's covariate (of the slope); a school of
        which either is hidden has no line.
    fixed : DataFrame
        Index Intercept and covariates: estimate; where one is hidden, nothing is drawn.
    slope : str
        The covariate with a slope of its own in each school.
    low, high : float
        Range of earlier results to draw, e.g. their 5th and 95th percentiles.
    names : Mapping, optional
    highlight : sequence of str
        Codes drawn in the second tone and named.
    x_title, y_title : str
    size : Size
    mark : str
    """
    frame = schools.set_index("school") if "school" in schools else schools
    ends = np.array([low, high], dtype=float)
    estimate = fixed["estimate"].astype(float)
    average = estimate["Intercept"] + estimate[slope] * ends
    known = bool(np.isfinite(average).all())
    lines = {
        str(code): average + float(row["residual"]) + float(row[slope]) * ends
        for code, row in frame.to_dict("index").items()
        if known and is_exact(row, "residual") and is_exact(row, slope)
    }
    with draw(size, 0.62 * size.width) as figure:
        axes = figure.add_subplot()
        for code, line in lines.items():
            bold = code in set(highlight)
            axes.plot(ends, line, color=SECOND if bold else FIRST, linewidth=2.6 if bold else 0.8,
                      marker="D" if bold else "", markeredgecolor=INK, markersize=size.text * 0.6,
                      clip_on=not bold, zorder=3 if bold else 1)  # fmt: skip
        axes.plot(ends, average, color=INK, linewidth=2, linestyle=(0, (5, 3)), zorder=2)
        named = {str((names or {}).get(code, code)): lines[code][1] for code in lines if code in set(highlight)}
        _name_ends(axes, {**named, **({gettext("average"): float(average[1])} if known else {})}, high, size)
        axes.set_xlim(low, high)
        axes.set_xlabel(x_title)
        axes.set_ylabel(y_title)
        write_numbers(axes)
        write_numbers(axes, y=True)
        picture = png(figure, mark)
    return Picture(picture, _slopes_alt(lines, ends), _slopes_caption(), size.pixels)


def _name_ends(axes: Axes, ends: Mapping[str, float], high: float, size: Size) -> None:
    ordered = sorted(ends.items(), key=lambda entry: entry[1])
    bottom, top = axes.get_ylim()
    gap = (top - bottom) * 1.5 * size.text / 72 / (0.55 * size.width)
    for (name, end), at in zip(ordered, spread([end for _, end in ordered], gap), strict=True):
        beside = (high + 0.02 * float(np.ptp(axes.get_xlim())), at)
        axes.annotate(name, (high, end), beside, va="center", annotation_clip=False)


def _slopes_alt(lines: Mapping[str, np.ndarray], ends: np.ndarray) -> str:
    if not lines:
        return gettext("No school has a number.")
    spans = [float(np.ptp([line[place] for line in lines.values()])) for place in (0, 1)]
    text = gettext(
        "Lines of schools: at an earlier result of {low} they are spread over {first}, at {high} over {second}."
    )
    return text.format(
        low=number(ends[0], 1), high=number(ends[1], 1), first=number(spans[0], 2), second=number(spans[1], 2)
    )


def _slopes_caption() -> str:
    return gettext(
        "Each line is the expected result in one school by earlier result; the dashed line is the average school. "
        "The lines are shrunken towards it and have errors that are not drawn."
    )
