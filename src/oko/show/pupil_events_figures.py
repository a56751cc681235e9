"""Figure of joint events for pupils: numbers of places by subject and grade."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from oko.language import gettext, number
from oko.show.picture import Picture
from oko.show.theme import FIRST, INK, MUTED, PAGE, RULE, SECOND, Size, draw, need, png


def places(
    frame: pd.DataFrame, titles: Mapping[str, str], *, rounded: int, threshold: int, size: Size = PAGE, mark: str = ""
) -> Picture:
    """Draw numbers of places: workshops of support to the left, olympiad groups to the right.

    Parameters
    ----------
    frame : DataFrame
        Of a protected table: kind_of_event, subject, pupil_grade, n, hidden.
    titles : Mapping
        Subjects by code.
    rounded : int
        What the numbers are rounded to.
    threshold : int
    size : Size
    mark : str
    """
    need(frame, "kind_of_event", "subject", "pupil_grade", "n", "hidden")
    lines = list(frame[["subject", "pupil_grade"]].drop_duplicates().itertuples(index=False, name=None))
    lines.sort(key=lambda line: (list(titles).index(line[0]) if line[0] in titles else 0, line[1]))
    labels = [
        gettext("{subject}, grade {grade}").format(subject=titles.get(subject, subject), grade=int(grade))
        for subject, grade in lines
    ]
    most = max(float(frame["n"].max(skipna=True)), 1.0) if frame["n"].notna().any() else 1.0
    with draw(size, size.row * (len(lines) * 1.05 + 3.4)) as figure:
        axes = figure.add_subplot()
        for row in frame.to_dict("records"):
            _bar(axes, lines.index((row["subject"], row["pupil_grade"])), row, most)
        axes.axvline(0, color=INK, linewidth=1)
        axes.set_yticks(range(len(lines)), labels)
        axes.set_ylim(len(lines) - 0.4, -1.4)
        axes.set_xlim(-1.25 * most, 1.25 * most)
        axes.set_xticks([])
        axes.tick_params(length=0)
        axes.spines[["left", "bottom"]].set_visible(False)
        axes.annotate(
            gettext("Workshops of support"), (-0.03 * most, -0.95), ha="right", va="center", fontweight="bold"
        )
        axes.annotate(gettext("Olympiad groups"), (0.03 * most, -0.95), ha="left", va="center", fontweight="bold")
        axes.hlines(range(len(lines)), -1.25 * most, 1.25 * most, color=RULE, linewidth=0.4, zorder=0)
        picture = png(figure, mark)
    below = gettext(
        "Numbers of places in the whole cluster, rounded to {rounded}; “hidden”: fewer than {n} pupils are proposed. "
        "Left (plain): workshops, right (striped): olympiad groups."
    ).format(rounded=rounded, n=threshold)
    return Picture(picture, _alt(frame, titles), below, size.pixels)


def _bar(axes: Axes, place: int, row: Mapping[Any, Any], most: float) -> None:
    left = row["kind_of_event"] == "support"
    side, where = (-1, "right") if left else (1, "left")
    known = pd.notna(row["n"])
    n, text = (float(row["n"]), number(row["n"])) if known else (0.0, gettext("hidden"))
    if known:
        tone, hatch = (FIRST, "") if left else (SECOND, "///")
        axes.barh(place, side * n, 0.64, color=tone, edgecolor=INK, linewidth=0.6, hatch=hatch)
    end = (side * (n + 0.02 * most), place)
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    axes.annotate(text, end, va="center", ha=where, color=INK if known else MUTED, bbox=box)


def _alt(frame: pd.DataFrame, titles: Mapping[str, str]) -> str:
    known = frame[frame["n"].notna()]
    said = "; ".join(
        f"{gettext('workshops') if row['kind_of_event'] == 'support' else gettext('olympiad groups')}, "
        f"{titles.get(row['subject'], row['subject']).lower()}, {int(row['pupil_grade'])}: {number(row['n'])}"
        for row in known.to_dict("records")
    )
    return gettext("Places by subject and grade: {places}.").format(places=said or "–")
