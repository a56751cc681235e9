"""Marks and scores of a work against the marks of the journal."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri

from oko.errors import MeasureError
from oko.measures.bias.mean import few_pupils
from oko.measures.bias.rows import FEWEST, check_fewest, judged, need
from oko.measures.grouping import classes, grouped, numbers
from oko.measures.intervals import Floats, check_level, clustered_means, share_interval
from oko.measures.marks import MARKS
from oko.measures.statement import Statement
from oko.measures.weights import Codes, Weights, frequency_weights, sum_by

CHANGES = {"lowered": np.less, "confirmed": np.equal, "raised": np.greater}


def journal_mismatch(
    results: pd.DataFrame, *, weights: Weights = None, level: float = 0.95, threshold: int = FEWEST
) -> pd.DataFrame:
    r"""Mark the schools where better marks in the journal go with lower scores in the work.

    Parameters
    ----------
    results : DataFrame, one row a pupil and an assessment
        Columns ``school``, ``assessment``, ``primary_score`` (points), ``journal_mark`` (2 to 5). Pupils who lack one
        of the two do not count.
    weights : str, Series, array or None
        How many pupils a row stands for.
    level : float, default 0.95
        Confidence level.
    threshold : int, default 10
        Schools with fewer pupils are not judged; our own number.

    Returns
    -------
    DataFrame
        One row a school and an assessment: ``school``, ``assessment``, ``n``, ``value`` (Spearman's correlation, ties
        with their middle rank), ``lower``, ``upper``, ``limit`` (0), ``applicable``, ``reason`` ("few_pupils",
        "one_value": all marks or all scores are equal, or empty), ``marked``. Statements in ``.attrs["statements"]``.

    Raises
    ------
    MeasureError
        A column is missing, a mark is not 2 to 5, or weights or level are wrong.

    Notes
    -----
    Marked where the correlation is below 0: the official method (``data/external/bias_markers.csv``). The rule looks at
    no interval; where the interval reaches above 0 the sign may be chance. Interval: Fisher's z with variance
    :math:`(1 + r^2/2) / (n - 3)` (Bonett & Wright 2000, Psychometrika 65, 23–28; from memory).

    Examples
    --------
    >>> pupils = pd.DataFrame({"school": "344", "assessment": "vpr", "primary_score": range(12)})
    >>> found = journal_mismatch(pupils.assign(journal_mark=[3, 3, 3, 4, 3, 4, 4, 4, 5, 4, 5, 5]))
    >>> round(float(found["value"].iloc[0]), 3), bool(found["marked"].iloc[0])
    (0.875, False)
    """
    check_level(level)
    check_fewest(threshold)
    need(results, ["school", "assessment", "primary_score", "journal_mark"])
    pupils = frequency_weights(results, weights)
    group, keys = grouped(results, ["school", "assessment"])
    score, mark = numbers(results, "primary_score"), read_marks(results, "journal_mark")
    both = np.isfinite(score) & np.isfinite(mark)
    pupils = np.where(both, pupils, 0.0)
    n = sum_by(group, pupils, len(keys))
    value = spearman(np.where(both, score, 0.0), np.where(both, mark, 0.0), pupils, group, len(keys))
    lower, upper = _interval(value, n, level)
    rows = keys.assign(n=n, value=value, lower=lower, upper=upper, limit=0.0)
    reason = np.select([n < max(threshold, 4), np.isnan(value)], ["few_pupils", "one_value"], "")
    found = judged(rows, reason.tolist(), rows["value"] < 0)
    found.attrs["statements"] = _remarks(found, threshold)
    return found


def spearman(one: Floats, other: Floats, weights: Floats, group: Codes, n_groups: int) -> Floats:
    """Return Spearman's correlation within each group, ties with their middle rank; NaN where all are equal.

    Examples
    --------
    >>> same = np.zeros(4, int)
    >>> spearman(np.array([1.0, 2, 3, 4]), np.array([1.0, 1, 2, 2]), np.ones(4), same, 1).round(4).tolist()
    [0.8944]
    """
    first, second = (_deviations(values, weights, group, n_groups) for values in (one, other))
    spread = [sum_by(group, weights * each**2, n_groups) for each in (first, second)]
    known = (spread[0] > 0) & (spread[1] > 0)
    together = sum_by(group, weights * first * second, n_groups)
    value = np.where(known, together / np.sqrt(np.where(known, spread[0] * spread[1], 1.0)), np.nan)
    return np.clip(value, -1, 1)


def _deviations(values: Floats, weights: Floats, group: Codes, n_groups: int) -> Floats:
    """Return middle ranks within the group less their mean, which is half of one more than the group's size."""
    order = np.lexsort((values, group))
    value, owner, size = values[order], group[order], weights[order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (value[1:] != value[:-1]) | (owner[1:] != owner[:-1])
    tie = np.cumsum(new) - 1
    tied = sum_by(tie, size, int(new.sum()))
    total = sum_by(group, weights, n_groups)
    before = np.cumsum(tied) - tied - (np.cumsum(total) - total)[owner[new]]
    deviation = np.empty(len(order))
    deviation[order] = (before + tied / 2 - total[owner[new]] / 2)[tie]
    return deviation


def _interval(value: Floats, n: Floats, level: float) -> tuple[Floats, Floats]:
    known = np.isfinite(value) & (n > 3) & (np.abs(value) < 1)
    z = np.arctanh(np.where(known, value, 0.0))
    half = float(ndtri((1 + level) / 2)) * np.sqrt((1 + np.where(known, value, 0.0) ** 2 / 2) / np.maximum(n - 3, 1))
    return np.where(known, np.tanh(z - half), np.nan), np.where(known, np.tanh(z + half), np.nan)


def read_marks(results: pd.DataFrame, column: str) -> Floats:
    """Return marks as numbers.

    Raises
    ------
    MeasureError
        A mark is not 2, 3, 4 or 5.
    """
    mark = numbers(results, column)
    wrong = ~np.isnan(mark) & ~np.isin(mark, MARKS)
    if wrong.any():
        raise MeasureError(
            "Column {column}, row {row}: {mark} is not one of the marks 2, 3, 4, 5; correct it or leave it empty.",
            column=repr(column),
            row=int(np.flatnonzero(wrong)[0]) + 1,
            mark=float(mark[wrong][0]),
        )
    return mark


def _remarks(found: pd.DataFrame, threshold: int) -> tuple[Statement, ...]:
    said = few_pupils(found, threshold)
    equal = int((found["reason"] == "one_value").sum())
    if equal:
        said.append(Statement("bias_one_value", {"n_groups": equal, "of": len(found)}))
    chance = int((found["marked"] & (found["upper"] >= 0)).sum())
    if chance:
        said.append(Statement("bias_sign_may_be_chance", {"n_groups": chance, "of": int(found["marked"].sum())}))
    return tuple(said)


def against_journal(
    results: pd.DataFrame,
    by: Sequence[str] | str = ("school", "assessment"),
    *,
    weights: Weights = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare the marks of a work with those of the journal.

    Parameters
    ----------
    results : DataFrame, one row a pupil and an assessment
        Columns ``school``, ``mark``, ``journal_mark`` (2 to 5) and those of ``by``; ``class``, ``season`` and ``year``
        where known. Pupils who lack one of the marks do not count.
    by : sequence of str, default ("school", "assessment")
        Columns whose combinations are the groups.
    weights : str, Series, array or None
        How many pupils a row stands for.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row a group: the columns of ``by``, ``n``, ``classes``, and ``lowered``, ``confirmed``, ``raised``,
        ``apart`` (two marks or more apart), shares from 0 to 1, each with ``_lower`` and ``_upper``: Wilson's interval,
        at the effective size where pupils come from several classes (`intervals.effective_size`). Statements in
        ``.attrs["statements"]``.

    Raises
    ------
    MeasureError
        A column is missing, a mark is not 2 to 5, or weights or level are wrong.

    Notes
    -----
    Lowered: the mark of the work is below that of the journal. Bounds for the share of confirmed marks that are in
    use here and there are local conventions without a confirmed source: no rule is made of them.

    Examples
    --------
    >>> pupils = pd.DataFrame({"school": "344", "mark": [3, 4, 4, 5], "journal_mark": [4, 4, 4, 3]})
    >>> against_journal(pupils, "school")[["n", "lowered", "confirmed", "raised", "apart"]].to_dict("records")
    [{'n': 4.0, 'lowered': 0.25, 'confirmed': 0.5, 'raised': 0.25, 'apart': 0.25}]
    """
    check_level(level)
    columns = [by] if isinstance(by, str) else list(by)
    need(results, ["school", "mark", "journal_mark", *columns])
    pupils = frequency_weights(results, weights)
    group, keys = grouped(results, columns)
    own, journal = read_marks(results, "mark"), read_marks(results, "journal_mark")
    both = np.isfinite(own) & np.isfinite(journal)
    cluster = classes(results, group)
    apart = clustered_means(np.where(both, own - journal, np.nan), pupils, group, cluster, len(keys))
    rows = {"n": apart.n, "classes": apart.clusters}
    cells = {name: compare(own, journal) for name, compare in CHANGES.items()}
    for name, there in {**cells, "apart": np.abs(own - journal) >= 2}.items():
        share = clustered_means(np.where(both, there, np.nan), pupils, group, cluster, len(keys))
        lower, upper = share_interval(share, level, fallback=apart)
        rows |= {name: share.mean, f"{name}_lower": lower, f"{name}_upper": upper}
    found = pd.concat([keys, pd.DataFrame(rows, index=keys.index)], axis=1)
    found.attrs["statements"] = _journal_remarks(results, both)
    return found


def _journal_remarks(results: pd.DataFrame, both: np.ndarray) -> tuple[Statement, ...]:
    said = [Statement("bias_confirmed_convention")]
    if {"season", "year"} <= set(results.columns):
        autumn = ((results["season"] == "autumn") & (results["year"] == "2020-2021")).to_numpy(
            dtype=bool, na_value=False
        )
        if (autumn & both).any():
            said.append(Statement("bias_autumn_2020"))
    if not both.any():
        said.append(Statement("bias_no_journal"))
    return tuple(said)
