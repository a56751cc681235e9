"""Marginal maximum likelihood of the five models: which parameters are free, where to start, how sure they are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy.special import logit

from oko.measures.irt.curves import Layout, layout_of
from oko.measures.irt.likelihood import Data, prepare
from oko.measures.irt.newton import Chart, Maximum, maximise
from oko.measures.irt.patterns import Patterns
from oko.measures.responses import Floats
from oko.measures.weights import Codes

NO_SPREAD = 1e-4
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
        Of discriminations, then steps; NaN where the search did not converge.
    variance, variance_se : float
        Of ability; the error is 0 where the variance was given, NaN where the estimate is 0.
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
    maximum = _upright(maximum, layout)
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
    """Return slopes of 1 with the signs of the first component, and intercepts that give categories their shares."""
    layout = data.layout
    here, below = data.counts()
    intercepts = 1.2 * logit((here + 0.5) / (here + below + 1.0))
    n_slopes = len(chart.directions) - len(intercepts)
    slopes = _signs(data) if n_slopes == layout.n_items > 1 else np.ones(n_slopes)
    return np.concatenate([slopes, intercepts])


def _signs(data: Data) -> Floats:
    """Return 1 for items that go with the first principal component, −1 for those against it."""
    layout = data.layout
    member = layout.item[:, None] == np.arange(layout.n_items)
    given = data.administered[data.group]
    category = data.reached @ member.astype(np.float64)
    category -= given * ((data.weights @ category) / (data.weights @ given))
    covariance = (category * data.weights[:, None]).T @ category
    scale = np.sqrt(np.diag(covariance))
    vector = np.linalg.eigh(covariance / np.multiply.outer(scale, scale))[1][:, -1]
    signs = np.where(vector >= 0, 1.0, -1.0)
    return signs if signs.sum() >= 0 else -signs


def _upright(maximum: Maximum, layout: Layout) -> Maximum:
    """Turn the scale so that the slopes point upwards as a whole: the likelihood is the same both ways."""
    n_slopes = len(maximum.free) - len(layout.item)
    if n_slopes == 0 or maximum.free[:n_slopes].sum() >= 0:
        return maximum
    turn = np.concatenate([-np.ones(n_slopes), np.ones(len(layout.item))])
    covariance = maximum.covariance * np.multiply.outer(turn, turn)
    return replace(maximum, free=maximum.free * turn, covariance=covariance)


def _on_the_scale_of_ability(
    layout: Layout, chart: Chart, maximum: Maximum, model: Model, variance: float | None
) -> Estimate:
    parameters = chart.parameters(maximum.free)
    slopes, intercepts = parameters[: layout.n_items], parameters[layout.n_items :]
    covariance = chart.directions.T @ maximum.covariance @ chart.directions
    n = layout.n_items
    if model in ("rasch", "pcm"):
        free_variance = float(slopes[0] ** 2) if variance is None else variance
        error = 2 * abs(float(slopes[0])) * float(np.sqrt(covariance[0, 0])) if variance is None else 0.0
        error = np.nan if variance is None and free_variance < NO_SPREAD else error
        discrimination, steps = np.ones(n), -intercepts
        change = np.zeros((len(parameters), len(parameters)))
        change[n:, n:] = -np.eye(len(intercepts))
    else:
        free_variance, error = (1.0 if variance is None else variance), 0.0
        spread = np.sqrt(free_variance)
        level = model == "1pl" and slopes[0] ** 2 < NO_SPREAD
        slope = np.where(level | (slopes == 0), np.nan, slopes)[layout.item]
        discrimination, steps = slopes / spread, -spread * intercepts / slope
        change = np.eye(len(parameters)) / spread
        change[n:, n:] = np.diag(-spread / slope)
        change[n + np.arange(len(intercepts)), layout.item] = spread * intercepts / slope**2
    covariance = change @ covariance @ change.T
    return Estimate(layout, discrimination, steps, covariance, free_variance, error, maximum, chart)
