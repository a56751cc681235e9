"""Figure of a pile-up: scores of a work, borders of marks, and what a smooth curve expects beside them."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from oko.errors import DataError
from oko.language import gettext, number
from oko.show.picture import Picture
from oko.show.sentences import pupils
from oko.show.theme import FIRST, INK, MUTED, PAGE, SECOND, Size, draw, png, write_numbers

FEWEST = 20


def pile_up(
    scores: pd.DataFrame, *, title: str = "", caption: str = "", fewest: int = FEWEST, size: Size = PAGE, mark: str = ""
) -> Picture:
    """Draw the pupils at each score with the borders of marks; what stands above the smooth curve is shaded.

    Parameters
    ----------
    scores : DataFrame
        Rows of ``PileUps.scores`` of one work, of one school or of several added together: score, n, expected, border.
    title : str
        What the horizontal axis shows; "Primary score" by default.
    caption : str
    fewest : int, default 20
        With fewer pupils nothing is drawn but a line that says so.
    size : Size
    mark : str

    Raises
    ------
    DataError
        A column is missing.
    """
    for column in ("score", "n", "expected", "border"):
        if column not in scores:
            raise DataError("Column {column} is missing from the table of the figure.", column=repr(column))
    rows = scores.groupby("score", as_index=False).agg({"n": "sum", "expected": "sum", "border": "max"})
    total = float(rows["n"].sum())
    with draw(size, 0.52 * size.width) as figure:
        axes = figure.add_subplot()
        if total < fewest:
            axes.annotate(_few(fewest), (0.5, 0.5), xycoords="axes fraction", ha="center", color=MUTED)
            axes.set_axis_off()
        else:
            _bars(axes, rows)
            _borders(axes, rows, size)
            axes.set_xlabel(title or gettext("Primary score"))
            axes.set_ylabel(gettext("Pupils"))
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
            write_numbers(axes, digits=0)
            write_numbers(axes, y=True)
        picture = png(figure, mark)
    alt = _few(fewest) if total < fewest else _alt(rows, total)
    return Picture(picture, alt, f"{caption} {_below()}".strip(), size.pixels)


def _bars(axes: Axes, rows: pd.DataFrame) -> None:
    score, n, expected = (rows[name].to_numpy(dtype=float) for name in ("score", "n", "expected"))
    at = rows["border"].notna().to_numpy()
    below = np.append(at[1:], False) & ~at
    axes.bar(score, n, 0.86, color="#A3B4C4", edgecolor=FIRST, linewidth=0.6)
    over = at & (n > expected)
    axes.bar(score[over], (n - expected)[over], 0.86, expected[over], color=SECOND, edgecolor=INK, linewidth=0.6,
             hatch="///")  # fmt: skip
    under = below & (n < expected)
    axes.bar(score[under], (expected - n)[under], 0.86, n[under], color="none", edgecolor=INK, linewidth=0.9,
             linestyle=(0, (2, 2)))  # fmt: skip
    axes.plot(score, expected, color=INK, linewidth=1.6)


def _borders(axes: Axes, rows: pd.DataFrame, size: Size) -> None:
    top = 1.08 * max(float(rows["n"].max()), float(rows["expected"].max()))
    axes.set_ylim(0, 1.1 * top)
    for row in rows[rows["border"].notna()].to_dict("records"):
        place = float(row["score"]) - 0.5
        axes.axvline(place, 0, top / (1.1 * top), color=MUTED, linewidth=1.2, linestyle=(0, (5, 3)))
        text = gettext("mark {mark} from {score}").format(mark=int(row["border"]), score=number(row["score"]))
        axes.annotate(text, (place, top), (3, 0), textcoords="offset points", va="bottom", ha="center",
                      fontsize=0.9 * size.text)  # fmt: skip


def _below() -> str:
    return gettext(
        "Bars are pupils, the line is a smooth curve drawn without the scores beside borders. Striped: more pupils at "
        "a border than the curve expects; dashed: fewer just below it. It is an occasion to look how borderline works "
        "were marked, not an accusation."
    )


def _few(fewest: int) -> str:
    return gettext("Fewer than {n} pupils: the distribution is not drawn.").format(n=number(fewest))


def _alt(rows: pd.DataFrame, total: float) -> str:
    said = [gettext("Scores of {pupils}.").format(pupils=pupils(round(total)))]
    by_score = rows.set_index("score")
    for row in rows[rows["border"].notna()].to_dict("records"):
        before: float = float(by_score["n"].get(row["score"] - 1, np.nan))
        text = gettext("Mark {mark} from {score}: at the border {at}, expected {expected}; just below {below}.")
        said.append(
            text.format(
                mark=int(row["border"]),
                score=number(row["score"]),
                at=number(row["n"]),
                expected=number(row["expected"], 1),
                below=number(before),
            )
        )
    return " ".join(said)
