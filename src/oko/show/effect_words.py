"""What is said of the effect of the model beside the tables: who wrote, how large, what could have come by itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from oko.language import gettext, ngettext, number, percent
from oko.measures.impact import Differences, kraft_band
from oko.show import statements
from oko.show.html import Html, paragraph, prose
from oko.show.sections import bullets

Titles = Mapping[str, str]


def people(frame: pd.DataFrame, threshold: int) -> Html:
    """Say how many of the cluster's pupils wrote a work of the outcome before, after and in both waves.

    Parameters
    ----------
    frame : DataFrame, index ``treated``, ``school``
        Of `flow`: rostered, before, after, both, only_before, only_after.
    threshold : int
    """
    total = frame.sum(min_count=1)
    if frame.empty or not total[["before", "after"]].min() >= threshold:
        return paragraph(gettext("There are too few pupils in one of the waves to be counted here."), "empty")
    text = gettext(
        "In the cluster {before} pupils wrote at least one of these works before and {after} after; {absent} wrote "
        "none of them. Pupils leave the upper grade and come into the lower one between the waves, so not all of them "
        "are the same."
    )
    absent = total["rostered"] - total["both"] - total["only_before"] - total["only_after"]
    shown = (
        number(absent) if absent >= threshold or absent == 0 else gettext("fewer than {n}").format(n=number(threshold))
    )
    values = {name: number(total[name]) for name in ("before", "after")}
    parts = [text.format(**values, absent=shown if np.isfinite(absent) else gettext("an unknown number"))]
    if total["both"] >= threshold:
        parts.append(gettext("{n} pupils are found in both waves.").format(n=number(total["both"])))
    return prose(parts)


def ceiling(frame: pd.DataFrame, titles: Titles) -> Html:
    """Say how many pupils of the cluster have all points for the target tasks, wave by wave.

    Parameters
    ----------
    frame : DataFrame, index ``period``
        Of `ceiling`: n, share_max, lower, upper.
    titles : Mapping
    """
    text = gettext(
        "{wave}: all points for the target tasks in {share} of the works that pupils wrote (from {lower} to {upper}; "
        "works: {n})."
    )
    called = {str(wave): titles.get(str(wave), str(wave)) for wave in frame.index}
    parts = [
        text.format(
            wave=called[str(wave)][:1].upper() + called[str(wave)][1:],
            **{
                name: percent(row[column])
                for name, column in (("share", "share_max"), ("lower", "lower"), ("upper", "upper"))
            },
            n=number(row["n"]),
        )
        for wave, row in frame.iloc[::-1].iterrows()
    ]
    if frame["reached"].any():
        parts.append(
            gettext(
                "That is a ceiling: those who have all points cannot show that they have become better, so the effect "
                "is rather understated than overstated where results were high already."
            )
        )
    return bullets(parts) if parts else Html("")


def sizes(found: Differences) -> Html:
    """Say how large the effect is in standard deviations of all pupils and of pupils within schools."""
    size = found.effect_size["estimate"]
    if not np.isfinite(size["total"]):
        return Html("")
    text = gettext("Hedges’ g: {total} in standard deviations of all pupils, {within} of pupils within schools.")
    said = text.format(total=number(size["total"], 2), within=number(size["within"], 2))
    return prose([said, statements.words(kraft_band(float(size["total"])))])


def marked(n: int, shown: bool) -> Html:
    """Say in how many schools results pile up at borders of marks, and where the estimate without them stands.

    Parameters
    ----------
    n : int
        Number of such schools.
    shown : bool
        Whether the estimate without them may be shown: without one or two schools it would tell which they are.
    """
    none = gettext("In no school of the cluster do results pile up just above borders of marks.")
    if not n:
        return paragraph(none)
    text = ngettext(
        "In {n} school of the cluster results pile up just above borders of marks: an occasion to look, no finding.",
        "In {n} schools of the cluster results pile up just above borders of marks: an occasion to look, no finding.",
        n,
    )
    where = gettext("The estimate without them stands in the table.")
    if not shown:
        where = gettext(
            "The estimate without the marked schools is made, but not published: set beside the changes of the schools "
            "it would tell which they are. The coordinator has it."
        )
    return paragraph(f"{text.format(n=number(n))} {where}")


def reversion(row: Mapping[Any, Any]) -> str:
    """Say how far the groups would have come together by themselves.

    Parameters
    ----------
    row : Mapping
        gap, expected, found of `regression_to_mean`.
    """
    if np.isnan(row["expected"]):
        return ""
    text = gettext(
        "Regression to the mean, in standard deviations of pupils: before, the cluster’s schools differed from the "
        "others by {gap}. By itself this difference would have changed by {expected} (between {lower} and {upper}); it "
        "changed by {found}."
    )
    values = {
        "gap": "gap",
        "expected": "expected",
        "lower": "expected_lower",
        "upper": "expected_upper",
        "found": "found",
    }
    return text.format(**{name: number(row[column], 2) for name, column in values.items()})


def earlier(found: Differences, years: float) -> str:
    """Say how the two groups drifted apart before the model, from the wave of the choice to the wave before."""
    if np.isnan(found.estimate):
        return gettext(
            "Whether the groups drifted apart before the model cannot be seen: there is no earlier wave of both."
        )
    text = gettext(
        "Before the model ({years} school years, from the wave on which targets were chosen to the wave before) the "
        "same difference changed by {value} (from {lower} to {upper})."
    )
    values = {"value": found.estimate, "lower": found.lower, "upper": found.upper}
    return text.format(years=number(years, 1), **{name: number(value, 2) for name, value in values.items()})
