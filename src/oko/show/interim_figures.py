"""Figures of the half-way check: decisions by kind and state, changes on skills."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from oko.language import gettext, number, with_sign
from oko.measures.retest import FEWEST_ITEMS, TARGETS
from oko.show.figures import intervals
from oko.show.mark_figures import rows_of
from oko.show.picture import Picture
from oko.show.theme import FIRST, INK, MUTED, PAGE, Size, draw, height, png, wrapped

_LOOKS = (("done", FIRST, "", "white"), ("open", "#A3B4C4", "", INK), ("cancelled", "white", "////", INK))


def decisions_figure(
    frame: pd.DataFrame, names: Mapping[str, str], *, size: Size = PAGE, mark: str = ""
) -> Picture | None:
    """Draw decisions by kind: done, open and cancelled beside each other, late ones written; None without rows.

    Parameters
    ----------
    frame : DataFrame
        Protected counts: side, key, decided, done, open, cancelled, late, hidden.
    names : Mapping
        Kinds by code.
    size : Size
    mark : str
    """
    rows = frame[(frame["side"] == "kind") & ~frame["hidden"].astype(bool)]
    if rows.empty:
        return None
    labels = wrapped([names.get(key, key) for key in rows["key"]], size)
    words = {"done": gettext("Done").lower(), "open": gettext("still open"), "cancelled": gettext("cancelled")}
    with draw(size, height(labels, size) + size.row) as figure:
        axes = rows_of(figure, labels)
        start, places = np.zeros(len(rows)), np.arange(len(rows))
        for state, tone, hatch, ink in _LOOKS:
            width = rows[state].to_numpy(dtype=float)
            axes.barh(
                places, width, left=start, color=tone, hatch=hatch, edgecolor=MUTED, height=0.7, label=words[state]
            )
            for place, (left, wide) in enumerate(zip(start, width, strict=True)):
                if wide:
                    axes.annotate(number(wide), (left + wide / 2, place), ha="center", va="center", color=ink)
            start = start + width
        for place, (end, late) in enumerate(zip(start, rows["late"], strict=True)):
            said = gettext("late: {n}").format(n=number(late))
            axes.annotate(said, (end, place), xytext=(6, 0), textcoords="offset points", va="center", fontsize="small")
        axes.set_xlim(0, float(start.max()) * 1.22)
        axes.set_xticks([])
        axes.spines["bottom"].set_visible(False)
        figure.legend(loc="outside upper center", ncols=3, frameon=False)
        picture = png(figure, mark)
    text = gettext("{kind}: done {done}, open {open}, cancelled {cancelled}, late {late}")
    said = "; ".join(
        text.format(
            kind=names.get(row["key"], row["key"]),
            **{state: number(row[state]) for state in ("done", "open", "cancelled", "late")},
        )
        for row in rows.to_dict("records")
    )
    caption = gettext("Decisions by kind. Late ones are among the done and the open.")
    return Picture(picture, f"{said}.", caption, size.pixels)


def changes_figure(frame: pd.DataFrame, names: Mapping[str, str], *, mark: str = "") -> Picture | None:
    """Draw the changes on skills of three tasks or more with their intervals; None without rows."""
    rows = frame[~frame["hidden"].astype(bool) & (frame["n_items"] >= FEWEST_ITEMS)].copy()
    if rows.empty:
        return None
    for column in ("change", "lower", "upper"):
        rows[column] = 100 * rows[column].astype(float)
    called = {TARGETS: gettext("Target skills less all other skills"), **names}
    title = gettext("Change, percentage points")
    rows = rows.assign(label=[called.get(code, code) for code in rows["skill"]])
    return intervals(
        rows, "change", "lower", "upper", "label", reference=0.0, share=False, digits=1, title=title,
        caption=_first(rows.iloc[0]), mark=mark,
    )  # fmt: skip


def _first(row: pd.Series) -> str:
    text = gettext(
        "Read the first line so: {label} — {change} percentage points (95% interval from {lower} to {upper}), n = {n}."
    )
    values = {name: with_sign(row[name], 1) for name in ("change", "lower", "upper")}
    return text.format(label=row["label"], n=number(row["n"]), **values)
