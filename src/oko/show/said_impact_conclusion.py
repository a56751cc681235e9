"""What may be concluded of the effect of the model, in words: its size, what could be found, the final rule."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from oko.language import NO_BREAK_SPACE, gettext, ngettext, number, p_value, percent

Values = Mapping[str, Any]


def _no_pupil_variance(_: Values) -> str:
    return gettext(
        "The effect in standard deviations is not given: only means are known. The standard deviation of pupils in "
        "each school would be needed."
    )


def _size_band(values: Values) -> str:
    names = {"small": gettext("small"), "medium": gettext("medium"), "large": gettext("large")}
    text = gettext(
        "{effect} standard deviations: among interventions in education measured by pupils’ achievement this is "
        "{band} (Kraft: below {low} small, from {high} large)."
    )
    return text.format(
        effect=number(values["effect"], 2),
        band=names[values["band"]],
        low=number(values["low"], 2),
        high=number(values["high"], 2),
    )


def _size_unknown(_: Values) -> str:
    return gettext("The effect in standard deviations is not known and is not compared with other studies.")


def _detectable(values: Values) -> str:
    text = gettext(
        "With {treated} schools with the model and {others} others a true effect of {effect} standard deviations would "
        "be found with probability {power} (at a level of {alpha}); a smaller one would rather be missed."
    )
    return text.format(
        treated=number(values["n_treated"]),
        others=number(values["n_comparison"]),
        effect=number(values["effect"], 2),
        power=percent(values["power"]),
        alpha=percent(values["alpha"]),
    )


def _one_earlier_wave(values: Values) -> str:
    text = gettext(
        "Not enough information: earlier waves — {waves}, schools — {schools}. How much schools vary from year to year "
        "shows only in two waves of two schools or more."
    )
    return text.format(waves=number(values["n_waves"]), schools=number(values["n_schools"]))


def _no_year_variance(values: Values) -> str:
    df = int(values["df"])
    text = ngettext(
        "Schools’ means vary from year to year no more than chance of pupils explains: the variance is estimated as "
        "zero, by {df} degree of freedom. The smallest effect that would be found may therefore be too low.",
        "Schools’ means vary from year to year no more than chance of pupils explains: the variance is estimated as "
        "zero, by {df} degrees of freedom. The smallest effect that would be found may therefore be too low.",
        df,
    )
    return text.format(df=number(df))


def _exploratory(values: Values) -> str:
    n = int(values["n"])
    text = ngettext(
        "{n} outcome was not planned beforehand: it is exploratory, a question for further study and not a conclusion.",
        "{n} outcomes were not planned beforehand: they are exploratory, questions for further study and not "
        "conclusions.",
        n,
    )
    return text.format(n=number(n))


def p_with_sign(p: float) -> str:
    r"""Write a p with the sign that belongs to it.

    Examples
    --------
    >>> p_with_sign(0.0213).replace("\xa0", " "), p_with_sign(0.0002).replace("\xa0", " ")
    ('p = 0,021', 'p < 0,001')
    """
    written = p_value(p)
    return NO_BREAK_SPACE.join(["p", written] if written.startswith("<") else ["p", "=", written])


def _interval(values: Values) -> dict[str, str]:
    words = {name: number(values[name], 2) for name in ("estimate", "lower", "upper")}
    words |= {name: p_with_sign(values[name]) for name in ("p", "p_randomisation")}
    return {**words, "level": percent(values["level"])}


def _consistent_with_effect(values: Values) -> str:
    text = gettext(
        "The results are consistent with an effect of the model: {estimate} ({level} interval from {lower} to {upper}; "
        "{p}, by randomisation {p_randomisation}), provided that without it both groups would have changed "
        "alike."
    )
    return text.format(**_interval(values))


def _cannot_rule_out_zero(values: Values) -> str:
    if values["lower"] > 0 or values["upper"] < 0:
        text = gettext(
            "The two tests do not agree, and it cannot be ruled out that the effect is zero: {estimate} ({level} "
            "interval from {lower} to {upper}; {p}, by randomisation {p_randomisation})."
        )
        return text.format(**_interval(values))
    text = gettext(
        "It cannot be ruled out that the effect is zero: {estimate} ({level} interval from {lower} to {upper}; "
        "{p}, by randomisation {p_randomisation}). Nor can any other value inside the interval be ruled out."
    )
    return text.format(**_interval(values))


def _not_enough(values: Values) -> str:
    if not math.isfinite(values["df"]):
        text = gettext(
            "Not enough information for a conclusion: schools with the model — {treated}, other schools — {others} "
            "(needed: {needed} of each)."
        )
        return text.format(
            treated=number(values["n_treated"]), others=number(values["n_comparison"]), needed=number(values["needed"])
        )
    text = gettext(
        "Not enough information for a conclusion: schools with the model — {treated}, other schools — {others} "
        "(needed: {needed} of each), degrees of freedom — {df} (needed: {needed_df})."
    )
    return text.format(
        treated=number(values["n_treated"]),
        others=number(values["n_comparison"]),
        needed=number(values["needed"]),
        df=number(values["df"], 1),
        needed_df=number(values["needed_df"]),
    )


def _not_primary(values: Values) -> str:
    text = gettext(
        "This outcome is not the one that the protocol named: {estimate} ({level} interval from {lower} to {upper}; "
        "{p}, by randomisation {p_randomisation}) is a question for further study and not a conclusion."
    )
    return text.format(**_interval(values))


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "impact_no_pupil_variance": _no_pupil_variance,
    "impact_size_band": _size_band,
    "impact_size_unknown": _size_unknown,
    "impact_detectable": _detectable,
    "impact_one_earlier_wave": _one_earlier_wave,
    "impact_no_year_variance": _no_year_variance,
    "impact_exploratory": _exploratory,
    "impact_consistent_with_effect": _consistent_with_effect,
    "impact_cannot_rule_out_zero": _cannot_rule_out_zero,
    "impact_not_enough": _not_enough,
    "impact_not_primary": _not_primary,
}
