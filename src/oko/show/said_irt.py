"""What the measures of `irt` say of their own results, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oko.language import gettext, ngettext, number, percent
from oko.show import said_irt_after
from oko.show.item_names import listed

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
    points = values["points"]
    text = ngettext(
        "Task {item}: nobody has {points} points; this score category is not in the model.",
        "Task {item}: nobody has {points} points; these score categories are not in the model.",
        len(points),
    )
    return text.format(item=values["item"], points=listed(points))


def _no_answers(values: Values) -> str:
    n = round(values["n"])
    text = ngettext(
        "{n} pupil has no points on any task of the model and is not in it.",
        "{n} pupils have no points on any task of the model and are not in it.",
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
    text = ngettext(
        "Task {items}: its discrimination is beyond what such data can show; it splits pupils almost without "
        "exception, and the number must not be relied on.",
        "Tasks {items}: their discrimination is beyond what such data can show; they split pupils almost without "
        "exception, and the numbers must not be relied on.",
        len(values["items"]),
    )
    return text.format(items=listed(values["items"]))


def _negative(values: Values) -> str:
    text = ngettext(
        "Task {items}: its discrimination is below zero, pupils with weaker preparation solve it more often. "
        "Check its key and its wording.",
        "Tasks {items}: their discrimination is below zero, pupils with weaker preparation solve them more often. "
        "Check their keys and their wording.",
        len(values["items"]),
    )
    return text.format(items=listed(values["items"]))


def _flat(values: Values) -> str:
    text = ngettext(
        "Task {items}: its discrimination cannot be told from zero, and its difficulty means nothing then.",
        "Tasks {items}: their discrimination cannot be told from zero, and their difficulties mean nothing then.",
        len(values["items"]),
    )
    return text.format(items=listed(values["items"]))


def _steps_disordered(values: Values) -> str:
    text = ngettext(
        "Task {items}: a score between zero and the greatest is rare, and at no level of preparation the most probable "
        "(the steps do not ascend).",
        "Tasks {items}: a score between zero and the greatest is rare, and at no level of preparation the most "
        "probable (the steps do not ascend).",
        len(values["items"]),
    )
    return text.format(items=listed(values["items"]))


def _m2_not_given(values: Values) -> str:
    reasons = {
        "categories": gettext("some tasks have more than two score categories"),
        "missing": gettext("not all pupils were given all tasks"),
        "not_converged": gettext("the search for its parameters did not converge"),
        "pupils": gettext("there are too few pupils"),
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
