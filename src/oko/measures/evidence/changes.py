"""Changes of schools between two waves, and means over the works that a school has in every wave."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtri

from oko.errors import MeasureError
from oko.measures.evidence.columns import check_named, check_once, flag_of_schools, places_in_time, read_numbers
from oko.measures.intervals import check_level
from oko.measures.statement import Statement, named

_KEYS = ("school", "stratum", "period")


def school_changes(
    data: pd.DataFrame,
    outcome: str = "outcome",
    school: str = "school",
    period: str = "period",
    treated: str = "treated",
    stratum: str | None = None,
    se: str | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Return how much each school changed between two waves, over the strata that it has in both.

    Parameters
    ----------
    data : DataFrame, one row a school, (stratum) and period
        Of two periods: numbers, dates or an ordered Categorical, so that the earlier one is known.
    outcome, school, period, treated : str
        Columns; treated is 1 for the cluster.
    stratum : str, optional
    se : str, optional
        Column of what pupils alone make uncertain in a mean (``outcome_se``).
    level : float, default 0.95

    Returns
    -------
    DataFrame, index ``school``
        ``treated``, ``strata``, ``change``; ``lower``, ``upper``: what pupils alone make uncertain, NaN without ``se``.
        Statements: ``evidence_schools_left_out``; ``evidence_one_wave`` (fewer than two periods: no rows).

    Raises
    ------
    MeasureError
        A column is missing or wrong, there are more than two periods or their order is not known, or a school stands
        twice.

    Notes
    -----
    Strata count alike; the variance of the change is :math:`\sum (se_0^2 + se_1^2) / k^2` over k strata, as if all rows
    were other pupils: where the same pupils stand in two rows the interval is rough. What a school as a whole does in
    one year and not in another is not in it: no school is judged by it.

    Examples
    --------
    >>> rows = pd.DataFrame([("a", 0, 1, 0.1, 0.03), ("a", 1, 1, 0.5, 0.04)],
    ...                     columns=["school", "period", "treated", "outcome", "outcome_se"])
    >>> school_changes(rows, se="outcome_se").round(3).loc["a"].to_dict()
    {'treated': 1.0, 'strata': 1.0, 'change': 0.4, 'lower': 0.302, 'upper': 0.498}
    """
    check_level(level)
    wide = two_waves(data, outcome, school, period, treated, stratum)
    squares = np.full(len(wide), np.nan)
    if se is not None:
        rows, _ = _outcomes(data.assign(**{outcome: read_numbers(data, se, 0) ** 2}), outcome, school, period, treated,
                            stratum)  # fmt: skip
        sums = rows.groupby(["school", "stratum"])["outcome"].sum(min_count=2)
        squares = sums.reindex(pd.MultiIndex.from_frame(wide[["school", "stratum"]])).to_numpy(dtype=float)
    each = wide.assign(change=wide["after"] - wide["before"], square=squares).groupby("school")
    count = each.size()
    half = float(ndtri((1 + level) / 2)) * np.sqrt(each["square"].sum(min_count=1)) / count
    half = half.where(each["square"].count() == count)
    change = each["change"].mean()
    columns = {"treated": each["treated"].first(), "strata": count, "change": change}
    frame = pd.DataFrame({**columns, "lower": change - half, "upper": change + half})
    flags = flag_of_schools(data, school, treated)
    frame.attrs["statements"] = wide.attrs["statements"] or _left_out(flags.index, frame.index)
    return frame


def _left_out(schools: pd.Index, kept: pd.Index) -> tuple[Statement, ...]:
    lost = schools[~schools.isin(kept)]
    return (Statement("evidence_schools_left_out", {"schools": named(lost)}),) if len(lost) else ()


def two_waves(
    data: pd.DataFrame, outcome: str, school: str, period: str, treated: str, stratum: str | None
) -> pd.DataFrame:
    """Return schools with a result in both of two periods: ``school``, ``stratum``, ``treated``, ``before``, ``after``.

    Without a second period there are none; statements: ``evidence_one_wave``.

    Raises
    ------
    MeasureError
        A column is missing or wrong, there are more than two periods or their order is not known, or a school stands
        twice.
    """
    rows, flags = _outcomes(data, outcome, school, period, treated, stratum)
    rows["period"] = places_in_time(data[period])
    found = int(rows["period"].max() + 1) if len(rows) else 0
    if found > 2:
        raise MeasureError("{found} periods stand in column {column}: exactly two are compared.",
                           found=found, column=repr(period))  # fmt: skip
    wide = rows.pivot(index=["school", "stratum"], columns="period", values="outcome").reindex(columns=[0, 1])
    wide = wide.set_axis(["before", "after"], axis=1).astype(float).dropna().reset_index()
    wide["treated"] = flags.reindex(wide["school"]).to_numpy()
    wide.attrs["statements"] = (Statement("evidence_one_wave", {"n": found}),) if found < 2 else ()
    return wide


def average_over_strata(
    data: pd.DataFrame,
    outcome: str = "outcome",
    school: str = "school",
    period: str = "period",
    treated: str = "treated",
    stratum: str = "stratum",
) -> pd.DataFrame:
    """Return one mean a school and period, over the strata that the school has in every period.

    Parameters
    ----------
    data : DataFrame, one row a school, stratum and period
    outcome, school, period, treated, stratum : str
        Columns; treated is 1 for the cluster.

    Returns
    -------
    DataFrame
        ``school``, ``period``, ``treated``, ``outcome``, ``strata``: how many. Schools without a stratum in every
        period are left out (``evidence_schools_left_out``).

    Raises
    ------
    MeasureError
        A column is missing or wrong, or a school stands twice in a stratum and period.

    Examples
    --------
    >>> rows = pd.DataFrame([("a", "m", 0, 1, 0.0), ("a", "m", 1, 1, 0.4), ("a", "p", 0, 1, 9.0)],
    ...                     columns=["school", "stratum", "period", "treated", "outcome"])
    >>> average_over_strata(rows)[["period", "outcome", "strata"]].to_numpy().tolist()
    [[0, 0.0, 1], [1, 0.4, 1]]
    """
    rows, flags = _outcomes(data, outcome, school, period, treated, stratum)
    wide = rows.pivot(index=["school", "stratum"], columns="period", values="outcome").dropna()
    means = wide.groupby("school").mean()
    strata = wide.groupby("school").size()
    long = means.melt(ignore_index=False, var_name="period", value_name="outcome").reset_index()
    long = long.sort_values(["school", "period"], kind="stable", ignore_index=True)
    frame = long.assign(
        treated=flags.reindex(long["school"]).to_numpy(), strata=strata.reindex(long["school"]).to_numpy()
    )
    frame = frame[["school", "period", "treated", "outcome", "strata"]]
    frame.attrs["statements"] = _left_out(flags.index, means.index)
    return frame


def _outcomes(
    data: pd.DataFrame, outcome: str, school: str, period: str, treated: str, stratum: str | None
) -> tuple[pd.DataFrame, pd.Series]:
    flags = flag_of_schools(data, school, treated)
    check_named(data, period, *([stratum] if stratum else []))
    rows = pd.DataFrame(
        {
            "school": data[school].astype(object).to_numpy(),
            "stratum": data[stratum].astype(object).to_numpy() if stratum else np.full(len(data), "all", dtype=object),
            "period": data[period].astype(object).to_numpy(),
            "outcome": read_numbers(data, outcome),
        }
    )
    check_once(rows, *_KEYS)
    return rows, flags
