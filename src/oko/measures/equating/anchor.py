"""Pupils of two groups with their scores on a form and on the anchor, the tasks that both forms share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.equating.frequencies import LARGEST_SCORE, Frequencies, count
from oko.measures.equating.lines import Moments, moments
from oko.measures.responses import Floats
from oko.measures.statement import Statement
from oko.measures.weights import Weights, as_numbers, frequency_weights

MUCH_APART = 0.25


@dataclass(frozen=True)
class Group:
    """Pupils of one form who have both scores.

    Attributes
    ----------
    form : {"X", "Y"}
    total, anchor, weights : ndarray of shape (pupils,)
        Whole numbers are not asked for; a row may stand for many pupils, or for none.
    dropped : float
        Pupils without one of the scores.
    """

    form: str
    total: Floats
    anchor: Floats
    weights: Floats
    dropped: float

    @cached_property
    def moments(self) -> Moments:
        return moments(self.total, self.weights, self.anchor)

    def totals(self) -> Frequencies:
        """Return the frequencies of total scores."""
        return count(self.total, self.weights, self.form)

    def anchors(self, scale: Floats) -> Frequencies:
        """Return the frequencies of anchor scores on a scale at least from one end of ``scale`` to the other."""
        weights = np.append(self.weights, np.zeros(len(scale)))
        return count(np.append(self.anchor, scale), weights, self.form)


def read_group(total: object, anchor: object, weights: Weights, form: str) -> Group:
    """Return the pupils of a form once their scores are known to be numbers and to belong together.

    Raises
    ------
    MeasureError
        Lengths or indexes differ, a score is not a number or infinite, weights are wrong, or no pupil has both scores.
    """
    columns = {"total": _series(total, form), "anchor": _series(anchor, form)}
    if len(columns["total"]) != len(columns["anchor"]):
        raise MeasureError(
            "Form {form} has {totals} total scores and {anchors} anchor scores: give both for each pupil.",
            form=form, totals=len(columns["total"]), anchors=len(columns["anchor"]),
        )  # fmt: skip
    if isinstance(total, pd.Series) and isinstance(anchor, pd.Series) and not total.index.equals(anchor.index):
        raise MeasureError("Form {form}: the pupils of the totals and of the anchor are not the same.", form=form)
    index = total.index if isinstance(total, pd.Series) else pd.RangeIndex(len(columns["total"]))
    pupils = frequency_weights(pd.DataFrame(index=index), weights)
    scores = {name: as_numbers(column, f"{name} of form {form}") for name, column in columns.items()}
    there = ~np.isnan(scores["total"]) & ~np.isnan(scores["anchor"])
    both = np.concatenate([values[there] for values in scores.values()])
    if (np.abs(both) > LARGEST_SCORE).any():
        raise MeasureError(
            "Form {form} has a score of {score}: correct it or leave it empty.",
            form=form, score=float(both[np.abs(both) > LARGEST_SCORE][0]),
        )  # fmt: skip
    if not pupils[there].any():
        raise MeasureError("Form {form} has no pupil with a total and an anchor score.", form=form)
    total_scores, anchor_scores = scores["total"][there], scores["anchor"][there]
    return Group(form, total_scores, anchor_scores, pupils[there], float(pupils[~there].sum()))


def _series(scores: object, form: str) -> pd.Series:
    values = scores.reset_index(drop=True) if isinstance(scores, pd.Series) else np.asarray(scores)
    if values.ndim != 1:
        raise MeasureError("Form {form}: give one column of totals and one of anchor scores.", form=form)
    return pd.Series(values)


def describe_groups(groups: tuple[Group, Group], gammas: tuple[float, float] | None) -> pd.DataFrame:
    """Return size, means, spreads and correlation of both groups."""
    rows = []
    for group in groups:
        mean, anchor_mean, variance, anchor_variance, covariance = group.moments.values
        spread = np.sqrt(variance * anchor_variance)
        correlation = covariance / spread if spread > 0 else np.nan
        rows.append((group.weights.sum(), mean, np.sqrt(variance), anchor_mean, np.sqrt(anchor_variance), correlation))
    columns = ["n", "mean", "sd", "anchor_mean", "anchor_sd", "correlation"]
    frame = pd.DataFrame(rows, index=pd.Index(["x", "y"], name="form"), columns=columns)
    return frame if gammas is None else frame.assign(gamma=gammas)


def remarks(groups: tuple[Group, Group], internal: bool) -> list[Statement]:
    """Say what in the two groups limits what their anchor can carry."""
    said = []
    for group in groups:
        if group.dropped:
            said.append(Statement("equating_dropped_pupils", {"form": group.form, "n": group.dropped}))
        above = float(group.weights[group.anchor > group.total].sum())
        if internal and above:
            said.append(Statement("equating_anchor_above_total", {"form": group.form, "n": above}))
        if group.moments.values[4] < 0:
            said.append(Statement("equating_anchor_negative", {"form": group.form}))
    x, y = (group.anchor[group.weights > 0] for group in groups)
    if x.max() < y.min() or y.max() < x.min():
        said.append(Statement("equating_anchors_apart", {}))
    return said


def groups_differ(groups: tuple[Group, Group]) -> tuple[Statement, ...]:
    """Say by how many standard deviations the groups differ on the anchor, where that is much."""
    x, y = (group.moments.values for group in groups)
    spread = np.sqrt((x[3] + y[3]) / 2)
    difference = (x[1] - y[1]) / spread if spread > 0 else 0.0
    much = abs(difference) > MUCH_APART
    return (Statement("equating_groups_differ", {"difference": difference, "limit": MUCH_APART}),) if much else ()
