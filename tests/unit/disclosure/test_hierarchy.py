"""Tables of several levels are safe, by the audit and by an attack that knows nothing of its engine."""

from __future__ import annotations

import json

import pytest

from disclosed import attack, hierarchy
from oko.disclosure import Mean, Protected, protect
from oko.disclosure.rules import LEAST_WIDTH, zone


def check(seed: int, levels: int, by_hand: bool) -> int:
    table, nested = hierarchy(seed, levels)
    protected = protect(table, part=nested, shares=["facility"], means={"mean": Mean(2.0, 5.0)})
    recalled = Protected.recall(protected.frame, json.loads(json.dumps(protected.memory())))
    audited = recalled.audit()
    assert audited.safe, audited.cells[~audited.cells["safe"]]
    if by_hand:
        attacked(table, protected, nested)
    return protected.hidden


def attacked(table, protected, nested) -> None:
    frame, n = protected.frame, table["n"]
    small = (n > 0) & (n < 10)
    found = attack(frame, nested, "n", n, 0, 0)
    assert (found["upper"] - found["lower"])[small[small].index].ge(10).all()
    for column, low, high in (("facility", 0.0, 1.0), ("mean", 2.0, 5.0)):
        found = attack(frame, nested, column, n, low, high)
        width = (found["upper"] - found["lower"]) / n.loc[found.index]
        hidden = small.loc[found.index]
        assert (width[hidden] >= LEAST_WIDTH * (high - low) - 1 / n.loc[found.index][hidden] - 1e-6).all()
        extreme = frame.loc[found.index, "bounded"].str.split().map(lambda names, column=column: column in names)
        whole = n.loc[found.index].map(lambda count: int(zone(count) * count + 1e-9) / count if count else 0.0)
        assert (width[extreme] >= whole[extreme] - 1e-6).all()


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_random_hierarchies_are_safe(levels: int) -> None:
    hidden = [check(seed, levels, by_hand=seed < 2) for seed in range({1: 10, 2: 4, 3: 2}[levels])]
    assert any(hidden)


@pytest.mark.slow
@pytest.mark.timeout(14400)
@pytest.mark.parametrize("first", range(0, 2000, 100))
def test_two_thousand_hierarchies_are_safe(first: int) -> None:
    for seed in range(first, first + 100):
        check(10_000 + seed, 1 + seed % 3, by_hand=seed % 10 == 0)
