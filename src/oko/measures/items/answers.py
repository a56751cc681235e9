"""Answers of pupils to multiple-choice tasks, read and checked once, and how many each pupil has right."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.items.attempts import NotAttempted, read_not_attempted
from oko.measures.items.moments import Floats
from oko.measures.weights import Codes, Weights, frequency_weights

Key: TypeAlias = pd.Series | Mapping[Any, Any]
Options: TypeAlias = Sequence[Any] | Mapping[Any, Sequence[Any]] | None

OMITTED, NOT_GIVEN = -1, -2


@dataclass(frozen=True)
class Answers:
    """Answers of pupils to items, with the number of right ones.

    Attributes
    ----------
    items : Index of length items, named ``item``
    chosen : list of ndarray of int of shape (pupils,)
        For each item the number of the chosen option; −1 where the pupil omitted the item, −2 where it was not given.
    options : list of Index
        Options of each item in order.
    key : ndarray of int of shape (items,)
        Number of the right option.
    right, given : ndarray of shape (pupils,)
        Right answers, and items given.
    weights : ndarray of shape (pupils,)
    contradicting : int
        Cells that hold an answer although the mask says that the item was not attempted; they count as omitted.
    """

    items: pd.Index
    chosen: list[Codes]
    options: list[pd.Index]
    key: Codes
    right: Floats
    given: Floats
    weights: Floats
    contradicting: int

    def totals(self) -> Floats:
        """Return right answers of each pupil, scaled up to all items where not all were given; NaN if none was."""
        return _scaled(self.right, self.given, len(self.items))

    def rest(self, item: int) -> Floats:
        """Return right answers on the other items, scaled up as `totals` are; NaN if no other item was given."""
        given = self.given - (self.chosen[item] != NOT_GIVEN)
        return _scaled(self.right - (self.chosen[item] == self.key[item]), given, len(self.items) - 1)


def _scaled(right: Floats, given: Floats, n_items: int) -> Floats:
    share = np.divide(right, given, out=np.full(len(right), np.nan), where=given > 0)
    return np.where(given == n_items, right, share * n_items) if n_items else share


def read_answers(
    answers: pd.DataFrame, key: Key, weights: Weights, not_attempted: NotAttempted, options: Options
) -> Answers:
    """Return the answers as numbers of options.

    Raises
    ------
    MeasureError
        There is no item or no pupil, an item stands twice or has no key, the key or an answer is not among the options,
        or the weights or the mask are wrong.
    """
    if not isinstance(answers, pd.DataFrame):
        raise MeasureError("The answers are no table: give a DataFrame of pupils × items.")
    pupils = frequency_weights(answers, weights)
    table = answers.drop(columns=weights) if isinstance(weights, str) else answers
    _check_table(table, pupils)
    omitted = read_not_attempted(not_attempted, table.index, table.columns)
    there = pupils > 0
    table = table.loc[there]
    right, given = np.zeros(len(table)), np.zeros(len(table))
    chosen, offered, keys, contradicting = [], [], [], 0
    for place, item in enumerate(table.columns):
        skipped = np.zeros(len(right), dtype=np.bool_) if omitted is None else omitted[there, place]
        solution = _solution(key, item)
        labels = _labels(table[item], solution, _offered(options, item))
        codes = _codes(table[item], labels)
        contradicting += int((skipped & (codes >= 0)).sum())
        codes = np.where(skipped, OMITTED, codes)
        keys.append(list(labels).index(solution))
        chosen.append(codes)
        offered.append(labels)
        right += codes == keys[-1]
        given += codes != NOT_GIVEN
    items = table.columns.rename("item")
    return Answers(items, chosen, offered, np.array(keys), right, given, pupils[there], contradicting)


def _check_table(table: pd.DataFrame, pupils: Floats) -> None:
    if table.shape[1] == 0:
        raise MeasureError("There is no item: give a table of pupils × items.")
    if not table.columns.is_unique:
        twice = table.columns[table.columns.duplicated()][0]
        raise MeasureError("Item {item} stands twice in the table: give each item once.", item=repr(twice))
    if not pupils.any():
        raise MeasureError("There is no pupil: give at least one row of answers with a weight above 0.")


def _solution(key: Key, item: Any) -> Any:
    known = pd.Series(key)
    found = known[known.index == item]
    if len(found) != 1 or pd.isna(found.iloc[0]):
        raise MeasureError("Item {item} has no key: give its right option in key.", item=repr(item))
    return found.iloc[0]


def _offered(options: Options, item: Any) -> Sequence[Any] | None:
    if not isinstance(options, Mapping):
        return options
    if item not in options:
        raise MeasureError("Item {item} has no options: give them, or leave out options.", item=repr(item))
    return options[item]


def _labels(answers: pd.Series, solution: Any, offered: Sequence[Any] | None) -> pd.Index:
    """Return the options of an item: those offered, else those that somebody chose and the key, sorted."""
    seen = list(answers.dropna().unique())
    if offered is None:
        chosen: pd.Index = pd.Index(sorted({*seen, solution}, key=_order))
        return chosen
    labels: pd.Index = pd.Index(list(dict.fromkeys(offered)))
    strange = [label for label in [*seen, solution] if label not in labels]
    if strange:
        raise MeasureError(
            "Item {item} has the option {option}, which is not among those given in options: correct one of them.",
            item=repr(answers.name),
            option=repr(strange[0]),
        )
    return labels


def _order(label: Any) -> tuple[bool, float, str]:
    """Put numbers before words."""
    is_number = isinstance(label, (int, float))
    return not is_number, float(label) if is_number else 0.0, str(label)


def _codes(answers: pd.Series, labels: pd.Index) -> Codes:
    codes = labels.get_indexer(pd.Index(answers))
    return np.where(answers.isna(), NOT_GIVEN, codes).astype(np.int64)
