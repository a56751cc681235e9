"""Frequencies of total scores on a form, read and checked once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.responses import Floats
from oko.measures.weights import as_numbers

LARGEST_SCORE = 1e5


@dataclass(frozen=True)
class Frequencies:
    """How many pupils reached each whole score of a form, from its lowest to its highest score without a gap.

    Attributes
    ----------
    scores : ndarray of shape (scores,)
        Whole numbers, each one above the one before.
    pupils : ndarray of shape (scores,)
        Pupils (may be weighted), 0 where nobody reached the score.
    """

    scores: Floats
    pupils: Floats

    @property
    def n(self) -> float:
        return float(self.pupils.sum())

    @property
    def shares(self) -> Floats:
        return self.pupils / self.n


def read_frequencies(frequencies: pd.Series, form: str) -> Frequencies:
    """Return score frequencies once they are known to be such.

    Parameters
    ----------
    frequencies : Series
        Index: whole scores, each once; values: pupils, 0 or more, which may be weighted. Scores that are left out
        between the lowest and the highest have nobody. The ends of the index are the ends of the scale, so a highest
        score that nobody reached belongs in it, with 0.
    form : str
        Name of the form for messages.

    Raises
    ------
    MeasureError
        A score is not a whole number or stands twice, pupils are negative, missing or not numbers, or nobody is there.

    Examples
    --------
    >>> read = read_frequencies(pd.Series({0: 2, 1: 3, 3: 1}), "X")
    >>> read.scores.tolist(), read.pupils.tolist()
    ([0.0, 1.0, 2.0, 3.0], [2.0, 3.0, 0.0, 1.0])
    """
    if not isinstance(frequencies, pd.Series):
        raise MeasureError(
            "Form {form} has no frequencies: give a Series, its index the scores, its values the pupils.", form=form
        )
    scores = _whole_scores(frequencies.index, form)
    pupils = as_numbers(frequencies, f"pupils of form {form}")
    wrong = ~(np.isfinite(pupils) & (pupils >= 0))
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        raise MeasureError(
            "Form {form}, score {score}: {value} is not a number of pupils; give 0 or more.",
            form=form, score=int(scores[place]), value=float(pupils[place]),
        )  # fmt: skip
    if not pupils.any():
        raise MeasureError("Form {form} has no pupil: give at least one score with a frequency above 0.", form=form)
    every = np.arange(scores.min(), scores.max() + 1)
    filled = np.zeros(len(every))
    filled[(scores - scores.min()).astype(np.int64)] = pupils
    return Frequencies(every, filled)


def count(scores: Floats, weights: Floats, form: str) -> Frequencies:
    """Return the frequencies of the scores of pupils; the ends of the scale are the lowest and highest score given."""
    distinct, place = np.unique(scores, return_inverse=True)
    pupils = np.bincount(place, weights, len(distinct))
    return read_frequencies(pd.Series(pupils, index=pd.Index(distinct)), form)


def _whole_scores(index: pd.Index, form: str) -> Floats:
    if not pd.api.types.is_numeric_dtype(index.dtype) or pd.api.types.is_bool_dtype(index.dtype):
        raise MeasureError("The scores of form {form} are not numbers: put whole scores in the index.", form=form)
    scores = index.to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~(np.isfinite(scores) & (scores == np.round(scores)) & (np.abs(scores) <= LARGEST_SCORE))
    if wrong.any():
        raise MeasureError(
            "Form {form} has a score of {score}: scores are whole numbers; count half points as whole steps first.",
            form=form, score=float(scores[wrong][0]),
        )  # fmt: skip
    if not index.is_unique:
        twice = int(scores[index.duplicated()][0])
        raise MeasureError("Score {score} of form {form} stands twice: give each score once.", score=twice, form=form)
    return scores
