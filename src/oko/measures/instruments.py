"""An instrument from all sides: its tasks, its sum of points, what it measures, its scale, its fairness to groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.measures import factors, irt
from oko.measures.items import ItemAnalysis, analyse, distractors
from oko.measures.items.facility import facility
from oko.measures.raters import ExpertAgreement, expert_agreement
from oko.measures.skills import SkillResults, by_skill
from oko.measures.statement import Statement

FEWEST_SCALED = 50
"""Least number of pupils for a scale: difficulties to about one logit (Linacre 1994, RMT 7:4, 328; from memory)."""
ENOUGH_FOR_SLOPES = 500
SEED = 1965
_OF_ITEMS = ("item_rest", "alpha_if_deleted", "upper_lower", "not_attempted")
_OF_FIT = ("s_x2", "df", "p_adjusted", "infit", "outfit")


@dataclass(frozen=True)
class Examined:
    """What the points of one sitting say of an instrument.

    Attributes
    ----------
    items : DataFrame, index ``item``
        ``n``, ``max_score``; ``facility``, ``facility_lower``, ``facility_upper``; ``share_full``; ``item_rest``,
        ``alpha_if_deleted``, ``upper_lower``, ``not_attempted`` as in `items.analyse`; ``s_x2``, ``df``,
        ``p_adjusted``, ``infit``, ``outfit`` as in `IRT.item_fit`, NaN without a scale.
    summary : DataFrame, index ``statistic``
        ``value``, ``value_lower``, ``value_upper``: alpha, omega, sem, mean, sd, reliability of the scale.
    eigenvalues : DataFrame, index ``position``
        ``value`` and ``chance``, what unrelated tasks reach in 5 of 100 cases.
    n_factors : int or None
        Leading eigenvalues above chance; None where there is no answer.
    model : IRT or None
        None with fewer than ``FEWEST_SCALED`` pupils, or where no model can be estimated.
    scores : DataFrame, pupils × items
    n : int
    statements : Mapping of str to tuple of Statement
        By part: items, factors, scale.
    """

    items: pd.DataFrame
    summary: pd.DataFrame
    eigenvalues: pd.DataFrame
    n_factors: int | None
    model: irt.IRT | None
    scores: pd.DataFrame
    n: int
    statements: Mapping[str, tuple[Statement, ...]]


def same_tasks(assessments: pd.DataFrame, items: pd.DataFrame, instrument: str) -> list[str]:
    """Return the sittings of the same instrument up to its year, the instrument itself last.

    Parameters
    ----------
    assessments : DataFrame
        assessment, procedure, subject, material_grade, year.
    items : DataFrame
        assessment, item, max_score.
    instrument : str
        Id of an assessment.

    Returns
    -------
    list of str
        Works of the same procedure, subject and material whose tasks have the same numbers and greatest points.

    Examples
    --------
    >>> works = pd.DataFrame({"assessment": ["a", "b"], "procedure": "control", "subject": "general",
    ...                       "material_grade": 7, "year": ["2019-2020", "2020-2021"]})
    >>> tasks = pd.DataFrame({"assessment": ["a", "b"], "item": "1", "max_score": 1.0})
    >>> same_tasks(works, tasks, "b"), same_tasks(works, tasks, "a")
    (['a', 'b'], ['a'])
    """
    known = assessments[assessments["assessment"] == instrument].to_dict("records")
    if not known:
        return [instrument]
    own = known[0]
    asked = {str(name): set(zip(rows["item"], rows["max_score"], strict=True)) for name, rows in
             items.groupby("assessment")}  # fmt: skip
    alike = assessments[assessments["year"] <= own["year"]].sort_values(["year", "assessment"])
    for column in ("procedure", "subject", "material_grade"):
        alike = alike[alike[column].eq(own[column]).fillna(False)]
    tasks = asked.get(instrument, set())
    earlier = [name for name in alike["assessment"] if name != instrument and tasks and asked.get(name) == tasks]
    return [*earlier, instrument]


def examine(
    scores: pd.DataFrame | None,
    max_scores: pd.Series,
    not_attempted: pd.DataFrame | None = None,
) -> Examined:
    """Examine an instrument by the points of one sitting.

    Parameters
    ----------
    scores : DataFrame, pupils × items, or None
        Points; NaN where the item was not administered. None where nothing is known of single tasks. Where the index
        names ``school`` and ``class``, intervals of facility allow for pupils of one class being alike.
    max_scores : Series, index items
    not_attempted : DataFrame of bool, pupils × items, optional

    Notes
    -----
    The scale is the partial credit model (Masters 1982), the field's usual choice for a small sample; from 500 pupils
    up each task has its own slope where Schwarz's criterion prefers that (`irt.compare`).

    Examples
    --------
    >>> points = pd.DataFrame({"1": [1.0, 1, 0, 1], "2": [2.0, 1, 0, 2], "3": [1.0, 0, 0, 1]})
    >>> seen = examine(points, pd.Series({"1": 1.0, "2": 2.0, "3": 1.0}))
    >>> seen.n, round(float(seen.summary["value"]["alpha"]), 2), seen.model
    (4, 0.89, None)
    """
    if scores is None or scores.dropna(how="all").empty or scores.shape[1] == 0:
        return _nothing(max_scores)
    there = scores.notna().any(axis=1)
    points, most = scores[there], max_scores.reindex(scores.columns)
    skipped = None if not_attempted is None else not_attempted.reindex(index=points.index, columns=points.columns)
    analysis = analyse(points, most, not_attempted=skipped)
    filled = points if skipped is None else points.mask(skipped.to_numpy(dtype=bool), 0.0)
    known = facility(filled, most, clusters=_classes(points))
    model = _scale(filled, most) if len(filled) >= FEWEST_SCALED else None
    fit = model.item_fit() if model is not None else pd.DataFrame(columns=list(_OF_FIT), dtype="float64")
    parallel = factors.parallel_analysis(filled, seed=SEED)
    items = known[["n", "facility", "lower", "upper", "share_full"]].rename(
        columns={"lower": "facility_lower", "upper": "facility_upper"}
    )
    items = items.assign(max_score=most, **{name: analysis.items[name] for name in _OF_ITEMS})
    said = {"items": analysis.statements, "factors": parallel.statements}
    return Examined(
        items=items.join(fit[list(_OF_FIT)]),
        summary=_summary(analysis, model),
        eigenvalues=parallel.eigenvalues[["component", "component_random_quantile"]].set_axis(
            ["value", "chance"], axis=1
        ),
        n_factors=parallel.n_components,
        model=model,
        scores=filled,
        n=len(points),
        statements={**said, "scale": () if model is None else (*model.statements, *fit.attrs["statements"])},
    )


def _classes(points: pd.DataFrame) -> pd.Series | None:
    """Return the class of each pupil where there are several."""
    if not {"school", "class"} <= set(points.index.names):
        return None
    school, own = (points.index.get_level_values(name).astype("str") for name in ("school", "class"))
    classes = pd.Series(school + " " + own, index=points.index)
    return classes if classes.nunique() > 1 else None


def _scale(scores: pd.DataFrame, max_scores: pd.Series) -> irt.IRT | None:
    model = irt.fit(scores, "pcm", max_scores=max_scores)
    if len(scores) >= ENOUGH_FOR_SLOPES and model.converged:
        slopes = irt.fit(scores, "gpcm", max_scores=max_scores)
        model = slopes if slopes.converged and slopes.bic < model.bic else model
    return model if model.converged and len(model.calibration.items) else None


def _summary(analysis: ItemAnalysis, model: irt.IRT | None) -> pd.DataFrame:
    rows = {name: (getattr(analysis, name), np.nan, np.nan) for name in ("alpha", "omega", "sem", "mean", "sd")}
    rows["alpha"] = (analysis.alpha, analysis.alpha_lower, analysis.alpha_upper)
    rows["reliability"] = (np.nan if model is None else model.reliability, np.nan, np.nan)
    frame = pd.DataFrame.from_dict(rows, "index", columns=["value", "value_lower", "value_upper"], dtype="float64")
    return frame.rename_axis("statistic")


def _nothing(max_scores: pd.Series) -> Examined:
    columns = ("n", "facility", "facility_lower", "facility_upper", "share_full", "max_score", *_OF_ITEMS, *_OF_FIT)
    items = pd.DataFrame(np.nan, index=max_scores.index.rename("item"), columns=list(columns))
    summary = pd.DataFrame(columns=["value", "value_lower", "value_upper"], dtype="float64").rename_axis("statistic")
    eigenvalues = pd.DataFrame(columns=["value", "chance"], dtype="float64").rename_axis("position")
    return Examined(
        items.assign(n=0, max_score=max_scores), summary, eigenvalues, None, None,
        pd.DataFrame(columns=max_scores.index, dtype="float64"), 0, {"items": (), "factors": (), "scale": ()},
    )  # fmt: skip


def judged(judgements: pd.DataFrame) -> ExpertAgreement | None:
    """Return how far experts agree on one instrument; None where nobody judged it.

    Parameters
    ----------
    judgements : DataFrame
        Rows of the register of experts' judgements.
    """
    known = judgements.dropna(subset=["weight"])
    return expert_agreement(known.drop(columns="instrument", errors="ignore")) if len(known) else None


def results_by_skill(
    examined: Examined, experts: ExpertAgreement | None, passports: pd.DataFrame
) -> SkillResults | None:
    """Return results by skill: by what experts agree on, else by the passports; None where neither is known.

    Parameters
    ----------
    examined : Examined
    experts : ExpertAgreement or None
    passports : DataFrame
        item, skill.
    """
    if experts is not None:
        matrix = experts.matrix.fillna(0.0)
    else:
        known = passports.dropna(subset=["skill"])
        matrix = pd.crosstab(known["item"], known["skill"]).astype("float64")
    matrix = matrix[matrix.index.isin(examined.scores.columns)]
    if not examined.n or matrix.empty:
        return None
    return by_skill(examined.scores, matrix, examined.items["max_score"], clusters=_classes(examined.scores))


def chosen(
    options: pd.DataFrame, passports: pd.DataFrame, scores: pd.DataFrame | None, not_attempted: pd.DataFrame | None
) -> pd.DataFrame | None:
    """Count who chose which option, task by task; None where no letters are known of tasks with a key.

    Parameters
    ----------
    options : DataFrame
        pupil, item, option: rows of the register of this instrument.
    passports : DataFrame
        item, right_option.
    scores, not_attempted : DataFrame, pupils × items, or None
        Points of the work, and the mask; their index names ``school`` and ``pupil``.

    Returns
    -------
    DataFrame
        As `items.distractors`, with the sum of points on all other tasks. A school of which no letter is known counts
        as not given the task.
    """
    key = passports.dropna(subset=["right_option"]).set_index("item")["right_option"]
    known = options[options["item"].isin(key.index)]
    if scores is None or not_attempted is None or known.empty:
        return None
    letters = known.pivot(index="pupil", columns="item", values="option")
    letters = letters[[item for item in scores.columns if item in letters.columns]]
    answers = letters.reindex(scores.index.get_level_values("pupil")).set_axis(scores.index)
    taken = answers.notna().groupby(level="school").transform("any")
    omitted = not_attempted[list(letters.columns)] & answers.isna() & taken
    there = (answers.notna() | omitted).any(axis=1)
    if not there.any():
        return None
    return distractors(answers[there], key, not_attempted=omitted[there], scores=scores[there])


def at_levels(examined: Examined, threshold: int) -> pd.DataFrame:
    """Count pupils along the scale, in steps of half a logit that are joined until each has enough pupils.

    Returns
    -------
    DataFrame
        ``start``, ``end`` in logits, ``n``; without rows where there is no scale.
    """
    if examined.model is None:
        return pd.DataFrame({"start": [], "end": [], "n": []}).astype({"n": "int64"})
    ability = examined.model.abilities("wle")["ability"].dropna()
    low, high = np.floor(2 * ability.min()) / 2, np.ceil(2 * ability.max() + 1e-9) / 2
    edges = np.arange(low, max(high, low + 0.5) + 0.25, 0.5)
    counts = np.histogram(ability, edges)[0]
    rows: list[list[float]] = []
    for start, end, n in zip(edges[:-1], edges[1:], counts, strict=True):
        if rows and rows[-1][2] < threshold:
            rows[-1][1], rows[-1][2] = end, rows[-1][2] + n
        else:
            rows.append([start, end, n])
    while len(rows) > 1 and rows[-1][2] < threshold:
        _, end, n = rows.pop()
        rows[-1][1], rows[-1][2] = end, rows[-1][2] + n
    return pd.DataFrame(rows, columns=["start", "end", "n"]).astype({"n": "int64"})
