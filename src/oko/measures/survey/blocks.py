"""Blocks of statements: how schools stand on them, and how far their sum can be relied on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.grouping import grouped
from oko.measures.intervals import bounded_interval, check_level, clustered_means
from oko.measures.items import analyse
from oko.measures.schools import value_added
from oko.measures.statement import Statement, named
from oko.measures.survey.agreement import check_threshold
from oko.measures.survey.answers import FEWEST, HIGHEST, LOWEST, blocks_of, read_answers, respondent_columns

ENOUGH_FOR_ALPHA = 30
_PROFILE = ["block", "school", "n", "hidden", "mean", "mean_lower", "mean_upper", "shrunken", "gh_lower", "gh_upper"]


def profiles(
    answers: pd.DataFrame,
    blocks: Mapping[str, str] | None = None,
    *,
    threshold: int = FEWEST,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the profile of each school over the blocks of statements.

    Parameters
    ----------
    answers : DataFrame, one row an answer
        Columns ``school``, ``respondent``, ``statement``, ``answer`` (1 to 5); ``year`` where known, and then one year
        only.
    blocks : mapping of str to str, optional
        Block of each statement; by default the letters that its code begins with.
    threshold : int, default 5
        Schools with fewer respondents are not shown.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row a block and a school: ``block``, ``school``, ``n`` respondents, ``hidden``; ``mean`` of respondents'
        means (1 to 5) with ``mean_lower``, ``mean_upper`` (t, from respondents); ``shrunken`` towards the mean of
        schools, with Goldstein–Healy bars ``gh_lower``, ``gh_upper``. Schools stand by their codes. Statements in
        ``.attrs["statements"]``.

    Raises
    ------
    MeasureError
        A column is missing, answers are wrong, there are two years, or threshold or level are wrong.

    Notes
    -----
    A respondent counts in a block with the mean of the statements answered, if at least half of them were. Shrunken
    means are those of `schools.value_added` without covariates; schools below the threshold take part in them and are
    hidden.

    Examples
    --------
    >>> answers = pd.DataFrame({"school": ["a"] * 6 + ["b"] * 6 + ["c"] * 6, "respondent": [*range(6)] * 3,
    ...     "statement": "a1", "answer": [5, 4, 5, 4, 5, 4, 2, 3, 2, 3, 2, 3, 3, 4, 3, 4, 3, 4]})
    >>> profiles(answers)[["school", "mean", "shrunken"]].round(2).to_dict("list")
    {'school': ['a', 'b', 'c'], 'mean': [4.5, 2.5, 3.5], 'shrunken': [4.45, 2.55, 3.5]}
    """
    check_level(level)
    check_threshold(threshold)
    rows = read_answers(answers)
    if "year" in rows and rows["year"].nunique() > 1:
        raise MeasureError("The answers are of several years: give those of one.")
    rows = rows.assign(block=blocks_of(rows["statement"], blocks))
    person = _by_respondent(rows)
    tables: list[pd.DataFrame] = []
    unknown: list[object] = []
    alike: list[object] = []
    for block, own in person.groupby("block", sort=True, observed=True):
        table = _schools(own, level)
        shrunken, flat = _shrunken(own)
        if shrunken is None:
            unknown.append(block)
        elif flat:
            alike.append(block)
        if shrunken is None:
            shrunken = table[["school"]].assign(shrunken=np.nan, gh_lower=np.nan, gh_upper=np.nan)
        tables.append(table.astype({"school": object}).merge(shrunken, on="school", how="left").assign(block=block))
    found = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=_PROFILE)
    found["hidden"] = (found["n"] < threshold).astype(bool)
    found = found[_PROFILE]
    found.loc[found["hidden"], _PROFILE[4:]] = np.nan
    found.attrs["statements"] = _remarks(found, unknown, alike, threshold)
    return found


def _by_respondent(rows: pd.DataFrame) -> pd.DataFrame:
    """Return each respondent's mean in each block where half of the statements or more were answered."""
    keys = [*respondent_columns(rows), "block"]
    means = rows.groupby(keys, observed=True, dropna=False)["answer"].agg(["mean", "count"]).reset_index()
    size = rows.groupby("block", observed=True)["statement"].nunique()
    return means[means["count"] >= means["block"].map(size).to_numpy(dtype=np.float64) / 2]


