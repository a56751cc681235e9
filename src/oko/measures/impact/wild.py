"""Wild cluster bootstrap with the null imposed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from oko.errors import MeasureError
from oko.measures.impact.clusters import NO_SPREAD, adjustments, check_kind, decided_alone, inflation
from oko.measures.impact.regression import Fit, Rows, cluster_sums, least_squares, read_rows
from oko.measures.intervals import Floats
from oko.measures.statement import Statement, named
from oko.measures.weights import Weights

MOST_ENUMERATED = 12
WEIGHTS = ("auto", "rademacher", "webb")
WEBB = np.sqrt(np.array([1.5, 1.0, 0.5]))
_TIE = 1e-9
_BLOCK = 2_000_000


@dataclass(frozen=True)
class WildBootstrap:
    """A t of few clusters among those of bootstrap samples in which the coefficient is 0.

    Attributes
    ----------
    t, p : float
        Two-sided, samples with an equal t count in.
    distribution : ndarray
        t of each sample.
    kind : str
    weights_type : str
        "rademacher" or "webb".
    enumerated : bool
        Every sample there can be was counted.
    n_clusters : int
    statements : tuple of Statement
    """

    t: float
    p: float
    distribution: Floats
    kind: str
    weights_type: str
    enumerated: bool
    n_clusters: int
    statements: tuple[Statement, ...]


def wild_bootstrap(
    X: pd.DataFrame,  # noqa: N803
    y: ArrayLike,
    cluster: ArrayLike,
    coefficient: str,
    kind: str = "CR1",
    weights_type: str = "auto",
    weights: Weights = None,
    draws: int = 9_999,
    seed: int = 20_202,
    absorb: ArrayLike | None = None,
) -> WildBootstrap:
    r"""Test that a coefficient is 0 by turning the residuals of whole clusters.

    Parameters
    ----------
    X, y, cluster, kind, weights, absorb
        As in `cluster_robust`.
    coefficient : str
        Column of ``X``.
    weights_type : {"auto", "rademacher", "webb"}
        "auto": all 2^m signs up to 12 clusters, otherwise Webb's six points, drawn.
    draws : int, default 9999
    seed : int

    Returns
    -------
    WildBootstrap
        NaN where the coefficient or its standard error cannot be had. Statements: ``impact_webb_drawn``,
        ``impact_signs_drawn``, ``impact_one_cluster``, ``impact_one_cluster_decides``, ``impact_columns_left_out``,
        ``impact_no_spread``, ``impact_rows_dropped``.

    Raises
    ------
    MeasureError
        As `cluster_robust`; or the coefficient is no column, or an option is wrong.

    Notes
    -----
    The restricted wild cluster bootstrap of Cameron, Gelbach & Miller (2008), WCR₁₁ in the words of MacKinnon, Nielsen
    & Webb (2023): residuals of the model without the coefficient, multiplied by one number a cluster; Webb (2014) for
    the six points :math:`±\sqrt{1/2}, ±1, ±\sqrt{3/2}`. p is the share of samples with at least the observed |t|; where
    they are drawn, (1 + b) / (1 + N). Every t is linear in the numbers of the clusters over a root of their squares, so
    no regression is fitted again.

    Examples
    --------
    >>> X = pd.DataFrame({"Intercept": 1.0, "treated": [0.0] * 12 + [1.0] * 12})
    >>> y = [((7 * i) % 5) / 5 + (i >= 12) / 4 for i in range(24)]
    >>> found = wild_bootstrap(X, y, [i // 3 for i in range(24)], "treated")
    >>> found.enumerated, len(found.distribution), round(found.p, 4)
    (True, 256, 0.0156)
    """
    check_kind(kind)
    if weights_type not in WEIGHTS:
        raise MeasureError(
            "There are no numbers {kind} for clusters: give auto, rademacher or webb.", kind=repr(weights_type)
        )
    if not isinstance(draws, (int, np.integer)) or draws < 99:
        raise MeasureError("{draws} draws are too few to tell a p: give at least 99.", draws=draws)
    if not isinstance(X, pd.DataFrame) or coefficient not in X:
        raise MeasureError("Coefficient {column} is no column of the design.", column=repr(coefficient))
    rows = read_rows(X, y, cluster, weights, absorb)
    m, said = rows.n_clusters, list(rows.statements)
    enumerated = m <= MOST_ENUMERATED and weights_type != "webb"
    form = "rademacher" if weights_type == "rademacher" or enumerated else "webb"
    place = list(rows.names[rows.kept]).index(coefficient) if coefficient in rows.names[rows.kept] else -1
    nothing = WildBootstrap(np.nan, np.nan, np.empty(0), kind, form, enumerated, m, tuple(said))
    if place < 0:
        return nothing
    if m < 2:
        return replace(nothing, statements=(*said, Statement("impact_one_cluster")))
    fit = least_squares(rows)
    if decided_alone(fit)[place]:
        values = {"columns": named([coefficient])}
        return replace(nothing, statements=(*said, Statement("impact_one_cluster_decides", values)))
    linear, scores, own, smallest = _pieces(rows, fit, place, kind)
    if not own[1] > smallest:
        return replace(nothing, statements=(*said, Statement("impact_no_spread", {"columns": named([coefficient])})))
    multipliers = _signs(m) if enumerated else None
    t = own[0] / own[1]
    if multipliers is not None:
        samples = _ratios(multipliers, linear, scores)
    else:
        samples = _drawn(form, draws, seed, linear, scores)
        code = Statement("impact_webb_drawn", {"draws": int(draws), "n_clusters": m})
        said.append(code if form == "webb" else Statement("impact_signs_drawn", {"draws": int(draws), "n_clusters": m}))
    far = int((np.abs(samples) >= abs(t) * (1 - _TIE)).sum())
    p = far / len(samples) if enumerated else (1 + far) / (1 + len(samples))
    scale = 1 / np.sqrt(inflation(rows, kind))
    return WildBootstrap(t * scale, p, samples * scale, kind, form, enumerated, m, tuple(said))


def _pieces(rows: Rows, fit: Fit, place: int, kind: str) -> tuple[Floats, Floats, tuple[float, float], float]:
    """Return how the coefficient and the clusters' scores depend on the clusters' numbers, and both as observed.

    Returns
    -------
    linear : ndarray of shape (clusters,)
        The coefficient of a sample is the product with its numbers.
    scores : ndarray of shape (clusters, clusters)
        The product with the numbers gives what each cluster adds to the root of the variance.
    observed : (float, float)
        Coefficient and its uninflated standard error.
    smallest : float
        A standard error that is rounding only.
    """
    without = replace(rows, design=np.delete(rows.design, place, axis=1))
    restricted = least_squares(without).residuals if without.design.shape[1] else rows.outcome
    direction = fit.back[place]
    turned = adjustments(fit.gram, kind) @ direction
    sums = cluster_sums(fit.basis, restricted, rows.cluster, rows.n_clusters)
    reached = np.einsum("sij,sj->si", fit.gram, turned)
    scores = np.diag(np.einsum("si,si->s", turned, sums)) - reached @ sums.T
    smallest = NO_SPREAD * float(np.abs(direction).max() * np.linalg.norm(rows.outcome))
    return sums @ direction, scores, _observed(rows, fit, turned, place), smallest


def _observed(rows: Rows, fit: Fit, turned: Floats, place: int) -> tuple[float, float]:
    sums = cluster_sums(fit.basis, fit.residuals, rows.cluster, rows.n_clusters)
    own = np.einsum("si,si->s", turned, sums)
    return float(fit.beta[place]), float(np.sqrt((own**2).sum()))


def _signs(m: int) -> Floats:
    return np.asarray(1.0 - 2.0 * ((np.arange(2**m)[:, None] >> np.arange(m)) & 1))


def _drawn(form: str, draws: int, seed: int, linear: Floats, scores: Floats) -> Floats:
    generator = np.random.default_rng(seed)
    points = np.concatenate([-WEBB, WEBB]) if form == "webb" else np.array([-1.0, 1.0])
    m, parts = len(linear), []
    for start in range(0, draws, max(1, _BLOCK // m)):
        n = min(draws - start, max(1, _BLOCK // m))
        parts.append(_ratios(generator.choice(points, (n, m)), linear, scores))
    return np.concatenate(parts)


def _ratios(multipliers: Floats, linear: Floats, scores: Floats) -> Floats:
    top = multipliers @ linear
    bottom = np.sqrt(((multipliers @ scores.T) ** 2).sum(axis=1))
    least = 1e-12 * float(np.abs(scores).max(initial=1e-300))
    flat = np.where(np.abs(top) > least, np.copysign(np.inf, top), 0.0)
    return np.asarray(np.divide(top, bottom, out=flat, where=bottom > least))
