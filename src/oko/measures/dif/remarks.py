"""What a study of differential functioning says of its own result."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from oko.measures.dif.decision import Purified, Rule
from oko.measures.dif.pupils import Booleans, Pupils
from oko.measures.dif.strata import SMALL_BOOKLET, read_booklets
from oko.measures.statement import Statement, named, whole

_COUNTS = ("n_reference", "n_focal", "n_compared")
_TEXTS = ("ets_class", "harder_for", "zumbo_thomas", "jodoin_gierl")
FEWEST_PUPILS = 200
FEWEST_ITEMS = 10


def of_pupils(pupils: Pupils, anchor: Booleans) -> Iterable[Statement]:
    """Say who was compared, and whether they are enough."""
    reference, focal = (float(n) for n in pupils.n)
    if pupils.n_unknown:
        yield Statement("dif_group_unknown", {"n": whole(pupils.n_unknown)})
    if not (reference and focal):
        if reference or focal or not pupils.n_unknown:
            yield Statement("dif_one_group", {"n": whole(reference + focal)})
        return
    if min(reference, focal) < FEWEST_PUPILS:
        counts = {"reference": whole(reference), "focal": whole(focal)}
        yield Statement("dif_few_pupils", {**counts, "needed": FEWEST_PUPILS})
    else:
        few = [item for item, count in enumerate(pupils.taken.min(axis=1)) if 0 < count < FEWEST_PUPILS]
        if few:
            yield Statement("dif_items_few_pupils", {"items": names(pupils, few), "needed": FEWEST_PUPILS})
    if anchor.sum() < FEWEST_ITEMS:
        yield Statement("dif_short_score", {"n": int(anchor.sum()), "needed": FEWEST_ITEMS})
    booklets = read_booklets(pupils, anchor)
    if booklets.n > 1:
        counts = {"sets": booklets.n, "small": booklets.n_small, "needed": SMALL_BOOKLET}
        yield Statement("dif_sets_of_items", counts)


def of_items(pupils: Pupils, rows: pd.DataFrame) -> Iterable[Statement]:
    """Say why items have no test."""
    if not pupils.n.all():
        return
    untested = set(where(rows["p"].isna()))
    not_taken = [item for item in untested if not pupils.taken[item].all()]
    constant = [item for item in untested if item not in not_taken and len(pupils.values[item]) == 1]
    others = sorted(untested - set(not_taken) - set(constant) - set(where(rows["predicted"])))
    if not_taken:
        yield Statement("dif_items_not_taken", {"items": names(pupils, not_taken)})
    if constant:
        yield Statement("dif_items_without_variance", {"items": names(pupils, constant)})
    if others:
        yield Statement("dif_items_not_comparable", {"items": names(pupils, others)})


def of_decision(decided: Purified) -> Iterable[Statement]:
    """Say how the purification ended, and whether the flagged items are too many to be the exception."""
    yield from decided.statements
    flagged, tested = int(decided.rows["flagged"].sum()), int(decided.rows["p"].notna().sum())
    if tested > 1 and 2 * flagged > tested:
        yield Statement("dif_most_items_flagged", {"n": flagged, "tested": tested})


def several_categories(pupils: Pupils) -> list[int]:
    """Return the items with more than two different scores."""
    return [item for item, values in enumerate(pupils.values) if len(values) > 2]


def where(rows: pd.Series | Booleans) -> list[int]:
    """Return the places of the items of which something is true."""
    return [place for place, said in enumerate(rows) if said]


def names(pupils: Pupils, items: Iterable[int]) -> tuple[str, ...]:
    """Return the names of items in their order."""
    return named(pupils.items[item] for item in sorted(items))


def finish(
    pupils: Pupils, decided: Purified, rule: Rule, rows: pd.DataFrame, said: Iterable[Statement], method: str
) -> pd.DataFrame:
    """Return the rows of the items with what is to be known of them in ``attrs``."""
    counts = [name for name in _COUNTS if name in rows]
    integral = bool((rows[counts] == rows[counts].round()).all(axis=None))
    types = dict.fromkeys([name for name in _TEXTS if name in rows], "str")
    types |= dict.fromkeys(counts, "int64" if integral else "float64")
    table = rows[[*rows.columns.drop(["flagged", *counts]), "flagged", *counts]].astype(types)
    table.attrs = {
        "method": method,
        "reference": pupils.labels[0],
        "focal": pupils.labels[1],
        "alpha": rule.alpha,
        "adjust": rule.adjust,
        "flag_by": rule.flag_by,
        "matched_on": names(pupils, where(decided.anchor)),
        "purification": tuple(names(pupils, step) for step in decided.steps),
        "statements": (*said, *of_decision(decided)),
    }
    return table
