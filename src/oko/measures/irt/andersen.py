"""Andersen's test of whether tasks keep their difficulties in different groups of pupils."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import chi2

from oko.errors import MeasureError
from oko.measures.irt.conditional import FEWEST_PUPILS, ConditionalRasch, conditional_rasch
from oko.measures.responses import Floats, Responses, read_responses
from oko.measures.statement import Statement
from oko.measures.weights import Weights, as_codes

Booleans = NDArray[np.bool_]


@dataclass(frozen=True)
class Andersen:
    """Likelihood ratio of difficulties apart in each group against common ones.

    Attributes
    ----------
    chi2, df, p : float
        NaN where fewer than two groups can be compared.
    groups : dict of label to ConditionalRasch
        Each group by itself, on the items that every group can place.
    whole : ConditionalRasch
        All these pupils together, on the same items.
    statements : tuple of Statement
    """

    chi2: float
    df: float
    p: float
    groups: dict[object, ConditionalRasch]
    whole: ConditionalRasch
    statements: tuple[Statement, ...]


def andersen(scores: pd.DataFrame, split: pd.Series | None = None, weights: Weights = None) -> Andersen:
    r"""Test whether groups of pupils have the same item difficulties, as the Rasch model says they must.

    Parameters
    ----------
    scores : DataFrame, pupils × items
        Points; NaN where the item was not administered.
    split : Series, optional
        Group of each pupil, on the index of ``scores``; pupils without one are left out. By default pupils at or below
        the median share of points against those above.
    weights : str, Series, array or None
        How many pupils a row stands for.

    Returns
    -------
    Andersen

    Raises
    ------
    MeasureError
        The split is not a Series, its index differs, or points or weights are wrong.

    Notes
    -----
    :math:`2(\sum_g \ell_g - \ell)` on (groups − 1) · (steps − 1) degrees of freedom, where :math:`\ell` are conditional
    log likelihoods (Andersen 1973, Psychometrika 38, 123–140). An item that some group cannot place, since all its
    pupils have the same points there or fewer score categories are reached, is left out of all.

    Examples
    --------
    >>> rng = np.random.default_rng(3)
    >>> easy = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    >>> right = pd.DataFrame((rng.random((500, 5)) < 1 / (1 + np.exp(easy - rng.normal(size=(500, 1))))) * 1.0)
    >>> test = andersen(right)
    >>> round(test.chi2, 2), test.df, list(test.groups)
    (3.1, 4.0, ['low', 'high'])
    """
    responses = read_responses(scores, weights)
    masks = _masks(responses, split)
    table = pd.DataFrame(responses.points, index=responses.pupils, columns=responses.items)
    every = np.logical_or.reduce([np.zeros(len(table), dtype=bool), *masks.values()])
    if len(masks) < 2:
        whole = _of(table, responses.weights, every if every.any() else responses.weights > 0)
        return Andersen(np.nan, np.nan, np.nan, {}, whole, (Statement("irt_andersen_groups", {"n": len(masks)}),))
    dropped: list[str] = []
    while True:
        groups = {name: _of(table, responses.weights, mask) for name, mask in masks.items()}
        whole = _of(table, responses.weights, every)
        placed = _placed([whole, *groups.values()])
        if placed.all():
            return _result(groups, whole, [*_of_dropped(dropped), *_of_small(groups, split is None)])
        dropped += [str(item) for item in table.columns[~placed]]
        if placed.sum() < 2:
            said = Statement("irt_andersen_untested", {})
            return Andersen(np.nan, np.nan, np.nan, groups, whole, (said,))
        table = table.loc[:, placed]


def _of(table: pd.DataFrame, weights: Floats, mask: Booleans) -> ConditionalRasch:
    return conditional_rasch(table[mask], weights[mask])


def _placed(found: list[ConditionalRasch]) -> Booleans:
    """Tell which items all of these place, with the same score categories."""
    points = [part.items["points"].to_numpy() for part in found]
    known = np.all([part.items["difficulty"].notna().to_numpy() for part in found], axis=0)
    placed: Booleans = known & np.all([own == points[0] for own in points], axis=0)
    return placed


def _result(groups: dict[object, ConditionalRasch], whole: ConditionalRasch, said: list[Statement]) -> Andersen:
    ratio = max(2 * (sum(part.loglik for part in groups.values()) - whole.loglik), 0.0)  # below 0 by rounding alone
    df = float((len(groups) - 1) * whole.n_parameters)
    return Andersen(ratio, df, float(chi2.sf(ratio, df)), groups, whole, tuple(said))


def _of_dropped(items: list[str]) -> Iterator[Statement]:
    if items:
        yield Statement("irt_andersen_items", {"items": ", ".join(items), "n": len(items)})


def _of_small(groups: dict[object, ConditionalRasch], halves: bool) -> Iterator[Statement]:
    for name, part in groups.items():
        if part.n < FEWEST_PUPILS and halves:
            yield Statement("irt_andersen_small_half", {"half": str(name), "n": part.n, "needed": FEWEST_PUPILS})
        elif part.n < FEWEST_PUPILS:
            yield Statement("irt_andersen_small", {"group": str(name), "n": part.n, "needed": FEWEST_PUPILS})


def _masks(responses: Responses, split: pd.Series | None) -> dict[object, Booleans]:
    """Return the pupils of each group."""
    counted = responses.weights > 0
    if split is None:
        high = _above_median(responses)
        masks: dict[object, Booleans] = {"low": counted & (high == 0), "high": counted & (high == 1)}
    elif not isinstance(split, pd.Series):
        raise MeasureError("The split is not a Series: give the group of each pupil on the index of the scores.")
    elif split.index.equals(responses.pupils):
        codes, labels = as_codes(split)
        masks = {label: counted & (codes == code) for code, label in enumerate(labels)}
    else:
        raise MeasureError("The index of the split differs from that of the scores: give one group for each pupil.")
    return {name: mask for name, mask in masks.items() if mask.any()}


def _above_median(responses: Responses) -> Floats:
    """Return 1 for pupils whose share of points is above the median, 0 for others, NaN without any points."""
    counted = responses.points[responses.weights > 0]
    most = np.nanmax(np.where(np.isnan(counted), -1.0, counted), axis=0)
    given = ~np.isnan(responses.points)
    possible = given @ np.maximum(most, 0.0)
    share = np.where(possible > 0, np.nansum(responses.points, axis=1) / np.where(possible > 0, possible, 1.0), np.nan)
    known = ~np.isnan(share) & (responses.weights > 0)
    if not known.any():
        return share
    order = np.argsort(share[known], kind="stable")
    values, passed = share[known][order], np.cumsum(responses.weights[known][order])
    places = (np.searchsorted(passed, passed[-1] / 2, side) for side in ("left", "right"))
    median = np.mean([values[min(place, len(values) - 1)] for place in places])
    return np.where(np.isnan(share), np.nan, (share > median + 1e-12).astype(np.float64))
