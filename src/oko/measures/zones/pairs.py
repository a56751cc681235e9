"""Which school could show another how it is done: strengths, and schools without the deficit, that meet a deficit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment
from scipy.special import stdtr, stdtrit

from oko.measures.intervals import check_level
from oko.measures.multiplicity import adjusted
from oko.measures.statement import Statement, named
from oko.measures.zones.spread import own_errors
from oko.measures.zones.works import need

NEEDED = ("school", "unit", "target", "n", "residual", "se", "df", "lower", "upper", "kind", "se_norm", "df_norm")
COLUMNS = (
    "unit", "target", "giver", "receiver", "giver_kind", "giver_residual", "giver_lower", "giver_upper",
    "receiver_residual", "receiver_lower", "receiver_upper", "difference", "se", "df", "lower", "upper", "proposed",
)  # fmt: skip
KEYS = ["unit", "target", "school"]


def pairs(profile: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    r"""Return which schools do better where another has a deficit, and a proposal of pairs.

    Parameters
    ----------
    profile : DataFrame
        Of `profiles`.
    level : float, default 0.95
        Of the interval of the difference; 1 − level is also what tells a giver without a strength.

    Returns
    -------
    DataFrame
        One row a unit, target, school that could help (``giver``) and school with the deficit (``receiver``):
        ``giver_kind``, "strength" or "without" (no deficit of its own to be seen, and more than the receiver); their
        residuals and intervals (``giver_residual``, ``giver_lower``, …), ``difference`` of the two (logits) with
        ``se``, ``df``, ``lower``, ``upper`` (for this row alone); ``proposed``: the pair is in the proposal.
        ``attrs["statements"]``.

    Raises
    ------
    MeasureError
        A column is missing or the level is wrong.

    Notes
    -----
    No pair without a deficit that `profiles` named. A giver has a strength that it named, or is a school "without":
    no deficit named, its own interval not below 0, and the difference above 0. The latter is Holm's among the schools
    that come into question for a receiver, at (1 − level) R / T for the R deficits of the T numbers of the unit
    (Benjamini & Bogomolov 2014, as in `shared`): receivers were chosen for being low, and this pays for it.

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
    >>> pairs(profile)[["giver", "receiver", "giver_kind", "difference", "proposed"]].values.tolist()
    [['1', '2', 'strength', 1.8, True]]
    """
    check_level(level)
    need(profile, NEEDED, "profile")
    known = profile[profile["residual"].notna() & profile["se"].notna()].sort_values(["unit", "target", "school"])
    known.attrs.clear()  # pandas would copy the statements with every row taken
    rows: list[dict[str, object]] = []
    for _, unit in known.groupby("unit", sort=True):
        alpha = (1 - level) * float((unit["kind"] == "deficit").mean())
        for _, part in unit.groupby("target", sort=True):
            rows += _matched(own_errors(part), level, alpha)
    result = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"proposed": bool})
    result.attrs["statements"] = tuple(_said(known, result))
    return result


def _matched(part: pd.DataFrame, level: float, alpha: float) -> list[dict[str, object]]:
    """Return the pairs of a target, those of the best assignment marked."""
    givers = part[(part["kind"] == "strength") | ((part["kind"] == "none") & (part["upper"] >= 0))]
    receivers = part[part["kind"] == "deficit"]
    if givers.empty or receivers.empty:
        return []
    found = [_pairs_of(givers, receiver, level, alpha) for receiver in receivers.to_dict("records")]
    evidence = np.array([[weight if told else 0.0 for _, told, weight in line] for line in found])
    chosen = set(zip(*(place.tolist() for place in linear_sum_assignment(evidence.T, maximize=True)), strict=True))
    return [
        found[other][one][0] | {"proposed": (one, other) in chosen}
        for one in range(len(givers))
        for other in range(len(receivers))
        if found[other][one][1]
    ]


def _pairs_of(
    givers: pd.DataFrame, receiver: Mapping[object, object], level: float, alpha: float
) -> list[tuple[dict[str, object], bool, float]]:
    """Return a receiver's pair with each giver, whether the pair holds, and its evidence."""
    rows = [_pair(giver, receiver, level) for giver in givers.to_dict("records")]
    difference, se, df = (np.array([row[name] for row in rows], dtype=float) for name in ("difference", "se", "df"))
    strong = (givers["kind"] == "strength").to_numpy()
    p = np.where(strong, np.nan, stdtr(df, -difference / se))
    told = strong | (adjusted(p, "holm") <= alpha)
    return list(zip(rows, told.tolist(), (difference / se).tolist(), strict=True))


def _pair(giver: Mapping[object, object], receiver: Mapping[object, object], level: float) -> dict[str, object]:
    both = pd.DataFrame([giver, receiver])
    # the schools' errors are widened by one design effect: its degrees of freedom do not add up
    se, df = float(np.sqrt(both["own"].sum())), float(both["own_df"].min())
    difference = float(both["residual"].iloc[0] - both["residual"].iloc[1])
    half = float(stdtrit(df, (1 + level) / 2)) * se
    sides = {
        f"{side}_{name}": school[name]
        for side, school in (("giver", giver), ("receiver", receiver))
        for name in ("residual", "lower", "upper")
    }
    return {
        "unit": giver["unit"], "target": giver["target"], "giver": giver["school"], "receiver": receiver["school"],
        "giver_kind": "strength" if giver["kind"] == "strength" else "without",
        **sides, "difference": difference, "se": se, "df": df, "lower": difference - half, "upper": difference + half,
    }  # fmt: skip


def _said(known: pd.DataFrame, result: pd.DataFrame) -> list[Statement]:
    proposed = result[result["proposed"]]
    said = [Statement("zones_no_pairs") if proposed.empty else Statement("zones_pairs", {"n": len(proposed)})]
    without = int((proposed["giver_kind"] == "without").sum())
    if without:
        said.append(Statement("zones_pairs_without_strength", {"n": without, "of": len(proposed)}))
    deficits = set(known.loc[known["kind"] == "deficit", KEYS].itertuples(index=False, name=None))
    receivers = ["unit", "target", "receiver"]
    met, possible = (set(rows[receivers].itertuples(index=False, name=None)) for rows in (proposed, result))
    if possible - met:
        said.append(Statement("zones_partner_taken", _counted(possible - met, len(deficits))))
    if deficits - possible:
        said.append(Statement("zones_without_partner", _counted(deficits - possible, len(deficits))))
    return said


def _counted(left: set[tuple[str, ...]], of: int) -> dict[str, object]:
    return {"n": len(left), "of": of, "schools": named(sorted({str(row[2]) for row in left}))}
