"""Problems that schools share, and what results say of the same things."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.intervals import check_level, wilson
from oko.measures.statement import Statement, named
from oko.measures.survey.agreement import agreement
from oko.measures.survey.answers import FEWEST
from oko.measures.weights import as_numbers

CUT = 0.5
_COMMON = ["statement", "n_schools", "n_below", "share", "lower", "upper", "n_surely_below", "common", "surely_common"]


def common_problems(
    answers: pd.DataFrame,
    *,
    cut: float = CUT,
    majority: float = 0.5,
    threshold: int = FEWEST,
    level: float = 0.95,
) -> pd.DataFrame:
    """Say in how many schools a statement is a problem: fewer agree with it than the cut.

    Parameters
    ----------
    answers : DataFrame, one row an answer
        Columns ``school``, ``respondent``, ``statement``, ``answer`` (1 to 5); ``year`` where known, and then one year
        only.
    cut : float, default 0.5
        A school has the problem where a smaller share of its respondents agrees (answers 4 and 5).
    majority : float, default 0.5
        A problem is common where more than this share of schools has it, surely where the interval says so.
    threshold : int, default 5
        Schools with fewer respondents do not count.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame
        One row a statement, in the order of their codes: ``statement``, ``n_schools``, ``n_below`` (schools below the
        cut), ``share`` of schools with ``lower``, ``upper`` (Wilson), ``n_surely_below`` (schools whose interval lies
        below the cut), ``common``, ``surely_common``. Statements in ``.attrs["statements"]``.

    Raises
    ------
    MeasureError
        A column is missing, answers are wrong, there are two years, or a share or the level is wrong.

    Notes
    -----
    The interval takes the schools as drawn from many alike. In seven schools that came by themselves it tells how
    little seven are; it does not speak of the schools of a city.

    Examples
    --------
    >>> rows = [(str(s), r, "a1", 2 if s < 3 else 5) for s in range(4) for r in range(6)]
    >>> answers = pd.DataFrame(rows, columns=["school", "respondent", "statement", "answer"])
    >>> common_problems(answers)[["n_schools", "n_below", "share", "common"]].to_dict("records")
    [{'n_schools': 4, 'n_below': 3, 'share': 0.75, 'common': True}]
    """
    check_level(level)
    check_share("cut", cut)
    check_share("majority", majority)
    if isinstance(answers, pd.DataFrame) and "year" in answers and answers["year"].nunique() > 1:
        raise MeasureError("The answers are of several years: give those of one.")
    schools = agreement(answers, "school", threshold=threshold, level=level)
    shown = schools[~schools["hidden"]]
    own = shown.assign(below=shown["agree"] < cut, surely=shown["agree_upper"] < cut).groupby(
        "statement", observed=True
    )
    found = own.agg(n_schools=("school", "size"), n_below=("below", "sum"), n_surely_below=("surely", "sum"))
    found = found.reset_index()
    share = found["n_below"] / found["n_schools"]
    lower, upper = wilson(share.to_numpy(dtype=float), found["n_schools"].to_numpy(dtype=float), level)
    table = found.assign(share=share, lower=lower, upper=upper, common=share > majority)
    table = table.assign(surely_common=table["lower"] > majority)[_COMMON]
    said = list(schools.attrs["statements"])
    if len(table):
        said.append(Statement("survey_of_these_schools", {"n_schools": int(table["n_schools"].max())}))
    table.attrs["statements"] = tuple(said)
    return table


def check_share(name: str, share: float) -> None:
    """Refuse what is no share between 0 and 1.

    Raises
    ------
    MeasureError
    """
    if isinstance(share, bool) or not isinstance(share, (int, float, np.floating)) or not 0 < share < 1:
        raise MeasureError("{name} = {share} is not a share between 0 and 1.", name=name, share=repr(share))


def beside_results(
    stated: pd.DataFrame,
    mapping: pd.DataFrame,
    results: pd.DataFrame,
    by: Sequence[str] | str = (),
    *,
    cut: float = CUT,
    result_cut: float = 0.6,
) -> pd.DataFrame:
    """Set what respondents say beside what results say of the same thing.

    Parameters
    ----------
    stated : DataFrame
        ``statement``, ``agree``, ``agree_lower``, ``agree_upper`` (0 to 1) and the columns of ``by``: as `agreement`
        gives them.
    mapping : DataFrame
        ``statement``, ``indicator``: which indicator speaks of the same thing as the statement. People make it.
    results : DataFrame
        ``indicator``, ``value``, ``lower``, ``upper`` (0 to 1, more is better) and the columns of ``by``.
    by : sequence of str, default ()
        Columns that both tables share, e.g. ``school``.
    cut, result_cut : float, default 0.5 and 0.6
        A share of agreement, and a value of an indicator, below which there is a problem.

    Returns
    -------
    DataFrame
        One row a pair of the mapping and a group: the columns of ``by``, ``statement``, ``indicator``, ``agree``,
        ``agree_lower``, ``agree_upper``, ``value``, ``lower``, ``upper``; ``finding``: "both" (both intervals lie below
        their cut), "survey" or "results" (one alone does and the other does not reach below), "neither", "unclear" (an
        interval holds its cut) or "unknown" (a number is missing). Statements in ``.attrs["statements"]``.

    Raises
    ------
    MeasureError
        A column is missing, not numeric or outside 0 to 1, a row stands twice, or a cut is not between 0 and 1.

    Examples
    --------
    >>> stated = pd.DataFrame({"statement": ["b1"], "agree": [0.2], "agree_lower": [0.1], "agree_upper": [0.35]})
    >>> results = pd.DataFrame({"indicator": ["charts"], "value": [0.4], "lower": [0.35], "upper": [0.45]})
    >>> mapping = pd.DataFrame({"statement": ["b1"], "indicator": ["charts"]})
    >>> beside_results(stated, mapping, results)["finding"].tolist()
    ['both']
    """
    columns = [by] if isinstance(by, str) else list(by)
    for name, share in (("cut", cut), ("result_cut", result_cut)):
        check_share(name, share)
    said_so = ["agree", "agree_lower", "agree_upper"]
    shown_so = ["value", "lower", "upper"]
    left = _table(stated, [*columns, "statement"], said_so)
    right = _table(results, [*columns, "indicator"], shown_so)
    pairs = _table(mapping, ["statement", "indicator"], []).astype({"statement": str, "indicator": str})
    left, right = left.astype({"statement": str}), right.astype({"indicator": str})
    if columns:
        for column in columns:
            if pd.api.types.is_numeric_dtype(left[column]) != pd.api.types.is_numeric_dtype(right[column]):
                raise MeasureError(
                    "Column {column} holds numbers in one table and text in the other: write it alike in both.",
                    column=repr(column),
                )
        groups = pd.concat([left[columns], right[columns]]).drop_duplicates().sort_values(columns)
        pairs = groups.merge(pairs, how="cross")
    found = pairs.merge(left, on=[*columns, "statement"], how="left").merge(
        right, on=[*columns, "indicator"], how="left"
    )
    one = _side(found, "agree", cut)
    other = _side(found.rename(columns={"lower": "value_lower", "upper": "value_upper"}), "value", result_cut)
    found["finding"] = [_finding(*pair) for pair in zip(one, other, strict=True)]
    unknown = found.loc[found["finding"] == "unknown", "statement"]
    said = (Statement("survey_nothing_beside", {"statements": named(sorted(set(unknown)))}),) if len(unknown) else ()
    found.attrs["statements"] = said
    return found


_FINDINGS = {
    ("problem", "problem"): "both",
    ("problem", "none"): "survey",
    ("none", "problem"): "results",
    ("none", "none"): "neither",
}


def _table(table: pd.DataFrame, keys: list[str], values: list[str]) -> pd.DataFrame:
    for column in [*keys, *values]:
        if column not in table:
            raise MeasureError(
                "Column {column} is missing from the table of statements or results.", column=repr(column)
            )
    twice = table.duplicated(keys)
    if twice.any():
        row = ", ".join(str(table.loc[twice, key].iloc[0]) for key in keys)
        raise MeasureError("Row {row} stands twice in the table of statements or results.", row=row)
    if not len(table):
        return table[[*keys, *values]].astype(dict.fromkeys(values, float))
    empty = [name for name in values if not table[name].notna().any()]
    read = {name: np.full(len(table), np.nan) if name in empty else as_numbers(table[name], name) for name in values}
    for name, numbers in read.items():
        if ((numbers < 0) | (numbers > 1)).any():
            raise MeasureError("Column {column} holds numbers outside 0 to 1: give shares.", column=repr(name))
    return table[keys].assign(**read)


def _finding(one: str, other: str) -> str:
    return "unknown" if "" in (one, other) else _FINDINGS.get((one, other), "unclear")


def _side(found: pd.DataFrame, name: str, cut: float) -> list[str]:
    lower, upper = found[f"{name}_lower"].to_numpy(dtype=float), found[f"{name}_upper"].to_numpy(dtype=float)
    missing = np.isnan(lower) | np.isnan(upper) | found[name].isna().to_numpy()
    sides = np.select([missing, upper < cut, lower >= cut], ["", "problem", "none"], "unclear")
    return [str(side) for side in sides]
