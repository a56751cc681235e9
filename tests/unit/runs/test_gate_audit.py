"""Tables are audited with those released earlier, where both tell of the same pupils."""

from __future__ import annotations

import pandas as pd

from oko.disclosure import Protected, protect
from oko.runs.release_audit import Named, differences, inferable

PLACE = "2020-2021/open/cluster/counts"


def counts(least: int = 10, **more: float) -> Protected:
    """Protect numbers of pupils of four schools in two works; school 329 has seven in each."""
    n = {"": 160.0, "344": 50.0, "498": 40.0, "512": 63.0, "329": 7.0}
    rows = [
        {"assessment": work, "school": school, "n": value + (more.get(f"{work}{school}", 0.0))}
        for work in ("a", "b")
        for school, value in n.items()
    ]
    return protect(pd.DataFrame(rows), by=["assessment"], part="school", threshold=least)


def found(now: Protected, before: Protected | None, counts: str | None = "took") -> dict[str, str]:
    own = Named(PLACE, now, counts)
    return inferable([own], [Named(f"{PLACE}@0123", before, counts)] if before else [])


def test_a_table_alone_and_with_its_own_earlier_version_gives_nothing_away() -> None:
    assert found(counts(), None) == {}
    assert found(counts(), counts()) == {}


def test_an_earlier_release_that_showed_more_gives_the_hidden_number_away() -> None:
    assert list(found(counts(), counts(least=5))) == [PLACE]


def test_a_work_whose_numbers_changed_hides_nothing_of_the_others() -> None:
    """Work b has 30 pupils more than before; in work a the earlier release still shows what is hidden now."""
    now = counts(b=30.0, b344=30.0)
    assert list(found(now, counts(least=5))) == [PLACE]
    assert found(now, counts()) == {}


def test_tables_of_other_quantities_are_not_linked() -> None:
    assert found(counts(), counts(least=5), counts=None) == {}


def test_a_small_difference_is_named_and_a_large_one_is_not() -> None:
    def codes(now: Protected, *, refuses: bool = True) -> list[tuple[str, bool]]:
        return [(one.code, one.refuses) for one in differences(now, [counts()], 10, refuses)]

    assert codes(counts()) == []
    assert codes(counts(b=3.0, b344=3.0)) == [("differs_little", True)]
    assert codes(counts(b=3.0, b344=3.0), refuses=False) == [("differs_little", False)]
    assert codes(counts(b=30.0, b344=30.0)) == []


def test_other_values_for_the_same_pupils_are_a_correction() -> None:
    table = pd.DataFrame({"assessment": ["a", "b"], "n": [50.0, 40.0], "mean_score": [3.25, 4.5]})
    before, now = (protect(frame) for frame in (table, table.assign(mean_score=[3.25, 4.75])))
    (remark,) = differences(now, [before], 10, True)
    assert (remark.code, remark.where, remark.refuses) == ("corrected", "mean_score (1)", False)
