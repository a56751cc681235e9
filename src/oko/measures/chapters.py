"""A chapter for each work of a subject: one school's pupils and tasks, on a scale that the whole cluster makes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.measures import irt
from oko.measures.bias import mark_borders
from oko.measures.bias.borders import BORDERS
from oko.measures.items import level_groups, thirds
from oko.measures.items.level_groups import THIRDS
from oko.measures.marks import MARKS, summary
from oko.measures.responses import Floats

FEWEST_CALIBRATED = 100
BIN = 0.5
_EMPTY = {
    "groups": ["item", "group", "n", "facility", "lower", "upper"],
    "anomalies": ["item", "weaker", "stronger", "difference", "lower", "upper"],
    "scale": ["item", "points", "threshold", "whole", "reached_by"],
    "levels": ["group", "n", "ability"],
    "persons": ["lower", "upper", "n", "own"],
}


@dataclass(frozen=True)
class Chapter:
    """What one work says of a school.

    Attributes
    ----------
    assessment : str
    n, n_cluster : int
        Pupils of the school, and of the cluster, whose points are known task by task.
    groups, anomalies : DataFrame
        From ``items.level_groups``: by mark, or by thirds of the cluster where the work has no marks.
    classes : DataFrame
        From ``marks.summary`` by class.
    scores : DataFrame
        ``score``, ``n`` pupils of the school, ``border`` (the mark that begins here in the cluster, or where schools
        marked differently, in the school; or NaN).
    scale : DataFrame
        Tasks on the cluster's scale, from the easiest up: ``item``, ``points``, ``threshold`` (the ability at which
        these points or more are as likely as fewer), ``whole`` (all points of the task), ``reached_by`` (the weakest
        level group of the cluster whose middle pupil stands there or above; empty where none does).
    levels : DataFrame
        ``group``, ``n`` pupils of the school, ``ability`` of the cluster's middle pupil of this level.
    persons : DataFrame
        ``lower``, ``upper`` of a stretch of the scale, ``n`` pupils of the cluster, ``own`` of the school.
    """

    assessment: str
    n: int
    n_cluster: int
    groups: pd.DataFrame
    anomalies: pd.DataFrame
    classes: pd.DataFrame
    scores: pd.DataFrame
    scale: pd.DataFrame
    levels: pd.DataFrame
    persons: pd.DataFrame


def chapters(
    points: Mapping[str, pd.DataFrame],
    results: pd.DataFrame,
    items: pd.DataFrame,
    school: str,
    fewest: int = FEWEST_CALIBRATED,
) -> dict[str, Chapter]:
    """Return a chapter for each work that pupils of a school took.

    Parameters
    ----------
    points : Mapping of assessment to DataFrame
        Points of the whole cluster; index school, class, pupil. A work may have none.
    results : DataFrame
        Schema ``RESULTS``: the cluster's rows of these works.
    items : DataFrame
        assessment, item, max_score.
    school : str
    fewest : int, default 100
        Pupils of the cluster without whom a work gets no scale; our own number.

    Returns
    -------
    dict of assessment to Chapter
        In the order of the ids.
    """
    took = results[results["status"] == "took"]
    mine = took[took["school"] == school]
    borders = mark_borders(took).combine_first(mark_borders(mine))
    classes = summary(mine[mine["class"].notna()], by=["assessment", "class"])
    most = dict(tuple(items.set_index("item").groupby("assessment")["max_score"]))
    found = {}
    for name in sorted(map(str, mine["assessment"].unique())):
        own = classes[classes["assessment"] == name].reset_index(drop=True)
        scores = _scores(mine[mine["assessment"] == name], borders[borders.index == name])
        of_work = took[took["assessment"] == name]
        found[name] = _chapter(name, points.get(name), of_work, most.get(name), school, fewest, own, scores)
    return found


def _chapter(
    name: str,
    points: pd.DataFrame | None,
    took: pd.DataFrame,
    most: pd.Series | None,
    school: str,
    fewest: int,
    classes: pd.DataFrame,
    scores: pd.DataFrame,
) -> Chapter:
    group, order = _groups(took)
    frames = {part: pd.DataFrame(columns=columns) for part, columns in _EMPTY.items()}
    n = n_cluster = 0
    if points is not None and most is not None and len(points):
        inside = points.index.get_level_values("school") == school
        of_pupil = pd.Series(group.reindex(points.index.get_level_values("pupil")).to_numpy(), dtype="str")
        n, n_cluster = int(inside.sum()), len(points)
        found = level_groups(points[inside], most, of_pupil[inside], order)
        frames |= {"groups": found.table, "anomalies": found.anomalies}
        if n_cluster >= fewest:
            frames |= _scale(points, most, inside, of_pupil, order)
    return Chapter(name, n, n_cluster, classes=classes, scores=scores, **frames)


def _groups(took: pd.DataFrame) -> tuple[pd.Series, list[str]]:
    """Return the level group of each pupil: the mark, or the third of the cluster where the work has no marks."""
    indexed = took.set_index("pupil")
    if indexed["mark"].notna().any():
        return indexed["mark"].astype("Int64").astype("str"), [str(mark) for mark in MARKS]
    return thirds(indexed["primary_score"].fillna(indexed["test_score"])), list(THIRDS)


def _scores(mine: pd.DataFrame, borders: pd.DataFrame) -> pd.DataFrame:
    score = mine["primary_score"].dropna().astype("int64")
    if score.empty:
        return pd.DataFrame({"score": [], "n": [], "border": []})
    most = mine["max_score"].max()
    last = int(most) if pd.notna(most) else int(score.max())
    counts = score.value_counts().reindex(range(max(last, int(score.max())) + 1), fill_value=0)
    frame = pd.DataFrame({"score": counts.index, "n": counts.to_numpy(), "border": np.nan})
    for border in borders.to_dict("records"):
        for mark, column in BORDERS.items():
            frame.loc[frame["score"] == border[column], "border"] = float(mark)
    return frame


def _scale(
    points: pd.DataFrame, most: pd.Series, inside: np.ndarray, group: pd.Series, order: list[str]
) -> dict[str, pd.DataFrame]:
    """Fit the partial credit model to the cluster and put tasks, levels and the school's pupils on its scale."""
    model = irt.fit(points, "pcm", max_scores=most)
    if not len(model.calibration.items) or not model.converged:
        return {}
    ability = model.abilities("wle")["ability"].to_numpy(dtype=float)
    known = ability[np.isfinite(ability)]
    if not len(known):
        return {}
    edges = np.arange(np.floor(known.min() / BIN) * BIN, known.max() + BIN + 1e-9, BIN)
    drawn = irt.wright_map(model.calibration, ability, bins=edges)
    own, _ = np.histogram(ability[inside & np.isfinite(ability)], bins=edges)
    middles = pd.Series([float(_median(ability[(group == each).to_numpy()])) for each in order], order)
    levels = pd.DataFrame({"group": order, "n": [int((group[inside] == each).sum()) for each in order]})
    scale = drawn.items.assign(
        whole=drawn.items["points"] == drawn.items["item"].map(most),
        reached_by=[_reached(threshold, middles) for threshold in drawn.items["threshold"]],
    )
    return {
        "scale": scale[_EMPTY["scale"]],
        "levels": levels.assign(ability=middles.to_numpy()),
        "persons": drawn.persons.assign(own=own),
    }


def _median(ability: Floats) -> float:
    known = ability[np.isfinite(ability)]
    return float(np.median(known)) if len(known) else float("nan")


def _reached(threshold: float, middles: pd.Series) -> str:
    there = middles.index[(middles >= threshold).to_numpy()]
    return str(there[0]) if len(there) else ""
