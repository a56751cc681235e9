"""What the measures of `raters` say of their own results, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oko.language import gettext, ngettext, number, percent

Values = Mapping[str, Any]


def _no_subjects(_: Values) -> str:
    return gettext("Nothing was rated by both: there is no agreement to speak of.")


def _no_pairs(_: Values) -> str:
    return gettext("Nothing was rated by two or more: there is no agreement to speak of.")


def _one_category(values: Values) -> str:
    text = gettext(
        "All ratings (n = {n}) are of one category, {category}: chance would agree as well, and kappa has no value."
    )
    return text.format(n=number(values["n"]), category=values["category"])


def _no_interval(values: Values) -> str:
    text = gettext(
        "These ratings (n = {n}) give kappa no interval, as when agreement is full; it does not mean that "
        "kappa is exact."
    )
    return text.format(n=number(values["n"]))


def _categories_unused(values: Values) -> str:
    text = gettext("Nobody used these categories: {categories}.")
    return text.format(categories=", ".join(values["categories"]))


def _skills_without_kappa(values: Values) -> str:
    text = gettext(
        "Kappa has no value for some skills, because all judgements are the same or only one expert judged: {skills}."
    )
    return text.format(skills=", ".join(values["skills"]))


def _kappa_paradox(values: Values) -> str:
    text = gettext(
        "Agreement is {agreement}, but kappa only {kappa}: {share} of ratings are of one category, so that chance "
        "alone gives high agreement. Look at both numbers."
    )
    share = {name: percent(values[name]) for name in ("agreement", "share")}
    return text.format(kappa=number(values["kappa"], 2), **share)


def _few_subjects(values: Values) -> str:
    text = gettext("n = {n}, at least {needed} are advised: the interval of kappa is rough.")
    return text.format(n=number(values["n"]), needed=number(values["needed"]))


def _numbers_differ(values: Values) -> str:
    text = gettext(
        "The number of ratings differs, from {least} to {most}: each subject counts the same, and the formula is the "
        "generalised one."
    )
    return text.format(least=number(values["least"]), most=number(values["most"]))


def _too_few(values: Values) -> str:
    text = gettext("Rated by all: {n}, raters: {raters}. Without 2 of both there is no agreement to speak of.")
    return text.format(n=number(values["n"]), raters=number(values["raters"]))


def _all_ratings_equal(values: Values) -> str:
    text = gettext(
        "All ratings are equal (rated: {n}, raters: {raters}): intraclass correlations have no value, because nothing "
        "differs."
    )
    return text.format(n=number(values["n"]), raters=number(values["raters"]))


def _icc_negative(values: Values) -> str:
    text = gettext("{kinds} below zero: raters of one subject differ no less than ratings of different subjects.")
    return text.format(kinds=", ".join(values["kinds"]))


def _icc_unknown(values: Values) -> str:
    text = gettext(
        "{kinds}: the value or its interval cannot be computed, because one of the sources of differences is zero or "
        "the ratings contradict each other."
    )
    return text.format(kinds=", ".join(values["kinds"]))


def _without_ratings(values: Values) -> str:
    text = gettext("Left out, because they gave no rating: {raters}.")
    return text.format(raters=", ".join(values["raters"]))


def _targets_dropped(values: Values) -> str:
    n = int(values["n"])
    text = ngettext(
        "{dropped} of {n} row is left out: a rating is missing.",
        "{dropped} of {n} rows are left out: a rating is missing.",
        n,
    )
    return text.format(dropped=number(values["n_dropped"]), n=number(n))


def _few_targets(values: Values) -> str:
    text = gettext(
        "Rated: {n}, raters: {raters}. At least {needed} and {needed_raters} are advised: the intervals are wide."
    )
    return text.format(**{name: number(value) for name, value in values.items()})


def _without_variance(values: Values) -> str:
    text = gettext("All ratings of one rater are the same: {raters}.")
    return text.format(raters=", ".join(values["raters"]))


def _one_expert(values: Values) -> str:
    n = int(values["n_items"])
    text = ngettext(
        "One expert judged {n} item: the matrix is this expert’s opinion, and there is no agreement to speak of.",
        "One expert judged {n} items: the matrix is this expert’s opinion, and there is no agreement to speak of.",
        n,
    )
    return text.format(n=number(n))


def _cells_of_one_expert(values: Values) -> str:
    of = int(values["of"])
    text = ngettext(
        "{n} of {of} cell was judged by one expert only: the agreement is that of the others.",
        "{n} of {of} cells were judged by one expert only: the agreement is that of the others.",
        of,
    )
    return text.format(n=number(values["n_cells"]), of=number(of))


def _parts_of_weight(values: Values) -> str:
    text = gettext("Judgements between 0 and 1 (there are {n}) count as “needed” from {cut} up, as “not needed” below.")
    return text.format(n=number(values["n"]), cut=number(values["cut"], 2))


def _items_to_discuss(values: Values) -> str:
    items = values["items"]
    text = ngettext(
        "To be discussed, because experts do not agree: item {items}.",
        "To be discussed, because experts do not agree: items {items}.",
        len(items),
    )
    return text.format(items="; ".join(items))


def _undecided(values: Values) -> str:
    of = int(values["of"])
    text = ngettext(
        "No majority in {n} of {of} cell: it stays empty in the matrix.",
        "No majority in {n} of {of} cells: they stay empty in the matrix.",
        of,
    )
    return text.format(n=number(values["n_cells"]), of=number(of))


def _raters_one_rating(values: Values) -> str:
    n = values["n"]
    text = ngettext(
        "{n} subject has only one rating and does not count for the agreement.",
        "{n} subjects have only one rating each and do not count for the agreement.",
        round(n),
    )
    return text.format(n=number(n))


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "raters_no_subjects": _no_subjects,
    "raters_no_pairs": _no_pairs,
    "raters_one_category": _one_category,
    "raters_no_interval": _no_interval,
    "raters_categories_unused": _categories_unused,
    "raters_skills_without_kappa": _skills_without_kappa,
    "raters_kappa_paradox": _kappa_paradox,
    "raters_few_subjects": _few_subjects,
    "raters_numbers_differ": _numbers_differ,
    "raters_too_few": _too_few,
    "raters_all_ratings_equal": _all_ratings_equal,
    "raters_icc_negative": _icc_negative,
    "raters_icc_unknown": _icc_unknown,
    "raters_without_ratings": _without_ratings,
    "raters_targets_dropped": _targets_dropped,
    "raters_few_targets": _few_targets,
    "raters_without_variance": _without_variance,
    "raters_one_expert": _one_expert,
    "raters_cells_of_one_expert": _cells_of_one_expert,
    "raters_parts_of_weight": _parts_of_weight,
    "raters_items_to_discuss": _items_to_discuss,
    "raters_undecided": _undecided,
    "raters_one_rating": _raters_one_rating,
}
