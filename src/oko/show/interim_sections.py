"""Sections of the page on the half-way check: what was done of what was decided, change on skills, criteria."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from oko.disclosure import Mean, Protected, protect
from oko.disclosure.rules import LEAST_CONTRIBUTORS
from oko.language import date, gettext, ngettext, number, percent, with_sign
from oko.measures.decisions import counts
from oko.measures.retest import FEWEST_ITEMS, TARGETS
from oko.show import sentences
from oko.show.cluster_sections import unnamed
from oko.show.html import Html, join, paragraph, prose, the_end
from oko.show.sections import bullets
from oko.show.tables import table

Titles = Mapping[str, str]
Spell = Callable[[str, str], str]
SIDES = ("all", "kind", "role", "subject")
STATES = ("decided", "done", "open", "cancelled", "late")


def guarded_decisions(data: Any, rows: pd.DataFrame, threshold: int, named: bool) -> Protected:
    """Count decisions in all, by kind, role and subject, and by school where the agreement names schools.

    Parameters
    ----------
    data : ModelData
    rows : DataFrame
        Of ``ModelData.decisions``.
    threshold : int
    named : bool
    """
    frames = []
    for side in (*SIDES, *(["school"] if named else [])):
        by = [] if side == "all" else [side]
        known = rows.dropna(subset=by) if by else rows
        if known.empty:
            continue
        found = counts(known, by)
        people = data.concerned(known, by)
        found = found.merge(people, on=by, how="left") if by else found.assign(n=people["n"].iloc[0])
        key = found[side].astype("str") if by else pd.Series("", found.index, dtype="str")
        school = key if side == "school" else pd.Series("", found.index, dtype="str")
        frames.append(found.assign(side=side, key="" if side == "school" else key, school=school))
    columns = ["side", "key", "school", "n", *STATES]
    empty = pd.DataFrame(columns=columns).astype({"n": "int64"})
    whole = pd.concat(frames, ignore_index=True)[columns] if frames else empty
    whole["n"] = whole["n"].fillna(0).astype("int64")
    return protect(whole, keys=["side", "key", "school"], threshold=threshold, round_to=threshold)


def done(protected: Protected, day: str, spell: Spell, *, asked: bool, entered: bool) -> Html:
    """Say how much of what was decided is done, and what is late, by role and subject; kinds have their figure."""
    frame = protected.frame
    whole = frame[(frame["side"] == "all") & ~frame["hidden"]]
    if len(frame) and whole.empty:
        return paragraph(
            gettext("How many decisions were taken in all is not shown: too few pupils stand behind them.")
        )
    if whole.empty:
        text = gettext(
            "There is no log of actions with decisions of this school year, so it is not known what was done: the form "
            "actions.xlsx is needed, filled in by each school."
        )
        return join([paragraph(text, "empty"), "" if entered else the_end()])
    row = whole.iloc[0]
    text = gettext(
        "As of {day}: {decided} decisions were taken, {done} are done ({share} of those not cancelled), {open} are "
        "open, {cancelled} cancelled; {late} are late by the terms of the model."
    )
    left = int(row["decided"]) - int(row["cancelled"])
    values = {name: number(row[name]) for name in STATES}
    share = percent(row["done"] / left) if left else "–"
    said = text.format(day=_day(day), share=share, **values)
    rule = gettext(
        "Late: done after the term that the model gives this kind of action, or open although the term is over. Kinds "
        "that the model gives no term are never late."
    )
    all_of_it = gettext("This is all that the logs hold; for a meeting the page is made anew as of its day.")
    rules = [said, rule, *([] if asked else [all_of_it])]
    shown = [
        join([_heads(side), _by(frame, side, {code: spell(lists, code) for code in _codes(frame, side)})])
        for side, lists in (("role", "role"), ("subject", "subject"))
    ]
    return join([prose(rules), *shown])


def _day(as_of: str) -> str:
    return date(datetime.date.fromisoformat(as_of)) if as_of else "–"


def _codes(frame: pd.DataFrame, side: str) -> list[str]:
    return list(frame.loc[frame["side"] == side, "key"])


def _heads(side: str) -> Html:
    heads = {"role": gettext("By who does it:"), "subject": gettext("By subject:")}
    return paragraph(heads[side])


def _by(frame: pd.DataFrame, side: str, names: Titles) -> Html:
    column = {"role": "who_does", "subject": "subject"}[side]
    shown = frame[frame["side"] == side].rename(
        columns={"key": column, "open": "open_ones", "done": "done_ones", "late": "late_ones"}
    )
    return table(shown, [column, "decided", "done_ones", "open_ones", "cancelled", "late_ones"], names={column: names})


def by_school(protected: Protected, names: Titles, named: bool) -> Html:
    """Show the schools in their fixed order."""
    if not named:
        return unnamed()
    frame = protected.frame
    rows = frame[frame["side"] == "school"]
    if rows.empty:
        return Html("")
    place = {code: number for number, code in enumerate(names)}
    rows = rows.sort_values("school", key=lambda codes: codes.map(place), kind="stable")
    shown = rows.rename(columns={"open": "open_ones", "done": "done_ones", "late": "late_ones"})
    note = gettext(
        "Schools stand in their fixed order. Numbers of decisions are not comparable: one school writes down every "
        "lesson, another only what a department decided."
    )
    columns = ["school", "decided", "done_ones", "open_ones", "cancelled", "late_ones", "n"]
    return table(shown, columns, names={"school": names}, note=note, threshold=protected.threshold)


def guarded_gaps(topics: Protected, rows: pd.DataFrame, threshold: int) -> Protected:
    """Put beside each shared deficit of the autumn how many decisions were taken on it, and in how many schools.

    Parameters
    ----------
    topics : Protected
        Of ``teacher_learning_sections.guarded_topics``.
    rows : DataFrame
        Of ``ModelData.decisions``.
    threshold : int
    """
    frame = topics.frame
    shared = frame[~frame["hidden"] & (frame["kind"] == "deficit")][["unit", "skill", "n", "n_schools"]]
    shared = shared.assign(subject=shared["unit"].astype("str").str.replace("^[^-]*-", "", regex=True))
    kept = rows[rows["state"] != "cancelled"].dropna(subset=["subject", "skill"])
    groups = kept.groupby(["subject", "skill"])
    found = groups.size().rename("decided").to_frame().join(groups["school"].nunique().rename("acting")).reset_index()
    whole = shared.merge(found, on=["subject", "skill"], how="left").fillna({"decided": 0, "acting": 0})
    whole = whole.astype({"n": "int64", "n_schools": "int64", "decided": "int64", "acting": "int64"})
    columns = ["unit", "skill", "n", "n_schools", "decided", "acting"]
    return protect(whole[columns], keys=["unit", "skill"], threshold=threshold, round_to=threshold)


def problems(gaps: Protected, decisions: Protected, titles: Titles, spell: Spell) -> Html:
    """Name the problems that the log shows: deficits without a decision, kinds that are late or cancelled."""
    if decisions.frame.empty:
        text = gettext("Without a log and shared deficits of the autumn beside it no problem can be named.")
        return paragraph(text, "empty")
    said = []
    for row in gaps.frame[~gaps.frame["hidden"]].to_dict("records"):
        what = {"unit": titles[row["unit"]], "skill": titles[row["skill"]].lower()}
        if row["decided"] == 0:
            said.append(gettext("{unit}, {skill}: a shared deficit on which no decision was taken.").format(**what))
        elif row["acting"] < row["n_schools"]:
            text = gettext(
                "{unit}, {skill}: a shared deficit; decisions were taken in {acting} of the {of} schools that wrote it."
            )
            said.append(text.format(**what, acting=number(row["acting"]), of=number(row["n_schools"])))
    frame = decisions.frame
    kinds = frame[(frame["side"] == "kind") & ~frame["hidden"]]
    late = [
        gettext("{kind} — {late} of {of}").format(
            kind=spell("action_kind", row["key"]), late=number(row["late"]), of=number(row["decided"])
        )
        for row in kinds[kinds["late"] * 2 > kinds["decided"]].to_dict("records")
    ]
    if late:
        text = gettext(
            "More than half are late, so the term of the model is too short, or nobody has the time: {kinds}."
        )
        said.append(text.format(kinds="; ".join(late)))
    if not said:
        return paragraph(
            gettext("The log shows none: no shared deficit is without a decision, and most kinds are in time."), "empty"
        )
    note = gettext("Comments of the log are the words of people; this page does not show them.")
    return join([bullets(said), paragraph(note)])


def guarded_changes(changes: pd.DataFrame, threshold: int, named: bool) -> Protected:
    """Protect the changes on skills; n counts the pupils of the later work in schools that sat both.

    Where schools are not named, a change of one or two schools is left out.
    """
    rows = changes.astype({"n": "int64", "n_before": "int64"})
    rows = rows if named else rows[rows["schools"].astype("int64") >= LEAST_CONTRIBUTORS]
    return protect(
        rows, by=["assessment"], keys=["earlier", "skill"], threshold=threshold, round_to=threshold,
        means=None if rows.empty else {"after": Mean(-1, 1), "before": Mean(-1, 1, "n_before")},
    )  # fmt: skip


def changed(protected: Protected, lone: tuple[str, ...], titles: Titles, aims: Sequence[str], picture: object) -> Html:
    """Say which skills changed beyond error between two sittings of the same tasks.

    Parameters
    ----------
    protected : Protected
        Of `guarded_changes`.
    lone : tuple of str
        Own works of the year that have no earlier sitting.
    titles : Mapping
        Works and skills by code.
    aims : sequence of str
        Skills that the protocol's targets ask for.
    picture : object
    """
    frame = protected.frame
    rows = frame[~frame["hidden"]]
    if rows.empty:
        return paragraph(_no_retest(lone, titles), "empty")
    parts = []
    for later, part in rows.groupby("assessment", sort=False):
        row = part.iloc[0]
        parts += [
            prose([_sitting(row, titles, str(later))]),
            bullets([_change(one, titles, aims) for one in part.to_dict("records")]),
        ]
    note = gettext(
        "The intervals allow for classes; p is adjusted for the number of lines (Holm). Schools count alike. "
        "Percentages for different tasks are never compared here. What this says is a description, not an effect of "
        "the model: there are no schools of comparison beside it."
    )
    return join([*parts, picture, paragraph(note)])


def _sitting(row: pd.Series, titles: Titles, later: str) -> str:
    works = {"earlier": titles.get(str(row["earlier"]), row["earlier"]), "later": titles.get(later, later)}
    schools = sentences.schools(int(row["schools"]))
    if row["paired"]:
        text = gettext("“{earlier}” and “{later}” have the same tasks and the same pupils ({n}, {schools}).")
        return text.format(**works, n=sentences.pupils(int(row["n"])), schools=schools)
    text = gettext(
        "“{earlier}” and “{later}” have the same tasks, but other pupils sat them: the same grade a year later "
        "({before} and {n} pupils, {schools}). So this is a change of the grade, not of its pupils."
    )
    return text.format(**works, before=number(row["n_before"]), n=number(row["n"]), schools=schools)


def _change(row: Mapping[Any, Any], titles: Titles, aims: Sequence[str]) -> str:
    target = row["skill"] == TARGETS
    name = gettext("Target skills less all other skills") if target else titles.get(row["skill"], row["skill"])
    if row["skill"] in aims:
        name = gettext("{skill} (target skill)").format(skill=name)
    if row["n_items"] < FEWEST_ITEMS:
        tasks = ngettext("{n} task", "{n} tasks", int(row["n_items"])).format(n=number(row["n_items"]))
        return gettext("{skill}: {tasks} — no conclusion.").format(skill=name, tasks=tasks)
    beyond = row["p_adjusted"] < 0.05
    text = (
        gettext("{skill}: {change} percentage points (from {lower} to {upper}) — beyond error.")
        if beyond
        else gettext("{skill}: {change} percentage points (from {lower} to {upper}) — within error.")
    )
    values = {name: with_sign(100 * row[name], 1) for name in ("change", "lower", "upper")}
    return text.format(skill=name, **values)


def _no_retest(lone: tuple[str, ...], titles: Titles) -> str:
    if lone:
        text = gettext(
            "Own works of this year ({works}) have no earlier sitting of the same tasks in the store, so their per "
            "cents say nothing of change: the same short work on the target skills must be sat twice."
        )
        return text.format(works="; ".join(titles.get(name, name) for name in lone))
    return gettext(
        "There is no re-test in the store, so change on the target tasks is not known yet: a short work on three to "
        "five target skills is needed that the same classes sit in autumn and again in winter."
    )


def limits() -> Html:
    """Say what a half-way check cannot show."""
    return bullets(
        [
            gettext("No effect of the model: that is asked once, by the protocol, and its outcome is not read here."),
            gettext("Whether what was done was done well: the log holds that and when, not how."),
            gettext("What is not written down: a school that acts and does not log it looks idle here."),
            gettext("Which task asks for which skill is our own initial list and not confirmed."),
        ]
    )
