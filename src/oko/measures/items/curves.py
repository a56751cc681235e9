"""How the choice of options changes with the number of right answers: the table behind the figure of an item."""

from __future__ import annotations

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.intervals import check_level, wilson
from oko.measures.items.answers import NOT_GIVEN, OMITTED, Answers, Key, Options, read_answers
from oko.measures.items.attempts import NotAttempted
from oko.measures.items.moments import Floats
from oko.measures.weights import Weights

_OF_GROUP = ("n", "mean_total", "share", "lower", "upper", "is_key")


def option_curves(
    answers: pd.DataFrame,
    key: Key,
    groups: int = 5,
    weights: Weights = None,
    not_attempted: NotAttempted = None,
    options: Options = None,
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Return the share of pupils who chose each option among groups of pupils by the number of right answers.

    Parameters
    ----------
    answers, key, weights, not_attempted, options
        As in `distractors`.
    groups : int, default 5
        Groups of about the same size, from the fewest right answers to the most; 2 or more.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    DataFrame, index ``item``, ``option``, ``group``
        ``n`` pupils of the group who were given the item; ``mean_total`` of theirs; ``share`` of them who chose the
        option, with Wilson's ``lower`` and ``upper``; ``is_key``. A group to which nobody belongs, because many pupils
        have one total, has no rows.

    Raises
    ------
    MeasureError
        There are fewer than two groups, or as in `distractors`.

    Notes
    -----
    Pupils with the same total are never parted: a total goes to the group in which the middle of its pupils lies.

    Examples
    --------
    >>> answers = pd.DataFrame({"1": ["A", "A", "B", "B"], "2": ["A", "A", "B", "A"], "3": ["A", "A", "B", "B"]})
    >>> option_curves(answers, dict.fromkeys("123", "A"), groups=2)["share"].loc["1", "A"].tolist()
    [0.0, 1.0]
    """
    check_level(level)
    if isinstance(groups, bool) or not isinstance(groups, (int, np.integer)) or groups < 2:
        raise MeasureError("{groups} groups of pupils cannot be formed: give 2 or more.", groups=repr(groups))
    read = read_answers(answers, key, weights, not_attempted, options)
    totals = read.totals()
    group = _groups(totals, read.weights, int(groups))
    rows = [_curve(read, item, totals, group, level) for item in range(len(read.items))]
    frame = pd.concat(rows).set_index(["item", "option", "group"])
    return frame.astype({"n": "int64"}) if np.array_equal(frame["n"], frame["n"].round()) else frame


def _groups(totals: Floats, weights: Floats, n_groups: int) -> Floats:
    """Return each pupil's group from 1 up; 0 without a total."""
    known = ~np.isnan(totals)
    values, place = np.unique(np.round(totals[known], 9), return_inverse=True)
    pupils = np.bincount(place, weights[known], len(values))
    middle = np.cumsum(pupils) - pupils / 2
    found = np.zeros(len(totals))
    found[known] = 1 + np.floor(n_groups * middle / pupils.sum())[place]
    return found


def _curve(read: Answers, item: int, totals: Floats, group: Floats, level: float) -> pd.DataFrame:
    chosen = read.chosen[item]
    options = [*enumerate(read.options[item])]
    if (chosen == OMITTED).any():
        options.append((OMITTED, np.nan))
    rows = []
    for code, label in options:
        for number in np.unique(group[(group > 0) & (chosen != NOT_GIVEN)]):
            there = (group == number) & (chosen != NOT_GIVEN)
            weights, n = read.weights[there], float(read.weights[there].sum())
            share = float(weights[chosen[there] == code].sum()) / n
            lower, upper = (float(bound) for bound in wilson(share, n, level))
            values = (n, float(weights @ totals[there]) / n, share, lower, upper, code == read.key[item])
            rows.append((read.items[item], label, int(number), *values))
    return pd.DataFrame(rows, columns=["item", "option", "group", *_OF_GROUP])
