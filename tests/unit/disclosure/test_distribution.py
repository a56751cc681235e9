"""Marks of schools and classes are safe from whole-number completions of what is released, outside and inside."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import LinearConstraint, milp

from disclosed import INDICATORS, SHARES, marks
from oko.disclosure import protect
from oko.disclosure.rules import LEAST_WIDTH, zone

WEIGHTS = {name: np.eye(4)[place] for place, name in enumerate(SHARES)} | {
    name: np.array([weights.get(share, 0.0) for share in SHARES]) for name, weights in INDICATORS.items()
}


def simulate(seed: int, several: bool) -> tuple[pd.DataFrame, list[str]]:
    """Return marks of one list of schools, or of schools and classes crossed, with all totals."""
    rng = np.random.default_rng(seed)
    schools, columns = (3, ["", "c0", "c1"]) if several else (int(rng.integers(4, 8)), [""])
    sizes = rng.choice(
        [rng.integers(1, 10), rng.integers(10, 20), rng.integers(20, 60)], (schools, 2 if several else 1)
    )
    sizes[0, 0], sizes[-1] = 7, 35
    counts = np.array([[rng.multinomial(n, rng.dirichlet([0.6, 2, 2, 1])) for n in row] for row in sizes])
    if several:
        counts = np.concatenate([counts.sum(axis=1, keepdims=True), counts], axis=1)
    frames = []
    for place, name in enumerate(columns):
        frames.append(marks({f"s{s}": tuple(counts[s, place]) for s in range(schools)}).assign(**{"class": name}))
    return pd.concat(frames, ignore_index=True), ["school", "class"] if several else ["school"]


def constraints(frame: pd.DataFrame, true: np.ndarray, part: list[str], known: np.ndarray) -> LinearConstraint:
    """Write what somebody knows: pupils of every row, what is released, all marks of the own rows, and the sums."""
    n, lines, low, high = true.sum(axis=1), [], [], []

    def add(line: np.ndarray, lower: float, upper: float) -> None:
        lines.append(line.ravel())
        low.append(lower)
        high.append(upper)

    for row in range(len(frame)):
        told = {"": np.ones(4)} | (dict(enumerate(np.eye(4))) if known[row] else WEIGHTS)
        for column, weights in told.items():
            line, ends = np.zeros(true.shape), (true[row] @ weights,) * 2
            line[row] = weights
            if column in WEIGHTS and np.isnan(frame.loc[row, column]):
                continue
            if column in WEIGHTS and column in frame.loc[row, "bounded"].split():
                reach = np.floor(zone(n[row]) * n[row] + 1e-9)
                ends = (0, reach) if frame.loc[row, column] < 0.5 else (n[row] - reach, n[row])
            add(line, *ends)
    for name in part:
        others = [other for other in part if other != name]
        for _, rows in frame.groupby(others) if others else [("", frame)]:
            whole = rows.index[rows[name] == ""][0]
            for mark in range(4):
                line = np.zeros(true.shape)
                line[rows.index, mark], line[whole, mark] = 1, -1
                add(line, 0, 0)
    return LinearConstraint(np.array(lines), low, high)


def too_narrow(frame: pd.DataFrame, true: np.ndarray, part: list[str], who: str) -> list[tuple[int, str]]:
    n, known = true.sum(axis=1), (frame["school"] == who).to_numpy() & (who != "")
    tied, found, asked = constraints(frame, true, part, known), [], 0
    own_total = known.any() & (frame[part] == "").any(axis=1).to_numpy()
    for row in np.flatnonzero((n > 0) & ~known & ~own_total):
        for column, weights in WEIGHTS.items():
            share = true[row] @ weights / n[row]
            extreme = column != "sou" and min(share, 1 - share) <= zone(n[row]) + 1e-9
            if not (n[row] < 10 or extreme):
                continue
            goal = np.zeros(true.shape)
            goal[row] = weights
            ends = [sign * milp(sign * goal.ravel(), constraints=tied, integrality=1).fun for sign in (1, -1)]
            need = LEAST_WIDTH * np.ptp(weights) * n[row] if n[row] < 10 else np.floor(zone(n[row]) * n[row] + 1e-9)
            asked += 1
            found += [(int(row), column)] if ends[1] - ends[0] < need - 1e-6 else []
    assert asked
    return found


def check(seed: int, several: bool) -> None:
    table, part = simulate(seed, several)
    true = np.round(table[SHARES].to_numpy() * table["n"].to_numpy()[:, None])
    protected = protect(table, part=part, distribution=SHARES, derived=INDICATORS)
    assert protected.audit().safe
    for who in ["", *table["school"].unique()[1 : 2 if several else None]]:
        assert too_narrow(protected.frame, true, part, who) == [], who


@pytest.mark.parametrize(("seed", "several"), [(1, False), (2, True)])
def test_nobody_finds_the_marks_of_a_small_group_or_inside_a_bound(seed: int, several: bool) -> None:
    check(seed, several)


def test_the_attack_finds_what_one_number_shown_after_all_gives_away() -> None:
    table, part = simulate(1, several=False)
    true = np.round(table[SHARES].to_numpy() * table["n"].to_numpy()[:, None])
    frame = table.assign(bounded="")
    frame.loc[table["n"] < 10, list(WEIGHTS)] = np.nan
    assert too_narrow(frame, true, part, "")


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("several", [False, True])
def test_a_hundred_tables_of_marks_are_safe(several: bool) -> None:
    for seed in range(100, 200):
        check(seed, several)
