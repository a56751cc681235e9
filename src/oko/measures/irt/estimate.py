"""Marginal maximum likelihood of the five models: which parameters are free, where to start, how sure they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.linalg import LinAlgError, inv
from scipy.special import logit

from oko.measures.irt.curves import Layout, layout_of
from oko.measures.irt.likelihood import Data, prepare
from oko.measures.irt.newton import Chart, Maximum, maximise
from oko.measures.irt.patterns import Patterns
from oko.measures.responses import Floats
from oko.measures.weights import Codes

Model = Literal["rasch", "1pl", "2pl", "pcm", "gpcm"]


@dataclass(frozen=True)
class Estimate:
    """Parameters on the scale of ability, and their covariance.

    Attributes
    ----------
    layout : Layout
    discrimination : ndarray of shape (items,)
    steps : ndarray of shape (steps in all,)
    covariance : ndarray of shape (parameters, parameters)
        Of discriminations, then steps; NaN where the curvature is not that of a maximum.
    variance, variance_se : float
        Of ability; the error is 0 where the variance was given.
    maximum : Maximum
    chart : Chart
    """

    layout: Layout
    discrimination: Floats
    steps: Floats
    covariance: Floats
    variance: float
    variance_se: float
    maximum: Maximum
    chart: Chart


def estimate(patterns: Patterns, steps: Codes, model: Model, variance: float | None) -> Estimate:
    """Return the maximum of a model's marginal likelihood.

    Parameters
    ----------
    patterns : Patterns
    steps : ndarray of shape (items,)
        Number of steps of each item, 1 or more.
    model : {"rasch", "1pl", "2pl", "pcm", "gpcm"}
    variance : float or None
        Of ability. None: free in "rasch" and "pcm", 1 in the others.
    """
    layout = layout_of(steps)
    data = prepare(patterns, layout)
    chart = _chart(layout, model, variance)
    maximum = maximise(data, chart, _start(data, chart))
    maximum = _upright(maximum, chart, layout)
    return _on_the_scale_of_ability(layout, chart, maximum, model, variance)


def _chart(layout: Layout, model: Model, variance: float | None) -> Chart:
    n, steps = layout.n_items, len(layout.item)
    every = np.eye(n + steps)
    fixed = np.zeros(n + steps)
    if model in ("2pl", "gpcm"):
        return Chart(fixed, every)
    if model != "1pl" and variance is not None:
        fixed[:n] = np.sqrt(variance)
        return Chart(fixed, every[n:])
    return Chart(fixed, np.vstack([every[:n].sum(axis=0), every[n:]]))


def _start(data: Data, chart: Chart) -> Floats:
    """Return slopes of 1, and intercepts that give each category about its share."""
    layout = data.layout
    here, below = data.counts()
    intercepts = 1.2 * logit((here + 0.5) / (here + below + 1.0))
    free = np.concatenate([np.ones(layout.n_items), intercepts])
    rows = len(chart.directions)
    if rows == len(free):
        return free
    return free[layout.n_items :] if rows == len(intercepts) else np.concatenate([[1.0], intercepts])


def _upright(maximum: Maximum, chart: Chart, layout: Layout) -> Maximum:
    """Turn the scale so that the slopes point upwards as a whole: the likelihood is the same both ways."""
    n_slopes = len(maximum.free) - len(layout.item)
    if n_slopes == 0 or maximum.free[:n_slopes].sum() >= 0:
        return maximum
    turn = np.concatenate([-np.ones(n_slopes), np.ones(len(layout.item))])
    signs = turn @ np.abs(chart.directions)
    observed = maximum.curvature.observed * np.multiply.outer(signs, signs)
    return replace(maximum, free=maximum.free * turn, curvature=replace(maximum.curvature, observed=observed))


def _on_the_scale_of_ability(
    layout: Layout, chart: Chart, maximum: Maximum, model: Model, variance: float | None
) -> Estimate:
    parameters = chart.parameters(maximum.free)
    slopes, intercepts = parameters[: layout.n_items], parameters[layout.n_items :]
    covariance = chart.directions.T @ _inverse(chart, maximum) @ chart.directions
    n = layout.n_items
    if model in ("rasch", "pcm"):
        free_variance = float(slopes[0] ** 2) if variance is None else variance
        error = 2 * abs(float(slopes[0])) * float(np.sqrt(covariance[0, 0])) if variance is None else 0.0
        discrimination, steps = np.ones(n), -intercepts
        change = np.zeros((len(parameters), len(parameters)))
        change[n:, n:] = -np.eye(len(intercepts))
    else:
        free_variance, error = (1.0 if variance is None else variance), 0.0
        spread = np.sqrt(free_variance)
        slope = np.where(slopes == 0, np.nan, slopes)[layout.item]
        discrimination, steps = slopes / spread, -spread * intercepts / slope
        change = np.eye(len(parameters)) / spread
        change[n:, n:] = np.diag(-spread / slope)
        change[n + np.arange(len(intercepts)), layout.item] = spread * intercepts / slope**2
    covariance = change @ covariance @ change.T
    return Estimate(layout, discrimination, steps, covariance, free_variance, error, maximum, chart)


def _inverse(chart: Chart, maximum: Maximum) -> Floats:
    curvature = chart.directions @ maximum.curvature.observed @ chart.directions.T
    try:
        inverse: Floats = inv(curvature)
    except LinAlgError:
        return np.full(curvature.shape, np.nan)
    return inverse if (np.diag(inverse) > 0).all() else np.full(curvature.shape, np.nan)
