"""Sections of the page on the effect of the model: what was found, how far it holds, and what could undo it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import pandas as pd

from oko.disclosure import Protected, protect
from oko.disclosure.rules import LEAST_CONTRIBUTORS
from oko.language import gettext, number, with_sign
from oko.measures.evidence import TargetTasks
from oko.measures.evidence.baseline import LARGE, SMALL
from oko.measures.impact import Conclusion, Differences
from oko.measures.impact.beside import fewest_pupils
from oko.measures.statement import Statement
from oko.show import sentences, statements
from oko.show.html import Html, join, paragraph, prose, the_end
from oko.show.picture import Picture
from oko.show.protocol_words import Names, words
from oko.show.sections import bullets
from oko.show.tables import table

Titles = Mapping[str, str]
FEW_DF = 5


def not_this_year(year: str) -> Html:
    """Say on which year's page the effect stands, and end the page there; nothing where the effect is this year's."""
    return join([outcome_of(year), the_end()]) if year else Html("")


def outcome_of(year: str) -> Html:
    """Say on which year's page the effect stands."""
    text = gettext(
        "The protocol asks for results of {year}: whether the model helped, and the report on the cluster’s work, "
        "stand on the page of that school year."
    )
    return paragraph(text.format(year=year), "empty")


def names_of(strata: Iterable[str], waves: Mapping[str, tuple[str, str]], names: Names) -> dict[str, str]:
    """Return what works, subjects and waves are called in the language in force.

    Parameters
    ----------
    strata : iterable of str
        Codes such as ``physics-7``.
    waves : mapping of str to (str, str)
        Season and school year of each wave.
    names : Names
        ``workspace.names``.
    """
    titles = {wave: names.when(season, year) for wave, (season, year) in waves.items()}
    for code in strata:
        subject, _, grade = code.rpartition("-")
        titles[subject] = names.text("subject", subject)
        text = gettext("{subject}, material of grade {grade}")
        titles[code] = text.format(subject=titles[subject], grade=grade)
    return titles


class Keeper(Protocol):
    """A page that keeps figures of its run."""

    def keep_figure(self, name: str, picture: Picture, part: str = "") -> Picture: ...


def keep(page: Keeper, name: str, picture: Picture | None) -> Picture | Html:
    """Keep a figure as an output of the run; where there is nothing to draw there is none."""
    return Html("") if picture is None else page.keep_figure(name, picture)


def shown(compared: bool, parts: Sequence[object]) -> Html:
    """Put the parts of a section together, or say that there is nothing to compare and what is needed."""
    if compared:
        return join(parts)
    text = gettext(
        "Not enough information: results of the wave before and of the wave after are needed, of at least two schools "
        "of the cluster and of at least two comparison schools, and no fewer pupils than the threshold."
    )
    return paragraph(text, "empty")


def said(found: Iterable[Statement], titles: Titles) -> Html:
    """Put the coded remarks of measures into a list of sentences, each once, works and waves by their names."""
    texts = dict.fromkeys(statements.words(readable(one, titles)) for one in found)
    return bullets(texts) if texts else Html("")


