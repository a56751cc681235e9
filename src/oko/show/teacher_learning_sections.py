"""Sections of the page on what subject departments could learn from whom: topics, zones, pairs, a draft programme."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from oko.disclosure import Mean, Protected, protect
from oko.language import gettext, ngettext, number, percent
from oko.show import cluster_sections, zone_figures
from oko.show.html import Html, join, paragraph, prose
from oko.show.picture import Picture
from oko.show.sections import Titles, bullets
from oko.show.skill_words import SEASONS
from oko.show.tables import table

KEYS = ["unit", "skill"]
_ZONES = [
    *KEYS, "school", "kind", "n", "facility", "expected", "logits", "shrunken", "lower", "upper", "apart",
]  # fmt: skip
_TOPICS = [*KEYS, "kind", "n_schools", "at_least", "n", "apart", "logits", "lower", "upper"]
_PAIRS = [*KEYS, "giver", "receiver", "giver_kind", "n", "difference", "lower", "upper"]


def left_out(left: pd.DataFrame, names: Titles, named: bool) -> Html:
    """Say which schools are left out because one class alone took the works.

    Parameters
    ----------
    left : DataFrame
        assessment, school, classes: of `zones.of_several_classes`.
    names : Mapping
        Schools by code.
    named : bool
        Whether the agreement names schools.
    """
    rule = gettext(
        "A result of one class would be a result of its teacher. So a work of a school counts here only where two "
        "classes or more took it; the data do not show whether one teacher has both: the school checks this before "
        "the page is released."
    )
    if left.empty:
        return prose([rule])
    schools = [names[code] for code in names if code in set(left["school"])]
    if not named:
        return prose([rule, gettext("Such works of single classes are left out.")])
    text = gettext("Left out, in some works or all: {schools}.")
    return prose([rule, text.format(schools=", ".join(schools))])


def guarded_zones(profile: pd.DataFrame, codes: Sequence[str], threshold: int, named: bool) -> Protected:
    """Protect the profiles of schools; without rows where the agreement does not name schools.

    Parameters
    ----------
    profile : DataFrame
        Of `zones.year_profiles`.
    codes : sequence of str
        Schools in their fixed order.
    threshold : int
    named : bool
    """
    known = known_zones(profile) if named else known_zones(profile).head(0)
    place = {code: number for number, code in enumerate(codes)}
    known = known.assign(_place=known["school"].map(place)).sort_values([*KEYS, "_place"], kind="stable")
    found = protect(
        known[_ZONES], by=KEYS, part="school", keys=["kind"], threshold=threshold, means={"facility": Mean(0, 1)}
    )
    return found.only(~found.frame["hidden"])


def guarded_topics(shared: pd.DataFrame, profile: pd.DataFrame, threshold: int, named: bool) -> Protected:
    """Protect what several schools have in common.

    Parameters
    ----------
    shared : DataFrame
        Of `zones.shared`.
    profile : DataFrame
        It was made from.
    threshold : int
    named : bool
        Where schools are not named, a row that rests on one or two of them is hidden.
    """
    known = known_zones(profile)
    gaps = known.groupby(KEYS, sort=False)["apart"].mean()
    rows = shared.rename(columns={"target": "skill", "residual": "logits"})
    rows = rows.merge(gaps.reset_index(), on=KEYS, how="left") if len(rows) else rows.assign(apart=np.nan)
    givers = known[[*KEYS, "school", "n"]].rename(columns={"school": "contributor"})
    return protect(
        in_order(rows)[_TOPICS], by=KEYS, keys=["kind"], threshold=threshold, contributors=None if named else givers
    )


def known_zones(profile: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a profile that have a number, with ``apart``: facility less the expected."""
    known = profile[profile["residual"].notna()].rename(columns={"target": "skill", "residual": "logits"})
    numbers = known.astype(dict.fromkeys(("facility", "expected"), "float64"))
    return numbers.assign(apart=numbers["facility"] - numbers["expected"], n=known["n"].astype("int64"))


