"""The study of Mantel and Haenszel: pupils with the same score, compared item by item."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from oko.measures.dif import remarks
from oko.measures.dif.decision import Purified, Rule, decide
from oko.measures.dif.pupils import Booleans, Groups, Pupils, read_pupils
from oko.measures.dif.strata import Table, tables
from oko.measures.dif.tables import (
    DELTA_PER_LOG_ODDS,
    Z_95,
    compare,
    ets_class,
    ets_class_of_points,
    mantel_test,
    mean_difference,
    odds_ratio,
    spread,
)
from oko.measures.statement import Statement
from oko.measures.weights import Weights

_ROUNDING = 1e-9


def mantel_haenszel(
    scores: pd.DataFrame,
    group: Groups,
    purify: bool = False,
    *,
    focal: object = None,
    weights: Weights = None,
    max_scores: pd.Series | None = None,
    alpha: float = 0.05,
    adjust: str = "holm",
    flag_by: str = "p",
    correct: bool = True,
    max_steps: int = 10,
) -> pd.DataFrame:
    r"""Test each item for differential functioning between two groups of pupils with the same score.

    Parameters
    ----------
    scores : DataFrame, pupils × items
        Points from 0 up; NaN where the item was not administered.
    group : Series on the index of ``scores``, array or list
        True or 1 for the focal group, False or 0 for the reference group; other labels where ``focal`` is given. Pupils
        without a group are left out.
    purify : bool, default False
        Match pupils on the items that are not flagged (and the studied one), until the flags stay as they are.
    focal : object, optional
        Label of the focal group.
    weights : str, Series, array or None
        How many pupils a row stands for.
    max_scores : Series, optional
        Greatest points of each item; without it the greatest that somebody reached.
    alpha : float, default 0.05
        Level at which an item is flagged.
    adjust : {"holm", "bh", "none"}
        Adjustment of p for the number of items, in ``p_adjusted``.
    flag_by : {"p", "p_adjusted"}
        Flag by the p of the item alone, as difR does, or by the adjusted one.
    correct : bool, default True
        Correct the statistic of items with two categories for continuity.
    max_steps : int, default 10
        Most steps of purification.

    Returns
    -------
    DataFrame, index ``item``
        ``chi2``, ``df``, ``p``, ``p_adjusted``; ``odds_ratio`` (above 1: easier for the reference group) with
        ``odds_ratio_lower``, ``odds_ratio_upper`` (95 %); ``delta`` (below 0: harder for the focal group),
        ``delta_se``; ``smd``, the standardised mean difference in points, focal minus reference, ``smd_se``;
        ``effect``, ``smd`` in standard deviations of the item; ``ets_class`` (A, B, C); ``harder_for`` ("focal",
        "reference": the sign of what is tested); ``flagged``; ``n_reference``, ``n_focal``, pupils who took the item;
        ``n_compared``, those with somebody of the other group beside them. What cannot be said is NaN, and a statement
        says why; such an item is not flagged.
        ``attrs``: ``statements`` (tuple of Statement), ``method``, ``reference``, ``focal``, ``alpha``, ``adjust``,
        ``flag_by``, ``matched_on`` (items), ``purification`` (items flagged at each step). Clear ``attrs`` before
        ``to_parquet``, which wants them as JSON.

    Raises
    ------
    MeasureError
        Points, weights, groups or settings are wrong; there are more than two groups.

    Notes
    -----
    Two categories: :math:`χ^2 = (|\sum A - \sum E A| - ½)^2 / \sum V A` over strata of one total, the studied item
    included (Holland & Thayer 1988), even where the difference is below ½; :math:`Δ = -2.35 \ln α`. ETS classes (Zieky
    1993; Dorans & Holland 1993): A where :math:`p \ge .05` or :math:`|Δ| < 1`; C where :math:`|Δ| \ge 1.5` and
    :math:`(|Δ| - 1) / se > 1.645`; B otherwise. They use p itself and 5 %, whatever ``alpha`` and ``adjust``.
    More categories: Mantel's test (1963), without correction; classes by :math:`|SMD| / SD`: A to .17 or where
    :math:`p \ge .05`, C above .25 (Zwick, Thayer & Mazzeo 1997); no odds ratio.
    Where pupils were given different sets of items, those of one set are compared (`strata.tables`).

    Examples
    --------
    >>> points = pd.DataFrame({"1": [1, 1, 0, 1, 0, 0, 1, 0], "2": [0, 0, 1, 0, 1, 1, 0, 1], "3": [1, 0, 1, 0] * 2})
    >>> found = mantel_haenszel(points, [0, 0, 0, 0, 1, 1, 1, 1])
    >>> found.loc["1", ["chi2", "odds_ratio", "n_compared"]].tolist()
    [0.375, 5.0, 8.0]
    >>> [statement.code for statement in found.attrs["statements"]]
    ['dif_few_pupils', 'dif_short_score', 'dif_items_not_comparable']
    """
    rule = Rule(alpha, adjust, flag_by, max_steps)
    pupils = read_pupils(scores, group, focal, weights, max_scores)

    def test(anchor: Booleans) -> pd.DataFrame:
        rows = [_row(pupils, item, table, correct=correct) for item, table in enumerate(tables(pupils, anchor))]
        return pd.DataFrame(rows, index=pupils.items)

    decided = decide(test, pupils.common, rule, purify=purify)
    return _result(pupils, decided, rule)


def _row(pupils: Pupils, item: int, table: Table, *, correct: bool) -> dict[str, Any]:
    compared = compare(table)
    n_reference, n_focal = pupils.taken[item]
    chi2, p, excess = mantel_test(compared, correct=correct)
    tested = not math.isnan(p)
    ratio, log_se = odds_ratio(compared) if tested else (math.nan, math.nan)
    smd, smd_se = mean_difference(compared) if tested else (math.nan, math.nan)
    delta, delta_se = DELTA_PER_LOG_ODDS * math.log(ratio), abs(DELTA_PER_LOG_ODDS) * log_se
    effect = smd / spread(table) if tested else math.nan
    return {
        "chi2": chi2,
        "df": 1,
        "p": p,
        "odds_ratio": ratio,
        "odds_ratio_lower": ratio * math.exp(-Z_95 * log_se),
        "odds_ratio_upper": ratio * math.exp(Z_95 * log_se),
        "delta": delta,
        "delta_se": delta_se,
        "smd": smd,
        "smd_se": smd_se,
        "effect": effect,
        "ets_class": ets_class(p, delta, delta_se) if len(table.values) == 2 else ets_class_of_points(p, effect),
        "harder_for": _harder_for(excess),
        "n_reference": n_reference,
        "n_focal": n_focal,
        "n_compared": float(compared.n.sum()),
    }


def _harder_for(excess: float) -> str | float:
    if math.isnan(excess) or abs(excess) < _ROUNDING:
        return math.nan
    return "focal" if excess < 0 else "reference"


def _result(pupils: Pupils, decided: Purified, rule: Rule) -> pd.DataFrame:
    rows = decided.rows
    several = remarks.several_categories(pupils)
    unbounded = set(remarks.where(rows["p"].notna() & rows["odds_ratio"].isna())) - set(several)
    said = [*remarks.of_pupils(pupils, decided.anchor), *remarks.of_items(pupils, rows.assign(predicted=False))]
    few = remarks.where(rows["p"].notna() & (2 * rows["n_compared"] < rows["n_reference"] + rows["n_focal"]))
    if few:
        said.append(Statement("dif_items_few_compared", {"items": remarks.names(pupils, few)}))
    if unbounded:
        said.append(Statement("dif_odds_ratio_unbounded", {"items": remarks.names(pupils, unbounded)}))
    if several:
        said.append(Statement("dif_several_categories_mantel", {"items": remarks.names(pupils, several)}))
    return remarks.finish(pupils, decided, rule, rows, said, "mantel_haenszel")
