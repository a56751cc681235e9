"""Means of schools by wave: what a comparison of changes is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.impact.assignments import zero_or_one
from oko.measures.impact.regression import text_codes
from oko.measures.intervals import Floats
from oko.measures.statement import Statement, named
from oko.measures.weights import Codes, Weights, as_numbers, frequency_weights, sum_by

ONE = "all"


@dataclass(frozen=True)
class Cells:
    """One row a school, stratum and wave, with pupils behind it.

    Attributes
    ----------
    frame : DataFrame
        ``school``, ``stratum``, ``period`` (0, 1), ``treated``, ``n``, ``mean``, ``squares`` (within the cell; NaN
        where rows are means without a standard deviation), and the mean of each covariate.
    centre : float
        What was taken off the outcome so that large numbers lose no digits; ``mean`` is without it.
    covariates : tuple of str
    statements : tuple of Statement
    """

    frame: pd.DataFrame
    centre: float
    covariates: tuple[str, ...]
    statements: tuple[Statement, ...]


def read_cells(
    data: pd.DataFrame,
    outcome: str,
    school: str,
    period: str,
    treated: str,
    weights: Weights,
    covariates: Sequence[str],
    stratum: str | Sequence[str] | None,
    sd: str | None,
) -> Cells:
    """Put pupils, or means of schools, together by school, stratum and wave.

    Raises
    ------
    MeasureError
        A column is missing, holds no numbers or is empty; a period or a treatment is not 0 or 1; a school is treated in
        one row and not in another.
    """
    strata = [stratum] if isinstance(stratum, str) else list(stratum or ())
    adjust = [covariates] if isinstance(covariates, str) else list(dict.fromkeys(covariates or ()))
    for name in (outcome, school, period, treated, *adjust, *strata, *([sd] if sd else [])):
        _check_column(data, name)
    _check_filled(data[school], school)
    pupils = frequency_weights(data, weights)
    values = as_numbers(data[outcome], outcome)
    extra = np.column_stack([as_numbers(data[name], name) for name in adjust] or [values[:, None][:, :0]])
    wave, with_model = zero_or_one(data[period], period), zero_or_one(data[treated], treated)
    known = np.isfinite(values) & np.isfinite(extra).all(axis=1) & (pupils > 0)
    said = [Statement("impact_rows_dropped", {"n": int((~known).sum()), "of": len(known)})] if not known.all() else []
    rows = data[known]
    place, names = text_codes(rows[school])
    work, works = _strata(rows, strata)
    _check_constant(place, with_model[known], names, treated)
    spread = as_numbers(rows[sd], sd) if sd else None
    if spread is not None and (spread < 0).any():
        raise MeasureError("Column {column} holds a standard deviation below 0.", column=repr(sd))
    centre = float(np.average(values[known], weights=pupils[known])) if known.any() else 0.0
    frame = _together(place, work, wave[known], values[known] - centre, pupils[known], extra[known], spread, adjust)
    decided = np.zeros(len(names), dtype=bool)
    decided[place] = with_model[known]
    frame["treated"] = decided[frame["school"].to_numpy()].astype(float)
    frame["school"] = names.to_numpy()[frame["school"].to_numpy()]
    frame["stratum"] = works[frame["stratum"].to_numpy()]
    return Cells(frame, centre, tuple(adjust), tuple(said))


def _check_column(data: pd.DataFrame, name: str) -> None:
    if name not in data:
        raise MeasureError("Column {column} is missing from the data.", column=repr(name))
    if list(data.columns).count(name) > 1:
        raise MeasureError("Column {column} stands twice in the data: leave one.", column=repr(name))


def _strata(rows: pd.DataFrame, strata: list[str]) -> tuple[np.ndarray, np.ndarray]:
    if not strata:
        return np.zeros(len(rows), dtype=np.int64), np.array([ONE], dtype=object)
    for name in strata:
        _check_filled(rows[name], name)
    codes, names = text_codes(rows[strata[0]])
    for name in strata[1:]:
        more, further = text_codes(rows[name])
        pairs, codes = np.unique(codes * max(len(further), 1) + more, return_inverse=True)
        names = pd.Index([f"{names[pair // len(further)]}; {further[pair % len(further)]}" for pair in pairs])
    return np.asarray(codes, dtype=np.int64), names.to_numpy(dtype=object)


def _check_filled(values: pd.Series, name: str) -> None:
    if values.isna().any():
        row = int(np.flatnonzero(values.isna())[0]) + 1
        raise MeasureError("{name} is empty in row {row}: every row needs one.", name=name, row=row)


def _check_constant(place: np.ndarray, with_model: np.ndarray, names: pd.Index, treated: str) -> None:
    both = (sum_by(place, with_model * 1.0, len(names)) > 0) & (sum_by(place, ~with_model * 1.0, len(names)) > 0)
    if both.any():
        raise MeasureError(
            "School {school} has both 0 and 1 in {column}: a school is in one group in all waves.",
            school=str(names[both][0]),
            column=repr(treated),
        )


def _together(
    place: np.ndarray, work: np.ndarray, wave: np.ndarray, values: Floats, pupils: Floats, extra: Floats,
    spread: Floats | None, adjust: list[str],
) -> pd.DataFrame:  # fmt: skip
    keys = pd.DataFrame({"school": place, "stratum": work, "period": wave.astype(np.int64)})
    groups = keys.groupby(["school", "stratum", "period"], sort=True)
    code: Codes = np.asarray(groups.ngroup(), dtype=np.int64)
    size = groups.ngroups
    n = sum_by(code, pupils, size)
    mean = sum_by(code, pupils * values, size) / n
    squares: Floats = sum_by(code, pupils * (values - mean[code]) ** 2, size)
    if spread is not None:
        squares = squares + sum_by(code, np.maximum(pupils - 1, 0) * spread**2, size)
    else:
        squares[code[pupils > 1]] = np.nan
    frame = keys.drop_duplicates().sort_values(["school", "stratum", "period"], ignore_index=True)
    frame = frame.assign(n=n, mean=mean, squares=squares)
    for i, name in enumerate(adjust):
        frame[f"covariate {name}"] = sum_by(code, pupils * extra[:, i], size) / n
    return frame


@dataclass(frozen=True)
class Pairs:
    """Schools and strata with both waves: one row each.

    Attributes
    ----------
    frame : DataFrame
        ``school``, ``stratum``, ``treated``, ``n_before``, ``n_after``, ``before``, ``after``, ``change``, ``share`` (1
        / strata of the school), and the change of each covariate.
    statements : tuple of Statement
    """

    frame: pd.DataFrame
    covariates: tuple[str, ...]
    statements: tuple[Statement, ...]


def read_pairs(cells: Cells) -> Pairs:
    """Keep schools and strata that have both waves, and say which were left out."""
    frame = cells.frame
    columns = ["n", "mean", *(f"covariate {name}" for name in cells.covariates)]
    sides = [frame[frame["period"] == wave].set_index(["school", "stratum"]) for wave in (0, 1)]
    both = sides[0].index.intersection(sides[1].index).sort_values()
    before, after = (side.loc[both, columns] for side in sides)
    pairs = pd.DataFrame(
        {
            "treated": sides[0].loc[both, "treated"],
            "n_before": before["n"], "n_after": after["n"],
            "before": before["mean"], "after": after["mean"], "change": after["mean"] - before["mean"],
        }
    ).reset_index()  # fmt: skip
    pairs["share"] = 1 / pairs.groupby("school")["stratum"].transform("size") if len(pairs) else np.empty(0)
    moved, said = [], list(cells.statements)
    for name in cells.covariates:
        first, last = (side[f"covariate {name}"].to_numpy() for side in (before, after))
        change = last - first
        if np.abs(change).max(initial=0.0) <= 1e-12 * np.abs(first).max(initial=1e-300):
            said.append(Statement("impact_covariate_constant", {"covariates": (name,)}))
            continue
        pairs[f"covariate {name}"] = change
        moved.append(name)
    return Pairs(pairs, tuple(moved), (*said, *_left_out(frame, pairs)))


def _left_out(frame: pd.DataFrame, pairs: pd.DataFrame) -> list[Statement]:
    said = []
    waves = sorted(frame["period"].unique())
    if len(waves) < 2:
        return [Statement("impact_one_wave", {"n_waves": len(waves)})]
    alone = sorted(set(frame["school"]) - set(pairs["school"]))
    if alone:
        said.append(Statement("impact_schools_left_out", {"schools": named(alone)}))
    rest = frame[~frame["school"].isin(alone)]
    lost = len(rest) - 2 * len(pairs)
    if lost:
        said.append(Statement("impact_pairs_left_out", {"n": lost}))
    return said
