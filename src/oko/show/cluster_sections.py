"""Sections of the cluster's page: every table came through protection, schools stand in a fixed order."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from oko.disclosure import Mean, Protected, protect
from oko.language import gettext, number, percent
from oko.measures import coverage as measured
from oko.measures.marks import MARKS, SHARES, SOU_POINTS
from oko.measures.schools import ValueAdded
from oko.measures.yearly import PRIOR, YearModels
from oko.show import school_figures, statements
from oko.show.html import Html, join, paragraph, prose
from oko.show.matrix import matrix
from oko.show.picture import Picture
from oko.show.sections import (
    Titles,
    nothing,
    remarks,
    work,
)
from oko.show.tables import table

FEW_MODELS = 3
DISTRIBUTION = tuple(f"share_{mark}" for mark in MARKS)
DERIVED = {
    **{name: {f"share_{mark}": 1.0 for mark in marks} for name, marks in SHARES.items() if len(marks) > 1},
    "sou": {f"share_{mark}": points for mark, points in SOU_POINTS.items()},
}


def unnamed() -> Html:
    """Say why no school is named."""
    return paragraph(gettext("The schools are not named: the cluster’s agreement does not allow it."))


def protected_marks(
    whole: pd.DataFrame,
    parts: pd.DataFrame,
    taken: pd.DataFrame,
    assessments: pd.DataFrame,
    keys: Sequence[str],
    threshold: int,
    named: bool,
) -> Protected:
    """Put the cluster's and the schools' marks into one protected table.

    Parameters
    ----------
    whole, parts : DataFrame
        From ``marks.summary`` by the keys, and by the keys and school; with ``scope`` and ``school``.
    taken : DataFrame
        Schema ``RESULTS``: the results behind them.
    assessments : DataFrame
        assessment, max_score.
    keys : sequence of str
        Columns that describe an assessment.
    threshold : int
    named : bool
        Whether the agreement names schools; otherwise only the cluster's rows are kept.
    """
    open_parts = _without_class_intervals(parts, taken, threshold)
    least = 0.0 if (parts["mean_score"].dropna() >= 0).all() else -math.inf  # standardised scores have no least one
    both = pd.concat([whole, open_parts]) if named else whole
    return protect(
        both.merge(assessments[["assessment", "max_score"]], on="assessment", how="left"),
        by=["assessment"], part="school", keys=[*keys, "scope", "interval", "max_score"], threshold=threshold,
        means={"mean_score": Mean(least, "max_score", "n_scores")}, distribution=DISTRIBUTION, derived=DERIVED,
        contributors=None if named else contributors(parts),
    )  # fmt: skip


def contributors(parts: pd.DataFrame) -> pd.DataFrame:
    """Return which school gives how many pupils to the cluster's row of an assessment."""
    given = parts[["assessment", "school", "n"]].rename(columns={"school": "contributor"})
    return given.assign(school="")


def _without_class_intervals(parts: pd.DataFrame, taken: pd.DataFrame, threshold: int) -> pd.DataFrame:
    """Take the intervals from a school's row of two classes one of which is small.

    From two classes, the interval of a mean gives back the mean of each.
    """
    wrote = taken[taken["status"] == "took"]
    classes = wrote.groupby(["assessment", "school", "class"], dropna=False).size()
    of_school = classes.groupby(level=["assessment", "school"]).agg(["size", "min"])
    telling = of_school.index[(of_school["size"] == 2) & (of_school["min"] < threshold)]
    rows = pd.MultiIndex.from_frame(parts[["assessment", "school"]]).isin(telling)
    bounds = [str(column) for column in parts if str(column).endswith(("_lower", "_upper"))]
    return parts.assign(**{column: parts[column].mask(rows) for column in bounds})


def protected_coverage(taken: pd.DataFrame, keys: Sequence[str], threshold: int, named: bool) -> Protected:
    """Count who took each work, by school where the agreement names schools, otherwise in the whole cluster.

    Parameters
    ----------
    taken : DataFrame
        Schema ``RESULTS``: the year's results of the cluster.
    keys : sequence of str
        Columns that describe an assessment.
    threshold : int
    named : bool
    """
    parts = measured.coverage(taken, ["school", *keys])
    reached = parts if named else measured.coverage(taken, [*keys]).assign(school="")
    return protect(
        reached[["school", *keys, "n"]], by=["assessment"], part="school", keys=keys, threshold=threshold,
        contributors=None if named else contributors(parts),
    )  # fmt: skip


def coverage(protected: Protected, titles: Titles, names: Titles, named: bool) -> Html:
    """Show how many pupils of each school took each work."""
    frame = protected.frame
    if frame.empty:
        return nothing()
    if not named:
        return unnamed()
    ordered = [code for code in names if code in set(frame["school"])]
    caption = gettext("Pupils who took the work, n")
    return matrix(
        frame, "assessment", "school", "n", titles, {c: names[c] for c in ordered}, caption, protected.threshold
    )


