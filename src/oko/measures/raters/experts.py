"""Agreement of experts on which skills each task needs, and the matrix that they agree on."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.intervals import Floats, check_level
from oko.measures.raters.fleiss import Pooled, kappa_remarks, pooled
from oko.measures.statement import Statement
from oko.measures.weights import as_numbers

Judgements: TypeAlias = pd.DataFrame | Mapping[Hashable, pd.DataFrame]


_ROUNDING = 1e-9


@dataclass(frozen=True)
class ExpertAgreement:
    """Agreement of experts on a matrix of tasks and skills.

    An item is a row of ``item``, or of ``instrument`` and ``item`` where the judgements name instruments.

    Attributes
    ----------
    matrix : DataFrame, items × skills
        1: the agreed answer is that the task needs the skill, 0: it does not, NaN: undecided or not judged.
    cells : DataFrame, index item and ``skill``
        ``experts`` who judged, ``share`` of them who hold the skill needed, ``needed`` as in ``matrix``.
    items : DataFrame, index item
        ``experts`` (the most of a cell), ``agreement``: share of agreeing pairs of experts, mean over skills;
        ``undecided``: skills; ``discuss``: whether a skill is undecided or agreement is below ``discuss_below``.
    skills : DataFrame, index ``skill``
        ``items`` that two experts or more judged, ``share`` of judgements "needed", ``agreement``; ``kappa``,
        ``lower``, ``upper``: Fleiss over items, NaN as in `fleiss_kappa`; ``undecided``: items.
    kappa, se, lower, upper : float
        Fleiss' kappa over all cells; the interval is over items, whose cells are not independent.
    agreement, expected : float
    experts, n_items : int
    statements : tuple of Statement
    """

    matrix: pd.DataFrame
    cells: pd.DataFrame
    items: pd.DataFrame
    skills: pd.DataFrame
    kappa: float
    se: float
    lower: float
    upper: float
    agreement: float
    expected: float
    experts: int
    n_items: int
    statements: tuple[Statement, ...]


def expert_agreement(
    judgements: Judgements, majority: float = 0.5, cut: float = 0.5, discuss_below: float = 0.8, level: float = 0.95
) -> ExpertAgreement:
    r"""Say how far experts agree on the skills that tasks need.

    Parameters
    ----------
    judgements : DataFrame or mapping
        One row an expert, an item and a skill: columns ``expert``, ``item``, ``skill``, ``weight`` (0: not needed, 1:
        needed), and ``instrument`` where items of several instruments stand together: the register ``skills`` as it is.
        Or a matrix of items × skills for each expert. Rows without a weight were not judged.
    majority : float, default 0.5
        An answer is agreed where more than this share of the experts gave it; 0.5 to below 1.
    cut : float, default 0.5
        A weight of this or more counts as needed; above 0, to 1.
    discuss_below : float, default 0.8
        Items with less agreement are to be discussed (McHugh 2012 takes 80 % as the least that is acceptable).
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    ExpertAgreement

    Raises
    ------
    MeasureError
        A column is missing, an expert judged a cell twice, a weight is outside 0 to 1, there is no judgement, or a
        share is outside its range.

    Notes
    -----
    Kappa is Fleiss' for two categories, with the generalised formula where cells have different numbers of experts
    (`fleiss_kappa`). Its standard error is linearised over items, t on items − 1 degrees of freedom.

    Examples
    --------
    >>> first = pd.DataFrame({"reading": [1, 1, 0], "model": [0, 1, 0]}, index=["1", "2", "3"])
    >>> second = pd.DataFrame({"reading": [1, 0, 0], "model": [0, 1, 0]}, index=["1", "2", "3"])
    >>> found = expert_agreement({1: first, 2: second})
    >>> round(found.kappa, 3), found.items["discuss"].tolist()
    (0.657, [False, True, False])
    """
    check_level(level)
    for name, share, lowest in (("majority", majority, 0.5), ("cut", cut, 1e-9), ("discuss_below", discuss_below, 0.0)):
        if not lowest <= share <= 1 or (name == "majority" and share == 1):
            raise MeasureError("{name} = {share} is not a share that makes sense here.", name=name, share=share)
    rows, keys = _read(judgements)
    cells = _cells(rows.assign(needed=rows["weight"] >= cut), keys, majority)
    counts = np.column_stack([cells["experts"] - cells["yes"], cells["yes"]]).astype(np.float64)
    cells = cells.drop(columns="yes")
    item_codes = np.asarray(cells.groupby(keys, sort=False, observed=True).ngroup(), dtype=np.int64)
    whole = pooled(counts, np.ones(len(counts)), level, item_codes)
    items = _items(cells, counts, keys, discuss_below)
    skills = _skills(cells, counts, level)
    return ExpertAgreement(
        matrix=cells["needed"].unstack("skill").reindex(index=items.index, columns=skills.index),
        cells=cells,
        items=items,
        skills=skills,
        kappa=whole.kappa,
        se=whole.se,
        lower=whole.lower,
        upper=whole.upper,
        agreement=whole.agreement,
        expected=whole.expected,
        experts=int(rows["expert"].nunique()),
        n_items=len(items),
        statements=(*_remarks(rows, cells, counts, items, whole, cut), *_skill_remarks(skills, rows)),
    )


def _read(judgements: Judgements) -> tuple[pd.DataFrame, list[str]]:
    rows = judgements if isinstance(judgements, pd.DataFrame) else _long(judgements)
    keys = (["instrument"] if "instrument" in rows else []) + ["item"]
    for column in ("expert", *keys, "skill", "weight"):
        if column not in rows:
            raise MeasureError("Column {column} is missing from the judgements.", column=repr(column))
    rows = rows[["expert", *keys, "skill", "weight"]].reset_index(drop=True)
    empty = rows[["expert", *keys, "skill"]].isna()
    if empty.any(axis=None):
        place, column = np.argwhere(empty.to_numpy())[0].tolist()
        raise MeasureError(
            "Column {column} of the judgements is empty in row {row}: fill it in, or take the row out.",
            column=repr(str(empty.columns[column])),
            row=place + 1,
        )
    twice = rows.duplicated(["expert", *keys, "skill"])
    if twice.any():
        row = rows[twice].iloc[0]
        raise MeasureError(
            "Expert {expert} judged item {item} for skill {skill} twice: leave one judgement.",
            expert=str(row["expert"]),
            item=str(row["item"]),
            skill=str(row["skill"]),
        )
    weight = as_numbers(rows["weight"], "weight") if len(rows) else np.empty(0)
    wrong = (weight < 0) | (weight > 1)
    if wrong.any():
        raise MeasureError(
            "Weight {weight} in row {row} is not between 0 (not needed) and 1 (needed).",
            weight=float(weight[wrong][0]),
            row=int(np.flatnonzero(wrong)[0]) + 1,
        )
    known = np.isfinite(weight)
    if not known.any():
        raise MeasureError("There is no judgement: give at least one row with a weight.")
    return rows.assign(weight=weight)[known], keys


def _long(matrices: Mapping[Hashable, pd.DataFrame]) -> pd.DataFrame:
    if not matrices:
        raise MeasureError("There is no judgement: give at least one row with a weight.")
    whole = pd.concat(dict(matrices), names=["expert", "item"])
    rows = whole.rename_axis(columns="skill").reset_index()
    return rows.melt(["expert", "item"], var_name="skill", value_name="weight")


def _cells(rows: pd.DataFrame, keys: list[str], majority: float) -> pd.DataFrame:
    grouped = rows.groupby([*keys, "skill"], sort=False, observed=True)["needed"]
    experts, yes = grouped.size(), grouped.sum().astype("int64")
    share = yes / experts
    needed = np.select([share > majority, (experts - yes) / experts > majority], [1.0, 0.0], np.nan)
    return pd.DataFrame({"experts": experts, "yes": yes, "share": share, "needed": needed})


def _agreement(counts: Floats) -> Floats:
    """Return the share of agreeing pairs in each cell, NaN below two experts."""
    experts = counts.sum(axis=1)
    pairs = np.where(experts > 1, experts * (experts - 1), np.nan)
    return np.asarray((counts * (counts - 1)).sum(axis=1) / pairs)


def _items(cells: pd.DataFrame, counts: Floats, keys: list[str], discuss_below: float) -> pd.DataFrame:
    each = cells.assign(agreement=_agreement(counts), undecided=cells["needed"].isna())
    grouped = each.groupby(keys, sort=False, observed=True)
    items = grouped.agg({"experts": "max", "agreement": "mean", "undecided": "sum"})
    return items.assign(discuss=(items["undecided"] > 0) | (items["agreement"] < discuss_below - _ROUNDING))


def _skills(cells: pd.DataFrame, counts: Floats, level: float) -> pd.DataFrame:
    codes, labels = pd.factorize(cells.index.get_level_values("skill"))
    undecided = cells["needed"].isna().to_numpy()
    rows = []
    for code in range(len(labels)):
        own = counts[codes == code]
        found = pooled(own, np.ones(len(own)), level)
        share = float(own[:, 1].sum() / own.sum())
        open_items = int(undecided[codes == code].sum())
        rows.append((int(found.n), share, found.agreement, found.kappa, found.lower, found.upper, open_items))
    columns = ["items", "share", "agreement", "kappa", "lower", "upper", "undecided"]
    return pd.DataFrame(rows, pd.Index(labels, name="skill"), columns)


def _remarks(
    rows: pd.DataFrame, cells: pd.DataFrame, counts: Floats, items: pd.DataFrame, whole: Pooled, cut: float
) -> list[Statement]:
    said = []
    if rows["expert"].nunique() == 1:
        said.append(Statement("raters_one_expert", {"n_items": len(items)}))
    else:
        shares = counts.sum(axis=0) / counts.sum()
        judged = float(items["agreement"].notna().sum())
        said += kappa_remarks(replace(whole, n=judged), 2, shares, pd.Index(["0", "1"]))
        alone = int((cells["experts"] == 1).sum())
        if alone and whole.n > 0:
            said.append(Statement("raters_cells_of_one_expert", {"n_cells": alone, "of": len(cells)}))
    parts = int(((rows["weight"] > 0) & (rows["weight"] < 1)).sum())
    if parts:
        said.append(Statement("raters_parts_of_weight", {"n": parts, "cut": cut}))
    discuss = tuple(_label(name) for name in items.index[items["discuss"]])
    if discuss:
        said.append(Statement("raters_items_to_discuss", {"items": discuss}))
    undecided = int(cells["needed"].isna().sum())
    if undecided:
        said.append(Statement("raters_undecided", {"n_cells": undecided, "of": len(cells)}))
    return said


def _skill_remarks(skills: pd.DataFrame, rows: pd.DataFrame) -> list[Statement]:
    without = tuple(str(skill) for skill in skills.index[skills["kappa"].isna()])
    if not without or rows["expert"].nunique() == 1:
        return []
    return [Statement("raters_skills_without_kappa", {"skills": without})]


def _label(name: object) -> str:
    return ", ".join(str(part) for part in name) if isinstance(name, tuple) else str(name)
