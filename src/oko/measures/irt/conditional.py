"""Rasch and partial credit models by conditional maximum likelihood: item parameters without any population."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components

from oko.measures.irt.conditional_likelihood import Conditional, TotalsOfSet, conditional, totals_of
from oko.measures.irt.curves import Layout, layout_of
from oko.measures.irt.patterns import Patterns, collapse, levels_of
from oko.measures.responses import Floats, Responses, read_responses
from oko.measures.statement import Statement
from oko.measures.weights import Codes, Weights

Booleans = NDArray[np.bool_]

FEWEST_PUPILS = 150
_ITERATIONS = 100
_ENOUGH, _STILL, _LONGEST, _FARTHEST = 1e-12, 1e-4, 3.0, 60.0


@dataclass(frozen=True)
class ConditionalRasch:
    """Item parameters by conditional maximum likelihood.

    Attributes
    ----------
    items : DataFrame, index ``item``
        ``discrimination`` (1); ``difficulty``, the mean of the steps, with mean 0 over items; ``step_1``, ``step_2`` …;
        ``points`` of the categories. NaN for an item that cannot be placed. The form that `abilities.abilities` takes.
    se : DataFrame, index ``item``
        Standard errors of ``difficulty`` and the steps.
    covariance : DataFrame
        Of the steps, rows and columns (item, step).
    loglik : float
        Conditional log likelihood.
    n_parameters : int
        Steps less one.
    n : float
        Pupils who count: not with no points, nor with all points of their tasks.
    n_extreme : float
        Pupils with no points or all points of their tasks: they tell nothing of differences between tasks.
    converged : bool
        One more step of the search would add less than 1e-12 to the log likelihood, and move no parameter by 1e-4.
    gradient_norm : float
        Largest derivative of the log likelihood by a step, at the end.
    statements : tuple of Statement
    """

    items: pd.DataFrame
    se: pd.DataFrame
    covariance: pd.DataFrame
    loglik: float
    n_parameters: int
    n: float
    n_extreme: float
    converged: bool
    gradient_norm: float
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class _Counted:
    """Pupils and categories that tell something of differences between items."""

    responses: Responses
    places: Codes
    levels: tuple[Floats, ...]
    n_extreme: float


@dataclass(frozen=True)
class _Found:
    steps: Floats
    covariance: Floats
    point: Conditional
    converged: bool
    apart: Codes


def conditional_rasch(scores: pd.DataFrame, weights: Weights = None) -> ConditionalRasch:
    r"""Estimate the Rasch model, or the partial credit model for items with more categories, given pupils' totals.

    Parameters
    ----------
    scores : DataFrame, pupils × items
        Points; NaN where the item was not administered: pupils are compared within their set of items.
    weights : str, Series, array or None
        How many pupils a row stands for.

    Returns
    -------
    ConditionalRasch

    Raises
    ------
    MeasureError
        Points or weights are wrong (`responses.read_responses`).

    Notes
    -----
    Given a pupil's total the probability of the answers does not hold the ability, so that nothing need be supposed
    of how abilities are spread (Rasch 1960; Andersen 1973; Fischer 1981, Psychometrika 46, 59–77). The log likelihood
    is concave; Newton's method on its exact derivatives (`conditional_likelihood.conditional`). Standard errors come
    from the information, for steps less the mean difficulty of the items. Time grows with the sets of items times the
    square of the items.

    Examples
    --------
    >>> right = pd.DataFrame([[1, 0, 0], [1, 1, 0], [0, 1, 0], [1, 0, 1], [0, 0, 1]], columns=["1", "2", "3"])
    >>> found = conditional_rasch(right)
    >>> found.items["difficulty"].round(3).tolist(), found.n, found.converged
    ([-0.4, 0.2, 0.2], 5.0, True)
    """
    responses = read_responses(scores, weights)
    counted = _counted(responses)
    said = list(_remarks(responses, counted))
    if len(counted.places) < 2:
        few = Statement("irt_few_items", {"n": len(counted.places), "needed": 2})
        return _result(responses, counted, None, (*said, few))
    layout = layout_of(np.array([len(levels) - 1 for levels in counted.levels]))
    patterns = collapse(counted.responses, counted.levels)
    alone = _unlinked(patterns)
    if len(alone):
        names = ", ".join(str(counted.responses.items[place]) for place in alone)
        unlinked = Statement("irt_conditional_unlinked", {"items": names})
        return _result(responses, counted, None, (*said, unlinked))
    found = _search(totals_of(patterns, layout.steps), _reached(patterns, layout), layout)
    if len(found.apart):
        names = ", ".join(str(counted.responses.items[place]) for place in found.apart)
        said.append(Statement("irt_conditional_separated", {"items": names}))
    elif not found.converged:
        said.append(Statement("not_converged", {"gradient_norm": float(np.abs(found.point.gradient).max())}))
    return _result(responses, counted, found, tuple(said))


def _counted(responses: Responses) -> _Counted:
    """Leave out extreme pupils and what nobody else reached, until nothing more falls away."""
    answered = ~np.isnan(responses.points).all(axis=1)
    pupils, places = (responses.weights > 0) & answered, np.arange(len(responses.items))
    while True:
        weights = np.where(pupils, responses.weights, 0.0)
        part = Responses(responses.points[:, places], responses.items[places], responses.pupils, weights)
        levels = levels_of(part)
        varied = np.array([len(reached) > 1 for reached in levels], dtype=bool)
        still = pupils & ~_extreme(part, levels) if varied.all() else pupils
        if varied.all() and (still == pupils).all():
            return _Counted(part, places, levels, float(responses.weights[answered & ~pupils].sum()))
        pupils, places = still, places[varied]


def _extreme(responses: Responses, levels: tuple[Floats, ...]) -> Booleans:
    """Tell which pupils have the least or the most points on all of their tasks."""
    lowest = np.array([reached[0] for reached in levels])
    highest = np.array([reached[-1] for reached in levels])
    missing = np.isnan(responses.points)
    least: Booleans = np.all(missing | (responses.points <= lowest), axis=1)
    most: Booleans = np.all(missing | (responses.points >= highest), axis=1)
    return least | most


def _remarks(responses: Responses, counted: _Counted) -> list[Statement]:
    said = []
    for place, reached in enumerate(levels_of(responses)):
        item = str(responses.items[place])
        if len(reached) == 0:
            said.append(Statement("irt_not_taken", {"item": item}))
        elif len(reached) == 1:
            said.append(Statement("irt_same_points", {"item": item, "points": float(reached[0])}))
        elif place not in counted.places:
            said.append(Statement("irt_conditional_same_points", {"item": item}))
        else:
            kept = counted.levels[int(np.flatnonzero(counted.places == place)[0])]
            for points in np.setdiff1d(reached, kept):
                said.append(Statement("irt_conditional_points", {"item": item, "points": float(points)}))
    if counted.n_extreme:
        said.append(Statement("irt_conditional_extreme", {"n": counted.n_extreme}))
    n = float(counted.responses.weights.sum())
    if 0 < n < FEWEST_PUPILS:
        said.append(Statement("irt_few_pupils", {"n": n, "needed": FEWEST_PUPILS}))
    return said


def _unlinked(patterns: Patterns) -> Codes:
    """Return the items that no chain of sets with common items leads to from the most of them."""
    several = patterns.administered[patterns.administered.sum(axis=1) > 1].astype(np.int64)
    _, part = connected_components(several.T @ several, directed=False)
    return np.flatnonzero(part != np.bincount(part).argmax())


def _reached(patterns: Patterns, layout: Layout) -> Floats:
    reached: Floats = patterns.weights @ (patterns.categories[:, layout.item] > layout.step)
    return reached


def _search(sets: list[TotalsOfSet], reached: Floats, layout: Layout) -> _Found:
    """Go up by Newton's method; the mean difficulty of the items stays 0."""
    centre = 1.0 / (layout.n_items * layout.steps[layout.item])
    steps = np.zeros(len(layout.item))
    point = conditional(sets, reached, layout, steps)
    promised = np.inf
    move, inverse = np.zeros(len(steps)), np.full((len(steps), len(steps)), np.nan)
    for _ in range(_ITERATIONS):
        weight = float(np.abs(np.diag(point.information)).mean()) or 1.0
        try:
            inverse = np.linalg.inv(point.information + weight * np.multiply.outer(centre, centre) / (centre @ centre))
        except np.linalg.LinAlgError:
            break
        move = inverse @ point.gradient
        promised = float(point.gradient @ move) / 2
        if promised < _ENOUGH:
            break
        further = _advance(sets, reached, layout, steps, move, point)
        if further is None or np.abs(steps).max() > _FARTHEST:
            break
        steps, point = further
    shift = (centre @ centre) / weight
    still = bool(np.abs(move).max(initial=0.0) < _STILL)
    covariance = inverse - shift
    apart = np.empty(0, dtype=np.int64) if still else _apart(move, layout)
    sure = still and promised < _ENOUGH and bool((np.diag(covariance) > 0).all())
    return _Found(steps, covariance, point, sure, apart)


