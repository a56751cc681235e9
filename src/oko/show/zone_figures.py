"""Figures of zones: profiles of schools by task, and strengths that meet deficits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from oko.language import gettext, number, with_sign
from oko.show.picture import Picture
from oko.show.theme import FIRST, INK, MUTED, PAGE, RULE, SECOND, Size, draw, need, png, wrapped

_DEEPEST = 20.0
_DARK = 0.6


def profile_map(
    profile: pd.DataFrame,
    names: Mapping[str, str] | None = None,
    schools: Sequence[str] | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    threshold: int = 10,
    caption: str = "",
    size: Size = PAGE,
    mark: str = "",
) -> Picture:
    """Draw a unit's profiles: targets in lines, schools in columns, differences from the expected in percentage points.

    Parameters
    ----------
    profile : DataFrame
        One unit of `zones.profiles`: school, target, facility, expected, residual, shrunken, kind, n. A cell without a
        number is hatched.
    names : Mapping, optional
        Short names of schools by code.
    schools : sequence of str, optional
        Order of the columns; by default that of the rows. Never by value.
    labels : Mapping, optional
        Names of targets.
    threshold : int, default 10
    caption : str
    size : Size
    mark : str

    Notes
    -----
    Below the expected cells are blue, above it orange and lighter, and every number carries its sign, so that a grey
    print tells them apart; a zone is framed and marked with ▼ or ▲. The depth of the tone is that of the shrunken
    residual: what may be chance stays pale.
    """
    need(profile, "school", "target", "facility", "expected", "residual", "shrunken", "kind", "n")
    columns = list(schools) if schools is not None else list(dict.fromkeys(profile["school"]))
    targets = list(dict.fromkeys(profile["target"]))
    rows = {(row["school"], row["target"]): row for row in profile.to_dict("records")}
    lines = wrapped([str((labels or {}).get(target, target)) for target in targets], size)
    tall = 1.3 if any("\n" in line for line in lines) else 1.05
    with draw(size, size.row * (len(targets) * tall + 3.2)) as figure:
        axes = figure.add_subplot()
        for x, school in enumerate(columns):
            for y, target in enumerate(targets):
                _cell(axes, x, y, rows.get((school, target), {}))
        axes.set_xlim(-0.5, len(columns) - 0.5)
        axes.set_ylim(len(targets) - 0.5, -0.5)
        axes.set_yticks(range(len(targets)), lines)
        heads = [str((names or {}).get(school, school)).replace("№ ", "№\xa0") for school in columns]
        axes.set_xticks(range(len(columns)), wrapped(heads, size, 0.55 / max(len(columns), 1)))
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        for spine in axes.spines.values():
            spine.set_visible(False)
        picture = png(figure, mark)
    below = gettext(
        "Facility less what is expected of a school of the same level, percentage points. ▼ deficit, ▲ strength: told "
        "from chance with the number of tests taken into account. What may be chance is pale. Hatched: n < {n} or no "
        "number."
    ).format(n=number(threshold))
    return Picture(picture, _map_alt(profile, names, labels), f"{caption} {below}".strip(), size.pixels)


def _cell(axes: Axes, x: int, y: int, row: Mapping[Any, Any]) -> None:
    known, corner = pd.notna(row.get("residual", np.nan)), (x - 0.5, y - 0.5)
    if not known:
        axes.add_patch(Rectangle(corner, 1, 1, facecolor="white", edgecolor=RULE, hatch="////", linewidth=0))
        return
    points = 100 * (float(row["facility"]) - float(row["expected"]))
    kept = float(row["shrunken"]) / float(row["residual"]) if row["residual"] else 0.0
    depth = min(abs(points) * kept / _DEEPEST, 1.0)
    tone = FIRST if points < 0 else SECOND
    opacity = depth * (1 if points < 0 else 0.75)
    axes.add_patch(Rectangle(corner, 1, 1, facecolor=tone, alpha=opacity, linewidth=0))
    zone = row["kind"] != "none"
    if zone:
        axes.add_patch(Rectangle((x - 0.46, y - 0.44), 0.92, 0.88, fill=False, edgecolor=INK, linewidth=2))
    sign = {"deficit": "▼ ", "strength": "▲ "}.get(str(row["kind"]), "")
    colour = "white" if points < 0 and depth > _DARK else INK
    text = sign + with_sign(points)
    axes.annotate(text, (x, y), ha="center", va="center", color=colour, fontweight="bold" if zone else "normal")


def _map_alt(profile: pd.DataFrame, names: Mapping[str, str] | None, labels: Mapping[str, str] | None) -> str:
    zones = profile[profile["kind"] != "none"]
    if zones.empty:
        return gettext("Profiles of schools by task: no zone can be told from chance.")
    said = "; ".join(
        f"{(names or {}).get(row['school'], row['school'])}, {(labels or {}).get(row['target'], row['target'])}: "
        f"{_kind(str(row['kind']))} {with_sign(100 * (row['facility'] - row['expected']))}"
        for row in zones.to_dict("records")
    )
    return gettext("Profiles of schools by task, zones in percentage points: {zones}.").format(zones=said)


def _kind(kind: str) -> str:
    return gettext("deficit") if kind == "deficit" else gettext("strength")


def strengths_and_deficits(
    pairs: pd.DataFrame,
    names: Mapping[str, str] | None = None,
    *,
    labels: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    caption: str = "",
    size: Size = PAGE,
    mark: str = "",
) -> Picture:
    """Draw schools that could help on the left, schools with a deficit on the right, a line for each match.

    Parameters
    ----------
    pairs : DataFrame
        Of `zones.pairs`: unit, target, giver, receiver, giver_kind, proposed.
    names, labels, units : Mapping, optional
        Names of schools, targets and units.
    caption : str
    size : Size
    mark : str

    Notes
    -----
    Proposed pairs are full thick lines, other matches thin broken ones. A school with a strength is a full triangle,
    one in which merely no deficit is to be seen a hollow circle.
    """
    need(pairs, "unit", "target", "giver", "receiver", "giver_kind", "proposed")
    left = list(dict.fromkeys(zip(pairs["unit"], pairs["target"], pairs["giver"], strict=True)))
    right = list(dict.fromkeys(zip(pairs["unit"], pairs["target"], pairs["receiver"], strict=True)))
    tall = max(len(left), len(right), 1)
    called = [_called(places, names, labels, units, size) for places in (left, right)]
    with draw(size, size.row * (tall * 2.3 + 2.6)) as figure:
        axes = figure.add_subplot()
        at_left, at_right = (_spread(len(places), tall) for places in (left, right))
        for row in pairs.sort_values("proposed").to_dict("records"):
            one = at_left[left.index((row["unit"], row["target"], row["giver"]))]
            other = at_right[right.index((row["unit"], row["target"], row["receiver"]))]
            if row["proposed"]:
                axes.plot([0, 1], [one, other], color=FIRST, linewidth=3)
            else:
                axes.plot([0, 1], [one, other], color=MUTED, linewidth=1.2, linestyle=(0, (4, 3)))
        without = set(pairs.loc[pairs["giver_kind"] == "without", ["unit", "target", "giver"]].itertuples(index=False))
        for key, place in zip(left, at_left, strict=True):
            marker, tone = ("o", "white") if key in without else ("^", SECOND)
            axes.plot([0], [place], marker, color=tone, markeredgecolor=INK, markersize=size.text, zorder=3)
        axes.plot(np.ones(len(right)), at_right, "v", color=FIRST, markeredgecolor=INK, markersize=size.text)
        for place, text in zip(at_left, called[0], strict=True):
            axes.annotate(text, (-0.05, place), ha="right", va="center", annotation_clip=False)
        for place, text in zip(at_right, called[1], strict=True):
            axes.annotate(text, (1.05, place), ha="left", va="center", annotation_clip=False)
        title = gettext("▲ Strength\n○ no deficit to be seen") if without else gettext("▲ Strength")
        axes.annotate(title, (-0.05, -0.9), ha="right", va="center", fontweight="bold")
        axes.annotate(gettext("▼ Deficit"), (1.05, -0.9), ha="left", va="center", fontweight="bold")
        if pairs.empty:
            axes.annotate(gettext("No pair is proposed."), (0.5, 0), ha="center", va="center", color=MUTED)
        axes.set_xlim(-1.6, 2.6)
        axes.set_ylim(tall - 0.4, -1.3)
        axes.axis("off")
        picture = png(figure, mark)
    below = gettext("Full line: proposed pair; broken line: another possible one. The order says nothing.")
    return Picture(picture, _pairs_alt(pairs, names, labels), f"{caption} {below}".strip(), size.pixels)


def _spread(n: int, tall: int) -> np.ndarray:
    return np.arange(n) + (tall - n) / 2


def _called(
    places: Sequence[tuple[str, str, str]],
    names: Mapping[str, str] | None,
    labels: Mapping[str, str] | None,
    units: Mapping[str, str] | None,
    size: Size,
) -> list[str]:
    return [
        f"{(names or {}).get(school, school)}\n"
        + wrapped([f"{(units or {}).get(unit, unit)}, {(labels or {}).get(target, target)}"], size)[0]
        for unit, target, school in places
    ]


def _pairs_alt(pairs: pd.DataFrame, names: Mapping[str, str] | None, labels: Mapping[str, str] | None) -> str:
    proposed = pairs[pairs["proposed"].astype(bool)]
    if proposed.empty:
        return gettext("No pair is proposed.")
    without = gettext("no deficit to be seen in the first school")
    said = "; ".join(
        f"{(names or {}).get(row['giver'], row['giver'])} → {(names or {}).get(row['receiver'], row['receiver'])} "
        f"({(labels or {}).get(row['target'], row['target'])}"
        + (f", {without})" if row["giver_kind"] == "without" else ")")
        for row in proposed.to_dict("records")
    )
    return gettext("Proposed pairs: {pairs}.").format(pairs=said)
