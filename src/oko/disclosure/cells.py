"""From a table and what is hidden of it to the systems that an attacker would solve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from oko.disclosure.margins import Sum, insiders, rounded_counts, sums, texts
from oko.disclosure.primary import SENSITIVE, Marks, ends
from oko.disclosure.rules import LEAST_WIDTH, Rules, zone
from oko.disclosure.system import CLOSE, Floats, Mask, System, joined, only

COSTS = {"shares of a distribution": 1.0, "further sums": 2.0, "indicators": 4.0}
TOTAL_COST = 2.5
"""A number of a total is worth as much as so many of its parts: our own choice."""
LAST = 1e12
"""Cost of forgetting a total that is no row: only when nothing is left to hide."""
LOOSE = 0.01
"""How far totals may be from the sum of their parts, by rounding of the table given, to count as their sum."""


@dataclass(frozen=True)
class Layout:
    """A table's numbers, with the totals that are no rows of it, and what is the sum of what.

    Attributes
    ----------
    rules : Rules
    numbers : DataFrame
        Counts and guarded columns: rows of the table first, then totals outside it.
    keys : DataFrame
        Their places as texts.
    size : int
        Rows of the table.
    sums : list of Sum
    """

    rules: Rules
    numbers: pd.DataFrame
    keys: pd.DataFrame
    size: int
    sums: list[Sum]

    @classmethod
    def of(cls, keyed: pd.DataFrame, known: pd.DataFrame, outside: pd.DataFrame, rules: Rules) -> Layout:
        """Lay out a table from its keys, its numbers before protection and the totals outside it."""
        columns = list(dict.fromkeys([*rules.counts, *rules.guarded, *uppers(rules)]))
        numbers = pd.concat([known.reindex(columns=columns), outside.reindex(columns=columns)], ignore_index=True)
        keys = pd.concat([texts(keyed, rules.places), texts(outside, rules.places)], ignore_index=True)
        return cls(rules, numbers.astype("float64"), keys, len(keyed), sums(keys, rules))

    def released(self, column: str) -> Floats:
        """Return a column of counts as it may be shown: rounded, totals made again."""
        return rounded_counts(self.numbers[column].to_numpy(), self.sums, self.rules.round_to)


def uppers(rules: Rules) -> list[str]:
    """Return the columns that hold the greatest value of a mean."""
    return list(dict.fromkeys(mean.upper for mean in rules.means.values() if isinstance(mean.upper, str)))


def systems(layout: Layout, marks: Marks) -> Iterator[System]:
    """Return the systems of a table one after another: counts, then means and shares, then the distribution.

    Parameters
    ----------
    layout : Layout
    marks : Marks
        What is hidden so far; read anew for each system, so that what one hides the next one knows.
    """
    rules = layout.rules
    for column in rules.counts:
        yield counts(layout, marks, column)
    for column in [*rules.means, *rules.shares]:
        yield amounts(layout, marks, [column], np.ones((1, 1)))
    if rules.distribution:
        facts = [*rules.distribution, *rules.derived]
        of = [{name: 1.0} for name in rules.distribution] + list(rules.derived.values())
        yield amounts(layout, marks, facts, np.array([[w.get(name, 0.0) for name in rules.distribution] for w in of]))


def counts(layout: Layout, marks: Marks, column: str) -> System:
    """Return the system of one column of counts: every row of pupils is one amount."""
    rules, n = layout.rules, layout.released(column)
    true = layout.numbers[column].to_numpy()
    hidden = _widened(layout, marks.hidden(column))
    sensitive = (true > 0) & (true < rules.threshold)
    if column == rules.n:
        sensitive |= _widened(layout, np.isin(marks.rows, SENSITIVE), False)
    least = 1.0 if rules.round_to == 1 else 0.0
    size = len(n)
    made = System(
        facts=[column], weights=np.ones((1, 1)), truth=n[:, None], low=np.full((size, 1), least),
        high=np.full((size, 1), np.inf), told_low=n[:, None].copy(), told_high=n[:, None].copy(),
        span_low=np.full((size, 1), -np.inf), span_high=np.full((size, 1), np.inf),
        shown=np.ones((size, 1), dtype=bool),
        need=np.where(sensitive & hidden, float(rules.threshold), 0.0)[:, None],
        sums=[], pupils=np.ones(size), cost=_cost(layout, np.nan_to_num(n)),
        insiders=insiders(layout.keys, rules),
        rows=np.where(np.arange(size) < layout.size, np.arange(size), -1), source=np.arange(size),
    )  # fmt: skip
    return _tied(layout, made, n, true > 0, {0: hidden})


def amounts(layout: Layout, marks: Marks, facts: list[str], weights: Floats) -> System:
    """Return the system of a mean, a share or a distribution: pupils times value is what adds up."""
    rules, k = layout.rules, weights.shape[1]
    mean = rules.means.get(facts[0])
    n = layout.numbers[mean.n if mean else rules.n].to_numpy()
    values = layout.numbers[facts[:k]].to_numpy()
    present = (n > 0) & np.isfinite(values).all(axis=1)
    n, values = np.where(present, n, 0.0), np.where(present[:, None], values, 0.0)
    lower, upper = ends(layout.numbers, facts[0], rules) if mean else (np.zeros(len(n)), np.ones(len(n)))
    truth = n[:, None] * values
    if mean is None and _integral(n, truth):
        truth = np.round(truth)
    with np.errstate(invalid="ignore"):
        low, high = np.where(n > 0, n * lower, 0.0), np.where(n > 0, n * upper, 0.0)
    spread = np.where(np.isfinite(upper - lower), upper - lower, np.abs(values).max(initial=0.0))
    amount, reach = truth @ weights.T, n * spread * LEAST_WIDTH
    need = np.zeros(amount.shape)
    sensitive = _widened(layout, np.isin(marks.rows, SENSITIVE), False) | (present & (n < rules.threshold))
    made = System(
        facts=facts, weights=weights, truth=truth, low=np.repeat(low[:, None], k, axis=1),
        high=np.repeat(high[:, None], k, axis=1), told_low=amount.copy(), told_high=amount.copy(),
        span_low=np.full(amount.shape, -np.inf), span_high=np.full(amount.shape, np.inf),
        shown=np.ones(amount.shape, dtype=bool), need=need, sums=[], pupils=n.copy(),
        cost=_cost(layout, 1 + n / max(float(n.max(initial=0.0)), 1.0), [_price(fact, rules) for fact in facts]),
        insiders=insiders(layout.keys, rules), rows=np.where(np.arange(len(n)) < layout.size, np.arange(len(n)), -1),
        source=np.arange(len(n)),
    )  # fmt: skip
    hidden = {}
    for place, fact in enumerate(facts):
        hidden[place] = _widened(layout, marks.hidden(fact))
        guarded = sensitive | _widened(layout, marks.cells[fact] == "extreme", False)
        scale = np.ptp(weights[place]) if k > 1 else 1.0
        need[:, place] = np.where(guarded & hidden[place] & present, reach * scale, 0.0)
        _bound(layout, made, marks, place, n)
    return _tied(layout, made, n, present, hidden)


def _bound(layout: Layout, made: System, marks: Marks, place: int, n: Floats) -> None:
    """Tell of a share within the zone of its group only that it is within it; where hidden, guard that all the same."""
    fact = made.facts[place]
    if fact not in marks.bounds or not layout.rules.is_share(fact):
        return
    integral = _integral(n, made.truth)
    told = _widened(layout, marks.bounded(fact), False)
    for row in np.flatnonzero(_widened(layout, marks.bounds[fact], False)):
        reach = zone(n[row]) * n[row]
        reach = float(np.floor(reach + CLOSE)) if integral else reach
        made.need[row, place] = max(made.need[row, place], reach)
        ends = (0.0, reach) if made.values[row, place] <= 0.5 * n[row] else (n[row] - reach, n[row])
        made.span_low[row, place], made.span_high[row, place] = ends
        if told[row]:
            made.told_low[row, place], made.told_high[row, place] = ends
            made.shown[row, place] = False


def _tied(layout: Layout, made: System, n: Floats, present: Mask, hidden: dict[int, Mask]) -> System:
    """Hide what is hidden, leave out rows of nobody, and add the sums, with a row for whoever is in no part."""
    for place, mask in hidden.items():
        for row in np.flatnonzero(mask):
            made.hide(int(row), place)
    tied, rest = [], []
    for entry in layout.sums:
        parts = [row for row in entry.parts if present[row]]
        if not present[entry.total] or not parts:
            continue
        left = made.truth[entry.total] - made.truth[parts].sum(axis=0)
        people = float(n[entry.total] - n[parts].sum())
        slack = CLOSE + LOOSE * max(float(np.abs(made.truth[entry.total]).max()), 1.0)
        if people > CLOSE:
            share = people / n[entry.total]
            low, high = share * made.low[entry.total], share * made.high[entry.total]
            if (left > low - slack).all() and (left < high + slack).all():
                rest.append(_rest(layout, made, people, np.clip(left, low, high), low, high))
                tied.append(Sum(entry.total, (*parts, len(present) + len(rest) - 1)))
        elif people > -CLOSE and (np.abs(left) <= slack).all():
            tied.append(Sum(entry.total, tuple(parts)))
    made = joined([replace(made, sums=tied), *rest])
    return _exact(only(made, np.concatenate([present, np.ones(len(rest), dtype=bool)])))


def _rest(layout: Layout, made: System, people: float, left: Floats, low: Floats, high: Floats) -> System:
    """Return the hidden row of the pupils of a total who are in none of its parts."""
    f = len(made.facts)
    reach = np.where(np.isfinite(high - low), high - low, np.abs(left)).max() * LEAST_WIDTH
    scale = np.ptp(made.weights, axis=1) if len(left) > 1 else np.ones(f)
    need = scale * (layout.rules.threshold if made.facts[0] in layout.rules.counts else reach)
    gone = np.full((1, f), np.inf)
    return replace(
        made, truth=left[None], low=low[None], high=high[None], told_low=-gone, told_high=gone,
        span_low=-gone, span_high=gone,
        shown=np.zeros((1, f), dtype=bool), need=need[None] * (people < layout.rules.threshold), sums=[], cost=gone,
        pupils=np.array([1.0 if made.facts[0] in layout.rules.counts else people]), rows=np.array([-1]),
        source=np.array([-1]),
        insiders=[(who, np.zeros(1, dtype=bool)) for who, _ in made.insiders],
    )  # fmt: skip


def _exact(made: System) -> System:
    """Make totals exactly the sums of their parts: the table given may have been rounded."""
    for _ in range(len(made.sums) + 1):
        before = made.truth.copy()
        for entry in made.sums:
            made.truth[entry.total] = made.truth[list(entry.parts)].sum(axis=0)
        if np.allclose(before, made.truth, rtol=0, atol=CLOSE / 100):
            break
    made.told_low = np.where(made.shown, made.values, made.told_low)
    made.told_high = np.where(made.shown, made.values, made.told_high)
    return made


def _cost(layout: Layout, rows: Floats, prices: Sequence[float] = (1.0,)) -> Floats:
    """Return what it costs to hide each column of each row, by the row's own cost: totals more, outside ones last."""
    total = np.zeros(len(rows), dtype=bool)
    total[[entry.total for entry in layout.sums]] = True
    cost = np.where(total, TOTAL_COST, 1.0)[:, None] * rows[:, None] * np.array(prices)[None, :]
    cost[layout.size :] = LAST
    return np.asarray(cost)


def _price(fact: str, rules: Rules) -> float:
    if fact in rules.distribution:
        return COSTS["shares of a distribution"]
    return COSTS["indicators"] if fact not in rules.derived or rules.is_share(fact) else COSTS["further sums"]


def _widened(layout: Layout, mask: Mask, outside_hidden: bool | None = None) -> Mask:
    """Carry a mask of the table's rows to the totals outside it: those are known while any of their parts is shown."""
    wide = np.zeros(len(layout.numbers), dtype=bool)
    wide[: layout.size] = mask
    if outside_hidden is None:
        for entry in layout.sums:
            if entry.total >= layout.size:
                wide[entry.total] = all(wide[part] for part in entry.parts)
    return wide


def _integral(n: Floats, truth: Floats) -> bool:
    return bool(np.allclose(n, np.round(n)) and np.allclose(truth, np.round(truth), atol=0.05))
