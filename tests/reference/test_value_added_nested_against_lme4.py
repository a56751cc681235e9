"""Models of value added with levels above and below schools, and profile intervals, against lme4 4.2.2/1.1-31.

Tolerances: as in test_value_added_against_lme4.py, lme4 sees no change of the deviance below about 1e-12, which leaves
some 1e-6 of the size of an estimate. Its profiles are splines through some dozen points: 1e-4 of a bound (seen), but
up to 3e-3 for a slope, whose bounds are therefore found in R from lme4's deviance, by a simplex search known to 1e-6.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from instrument_cases import results, table
from oko.measures.schools import ValueAdded, value_added

from .conftest import read_reference

MODELS: dict[str, dict[str, Any]] = {
    "within": {"within": "district"},
    "below": {"below": "class"},
    "both": {"within": "district", "below": "class"},
    "within_slope": {"within": "district", "slopes": ["x"]},
    "below_slope": {"below": "class", "below_slopes": ["x"]},
    "all_slopes": {"within": "district", "below": "class", "slopes": ["x"], "below_slopes": ["x"]},
}
DEVIANCE, RELATIVE, ABSOLUTE = 1e-7, 2e-6, 5e-5
SPLINE, SIMPLEX = 2e-4, 1e-5


def pupils() -> pd.DataFrame:
    """Repeat pupils() of nested_multilevel.R."""
    sizes = 6 + (7 * np.arange(1, 31)) % 17
    s = np.repeat(np.arange(1, 31), sizes)
    i = np.concatenate([np.arange(1, size + 1) for size in sizes])
    d, k, x = 1 + (s * 5) % 7, 1 + (i * s) % 3, np.sin(1.3 * i + 0.7 * s**2)
    y = 20 + 2 * x + 3 * np.sin(5.1 * d) + 2.5 * np.sin(2.1 * s) + (1 + np.sin(3.7 * s + 1)) * x
    y += 2 * np.sin(4.3 * (3 * s + k)) * (1 + 0.7 * x) + 4 * np.sin(12.9898 * i * s + 78.233 * i)
    return pd.DataFrame({"district": d, "school": s, "class": k, "x": x, "y": y})


def covariance(model: ValueAdded, name: str, slopes: bool) -> np.ndarray:
    variance = model.variance
    if not slopes:
        return np.array([[variance[name]]])
    both = variance[f"{name}:Intercept~x"]
    return np.array([[variance[name], both], [both, variance[f"{name}:x"]]])


def test_the_pupils_are_those_of_r() -> None:
    expected = read_reference("nested_multilevel.json")
    assert len(pupils()) == expected["rows"]
    assert pupils()["y"].sum() == pytest.approx(expected["sum_y"], rel=1e-12)


@pytest.mark.parametrize("method", ["reml", "ml"])
@pytest.mark.parametrize("name", MODELS)
def test_nested_models_are_those_of_lme4(name: str, method: str) -> None:
    expected = read_reference("nested_multilevel.json")["models"][f"{name}_{method}"]
    model = value_added(pupils(), "y", ["x"], method=method, **MODELS[name])
    assert model.converged
    assert model.minus2loglik == pytest.approx(expected["minus2loglik"], abs=DEVIANCE)
    np.testing.assert_allclose(model.fixed["estimate"], expected["estimate"], rtol=RELATIVE)
    np.testing.assert_allclose(model.fixed["se"], expected["se"], rtol=10 * RELATIVE)
    assert model.variance["pupil"] == pytest.approx(expected["pupil"], rel=10 * RELATIVE)
    frames = {"school": model.schools, "district": model.within, "class": model.below}
    for level, theirs in expected["levels"].items():
        frame = frames[level]
        assert frame is not None
        ours = covariance(model, level, len(theirs["covariance"]) > 1)
        np.testing.assert_allclose(ours, theirs["covariance"], atol=ABSOLUTE)
        labels = [":".join(map(str, key if isinstance(key, tuple) else (key,))) for key in frame.index]
        rows = frame.set_axis(labels).loc[[str(label) for label in theirs["labels"]]]
        slopes = ["x"] if "x" in frame else []
        np.testing.assert_allclose(rows[["residual", *slopes]], theirs["effects"], atol=ABSOLUTE)
        np.testing.assert_allclose(rows[["se", *(f"{s}_se" for s in slopes)]], theirs["se"], atol=ABSOLUTE)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("within", marks=pytest.mark.slow),
        pytest.param("below", marks=pytest.mark.slow),
        "both",
        "within_slope",
    ],
)
def test_profile_bounds_are_those_of_lme4(name: str) -> None:
    reference = read_reference("nested_multilevel.json")
    expected = reference["profiles"][name]
    bounds = value_added(pupils(), "y", ["x"], method="ml", **MODELS[name]).variance_intervals()
    terms = {"sd_(Intercept)|school:class": "class", "sd_(Intercept)|school": "school", "sigma": "pupil"}
    terms |= {"sd_(Intercept)|district": "district"}
    if name == "within_slope":
        ours = np.sqrt(bounds.loc["school:x", ["lower", "upper"]].astype(float))
        np.testing.assert_allclose(ours, reference["exact"]["within_slope"], rtol=SIMPLEX)
    for term, lower, upper in zip(expected["names"], expected["lower"], expected["upper"], strict=True):
        if term in terms:
            assert np.sqrt(bounds.loc[terms[term], "lower"]) == pytest.approx(lower, rel=SPLINE, abs=SPLINE)
            assert np.sqrt(bounds.loc[terms[term], "upper"]) == pytest.approx(upper, rel=SPLINE)
    if name in reference["errors"]:
        # The numerical second derivatives of numDeriv agree to 1e-4 (seen).
        theirs = reference["errors"][name]
        ours = [bounds.loc[terms[term], "se"] for term in theirs["names"]]
        np.testing.assert_allclose(ours, theirs["se"], rtol=1e-3)


def test_exam_profiles_are_those_of_lme4(exam: pd.DataFrame) -> None:
    reference = read_reference("nested_multilevel.json")
    expected = reference["exam"]
    for name, slopes in (("ri", []), ("rs", ["standLRT"])):
        bounds = value_added(exam, "normexam", ["standLRT"], slopes=slopes, method="ml").variance_intervals()
        terms = {"sd_(Intercept)|school": "school", "sigma": "pupil"}
        for term, *ends in zip(*(expected[name][key] for key in ("names", "lower", "upper")), strict=True):
            if term in terms:
                ours = np.sqrt(bounds.loc[terms[term], ["lower", "upper"]].astype(float))
                np.testing.assert_allclose(ours, ends, rtol=SPLINE)
    ours = np.sqrt(bounds.loc["school:standLRT", ["lower", "upper"]].astype(float))
    np.testing.assert_allclose(ours, reference["exact"]["exam"], rtol=SIMPLEX)


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_growth_of_children_in_schools_is_that_of_lme4(method: str) -> None:
    # egsingle: slopes of children and of schools; published (HLM manual): -0.779, 0.763, 0.301.
    expected = results("egsingle_growth")[f"growth_uncond_{method}"]
    model = value_added(
        table("egsingle_growth").reset_index(), "math", ["year"], "schoolid", ["year"], method=method,
        below="childid", below_slopes=["year"],
    )  # fmt: skip
    assert model.converged
    assert model.minus2loglik == pytest.approx(expected["deviance_m2ll"], abs=DEVIANCE)
    fixed = pd.DataFrame(expected["fixed"]).T[["estimate", "se"]].astype(float)
    np.testing.assert_allclose(model.fixed[["estimate", "se"]], fixed, rtol=RELATIVE)
    names = {"childid": "childid", "schoolid": "school", "Residual": "pupil"}
    for row in expected["random"]:
        terms = [t for t in (row["term1"], row["term2"]) if t]
        name = names[row["group"]]
        ours = f"{name}:Intercept~year" if len(terms) == 2 else f"{name}:year" if terms == ["year"] else name
        # lme4 stopped at 1e-9 of its parameters there: 2e-6 of the variance (seen), a little more for a covariance.
        assert model.variance[ours] == pytest.approx(row["vcov"], rel=1e-5), ours
