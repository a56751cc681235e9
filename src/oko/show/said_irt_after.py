"""What abilities, item fit, dependence, Wright maps and conditional estimates say of themselves, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oko.language import gettext, ngettext, number, percent

Values = Mapping[str, Any]


def _items_unknown(values: Values) -> str:
    n = int(values["n"])
    text = ngettext(
        "Task {items} is not among those with known parameters and does not count ({n} task).",
        "Tasks {items} are not among those with known parameters and do not count ({n} tasks).",
        n,
    )
    return text.format(items=values["items"], n=number(n))


def _points_unseen(values: Values) -> str:
    n = round(values["n"])
    text = ngettext(
        "Task {item}: the sample that its parameters come from has no such points ({points}); for {n} pupil they "
        "count as the nearest score below that it has.",
        "Task {item}: the sample that its parameters come from has no such points ({points}); for {n} pupils they "
        "count as the nearest score below that it has.",
        n,
    )
    return text.format(item=values["item"], points=values["points"], n=number(n))


def _no_known_items(values: Values) -> str:
    n = round(values["n"])
    text = ngettext(
        "{n} pupil was given no task with known parameters: there is no ability.",
        "{n} pupils were given no task with known parameters: there are no abilities.",
        n,
    )
    return text.format(n=number(n))


def _ability_unknown(values: Values) -> str:
    n = round(values["n"])
    text = ngettext(
        "{n} pupil was given tasks with known parameters and yet has no ability: these tasks are too flat or too steep "
        "to compute it. Check their parameters.",
        "{n} pupils were given tasks with known parameters and yet have no abilities: these tasks are too flat or too "
        "steep to compute them. Check their parameters.",
        n,
    )
    return text.format(n=number(n))


def _fit_sets(values: Values) -> str:
    sets = int(values["sets"])
    text = ngettext(
        "S-X² compares pupils with the same tasks: it rests on {used} of {n} pupils ({sets} set of tasks); "
        "the other sets are too small.",
        "S-X² compares pupils with the same tasks: it rests on {used} of {n} pupils ({sets} sets of tasks); "
        "the other sets are too small.",
        sets,
    )
    return text.format(used=number(round(values["used"])), n=number(round(values["n"])), sets=number(sets))


def _fit_untested(values: Values) -> str:
    text = gettext(
        "Task {item}: there are too few pupils or too few totals, or too steep tasks, to test by S-X² whether it fits "
        "the model."
    )
    return text.format(item=values["item"])


def _pair_dependent(values: Values) -> str:
    text = gettext(
        "Tasks {item} and {other} have more in common than ability: their Q3 is {value}, of all pairs {mean} on "
        "average. Read them: one may lean on the other, or both on one text."
    )
    return text.format(
        item=values["item"], other=values["other"], value=number(values["q3"], 2), mean=number(values["mean"], 2)
    )


def _pairs_unknown(values: Values) -> str:
    n = int(values["n"])
    text = ngettext(
        "For {n} pair of tasks there is no Q3: no two pupils were given both, or their answers do not vary.",
        "For {n} pairs of tasks there is no Q3: no two pupils were given both, or their answers do not vary.",
        n,
    )
    return text.format(n=number(n))


def _wright_range(values: Values) -> str:
    text = gettext(
        "{above} of pupils are above the hardest threshold of the tasks, {below} below the easiest: "
        "of them the work tells little."
    )
    return text.format(above=percent(values["above"], 1), below=percent(values["below"], 1))


def _wright_empty(_: Values) -> str:
    return gettext("There is no map of pupils and tasks: no pupil has an ability, or no task has a threshold.")


def _conditional_same_points(values: Values) -> str:
    text = gettext(
        "Task {item}: all pupils who count (neither no points nor all points) have the same points on it, "
        "so that its difficulty cannot be told."
    )
    return text.format(item=values["item"])


def _conditional_points(values: Values) -> str:
    text = gettext(
        "Task {item}: {points} points are only with pupils who have no points or all points, "
        "and this score category has no parameters."
    )
    return text.format(item=values["item"], points=f"{values['points']:g}")


def _conditional_extreme(values: Values) -> str:
    n = round(values["n"])
    text = ngettext(
        "{n} pupil with no points or all points does not count: of differences between tasks such answers say nothing.",
        "{n} pupils with no points or all points do not count: of differences between tasks such answers say nothing.",
        n,
    )
    return text.format(n=number(n))


def _conditional_separated(values: Values) -> str:
    text = gettext(
        "Difficulties cannot be told: no pupil got more on the harder of two sets of tasks than on the easier "
        "({items} are apart from the rest), so that nothing shows how far apart they are."
    )
    return text.format(items=values["items"])


def _conditional_unlinked(values: Values) -> str:
    text = gettext(
        "Difficulties cannot be told on one scale: no pupil who was given tasks {items} was given any of the others."
    )
    return text.format(items=values["items"])


def _andersen_groups(values: Values) -> str:
    n = int(values["n"])
    text = ngettext(
        "There is {n} group of pupils, and at least two are needed to compare difficulties.",
        "There are {n} groups of pupils, and at least two are needed to compare difficulties.",
        n,
    )
    return text.format(n=number(n))


def _andersen_untested(_: Values) -> str:
    return gettext("Difficulties of groups are not compared: fewer than two tasks have one in every group.")


def _andersen_items(values: Values) -> str:
    n = int(values["n"])
    text = ngettext(
        "Task {items} is left out of the comparison ({n} task): in some group its difficulty cannot be told.",
        "Tasks {items} are left out of the comparison ({n} tasks): in some group their difficulties cannot be told.",
        n,
    )
    return text.format(items=values["items"], n=number(n))


def _andersen_small(values: Values) -> str:
    n = round(values["n"])
    text = ngettext(
        "Group {group}: {n} pupil who counts, at least {needed} are needed for the test to be relied on.",
        "Group {group}: {n} pupils who count, at least {needed} are needed for the test to be relied on.",
        n,
    )
    return text.format(group=values["group"], n=number(n), needed=number(values["needed"]))


def _andersen_small_half(values: Values) -> str:
    n = round(values["n"])
    low, high = (
        ngettext(
            "Of the pupils at or below the median {n} counts, at least {needed} are needed for the test to be relied "
            "on.",
            "Of the pupils at or below the median {n} count, at least {needed} are needed for the test to be relied "
            "on.",
            n,
        ),
        ngettext(
            "Of the pupils above the median {n} counts, at least {needed} are needed for the test to be relied on.",
            "Of the pupils above the median {n} count, at least {needed} are needed for the test to be relied on.",
            n,
        ),
    )
    return (low if values["half"] == "low" else high).format(n=number(n), needed=number(values["needed"]))


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "irt_items_unknown": _items_unknown,
    "irt_points_unseen": _points_unseen,
    "irt_no_known_items": _no_known_items,
    "irt_ability_unknown": _ability_unknown,
    "irt_fit_sets": _fit_sets,
    "irt_fit_untested": _fit_untested,
    "irt_pair_dependent": _pair_dependent,
    "irt_pairs_unknown": _pairs_unknown,
    "irt_wright_range": _wright_range,
    "irt_wright_empty": _wright_empty,
    "irt_conditional_same_points": _conditional_same_points,
    "irt_conditional_points": _conditional_points,
    "irt_conditional_extreme": _conditional_extreme,
    "irt_conditional_separated": _conditional_separated,
    "irt_conditional_unlinked": _conditional_unlinked,
    "irt_andersen_groups": _andersen_groups,
    "irt_andersen_untested": _andersen_untested,
    "irt_andersen_items": _andersen_items,
    "irt_andersen_small": _andersen_small,
    "irt_andersen_small_half": _andersen_small_half,
}
