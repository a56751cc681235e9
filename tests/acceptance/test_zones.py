"""Zones of the example: deficits that were planted in six of the seven schools, and none where none were planted."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from oko.measures.zones import pairs, profiles, shared
from oko.workspace import Workspace


@pytest.fixture(scope="module")
def spring(example: Workspace) -> dict[str, pd.DataFrame]:
    """Return the points of the spring before the model, by assessment."""
    names = [
        name
        for name in example.assessments()["assessment"]
        if name.startswith("vpr-") and name.endswith("-spring-2019")
    ]
    return {name: example.responses(name).astype(float) for name in names}


@pytest.fixture(scope="module")
def reference(example: Workspace) -> pd.DataFrame:
    groups = example.register("groups").query("level == 'school' and measure == 'facility'")
    rows = groups.rename(columns={"key": "item", "value": "facility"})[
        ["assessment", "school", "item", "n", "facility"]
    ]
    return rows.astype({"n": float, "facility": float})


@pytest.fixture(scope="module")
def planted(example: Workspace, spring: dict[str, pd.DataFrame]) -> pd.DataFrame:
    truth = json.loads((example.work / "truth" / "planted.json").read_text())
    rows = [
        (name, item, deficit["skill"])
        for deficit in truth["deficits"]
        for work, items in deficit["items"].items()
        for item in items
        for name in spring
        if name.startswith(f"vpr-{work}-") and item in spring[name]
    ]
    return pd.DataFrame(rows, columns=["assessment", "item", "skill"])


def test_each_planted_deficit_is_shared_and_never_by_the_school_without(
    example: Workspace, spring: dict[str, pd.DataFrame], reference: pd.DataFrame, planted: pd.DataFrame
) -> None:
    units = dict.fromkeys(spring, "spring 2019")
    profile = profiles(spring, example.items(), reference, planted, units=units)
    found = shared(profile).set_index("target")
    assert found["kind"].to_dict() == dict.fromkeys(("charts", "modelling", "proof"), "deficit")
    # six schools have each of them; about 15 tasks and 400 pupils a school let us be sure of most, on proof of few
    assert (found["at_least"] <= 6).all()
    assert found["at_least"].sum() >= 9
    assert (found["n_same_side"] >= 6).all()
    without = profile[profile["school"] == "625"]
    assert (without["kind"] == "none").all()
    assert not any("625" in schools for schools in found["schools"])
    met = pairs(profile)
    assert set(met["target"]) == {"charts", "modelling", "proof"}
    # on each of the three the school without is among those that could help, and never among those in need
    assert set(met.loc[met["giver"] == "625", "target"]) == {"charts", "modelling", "proof"}
    assert "625" not in set(met["receiver"])


@pytest.mark.slow
def test_no_task_is_named_where_nothing_was_planted(
    example: Workspace, spring: dict[str, pd.DataFrame], reference: pd.DataFrame, planted: pd.DataFrame
) -> None:
    profile = profiles(spring, example.items(), reference)
    places = set(zip(planted["assessment"], planted["item"], strict=True))
    free = [(unit, target) not in places for unit, target in zip(profile["unit"], profile["target"], strict=True)]
    others = profile[free]
    # each of the twelve assessments errs with at most 5 %: at most three of them do, with 99.7 %
    assert others.loc[others["kind"] != "none", "unit"].nunique() <= 3
    assert others["p"].lt(0.05).mean() < 0.08