def _schools(person: pd.DataFrame, level: float) -> pd.DataFrame:
    group, keys = grouped(person, ["school"])
    values = person["mean"].to_numpy(dtype=np.float64)
    means = clustered_means(values, np.ones(len(values)), group, group, len(keys))
    lower, upper = bounded_interval(means, LOWEST, HIGHEST, level)
    return keys.assign(n=means.n.astype(np.int64), mean=means.mean, mean_lower=lower, mean_upper=upper)


def _shrunken(person: pd.DataFrame) -> tuple[pd.DataFrame | None, bool]:
    """Return shrunken means, and whether schools cannot be told apart at all; None where they cannot be had."""
    rows = person[["school", "mean"]].assign(school=person["school"].astype(object))
    if rows["school"].nunique() < 2 or len(rows) <= rows["school"].nunique() or rows["mean"].nunique() < 2:
        return None, False
    try:
        model = value_added(rows.reset_index(drop=True), "mean")
    except MeasureError:
        return None, False
    if not model.converged:
        return None, False
    middle = float(model.fixed["estimate"].astype(float).iloc[0])
    own = model.schools[["residual", "gh_lower", "gh_upper"]].astype(float) + middle
    flat = bool(float(model.variance["school"]) <= 0)
    return own.rename(columns={"residual": "shrunken"}).rename_axis("school").reset_index(), flat


def _remarks(found: pd.DataFrame, unknown: list[object], alike: list[object], threshold: int) -> tuple[Statement, ...]:
    if not len(found):
        return (Statement("survey_no_answers"),)
    said = []
    hidden = int(found["hidden"].sum())
    if hidden:
        said.append(Statement("survey_hidden", {"n_groups": hidden, "of": len(found), "needed": int(threshold)}))
    if unknown:
        said.append(Statement("survey_not_shrunken", {"blocks": named(unknown)}))
    if alike:
        said.append(Statement("survey_schools_alike", {"blocks": named(alike)}))
    return tuple(said)


def reliability(answers: pd.DataFrame, blocks: Mapping[str, str] | None = None, *, level: float = 0.95) -> pd.DataFrame:
    """Return Cronbach's alpha of each block of statements.

    Parameters
    ----------
    answers : DataFrame, one row an answer
        Columns ``school``, ``respondent``, ``statement``, ``answer`` (1 to 5).
    blocks : mapping of str to str, optional
        Block of each statement; by default the letters that its code begins with.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row a block: ``block``, ``n_statements``, ``n`` respondents, ``alpha``, ``lower``, ``upper``. NaN where a
        block has one statement or all answers are equal. Statements in ``.attrs["statements"]``.

    Raises
    ------
    MeasureError
        A column is missing, or answers or level are wrong.

    Notes
    -----
    As `items.analyse`: pairwise covariances where answers are missing, Feldt's interval. It takes respondents as drawn
    one by one; those of one school answer alike, so that it is rather too narrow.

    Examples
    --------
    >>> answers = pd.DataFrame({"school": "344", "respondent": [*range(5)] * 2, "statement": ["a1"] * 5 + ["a2"] * 5,
    ...     "answer": [1, 2, 3, 4, 5, 2, 2, 3, 5, 4]})
    >>> reliability(answers)[["block", "n_statements", "n", "alpha"]].round(3).to_dict("records")
    [{'block': 'a', 'n_statements': 2, 'n': 5, 'alpha': 0.909}]
    """
    check_level(level)
    rows = read_answers(answers)
    rows = rows.assign(block=blocks_of(rows["statement"], blocks))
    found, keys = [], respondent_columns(rows)
    for block, own in rows.groupby("block", sort=True, observed=True):
        wide = own.astype({"statement": str}).set_index([*keys, "statement"])["answer"].unstack("statement")
        one = analyse(wide.reset_index(drop=True), pd.Series(HIGHEST, wide.columns), level=level)
        found.append(
            {"block": block, "n_statements": wide.shape[1], "n": len(wide), "alpha": one.alpha,
             "lower": one.alpha_lower, "upper": one.alpha_upper}
        )  # fmt: skip
    table = pd.DataFrame(found, columns=["block", "n_statements", "n", "alpha", "lower", "upper"])
    said = []
    if not len(table):
        said.append(Statement("survey_no_answers"))
    elif int(table["n"].min()) < ENOUGH_FOR_ALPHA:
        said.append(Statement("survey_rough_alpha", {"n": int(table["n"].min()), "needed": ENOUGH_FOR_ALPHA}))
    without = table.loc[table["alpha"].isna(), "block"]
    if len(without):
        said.append(Statement("survey_no_alpha", {"blocks": named(without)}))
    table.attrs["statements"] = tuple(said)
    return table
