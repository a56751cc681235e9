"""The year's results at a glance: the whole cluster by work, then the schools side by side."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pandas as pd

from oko.disclosure import Protected
from oko.language import gettext
from oko.measures.yearly import YearModels
from oko.show import figures, sentences, statements
from oko.show.cluster_sections import unnamed
from oko.show.evidence_figures import short_names
from oko.show.final_work import Lists
from oko.show.html import Html, join, paragraph, prose
from oko.show.matrix import matrix
from oko.show.picture import Picture
from oko.show.sections import (
    Titles,
    bullets,
    has_marks,
    indicators,
    no_prior,
    nothing,
    remarks,
    standardised,
    without_model,
    work,
)
from oko.show.sections import in_order as works_in_order
from oko.show.tables import table

FEW = 8
"""Works up to which each is said in sentences too."""


def short_titles(assessments: pd.DataFrame, titles: Titles, names: Lists) -> dict[str, str]:
    """Return works in few words for the rows of a wide table: subject, the pupils' grade and the season.

    Parameters
    ----------
    assessments : DataFrame
        assessment, procedure, subject, season, year, pupil_grade.
    titles : Mapping
        Full titles, in the order in which works stand.
    names : Lists
        ``workspace.names``.
    """
    rows = {str(row["assessment"]): row for row in assessments.to_dict("records")}
    found = {}
    for code in (code for code in titles if code in rows):
        row = rows[code]
        procedure = "" if row["procedure"] == "vpr" else f"{names.text('procedure', str(row['procedure']))}, "
        subject = names.text("subject", str(row["subject"]))
        grade = f" {row['pupil_grade']}" if pd.notna(row["pupil_grade"]) else ""
        named = procedure + (subject.lower() if procedure else subject)
        found[code] = f"{named}{grade}, {names.text('season', str(row['season']))}"
    return found if len(set(found.values())) == len(found) else {code: titles[code] for code in found}


def short_schools(names: Titles) -> dict[str, str]:
    """Return schools by their numbers for the head of a wide table."""
    return dict(zip(names, short_names(list(names), dict(names.items())), strict=True))


def marks_picture(protected: Protected, titles: Titles, last: Collection[str], mark: str = "") -> Picture | None:
    """Draw the shares of marks in the whole cluster, the works of the last season one under another.

    Parameters
    ----------
    protected : Protected
        Marks of the cluster and its schools.
    titles : Mapping
        Of works, in their order.
    last : collection of str
        Works of the year's last season.
    mark : str
    """
    frame = protected.frame
    whole = works_in_order(frame[(frame["scope"] == "cluster") & frame["assessment"].isin(list(last))], titles)
    whole = whole[whole["quality"].notna()]
    if whole.empty:
        return None
    labelled = whole.assign(label=[titles[str(name)] for name in whole["assessment"]])
    caption = gettext("The whole cluster. Borders of marks differ from work to work: works are not compared by them.")
    return figures.marks(labelled, caption=caption, threshold=protected.threshold, mark=mark)


def marks(protected: Protected, titles: Titles, units: Mapping[str, str], picture: Picture | Html) -> Html:
    """Show the whole cluster: a figure of the last season's marks, then all works in a table."""
    frame = protected.frame
    if frame.empty:
        return nothing()
    whole = works_in_order(frame[frame["scope"] == "cluster"], titles)
    said = [
        f"{titles[row['assessment']]}. " + " ".join(sentences.marks(row, protected.threshold)[:2])
        for row in whole.to_dict("records")
    ]
    shown = table(
        whole, ["assessment", "n", *indicators(frame)], names={"assessment": titles}, note=standardised(whole, units),
        threshold=protected.threshold,
    )  # fmt: skip
    return join([bullets(said) if len(said) <= FEW else "", picture, shown])


def schools(protected: Protected, titles: Titles, names: Titles) -> Html:
    """Set the schools that the agreement names side by side: quality where there are marks, else the mean score."""
    frame = protected.frame
    parts = frame[frame["scope"] == "school"]
    if frame.empty:
        return nothing()
    if parts.empty:
        return unnamed()
    columns = {code: name for code, name in names.items() if code in set(parts["school"])}
    marked = {str(name) for name, rows in frame.groupby("assessment") if has_marks(rows)}
    captions = {
        "quality": gettext("Quality: the share of marks 4 and 5, with its interval."),
        "mean_score": gettext("Mean score of works without marks, with its interval."),
    }
    shown = []
    for value, of_marked in (("quality", True), ("mean_score", False)):
        rows = parts[parts["assessment"].isin(marked) == of_marked]
        if len(rows):
            there = {name: title for name, title in titles.items() if name in set(rows["assessment"])}
            text, least = captions[value], protected.threshold
            shown.append(matrix(rows, "assessment", "school", value, there, columns, text, least, digits=1))
    return join(shown)


def telling(rows: pd.DataFrame, last: Collection[str]) -> bool:
    """Say whether a work of the last season tells a school of the cluster from what is expected: then it is drawn.

    Parameters
    ----------
    rows : DataFrame
        Residuals of a work: assessment, role, lower, upper.
    last : collection of str
    """
    own = rows[(rows["role"] == "cluster") & rows["assessment"].isin(list(last))]
    return bool(((own["lower"] > 0) | (own["upper"] < 0)).any())


def added(
    protected: Protected, models: YearModels, works: Titles, units: Mapping[str, str], pictures: Mapping[str, Picture]
) -> Html:
    """Say how far the schools can be told from what is expected, with the figures of the last season's works.

    Parameters
    ----------
    protected : Protected
        Residuals of the schools.
    models : YearModels
    works : Mapping
        Titles of the year's works in their order.
    units : Mapping
        Unit of each work's scores.
    pictures : Mapping of str to Picture
        By work.
    """
    if not models.intercept:
        return join([paragraph(text, "empty") for text in no_prior(models)])
    frame = protected.frame
    own = frame[(frame["model"] == "intercept") & (frame["role"] == "cluster")]
    if own.empty:
        return unnamed()
    by_work = {str(name): rows for name, rows in own.groupby("assessment")}
    parts, short = [], []
    for name in (name for name in works if name in by_work):
        said = [statements.told_apart(by_work[name]), *remarks(models, name, "intercept")]
        if name in pictures:
            parts.append(join([work(works[name]), prose([*said, _unit(units[name])]), pictures[name]]))
        else:
            short.append(f"{works[name]}. {said[0]}")
    others = [paragraph(gettext("Other works of the year:")), bullets(short)] if short else []
    return join([*parts, *others, without_model(models, works)])


def _unit(unit: str) -> str:
    return gettext("Unit: standard deviations.") if unit == "sd" else gettext("Unit: points of the work.")
