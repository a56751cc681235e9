"""What the measures of `zones` say of their own results, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oko.language import gettext, ngettext, number
from oko.show.item_names import listed

Values = Mapping[str, Any]


def _among_themselves(_: Values) -> str:
    return gettext(
        "The schools are compared with each other: a deficit that all of them share cannot be seen this way. "
        "It takes results of schools outside the cluster."
    )


def _norm_missing(values: Values) -> str:
    text = gettext("Without a profile, because there are no results of other schools to compare with: {assessments}.")
    return text.format(assessments="; ".join(values["assessments"]))


def _norm_of_one(_: Values) -> str:
    return gettext(
        "The norm is one row of facilities: how far schools of the norm differ is not known, and the intervals do not "
        "hold it."
    )


def _norm_small(values: Values) -> str:
    n = int(values["n_schools"])
    text = ngettext(
        "The norm rests on {n} school, at least {needed} are needed to see how a profile changes with a school’s "
        "level: between strong and weak schools differences may come from the level alone.",
        "The norm rests on {n} schools, at least {needed} are needed to see how a profile changes with a school’s "
        "level: between strong and weak schools differences may come from the level alone.",
        n,
    )
    return text.format(n=number(n), needed=number(values["needed"]))


def _level_outside(values: Values) -> str:
    text = gettext(
        "On some works the level lies outside that of all schools of the norm, and what is expected there is a "
        "continuation of the line: {schools}."
    )
    return text.format(schools=listed(values["schools"]))


def _without_profile(values: Values) -> str:
    text = gettext(
        "Not enough data for a profile on some works (too few pupils, or no tasks in common with the norm): {schools}."
    )
    return text.format(schools=listed(values["schools"]))


def _skills_few_items(values: Values) -> str:
    needed = int(values["needed"])
    text = ngettext(
        "Fewer than {needed} task of one or more schools: no conclusion on the skill there — {skills}.",
        "Fewer than {needed} tasks of one or more schools: no conclusion on the skill there — {skills}.",
        needed,
    )
    return text.format(skills=listed(values["skills"]), needed=number(needed))


def _all_equal(values: Values) -> str:
    of = int(values["of"])
    text = ngettext(
        "{n} of {of} number is missing: all pupils of the school have the same points there, and the error is unknown.",
        "{n} of {of} numbers are missing: all pupils of the school have the same points there, and the error is "
        "unknown.",
        of,
    )
    return text.format(n=number(values["n"]), of=number(of))


def _one_class(_: Values) -> str:
    return gettext(
        "No school has two classes here: what belongs to the class cannot be told from what belongs to the school, "
        "and the intervals hold pupils alone."
    )


def _few_classes(values: Values) -> str:
    text = gettext(
        "Classes beyond the first of each school: {df}, at least {needed} are advised. The intervals are wide and "
        "rough."
    )
    return text.format(df=number(values["df"]), needed=number(values["needed"]))


def _nothing(_: Values) -> str:
    return gettext("Not enough data: there is no school and task with a number.")


def _none(values: Values) -> str:
    of = int(values["of"])
    text = ngettext(
        "With the number of tests taken into account, no zone can be told from chance ({of} number looked at).",
        "With the number of tests taken into account, no zone can be told from chance ({of} numbers looked at).",
        of,
    )
    return text.format(of=number(of))


def _found(values: Values) -> str:
    n = int(values["n"])
    text = ngettext(
        "{n} zone of {of} numbers looked at can be told from chance. A profile is relative: with a deficit on some "
        "tasks a school has by construction more than expected on others.",
        "{n} zones of {of} numbers looked at can be told from chance. A profile is relative: with a deficit on some "
        "tasks a school has by construction more than expected on others.",
        n,
    )
    return text.format(n=number(n), of=number(values["of"]))


def _shared_without_norm(_: Values) -> str:
    return gettext("Shared deficits take a norm from outside: compared with each other, schools have a mean of zero.")


def _shared(values: Values) -> str:
    text = gettext(
        "In common to {fewest} schools or more: deficits — {deficits}, strengths — {strengths}, of {of} looked at. "
        "The means speak of these schools alone."
    )
    return text.format(**{name: number(value) for name, value in values.items()})


def _no_pairs(_: Values) -> str:
    return gettext(
        "No deficit of one school meets a strength of another, or a school without this deficit that can be told from "
        "it: there is no pair to propose."
    )


def _pairs(values: Values) -> str:
    n = int(values["n"])
    text = ngettext(
        "{n} pair is proposed. What stands behind the better result these data do not say: the schools see it by "
        "visiting each other’s lessons.",
        "{n} pairs are proposed. What stands behind the better results these data do not say: the schools see it by "
        "visiting each other’s lessons.",
        n,
    )
    return text.format(n=number(n))


def _pairs_without_strength(values: Values) -> str:
    of = int(values["of"])
    text = ngettext(
        "In {n} of {of} proposed pair the school that could help has no strength there: no deficit of its own is to be "
        "seen, and it shows more than the school with the deficit. That it has none is not proven.",
        "In {n} of {of} proposed pairs the school that could help has no strength there: no deficit of its own is to "
        "be seen, and it shows more than the school with the deficit. That it has none is not proven.",
        of,
    )
    return text.format(n=number(values["n"]), of=number(of))


def _partner_taken(values: Values) -> str:
    of = int(values["of"])
    text = ngettext(
        "For {n} of {of} deficit ({schools}) there is a possible partner, but it is already in another pair.",
        "For {n} of {of} deficits ({schools}) there is a possible partner, but it is already in another pair.",
        of,
    )
    return text.format(n=number(values["n"]), of=number(of), schools=listed(values["schools"]))


def _without_partner(values: Values) -> str:
    of = int(values["of"])
    text = ngettext(
        "For {n} of {of} deficit ({schools}) the results name no partner in the cluster.",
        "For {n} of {of} deficits ({schools}) the results name no partner in the cluster.",
        of,
    )
    return text.format(n=number(values["n"]), of=number(of), schools=listed(values["schools"]))


def _small_groups(values: Values) -> str:
    text = gettext(
        "Too few pupils in a school (below {alone}) and enough together (from {together}): {n} of {of} groups."
    )
    return text.format(**{name: number(value) for name, value in values.items()})


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "zones_among_themselves": _among_themselves,
    "zones_norm_missing": _norm_missing,
    "zones_norm_of_one": _norm_of_one,
    "zones_norm_small": _norm_small,
    "zones_level_outside": _level_outside,
    "zones_without_profile": _without_profile,
    "zones_skills_few_items": _skills_few_items,
    "zones_all_equal": _all_equal,
    "zones_one_class": _one_class,
    "zones_few_classes": _few_classes,
    "zones_nothing": _nothing,
    "zones_none": _none,
    "zones_found": _found,
    "zones_shared_without_norm": _shared_without_norm,
    "zones_shared": _shared,
    "zones_no_pairs": _no_pairs,
    "zones_pairs": _pairs,
    "zones_pairs_without_strength": _pairs_without_strength,
    "zones_partner_taken": _partner_taken,
    "zones_without_partner": _without_partner,
    "zones_small_groups": _small_groups,
}
