"""How much of what the tasks of a skill ask for is shown, by the group and by each pupil."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.measures.intervals import bounded_interval, check_level, clustered_means
from oko.measures.items.facility import cluster_codes
from oko.measures.items.moments import Floats, Mask, Moments, moments, read_scored
from oko.measures.items.reliability import alpha, measurement_error, total_variance
from oko.measures.items.remarks import FEWEST_PUPILS
from oko.measures.responses import Responses, maxima, read_responses
from oko.measures.skills.matrix import read_matrix
from oko.measures.statement import Statement, named, whole
from oko.measures.weights import Codes, Weights

FEWEST_ITEMS = 3
_BITS = 30
_NUMBERS = ("facility", "lower", "upper", "alpha", "sem")


@dataclass(frozen=True)
class SkillResults:
    """Results by skill.

    Attributes
    ----------
    skills : DataFrame, index ``skill``
        ``n_items`` behind the skill and ``items``, a tuple of their names; ``n`` pupils who were given one of them or
        more; ``facility`` (0 to 1), share of the points of these tasks that pupils earned, ``lower``, ``upper``;
        ``alpha`` of these tasks; ``sem``, standard error of one pupil's share. With fewer than three tasks all but the
        counts are NaN: they allow no conclusion on the skill.
    pupil_scores : DataFrame, pupils × skills
        Share of the points that a pupil earned on the tasks of the skill (0 to 1); NaN where the pupil was given fewer
        than three of them.
    pupil_se : DataFrame, pupils × skills
        Standard error of measurement of ``pupil_scores``; NaN where it is not known.
    statements : tuple of Statement
    """

    skills: pd.DataFrame
    pupil_scores: pd.DataFrame
    pupil_se: pd.DataFrame
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class _Skill:
    """One skill: its tasks, and what each pupil showed."""

    name: str
    items: tuple[object, ...]
    n: float
    row: dict[str, float]
    shares: Floats
    se: Floats
    n_few: float
    n_unsure: float


def by_skill(
    scores: pd.DataFrame,
    matrix: pd.DataFrame,
    max_scores: pd.Series | None = None,
    weights: Weights = None,
    clusters: pd.Series | None = None,
    level: float = 0.95,
) -> SkillResults:
    r"""Return results by skill through the agreed matrix of tasks and skills.

    Parameters
    ----------
    scores : DataFrame, pupils × items
        Points from 0 to the item's maximum; NaN where the item was not administered.
    matrix : DataFrame, items × skills
        1 or True where the task asks for the skill, 0 or False where not, or an agreed weight between. Items that it
        does not hold belong to no skill.
    max_scores : Series, optional
        Greatest points of each item; without it the greatest points seen.
    weights : str, Series, array or None
        How many pupils a row stands for; not the name of an item.
    clusters : Series, optional
        Class of each pupil, on the index of ``scores``.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    SkillResults

    Raises
    ------
    MeasureError
        Points, maxima, matrix, weights, clusters or level are wrong.

    Notes
    -----
    With q the entry of the matrix a pupil's score is :math:`\sum_j q_j x_j / \sum_j q_j m_j` over the tasks given, and
    ``facility`` the mean of these shares, with the interval of `items.facility`. ``sem`` and ``pupil_se`` are
    :math:`s \sqrt{1 - α} / \sum_j q_j m_j`, s and α those of :math:`\sum_j q_j x_j` over the tasks that the pupil was
    given: an error of an average pupil, the same for all who were given the same tasks (Lord & Novick 1968).

    Examples
    --------
    >>> scores = pd.DataFrame({"1": [1, 1, 0, 1], "2": [2, 1, 0, 2], "3": [1, 0, 0, 1], "4": [1, 1, 0, 0]})
    >>> matrix = pd.DataFrame({"reading": [1, 1, 1, 0], "planning": [0, 0, 1, 1]}, index=list("1234"))
    >>> results = by_skill(scores, matrix, pd.Series({"1": 1, "2": 2, "3": 1, "4": 1}))
    >>> results.skills[["n_items", "n", "facility"]].round(3).to_dict("index")
    {'reading': {'n_items': 3, 'n': 4, 'facility': 0.625}, 'planning': {'n_items': 2, 'n': 4, 'facility': nan}}
    >>> results.pupil_scores["reading"].tolist()
    [1.0, 0.5, 0.0, 1.0]
    """
    check_level(level)
    read = read_responses(scores, weights, max_scores)
    belonging = read_matrix(matrix, read.items)
    cluster = cluster_codes(scores, clusters)
    found = moments(read_scored(read))
    most = np.fmax.reduce(read.points, axis=0) if max_scores is None else maxima(max_scores, read.items)
    usable = (np.diag(found.n_pairs) > 0) & (most > 0)
    weighing = np.where(usable[:, None], belonging, 0.0)
    skills = [
        _skill(read, found, weighing[:, place], most, cluster, level, str(name))
        for place, name in enumerate(matrix.columns)
    ]
    names = matrix.columns.rename("skill")
    return SkillResults(
        skills=_rows(skills, names),
        pupil_scores=pd.DataFrame(np.column_stack([each.shares for each in skills]), read.pupils, names),
        pupil_se=pd.DataFrame(np.column_stack([each.se for each in skills]), read.pupils, names),
        statements=(
            *_of_items(read, found, belonging, usable, greatest_seen=max_scores is None),
            *_of_skills(skills),
        ),
    )


def _skill(
    read: Responses, found: Moments, weighing: Floats, most: Floats, cluster: Codes, level: float, name: str
) -> _Skill:
    tasks = weighing > 0
    q, covariance = weighing[tasks], found.among(tasks) * np.outer(weighing[tasks], weighing[tasks])
    points, could = read.points[:, tasks], q * most[tasks]
    given = ~np.isnan(points)
    total = given @ could
    shares = np.divide(np.where(given, points, 0.0) @ q, total, out=np.full(len(points), np.nan), where=total > 0)
    mean = clustered_means(shares, read.weights, np.zeros(len(points), dtype=np.int64), cluster, 1)
    few = given.sum(axis=1) < FEWEST_ITEMS
    items = tuple(read.items[tasks])
    if len(items) < FEWEST_ITEMS:
        nothing = np.full(len(points), np.nan)
        return _Skill(name, items, float(mean.n[0]), dict.fromkeys(_NUMBERS, np.nan), nothing, nothing.copy(), 0.0, 0.0)
    lower, upper = bounded_interval(mean, 0.0, 1.0, level)
    sem = _sem(np.ones((1, len(items)), dtype=np.bool_), covariance, could)
    numbers = (mean.mean[0], lower[0], upper[0], alpha(_varied(covariance)), sem[0])
    row = {name: float(number) for name, number in zip(_NUMBERS, numbers, strict=True)}
    n_few = float(read.weights[few & given.any(axis=1)].sum())
    shares, se = np.where(few, np.nan, shares), np.where(few, np.nan, _sem(given, covariance, could))
    n_unsure = float(read.weights[np.isnan(se) & ~np.isnan(shares)].sum())
    return _Skill(name, items, float(mean.n[0]), row, shares, se, n_few, n_unsure)


def _sem(given: Mask, covariance: Floats, could: Floats) -> Floats:
    """Return the standard error of measurement of the share of each pupil, from the tasks that were given."""
    sets, first = _sets(given)
    errors = np.full(len(first), np.nan)
    known = np.isfinite(np.diag(covariance))
    for number, taken in enumerate(given[first]):
        tasks = taken & known
        among = covariance[np.ix_(tasks, tasks)]
        error = measurement_error(total_variance(among), alpha(_varied(among)))
        errors[number] = error / could[tasks].sum() if tasks.any() else np.nan
    return errors[sets]


def _sets(given: Mask) -> tuple[Codes, Codes]:
    """Return which set of tasks each pupil was given, numbered from 0, and a pupil of each set."""
    sets = np.zeros(len(given), dtype=np.int64)
    for start in range(0, given.shape[1], _BITS):
        part = given[:, start : start + _BITS]
        sets = pd.factorize(sets * 2**_BITS + part @ 2 ** np.arange(part.shape[1]))[0].astype(np.int64)
    return sets, np.unique(sets, return_index=True)[1]


def _varied(covariance: Floats) -> Floats:
    varied = np.diag(covariance) > 0
    chosen: Floats = covariance[np.ix_(varied, varied)]
    return chosen


def _rows(skills: list[_Skill], names: pd.Index) -> pd.DataFrame:
    n = np.array([each.n for each in skills])
    frame = pd.DataFrame(
        {
            "n_items": [len(each.items) for each in skills],
            "items": pd.Series([each.items for each in skills], dtype=object).to_numpy(),
            "n": n.astype(np.int64) if np.array_equal(n, n.round()) else n,
        },
        index=names,
    )
    return pd.concat([frame, pd.DataFrame([each.row for each in skills], index=names)], axis=1)


def _of_items(
    read: Responses, found: Moments, belonging: Floats, usable: Mask, *, greatest_seen: bool
) -> Iterable[Statement]:
    """Say how the tasks stand to the skills and how empty cells were treated."""
    assigned = (belonging > 0).sum(axis=1)
    given = np.diag(found.n_pairs) > 0
    names = read.items.to_numpy()
    if greatest_seen:
        yield Statement("item_greatest_points_seen")
    if (assigned == 0).any():
        yield Statement("skills_items_unassigned", {"items": named(names[assigned == 0])})
    if (assigned > 1).any():
        yield Statement("skills_items_shared", {"items": named(names[assigned > 1])})
    if (~given & (assigned > 0)).any():
        yield Statement("skills_items_not_given", {"items": named(names[~given & (assigned > 0)])})
    if (given & ~usable & (assigned > 0)).any():
        yield Statement("item_maximum_unknown", {"items": named(names[given & ~usable & (assigned > 0)])})
    if found.n < FEWEST_PUPILS:
        yield Statement("item_few_pupils", {"n": whole(found.n), "needed": FEWEST_PUPILS})
    if not found.complete:
        partly = np.isnan(read.points[:, usable]).any(axis=1) & ~np.isnan(read.points).all(axis=1)
        if read.weights[partly].sum() > 0:
            yield Statement("skills_shares_of_given", {"n": whole(float(read.weights[partly].sum()))})


def _of_skills(skills: list[_Skill]) -> Iterable[Statement]:
    """Say what cannot be concluded on skills; those without a task in one breath."""
    without = [skill.name for skill in skills if not skill.items]
    if without:
        yield Statement("skills_without_items", {"skills": named(without)})
    for skill in skills:
        if skill.items:
            yield from _of_skill(skill)


def _of_skill(skill: _Skill) -> Iterable[Statement]:
    if len(skill.items) < FEWEST_ITEMS:
        values = {"skill": skill.name, "items": named(skill.items), "needed": FEWEST_ITEMS}
        yield Statement("skills_few_items", values)
    elif np.isnan(skill.row["alpha"]):
        yield Statement("skills_without_alpha", {"skill": skill.name})
    elif skill.row["alpha"] > 1:
        yield Statement("skills_alpha_above_one", {"skill": skill.name, "alpha": skill.row["alpha"]})
    elif skill.row["alpha"] < 0:
        yield Statement("skills_alpha_negative", {"skill": skill.name, "alpha": skill.row["alpha"]})
    if skill.n_few:
        counts = {"skill": skill.name, "n": whole(skill.n_few), "needed": FEWEST_ITEMS}
        yield Statement("skills_pupils_few_items", counts)
    if skill.n_unsure and not np.isnan(skill.row["sem"]):
        yield Statement("skills_errors_unknown", {"skill": skill.name, "n": whole(skill.n_unsure)})
