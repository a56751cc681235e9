"""Sections of a school's brief for its council: what matters, the works, the skills, what to decide."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from oko.disclosure import Mean, Protected, protect
from oko.language import gettext, ngettext, number, percent
from oko.show.brief import Names, Row, apart, beside, by_chance, line, plain, points, when
from oko.show.html import Html, join, paragraph, prose
from oko.show.sections import bullets, nothing
from oko.show.sentences import pupils, works
from oko.show.statements import words

MOST_SAID, MOST_SKILLS, ALPHA = 5, 3, 0.05
SKILL_COLUMNS = [
    "season", "subject", "skill", "school", "n_items", "n", "facility", "expected", "apart",
    "apart_lower", "apart_upper", "p_adjusted",
]  # fmt: skip


def protected_skills(profile: pd.DataFrame, threshold: int, school: str) -> Protected:
    """Protect the skills of all schools together, and keep those of one whose numbers are all shown.

    Parameters
    ----------
    profile : DataFrame
        From ``zones.in_points`` by skill, its unit being season and subject joined by "-".
    threshold : int
    school : str

    Notes
    -----
    A row with a hidden or rounded facility is left out: the difference and the expected would give it away.
    """
    unit = profile["unit"].astype("str").str.split("-", n=1)
    named = profile.assign(season=unit.str[0], subject=unit.str[1]).rename(columns={"target": "skill"})
    known = named.loc[named["apart"].notna() & named["n"].gt(0), SKILL_COLUMNS]
    kept = protect(
        known.astype({"n": "int64", "n_items": "int64", "season": "str", "subject": "str", "facility": "float64"}),
        by=["season", "subject", "skill"], part="school", keys=["n_items"],
        threshold=threshold, means={"facility": Mean(0, 1)},
    )  # fmt: skip
    frame = kept.frame
    whole = ~frame["hidden"].astype(bool) & frame["hidden_cells"].eq("") & frame["bounded"].eq("")
    return kept.only(frame["school"].eq(school) & whole)


def remarks(profile: pd.DataFrame) -> list[str]:
    """Return what has to be said of the comparison: that there is nobody outside the cluster to compare with."""
    return [words(said) for said in profile.attrs.get("statements", ()) if said.code == "zones_among_themselves"]


def told(skills: Protected) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the skills that are weaker and those that are stronger than chance allows, the surest first."""
    frame = skills.frame
    sure = frame[frame["p_adjusted"] <= ALPHA].sort_values("p_adjusted", kind="stable")
    return sure[sure["apart"] < 0], sure[sure["apart"] > 0]


def matters(marks: Protected, skills: Protected, school: str, titles: Names, subjects: Names, names: Names) -> Html:
    """Say the three to five things that matter; where nothing can be told from chance, say that.

    Parameters
    ----------
    marks, skills : Protected
        Of the school.
    school : str
    titles, subjects, names : Mapping
        Of works, subjects and skills.
    """
    if not beside(marks, school):
        return nothing()
    weak, strong = told(skills)
    below, above = _works_said(marks, school, titles, subjects)
    said = [_skill_said(row, subjects, names) for row in weak.head(MOST_SKILLS).to_dict("records")]
    said += below + [_skill_said(row, subjects, names) for row in strong.head(2).to_dict("records")] + above
    if not said and not _comparable(marks, skills, school):
        return paragraph(_too_few(marks.threshold), "empty")
    return bullets(said[:MOST_SAID]) if said else paragraph(_no_difference())


def _comparable(marks: Protected, skills: Protected, school: str) -> bool:
    """Whether there is a number at all that could have told the school from others."""
    return bool(len(skills.frame) or apart(beside(marks, school))[2])


def _too_few(threshold: int) -> str:
    text = gettext(
        "There is no number by which the school could be told from others: fewer than {n} pupils took each work, or "
        "the numbers are hidden. See the school’s internal pages."
    )
    return text.format(n=number(threshold))


def _no_difference() -> str:
    return gettext(
        "In no skill and in no number of works does the school differ from the others by more than chance allows. "
        "That is a result too: these data give no reason to change the programme of one subject rather than another."
    )


