"""Deficits that several schools have in common."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from oko.errors import MeasureError
from oko.measures.intervals import check_level
from oko.measures.multiplicity import adjusted
from oko.measures.statement import Statement
from oko.measures.zones.spread import own_errors, satterthwaite
from oko.measures.zones.works import need

NEEDED = ("school", "unit", "target", "n", "residual", "se", "df", "se_norm", "df_norm")
COLUMNS = (
    "unit", "target", "n_schools", "n", "residual", "se", "df", "lower", "upper", "p", "p_adjusted", "n_same_side",
    "at_least", "schools", "kind",
)  # fmt: skip


def shared(profile: pd.DataFrame, *, fewest: int = 2, adjust: str = "holm", level: float = 0.95) -> pd.DataFrame:
    r"""Return on which tasks or skills several schools show less, or more, than the norm leads to expect.

    Parameters
    ----------
    profile : DataFrame
        Of `profiles`, with a norm from outside.
    fewest : int, default 2
        Fewest schools that must have the deficit (strength) with confidence, for it to be called shared.
    adjust : {"holm", "bh", "none"}
        Over the targets of a unit.
    level : float, default 0.95

    Returns
    -------
    DataFrame
        One row a unit and target: ``unit``, ``target``; ``n_schools``, ``n`` pupils (summed over schools);
        ``residual``, mean over the schools (logits), ``se``, ``df``, ``lower``, ``upper``; ``p``, ``p_adjusted``;
        ``n_same_side``, schools with a residual on the side of the mean; ``at_least``, lower confidence bound of the
        number of schools that have the deficit (strength); ``schools``, a tuple of those that show it each by itself;
        ``kind``: "deficit", "strength" or "none". ``attrs["statements"]``.

    Raises
    ------
    MeasureError
        A column is missing or an option is wrong.

    Notes
    -----
    The mean is over these schools and speaks of them alone: its variance is :math:`\sum v_s / m^2` plus the norm's,
    which they have in common and which does not fall with m. ``at_least`` is the greatest u with
    :math:`(m - u' + 1) p_{(u')} \le α` for all u' ≤ u, p one-sided and sorted: the partial conjunction of Benjamini &
    Heller (2008, Biometrics 64, 1215–1222; from memory) in Bonferroni's form, valid under any dependence. α is
    (1 − level) R / T for the R of T targets whose mean was told from zero (Benjamini & Bogomolov 2014, JRSS B 76,
    297–318; from memory), so that choosing those does not spoil it. ``schools`` are Holm's among the m, at the same α.

    Examples
    --------
    >>> row = {"unit": "w", "target": "1", "n": 90, "residual": -0.6, "se": 0.1, "df": 40.0, "se_norm": 0.0}
    >>> profile = pd.DataFrame([row | {"school": school, "df_norm": 38.0} for school in ("1", "2", "3")])
    >>> shared(profile)[["kind", "n_schools", "at_least"]].values.tolist()
    [['deficit', 3, 3]]
    """
    check_level(level)
    need(profile, NEEDED, "profile")
    if not fewest >= 2:
        raise MeasureError("{fewest} schools cannot share: give 2 or more.", fewest=fewest)
    known = profile[profile["residual"].notna() & profile["se"].notna()]
    known.attrs.clear()  # pandas would copy the statements with every row taken
    if len(known) and not (known["se_norm"] >= 0).all():
        result = pd.DataFrame(columns=list(COLUMNS))
        result.attrs["statements"] = (Statement("zones_shared_without_norm"),)
        return result
    own = own_errors(known)
    units = [_unit(part, fewest, adjust, level) for _, part in own.groupby("unit", sort=True)]
    result = pd.concat(units, ignore_index=True) if units else pd.DataFrame(columns=list(COLUMNS))
    result.attrs["statements"] = tuple(_said(result, fewest))
    return result


def _unit(part: pd.DataFrame, fewest: int, adjust: str, level: float) -> pd.DataFrame:
    frame = pd.DataFrame([_mean(rows, level) for _, rows in part.groupby("target", sort=False)])
    frame.insert(0, "unit", part["unit"].iloc[0])
    frame["p_adjusted"] = adjusted(frame["p"].to_numpy(dtype=float), adjust)
    told = (frame["p_adjusted"] <= 1 - level).to_numpy()
    alpha = (1 - level) * told.sum() / len(frame)
    counted = [
        _conjunction(part[part["target"] == target], residual, alpha) if chosen else (0, ())
        for target, residual, chosen in zip(frame["target"], frame["residual"], told, strict=True)
    ]
    frame["at_least"] = [least for least, _ in counted]
    frame["schools"] = pd.Series([schools for _, schools in counted], dtype=object)
    zone = told & (frame["at_least"].to_numpy() >= fewest)
    frame["kind"] = np.where(zone, np.where(frame["residual"] < 0, "deficit", "strength"), "none")
    return frame[list(COLUMNS)]


def _mean(rows: pd.DataFrame, level: float) -> dict[str, object]:
    m = len(rows)
    names = ("residual", "se_norm", "df_norm", "own", "own_df")
    residuals, se_norm, df_norm, own, own_df = (rows[name].to_numpy(dtype=float) for name in names)
    residual, shared_norm = float(residuals.mean()), float(se_norm.mean() ** 2)
    # the degrees of freedom of the schools' own errors rest on classes of all of them: the least serves
    variances = np.array([[own.sum() / m**2, shared_norm]])
    df = float(satterthwaite(variances, np.array([[own_df.min(), df_norm.min()]]))[0])
    se = float(np.sqrt(variances.sum()))
    half = float(stdtrit(df, (1 + level) / 2)) * se
    p = 2 * float(stdtr(df, -abs(residual) / se)) if se > 0 else np.nan
    return {
        "target": rows["target"].iloc[0], "n_schools": m, "n": int(rows["n"].sum()), "residual": residual, "se": se,
        "df": df, "lower": residual - half, "upper": residual + half, "p": p,
        "n_same_side": int((np.sign(residuals) == np.sign(residual)).sum()),
    }  # fmt: skip


def _conjunction(rows: pd.DataFrame, mean: float, alpha: float) -> tuple[int, tuple[str, ...]]:
    """Return how many schools at least have it, and which show it by themselves."""
    t = np.sign(mean) * rows["residual"].to_numpy(dtype=float) / rows["se"].to_numpy(dtype=float)
    p = stdtr(rows["df"].to_numpy(dtype=float), -t)
    steps = np.sort(p) * np.arange(len(p), 0, -1) <= alpha
    schools = rows["school"].to_numpy()[adjusted(p, "holm") <= alpha]
    return int(np.cumprod(steps).sum()), tuple(sorted(map(str, schools)))


def _said(result: pd.DataFrame, fewest: int) -> list[Statement]:
    if result.empty:
        return [Statement("zones_nothing")]
    counts = {kind: int((result["kind"] == kind).sum()) for kind in ("deficit", "strength")}
    values = {"deficits": counts["deficit"], "strengths": counts["strength"], "of": len(result), "fewest": fewest}
    return [Statement("zones_shared", values)]
