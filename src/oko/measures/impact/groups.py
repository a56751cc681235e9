"""What stands around a difference in differences: changes of schools, means of groups, sizes of the effect."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from oko.measures.impact.cells import Cells, Pairs
from oko.measures.impact.size import effect_size
from oko.measures.statement import Statement


def school_changes(pairs: Pairs, centre: float) -> pd.DataFrame:
    """Return each school's level before and after and its change, averaged over its strata.

    Where schools differ in their strata the common level of a stratum in a wave is taken out first and the average of
    all of them put back, so that a school is not high because of the works it took.
    """
    frame = pairs.frame
    parts = frame[["school", "treated", "n_before", "n_after"]].copy()
    for side in ("before", "after"):
        parts[side] = _without_strata(frame, side) * frame["share"]
    sums = parts.groupby("school").agg(
        treated=("treated", "first"), n_before=("n_before", "sum"), n_after=("n_after", "sum"),
        before=("before", "sum"), after=("after", "sum"), n_strata=("treated", "size"),
    )  # fmt: skip
    sums["treated"] = sums["treated"].astype(np.int64)
    sums.insert(5, "change", sums["after"] - sums["before"])
    return sums.assign(before=sums["before"] + centre, after=sums["after"] + centre)


def _without_strata(frame: pd.DataFrame, side: str) -> pd.Series:
    if frame["stratum"].nunique() < 2:
        return frame[side]
    weighted = (frame[side] * frame["share"]).groupby(frame["stratum"]).sum()
    common = weighted / frame["share"].groupby(frame["stratum"]).sum()
    return frame[side] - frame["stratum"].map(common) + common.mean()


def group_means(changes: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return the means of both groups in both waves over schools, with t intervals, and the counterfactual."""
    rows = []
    for treated in (0, 1):
        group = changes[changes["treated"] == treated]
        for period, side in enumerate(("before", "after")):
            values = group[side].to_numpy(dtype=np.float64)
            m = len(values)
            mean = float(values.mean()) if m else np.nan
            se = float(values.std(ddof=1) / np.sqrt(m)) if m > 1 else np.nan
            half = float(stdtrit(m - 1, 0.5 + level / 2)) * se if m > 1 else np.nan
            rows.append((treated, period, m, float(group[f"n_{side}"].sum()), mean, se, mean - half, mean + half))
    names = ["treated", "period", "n_schools", "n", "mean", "se", "lower", "upper"]
    frame = pd.DataFrame(rows, columns=names).set_index(["treated", "period"])
    means = frame["mean"]
    frame["counterfactual"] = np.nan
    frame.loc[(1, 0), "counterfactual"] = means[(1, 0)]
    frame.loc[(1, 1), "counterfactual"] = means[(1, 0)] + means[(0, 1)] - means[(0, 0)]
    return frame


def pupil_variances(cells: Cells) -> tuple[float, float, float]:
    """Return the variance of pupils within cells, between schools of a group and wave, and the pupils behind.

    The first is pooled over cells; the second is the variance of schools' means less what sampling of pupils adds, not
    below 0. NaN where pupils' spread is not known.
    """
    frame = cells.frame
    known = frame[np.isfinite(frame["squares"]) & (frame["n"] > 1)]
    left = float((known["n"] - 1).sum())
    if not left > 0:
        return np.nan, np.nan, np.nan
    within = float(known["squares"].sum()) / left
    groups = frame.groupby(["stratum", "period", "treated"])
    spread = pd.DataFrame({"m": groups.size(), "var": groups["mean"].var(ddof=1)})
    spread["noise"] = (1 / frame["n"]).groupby([frame[name] for name in ("stratum", "period", "treated")]).mean()
    spread = spread[spread["m"] > 1]
    if spread.empty:
        return within, np.nan, float(known["n"].sum())
    between = float(np.average(spread["var"] - within * spread["noise"], weights=spread["m"] - 1))
    return within, max(0.0, between), float(known["n"].sum())


def effect_sizes(
    cells: Cells, pairs: Pairs, main: tuple[float, float, float], level: float, said: list[Statement]
) -> pd.DataFrame:
    """Return the main estimate (with its se and df) in standard deviations of pupils, within schools and in total."""
    estimate, se, df = main
    within, between, _ = pupil_variances(cells)
    if not within > 0:
        if np.isfinite(estimate):
            said.append(Statement("impact_no_pupil_variance"))
        index = pd.Index(["within", "total"], name="variance")
        return pd.DataFrame(np.nan, index, ["estimate", "se", "lower", "upper"])
    frame = pairs.frame.assign(n=pairs.frame["n_before"] + pairs.frame["n_after"])
    with_model, others = (
        frame[frame["treated"] == group].groupby("school")["n"].sum().to_numpy(dtype=np.float64) for group in (1, 0)
    )
    known = 0.0 if np.isnan(between) else between
    whole = effect_size(estimate, within, known, with_model, others, se, df, level)
    if np.isnan(between):
        whole.loc["total"] = np.nan
    return whole
