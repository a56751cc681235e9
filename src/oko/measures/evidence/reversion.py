"""Regression to the mean: what schools far from the others would come back by themselves."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from oko.measures.evidence.changes import two_waves
from oko.measures.evidence.columns import places_in_time, read_numbers
from oko.measures.intervals import Floats, check_level
from oko.measures.statement import Statement, named

FEWEST_SCHOOLS = 10
_CONSTANT = 1e-12


def regression_to_mean(
    data: pd.DataFrame,
    outcome: str = "outcome",
    school: str = "school",
    period: str = "period",
    treated: str = "treated",
    stratum: str | None = None,
    se: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Say how far the cluster's schools would come back to the others by themselves, beside the change found.

    Parameters
    ----------
    data : DataFrame, one row a school, (stratum) and period
        Of two periods, in numbers, dates or an ordered Categorical; schools that lack one do not count.
    outcome : str
        Means of schools in units of one spread in both waves, as `school_wave_means` gives.
    school, period, treated : str
        Columns; treated is 1 for the cluster.
    stratum : str, optional
    se : str, optional
        Column of what pupils alone make uncertain in a mean (``outcome_se``).
    level : float, default 0.95

    Returns
    -------
    DataFrame, index ``stratum`` ("all" without strata)
        ``n_treated``, ``n_comparison`` schools; ``correlation`` of the comparison schools' means in the two waves with
        ``correlation_lower``, ``correlation_upper``; ``gap``: cluster less comparison in the first wave; ``expected``:
        change of the gap that the correlation leads to expect, with ``expected_lower``, ``expected_upper``;
        ``found``: the change of the gap; ``beyond``: found − expected, with ``beyond_lower``, ``beyond_upper`` (only
        the correlation's uncertainty: no interval of an effect); with ``se`` also ``noise``: share of the variance of
        the comparison schools' first means that is chance of pupils, and ``expected_noise``, the change that this alone
        leads to expect. Statements: ``evidence_reversion_unknown`` (fewer than 4 comparison schools, or no spread),
        ``evidence_reversion_rough`` (fewer than 10), ``evidence_no_cluster``; ``evidence_one_wave`` alone (fewer than
        two periods).

    Raises
    ------
    MeasureError
        A column is missing or wrong, there are more than two periods or their order is not known, or a school stands
        twice.

    Notes
    -----
    Expected change of the gap: :math:`-(1 - ρ)(\bar y_{11} - \bar y_{01})`; the interval puts Fisher's interval of ρ in
    (z ± z_α/√(n − 3)). It assumes that the cluster's schools were drawn from the same distribution and chosen by their
    first result alone: schools chosen for what is lasting come back less. ``noise`` is
    :math:`\overline{se^2} / s^2`, capped at 1. reference/methods.md, 3.2 (Smith & Smith 2005; Kane & Staiger).

    Examples
    --------
    >>> means = [("a", -1.0, -0.5, 1), ("b", -1.0, -0.7, 1)]
    >>> means += [(f"c{i}", x, 0.5 * x + e, 0) for i, (x, e) in enumerate([(-1, 0.2), (0, -0.3), (1, 0.2), (0, -0.1)])]
    >>> rows = pd.DataFrame([(s, p, v[p], t) for s, *v, t in means for p in (0, 1)],
    ...                     columns=["school", "period", "outcome", "treated"])
    >>> regression_to_mean(rows)[["correlation", "gap", "expected", "found"]].round(3).to_dict("list")
    {'correlation': [0.857], 'gap': [-1.0], 'expected': [0.143], 'found': [0.4]}
    """
    check_level(level)
    wide = two_waves(data, outcome, school, period, treated, stratum)
    noise = _noise(data, se, school, period, stratum)
    groups = dict(iter(wide.groupby("stratum", sort=True))) if stratum else {"all": wide}
    rows = [_reversion(own, noise, level) for own in groups.values()]
    index = pd.Index(list(groups), name="stratum")
    frame = pd.DataFrame(rows, index=index, columns=list(_COLUMNS))
    if se is None:
        frame = frame.drop(columns=["noise", "expected_noise"])
    frame.attrs["statements"] = wide.attrs["statements"] or tuple(_remarks(frame, whole=stratum is None))
    return frame


