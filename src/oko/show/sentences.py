"""Sentences made from results: each has its number, its interval and its n, and is silent where the data are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from oko.language import N_, current, gettext, ngettext, number, percent
from oko.show import cells
from oko.show.statements import words

__all__ = ["caveats", "coverage", "facility", "marks", "mean", "pupils", "schools", "share", "signed", "words"]

ENOUGH = 10
NAMES = {
    "quality": N_("Quality (share of marks 4 and 5)"),
    "pass_rate": N_("Pass rate (share of marks 3 to 5)"),
    "mean_score": N_("The mean score"),
}
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


def mark(value: object) -> str:
    """Write a mark in the quotation marks of the language.

    Examples
    --------
    >>> from oko.language import used
    >>> with used("en"):
    ...     mark(4)
    '“4”'
    """
    return f"«{value}»" if current() == "ru" else f"“{value}”"


def works(n: int) -> str:
    """Count works."""
    return ngettext("{n} work", "{n} works", n).format(n=number(n))


def schools(n: int) -> str:
    """Count schools."""
    return ngettext("{n} school", "{n} schools", n).format(n=number(n))


def marks(row: Row, threshold: int = ENOUGH) -> tuple[str, ...]:
    """Put one row of ``marks.summary`` into words.

    Parameters
    ----------
    row : Mapping
        n, pass_rate, quality, mean_score with their intervals, classes; of a protected table with ``hidden``,
        ``hidden_cells`` and ``bounded``.
    threshold : int, default 10
        With fewer pupils no share is given.

    Returns
    -------
    tuple of str
    """
    if cells.row_hidden(row):
        return (_hidden(threshold),)
    if cells.is_hidden(row, "n"):
        return _indicators(row, gettext("The number of pupils is hidden."))
    if cells.is_missing(row["n"]):
        return (_hidden(threshold),)
    n = int(row["n"])
    if n == 0:
        return (gettext("There are no results."),)
    took = ngettext("{n} pupil took the work.", "{n} pupils took the work.", n).format(n=number(n))
    if n < threshold:
        return took, gettext("This is fewer than {n}: shares and means are not given.").format(n=threshold)
    return _indicators(row, took)


def _hidden(threshold: int) -> str:
    text = gettext("The results are hidden: fewer than {n} pupils, or the number could be worked out from the others.")
    return text.format(n=threshold)


def _indicators(row: Row, took: str) -> tuple[str, ...]:
    said = (took, share(row, "quality"), share(row, "pass_rate"), mean(row), _secret(row), _spread(row))
    return tuple(filter(None, said))


def share(row: Row, name: str) -> str:
    """Put a share into words: with its interval, or as a bound; nothing where it is missing or hidden.

    Parameters
    ----------
    row : Mapping
    name : {"quality", "pass_rate"}
    """
    what = gettext(NAMES[name])
    if cells.is_missing(row.get(name)) or cells.is_hidden(row, name):
        return ""
    if cells.is_exact(row, name):
        return _with_interval(what, row, name, percent)
    text = gettext("{what} is {value}; the exact share is not shown.")
    return text.format(what=what, value=cells.said(row, name))


def mean(row: Row) -> str:
    """Put the mean score with its interval into words; nothing where it is missing or hidden."""
    name = "mean_score"
    if cells.is_missing(row.get(name)) or cells.is_hidden(row, name):
        return ""
    return _with_interval(gettext(NAMES[name]), row, name, _two_digits)


def _secret(row: Row) -> str:
    names = [gettext(what) for name, what in NAMES.items() if cells.is_hidden(row, name)]
    if not names:
        return ""
    text = gettext("Hidden, so that nothing can be found out about single pupils: {names}.")
    return text.format(names="; ".join(name[0].lower() + name[1:] for name in names))


def _with_interval(what: str, row: Row, name: str, write: Callable[[float], str]) -> str:
    ends = [row.get(f"{name}{end}") for end in ("_lower", "_upper")]
    if any(cells.is_missing(end) for end in ends):
        return gettext("{what} is {value}; the interval is not shown.").format(what=what, value=write(row[name]))
    lower, upper = (write(float(str(end))) for end in ends)
    text = gettext("{what} is {value}, with 95% probability between {lower} and {upper}.")
    return text.format(what=what, value=write(row[name]), lower=lower, upper=upper)


def _two_digits(value: float) -> str:
    return number(value, 2)


def _spread(row: Row) -> str:
    classes: Any = row.get("classes")
    given = any(cells.is_exact(row, name) and not cells.is_missing(row.get(f"{name}_lower")) for name in NAMES)
    if cells.is_missing(classes) or int(classes) < 2 or row.get("interval") != "clustered" or not given:
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


def coverage(row: Row, threshold: int = ENOUGH) -> str:
    """Say how many took a work and how many were absent.

    Parameters
    ----------
    row : Mapping
        n, absent, share_absent; of a protected table with ``hidden``, ``hidden_cells`` and ``bounded``.
    threshold : int, default 10
    """
    if cells.is_missing(row["n"]):
        return _hidden(threshold)
    n = int(row["n"])
    took = ngettext("{n} pupil took the work", "{n} pupils took the work", n).format(n=number(n))
    if any(cells.is_missing(row.get(name)) for name in ("absent", "share_absent")):
        return took + "."
    missed = ngettext("{n} was absent ({share}).", "{n} were absent ({share}).", int(row["absent"]))
    return f"{took}, " + missed.format(n=number(row["absent"]), share=cells.share(row, "share_absent"))


def facility(tasks: pd.DataFrame, count: int = 2, threshold: int = ENOUGH) -> tuple[str, ...]:
    """Name the hardest and the easiest tasks of a work.

    Parameters
    ----------
    tasks : DataFrame
        item (a column or the index), n, facility, lower, upper; label where known; of a protected table with
        ``hidden``, ``hidden_cells`` and ``bounded``.
    count : int, default 2
        How many of each; with fewer than twice as many tasks nothing is said.
    threshold : int, default 10
        A task met by fewer pupils is left out.
    """
    frame = tasks if "item" in tasks else tasks.rename_axis("item").reset_index()
    hidden = [cells.is_hidden(row, "facility") for row in frame.to_dict("records")]
    known = frame[frame["facility"].notna() & (frame["n"] >= threshold) & ~pd.Series(hidden, frame.index, dtype=bool)]
    if len(known) < 2 * count:
        return ()
    ordered = known.sort_values("facility", kind="stable")
    hard, easy = ordered.head(count), ordered.tail(count).iloc[::-1]
    aside = gettext("The facility of some tasks is hidden; they are not named here.") if any(hidden) else ""
    said = (
        gettext("Facility is the share of possible points that pupils earned."),
        gettext("The lowest facility: {tasks}.").format(tasks=_tasks(hard)),
        gettext("The highest facility: {tasks}.").format(tasks=_tasks(easy)),
        aside,
    )
    return tuple(filter(None, said))


def _tasks(frame: pd.DataFrame) -> str:
    return "; ".join(_task(row) for row in frame.to_dict("records"))


def _task(row: Mapping[Any, Any]) -> str:
    label = row.get("label")
    label = "" if cells.is_missing(label) or not label else f" ({label})"
    sign = cells.bound(row, "facility")
    if sign or any(cells.is_missing(row[end]) for end in ("lower", "upper")):
        text = gettext("task {item}{label} — {value}, n = {n}")
    else:
        text = gettext("task {item}{label} — {value}, with 95% probability between {lower} and {upper}, n = {n}")
    value, lower, upper = cells.said(row, "facility"), percent(row["lower"]), percent(row["upper"])
    return text.format(item=row["item"], label=label, value=value, lower=lower, upper=upper, n=number(row["n"]))


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
        said.append(
            gettext("The ВПР in physics is short and not very reliable: judge single pupils and tasks with care.")
        )
    return tuple(said)
