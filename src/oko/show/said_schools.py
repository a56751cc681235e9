"""What the measures of `schools` say of their own results, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from oko.language import gettext, ngettext, number, percent

Values = Mapping[str, Any]


def _few_groups(values: Values) -> str:
    df = int(values["df"])
    text = ngettext(
        "“{level}” has only {n} groups: the variance between them rests on {df} degree of freedom and is itself known "
        "roughly.",
        "“{level}” has only {n} groups: the variance between them rests on {df} degrees of freedom and is itself known "
        "roughly.",
        df,
    )
    return text.format(level=values["level"], n=number(values["n"]), df=number(df))


def _boundary(values: Values) -> str:
    level, component = str(values["level"]), str(values["component"])
    if component == level:
        text = gettext(
            "The variance between groups of “{level}” is estimated as zero: these data do not tell the groups apart."
        )
    elif "~" in component:
        text = gettext(
            "The correlation of levels and slopes of “{level}” is estimated at its bound: the data are too few to "
            "know it."
        )
    else:
        text = gettext(
            "The variance of slopes of “{level}” is estimated as zero: these data show one slope for all groups."
        )
    return text.format(level=level)


def _pupils_in_two(values: Values) -> str:
    n = int(values["n_pupils"])
    text = ngettext(
        "{n} pupil stands in two or more schools and is left out of the model: correct the rosters.",
        "{n} pupils stand in two or more schools and are left out of the model: correct the rosters.",
        n,
    )
    return text.format(n=number(n))


def _left_out(values: Values) -> str:
    n = int(values["n_schools"])
    text = ngettext(
        "{n} school is not in the model: fewer than {fewest} of its pupils have both results.",
        "{n} schools are not in the model: fewer than {fewest} pupils of each have both results.",
        n,
    )
    return text.format(n=number(n), fewest=number(values["fewest"]))


def _apart(values: Values) -> str:
    n = int(values["n_schools"])
    text = ngettext(
        "{n} school is not in the model: beside its mean scores its difference from the expected would tell the scores "
        "of a few pupils who have one of the two results alone.",
        "{n} schools are not in the model: beside their mean scores their differences from the expected would tell the "
        "scores of a few pupils who have one of the two results alone.",
        n,
    )
    return text.format(n=number(n))


def _variance_from_zero(values: Values) -> str:
    text = gettext("These variances may be zero: with confidence of {level} the data cannot rule it out ({variances}).")
    return text.format(level=percent(values["level"]), variances=", ".join(values["variances"]))


def _places(values: Values) -> str:
    text = gettext(
        "This is no ranking. With confidence of {level} half of the schools could stand at {places} or more of "
        "{n_schools} places: single places must not be read."
    )
    places = number(values["places"], 0 if float(values["places"]).is_integer() else 1)
    return text.format(level=percent(values["level"]), places=places, n_schools=number(values["n_schools"]))


def _new_without_variance(_: Values) -> str:
    return gettext(
        "The variance between schools is estimated as zero: the interval of a new school holds only the error of the "
        "estimates and is probably too narrow."
    )


def _few_df(values: Values) -> str:
    df, level = int(values["df"]), str(values["level"])
    if level == "school":
        text = ngettext(
            "Not enough information: the variance between schools rests on {df} degree of freedom, {needed} or more "
            "are needed. Intervals built on it are not given: there must be more schools, at least {more} more.",
            "Not enough information: the variance between schools rests on {df} degrees of freedom, {needed} or more "
            "are needed. Intervals built on it are not given: there must be more schools, at least {more} more.",
            df,
        )
    else:
        text = ngettext(
            "Not enough information: the variance between groups of “{level}” rests on {df} degree of freedom, "
            "{needed} or more are needed. Intervals built on it are not given: there must be more groups, at least "
            "{more} more.",
            "Not enough information: the variance between groups of “{level}” rests on {df} degrees of freedom, "
            "{needed} or more are needed. Intervals built on it are not given: there must be more groups, at least "
            "{more} more.",
            df,
        )
    return text.format(level=level, **{name: number(values[name]) for name in ("df", "needed", "more")})


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "schools_few_groups": _few_groups,
    "schools_few_df": _few_df,
    "schools_boundary": _boundary,
    "schools_apart": _apart,
    "schools_left_out": _left_out,
    "schools_pupils_in_two": _pupils_in_two,
    "schools_variance_from_zero": _variance_from_zero,
    "schools_places": _places,
    "schools_new_without_variance": _new_without_variance,
}
