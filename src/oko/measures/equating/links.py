"""Linking of the scales of two calibrations through common items: the result, and the methods of moments."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from oko.errors import MeasureError
from oko.measures.equating.drift import drift_table
from oko.measures.equating.item_frames import CommonItems, match_items
from oko.measures.irt.calibration import step_columns
from oko.measures.responses import Floats
from oko.measures.statement import Statement
from oko.measures.weights import as_numbers

FEW_COMMON = 5
SHARE_COMMON = 0.2
MOVED = 0.5


@dataclass(frozen=True)
class Link:
    """A line from the ability scale of a new calibration to that of an old one: θ_old = slope · θ_new + intercept.

    Attributes
    ----------
    method : str
        ``mean_sigma``, ``mean_mean``, ``haebara`` or ``stocking_lord``.
    slope, intercept : float
        A and B; NaN where the common items do not give them.
    common, only_old, only_new : tuple
        Items the link rests on; items that stand in one calibration only and have no part in it.
    drift : DataFrame, index ``item``
        Common items on the old scale: ``discrimination_old``, ``discrimination_new``, ``difficulty_old``,
        ``difficulty_new`` (mean of the steps), ``difference`` of difficulties new − old in logits, ``ratio`` of
        discriminations new / old, ``area`` (mean distance of the expected scores as a share of the item's maximum over
        −4 … 4), ``moved``.
    criterion : float
        What was minimised, at its minimum; NaN for the methods of moments.
    gradient_norm : float
        Largest derivative of the criterion with respect to log slope and intercept at the end of the search; NaN
        likewise.
    converged : bool
        The minimum was found and checked; for the methods of moments, that there is a line.
    statements : tuple of Statement
    """

    method: str
    slope: float
    intercept: float
    common: tuple[object, ...]
    only_old: tuple[object, ...]
    only_new: tuple[object, ...]
    drift: pd.DataFrame
    criterion: float
    gradient_norm: float
    converged: bool
    statements: tuple[Statement, ...]

    def transform(self, items: pd.DataFrame) -> pd.DataFrame:
        """Return item parameters of the new calibration on the old scale.

        Parameters
        ----------
        items : DataFrame, index the items
            ``discrimination``, ``difficulty`` and steps as far as they are there; other columns are kept as they are.

        Returns
        -------
        DataFrame
            The same columns; discrimination / slope, slope · difficulty + intercept. Posterior means of
            `irt.abilities` from these items draw pupils towards 0 of the old scale, which is its population's mean.
        """
        moved = {name: self.slope * as_numbers(items[name], name) + self.intercept for name in _located(items)}
        if "discrimination" in items:
            moved["discrimination"] = as_numbers(items["discrimination"], "discrimination") / self.slope
        return items.assign(**moved)

    def transform_abilities(self, theta: pd.Series, se: pd.Series | None = None) -> pd.DataFrame:
        """Return abilities of the new calibration on the old scale.

        Parameters
        ----------
        theta, se : Series
            Abilities and their standard errors.

        Returns
        -------
        DataFrame, index of ``theta``
            ``ability``; ``se`` (slope · se: the error of the link itself is not in it), NaN if not given.

        Raises
        ------
        MeasureError
            The indexes differ, or a value is not a number.
        """
        if not isinstance(theta, pd.Series) or not isinstance(se, (pd.Series, type(None))):
            raise MeasureError("Abilities are given as a Series, and so are their standard errors.")
        if se is not None and not se.index.equals(theta.index):
            raise MeasureError("Abilities and standard errors have different indexes: give both for the same pupils.")
        ability = self.slope * as_numbers(theta, "theta") + self.intercept
        error = np.nan if se is None else self.slope * as_numbers(se, "se")
        return pd.DataFrame({"ability": ability, "se": error}, index=theta.index)


def _located(items: pd.DataFrame) -> list[str]:
    return [*(["difficulty"] if "difficulty" in items else []), *step_columns(items)]


def mean_sigma(old_items: pd.DataFrame, new_items: pd.DataFrame) -> Link:
    r"""Link two calibrations so that means and standard deviations of the common steps agree.

    Parameters
    ----------
    old_items, new_items : DataFrame, index the items
        ``discrimination``; ``step_1``, … (absolute, NaN behind an item's last step) or ``difficulty`` alone. Items are
        matched by their index; where both have ``points``, those whose categories have other points are left out.

    Returns
    -------
    Link
        NaN where all common steps are equal in the new calibration, or none is common.

    Raises
    ------
    MeasureError
        A column is missing or not numeric, an item stands twice, or no item is common.

    Notes
    -----
    :math:`A = s(b_{old}) / s(b_{new})`, :math:`B = \bar b_{old} - A \bar b_{new}` over all steps of all common items
    (Marco 1977; Kolen & Brennan 2004, chapter 6). Few common items are said below a fifth of the shorter instrument and
    never fewer than 5; the fifth is Kolen & Brennan's rule (its page was not at hand to check), the 5 this project's
    choice. Items whose difficulty differs by more than 0.5 logits after linking are named as moved: Draba (1977) and
    Wright & Douglas (1976), quoted in Rasch Measurement Transactions 27:3.

    Examples
    --------
    >>> old = pd.DataFrame({"discrimination": [1.0, 2.0], "difficulty": [-1.0, 1.0]}, index=["1", "2"])
    >>> new = pd.DataFrame({"discrimination": [2.0, 4.0], "difficulty": [0.0, 1.0]}, index=["1", "2"])
    >>> link = mean_sigma(old, new)
    >>> link.slope, link.intercept
    (2.0, -1.0)
    """
    common = match_items(old_items, new_items)
    check_common(common)
    old, new = (steps[~np.isnan(steps)] for steps in (common.old_steps, common.new_steps))
    spread = new.std() if len(new) else 0.0
    slope = float(old.std() / spread) if spread > 0 else np.nan
    slope = slope if slope > 0 else np.nan
    return by_moments("mean_sigma", common, slope, old, new)


def mean_mean(old_items: pd.DataFrame, new_items: pd.DataFrame) -> Link:
    r"""Link two calibrations so that mean discriminations and mean steps of the common items agree.

    Parameters
    ----------
    old_items, new_items : DataFrame, index the items
        As for `mean_sigma`.

    Returns
    -------
    Link

    Raises
    ------
    MeasureError
        A column is missing or not numeric, an item stands twice, or no item is common.

    Notes
    -----
    :math:`A = \bar a_{new} / \bar a_{old}` (Loyd & Hoover 1980, Journal of Educational Measurement 17, 179–193),
    :math:`B = \bar b_{old} - A \bar b_{new}`. With a = 1 in both (Rasch, partial credit) A is 1 and only the zero
    moves.

    Examples
    --------
    >>> old = pd.DataFrame({"discrimination": [1.0, 2.0], "difficulty": [-1.0, 1.0]}, index=["1", "2"])
    >>> new = pd.DataFrame({"discrimination": [2.0, 4.0], "difficulty": [0.0, 1.0]}, index=["1", "2"])
    >>> mean_mean(old, new).slope
    2.0
    """
    common = match_items(old_items, new_items)
    check_common(common)
    old, new = (steps[~np.isnan(steps)] for steps in (common.old_steps, common.new_steps))
    slope = float(common.new_slopes.mean() / common.old_slopes.mean()) if len(common.items) else np.nan
    return by_moments("mean_mean", common, slope, old, new)


def check_common(common: CommonItems) -> None:
    """Refuse two calibrations that share no item at all."""
    if not len(common.items) and not common.statements:
        raise MeasureError("No item is common: the indexes of the two tables must name common items alike.")


def by_moments(method: str, common: CommonItems, slope: float, old: Floats, new: Floats) -> Link:
    """Return the link with a given slope that makes the mean steps agree."""
    intercept = float(old.mean() - slope * new.mean()) if np.isfinite(slope) else np.nan
    return describe_link(method, common, slope, intercept, np.nan, np.nan, bool(np.isfinite(slope)))


def describe_link(
    method: str,
    common: CommonItems,
    slope: float,
    intercept: float,
    criterion: float,
    gradient_norm: float,
    converged: bool,
) -> Link:
    """Gather a link, the drift of its items and what is to be said about them into a result."""
    drift = drift_table(common, slope, intercept, MOVED)
    said = [*common.statements, *_few_common(common)]
    if not converged:
        said.append(Statement("equating_link_unknown", {"method": method}))
    said += [Statement("equating_item_moved", {"item": item, "difference": row["difference"], "limit": MOVED})
             for item, row in drift[drift["moved"]].iterrows()]  # fmt: skip
    return Link(
        method, slope, intercept, tuple(common.items), common.only_old, common.only_new, drift, criterion,
        gradient_norm, converged, tuple(said),
    )  # fmt: skip


def _few_common(common: CommonItems) -> tuple[Statement, ...]:
    needed = max(FEW_COMMON, int(np.ceil(SHARE_COMMON * common.fewest)))
    n = len(common.items)
    return (Statement("equating_few_common", {"n": n, "needed": needed, "items": common.fewest}),) if n < needed else ()
