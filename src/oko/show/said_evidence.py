"""What the measures of `evidence` say of their own results, in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from oko.language import gettext, ngettext, number, percent
from oko.show import said_evidence_pupils

Values = Mapping[str, Any]


def _listed(values: Values, name: str = "units") -> str:
    return "; ".join(values[name])


def _where(values: Values) -> str:
    """Name units in brackets; nothing where all is one."""
    return f" ({_listed(values)})" if values["units"] else ""


def _pupils_without_task(values: Values) -> str:
    n = int(values["n_dropped"])
    text = ngettext(
        "{n} pupil lacks points for one of the tasks and does not count.",
        "{n} pupils lack points for one of the tasks and do not count.",
        n,
    )
    return text.format(n=number(n))


def _rows_without_mean(values: Values) -> str:
    n = int(values["n"])
    text = ngettext(
        "{n} row without pupils or without a mean is left out.",
        "{n} rows without pupils or without a mean are left out.",
        n,
    )
    return text.format(n=number(n))


def _no_reference(values: Values) -> str:
    text = gettext(
        "There is no unit to measure in, because comparison schools lack a mean or a standard deviation: {units}."
    )
    return text.format(units=_listed(values))


def _few_reference_schools(values: Values) -> str:
    text = gettext("The unit rests on few comparison schools (from {least}; at least {needed} are advised): {units}.")
    return text.format(least=number(values["least"]), needed=number(values["needed"]), units=_listed(values))


def _schools_left_out(values: Values) -> str:
    return gettext("Left out, because a result is missing: {schools}.").format(schools=", ".join(values["schools"]))


def _baseline_unknown(values: Values) -> str:
    text = gettext("Not enough information: whether the groups were alike before cannot be said{where}.")
    return text.format(where=_where(values))


def _baseline_adjust(values: Values) -> str:
    text = gettext(
        "Before the model the groups differed by {small} to {large} standard deviations: the finding needs an "
        "adjustment for the earlier result{where}."
    )
    return text.format(small=number(values["small"], 2), large=number(values["large"], 2), where=_where(values))


def _baseline_not_comparable(values: Values) -> str:
    text = gettext(
        "Before the model the groups differed by more than {large} standard deviations: by the rule of What Works "
        "Clearinghouse they are not comparable, and no adjustment mends that{where}."
    )
    return text.format(large=number(values["large"], 2), where=_where(values))


def _reversion_unknown(values: Values) -> str:
    text = gettext(
        "Not enough information: regression to the mean needs at least {needed} comparison schools with both waves and "
        "different results, there are {least}{where}."
    )
    return text.format(needed=number(values["needed"]), least=number(values["least"]), where=_where(values))


def _reversion_rough(values: Values) -> str:
    text = gettext(
        "Comparison schools with both waves: {least}, at least {needed} are advised. What schools would come back by "
        "themselves is known roughly."
    )
    return text.format(needed=number(values["needed"]), least=number(values["least"]))


def _ceiling(values: Values) -> str:
    text = gettext(
        "Up to {share} of pupils have all points, more than {limit} (n = {n}): the work does not tell them apart, and "
        "a mean hides their growth. Report quantiles or a model of tasks beside it{where}."
    )
    share = {name: percent(values[name]) for name in ("share", "limit")}
    return text.format(n=number(values["n"]), where=_where(values), **share)


def _ceiling_all(values: Values) -> str:
    text = gettext("Not enough information: all pupils have all points, so the work tells none apart{where}.")
    return text.format(where=_where(values))


def _ceiling_unknown(values: Values) -> str:
    text = gettext("Not enough information: no pupil has points, and nothing is known of a ceiling{where}.")
    return text.format(where=_where(values))


def _trend_untestable(_: Values) -> str:
    return gettext(
        "There is one wave before the model: whether both groups of schools were moving alike cannot be tested. It can "
        "only be said how large a difference of their trends would undo the finding."
    )


def _trend_includes_zero(_: Values) -> str:
    return gettext("The interval includes zero even if the trends of both groups were alike.")


def _trend_no_unit(_: Values) -> str:
    return gettext(
        "How much comparison schools change by themselves is not known: trends are shown in parts of the finding."
    )


def _no_cluster(values: Values) -> str:
    text = gettext("Not enough information: no school of the cluster has both waves{where}.")
    return text.format(where=_where(values))


def _few_df(values: Values) -> str:
    if math.isnan(values["df"]):
        return gettext(
            "Not enough information: how much schools of one group differ is not known, so there is no interval; each "
            "group needs at least two schools whose changes differ."
        )
    text = gettext(
        "Not enough information: degrees of freedom {df}, at least {needed} are needed; more schools are needed for an "
        "interval."
    )
    return text.format(df=number(values["df"], 1), needed=number(values["needed"]))


def _few_waves_before(values: Values) -> str:
    text = gettext(
        "Waves before the model: {n}, at least {needed} are needed. A mixture of schools can follow so few waves by "
        "chance: the picture means little, and no p is given."
    )
    return text.format(n=number(values["n"]), needed=number(values["needed"]))


def _exact_fit(values: Values) -> str:
    text = gettext(
        "The mixture of comparison schools repeats the waves before the model exactly (there are {n}): this is no sign "
        "of a good match, and no p is given."
    )
    return text.format(n=number(values["n"]))


def _few_donors(values: Values) -> str:
    text = gettext("Comparison schools for the mixture: {n}, at least {needed} are advised.")
    return text.format(n=number(values["n"]), needed=number(values["needed"]))


def _no_synthetic(_: Values) -> str:
    return gettext(
        "Not enough information: a mixture needs schools of the cluster, comparison schools and waves both before and "
        "after, without gaps."
    )


def _selected_on_baseline(values: Values) -> str:
    text = gettext(
        "The targets were chosen on the wave that the change would be counted from ({period}): tasks chosen for being "
        "low rise by themselves. No number is given; another wave is needed to count from."
    )
    return text.format(period=values["period"])


def _no_targets(_: Values) -> str:
    return gettext("There is no target task: there is nothing to compare.")


def _no_others(_: Values) -> str:
    return gettext("All tasks are target tasks: there are no others to compare with.")


def _no_school_compared(_: Values) -> str:
    return gettext(
        "Not enough information: both the cluster and the comparison schools need a school with target and other tasks "
        "in both waves."
    )


def _choice_rises(values: Values) -> str:
    fields = {"groups": number(values["groups"]), "selection": _moved_by(values["selection"], values["unit"])}
    if math.isnan(values["baseline"]):
        text = gettext(
            "The same choice of low tasks was repeated in groups of comparison schools (groups: {groups}). "
            "From the wave of the choice such tasks change against the others by {selection} on average, "
            "though nothing was done there."
        )
        return text.format(**fields)
    text = gettext(
        "The same choice of low tasks was repeated in groups of comparison schools (groups: {groups}). "
        "From the wave of the choice such tasks change against the others by {selection} on average, from the "
        "baseline by {baseline}, though nothing was done there."
    )
    return text.format(**fields, baseline=_moved_by(values["baseline"], values["unit"]))


def _moved_by(value: float, unit: str) -> str:
    if unit == "share":
        return gettext("{n} percentage points").format(n=number(100 * value, 1))
    return gettext("{value} standard deviations").format(value=number(value, 2))


def _choice_unknown(_: Values) -> str:
    return gettext(
        "What the choice of low tasks shows by itself is not known: it takes the tasks of comparison schools in the "
        "wave of the choice, and more comparison schools than there are schools in the cluster."
    )


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    **said_evidence_pupils.SENTENCES,
    "evidence_pupils_without_task": _pupils_without_task,
    "evidence_rows_without_mean": _rows_without_mean,
    "evidence_no_reference": _no_reference,
    "evidence_few_reference_schools": _few_reference_schools,
    "evidence_schools_left_out": _schools_left_out,
    "evidence_baseline_unknown": _baseline_unknown,
    "evidence_baseline_adjust": _baseline_adjust,
    "evidence_baseline_not_comparable": _baseline_not_comparable,
    "evidence_reversion_unknown": _reversion_unknown,
    "evidence_reversion_rough": _reversion_rough,
    "evidence_ceiling": _ceiling,
    "evidence_ceiling_all": _ceiling_all,
    "evidence_ceiling_unknown": _ceiling_unknown,
    "evidence_trend_untestable": _trend_untestable,
    "evidence_trend_includes_zero": _trend_includes_zero,
    "evidence_trend_no_unit": _trend_no_unit,
    "evidence_no_cluster": _no_cluster,
    "evidence_few_df": _few_df,
    "evidence_few_waves_before": _few_waves_before,
    "evidence_exact_fit": _exact_fit,
    "evidence_few_donors": _few_donors,
    "evidence_no_synthetic": _no_synthetic,
    "evidence_selected_on_baseline": _selected_on_baseline,
    "evidence_no_targets": _no_targets,
    "evidence_no_others": _no_others,
    "evidence_no_school_compared": _no_school_compared,
    "evidence_choice_rises": _choice_rises,
    "evidence_choice_unknown": _choice_unknown,
}
