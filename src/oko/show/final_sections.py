"""What stands on the final page beside the effect: which edition it is, ways of pupils, the absent, the spread."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import pandas as pd

from oko.disclosure import Protected, protect
from oko.language import date, gettext, number
from oko.measures.impact import DetectableEffect, PlanningSpread
from oko.show import cells, flow_figures
from oko.show.html import Html, join, paragraph, prose
from oko.show.picture import Picture
from oko.show.protocol import State, deviations, sentences
from oko.show.sections import bullets
from oko.show.tables import table

Titles = Mapping[str, str]
STAGES = ("both", "only_before", "only_after", "neither")


class Edition(Protocol):
    """Of which day the page is, and which works are there by then (:class:`oko.records.edition.Edition`)."""

    @property
    def as_of(self) -> datetime.date | None: ...
    @property
    def works(self) -> pd.DataFrame: ...
    @property
    def preliminary(self) -> bool: ...
    def states(self, *wanted: str) -> list[str]: ...


def protected_works(edition: Edition, threshold: int) -> Protected:
    """Guard which works of the outcome are there: n counts the cluster's pupils who wrote a work in the wave after."""
    columns = ["stratum", "begins", "ends", "state", "schools_before", "schools", "n"]
    rows = edition.works[columns].astype({"n": "int64", "schools_before": "int64", "schools": "int64"})
    return protect(rows, keys=columns[:-1], threshold=threshold)


def head(edition: Edition, protected: Protected, titles: Titles) -> Html:
    """Mark a preliminary edition, with the works and schools that are there; nothing for one that is whole."""
    if not edition.preliminary:
        return Html("")
    called = [titles.get(str(name), str(name)) for name in protected.frame["stratum"]]
    said = [gettext("Preliminary."), *_day(edition)]
    said += _listed(edition, titles, "open", gettext("Still being written on that day: {works}."))
    said += _listed(edition, titles, "later", gettext("Begin after that day and are left out: {works}."))
    said += _listed(edition, titles, "missing", gettext("Results of these works are not in the store: {works}."))
    text = gettext("A school that wrote these works in autumn has no result of spring: {works}.")
    said += _listed(edition, titles, "partial", text)
    said.append(gettext("When the results are there, the page is made again without this mark."))
    shown = protected.frame.assign(stratum=called).rename(columns={"schools": "schools_after"})
    note = gettext(
        "When a school wrote a work is not stored: by the windows of the calendar of procedures all results of a work "
        "that had begun count, and some may have come later. Windows are taken from secondary sources."
    )
    columns = ["stratum", "window", "schools_before", "schools_after", "n"]
    shown["window"] = [f"{_written(row.begins)} – {_written(row.ends)}" for row in shown.itertuples()]
    return join([prose(said, "finding"), table(shown, columns, note=note, threshold=protected.threshold)])


def _day(edition: Edition) -> list[str]:
    if edition.as_of is None:
        return []
    return [gettext("As of {day}.").format(day=date(edition.as_of))]


def _listed(edition: Edition, titles: Titles, state: str, text: str) -> list[str]:
    names = [titles.get(name, name) for name in edition.states(state)]
    whole = len(names) > 1 and len(names) == len(edition.works)
    return [text.format(works=gettext("all works of the outcome") if whole else "; ".join(names))] if names else []


def _written(day: object) -> str:
    return date(datetime.date.fromisoformat(str(day))) if day else ""


