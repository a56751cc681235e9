"""Checks of codes and years against the cluster's register, and of assessments against what is declared."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from oko.language import N_
from oko.records.checks import check
from oko.records.raw_form import EXAMPLE
from oko.records.readers import Finding, at_rows
from oko.records.received import Received
from oko.records.schema import SEASONS, TEXT

_ROLE = N_("The cluster’s own schools stand in its cluster.toml; this table is for role comparison.")
_OWN_SCHOOL = N_("School {given} is the cluster’s own and stands in its cluster.toml: delete the row.")
_STRAY_SCHOOL = N_("School {given} is not registered; the cluster has {known}. Correct the code or add the school.")
_STRAY_YEAR = N_("Year {given} is not among the cluster’s years ({known}): correct it, or add it to cluster.toml.")
_UNDECLARED = N_("Assessment {given} is not declared: add a row to the table of assessments or correct the id.")
_NO_PRIOR = N_("The earlier assessment {given} is not declared: add it or leave the cell empty.")
_LATE_PRIOR = N_("The earlier assessment {given} is not earlier than this one: correct the id, the year or the season.")
_INVENTED = N_("The row is invented, and cluster {cluster} holds real results: put it into an example cluster.")


@check(N_("tables of schools are about schools of comparison"), alone=True)
def comparison_role(received: Received) -> Iterator[Finding]:
    """Check that schools of a table of schools have the role comparison."""
    rows = received.schools
    yield from at_rows(rows, rows["role"].notna() & (rows["role"] != "comparison"), "role", _ROLE)


@check(N_("the cluster’s own schools stand in its settings alone"), alone=True)
def own_school_listed(received: Received) -> Iterator[Finding]:
    """Check that no table of schools lists a school of the cluster."""
    rows = received.schools
    yield from at_rows(
        rows, rows["school"].isin(received.cluster.school_codes), "school", _OWN_SCHOOL, given=rows["school"]
    )


@check(N_("every school is registered"), alone=True)
def school_registered(received: Received) -> Iterator[Finding]:
    """Check that every school of a row of pupils is the cluster's or registered for comparison."""
    known = ", ".join(received.cluster.school_codes)
    for frame in (*received.of_pupils, *_with_schools(received)):
        stray = _outside(frame["school"], received.known_schools)
        yield from at_rows(frame, stray, "school", _STRAY_SCHOOL, given=frame["school"], known=known)


def _with_schools(received: Received) -> list[pd.DataFrame]:
    return [frame for kind, frame in received.registers.items() if "school" in frame and kind != "groups"]


@check(N_("every year is one of the cluster’s"), alone=True)
def year_listed(received: Received) -> Iterator[Finding]:
    """Check that the year of every assessment is one of the cluster's."""
    rows, years = received.assessments, received.cluster.years
    yield from at_rows(
        rows, _outside(rows["year"], set(years)), "year", _STRAY_YEAR, given=rows["year"], known=", ".join(years)
    )


@check(N_("every assessment is declared"))
def assessment_declared(received: Received) -> Iterator[Finding]:
    """Check that every row of pupils, tasks and groups is of a declared assessment."""
    declared = set(received.assessments["assessment"].dropna())
    groups = [received.registers["groups"]] if "groups" in received.registers else []
    for frame in (received.items, *received.of_pupils, *groups):
        stray = _outside(frame["assessment"], declared)
        yield from at_rows(frame, stray, "assessment", _UNDECLARED, given=frame["assessment"])


@check(N_("an earlier assessment is declared"))
def prior_declared(received: Received) -> Iterator[Finding]:
    """Check that the earlier assessment that a row names is declared."""
    rows = received.assessments
    nowhere = _outside(rows["prior"], set(rows["assessment"].dropna()))
    yield from at_rows(rows, nowhere, "prior", _NO_PRIOR, given=rows["prior"])


@check(N_("an earlier assessment is earlier"))
def prior_earlier(received: Received) -> Iterator[Finding]:
    """Check that the earlier assessment that a row names lies before it."""
    rows = received.assessments
    when = rows["year"] + rows["season"].map({name: f" {place}" for place, name in enumerate(SEASONS)}).astype(TEXT)
    known = rows.assign(when=when).dropna(subset="assessment").drop_duplicates("assessment")
    earlier = rows["prior"].map(known.set_index("assessment")["when"])
    late = earlier.notna() & when.notna() & (earlier.fillna("") >= when.fillna(""))
    yield from at_rows(rows, late, "prior", _LATE_PRIOR, given=rows["prior"])


@check(N_("invented rows stay in example clusters"), alone=True)
def invented_rows(received: Received) -> Iterator[Finding]:
    """Check that no row marked as invented stands in a cluster that is not an example."""
    if received.cluster.example:
        return
    for frame in received.frames:
        if EXAMPLE in frame:
            invented = frame[EXAMPLE].fillna(False).astype(bool)
            yield from at_rows(frame, invented, EXAMPLE, _INVENTED, cluster=received.cluster.code)


def _outside(values: pd.Series, known: set[str]) -> pd.Series:
    return values.notna() & ~values.isin(known)
