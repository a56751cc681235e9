"""Gaps of the year: girls and boys, schools of different kinds; and how the cluster's profile differs from the norm."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.disclosure import Protected, protect
from oko.disclosure.rules import LEAST_CONTRIBUTORS
from oko.language import gettext, ngettext, number
from oko.measures.gaps import gaps
from oko.measures.zones.points import shared_in_points
from oko.show import figures
from oko.show.final_work import Lists, Words
from oko.show.html import Html, join, paragraph, prose
from oko.show.picture import Picture

ADVANCED = ("lyceum", "gymnasium")
COLUMNS = ["assessment", "groups", "estimate", "se", "df", "lower", "upper", "schools_first", "schools_second", "n"]


def protected_gaps(taken: pd.DataFrame, schools: pd.DataFrame, threshold: int) -> Protected:
    """Compute the gaps of each work and guard them: n is the number of pupils of the smaller group.

    Parameters
    ----------
    taken : DataFrame
        Schema ``RESULTS``: the year's results of the cluster.
    schools : DataFrame
        school, kind.
    threshold : int

    Returns
    -------
    Protected
        assessment, groups (sex: girls less boys; kind: lyceums and gymnasia less others), estimate, se, df, lower,
        upper (standard deviations of the work's pupils), schools_first, schools_second, n. A row in which a group comes
        from fewer than 3 schools is left out: it would speak of single schools.
    """
    wrote = taken[taken["status"] == "took"]
    kinds = dict(zip(schools["school"], schools["kind"], strict=True))
    kind = wrote["school"].map(kinds)
    advanced = pd.Series(np.where(kind.isin(ADVANCED), "advanced", "other"), index=wrote.index).where(kind.notna())
    found = [
        gaps(wrote, "sex", "F", "M", within_classes=True).assign(groups="sex"),
        gaps(wrote.assign(kind=advanced), "kind", "advanced", "other", within_classes=False).assign(groups="kind"),
    ]
    rows = pd.concat(found, ignore_index=True)
    fewest = rows[["schools_first", "schools_second"]].min(axis=1)
    rows = rows[(fewest >= LEAST_CONTRIBUTORS) & rows["estimate"].notna()]
    rows = rows.assign(n=rows[["n_first", "n_second"]].min(axis=1).astype("int64"))
    numbers = dict.fromkeys(["estimate", "se", "df", "lower", "upper"], "float64")
    keys = ["assessment", "groups", "schools_first", "schools_second"]
    return protect(rows[COLUMNS].astype(numbers), keys=keys, threshold=threshold)


def gap_picture(protected: Protected, kind: str, titles: Words, mark: str = "") -> Picture | None:
    """Draw one gap work by work in the order of the titles; nothing where no interval of it is known."""
    rows = _rows(protected, kind, titles)
    if rows["lower"].isna().all():
        return None
    title = {
        "sex": gettext("Girls less boys of the same class, standard deviations"),
        "kind": gettext("Lyceums and gymnasia less other schools, standard deviations"),
    }[kind]
    labelled = rows.assign(label=[titles[str(name)] for name in rows["assessment"]])
    return figures.intervals(
        labelled, "estimate", "lower", "upper", "label", 0.0, share=False, title=title,
        threshold=protected.threshold, mark=mark,
    )  # fmt: skip


def _rows(protected: Protected, kind: str, titles: Words) -> pd.DataFrame:
    frame = protected.frame
    own = frame[(frame["groups"] == kind) & frame["assessment"].isin(list(titles)) & frame["estimate"].notna()]
    place = {name: at for at, name in enumerate(titles)}
    return own.sort_values("assessment", key=lambda names: names.map(place), kind="stable")


def gap_words(protected: Protected, titles: Words) -> Html:
    """Say how many gaps between girls and boys are told from zero, and how far kinds of schools lie apart."""
    sex, kind = (_rows(protected, name, titles) for name in ("sex", "kind"))
    if sex.empty and kind.empty:
        text = gettext(
            "No gap can be computed: the sex of pupils, or three schools of each kind in a work, are needed."
        )
        return paragraph(text, "empty")
    return prose([*_sex(sex), *_kind(kind)])


def _sex(rows: pd.DataFrame) -> list[str]:
    known = rows[rows["lower"].notna()]
    if known.empty:
        return [gettext("The gap between girls and boys is not known.")]
    told = known[(known["lower"] > 0) | (known["upper"] < 0)]
    text = ngettext(
        "Girls and boys of the same class: in {told} of {n} work the interval does not hold zero; of so many "
        "intervals about {chance} would miss zero by chance alone.",
        "Girls and boys of the same class: in {told} of {n} works the interval does not hold zero; of so many "
        "intervals about {chance} would miss zero by chance alone.",
        len(known),
    )
    values = {"told": number(len(told)), "n": number(len(known)), "chance": number(0.05 * len(known), 1)}
    return [text.format(**values)]


def _kind(rows: pd.DataFrame) -> list[str]:
    if rows.empty:
        return [gettext("Kinds of schools are not compared: three schools of each are needed in a work.")]
    text = gettext(
        "Lyceums and gymnasia stand above the other schools by {middle} standard deviations in the middle of these "
        "works (from {low} to {high}). They choose their pupils: this is a difference of intake, not of teaching."
    )
    values = (rows["estimate"].median(), rows["estimate"].min(), rows["estimate"].max())
    said = [text.format(**{key: number(v, 2) for key, v in zip(("middle", "low", "high"), values, strict=True)})]
    if rows["lower"].isna().any():
        said.append(gettext("Where there are too few schools for an interval none is drawn."))
    return said


def protected_profile(shared: pd.DataFrame, profile: pd.DataFrame, threshold: int) -> Protected:
    """Guard how far the cluster stands above or below the norm on each skill, with the schools' levels removed.

    Parameters
    ----------
    shared, profile : DataFrame
        Of `zones.shared` and `zones.profiles`; skills of fewer than 3 schools are left out.
    threshold : int
    """
    columns = ["subject", "skill", "apart", "lower", "upper", "p_adjusted", "kind", "schools", "n"]
    known = shared[shared["n_schools"] >= LEAST_CONTRIBUTORS] if len(shared) else shared
    rows = [
        (str(row["unit"]).rpartition("-")[2], str(row["target"]), row["apart"], row["apart_lower"], row["apart_upper"],
         row["p_adjusted"], row["kind"], int(row["n_schools"]), int(row["n"]))
        for row in shared_in_points(known, profile).to_dict("records")
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[2:6], "float64")).astype({"n": "int64"})
    return protect(frame, keys=["subject", "skill", "kind", "schools"], threshold=threshold)


def profile_section(protected: Protected, lists: Lists, names: Lists, picture: Picture | Html) -> Html:
    """Say which skills the cluster's schools share as a deficit or a strength, and show all."""
    frame = protected.frame
    if frame["apart"].isna().all():
        text = gettext(
            "The profile by skills is not computed: points for tasks in three schools, the tasks’ skills and reports "
            "of schools outside are needed."
        )
        return paragraph(text, "empty")
    called = {
        kind: [
            f"{lists.text('skill', str(row['skill']))} ({names.text('subject', str(row['subject'])).lower()})"
            for row in frame[frame["kind"] == kind].to_dict("records")
        ]
        for kind in ("deficit", "strength")
    }
    said = [
        gettext("Shared deficits: {skills}.").format(skills="; ".join(called["deficit"]) or gettext("none")),
        gettext("Shared strengths: {skills}.").format(skills="; ".join(called["strength"]) or gettext("none")),
        gettext(
            "It is a profile: the level of each school is taken away, so what is above expectation makes something "
            "else stand below. Which task asks for which skill is not confirmed."
        ),
    ]
    return join([prose(said), picture])


def profile_picture(protected: Protected, lists: Lists, names: Lists, mark: str = "") -> Picture | None:
    """Draw facility less the expected by skill and subject; nothing where there is no profile."""
    rows = protected.frame
    rows = rows[rows["apart"].notna()]
    if rows.empty:
        return None
    labels = [
        f"{names.text('subject', str(row['subject']))}: {lists.text('skill', str(row['skill'])).lower()}"
        for row in rows.to_dict("records")
    ]
    points = rows.assign(label=labels, **{name: 100 * rows[name] for name in ("apart", "lower", "upper")})
    return figures.intervals(
        points, "apart", "lower", "upper", "label", 0.0, share=False,
        title=gettext("Facility less the expected, percentage points"), threshold=protected.threshold, mark=mark,
    )  # fmt: skip
