"""What an analysis of items says of its own result."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from oko.measures.factors import OneFactor
from oko.measures.items.moments import Moments, Scored
from oko.measures.items.reliability import total_variance
from oko.measures.statement import Statement, named, whole

FEWEST_PUPILS = 30
_FEWEST_FOR_OMEGA = 3
_IMPROPER = 1e-9
_ROUNDING = 1e-9


def of_treatment(scored: Scored, found: Moments, rows: pd.DataFrame, *, greatest_seen: bool) -> Iterable[Statement]:
    """Say how cells without points were treated, and where the maxima come from."""
    if greatest_seen:
        yield Statement("item_greatest_points_seen")
    if scored.not_attempted is None:
        yield Statement("item_not_attempted_unknown")
    else:
        contradicting = int((scored.points[scored.not_attempted] > 0).sum())
        if contradicting:
            yield Statement("item_points_not_attempted", {"cells": contradicting})
    if found.complete:
        return
    without = float(scored.weights.sum()) - found.n
    if without > _ROUNDING * found.n:
        yield Statement("item_pupils_without_items", {"n": whole(round(without, 9))})
    partly = float(scored.weights[np.isnan(found.totals)].sum()) - without
    if partly > _ROUNDING * found.n:
        share = 1 - float(rows["n"].sum()) / (found.n * len(rows))
        yield Statement("item_pairwise", {"n": whole(round(partly, 9)), "pupils": whole(found.n), "share": share})


def of_items(found: Moments, rows: pd.DataFrame) -> Iterable[Statement]:
    """Name the items of which something cannot be said, or that work against the others."""
    names = rows.index.to_numpy()
    if found.n > 1 and not found.counted.all():
        yield Statement("item_fewer_than_two_pupils", {"items": named(names[~found.counted])})
    unknown = (rows["n"] > 0) & rows["max"].isna()
    if unknown.any():
        yield Statement("item_maximum_unknown", {"items": named(names[unknown])})
    constant = found.counted & ~found.varied
    if constant.any() and found.varied.any():
        yield Statement("item_without_variance", {"items": named(names[constant])})
    against = rows["item_rest"] < 0
    if against.any():
        yield Statement("item_negative", {"items": named(names[against])})


def of_sum(found: Moments, rows: pd.DataFrame, reliability: float) -> Iterable[Statement]:
    """Say why the sum of points has no alpha, or what alpha is to be read with."""
    if found.n == 0:
        return
    if found.n <= 1:
        yield Statement("item_one_pupil", {"n": whole(found.n)})
        return
    if found.n < FEWEST_PUPILS:
        yield Statement("item_few_pupils", {"n": whole(found.n), "needed": FEWEST_PUPILS})
    varied = rows.index[found.varied]
    covariance = found.among(found.varied)
    apart = np.argwhere(np.isnan(covariance))
    if len(varied) == 0:
        yield Statement("item_all_equal")
    elif len(varied) == 1:
        yield Statement("item_alone", {"item": str(varied[0])})
    elif len(apart):
        first, second = (str(varied[place]) for place in apart[0])
        yield Statement("item_pairs_apart", {"pairs": len(apart) // 2, "first": first, "second": second})
    elif not total_variance(covariance) > 0:
        yield Statement("item_sum_without_variance")
    elif reliability < 0:
        yield Statement("item_alpha_negative", {"alpha": reliability})
    if len(varied) == 2:
        yield Statement("item_two", {"first": str(varied[0]), "second": str(varied[1])})
    if len(apart) == 0 and np.linalg.eigvalsh(covariance).min(initial=0.0) < -_IMPROPER * np.trace(covariance):
        yield Statement("item_covariances_improper")


def of_factor(one: OneFactor, items: pd.Index) -> Iterable[Statement]:
    """Say what omega is to be read with."""
    if 1 < len(items) < _FEWEST_FOR_OMEGA:
        yield Statement("item_omega_few_items", {"n": len(items), "needed": _FEWEST_FOR_OMEGA})
    elif one.at_bound.any():
        yield Statement("item_omega_at_bound", {"items": named(items[one.at_bound])})
    elif np.isfinite(one.omega) and not one.converged:
        yield Statement("item_omega_not_converged")
