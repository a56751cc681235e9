"""Logistic regression of an item on score and group: uniform and non-uniform differential functioning."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from oko.errors import MeasureError
from oko.measures.dif import remarks
from oko.measures.dif.cumulative import Fit, fit_cumulative
from oko.measures.dif.decision import Purified, Rule, decide
from oko.measures.dif.pupils import Booleans, Groups, Pupils, read_pupils
from oko.measures.dif.strata import Table, tables
from oko.measures.responses import Floats
from oko.measures.statement import Statement
from oko.measures.weights import Weights

KINDS = {"both": (0, 2), "uniform": (0, 1), "nonuniform": (1, 2)}
ZUMBO_THOMAS = (0.13, 0.26)
JODOIN_GIERL = (0.035, 0.07)
_TERMS = ("score", "group", "interaction")


def logistic(
    scores: pd.DataFrame,
    group: Groups,
    kind: str = "both",
    purify: bool = False,
    *,
    focal: object = None,
    weights: Weights = None,
    max_scores: pd.Series | None = None,
    alpha: float = 0.05,
    adjust: str = "holm",
    flag_by: str = "p",
    max_steps: int = 10,
) -> pd.DataFrame:
    r"""Test each item for differential functioning by likelihood-ratio tests of logistic regressions.

    Parameters
    ----------
    scores : DataFrame, pupils × items
        Points from 0 up; NaN where the item was not administered.
    group : Series on the index of ``scores``, array or list
        True or 1 for the focal group, False or 0 for the reference group; other labels where ``focal`` is given. Pupils
        without a group are left out.
    kind : {"both", "uniform", "nonuniform"}
        Score against score, group and interaction (2 degrees of freedom); score against score and group (1); score and
        group against score, group and interaction (1).
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
    max_steps : int, default 10
        Most steps of purification.

    Returns
    -------
    DataFrame, index ``item``
        ``chi2``, ``df``, ``p``, ``p_adjusted``; ``effect``, what the larger model adds to Nagelkerke's R²;
        ``zumbo_thomas``, ``jodoin_gierl`` (A, B, C); of the larger model ``score`` (log odds per point of the matching
        score), ``group`` (log odds, focal minus reference, at the mean matching score of those who took the item; below
        0: harder for the focal group) and, but for "uniform", ``interaction`` (focal minus reference, per point), each
        with ``_se``; ``flagged``; ``n_reference``, ``n_focal``, pupils who took the item. What cannot be said is NaN,
        and a statement says why; such an item is not flagged. ``attrs`` as in `mantel_haenszel`, and ``kind``.

    Raises
    ------
    MeasureError
        Points, weights, groups or settings are wrong; there are more than two groups.

    Notes
    -----
    Swaminathan & Rogers (1990, JEM 27, 361–370). The matching score is the total with the studied item. Items with more
    than two categories: cumulative logistic regression, proportional odds (Zumbo 1999). Where pupils were given
    different sets of items, the score is scaled to the whole work and each set has an intercept of its own.
    Classes: A below, C from .13 and .26 (Zumbo & Thomas 1997), or .035 and .07 (Jodoin & Gierl 2001), on; A too where
    :math:`p \ge .05`. Where the larger model separates categories without error its coefficients are NaN and
    ``chi2`` is taken at the limit of the likelihood.

    Examples
    --------
    >>> points = pd.DataFrame({"1": [1, 1, 0, 1, 0, 0, 1, 0], "2": [0, 0, 1, 0, 1, 1, 0, 1], "3": [1, 0, 1, 0] * 2})
    >>> logistic(points, [0, 0, 0, 0, 1, 1, 1, 1], "uniform")[["chi2", "df", "group"]].round(3).loc["1"].tolist()
    [2.093, 1.0, -2.197]
    """
    if kind not in KINDS:
        raise MeasureError(
            "Kind {kind} is unknown: choose one of {choices}.", kind=repr(kind), choices=", ".join(KINDS)
        )
    rule = Rule(alpha, adjust, flag_by, max_steps)
    pupils = read_pupils(scores, group, focal, weights, max_scores)

    def test(anchor: Booleans) -> pd.DataFrame:
        rows = [_row(pupils, item, table, kind) for item, table in enumerate(tables(pupils, anchor))]
        return pd.DataFrame(rows, index=pupils.items)

    decided = decide(test, pupils.common, rule, purify=purify)
    return _result(pupils, decided, rule, kind)


@dataclass(frozen=True)
class _Design:
    """Covariates of the cells of a table: the score and the sets' intercepts, then the group, then the interaction."""

    x: Floats
    counts: Floats
    n_common: int
    scale: float


