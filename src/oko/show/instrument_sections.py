"""Sections of an instrument's page: what it is meant to measure, what it measures, and how well."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from oko.language import gettext, ngettext, number, percent
from oko.measures import Statement
from oko.measures.instruments import ENOUGH_FOR_SLOPES, FEWEST_SCALED, Examined
from oko.measures.raters import ExpertAgreement
from oko.show import figures, instrument_figures, statements
from oko.show.html import Html, join, paragraph, prose, the_end
from oko.show.instrument_tables import Shown
from oko.show.item_names import listed
from oko.show.picture import Picture
from oko.show.sections import bullets
from oko.show.tables import table

Names = Mapping[str, Mapping[str, str]]
ENDS = {"facility_lower": "lower", "facility_upper": "upper"}
FEWEST = 3
ENOUGH = 30
"""Pupils from which the number of things in common is worth saying: below, chance reaches nearly everything."""
_SHOWN_ELSEWHERE = ("skills_few_items", "skills_without_items", "dif_several_categories_mantel")
_GOOD = 0.8
_FAIR = 0.7
_KAPPA = ((0.8, "almost full"), (0.6, "substantial"), (0.4, "moderate"))


def empty(*said: str) -> Html:
    """Say in a designed statement that there is nothing to show, and what would be needed."""
    return join([paragraph(text, "empty") for text in said])


def taken(summary: Shown, title: str, sittings: Sequence[str], *, described: bool = True) -> Html:
    """Say which work this is and how many pupils are behind the page; it ends where nobody has described the tasks."""
    rows = summary.frame
    if rows.empty:
        said = gettext(
            "There are no points of single tasks of this work, so nothing can be said of the tasks: a table of pupils "
            "and tasks is needed, from a pilot of 30 pupils or more."
        )
        return join([paragraph(f"{title}."), paragraph(said, "empty"), "" if described else the_end()])
    if rows["n"].isna().all():
        hidden = gettext(
            "Fewer than {n} pupils, or pupils of one or two schools that the agreement does not name: statistics of "
            "tasks are not shown. Passports and the judgements of experts are below."
        ).format(n=number(summary.threshold))
        return join([paragraph(f"{title}."), paragraph(hidden, "empty")])
    said = gettext("{title}. Points of {pupils} pupils on single tasks are behind this page.").format(
        title=title, pupils=number(rows["n"].max())
    )
    if len(sittings) > 1:
        said += " " + gettext(
            "For the comparison of groups, earlier sittings with the same numbers of tasks are taken too: {works}."
        ).format(works="; ".join(sittings[:-1]))
    return paragraph(said)


def specification(bank: Shown, passports: pd.DataFrame, names: Names) -> Html:
    """Show the passports, and what is missing in them."""
    rows = bank.frame
    if passports.empty:
        return empty(
            gettext(
                "There are no passports of the tasks of this work, so it is not known what each is meant to measure: "
                "fill in the form of passports and take it in by “oko import”."
            )
        )
    shown = rows.assign(content=rows["item"].map(passports.set_index("item")["content"]))
    columns = ["item", "content", "skill", "level", "max_score", "minutes"]
    return join([bullets(_plan(rows, names)), table(shown, columns, names=names, threshold=bank.threshold)])


def _plan(rows: pd.DataFrame, names: Names) -> list[str]:
    n = len(rows)
    text = ngettext("{n} task, {points} points", "{n} tasks, {points} points", n)
    said = [text.format(n=number(n), points=number(rows["max_score"].sum()))]
    if rows["minutes"].notna().all():
        said[0] += gettext(", {minutes} minutes").format(minutes=number(rows["minutes"].sum(), 0))
    said[0] += "."
    counts = {str(code): int(n) for code, n in rows["skill"].value_counts().items()}
    few = [f"{names['skill'].get(code, code)} ({n})" for code, n in counts.items() if n < 3]
    if few:
        text = gettext("Skills with one or two tasks, on which no conclusion can be drawn: {skills}.")
        said.append(text.format(skills="; ".join(few)))
    gaps = {
        gettext("no passport"): rows["level"].isna(),
        gettext("no skill"): rows["level"].notna() & rows["skill"].isna(),
        gettext("no time"): rows["level"].notna() & rows["minutes"].isna(),
    }
    missing = [
        f"{what}: {listed([str(i) for i in rows.loc[mask, 'item']])}" for what, mask in gaps.items() if mask.any()
    ]
    if missing:
        said.append(gettext("Missing in the passports: {gaps}.").format(gaps="; ".join(missing)))
    else:
        said.append(gettext("No passport has a gap."))
    return said


def experts(
    found: ExpertAgreement | None, agreement: Shown, stated: Shown, names: Names, picture: Picture | str
) -> Html:
    """Say how far experts agree on the skills, and which tasks they disagree about."""
    if found is None:
        return empty(
            gettext(
                "There is no matrix of experts for this work, so that it is not known whether colleagues see the same "
                "skills in it: two experts or more fill in the form “skill matrix”, each alone."
            )
        )
    own = {"skill": {**names["skill"], "": gettext("all skills together")}}
    said = [_kappa_said(found), *words(stated, "experts", names["skill"])]
    columns = ["skill", "n_items", "agreement", "kappa", "undecided"]
    note = gettext(
        "Agreement: share of pairs of experts who judge alike. Kappa: what is left of it above chance (Fleiss), with "
        "a 95% interval. Skills that no expert marked are left out."
    )
    shown = table(agreement.frame, columns, names=own, note=note, threshold=agreement.threshold)
    return join([prose(said), picture, shown])


def _kappa_said(found: ExpertAgreement) -> str:
    if pd.isna(found.kappa):
        return ""
    called = {
        "almost full": gettext("almost full"), "substantial": gettext("substantial"), "moderate": gettext("moderate"),
    }  # fmt: skip
    word = next((called[name] for least, name in _KAPPA if found.kappa > least), gettext("weak"))
    text = gettext(
        "{experts} experts agree on {agreement} of judgements; Fleiss’ kappa is {kappa}, with 95% probability between "
        "{lower} and {upper}: by the usual words of Landis and Koch (1977) the agreement is {word}."
    )
    return text.format(
        experts=number(found.experts), agreement=percent(found.agreement), kappa=number(found.kappa, 2),
        lower=number(found.lower, 2), upper=number(found.upper, 2), word=word,
    )  # fmt: skip


def words(stated: Shown, part: str, names: Mapping[str, str] | None = None) -> list[str]:
    """Put the protected remarks of a part into words, skills by their names.

    Parameters
    ----------
    stated : Shown
        From ``instrument_tables.stated``.
    part : str
    names : Mapping, optional
        Names of skills by code.
    """
    rows = stated.frame
    known = rows[(rows["part"] == part) & rows["code"].notna() & ~rows["code"].isin(_SHOWN_ELSEWHERE)]
    return [_said(str(row["code"]), json.loads(str(row["values"])), names or {}) for row in known.to_dict("records")]


def _said(code: str, values: dict[str, Any], names: Mapping[str, str]) -> str:
    for key in {"skills", "skill"} & set(values):
        one = values[key]
        values[key] = names.get(one, one) if isinstance(one, str) else [names.get(skill, skill) for skill in one]
    return statements.words(Statement(code, values))


def tasks(kept: Shown, stated: Shown, pictures: Sequence[object]) -> Html:
    """Show facility, discrimination and omissions of each task."""
    rows = kept.frame
    if rows.empty or rows["facility"].isna().all():
        return empty(_nothing(kept))
    shown = rows.rename(columns=ENDS)
    columns = ["item", "n", "facility", "item_rest", "upper_lower", "not_attempted"]
    note = gettext(
        "Facility: share of points earned, with a 95% interval. Correlation: with the sum of the other tasks. Upper "
        "less lower: facility among the best 27% of pupils less that among the weakest 27%."
    )
    return join([prose(words(stated, "items")), *pictures, table(
        shown, columns, note=note, threshold=kept.threshold
    )])  # fmt: skip


def _nothing(kept: Shown) -> str:
    return gettext(
        "There are no points of {n} pupils or more that may be shown, therefore no statistics of tasks: a pilot of 30 "
        "pupils or more is needed."
    ).format(n=number(kept.threshold))


def tasks_figures(kept: Shown, labels: Mapping[str, str], rules: pd.DataFrame, mark: str = "") -> dict[str, Picture]:
    """Draw the facility of tasks in the order of the work, and their correlation with the rest beside it."""
    rows = kept.frame.rename(columns=ENDS).assign(label=kept.frame["item"].map(labels))
    if rows["facility"].isna().all():
        return {}
    drawn = {"facility": figures.facility(rows, threshold=kept.threshold, mark=mark)}
    if rows["item_rest"].notna().any():
        weak = float(rules.set_index("rule")["limit"]["weak_discrimination"])
        drawn["quality"] = instrument_figures.quality(rows, weak, mark=mark)
    return drawn


def judgements_figure(
    kept: Shown, names: Names, meant: Mapping[str, str], found: ExpertAgreement | None, mark: str = ""
) -> Picture | None:
    """Draw the experts' judgements, where there are any that hold a skill needed."""
    if found is None or kept.frame.empty:
        return None
    return instrument_figures.judgements(kept.frame, names["skill"], meant, found.experts, mark=mark)


