"""Whether the schools of the cluster and the comparison schools were alike before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.evidence.columns import check_columns, check_once, flag_of_schools, group_codes, read_numbers
from oko.measures.intervals import Floats
from oko.measures.statement import Statement
from oko.measures.weights import Weights, frequency_weights, sum_by

SMALL, LARGE = 0.05, 0.25
_ALL = "all"


def baseline_equivalence(
    data: pd.DataFrame,
    covariates: Sequence[str] | None = None,
    school: str = "school",
    treated: str = "treated",
    stratum: str | None = None,
    weights: Weights = None,
) -> pd.DataFrame:
    r"""Compare the two groups of schools before the model, by the rule of What Works Clearinghouse.

    Parameters
    ----------
    data : DataFrame
        One row a pupil, where ``covariates`` are named. Otherwise one row a school (and stratum) of one wave, with
        ``n``, ``mean``, ``sd``, as of the baseline wave of `school_wave_means`.
    covariates : sequence of str, optional
        Numeric columns of pupils: earlier results, say. Missing values are left out covariate by covariate.
    school, treated : str
        Columns of the school and of its group: 1 the cluster, 0 comparison.
    stratum : str, optional
        Column of what is compared with itself, e.g. a subject and grade.
    weights : str, Series, array or None
        How many pupils a row stands for; only where rows are pupils.

    Returns
    -------
    DataFrame, index ``stratum``, ``variable``
        ``schools_treated``, ``schools_comparison``, ``n_treated``, ``n_comparison``; ``difference`` of means of pupils,
        cluster less comparison, in units of the data; ``sd``: pooled, of pupils; ``g``: Hedges' g of pupils;
        ``g_schools``: g of means of schools, each school counting once, in standard deviations of schools;
        ``category``: "equivalent" (\|g\| up to .05), "adjust" (above, up to .25), "not_comparable" (above), "unknown"
        (NaN). Statements: ``evidence_baseline_unknown``, ``evidence_baseline_adjust``,
        ``evidence_baseline_not_comparable``.

    Raises
    ------
    MeasureError
        A column is missing or wrong, a school is in both groups, a school stands twice in a stratum, or weights are
        given for rows of schools.

    Notes
    -----
    :math:`g = ω (\bar y_1 - \bar y_0) / s`, s pooled over the two groups' standard deviations of pupils (within schools
    and between them), :math:`ω = 1 - 3 / (4N - 9)`, N pupils, or schools for ``g_schools``. The rule looks at the size
    of the difference in these schools and is no test: a difference may be large by chance and still must be adjusted.
    WWC, Group Design Standards (reference/methods.md, 3.2). Shares (0/1 covariates) are treated as numbers; the rule's
    Cox index for them is not used.

    Examples
    --------
    >>> means = {"school": list("abcd"), "treated": [1, 1, 0, 0], "mean": [3.0, 5, 2, 4]}
    >>> rows = pd.DataFrame(means).assign(n=50, sd=2.0)
    >>> baseline_equivalence(rows)[["g", "category"]].round(3).to_dict("list")
    {'g': [0.447], 'category': ['not_comparable']}
    """
    flags = flag_of_schools(data, school, treated)
    schools = _rows_of_schools(data, covariates, school, stratum, weights)
    schools["treated"] = flags.reindex(schools["school"]).to_numpy()
    codes, keys = group_codes(schools, ["stratum", "variable"])
    found = [_compare(schools[codes == code]) for code in range(len(keys))]
    index = pd.MultiIndex.from_frame(keys)
    frame = pd.DataFrame(found, index=index, columns=list(_COLUMNS))
    frame["category"] = [_category(g) for g in frame["g"]]
    frame.attrs["statements"] = tuple(_remarks(frame))
    return frame


_COLUMNS = (
    "schools_treated", "schools_comparison", "n_treated", "n_comparison", "difference", "sd", "g", "g_schools",
)  # fmt: skip


def _rows_of_schools(
    data: pd.DataFrame, covariates: Sequence[str] | None, school: str, stratum: str | None, weights: Weights
) -> pd.DataFrame:
    strata = data[stratum].astype(object).to_numpy() if stratum and stratum in data else np.full(len(data), _ALL)
    if stratum is not None:
        check_columns(data, stratum)
    keys = pd.DataFrame({"school": data[school].astype(object).to_numpy(), "stratum": strata})
    if covariates is not None:
        names = [covariates] if isinstance(covariates, str) else list(covariates)
        if not names:
            raise MeasureError("No covariate is named: name at least one column.")
        pupils = frequency_weights(data, weights)
        return pd.concat([_summary(keys, read_numbers(data, name), pupils, name) for name in names], ignore_index=True)
    if weights is not None:
        raise MeasureError("Weights belong to rows of pupils: rows of schools carry n.")
    numbers = {name: read_numbers(data, name, None if name == "mean" else 0) for name in ("n", "mean", "sd")}
    rows = keys.assign(variable="mean", **numbers)
    check_once(rows, "school", "stratum")
    return rows


def _summary(keys: pd.DataFrame, values: Floats, pupils: Floats, name: str) -> pd.DataFrame:
    """Return n, mean and sd of one covariate by school and stratum."""
    codes, groups = group_codes(keys, ["stratum", "school"])
    used = np.isfinite(values) & (codes >= 0)
    at, size = np.where(codes < 0, 0, codes), len(groups)
    n = sum_by(at, np.where(used, pupils, 0.0), size)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = sum_by(at, np.where(used, pupils * values, 0.0), size) / n
        squares = sum_by(at, np.where(used, pupils * np.square(values - mean[at]), 0.0), size)
        sd = np.sqrt(squares / np.where(n > 1, n - 1, np.nan))
    return groups.assign(variable=name, n=n, mean=mean, sd=sd)


def _compare(rows: pd.DataFrame) -> tuple[float, ...]:
    sides = [_side(rows[rows["treated"] == flag]) for flag in (1, 0)]
    (schools1, n1, mean1, var1, means1), (schools0, n0, mean0, var0, means0) = sides
    known = n1 > 0 and n0 > 0
    spread, scale = _pooled(n1, var1, n0, var0), max(abs(mean1), abs(mean0)) if known else np.nan
    difference = mean1 - mean0 if known else np.nan
    between = _pooled(
        schools1, float(np.var(means1, ddof=1)) if schools1 > 1 else 0.0,
        schools0, float(np.var(means0, ddof=1)) if schools0 > 1 else 0.0,
    )  # fmt: skip
    gap = float(np.mean(means1) - np.mean(means0)) if known else np.nan
    enough = schools1 > 1 and schools0 > 1
    return (
        schools1, schools0, n1, n0, difference, spread,
        _hedges(difference, spread, n1 + n0, scale),
        _hedges(gap, between if enough else np.nan, schools1 + schools0, scale),
    )  # fmt: skip


def _side(rows: pd.DataFrame) -> tuple[int, float, float, float, Floats]:
    """Return schools, pupils, mean, total variance and the means of schools of one group."""
    used = rows[(rows["n"] > 0) & rows["mean"].notna() & (rows["sd"].notna() | (rows["n"] == 1))]
    n, means = used["n"].to_numpy(dtype=float), used["mean"].to_numpy(dtype=float)
    total = float(n.sum())
    if total == 0:
        return 0, 0.0, np.nan, np.nan, means
    centre = float(n @ means / total)
    squares = (n - 1) @ np.square(used["sd"].fillna(0).to_numpy(dtype=float)) + n @ np.square(means - centre)
    return len(used), total, centre, float(squares / (total - 1)) if total > 1 else 0.0, means


def _pooled(n1: float, var1: float, n0: float, var0: float) -> float:
    if n1 + n0 <= 2 or not np.isfinite(var1 + var0):
        return np.nan
    return float(np.sqrt(((n1 - 1) * var1 + (n0 - 1) * var0) / (n1 + n0 - 2)))


def _hedges(difference: float, spread: float, n: float, scale: float) -> float:
    """Return g; NaN where the spread is no more than rounding makes of numbers of that scale."""
    if not spread > 1e-12 * max(scale, 1e-300) or not np.isfinite(difference) or n <= 3:
        return np.nan
    return float((1 - 3 / (4 * n - 9)) * difference / spread)


def _category(g: float) -> str:
    if np.isnan(g):
        return "unknown"
    return "equivalent" if abs(g) <= SMALL else "adjust" if abs(g) <= LARGE else "not_comparable"


def _remarks(frame: pd.DataFrame) -> list[Statement]:
    said = []
    names = {kind: _names(frame[frame["category"] == kind]) for kind in ("unknown", "adjust", "not_comparable")}
    if names["unknown"] is not None:
        said.append(Statement("evidence_baseline_unknown", {"units": names["unknown"]}))
    if names["adjust"] is not None:
        said.append(Statement("evidence_baseline_adjust", {"units": names["adjust"], "small": SMALL, "large": LARGE}))
    if names["not_comparable"] is not None:
        said.append(Statement("evidence_baseline_not_comparable", {"units": names["not_comparable"], "large": LARGE}))
    return said


def _names(frame: pd.DataFrame) -> tuple[str, ...] | None:
    """Name rows by stratum, by variable, or by both, whichever tells them apart; None without rows."""
    if frame.empty:
        return None
    if frame.index[0] == (_ALL, "mean"):
        return ()
    return tuple(
        str(variable) if stratum == _ALL else str(stratum) if variable == "mean" else f"{stratum}, {variable}"
        for stratum, variable in frame.index
    )
