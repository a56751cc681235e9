"""Value added of every assessment of a year: the measure of ``schools`` repeated, its results stacked."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.items import facility
from oko.measures.schools import ValueAdded, value_added
from oko.measures.statement import Statement

PRIOR = "prior_score"
SLOPE_SCHOOLS = 20


@dataclass(frozen=True)
class YearModels:
    """Models of a year.

    Attributes
    ----------
    intercept, slope : Mapping of str to ValueAdded
        Random-intercept and random-slope models by assessment; a slope model needs ``SLOPE_SCHOOLS`` schools.
    statements : tuple of (assessment, model, Statement)
        What could not be done, or has to be said beside a result.
    """

    intercept: Mapping[str, ValueAdded]
    slope: Mapping[str, ValueAdded]
    statements: tuple[tuple[str, str, Statement], ...]

    def _models(self) -> list[tuple[str, str, ValueAdded]]:
        kinds = {"intercept": self.intercept, "slope": self.slope}
        return [(name, kind, model) for kind, models in kinds.items() for name, model in models.items()]

    def fixed_effects(self) -> pd.DataFrame:
        """Return rows assessment, model, term: estimate, se, n."""
        return self._stack("fixed", "term", ["term", "estimate", "se"])

    def schools(self) -> pd.DataFrame:
        """Return rows assessment, model, school: n, residual, se and intervals."""
        return self._stack(
            "schools", "school", ["school", "n", "residual", "se", "lower", "upper", "gh_lower", "gh_upper"]
        )

    def variance(self) -> pd.DataFrame:
        """Return rows assessment, model, component: value, n."""
        rows = [
            {"assessment": name, "model": kind, "component": str(component), "value": float(value), "n": model.n}
            for name, kind, model in self._models()
            for component, value in {**model.variance, "icc": model.icc, "minus2loglik": model.minus2loglik}.items()
        ]
        return pd.DataFrame(rows, columns=["assessment", "model", "component", "value", "n"])

    def stated(self) -> pd.DataFrame:
        """Return rows assessment, model, code: values as JSON, n of the model."""
        rows = [
            {
                "assessment": name,
                "model": kind,
                "code": statement.code,
                "values": json.dumps(dict(statement.values), sort_keys=True, default=str),
                "n": self.intercept[name].n if name in self.intercept else 0,
            }
            for name, kind, statement in self.statements
        ]
        return pd.DataFrame(rows, columns=["assessment", "model", "code", "values", "n"])

    def _stack(self, attribute: str, index: str, columns: list[str]) -> pd.DataFrame:
        frames = []
        for name, kind, model in self._models():
            frame: pd.DataFrame = getattr(model, attribute).rename_axis(index).reset_index()
            frame = frame.assign(n=model.n) if "n" not in frame else frame
            frames.append(frame.assign(assessment=name, model=kind))
        ordered = ["assessment", "model", *columns, *([] if "n" in columns else ["n"])]
        return pd.concat(frames)[ordered].reset_index(drop=True) if frames else pd.DataFrame(columns=ordered)


def linked(results: pd.DataFrame, assessments: pd.DataFrame, year: str) -> pd.DataFrame:
    """Put each result of a year beside the same pupil's result in the earlier assessment that belongs to it.

    Parameters
    ----------
    results : DataFrame
        Schema ``RESULTS``, the year's and the earlier years' rows.
    assessments : DataFrame
        Schema ``ASSESSMENTS``; ``prior`` names the earlier assessment.
    year : str
        The school year of the outcome.

    Returns
    -------
    DataFrame
        Columns assessment, subject, school, class, pupil, score, prior_score; one row a pupil with both results.
        A score is the ``test_score`` where the procedure reports one, otherwise the primary score.
    """
    scored = results.assign(score=results["test_score"].fillna(results["primary_score"]))
    scored = scored[scored["score"].notna()]
    priors = assessments.loc[(assessments["year"] == year) & assessments["prior"].notna(), ["assessment", "prior"]]
    outcome = scored.merge(priors, on="assessment")
    earlier = scored[["assessment", "pupil", "score"]].rename(columns={"assessment": "prior", "score": PRIOR})
    pairs = outcome.merge(earlier, on=["prior", "pupil"], validate="many_to_one")
    return pairs[["assessment", "subject", "school", "class", "pupil", "score", PRIOR]].reset_index(drop=True)


def unlinked(pairs: pd.DataFrame, results: pd.DataFrame, assessments: pd.DataFrame, year: str) -> tuple[str, ...]:
    """Return the year's assessments whose pupils are not found in the earlier one, though both have results.

    Participants' codes of ВПР change every year, so that only a school's roster can join the waves of a pupil.

    Parameters
    ----------
    pairs : DataFrame
        From :func:`linked`.
    results, assessments : DataFrame
        Schemas ``RESULTS`` and ``ASSESSMENTS``.
    year : str
        The school year of the outcome.
    """
    held = set(results.loc[results["status"] == "took", "assessment"])
    rows = assessments[(assessments["year"] == year) & assessments["prior"].isin(held)]
    return tuple(sorted(set(rows["assessment"]) & held - set(pairs["assessment"])))


def year_models(
    pairs: pd.DataFrame,
    missing: Sequence[str] = (),
    fewest: int = 1,
    apart: Collection[tuple[str, str]] = (),
) -> YearModels:
    """Fit value added for every assessment of a year.

    Parameters
    ----------
    pairs : DataFrame
        From :func:`linked`.
    missing : sequence of str
        Assessments without a link to the earlier one, from :func:`unlinked`: each gets the statement ``link_missing``.
    fewest : int, default 1
        Schools with fewer linked pupils in an assessment are left out of its model (statement ``schools_left_out``):
        where a model is published, the residual of a school that is in it can be worked out, for they sum to zero.
    apart : collection of (assessment, school)
        From :func:`oko.measures.remainders.telling`: schools to leave out too (statement ``schools_apart``).

    Returns
    -------
    YearModels
        Random intercept by REML for each assessment; random slope of the earlier score where there are
        ``SLOPE_SCHOOLS`` schools or more, since a variance of slopes from fewer says next to nothing.
    """
    intercept: dict[str, ValueAdded] = {}
    slope: dict[str, ValueAdded] = {}
    statements = [(name, "intercept", Statement("link_missing", {})) for name in missing]
    for assessment, linked_rows in pairs.groupby("assessment", sort=True):
        name = str(assessment)
        rows, left_out = _of_enough(linked_rows, fewest)
        own = rows["school"].isin([school for work, school in apart if work == name])
        if own.any():
            values = {"n_schools": int(rows.loc[own, "school"].nunique())}
            statements.append((name, "intercept", Statement("schools_apart", values)))
            rows = rows[~own]
        if left_out:
            values = {"n_schools": left_out, "fewest": fewest}
            statements.append((name, "intercept", Statement("schools_left_out", values)))
        _fit(rows, name, "intercept", intercept, statements)
        schools = rows["school"].nunique()
        if schools >= SLOPE_SCHOOLS:
            _fit(rows, name, "slope", slope, statements)
        else:
            values = {"n_schools": int(schools), "needed": SLOPE_SCHOOLS}
            statements.append((name, "slope", Statement("slope_needs_schools", values)))
    return YearModels(intercept, slope, tuple(statements))


def _of_enough(rows: pd.DataFrame, fewest: int) -> tuple[pd.DataFrame, int]:
    """Return the rows of schools with enough pupils, and how many schools are left out."""
    pupils = rows.groupby("school", observed=True)["school"].transform("size")
    return rows[pupils >= fewest], int(rows.loc[pupils < fewest, "school"].nunique())


def _fit(
    rows: pd.DataFrame,
    name: str,
    kind: str,
    models: dict[str, ValueAdded],
    statements: list[tuple[str, str, Statement]],
) -> None:
    slopes = (PRIOR,) if kind == "slope" else ()
    try:
        model = value_added(rows, "score", [PRIOR], slopes=slopes)
    except MeasureError as error:
        statements.append((name, kind, Statement("not_estimated", {"message": error.message, **error.values})))
        return
    models[name] = model
    statements.extend((name, kind, statement) for statement in model.statements)


def facilities(
    responses: Mapping[str, pd.DataFrame],
    items: pd.DataFrame,
    school: str | None = None,
    not_attempted: Mapping[str, pd.DataFrame] | None = None,
    not_covered: Mapping[str, pd.DataFrame] | None = None,
) -> pd.DataFrame:
    """Return the facility of every task of a year's assessments, in one school beside the whole cluster.

    Parameters
    ----------
    responses : Mapping of str to DataFrame
        Task scores by assessment; index school, class, pupil; columns tasks.
    items : DataFrame
        Schema ``ITEMS``.
    school : str, optional
        Code of the school; by default the cluster itself.
    not_attempted, not_covered : Mapping of str to DataFrame, optional
        Masks of the same pupils by assessment: who did not start a task, whose class had not had its topic yet.

    Returns
    -------
    DataFrame
        assessment, item, label, level, max_score, n, facility, lower, upper, share_full, share_zero,
        share_not_attempted (of the n), share_not_covered (of all who took the work), cluster_n, cluster_facility; tasks
        in the order of the work. Intervals are clustered by class.

    Notes
    -----
    A task that was not attempted has 0 points and counts; one whose topic was not covered has none and does not count
    in the facility, though it counts 0 in the primary score.
    """
    frames = []
    for name, scores in sorted(responses.items()):
        own = scores if school is None else scores[scores.index.get_level_values("school") == school]
        if not own.empty:
            masks = {"share_not_attempted": not_attempted, "share_not_covered": not_covered}
            shares = {column: _share(own, (mask or {}).get(name)) for column, mask in masks.items()}
            frames.append(_facilities(name, scores, own, items).assign(**shares)[_FACILITY_COLUMNS])
    if frames:
        return pd.concat(frames).reset_index(drop=True)
    return pd.DataFrame(columns=_FACILITY_COLUMNS)


_FACILITY_COLUMNS = [
    "assessment", "item", "label", "level", "max_score", "n", "facility", "lower", "upper",
    "share_full", "share_zero", "share_not_attempted", "share_not_covered", "cluster_n", "cluster_facility",
]  # fmt: skip


def _share(own: pd.DataFrame, mask: pd.DataFrame | None) -> np.ndarray:
    """Return by task the share of a mask: of the pupils with points, or of all where nobody with the mask has any."""
    if mask is None:
        return np.full(own.shape[1], np.nan)
    marked = mask.reindex(own.index)[list(own)].to_numpy(dtype=bool)
    counted = own.notna().to_numpy() | marked
    of = counted.sum(axis=0)
    return np.where(of > 0, marked.sum(axis=0) / np.maximum(of, 1), np.nan)


def _facilities(name: str, scores: pd.DataFrame, own: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    described = items[items["assessment"] == name].sort_values("position").set_index("item")
    rows = facility(own, described["max_score"], clusters=_classes(own))
    whole = rows if own is scores else facility(scores, described["max_score"])
    cluster = whole[["n", "facility"]].add_prefix("cluster_")
    joined = rows.join(cluster).join(described[["label", "level", "max_score"]]).rename_axis("item").reset_index()
    return joined.assign(assessment=name)


def _classes(scores: pd.DataFrame) -> pd.Series:
    """Return the cluster of each pupil: the class within the school."""
    keys = scores.index.to_frame()
    return keys["school"] + " " + keys["class"].fillna("")
