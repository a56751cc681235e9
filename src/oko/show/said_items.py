"""What the measures of `items` and `skills` say of their own results, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oko.language import N_, gettext, ngettext, number, percent
from oko.show.item_names import listed, these_items

Values = Mapping[str, Any]


def _items(values: Values) -> str:
    """Name the items at the beginning of a sentence."""
    items = values["items"]
    return these_items(listed(items), len(items))


def _plain(text: str) -> Callable[[Values], str]:
    """Return a sentence whose fields stand as they are."""
    return lambda values: gettext(text).format(**values)


def _of_items(text: str) -> Callable[[Values], str]:
    """Return a sentence about items whose text needs no more than their names."""
    return lambda values: gettext(text).format(items=_items(values))


def _points_not_attempted(values: Values) -> str:
    n = int(values["cells"])
    text = ngettext(
        "In {n} cell there are points or an answer although the task is marked as not attempted: it counts as not "
        "attempted.",
        "In {n} cells there are points or an answer although the task is marked as not attempted: it counts as not "
        "attempted.",
        n,
    )
    return text.format(n=number(n))


def _pupils_without_items(values: Values) -> str:
    n = values["n"]
    text = ngettext(
        "{n} pupil was given no task and is not counted.",
        "{n} pupils were given no task and are not counted.",
        round(n),
    )
    return text.format(n=number(n))


def _pairwise(values: Values) -> str:
    n = values["n"]
    text = ngettext(
        "{n} pupil of {pupils} was not given every task ({share} of the cells are empty): each covariance is over the "
        "pupils who were given both tasks, and the sum of points is that of all tasks.",
        "{n} pupils of {pupils} were not given every task ({share} of the cells are empty): each covariance is over "
        "the pupils who were given both tasks, and the sum of points is that of all tasks.",
        round(n),
    )
    return text.format(n=number(n), pupils=number(values["pupils"]), share=percent(values["share"], 1))


def _few_pupils(values: Values) -> str:
    n = values["n"]
    text = ngettext(
        "Only {n} pupil (fewer than {needed}): alpha, the error of measurement and the correlations are known roughly.",
        "Only {n} pupils (fewer than {needed}): alpha, the error of measurement and the correlations are known "
        "roughly.",
        round(n),
    )
    return text.format(n=number(n), needed=number(values["needed"]))


def _pairs_apart(values: Values) -> str:
    n = int(values["pairs"])
    text = ngettext(
        "{n} pair of tasks was not given to two pupils together ({first} and {second}): alpha and the correlations "
        "with the sum of points are not defined. Analyse each set of tasks by itself.",
        "{n} pairs of tasks were not given to two pupils together (the first: {first} and {second}): alpha and the "
        "correlations with the sum of points are not defined. Analyse each set of tasks by itself.",
        n,
    )
    return text.format(n=number(n), first=values["first"], second=values["second"])


def _alpha_negative(values: Values) -> str:
    text = gettext(
        "Alpha is below zero ({alpha}): on the whole the tasks are not related to each other, and the sum of points "
        "cannot be relied on. Check the keys."
    )
    return text.format(alpha=number(values["alpha"], 2))


def _omega_few_items(values: Values) -> str:
    n = int(values["n"])
    text = ngettext(
        "Omega is not defined: it needs {needed} tasks with variance, here there is {n}.",
        "Omega is not defined: it needs {needed} tasks with variance, here there are {n}.",
        n,
    )
    return text.format(needed=number(values["needed"]), n=number(n))


def _scaled(values: Values) -> str:
    n = values["n"]
    text = ngettext(
        "{n} pupil was not given every task: the number of right answers is the share of right ones among those given, "
        "times the number of all tasks.",
        "{n} pupils were not given every task: their number of right answers is the share of right ones among those "
        "given, times the number of all tasks.",
        round(n),
    )
    return text.format(n=number(n))


def _options_few_pupils(values: Values) -> str:
    n = values["n"]
    text = ngettext(
        "Only {n} pupil (fewer than {needed}): which option goes with right answers is known roughly.",
        "Only {n} pupils (fewer than {needed}): which option goes with right answers is known roughly.",
        round(n),
    )
    return text.format(n=number(n), needed=number(values["needed"]))


def _unchosen(values: Values) -> str:
    options = values["options"]
    text = (
        gettext("Item {item}: nobody chose option {options}.")
        if len(options) == 1
        else gettext("Item {item}: nobody chose options {options}.")
    )
    return text.format(item=values["item"], options=listed(options))


def _chosen_by_the_strong(one: str, many: str) -> Callable[[Values], str]:
    """Return a sentence about a wrong option and the number of pupils who chose it."""

    def said(values: Values) -> str:
        n = values["n"]
        return ngettext(one, many, round(n)).format(item=values["item"], option=values["option"], n=number(n))

    return said


def _shares_of_given(values: Values) -> str:
    n = values["n"]
    text = ngettext(
        "{n} pupil was not given every task: the share is of the points of the tasks that were given.",
        "{n} pupils were not given every task: their share is of the points of the tasks that were given.",
        round(n),
    )
    return text.format(n=number(n))


def _few_items(values: Values) -> str:
    items = values["items"]
    text = ngettext(
        "Skill {skill}: {n} task behind it ({items}), fewer than {needed}. That allows no conclusion on the skill.",
        "Skill {skill}: {n} tasks behind it ({items}), fewer than {needed}. That allows no conclusion on the skill.",
        len(items),
    )
    fields = {"n": number(len(items)), "items": listed(items), "needed": number(values["needed"])}
    return text.format(skill=values["skill"], **fields)


def _skills_without_items(values: Values) -> str:
    return gettext("Skills without a single task: {skills}.").format(skills=listed(values["skills"]))


def _skill_alpha_above_one(values: Values) -> str:
    text = gettext(
        "Skill {skill}: alpha of its tasks comes out above one ({alpha}), because covariances are over different "
        "pupils and contradict each other. The error of a single pupil’s score is not known."
    )
    return text.format(skill=values["skill"], alpha=number(values["alpha"], 2))


def _skill_errors_unknown(values: Values) -> str:
    n = values["n"]
    text = ngettext(
        "Skill {skill}: the error of the score is not known for {n} pupil, given the tasks that this pupil took.",
        "Skill {skill}: the error of the score is not known for {n} pupils, given the tasks that these pupils took.",
        round(n),
    )
    return text.format(skill=values["skill"], n=number(n))


def _skill_alpha_negative(values: Values) -> str:
    text = gettext(
        "Skill {skill}: alpha of its tasks is below zero ({alpha}), they are not related to each other. The results of "
        "single pupils on this skill cannot be relied on."
    )
    return text.format(skill=values["skill"], alpha=number(values["alpha"], 2))


def _unreliable(values: Values) -> str:
    text = gettext("The error of the sums is too great to allow for it (alpha below {needed}): no corrected number.")
    return text.format(needed=number(values["needed"], 1))


def _pupils_few_items(values: Values) -> str:
    n = values["n"]
    text = ngettext(
        "Skill {skill}: {n} pupil was given fewer than {needed} of its tasks and has no score of his own.",
        "Skill {skill}: {n} pupils were given fewer than {needed} of its tasks and have no scores of their own.",
        round(n),
    )
    return text.format(skill=values["skill"], n=number(n), needed=number(values["needed"]))


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "item_greatest_points_seen": _plain(
        N_("The greatest points of the tasks were not given: the greatest that a pupil has stand in for them.")
    ),
    "item_not_attempted_unknown": _plain(
        N_("Who did not attempt a task is not known: such pupils cannot be told from those who earned 0 points.")
    ),
    "item_points_not_attempted": _points_not_attempted,
    "item_pupils_without_items": _pupils_without_items,
    "item_pairwise": _pairwise,
    "item_fewer_than_two_pupils": _of_items(
        N_("{items}: not given to two pupils or more, hence in no covariance and not in alpha.")
    ),
    "item_maximum_unknown": _of_items(
        N_("{items}: nobody has a point and the greatest score is not given, so that the facility is not known.")
    ),
    "item_without_variance": _of_items(
        N_("{items}: all pupils have the same points. There are no correlations, and alpha is that of the other tasks.")
    ),
    "item_negative": _of_items(
        N_("{items}: the more points a pupil has on the other tasks, the fewer here. Check the key and the wording.")
    ),
    "item_one_pupil": _plain(N_("There is one pupil: only the points themselves can be shown.")),
    "item_few_pupils": _few_pupils,
    "item_all_equal": _plain(
        N_("On each task all pupils have the same points: alpha and the correlations are not defined.")
    ),
    "item_alone": _plain(
        N_("Pupils differ on one task only ({item}): alpha needs two, it and the correlations are not defined.")
    ),
    "item_pairs_apart": _pairs_apart,
    "item_sum_without_variance": _plain(
        N_("The sum of points has no variance: alpha and the correlations with the sum are not defined.")
    ),
    "item_alpha_negative": _alpha_negative,
    "item_two": _plain(
        N_("Pupils differ on two tasks only ({first} and {second}): without one of them there is no alpha.")
    ),
    "item_covariances_improper": _plain(
        N_(
            "The covariances, each from other pupils, do not fit together: alpha, omega and the correlations may leave "
            "their bounds."
        )
    ),
    "item_omega_few_items": _omega_few_items,
    "item_omega_at_bound": _of_items(
        N_("{items}: one factor takes up the whole variance, which is a sign of too few tasks or pupils for omega.")
    ),
    "item_omega_not_converged": _plain(N_("The search for one factor did not converge: omega must not be relied on.")),
    "distractor_empty_not_given": _plain(
        N_("Empty cells count as tasks that were not given: to count omissions, mark the tasks not attempted.")
    ),
    "distractor_scaled": _scaled,
    "distractor_few_pupils": _options_few_pupils,
    "distractor_not_given": _plain(N_("Item {item} was given to nobody.")),
    "distractor_unchosen": _unchosen,
    "distractor_key_unchosen": _plain(N_("Item {item}: nobody chose the right option {key}. Check the key.")),
    "distractor_one_option": _plain(
        N_("Item {item}: all pupils did the same, so that there is no correlation with the number of right answers.")
    ),
    "distractor_no_correlation": _plain(
        N_(
            "Item {item}: pupils do not differ in the number of right answers, in all or on the other tasks, and the "
            "correlation with it is not defined."
        )
    ),
    "distractor_key_negative": _plain(
        N_("Item {item}: who chose the right option {key} has fewer right answers on the other tasks. Check the key.")
    ),
    "distractor_positive": _chosen_by_the_strong(
        N_("Item {item}: the wrong option {option} ({n} pupil) was chosen rather by those with more right answers."),
        "Item {item}: the wrong option {option} ({n} pupils) was chosen rather by those with more right answers.",
    ),
    "distractor_above_key": _chosen_by_the_strong(
        N_(
            "Item {item}: the wrong option {option} ({n} pupil) goes with right answers more than the key. "
            "Check the key."
        ),
        "Item {item}: the wrong option {option} ({n} pupils) goes with right answers more than the key. Check the key.",
    ),
    "skills_items_unassigned": _of_items(N_("{items}: assigned to no skill by the experts, counted in none.")),
    "skills_items_shared": _of_items(N_("{items}: assigned to several skills, counted in each.")),
    "skills_items_not_given": _of_items(N_("{items}: given to nobody and not counted among the tasks of a skill.")),
    "skills_shares_of_given": _shares_of_given,
    "skills_without_items": _skills_without_items,
    "skills_few_items": _few_items,
    "skills_without_alpha": _plain(
        N_("Skill {skill}: alpha of its tasks is not defined, and the error of a single pupil’s score is not known.")
    ),
    "skills_alpha_above_one": _skill_alpha_above_one,
    "skills_errors_unknown": _skill_errors_unknown,
    "skills_alpha_negative": _skill_alpha_negative,
    "skills_pupils_few_items": _pupils_few_items,
    "skills_correlation_few_items": _plain(
        N_("No conclusion: {n_items} tasks on one of the sides, fewer than {needed}.")
    ),
    "skills_correlation_few_pupils": _plain(N_("No conclusion: pupils with both works, {n}, fewer than {needed}.")),
    "skills_correlation_few_classes": _plain(N_("No interval: classes, {n}, fewer than {needed}.")),
    "skills_correlation_unreliable": _unreliable,
    "skills_correlation_above_one": _plain(
        N_("The corrected number is above 1: its error, or errors of the two sums that go together.")
    ),
}