def eigenvalues_figure(kept: Shown, examined: Examined, mark: str = "") -> Picture | None:
    """Draw eigenvalues beside chance, where there are any."""
    rows = kept.frame.dropna(subset=["value", "chance"])
    few = rows.empty or rows["n"].max() < ENOUGH
    return None if few else instrument_figures.eigenvalues(rows, examined.n_factors, mark=mark)


def reliability(kept: Shown) -> Html:
    """Say how far the sum of points can be relied on."""
    rows = kept.frame.set_index("statistic")
    if rows.empty or pd.isna(rows["value"].get("alpha")):
        return empty(
            gettext(
                "The reliability cannot be shown: it needs {n} pupils or more whose sums of points differ."
            ).format(n=number(kept.threshold))
        )  # fmt: skip
    alpha, lower, upper, n = (float(rows[name]["alpha"]) for name in ("value", "value_lower", "value_upper", "n"))
    sem, omega = (float(rows["value"][name]) for name in ("sem", "omega"))
    text = gettext(
        "Reliability (Cronbach’s alpha) is {alpha}, with 95% probability between {lower} and {upper} (n = {n}). "
        "{verdict}"
    )
    said = [
        text.format(
            alpha=number(alpha, 2), lower=number(lower, 2), upper=number(upper, 2), n=number(n), verdict=_verdict(lower)
        ),
        gettext("The limits of 0.7 and 0.8 behind this are customary (Nunnally 1978), not confirmed for such works."),
    ]
    if pd.notna(sem):
        text = gettext(
            "A pupil’s sum is known to ± {error} points (95%); sums that lie less than {apart} points apart say "
            "nothing of who is stronger."
        )
        said.append(text.format(error=number(1.96 * sem, 1), apart=number(1.96 * 2**0.5 * sem, 1)))
    if pd.notna(omega):
        said.append(gettext("McDonald’s omega is {omega}.").format(omega=number(omega, 2)))
    on_scale = float(rows["value"]["reliability"])
    if pd.notna(on_scale):
        said.append(gettext("On the common scale of pupils and tasks it is {value}.").format(value=number(on_scale, 2)))
    return prose(said)


