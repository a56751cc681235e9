"""Errors of a profile: from pupils, from the classes they sit in, and from the norm."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.measures.responses import Floats
from oko.measures.weights import sum_by


def summed(influence: Floats, labels: NDArray[np.object_]) -> tuple[float, int]:
    r"""Return the variance of a sum of influences by what shares a label, and how many labels there are.

    Notes
    -----
    :math:`\frac{k}{k - 1} \sum_c (\sum_{p \in c} u_p)^2` over k labels, the linearised variance of Cochran (1977, 6.3);
    NaN for one label.

    Examples
    --------
    >>> summed(np.array([1.0, -1.0, 0.0]), np.array(["a", "b", "b"], dtype=object))
    (4.0, 2)
    """
    codes, distinct = pd.factorize(labels)
    k = len(distinct)
    totals = sum_by(codes.astype(np.int64), influence, k)
    return (float(k / (k - 1) * totals @ totals) if k > 1 else float("nan")), k


def design_effect(lines: pd.DataFrame) -> tuple[float, float]:
    r"""Return by how much classes widen the errors of a unit's profiles, and on how many degrees of freedom it rests.

    Parameters
    ----------
    lines : DataFrame
        Columns ``school``, ``classes`` and ``pupils`` (variance with whole classes and with single pupils drawn),
        ``n_classes``.

    Notes
    -----
    A school has two to five classes: its own clustered variance rests on one to four degrees of freedom and tells
    next to nothing. The ratio of clustered to simple variance is therefore pooled,
    :math:`\sum (k - 1) r / \sum (k - 1)` over schools with k ≥ 2 classes and over targets, and never taken below 1.
    Targets of one school are not independent, so the degrees of freedom are those of one target,
    :math:`\sum_s (k_s - 1)`; infinite where no school has two classes.

    Examples
    --------
    >>> design_effect(pd.DataFrame({"school": ["1"], "classes": [1.5], "pupils": [1.0], "n_classes": [3]}))
    (1.5, 2.0)
    """
    told = lines[(lines["n_classes"] > 1) & (lines["pupils"] > 0)]
    if told.empty:
        return 1.0, float("inf")
    weights = told["n_classes"] - 1
    value = float((weights * told["classes"] / told["pupils"]).sum() / weights.sum())
    return max(1.0, value), float((told.groupby("school")["n_classes"].max() - 1).sum())


def satterthwaite(variances: Floats, freedoms: Floats) -> Floats:
    r"""Return the degrees of freedom of sums of independent variances, one sum a row.

    Notes
    -----
    :math:`(\sum v)^2 / \sum v^2 / ν` (Satterthwaite 1946).

    Examples
    --------
    >>> satterthwaite(np.array([[1.0, 1.0]]), np.array([[10.0, 10.0]])).tolist()
    [20.0]
    """
    bottom = (variances**2 / np.maximum(freedoms, 1)).sum(axis=1)
    top = variances.sum(axis=1) ** 2
    df: Floats = np.divide(top, bottom, out=np.full(len(top), np.inf), where=bottom > 0)
    return df


def own_errors(rows: pd.DataFrame) -> pd.DataFrame:
    r"""Return a target's rows with the variance that is each school's own, and its degrees of freedom.

    Parameters
    ----------
    rows : DataFrame
        Of one target of `profiles`: columns ``se``, ``df``, ``se_norm``, ``df_norm``.

    Returns
    -------
    DataFrame
        The rows with ``own`` and ``own_df``.

    Notes
    -----
    With a norm from outside `satterthwaite` is solved for what is not the norm's. Where m schools are compared with
    each other, the variance of a row is :math:`w_s = v_s (1 - 2/m) + V / m^2` with :math:`V = \sum v`, so that
    :math:`V = \sum w / (1 - 1/m)`; of two schools only V can be known, and each has half of it.

    Examples
    --------
    >>> rows = pd.DataFrame({"se": [0.5, 0.5], "df": 9.0, "se_norm": float("nan"), "df_norm": float("nan")})
    >>> own_errors(rows)["own"].tolist()
    [0.5, 0.5]
    """
    total, df = rows["se"].to_numpy(dtype=float) ** 2, rows["df"].to_numpy(dtype=float)
    m = len(rows)
    if rows["se_norm"].isna().any():
        everything = total.sum() / (1 - 1 / m) if m > 1 else total.sum()
        own = np.full(m, everything / m) if m < 3 else (total - everything / m**2) / (1 - 2 / m)
        return rows.assign(own=np.maximum(own, 0), own_df=df)
    norm = rows["se_norm"].to_numpy(dtype=float) ** 2
    own = np.maximum(total - norm, 0)
    left = total**2 / df - norm**2 / np.maximum(rows["df_norm"].to_numpy(dtype=float), 1)
    freedom = np.divide(own**2, left, out=df.copy(), where=(own > 0) & (left > 0))
    return rows.assign(own=own, own_df=freedom)
