"""What the measures of `equating` say of their own results, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oko.language import gettext, ngettext, number

Values = Mapping[str, Any]


def _equal_groups(_: Values) -> str:
    return gettext(
        "The two forms are taken as written by equal groups, so that a difference of results is one of the forms. "
        "Where whole schools received a form of their own, groups and forms differ together and cannot be told apart."
    )


def _no_variance(values: Values) -> str:
    text = gettext(
        "The scores of form {form} have no spread, since they are all equal or there is but one pupil: two forms "
        "cannot be put on one scale."
    )
    return text.format(form=values["form"])


def _few_pupils(values: Values) -> str:
    text = ngettext(
        "The smaller group has {n} pupil, and this method wants at least {needed}: equated scores are rough.",
        "The smaller group has {n} pupils, and this method wants at least {needed}: equated scores are rough.",
        round(values["n"]),
    )
    return text.format(n=number(values["n"]), needed=number(values["needed"]))


def _beyond_scale(values: Values) -> str:
    text = ngettext(
        "{n} of {scores} scores comes out outside the scale of form Y ({lowest} to {highest}); it is not cut.",
        "{n} of {scores} scores come out outside the scale of form Y ({lowest} to {highest}); they are not cut.",
        int(values["n"]),
    )
    return text.format(**{name: number(values[name]) for name in ("n", "scores", "lowest", "highest")})


def _smoothing_failed(values: Values) -> str:
    text = gettext("The scores of form {form} cannot be smoothed with degree {degree}. Choose a lower degree, or none.")
    return text.format(form=values["form"], degree=number(values["degree"]))


def _empty_scores(values: Values) -> str:
    text = ngettext(
        "Nobody reached {n} score of form {form}: equated scores there follow a convention, not data.",
        "Nobody reached {n} scores of form {form}: equated scores there follow a convention, not data.",
        int(values["n"]),
    )
    return text.format(n=number(values["n"]), form=values["form"])


def _dropped_pupils(values: Values) -> str:
    text = ngettext(
        "{n} pupil of form {form} is left out: the total or the score on the common tasks is missing.",
        "{n} pupils of form {form} are left out: the total or the score on the common tasks is missing.",
        round(values["n"]),
    )
    return text.format(n=number(values["n"]), form=values["form"])


def _anchor_above_total(values: Values) -> str:
    text = ngettext(
        "{n} pupil of form {form} has more points on the common tasks than in all, though these tasks are taken as a "
        "part of the form: check the scores.",
        "{n} pupils of form {form} have more points on the common tasks than in all, though these tasks are taken as a "
        "part of the form: check the scores.",
        round(values["n"]),
    )
    return text.format(n=number(values["n"]), form=values["form"])


def _anchor_negative(values: Values) -> str:
    text = gettext(
        "In form {form} pupils with more points on the common tasks have fewer in all: such tasks cannot link two "
        "forms. Check the keys and the match of pupils."
    )
    return text.format(form=values["form"])


def _anchors_apart(_: Values) -> str:
    return gettext(
        "The scores of the two groups on the common tasks do not overlap: the link is carried beyond what was observed."
    )


def _anchor_no_variance(values: Values) -> str:
    text = gettext(
        "The scores of form {form} on the common tasks have no spread, since they are all equal or there is but one "
        "pupil: they cannot link the forms."
    )
    return text.format(form=values["form"])


def _levine_covariance(values: Values) -> str:
    text = gettext(
        "In form {form} the score on the common tasks does not rise with the total: Levine’s method has no line here."
    )
    return text.format(form=values["form"])


def _synthetic_variance(_: Values) -> str:
    return gettext(
        "The common population would have a variance that is not above zero: the groups differ too much in spread for "
        "this method."
    )


def _groups_differ(values: Values) -> str:
    text = gettext(
        "The groups differ by {difference} standard deviations on the common tasks, more than {limit}: Tucker’s method "
        "takes off too little of that. Look at Levine’s too."
    )
    difference, limit = number(abs(values["difference"]), 2), number(values["limit"], 2)
    return text.format(difference=difference, limit=limit)


def _draws_without_result(values: Values) -> str:
    text = ngettext(
        "{n} of {repetitions} draws gave no result and is left out: the errors may be too small.",
        "{n} of {repetitions} draws gave no result and are left out: the errors may be too small.",
        int(values["n"]),
    )
    return text.format(n=number(values["n"]), repetitions=number(values["repetitions"]))


def _item_steps_differ(values: Values) -> str:
    text = gettext("Common task {item} is left out of the link: its numbers of score steps differ between the years.")
    return text.format(item=values["item"])


def _item_points_differ(values: Values) -> str:
    text = gettext("Common task {item} is left out of the link: the points it can bring differ between the years.")
    return text.format(item=values["item"])


def _item_unknown(values: Values) -> str:
    text = gettext("Common task {item} is left out of the link: in one of the years its parameters are not known.")
    return text.format(item=values["item"])


def _few_common(values: Values) -> str:
    text = ngettext(
        "The link rests on {n} common task; the shorter work has {items}, and at least {needed} are wanted. One task "
        "that became known moves the whole scale.",
        "The link rests on {n} common tasks; the shorter work has {items}, and at least {needed} are wanted. One task "
        "that became known moves the whole scale.",
        int(values["n"]),
    )
    return text.format(**{name: number(values[name]) for name in ("n", "items", "needed")})


def _link_unknown(_: Values) -> str:
    return gettext(
        "The common tasks do not give a link between the two scales: no number must be compared across them."
    )


def _item_moved(values: Values) -> str:
    template = (
        gettext(
            "Common task {item} was harder in the new year by {difference} logits than the other common tasks say, "
            "more than {limit}: see whether it was changed or printed otherwise."
        )
        if values["difference"] > 0
        else gettext(
            "Common task {item} was easier in the new year by {difference} logits than the other common tasks say, "
            "more than {limit}: see whether it had become known."
        )
    )
    difference, limit = number(abs(values["difference"]), 2), number(values["limit"], 1)
    return template.format(item=values["item"], difference=difference, limit=limit)


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "equating_equal_groups": _equal_groups,
    "equating_no_variance": _no_variance,
    "equating_few_pupils": _few_pupils,
    "equating_beyond_scale": _beyond_scale,
    "equating_smoothing_failed": _smoothing_failed,
    "equating_empty_scores": _empty_scores,
    "equating_dropped_pupils": _dropped_pupils,
    "equating_anchor_above_total": _anchor_above_total,
    "equating_anchor_negative": _anchor_negative,
    "equating_anchors_apart": _anchors_apart,
    "equating_anchor_no_variance": _anchor_no_variance,
    "equating_levine_covariance": _levine_covariance,
    "equating_synthetic_variance": _synthetic_variance,
    "equating_groups_differ": _groups_differ,
    "equating_draws_without_result": _draws_without_result,
    "equating_item_steps_differ": _item_steps_differ,
    "equating_item_points_differ": _item_points_differ,
    "equating_item_unknown": _item_unknown,
    "equating_few_common": _few_common,
    "equating_link_unknown": _link_unknown,
    "equating_item_moved": _item_moved,
}
