"""What models say, in words: value added of schools, the model behind it, and every coded remark of the measures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from oko.language import gettext, ngettext, number, percent, with_sign
from oko.measures.statement import Statement
from oko.show import (
    said_bias,
    said_dif,
    said_equating,
    said_evidence,
    said_factors,
    said_growth,
    said_impact,
    said_irt,
    said_items,
    said_raters,
    said_schools,
    said_survey,
    said_zones,
)
from oko.show.cells import is_exact, is_hidden

STANDARDISED = frozenset({"exam16", "lrt11"})
Values = Mapping[str, Any]


def unit_of(procedure: str) -> str:
    """Return the unit of a procedure's scores: "points", or "sd" where they are standardised."""
    return "sd" if procedure in STANDARDISED else "points"


def amount(value: float, unit: str = "points", *, signed: bool = False) -> str:
    """Write a difference of scores with its unit.

    Examples
    --------
    >>> from oko.language import used
    >>> with used("en"):
    ...     amount(0.5, signed=True)
    '+0.50 points'
    """
    text = with_sign(value, 2) if signed else number(value, 2)
    template = gettext("{value} standard deviations") if unit == "sd" else gettext("{value} points")
    return template.format(value=text)


def added(schools: pd.DataFrame, school: str, name: str, unit: str = "points") -> tuple[str, ...]:
    """Say what the model leaves for one school.

    Parameters
    ----------
    schools : DataFrame
        Index school: n, residual, lower, upper; of a protected table with ``hidden`` and ``hidden_cells``.
    school : str
        Code of the school.
    name : str
        Its name.
    unit : {"points", "sd"}

    Returns
    -------
    tuple of str
        A school that the model does not hold, or whose number is hidden, gets a sentence that says so.
    """
    rows = {code: row for code, row in schools.to_dict("index").items() if is_exact(row, "residual")}
    if school not in rows:
        text = gettext("{school}: there is no number, because too few pupils have both results or it is hidden.")
        return (text.format(school=name),)
    row = rows[school]
    n = number(row["n"]) if pd.notna(row["n"]) else gettext("hidden")
    if is_hidden(row, "lower") or is_hidden(row, "upper"):
        text = gettext(
            "{school}: the difference from what pupils’ earlier results lead to expect is {value} (n = {n}); its "
            "interval is hidden, so nothing is said of whether it can be told from chance."
        )
        return (text.format(school=name, value=amount(row["residual"], unit, signed=True), n=n),)
    if pd.isna(row["lower"]):
        text = gettext(
            "{school}: the difference from what pupils’ earlier results lead to expect is {value} (n = {n}); the "
            "schools are too few for an interval, so it cannot be told from chance."
        )
        return (text.format(school=name, value=amount(row["residual"], unit, signed=True), n=n),)
    template = gettext(
        "{school}: the difference from what pupils’ earlier results lead to expect is {value}, "
        "with 95% probability between {lower} and {upper} (n = {n})."
    )
    said = template.format(
        school=name,
        value=amount(row["residual"], unit, signed=True),
        lower=number(row["lower"], 2),
        upper=number(row["upper"], 2),
        n=n,
    )
    return said, _distinguished(float(row["lower"]), float(row["upper"]))


def _distinguished(lower: float, upper: float) -> str:
    if lower > 0:
        return gettext("It can be told from zero: the results are above the expected.")
    if upper < 0:
        return gettext("It can be told from zero: the results are below the expected.")
    return gettext("It cannot be told from zero.")


def told_apart(schools: pd.DataFrame) -> str:
    """Say for how many schools the difference from the expected can be told from zero.

    Parameters
    ----------
    schools : DataFrame
        residual, lower, upper; rows without a number do not count.
    """
    known = schools[schools["residual"].notna()]
    total = of_all(len(known))
    n = int(((known["lower"] > 0) | (known["upper"] < 0)).sum())
    if len(known) == 0:
        return gettext("No school has a number.")
    if known["lower"].isna().all():
        return gettext("Whether differences from the expected are more than chance is not known: too few schools.")
    if n == 0:
        return gettext("The difference from the expected cannot be told from zero for any {total}.").format(total=total)
    text = gettext("The difference from the expected can be told from zero for {n} {total}.")
    return text.format(n=number(n), total=total)


def of_all(n: int) -> str:
    """Count all schools after "of" (genitive)."""
    return ngettext("of {n} school", "of {n} schools", n).format(n=number(n))


def goldstein_healy() -> str:
    """Say how the bars of a caterpillar are read."""
    return gettext(
        "If the bars of two schools do not overlap, their difference can be told from zero with an error of about "
        "5% for an average single pair; for all pairs at once the error is greater. These bars are not for comparing "
        "a school with zero: the 95% interval is longer. The order of schools is fixed and says nothing."
    )


