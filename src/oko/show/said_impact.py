"""What the measures of `impact` say of their own results, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oko.language import gettext, ngettext, number, p_value
from oko.show import said_impact_conclusion

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
    return text.format(n=number(n), p=p_value(values["smallest_p"]))


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
    **said_impact_conclusion.SENTENCES,
}
