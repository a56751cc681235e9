"""Answers of a questionnaire, read and checked once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.weights import as_numbers

LOWEST, HIGHEST = 1.0, 5.0
AGREES, DISAGREES = 4.0, 2.0
FEWEST = 5
"""Respondents below which a group is not shown."""
RESPONDENT = ("form", "year", "school", "respondent")


def read_answers(answers: pd.DataFrame, columns: Sequence[str] = ()) -> pd.DataFrame:
    """Return the rows with an answer, answers as numbers, once each respondent answers a statement once.

    Parameters
    ----------
    answers : DataFrame, one row an answer
        Columns ``school``, ``respondent``, ``statement``, ``answer`` (1 disagree to 5 agree; missing where not
        answered); ``form``, ``year``, ``role`` where known.
    columns : sequence of str
        Further columns that must be there.

    Raises
    ------
    MeasureError
        A column is missing or stands twice, codes of schools are numbers and text, an answer is not a whole number from
        1 to 5, or a respondent answers a statement twice.
    """
    if not isinstance(answers, pd.DataFrame):
        raise MeasureError("The answers are no table: give a DataFrame with one row for each answer.")
    for column in ("school", "respondent", "statement", "answer", *columns):
        if column not in answers:
            raise MeasureError("Column {column} is missing from the answers.", column=repr(column))
    if not answers.columns.is_unique:
        doubled = answers.columns[answers.columns.duplicated()][0]
        raise MeasureError("Column {column} stands twice in the answers: give it once.", column=repr(doubled))
    if pd.api.types.infer_dtype(answers["school"]).startswith("mixed"):
        raise MeasureError("Column {column} holds numbers and text: write all its codes alike.", column=repr("school"))
    empty = not answers["answer"].notna().any()
    value = np.full(len(answers), np.nan) if empty else as_numbers(answers["answer"], "answer")
    wrong = ~np.isnan(value) & ~np.isin(value, np.arange(LOWEST, HIGHEST + 1))
    if wrong.any():
        raise MeasureError(
            "Answer {answer} in row {row} is not a whole number from 1 to 5: correct it or leave it empty.",
            answer=float(value[wrong][0]),
            row=int(np.flatnonzero(wrong)[0]) + 1,
        )
    rows = answers.assign(answer=value)[~np.isnan(value)]
    keys = [*respondent_columns(rows), "statement"]
    twice = rows.duplicated(keys)
    if twice.any():
        first = rows[twice].iloc[0]
        raise MeasureError(
            "Respondent {respondent} of school {school} answers statement {statement} twice: leave one answer.",
            respondent=str(first["respondent"]),
            school=str(first["school"]),
            statement=str(first["statement"]),
        )
    return rows


def respondent_columns(answers: pd.DataFrame) -> list[str]:
    """Return the columns that tell respondents apart: their numbers start anew in each school and year."""
    return [column for column in RESPONDENT if column in answers]


def blocks_of(statements: pd.Series, blocks: Mapping[str, str] | None) -> pd.Series:
    """Return the block of each statement: as given, else the letters that its code begins with.

    Raises
    ------
    MeasureError
        A statement has no block.

    Examples
    --------
    >>> blocks_of(pd.Series(["a1", "b12"]), None).tolist()
    ['a', 'b']
    """
    text = statements.astype(str)
    found = text.str.extract(r"^([^\d]+)", expand=False) if blocks is None else text.map(dict(blocks))
    if found.isna().any():
        raise MeasureError("Statement {statement} has no block: name one.", statement=repr(text[found.isna()].iloc[0]))
    return found.rename("block")
