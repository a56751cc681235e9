"""A school's residuals on one work, and what each pupil adds to their error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from oko.measures.responses import Floats
from oko.measures.zones.norm import Norm, external_norm, own_norm
from oko.measures.zones.works import SchoolWork


@dataclass(frozen=True)
class Part:
    """One school on one work.

    Attributes
    ----------
    work : SchoolWork
    used : ndarray of bool of shape (items of the work,)
        Items that make the profile.
    residual : ndarray of shape (used items,)
        Logits with the school's level and the norm taken away.
    influence : ndarray of shape (pupils, used items)
    norm : ndarray of shape (norm's schools, used items)
        What each school of the norm adds to the error; of no rows where the schools are their own norm.
    norm_schools : Index
    inside : bool
        The school's level lies among those of the norm.
    """

    work: SchoolWork
    used: NDArray[np.bool_]
    residual: Floats
    influence: Floats
    norm: Floats
    norm_schools: pd.Index
    inside: bool

    @property
    def items(self) -> pd.Index:
        return self.work.items[self.used]


def parts_of(schools: dict[str, SchoolWork], reference: pd.DataFrame | None, threshold: float) -> dict[str, Part]:
    """Return the parts of the schools that can have a profile on this work.

    Parameters
    ----------
    schools : dict of school to SchoolWork
    reference : DataFrame or None, schools × items
        Logits of the norm's schools; None where the schools are compared with each other.
    threshold : float
        Fewest pupils on an item.
    """
    enough = {school: work.n >= threshold for school, work in schools.items()}
    kept = {school: mask for school, mask in enough.items() if mask.any()}
    if reference is None:
        common = np.logical_and.reduce(list(kept.values())) if kept else np.zeros(0, dtype=np.bool_)
        return _among(schools, kept, common)
    parts = {}
    for school, mask in kept.items():
        work = schools[school]
        used = mask & work.items.isin(reference.columns)
        level = float(work.logits[used].mean()) if used.any() else 0.0
        norm = external_norm(reference, work.items[used], level)
        if used.sum() > 1 and len(norm.schools):
            parts[school] = _part(work, used, norm)
    return parts


def _among(
    schools: dict[str, SchoolWork], kept: dict[str, NDArray[np.bool_]], common: NDArray[np.bool_]
) -> dict[str, Part]:
    if len(kept) < 2 or common.sum() < 2:
        return {}
    logits = np.vstack([schools[school].logits[common] for school in kept])
    count = int(common.sum())
    norm = Norm(own_norm(logits), np.zeros(count), np.zeros((0, count)), pd.Index([], dtype=object), inside=True)
    return {school: _part(schools[school], common, norm) for school in kept}


def _part(work: SchoolWork, used: NDArray[np.bool_], norm: Norm) -> Part:
    logits, influence = work.logits[used], work.influence[:, used]
    growing = 1 + norm.slopes
    level = influence.mean(axis=1, keepdims=True)
    return Part(
        work=work,
        used=used,
        residual=logits - logits.mean() - norm.expected,
        influence=influence - level * growing,
        norm=norm.influence,
        norm_schools=norm.schools,
        inside=norm.inside,
    )
