"""Section of an instrument's page on its fairness: do tasks work alike for groups of equal preparation."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from oko.language import gettext, number
from oko.measures.fairness import FEWEST_COMPARED
from oko.show import figures
from oko.show.html import Html, join, paragraph, prose
from oko.show.instrument_sections import empty, words
from oko.show.instrument_tables import Shown
from oko.show.picture import Picture


def shown(kept: Shown, stated: Shown, pictures: Mapping[str, object]) -> Html:
    """Name the tasks that work differently for two groups of equal preparation, comparison by comparison."""
    headings = {
        "sex": gettext("Girls and boys"), "school_kind": gettext("Ordinary schools, lyceums and gymnasiums"),
    }  # fmt: skip
    parts: list[object] = []
    for name, heading in headings.items():
        rows = kept.frame[kept.frame["comparison"] == name]
        if rows.empty or rows["effect"].isna().all():
            text = gettext(
                "{heading}: not compared, since one of the groups has fewer than {n} pupils, is not known, or may not "
                "be shown."
            )
            parts.append(empty(text.format(heading=heading, n=number(FEWEST_COMPARED))))
            continue
        parts.append(paragraph(f"{heading}. {_compared(rows, name)}"))
        parts += [pictures.get(name, ""), prose(words(stated, name))]
    return join(parts)


def _compared(rows: pd.DataFrame, name: str) -> str:
    large, small = rows[rows["found"] == "large"], rows[rows["found"] == "small"]
    n = int(rows["n"].max())
    said = []
    for row in large.to_dict("records"):
        text = gettext(
            "Task {item} differs much: it is {whom} than for others with the same sum of points, by {size} of a "
            "standard deviation (95%: {lower} to {upper})."
        )
        ends = sorted((abs(row["effect_lower"]), abs(row["effect_upper"])))
        said.append(
            text.format(
                item=row["item"], whom=whom(row["effect"], name), size=number(abs(row["effect"]), 2),
                lower=number(ends[0], 2), upper=number(ends[1], 2),
            )
        )  # fmt: skip
    if len(small):
        text = gettext("A small difference, not a reason to change the task: {items}.")
        items = [f"{row['item']} ({whom(row['effect'], name)})" for row in small.to_dict("records")]
        said.append(text.format(items=", ".join(items)))
    if large.empty:
        said.append(gettext("No task differs much between pupils with the same sum of points."))
    said.append(gettext("The smaller group has {n} pupils.").format(n=number(n)))
    return " ".join(said)


def whom(effect: float, name: str) -> str:
    """Say for whom a task is harder: of two groups with the same sum of points."""
    if name == "sex":
        return gettext("harder for girls") if effect < 0 else gettext("harder for boys")
    return gettext("harder in ordinary schools") if effect < 0 else gettext("harder in lyceums and gymnasiums")


def drawn(kept: Shown, mark: str = "") -> dict[str, Picture]:
    """Draw the differences task by task beside zero, comparison by comparison."""
    known = kept.frame[kept.frame["effect"].notna()]
    return {str(name): _drawn(rows, str(name), kept.threshold, mark) for name, rows in known.groupby("comparison")}


def _drawn(rows: pd.DataFrame, name: str, threshold: int, mark: str) -> Picture:
    caption = gettext(
        "Zero: pupils with the same sum of points do alike. Left of zero: {left}. Intervals are task by task; whether "
        "a difference can be told from chance is judged for all tasks together (Holm)."
    ).format(left=whom(-1, name))
    labels = [gettext("Task {item}").format(item=item) for item in rows["item"]]
    return figures.intervals(
        rows.assign(label=labels), "effect", "effect_lower", "effect_upper", "label", 0.0, share=False,
        title=gettext("Difference between the groups, standard deviations of the task"), caption=caption,
        threshold=threshold, mark=mark,
    )  # fmt: skip