def _skill_said(row: Row, subjects: Names, names: Names) -> str:
    weaker = gettext(
        "{subject}, {when}: “{skill}” is weaker than in schools of the same level: {value} of the points where "
        "{expected} is expected, a difference of {difference} percentage points ({lower} … {upper}); {items}, {pupils}."
    )
    stronger = gettext(
        "{subject}, {when}: “{skill}” is stronger than in schools of the same level: {value} of the points where "
        "{expected} is expected, a difference of {difference} percentage points ({lower} … {upper}); {items}, {pupils}."
    )
    template = weaker if row["apart"] < 0 else stronger
    return template.format(
        subject=subjects.get(row["subject"], row["subject"]),
        when=when(row["season"]),
        skill=names.get(row["skill"], row["skill"]),
        value=percent(row["facility"]),
        expected=percent(row["expected"]),
        difference=points(row["apart"]),
        lower=points(row["apart_lower"]),
        upper=points(row["apart_upper"]),
        items=tasks(int(row["n_items"])),
        pupils=pupils(int(row["n"])),
    )


def tasks(n: int) -> str:
    """Count tasks."""
    return ngettext("{n} task", "{n} tasks", n).format(n=number(n))


def _works_said(marks: Protected, school: str, titles: Names, subjects: Names) -> tuple[list[str], list[str]]:
    pairs = beside(marks, school)
    below, above, known = apart(pairs)
    most = by_chance(known)
    short = {own["assessment"]: f"{line(own, subjects)}, {when(own['season'])}" for own, _ in pairs}
    named = {name: short[name] for name in titles if name in short}
    texts = (
        gettext(
            "Below the cluster, which lies outside the school’s interval: {n} of {of} works, where chance gives at "
            "most {chance}: {works}."
        ),
        gettext(
            "Above the cluster, which lies outside the school’s interval: {n} of {of} works, where chance gives at "
            "most {chance}: {works}."
        ),
    )
    said = [
        [text.format(n=number(len(found)), of=number(known), chance=number(most), works=_named(found, named))]
        if len(found) > most
        else []
        for text, found in zip(texts, (below, above), strict=True)
    ]
    return said[0], said[1]


def _named(works: Sequence[str], titles: Names, most: int = 4) -> str:
    ordered = [titles[name] for name in titles if name in works]
    rest = len(ordered) - most
    more = ngettext("and {n} more", "and {n} more", max(rest, 1)).format(n=number(rest))
    return "; ".join([*ordered[:most], *([more] if rest > 0 else [])])


def strongest_and_weakest(skills: Protected, subjects: Names, names: Names, remarks: Sequence[str]) -> Html:
    """Show the three weakest and the three strongest skills once the level is removed, and which of them may be chance.

    Parameters
    ----------
    skills : Protected
        Of the school.
    subjects, names : Mapping
        Of subjects and skills.
    remarks : sequence of str
        What the measure says of the comparison.
    """
    frame = skills.frame.sort_values("apart", kind="stable")
    if frame.empty:
        said = gettext(
            "No skill can be told of: it needs scores of single tasks, three tasks or more of a skill in a subject, "
            "and results of other schools to compare with."
        )
        return paragraph(said, "empty")
    ends = frame if len(frame) <= 2 * MOST_SKILLS else pd.concat([frame.head(MOST_SKILLS), frame.tail(MOST_SKILLS)])
    rows = pd.DataFrame([_skill_cells(row, subjects, names) for row in ends.to_dict("records")])
    columns = {
        "skill": gettext("Skill"), "where": gettext("Subject, time"), "items": gettext("tasks"), "n": "n",
        "value": gettext("earned / expected"),
        "difference": gettext("difference, percentage points"), "conclusion": gettext("Conclusion"),
    }  # fmt: skip
    note = gettext(
        "Earned / expected: share of points, and what schools of the same level show on the same tasks. In all {n} "
        "such rows; “unclear”: not told from zero once the number of tests is allowed for. Differences are taken "
        "before rounding."
    )
    unconfirmed = gettext("Which task asks for which skill is our initial list: not confirmed.")
    notes = [note.format(n=number(len(frame))), unconfirmed]
    return join([plain(rows, columns, ["items", "n", "value", "difference"], notes), prose(remarks)])