def _design(table: Table) -> _Design:
    by_group = table.counts.sum(axis=2)
    n = by_group.sum()
    mean = float(by_group.sum(axis=1) @ table.score) / n
    scale = math.sqrt(float(by_group.sum(axis=1) @ (table.score - mean) ** 2) / n) or 1.0
    score, focal = np.repeat((table.score - mean) / scale, 2), np.tile([0.0, 1.0], len(table.score))
    booklet = np.repeat(table.booklet, 2)
    sets = [booklet == code for code in np.unique(booklet)[1:]]
    x = np.column_stack([score, *sets, focal, focal * score]).astype(np.float64)
    counts = table.counts.reshape(-1, len(table.values))
    there = counts.sum(axis=1) > 0
    return _Design(x[there], counts[there], 1 + len(sets), scale)


def _row(pupils: Pupils, item: int, table: Table, kind: str) -> dict[str, Any]:
    n_reference, n_focal = pupils.taken[item]
    row: dict[str, Any] = dict.fromkeys(["chi2", "df", "p", "effect", "zumbo_thomas", "jodoin_gierl"], math.nan)
    smaller, larger = KINDS[kind]
    row["df"] = larger - smaller
    terms = _TERMS[: larger + 1]
    row |= {f"{term}{end}": math.nan for term in terms for end in ("", "_se")}
    row |= {"n_reference": n_reference, "n_focal": n_focal}
    row |= {"predicted": False, "separated": False, "converged": True}
    if not (n_reference and n_focal) or len(table.values) < 2:
        return row
    design = _design(table)
    base, full = (fit_cumulative(design.x[:, : design.n_common + more], design.counts) for more in (smaller, larger))
    if base is None or full is None:
        return row
    row |= {"predicted": base.separated, "separated": full.separated, "converged": base.converged and full.converged}
    if base.separated:
        return row
    return row | _tested(base, full, design, row["df"]) | _coefficients(full, design, terms)


def _tested(base: Fit, full: Fit, design: _Design, df: int) -> dict[str, Any]:
    chi2 = max(2 * (full.loglik - base.loglik), 0.0)
    p = float(chdtrc(df, chi2))
    categories, n = design.counts.sum(axis=0), float(design.counts.sum())
    alone = float(categories @ np.log(categories / n))
    effect = _nagelkerke(full.loglik, alone, n) - _nagelkerke(base.loglik, alone, n)
    classes = {"zumbo_thomas": ZUMBO_THOMAS, "jodoin_gierl": JODOIN_GIERL}
    return {"chi2": chi2, "p": p, "effect": effect} | {
        name: _effect_class(p, effect, bounds) for name, bounds in classes.items()
    }


def _nagelkerke(loglik: float, alone: float, n: float) -> float:
    """Return Nagelkerke's R² (1991, Biometrika 78, 691–692) of a model against that without covariates."""
    return math.expm1(2 * (alone - loglik) / n) / math.expm1(2 * alone / n)


def _effect_class(p: float, effect: float, bounds: tuple[float, float]) -> str:
    if p >= 0.05 or effect < bounds[0]:
        return "A"
    return "B" if effect < bounds[1] else "C"


def _coefficients(full: Fit, design: _Design, terms: tuple[str, ...]) -> dict[str, float]:
    places = (0, design.n_common, design.n_common + 1)
    scales = (design.scale, 1.0, design.scale)
    found = {}
    for term, place, scale in zip(terms, places, scales, strict=False):
        found[term], found[f"{term}_se"] = float(full.estimate[place]) / scale, float(full.se[place]) / scale
    return found


def _result(pupils: Pupils, decided: Purified, rule: Rule, kind: str) -> pd.DataFrame:
    rows = decided.rows
    said = [*remarks.of_pupils(pupils, decided.anchor), *remarks.of_items(pupils, rows)]
    predicted = remarks.where(rows["predicted"])
    separated = remarks.where(rows["separated"] & ~rows["predicted"])
    wandering = remarks.where(~rows["converged"])
    several = remarks.several_categories(pupils)
    if predicted:
        said.append(Statement("dif_items_predicted", {"items": remarks.names(pupils, predicted)}))
    if separated:
        said.append(Statement("dif_items_separated", {"items": remarks.names(pupils, separated)}))
    if wandering:
        said.append(Statement("dif_items_not_converged", {"items": remarks.names(pupils, wandering)}))
    if several:
        said.append(Statement("dif_several_categories_logistic", {"items": remarks.names(pupils, several)}))
    rows = rows.drop(columns=["predicted", "separated", "converged"])
    table = remarks.finish(pupils, decided, rule, rows, said, "logistic")
    table.attrs["kind"] = kind
    return table
