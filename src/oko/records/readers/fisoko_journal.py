"""ФИС ОКО, marks of a work against marks in the journal: lowered, confirmed, raised.

The wide form is that of a real file of 2024. The long one, three lines a group, is as a regional system rebuilt
the view of 2021 (unconfirmed).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.language import N_
from oko.records.readers import Finding, RawTable, at_rows
from oko.records.readers.context import Context
from oko.records.readers.fisoko_counts import Numbers, decimals, numbers
from oko.records.readers.fisoko_tables import (
    CHANGES,
    NO_NUMBER,
    Lines,
    distribution,
    groups_table,
    lines_of,
    numbered,
    percents_of,
)
from oko.records.readers.headings import clean
from oko.records.readers.sheets import Sheet

_TOTAL = "всего"
_OTHER_COUNT = N_(
    "Beside {given} pupils stands {percent}%, and they are {share}% of {n}: correct the number or the per cent."
)
_TOO_MANY = N_("The numbers of pupils sum to {sum}, and the group has {n}: correct the row.")


def journal(sheet: Sheet, row: int, assessment: str, context: Context) -> list[RawTable]:
    """Read the wide form: a per cent and a number of pupils for each of the three.

    Parameters
    ----------
    sheet : Sheet
    row : int
        Index of the heading row.
    assessment : str
    context : Context

    Returns
    -------
    list of RawTable
        One of groups; empty where the headings are not there.

    Notes
    -----
    Per cents are of those who have a mark in the journal, so of the sum of the three, which may be below the number of
    participants: so it is in a real file (29,586 of 29,589).
    """
    percents, counts = _places(sheet, row)
    if len(percents) < len(CHANGES):
        return []
    lines, cells = lines_of(sheet, row, context)
    titles = [clean(cell) for cell in sheet.frame.iloc[row].tolist()]
    headings, beside = ([titles[place] for place in places.values()] for places in (percents, counts))
    read, found = percents_of(lines.rows, cells[list(percents.values())].set_axis(headings, axis=1))
    if len(counts) < len(CHANGES):
        made, wrong = distribution(lines, read, fill=True)
        values, known = made.values, made.counts
    else:
        values, known, wrong = counted(lines, read, cells[list(counts.values())].set_axis(beside, axis=1))
    return [groups_table(lines, assessment, "journal", list(percents), (values, known), [*found, *wrong])]


def _places(sheet: Sheet, row: int) -> tuple[dict[str, int], dict[str, int]]:
    percents: dict[str, int] = {}
    counts: dict[str, int] = {}
    for place, cell in enumerate(sheet.frame.iloc[row]):
        text = clean(cell).lower()
        for word, key in CHANGES.items():
            if text.startswith(word):
                (counts if "кол-во" in text or "количество" in text else percents).setdefault(key, place)
    return percents, counts


def counted(lines: Lines, percents: Numbers, cells: pd.DataFrame) -> tuple[Numbers, Numbers, list[Finding]]:
    """Check per cents against the numbers of pupils beside them.

    Parameters
    ----------
    lines : Lines
    percents : array, groups × 3
    cells : DataFrame of str, groups × 3
        Numbers of pupils; a group that lacks one is taken by its per cents.

    Returns
    -------
    values, counts : array, groups × 3
        A value is the number over the sum of the three.
    findings : list of Finding
    """
    counts, wrong = numbers(cells)
    made, of_sums = distribution(lines, percents, fill=True)
    sums = np.nansum(counts, axis=1)
    whole = np.isfinite(counts).all(axis=1) & (sums > 0)
    total = np.where(whole, sums, np.nan)
    apart = _unlike_counts(percents, counts, total, lines.n)
    agreed = set(lines.rows.loc[whole & ~apart.any(axis=1), "#row"])
    found = [finding for finding in of_sums if finding.severity == "fault" and finding.row not in agreed]
    index = lines.rows.index
    for place, name in enumerate(cells):
        given, bad = cells.iloc[:, place], pd.Series(apart[:, place], index)
        said = {"percent": percents[:, place], "share": np.round(100 * counts[:, place] / total, 2), "n": total}
        values: dict[str, Any] = {"given": given, **{key: pd.Series(value, index) for key, value in said.items()}}
        found += at_rows(lines.rows, wrong.iloc[:, place], str(name), NO_NUMBER, check="number", given=given)
        found += at_rows(lines.rows, bad, str(name), _OTHER_COUNT, check="percents", **values)
    many = pd.Series(whole & (sums > lines.n), index)
    found += at_rows(lines.rows, many, None, _TOO_MANY, check="percents", sum=pd.Series(sums, index), n=lines.rows["n"])
    known = np.where(whole[:, None], counts, made.counts)
    return np.where(whole[:, None], counts / total[:, None], made.values), known, found


def _unlike_counts(percents: Numbers, counts: Numbers, total: Numbers, n: Numbers) -> NDArray[np.bool_]:
    """Tell which numbers are neither of the sum of the three nor of all participants what the per cent says."""
    near = 0.5 * 10.0 ** -decimals(percents) + 1e-9
    own, of_all = (100 * counts / of[:, None] for of in (total, np.where(n > 0, n, np.nan)))
    fits = (np.abs(own - percents) <= near) | (np.abs(of_all - percents) <= near)
    apart: NDArray[np.bool_] = np.isfinite(own) & np.isfinite(percents) & ~fits
    return apart


def journal_long(sheet: Sheet, row: int, assessment: str, context: Context) -> list[RawTable]:
    """Read the long form: under the name of a group three lines and «Всего», each with a number and a per cent.

    Parameters
    ----------
    sheet : Sheet
    row : int
        Index of the heading row.
    assessment : str
    context : Context

    Returns
    -------
    list of RawTable
        One of groups; empty where a column is not there.
    """
    headings = [clean(cell) for cell in sheet.frame.iloc[row].tolist()]
    number = next((place for place, text in enumerate(headings) if "участников" in text and "рупп" not in text), None)
    share = next((place for place, text in enumerate(headings) if text.startswith("%")), None)
    if number is None or share is None:
        return []
    lines, cells = lines_of(sheet, row, context)
    keys = lines.rows["group"].map(_key)
    block = (keys == "").cumsum()
    percents, found = percents_of(lines.rows, cells[[share]].set_axis([headings[share]], axis=1))
    percent = _across(pd.Series(percents[:, 0], keys.index), block, keys)
    count = _across(cells[number], block, keys).fillna("")
    own = lines.rows[(keys == "") & block.isin(percent.index)]
    place = block[own.index].to_numpy()
    rows = own.assign(n=_first(own["n"], count[_TOTAL].reindex(place))).reset_index(drop=True)
    grouped = numbered(rows, lines.headings)
    names = list(CHANGES.values())
    beside = count[names].reindex(place).fillna("").reset_index(drop=True)
    read = percent[names].reindex(place).to_numpy(dtype="float64")
    values, known, wrong = counted(grouped, read, beside.set_axis([headings[number]] * 3, axis=1))
    return [groups_table(grouped, assessment, "journal", names, (values, known), [*found, *wrong])]


def _across(values: pd.Series, block: pd.Series, keys: pd.Series) -> pd.DataFrame:
    """Put the lines of a group side by side: a row a group, a column for each of the three and the total."""
    long = pd.DataFrame({"block": block, "key": keys, "value": values})[keys != ""].drop_duplicates(["block", "key"])
    return long.set_index(["block", "key"])["value"].unstack("key").reindex(columns=[*CHANGES.values(), _TOTAL])


def _first(said: pd.Series, total: pd.Series) -> pd.Series:
    return said.where(said != "", total.fillna("").set_axis(said.index))


def _key(text: str) -> str:
    low = text.lower()
    return (
        _TOTAL if low.startswith(_TOTAL) else next((key for word, key in CHANGES.items() if low.startswith(word)), "")
    )
