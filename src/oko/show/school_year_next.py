"""Sections of a school's year that look forward: zones, occasions to check oneself, actions, what to talk about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from oko.language import gettext, ngettext, number, percent
from oko.measures import Statement
from oko.measures.bias import Markers, PileUps
from oko.show import sentences
from oko.show.html import Html, join, paragraph, prose
from oko.show.item_names import listed
from oko.show.sections import Titles, bullets
from oko.show.statements import words

Words = Mapping[str, str]
_REMARKS = ("bias_occasion", "bias_no_region", "bias_no_official_work", "bias_clumps", "bias_no_piles")


def of_enough_tasks(skills: pd.DataFrame, works: pd.DataFrame, fewest: int = 3) -> pd.DataFrame:
    """Leave out the skills that a season of a subject has too few tasks on: they get no number anyway.

    Parameters
    ----------
    skills : DataFrame
        assessment, item, skill.
    works : DataFrame
        assessment, season, subject.
    fewest : int, default 3
    """
    rows = skills.merge(works[["assessment", "season", "subject"]], on="assessment")
    counts = rows.groupby(["season", "subject", "skill"])["item"].transform("size")
    return rows[counts >= fewest].reset_index(drop=True)


def zones(profile: pd.DataFrame, units: Words, skills: Words) -> Html:
    """Name the skills in which the school shows less, or more, than schools of its level.

    Parameters
    ----------
    profile : DataFrame
        Rows of the school from ``zones.year_profiles`` by skill.
    units, skills : Mapping
    """
    known = profile[profile["residual"].notna()]
    if known.empty:
        text = gettext(
            "There is no profile of skills: points by task are needed, with at least three tasks on a skill in one "
            "season and ten pupils."
        )
        return paragraph(text, "empty")
    said = [_zone(row, units, skills) for row in known[known["kind"] != "none"].to_dict("records")]
    if not said:
        text = ngettext(
            "{n} number was looked at; no skill can be told from what schools of the same level show.",
            "{n} numbers were looked at; no skill can be told from what schools of the same level show.",
            len(known),
        )
        return paragraph(text.format(n=number(len(known))))
    note = gettext(
        "Numbers looked at: {n}. Named is what is told from chance with their number taken into account. A profile is "
        "relative: less in one skill means more in another."
    )
    return join([bullets(said), paragraph(note.format(n=number(len(known))), "note")])


def _zone(row: Mapping[Any, Any], units: Words, skills: Words) -> str:
    deficit = row["kind"] == "deficit"
    text = (
        gettext("▼ Deficit. {skill}, {unit}: {facility}, at schools of the same level {expected}; {tasks}, {pupils}.")
        if deficit
        else gettext(
            "▲ Strength. {skill}, {unit}: {facility}, at schools of the same level {expected}; {tasks}, {pupils}."
        )
    )
    n_items = int(row["n_items"])
    return text.format(
        skill=skills.get(str(row["target"]), str(row["target"])), unit=units.get(str(row["unit"]), str(row["unit"])),
        facility=percent(row["facility"], 1), expected=percent(row["expected"], 1),
        tasks=ngettext("{n} task", "{n} tasks", n_items).format(n=number(n_items)),
        pupils=sentences.pupils(int(row["n"])),
    )  # fmt: skip


def occasions(found: Markers, piles: PileUps, year: str, titles: Titles) -> Html:
    """Say where the school's own results are an occasion to check itself, and where not.

    Parameters
    ----------
    found : Markers
        Of the school over its years; those of the year are named.
    piles : PileUps
        Of the school's works of the year.
    year : str
    titles : Mapping
    """
    rows = found.table[(found.table["year"] == year) & found.table["applicable"]]
    marked = rows[rows["marked"]]
    said = []
    if len(marked):
        text = gettext("Official markers that are met: {markers}.")
        names = [
            f"{_MARKERS[row['marker']]()} — {titles.get(row['assessment'], '')}" for row in marked.to_dict("records")
        ]
        said.append(text.format(markers=listed(names)))
    elif len(rows):
        text = ngettext(
            "{n} official marker could be judged; it is not met.",
            "{n} official markers could be judged; none is met.",
            len(rows),
        )
        said.append(text.format(n=number(len(rows))))
    said += _piles(piles, titles)
    stated = [
        _of_works(each, set(piles.works["assessment"]), titles) for each in (*found.statements, *piles.statements)
    ]
    remarks = [words(each) for each in stated if each is not None and each.code in _REMARKS]
    return join([bullets(said) if said else "", prose(dict.fromkeys(remarks), "note")])


def _of_works(statement: Statement, own: set[str], titles: Titles) -> Statement | None:
    """Keep a statement to the works of the year and call them by their titles; nothing where it is about others."""
    works = statement.values.get("assessments")
    if not isinstance(works, tuple | list):
        return statement
    kept = [titles.get(name, name) for name in works if name in own]
    return Statement(statement.code, {**statement.values, "assessments": kept}) if kept else None


_MARKERS = {
    "high_mean": lambda: gettext("the mean is above the region’s"),
    "journal_mismatch": lambda: gettext("better marks in the journal go with lower scores"),
    "sharp_fall": lambda: gettext("a sharp fall of one parallel"),
    "sharp_rise": lambda: gettext("a sharp rise of one parallel"),
}


def _piles(piles: PileUps, titles: Titles) -> list[str]:
    judged = piles.works[piles.works["reason"] == ""]
    if judged.empty:
        return []
    marked = judged[judged["marked"]]
    if marked.empty:
        text = ngettext(
            "Scores just at the borders of marks: {n} work was checked, there are no more of them than expected.",
            "Scores just at the borders of marks: {n} works were checked, there are no more of them than expected.",
            len(judged),
        )
        return [text.format(n=number(len(judged)))]
    text = gettext(
        "An occasion to check oneself: just at the borders of marks there are more pupils than expected in {n} of {of} "
        "works ({works}). Look at how borderline works were marked; a second look at them by teachers gives the same "
        "picture."
    )
    works = listed([titles[name] for name in marked["assessment"]])
    return [text.format(n=number(len(marked)), of=number(len(judged)), works=works)]


def actions(rows: pd.DataFrame, names: Mapping[str, Words]) -> Html:
    """Say what the school did and planned because of results.

    Parameters
    ----------
    rows : DataFrame
        The register ``actions`` of the school and the year: subject, grade, skill, item, kind, status, date, done.
    names : Mapping
        Words by list: "kind", "status", "skill", "subject".
    """
    if rows.empty:
        text = gettext(
            "The register of actions has none of this school in this year: enter what was decided after a procedure in "
            "the form of actions."
        )
        return paragraph(text, "empty")
    counts = rows["status"].value_counts()
    said = gettext("Actions in the register: {n}; {parts}.").format(
        n=number(len(rows)),
        parts=", ".join(
            f"{word} — {number(int(counts[code]))}" for code, word in names["status"].items() if code in counts
        ),
    )
    ordered = rows.assign(_at=rows["status"].map({"planned": 0, "done": 1}).fillna(2))
    ordered = ordered.sort_values(["_at", "date"], kind="stable")
    return join([paragraph(said), bullets(_action(row, names) for row in ordered.to_dict("records"))])


def _action(row: Mapping[Any, Any], names: Mapping[str, Words]) -> str:
    subject = names["subject"].get(str(row["subject"]), str(row["subject"]))
    grade = "" if pd.isna(row["grade"]) else gettext("grade {grade}").format(grade=number(int(row["grade"])))
    skill = "" if pd.isna(row["skill"]) else names["skill"].get(str(row["skill"]), str(row["skill"]))
    about = ", ".join(filter(None, (subject, grade, skill)))
    status, kind = (names[name].get(str(row[name]), str(row[name])) for name in ("status", "kind"))
    return f"{status}: {kind} ({about})"


def to_talk_about(
    profile: pd.DataFrame, planned: pd.DataFrame, piles: PileUps, moved: pd.DataFrame, units: Words, skills: Words
) -> Html:
    """Put together what to talk about next, each point from what the page has found.

    Parameters
    ----------
    profile : DataFrame
        Rows of the school by skill.
    planned : DataFrame
        The school's actions of the year.
    piles : PileUps
    moved : DataFrame
        From ``school_year_sections.of_year``.
    units, skills : Mapping
    """
    said = []
    for row in profile[profile["kind"] == "deficit"].to_dict("records"):
        text = gettext(
            "{skill} ({unit}): what will be repeated, in which grades, and with which task will it be re-tested?"
        )
        skill = skills.get(str(row["target"]), str(row["target"]))
        said.append(text.format(skill=skill, unit=units.get(str(row["unit"]), str(row["unit"]))))
    waiting = int((planned["status"] == "planned").sum()) if len(planned) else 0
    if waiting:
        text = ngettext(
            "{n} planned action has no mark of being done: what is in its way?",
            "{n} planned actions have no mark of being done: what is in their way?",
            waiting,
        )
        said.append(text.format(n=number(waiting)))
    if piles.works["marked"].any():
        said.append(gettext("How were works marked that are one point short of the next mark?"))
    fallen = moved[moved["change_upper"] < 0]
    if len(fallen):
        said.append(gettext("Where the same pupils have lost their place: what changed for them this year?"))
    if not said:
        said.append(
            gettext("The results of this year name no single topic; the pages of the subjects have the details.")
        )
    return bullets(said)


def of_year(register: pd.DataFrame, school: str, year: str) -> pd.DataFrame:
    """Keep a school's actions of a school year, from September to August.

    Parameters
    ----------
    register : DataFrame
        The register ``actions``: school, date ("2020-10-11").
    school, year : str
    """
    first = int(year[:4])
    date = register["date"].astype("str")
    inside = (date >= f"{first}-09-01") & (date < f"{first + 1}-09-01")
    return register[inside & (register["school"] == school)].reset_index(drop=True)
