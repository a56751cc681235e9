"""Synthetic control: a mixture of comparison schools that followed the cluster's results before the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

import numpy as np
import pandas as pd
from scipy.optimize import nnls

from oko.errors import MeasureError
from oko.measures.intervals import Floats
from oko.measures.statement import Statement, named
from oko.measures.weights import as_numbers

FEWEST_BEFORE = 3
FEWEST_DONORS = 10
RIDGE = 1e-6
_EXACT = 1e-3


@dataclass(frozen=True)
class SyntheticControl:
    """The cluster beside its synthetic control.

    Attributes
    ----------
    path : DataFrame, index ``period``
        ``cluster``, ``synthetic``, ``gap``; ``after``: whether the model was at work.
    weights : DataFrame, donors × units
        One column ``cluster``, or one for each school of the cluster; each sums to 1.
    before_rmspe, after_rmspe : float
        Root of the mean squared gap before and after.
    gap : float
        Mean gap after.
    placebo : DataFrame, a row a group of as many comparison schools
        ``schools``, ``before_rmspe``, ``after_rmspe``, ``ratio`` (infinite where the fit before is exact),
        ``gap``: the same taken as if it were the cluster.
    p : float
        Share of groups, the cluster among them, whose ratio after/before is at least the cluster's; NaN where the
        waves before are fewer than 3, or the fit before is exact.
    statements : tuple of Statement
    """

    path: pd.DataFrame
    weights: pd.DataFrame
    before_rmspe: float
    after_rmspe: float
    gap: float
    placebo: pd.DataFrame
    p: float
    statements: tuple[Statement, ...]


def simplex_weights(donors: Floats, target: Floats, ridge: float = RIDGE) -> Floats:
    r"""Return weights, 0 or more with sum 1, whose mixture of donors is closest to a target.

    Parameters
    ----------
    donors : ndarray of shape (periods, donors)
    target : ndarray of shape (periods,)
    ridge : float, default 1e-6
        Weight of :math:`\sum w^2` against the squared distance in units of its scale; above 0 it makes the answer
        the only one: of mixtures that are equally close, the one that spreads its weights most.

    Returns
    -------
    ndarray of shape (donors,)

    Notes
    -----
    With :math:`\sum w = 1` the distance is :math:`\|A w\|`, A = donors − target. Non-negative least squares of
    :math:`\|A v\|^2 + (\sum v - 1)^2` gives v in proportion to the weights, exactly: for v = s w the best s leaves
    :math:`\|A w\|^2 / (1 + \|A w\|^2)`, which rises with :math:`\|A w\|^2`.

    Examples
    --------
    >>> simplex_weights(np.array([[0.0, 1.0], [0.0, 2.0]]), np.array([0.25, 0.5])).round(4).tolist()
    [0.75, 0.25]
    """
    apart = np.asarray(donors, dtype=float) - np.asarray(target, dtype=float)[:, None]
    scale = float(np.sqrt(np.square(apart).mean()))
    count = apart.shape[1]
    if scale == 0:
        return np.full(count, 1 / count)
    rows = np.vstack([apart / scale, np.sqrt(ridge) * np.eye(count), np.ones((1, count))])
    solution, _ = nnls(rows, np.append(np.zeros(len(rows) - 1), 1.0), maxiter=100 * count)
    return np.asarray(solution / solution.sum(), dtype=np.float64)


def synthetic_control(
    outcomes: pd.DataFrame,
    treated: Sequence[object],
    after: Sequence[object],
    each: bool = False,
    draws: int = 200,
    seed: int = 20210415,
) -> SyntheticControl:
    r"""Compare the cluster with a mixture of comparison schools that followed it before the model.

    Parameters
    ----------
    outcomes : DataFrame, schools × periods
        Means of schools in one unit; columns in the order of time. Schools that lack a period are left out.
    treated : sequence
        Schools of the cluster, as they stand in the index; all others are comparison schools.
    after : sequence
        Periods in which the model was at work.
    each : bool, default False
        A mixture for each school of the cluster, then their average; otherwise one for the cluster's average.
    draws : int, default 200
        Groups of comparison schools drawn at random for the placebos; all groups where they are no more than that.
    seed : int

    Returns
    -------
    SyntheticControl
        Statements: ``evidence_few_waves_before`` (below 3), ``evidence_exact_fit``, ``evidence_few_donors`` (below 10),
        ``evidence_schools_left_out``, ``evidence_no_synthetic`` (no school, no donor or no period: all NaN).

    Raises
    ------
    MeasureError
        Outcomes are no table of numbers, a school stands twice, a school or a period is unknown, or ``draws`` is
        below 1.

    Notes
    -----
    Abadie, Diamond & Hainmueller 2010: weights minimise the distance over the periods before, all alike, no covariates;
    with a small ridge (`simplex_weights`). Placebos are groups of as many comparison schools as the cluster has, each
    against the others, because the average of several schools varies less than one school.

    Examples
    --------
    >>> wide = pd.DataFrame([[0.5, 1.0, 0.7, 2.0], [0, 0, 0.2, 0], [1, 2, 1.2, 2]], index=["a", "x", "y"])
    >>> found = synthetic_control(wide, ["a"], after=[3])
    >>> found.weights["cluster"].round(3).tolist(), round(found.gap, 3)
    ([0.5, 0.5], 1.0)
    """
    table, ours, late, lost = _read(outcomes, treated, after)
    if draws < 1:
        raise MeasureError("{name} = {value} must be above 0.", name="draws", value=draws)
    said = [Statement("evidence_schools_left_out", {"schools": named(lost)})] if len(lost) else []
    values = table.to_numpy(dtype=float)
    if not ours.any() or ours.all() or not late.any() or late.all():
        return _nothing(table, late, said)
    donors = values[~ours]
    path, weights = _follow(values[ours], donors, late, each=each)
    before, later, gap = _fit(path, late)
    placebo = _placebos(donors, table.index[~ours], late, int(ours.sum()), draws, seed, each=each)
    exact = before <= _exact(values[:, ~late])
    n_before = int((~late).sum())
    p = np.nan
    if n_before >= FEWEST_BEFORE and not exact and len(placebo):
        p = float((1 + (placebo["ratio"] >= later / before).sum()) / (1 + len(placebo)))
    if n_before < FEWEST_BEFORE:
        said.append(Statement("evidence_few_waves_before", {"n": n_before, "needed": FEWEST_BEFORE}))
    if exact:
        said.append(Statement("evidence_exact_fit", {"n": n_before}))
    if len(donors) < FEWEST_DONORS:
        said.append(Statement("evidence_few_donors", {"n": len(donors), "needed": FEWEST_DONORS}))
    names = [str(name) for name in table.index[ours]] if each else ["cluster"]
    return SyntheticControl(
        path=pd.DataFrame(
            {"cluster": path[0], "synthetic": path[1], "gap": path[0] - path[1], "after": late},
            index=table.columns.rename("period"),
        ),
        weights=pd.DataFrame(weights, index=table.index[~ours], columns=names),
        before_rmspe=before,
        after_rmspe=later,
        gap=gap,
        placebo=placebo,
        p=p,
        statements=tuple(said),
    )


def _read(
    outcomes: pd.DataFrame, treated: Sequence[object], after: Sequence[object]
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray, pd.Index]:
    if not isinstance(outcomes, pd.DataFrame):
        raise MeasureError("The outcomes are no table: give a DataFrame of schools × periods.")
    if not outcomes.index.is_unique or not outcomes.columns.is_unique:
        raise MeasureError("A school or a period stands twice in the outcomes: leave one.")
    for name in treated:
        if name not in outcomes.index:
            raise MeasureError("School {school} is not in the outcomes.", school=str(name))
    for name in after:
        if name not in outcomes.columns:
            raise MeasureError("Period {period} is not in the outcomes.", period=str(name))
    numbers = outcomes.apply(lambda column: pd.Series(as_numbers(column, str(column.name)), outcomes.index))
    numbers = numbers.replace([np.inf, -np.inf], np.nan) if len(numbers) else outcomes
    complete = numbers.notna().all(axis=1).to_numpy(dtype=bool)
    table = numbers[complete].sort_index(key=lambda index: index.map(str))
    return table, table.index.isin(list(treated)), table.columns.isin(list(after)), outcomes.index[~complete]


def _follow(ours: Floats, donors: Floats, late: np.ndarray, *, each: bool) -> tuple[Floats, Floats]:
    """Return the two paths, cluster and synthetic, and the weights (donors × units)."""
    targets = ours if each else ours.mean(axis=0, keepdims=True)
    weights = np.column_stack([simplex_weights(donors[:, ~late].T, own[~late]) for own in targets])
    return np.stack([targets.mean(axis=0), (donors.T @ weights).mean(axis=1)]), weights


def _fit(path: Floats, late: np.ndarray) -> tuple[float, float, float]:
    gap = path[0] - path[1]
    return (
        float(np.sqrt(np.square(gap[~late]).mean())),
        float(np.sqrt(np.square(gap[late]).mean())),
        float(gap[late].mean()),
    )


def _exact(values: Floats) -> float:
    """Return the gap below which a fit before counts as exact."""
    return _EXACT * float(np.std(values))


def _placebos(
    donors: Floats, names: pd.Index, late: np.ndarray, size: int, draws: int, seed: int, *, each: bool
) -> pd.DataFrame:
    count = len(donors)
    rng = np.random.default_rng(seed)
    exact = _exact(donors[:, ~late])
    if count <= size:
        groups: list[np.ndarray] = []
    elif size == 1 or comb(count, size) <= draws:
        groups = [np.array(places) for places in combinations(range(count), size)]
    else:
        groups = [np.sort(rng.choice(count, size, replace=False)) for _ in range(draws)]
    rows = []
    for group in groups:
        chosen = np.isin(np.arange(count), group)
        path, _ = _follow(donors[chosen], donors[~chosen], late, each=each)
        before, later, gap = _fit(path, late)
        rows.append((named(names[chosen]), before, later, later / before if before > exact else np.inf, gap))
    return pd.DataFrame(rows, columns=["schools", "before_rmspe", "after_rmspe", "ratio", "gap"])


def _nothing(table: pd.DataFrame, late: np.ndarray, said: list[Statement]) -> SyntheticControl:
    path = pd.DataFrame(np.nan, index=table.columns.rename("period"), columns=["cluster", "synthetic", "gap"])
    columns = ["schools", "before_rmspe", "after_rmspe", "ratio", "gap"]
    return SyntheticControl(
        path.assign(after=late), pd.DataFrame(index=table.index), np.nan, np.nan, np.nan,
        pd.DataFrame(columns=columns), np.nan, (*said, Statement("evidence_no_synthetic")),
    )  # fmt: skip
