"""Tasks that are easier for one sex in the example are found."""

from __future__ import annotations

import pandas as pd
import pytest

from oko.measures import dif
from oko.workspace import Workspace


def sittings(example: Workspace, work: str) -> tuple[pd.DataFrame, pd.Series]:
    """Return the points and the sexes of three cohorts that wrote the same work."""
    points, sexes = [], []
    for season in ("spring-2019", f"in-{int(work[-1]) + 1}-autumn-2020", "spring-2021"):
        assessment = f"vpr-{work}-{season}"
        taken = example.responses(assessment)
        sex = example.results(assessment=assessment).set_index("pupil")["sex"]
        points.append(taken.reset_index(drop=True))
        sexes.append(sex.reindex(taken.index.get_level_values("pupil")))
    return pd.concat(points, ignore_index=True), pd.concat(sexes, ignore_index=True)


PLANTED = [("mathematics-5", "13", "focal"), ("mathematics-7", "6", "reference")]


@pytest.mark.parametrize(("work", "item", "harder_for"), PLANTED)
def test_the_planted_item_stands_out(example: Workspace, work: str, item: str, harder_for: str) -> None:
    """Other tasks are flagged by the chance of one draw (of 15 by Holm: 2 in grade 5, 0 in grade 7), none as large."""
    points, sex = sittings(example, work)
    found = dif.mantel_haenszel(points, sex, focal="F", purify=True, flag_by="p_adjusted")
    assert found.loc[item, "flagged"]
    assert found["p"].idxmin() == item
    assert found.loc[item, "harder_for"] == harder_for
    assert found.index[found["ets_class"] == "C"].tolist() == [item]
    assert found["flagged"].sum() <= 3
    logistic = dif.logistic(points, sex, focal="F", purify=True, flag_by="p_adjusted")
    assert logistic.loc[item, "flagged"]
    assert logistic["p"].idxmin() == item
    assert (logistic.loc[item, "group"] < 0) == (harder_for == "focal")
    assert {statement.code for statement in found.attrs["statements"]} >= {"dif_group_unknown", "dif_sets_of_items"}