_COLUMNS = (
    "n_treated", "n_comparison", "correlation", "correlation_lower", "correlation_upper", "gap", "expected",
    "expected_lower", "expected_upper", "found", "beyond", "beyond_lower", "beyond_upper", "noise", "expected_noise",
)  # fmt: skip


def _noise(data: pd.DataFrame, se: str | None, school: str, period: str, stratum: str | None) -> pd.Series | None:
    if se is None:
        return None
    first = places_in_time(data[period]) == 0
    strata = data[stratum] if stratum else pd.Series("all", index=data.index)
    keys = pd.MultiIndex.from_arrays([data[school], strata])[first]
    return pd.Series(read_numbers(data, se, 0)[first], index=keys)


def _reversion(rows: pd.DataFrame, noise: pd.Series | None, level: float) -> tuple[float, ...]:
    ours, others = rows[rows["treated"] == 1], rows[rows["treated"] == 0]
    before, after = others["before"].to_numpy(dtype=float), others["after"].to_numpy(dtype=float)
    rho, low, high = _correlation(before, after, level)
    both = len(ours) > 0 and len(others) > 0
    gap = float(ours["before"].mean() - before.mean()) if both else np.nan
    found = float(ours["after"].mean() - after.mean()) - gap if both else np.nan
    expected = -(1 - rho) * gap
    ends = sorted([-(1 - low) * gap, -(1 - high) * gap])
    share = np.nan
    if noise is not None and len(others) > 1 and before.var(ddof=1) > 0:
        own = noise.reindex(pd.MultiIndex.from_frame(others[["school", "stratum"]])).to_numpy(dtype=float)
        known = own[np.isfinite(own)]
        share = min(1.0, float(np.square(known).mean() / before.var(ddof=1))) if len(known) else np.nan
    return (
        len(ours), len(others), rho, low, high, gap, expected, ends[0], ends[1],
        found, found - expected, found - ends[1], found - ends[0], share, -share * gap,
    )  # fmt: skip


def _correlation(before: Floats, after: Floats, level: float) -> tuple[float, float, float]:
    n = len(before)
    if n < 4 or min(before.std(), after.std()) <= _CONSTANT * max(np.abs(before).max(), np.abs(after).max()):
        return np.nan, np.nan, np.nan
    rho = float(np.clip(np.corrcoef(before, after)[0, 1], -1, 1))
    if abs(rho) > 1 - _CONSTANT:
        return rho, rho, rho
    half = float(ndtri((1 + level) / 2)) / np.sqrt(n - 3)
    return rho, float(np.tanh(np.arctanh(rho) - half)), float(np.tanh(np.arctanh(rho) + half))


def _remarks(frame: pd.DataFrame, *, whole: bool) -> list[Statement]:
    """Say what is not known, and in which strata where there are any."""
    said = []
    empty = frame["n_treated"] == 0
    if empty.any():
        said.append(Statement("evidence_no_cluster", {"units": () if whole else named(frame.index[empty])}))
    unknown = frame["correlation"].isna()
    if unknown.any():
        least = int(frame.loc[unknown, "n_comparison"].min())
        units = () if whole else named(frame.index[unknown])
        said.append(Statement("evidence_reversion_unknown", {"units": units, "least": least, "needed": 4}))
    rough = ~unknown & (frame["n_comparison"] < FEWEST_SCHOOLS)
    if rough.any():
        least = int(frame.loc[rough, "n_comparison"].min())
        said.append(Statement("evidence_reversion_rough", {"least": least, "needed": FEWEST_SCHOOLS}))
    return said
