"""Which school could show another how it is done: strengths that meet a deficit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.special import stdtrit

from oko.measures.intervals import check_level
from oko.measures.statement import Statement, named
from oko.measures.zones.spread import satterthwaite
from oko.measures.zones.works import need

NEEDED = ("school", "unit", "target", "n", "residual", "se", "df", "lower", "upper", "kind", "se_norm", "df_norm")
COLUMNS = (
    "unit", "target", "giver", "receiver", "giver_residual", "giver_lower", "giver_upper", "receiver_residual",
    "receiver_lower", "receiver_upper", "difference", "se", "lower", "upper", "proposed",
)  # fmt: skip


def pairs(profile: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    r"""Return which school's strength meets which other school's deficit, and a proposal of pairs.

    Parameters
    ----------
    profile : DataFrame
        Of `profiles`.
    level : float, default 0.95
        Of the interval of the difference.

    Returns
    -------
    DataFrame
        One row a unit, target, school with the strength (``giver``) and school with the deficit (``receiver``):
        their residuals and intervals (``giver_residual``, ``giver_lower``, …), ``difference`` of the two (logits) with
        ``se``, ``lower``, ``upper``; ``proposed``: the pair is in the proposal. ``attrs["statements"]``.

    Raises
    ------
    MeasureError
        A column is missing or the level is wrong.

    Notes
    -----
    For each unit and target the proposal is the assignment of givers to receivers, each at most once, that makes the
    sum of difference / se greatest (maximum-weight matching of a bipartite graph,
    `scipy.optimize.linear_sum_assignment`); schools are taken in the order of their codes, so that equal sums always
    give the same proposal. What the norm adds to both errors cancels in the difference. A strength on a
    task does not say why it is there; that the giver can pass it on is for the two schools to see.

    Examples
    --------
    >>> row = {"unit": "w", "target": "1", "n": 60, "se": 0.2, "df": 50, "se_norm": 0.0, "df_norm": 38}
    >>> lines = [("1", 0.9, 0.5, 1.3, "strength"), ("2", -0.9, -1.3, -0.5, "deficit")]
    >>> names = ("school", "residual", "lower", "upper", "kind")
    >>> profile = pd.DataFrame([row | dict(zip(names, line, strict=True)) for line in lines])
    >>> pairs(profile)[["giver", "receiver", "difference", "proposed"]].values.tolist()
    [['1', '2', 1.8, True]]
    """
    check_level(level)
    need(profile, NEEDED, "profile")
    zones = profile[profile["kind"].isin(["deficit", "strength"])].sort_values(["unit", "target", "school"])
    rows: list[dict[str, object]] = []
    for _, part in zones.groupby(["unit", "target"], sort=True):
        rows += _matched(part, level)
    result = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"proposed": bool})
    result.attrs["statements"] = tuple(_said(zones, result))
    return result


def _matched(part: pd.DataFrame, level: float) -> list[dict[str, object]]:
    givers = part[part["kind"] == "strength"].to_dict("records")
    receivers = part[part["kind"] == "deficit"].to_dict("records")
    if not givers or not receivers:
        return []
    rows = [[_pair(giver, receiver, level) for receiver in receivers] for giver in givers]
    evidence = np.array([[float(pair["difference"] / pair["se"]) for pair in line] for line in rows])  # type: ignore[operator]
    chosen = set(zip(*(place.tolist() for place in linear_sum_assignment(evidence, maximize=True)), strict=True))
    return [
        pair | {"proposed": (one, other) in chosen} for one, line in enumerate(rows) for other, pair in enumerate(line)
    ]


def _pair(giver: Mapping[object, object], receiver: Mapping[object, object], level: float) -> dict[str, object]:
    both = pd.DataFrame([giver, receiver])
    norm = both["se_norm"].fillna(0.0).to_numpy(dtype=float) ** 2
    variances = np.maximum(both["se"].to_numpy(dtype=float) ** 2 - norm, 0)
    se = float(np.sqrt(variances.sum()))
    df = float(satterthwaite(variances[None, :], both["df"].to_numpy(dtype=float)[None, :])[0])
    difference = float(both["residual"].iloc[0] - both["residual"].iloc[1])
    half = float(stdtrit(df, (1 + level) / 2)) * se
    sides = {
        f"{side}_{name}": school[name]
        for side, school in (("giver", giver), ("receiver", receiver))
        for name in ("residual", "lower", "upper")
    }
    return {
        "unit": giver["unit"], "target": giver["target"], "giver": giver["school"], "receiver": receiver["school"],
        **sides, "difference": difference, "se": se, "lower": difference - half, "upper": difference + half,
    }  # fmt: skip


def _said(zones: pd.DataFrame, result: pd.DataFrame) -> list[Statement]:
    proposed = result[result["proposed"]]
    said = [Statement("zones_no_pairs") if proposed.empty else Statement("zones_pairs", {"n": len(proposed)})]
    keys = ["unit", "target", "school"]
    deficits = zones.loc[zones["kind"] == "deficit", keys]
    met = set(proposed[["unit", "target", "receiver"]].itertuples(index=False, name=None))
    alone = [row for row in deficits.itertuples(index=False, name=None) if row not in met]
    if alone:
        schools = named(sorted({str(row[2]) for row in alone}))
        said.append(Statement("zones_without_partner", {"n": len(alone), "of": len(deficits), "schools": schools}))
    return said