def prior_effect(estimate: float, se: float, unit: str = "points") -> str:
    """Say what goes with one unit more of the earlier result."""
    template = (
        gettext("Pupils whose earlier result is one standard deviation higher have {value} more (s.e. {se}).")
        if unit == "sd"
        else gettext("Pupils whose earlier result is one point higher have {value} more (s.e. {se}).")
    )
    return template.format(value=amount(estimate, unit), se=number(se, 3))


def between_schools(icc: float) -> str:
    """Say which share of the variance lies between schools."""
    text = gettext("Of the variance that earlier results leave, {share} lies between schools; the rest is within them.")
    share = gettext("less than {share}").format(share=percent(0.01)) if icc < 0.005 else percent(icc)
    return text.format(share=share)


def model(fixed: pd.DataFrame, variance: pd.Series, prior: str, unit: str = "points") -> tuple[str, ...]:
    """Put a model into words.

    Parameters
    ----------
    fixed : DataFrame
        Index term: estimate, se.
    variance : Series
        Components; ``icc``, or ``school`` and ``pupil``.
    prior : str
        The covariate that holds the earlier result.
    unit : {"points", "sd"}
    """
    said = []
    if prior in fixed.index:
        row: Any = fixed[["estimate", "se"]].astype(float).loc[prior]
        said.append(prior_effect(row["estimate"], row["se"], unit))
    icc = variance["icc"] if "icc" in variance else variance["school"] / (variance["school"] + variance["pupil"])
    return (*said, between_schools(float(icc)))


def words(statement: Statement) -> str:
    """Put a coded remark of a measure into a sentence.

    Raises
    ------
    KeyError
        The code has no sentence yet.

    Examples
    --------
    >>> from oko.language import used
    >>> with used("en"):
    ...     words(Statement("dropped_rows", {"n_dropped": 1}))
    '1 pupil is not in the model: one of the results is missing.'
    """
    return SENTENCES[statement.code](statement.values)


def _few_schools(values: Values) -> str:
    df = int(values["df"])
    text = ngettext(
        "Only {schools}: the variance between schools rests on {df} degree of freedom and is itself known roughly.",
        "Only {schools}: the variance between schools rests on {df} degrees of freedom and is itself known roughly.",
        df,
    )
    n = int(values["n_schools"])
    return text.format(schools=ngettext("{n} school", "{n} schools", n).format(n=number(n)), df=number(df))


def _boundary(values: Values) -> str:
    component = str(values["component"])
    if component == "school":
        return gettext("The variance between schools is estimated as zero: these data do not tell schools apart.")
    if "~" in component:
        return gettext(
            "The correlation of schools’ levels and slopes is estimated at its bound: the data are too few to know it."
        )
    return gettext("The variance of schools’ slopes is estimated as zero: these data show one slope for all.")


def _dropped_rows(values: Values) -> str:
    n = int(values["n_dropped"])
    text = ngettext(
        "{n} pupil is not in the model: one of the results is missing.",
        "{n} pupils are not in the model: one of the results is missing.",
        n,
    )
    return text.format(n=number(n))


def _not_converged(_: Values) -> str:
    return gettext("The search for estimates did not converge: the numbers of this model must not be relied on.")


def _slope_needs_schools(values: Values) -> str:
    needed, n = int(values["needed"]), int(values["n_schools"])
    text = ngettext(
        "No model with a slope for each school: it needs at least {needed} school, here {n}.",
        "No model with a slope for each school: it needs at least {needed} schools, here {n}.",
        needed,
    )
    return text.format(needed=number(needed), n=number(n))


def _not_estimated(values: Values) -> str:
    return gettext("Value added is not estimated. {reason}").format(
        reason=gettext(str(values["message"])).format(**values)
    )


def _link_missing(_: Values) -> str:
    return gettext(
        "The link is missing: participants’ codes change every year, and without the schools’ rosters nobody can tell "
        "which earlier results are the same pupils’. Such works are compared by parallel, not by pupil."
    )


SENTENCES: Mapping[str, Callable[[Values], str]] = {
    "few_schools": _few_schools,
    "boundary": _boundary,
    "dropped_rows": _dropped_rows,
    "not_converged": _not_converged,
    "slope_needs_schools": _slope_needs_schools,
    "not_estimated": _not_estimated,
    "link_missing": _link_missing,
    **said_items.SENTENCES,
    **said_irt.SENTENCES,
    **said_dif.SENTENCES,
    **said_factors.SENTENCES,
    **said_raters.SENTENCES,
    **said_equating.SENTENCES,
    **said_schools.SENTENCES,
    **said_growth.SENTENCES,
    **said_impact.SENTENCES,
    **said_evidence.SENTENCES,
    **said_bias.SENTENCES,
    **said_survey.SENTENCES,
    **said_zones.SENTENCES,
}
