"""Several ways to estimate one effect, and one way for several outcomes, as rows of one frame."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import ndtri

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
        ``schools``, ``randomisation``, ``wild_bootstrap``, ``ancova``, ``pupils``, then the others: ``estimate``,
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
    ['schools', 'randomisation', 'wild_bootstrap', 'ancova', 'pupils']
    """
    counted = {"n_treated": did.n_treated, "n_comparison": did.n_comparison}
    nothing = dict.fromkeys(_NUMBERS, np.nan) | counted
    pupils = {name: float(did.pupils[name]["pupils"]) for name in _NUMBERS[:6]}
    rows = {
        "schools": numbers(did),
        "randomisation": {**nothing, "p": randomisation.p},
        "wild_bootstrap": {**nothing, "p": wild.p},
        "ancova": numbers(covariance),
        "pupils": {**pupils, **counted},
        **{name: numbers(found) for name, found in others.items()},
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
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("outcome")


def with_chance(changes: pd.DataFrame, data: pd.DataFrame, se: str = "outcome_se", level: float = 0.95) -> pd.DataFrame:
    r"""Add to each school's change what the chance of its pupils alone makes uncertain.

    Parameters
    ----------
    changes : DataFrame, index school
        Of `Differences`: ``change`` and others.
    data : DataFrame
        ``school``, ``stratum``, ``period`` (0, 1) and the standard error of each mean.
    se : str, default "outcome_se"
    level : float, default 0.95

    Returns
    -------
    DataFrame
        ``changes`` with ``se``, ``lower``, ``upper``; NaN where an error is not known.

    Notes
    -----
    :math:`se_s = \sqrt{\sum_k (e_{sk0}^2 + e_{sk1}^2)} / K_s` over the K works of a school that have both waves, as if
    waves and works had other pupils each: pupils who wrote several works make the true error larger. What differs
    between school years is not in it.

    Examples
    --------
    >>> rows = [("a", "m", t, 0.3) for t in (0, 1)]
    >>> data = pd.DataFrame(rows, columns=["school", "stratum", "period", "outcome_se"])
    >>> found = with_chance(pd.DataFrame({"change": [0.5]}, index=["a"]), data)
    >>> found.round(3).loc["a"].to_dict()
    {'change': 0.5, 'se': 0.424, 'lower': -0.332, 'upper': 1.332}
    """
    keys = [data["school"].astype(str), data["stratum"]]
    both = data[se].pow(2).groupby(keys).agg(["sum", "count"])
    both = both[both["count"] == 2]
    squares = both["sum"].groupby(level=0)
    errors = (squares.sum().pow(0.5) / squares.size()).reindex(changes.index)
    half = float(ndtri((1 + level) / 2)) * errors
    return changes.assign(se=errors, lower=changes["change"] - half, upper=changes["change"] + half)


def numbers(found: Differences | Ancova) -> dict[str, float]:
    """Return the numbers of an estimate by name."""
    return {name: getattr(found, name) for name in _NUMBERS}


def fewest_pupils(found: Differences) -> int:
    """Return the fewest pupils that stand behind the cluster's mean in a wave."""
    own = found.changes[found.changes["treated"] == 1]
    return int(min(own["n_before"].sum(), own["n_after"].sum()))
