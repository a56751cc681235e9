"""Profiles of schools: on which tasks and skills a school shows more or less than its own level leads to expect."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit

from oko.errors import MeasureError
from oko.measures.intervals import check_level
from oko.measures.multiplicity import adjusted
from oko.measures.zones.lines import unit_lines
from oko.measures.zones.norm import read_reference
from oko.measures.zones.parts import parts_of
from oko.measures.zones.remarks import remarks
from oko.measures.zones.spread import design_effect, satterthwaite
from oko.measures.zones.targets import items_as_targets, skills_as_targets
from oko.measures.zones.works import read_works

ADJUSTMENTS = ("holm", "bh", "none")
COLUMNS = (
    "school", "unit", "target", "n_items", "n", "n_classes", "facility", "expected", "residual", "shrunken", "se", "df",
    "lower", "upper", "p", "p_adjusted", "kind", "se_norm", "df_norm",
)  # fmt: skip


def profiles(
    points: Mapping[str, pd.DataFrame],
    max_scores: pd.DataFrame,
    reference: pd.DataFrame | None = None,
    skills: pd.DataFrame | None = None,
    *,
    units: Mapping[str, str] | None = None,
    threshold: float = 10,
    adjust: str = "holm",
    level: float = 0.95,
) -> pd.DataFrame:
    r"""Return each school's residual on each task, or each skill, with the school's level and a norm taken away.

    Parameters
    ----------
    points : mapping of assessment to DataFrame, pupils × items
        Points from 0 to the item's maximum on an index of ``school``, ``class``, ``pupil``; NaN where the item was not
        administered. A pupil has one name in all assessments.
    max_scores : DataFrame
        ``assessment``, ``item``, ``max_score``.
    reference : DataFrame, optional
        Norm from outside: ``assessment``, ``school``, ``item``, ``n`` pupils, ``facility`` (0 to 1). Ten schools or
        more also say how a profile changes with the level. Without it the schools are compared with each other, and a
        deficit that all share cannot be seen.
    skills : DataFrame, optional
        ``assessment``, ``item``, ``skill`` and, if need be, ``weight`` (above 0, by default 1). With it the targets are
        skills; one that has fewer than three tasks in a unit gets no number.
    units : mapping of assessment to unit, optional
        Assessments that one skill profile is made of, e.g. all grades of a subject in one school year. By default each
        assessment is a unit; without ``skills`` always.
    threshold : float, default 10
        Fewest pupils of a school on an item.
    adjust : {"holm", "bh", "none"}
        Over all schools and targets of a unit.
    level : float, default 0.95
        Confidence level; 1 − level is what ``p_adjusted`` is held against.

    Returns
    -------
    DataFrame
        One row a unit, target and school: ``school``, ``unit``, ``target``; ``n_items``; ``n`` pupils, ``n_classes``;
        ``facility`` and ``expected`` (0 to 1; for a skill the mean over its tasks); ``residual`` (logits),
        ``shrunken``, ``se``, ``df``, ``lower``, ``upper`` (of the residual, for this row alone); ``p``,
        ``p_adjusted``; ``kind``: "deficit", "strength" or "none"; ``se_norm``, ``df_norm``, the part of the error that
        all schools share. What cannot be known is NaN. ``attrs["statements"]`` is a tuple of Statement.

    Raises
    ------
    MeasureError
        Points, maxima, norm, skills or options are wrong.

    Notes
    -----
    With :math:`y_{si}` the empirical logit of school s on task i, the residual is
    :math:`y_{si} - \bar y_s - \hat μ_i(\bar y_s)`, where :math:`\hat μ_i` is the norm's centred logit at that level
    (`norm.external_norm`) or the mean over the schools (double centring). Logits and not shares: in shares a task that
    nearly all solve has no room above the norm, and a strong school would show "deficits" on all easy tasks.
    A residual is a statement about the profile: a school with a deficit on some tasks has by construction more than
    expected on others.

    The error is linearised over pupils: pupil p adds
    :math:`u_{pi} - (1 + β_i) \bar u_p, u_{pi} = (x_{pi} - f_i) / n f_i (1 - f_i)`, so that what tasks have in common
    through the same pupils is in it. It is widened by the design effect of classes that all schools of the unit have
    together (`spread.design_effect`), and the norm's error is added; degrees of freedom after Satterthwaite. A zone is
    named where the adjusted p is at most 1 − level, which the row's own interval then bears out. ``shrunken`` is
    :math:`r τ^2 / (τ^2 + se^2)`, τ² the mean of r² − se² over the unit, at least 0.

    Examples
    --------
    >>> index = pd.MultiIndex.from_product([["1", "2"], ["7А"], range(20)], names=["school", "class", "pupil"])
    >>> first = [1] * 18 + [0] * 2 + [1] * 2 + [0] * 18
    >>> points = pd.DataFrame({"1": first, "2": first[::-1]}, index)
    >>> most = pd.DataFrame({"assessment": "w", "item": ["1", "2"], "max_score": 1})
    >>> profiles({"w": points}, most)[["school", "target", "kind"]].values.tolist()[:2]
    [['1', '1', 'strength'], ['2', '1', 'deficit']]
    """
    _check_options(threshold, adjust, level)
    works = read_works(points, max_scores)
    norm = None if reference is None else read_reference(reference)
    empty = pd.DataFrame()
    parts = {
        name: parts_of(schools, None if norm is None else norm.get(name, empty), threshold)
        for name, schools in works.items()
    }
    targets = items_as_targets(works) if skills is None else skills_as_targets(works, skills, units)
    raw = [unit_lines(works, parts, unit, targets[unit], skills is not None) for unit in sorted(targets)]
    found = [_judged(lines, adjust, level, among=norm is None) for lines in raw if len(lines)]
    frame = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COLUMNS), dtype=float)
    result = frame[list(COLUMNS)].astype({"school": str, "unit": str, "target": str, "kind": str})
    result.attrs["statements"] = tuple(remarks(works, parts, frame, norm, skills is not None))
    return result


def _check_options(threshold: float, adjust: str, level: float) -> None:
    check_level(level)
    if not threshold >= 1:
        raise MeasureError("Threshold {threshold} is no number of pupils: give 1 or more.", threshold=threshold)
    if adjust not in ADJUSTMENTS:
        raise MeasureError('There is no adjustment {adjust}: give "holm", "bh" or "none".', adjust=repr(adjust))


def _judged(lines: pd.DataFrame, adjust: str, level: float, *, among: bool) -> pd.DataFrame:
    """Add errors, intervals and kinds to the lines of a unit."""
    known = lines["residual"].notna().to_numpy()
    effect, freedom = design_effect(lines[known])
    variance = lines["pupils"].where(known) * effect
    if among:
        m = lines.groupby("target")["residual"].transform("count").to_numpy()
        others = variance.groupby(lines["target"]).transform("sum") / np.maximum(m, 1) ** 2
        variance = variance * (1 - 2 / np.maximum(m, 1)) + others
    norm, norm_df = lines["norm"].to_numpy(dtype=float), lines["df_norm"].to_numpy(dtype=float)
    own_df = lines["n"] - 1 if np.isinf(freedom) else pd.Series(freedom, lines.index)
    se = np.sqrt(variance.to_numpy() + norm)
    both = np.column_stack([variance.to_numpy(), norm])
    df = np.where(known, satterthwaite(both, np.column_stack([own_df.to_numpy(dtype=float), norm_df])), np.nan)
    residual = lines["residual"].to_numpy(dtype=float)
    half = stdtrit(df, (1 + level) / 2) * se
    t = np.divide(residual, se, out=np.full(len(se), np.nan), where=se > 0)
    p = 2 * stdtr(df, -np.abs(t))
    between = max(0.0, float(np.nanmean(residual**2 - se**2))) if known.any() else 0.0
    p_adjusted = adjusted(p, adjust)
    named = p_adjusted <= 1 - level
    return lines.assign(
        shrunken=residual * np.divide(between, between + se**2, out=np.zeros(len(se)), where=between + se**2 > 0)
        + np.where(known, 0.0, np.nan),
        se=se, df=df, lower=residual - half, upper=residual + half, p=p, p_adjusted=p_adjusted,
        kind=np.where(named & (residual < 0), "deficit", np.where(named & (residual > 0), "strength", "none")),
        se_norm=np.where(among, np.nan, np.sqrt(norm)), classes_df=freedom, between=between,
    )  # fmt: skip
