"""Bootstrap standard errors of equated scores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.equating.anchor import read_group
from oko.measures.equating.chained import chained
from oko.measures.equating.equipercentile import EquipercentileEquating, equipercentile
from oko.measures.equating.frequencies import read_frequencies
from oko.measures.equating.lines import LinearEquating
from oko.measures.equating.random_groups import linear, mean
from oko.measures.equating.unequal_groups import levine, tucker
from oko.measures.responses import Floats
from oko.measures.statement import Statement

Equating = LinearEquating | EquipercentileEquating
_COLUMNS = ["total", "anchor"]
_OF_FREQUENCIES = (mean, linear, equipercentile)
_OF_PUPILS = (tucker, levine, chained)


@dataclass(frozen=True)
class BootstrapErrors:
    """How much equated scores vary when pupils are drawn again.

    Attributes
    ----------
    table : DataFrame, index ``score``
        ``equated`` from the pupils as they are; ``se``, standard deviation over the draws; ``bias``, mean of the draws
        − equated; ``lower``, ``upper``, percentiles 2.5 and 97.5 of the draws. NaN with fewer than two draws that gave
        a result.
    draws : DataFrame, draws × scores
        Equated scores of each draw that gave a result.
    repetitions : int
        Draws asked for.
    seed : int
    statements : tuple of Statement
        ``equating_draws_without_result`` and those of the equating itself.
    """

    table: pd.DataFrame
    draws: pd.DataFrame
    repetitions: int
    seed: int
    statements: tuple[Statement, ...]


def bootstrap(
    method: Callable[..., Equating],
    x: pd.Series | pd.DataFrame,
    y: pd.Series | pd.DataFrame,
    repetitions: int = 1000,
    seed: int = 0,
    **options: Any,
) -> BootstrapErrors:
    """Estimate standard errors of equated scores by drawing the pupils of both groups again, with replacement.

    Parameters
    ----------
    method : function
        `mean`, `linear` or `equipercentile` for two Series; `tucker`, `levine` or `chained` for two frames.
    x, y : Series or DataFrame
        Series: frequencies of scores. DataFrame: a row a pupil, columns ``total``, ``anchor`` and, if a row stands for
        many, ``pupils``.
    repetitions : int, default 1000
    seed : int, default 0
        The same seed gives the same numbers, in whatever order the rows stand.
    **options
        Passed to ``method``, such as ``smoothing=6`` or ``weight=0.5``.

    Returns
    -------
    BootstrapErrors

    Raises
    ------
    MeasureError
        The data are wrong for the method, or repetitions are fewer than 2.

    Notes
    -----
    Efron & Tibshirani (1993), An Introduction to the Bootstrap. Each group has its own draw: equal pupils (same score;
    same total and anchor) are counted, and the counts are drawn from a multinomial with the observed shares, which is
    the same as drawing pupils. With weights as many pupils are drawn as the weights sum to, rounded. 1,000 draws give
    a standard error within about 2 % of its limit (1 / √(2 · 1000)).

    Examples
    --------
    >>> from oko.measures.equating import mean
    >>> x, y = pd.Series([20, 30, 20, 20, 10]), pd.Series([10, 20, 20, 30, 20])
    >>> errors = bootstrap(mean, x, y, repetitions=200, seed=1)
    >>> bool(abs(errors.table["se"].iloc[0] / mean(x, y).table["se"].iloc[0] - 1) < 0.2)
    True
    """
    if isinstance(repetitions, bool) or not isinstance(repetitions, (int, np.integer)) or repetitions < 2:
        raise MeasureError(
            "Repetitions are {repetitions}: give a whole number from 2 up.", repetitions=repr(repetitions)
        )
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise MeasureError("The seed is {seed}: give a whole number from 0 up.", seed=repr(seed))
    if isinstance(x, pd.DataFrame) != isinstance(y, pd.DataFrame):
        raise MeasureError("One form has frequencies and the other pupils: give two Series or two tables.")
    if method in (_OF_PUPILS if isinstance(x, pd.Series) else _OF_FREQUENCIES):
        raise MeasureError(
            "This method takes other data: mean, linear and equipercentile take frequencies, tucker, levine and "
            "chained take tables of pupils."
        )
    forms = [_cells(x, "X"), _cells(y, "Y")]
    whole = _equate(method, forms, [counts for _, counts in forms], options)
    draws = _draw(method, forms, whole, int(repetitions), seed, options)
    failed = int(draws.isna().any(axis=1).sum())
    said = (Statement("equating_draws_without_result", {"n": failed, "repetitions": int(repetitions)}),)
    draws = draws.dropna().reset_index(drop=True)
    table = _summarise(whole.table["equated"], draws)
    return BootstrapErrors(table, draws, int(repetitions), seed, (*whole.statements, *(said if failed else ())))


def _cells(data: pd.Series | pd.DataFrame, form: str) -> tuple[pd.DataFrame | pd.Index, Floats]:
    """Return distinct kinds of pupils in a fixed order and how many there are of each."""
    if isinstance(data, pd.Series):
        read = read_frequencies(data, form)
        return pd.Index(read.scores.astype(np.int64)), read.pupils
    if not isinstance(data, pd.DataFrame) or not {*_COLUMNS} <= {*data.columns}:
        raise MeasureError("Form {form} needs frequencies, or a table with columns total and anchor.", form=form)
    group = read_group(data["total"], data["anchor"], data.get("pupils"), form)
    rows = pd.DataFrame({"total": group.total, "anchor": group.anchor, "pupils": group.weights})
    cells = rows.groupby(_COLUMNS, as_index=False).sum()
    return cells[_COLUMNS], cells["pupils"].to_numpy(dtype=np.float64)


def _equate(
    method: Callable[..., Equating],
    forms: list[tuple[pd.DataFrame | pd.Index, Floats]],
    counts: list[Floats],
    options: dict[str, Any],
) -> Equating:
    (x, _), (y, _) = forms
    if isinstance(x, pd.DataFrame) and isinstance(y, pd.DataFrame):
        scores = x["total"], x["anchor"], y["total"], y["anchor"]
        return method(*scores, x_weights=counts[0], y_weights=counts[1], **options)
    return method(
        *(pd.Series(pupils, index=pd.Index(form)) for pupils, form in zip(counts, (x, y), strict=True)), **options
    )


def _draw(
    method: Callable[..., Equating],
    forms: list[tuple[pd.DataFrame | pd.Index, Floats]],
    whole: Equating,
    repetitions: int,
    seed: int,
    options: dict[str, Any],
) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    drawn = [
        random.multinomial(max(round(counts.sum()), 1), counts / counts.sum(), size=repetitions) for _, counts in forms
    ]
    rows = [
        _equate(method, forms, [counts[turn].astype(np.float64) for counts in drawn], options).table["equated"]
        for turn in range(repetitions)
    ]
    return pd.DataFrame(np.array(rows), columns=whole.table.index)


def _summarise(equated: pd.Series, draws: pd.DataFrame) -> pd.DataFrame:
    if len(draws) < 2:
        return pd.DataFrame({"equated": equated, "se": np.nan, "bias": np.nan, "lower": np.nan, "upper": np.nan})
    lower, upper = np.quantile(draws.to_numpy(), [0.025, 0.975], axis=0)
    spread = {"se": draws.std(ddof=1), "bias": draws.mean() - equated, "lower": lower, "upper": upper}
    return pd.DataFrame({"equated": equated, **spread})
