"""Targets that are met already are remarked in words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from oko.language import used
from oko.show.indicator_sections import met


def model() -> Any:
    titles = {"targets": "points", "not_passed": "marks 2"}
    aims = {"targets": ("higher", 0.6), "not_passed": ("lower", 0.1)}
    return SimpleNamespace(
        indicators=[
            SimpleNamespace(
                code=code, better=aims[code][0], target=aims[code][1], title=SimpleNamespace(text=said.title)
            )
            for code, said in titles.items()
        ]
    )


def frame(points: float, marks: float, hidden: bool = False) -> pd.DataFrame:
    rows = {"indicator": ["targets", "not_passed"], "value": [points, marks], "aim": [0.6, 0.1]}
    return pd.DataFrame({**rows, "year": "2018-2019", "hidden": hidden})


@pytest.mark.parametrize(
    ("points", "marks", "named", "unnamed"),
    [
        (0.68, 0.17, "Points: 68% (2018-2019), the target is at least 60%", "Marks 2:"),
        (0.58, 0.09, "Marks 2: 9% (2018-2019), the target is at most 10%", "Points:"),
        (0.60, 0.17, "Points: 60%", "Marks 2:"),
    ],
)
def test_a_target_that_is_met_is_named(points: float, marks: float, named: str, unnamed: str) -> None:
    with used("en"):
        said = " ".join(met(frame(points, marks), model()))
    assert named in said
    assert unnamed not in said
    assert "before the work began" in said


def test_nothing_is_said_of_targets_that_are_ahead_or_hidden() -> None:
    assert met(frame(0.5, 0.2), model()) == []
    assert met(frame(0.7, 0.05, hidden=True), model()) == []
