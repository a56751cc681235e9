"""What profiles say of themselves: how they were made, and what they cannot tell."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from oko.measures.statement import Statement, named
from oko.measures.zones.lines import FEWEST_ITEMS, Parts
from oko.measures.zones.norm import FEWEST_FOR_SLOPES
from oko.measures.zones.works import Works

ENOUGH_FREEDOM = 5


def remarks(
    works: Works, parts: Parts, frame: pd.DataFrame, norm: dict[str, pd.DataFrame] | None, of_skills: bool
) -> Iterator[Statement]:
    """Say what must be known before profiles are read."""
    yield from _of_norm(works, parts, norm)
    without = sorted({school for name in works for school in works[name] if school not in parts[name]})
    if without:
        yield Statement("zones_without_profile", {"schools": named(without)})
    if of_skills and len(frame):
        few = frame[frame["n_items"] < FEWEST_ITEMS]
        if len(few):
            values = {"skills": named(sorted(set(few["target"]))), "needed": FEWEST_ITEMS}
            yield Statement("zones_skills_few_items", values)
    if len(frame) == 0:
        yield Statement("zones_nothing")
        return
    equal = frame["facility"].notna() & frame["residual"].isna()
    if equal.any():
        yield Statement("zones_all_equal", {"n": int(equal.sum()), "of": len(frame)})
    yield from _of_classes(frame)
    tested = frame[frame["residual"].notna()]
    n_zones = int((tested["kind"] != "none").sum())
    counts = {"n": n_zones, "of": len(tested)}
    if len(tested) == 0:
        yield Statement("zones_nothing")
    else:
        yield Statement("zones_found", counts) if n_zones else Statement("zones_none", counts)


def _of_norm(works: Works, parts: Parts, norm: dict[str, pd.DataFrame] | None) -> Iterator[Statement]:
    if norm is None:
        yield Statement("zones_among_themselves")
        return
    lacking = sorted(name for name in works if name not in norm)
    if lacking:
        yield Statement("zones_norm_missing", {"assessments": named(lacking)})
    sizes = [len(part.norm_schools) for schools in parts.values() for part in schools.values()]
    if sizes and min(sizes) == 1:
        yield Statement("zones_norm_of_one")
    elif sizes and min(sizes) < FEWEST_FOR_SLOPES:
        yield Statement("zones_norm_small", {"n_schools": min(sizes), "needed": FEWEST_FOR_SLOPES})
    outside = {school for schools in parts.values() for school, part in schools.items() if not part.inside}
    if outside:
        yield Statement("zones_level_outside", {"schools": named(sorted(outside))})


def _of_classes(frame: pd.DataFrame) -> Iterator[Statement]:
    freedom = float(frame.loc[frame["residual"].notna(), "classes_df"].min())
    if np.isnan(freedom):
        return
    if np.isinf(freedom):
        yield Statement("zones_one_class")
    elif freedom < ENOUGH_FREEDOM:
        yield Statement("zones_few_classes", {"df": freedom, "needed": ENOUGH_FREEDOM})
