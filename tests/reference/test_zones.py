"""Profiles with the level removed against R, which takes every derivative numerically."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from oko.measures.zones import profiles

from .conftest import read_reference

R = read_reference("zones.json")
SCHOOLS = sorted(R["schools"])
# Central differences with a step of 1e-4 on both sides of a smooth function: relative error of the order of 1e-8.
NUMERICAL = 1e-6
# Closed formulas on both sides: only rounding is left.
EXACT = 1e-9


def points() -> pd.DataFrame:
    frame = pd.DataFrame(R["rows"]).rename(columns=lambda name: name.removeprefix("X"))
    frame["pupil"] = [f"p{place}" for place in range(len(frame))]
    return frame.set_index(["school", "class", "pupil"]).astype(float)


def max_scores() -> pd.DataFrame:
    items = [str(place + 1) for place in range(len(R["max_scores"]))]
    return pd.DataFrame({"assessment": "w", "item": items, "max_score": R["max_scores"]})


def reference() -> pd.DataFrame:
    return pd.DataFrame(R["reference"]).assign(assessment="w").astype({"item": str})


def from_r(name: str, kind: str) -> np.ndarray:
    """Return schools × items of a variance that R computed."""
    return np.array([R["schools"][school][name][kind] for school in SCHOOLS], dtype=float)


def effect(name: str) -> float:
    freedom = np.array([R["schools"][school]["n_classes"] - 1 for school in SCHOOLS], dtype=float)
    ratios = from_r(name, "classes") / from_r(name, "pupils")
    return max(1.0, float((freedom @ ratios).sum() / freedom.sum() / ratios.shape[1]))


def wide(frame: pd.DataFrame, value: str) -> np.ndarray:
    return frame.pivot(index="school", columns="target", values=value).loc[SCHOOLS].to_numpy(dtype=float)


def test_a_profile_against_a_norm_is_that_of_r() -> None:
    found = profiles({"w": points()}, max_scores(), reference())
    expected = np.array([R["schools"][school]["residual"] for school in SCHOOLS])
    norm = np.array([R["schools"][school]["se_norm"] for school in SCHOOLS])
    assert wide(found, "residual") == pytest.approx(expected, abs=EXACT)
    assert wide(found, "se_norm") == pytest.approx(norm, abs=EXACT)
    variance = effect("outside") * from_r("outside", "pupils") + norm**2
    assert wide(found, "se") == pytest.approx(np.sqrt(variance), rel=NUMERICAL)


def test_double_centring_is_that_of_r() -> None:
    found = profiles({"w": points()}, max_scores())
    logits = np.array([R["schools"][school]["logits"] for school in SCHOOLS])
    centred = logits - logits.mean(axis=1, keepdims=True)
    assert wide(found, "residual") == pytest.approx(centred - centred.mean(axis=0), abs=EXACT)
    own = effect("inside") * from_r("inside", "pupils")
    m = len(SCHOOLS)
    # the school itself with (1 - 1/m) of its error, each other school with 1/m of its own
    variance = own * (1 - 1 / m) ** 2 + (own.sum(axis=0) - own) / m**2
    assert wide(found, "se") == pytest.approx(np.sqrt(variance), rel=NUMERICAL)


def test_a_skill_holds_what_its_tasks_have_in_common() -> None:
    skills = pd.DataFrame({"assessment": "w", "item": ["1", "3", "4"], "skill": "charts"})
    found = profiles({"w": points()}, max_scores(), reference(), skills).set_index("school").loc[SCHOOLS]
    expected = np.array([np.mean([R["schools"][school]["residual"][i] for i in (0, 2, 3)]) for school in SCHOOLS])
    assert found["residual"].to_numpy() == pytest.approx(expected, abs=EXACT)
    own = found["se"].to_numpy() ** 2 - found["se_norm"].to_numpy() ** 2
    pupils = np.array([np.ravel(R["schools"][school]["skill"]["pupils"])[0] for school in SCHOOLS])
    classes = np.array([np.ravel(R["schools"][school]["skill"]["classes"])[0] for school in SCHOOLS])
    freedom = np.array([R["schools"][school]["n_classes"] - 1 for school in SCHOOLS])
    widened = max(1.0, float(freedom @ (classes / pupils) / freedom.sum()))
    assert own == pytest.approx(widened * pupils, rel=NUMERICAL)
