"""Pairs of items that have more in common than ability."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.irt.abilities import pattern_abilities
from oko.measures.irt.calibration import Calibration
from oko.measures.irt.categories import category_probabilities
from oko.measures.irt.patterns import Patterns, blocks
from oko.measures.irt.posterior import central_moments
from oko.measures.responses import Floats
from oko.measures.statement import Statement


@dataclass(frozen=True)
class Dependence:
    """Yen's Q3 of all pairs of items.

    Attributes
    ----------
    pairs : DataFrame
        ``item_1``, ``item_2``, ``q3``; ``above_mean``: q3 less the mean of all pairs; ``above_expected``: q3 less its
        value in a long independent test, −1/(items − 1); ``n`` pupils who were given both; ``flagged``. From the
        greatest q3 down; pairs that cannot be told, NaN, at the end.
    mean : float
        Of q3 over all pairs.
    statements : tuple of Statement
    """

    pairs: pd.DataFrame
    mean: float
    statements: tuple[Statement, ...]


def q3(calibration: Calibration, patterns: Patterns) -> pd.DataFrame:
    r"""Return Yen's Q3: the correlations of what answers leave beside the model's expectation.

    Parameters
    ----------
    calibration : Calibration
    patterns : Patterns
        Of the calibration's items.

    Returns
    -------
    DataFrame, item × item
        1 on the diagonal; NaN for a pair that fewer than two pupils were given, or where nothing varies.

    Notes
    -----
    :math:`Q_3 = \operatorname{cor}(x_j - E_j(\hat\theta), x_k - E_k(\hat\theta))`, over pupils who were given both
    items, at posterior means (Yen 1984, Applied Psychological Measurement 8, 125–145). Under independence it is not
    0 but about −1/(items − 1) (Yen 1993, Journal of Educational Measurement 30, 187–213), and in short tests, whose
    posterior means lie close together, nearer 0.

    Examples
    --------
    >>> from oko.measures.irt.calibration import read_calibration
    >>> from oko.measures.irt.patterns import collapse, levels_of
    >>> from oko.measures.responses import read_responses
    >>> known = read_calibration(pd.DataFrame({"discrimination": [1.0] * 3, "difficulty": [0.0] * 3}))
    >>> read = read_responses(pd.DataFrame([[0, 0, 1], [1, 1, 0], [1, 1, 1], [0, 1, 0]]))
    >>> q3(known, collapse(read, levels_of(read))).round(2).to_numpy().tolist()
    [[1.0, 0.38, -0.31], [0.38, 1.0, -0.85], [-0.31, -0.85, 1.0]]
    """
    correlations, _ = _correlations(calibration, patterns)
    return pd.DataFrame(correlations, index=calibration.items, columns=calibration.items.rename("other"))


def dependent_pairs(calibration: Calibration, patterns: Patterns, threshold: float = 0.2) -> Dependence:
    """Return pairs of items with their Q3, and flag those that stand out from the rest.

    Parameters
    ----------
    calibration : Calibration
    patterns : Patterns
    threshold : float, default 0.2
        A pair is flagged where its Q3 lies above the mean of all pairs by more. There is no one right value: 0.2 is
        about where independent data seldom come with some hundred pupils (Christensen, Makransky & Horton 2017,
        Applied Psychological Measurement 41, 178–194).

    Returns
    -------
    Dependence

    Raises
    ------
    MeasureError
        The threshold is not a number.

    Examples
    --------
    >>> from oko.measures.irt.calibration import read_calibration
    >>> from oko.measures.irt.patterns import collapse, levels_of
    >>> from oko.measures.responses import read_responses
    >>> known = read_calibration(pd.DataFrame({"discrimination": [1.0] * 3, "difficulty": [0.0] * 3}))
    >>> read = read_responses(pd.DataFrame([[0, 0, 1], [1, 1, 0], [1, 1, 1], [0, 1, 0]]))
    >>> dependent_pairs(known, collapse(read, levels_of(read))).pairs[["item_1", "item_2", "flagged"]].values.tolist()
    [[0, 1, True], [0, 2, False], [1, 2, False]]
    """
    if not isinstance(threshold, Real) or isinstance(threshold, bool) or np.isnan(float(threshold)):
        raise MeasureError("The threshold of Q3 is {value}: give a number, 0.2 for example.", value=repr(threshold))
    correlations, n = _correlations(calibration, patterns)
    first, second = np.triu_indices(len(calibration.items), 1)
    values = correlations[first, second]
    known = ~np.isnan(values)
    mean = float(values[known].mean()) if known.any() else np.nan
    pairs = pd.DataFrame(
        {
            "item_1": calibration.items[first], "item_2": calibration.items[second], "q3": values,
            "above_mean": values - mean, "above_expected": values + 1 / max(len(calibration.items) - 1, 1),
            "n": n[first, second], "flagged": known & (values - mean > threshold),
        }
    ).sort_values("q3", ascending=False, kind="stable", ignore_index=True)  # fmt: skip
    said = [
        Statement("irt_pair_dependent", {"item": str(one), "other": str(other), "q3": float(value), "mean": mean})
        for one, other, value in pairs.loc[pairs["flagged"], ["item_1", "item_2", "q3"]].itertuples(index=False)
    ]
    if not known.all():
        said.append(Statement("irt_pairs_unknown", {"n": int((~known).sum())}))
    return Dependence(pairs, mean, tuple(said))


def _correlations(calibration: Calibration, patterns: Patterns) -> tuple[Floats, Floats]:
    """Return pairwise correlations of residuals, and the pupils behind each."""
    n_items = len(calibration.items)
    if not n_items:
        return np.empty((0, 0)), np.empty((0, 0))
    n, sums, squares, products = (np.zeros((n_items, n_items)) for _ in range(4))
    ability, _ = pattern_abilities(calibration, patterns, "eap")
    for rows in blocks(len(ability)):
        probabilities = category_probabilities(calibration.discrimination, calibration.steps, ability[rows])
        given = (patterns.categories[rows] >= 0).astype(np.float64)
        residuals = (patterns.categories[rows] - central_moments(probabilities)[0].T) * given
        weighted = residuals * patterns.weights[rows, None]
        n += (given * patterns.weights[rows, None]).T @ given
        sums += weighted.T @ given
        squares += (weighted * residuals).T @ given
        products += weighted.T @ residuals
    counted = np.maximum(n, 1e-300)
    variance = squares - sums**2 / counted
    varies = (n > 1) & (variance > 1e-12 * squares) & (variance.T > 1e-12 * squares.T)
    scale = np.sqrt(np.where(varies, variance * variance.T, 1.0))
    found = np.where(varies, (products - sums * sums.T / counted) / scale, np.nan)
    np.fill_diagonal(found, 1.0)
    return found, n
