"""Several ways to estimate one effect, and one way for several outcomes, as rows of one frame."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from oko.measures.impact.ancova import Ancova
from oko.measures.impact.assignments import Randomisation
from oko.measures.impact.differences import Differences
from oko.measures.impact.wild import WildBootstrap

_NUMBERS = ("estimate", "se", "df", "p", "lower", "upper", "n_treated", "n_comparison")


def beside(
    did: Differences, randomisation: Randomisation, wild: WildBootstrap, covariance: Ancova, **others: Differences
) -> pd.DataFrame:
    """Put the ways to estimate and to test one effect beside each other.

    Parameters
    ----------
    did : Differences
        The primary one.
    randomisation : Randomisation
    wild : WildBootstrap
    covariance : Ancova
    **others : Differences
        Other estimates by name: without some schools, say.

    Returns
    -------
    DataFrame, index ``method``
        ``schools``, ``pupils``, ``randomisation``, ``wild_bootstrap``, the others, ``ancova``: ``estimate``,
        ``se``, ``df``, ``p``, ``lower``, ``upper``, ``n_treated``, ``n_comparison``; NaN where a way gives no
        number.

    Examples
    --------
    >>> from oko.measures.impact import ancova, difference_in_differences
    >>> rows = [(s, t, s < 3, (s % 4) + 0.1 * t * (s % 5) + t * (s < 3)) for s in range(9) for t in (0, 1)]
    >>> data = pd.DataFrame(rows, columns=["school", "period", "treated", "score"])
    >>> found = difference_in_differences(data, "score")
    >>> ways = beside(found, found.randomisation(), found.wild_bootstrap(), ancova(data, "score"))
    >>> ways.index.tolist()
    ['schools', 'pupils', 'randomisation', 'wild_bootstrap', 'ancova']
    """
    counted = {"n_treated": did.n_treated, "n_comparison": did.n_comparison}
    nothing = dict.fromkeys(_NUMBERS, np.nan) | counted
    pupils = {name: float(did.pupils[name]["pupils"]) for name in _NUMBERS[:6]}
    rows = {
        "schools": numbers(did),
        "pupils": {**pupils, **counted},
        "randomisation": {**nothing, "p": randomisation.p},
        "wild_bootstrap": {**nothing, "p": wild.p},
        **{name: numbers(found) for name, found in others.items()},
        "ancova": numbers(covariance),
    }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")


def by_outcome(found: Mapping[str, Differences]) -> pd.DataFrame:
    """Put the effects on several outcomes beside each other.

    Parameters
    ----------
    found : mapping of str to Differences

    Returns
    -------
    DataFrame, index ``outcome``
        ``estimate``, ``se``, ``df``, ``p``, ``lower``, ``upper``, ``n_treated``, ``n_comparison``, and ``n``: the
        fewest pupils of the cluster in a wave.

    Examples
    --------
    >>> by_outcome({}).columns.tolist()[:2]
    ['estimate', 'se']
    """
    rows = {name: {**numbers(one), "n": fewest_pupils(one)} for name, one in found.items()}
    columns = [*_NUMBERS, "n"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).astype("float64").rename_axis("outcome")


def numbers(found: Differences | Ancova) -> dict[str, float]:
    """Return the numbers of an estimate by name."""
    return {name: getattr(found, name) for name in _NUMBERS}


def fewest_pupils(found: Differences) -> int:
    """Return the fewest pupils that stand behind the cluster's mean in a wave."""
    own = found.changes[found.changes["treated"] == 1]
    return int(min(own["n_before"].sum(), own["n_after"].sum()))
