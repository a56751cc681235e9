"""How well each item keeps to the model."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import chi2

from oko.measures.irt.calibration import Calibration
from oko.measures.irt.mean_squares import mean_squares
from oko.measures.irt.patterns import Patterns
from oko.measures.irt.posterior import grid_for, sums_of
from oko.measures.irt.score_fit import score_fit
from oko.measures.multiplicity import adjusted
from oko.measures.responses import Floats
from oko.measures.statement import Statement

COLUMNS = ("s_x2", "df", "p", "p_adjusted", "infit", "outfit", "infit_wle", "outfit_wle")


def item_fit(
    calibration: Calibration, patterns: Patterns, n_parameters: Floats
) -> tuple[pd.DataFrame, tuple[Statement, ...]]:
    r"""Return S-X², infit and outfit of each item, and what must be said of them.

    Parameters
    ----------
    calibration : Calibration
    patterns : Patterns
        Of the calibration's items.
    n_parameters : ndarray of shape (items,)
        Parameters that were estimated for each item; 0 for items whose parameters come from another sample.

    Returns
    -------
    DataFrame, index ``item``
        ``s_x2``, ``df``, ``p``; ``p_adjusted`` for the number of items (Benjamini & Hochberg 1995); ``infit`` and
        ``outfit``, integrated over the posterior of each pupil's ability; ``infit_wle`` and ``outfit_wle``, at each
        pupil's weighted likelihood estimate, as programs of the Rasch school print them (`mean_squares`).
    tuple of Statement

    Notes
    -----
    S-X² compares, among pupils with the same total, how many reach each category of the item with how many should:
    :math:`\sum (O - E)^2 / E`, where :math:`E/N` is the probability of the category given the total (Orlando &
    Thissen 2000, Applied Psychological Measurement 24, 50–64; Kang & Chen 2008, Journal of Educational Measurement
    45, 391–406). Totals count categories. No points and all points are left out. For a right/wrong item totals with
    one pupil are added to the next one up and totals with an expected cell below 1 to the neighbour with fewer pupils,
    as R's mirt does; with more categories, totals where some category is impossible are added to the next whole one,
    and cells below 1 to the rarer neighbouring category. Degrees of freedom: cells less totals less parameters.
    Pupils with missing items are compared in their set of items (`score_fit.score_fit`).

    Examples
    --------
    >>> from oko.measures.irt.calibration import read_calibration
    >>> from oko.measures.irt.patterns import collapse, levels_of
    >>> from oko.measures.responses import read_responses
    >>> rng = np.random.default_rng(1)
    >>> easy = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    >>> right = pd.DataFrame((rng.random((900, 5)) < 1 / (1 + np.exp(easy - rng.normal(size=(900, 1))))) * 1.0)
    >>> known = read_calibration(pd.DataFrame({"discrimination": 1.0, "difficulty": easy}))
    >>> read = read_responses(right)
    >>> fit, said = item_fit(known, collapse(read, levels_of(read)), np.zeros(5))
    >>> fit[["s_x2", "df", "p", "outfit"]].round(2).iloc[0].tolist(), said
    ([3.39, 4.0, 0.5, 1.0], ())
    """
    if len(calibration.items) == 0 or len(patterns.weights) == 0:
        return pd.DataFrame(np.nan, index=calibration.items, columns=list(COLUMNS)), ()
    administered = patterns.administered.astype(np.float64)
    sums = sums_of(calibration, patterns)
    grid = grid_for(calibration, sums, administered)
    if not grid.fine:
        unknown = pd.DataFrame(np.nan, index=calibration.items, columns=list(COLUMNS))
        return unknown, tuple(Statement("irt_fit_untested", {"item": str(item)}) for item in calibration.items)
    scores = score_fit(calibration, patterns, grid)
    squares = mean_squares(calibration, patterns, sums, grid)
    df = np.maximum(scores.cells - n_parameters, 0.0)
    tested = (df > 0) & ~np.isnan(scores.s_x2)
    p = np.where(tested, chi2.sf(np.where(tested, scores.s_x2, 0.0), np.where(tested, df, 1.0)), np.nan)
    table = pd.DataFrame(
        {
            "s_x2": scores.s_x2, "df": df, "p": p, "p_adjusted": adjusted(p, "bh"), "infit": squares.infit,
            "outfit": squares.outfit, "infit_wle": squares.infit_wle, "outfit_wle": squares.outfit_wle,
        },
        index=calibration.items,
    )  # fmt: skip
    said = [Statement("irt_fit_untested", {"item": str(item)}) for item in calibration.items[~tested]]
    n = float(patterns.weights.sum())
    if scores.n < n:
        said.insert(0, Statement("irt_fit_sets", {"n": n, "used": scores.n, "sets": scores.sets}))
    return table, tuple(said)
