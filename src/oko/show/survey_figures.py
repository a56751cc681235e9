"""Figures of the questionnaire: diverging bars of answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from oko.errors import DataError
from oko.language import gettext, ngettext, number, percent
from oko.show.picture import Picture
from oko.show.theme import FIRST, INK, MUTED, PAGE, SECOND, Size, absent_words, draw, png, wrapped

TONES = {1: SECOND, 2: "#FBC3A3", 3: "#E4E7EA", 4: "#7F9BB5", 5: FIRST}
"""Disagreement is left of the middle and light orange to orange, agreement right and blue to dark: place, edge and
number say the same as the tone."""
HATCHES = {1: "////", 2: "", 3: "", 4: "", 5: ""}
_NEED = ("statement", "n", "agree", "disagree", "share_1", "share_2", "share_3", "share_4", "share_5")


def diverging(
    frame: pd.DataFrame,
    texts: Mapping[str, str] | None = None,
    *,
    caption: str = "",
    threshold: int = 5,
    size: Size = PAGE,
    mark: str = "",
) -> Picture:
    """Draw the answers to each statement as bars around the middle answer, in the order of the rows.

    Parameters
    ----------
    frame : DataFrame
        As `survey.agreement` gives it: statement, n, agree, disagree, share_1 … share_5 (0 to 1). A row without shares
        is written as hidden.
    texts : Mapping, optional
        Text of each statement; one without is called by its code.
    caption : str
    threshold : int, default 5
        Named where a row is hidden.
    size : Size
    mark : str

    Raises
    ------
    DataError
        A column is missing.

    Notes
    -----
    The bar of answer 3 is centred on the middle line. At the ends stand the per cent that disagree (1 and 2) and agree
    (4 and 5).
    """
    for column in _NEED:
        if column not in frame:
            raise DataError("Column {column} is missing from the table of the figure.", column=repr(column))
    called = [str((texts or {}).get(code, code)) for code in frame["statement"].astype(str)]
    labels = wrapped(called, size)
    lines = sum(max(1.0, 0.62 * (label.count("\n") + 1)) for label in labels)
    with draw(size, size.row * (1.15 * max(lines, 1.0) + 2.6)) as figure:
        axes = figure.add_subplot()
        tall = [max(1.0, 0.62 * (label.count("\n") + 1)) for label in labels]
        places = np.cumsum(tall) - np.array(tall) / 2
        for place, row in zip(places, frame.to_dict("records"), strict=True):
            _bar(axes, float(place), row, threshold)
        axes.axvline(0, color=INK, linewidth=1)
        axes.set_yticks(places, labels)
        axes.set_ylim(float(np.sum(tall)) + 0.1, -0.1)
        axes.set_xlim(-1.05, 1.05)
        axes.set_xticks([-0.55, 0, 0.55], [gettext("← disagree"), gettext("middle"), gettext("agree →")])
        axes.tick_params(axis="both", length=0)
        axes.spines[["left", "bottom"]].set_visible(False)
        picture = png(figure, mark)
    below = " ".join(filter(None, (caption, _below(), _rule(frame, threshold))))
    return Picture(picture, _alt(called, frame), below, size.pixels)


def _bar(axes: Axes, place: float, row: Mapping[Any, Any], threshold: int) -> None:
    shares = {answer: row[f"share_{answer}"] for answer in TONES}
    if any(pd.isna(share) for share in shares.values()):
        text = absent_words({"n": row["n"], "hidden": True}, threshold)
        axes.annotate(text, (0.02, place), va="center", color=MUTED)
        return
    known = {answer: float(share) for answer, share in shares.items()}
    left = -(known[1] + known[2] + known[3] / 2)
    ends = [left, left + sum(known.values())]
    for answer, share in known.items():
        axes.barh(place, share, 0.62, left, color=TONES[answer], edgecolor=INK, linewidth=0.6, hatch=HATCHES[answer])
        left += share
    sides = ((ends[0], known[1] + known[2], "right", -0.02), (ends[1], known[4] + known[5], "left", 0.02))
    for end, share, side, gap in sides:
        axes.annotate(percent(share), (end + gap, place), va="center", ha=side)


def _below() -> str:
    return gettext(
        "From left to right: answers 1 (striped), 2, 3, 4, 5 (darkest). At the ends: per cent of answers 1 and 2, and "
        "4 and 5."
    )


def _rule(frame: pd.DataFrame, threshold: int) -> str:
    if frame[[f"share_{answer}" for answer in TONES]].notna().all(axis=None):
        return ""
    return gettext("“Hidden”: fewer than {n} answered, or too few people stand behind one of the shares.").format(
        n=threshold
    )


def _alt(called: list[str], frame: pd.DataFrame) -> str:
    said = []
    for name, n, agree, disagree in zip(called, frame["n"], frame["agree"], frame["disagree"], strict=True):
        if pd.isna(agree):
            said.append(gettext("{statement}: hidden").format(statement=name.rstrip(".")))
            continue
        text = ngettext(
            "{statement}: {agree} agree, {disagree} disagree, {n} respondent",
            "{statement}: {agree} agree, {disagree} disagree, {n} respondents",
            int(n),
        )
        values = {"agree": percent(float(agree)), "disagree": percent(float(disagree)), "n": number(float(n))}
        said.append(text.format(statement=name.rstrip("."), **values))
    return "; ".join(said) + "." if said else gettext("There are no answers: nothing can be said.")
