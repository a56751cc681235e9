"""Outcomes beside the target tasks: the other tasks of the same works, and whole works."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.measures.evidence import school_wave_means
from oko.records import outcomes
from oko.records.effect_data import AFTER, FURTHER, EffectData

KEYS = ["school", "stratum", "period"]


def further_outcomes(data: EffectData) -> dict[str, pd.DataFrame]:
    """Return the rows of the waves before and after for the further outcomes that a family of the protocol names.

    Parameters
    ----------
    data : EffectData

    Returns
    -------
    dict of str to DataFrame
        ``non_targets``, ``whole_work``: as ``EffectData.pair`` gives them, in standard deviations of the comparison
        schools' pupils in the whole work. Reports do not give the spread of the other tasks alone, so these are
        measured in the same unit.
    """
    families = () if data.protocol is None else data.protocol.families
    asked = [name for name in FURTHER if any(name in family.outcomes for family in families)]
    if not asked or not data.asked:
        return {}
    works = {"whole_work": _tasks(data, targets=True), "non_targets": _tasks(data, targets=False)}
    groups = data.source.register("groups")
    read = {
        name: outcomes.reported_scores(tasks, data.source.items(), groups, data.codes(0), "")
        for name, tasks in works.items()
    }
    spread = read["whole_work"].set_index(KEYS)["sd"]
    read["non_targets"]["sd"] = spread.reindex(pd.MultiIndex.from_frame(read["non_targets"][KEYS])).to_numpy()
    found = {}
    for name in asked:
        ours = outcomes.target_scores(works[name], data.responses, data.codes(1))
        found[name] = data.paired(school_wave_means(ours, read[name]))
    return found


def _tasks(data: EffectData, *, targets: bool) -> pd.DataFrame:
    """Return the tasks of the outcome's works, with the target tasks or without them."""
    works = data.targets[["wave", "subject", "grade", "assessment"]].drop_duplicates().dropna(subset="assessment")
    every = works.merge(data.source.items()[["assessment", "item"]], on="assessment")
    chosen = pd.MultiIndex.from_frame(data.targets[["assessment", "item"]].astype("str"))
    kept = every if targets else every[~pd.MultiIndex.from_frame(every[["assessment", "item"]]).isin(chosen)]
    return kept.reset_index(drop=True)


def presence(data: EffectData) -> pd.DataFrame:
    """Return shares of the points of the target tasks in the wave after, with those who were absent.

    Parameters
    ----------
    data : EffectData

    Returns
    -------
    DataFrame
        share (0 to 1; missing for absent pupils), treated, pupils (how many a row stands for). A row for each of the
        cluster's pupils and works, for the absent of a work, and for each comparison school and work; in each work
        comparison schools weigh as much as the cluster's pupils who wrote it.
    """
    own = data.points[data.points["period"] == AFTER]
    wrote = own.assign(share=own["points"] / own["max_score"], treated=1, pupils=1.0)
    most, size = own.groupby("stratum")["max_score"].first(), own.groupby("stratum").size()
    others = data.means[(data.means["treated"] == 0) & (data.means["period"] == AFTER)]
    others = others[others["stratum"].isin(size.index)]
    weight = others["n"] * others["stratum"].map(size) / others.groupby("stratum")["n"].transform("sum")
    compared = others.assign(share=others["mean"] / others["stratum"].map(most), treated=0, pupils=weight.astype(float))
    absent = pd.DataFrame({"share": [np.nan], "treated": [1], "pupils": [float(_absent(data))]})
    columns = ["share", "treated", "pupils"]
    return pd.concat([wrote[columns], compared[columns], absent], ignore_index=True).astype({"share": "float64"})


def _absent(data: EffectData) -> int:
    """Count how many times a listed pupil of the cluster did not write a work of the wave after."""
    works = data.targets.loc[data.targets["wave"] == AFTER, "assessment"].dropna().unique()
    results = data.source.results(role="cluster")
    there = results["assessment"].isin(works) & results["school"].isin(data.codes(1))
    return int((there & (results["status"] != "took")).sum())