def only(asked: bool, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame, without its rows where the page is not of the year of the outcome."""
    return frame if asked else frame.iloc[:0]


def standing(state: State, *, named: bool) -> Html:
    """Say in one paragraph where the protocol stands, and list the departures from it."""
    if state.protocol is None:
        return join([paragraph(text, "empty") for text in sentences(state)])
    changed = deviations(state, named=named)
    listed = join([paragraph(gettext("Deviations:")), bullets(changed)]) if changed else Html("")
    return join([prose(sentences(state)), listed])


def protected_flow(people: pd.DataFrame, threshold: int) -> Protected:
    """Guard how many of the cluster's pupils were in both waves, in one of them, or in none: they add up to all.

    Parameters
    ----------
    people : DataFrame
        Of `evidence.flow`, rows of schools: rostered, both, only_before, only_after.
    threshold : int
    """
    total = people.reindex(columns=["rostered", "both", "only_before", "only_after"]).sum(min_count=1)
    if total.isna().any():
        return protect(pd.DataFrame(columns=["stage", "n"]).astype({"n": "int64"}), part="stage", threshold=threshold)
    counts = {name: int(total[name]) for name in STAGES[:-1]}
    counts["neither"] = int(total["rostered"]) - sum(counts.values())
    rows = [("", int(total["rostered"])), *counts.items()]
    return protect(pd.DataFrame(rows, columns=["stage", "n"]), part="stage", threshold=threshold)


def flow_picture(protected: Protected, schools: int, mark: str = "") -> Picture | None:
    """Draw the ways of the cluster's pupils through the waves; nothing where a number is hidden."""
    frame = protected.frame
    if frame.empty or frame["hidden"].any():
        return None
    counts = frame.set_index("stage")["n"]
    groups = pd.DataFrame(
        {
            "schools": [schools], "rostered": [counts[""]], "before": [counts["both"] + counts["only_before"]],
            "after": [counts["both"] + counts["only_after"]], "both": [counts["both"]],
            "only_before": [counts["only_before"]], "only_after": [counts["only_after"]],
        },
        index=pd.Index([1], name="treated"),
    )  # fmt: skip
    return flow_figures.flow_diagram(groups, mark=mark)


def flow(protected: Protected, picture: Picture | Html) -> Html:
    """Say how the cluster's pupils went through the waves."""
    frame = protected.frame
    if frame.empty or frame["hidden"].all():
        return paragraph(gettext("There are too few pupils in one of the waves to be counted here."), "empty")
    said = [
        gettext(
            "Pupils leave the upper grade and come into the lower one between the waves, so not all of them are the "
            "same. Of comparison schools only numbers by work are known: their pupils cannot be followed."
        )
    ]
    if frame["hidden"].any():
        said.append(gettext("The diagram is not drawn: one of its numbers is below the threshold."))
    return join([prose(said), picture])


def protected_bounds(bounds: pd.DataFrame, n: int, threshold: int) -> Protected:
    """Guard between which values the difference lies, whatever absent pupils would have had: of the n who wrote.

    Parameters
    ----------
    bounds : DataFrame
        Of `evidence.missing_bounds` on shares of the greatest points; ``complete`` and ``worst_case`` are kept.
    n : int
        Pupils of the cluster behind it.
    threshold : int
    """
    kept = bounds.loc[["complete", "worst_case"]].reset_index()
    present = bounds.attrs["present"][1]
    return protect(kept.assign(present=present, n=n), keys=["bounds"], shares=["present"], threshold=threshold)


def bounds(protected: Protected) -> Html:
    """Say what absent pupils could have made of the difference after."""
    frame = protected.frame
    if frame[["lower", "upper", "present"]].isna().any(axis=None):
        return Html("")
    found, worst = frame.to_dict("records")
    share = gettext("Of the cluster’s listed pupils {share} wrote the works of the wave after.").format(
        share=cells.share(found, "present")
    )
    text = gettext(
        "On the target tasks those who wrote stand {value} percentage points from the comparison schools in that "
        "wave. Had all the absent earned nothing, it would be {lower} percentage points; had they earned everything, "
        "{upper}. Who was absent in comparison schools is not known, so narrower bounds (Lee’s) cannot be computed."
    )
    values = {"value": found["lower"], "lower": worst["lower"], "upper": worst["upper"]}
    return prose([share, text.format(**{name: number(100 * value, 1) for name, value in values.items()})])


def with_spread(fixed: Mapping[str, float], seen: PlanningSpread) -> dict[str, float]:
    """Return what the minimum detectable effect is computed from, with the spread that was seen, where it is known."""
    known = {"school_year_sd": seen.school_year_sd, "pupil_sd": seen.pupil_sd}
    return {**fixed, **{name: value for name, value in known.items() if np.isfinite(value) and value > 0}}


def protected_planning(
    fixed: Mapping[str, float], seen: PlanningSpread, effects: Sequence[DetectableEffect], n: int, threshold: int
) -> Protected:
    """Put the spread that the protocol supposes beside the one seen in earlier waves, each with the effect it can show.

    Parameters
    ----------
    fixed : Mapping
        school_year_sd and pupil_sd of the protocol.
    seen : PlanningSpread
        Of comparison schools in the waves before.
    effects : sequence of DetectableEffect
        With the protocol's spread, and with the one seen.
    n : int
        Pupils of the cluster who wrote in the wave before.
    threshold : int
    """
    rows = [
        ("protocol", fixed.get("school_year_sd", np.nan), fixed.get("pupil_sd", np.nan), effects[0].effect, n),
        ("seen", seen.school_year_sd, seen.pupil_sd, effects[1].effect, n),
    ]
    frame = pd.DataFrame(rows, columns=["spread", "school_year_sd", "pupil_sd", "detectable", "n"])
    return protect(frame, keys=["spread"], threshold=threshold)


def planning(protected: Protected) -> Html:
    """Say whether the protocol supposed too small or too large a spread."""
    frame = protected.frame
    if frame[["school_year_sd", "detectable"]].isna().any(axis=None):
        return prose([gettext("How schools vary from wave to wave without the model is not known from these data.")])
    text = gettext(
        "The protocol supposed that schools vary by {fixed} from wave to wave; comparison schools in the waves before "
        "vary by {seen}, in standard deviations of pupils. With that spread an effect of {effect} would be found with "
        "the same probability."
    )
    fixed, seen = frame.to_dict("records")
    values = {"fixed": fixed["school_year_sd"], "seen": seen["school_year_sd"], "effect": seen["detectable"]}
    return prose([text.format(**{name: number(value, 2) for name, value in values.items()})])
