"""Sections of the page on the start: the entry measurement read rightly, deficits, and the plan that follows."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd

from oko.disclosure import Mean, Protected, protect
from oko.language import date, gettext, number
from oko.measures.statement import Statement
from oko.show import cells, figures, sentences, statements
from oko.show.cluster_sections import contributors, unnamed
from oko.show.effect_sections import no_baseline, outcome_of
from oko.show.html import Html, join, paragraph, prose, the_end
from oko.show.model_figures import read_so
from oko.show.model_sections import givers, within
from oko.show.picture import Picture
from oko.show.sections import bullets
from oko.show.tables import table

Titles = Mapping[str, str]
Spell = Callable[[str, str], str]
CHANGES = ("lowered", "confirmed", "raised")


def entered(works: pd.DataFrame, year: str, shown: object) -> Html:
    """Say what kind of measurement the autumn gave; end the page where the year has none."""
    if works.empty:
        text = gettext(
            "The store holds no entry measurement of {year}: a work of the autumn on the material of the grade before, "
            "by task, is needed. Without it there are neither deficits to start from nor a baseline."
        )
        return join([paragraph(text.format(year=year), "empty"), the_end()])
    said = dict.fromkeys(text for row in works.to_dict("records") for text in sentences.caveats(row))
    rule = gettext(
        "These are works of the autumn on the material of the grade before: they show what is left of last year’s "
        "material after the summer, not the work of this year’s teachers."
    )
    return join([bullets([rule, *said]), shown])


def not_passed(protected: Protected, titles: Titles) -> Html:
    """Say in which share of marks the work was not passed, over all works."""
    frame = protected.frame
    rows = _whole(frame)
    if rows.empty:
        text = gettext("There are no marks of the autumn: the share of pupils below the pass mark is not known.")
        return paragraph(text, "empty")
    note = gettext("Borders of marks are those of each work: works are not compared with one another by marks.")
    return table(
        _in_order(rows, titles), ["assessment", "n", "share_2"], names={"assessment": titles}, note=note,
        threshold=protected.threshold,
    )  # fmt: skip


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    if frame.empty or "share_2" not in frame:
        return frame.head(0)
    rows = frame[(frame["scope"] == "cluster") & ~frame["hidden"]]
    return rows[rows["share_2"].notna()]


def _in_order(rows: pd.DataFrame, titles: Titles) -> pd.DataFrame:
    place = {name: number for number, name in enumerate(titles)}
    return rows.sort_values("assessment", key=lambda names: names.map(place), kind="stable")


def not_passed_figure(protected: Protected, titles: Titles, mark: str = "") -> Picture | None:
    """Draw the share of mark 2 with its interval, a line for each work; None where there are no marks."""
    rows = _in_order(_whole(protected.frame), titles)
    if rows.empty:
        return None
    rows = rows.assign(label=told_apart([titles[name] for name in rows["assessment"]]))
    ends = "share_2_lower", "share_2_upper"
    exact = rows[[cells.is_exact(row, "share_2") for row in rows.to_dict("records")]]
    said = read_so(exact, "share_2", *ends) if len(exact) else ""
    return figures.intervals(
        rows, "share_2", *ends, "label", title=gettext("Share of mark 2"), caption=said,
        threshold=protected.threshold, mark=mark,
    )  # fmt: skip


def told_apart(titles: Sequence[str]) -> list[str]:
    """Leave out of titles what all have in common, part by part: the procedure before, the season behind.

    Examples
    --------
    >>> told_apart(["ВПР, physics, grade 7, autumn 2020", "ВПР, biology, grade 7, autumn 2020"])
    ['Physics, grade 7', 'Biology, grade 7']
    >>> told_apart(["ВПР, physics"])
    ['ВПР, physics']
    """
    parts = [title.split(", ") for title in titles]
    least = min(len(part) for part in parts) if len(parts) > 1 else 0
    before = 1 if least > 1 and len({part[0] for part in parts}) == 1 else 0
    behind = 1 if least > before + 1 and len({part[-1] for part in parts}) == 1 else 0
    left = [", ".join(part[before : len(part) - behind]) for part in parts]
    return [f"{title[:1].upper()}{title[1:]}" for title in left]


def guarded_journal(whole: pd.DataFrame, parts: pd.DataFrame, threshold: int, named: bool) -> Protected:
    """Protect the comparison of marks with the journal, work by work.

    Parameters
    ----------
    whole, parts : DataFrame
        Of ``bias.against_journal`` by assessment, and by assessment and school.
    threshold : int
    named : bool
    """
    rows = whole[whole["n"] > 0].rename(columns=lambda name: name.replace("apart", "two_apart"))
    ends = [f"{name}_{end}" for name in (*CHANGES, "two_apart") for end in ("lower", "upper")]
    columns = ["assessment", "n", *CHANGES, "two_apart", *ends]
    given = contributors(parts[parts["n"] > 0].astype({"n": "int64"})).drop(columns="school")
    return protect(
        rows[columns].astype({"n": "int64"}), by=["assessment"], threshold=threshold, distribution=list(CHANGES),
        shares=["two_apart"], contributors=None if named else given,
    )  # fmt: skip


def journal(protected: Protected, said: tuple[Statement, ...], titles: Titles) -> Html:
    """Show how marks of the works stand to those of the journal, with the caveats."""
    frame = protected.frame
    if frame.empty:
        lacking = [statements.words(one) for one in said if one.code == "bias_no_journal"]
        return join([paragraph(text, "empty") for text in lacking])
    remarks = bullets(dict.fromkeys(statements.words(one) for one in said)) if said else Html("")
    rows = _in_order(frame, titles)
    columns = ["assessment", "n", *CHANGES, "two_apart"]
    return join([remarks, table(rows, columns, names={"assessment": titles}, threshold=protected.threshold)])


def baseline(shown: object, there: bool, comparison: bool) -> Html:
    """Say whether there are schools of comparison with the wave before, and show how alike they are."""
    if there and comparison:
        return join([shown])
    return no_baseline()


def protocol_of(year: str, asked: str, shown: Html) -> Html:
    """Show the protocol on the page of its own school year; elsewhere say which year that is.

    Parameters
    ----------
    year : str
        Of the page.
    asked : str
        School year of the protocol's outcome; empty without a protocol.
    shown : Html
    """
    return shown if asked in ("", year) else outcome_of(asked)


def guarded_plan(topics: Protected, skills: pd.DataFrame, data: Any, threshold: int, named: bool) -> Protected:
    """Put the shared deficits into lines of a plan: subject, grade, skill, and what the cluster shows on its tasks.

    Parameters
    ----------
    topics : Protected
        Of ``teacher_learning_sections.guarded_topics``: unit, skill, kind.
    skills : DataFrame
        Of ``indicators.by_skill_of_works``.
    data : ModelData
        Its entry works.
    threshold : int
    named : bool
    """
    works = data.entry
    shared = topics.frame[~topics.frame["hidden"] & (topics.frame["kind"] == "deficit")][["unit", "skill"]]
    known = works.assign(unit=works["season"] + "-" + works["subject"])
    rows = skills.merge(known[["assessment", "unit", "subject", "pupil_grade", "material_grade"]], on="assessment")
    rows = rows.merge(shared, on=["unit", "skill"]).rename(columns={"value": "facility"})
    rows = rows.assign(n_items=rows["items"].astype("str").str.count(",") + 1).astype({"n": "int64"})
    columns = ["subject", "skill", "pupil_grade", "material_grade", "assessment", "items", "n_items", "n", "facility",
               "lower", "upper"]  # fmt: skip
    rows = rows.sort_values(["subject", "skill", "pupil_grade"], kind="stable")[columns]
    return protect(
        rows, by=["assessment"], keys=["subject", "skill", "pupil_grade", "material_grade", "items"],
        threshold=threshold, means={"facility": Mean(0, 1)},
        contributors=None if named else givers(data, ["assessment"]),
    )  # fmt: skip


def plan(protected: Protected, model: Any, spell: Spell, days: tuple[str, str, str]) -> Html:
    """Show the draft of the plan: subject, grade and skill, who does what by when, and how it is measured again.

    Parameters
    ----------
    protected : Protected
        Of `guarded_plan`.
    model : Model or None
    spell : callable
        ``Lists.text``.
    days : (str, str, str)
        The last day of the entry measurement, and the first and last day of the next one, ISO; empty where unknown.
    """
    rows = protected.frame[~protected.frame["hidden"]]
    shared = None if model is None else model.rule("shared", "cluster")
    if rows.empty or shared is None:
        return paragraph(_no_plan(model is not None and shared is None), "empty")
    rules = [rule for rule in (shared, model.rule("task"), model.rule("task", "class")) if rule is not None]
    names = {kind: {code: spell(kind, code) for code in set(rows[kind])} for kind in ("subject", "skill")}
    shown = table(
        rows.rename(columns={"items": "autumn_items"}).assign(plan_grade=rows["pupil_grade"].astype("str")),
        ["subject", "plan_grade", "skill", "autumn_items", "facility", "n"], names=names,
        threshold=protected.threshold,
    )  # fmt: skip
    head = gettext("For each line the model names who does what and by when:")
    return join(
        [shown, paragraph(head), bullets(_task(rule, spell, days[0]) for rule in rules), paragraph(_again(days[1:]))]
    )


def _task(rule: Any, spell: Spell, measured: str) -> str:
    action = {"who": spell("role", rule.role), "action": spell("action_kind", rule.action)}
    if not measured:
        return f"{action['who']}: {action['action']}, {within(rule.days)}"
    due = datetime.date.fromisoformat(measured) + datetime.timedelta(days=rule.days)
    return gettext("{who}: {action} — by {day}").format(**action, day=date(due))


def _again(again: Sequence[str]) -> str:
    if not again[0]:
        return gettext("When it is measured again is not known: the cluster has no protocol.")
    begins, ends = (date(datetime.date.fromisoformat(day)) for day in again)
    text = gettext(
        "Measured again: the same skills in the works of the protocol’s next wave ({begins} – {ends}), on the tasks "
        "that it names, beside other tasks and schools of comparison. A short re-test of the cluster in winter shows "
        "earlier whether it goes on."
    )
    return text.format(begins=begins, ends=ends)


def _no_plan(no_rule: bool) -> str:
    if no_rule:
        return gettext("The model has no rule for shared deficits: who acts on them must be settled in model.toml.")
    return gettext(
        "No plan can be drafted: the results show no deficit that schools share beyond chance, or the cluster has no "
        "model."
    )


def own_deficits(zones: Protected, model: Any, spell: Spell, titles: Titles, names: Titles, named: bool) -> Html:
    """List for each school its own deficits with who sees to them, schools in their fixed order."""
    if not named:
        return unnamed()
    frame = zones.frame
    found = frame[frame["kind"] == "deficit"]
    rule = None if model is None else model.rule("zone")
    if found.empty:
        return paragraph(gettext("The results show no deficit of a single school beyond chance."), "empty")
    said = []
    for code in [code for code in names if code in set(found["school"])]:
        rows = found[found["school"] == code].to_dict("records")
        what = "; ".join(_gap(row, titles) for row in rows)
        said.append(f"{names[code]}: {what}")
    who = ""
    if rule is not None:
        text = gettext("For these the model names: {who} — {action}, {term}.")
        action = spell("action_kind", rule.action)
        who = text.format(who=spell("role", rule.role), action=action, term=within(rule.days))
    return join([bullets(said), prose([who])])


def _gap(row: Mapping[Any, Any], titles: Titles) -> str:
    text = gettext("{unit}, {skill} ({points} percentage points below the expected, n = {n})")
    unit, skill = titles.get(row["unit"], row["unit"]), titles.get(row["skill"], row["skill"]).lower()
    return text.format(unit=unit, skill=skill, points=number(abs(100 * row["apart"]), 1), n=number(row["n"]))


def limits() -> Html:
    """Say what the entry measurement cannot show."""
    return bullets(
        [
            gettext(
                "Whether the model helps: that is asked once, by the protocol, on results that this page does not read."
            ),
            gettext("What distance learning did: schools and families differed, and nothing of it is in the data."),
            gettext("A deficit is a difference from schools of the same level, not a fault of those who teach."),
            gettext("Which task asks for which skill is our own initial list and not confirmed."),
        ]
    )