def _advance(
    sets: list[TotalsOfSet], reached: Floats, layout: Layout, steps: Floats, move: Floats, point: Conditional
) -> tuple[Floats, Conditional] | None:
    move = move * min(1.0, _LONGEST / float(np.abs(move).max()))
    for halvings in range(30):
        there = steps + move / 2**halvings
        found = conditional(sets, reached, layout, there)
        if np.isfinite(found.loglik) and found.loglik >= point.loglik - 1e-13 * abs(point.loglik):
            return there, found
    return None


def _apart(move: Floats, layout: Layout) -> Codes:
    """Return the smaller of the two sets of items that drift apart."""
    middle = (move.max() + move.min()) / 2
    up, down = (np.unique(layout.item[side]) for side in (move > middle, move <= middle))
    return up if len(up) <= len(down) else down


def _result(
    responses: Responses, counted: _Counted, found: _Found | None, said: tuple[Statement, ...]
) -> ConditionalRasch:
    width = max([len(levels) - 1 for levels in counted.levels], default=1)
    columns = ["discrimination", "difficulty", *(f"step_{k}" for k in range(1, width + 1))]
    items = pd.DataFrame(np.nan, index=responses.items, columns=columns)
    se, covariance = items.drop(columns="discrimination"), pd.DataFrame(dtype=np.float64)
    points = pd.Series("", index=responses.items, dtype=object)
    if found is not None and not len(found.apart):
        fitted = counted.responses.items
        layout = layout_of(np.array([len(levels) - 1 for levels in counted.levels]))
        member = (layout.item == np.arange(layout.n_items)[:, None]) / layout.steps[:, None]
        own = np.sqrt(np.maximum(np.diag(found.covariance), 0.0))
        own_mean = np.sqrt(np.maximum(np.einsum("js,st,jt->j", member, found.covariance, member), 0.0))
        values = np.column_stack([np.ones(len(fitted)), member @ found.steps, layout.padded(found.steps)])
        items.loc[fitted] = values
        se.loc[fitted] = np.column_stack([own_mean, layout.padded(own)])
        said_points = [" ".join(f"{value:g}" for value in levels) for levels in counted.levels]
        points = pd.Series(said_points, index=fitted, dtype=object).reindex(responses.items, fill_value="")
        both = pd.MultiIndex.from_arrays([fitted[layout.item], layout.step + 1], names=["item", "step"])
        covariance = pd.DataFrame(found.covariance, index=both, columns=both)
    return ConditionalRasch(
        items=items.assign(points=points), se=se, covariance=covariance,
        loglik=found.point.loglik if found else np.nan,
        n_parameters=len(found.steps) - 1 if found else 0,
        n=float(counted.responses.weights.sum()) if len(counted.places) else 0.0, n_extreme=counted.n_extreme,
        converged=bool(found and found.converged),
        gradient_norm=float(np.abs(found.point.gradient).max()) if found else np.nan, statements=said,
    )  # fmt: skip
