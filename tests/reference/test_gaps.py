"""Gaps between groups of pupils against clubSandwich, which writes out the classes that we take out."""

from __future__ import annotations

import pandas as pd
import pytest

from oko.measures.gaps import COLUMNS, gaps

from .conftest import read_reference

R = read_reference("gaps.json")
# The same closed formulas, but the dummies of the classes are absorbed here and written out in R, and R takes the roots
# of CR2 from its own eigenvectors: a few hundred roundings of 1e-16 lie between the two, and nothing is searched for.
EXACT = 1e-9


def pupils() -> pd.DataFrame:
    rows = pd.DataFrame(R["rows"]).rename(columns={"score": "primary_score"})
    return rows.astype({"school": "str", "class": "str", "primary_score": "float64"}).assign(assessment="w")


@pytest.mark.parametrize(("name", "group", "within"), [("sex", "girl", True), ("kind", "advanced", False)])
def test_a_gap_is_that_of_clubsandwich(name: str, group: str, within: bool) -> None:
    (found,) = gaps(pupils(), group, 1, 0, within_classes=within).to_dict("records")
    for column in COLUMNS[1:]:
        assert found[column] == pytest.approx(R[name][column], rel=EXACT), column


def test_pupils_of_no_group_and_without_a_score_do_not_count() -> None:
    rows = pupils()
    other = rows.assign(girl=2).head(5)
    absent = rows.assign(primary_score=float("nan")).tail(7)
    more = pd.concat([rows, other, absent], ignore_index=True)
    found = gaps(more, "girl", 1, 0, within_classes=True)
    pd.testing.assert_frame_equal(found, gaps(rows, "girl", 1, 0, within_classes=True), check_dtype=False)
