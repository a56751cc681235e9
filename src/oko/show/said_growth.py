"""What the measures of `growth` say of their own results, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oko.language import gettext, ngettext, number, percent

Values = Mapping[str, Any]


def _counts(values: Values) -> dict[str, str]:
    """Write the counts among the values; names stay as they are."""
    return {
        name: value if isinstance(value, str) else ", ".join(value) if isinstance(value, tuple) else number(value)
        for name, value in values.items()
    }


def _not_optimal(values: Values) -> str:
    text = ngettext(
        "{n} of {of} quantile has no certificate of being optimal: pupils get no percentiles.",
        "{n} of {of} quantiles have no certificate of being optimal: pupils get no percentiles.",
        round(values["of"]),
    )
    return text.format(**_counts(values))


def _missing_scores(values: Values) -> str:
    text = ngettext(
        "No percentile and no expected score for {n} of {of} pupil: an earlier or the present score is missing.",
        "No percentile and no expected score for {n} of {of} pupils: an earlier or the present score is missing.",
        round(values["of"]),
    )
    return text.format(**_counts(values))


def _outside_boundaries(values: Values) -> str:
    text = gettext(
        "No percentile where the earlier score “{score}” lies outside {lower} to {upper} (pupils: {n}): the norm "
        "group says nothing about such scores."
    )
    return text.format(**{**_counts(values), "lower": number(values["lower"], 2), "upper": number(values["upper"], 2)})


def _constant_earlier(values: Values) -> str:
    text = gettext(
        "All pupils have the same earlier score “{score}”: it tells nothing about growth, and pupils are compared "
        "as if it were not there."
    )
    return text.format(**_counts(values))


def _adds_nothing(values: Values) -> str:
    text = gettext("The earlier score “{score}” adds nothing to the scores before it and is left out.")
    return text.format(**_counts(values))


def _simplified(values: Values) -> str:
    text = gettext(
        "The earlier score “{score}” has too few different values ({distinct}) for {asked} knots: the curve was "
        "made simpler, with {knots} knots and of degree {degree}."
    )
    return text.format(**_counts(values))


def _knots_beyond(values: Values) -> str:
    text = ngettext(
        "{n} knot of the earlier score “{score}”, set at its quantiles, lies outside the boundaries {lower} to {upper} "
        "given, and was left out: the curve bends less there.",
        "{n} knots of the earlier score “{score}”, set at its quantiles, lie outside the boundaries {lower} to {upper} "
        "given, and were left out: the curve bends less there.",
        round(values["n"]),
    )
    return text.format(**_counts(values))


def _norm_group_small(values: Values) -> str:
    text = gettext(
        "Not enough information: the norm group has n = {n}, at least {needed} are needed. Norms of a district, a "
        "region or an external table would be needed instead."
    )
    return text.format(**_counts(values))


def _norms_empty(values: Values) -> str:
    text = gettext("Not enough information: the table of norms holds no expected scores (n = {n}).")
    return text.format(**_counts(values))


def _coarse_scale(values: Values) -> str:
    text = ngettext(
        "The present score has only {distinct} different value. The percentile counts those strictly below, so that "
        "it is lower than on a fine scale, and one point more moves it by several.",
        "The present score has only {distinct} different values. The percentile counts those strictly below, so "
        "that it is lower than on a fine scale, and one point more moves it by several.",
        round(values["distinct"]),
    )
    return text.format(**_counts(values))


def _ceiling(values: Values) -> str:
    text = gettext(
        "The greatest score was reached by {share} of pupils of the norm group: growth beyond it is not visible, "
        "and high percentiles are a lower limit."
    )
    return text.format(**{**_counts(values), "share": percent(values["share"])})


def _relative_to_cohort(values: Values) -> str:
    text = gettext(
        "The percentiles are relative to this cohort itself (n = {n}, mean percentile {mean}): a loss or a gain "
        "common to all is not visible in them."
    )
    return text.format(**{**_counts(values), "mean": number(values["mean"], 1)})


def _skip_year(values: Values) -> str:
    text = gettext(
        "For {n} of {of} pupils there was no later score, and the earlier one is from {years} years before: their "
        "percentiles are about a longer time and have norms of their own."
    )
    return text.format(**_counts(values))


def _without_percentile(values: Values) -> str:
    text = ngettext(
        "No growth percentile for {n} of {of} pupil.",
        "No growth percentile for {n} of {of} pupils.",
        round(values["of"]),
    )
    return text.format(**_counts(values))


def _few_pupils(values: Values) -> str:
    text = gettext("Fewer than {least} pupils have a percentile, and the median says little, in: {schools}.")
    return text.format(**_counts(values))


def _classes_unknown(_: Values) -> str:
    return gettext(
        "Pupils are counted as if each were drawn alone; pupils of one class are more alike than that, so that the "
        "intervals are rather too narrow."
    )


def _one_class(values: Values) -> str:
    text = gettext("Only one class, so that school and class cannot be told apart, in: {schools}.")
    return text.format(**_counts(values))


def _pupils_without_class(values: Values) -> str:
    text = ngettext(
        "The class of {n} pupil is not known: it counts as a class of one.",
        "The class of {n} pupils is not known: each counts as a class of one.",
        round(values["n"]),
    )
    return text.format(**_counts(values))


def _too_few_for_expected(values: Values) -> str:
    text = gettext(
        "Not enough information: n = {n} pupils with all scores, at least {needed} are needed to estimate the "
        "expected score."
    )
    return text.format(**_counts(values))


def _no_lines(_: Values) -> str:
    return gettext("There are no results from which a line of a cohort could be drawn.")


def _autumn_to_spring(values: Values) -> str:
    text = ngettext(
        "{n} line goes from an autumn to the spring after it. Autumn work is written after the summer, on the "
        "material of the grade before, and in 2020 after distance learning: this difference must not be read as "
        "growth.",
        "{n} lines go from an autumn to the spring after it. Autumn work is written after the summer, on the "
        "material of the grade before, and in 2020 after distance learning: this difference must not be read as "
        "growth.",
        round(values["n"]),
    )
    return text.format(**_counts(values))


def _other_material(values: Values) -> str:
    text = ngettext(
        "At {n} of {of} point the work was on the material of another grade than the pupils’ own.",
        "At {n} of {of} points the work was on the material of another grade than the pupils’ own.",
        round(values["of"]),
    )
    return text.format(**_counts(values))


def _single_points(values: Values) -> str:
    text = ngettext(
        "{n} of {of} line has only one point: there is nothing to compare it with.",
        "{n} of {of} lines have only one point: there is nothing to compare them with.",
        round(values["of"]),
    )
    return text.format(**_counts(values))


def _followed(values: Values) -> str:
    text = ngettext(
        "Of {of} later result {n} has an earlier one of the same pupil in the same school; the mean changes are of "
        "these alone.",
        "Of {of} later results {n} have an earlier one of the same pupil in the same school; the mean changes are "
        "of these alone.",
        round(values["of"]),
    )
    return text.format(**_counts(values))


def _small_points(values: Values) -> str:
    text = ngettext(
        "{n} of {of} point has fewer than {least} pupils and says little.",
        "{n} of {of} points have fewer than {least} pupils and say little.",
        round(values["of"]),
    )
    return text.format(**_counts(values))


def _procedures_mixed(values: Values) -> str:
    text = gettext("The lines join results of different procedures ({n}), which ask for different things.")
    return text.format(**_counts(values))


def _no_grade(values: Values) -> str:
    text = gettext("Left out, because the grade of the pupils is not known: {assessments}.")
    return text.format(**_counts(values))


def _no_spread(values: Values) -> str:
    text = gettext("Left out, because all scores are equal: {assessments}.")
    return text.format(**_counts(values))


def _no_reference(values: Values) -> str:
    text = gettext("Left out, because the reference has no mean and standard deviation for them: {assessments}.")
    return text.format(**_counts(values))


def _reference_within(values: Values) -> str:
    text = ngettext(
        "The points are relative to the mean of these results themselves ({n_schools} school): a shift common to "
        "all is not visible.",
        "The points are relative to the mean of these results themselves ({n_schools} schools): a shift common to "
        "all is not visible.",
        round(values["n_schools"]),
    )
    return text.format(**_counts(values))


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "growth_not_optimal": _not_optimal,
    "growth_missing_scores": _missing_scores,
    "growth_outside_boundaries": _outside_boundaries,
    "growth_constant_earlier": _constant_earlier,
    "growth_adds_nothing": _adds_nothing,
    "growth_simplified": _simplified,
    "growth_knots_beyond": _knots_beyond,
    "growth_norm_group_small": _norm_group_small,
    "growth_norms_empty": _norms_empty,
    "growth_coarse_scale": _coarse_scale,
    "growth_ceiling": _ceiling,
    "growth_relative_to_cohort": _relative_to_cohort,
    "growth_skip_year": _skip_year,
    "growth_without_percentile": _without_percentile,
    "growth_few_pupils": _few_pupils,
    "growth_classes_unknown": _classes_unknown,
    "growth_one_class": _one_class,
    "growth_pupils_without_class": _pupils_without_class,
    "growth_too_few_for_expected": _too_few_for_expected,
    "growth_no_lines": _no_lines,
    "growth_autumn_to_spring": _autumn_to_spring,
    "growth_other_material": _other_material,
    "growth_single_points": _single_points,
    "growth_followed": _followed,
    "growth_small_points": _small_points,
    "growth_procedures_mixed": _procedures_mixed,
    "growth_no_grade": _no_grade,
    "growth_no_spread": _no_spread,
    "growth_no_reference": _no_reference,
    "growth_reference_within": _reference_within,
}
