"""Bounds for a difference when results of some pupils are missing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.evidence.columns import read_flags, read_numbers
from oko.measures.intervals import Floats
from oko.measures.statement import Statement
from oko.measures.weights import Weights, frequency_weights

_ROUNDING = 1e-12


def missing_bounds(
    data: pd.DataFrame, outcome: str, treated: str = "treated", least: float | None = None, most: float | None = None,
    weights: Weights = None,
) -> pd.DataFrame:  # fmt: skip
    r"""Return between which values a difference of means lies, whatever the absent pupils would have had.

    Parameters
    ----------
    data : DataFrame, one row a pupil who was there before
    outcome : str
        Later result, or its change; missing where the pupil was absent.
    treated : str
        1 the cluster, 0 comparison.
    least, most : float, optional
        What a result can be at least and at most; without both there are no worst-case bounds.
    weights : str, Series, array or None
        How many pupils a row stands for.

    Returns
    -------
    DataFrame, index ``bounds``
        Rows ``complete`` (pupils with a result, as if absence were chance), ``lee``, ``worst_case``; ``lower``,
        ``upper`` of the difference, cluster less comparison (alike for ``complete``). ``.attrs["present"]``: shares
        with a result by group. Statements: ``evidence_bounds_unknown`` (a group without results),
        ``evidence_bounds_are_no_interval``.

    Raises
    ------
    MeasureError
        A column is missing or wrong, a result is outside ``least`` to ``most``, or these are not in order.

    Notes
    -----
    Lee (2009, Review of Economic Studies 76, 1071–1102): where a share q₁ > q₀ has a result, the part
    (q₁ − q₀)/q₁ is trimmed off the top, then off the bottom, of the group with the larger share. It bounds the
    difference among pupils who would be present in either group, and assumes that belonging to the cluster moves
    presence one way only. Worst case (Manski 1990): absent pupils get ``least`` in one group, ``most`` in the other.
    Bounds are of these pupils; the chance of schools comes on top.

    Examples
    --------
    >>> rows = pd.DataFrame({"treated": [1, 1, 1, 1, 0, 0, 0, 0], "change": [0.0, 1, 2, 3, 0, 1, None, None]})
    >>> missing_bounds(rows, "change", least=0, most=3).to_numpy().tolist()
    [[1.0, 1.0], [0.0, 2.0], [-0.25, 1.25]]
    """
    values, flags = read_numbers(data, outcome), read_flags(data, treated)
    pupils = frequency_weights(data, weights)
    _check_range(values, least, most)
    sides = {}
    for flag in (1, 0):
        own = (flags == flag) & (pupils > 0)
        there = own & np.isfinite(values)
        share = float(pupils[there].sum() / pupils[own].sum()) if own.any() else np.nan
        sides[flag] = (values[there], pupils[there], share)
    index = pd.Index(["complete", "lee", "worst_case"], name="bounds")
    frame = pd.DataFrame(np.nan, index, ["lower", "upper"])
    frame.attrs["present"] = {flag: side[2] for flag, side in sides.items()}
    if not all(len(side[0]) for side in sides.values()):
        frame.attrs["statements"] = (Statement("evidence_bounds_unknown"),)
        return frame
    frame.loc["complete"] = _mean(*sides[1][:2]) - _mean(*sides[0][:2])
    frame.loc["lee"] = _lee(sides)
    if least is not None and most is not None:
        frame.loc["worst_case"] = _worst(sides, least, most)
    frame.attrs["statements"] = (Statement("evidence_bounds_are_no_interval"),)
    return frame


def _check_range(values: Floats, least: float | None, most: float | None) -> None:
    if least is not None and most is not None and not least < most:
        raise MeasureError("least = {least} must be below most = {most}.", least=least, most=most)
    low, high = -np.inf if least is None else least, np.inf if most is None else most
    wrong = (values < low) | (values > high)
    if wrong.any():
        raise MeasureError(
            "Result {value} in row {row} is outside {least} to {most}.",
            value=float(values[wrong][0]), row=int(np.flatnonzero(wrong)[0]) + 1, least=low, most=high,
        )  # fmt: skip


def _mean(values: Floats, pupils: Floats) -> float:
    return float(values @ pupils / pupils.sum())


def _lee(sides: dict[int, tuple[Floats, Floats, float]]) -> list[float]:
    more = 1 if sides[1][2] >= sides[0][2] else 0
    values, pupils, share = sides[more]
    part = 1 - sides[1 - more][2] / share
    other = _mean(*sides[1 - more][:2])
    trimmed = [_trimmed_mean(values, pupils, part), -_trimmed_mean(-values, pupils, part)]
    return sorted(value - other if more == 1 else other - value for value in trimmed)


def _trimmed_mean(values: Floats, pupils: Floats, part: float) -> float:
    """Return the mean without a part of the pupils, the highest; a pupil at the edge counts in part."""
    order = np.argsort(values, kind="stable")
    sorted_values, counted = values[order], pupils[order]
    kept = pupils.sum() * (1 - part)
    share = np.clip(kept - (np.cumsum(counted) - counted), 0, counted)
    return float(sorted_values @ share / max(share.sum(), _ROUNDING))


def _worst(sides: dict[int, tuple[Floats, Floats, float]], least: float, most: float) -> list[float]:
    means = {flag: (_mean(values, pupils), share) for flag, (values, pupils, share) in sides.items()}
    (one, present1), (other, present0) = means[1], means[0]
    return [
        one * present1 + least * (1 - present1) - (other * present0 + most * (1 - present0)),
        one * present1 + most * (1 - present1) - (other * present0 + least * (1 - present0)),
    ]
