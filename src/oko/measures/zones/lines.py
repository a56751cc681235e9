"""A school's residual on one target, a task or a skill, and the parts of its error."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import expit, logit

from oko.measures.responses import Floats
from oko.measures.zones.parts import Part
from oko.measures.zones.spread import summed
from oko.measures.zones.targets import Weights
from oko.measures.zones.works import Works

FEWEST_ITEMS = 3
Parts = dict[str, dict[str, Part]]


def unit_lines(works: Works, parts: Parts, unit: str, targets: Mapping[str, Weights], of_skills: bool) -> pd.DataFrame:
    """Return a row for each target of a unit and each school that took one of its works.

    Parameters
    ----------
    works : dict
    parts : dict of work to dict of school to Part
    unit : str
    targets : mapping of target to weights of items by work
    of_skills : bool
        Targets are skills: one of fewer than three tasks gets no number.

    Returns
    -------
    DataFrame
        ``school``, ``unit``, ``target``, ``n_items``, ``n``, ``n_classes``, ``facility``, ``expected``, ``residual``;
        ``pupils``, ``classes`` and ``norm``, variances with pupils drawn, with classes drawn, of the norm; ``df_norm``.
    """
    names = {name for weights in targets.values() for name in weights}
    schools = sorted({school for name in names for school in works[name]})
    fewest = FEWEST_ITEMS if of_skills else 1
    return pd.DataFrame(
        [
            {"school": school, "unit": unit, "target": target} | _line(works, parts, school, weights, fewest)
            for target, weights in targets.items()
            for school in schools
        ]
    )


def _line(works: Works, parts: Parts, school: str, weights: Weights, fewest: int) -> dict[str, object]:
    taken, shares = _chosen(parts, school, weights)
    n, n_classes = _counts(works, school, weights)
    line: dict[str, object] = {"n_items": sum(int((w > 0).sum()) for w in shares), "n": n, "n_classes": n_classes}
    line |= dict.fromkeys(("facility", "expected", "residual", "pupils", "classes", "norm", "df_norm"), np.nan)
    varied = all(part.work.varied[part.used][w > 0].all() for part, w in zip(taken, shares, strict=True))
    if sum(int((w > 0).sum()) for w in shares) < fewest:
        return line
    both = list(zip(taken, shares, strict=True))
    line["facility"] = sum(float(part.work.facility[part.used] @ w) for part, w in both)
    if not varied:
        return line
    influence = np.concatenate([part.influence @ w for part, w in both])
    pupils = np.concatenate([part.work.pupils for part in taken])
    classes = np.concatenate([part.work.classes for part in taken])
    line["residual"] = sum(float(part.residual @ w) for part, w in both)
    line["expected"] = sum(float(_expected(part) @ w) for part, w in both)
    line["pupils"], line["classes"] = summed(influence, pupils)[0], summed(influence, classes)[0]
    line["norm"], line["df_norm"] = _norm(both)
    return line


def _chosen(parts: Parts, school: str, weights: Weights) -> tuple[list[Part], list[Floats]]:
    """Return the school's parts that hold tasks of the target, and the tasks' shares of it."""
    taken = [
        (parts[name][school], parts[name][school].work.spread(items)[parts[name][school].used])
        for name, items in weights.items()
        if school in parts[name]
    ]
    taken = [(part, w) for part, w in taken if w.any()]
    total = sum(float(w.sum()) for _, w in taken)
    return [part for part, _ in taken], [w / total for _, w in taken]


def _counts(works: Works, school: str, weights: Weights) -> tuple[int, int]:
    """Return how many pupils and classes met a task of the target."""
    pupils: set[object] = set()
    classes: set[object] = set()
    for name, items in weights.items():
        if school in works[name]:
            work = works[name][school]
            met = work.given[:, work.spread(items) > 0].any(axis=1)
            pupils |= set(work.pupils[met])
            classes |= set(work.classes[met])
    return len(pupils), len(classes)


def _expected(part: Part) -> Floats:
    facility = np.clip(part.work.facility[part.used], 1e-12, 1 - 1e-12)
    share: Floats = expit(logit(facility) - part.residual)
    return share


def _norm(both: list[tuple[Part, Floats]]) -> tuple[float, float]:
    """Return the norm's variance and its degrees of freedom; a norm's school is one in all works."""
    if len(both) == 1:
        totals: Floats = both[0][0].norm @ both[0][1]
    else:
        added = [pd.Series(part.norm @ w, part.norm_schools) for part, w in both]
        totals = np.asarray(pd.concat(added).groupby(level=0).sum(), dtype=np.float64)
    return float(totals @ totals), max(float(len(totals) - 2), 1.0)
