"""Effects in standard deviations: Hedges' g, within and total, and Kraft's bands."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import ndtri, stdtrit

from oko.errors import MeasureError
from oko.measures.impact.clusters import FEWEST_DF
from oko.measures.intervals import Floats, check_level
from oko.measures.statement import Statement

BANDS = (0.05, 0.20)


def effect_size(
    difference: float,
    within_variance: float,
    between_variance: float = 0.0,
    sizes_treated: ArrayLike = np.nan,
    sizes_comparison: ArrayLike = np.nan,
    se: float | None = None,
    df: float | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Return a difference in standard deviations of pupils, within schools and in total.

    Parameters
    ----------
    difference : float
        Treated minus comparison, in the units of the outcome; adjusted or not.
    within_variance : float
        Variance of pupils within schools (and waves), above 0.
    between_variance : float, default 0
        Variance between schools; 0 where pupils are not in schools.
    sizes_treated, sizes_comparison : float or array_like
        Pupils of each school of the group; one number means pupils drawn one by one.
    se : float, optional
        Standard error of the difference, e.g. from `cluster_robust`, with ``df``; the interval is then that of the
        difference in other units. Without it the variance is that of a comparison of two groups.
    df : float, optional
        By default schools − 2; without schools the interval is that of the normal distribution.
    level : float, default 0.95

    Returns
    -------
    DataFrame, index ``within`` and ``total``
        ``estimate``, ``se``, ``lower``, ``upper``. The interval is NaN below 5 degrees of freedom.

    Raises
    ------
    MeasureError
        A variance is negative, a school has no pupils or the level is wrong.

    Notes
    -----
    Within: difference / σ_W, times Hedges' 1 − 3 / (4 (N − m) − 1), m the schools, or 2 without schools. Total:
    difference / σ_T with :math:`σ_T^2 = σ_W^2 + σ_B^2`, the factor with N − 2 (Hedges 2007, JEBS 32, 341–370, from
    memory). His further factor of ρ and the schools' sizes mends a σ_T computed from all pupils at once, which is too
    small in expectation; a sum of components needs none. The R package eefAnalytics multiplies a sum of components by
    it and prints a smaller total (crtData: .67 for .69). Without ``se`` its square is
    :math:`\frac{N}{N^T N^C} \frac{σ_W^2 + ñ σ_B^2}{σ^2} + \frac{g^2}{2N}`,
    :math:`ñ = (N^C \sum n_i^{T2} / N^T + N^T \sum n_i^{C2} / N^C) / N`, σ² the variance in use; for pupils without
    schools the middle term is 1 (Hedges & Olkin 1985).

    Examples
    --------
    >>> found = effect_size(3.1097, 14.7794, 5.6737, se=1.39)
    >>> found["estimate"].round(2).to_dict()
    {'within': 0.81, 'total': 0.69}
    """
    check_level(level)
    for name, variance in (("within_variance", within_variance), ("between_variance", between_variance)):
        if variance < 0:
            raise MeasureError("{name} = {value} is not a variance: give 0 or more.", name=name, value=variance)
    first, second = (np.atleast_1d(np.asarray(sizes, dtype=np.float64)) for sizes in (sizes_treated, sizes_comparison))
    if (np.concatenate([first, second]) <= 0).any():
        raise MeasureError("A school without pupils has no place in an effect size: give numbers above 0.")
    n, groups = float(first.sum() + second.sum()), float(max(2, len(first) + len(second)))
    if df is None:
        df = groups - 2 if groups > 2 else np.inf
    total_variance = within_variance + between_variance
    rows = []
    for variance, left in ((within_variance, n - groups), (total_variance, n - 2)):
        unit = np.sqrt(variance) if variance > 0 else np.nan
        small = 1 - 3 / (4 * left - 1) if left > 1 else 1.0
        g = small * difference / unit
        error = (
            small * se / unit
            if se is not None
            else _error(g, first, second, variance, within_variance, between_variance)
        )
        t = float(ndtri(0.5 + level / 2)) if np.isinf(df) else float(stdtrit(df, 0.5 + level / 2))
        half = t * error if df >= FEWEST_DF else np.nan
        rows.append((g, error, g - half, g + half))
    index = pd.Index(["within", "total"], name="variance")
    return pd.DataFrame(rows, index, ["estimate", "se", "lower", "upper"], dtype=np.float64)


def _error(g: float, first: Floats, second: Floats, variance: float, within: float, between: float) -> float:
    ones, twos = float(first.sum()), float(second.sum())
    n = ones + twos
    if not n > 2 or not variance > 0:
        return np.nan
    typical = (twos * float((first**2).sum()) / ones + ones * float((second**2).sum()) / twos) / n
    of_pupils = (within + typical * between) / variance if len(first) + len(second) > 2 else 1.0
    return float(np.sqrt(n / (ones * twos) * of_pupils + g**2 / (2 * n)))


def kraft_band(effect: float) -> Statement:
    """Say into which of Kraft's bands an effect in standard deviations falls.

    Parameters
    ----------
    effect : float
        Its sign does not count.

    Returns
    -------
    Statement
        ``impact_size_band`` with ``effect``, ``band`` ("small" below 0.05, "medium" up to 0.20, "large" from there)
        and the two bounds; ``impact_size_unknown`` for NaN.

    Notes
    -----
    Kraft (2020), for causal studies of education with standardised achievement outcomes, as quoted in the project's
    list of methods (bounds as printed there).

    Examples
    --------
    >>> kraft_band(-0.12).values["band"]
    'medium'
    """
    if not np.isfinite(effect):
        return Statement("impact_size_unknown")
    size = abs(float(effect))
    band = "small" if size < BANDS[0] else "medium" if size < BANDS[1] else "large"
    return Statement("impact_size_band", {"effect": float(effect), "band": band, "low": BANDS[0], "high": BANDS[1]})
