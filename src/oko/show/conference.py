"""What the board shows of one released work: a headline, the marks, what schools added, and where the numbers stop."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from oko.disclosure.release import Release
from oko.language import current, date, gettext
from oko.measures.statement import Statement
from oko.measures.yearly import PRIOR
from oko.show import cells, figures, sentences, statements
from oko.show.html import Html, element, heading, join, paragraph, prose
from oko.show.page import example_mark
from oko.show.theme import HALL


@dataclass(frozen=True)
class Choice:
    """What the viewer chose.

    Parameters
    ----------
    assessment : str
        Id of a work.
    school : str
        Code of a school; empty for the whole cluster.
    """

    assessment: str
    school: str = ""


def name(release: Release, kind: str, code: str) -> str:
    """Return what a code is called in the release, in the language in force; the code itself where it has no name."""
    called: Mapping[str, str] = release.about["names"].get(kind, {}).get(code, {})
    return str(called.get(current()) or code)


def text(release: Release, field: str) -> str:
    """Return a bilingual field of the release in the language in force."""
    return str((release.about.get(field) or {}).get(current(), ""))


def subjects(release: Release) -> dict[str, str]:
    """Return the subjects that the release holds, names by code."""
    codes = release.table("marks")["subject"].unique()
    return {code: name(release, "subject", code) for code in _in_order(release, "subject", codes)}


def _in_order(release: Release, kind: str, codes: Iterable[str]) -> list[str]:
    """Put codes in the order that the release gives; those that it does not know come last."""
    places = {code: place for place, code in enumerate(release.about.get("order", {}).get(kind, []))}
    return sorted(map(str, codes), key=lambda code: places.get(code, len(places)))


def works(release: Release, subject: str) -> dict[str, str]:
    """Return the works of a subject, names by id; those with value added first."""
    marks = release.table("marks")
    ids = _in_order(release, "assessment", marks.loc[marks["subject"] == subject, "assessment"].unique())
    valued = set(release.table("school_residuals")["assessment"])
    return {work: name(release, "assessment", work) for work in sorted(ids, key=lambda work: work not in valued)}


def schools(release: Release) -> dict[str, str]:
    """Return the schools that the release names, names by code, in the fixed order of the cluster."""
    codes = [str(code) for code in release.about["schools"]]
    return {code: name(release, "school", code) for code in codes}


def view(release: Release, choice: Choice) -> Html:
    """Make the board's view of a choice.

    Parameters
    ----------
    release : Release
        Of the study ``cluster_year``.
    choice : Choice

    Returns
    -------
    Html
    """
    marks = _rows(release, "marks", choice.assessment)
    row = _marks_row(marks, choice.school)
    who = name(release, "school", choice.school) if choice.school else text(release, "cluster_name")
    return element(
        '<article class="oko-view">{parts}</article>',
        parts=join(
            [
                _banner(release),
                heading(f"{name(release, 'assessment', choice.assessment)}. {who}", 1),
                *_headline(row, release),
                _marks(release, marks),
                _added(release, choice),
                _notes(release, row, choice),
            ]
        ),
    )


def _rows(release: Release, table: str, assessment: str) -> pd.DataFrame:
    frame = release.table(table)
    return frame[frame["assessment"] == assessment].reset_index(drop=True)


def _marks_row(marks: pd.DataFrame, school: str) -> dict[Any, Any] | None:
    wanted = marks[(marks["scope"] == ("school" if school else "cluster")) & (marks["school"].fillna("") == school)]
    rows = wanted.to_dict("records")
    return rows[0] if rows else None


def _banner(release: Release) -> Html:
    return paragraph(example_mark(), "banner") if release.about["example"] else Html("")


def _headline(row: Mapping[Any, Any] | None, release: Release) -> tuple[Html, Html]:
    """Return the first two sentences for the back row, and the rest."""
    said = _said(row, release)
    return prose(said[:2], "headline"), prose(said[2:])


def _said(row: Mapping[Any, Any] | None, release: Release) -> tuple[str, ...]:
    if row is None:
        return (gettext("This school did not take this work, or its results are not released."),)
    said = sentences.marks(row, _threshold(release))
    none = cells.is_missing(row["quality"]) and not cells.is_hidden(row, "quality")
    if none and not cells.is_missing(row["n"]) and row["n"] >= _threshold(release):
        return (*said, gettext("These data have no marks."))
    return said


def _threshold(release: Release) -> int:
    return int(release.about["threshold"])


def _marks(release: Release, marks: pd.DataFrame) -> Html:
    if not any(cells.is_exact(row, "quality") or _secret(row) for row in marks.to_dict("records")):
        return Html("")
    cluster = text(release, "cluster_name")
    called = marks["school"].map(lambda code: name(release, "school", str(code)))
    labelled = marks.assign(label=called.mask(marks["scope"] == "cluster", cluster))
    places = {code: place for place, code in enumerate(["", *schools(release)])}
    order = labelled.sort_values("school", kind="stable", key=lambda codes: codes.fillna("").map(places))
    picture = figures.marks(order, threshold=_threshold(release), size=HALL, mark=_mark(release))
    return join([heading(gettext("Marks")), picture])


def _secret(row: Mapping[Any, Any]) -> bool:
    """Whether a row has marks of which something is hidden, though the row is shown."""
    held = cells.is_hidden(row, "quality") or bool(cells.bound(row, "quality"))
    return held and not cells.row_hidden(row)


def _mark(release: Release) -> str:
    return example_mark() if release.about["example"] else text(release, "source")


def _added(release: Release, choice: Choice) -> Html:
    rows = _rows(release, "school_residuals", choice.assessment)
    rows = rows[rows["model"] == "intercept"].set_index("school")
    title = heading(gettext("Value added by school"))
    if rows.empty:
        return join([title, prose([_why_nothing(release, choice)]), prose(_stated(release, choice))])
    procedure = str(_rows(release, "marks", choice.assessment)["procedure"].iloc[0])
    unit = statements.unit_of(procedure)
    picture = figures.caterpillar(
        rows, schools(release), _highlight(rows, choice), unit=unit, threshold=_threshold(release), size=HALL,
        mark=_mark(release),
    )  # fmt: skip
    one = statements.added(rows, choice.school, name(release, "school", choice.school), unit)
    said = one if choice.school else (statements.told_apart(rows),)
    return join([title, prose(said, "headline"), picture, prose(_stated(release, choice))])


def _highlight(rows: pd.DataFrame, choice: Choice) -> list[str]:
    if choice.school:
        return [choice.school]
    own = rows.index[rows["role"] == "cluster"]
    return [str(code) for code in own] if len(own) < len(rows) else []


def _why_nothing(release: Release, choice: Choice) -> str:
    effects = _rows(release, "fixed_effects", choice.assessment)
    if not effects.empty and not schools(release):
        return gettext("Numbers of single schools are not shown: the cluster’s agreement does not name schools.")
    if effects.empty:
        return gettext("There is no earlier result of the same pupils for this work, so value added is not estimated.")
    return gettext("Numbers of single schools are not released for this work.")


def _stated(release: Release, choice: Choice) -> list[str]:
    rows = _rows(release, "statements", choice.assessment)
    known = rows[rows["values"].notna()]
    return [
        statements.words(Statement(str(row.code), json.loads(str(row.values_))))
        for row in known.rename(columns={"values": "values_"}).itertuples(index=False)
    ]


def _notes(release: Release, row: Mapping[Any, Any] | None, choice: Choice) -> Html:
    about = release.about
    model = _model(release, choice)
    rule = gettext("Nothing that rests on fewer than {n} pupils is shown.").format(n=_threshold(release))
    stamp = gettext("Data of {year}; released {made}, {signed}.").format(
        year=about["year"], made=_made(str(about["made"])), signed=sentences.signed(str(about["reviewer"]))
    )
    seen = {**(row or {}), "year": about["year"]}
    return join([prose(model), prose(sentences.caveats(seen)), prose([rule, stamp, text(release, "source")], "small")])


def _model(release: Release, choice: Choice) -> tuple[str, ...]:
    effects = _rows(release, "fixed_effects", choice.assessment)
    variance = _rows(release, "variance", choice.assessment)
    effects, variance = (frame[frame["model"] == "intercept"] for frame in (effects, variance))
    if effects.empty or variance.empty or effects["estimate"].isna().any() or variance["value"].isna().any():
        return ()
    method = gettext("Model: pupils within schools, random intercept, REML; the earlier result is taken into account.")
    procedure = str(_rows(release, "marks", choice.assessment)["procedure"].iloc[0])
    fixed, components = effects.set_index("term"), variance.set_index("component")["value"]
    return (method, *statements.model(fixed, components, PRIOR, statements.unit_of(procedure)))


def _made(moment: str) -> str:
    try:
        return date(datetime.datetime.fromisoformat(moment).date())
    except ValueError:
        return moment
