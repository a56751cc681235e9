"""Rows of several schools in one file: which are read, which are left, and which are faults."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from oko.errors import DataError
from oko.language import N_
from oko.records.readers import FILE, ROW, SHEET, Finding, RawTable, at_rows
from oko.records.readers.context import Context

_OTHER_SCHOOL = N_(
    "received.toml says that these files are of school {told}, and this row is of school {given} (rows: {n}): move "
    "them into the folder of their school, or correct received.toml."
)
_LEFT = N_(
    "Rows of schools that the cluster does not have were left, as received.toml says (others = leave): {n} of {whole}, "
    "schools: {schools}."
)


def read_rows(rows: pd.DataFrame, heading: str, context: Context) -> tuple[np.ndarray, list[Finding]]:
    """Tell which rows are read, by what ``received.toml`` says of the file.

    Parameters
    ----------
    rows : DataFrame
        school (a code, or the text of a school that the cluster does not have), ``#file``, ``#sheet``, ``#row``.
    heading : str
        Heading of the column of schools.
    context : Context
        Its ``told.others`` says what becomes of schools that are not registered, its ``told.school`` whose file it is.

    Returns
    -------
    kept : ndarray of bool
    findings : list of Finding
        A fault for each row of a school of the cluster that is not the one told; rows of unknown schools that stay are
        named later, by the check that every school is registered. A warning counts the rows that are left.
    """
    schools, own = rows["school"], context.told.school
    strange = _strange(schools, context)
    kept = ~strange if context.told.others == "leave" else np.ones(len(rows), dtype=bool)
    findings: list[Finding] = []
    if not kept.all():
        values = {"n": int((~kept).sum()), "whole": len(kept), "schools": schools[~kept].nunique()}
        sheet = str(rows[SHEET].iloc[0])
        findings.append(Finding(context.file, None, None, _LEFT, values, "warning", sheet, "school_registered"))
    if own is not None:
        others = pd.Series(~strange, rows.index) & (schools != own) & (schools != "")
        n = schools.map(schools[others].value_counts())
        findings += at_rows(rows, others, heading, _OTHER_SCHOOL, check="recognised", told=own, given=schools, n=n)
    return kept, findings


def nobody_left(context: Context) -> DataError:
    """Return the error for a file of which every row is of a school that is to be left."""
    return DataError(
        "No row is of a school of the cluster ({known}), and received.toml says to leave other schools: nothing "
        "is left to read.",
        known=", ".join(context.cluster.school_codes),
    )


def compared(rows: pd.DataFrame, context: Context) -> Iterator[RawTable]:
    """List the schools outside the cluster as schools of comparison, where ``received.toml`` says so.

    Parameters
    ----------
    rows : DataFrame
        As for :func:`read_rows`.
    context : Context
    """
    if context.told.others != "comparison":
        return
    outside = rows.loc[_strange(rows["school"], context), ["school", FILE, SHEET, ROW]].drop_duplicates("school")
    if len(outside):
        listed = outside.assign(role=pd.Series("comparison", outside.index, dtype="str"))
        yield RawTable("schools", context.file, listed.reset_index(drop=True), implied=True)


def _strange(schools: pd.Series, context: Context) -> np.ndarray:
    return (~schools.isin(["", *context.cluster.school_codes])).to_numpy(dtype=bool)