def season_of(rows: pd.DataFrame) -> pd.Series:
    """Return the season of each unit, such as ``spring-physics``."""
    return rows["unit"].astype("str").str.replace("-.*", "", regex=True)


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Put rows in the order of seasons, subjects and skills."""
    place = {season: number for number, season in enumerate(SEASONS)}
    seasons = season_of(rows).map(place)
    return rows.assign(_season=seasons).sort_values(["_season", *KEYS], kind="stable").drop(columns="_season")


def topics(protected: Protected, titles: Titles, kinds: Sequence[str] = ("deficit", "strength")) -> Html:
    """Say which deficits and strengths several schools share, season by season.

    Parameters
    ----------
    protected : Protected
        Of `guarded_topics`.
    titles : Mapping
        Units and skills by code.
    kinds : sequence of str
        What to name: "deficit", "strength".
    """
    frame = protected.frame
    found = frame[~frame["hidden"] & frame["kind"].isin(kinds)]
    if found.empty:
        return paragraph(_no_topic(compared=len(frame) > 0), "empty")
    said = [_topic(row, titles) for row in found.to_dict("records")]
    return bullets(said)


def _no_topic(*, compared: bool) -> str:
    if compared:
        return gettext(
            "No skill is short of, or ahead of, what schools outside lead to expect in two schools or more beyond "
            "chance: the results of this year name no common topic."
        )
    return gettext(
        "On no skill can two schools be compared with what schools outside lead to expect, so no common topic can be "
        "named: what is needed is scores by task of several schools, and facilities in schools outside the cluster."
    )


def _topic(row: Mapping[object, object], titles: Titles) -> str:
    points, odds, least = 100 * float(row["apart"]), math.exp(float(row["logits"])), int(row["at_least"])  # type: ignore[arg-type, call-overload]
    below = ngettext(
        "{unit}: {skill} — {points} percentage points below the expected on average (the odds of a point are {odds} "
        "lower; n = {pupils}). At least {n} school has this deficit.",
        "{unit}: {skill} — {points} percentage points below the expected on average (the odds of a point are {odds} "
        "lower; n = {pupils}). At least {n} schools have this deficit.",
        least,
    )
    above = ngettext(
        "{unit}: {skill} — {points} percentage points above the expected on average (the odds of a point are {odds} "
        "higher; n = {pupils}). At least {n} school has this strength.",
        "{unit}: {skill} — {points} percentage points above the expected on average (the odds of a point are {odds} "
        "higher; n = {pupils}). At least {n} schools have this strength.",
        least,
    )
    return (below if row["kind"] == "deficit" else above).format(
        unit=titles.get(str(row["unit"]), ""), skill=titles.get(str(row["skill"]), "").lower(),
        points=number(abs(points), 1), odds=percent(abs(odds - 1)), n=number(least),
        pupils=number(row["n"]),  # type: ignore[arg-type]
    )  # fmt: skip


def zones_figures(protected: Protected, titles: Titles, names: Titles, mark: str = "") -> dict[str, Picture]:
    """Draw the zones of schools, a figure a season: skills of subjects in lines, schools in columns.

    Returns
    -------
    dict of str to Picture
        By season.
    """
    frame = in_order(protected.frame)
    rows = frame.assign(target=frame["unit"] + "|" + frame["skill"], season=season_of(frame))
    drawn = {}
    for season, part in rows.groupby("season", sort=False):
        labels = {
            f"{unit}|{skill}": f"{titles.get(unit, unit).partition(',')[0]}: {titles.get(skill, skill).lower()}"
            for unit, skill in part[KEYS].drop_duplicates().itertuples(index=False, name=None)
        }
        schools = [code for code in names if code in set(part["school"])]
        above = {code: name.replace(" ", "\n", 1) for code, name in short(names).items()}
        drawn[str(season)] = zone_figures.profile_map(
            part.rename(columns={"logits": "residual"}), above, schools, labels=labels,
            threshold=protected.threshold, mark=mark, caption=season_called(part["unit"].iloc[0], titles),
        )  # fmt: skip
    return drawn


def season_called(unit: str, titles: Titles) -> str:
    """Return the sentence that heads a figure of one season, such as “Autumn 2020”.

    Examples
    --------
    >>> season_called("autumn-physics", {"autumn-physics": "Physics, autumn 2020"})
    'Autumn 2020.'
    """
    season = titles.get(unit, "").partition(", ")[2]
    return f"{season[:1].upper()}{season[1:]}." if season else ""


def short(names: Titles) -> dict[str, str]:
    """Return what stands above a narrow column: a school's name up to its number."""
    return {code: name if code not in name else name[: name.index(code) + len(code)] for code, name in names.items()}


