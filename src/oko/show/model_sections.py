"""Sections of the passport of the model: its rules, what they would have started, its indicators, and plan B."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from oko.disclosure import Protected, protect
from oko.language import gettext, ngettext, number, percent
from oko.measures.statement import Statement
from oko.measures.triggers import counted
from oko.show import statements
from oko.show.html import Html, grid, join, paragraph, prose
from oko.show.sections import bullets
from oko.show.tables import table

Titles = Mapping[str, str]
Spell = Callable[[str, str], str]


def no_model() -> Html:
    """Say that the cluster has written no model down, and what is needed."""
    text = gettext(
        "The cluster has written no model down, so there is nothing to simulate and no plan: a file model.toml is "
        "needed that says who does what because of which result, and by which indicator the model judges itself."
    )
    return paragraph(text, "empty")


def spelled(kind: str, codes: Iterable[str], text: Spell) -> dict[str, str]:
    """Return the words for the codes of a list, in their order."""
    return {code: text(kind, code) for code in codes}


def detectable(found: Iterable[Statement], there: bool) -> Html:
    """Say which effect of the model could be found at all, by the protocol."""
    if not there:
        text = gettext(
            "The cluster has no protocol, so it is not known which effect could be found: numbers of schools and "
            "pupils and how far they vary are needed."
        )
        return paragraph(text, "empty")
    return bullets(statements.words(one) for one in found)


def rules(model: Any, spell: Spell) -> Html:
    """Show the model as a table: role, result, decision, action and term, indicator and target.

    Parameters
    ----------
    model : Model or None
        Of ``oko.records.model_passport``.
    spell : callable
        ``Lists.text``: the words for a code of a list.
    """
    if model is None:
        return no_model()
    named = {one.code: one for one in model.indicators}
    rows = [
        {
            "role": spell("role", rule.role),
            "result": rule.result.text() + _limit(rule),
            "decision": rule.decision.text(),
            "action": f"{spell('action_kind', rule.action)}, {within(rule.days)}",
            "indicator": named[rule.indicator].title.text(),
            "target": target(named[rule.indicator]),
        }
        for rule in model.rules
    ]
    heads = {
        "role": gettext("Who"),
        "result": gettext("Which result"),
        "decision": gettext("What is decided"),
        "action": gettext("Action and term"),
        "indicator": gettext("Indicator"),
        "target": gettext("Target"),
    }
    said = gettext("Version {version} of the model.").format(version=model.version)
    draft = gettext("It is a draft: the schools still discuss limits and targets.") if model.draft else ""
    return join([prose([said, draft]), grid(pd.DataFrame(rows), heads, "modelrules")])


def _limit(rule: Any) -> str:
    return "" if rule.limit is None else f" ({gettext('limit {share}').format(share=percent(rule.limit))})"


def within(days: int) -> str:
    """Say a term in days."""
    return ngettext("within {n} day", "within {n} days", days).format(n=number(days))


def target(indicator: Any) -> str:
    """Say a target: at least, or at most."""
    text = gettext("at least {share}") if indicator.better == "higher" else gettext("at most {share}")
    return text.format(share=percent(indicator.target))


def guarded_triggers(data: Any, threshold: int, named: bool) -> Protected:
    """Count by year, subject and rule what would have started it; n counts pupils who wrote works of the subject.

    Parameters
    ----------
    data : ModelData
    threshold : int
    named : bool
        Whether the agreement names schools; otherwise rows that rest on one or two schools are hidden.
    """
    by = ["year", "subject"]
    rows = counted(data.found, [*by, "rule"]).merge(data.pupils(by), on=by)
    return protect(
        rows, by=by, keys=["rule"], threshold=threshold, round_to=threshold,
        contributors=None if named else givers(data, by),
    )  # fmt: skip


def guarded_load(data: Any, threshold: int) -> Protected:
    """Count for each role the decisions of the fullest year: all, and the least and most of one school."""
    columns = ["role", "n", "schools", "looked_at", "triggered", "sure", "least", "most"]
    if data.model is None or data.found.empty:
        return protect(pd.DataFrame(columns=columns).astype({"n": "int64"}), keys=["role"], threshold=threshold)
    roles = {rule.code: rule.role for rule in data.model.rules}
    found = data.found[data.found["year"] == data.fullest]
    found = found.assign(role=found["rule"].map(roles))
    own = found[found["school"] != ""]
    each = own.groupby(["role", "school"])["triggered"].sum().groupby("role").agg(["min", "max", "size"])
    each.columns = pd.Index(["least", "most", "schools"])
    pupils = data.pupils(["year"]).set_index("year")["n"].get(data.fullest, 0)
    rows = counted(found, ["role"]).merge(each.reset_index(), on="role", how="left").assign(n=int(pupils))
    return protect(rows[columns], keys=["role"], threshold=threshold, round_to=threshold)


def triggered(protected: Protected, model: Any, year: str, subjects: Titles, limits: Mapping[str, float]) -> Html:
    """Say how many decisions the model would have asked for in a year, and of which rules, subject by subject."""
    if model is None:
        return Html("")
    frame = protected.frame
    rows = frame[(frame["year"] == year) & ~frame["hidden"]]
    if rows.empty:
        return paragraph(nothing_simulated(), "empty")
    total, sure, looked = (int(rows[column].sum()) for column in ("triggered", "sure", "looked_at"))
    text = gettext(
        "On the results of {year} the model would have asked for {total} decisions ({looked} results looked at). "
        "{sure} of them are sure: the whole 95% interval lies beyond the limit, or the result was told from chance."
    )
    said = text.format(year=year, total=number(total), looked=number(looked), sure=number(sure))
    borders = gettext(
        "A task counts as low below {basic} at the basic level and below {raised} at the raised and high levels."
    ).format(basic=percent(limits["basic"]), raised=percent(limits["raised"], 1))
    return join([prose([said, borders]), _by_subject(rows, model, subjects)])


def nothing_simulated() -> str:
    """Say what a simulation needs."""
    return gettext(
        "There are no results of at least {n} pupils on which a rule could be tried: results by task or marks of the "
        "cluster’s schools are needed."
    ).format(n=number(10))


def _by_subject(rows: pd.DataFrame, model: Any, subjects: Titles) -> Html:
    names = {rule.code: rule.result.text() for rule in model.rules}
    cells = {
        (row["rule"], row["subject"]): gettext("{n} of {of}").format(
            n=number(row["triggered"]), of=number(row["looked_at"])
        )
        for row in rows.to_dict("records")
    }
    columns = [subject for subject in subjects if subject in set(rows["subject"])]
    lines = [
        {"rule": names[rule], **{subject: cells.get((rule, subject), "–") for subject in columns}}
        for rule in names
        if rule in set(rows["rule"])
    ]
    heads = {"rule": gettext("Which result"), **{subject: subjects[subject] for subject in columns}}
    return grid(pd.DataFrame(lines), heads, "modeltriggers", right=columns)


def load(protected: Protected, year: str, roles: Titles) -> Html:
    """Say how much work the rules would give each role of a school."""
    frame = protected.frame
    rows = frame[~frame["hidden"]].dropna(subset=["least", "most"])
    if rows.empty:
        return Html("")
    text = gettext("{role}: {total} in the cluster, from {least} to {most} in one school")
    lines = [
        text.format(
            role=roles.get(row["role"], row["role"]), total=number(row["triggered"]), least=number(row["least"]),
            most=number(row["most"]),
        )
        for row in _placed(rows, roles).to_dict("records")
    ]  # fmt: skip
    head = gettext("How many decisions of {year} each role would have had to take:").format(year=year)
    note = gettext(
        "Nobody can carry out hundreds of decisions: begin with the sure ones, and with skills that several tasks "
        "show. The span between schools says how the work would be spread, not which school is better."
    )
    return join([paragraph(head), bullets(lines), paragraph(note)])


def _placed(rows: pd.DataFrame, roles: Titles) -> pd.DataFrame:
    place = {code: number for number, code in enumerate(roles)}
    return rows.sort_values("role", key=lambda codes: codes.map(place), kind="stable")


def held(rows: pd.DataFrame, model: Any, years: Sequence[str], procedures: Titles, english: bool) -> Html:
    """Say which procedures were cancelled or held in part, by the calendar, and what stands in for them.

    Parameters
    ----------
    rows : DataFrame
        Of ``records.calendar.calendar``.
    model : Model or None
    years : sequence of str
    procedures : Mapping
    english : bool
    """
    lacking = rows[rows["school_year"].isin(list(years)) & rows["held"].isin(["no", "partly"])]
    said = dict[str, None]()
    for (year, procedure, _), part in lacking.groupby(["school_year", "procedure", "held"], sort=True):
        known = sorted(part["pupil_grade"].dropna().unique())
        grades = ", ".join(number(grade) for grade in known)
        doubt = gettext("not confirmed") if part["status"].str.contains("unconfirmed").any() else ""
        named = ngettext(
            "{year}, {procedure}, grade {grades}. {note}", "{year}, {procedure}, grades {grades}. {note}", len(known)
        )
        text = named if grades else "{year}, {procedure}. {note}"
        called = procedures.get(str(procedure), str(procedure))
        note = str(part["note_en" if english else "note_ru"].iloc[0]).rstrip(".")
        line = text.format(year=year, procedure=called, grades=grades, note=note)
        said[line + (f" ({doubt})." if doubt else ".")] = None
    if not said:
        return paragraph(gettext("By the calendar no procedure of these years was cancelled."))
    return join([bullets(said), _instead(model, set(lacking["procedure"]), procedures)])


def _instead(model: Any, lacking: set[str], procedures: Titles) -> Html:
    plans = [] if model is None else [one for one in model.plan_b if one.procedure in lacking]
    if not plans:
        return Html("")
    rows = [
        {
            "procedure": procedures.get(one.procedure, one.procedure),
            "instead": ", ".join(procedures.get(code, code) for code in one.instead),
            "text": one.text.text(),
        }
        for one in plans
    ]
    heads = {
        "procedure": gettext("If this is cancelled"),
        "instead": gettext("what remains"),
        "text": gettext("and how it may be read"),
    }
    return grid(pd.DataFrame(rows), heads, "modelplanb")


def givers(data: Any, by: list[str]) -> pd.DataFrame:
    """Return which school gives how many pupils: a row of one or two schools is hidden where schools are not named."""
    pupils: pd.DataFrame = data.pupils([*by, "school"])
    return pupils.rename(columns={"school": "contributor"})


def guarded_evidence(data: Any, threshold: int, named: bool) -> Protected:
    """Count by year and procedure the works in the store and the pupils who wrote them."""
    took = data.results[data.results["status"] == "took"]
    groups = took.groupby(["year", "procedure"], observed=True)
    rows = groups["pupil"].nunique().rename("n").to_frame().join(groups["assessment"].nunique().rename("works"))
    by = ["year", "procedure"]
    hidden = None if named else givers(data, by)
    return protect(rows.reset_index(), by=by, threshold=threshold, round_to=threshold, contributors=hidden)


def evidence(protected: Protected, procedures: Titles) -> Html:
    """Show which evidence the store holds."""
    frame = protected.frame
    if frame.empty:
        return paragraph(gettext("The store holds no works of the cluster yet."), "empty")
    names = {"procedure": procedures}
    note = gettext("Numbers of pupils are rounded to multiples of {n}.").format(n=number(protected.threshold))
    return table(frame, ["year", "procedure", "works", "n"], names=names, note=note, threshold=protected.threshold)


def limits(model: Any) -> Html:
    """Say what such a simulation cannot show."""
    texts = [
        gettext("The simulation counts occasions for a decision, not their use: whether decisions help is not asked."),
        gettext("Works of the wave that the protocol names as the outcome: no rule and no indicator has read them."),
        gettext("Tasks of one work hang together: many low tasks may be one cause."),
        gettext("Which task asks for which skill is our own initial list and not confirmed."),
        gettext("Nothing here judges a school, a teacher or a pupil; rules say who looks first."),
    ]
    return bullets(texts if model is not None else texts[-1:])
