"""What the measures of `factors` say of their own results, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oko.language import gettext, ngettext, number
from oko.show.item_names import these_items

Values = Mapping[str, Any]


def _items(values: Values) -> str:
    """Name the items at the beginning of a sentence."""
    items = values["items"]
    return these_items(", ".join(items), len(items))


def _items_without_variance(values: Values) -> str:
    text = gettext(
        "{items}: nobody took it, or all who did have the same points; the analysis goes without such items."
    )
    return text.format(items=_items(values))


def _few_items(values: Values) -> str:
    needed = int(values["needed"])
    text = ngettext(
        "Items that can be analysed: {n}; to speak of factors, at least {needed} item is needed.",
        "Items that can be analysed: {n}; to speak of factors, at least {needed} items are needed.",
        needed,
    )
    return text.format(n=number(values["n_items"]), needed=number(needed))


def _pairs_unknown(values: Values) -> str:
    first, second = values["items"]
    text = gettext(
        "Items {first} and {second} have no correlation: nobody took both, or those who did have the same points on "
        "one of them. Such pairs: {n}. Factors were not looked for."
    )
    return text.format(first=first, second=second, n=number(values["n_pairs"]))


def _not_positive_definite(values: Values) -> str:
    text = gettext(
        "Correlations of different pairs of items come from different pupils and contradict each other (the smallest "
        "eigenvalue is {smallest}): the factors are rough."
    )
    return text.format(smallest=number(values["smallest"], 3))


def _singular(_: Values) -> str:
    return gettext(
        "The points of some item follow exactly from those of others: an item or a total stands twice in the table, or "
        "there are no more pupils than items."
    )


def _not_counted(_: Values) -> str:
    return gettext("Only principal components are counted: for factors the correlations must have an inverse.")


def _few_pupils(values: Values) -> str:
    n_items = int(values["n_items"])
    text = ngettext(
        "n = {n} for {items} item: at least {needed} pupils are advised; with another group of pupils the factors may "
        "come out differently.",
        "n = {n} for {items} items: at least {needed} pupils are advised; with another group of pupils the factors may "
        "come out differently.",
        n_items,
    )
    return text.format(n=number(values["n"]), items=number(n_items), needed=number(values["needed"]))


def _not_identified(values: Values) -> str:
    n_items = int(values["n_items"])
    text = ngettext(
        "{n} factors cannot be found from {items} item: ask for fewer.",
        "{n} factors cannot be found from {items} items: ask for fewer.",
        n_items,
    )
    return text.format(n=number(values["n_factors"]), items=number(n_items))


def _heywood(values: Values) -> str:
    text = gettext(
        "{items}: the factors take all of the variance, which real items do not allow. Usually there are too many "
        "factors or too few pupils."
    )
    return text.format(items=_items(values))


def _not_converged(values: Values) -> str:
    text = gettext("The loadings are not final: the search stopped early (the gradient is {gradient}).")
    return text.format(gradient=number(values["gradient_norm"], 8))


def _rotation_not_converged(values: Values) -> str:
    text = gettext("The rotation is not final: the search stopped early (the gradient is {gradient}).")
    return text.format(gradient=number(values["gradient_norm"], 8))


def _general_needs_three(values: Values) -> str:
    text = gettext(
        "Factors asked for: {n}. The share of the general factor can be found from 3 factors up; here only the share "
        "of all factors together is given."
    )
    return text.format(n=number(values["n_factors"]))


def _items_against(values: Values) -> str:
    text = gettext(
        "{items}: more points go with a lower level of what is common to the others. Look at the key and at the coding "
        "of the points."
    )
    return text.format(items=_items(values))


def _group_vanishes(values: Values) -> str:
    text = gettext("Factor {factors} cannot be told from the general factor: it has no share of its own.")
    return text.format(factors=", ".join(values["factors"]))


def _sum_without_variance(_: Values) -> str:
    return gettext("The sum of points does not vary: it has no reliability.")


def _factors_too_few_pupils(values: Values) -> str:
    n = values["n"]
    text = ngettext(
        "{n} pupil: factors are not looked for with fewer than three.",
        "{n} pupils: factors are not looked for with fewer than three.",
        round(n),
    )
    return text.format(n=number(n))


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "factors_items_without_variance": _items_without_variance,
    "factors_few_items": _few_items,
    "factors_pairs_unknown": _pairs_unknown,
    "factors_not_positive_definite": _not_positive_definite,
    "factors_singular": _singular,
    "factors_not_counted": _not_counted,
    "factors_few_pupils": _few_pupils,
    "factors_not_identified": _not_identified,
    "factors_heywood": _heywood,
    "factors_not_converged": _not_converged,
    "factors_rotation_not_converged": _rotation_not_converged,
    "factors_general_needs_three": _general_needs_three,
    "factors_items_against": _items_against,
    "factors_group_vanishes": _group_vanishes,
    "factors_sum_without_variance": _sum_without_variance,
    "factors_too_few_pupils": _factors_too_few_pupils,
}
