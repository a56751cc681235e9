"""Masks of ОГЭ and ЕГЭ protocols become points of tasks.

A short-answer mask has one character a task: ``+`` full points, ``-`` none, a digit that many points. A long-answer
mask has a pair a task, ``2(3)`` being 2 of 3 points, and its numbers go on after the short part. How many points a
``+`` is worth, no file says; what is assumed here is a convention and unconfirmed: 1, or in a task that shows a digit
somewhere in the block the largest digit, at least 2. Where that does not reproduce the declared primary scores, the
values that do are looked for, and taken only if the scores determine them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import pandas as pd

from oko.language import N_

Value = TypeVar("Value", int, tuple[int, ...])

_PAIR = re.compile(r"([0-9]{1,2})\(([0-9]{1,2})\)")
_SHORT = re.compile(r"[+\-0-9]*")
_LONG = re.compile(rf"(?:{_PAIR.pattern})*")
_DASHES = str.maketrans("−–—", "---")
_AGREEING = 0.9
_FEWEST = 3
_MOST = 9

NO_SHORT = N_("The mask of short answers holds something else than +, - and digits: correct it.")
NO_LONG = N_("The mask of long answers is not made of pairs as in 1(2), points and greatest points: correct it.")
OTHER_LENGTH = N_(
    "The mask has {n} tasks, and most masks of this exam have {usual}: a character is missing or too many."
)
OTHER_MAXIMA = N_("The greatest points in the mask of long answers are not those of the other rows of this exam.")
OTHER_SUM = N_("The mask adds up to {sum}, and the primary score is {given}: correct one of them.")


@dataclass(frozen=True)
class RowFault:
    """What is wrong with the masks of one row; the mask itself is not quoted."""

    row: object
    part: str
    message: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Points:
    """Points of the tasks of one exam.

    Attributes
    ----------
    cells : DataFrame
        Points as text; index as the masks, of the rows that could be read; columns "1", "2", ….
    maxima : Series of Int64
        Greatest points by task; NA where nobody has points in it, so that the masks do not say.
    faults : tuple of RowFault
    read_as : Mapping of (str, str) to int
        Which sign was read as how many points, and in how many cells.
    n_declared, n_agreeing : int
        Rows that declare a primary score, and those of them whose masks add up to it.
    """

    cells: pd.DataFrame
    maxima: pd.Series
    faults: tuple[RowFault, ...]
    read_as: Mapping[tuple[str, str], int]
    n_declared: int
    n_agreeing: int


def points(short: pd.Series, long: pd.Series, declared: pd.Series) -> Points:
    """Read the masks of one exam.

    Parameters
    ----------
    short, long : Series of str
        Masks on one index, each row with at least one of them; an empty part counts as no points.
    declared : Series of float
        Primary scores on the same index; NaN where there is none.

    Returns
    -------
    Points

    Examples
    --------
    >>> masks = pd.Series(["+-2", "++1"]), pd.Series(["1(2)", "0(2)"])
    >>> read = points(*masks, pd.Series([4.0, 3.0]))
    >>> read.cells.to_numpy().tolist(), read.maxima.tolist()
    ([['1', '0', '2', '1'], ['1', '1', '1', '0']], [1, 1, 2, 2])
    """
    signs, short_faults = _signs(_written(short))
    got, most, long_faults = _pairs(_written(long))
    faults = [*short_faults, *long_faults]
    there = short.index.difference([fault.row for fault in faults], sort=False)
    signs, got = signs.loc[there], got.loc[there]
    given = declared.loc[there].astype("float64")
    rest = given - got.sum(axis=1) - _digits(signs).sum(axis=1)
    plus = full_points(signs.to_numpy(dtype="U1"), rest.to_numpy(dtype="float64"))
    values = _digits(signs) + (signs == "+") * plus
    whole = pd.concat([values, got], axis=1).set_axis(
        [str(n + 1) for n in range(signs.shape[1] + got.shape[1])], axis=1
    )
    sums = whole.sum(axis=1)
    wrong = given.notna() & (sums != given)
    faults += [
        RowFault(row, "short", OTHER_SUM, {"sum": int(sums[row]), "given": f"{given[row]:g}"}) for row in there[wrong]
    ]
    seen = (signs != "-") & (signs != "")
    maxima = pd.Series(plus, dtype="Int64").mask(~seen.any(axis=0).to_numpy(dtype=bool))
    return Points(
        whole[~wrong].astype("int64").astype("str"),
        pd.concat([maxima, pd.Series(most, dtype="Int64")]).set_axis(whole.columns),
        tuple(faults),
        _read_as(signs, plus),
        int(given.notna().sum()),
        int(given.notna().sum() - wrong.sum()),
    )


def full_points(signs: np.ndarray, rest: np.ndarray) -> np.ndarray:
    """Find how many points a + is worth in each short task.

    Parameters
    ----------
    signs : array of str, pupils × tasks
        Characters of the masks; "" where a pupil has no short part.
    rest : array of float, a value a pupil
        Declared primary score less all points that digits and long answers give; NaN where none is declared.

    Returns
    -------
    array of int
        A value a task: 1, or the largest digit seen in it and at least 2. Others only where these do not reproduce the
        declared scores, the others do in nine rows of ten, and the scores determine them: a linear system whose
        unknowns they are has one solution.
    """
    digits = np.where(np.char.isdigit(signs), signs, "0").astype("int64") if signs.size else np.zeros(signs.shape, int)
    many = np.char.isdigit(signs).any(axis=0) if signs.size else np.zeros(signs.shape[1], bool)
    usual = np.where(many, np.maximum(digits.max(axis=0, initial=0), 2), 1)
    known = ~np.isnan(rest)
    plus, left = (signs[known] == "+").astype("int64"), rest[known]
    if not len(left) or (plus @ usual == left).all():
        return usual
    found = _descended(plus, left, usual)
    agreeing = plus @ found == left
    if agreeing.sum() < max(_FEWEST, _AGREEING * len(left)):
        return usual
    return found if _determined(plus[agreeing], np.flatnonzero(found != usual)) else usual


def _descended(plus: np.ndarray, left: np.ndarray, start: np.ndarray) -> np.ndarray:
    """Change the value of one task at a time as long as the sum of absolute differences falls."""
    values, best = start.copy(), float(np.abs(plus @ start - left).sum())
    while best > 0:
        trials = [
            (float(np.abs(plus @ values + plus[:, task] * (value - values[task]) - left).sum()), task, value)
            for task in range(len(values))
            for value in range(int(start[task]), _MOST + 1)
        ]
        least, task, value = min(trials, default=(best, 0, 0))
        if least >= best:
            break
        values[task], best = value, least
    return values


def _determined(plus: np.ndarray, tasks: np.ndarray) -> bool:
    """Tell whether the values of tasks follow from the rows: their unit vectors lie in the span of the rows."""
    rank = np.linalg.matrix_rank(plus)
    units = np.eye(plus.shape[1], dtype="int64")[tasks]
    return bool(np.linalg.matrix_rank(np.vstack([plus, units])) == rank)


def _written(masks: pd.Series) -> pd.Series:
    return masks.str.strip().str.translate(_DASHES)


def _digits(signs: pd.DataFrame) -> pd.DataFrame:
    return signs.where(signs.isin(list("0123456789")), "0").astype("int64")


def _signs(masks: pd.Series) -> tuple[pd.DataFrame, list[RowFault]]:
    """Split masks of short answers into a column a task; masks of an unusual length are faults."""
    odd = ~masks.map(lambda mask: _SHORT.fullmatch(mask) is not None).astype(bool)
    faults = [RowFault(row, "short", NO_SHORT) for row in masks.index[odd]]
    lengths = masks[~odd].str.len()
    usual = _usual(lengths[lengths > 0].tolist(), 0)
    short = lengths[(lengths > 0) & (lengths != usual)]
    faults += [RowFault(row, "short", OTHER_LENGTH, {"n": int(n), "usual": usual}) for row, n in short.items()]
    good = masks[~odd & masks.str.len().isin([0, usual])]
    rows = [list(mask) or [""] * usual for mask in good]
    return pd.DataFrame(rows, index=good.index, columns=range(usual), dtype="str"), faults


def _pairs(masks: pd.Series) -> tuple[pd.DataFrame, tuple[int, ...], list[RowFault]]:
    """Split masks of long answers into points, a column a task, and the maxima that most rows have."""
    pairs = {row: _read_pairs(mask) for row, mask in masks.items()}
    faults = [RowFault(row, "long", NO_LONG) for row, read in pairs.items() if read is None]
    known = {row: read for row, read in pairs.items() if read is not None}
    usual = _usual([tuple(most for _, most in read) for read in known.values() if read], ())
    good: dict[object, list[int]] = {}
    for row, read in known.items():
        if len(read) not in {0, len(usual)}:
            faults.append(RowFault(row, "long", OTHER_LENGTH, {"n": len(read), "usual": len(usual)}))
        elif read and tuple(most for _, most in read) != usual:
            faults.append(RowFault(row, "long", OTHER_MAXIMA))
        else:
            good[row] = [got for got, _ in read] or [0] * len(usual)
    frame = pd.DataFrame(list(good.values()), index=list(good), columns=range(len(usual)), dtype="int64")
    return frame, usual, faults


def _read_pairs(mask: str) -> list[tuple[int, int]] | None:
    if _LONG.fullmatch(mask) is None:
        return None
    pairs = [(int(got), int(most)) for got, most in _PAIR.findall(mask)]
    return pairs if all(0 <= got <= most and most > 0 for got, most in pairs) else None


def _usual(found: list[Value], nothing: Value) -> Value:
    counts = Counter(found)
    return max(counts, key=lambda value: (counts[value], value), default=nothing)


def _read_as(signs: pd.DataFrame, plus: np.ndarray) -> dict[tuple[str, str], int]:
    counts = {("-", "0"): int((signs == "-").to_numpy().sum())}
    for value, n in zip(plus, (signs == "+").sum(axis=0), strict=True):
        key = ("+", str(value))
        counts[key] = counts.get(key, 0) + int(n)
    return {key: n for key, n in counts.items() if n}
