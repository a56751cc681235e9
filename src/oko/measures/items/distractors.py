"""Options of multiple-choice items: who chooses which."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.items.answers import NOT_GIVEN, OMITTED, Answers, Key, Options, read_answers
from oko.measures.items.attempts import NotAttempted
from oko.measures.items.moments import Floats
from oko.measures.items.remarks import FEWEST_PUPILS
from oko.measures.statement import Statement, whole
from oko.measures.weights import Weights, frequency_weights

_ROUNDING = 1e-12


def distractors(
    answers: pd.DataFrame,
    key: Key,
    weights: Weights = None,
    not_attempted: NotAttempted = None,
    options: Options = None,
    scores: pd.DataFrame | None = None,
) -> pd.DataFrame:
    r"""Count who chose which option of each item, and how they did on the whole.

    Parameters
    ----------
    answers : DataFrame, pupils × items
        Labels of the chosen options; NaN where the item was not administered, unless ``not_attempted`` says otherwise.
    key : Series or mapping
        Right option of each item; it may hold more items.
    weights : str, Series, array or None
        How many pupils a row stands for; not the name of an item.
    not_attempted : DataFrame or array of bool, pupils × items, optional
        True where the pupil was given the item and chose nothing.
    options : sequence, or mapping of items to sequences, optional
        Options that the items offer, in order; without it those that somebody chose, and the key.
    scores : DataFrame, pupils × tasks, optional
        Points on all tasks of the work, the items among them, on the index of ``answers``: their sum then stands for
        the number of right answers, and their sum without the item for that on the other items.

    Returns
    -------
    DataFrame, index ``item``, ``option``
        ``n`` pupils who chose the option; ``share`` of those given the item; ``mean_total``, mean number of right
        answers of who chose it; ``point_biserial``, correlation of choosing it with the number of right answers;
        ``point_biserial_rest``, with the number on the other items; ``is_key``. Who omitted the item is a row whose
        option is missing. ``attrs["statements"]``: tuple of Statement; clear it before ``to_parquet``.

    Raises
    ------
    MeasureError
        An item has no key, an answer is not among its options, answers, weights or the mask are wrong, or the scores
        are of other pupils or lack an item.

    Notes
    -----
    Correlations are over the pupils who were given the item. Where pupils were not given every item, the number of
    right answers is their share among the given ones times the number of items. ``point_biserial`` counts the item
    itself, as tables of options commonly do, which favours the key; ``point_biserial_rest`` does not.

    Examples
    --------
    >>> answers = pd.DataFrame({"1": ["A", "A", "B", "C"], "2": ["B", "B", "B", "A"], "3": ["C", "A", "C", "A"]})
    >>> rows = distractors(answers, {"1": "A", "2": "B", "3": "C"})
    >>> rows.loc["1", ["n", "mean_total", "is_key"]].to_dict("list")
    {'n': [2, 1, 1], 'mean_total': [2.5, 2.0, 0.0], 'is_key': [True, False, False]}
    """
    read = read_answers(answers, key, weights, not_attempted, options)
    sums = None if scores is None else _sums(scores, answers, read, weights)
    rows = pd.concat([_options(read, item, sums) for item in range(len(read.items))])
    if np.array_equal(rows["n"], rows["n"].round()):
        rows = rows.astype({"n": "int64"})
    rows.attrs["statements"] = (*_of_treatment(read, not_attempted, scaled=scores is None), *_of_options(rows))
    return rows


def _sums(scores: pd.DataFrame, answers: pd.DataFrame, read: Answers, weights: Weights) -> pd.DataFrame:
    """Return the points of the pupils who count, tasks not given as 0."""
    lacking = [item for item in read.items if item not in scores.columns]
    if lacking or not scores.index.equals(answers.index):
        raise MeasureError("The scores are to be of the same pupils as the answers, and to hold every item of them.")
    return scores[frequency_weights(answers, weights) > 0].fillna(0.0)


def _options(read: Answers, item: int, sums: pd.DataFrame | None) -> pd.DataFrame:
    """Return the rows of one item."""
    given = read.chosen[item] != NOT_GIVEN
    chosen, weights = read.chosen[item][given], read.weights[given]
    n_options = len(read.options[item])
    codes, labels = np.arange(n_options), list(read.options[item])
    if (chosen == OMITTED).any():
        codes, labels = np.append(codes, OMITTED), [*labels, np.nan]
    belongs = (chosen == codes[:, None]) * weights
    n = belongs.sum(axis=1)
    totals, rest = read.totals()[given], read.rest(item)[given]
    if sums is not None:
        totals = sums.sum(axis=1).to_numpy(dtype="float64")[given]
        rest = totals - sums[read.items[item]].to_numpy(dtype="float64")[given]
    columns = {
        "n": n,
        "share": np.divide(n, weights.sum(), out=np.full(len(n), np.nan), where=weights.sum() > 0),
        "mean_total": np.divide(belongs @ totals, n, out=np.full(len(n), np.nan), where=n > 0),
        "point_biserial": _point_biserial(belongs, weights, totals),
        "point_biserial_rest": _point_biserial(belongs, weights, rest),
        "is_key": codes == read.key[item],
    }
    names = ["item", "option"]
    index = pd.MultiIndex.from_arrays([[read.items[item]] * len(labels), pd.Index(labels, dtype=object)], names=names)
    return pd.DataFrame(columns, index=index)


def _point_biserial(belongs: Floats, weights: Floats, totals: Floats) -> Floats:
    """Return the correlation of belonging with the total; NaN where one of the two does not differ."""
    known = ~np.isnan(totals)
    belongs, weights, totals = belongs[:, known], weights[known], totals[known]
    n = float(weights.sum())
    if not n:
        return np.full(len(belongs), np.nan)
    deviation = totals - float(weights @ totals) / n
    spread = float(weights @ np.square(deviation))
    chosen = belongs.sum(axis=1)
    variance = chosen * (n - chosen) / n
    possible = (variance > _ROUNDING * n) & (spread > _ROUNDING * n * float(np.square(totals).max(initial=0.0)))
    size = np.sqrt(np.where(possible, variance * spread, 1.0))
    return np.where(possible, belongs @ deviation / size, np.nan)


def _of_treatment(read: Answers, not_attempted: NotAttempted, *, scaled: bool) -> Iterable[Statement]:
    if not_attempted is None and any((chosen == NOT_GIVEN).any() for chosen in read.chosen):
        yield Statement("distractor_empty_not_given")
    if read.contradicting:
        yield Statement("item_points_not_attempted", {"cells": read.contradicting})
    partly = float(read.weights[(read.given > 0) & (read.given < len(read.items))].sum())
    if partly and scaled:
        yield Statement("distractor_scaled", {"n": whole(partly)})
    met = float(read.weights[read.given > 0].sum())
    if 0 < met < FEWEST_PUPILS:
        yield Statement("distractor_few_pupils", {"n": whole(met), "needed": FEWEST_PUPILS})
    without = float(read.weights[read.given == 0].sum())
    if without:
        yield Statement("item_pupils_without_items", {"n": whole(without)})


def _of_options(rows: pd.DataFrame) -> Iterable[Statement]:
    """Name options that nobody chose, and those that the stronger chose."""
    for item, options in rows.groupby(level="item", sort=False):
        yield from _of_item(str(item), options.droplevel("item"))


def _of_item(item: str, options: pd.DataFrame) -> Iterable[Statement]:
    if not options["n"].sum():
        yield Statement("distractor_not_given", {"item": item})
        return
    right, key = options["is_key"], str(options.index[options["is_key"]][0])
    unchosen = tuple(str(option) for option in options.index[(options["n"] == 0) & ~right])
    if unchosen:
        yield Statement("distractor_unchosen", {"item": item, "options": unchosen})
    if not options.loc[right, "n"].iloc[0]:
        yield Statement("distractor_key_unchosen", {"item": item, "key": key})
    if options["n"].max() == options["n"].sum():
        yield Statement("distractor_one_option", {"item": item})
    elif options.loc[options["n"] > 0, ["point_biserial", "point_biserial_rest"]].isna().any(axis=None):
        yield Statement("distractor_no_correlation", {"item": item})
    of_key = float(options.loc[right, "point_biserial_rest"].iloc[0])
    if of_key < 0:
        yield Statement("distractor_key_negative", {"item": item, "key": key})
    wrong = options[~right & (options["point_biserial_rest"] > 0)]
    for option, row in wrong[wrong.index.notna()].iterrows():
        values = {"item": item, "option": str(option), "n": whole(float(row["n"]))}
        above = row["point_biserial_rest"] > of_key
        yield Statement("distractor_above_key", values) if above else Statement("distractor_positive", values)