def guarded_pairs(pairs: pd.DataFrame, zones: Protected, threshold: int) -> Protected:
    """Protect which school could help which: only schools whose zones are shown.

    Parameters
    ----------
    pairs : DataFrame
        Of `zones.pairs`.
    zones : Protected
        Of `guarded_zones`.
    threshold : int
    """
    counts = zones.frame.set_index([*KEYS, "school"])["n"].to_dict()
    rows = pairs.rename(columns={"target": "skill"})
    keys = {side: rows[[*KEYS, side]].itertuples(index=False, name=None) for side in ("giver", "receiver")}
    sides = {side: [counts.get(key, np.nan) for key in places] for side, places in keys.items()}
    n = pd.DataFrame(sides, index=rows.index, dtype="float64")
    rows = rows.assign(n=n.min(axis=1))[n.notna().all(axis=1)].astype({"n": "int64"})
    return protect(in_order(rows)[_PAIRS], keys=[*KEYS, "giver", "receiver", "giver_kind"], threshold=threshold)


def pairs(protected: Protected, matched: pd.DataFrame, titles: Titles, names: Titles, named: bool) -> Html:
    """Show which school could show another how it is done, and which of these pairs are proposed.

    Parameters
    ----------
    protected : Protected
        Of `guarded_pairs`.
    matched : DataFrame
        Of `zones.pairs`: which pairs are in the proposal.
    titles, names : Mapping
        Of units and skills; of schools.
    named : bool
    """
    if not named:
        return cluster_sections.unnamed()
    frame = protected.frame
    if frame.empty:
        text = gettext(
            "No host can be named: the results show no deficit of one school that meets a strength of another. The "
            "schools work on their topics together."
        )
        return paragraph(text, "empty")
    marks = matched.rename(columns={"target": "skill"})[[*KEYS, "giver", "receiver", "proposed"]]
    called = {"unit": titles, "skill": titles, "giver": short(names), "receiver": short(names)}
    note = gettext(
        "Difference in logits between the two schools on the skill, beyond their levels, with its 95% interval. n is "
        "the smaller number of pupils of the two. What stands behind the better result the data do not say."
    )
    columns = ["unit", "skill", "giver", "giver_kind", "receiver", "proposed", "difference", "n"]
    frame = frame.merge(marks, how="left", on=[*KEYS, "giver", "receiver"])
    return table(frame, columns, names=called, note=note, threshold=protected.threshold)


def zones(pictures: Sequence[Picture], named: bool) -> Html:
    """Show the figures of zones, or say why there are none."""
    if not named:
        return cluster_sections.unnamed()
    if pictures:
        text = gettext(
            "More schools may share a deficit than have a frame in its line: what is common is told from all schools "
            "together, even where no single school can be told from chance."
        )
        return join([*pictures, paragraph(text)])
    text = gettext(
        "There is no profile to draw: no school has points of single tasks of two classes or more, with three tasks or "
        "more of one skill."
    )
    return paragraph(text, "empty")


def limits() -> Html:
    """Say where the page stops."""
    return bullets(
        [
            gettext(
                "Which teacher stands behind which result: the data hold no teachers, and the page is not about them."
            ),
            gettext(
                "Why a school shows more: the programme, hours, clubs, families and the choice of pupils are not in "
                "the data. A seminar begins with the question, not with the answer."
            ),
            gettext(
                "A profile is relative: a deficit on one skill is by construction more than expected on another. It is "
                "no share of pupils “who cannot”."
            ),
            gettext("The map of tasks and skills is not confirmed: with another map some topics would be others."),
            gettext(
                "Only differences beyond chance are named; a deficit that is not named may exist. Where no schools "
                "outside the cluster are known, a deficit that all share cannot be seen."
            ),
        ]
    )