def in_order(frame: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Put schools in the fixed order of the codes, assessment by assessment."""
    place = {code: number for number, code in enumerate(codes)}
    keyed = frame.assign(_place=frame["school"].map(place))
    return keyed.sort_values(["assessment", "_place"], kind="stable").drop(columns="_place").reset_index(drop=True)


def named_schools(
    residuals: pd.DataFrame, schools: pd.DataFrame, assessments: pd.DataFrame, named: bool, comparison_named: bool
) -> pd.DataFrame:
    """Keep the schools that may be named, in the fixed order, with their role and the subject of the work.

    Parameters
    ----------
    residuals : DataFrame
        From ``YearModels.schools``.
    schools : DataFrame
        school, role; in the order in which schools stand.
    assessments : DataFrame
        assessment, subject.
    named, comparison_named : bool
        What the agreement names.
    """
    shown = {role for role, allowed in (("cluster", named), ("comparison", comparison_named)) if allowed}
    known = residuals.merge(schools[["school", "role"]], on="school")
    known = known[known["role"].isin(shown)].merge(assessments[["assessment", "subject"]], on="assessment")
    return in_order(known, list(schools["school"])).sort_values(["assessment", "model"], kind="stable")


def without_hidden_comparison(protected: Protected) -> Protected:
    """Leave out the hidden rows of schools outside the cluster: nobody looks for them, and nothing is in them."""
    frame = protected.frame
    return protected.only(~(frame["hidden"] & (frame["role"] == "comparison")))


def caterpillar(
    rows: pd.DataFrame, own: Sequence[str], names: Titles, unit: str, threshold: int, mark: str = ""
) -> Picture:
    """Draw the schools' differences from the expected; where others stand beside, the cluster's are highlighted."""
    others = set(rows["school"]) - set(own)
    return school_figures.caterpillar(
        rows, names, highlight=own if others else (), unit=unit, threshold=threshold, mark=mark
    )


def slopes(
    model: ValueAdded, pairs: pd.DataFrame, shown: pd.DataFrame, own: Sequence[str], names: Titles, mark: str = ""
) -> Picture:
    """Draw the line of each school that may be named, across the middle nine tenths of earlier results.

    Parameters
    ----------
    model : ValueAdded
        With a slope of the earlier result.
    pairs : DataFrame
        prior_score of the pupils behind it.
    shown : DataFrame
        Rows of schools that the release shows; ``hidden`` ones are left out.
    own : sequence of str
        Schools of the cluster.
    names : Mapping
    mark : str
    """
    visible = set(shown.loc[~shown["hidden"], "school"])
    low, high = (float(value) for value in pairs[PRIOR].quantile([0.05, 0.95]))
    schools = model.schools[model.schools.index.isin(visible)]
    others = visible - set(own)
    return school_figures.slopes(
        schools, model.fixed, PRIOR, low, high, names, highlight=own if others else (),
        x_title=gettext("Earlier result"), y_title=gettext("Expected result"), mark=mark,
    )  # fmt: skip


def slope_answer(models: YearModels, works: Titles) -> Html:
    """Say whether the schools' slopes differ, or why that is not asked."""
    said = []
    for assessment, model in ((name, models.slope[name]) for name in works if name in models.slope):
        spread = float(model.variance[f"school:{PRIOR}"]) ** 0.5
        average = model.fixed["estimate"][PRIOR]
        text = gettext(
            "{work}: slopes of schools have a standard deviation of {spread} around the average of {average}."
        )
        values = {"spread": number(spread, 2), "average": number(average, 2)}
        said.append(text.format(work=works[assessment], **values))
        said += remarks(models, assessment, "slope")
    if not models.intercept:
        return paragraph(gettext("No model was estimated."), "empty")
    if not models.slope:
        said = [statements.words(s) for _, _, s in models.statements if s.code == "slope_needs_schools"][:1]
    return prose(said)


def model_table(effects: Protected, models: YearModels, titles: Titles, units: Mapping[str, str]) -> Html:
    """Give the models' fixed effects, what they mean, and what has to be said beside them."""
    frame = effects.frame
    if frame.empty:
        return paragraph(gettext("No model was estimated."), "empty")
    fitted = {name: models.intercept[name] for name in titles if name in models.intercept}
    note = gettext("Linear mixed model of pupils within schools, restricted maximum likelihood.")
    columns = ["model", "term", "estimate", "se", "n"]
    if len(fitted) > FEW_MODELS:
        rows = frame[frame["assessment"].isin(list(fitted))]
        shown = table(rows, ["assessment", *columns], names={"assessment": titles}, note=note)
        return join([prose([_between(fitted.values())]), shown])
    parts = []
    for assessment, model in fitted.items():
        variance = pd.Series({**model.variance, "icc": model.icc})
        said = statements.model(model.fixed, variance, PRIOR, units[assessment])
        rows = frame[frame["assessment"] == assessment]
        parts += [work(titles[assessment]), prose(said), table(rows, columns, note=note)]
    return join(parts)


def _between(models: Iterable[ValueAdded]) -> str:
    text = gettext(
        "Of the variance that is left when earlier results are taken into account, at most {high} lies between schools "
        "in each of these works; the rest are differences of pupils within schools."
    )
    return text.format(high=percent(max(float(model.icc) for model in models)))
