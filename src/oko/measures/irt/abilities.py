"""Abilities of pupils from their answers, with item parameters known: posterior means and weighted likelihood."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.irt.calibration import Calibration, read_calibration
from oko.measures.irt.patterns import Patterns, collapse
from oko.measures.irt.posterior import Sums, grid_for, posteriors, sums_of
from oko.measures.irt.weighted import weighted_likelihood
from oko.measures.responses import Floats, Responses, read_responses
from oko.measures.statement import Statement
from oko.measures.weights import Weights

Method = Literal["eap", "wle"]


def pattern_abilities(calibration: Calibration, patterns: Patterns, method: str = "eap") -> tuple[Floats, Floats]:
    """Return the ability of each pattern and its standard error.

    Parameters
    ----------
    calibration : Calibration
    patterns : Patterns
        Of the items of the calibration.
    method : {"eap", "wle"}
        Mean and standard deviation of the posterior in a normal population with mean 0 and the calibration's variance;
        or Warm's weighted likelihood, which leans on no population (`weighted.weighted_likelihood`).

    Returns
    -------
    tuple of ndarray of shape (patterns,)
        NaN for "wle" where no task tells abilities apart; for "eap" where some task is so steep in this population
        (slope · √variance · steps of some hundreds) that the nodes that posteriors need are too many.

    Raises
    ------
    MeasureError
        The method is unknown.

    Examples
    --------
    >>> from oko.measures.irt.patterns import levels_of
    >>> known = read_calibration(pd.DataFrame({"discrimination": [1.0, 1.0], "difficulty": [-1.0, 1.0]}))
    >>> read = read_responses(pd.DataFrame([[0, 0], [1, 0], [1, 1]]))
    >>> for method in ("eap", "wle"):
    ...     ability, se = pattern_abilities(known, collapse(read, levels_of(read)), method)
    ...     print(ability.round(2) + 0.0, se.round(2))
    [-0.74  0.    0.74] [0.86 0.86 0.86]
    [-2.11  0.    2.11] [2.1  1.59 2.1 ]
    """
    check_method(method)
    sums = sums_of(calibration, patterns)
    found = _posterior_means if method == "eap" else weighted_likelihood
    ability, se = found(calibration, sums, patterns.administered.astype(np.float64))
    return ability[sums.of_pattern], se[sums.of_pattern]


def check_method(method: str) -> None:
    """Raise where there is no such way to estimate abilities."""
    if method not in get_args(Method):
        raise MeasureError(
            "There is no ability {method}: choose one of {methods}.",
            method=repr(method),
            methods=", ".join(get_args(Method)),
        )


def _posterior_means(calibration: Calibration, sums: Sums, administered: Floats) -> tuple[Floats, Floats]:
    grid = grid_for(calibration, sums, administered)
    mean, variance = np.full(len(sums.value), np.nan), np.full(len(sums.value), np.nan)
    if not grid.fine:
        return mean, variance
    for rows, posterior in posteriors(grid, sums, administered):
        mean[rows] = posterior @ grid.theta
        variance[rows] = np.maximum(posterior @ grid.theta**2 - mean[rows] ** 2, 0.0)
    return mean, np.sqrt(variance)


def empirical_reliability(calibration: Calibration, patterns: Patterns) -> float:
    r"""Return the share of the variance of posterior means in that variance and the mean squared error.

    Notes
    -----
    :math:`\operatorname{var}(\hat\theta) / (\operatorname{var}(\hat\theta) + \overline{s^2})`, each pattern with its
    weight, the variance on n − 1. NaN with fewer than two pupils.
    """
    ability, se = pattern_abilities(calibration, patterns, "eap")
    n = float(patterns.weights.sum())
    if n <= 1:
        return np.nan
    mean = patterns.weights @ ability / n
    variance = patterns.weights @ (ability - mean) ** 2 / (n - 1)
    return float(variance / (variance + patterns.weights @ se**2 / n))


def abilities(
    scores: pd.DataFrame,
    items: pd.DataFrame,
    variance: float = 1.0,
    method: str = "eap",
    weights: Weights = None,
) -> pd.DataFrame:
    """Return abilities of a class on the scale of items that a larger sample calibrated.

    A class is too small to calibrate its own instrument; with fixed items one pupil is enough.

    Parameters
    ----------
    scores : DataFrame, pupils × items
        Points; NaN where the task was not given. Tasks that are not among the known items do not count.
    items : DataFrame, index item
        ``discrimination`` and ``step_1``, ``step_2`` … or ``difficulty``, and, best, ``points``: the ``bank`` of
        `irt.fit`, or a table of that form.
    variance : float
        Of ability in the calibrated population: the fit's ``variance``.
    method : {"eap", "wle"}
        "eap" draws pupils towards the mean of the calibrated population, the more the fewer tasks; "wle" does not.
    weights : str, Series, array or None
        How many pupils a row stands for; they only count in what is said.

    Returns
    -------
    DataFrame, index of the scores
        ``ability``, ``se``, ``n_items`` (known tasks that the pupil was given). A pupil without any has NaN, and
        so has one whose tasks do not give an ability (`pattern_abilities`), which ``irt_ability_unknown`` says.
        ``.attrs["statements"]`` is a tuple of Statement: unknown items, points that the calibration never saw (they
        count as the next lower category, or the lowest), pupils without a known task; clear it before ``to_parquet``.

    Raises
    ------
    MeasureError
        The method is unknown, an item of the calibration stands twice, or scores, weights or parameters are wrong.

    Examples
    --------
    >>> items = pd.DataFrame({"discrimination": [1.0, 1.0], "difficulty": [-0.5, 0.5]}, index=["1", "2"])
    >>> found = abilities(pd.DataFrame({"1": [1, 0], "2": [1, None]}, index=["a", "b"]), items)
    >>> found.round(2).to_dict("index")
    {'a': {'ability': 0.71, 'se': 0.85, 'n_items': 2}, 'b': {'ability': -0.5, 'se': 0.91, 'n_items': 1}}
    """
    check_method(method)
    calibration = read_calibration(items, variance)
    if not calibration.items.is_unique:
        twice = calibration.items[calibration.items.duplicated()][0]
        raise MeasureError("Item {item} stands twice in the item parameters: give each item once.", item=repr(twice))
    responses = read_responses(scores, weights)
    place = calibration.items.get_indexer(responses.items)
    known = place >= 0
    calibration = calibration.take(place[known].tolist())
    points = responses.points[:, known]
    n_items = (~np.isnan(points)).sum(axis=1)
    found = pd.DataFrame({"ability": np.nan, "se": np.nan, "n_items": n_items}, index=responses.pupils)
    if known.any():
        part = Responses(points, responses.items[known], responses.pupils, np.ones(len(points)))
        patterns = collapse(part, calibration.levels)
        there = patterns.of_pupil >= 0
        for column, values in zip(found, pattern_abilities(calibration, patterns, method), strict=False):
            found.loc[there, column] = values[patterns.of_pupil[there]]
    unknown = float(responses.weights[(n_items > 0) & found["ability"].isna().to_numpy()].sum())
    said = _remarks(responses, known, calibration, n_items)
    found.attrs["statements"] = (*said, Statement("irt_ability_unknown", {"n": unknown})) if unknown else said
    return found


def _remarks(
    responses: Responses,
    known: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    calibration: Calibration,
    n_items: Floats,
) -> tuple[Statement, ...]:
    said = []
    unknown = responses.items[~known]
    if len(unknown):
        said.append(Statement("irt_items_unknown", {"items": ", ".join(map(str, unknown)), "n": len(unknown)}))
    for item, points, levels in zip(calibration.items, responses.points[:, known].T, calibration.levels, strict=True):
        unseen = ~np.isnan(points) & ~np.isin(points, levels)
        n = float(responses.weights[unseen].sum())
        if n:
            values = ", ".join(f"{value:g}" for value in np.unique(points[unseen]))
            said.append(Statement("irt_points_unseen", {"item": str(item), "points": values, "n": n}))
    without = float(responses.weights[n_items == 0].sum())
    if without:
        said.append(Statement("irt_no_known_items", {"n": without}))
    return tuple(said)
