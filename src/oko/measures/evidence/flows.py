"""Flow of pupils through the waves: who was there, who came, who left, and what cannot be said without a link."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.evidence.columns import check_columns, check_once, flag_of_schools, read_numbers
from oko.measures.statement import Statement

_COUNTS = ("rostered", "before", "after", "both", "moved", "only_before", "only_after", "neither")


def flow(
    before: pd.DataFrame,
    after: pd.DataFrame,
    roster: pd.DataFrame | None = None,
    school: str = "school",
    pupil: str = "pupil",
    treated: str = "treated",
    linked: bool = True,
    counts: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Count pupils through two waves, by school.

    Parameters
    ----------
    before, after : DataFrame, one row a pupil who wrote the work
        Columns of the school, the pupil and the group (1 cluster, 0 comparison). Of pupils who should be in both waves:
        those of grade 5 in spring and of grade 6 in autumn, say.
    roster : DataFrame, optional
        All pupils who should have written, with the same columns.
    school, pupil, treated : str
    linked : bool, default True
        Whether a pupil has one code in both waves. Where not, or where no code stands in both, pupils are counted by
        wave only.
    counts : DataFrame, optional
        Schools of which only numbers are known: columns of the school and the group, ``before`` and ``after``.

    Returns
    -------
    DataFrame, index ``treated``, ``school``
        ``rostered`` (NaN without a roster), ``before``, ``after``: pupils; ``both``: in both waves; ``moved``: of
        them, in another school later (counted in the first school); ``only_before``, ``only_after``; ``neither``: on
        the roster only; ``attrition``: only_before / before. Counts that need the link are NaN without it. Statements:
        ``evidence_no_link``, ``evidence_attrition`` (with the shares of both groups), ``evidence_moved``,
        ``evidence_counts_only``, ``evidence_one_wave`` (a wave has no pupils: nobody left or came).

    Raises
    ------
    MeasureError
        A column is missing, a school is not named or in both groups, stands in ``counts`` too, or a pupil
        stands twice in a wave.

    Notes
    -----
    Shares are shown as they are; no boundary between little and much attrition is set here, because the boundary of
    What Works Clearinghouse is not confirmed in this project's sources.

    Examples
    --------
    >>> first = pd.DataFrame({"school": ["a", "a", "b"], "pupil": ["1", "2", "3"], "treated": [1, 1, 0]})
    >>> second = pd.DataFrame({"school": ["a", "b"], "pupil": ["1", "4"], "treated": [1, 0]})
    >>> flow(first, second)[["both", "only_before", "only_after"]].to_numpy().tolist()
    [[0.0, 1.0, 1.0], [1.0, 1.0, 0.0]]
    """
    waves = {"before": before, "after": after} | ({} if roster is None else {"rostered": roster})
    for data in waves.values():
        check_columns(data, school, pupil, treated)
        _check_pupils(data, pupil)
    stacked = pd.concat([data[[school, treated]].astype({school: object}) for data in waves.values()])
    flags = flag_of_schools(stacked, school, treated)
    table = pd.DataFrame(index=flags.index, columns=list(_COUNTS), dtype=float)
    for name, data in waves.items():
        table[name] = data[school].astype(object).value_counts().reindex(flags.index).fillna(0).astype(float)
    one, other = (data.set_index(pupil)[school].astype(object) for data in (before, after))
    both = one.index.intersection(other.index)
    known = linked and len(both) > 0
    if known:
        _count_links(table, one, other, both, None if roster is None else roster.set_index(pupil)[school])
    table.index = pd.MultiIndex.from_arrays([flags.to_numpy(), flags.index], names=["treated", "school"])
    if counts is not None:
        table = pd.concat([table, _counted(counts, school, treated, flags.index)])
    table = table.sort_index(key=lambda level: level.map(str))
    table["attrition"] = _share(table)
    n_counted = 0 if counts is None else len(counts)
    lengths = [len(one), len(other)] if n_counted == 0 or len(one) + len(other) else [1, 1]
    table.attrs["statements"] = tuple(_remarks(table, n_counted, sum(map(bool, lengths)), known=known))
    return table


