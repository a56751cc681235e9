"""Figures of zones say in words what they show, and draw what has no number as such."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from oko.errors import DataError
from oko.language import used
from oko.measures.zones import pairs
from oko.show.theme import HALL
from oko.show.zone_figures import profile_map, strengths_and_deficits

PROFILE = pd.DataFrame(
    [
        ("344", "1", 0.5, 0.6, -0.4, -0.3, "deficit", 80), ("344", "2", 0.5, 0.44, 0.2, 0.1, "none", 80),
        ("498", "1", 0.7, 0.6, 0.4, 0.3, "strength", 70), ("498", "2", float("nan"), float("nan"), float("nan"), float("nan"), "none", 8),
    ],
    columns=["school", "target", "facility", "expected", "residual", "shrunken", "kind", "n"],
)  # fmt: skip
ROW = {"unit": "w", "target": "1", "n": 60, "se": 0.2, "df": 50.0, "se_norm": 0.0, "df_norm": 38.0}


@pytest.fixture(autouse=True)
def _russian() -> Iterator[None]:
    with used("ru"):
        yield


def test_a_map_names_its_zones_alone() -> None:
    picture = profile_map(PROFILE, {"344": "Лицей"}, ["498", "344"], labels={"1": "диаграмма"}, size=HALL)
    assert picture.png.startswith(b"\x89PNG")
    assert "Лицей, диаграмма: дефицит −10" in picture.alt
    assert "498, диаграмма: сильная сторона +10" in picture.alt
    assert picture.alt.count(";") == 1
    assert "n < 10" in picture.caption
    assert profile_map(PROFILE).png == profile_map(PROFILE).png


def test_a_map_without_zones_says_so() -> None:
    assert "ни одну зону" in profile_map(PROFILE.assign(kind="none")).alt
    with pytest.raises(DataError):
        profile_map(PROFILE.drop(columns="expected"))


def test_pairs_are_drawn_and_named() -> None:
    sides = [("a", 0.9, "strength"), ("b", -0.9, "deficit"), ("c", -0.5, "deficit")]
    found = pairs(
        pd.DataFrame(
            [ROW | {"school": s, "residual": r, "lower": r - 0.4, "upper": r + 0.4, "kind": k} for s, r, k in sides]
        )
    )
    picture = strengths_and_deficits(found, {"a": "Гимназия"})
    assert "Гимназия → b (1)" in picture.alt
    assert " c " not in picture.alt
    assert strengths_and_deficits(found.iloc[:0]).alt == "Пар не предложено."
    with pytest.raises(DataError):
        strengths_and_deficits(found.drop(columns="giver"))
