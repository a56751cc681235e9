"""Models of the same answers side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from oko.errors import MeasureError

if TYPE_CHECKING:
    from oko.measures.irt.model import IRT


def compare(*fits: IRT) -> pd.DataFrame:
    """Return criteria of fitted models, and likelihood-ratio tests of each against the one with fewer parameters.

    Parameters
    ----------
    *fits : IRT
        Fits of the same scores, each nested in the next larger one, such as "rasch" and "2pl".

    Returns
    -------
    DataFrame, index ``model``, fewest parameters first
        ``n_parameters``, ``loglik``, ``aic``, ``bic``, ``converged``; ``chi2``, ``df``, ``p`` against the row above,
        NaN in the first row and between models of equally many parameters.

    Raises
    ------
    MeasureError
        The fits are of different tasks or pupils.

    Examples
    --------
    >>> from oko.measures.irt import fit
    >>> rng = np.random.default_rng(1)
    >>> ability = rng.normal(size=500)
    >>> right = {str(b): (rng.random(500) < 1 / (1 + np.exp(b - ability))) * 1.0 for b in (-1, 0, 1, 2)}
    >>> table = compare(*(fit(pd.DataFrame(right), model) for model in ("2pl", "rasch")))
    >>> table[["n_parameters", "df"]].to_dict("list")
    {'n_parameters': [5, 8], 'df': [nan, 3.0]}
    """
    if any(not _same(one, fits[0]) for one in fits):
        raise MeasureError("The models are of different pupils or tasks: fit them to the same scores.")
    ordered = sorted(fits, key=lambda one: one.n_parameters)
    names = ("n_parameters", "loglik", "aic", "bic", "converged")
    table = pd.DataFrame(
        {name: [getattr(one, name) for one in ordered] for name in names},
        index=pd.Index([one.model for one in ordered], name="model"),
    )
    df = table["n_parameters"].diff()
    nested = df > 0
    table["chi2"] = (2 * table["loglik"].diff()).where(nested)
    table["df"] = df.where(nested)
    table["p"] = np.where(nested, chdtrc(df.where(nested, 1.0), table["chi2"].clip(lower=0).fillna(0.0)), np.nan)
    return table


def _same(one: IRT, other: IRT) -> bool:
    """Tell whether two fits are of the same tasks and the same answers."""
    return (
        one.calibration.items.equals(other.calibration.items)
        and np.array_equal(one.patterns.categories, other.patterns.categories)
        and np.array_equal(one.patterns.weights, other.patterns.weights)
    )