def _skill_cells(row: Row, subjects: Names, names: Names) -> dict[str, str]:
    between = f"({points(row['apart_lower'])} … {points(row['apart_upper'])})"
    sure = gettext("weaker") if row["apart"] < 0 else gettext("stronger")
    return {
        "skill": names.get(row["skill"], row["skill"]),
        "where": f"{subjects.get(row['subject'], row['subject'])}, {when(row['season'])}",
        "items": number(row["n_items"]), "n": number(row["n"]),
        "value": f"{percent(row['facility'])} / {percent(row['expected'])}",
        "difference": f"{points(row['apart'])} {between}",
        "conclusion": sure if row["p_adjusted"] <= ALPHA else gettext("unclear"),
    }  # fmt: skip


def trust(marks: Protected, skills: Protected, school: str) -> Html:
    """Say how many wrote, and what is uncertain in these numbers."""
    rows = marks.frame[marks.frame["school"] == school]
    counted = rows.loc[rows["n"].notna() & ~rows["hidden"].astype(bool), "n"]
    if counted.empty:
        text = gettext("No work was written by so many pupils that their number may be given ({n} or more).")
        return paragraph(text.format(n=number(marks.threshold)), "empty")
    text = ngettext(
        "{n} work, written by {least} to {most} pupils.", "{n} works, written by {least} to {most} pupils.", len(rows)
    )
    said = [text.format(n=number(len(rows)), least=number(counted.min()), most=number(counted.max()))]
    if counted.min() == counted.max():
        said = [works(len(rows)) + ": " + pupils(int(counted.max())) + "."]
    hidden = int(rows["hidden"].astype(bool).sum())
    if hidden:
        said.append(
            ngettext("The results of {n} of them are hidden.", "The results of {n} of them are hidden.", hidden).format(
                n=number(hidden)
            )
        )
    said.append(
        gettext(
            "Who was absent is not on this page, and those absent may not be like the others. Borders of marks differ "
            "from work to work, so that shares of one work say nothing about another."
        )
    )
    groups = len(skills.frame[["season", "subject"]].drop_duplicates())
    if groups:
        text = gettext(
            "Skills: the number of tests is allowed for within one subject and season; over {n} of them a false "
            "finding a year is possible."
        )
        said.append(text.format(n=number(groups)))
    return prose(said)


def decide(marks: Protected, skills: Protected, school: str, subjects: Names, names: Names) -> Html:
    """Name what the council has to decide, from what was found."""
    if not beside(marks, school):
        return paragraph(
            gettext("There is nothing to decide by these data: hold the works, or receive their results."), "empty"
        )
    if not _comparable(marks, skills, school):
        return paragraph(gettext("These data are too few to decide anything by them."), "empty")
    weak, strong = told(skills)
    below, _, known = apart(beside(marks, school))
    said = [_repeat(weak, subjects, names)] if len(weak) else []
    if len(strong):
        text = gettext("Whose lessons on {skills} colleagues could see, and when.")
        said.append(text.format(skills=_skills_named(strong, subjects, names)))
    if len(below) > by_chance(known):
        said.append(
            gettext(
                "Which of the works below the cluster to look into first: by tasks and classes, on the internal pages."
            )
        )
    if not said:
        said.append(
            gettext("Which works to look at by tasks and classes, on the internal pages, though none stands out below.")
        )
    said.append(gettext("Who tells parents and pupils what these numbers say and what they do not, and when."))
    return bullets(said)


def _repeat(weak: pd.DataFrame, subjects: Names, names: Names) -> str:
    text = gettext(
        "What to do about {skills}: in which grades, who answers for it, and when a short work of three to five tasks "
        "shows whether it helped."
    )
    return text.format(skills=_skills_named(weak, subjects, names))


def _skills_named(rows: pd.DataFrame, subjects: Names, names: Names) -> str:
    by_skill: dict[str, list[str]] = {}
    for row in rows.to_dict("records"):
        by_skill.setdefault(str(row["skill"]), []).append(subjects.get(row["subject"], row["subject"]).lower())
    return "; ".join(
        f"{names.get(skill, skill).lower()} ({', '.join(dict.fromkeys(found))})" for skill, found in by_skill.items()
    )


def limits() -> Html:
    """Say where the brief stops."""
    return paragraph(
        gettext("A weak skill says where to look, not why: there are few tasks of a skill, and their texts matter.")
    )
