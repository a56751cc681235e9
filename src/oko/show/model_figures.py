"""The picture of the model: from a result to who decides, what is done and which indicator it serves."""

from __future__ import annotations

import textwrap
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from oko.language import gettext, number, percent
from oko.show.figures import intervals
from oko.show.model_sections import Spell, within
from oko.show.picture import Picture
from oko.show.theme import FIRST, MUTED, PAGE, Size, draw, png

_WIDE = 20
_TEXT = 8.2
_PLACES = (0.0, 1.08, 2.16, 3.24)


def model_flow(
    model: Any, triggers: pd.DataFrame, year: str, spell: Spell, *, size: Size = PAGE, mark: str = ""
) -> Picture:
    """Draw a line for each rule: result, who decides what, action with its term, indicator.

    Parameters
    ----------
    model : Model
    triggers : DataFrame
        Protected counts: rule, year, looked_at, triggered, hidden.
    year : str
        Of which the counts are written.
    spell : callable
        ``Lists.text``.
    size : Size
    mark : str
    """
    rows = triggers[(triggers["year"] == year) & ~triggers["hidden"].astype(bool)]
    sums = rows.groupby("rule")[["triggered", "looked_at"]].sum()
    titles = {one.code: one.title.text() for one in model.indicators}
    counts = {rule.code: _count(sums, rule.code) for rule in model.rules}
    with draw(size, 0.94 * len(model.rules) + 0.6) as figure:
        axes = figure.add_subplot()
        axes.set_axis_off()
        heads = (gettext("Result"), gettext("Who decides what"), gettext("Action"), gettext("Indicator"))
        for place, text in zip(_PLACES, heads, strict=True):
            axes.annotate(text, (place, -0.72), ha="center", va="center", fontweight="bold")
        for line, rule in enumerate(model.rules):
            decides = f"{spell('role', rule.role).partition(' (')[0]}: {rule.decision.text()}"
            action = f"{spell('action_kind', rule.action).partition(' (')[0]}, {within(rule.days)}"
            _line(axes, line, (rule.result.text(), decides, action, titles[rule.indicator]), counts[rule.code])
        axes.set_xlim(-0.52, 3.76)
        axes.set_ylim(len(model.rules) - 0.5, -0.9)
        picture = png(figure, mark)
    said = "; ".join(f"{rule.result.text()}: {counts[rule.code] or '–'}" for rule in model.rules)
    alt = gettext("The model line by line; occasions for a decision in {year}: {said}.").format(year=year, said=said)
    caption = gettext(
        "Under a result: how often it would have started the rule on the results of {year}, and of how many results "
        "looked at. What this says: how much there is to decide, not how well anybody works."
    ).format(year=year)
    return Picture(picture, alt, caption, size.pixels)


def _count(sums: pd.DataFrame, rule: str) -> str:
    if rule not in sums.index:
        return ""
    n, of = (float(sums[column][rule]) for column in ("triggered", "looked_at"))
    return gettext("{n} of {of}").format(n=number(n), of=number(of))


def _line(axes: Axes, line: int, texts: tuple[str, ...], count: str) -> None:
    for place, text in zip(_PLACES, texts, strict=True):
        first = place == _PLACES[0]
        lines = "\n".join(textwrap.wrap(text, _WIDE)[:5])
        shown = f"{lines}\n▸ {count}" if first and count else lines
        frame = {"boxstyle": "square,pad=0.3", "facecolor": "white", "edgecolor": FIRST if first else MUTED}
        axes.annotate(shown, (place, line), ha="center", va="center", fontsize=_TEXT, bbox=frame)
    for place in _PLACES[:-1]:
        arrow = {"arrowstyle": "->", "color": MUTED}
        axes.annotate("", (place + 0.6, line), (place + 0.48, line), arrowprops=arrow)


def indicators_figure(frame: pd.DataFrame, model: Any, *, mark: str = "") -> Picture | None:
    """Draw the indicators that have an interval, a line for each and each year; None where none has."""
    rows = frame[~frame["hidden"] & frame["lower"].notna()]
    if rows.empty:
        return None
    titles = {one.code: one.title.text() for one in model.indicators}
    labels = [f"{titles[code]}, {year}" for code, year in zip(rows["indicator"], rows["year"], strict=True)]
    title = gettext("Indicator")
    shown = rows.assign(label=labels)
    return intervals(
        shown, "value", "lower", "upper", "label", title=title, caption=read_so(shown, "value", "lower", "upper"),
        mark=mark,
    )  # fmt: skip


def read_so(rows: pd.DataFrame, value: str, lower: str, upper: str) -> str:
    """Say how the first line of a figure of shares is read: its number, its interval and n."""
    row = rows.iloc[0]
    text = gettext("Read the first line so: {label} — {share} (95% interval from {lower} to {upper}), n = {n}.")
    shares = {"share": percent(row[value]), "lower": percent(row[lower]), "upper": percent(row[upper])}
    return text.format(label=row["label"], n=number(row["n"]), **shares)
