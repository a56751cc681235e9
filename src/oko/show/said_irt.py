"""What the measures of `irt` say of their own results, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oko.language import gettext, ngettext, number, percent
from oko.show import said_irt_after

Values = Mapping[str, Any]


def _not_taken(values: Values) -> str:
    text = gettext("Task {item}: nobody was given it, so that nothing is known of it; it is left out of the model.")
    return text.format(item=values["item"])


def _same_points(values: Values) -> str:
    text = gettext(
        "Task {item}: all pupils have the same points ({points}), so that it tells nobody from anybody; "
        "it is left out of the model."
    )
    return text.format(item=values["item"], points=f"{values['points']:g}")


def _category_unreached(values: Values) -> str:
    text = gettext("Task {item}: nobody has exactly {points} points; this score category is not in the model.")
    return text.format(item=values["item"], points=f"{values['points']:g}")


def _no_answers(values: Values) -> str:
    n = round(values["n"])
    text = ngettext(
        "{n} pupil has no points on any task and is not in the model.",
        "{n} pupils have no points on any task and are not in the model.",
        n,
    )
    return text.format(n=number(n))


def _missing(values: Values) -> str:
    text = gettext(
        "Empty cells ({share} of all) count as tasks that were not given, never as zeros. This is right where "
        "variants differ or cells are empty by chance, not where weaker pupils left tasks out."
    )
    return text.format(share=percent(values["share"], 1))


def _unlinked(_: Values) -> str:
    return gettext(
        "Some variants share no task with the others: their tasks are on one scale only if the pupils who wrote them "
        "are on average equally prepared."
    )


def _few_pupils(values: Values) -> str:
    n = round(values["n"])
    text = ngettext(
        "{n} pupil in the model, at least {needed} are needed: parameters of tasks are known only roughly.",
        "{n} pupils in the model, at least {needed} are needed: parameters of tasks are known only roughly.",
        n,
    )
    return text.format(n=number(n), needed=number(values["needed"]))


def _few_items(values: Values) -> str:
    n = int(values["n"])
    text = ngettext(
        "No model: {n} task has different points, at least {needed} are needed.",
        "No model: {n} tasks have different points, at least {needed} are needed.",
        n,
    )
    return text.format(n=number(n), needed=number(values["needed"]))


def _no_spread(_: Values) -> str:
    return gettext(
        "The variance of ability is estimated as zero: answers to different tasks are not connected, "
        "and the work does not tell pupils apart."
    )


def _steep(values: Values) -> str:
    text = gettext(
        "Task {item}: its discrimination ({value}) is beyond what such data can show; "
        "pupils are split by it almost without exception, and the number must not be relied on."
    )
    return text.format(item=values["item"], value=number(values["discrimination"], 1))


def _negative(values: Values) -> str:
    text = gettext(
        "Task {item}: its discrimination is below zero ({value}): pupils with weaker preparation solve it more often. "
        "Check its key and its wording."
    )
    return text.format(item=values["item"], value=number(values["discrimination"], 2))


def _flat(values: Values) -> str:
    text = gettext(
        "Task {item}: its discrimination ({value}) cannot be told from zero, and its difficulty means nothing then."
    )
    return text.format(item=values["item"], value=number(values["discrimination"], 2))


def _steps_disordered(values: Values) -> str:
    text = ngettext(
        "Task {items}: a score between zero and the greatest is rare, and at no level of preparation the most probable "
        "(the steps do not ascend).",
        "Tasks {items}: a score between zero and the greatest is rare, and at no level of preparation the most "
        "probable (the steps do not ascend).",
        values["n"],
    )
    return text.format(items=values["items"])


def _m2_not_given(values: Values) -> str:
    reasons = {
        "categories": gettext("some tasks have more than two score categories"),
        "missing": gettext("not all pupils were given all tasks"),
        "df": gettext("there are too few tasks"),
        "singular": gettext("some tasks repeat one another"),
    }
    text = gettext("The fit of the model by pairs of tasks (M2) is not computed: {reason}.")
    return text.format(reason=reasons[values["reason"]])


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "irt_not_taken": _not_taken,
    "irt_same_points": _same_points,
    "irt_category_unreached": _category_unreached,
    "irt_no_answers": _no_answers,
    "irt_missing": _missing,
    "irt_unlinked": _unlinked,
    "irt_few_pupils": _few_pupils,
    "irt_few_items": _few_items,
    "irt_no_spread": _no_spread,
    "irt_steep": _steep,
    "irt_negative": _negative,
    "irt_flat": _flat,
    "irt_steps_disordered": _steps_disordered,
    "irt_m2_not_given": _m2_not_given,
    **said_irt_after.SENTENCES,
}
