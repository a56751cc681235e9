"""What the measures of `bias` say of their own results, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oko.language import gettext, ngettext, number

Values = Mapping[str, Any]


def _occasion(_: Values) -> str:
    return gettext(
        "A marker is an occasion for the school to look at itself. It accuses nobody and says nothing about the reason."
    )


def _no_region(values: Values) -> str:
    text = gettext(
        "Too high a mean is not judged without the region’s numbers: n, mean and standard deviation of primary scores. "
        "They are missing for: {assessments}."
    )
    return text.format(assessments="; ".join(values["assessments"]))


def _few_pupils(values: Values) -> str:
    of = int(values["of"])
    text = ngettext(
        "{n} of {of} result of a school in a work is not judged: fewer than {needed} pupils with the scores or marks "
        "that it takes. This threshold is our own.",
        "{n} of {of} results of a school in a work are not judged: fewer than {needed} pupils with the scores or marks "
        "that it takes. This threshold is our own.",
        of,
    )
    return text.format(n=number(values["n_groups"]), of=number(of), needed=number(values["needed"]))


def _strong_schools(values: Values) -> str:
    n = int(values["n_schools"])
    text = ngettext(
        "The mean is above the region’s in {n} school. Strong lyceums and gymnasia have this marker because they are "
        "strong: read it together with the intake of the school and the other markers.",
        "The mean is above the region’s in {n} schools. Strong lyceums and gymnasia have this marker because they are "
        "strong: read it together with the intake of the school and the other markers.",
        n,
    )
    return text.format(n=number(n))


def _one_value(values: Values) -> str:
    of = int(values["of"])
    text = ngettext(
        "{n} of {of} correlation cannot be computed: all pupils have the same journal mark or the same score.",
        "{n} of {of} correlations cannot be computed: all pupils have the same journal mark or the same score.",
        of,
    )
    return text.format(n=number(values["n_groups"]), of=number(of))


def _sign_may_be_chance(values: Values) -> str:
    of = int(values["of"])
    text = ngettext(
        "The official rule looks at the sign of the correlation alone. In {n} of {of} marked case its interval reaches "
        "to zero or above: the sign may be chance.",
        "The official rule looks at the sign of the correlation alone. In {n} of {of} marked cases its interval "
        "reaches to zero or above: the sign may be chance.",
        of,
    )
    return text.format(n=number(values["n_groups"]), of=number(of))


def _no_cohort_pair(values: Values) -> str:
    text = gettext(
        "A sharp change of a parallel is not judged: no parallel has a work of grade {grade} and a year later one of "
        "grade {next}, both on the material of its own grade."
    )
    return text.format(grade=number(values["grade"]), next=number(values["next"]))


def _few_schools(values: Values) -> str:
    n = int(values["n_schools"])
    text = ngettext(
        "A sharp change of a parallel is not judged: quartiles of {n} school say too little, {needed} are needed (our "
        "own threshold). Give the region’s fences.",
        "A sharp change of a parallel is not judged: quartiles of {n} schools say too little, {needed} are needed (our "
        "own threshold). Give the region’s fences.",
        n,
    )
    return text.format(n=number(n), needed=number(values["needed"]))


def _no_fences(values: Values) -> str:
    text = gettext("A sharp change of a parallel is not judged where the region’s fences are missing: {subjects}.")
    return text.format(subjects=", ".join(values["subjects"]))


def _own_fences(values: Values) -> str:
    n = int(values["n_schools"])
    text = ngettext(
        "The fences are drawn from {n} school (at least {needed} are needed, our own threshold). How the official "
        "method finds quartiles is not confirmed; here they are found by linear interpolation.",
        "The fences are drawn from {n} schools (at least {needed} are needed, our own threshold). How the official "
        "method finds quartiles is not confirmed; here they are found by linear interpolation.",
        n,
    )
    return text.format(n=number(n), needed=number(values["needed"]))


def _no_official_work(_: Values) -> str:
    return gettext("No work here is one that the official rules of markers name.")


def _no_index(values: Values) -> str:
    n = int(values["n_schools"])
    if not n:
        return gettext(
            "The index (100 less the per cent of schools with a marker) is not computed: no school could be judged."
        )
    text = ngettext(
        "The index (100 less the per cent of schools with a marker) is not computed from {n} school: it is an index of "
        "a region, and at least {needed} are needed (our own threshold).",
        "The index (100 less the per cent of schools with a marker) is not computed from {n} schools: it is an index "
        "of a region, and at least {needed} are needed (our own threshold).",
        n,
    )
    return text.format(n=number(n), needed=number(values["needed"]))


def _confirmed_convention(_: Values) -> str:
    return gettext(
        "Bounds for the share of confirmed marks are local conventions, their source is not confirmed; no conclusion "
        "is drawn from them here."
    )


def _autumn_2020(_: Values) -> str:
    return gettext(
        "In the autumn of 2020 the journal mark was, as far as we can infer, of the year before and given during "
        "distance learning (not confirmed): a lowered mark then is no marker."
    )


def _no_journal(_: Values) -> str:
    return gettext("No pupil has both marks: there is nothing to compare with the journal.")


def _borders_unknown(values: Values) -> str:
    text = gettext(
        "Not all borders of marks can be seen in the results of: {assessments}. Nobody has the score just before a "
        "border, or schools marked by different scales."
    )
    return text.format(assessments="; ".join(values["assessments"]))


def _no_piles(values: Values) -> str:
    text = gettext(
        "Pile-ups at borders of marks are not judged: no school has {needed} pupils in a work with known borders."
    )
    return text.format(needed=number(values["needed"]))


def _piles_tested(values: Values) -> str:
    n = int(values["n_tests"])
    text = ngettext(
        "Pile-ups at borders of marks: {n} check of a school in a work, a pile-up in {marked} (Holm’s correction for "
        "the number of checks). It is an occasion to look how borderline works were marked; a second look at them by "
        "teachers gives the same picture.",
        "Pile-ups at borders of marks: {n} checks of a school in a work, a pile-up in {marked} (Holm’s correction for "
        "the number of checks). It is an occasion to look how borderline works were marked; a second look at them by "
        "teachers gives the same picture.",
        n,
    )
    return text.format(n=number(n), marked=number(values["n_marked"]))


def _piles_not_judged(values: Values) -> str:
    of = int(values["of"])
    text = ngettext(
        "{n} of {of} result of a school in a work is not checked for pile-ups: fewer than {needed} pupils, too few of "
        "them beside borders, or no known border.",
        "{n} of {of} results of a school in a work are not checked for pile-ups: fewer than {needed} pupils, too few "
        "of them beside borders, or no known border.",
        of,
    )
    return text.format(n=number(values["n_groups"]), of=number(of), needed=number(values["needed"]))


def _clumps(_: Values) -> str:
    return gettext(
        "Scores of a work may clump because of its tasks. Where all schools show a pile-up at the same border, look at "
        "the work and not at the schools."
    )


def _left_out(values: Values) -> str:
    schools = values["schools"]
    text = ngettext(
        "The effect is computed again without school {schools}, to see whether the finding rests on it. The school is "
        "left out for its markers, not for a fault.",
        "The effect is computed again without schools {schools}, to see whether the finding rests on them. The schools "
        "are left out for their markers, not for a fault.",
        len(schools),
    )
    return text.format(schools=", ".join(schools))


def _none_left_out(_: Values) -> str:
    return gettext("No school has markers for which the effect would be computed again without it.")


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "bias_occasion": _occasion,
    "bias_no_region": _no_region,
    "bias_few_pupils": _few_pupils,
    "bias_strong_schools": _strong_schools,
    "bias_one_value": _one_value,
    "bias_sign_may_be_chance": _sign_may_be_chance,
    "bias_no_cohort_pair": _no_cohort_pair,
    "bias_few_schools": _few_schools,
    "bias_no_fences": _no_fences,
    "bias_own_fences": _own_fences,
    "bias_no_official_work": _no_official_work,
    "bias_no_index": _no_index,
    "bias_confirmed_convention": _confirmed_convention,
    "bias_autumn_2020": _autumn_2020,
    "bias_no_journal": _no_journal,
    "bias_borders_unknown": _borders_unknown,
    "bias_no_piles": _no_piles,
    "bias_piles_tested": _piles_tested,
    "bias_piles_not_judged": _piles_not_judged,
    "bias_clumps": _clumps,
    "bias_left_out": _left_out,
    "bias_none_left_out": _none_left_out,
}
