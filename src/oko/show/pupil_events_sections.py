"""Sections of the page on joint workshops and olympiads: topics, the rule of choice, places, groups of schools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from oko.disclosure import Protected, protect
from oko.disclosure.rules import LEAST_CONTRIBUTORS
from oko.language import gettext, ngettext, number, percent
from oko.measures.skills import Proposed
from oko.measures.skills.proposed import SEASONS, SHARE, SURE
from oko.show import cluster_sections
from oko.show.html import Html, join, paragraph, prose
from oko.show.matrix import matrix
from oko.show.sections import Titles, bullets
from oko.show.tables import table

ROUNDED, ENOUGH = 5, 0.7
KEYS = ["kind_of_event", "subject", "pupil_grade"]
_RULE = [*KEYS, "assessment", "n", "n_schools", "n_items", "alpha", "border", "decides"]


def open_deficits(topics: Protected) -> pd.DataFrame:
    """Return the shared deficits that a later season of the same year did not turn into a strength.

    Parameters
    ----------
    topics : Protected
        Of `teacher_learning_sections.guarded_topics`.

    Returns
    -------
    DataFrame
        subject, skill.
    """
    frame = topics.frame
    known = frame[~frame["hidden"] & frame["kind"].isin(["deficit", "strength"])]
    places = known["unit"].astype("str").str.split("-", n=1, expand=True).reindex(columns=[0, 1])
    order = {season: place for place, season in enumerate(SEASONS)}
    rows = pd.DataFrame(
        {"season": places[0].map(order), "subject": places[1], "skill": known["skill"], "kind": known["kind"]}
    )
    last = rows.sort_values("season", kind="stable").drop_duplicates(["subject", "skill"], keep="last")
    left = last.loc[last["kind"] == "deficit", ["subject", "skill"]]
    return left.sort_values(["subject", "skill"], kind="stable", ignore_index=True)


def workshops(deficits: pd.DataFrame, found: Proposed, known: bool) -> Proposed:
    """Keep workshops for subjects with a shared deficit, and olympiads of subjects: a general work is of none.

    Parameters
    ----------
    deficits : DataFrame
        Of `open_deficits`.
    found : Proposed
    known : bool
        Whether shared deficits could be looked for at all: otherwise every subject keeps its workshop.
    """
    subjects = set(deficits["subject"])
    kept = [
        rows[
            (rows["subject"] != "general")
            & ((rows["kind"] == "olympiad") | (rows["subject"].isin(subjects) if known else True))
        ]
        for rows in (found.pupils, found.rules)
    ]
    return Proposed(*(rows.reset_index(drop=True) for rows in kept))


def guarded_rules(found: Proposed, threshold: int, named: bool) -> Protected:
    """Protect the rule by work: how many were looked at, how reliable the sum is, which share of points decides.

    Where schools are not named, works of one or two schools are left out.
    """
    rows = found.rules.rename(columns={"kind": "kind_of_event"}).sort_values(KEYS, kind="stable")
    rows = rows if named else rows[rows["n_schools"] >= LEAST_CONTRIBUTORS]
    rows = rows.astype({"n": "int64", "n_schools": "int64", "n_items": "int64"})
    return protect(rows[_RULE], keys=[*KEYS, "assessment"], threshold=threshold)


def guarded_places(found: Proposed, threshold: int, named: bool) -> Protected:
    """Protect numbers of places by kind, subject and grade, rounded."""
    rows = found.pupils.rename(columns={"kind": "kind_of_event"})
    counted = rows.groupby(KEYS, sort=True, observed=True).size().rename("n").reset_index()
    counted = counted.astype({"n": "int64"})[[*KEYS, "n"]]
    given = rows.rename(columns={"school": "contributor"})
    given = given.groupby([*KEYS, "contributor"], sort=True, observed=True).size().rename("n").reset_index()
    return protect(
        counted, by=KEYS[:2], part="pupil_grade", threshold=threshold, round_to=ROUNDED,
        contributors=None if named else given,
    )  # fmt: skip


def guarded_groups(found: Proposed, threshold: int, named: bool) -> Protected:
    """Protect numbers of places by kind, subject and school; without rows where schools are not named."""
    keys = ["kind_of_event", "subject", "school"]
    rows = found.pupils.rename(columns={"kind": "kind_of_event"})
    rows = rows if named else rows.head(0)
    counted = rows.groupby(keys, sort=True, observed=True).size().rename("n").reset_index().astype({"n": "int64"})
    return protect(counted[[*keys, "n"]], by=keys[:2], part="school", threshold=threshold, round_to=ROUNDED)


def topics(deficits: pd.DataFrame, titles: Titles, known: bool) -> Html:
    """Say which topics workshops have."""
    if not known:
        text = gettext(
            "Workshops are therefore proposed in every subject that has scores by task, their topics are for the "
            "departments to name."
        )
        return paragraph(text, "empty")
    if deficits.empty:
        text = gettext(
            "No shared deficit is left at the end of the year, so there is no topic for a joint workshop of support; "
            "olympiads remain."
        )
        return paragraph(text, "empty")
    said = [
        f"{titles.get(str(subject), str(subject))}: "
        + "; ".join(titles.get(str(code), str(code)).lower() for code in rows["skill"])
        + "."
        for subject, rows in deficits.groupby("subject", sort=False)
    ]
    begin = gettext("Topics of joint workshops: deficits that several schools share and that the year has not closed.")
    return join([prose([begin]), bullets(said)])


def rule(protected: Protected, titles: Titles) -> Html:
    """Say by what rule a pupil is proposed, and give it work by work."""
    text = gettext(
        "A pupil is proposed for a workshop where, with the error of the work allowed for, the probability of being "
        "among the lower {share} of the cluster in the subject is {sure} or more; for an olympiad group, among the "
        "upper {share}. The probability comes from the pupil’s points on the last work of the year, its reliability "
        "(alpha) and the standard error (Kelley’s estimate). Near the border nobody is proposed: there the teacher "
        "decides. The order of the pupils says nothing, and the list is no ranking."
    ).format(share=percent(SHARE), sure=percent(SURE))
    frame = protected.frame
    if frame.empty:
        empty = gettext("There is no work with points of single tasks, so nobody can be proposed by this rule.")
        return join([prose([text]), paragraph(empty, "empty")])
    note = gettext(
        "With this share of the points or less a pupil is proposed for a workshop, with that or more for an olympiad "
        "group. A dash: no workshop in the subject, or the work is too short or its error too great to be sure of "
        "anybody."
    )
    columns = ["subject", "parallel", "n", "n_items", "alpha", "workshop_to", "olympiad_from"]
    shown = table(_by_work(frame), columns, names={"subject": titles}, note=note, threshold=protected.threshold)
    return join([prose([text]), shown])


def _by_work(frame: pd.DataFrame) -> pd.DataFrame:
    """Put both kinds of events of a work into one line."""
    keys = ["subject", "pupil_grade"]
    low, high = (frame[frame["kind_of_event"] == kind].set_index(keys)["decides"] for kind in ("support", "olympiad"))
    works = frame.drop_duplicates(keys).set_index(keys)
    lines = works.assign(workshop_to=low, olympiad_from=high).sort_index().reset_index()
    return lines.assign(parallel=lines["pupil_grade"].astype("int64").astype("str"))


def places(protected: Protected, titles: Titles, figure: object) -> Html:
    """Say how many places are needed, and draw them by subject and grade."""
    frame = protected.frame
    known = frame[~frame["hidden"]]
    if known.empty:
        text = gettext(
            "No group is large enough to show: where fewer than {n} pupils are proposed, the number is not given."
        )
        return paragraph(text.format(n=protected.threshold), "empty")
    said = []
    for kind, rows in known.groupby("kind_of_event", sort=False):
        one = (
            gettext("Workshops of support: groups shown, by subject and grade — {n}; most places, {most}: {where}.")
            if kind == "support"
            else gettext("Olympiad groups: groups shown, by subject and grade — {n}; most places, {most}: {where}.")
        )
        top = rows.sort_values("n", kind="stable").to_dict("records")[-1]
        subject, grade = titles.get(top["subject"], top["subject"]), int(top["pupil_grade"])
        where = gettext("{subject}, grade {grade}").format(subject=subject, grade=grade)
        said.append(one.format(n=number(len(rows)), most=number(top["n"]), where=where))
    return join([prose(said), figure])


def groups(protected: Protected, titles: Titles, names: Titles, named: bool) -> Html:
    """Show from which schools the groups come."""
    if not named:
        return cluster_sections.unnamed()
    frame = protected.frame
    if frame.empty:
        return paragraph(gettext("Nobody is proposed, so there are no groups."), "empty")
    parts = []
    for kind, rows in frame.groupby("kind_of_event", sort=True):
        ordered = [code for code in names if code in set(rows["school"])]
        caption = kind_name(str(kind))
        shown = _matrix(rows, ordered, titles, names, protected.threshold)
        parts.append(join([paragraph(caption), shown]))
    return join(parts)


def _matrix(rows: pd.DataFrame, schools: Sequence[str], titles: Titles, names: Titles, threshold: int) -> Html:
    subjects = {code: titles.get(code, code) for code in dict.fromkeys(rows["subject"])}
    caption = gettext("Places by school, all grades together; numbers are rounded to {n}.").format(n=ROUNDED)
    return matrix(rows, "subject", "school", "n", subjects, {c: names[c] for c in schools}, caption, threshold)


def kind_name(kind: str) -> str:
    """Return what a kind of event is called."""
    return gettext("Workshops of support") if kind == "support" else gettext("Olympiad groups")


def guarded_reliability(found: pd.DataFrame, threshold: int) -> Protected:
    """Protect how reliable the tasks of a single skill are."""
    rows = found.astype({"n": "int64", "n_items": "int64"})
    return protect(rows, keys=["skill", "pupil_grade"], threshold=threshold)


def reliability(protected: Protected, titles: Mapping[str, str]) -> Html:
    """Say why pupils are not chosen by one skill."""
    frame = protected.frame
    known = frame[~frame["hidden"] & frame["alpha"].notna()]
    few = int((frame["n_items"] < 3).sum()) if len(frame) else 0
    if known.empty:
        text = gettext(
            "No skill has three tasks or more taken by enough pupils of a grade: no list by skill can be made."
        )
        return paragraph(text, "empty")
    said = [
        gettext(
            "The tasks of one skill in all works of a year and a grade give an alpha from {least} to {most}. To tell "
            "single pupils apart, 0.7 or more is usually asked for; {n} of {of} reach it. So topics come from skills, "
            "and pupils from whole works."
        ).format(
            least=number(known["alpha"].min(), 2),
            most=number(known["alpha"].max(), 2),
            n=number(int((known["alpha"] >= ENOUGH).sum())),
            of=number(len(known)),
        )
    ]
    if few:
        text = ngettext(
            "For {n} pair of skill and grade there are one or two tasks: no conclusion at all.",
            "For {n} pairs of skill and grade there are one or two tasks: no conclusion at all.",
            few,
        )
        said.append(text.format(n=number(few)))
    shown = table(
        known.assign(parallel=known["pupil_grade"].astype("int64").astype("str")),
        ["skill", "parallel", "n_items", "n", "alpha"],
        names={"skill": titles},
        threshold=protected.threshold,
    )
    return join([prose(said), shown])


def lists(found: Proposed) -> Html:
    """Say where the lists of pupils are, without a number of them."""
    if found.pupils.empty:
        return paragraph(gettext("There is nobody to list."), "empty")
    return prose(
        [
            gettext(
                "Lists are an internal table of this run: pseudonyms, school, class, work and probability. "
                "They are not on this page and are never released. A school is given its own rows, and whoever holds "
                "its list of codes knows the pupils."
            ),
            gettext("A place is an offer: the pupil, the parents and the teacher decide."),
        ]
    )


def limits() -> Html:
    """Say where the page stops."""
    return bullets(
        [
            gettext("One work is one day: a pupil who was ill or in a hurry may be proposed, or overlooked."),
            gettext(
                "A work of the usual programme does not find a gift for olympiads: its hard tasks are few. The list is "
                "an invitation to try, not a selection."
            ),
            gettext(
                "The lower and the upper quarter are those of this cluster’s pupils in this work. They say nothing of "
                "whether a pupil has reached what the programme asks."
            ),
            gettext("Pupils who did not take the work, or were not given some of its tasks, are not in the lists."),
            gettext("The normal distribution of errors is rough for pupils with almost no or almost all points."),
        ]
    )
