"""Figures of growth: schools by median growth and attainment, and the lines of cohorts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from oko.language import gettext, ngettext, number
from oko.show.picture import Picture
from oko.show.theme import FIRST, MUTED, PAGE, SECOND, Size, draw, png, wrapped, write_numbers

THRESHOLD = 10
_PANELS = 2


def bubbles(
    schools: pd.DataFrame,
    names: Mapping[str, str] | None = None,
    highlight: Sequence[str] = (),
    *,
    x_title: str = "",
    threshold: int = THRESHOLD,
    size: Size = PAGE,
    mark: str = "",
) -> Picture:
    """Draw schools by attainment and median growth percentile, with the intervals of both as a cross.

    Parameters
    ----------
    schools : DataFrame
        Index school: n; median, lower, upper (growth percentile); attainment, attainment_lower, attainment_upper. Rows
        with fewer pupils than ``threshold``, or without a number, are not drawn and are named under the figure.
    names : Mapping, optional
        Names by code; a school without one is called by its code.
    highlight : sequence of str
        Codes drawn in the second tone with another marker.
    x_title : str
        What attainment is.
    threshold : int, default 10
    size : Size
    mark : str

    Notes
    -----
    The area of a bubble is proportional to the pupils. Numbers in the bubbles follow the order of the rows, which is
    kept and says nothing.
    """
    frame = schools.set_index("school") if "school" in schools else schools
    called = pd.Series([str((names or {}).get(code, code)) for code in frame.index], frame.index)
    known = (frame["n"] >= threshold) & frame[["median", "attainment"]].notna().all(axis=1)
    shown = frame[known.to_numpy()]
    with draw(size, 0.66 * size.width) as figure:
        axes = figure.add_subplot()
        axes.axhline(50, color=MUTED, linewidth=1)
        for at, (code, row) in enumerate(zip(shown.index, shown.to_dict("records"), strict=True)):
            _cross(axes, row, at + 1, bold=code in set(highlight), largest=float(shown["n"].max()), size=size)
        axes.set_ylim(0, 100)
        axes.set_xlabel(x_title or gettext("Attainment"))
        axes.set_ylabel(gettext("Median growth percentile"))
        axes.margins(x=0.12)
        _list(axes, called[known.to_numpy()].to_list(), shown["n"].to_list(), size)
        write_numbers(axes)
        write_numbers(axes, y=True)
        picture = png(figure, mark)
    return Picture(picture, _bubbles_alt(shown), _bubbles_caption(called[~known.to_numpy()], threshold), size.pixels)


def _cross(axes: Axes, row: Mapping[Any, Any], number_of: int, *, bold: bool, largest: float, size: Size) -> None:
    tone, marker = (SECOND, "D") if bold else (FIRST, "o")
    x, y, thick = row["attainment"], row["median"], 2.4 if bold else 1.3
    axes.plot([x, x], [row["lower"], row["upper"]], color=tone, linewidth=thick, zorder=2)
    axes.plot([row["attainment_lower"], row["attainment_upper"]], [y, y], color=tone, linewidth=thick, zorder=2)
    area = (2.4 * size.text) ** 2 * row["n"] / largest
    axes.scatter([x], [y], s=area, marker=marker, facecolor="white", edgecolor=tone, linewidth=1.8, zorder=3)
    axes.annotate(str(number_of), (x, y), ha="center", va="center", fontsize=0.85 * size.text, zorder=4)


def _list(axes: Axes, names: Sequence[str], pupils: Sequence[float], size: Size) -> None:
    """Write the schools beside the figure in the order of the rows, with the numbers that stand in their bubbles."""
    labels = [
        f"{at}. {name} (n = {number(n)})" for at, (name, n) in enumerate(zip(names, pupils, strict=True), start=1)
    ]
    axes.annotate(
        "\n".join(wrapped(labels, size)), (1.03, 1), xycoords="axes fraction",
        va="top", linespacing=1.6, annotation_clip=False,
    )  # fmt: skip


def _bubbles_alt(shown: pd.DataFrame) -> str:
    if shown.empty:
        return gettext("No school has a number.")
    n = len(shown)
    text = ngettext(
        "Growth and attainment of {n} school: the median growth percentile runs from {low} to {high}; at {apart} the "
        "interval does not hold 50.",
        "Growth and attainment of {n} schools: the median growth percentile runs from {low} to {high}; at {apart} the "
        "interval does not hold 50.",
        n,
    )
    apart = int(((shown["lower"] > 50) | (shown["upper"] < 50)).sum())
    low, high = (number(float(value), 1) for value in (shown["median"].min(), shown["median"].max()))
    return text.format(n=number(n), low=low, high=high, apart=number(apart))


def _bubbles_caption(hidden: pd.Series, threshold: int) -> str:
    text = gettext(
        "The cross is where median and mean lie with 95% probability, the area of the bubble is the number of pupils; "
        "50 is the middle of the norm group. The order of schools says nothing."
    )
    if hidden.empty:
        return text
    absent = gettext("Not shown (n < {n} or no number): {schools}.")
    return f"{text} {absent.format(n=number(threshold), schools=', '.join(hidden))}"


def cohort_figure(
    lines: pd.DataFrame,
    names: Mapping[str, str] | None = None,
    *,
    threshold: int = THRESHOLD,
    size: Size = PAGE,
    mark: str = "",
) -> Picture:
    """Draw how one cohort of each school stands from assessment to assessment, a panel a school.

    Parameters
    ----------
    lines : DataFrame
        Rows of one subject and one cohort from ``growth.cohort_lines``. Points with fewer pupils than ``threshold``
        are left out.
    names : Mapping, optional
    threshold : int, default 10
    size : Size
    mark : str

    Notes
    -----
    Schools stand in the order of the rows. The stretch from an autumn to the spring after it is dashed: it
    is no growth.
    """
    kept = lines[(lines["n"] >= threshold) & lines["mean"].notna()]
    schools = list(dict.fromkeys(kept["school"]))
    points = kept.drop_duplicates("assessment").sort_values(["time", "assessment"], kind="stable")
    places = {name: at for at, name in enumerate(points["assessment"])}
    columns = min(_PANELS, max(len(schools), 1))
    rows = -(-max(len(schools), 1) // columns)
    with draw(size, max(0.27 * rows + 0.12, 0.47) * size.width) as figure:
        panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
        for axes, school in zip(panels, schools, strict=False):
            _panel(axes, kept[kept["school"] == school], places)
            axes.set_title(str((names or {}).get(school, school)), fontsize=size.text, loc="left")
        for axes in panels[len(schools) :]:
            axes.set_visible(False)
        ticks = [_when(row) for row in points.to_dict("records")]
        for at in range(max(len(schools) - columns, 0), len(schools)):
            panels[at].set_xticks(range(len(ticks)), ticks, fontsize=0.8 * size.text)
            panels[at].tick_params(labelbottom=True)
        figure.supylabel(gettext("Standard deviations from the mean"), fontsize=size.text)
        write_numbers(panels[0], digits=1, y=True)
        picture = png(figure, mark)
    return Picture(picture, _lines_alt(kept), _lines_caption(), size.pixels)


def _panel(axes: Axes, rows: pd.DataFrame, places: Mapping[str, int]) -> None:
    axes.axhline(0, color=MUTED, linewidth=0.9)
    at = rows["assessment"].map(places).to_numpy()
    axes.vlines(at, rows["lower"], rows["upper"], color=FIRST, linewidth=1.4)
    season, mean = rows["season"].to_list(), rows["mean"].to_numpy()
    for first in range(len(rows) - 1):
        dashed = season[first] == "autumn" and season[first + 1] == "spring"
        axes.plot(at[first : first + 2], mean[first : first + 2], color=SECOND if dashed else FIRST,
                  linestyle=(0, (3, 1.5)) if dashed else "-", linewidth=1.6)  # fmt: skip
    for chosen, marker in ((rows["season"] == "autumn", "s"), (rows["season"] != "autumn", "o")):
        axes.plot(at[chosen.to_numpy()], mean[chosen.to_numpy()], marker, color=FIRST, markersize=5)
    axes.set_xlim(-0.5, len(places) - 0.5)


def _when(row: Mapping[Any, Any]) -> str:
    year = int(row["time"])
    spring = row["season"] in ("spring", "year")
    season = gettext("spring") if spring else gettext("autumn") if row["season"] == "autumn" else gettext("winter")
    grade, material = row["pupil_grade"], row["material_grade"]
    text = gettext("grade {grade}\n{season} {year}").format(grade=grade, season=season, year=year + spring)
    if pd.notna(material) and material != grade:
        text += "\n" + gettext("material of {material}").format(material=material)
    return text


def _lines_alt(kept: pd.DataFrame) -> str:
    if kept.empty:
        return gettext("There are no results from which a line of a cohort could be drawn.")
    n = int(kept["school"].nunique())
    text = ngettext(
        "Lines of one cohort in {n} school over {points} assessments; means from {low} to {high} standard deviations.",
        "Lines of one cohort in {n} schools over {points} assessments; means from {low} to {high} standard deviations.",
        n,
    )
    low, high = (number(float(value), 2) for value in (kept["mean"].min(), kept["mean"].max()))
    return text.format(n=number(n), points=number(int(kept["assessment"].nunique())), low=low, high=high)


def _lines_caption() -> str:
    return gettext(
        "Bars are where the mean lies with 95% probability. Squares are autumn work, written on the material of the "
        "grade before; the dashed stretch from autumn to spring must not be read as growth. Zero is the mean of all "
        "compared pupils in each assessment."
    )