def readable(statement: Statement, titles: Titles) -> Statement:
    """Put names in the place of codes in the values of a statement.

    Examples
    --------
    >>> remark = Statement("x", {"units": ("physics-7, before",)})
    >>> readable(remark, {"physics-7": "Physics", "before": "autumn"}).values["units"]
    ('Physics, autumn',)
    """

    def named(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(named(part) for part in value)
        return ", ".join(titles.get(part, part) for part in value.split(", ")) if isinstance(value, str) else value

    return replace(statement, values={name: named(value) for name, value in statement.values.items()})


def lacking(units: Sequence[str], titles: Titles) -> Html:
    """Name the works and waves that lack a target task; nothing where none does."""
    if not units:
        return Html("")
    text = gettext("Not counted, because a work or one of its target tasks is not in the data: {units}.")
    named = (", ".join(titles.get(part, part) for part in unit.split(", ")) for unit in units)
    return paragraph(text.format(units="; ".join(named)))


def conclusion(decided: Conclusion, confirmatory: bool, titles: Titles, *, compared: bool = True) -> Html:
    """Say by the rule of the protocol what the results allow to say; no numbers where too few pupils are compared."""
    if not compared and decided.code != "not_enough_information":
        text = gettext("Fewer pupils of the cluster than may be shown wrote a wave: nothing is said of an effect.")
        return paragraph(text, "finding")
    parts = [paragraph(statements.words(readable(one, titles)), "finding") for one in decided.statements]
    if decided.claims and not confirmatory:
        parts.append(
            paragraph(
                gettext(
                    "Because the protocol was not kept as it was fixed before outcomes were read, this is exploratory: "
                    "it is no confirmation, whatever the numbers."
                )
            )
        )
    parts.append(
        paragraph(
            gettext(
                "The schools joined the cluster by their own will. The test asks what chance would show if those with "
                "the model had been drawn by lot; they were not, so a difference is not proof of its cause."
            )
        )
    )
    return join(parts)


def ways(protected: Protected, level: float) -> Html:
    """Show the ways to estimate the effect beside each other."""
    frame = protected.frame
    if frame["estimate"].isna().all() and frame["p"].isna().all():
        return Html("")
    shown = frame.rename(columns={"estimate": "effect"})
    text = gettext(
        "Effect: by how many standard deviations of pupils the cluster’s schools changed more than the comparison "
        "schools; in brackets the {level}% interval. With fewer than {few} degrees "
        "of freedom there is neither interval nor p."
    )
    note = text.format(level=number(100 * level), few=number(FEW_DF))
    return table(
        shown, ["method", "effect", "se", "df", "p", "n_treated", "n_comparison"], note=note,
        not_applicable=["effect", "se", "df"], threshold=protected.threshold,
    )  # fmt: skip


def by_outcome(protected: Protected, titles: Titles) -> Html:
    """Show further outcomes with p adjusted in their families."""
    frame = protected.frame
    if frame.empty or frame["estimate"].isna().all():
        return paragraph(gettext("There is nothing to compare by subject and work."), "empty")
    shown = frame.rename(columns={"estimate": "effect"})
    note = gettext(
        "p adjusted: Holm within the family named beforehand; Benjamini–Hochberg for the rest, which is exploratory "
        "and supports no conclusion."
    )
    columns = ["outcome", "effect", "df", "p", "p_adjusted", "adjust", "n"]
    called = {**{name: words(name) for name in frame["outcome"]}, **titles}
    return table(shown, columns, names={"outcome": called}, note=note, threshold=protected.threshold)


def baseline(protected: Protected, titles: Titles) -> Html:
    """Show how alike the two groups were before."""
    frame = protected.frame
    if frame.empty:
        return no_baseline()
    note = gettext(
        "Difference: cluster less comparison, in standard deviations of pupils (Hedges’ g). The rule of What Works "
        "Clearinghouse: up to {alike} alike; up to {most} the earlier result must be taken into account; above, the "
        "groups cannot be compared."
    ).format(alike=number(SMALL, 2), most=number(LARGE, 2))
    columns = ["stratum", "g", "category", "schools_treated", "schools_comparison", "n"]
    return table(frame, columns, names={"stratum": titles}, note=note, threshold=protected.threshold)


def no_baseline() -> Html:
    """Say what is needed to see how alike the two groups were before."""
    text = gettext(
        "Not enough information: results of the protocol’s target tasks in the wave before are needed, of schools of "
        "the cluster and of schools outside it."
    )
    return paragraph(text, "empty")


def changes(protected: Protected, names: Titles, named: bool) -> Html:
    """Show how each school of the cluster changed, in the fixed order."""
    if not named:
        return paragraph(gettext("The schools are not named: the cluster’s agreement does not allow it."))
    if protected.frame.empty:
        return Html("")
    note = gettext(
        "In standard deviations of the comparison schools’ pupils in the same wave. The interval of a change "
        "is what the chance of the school’s pupils alone makes of it; the order of schools is fixed and says nothing."
    )
    columns = ["school", "n", "before", "after", "change"]
    return table(protected.frame, columns, names={"school": names}, note=note, threshold=protected.threshold)


def guarded_baseline(found: pd.DataFrame, threshold: int) -> Protected:
    """Put the baseline behind the threshold: the pupils of the cluster count."""
    rows = found.reset_index()
    counted = rows.assign(n=rows["n_treated"].fillna(0).astype("int64"))
    columns = ["stratum", "g", "g_schools", "category", "schools_treated", "schools_comparison", "n"]
    return protect(counted[columns], keys=["stratum"], threshold=threshold)


def own_changes(changes: pd.DataFrame, order: Iterable[str], named: bool, threshold: int) -> Protected:
    """Keep the changes of the cluster's schools that may be named, behind the threshold.

    Parameters
    ----------
    changes : DataFrame, index school
        ``treated``, ``n_before``, ``n_after``, ``before``, ``after``, ``change``, ``lower``, ``upper``.
    order : iterable of str
        Codes of the cluster's schools in their fixed order.
    named : bool
        Whether the agreement names schools.
    threshold : int
    """
    rows = changes.rename_axis("school")
    own = rows[rows["treated"] == 1].reindex([code for code in order if code in rows.index and named])
    counted = own.assign(n=own[["n_before", "n_after"]].min(axis=1).fillna(0).astype("int64"))
    flat = counted.reset_index()[["school", "n", "before", "after", "change", "lower", "upper"]]
    # n over many works is one more equation on the numbers that other tables hide: it is given roughly
    return protect(flat, part="school", round_to=threshold, threshold=threshold)


def counted(frame: pd.DataFrame, found: Differences, keys: list[str], threshold: int) -> Protected:
    """Guard rows that all rest on the same pupils: the fewest of the cluster in a wave."""
    rows = frame if set(keys) <= set(frame) else frame.reset_index()
    return protect(rows.assign(n=fewest_pupils(found)), keys=keys, threshold=threshold)


def group_means(found: Differences, threshold: int) -> Protected:
    """Guard the means of both groups of schools in both waves; each row counts its own pupils."""
    return protect(found.means.reset_index(), keys=["treated", "period"], threshold=threshold)


def tells_no_school(n: int, named: bool) -> bool:
    """Say whether an estimate without n marked schools tells nobody which these are.

    Beside the changes of named schools, one or two left out are found by subtraction.
    """
    return not named or n == 0 or n >= LEAST_CONTRIBUTORS


def tasks(found: TargetTasks, titles: Titles) -> Html:
    """Say how target tasks changed beyond the others; what the measure remarks then stands below the figure."""
    if np.isnan(found.estimate):
        return said(found.statements, titles)
    text = gettext(
        "Target tasks against the other tasks of the same works: in the cluster their share of the greatest points "
        "changed by {value} against comparison schools, with 95% probability between {lower} and {upper}."
    )
    numbers = {
        name: _points(value)
        for name, value in (("value", found.estimate), ("lower", found.lower), ("upper", found.upper))
    }
    return prose([text.format(**numbers)])


def _points(share: float) -> str:
    text = gettext("{n} percentage points")
    return text.format(n=with_sign(100 * share, 1))


def limits(found: Differences, works: pd.DataFrame, titles: Titles) -> Html:
    """Say what such a comparison cannot show.

    Parameters
    ----------
    found : Differences
    works : DataFrame
        Schema ``ASSESSMENTS``: the works behind the outcome.
    titles : Mapping
    """
    texts = [
        gettext(
            "One wave before and one after: that both groups would have changed alike cannot be tested, only made "
            "likely."
        ),
        gettext(
            "Forms and pupils differ between the waves. What is common to all schools cancels out, what is "
            "particular to the cluster’s does not."
        ),
        gettext("The effect is that on the tasks of the protocol; it says nothing of single teachers or pupils."),
        *(text for row in works.to_dict("records") for text in sentences.caveats(row)),
        gettext("The procedures are not meant for judging schools or teachers; this page judges the model."),
    ]
    return join([said(found.statements, titles), bullets(dict.fromkeys(texts))])
