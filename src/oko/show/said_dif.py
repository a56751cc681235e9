"""What the measures of `dif` say of their own results, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oko.language import N_, gettext, ngettext, number
from oko.show.item_names import these_items

Values = Mapping[str, Any]


def _items(values: Values) -> str:
    """Name the items at the beginning of a sentence."""
    items = values["items"]
    return these_items(", ".join(items), len(items))


def _of_items(text: str) -> Callable[[Values], str]:
    """Return a sentence about items whose text needs no more than their names."""
    return lambda values: gettext(text).format(items=_items(values))


def _group_unknown(values: Values) -> str:
    n = int(values["n"])
    text = ngettext(
        "{n} pupil is left out: the group is not known.", "{n} pupils are left out: their group is not known.", n
    )
    return text.format(n=number(n))


def _one_group(values: Values) -> str:
    text = gettext("All pupils (n = {n}) are of one group: there is nobody to compare them with.")
    return text.format(n=number(values["n"]))


def _few_pupils(values: Values) -> str:
    needed = int(values["needed"])
    text = ngettext(
        "Reference group: n = {reference}, focal group: n = {focal}. Conclusions about single tasks need at least "
        "{needed} pupil in each: these are rough.",
        "Reference group: n = {reference}, focal group: n = {focal}. Conclusions about single tasks need at least "
        "{needed} pupils in each: these are rough.",
        needed,
    )
    return text.format(reference=number(values["reference"]), focal=number(values["focal"]), needed=number(needed))


def _items_few_pupils(values: Values) -> str:
    needed = int(values["needed"])
    text = ngettext(
        "{items}: in one of the groups fewer than {needed} pupil took it; the result is rough.",
        "{items}: in one of the groups fewer than {needed} pupils took it; the result is rough.",
        needed,
    )
    return text.format(items=_items(values), needed=number(needed))


def _short_score(values: Values) -> str:
    n = int(values["n"])
    text = ngettext(
        "The score that pupils are matched on rests on {n} task, fewer than {needed}: a difference in one task shows "
        "in the others with the opposite sign.",
        "The score that pupils are matched on rests on {n} tasks, fewer than {needed}: a difference in one task shows "
        "in the others with the opposite sign.",
        n,
    )
    return text.format(n=number(n), needed=number(values["needed"]))


def _sets_of_items(values: Values) -> str:
    needed = int(values["needed"])
    text = gettext(
        "Pupils were given different sets of tasks (there are {sets}): pupils of one set with the same score are "
        "compared."
    )
    said = text.format(sets=number(values["sets"]))
    if not values["small"]:
        return said
    text = ngettext(
        "Sets given to fewer than {needed} pupil (there are {small}) are taken together and matched by the share of "
        "points.",
        "Sets given to fewer than {needed} pupils (there are {small}) are taken together and matched by the share of "
        "points.",
        needed,
    )
    return f"{said} {text.format(needed=number(needed), small=number(values['small']))}"


def _purification_stopped(values: Values) -> str:
    steps = int(values["steps"])
    text = ngettext(
        "The choice of tasks to match pupils on did not settle in {steps} step: the last step is given.",
        "The choice of tasks to match pupils on did not settle in {steps} steps: the last step is given.",
        steps,
    )
    return text.format(steps=number(steps))


def _purification_emptied(_: Values) -> str:
    return gettext(
        "Every task was flagged, so that none is left to match pupils on: the last possible result is given."
    )


def _purification_cycle(values: Values) -> str:
    text = gettext(
        "The choice of tasks to match pupils on goes in a circle, some being flagged and then not. {items}: the result "
        "is of step {steps}."
    )
    return text.format(items=_items(values), steps=number(values["steps"]))


def _most_items_flagged(values: Values) -> str:
    tested = int(values["tested"])
    text = ngettext(
        "{n} of {tested} task is flagged, more than half: the score that pupils are matched on is itself in doubt.",
        "{n} of {tested} tasks are flagged, more than half: the score that pupils are matched on is itself in doubt.",
        tested,
    )
    return text.format(n=number(values["n"]), tested=number(tested))


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "dif_group_unknown": _group_unknown,
    "dif_one_group": _one_group,
    "dif_few_pupils": _few_pupils,
    "dif_items_few_pupils": _items_few_pupils,
    "dif_short_score": _short_score,
    "dif_sets_of_items": _sets_of_items,
    "dif_items_not_taken": _of_items(
        N_("{items}: in one of the groups nobody took it, so there is no test, and pupils are not matched on it.")
    ),
    "dif_items_without_variance": _of_items(N_("{items}: all pupils have the same points, so there is no test.")),
    "dif_items_not_comparable": _of_items(
        N_("{items}: no comparable pupils of the two groups are found by the score, so there is no test.")
    ),
    "dif_items_few_compared": _of_items(
        N_(
            "{items}: fewer than half of the pupils have somebody of the other group with the same score to be "
            "compared with; the others have no part."
        )
    ),
    "dif_odds_ratio_unbounded": _of_items(
        N_(
            "{items}: the odds ratio has no finite estimate, since pupils with the same score differ one way only; the "
            "test of significance stands."
        )
    ),
    "dif_several_categories_mantel": _of_items(
        N_(
            "{items}: more than two different scores. Mantel’s test is used; the difference is in points, without an "
            "odds ratio."
        )
    ),
    "dif_several_categories_logistic": _of_items(
        N_("{items}: more than two different scores. Ordinal logistic regression is used (proportional odds).")
    ),
    "dif_items_predicted": _of_items(
        N_(
            "{items}: without the difference that is tested the model already tells the points without error, so there "
            "is no test."
        )
    ),
    "dif_items_separated": _of_items(
        N_(
            "{items}: score and group tell the points apart without error. The coefficients have no finite estimates "
            "and are not given; the test is rough."
        )
    ),
    "dif_items_not_converged": _of_items(
        N_("{items}: the search for estimates did not converge, these numbers must not be relied on.")
    ),
    "dif_purification_stopped": _purification_stopped,
    "dif_purification_emptied": _purification_emptied,
    "dif_purification_cycle": _purification_cycle,
    "dif_most_items_flagged": _most_items_flagged,
}
