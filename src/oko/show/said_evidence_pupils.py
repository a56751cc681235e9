"""What the measures of `evidence` say of doses, of the flow of pupils and of those who are absent, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oko.language import gettext, ngettext, number, percent

Values = Mapping[str, Any]


def _dose_is_no_claim(values: Values) -> str:
    n = int(values["n"])
    text = ngettext(
        "A picture of {n} school, not a conclusion: schools decide themselves how much they do, and not by chance.",
        "A picture of {n} schools, not a conclusion: schools decide themselves how much they do, and not by chance.",
        n,
    )
    return text.format(n=number(n))


def _dose_unknown(values: Values) -> str:
    text = gettext(
        "No correlation is given: it takes at least {needed} schools whose doses and changes differ, there are {n}."
    )
    return text.format(n=number(values["n"]), needed=number(values["needed"]))


def _actions_without_date(values: Values) -> str:
    n = int(values["n"])
    text = ngettext(
        "{n} action is done but has no date, and does not count.",
        "{n} actions are done but have no date, and do not count.",
        n,
    )
    return text.format(n=number(n))


def _no_link(_: Values) -> str:
    return gettext(
        "Pupils’ codes of the two waves cannot be linked: who stayed and who left is not known, and the waves are "
        "compared by parallel, not by pupil."
    )


def _counts_only(values: Values) -> str:
    n = int(values["n_schools"])
    text = ngettext(
        "Of {n} school only the numbers of pupils are known: who stayed and who left there is not known.",
        "Of {n} schools only the numbers of pupils are known: who stayed and who left there is not known.",
        n,
    )
    return text.format(n=number(n))


def _moved(values: Values) -> str:
    n = int(values["n"])
    text = ngettext(
        "{n} pupil changed school between the waves and counts in the first one.",
        "{n} pupils changed school between the waves and count in the first one.",
        n,
    )
    return text.format(n=number(n))


def _attrition(values: Values) -> str:
    text = gettext(
        "Of those who wrote the first work, {cluster} did not write the second in the cluster and {comparison} in "
        "comparison schools. The more these shares differ, the less the two waves compare the same pupils."
    )
    return text.format(cluster=percent(values["cluster"], 1), comparison=percent(values["comparison"], 1))


def _bounds_unknown(_: Values) -> str:
    return gettext("Not enough information: one of the groups has no pupil with a result.")


def _bounds_are_no_interval(_: Values) -> str:
    return gettext(
        "The bounds say what the absent pupils could change. They are no confidence interval: the chance of schools "
        "and pupils comes on top."
    )


def _one_wave(values: Values) -> str:
    text = gettext("Not enough information: waves with results: {n}; a change can be seen between two.")
    return text.format(n=number(values["n"]))


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "evidence_dose_is_no_claim": _dose_is_no_claim,
    "evidence_dose_unknown": _dose_unknown,
    "evidence_actions_without_date": _actions_without_date,
    "evidence_no_link": _no_link,
    "evidence_counts_only": _counts_only,
    "evidence_moved": _moved,
    "evidence_attrition": _attrition,
    "evidence_bounds_unknown": _bounds_unknown,
    "evidence_bounds_are_no_interval": _bounds_are_no_interval,
    "evidence_one_wave": _one_wave,
}
