"""What the measures of `impact` say of their own results, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oko.language import gettext, ngettext, number, percent

Values = Mapping[str, Any]


def _columns(values: Values) -> str:
    return ", ".join(gettext("effect of the model") if name == "treated" else name for name in values["columns"])


def _rows_dropped(values: Values) -> str:
    of = int(values["of"])
    text = ngettext(
        "{n} of {of} row is left out: a value is missing or stands for no pupil.",
        "{n} of {of} rows are left out: a value is missing or stands for no pupil.",
        of,
    )
    return text.format(n=number(values["n"]), of=number(of))


def _columns_left_out(values: Values) -> str:
    text = gettext("Not told apart from what else is in the model, and therefore without a number: {columns}.")
    return text.format(columns=_columns(values))


def _few_df(values: Values) -> str:
    text = gettext(
        "Not enough information: the standard error rests on {df} degrees of freedom, at least {needed} are needed; "
        "p and interval are not given. More schools in the smaller group would be needed."
    )
    return text.format(df=number(values["df"], 1), needed=number(values["needed"]))


def _one_cluster(_: Values) -> str:
    return gettext("Not enough information: all pupils are from one school, and one school tells nothing of others.")


def _one_cluster_decides(values: Values) -> str:
    text = gettext(
        "Not enough information: a single school decides ({columns}); p and interval are not given. A second school of "
        "its kind would be needed."
    )
    return text.format(columns=_columns(values))


def _no_spread(values: Values) -> str:
    text = gettext(
        "The model leaves no differences between schools ({columns}): a standard error cannot be had, and p and "
        "interval are not given."
    )
    return text.format(columns=_columns(values))


def _as_if_random(values: Values) -> str:
    n, treated = int(values["n"]), int(values["n_treated"])
    text = ngettext(
        "The test counts as if {treated} of {n} school had been drawn by lot for the model. The schools joined of "
        "their own will: this is a supposition, not a fact.",
        "The test counts as if {treated} of {n} schools had been drawn by lot for the model. The schools joined of "
        "their own will: this is a supposition, not a fact.",
        n,
    )
    return text.format(treated=number(treated), n=number(n))


def _sampled_assignments(values: Values) -> str:
    text = gettext("There are {n} ways to choose the schools; {draws} of them were drawn by chance.")
    return text.format(n=number(values["n_assignments"]), draws=number(values["draws"]))


def _not_studentised(values: Values) -> str:
    text = gettext(
        "Schools with the model: {treated}, other schools: {others}. With one school in a group the difference cannot "
        "be divided by its standard error; the difference itself is compared."
    )
    return text.format(treated=number(values["n_treated"]), others=number(values["n_comparison"]))


def _smallest_p(values: Values) -> str:
    n = int(values["n_assignments"])
    text = ngettext(
        "Not enough information: there is only {n} way to choose the schools, and p cannot be below {p}.",
        "Not enough information: there are only {n} ways to choose the schools, and p cannot be below {p}.",
        n,
    )
    return text.format(n=number(n), p=number(values["smallest_p"], 3))


def _schools_without_value(values: Values) -> str:
    n = int(values["n"])
    text = ngettext("{n} school without a number is left out.", "{n} schools without a number are left out.", n)
    return text.format(n=number(n))


def _no_group(values: Values) -> str:
    text = gettext(
        "Not enough information: schools with the model — {treated}, other schools — {others}. A comparison needs both."
    )
    return text.format(treated=number(values["n_treated"]), others=number(values["n_comparison"]))


def _all_equal(values: Values) -> str:
    n = int(values["n"])
    text = ngettext(
        "{n} school: nothing differs, so there is nothing to test.",
        "All {n} schools have the same number: there is nothing to test.",
        n,
    )
    return text.format(n=number(n))


def _webb_drawn(values: Values) -> str:
    text = gettext("Schools: {n}. Webb’s six numbers were drawn for each of them {draws} times.")
    return text.format(n=number(values["n_clusters"]), draws=number(values["draws"]))


def _signs_drawn(values: Values) -> str:
    text = gettext("Schools: {n}. A sign was drawn for each of them {draws} times.")
    return text.format(n=number(values["n_clusters"]), draws=number(values["draws"]))


def _covariate_constant(values: Values) -> str:
    text = gettext(
        "Did not change between the waves in any school, so that the comparison of changes already accounts for it: "
        "{covariates}."
    )
    return text.format(covariates=", ".join(values["covariates"]))


def _one_wave(values: Values) -> str:
    text = gettext(
        "Not enough information: there are results of {n} wave instead of two. The same schools’ results before and "
        "after would be needed."
    )
    return text.format(n=number(values["n_waves"]))


def _schools_left_out(values: Values) -> str:
    schools = values["schools"]
    text = ngettext(
        "Left out, because one of the waves is missing: school {schools}.",
        "Left out, because one of the waves is missing: schools {schools}.",
        len(schools),
    )
    return text.format(schools=", ".join(schools))


def _pairs_left_out(values: Values) -> str:
    n = int(values["n"])
    text = ngettext(
        "{n} mean of a school in one work is left out: the work was not written there in both waves.",
        "{n} means of schools in one work are left out: the works were not written there in both waves.",
        n,
    )
    return text.format(n=number(n))


def _few_schools(values: Values) -> str:
    text = gettext(
        "Not enough information: schools with the model and both waves — {treated}, other schools — {others}; at least "
        "{needed} of each are needed."
    )
    return text.format(
        treated=number(values["n_treated"]), others=number(values["n_comparison"]), needed=number(values["needed"])
    )


def _no_common_stratum(values: Values) -> str:
    text = gettext(
        "Not enough information: {treated} and {others} schools wrote no work in common. Results in the same subject "
        "and grade would be needed."
    )
    return text.format(treated=number(values["n_treated"]), others=number(values["n_comparison"]))


def _no_pupil_variance(_: Values) -> str:
    return gettext(
        "The effect in standard deviations is not given: only means are known. The standard deviation of pupils in "
        "each school would be needed."
    )


def _size_band(values: Values) -> str:
    names = {"small": gettext("small"), "medium": gettext("medium"), "large": gettext("large")}
    text = gettext(
        "{effect} standard deviations: among interventions in education measured by pupils’ achievement this is "
        "{band} (Kraft: below {low} small, from {high} large)."
    )
    return text.format(
        effect=number(values["effect"], 2),
        band=names[values["band"]],
        low=number(values["low"], 2),
        high=number(values["high"], 2),
    )


def _size_unknown(_: Values) -> str:
    return gettext("The effect in standard deviations is not known and is not compared with other studies.")


def _detectable(values: Values) -> str:
    text = gettext(
        "With {treated} schools with the model and {others} others a true effect of {effect} standard deviations would "
        "be found with probability {power} (at a level of {alpha}); a smaller one would rather be missed."
    )
    return text.format(
        treated=number(values["n_treated"]),
        others=number(values["n_comparison"]),
        effect=number(values["effect"], 2),
        power=percent(values["power"]),
        alpha=percent(values["alpha"]),
    )


def _one_earlier_wave(values: Values) -> str:
    text = gettext(
        "Not enough information: earlier waves — {waves}, schools — {schools}. How much schools vary from year to year "
        "shows only in two waves of two schools or more."
    )
    return text.format(waves=number(values["n_waves"]), schools=number(values["n_schools"]))


def _no_year_variance(values: Values) -> str:
    df = int(values["df"])
    text = ngettext(
        "Schools’ means vary from year to year no more than chance of pupils explains: the variance is estimated as "
        "zero, by {df} degree of freedom. The smallest effect that would be found may therefore be too low.",
        "Schools’ means vary from year to year no more than chance of pupils explains: the variance is estimated as "
        "zero, by {df} degrees of freedom. The smallest effect that would be found may therefore be too low.",
        df,
    )
    return text.format(df=number(df))


def _exploratory(values: Values) -> str:
    n = int(values["n"])
    text = ngettext(
        "{n} outcome was not planned beforehand: it is exploratory, a question for further study and not a conclusion.",
        "{n} outcomes were not planned beforehand: they are exploratory, questions for further study and not "
        "conclusions.",
        n,
    )
    return text.format(n=number(n))


def _interval(values: Values) -> dict[str, str]:
    words = {name: number(values[name], 2) for name in ("estimate", "lower", "upper")}
    words |= {name: number(values[name], 3) for name in ("p", "p_randomisation")}
    return {**words, "level": percent(values["level"])}


def _consistent_with_effect(values: Values) -> str:
    text = gettext(
        "The results are consistent with an effect of the model: {estimate} ({level} interval from {lower} to {upper}; "
        "p = {p}, by randomisation p = {p_randomisation}), provided that without it both groups would have changed "
        "alike."
    )
    return text.format(**_interval(values))


def _cannot_rule_out_zero(values: Values) -> str:
    text = gettext(
        "It cannot be ruled out that the effect is zero: {estimate} ({level} interval from {lower} to {upper}; "
        "p = {p}, by randomisation p = {p_randomisation}). Nor can any other value inside the interval be ruled out."
    )
    return text.format(**_interval(values))


def _not_enough(values: Values) -> str:
    text = gettext(
        "Not enough information for a conclusion: schools with the model — {treated}, other schools — {others} "
        "(needed: {needed} of each), degrees of freedom — {df} (needed: {needed_df})."
    )
    return text.format(
        treated=number(values["n_treated"]),
        others=number(values["n_comparison"]),
        needed=number(values["needed"]),
        df=number(values["df"], 1),
        needed_df=number(values["needed_df"]),
    )


def _not_primary(values: Values) -> str:
    text = gettext(
        "This outcome is not the one that the protocol named: {estimate} ({level} interval from {lower} to {upper}; "
        "p = {p}, by randomisation p = {p_randomisation}) is a question for further study and not a conclusion."
    )
    return text.format(**_interval(values))


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "impact_rows_dropped": _rows_dropped,
    "impact_columns_left_out": _columns_left_out,
    "impact_few_df": _few_df,
    "impact_one_cluster": _one_cluster,
    "impact_one_cluster_decides": _one_cluster_decides,
    "impact_no_spread": _no_spread,
    "impact_as_if_random": _as_if_random,
    "impact_sampled_assignments": _sampled_assignments,
    "impact_not_studentised": _not_studentised,
    "impact_smallest_p": _smallest_p,
    "impact_schools_without_value": _schools_without_value,
    "impact_no_group": _no_group,
    "impact_all_equal": _all_equal,
    "impact_webb_drawn": _webb_drawn,
    "impact_signs_drawn": _signs_drawn,
    "impact_covariate_constant": _covariate_constant,
    "impact_one_wave": _one_wave,
    "impact_schools_left_out": _schools_left_out,
    "impact_pairs_left_out": _pairs_left_out,
    "impact_few_schools": _few_schools,
    "impact_no_common_stratum": _no_common_stratum,
    "impact_no_pupil_variance": _no_pupil_variance,
    "impact_size_band": _size_band,
    "impact_size_unknown": _size_unknown,
    "impact_detectable": _detectable,
    "impact_one_earlier_wave": _one_earlier_wave,
    "impact_no_year_variance": _no_year_variance,
    "impact_exploratory": _exploratory,
    "impact_consistent_with_effect": _consistent_with_effect,
    "impact_cannot_rule_out_zero": _cannot_rule_out_zero,
    "impact_not_enough": _not_enough,
    "impact_not_primary": _not_primary,
}
