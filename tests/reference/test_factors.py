"""Factors against R's psych and GPArotation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from instrument_cases import table
from oko.measures.factors import correlations, minres, omega, one_factor, parallel_analysis
from oko.measures.factors.rotation import rotate

from .conftest import read_reference

R = read_reference("factors.json")
THURSTONE = pd.DataFrame(R["thurstone"]["correlations"], index=R["thurstone"]["items"], columns=R["thurstone"]["items"])
# psych stops its search with gradients of about 1e-5: its loadings are within 1e-5 of the optimum, ours at it.
OPTIMUM = 1e-4
# R's varimax stops at a relative gain of 1e-5, far from the top of a flat criterion.
FLAT = 2e-3


def source(name: str) -> pd.DataFrame:
    if name == "thurstone":
        return THURSTONE
    return table({"lsat6": "lsat6", "hci": "hci_scored"}[name]).filter(regex="^[Ii]tem")


def fit(name: str) -> tuple[Any, dict[str, Any]]:
    data, kind = name.split("_")
    case = R["cases"][name]
    rotation = kind if kind in ("oblimin", "varimax") else None
    n = 213 if data == "thurstone" else None
    return minres(source(data), len(case["loadings"][0]), rotation, n=n), case


@pytest.mark.parametrize("name", [name for name in R["cases"] if name != "thurstone_heywood"])
def test_loadings_are_those_of_psych(name: str) -> None:
    found, case = fit(name)
    assert found.converged
    assert found.gradient_norm < 1e-10
    np.testing.assert_allclose(found.loadings, case["loadings"], atol=FLAT if "varimax" in name else OPTIMUM)
    np.testing.assert_allclose(found.phi, case["phi"], atol=OPTIMUM)
    np.testing.assert_allclose(found.items["uniqueness"], case["uniquenesses"], atol=OPTIMUM)
    assert found.rmsr == pytest.approx(case["rms"], abs=1e-7)
    # The criterion is flat at its least: the same to 1e-9, and never above that of R.
    assert found.criterion == pytest.approx(case["criterion"], abs=1e-9)
    assert found.criterion <= case["criterion"] + 1e-15


def test_a_heywood_case_is_held_at_the_bound() -> None:
    found, case = fit("thurstone_heywood")
    assert found.converged
    assert found.items["heywood"].sum() == 1
    assert found.items["communality"].max() == 1
    # psych keeps uniquenesses above 0.005 instead, which leaves a greater criterion.
    assert found.criterion < case["criterion"]
    assert [each.code for each in found.statements] == ["factors_heywood"]


@pytest.mark.parametrize("kind", ["oblimin", "varimax"])
def test_rotation_of_the_same_axes_is_that_of_r(kind: str) -> None:
    expected = R["rotations"][kind]
    loadings = np.array(expected["loadings"] if kind == "oblimin" else expected)
    found = rotate(np.array(R["rotations"]["start"]), kind)
    order = [int(np.abs(found.loadings.T @ column).argmax()) for column in loadings.T]
    turned = found.loadings[:, order] * np.sign(found.loadings[:, order].sum(axis=0))
    # R was asked for projected gradients of 1e-8 and a relative gain of 1e-14; both sides then agree to about 1e-7.
    np.testing.assert_allclose(turned, loadings, atol=1e-6)


def test_omega_of_thurstones_tests() -> None:
    found, expected = omega(THURSTONE, 3, n=213), R["omega"]["thurstone"]
    # From loadings within 1e-5 of the optimum.
    assert found.total == pytest.approx(expected["total"], abs=1e-6)
    assert found.hierarchical == pytest.approx(expected["hierarchical"], abs=2e-6)
    assert found.ecv == pytest.approx(expected["ecv"], abs=2e-6)
    assert found.alpha == pytest.approx(expected["alpha"], abs=1e-12)
    np.testing.assert_allclose(
        found.items[["general", "F1", "F2", "F3"]], np.array(expected["sl"])[:, :4], atol=OPTIMUM
    )
    assert [round(found.total, 5), round(found.hierarchical, 5)] == [0.93083, 0.73607]
    assert found.converged


@pytest.mark.parametrize("name", ["lsat6", "hci"])
def test_omega_total_of_one_factor(name: str) -> None:
    expected = R["omega"][f"{name}_one"]
    assert omega(source(name), 1).total == pytest.approx(expected, abs=1e-6)
    assert one_factor(correlations(source(name)).matrix).omega == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", ["lsat6", "hci", "thurstone"])
def test_eigenvalues_are_those_of_r(name: str) -> None:
    found = parallel_analysis(source(name), n=213 if name == "thurstone" else None, repetitions=2).eigenvalues
    np.testing.assert_allclose(found["component"], R["eigenvalues"][name], atol=1e-12)
    np.testing.assert_allclose(found["factor"], R["reduced"][name], atol=1e-12)


@pytest.mark.parametrize("name", ["lsat6", "hci"])
def test_parallel_analysis_is_that_of_psych(name: str) -> None:
    found, expected = parallel_analysis(source(name), repetitions=2000), R["parallel"][name]
    assert [found.n_components, found.n_factors] == [expected["n_components"], expected["n_factors"]]
    # Both sides drew 2000 tables: the 95 % point of an eigenvalue (sd about 0.04) is known to about 0.002.
    for part, theirs in (("component", "pc"), ("factor", "fa")):
        ours = found.eigenvalues[f"{part}_random_quantile"]
        np.testing.assert_allclose(ours, expected[f"simulated_{theirs}_95"], atol=0.01)


@pytest.mark.parametrize("name", ["lsat6", "hci"])
def test_shuffled_points_give_the_same_random_eigenvalues(name: str) -> None:
    scores = source(name)
    rng = np.random.default_rng(4)
    shuffled = [
        np.sort(np.linalg.eigvalsh(np.corrcoef(rng.permuted(scores.to_numpy(), axis=0), rowvar=False)))[::-1]
        for _ in range(300)
    ]
    found = parallel_analysis(scores, repetitions=2000).eigenvalues["component_random_mean"]
    # Means of 300 eigenvalues with sd of at most 0.05: five standard errors.
    np.testing.assert_allclose(found, np.mean(shuffled, axis=0), atol=0.015)