def flow_by_group(schools: pd.DataFrame) -> pd.DataFrame:
    """Add up the flow of pupils by group of schools.

    Parameters
    ----------
    schools : DataFrame, index ``treated``, ``school``
        From `flow`.

    Returns
    -------
    DataFrame, index ``treated``
        The columns of `flow`, NaN where a school of the group lacks the count, and ``schools``.

    Examples
    --------
    >>> wave = pd.DataFrame({"school": ["a", "b"], "pupil": ["1", "2"], "treated": [1, 1]})
    >>> flow_by_group(flow(wave, wave))[["before", "both", "schools"]].to_dict("list")
    {'before': [2.0], 'both': [2.0], 'schools': [2]}
    """
    each = schools[list(_COUNTS)].groupby(level="treated")
    size = each.size()
    groups = each.sum().where(each.count().eq(size, axis=0))
    groups["schools"] = size
    groups["attrition"] = _share(groups)
    return groups


def _counted(counts: pd.DataFrame, school: str, treated: str, others: pd.Index) -> pd.DataFrame:
    """Return rows of schools of which only numbers are known."""
    flags = flag_of_schools(counts, school, treated)
    check_once(counts, school)
    both = flags.index.intersection(others)
    if len(both):
        raise MeasureError("School {school} has pupils and numbers of pupils: leave one of them.", school=str(both[0]))
    rows = pd.DataFrame(index=flags.index, columns=list(_COUNTS), dtype=float)
    for name in ("before", "after"):
        rows[name] = pd.Series(read_numbers(counts, name, 0), index=counts[school].astype(object)).reindex(rows.index)
    rows.index = pd.MultiIndex.from_arrays([flags.to_numpy(), flags.index], names=["treated", "school"])
    return rows


def _check_pupils(data: pd.DataFrame, pupil: str) -> None:
    wrong = data[pupil].isna() | data[pupil].duplicated()
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise MeasureError(
            "Row {row}: pupil {pupil} is not named or stands twice in a wave; leave one row a pupil.",
            row=row + 1,
            pupil=repr(data[pupil].iloc[row]),
        )


def _count_links(
    table: pd.DataFrame, one: pd.Series, other: pd.Series, both: pd.Index, roster: pd.Series | None
) -> None:
    """Fill in the counts that need one code for a pupil in both waves."""
    stayed = one[both]
    counted = {
        "both": stayed,
        "moved": stayed[(stayed != other[both]).to_numpy(dtype=bool)],
        "only_before": one[~one.index.isin(both)],
        "only_after": other[~other.index.isin(both)],
    }
    if roster is not None:
        counted["neither"] = roster[~roster.index.isin(one.index.union(other.index))].astype(object)
    for name, schools in counted.items():
        table[name] = schools.value_counts().reindex(table.index).fillna(0).astype(float)


def _share(table: pd.DataFrame) -> pd.Series:
    return table["only_before"] / table["before"].where(table["before"] > 0)


def _remarks(table: pd.DataFrame, n_counted: int, n_waves: int, *, known: bool) -> list[Statement]:
    if n_waves < 2:
        return [Statement("evidence_one_wave", {"n": n_waves})]
    if not known:
        return [Statement("evidence_no_link")]
    said = [Statement("evidence_counts_only", {"n_schools": n_counted})] if n_counted else []
    moved = int(table["moved"].sum(skipna=True))
    if moved:
        said.append(Statement("evidence_moved", {"n": moved}))
    shares = flow_by_group(table)["attrition"].dropna().to_dict()
    if {0, 1} <= set(shares):
        said.append(Statement("evidence_attrition", {"cluster": shares[1], "comparison": shares[0]}))
    return said
