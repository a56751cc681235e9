"""Checks of files received: each has a name and one function, and a stage at which it runs.

Stages: can the file be opened, is it one of ours, are its cells possible, does it agree (with the cluster's register,
with the specification of the work, with itself and with the other files).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from oko.language import N_
from oko.records.readers import Finding
from oko.records.received import Received

STAGES: Mapping[str, str] = {
    "open": N_("Can the file be opened"),
    "layout": N_("Is it one of ours"),
    "cells": N_("Are its cells possible"),
    "agreement": N_("Does it agree with the specification, with itself and with the other files"),
}


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes
    ----------
    name : str
        Name of the function.
    stage : str
        A key of ``STAGES``.
    title : str
        English message: what is checked.
    run : callable or None
        From what was received to findings; None for checks that run while files and cells are read.
    alone : bool
        Whether it makes sense for files that come without a table of assessments.
    """

    name: str
    stage: str
    title: str
    run: Callable[[Received], Iterator[Finding]] | None = None
    alone: bool = False


CHECKS: dict[str, Check] = {
    check.name: check
    for check in (
        Check("opened", "open", N_("the file opens: it is whole, not too large, without macros, links and passwords")),
        Check("recognised", "layout", N_("the layout is known, and the work that the file is about")),
        Check("shape", "layout", N_("headings stand once each, rows are as wide as the heading")),
        Check("empty", "cells", N_("cells that must not be empty are not")),
        Check("points", "cells", N_("points are numbers, letters of options, X or «не пройд.»")),
        Check("mark", "cells", N_("marks are whole numbers from 2 to 5")),
        Check("sex", "cells", N_("sex is м or ж")),
        Check("number", "cells", N_("numbers are numbers")),
        Check("range", "cells", N_("numbers lie within their range")),
        Check("listed", "cells", N_("words are those of the list")),
        Check("roster", "cells", N_("rosters give each name and code to one pupil")),
        Check("percents", "cells", N_("percents are of whole pupils and add up")),
        Check("school_line", "cells", N_("the number of pupils in a school’s line is that of its rows")),
        Check("form", "cells", N_("codes have the form of codes")),
    )
}


def check(title: str, *, alone: bool = False) -> Callable[[Callable[[Received], Iterator[Finding]]], object]:
    """Register a function as a check of agreement under its own name."""

    def register(run: Callable[[Received], Iterator[Finding]]) -> Callable[[Received], Iterator[Finding]]:
        CHECKS[run.__name__] = Check(run.__name__, "agreement", title, run, alone)
        return run

    return register


def all_checks() -> tuple[Check, ...]:
    """Return all checks, in the order of their stages."""
    from oko.records.checks import itself, options, registered, specification  # noqa: F401  (they register their checks)

    return tuple(CHECKS.values())


def agreement(received: Received, *, alone: bool) -> Iterator[Finding]:
    """Run the checks of agreement.

    Parameters
    ----------
    received : Received
    alone : bool
        Run only those that make sense without a table of assessments.
    """
    for entry in all_checks():
        if entry.run is not None and (entry.alone or not alone):
            yield from (replace(finding, check=entry.name) for finding in entry.run(received))
