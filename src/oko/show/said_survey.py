"""What the measures of `survey` say of their own results, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oko.language import gettext, ngettext, number

Values = Mapping[str, Any]


def _no_answers(_: Values) -> str:
    return gettext("There are no answers: nothing can be said.")


def _hidden(values: Values) -> str:
    of = int(values["of"])
    text = ngettext(
        "{n} of {of} row is not shown: fewer than {needed} respondents.",
        "{n} of {of} rows are not shown: fewer than {needed} respondents.",
        of,
    )
    return text.format(n=number(values["n_groups"]), of=number(of), needed=number(values["needed"]))


def _few_schools(values: Values) -> str:
    n = int(values["n_schools"])
    text = ngettext(
        "The intervals allow for colleagues of one school answering alike, but rest on {n} school and are themselves "
        "known roughly.",
        "The intervals allow for colleagues of one school answering alike, but rest on {n} schools and are themselves "
        "known roughly.",
        n,
    )
    return text.format(n=number(n))


def _not_linked(_: Values) -> str:
    return gettext(
        "The sheets carry no names: who answered in both years is not known, and the years are compared as groups of "
        "different people."
    )


def _one_year_only(values: Values) -> str:
    schools = values["schools"]
    text = ngettext(
        "School {schools} answered in one year only and is not in the comparison.",
        "Schools {schools} answered in one year only and are not in the comparison.",
        len(schools),
    )
    return text.format(schools=", ".join(schools))


def _not_shrunken(values: Values) -> str:
    text = gettext(
        "Schools’ means that allow for the number of respondents cannot be computed for these blocks, the data are too "
        "few: {blocks}."
    )
    return text.format(blocks=", ".join(values["blocks"]))


def _schools_alike(values: Values) -> str:
    text = gettext("The answers do not tell the schools apart in these blocks: {blocks}.")
    return text.format(blocks=", ".join(values["blocks"]))


def _rough_alpha(values: Values) -> str:
    text = gettext("n = {n}, at least {needed} are advised: alpha is rough.")
    return text.format(n=number(values["n"]), needed=number(values["needed"]))


def _no_alpha(values: Values) -> str:
    text = gettext(
        "Alpha cannot be computed for these blocks, because they have one statement or all answers are equal: {blocks}."
    )
    return text.format(blocks=", ".join(values["blocks"]))


def _of_these_schools(values: Values) -> str:
    n = int(values["n_schools"])
    text = ngettext(
        "This counts {n} school of the cluster, whoever answered there. The interval shows how little so few schools "
        "tell; it does not speak of other schools.",
        "This counts {n} schools of the cluster, whoever answered there. The interval shows how little so few schools "
        "tell; it does not speak of other schools.",
        n,
    )
    return text.format(n=number(n))


def _nothing_beside(values: Values) -> str:
    text = gettext("For these statements an answer or a result is missing, nothing is compared: {statements}.")
    return text.format(statements=", ".join(values["statements"]))


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "survey_no_answers": _no_answers,
    "survey_hidden": _hidden,
    "survey_few_schools": _few_schools,
    "survey_not_linked": _not_linked,
    "survey_one_year_only": _one_year_only,
    "survey_not_shrunken": _not_shrunken,
    "survey_schools_alike": _schools_alike,
    "survey_rough_alpha": _rough_alpha,
    "survey_no_alpha": _no_alpha,
    "survey_of_these_schools": _of_these_schools,
    "survey_nothing_beside": _nothing_beside,
}
