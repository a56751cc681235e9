"""Sentences made from results: each has its number, its interval and its n, and is silent where the data are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from oko.language import gettext, ngettext, number, percent
from oko.show.statements import words

__all__ = ["caveats", "coverage", "facility", "marks", "mean", "pupils", "schools", "share", "signed", "words"]

ENOUGH = 10
Row = Mapping[Any, Any]


def pupils(n: int) -> str:
    """Count pupils.

    Examples
    --------
    >>> from oko.language import used
    >>> with used("en"):
    ...     pupils(21)
    '21 pupils'
    """
    return ngettext("{n} pupil", "{n} pupils", n).format(n=number(n))


def schools(n: int) -> str:
    """Count schools."""
    return ngettext("{n} school", "{n} schools", n).format(n=number(n))


def marks(row: Row, threshold: int = ENOUGH) -> tuple[str, ...]:
    """Put one row of ``marks.summary`` into words.

    Parameters
    ----------
    row : Mapping
        n, pass_rate, quality, mean_score with their bounds, classes; ``hidden`` where the table was protected.
    threshold : int, default 10
        With fewer pupils no share is given.

    Returns
    -------
    tuple of str
    """
    if row.get("hidden") or _missing(row["n"]):
        return (_hidden(threshold),)
    n = int(row["n"])
    if n == 0:
        return (gettext("There are no results."),)
    took = ngettext("{n} pupil took the work.", "{n} pupils took the work.", n).format(n=number(n))
    if n < threshold:
        return took, gettext("This is fewer than {n}: shares and means are not given.").format(n=threshold)
    return tuple(filter(None, (took, *_shares(row), mean(row), _spread(row))))


def _hidden(threshold: int) -> str:
    text = gettext("The results are hidden: fewer than {n} pupils, or the number could be worked out from the others.")
    return text.format(n=threshold)


def _shares(row: Row) -> tuple[str, ...]:
    quality = gettext("Quality (share of marks 4 and 5) is {value}, with 95 % probability between {lower} and {upper}.")
    passed = gettext("Pass rate (share of marks 3 to 5) is {value}, with 95 % probability between {lower} and {upper}.")
    return share(row, "quality", quality), share(row, "pass_rate", passed)


def share(row: Row, name: str, template: str) -> str:
    """Fill a sentence with a share and its interval in per cent; nothing where the share is missing."""
    if _missing(row.get(name)):
        return ""
    bounds = (row[f"{name}_lower"], row[f"{name}_upper"])
    return template.format(value=percent(row[name]), lower=percent(bounds[0]), upper=percent(bounds[1]))


def mean(row: Row) -> str:
    """Put the mean score with its interval into words; nothing where it is missing."""
    if _missing(row.get("mean_score")):
        return ""
    if _missing(row.get("mean_score_lower")):
        return gettext("The mean score is {value}.").format(value=number(row["mean_score"], 2))
    template = gettext("The mean score is {value}, with 95 % probability between {lower} and {upper}.")
    value, lower, upper = (number(row[f"mean_score{end}"], 2) for end in ("", "_lower", "_upper"))
    return template.format(value=value, lower=lower, upper=upper)


def _spread(row: Row) -> str:
    classes: Any = row.get("classes")
    if _missing(classes) or int(classes) < 2 or row.get("interval") != "clustered":
        return ""
    text = ngettext(
        "The intervals allow for pupils learning together: they come from {n} class or school.",
        "The intervals allow for pupils learning together: they come from {n} classes or schools.",
        int(classes),
    )
    return text.format(n=number(classes))


def signed(reviewer: str) -> str:
    """Say who signed a release; examples and public data are released without a second person.

    Examples
    --------
    >>> from oko.language import used
    >>> with used("en"):
    ...     signed("A. Reviewer")
    'signed by A. Reviewer'
    """
    if reviewer == "example":
        return gettext("without a second person’s signature")
    return gettext("signed by {reviewer}").format(reviewer=reviewer)


def coverage(row: Row) -> str:
    """Say how many took a work and how many were absent.

    Parameters
    ----------
    row : Mapping
        n, absent, share_absent.
    """
    if _missing(row["n"]):
        return _hidden(ENOUGH)
    n = int(row["n"])
    took = ngettext("{n} pupil took the work", "{n} pupils took the work", n).format(n=number(n))
    if _missing(row.get("absent")) or _missing(row.get("share_absent")):
        return took + "."
    missed = ngettext("{n} was absent ({share}).", "{n} were absent ({share}).", int(row["absent"]))
    return f"{took}, " + missed.format(n=number(row["absent"]), share=percent(row["share_absent"]))


def facility(tasks: pd.DataFrame, count: int = 2, threshold: int = ENOUGH) -> tuple[str, ...]:
    """Name the hardest and the easiest tasks of a work.

    Parameters
    ----------
    tasks : DataFrame
        item (a column or the index), n, facility, lower, upper; label where known.
    count : int, default 2
        How many of each; with fewer than twice as many tasks nothing is said.
    threshold : int, default 10
        A task met by fewer pupils is left out.
    """
    frame = tasks if "item" in tasks else tasks.rename_axis("item").reset_index()
    known = frame[frame["facility"].notna() & (frame["n"] >= threshold)]
    if len(known) < 2 * count:
        return ()
    ordered = known.sort_values("facility", kind="stable")
    hard, easy = ordered.head(count), ordered.tail(count).iloc[::-1]
    return (
        gettext("Facility is the share of possible points that pupils earned."),
        gettext("The lowest facility: {tasks}.").format(tasks=_tasks(hard)),
        gettext("The highest facility: {tasks}.").format(tasks=_tasks(easy)),
    )


def _tasks(frame: pd.DataFrame) -> str:
    return "; ".join(_task(row) for row in frame.to_dict("records"))


def _task(row: Mapping[Any, Any]) -> str:
    label = row.get("label")
    label = "" if _missing(label) or not label else f" ({label})"
    template = gettext("task {item}{label} — {value}, with 95 % probability between {lower} and {upper}, n = {n}")
    value, lower, upper = (percent(row[name]) for name in ("facility", "lower", "upper"))
    return template.format(item=row["item"], label=label, value=value, lower=lower, upper=upper, n=number(row["n"]))


def caveats(assessment: Row) -> tuple[str, ...]:
    """Say what an assessment must not be taken for.

    Parameters
    ----------
    assessment : Mapping
        procedure, subject, season, year; material_grade and pupil_grade where known.
    """
    said = []
    if assessment.get("season") == "autumn" and assessment.get("year") == "2020-2021":
        said.append(
            gettext(
                "In the autumn of 2020 pupils wrote the work on the material of the grade before, after the summer "
                "and distance learning; it cannot be compared with the spring of 2021 as growth."
            )
        )
    if assessment.get("procedure") == "vpr":
        said.append(gettext("The ВПР are not meant for judging schools or teachers; their descriptions say so."))
    if assessment.get("procedure") == "vpr" and assessment.get("subject") == "physics":
        said.append(gettext("The ВПР in physics is short and unreliable: judge single pupils and tasks with care."))
    return tuple(said)


def _missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))