def _verdict(lower: float) -> str:
    if lower >= _GOOD:
        return gettext("This is enough to speak of single pupils with the error beside.")
    if lower >= _FAIR:
        return gettext("This is enough for groups, and for single pupils only with great care.")
    return gettext("This does for means of groups; single pupils must not be judged by this sum.")


def dimension(kept: Shown, examined: Examined, stated: Shown, picture: Picture | str) -> Html:
    """Say whether the tasks measure one thing."""
    if kept.frame.empty or kept.frame["value"].isna().all() or kept.frame["n"].max() < ENOUGH:
        return empty(
            gettext("Whether the tasks measure one thing is not known: there are too few pupils or tasks that differ.")
        )
    n = examined.n_factors
    if n is None:
        said = ""
    elif n == 0:
        said = gettext("The tasks have nothing in common that stands out of chance: the sum of points means little.")
    elif n == 1:
        said = gettext(
            "One thing stands out beyond chance: the sum of points can be read as one result. That also means that "
            "the work by itself does not tell its skills apart."
        )
    else:
        said = gettext(
            "{n} things stand out of chance: the sum of points adds up different things, so speak of each skill by "
            "itself."
        ).format(n=number(n))
    return join([prose([said, *words(stated, "factors")]), picture])


def scale(examined: Examined, kept: Shown, stated: Shown, picture: Picture | str) -> Html:
    """Say which model puts tasks and pupils on one scale, what the sample permits, and whom the work suits."""
    if examined.model is None or kept.frame.empty or kept.frame["threshold"].isna().all():
        return empty(
            gettext(
                "No common scale of pupils and tasks: it needs {n} pupils or more and tasks on which they differ. Here "
                "the facility has to do."
            ).format(n=number(FEWEST_SCALED))
        )
    slopes = examined.model.model == "gpcm"
    text = gettext(
        "Each task has a slope of its own (generalised partial credit model): with {n} pupils the data ask for it."
    ) if slopes else gettext(
        "Model of partial credit (Rasch’s family): all tasks have one slope, the usual choice up to {n} pupils and "
        "where slopes of their own do not make up for their number."
    )  # fmt: skip
    said = [text.format(n=number(examined.n if slopes else ENOUGH_FOR_SLOPES))]
    return join([prose([*said, *words(stated, "scale")]), picture])


def wright(levels: Shown, steps: Shown, mark: str = "") -> Picture | None:
    """Draw the Wright map, where there is a scale."""
    known = steps.frame.dropna(subset=["threshold"])
    if levels.frame.empty or known.empty:
        return None
    return instrument_figures.wright(levels.frame, steps.frame, mark=mark)
