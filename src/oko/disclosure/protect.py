"""Hide what rests on too few pupils, and what would give it away together with all that stands beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from oko.disclosure.cells import Layout, systems, uppers
from oko.disclosure.complement import complement
from oko.disclosure.margins import check_cells, check_distribution, check_totals, outside_totals, texts
from oko.disclosure.numbers import check_numbers, plain
from oko.disclosure.primary import Marks, primary
from oko.disclosure.protected import MARKS, Protected
from oko.disclosure.released import check_marked, released
from oko.disclosure.rules import DEFAULT_THRESHOLD, Mean, Rules, names
from oko.disclosure.system import System
from oko.errors import ReleaseError


def protect(
    table: pd.DataFrame | Protected,
    *,
    n: str = "n",
    by: Sequence[str] = (),
    part: str | Sequence[str] | None = None,
    total: str = "",
    keys: Sequence[str] = (),
    threshold: int = DEFAULT_THRESHOLD,
    means: Mapping[str, Mean] | None = None,
    shares: Sequence[str] = (),
    distribution: Sequence[str] = (),
    derived: Mapping[str, Mapping[str, float]] | None = None,
    contributors: pd.DataFrame | None = None,
    model: Sequence[str] = (),
    round_to: int = 1,
    digits: int = 4,
) -> Protected:
    """Hide numbers of small groups, give extreme shares as bounds, and hide what would give either away.

    Parameters
    ----------
    table : DataFrame or Protected
        Aggregates, one row a group of pupils. What is protected already comes back as it is, unless by a lower
        threshold.
    n : str, default "n"
        Column that counts the pupils behind a row.
    by : sequence of str
        Columns whose combinations each form tables of their own (an assessment, say).
    part : str or sequence of str, optional
        Columns that name a part (a school; kind, school and class): for each, rows where it equals ``total`` are the
        sum of the rows that are alike in all other places. Without it every row stands alone.
    total : str, default ""
        The value of a column of parts in rows of totals. A total that is no row counts as known all the same.
    keys : sequence of str
        Further columns that describe the row rather than its pupils; they stay.
    threshold : int, default 10
        Least number of pupils, 5 or more.
    means : Mapping of str to Mean
        Columns that are means over pupils, with their possible range and the column that counts those pupils.
    shares : sequence of str
        Columns that are shares (0 to 1) of the row's pupils, each by itself.
    distribution : sequence of str
        Columns of shares that add up to one in a row.
    derived : Mapping of str to Mapping of str to float
        Columns that are weighted sums of the distribution.
    contributors : DataFrame, optional
        Who makes up the rows (by-columns, columns of parts, ``contributor``, ``n``): rows of fewer than 3, or where
        the 2 largest hold more than 0.90 of the pupils, are hidden. Rows it does not name are not judged.
    model : sequence of str
        Columns that name a fitted model, one row a parameter: a model with more than 0.33 parameters a pupil, or fewer
        than 10 degrees of freedom, is hidden.
    round_to : int, default 1
        Base to which counts are rounded; totals are made again from the rounded parts.
    digits : int, default 4
        Significant digits of every released number that is no count.

    Returns
    -------
    Protected
        ``frame`` in the order of the rows given.

    Raises
    ------
    ReleaseError
        The threshold is below 5, a named column is missing, a count is no whole number, a mean or share lies outside
        its range, a cell stands in two rows, a total has fewer pupils than its parts, the shares of a row do not add
        up, a table that says it is protected shows what it should not, or was protected by a lower threshold.

    Notes
    -----
    Primary rules: :func:`oko.disclosure.primary.primary`. Then, for counts, means, shares and the distribution one
    after another, further numbers are hidden until the interval in which each hidden count of a small group can be
    found is at least ``threshold`` wide, that of its mean or share at least a fifth of the possible range
    (``LEAST_WIDTH``, our own choice), and that of each bound as wide as the bound says. The attacker knows all shown
    numbers unrounded, every true number of pupils where means and shares are concerned, that a hidden row is not empty,
    and, as an insider, all numbers of one value of a column of parts. The protection level is that of Hundepool et al.
    (2012), Statistical Disclosure Control, ch. 4; thresholds of ACRO's ``default.yaml``; zones of NCES (2011), SLDS
    Technical Brief 3. What other tables tell is not looked at here: see :func:`oko.disclosure.audit`. Numbers of
    columns that are not named (medians, standard deviations, further counts) are missing in hidden rows, but nothing
    keeps them from being worked out from the rows shown: name what adds up.

    Examples
    --------
    >>> parts = pd.DataFrame({"school": ["", "344", "498", "329"], "n": [90, 50, 33, 7], "quality": [.5, .6, .4, .2]})
    >>> protect(parts, part="school").frame["hidden"].tolist()
    [False, True, True, True]
    """
    if isinstance(table, Protected):
        return _already(table, threshold)
    rules = Rules(
        n, names(by), names(part), str(total), names(keys), threshold, dict(means or {}), names(shares),
        names(distribution), {column: dict(made) for column, made in (derived or {}).items()}, names(model), round_to,
        digits,
    )  # fmt: skip
    rules.check(table)
    frame = plain(table.reset_index(drop=True), rules)
    if all(mark in frame for mark in MARKS):
        return check_marked(frame, rules)
    check_numbers(frame, rules)
    check_cells(frame, rules)
    check_totals(frame, rules)
    check_distribution(frame, rules)
    order = _order(frame, rules)
    marks, outside = _marks(frame.iloc[order].reset_index(drop=True), rules, contributors)
    back = np.argsort(order, kind="stable")
    marks = Marks(
        marks.rows[back],
        {column: reasons[back] for column, reasons in marks.cells.items()},
        {column: mask[back] for column, mask in marks.bounds.items()},
    )
    columns = list(dict.fromkeys([*rules.counts, *rules.guarded, *uppers(rules)]))
    return Protected(rules, released(frame, marks, rules), frame[columns].astype("float64"), marks.why(), outside)


def _already(table: Protected, threshold: int) -> Protected:
    if threshold > table.threshold:
        raise ReleaseError(
            "The table is already protected, with threshold {given}; for threshold {threshold}, protect the table it "
            "was made from.",
            given=table.threshold,
            threshold=threshold,
        )
    return table


def _marks(frame: pd.DataFrame, rules: Rules, contributors: pd.DataFrame | None) -> tuple[Marks, pd.DataFrame]:
    marks = primary(frame, rules, contributors)
    outside = outside_totals(frame, rules)
    if rules.part or rules.distribution:
        layout = Layout.of(frame, frame, outside, rules)
        for system in systems(layout, marks):
            complement(system, _Hider(system, marks, rules))
    return marks, outside


class _Hider:
    """Hides one number of a system in the table: of the table's own count the whole row, a forgotten total its list."""

    def __init__(self, system: System, marks: Marks, rules: Rules) -> None:
        self.system, self.marks, self.rules = system, marks, rules

    def __call__(self, row: int, fact: int) -> None:
        system, place = self.system, int(self.system.rows[row])
        system.hide(row, fact)
        if place < 0:
            for entry in system.sums:
                for part in entry.parts if entry.total == row else ():
                    if system.shown[part, fact]:
                        self(part, fact)
        elif system.facts[fact] == self.rules.n:
            self.marks.rows[place] = self.marks.rows[place] or "complementary"
        else:
            reasons = self.marks.cells[system.facts[fact]]
            reasons[place] = reasons[place] or "complementary"


def _order(frame: pd.DataFrame, rules: Rules) -> np.ndarray:
    """Return an order of rows that does not depend on how the table was sorted."""
    if not rules.places:
        return np.arange(len(frame))
    keys = texts(frame, rules.places)
    return keys.reset_index().sort_values(rules.places, kind="stable")["index"].to_numpy(dtype=np.int64)
